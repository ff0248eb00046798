"""Which track followed what, on tracks that are known to follow something."""

from datetime import timedelta

import pyarrow as pa
import pytest

from watchfloor.core.kinds import INSTANT
from watchfloor.exercise.cast import DAY
from watchfloor.exercise.following import followed
from watchfloor.exercise.key import Key, Storyline, Trace

PATH = tuple((n * 600.0, 45.0 + n * 0.01, -73.0) for n in range(5))


def storyline(name, *paths, hypotheses=("unlawful-crossing",)):
    traces = tuple(Trace(n, "walker", path) for n, path in enumerate(paths))
    return Storyline(name, "title", hypotheses, (), (), DAY, traces)


def shifted(path, degrees):
    return tuple((at, north, east + degrees) for at, north, east in path)


def legs(*rows):
    """Rows of tracks: number, seconds, latitude, longitude, radius."""
    return pa.table(
        {
            "subjects": [[f"track:surveillance:{number}", "vessel:mmsi:316000001"] for number, *_ in rows],
            "until": pa.array([DAY + timedelta(seconds=at) for _, at, *_ in rows], INSTANT),
            "latitude": pa.array([one[2] for one in rows], pa.float64()),
            "longitude": pa.array([one[3] for one in rows], pa.float64()),
            "radius": pa.array([one[4] for one in rows], pa.float64()),
        }
    )


KEY = Key(1, 1.0, 10, (storyline("walkers", PATH), storyline("others", shifted(PATH, 0.1), hypotheses=())))


def along(number, path, metres=0.0, count=4, radius=50.0):
    return [
        (number, at + 300, north + 0.005 + metres / 111_000, east, radius) for at, north, east in path[:count]
    ]


def test_a_track_near_a_path_is_of_its_storyline():
    found = followed(legs(*along(1, PATH), *along(2, shifted(PATH, 0.1)), *along(3, shifted(PATH, 0.3))), KEY)
    assert found == {"track:surveillance:1": "walkers", "track:surveillance:2": "others"}


@pytest.mark.parametrize(("metres", "radius", "is_of"), [(140, 50, True), (160, 50, False), (400, 450, True)])
def test_near_is_within_a_distance_or_the_tracks_own_radius(metres, radius, is_of):
    assert bool(followed(legs(*along(1, PATH, metres, radius=radius)), KEY)) is is_of


def test_a_track_that_meets_a_path_for_less_than_half_of_its_legs_is_none_of_it():
    elsewhere = along(1, shifted(PATH, 0.3))
    assert followed(legs(*along(1, PATH, count=3), *elsewhere), KEY) == {}
    assert followed(legs(*along(1, PATH, count=4), *elsewhere), KEY) != {}


def test_one_leg_is_too_few():
    assert followed(legs(*along(1, PATH, count=1)), KEY) == {}


def test_the_right_place_at_the_wrong_time_is_none():
    late = [(number, at + 9_000, *rest) for number, at, *rest in along(1, PATH)]
    assert followed(legs(*late), KEY) == {}


def test_no_tracks():
    assert followed(legs(), KEY) == {}
