import pytest
from tests.store import tamper
from tests.store.rows import READER, ingest
from tests.store.test_erasure import ids, signals

from watchfloor.policy.policy import Reader
from watchfloor.store.errors import NoView


def test_the_last_run_of_each_desk_stands(floor, writer):
    ingest(writer, range(3))
    one, two, three = ids(floor)
    first = writer.keep_run("toy", "1", floor.position, {"list": "ab"}, {"signal": signals([[one], [two]])})
    second = writer.keep_run("toy", "2", floor.position, {}, {"signal": signals([[three]])})
    writer.keep_run("other", "1", floor.position, {}, {"signal": signals([])})
    assert floor.signals(READER)["evidence"].to_pylist() == [[three]]
    assert floor.signals(READER, as_of=first)["evidence"].to_pylist() == [[one], [two]]
    assert [(run.position, run.version, run.refs) for run in floor.runs("toy")] == [
        (first, "1", {"list": "ab"}),
        (second, "2", {}),
    ]
    with pytest.raises(NoView, match="not run for what public may see"):
        floor.signals(Reader("public", protected=0))
    assert not list(floor.verify())


def test_a_run_is_found_by_the_view_of_the_reader_and_equal_rows_are_kept_once(floor, writer):
    ingest(writer, range(3))
    one, two, _ = ids(floor)
    public = Reader("public", protected=0)
    view = floor.view(public, floor.position)
    whole = writer.keep_run("toy", "1", floor.position, {}, {"signal": signals([[one], [two]])})
    at = floor.runs("toy")[0].at_position
    writer.keep_run("toy", "1", at, {}, {"signal": signals([])}, view)
    assert (floor.signals(READER).num_rows, floor.signals(public).num_rows) == (2, 0)
    writer.keep_run("toy", "1", at, {}, {"signal": signals([[one], [two]])}, view)
    assert floor.runs("toy")[-1].kept == whole
    assert floor.view(READER, floor.position) == ""


def test_an_equal_run_is_not_written_again_and_a_different_one_is_noticed(floor, writer):
    ingest(writer, range(3))
    one, two, _ = ids(floor)
    made = {"signal": signals([[one], [two]])}
    first = writer.keep_run("toy", "1", floor.position, {}, made)
    again = writer.keep_run("toy", "1", floor.position, {}, made)
    runs = floor.runs("toy")
    assert (runs[1].position, runs[1].kept, runs[1].digest) == (again, first, runs[0].digest)
    assert floor.digest(made) == runs[0].digest != floor.digest({"signal": signals([[two], [one]])})
    assert floor.signals(READER).num_rows == 2


def test_a_desk_that_says_nothing_any_more_says_nothing(floor, writer):
    writer.keep_run("toy", "1", 1, {}, {"signal": signals([[bytes(16)]])})
    writer.keep_run("toy", "1", 1, {}, {"signal": signals([])})
    assert floor.signals(READER).num_rows == 0


def test_a_table_that_nobody_could_be_kept_from_is_refused(writer):
    with pytest.raises(ValueError, match="no column 'marking'"):
        writer.keep_run("toy", "1", 1, {}, {"signal": signals([]).drop_columns(["marking"])})


def test_runs_are_compacted_like_evidence(floor, writer):
    for n in range(3):
        writer.keep_run(f"toy{n}", "1", 1, {}, {"signal": signals([[bytes([n]) * 16]])})
    before = floor.signals(READER)
    assert writer.compact() == 3
    assert floor.signals(READER).equals(before)
    assert tamper.paths(floor, ".parquet")[0].startswith("derived/")
    assert not list(floor.verify())


def test_what_was_shown_is_kept(floor, writer):
    position = writer.shown("queue", b"d" * 32, b"<html>", [bytes(16)])
    (shown,) = floor.shown("queue")
    assert (shown.position, shown.digest, shown.content, shown.erased) == (
        position,
        b"d" * 32,
        b"<html>",
        None,
    )
    assert floor.shown("lead 1") == []
