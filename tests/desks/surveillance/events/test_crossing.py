"""Border crossings: direction, chance, interval, what is taken back, and what is only marked."""

import numpy as np
import pyarrow as pa
import pytest
from tests.desks.surveillance.events.worlds import BOAT, LINE, PERSON, START, UNKNOWN, VEHICLE, net, path

from watchfloor.desks.surveillance import events


@pytest.fixture(scope="module")
def refs():
    return events.References(events.line.load())


def crossings(refs, points):
    return [one for one in events.fold_points(events.begin(refs), points) if one.rule == "border-crossing"]


def test_a_walker_crosses_with_direction_chance_and_interval(refs):
    t = START + np.arange(0, 600, 10.0)
    south = crossings(refs, path(1, t, 300 - (t - START), 0.0, klass=PERSON))
    (one,) = net(south)
    assert one.strength == "certain"
    assert one.score == pytest.approx(0.99, abs=0.011)
    assert one.since <= START + 300 <= one.until
    assert one.until - one.since < 60
    assert one.why.message == "surveillance.into-united-states.person"
    assert one.latitude == pytest.approx(LINE, abs=1e-4)
    assert one.at == START + 330
    north = crossings(refs, path(1, t, t - START - 300, 0.0, klass=PERSON))
    assert {each.why.message for each in (net(north)[0], north[0])} == {"surveillance.into-canada.person"}


def test_the_chance_grows_with_the_distance_beyond(refs):
    t = START + np.arange(0, 600, 10.0)
    told = crossings(refs, path(1, t, 300 - (t - START), 0.0, sigma=40.0))
    assert len(told) > 2
    assert [one.score for one in told] == sorted(one.score for one in told)
    assert len({one.window for one in told}) == 1


def test_who_turns_at_the_line_did_not_cross(refs):
    t = START + np.arange(0, 600, 10.0)
    north = np.abs(t - START - 300) - 5.0  # five metres beyond it, by an error of 15
    told = crossings(refs, path(1, t, north, 0.0, sigma=15.0))
    assert told[-1].retracted
    assert not net(told)


def test_there_and_back_are_two(refs):
    t = START + np.arange(0, 1200, 10.0)
    told = net(crossings(refs, path(1, t, np.abs(t - START - 600) - 300, 0.0, klass=PERSON)))
    assert [one.why.message for one in told] == [
        "surveillance.into-united-states.person",
        "surveillance.into-canada.person",
    ]


def test_whoever_walks_along_the_line_stays_on_its_side(refs):
    t = START + np.arange(0, 600, 10.0)
    assert not crossings(refs, path(1, t, 60.0, t - START, klass=PERSON))


def test_a_step_of_kilometres_crosses(refs):
    t = START + np.array([0.0, 600.0])
    said = {"claimed": 3, "self_reported": True}
    (one,) = net(crossings(refs, path(1, t, [9000, -9000], [0, 500], klass=BOAT, **said)))
    assert one.latitude == pytest.approx(LINE, abs=1e-4)
    assert (one.since, one.until) == (START, START + 600)


def boat(stops=9e9, **columns):
    """From 900 m south of the line on Lake of the Woods to as far north as it gets, at 5 m/s."""
    t = START + np.arange(0, 1200, 10.0)
    return path(1, t, 5 * np.minimum(t - START, stops) - 900, 0.0, klass=BOAT, **columns)


def test_a_boat_that_only_passes_is_possible_until_it_stands(refs):
    (passing,) = net(crossings(refs, boat()))
    assert passing.strength == "possible"
    assert passing.why.message.startswith("surveillance.passed-into-canada.")
    every = crossings(refs, boat(stops=400.0))
    assert [one.strength for one in every][-2:] == ["possible", "certain"]
    assert every[-1].at == pytest.approx(START + 400 + 120, abs=20)
    assert {one.window for one in every} == {passing.window}
    assert (every[-1].since, every[-1].until) == (passing.since, passing.until)
    assert every[-1].why.message.startswith("surveillance.into-canada.")


def test_a_boat_that_says_who_it_is_and_stands_is_possible(refs):
    (one,) = net(crossings(refs, boat(stops=400.0, self_reported=True, claimed=3)))
    assert one.strength == "possible"
    assert one.score > 0.45


