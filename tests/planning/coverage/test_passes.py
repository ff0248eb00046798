"""Passes of satellites: an hour in which one looks for a moment, by night, under cloud, and who knows."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from tests.planning.coverage.test_shown import root, shown  # noqa: F401 - a fixture
from tests.planning.coverage.test_weather import sky
from tests.planning.world import HIDDEN

from watchfloor.formats.settings import SettingsError
from watchfloor.planning.coverage import passes, schedule
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.passes import Pass

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
PASS = Pass(
    name="RCM-2", at=START + timedelta(minutes=90), km=(2_100.0, 2_110.0), width_m=7_200.0, detects=0.5,
    sees=("vehicle", "walker"), seconds=0.0,
)  # fmt: skip
TEXT = """[[pass]]
name = "RCM-2"
at = 2099-01-01T00:20:00Z
km = [1490, 1500]
width_m = 20000
detects = 0.5
"""


def seen(*every, begun=0, weather=None):
    return passes.part(every, axis(), START, 4, begun, weather)


def test_a_moment_meets_a_crossing_of_its_hour_as_often_as_the_crosser_is_in_the_swath():
    """A vehicle of 8 m/s is in 7.2 km for 900 s: a quarter of the hour; a walker for longer than that."""
    part = seen(PASS)
    assert (sorted(set(part.km.tolist())), set(part.hour.tolist())) == (list(range(2_100, 2_110)), {1})
    names = list(CROSSERS)
    assert np.allclose(part.chance[names.index("vehicle")], 0.5 * 0.25)
    assert np.allclose(part.chance[names.index("walker")], 0.5)
    assert (part.chance[names.index("boat")] == 0).all()
    twice = seen(PASS, PASS)
    assert np.allclose(twice.chance[names.index("walker")], 0.75)
    assert len(seen(PASS, begun=2).km) == 0, "hours that have begun rest on what was reported"


def test_light_needs_day_and_no_ceiling():
    optical = Pass(**{name: getattr(PASS, name) for name in PASS.__struct_fields__} | {"optical": True})
    night = Pass(**{name: getattr(PASS, name) for name in PASS.__struct_fields__} | {
        "optical": True, "at": datetime(2026, 6, 1, 15, tzinfo=UTC) - timedelta(hours=9),
    })  # fmt: skip
    assert len(seen(optical).km) == 10
    assert len(passes.part((night,), axis(), START - timedelta(hours=8), 4, 0, None).km) == 0
    cloud = sky((0, {"ceiling": 900.0, "longitude": -97.6}))
    assert len(seen(optical, weather=cloud).km) == 0
    assert len(seen(PASS, weather=cloud).km) == 10, "a radar sees through cloud"


def test_a_pass_is_among_the_reasons_of_who_may_know_of_it(root):  # noqa: F811
    def by(user):
        cells = shown(root, user, km="1490-1491", hours=1).cells
        return [name for one in cells for name in one.by if name.startswith("pass:")]

    before = (root / "coverage.toml").read_text("utf-8")
    (root / "coverage.toml").write_text(f'{before}\n{TEXT}marking = "{HIDDEN}"\n', "utf-8")
    assert (by("keeper"), by("officer")) == (["pass:RCM-2"], [])
    hidden = shown(root, "officer")
    (root / "coverage.toml").write_text(before, "utf-8")
    assert shown(root, "officer") == hidden


@pytest.mark.parametrize(
    "wrong", ["at = 2099-01-01T00:20:00", "detects = 2", "width_m = nan", 'sees = ["horse"]', "km = [2, 1]"]
)
def test_a_pass_that_cannot_be_meant_is_refused(wrong):
    key = wrong.split()[0]
    lines = [line for line in TEXT.splitlines() if not line.startswith(f"{key} =")]
    with pytest.raises(SettingsError, match=f"pass.{key}"):
        schedule.read("\n".join([*lines, wrong]), "coverage.toml")
