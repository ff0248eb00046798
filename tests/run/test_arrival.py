from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.desks.toys import AS_IT_CAME, KEYED, REFS, sample
from tests.feeds.live.toys import TOY
from tests.run.detections import START, rows

from watchfloor.core.derived import net
from watchfloor.core.kinds import INSTANT
from watchfloor.desks.base import DeskError, Refs
from watchfloor.policy.policy import Reader
from watchfloor.run import published
from watchfloor.run.arrival import KEEP_OTHERS, ArrivalRun
from watchfloor.run.order import arrivals, as_received, moment
from watchfloor.run.published import Header
from watchfloor.run.runner import run
from watchfloor.store.views import digest

KEY = Refs(b"some key, of no floor whatsoever")


def stepped(live, table, cuts):
    for start, end in zip([0, *cuts], [*cuts, table.num_rows], strict=True):
        part = table.slice(start, end - start)
        if part.num_rows:
            live.step({"detection": part}, moment(int(arrivals(part)[-1])))


@pytest.mark.parametrize("seed", range(4))
def test_what_stands_is_what_a_whole_run_says_wherever_it_was_cut_and_saved(seed):
    rng = np.random.default_rng(seed)
    table = rows(60)
    cuts = sorted(rng.integers(0, 60, 5).tolist())
    live = ArrivalRun(TOY, KEY)
    stepped(live, table.slice(0, 30), [cut for cut in cuts if cut < 30])
    again = ArrivalRun(TOY, KEY, live.save())
    stepped(again, table.slice(30), [cut - 30 for cut in cuts if cut >= 30])
    whole = run(TOY, {"detection": table}, KEY)
    for kind in TOY.yields:
        mine, theirs = (net(found[kind]).drop_columns(["revision"]) for found in (again.standing, whole))
        assert mine.equals(theirs)


def test_revisions_count_on_through_a_restart():
    live = ArrivalRun(TOY, KEY)
    table = rows(4, sensors=1)
    stepped(live, table, [1, 2])
    assert live.standing["track"]["revision"].to_pylist() == [2]
    again = ArrivalRun(TOY, KEY, live.save())
    told = again.step({"detection": rows(1, start=4, sensors=1)}, START + timedelta(minutes=1))
    assert told["track"]["revision"].to_pylist() == [3]


def test_what_is_too_old_to_be_revised_is_forgotten():
    live = ArrivalRun(TOY, KEY)
    live.step({"detection": rows(1)}, START + timedelta(minutes=1))
    live._fold._state.tracks.clear()
    assert live.standing["track"].num_rows == 1
    later = START + 2 * KEEP_OTHERS
    live.step({"detection": rows(1, start=1, at=later)}, later + timedelta(minutes=1))
    assert live.standing["track"]["subjects"].to_pylist() == [["track:toy:t1"]]


def test_a_desk_that_cannot_be_run_so_is_refused_and_so_is_a_run_of_another():
    with pytest.raises(DeskError, match="evidence alone, in the order of arrival"):
        ArrivalRun(KEYED, REFS)
    inputs, _ = sample(1)
    other = ArrivalRun(AS_IT_CAME, REFS)
    other.step(inputs, moment(int(max(arrivals(rows)[-1] for rows in inputs.values()))))
    assert other.standing["signal"].num_rows
    with pytest.raises(DeskError, match="does not fit"):
        ArrivalRun(TOY, KEY, other.save())


NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_a_reader_finds_what_its_view_says_now_and_nothing_else(tmp_path):
    open_, closed = "U//TLP:CLEAR", "PC//TLP:AMBER"
    low, high = Reader("low"), Reader("high", protected=3)
    told = {name: run(TOY, {"detection": rows(3, marking=name)}, KEY)["track"] for name in (open_, closed)}
    said = Header(NOW.timestamp(), 5, 3)
    markings = frozenset({open_, closed})
    views = {
        digest(markings, low): told[open_],
        digest(markings, high): pa.concat_tables(list(told.values())),
    }
    for view, table in views.items():
        published.write(tmp_path, view, "toy.track", table, said)
    published.index(tmp_path, markings, views)
    assert set(published.read(tmp_path, low, "track", NOW)["marking"].to_pylist()) == {open_}
    assert published.read(tmp_path, high, "track", NOW).num_rows == 3
    assert published.read(tmp_path, low, "signal", NOW) is None
    assert published.read(tmp_path, low, "track", NOW + timedelta(seconds=6)) is None
    assert published.read(tmp_path, low, "track", NOW - timedelta(seconds=6)) is None
    published.withdraw(tmp_path, [digest(markings, high)])
    assert published.read(tmp_path, low, "track", NOW) is None


def test_a_row_that_a_view_holds_by_mistake_is_hidden_all_the_same(tmp_path):
    table = run(TOY, {"detection": rows(2, marking="PC//TLP:AMBER")}, KEY)["track"]
    published.write(tmp_path, "", "toy.track", table, Header(NOW.timestamp(), 5, 3))
    published.index(tmp_path, ["U//TLP:CLEAR"], [""])
    assert published.read(tmp_path, Reader("low"), "track", NOW).num_rows == 0


def test_a_broken_file_is_none(tmp_path):
    assert published.read(tmp_path, Reader("low"), "track", NOW) is None
    published.index(tmp_path, [], [""])
    (tmp_path / published.FOLDER / "whole").mkdir()
    (tmp_path / published.FOLDER / "whole" / "toy.track.live").write_bytes(b"torn")
    assert published.read(tmp_path, Reader("low"), "track", NOW) is None


def test_a_log_with_each_sources_rows_together_is_folded_in_the_order_of_receipt():
    table = rows(40)
    together = pa.concat_tables([table.filter(pc.equal(table["sensor"], f"t{n}")) for n in range(5)])
    assert as_received(together).equals(table)
    assert as_received(table) is table
    late = rows(3).set_column(
        table.schema.get_field_index("received_at"), table.schema.field("received_at"), pa.nulls(3, INSTANT)
    )
    mixed = as_received(pa.concat_tables([together, late]))
    assert mixed["record_id"].to_pylist()[-3:] == late["record_id"].to_pylist()


def test_a_recording_of_another_source_is_folded_when_it_was_observed():
    """A day of AIS without moments of receipt that was delivered after a day of radar is of the same day."""
    radar = rows(40)
    said = _with(_with(radar, "source", pa.array(["ais"] * 40)), "received_at", pa.nulls(40, INSTANT))
    mixed = as_received(pa.concat_tables([radar, said]))
    at = [row["received_at"] or row["observed_at"] for row in mixed.to_pylist()]
    assert at == sorted(at)
    assert mixed.filter(pc.equal(mixed["source"], "ais")).equals(said)


def _with(table, name, values):
    at = table.schema.get_field_index(name)
    return table.set_column(at, table.schema.field(at), values)
