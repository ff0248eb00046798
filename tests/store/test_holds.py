from datetime import date
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.rows import READER, ingest, parties
from tests.thorough import draws

from watchfloor.core.kinds import TASK
from watchfloor.formats.base import Fault
from watchfloor.store import Floor
from watchfloor.store.erasure import erasing as erasure
from watchfloor.store.erasure import holds
from watchfloor.store.erasure.holds import LIFTED, PLACED, Hold, UnderHold
from watchfloor.store.errors import UnknownRecord


def ids(floor):
    return floor.read("party", READER)["record_id"].to_pylist()


def place(floor, actor, **over):
    hold = Hold(0, None, "T-1-26", "Justice, A. Roy", "PB//TLP:AMBER", **over)
    return floor.act(actor, PLACED, holds.detail(hold))


def lift(floor, actor, position):
    return floor.act(actor, LIFTED, {"hold": position, "why": "discontinued"})


def test_a_record_under_hold_is_not_erased_and_nothing_changes(floor, actor, writer):
    ingest(writer, [1, 2])
    first, second = ids(floor)
    position = place(floor, actor, records=(first.hex(),))
    before = floor.position
    with pytest.raises(UnderHold, match=f"record {first.hex()} is under legal hold .{position} in the log"):
        writer.erase([first], "asked")
    assert floor.position == before
    assert ids(floor) == [first, second]
    lift(floor, actor, position)
    assert writer.erase([first], "asked").records == 1


def test_a_hold_on_a_subject_is_over_what_comes_later(floor, actor, writer):
    place(floor, actor, subjects=("person:feed:7",))
    ingest(writer, [6, 7])
    six, seven = ids(floor)
    with pytest.raises(UnderHold):
        writer.erase([seven], "asked")
    with pytest.raises(UnderHold):  # its bytes are the held record's too
        writer.erase([six], "asked")
    other = ingest(writer, [8], raw=b"8")
    assert writer.erase(ids(floor)[2:], "asked").deliveries == 1
    assert other.account.accepted == 1


def test_the_delivery_that_repeats_a_held_record_stays(floor, actor, writer):
    ingest(writer, [1], raw=b"1")
    ingest(writer, [1, 2], raw=b"1 and 2")
    first, second = ids(floor)
    position = place(floor, actor, records=(first.hex(),))
    with pytest.raises(UnderHold, match="a delivery repeats"):
        writer.erase([second], "asked")
    lift(floor, actor, position)
    assert writer.erase([second], "asked").deliveries == 1


@pytest.mark.usefixtures("small_segments")
@pytest.mark.parametrize("over", [1, 2], ids=["the record", "another in its delivery"])
def test_a_hold_that_comes_while_an_erasure_is_at_work_still_stops_it(
    floor, actor, writer, monkeypatch, over
):
    """Holds are acts without the writer lock, so one may be placed after the erasure looked for them."""
    ingest(writer, range(8))
    first, before = ids(floor)[1], ids(floor)
    real = erasure.rewrite

    def rewrite(*asked):
        place(floor, actor, subjects=(f"person:feed:{over}",))
        return real(*asked)

    monkeypatch.setattr(erasure, "rewrite", rewrite)
    with pytest.raises(UnderHold):
        writer.erase([first], "asked")
    assert floor.acts_of("erasure") == []
    assert ids(floor) == before
    assert not list(floor.verify())


def test_what_was_shown_on_a_held_record_stays(floor, actor, writer):
    ingest(writer, [1], raw=b"1")
    ingest(writer, [2], raw=b"2")
    first, second = ids(floor)
    writer.shown("lead 17", bytes(32), b"1 and 2", [first, second])
    place(floor, actor, records=(first.hex(),))
    with pytest.raises(UnderHold, match="behind what was shown"):
        writer.erase([second], "asked")
    assert floor.shown("lead 17")[0].content == b"1 and 2"


def test_a_hold_on_a_lead_is_over_its_tasks(floor, actor, writer):
    row = {field.name: None for field in TASK.schema} | {
        "source": "tasks",
        "origins": [],
        "observed_at": 0,
        "marking": "PB//TLP:AMBER",
        "locator": "typed in",
        "task": "t1",
        "form": "task",
        "state": "issued",
        "lead": "abc",
        "subjects": [],
        "unit": "u",
        "instruction": "look",
        "authority": "law",
        "flags": [],
        "by": "a",
        "report_key": "t1",
    }
    schema = TASK.schema.remove(0)
    rows = pa.Table.from_pylist([row], schema=schema).drop_columns(["delivery"])
    writer.append(TASK, rows, source="tasks")
    (record,) = floor.read("task", READER)["record_id"].to_pylist()
    place(floor, actor, leads=("abc",))
    with pytest.raises(UnderHold):
        writer.erase([record], "asked", category="consent")


