"""The sun's height beside what almanacs say."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from watchfloor.planning.cueing import CIVIL, dark, height


@pytest.mark.parametrize(
    ("at", "declination"),
    [  # at these moments of 2026 the equation of time puts the sun over Greenwich
        ((2026, 3, 20, 14, 46), 0.0),  # equinox
        ((2026, 6, 21, 8, 25), 23.44),  # solstices
        ((2026, 12, 21, 20, 50), -23.44),
    ],
)
def test_at_equinox_and_solstice_the_highest_sun_stands_over_its_latitude(at, declination):
    """The greatest height along a meridian of places is 90°, at the latitude of the declination."""
    latitude = np.arange(-30, 30, 0.01)
    day = datetime(*at, tzinfo=UTC)
    east = -15 * (day.hour + day.minute / 60 - 12)
    heights = np.max([height(latitude, east + off, day) for off in np.arange(-5, 5, 0.05)], axis=0)
    assert latitude[heights.argmax()] == pytest.approx(declination, abs=0.06)
    assert heights.max() == pytest.approx(90, abs=0.06)


def test_the_sun_sets_in_ottawa_when_the_almanac_says():
    """At 20:55 on 21 June by the clock of the place: then it stands at -0.833°, refraction and radius in."""
    (low,) = np.atleast_1d(height(45.4215, -75.6972, datetime(2026, 6, 22, 0, 55, tzinfo=UTC)))
    assert low == pytest.approx(-0.833, abs=0.12)  # within a minute


def test_it_is_dark_from_the_end_of_civil_twilight():
    start = datetime(2026, 6, 22, 0, 55, tzinfo=UTC)
    minutes = [one for one in range(90) if dark(45.4215, -75.6972, start + timedelta(minutes=one))]
    assert minutes[0] == pytest.approx(36, abs=2)  # civil twilight of a midsummer night at 45° N
    assert minutes == list(range(minutes[0], 90))
    assert height(45.4215, -75.6972, start + timedelta(minutes=minutes[0])) < CIVIL


def test_in_the_polar_winter_there_is_no_day():
    noon = datetime(2026, 12, 21, 19, tzinfo=UTC)
    assert dark([76.0, 45.0], [-110.0, -110.0], noon).tolist() == [True, False]