def test_who_drives_over_the_line_at_an_open_port_is_possible(refs):
    """At a closed one it is certain, and so it is two kilometres from there."""
    t = START + np.arange(0, 600, 10.0)
    for opens, closes, east, strength in (
        (0, 0, 0.0, "possible"),
        (600, 660, 0.0, "certain"),
        (0, 0, 2_000.0, "certain"),
    ):
        port = {"name": ["Monchy"], "latitude": [49.0], "longitude": [-110.0], "zone": ["UTC"]}
        table = pa.table(port | {"opens": [opens], "closes": [closes]})
        known = refs._replace(ports=events.ports_of_entry(table))
        (one,) = net(crossings(known, path(1, t, 3 * (t - START) - 900, east, klass=VEHICLE)))
        assert one.strength == strength


def test_a_boat_that_stands_in_a_harbour_only_passed(refs):
    here = events.Places(np.array([LINE + 1100 / 111_195]), np.array([-110.0]), np.array([50.0]))
    (one,) = net(crossings(refs._replace(harbours=here), boat(stops=400.0)))
    assert one.strength == "possible"


def test_a_boat_that_goes_back_is_two_that_passed(refs):
    t = START + np.arange(0, 1200, 10.0)
    both = net(crossings(refs, path(1, t, 600 - 5 * np.abs(t - START - 300), 0.0, klass=BOAT)))
    assert [one.strength for one in both] == ["possible", "possible"]


def test_out_to_the_high_seas_is_no_border(refs):
    t = START + np.arange(0, 7200, 60.0)
    grid = refs.line
    piece = np.flatnonzero(grid.stretch == events.line.HIGH_SEAS)
    x, y = grid.ends[piece[len(piece) // 2], :2]
    assert not crossings(refs, path(1, t, 0.0, 5 * (t - START) - 15_000, at=(y, x), klass=BOAT))


def test_nothing_is_told_of_a_track_before_it_is_confirmed(refs):
    t = START + np.arange(0, 600, 10.0)
    late = crossings(refs, path(1, t, 300 - (t - START), 0.0, confirmed=t > START + 500))
    assert [one.at for one in late] == [START + 520]
    assert not crossings(refs, path(1, t, 300 - (t - START), 0.0, confirmed=False))


def test_who_passes_akwesasne_is_marked_and_not_asserted(refs):
    t = START + np.arange(0, 600, 10.0)
    (one,) = net(crossings(refs, path(1, t, 1500 - 5 * (t - START), 0.0, at=(45.0, -74.62))))
    assert one.marks == ("akwesasne",)
    assert one.strength == "possible"
    assert one.why.message.startswith("surveillance.crossed-marked.")


def test_waters_that_both_claim_are_marked(refs):
    t = START + np.arange(0, 36_000, 60.0)
    grid = refs.line
    piece = np.flatnonzero(grid.stretch == events.line.MACHIAS)
    middle = grid.ends[piece[len(piece) // 2]]
    told = crossings(refs, path(1, t, 0.0, 6000 - (t - START) / 3, at=(middle[1], middle[0]), klass=BOAT))
    assert told
    assert all("machias-seal-island" in one.marks for one in told if not one.retracted)
    assert all(one.score <= 0.5 for one in told)


def test_what_may_be_a_rock_does_not_cross_and_who_stood_does(refs):
    t = START + np.arange(0, 900, 10.0)
    still = (t > START + 60) & (t < START + 600)
    wanders = np.where(still, 25.0 * np.cos((t - START) / 90), 25.0)  # metres, by an error of 10
    assert net(crossings(refs, path(1, t, wanders, 0.0, klass=UNKNOWN)))
    assert not crossings(refs, path(1, t, wanders, 0.0, klass=UNKNOWN, stationary=still))
    goes = 30.0 - np.maximum(t - START - 600, 0)
    (one,) = net(crossings(refs, path(1, t, goes, 0.0, klass=UNKNOWN, stationary=still)))
    assert one.since > START + 580
    assert one.why.message == "surveillance.into-united-states.unknown"
