"""The map shows what each sensor sees, as it last reported it, to who may know of it."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from watchfloor.cell.acts import common
from watchfloor.console.map import sensors
from watchfloor.core.kinds import COVERAGE
from watchfloor.store import Actor, Floor

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
ACTOR = Actor("keeper", "watch", "an Act, s. 1")
HIDDEN = "PB//TLP:RED"
POLICY = """
[readers.okafor]
protected = "PA"
[readers.keeper]
protected = "PB"
tlp = "RED"
"""


def seen(sensor, minutes, *, marking="PA//TLP:AMBER", **said):
    at = NOW + timedelta(minutes=minutes)
    row = dict.fromkeys(COVERAGE.schema.names) | common("radar", f"{sensor}:{minutes}", marking, at)
    row |= {"sensor": sensor, "state": "looking", "latitude": 49.0, "longitude": -97.0, "farthest": 9_000.0}
    row |= {"azimuth_from": 350.0, "azimuth_to": 30.0, "class": "radar"} | said
    return {name: row[name] for name in COVERAGE.schema.names if name not in ("record_id", "delivery")}


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    made = Floor.create(tmp_path_factory.mktemp("seen") / "floor", ACTOR, ceiling=HIDDEN)
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    rows = [
        seen("north", 0),
        seen("north", 5, state="fault"),
        seen("drone", 1, **{"class": "drone", "azimuth_from": None, "azimuth_to": None}),
        seen("secret", 1, marking=HIDDEN),
        seen("nowhere", 1, latitude=None, longitude=None),
    ]
    schema = pa.schema([one for one in COVERAGE.schema if one.name not in ("record_id", "delivery")])
    with made.writer(ACTOR) as writer:
        writer.append(COVERAGE, pa.Table.from_pylist(rows, schema=schema), source="radar")
    return made


def asked(floor, name, minutes, *, moving=False):
    reader = floor.reader(name, "watch")
    found = sensors.rows(floor, reader, floor.position, NOW + timedelta(minutes=minutes), moving=moving)
    return {one["key"]: one for one in found}


def test_the_last_view_of_each_sensor_is_shown_at_its_moment(floor):
    (north,) = asked(floor, "okafor", 4).values()
    assert (north["axis"], north["sector"], north["major"]) == (10.0, 40.0, 9_000.0)
    assert "9,000 m" in str(north["reason"]) or "9000" in str(north["reason"])
    (north,) = asked(floor, "okafor", 6).values()
    assert north["major"] is None  # at fault, it sees nothing
    assert north["until"] == NOW + timedelta(minutes=15)


def test_a_sensor_on_a_patrol_moves_and_one_that_is_hidden_is_not_there(floor):
    (drone,) = asked(floor, "okafor", 6, moving=True).values()
    assert (drone["symbol"], drone["sector"], drone["axis"]) == ("aircraft", None, None)
    assert asked(floor, "keeper", 6).keys() == {"north", "secret"}
    assert asked(floor, "okafor", -1) == {}
