"""Traces found afterwards: which reports are some, what was stated there, and what had been detected near."""

from datetime import timedelta

import pyarrow as pa
import pytest
from tests.planning.coverage.test_shown import KEEPER, POLICY
from tests.planning.world import HIDDEN, LATITUDE, LONGITUDE, NOW, OPEN, endangered, key, legs, north_of
from tests.planning.world import keep as run

import watchfloor
from watchfloor.cell.acts import common
from watchfloor.cell.acts import write as keep
from watchfloor.core.kinds import COVERAGE, REPORT
from watchfloor.store import Floor

HOUR = timedelta(hours=1)
SENSOR = {
    "sensor": "camera-1",
    "state": "looking",
    "class": "camera",
    "detects": 0.5,
    "farthest": 6_000.0,
    "observed_at": NOW - 24 * HOUR,
    "until": NOW,
}


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(tmp_path / "floor", KEEPER, ceiling="PC")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    with made.writer(KEEPER) as writer:
        _write(writer, COVERAGE, "coverage", SENSOR)
    return made


def _write(writer, kind, number, told, marking=OPEN):
    row = dict.fromkeys(field.name for field in kind.columns)
    row |= common("tests", number, marking, writer.moment())
    keep(writer, kind, row | {"latitude": LATITUDE, "longitude": LONGITUDE} | told)


def trace(floor, number, marking=OPEN, **told):
    """Footprints at the line, found two hours before NOW."""
    plain = {
        "title": "Footprints",
        "hypothesis": "unlawful-crossing",
        "observed_at": NOW - 2 * HOUR,
        "portions": [],
        "mentions": [],
        "text_from": "text",
    }
    with floor.writer(KEEPER) as writer:
        _write(writer, REPORT, f"trace-{number}", plain | told, marking)


def crossed(floor, *rows):
    """Crossings that were detected: hours before NOW, metres north, marking."""
    tables = []
    for number, (ago, north, marking) in enumerate(rows, 1):
        row = endangered(number, marking, NOW - ago * HOUR).to_pylist()[0]
        row |= {"rule": "border-crossing", "latitude": north_of(north), "longitude": LONGITUDE}
        tables.append(pa.Table.from_pylist([row], endangered(1).schema))
    run(floor, KEEPER, legs(), pa.concat_tables(tables))


def scored(floor, user="keeper", **asked):
    face = watchfloor.open(floor.root, purpose="watch", authority=KEEPER.authority, user=user)
    return face.coverage.score(
        **{"since": f"{NOW - 6 * HOUR:%Y-%m-%dT%H:%MZ}", "hours": 6, "before": 4} | asked
    )


def lines(floor, **asked):
    return [
        (one.kind, one.ground, one.traces, one.detected, one.stated) for one in scored(floor, **asked).scores
    ]


def test_a_trace_is_detected_where_a_crossing_was_before_it_and_near(floor):
    crossed(floor, (3, 100.0, OPEN))
    trace(floor, 1)
    assert lines(floor) == [("walker", "land", 1, 1, 0.5)]
    trace(floor, 2, latitude=north_of(2_900.0))
    assert lines(floor) == [("walker", "land", 2, 1, 0.5)], "2.8 km from the crossing"
    trace(floor, 3, observed_at=NOW - 5 * HOUR)
    assert lines(floor) == [("walker", "land", 3, 1, 0.5)], "found before it"
    (one,) = scored(floor).scores
    assert (one.low < one.share < one.high, one.share) == (True, 0.3333)


@pytest.mark.parametrize(
    "told",
    [
        {"hypothesis": "laundering"},
        {"hypothesis": None},
        {"latitude": None},
        {"latitude": north_of(5_500.0)},
        {"observed_at": NOW - 7 * HOUR},
        {"observed_at": NOW + HOUR},
        {"subjects": [key(1)]},
    ],
    ids=str,
)
def test_what_is_no_trace_of_a_crossing_does_not_count(floor, told):
    crossed(floor, (3, 100.0, OPEN))
    trace(floor, 1, **told)
    assert lines(floor) == []


def test_what_the_author_says_tells_who_crossed(floor):
    crossed(floor, (3, 100.0, OPEN))
    trace(floor, 1, hypothesis="trafficking-by-vehicle")
    trace(floor, 2, hypothesis="trafficking-by-water-or-air")
    assert [one[0] for one in lines(floor)] == ["aircraft", "vehicle"]


def test_hours_before_the_trace_are_those_of_what_is_stated(floor):
    crossed(floor, (3, 100.0, OPEN))
    trace(floor, 1, observed_at=NOW - 23.5 * HOUR)
    (one,) = lines(floor, since=f"{NOW - 24 * HOUR:%Y-%m-%dT%H:%MZ}")
    assert one[4] == pytest.approx(0.5 / 4), "the sensor began in the last of four hours"


def test_a_reader_is_scored_on_what_they_may_know_of(floor):
    crossed(floor, (3, 100.0, HIDDEN))
    trace(floor, 1)
    without = scored(floor, "officer")
    trace(floor, 2, HIDDEN)
    assert scored(floor, "officer") == without
    assert [(one.traces, one.detected) for one in without.scores] == [(1, 0)]
    assert (without.marking, scored(floor).marking) == (OPEN, HIDDEN)
    assert [(one.traces, one.detected) for one in scored(floor).scores] == [(2, 2)]
