from io import BytesIO

import pyarrow as pa
from tests.store.rows import READER, ingest, parties
from tests.store.test_retention import typed

from watchfloor.store.erasure import scope

ONE = "person:feed:1"


def kinds(found):
    return sorted(one.kind for one in found)


def test_what_is_about_somebody_and_what_names_others_too(floor, writer):
    ingest(writer, [1, 2], name="Zarbek ")
    typed(writer, "judgement", subject=ONE, about="L:1", verdict="different")
    typed(writer, "task", subjects=[ONE, "parcel:feed:9"], state="issued", report_key="a")
    typed(writer, "task", subjects=[ONE, "person:feed:2"], state="issued", report_key="b")
    typed(writer, "report", subjects=["person:feed:2"], portions=[{"text": "with zarbek 1."}], mentions=[])
    typed(writer, "report", subjects=["person:feed:2"], portions=[{"text": "with nobody"}], report_key="c")
    found = scope.on(floor.root, [ONE])
    assert kinds(found.about) == ["judgement", "party", "task"]
    assert kinds(found.shared) == ["report", "task"]
    assert found.same == ()


def test_who_was_judged_the_same_is_told(floor, writer):
    ingest(writer, [1, 2])
    typed(writer, "judgement", subject=ONE, about="person:feed:2", verdict="same")
    typed(writer, "judgement", subject=ONE, about="person:feed:3", verdict="different", report_key="d")
    assert scope.on(floor.root, [ONE]).same == ("person:feed:2",)


def test_nothing_names_a_stranger(floor, writer):
    ingest(writer, [1])
    assert scope.on(floor.root, ["person:feed:99"]) == ([], [], ())


def test_a_name_in_common_is_no_reason(floor, writer):
    """Two people of one name: only the one asked for goes, and what both are called stays in the log."""
    with writer.delivery("feed", "d", BytesIO(b"x")) as intake:
        intake.accept("party", _named([1, 2], "Ann Roy"))
    floor.act(writer.actor, "query", {"what": "search", "words": "Ann Roy"})
    gone = writer.erase([one.record_id for one in scope.on(floor.root, [ONE]).about], "A-77", subjects=[ONE])
    assert (gone.records, gone.acts) == (1, 0)
    assert floor.read("party", READER)["name"].to_pylist() == ["Ann Roy"]


def _named(numbers, name):
    rows = parties(numbers)
    at = rows.column_names.index("name")
    return rows.set_column(at, "name", pa.array([name] * rows.num_rows))