def test_expiry_leaves_what_is_held_and_says_so(floor, actor, writer):
    ingest(writer, [1], raw=b"1", marking="PB//TLP:AMBER//UNTIL:2026-01-01")
    ingest(writer, [2], raw=b"2", marking="PB//TLP:AMBER//UNTIL:2026-01-01")
    first, _ = ids(floor)
    position = place(floor, actor, records=(first.hex(),))
    gone, kept = writer.expire(date(2026, 6, 1))
    assert gone.records == 1
    assert [(one.record_id, one.holds) for one in kept] == [(first, (position,))]
    assert str(position) in kept[0].applies(date(2026, 6, 1)).render("fr")
    assert ids(floor) == [first]


def test_a_night_goes_on_beside_what_shares_a_delivery_with_a_hold(floor, actor, writer):
    """Brought together, or only repeated together; the rest goes."""
    late = "PB//TLP:AMBER//UNTIL:2026-01-01"
    ingest(writer, [1, 2], raw=b"1 and 2", marking=late)
    ingest(writer, [3], raw=b"3", marking=late)
    ingest(writer, [4], raw=b"4", marking=late)
    ingest(writer, [1, 3, 9], raw=b"1, 3 and 9", marking=late)
    position = place(floor, actor, subjects=("person:feed:1",))
    gone, kept = writer.expire(date(2026, 6, 1))
    assert gone.records == 1
    assert floor.read("party", READER)["name"].to_pylist() == ["name1", "name2", "name3", "name9"]
    assert {one.holds for one in kept} == {(position,)}
    lift(floor, actor, position)
    gone, kept = writer.expire(date(2026, 6, 1))
    assert (gone.records, kept) == (4, [])


def test_a_compaction_keeps_what_is_held(floor, actor, writer):
    for n in range(3):
        ingest(writer, [n], raw=b"%d" % n)
    place(floor, actor, subjects=("person:feed:1",))
    writer.compact()
    assert floor.read("party", READER).num_rows == 3
    with pytest.raises(UnderHold):
        writer.erase(ids(floor)[1:2], "asked")


@settings(max_examples=draws(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=12))
def test_what_stands_is_what_was_placed_and_not_lifted(tmp_path_factory, actor, acts):
    """Against a plain set."""
    floor = Floor.create(tmp_path_factory.mktemp("floors") / "floor", actor)
    standing = set()
    for placing, number in acts:
        if placing:
            standing.add(place(floor, actor, records=(f"{number:032x}",)))
        elif standing:
            one = sorted(standing)[number % len(standing)]
            lift(floor, actor, one)
            standing.remove(one)
    found = holds.on(floor.root)
    assert {one.position for one in found if one.lifted is None} == standing
    for one in found:
        if one.lifted is None:
            assert holds.find(found, one.position) == one
        else:
            with pytest.raises(UnknownRecord, match="hold list"):
                holds.find(found, one.position)


@pytest.mark.parametrize("missing", ["why", "ordered_by"])
def test_a_hold_says_why_and_by_whose_order(missing):
    words = {"why": "T-1-26", "ordered_by": "Justice"} | {missing: " "}
    with pytest.raises(ValueError, match=missing.replace("_", " ")):
        holds.detail(Hold(0, None, words["why"], words["ordered_by"], "PB", records=("00",)))


def test_a_hold_over_nothing_is_refused():
    with pytest.raises(ValueError, match="name at least one"):
        holds.detail(Hold(0, None, "T-1-26", "Justice", "PB"))


def test_the_quarantined_piece_of_a_held_record_stays(floor, actor, writer):
    with writer.delivery("feed", "d", BytesIO(b"bytes")) as intake:
        intake.quarantine([Fault("line 1", "no date", b"Zebedee")])
    (piece,) = floor.quarantine()
    with writer.again(intake.position, [piece.id]) as retry:
        retry.accept("party", parties([1]))
    place(floor, actor, subjects=("person:feed:1",))
    with pytest.raises(UnderHold):
        writer.erase(ids(floor), "asked")
    assert floor.quarantined(piece.id).raw == b"Zebedee"
