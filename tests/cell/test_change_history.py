"""When a lead changed: beside what the leads of every position of the log say."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from tests.cell.toy import _WRITTEN, OFFICER, READER, SEES, TABLE, _party, _signal

from watchfloor.cell.change_history import stops
from watchfloor.cell.identity.merges import judge_pair
from watchfloor.cell.judgements import Judgement
from watchfloor.cell.queue import queue
from watchfloor.core.derived import SIGNAL
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

LATER = datetime(2026, 4, 1, tzinfo=UTC)


def said(floor, writer, **strengths):
    """A run of the desk that says this of each subject."""
    held = {row["report_key"]: row["record_id"] for row in floor.read("party", READER).to_pylist()}
    rows = [_party(name, f"{name}/0") for name in strengths if f"{name}/0" not in held]
    if rows:
        writer.append("party", pa.Table.from_pylist(rows, schema=_WRITTEN), source="scans")
        held = {row["report_key"]: row["record_id"] for row in floor.read("party", READER).to_pylist()}
    signals = [_signal(name, ("scan", one), held[f"{name}/0"]) for name, one in strengths.items()]
    table = pa.Table.from_pylist(signals, schema=SIGNAL)
    return writer.keep_run("toy", "1", floor.position, {}, {"signal": table})


@pytest.fixture
def floor(tmp_path):
    """Runs that change one lead, another, none, and two judgements."""
    made = Floor.create(tmp_path / "floor", OFFICER)
    with made.writer(OFFICER) as writer:
        said(made, writer, ann="odd")
        said(made, writer, ann="odd")
        said(made, writer, ann="odd", eve="dense")
        said(made, writer, ann="dense", eve="dense")
        pair = ("person:scans:ann", "person:scans:eve")
        judge_pair(writer, pair, ["PB//TLP:AMBER"], Judgement("same", "seen", "officer", SEES))
        said(made, writer, eve="dense")
    return made


def leads_of(floor, position, subject):
    found = queue(floor, READER, TABLE, LATER, position)
    return [
        [(c.signal_id, c.strength) for c in one.contributions] for one in found if subject in one.subjects
    ]


def test_the_stops_are_the_moments_at_which_the_lead_says_something_else(floor):
    ann = "person:scans:ann"
    found = stops(floor, READER, {ann})
    expected, before = [], []
    for position in range(1, floor.position + 1):
        now = leads_of(floor, position, ann)
        if now != before:
            expected.append(floor.acts(position, position)[0].at)
        before = now
    assert [one.at for one in found] == sorted(expected)
    assert [(one.what, one.came, one.went) for one in found] == [
        ("run", 1, 0),
        ("run", 1, 0),
        ("judgement", 0, 0),
        ("run", 0, 1),
    ]


def test_what_is_said_of_others_is_no_stop(floor):
    assert [one.what for one in stops(floor, READER, {"person:scans:eve"})] == ["run", "judgement"]
    assert stops(floor, READER, {"person:scans:nobody"}) == []


def test_who_may_not_see_it_has_no_stops(floor):
    few = Reader("few", protected=0, tlp=1, purpose="test")
    assert stops(floor, few, {"person:scans:ann", "person:scans:eve"}) == []


def test_desks_that_ran_over_the_same_rows_make_one_stop(floor):
    with floor.writer(OFFICER) as writer:
        at = floor.position
        held = floor.read("party", READER).to_pylist()[0]["record_id"]
        for desk in ("toy", "other"):
            row = _signal("ann", ("scan", "odd"), held) | {"desk": desk, "row_id": desk.encode().ljust(16)}
            table = pa.Table.from_pylist([row], schema=SIGNAL)
            writer.keep_run(desk, "1", at, {}, {"signal": table})
    last = stops(floor, READER, {"person:scans:ann"})[-1]
    assert (last.came, last.at) == (2, floor.acts()[-1].at)
    assert last.at - SEES > timedelta(0)
