"""The process of readers: what it may not do, what ends it, and that the floor is free meanwhile."""

import os
import subprocess
import sys
import threading
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest
from tests.feeds.bombs import nested_forms
from tests.feeds.test_intake import ACTOR, GOOD
from tests.formats.samples import sample
from tests.formats.video.made import CAMERA

from watchfloor.core.kinds import JUDGEMENT
from watchfloor.feeds import intake, isolation, reader_process
from watchfloor.feeds.config import Feeds
from watchfloor.feeds.intake import Orders, Turns, ingest_all, tally
from watchfloor.feeds.isolation import ReaderEnded, ReaderFailed
from watchfloor.feeds.reader_process import HEAD, Pipe, Recipe, Request
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.reader_options import NOTHING, FileStatement
from watchfloor.formats.registry import FORMATS
from watchfloor.store import Floor

TEXT = b"Title: Boat\nDate: 2026-11-24\nReliability: B\n\nA boat was seen near the east bank.\n"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of processor time")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux filters the calls of a process")


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")


def read(name, data, file="file"):
    return list(isolation.read(Recipe(name, NOTHING), BytesIO(data), file))


def test_a_reader_stops_after_as_many_faults_as_are_kept(monkeypatch):
    monkeypatch.setattr(reader_process, "MAX_FAULTS", 3)
    data, sink = b"1 2\n" + b"x\n" * 100, BytesIO()
    pipe = Pipe(BytesIO(b"".join(HEAD.pack(b"D", len(part)) + part for part in (data, b"", b""))), sink)
    limits = SimpleNamespace(hold=lambda *_: None, lift=lambda: None, code=0, base=0)
    request = Request(Recipe("spectrum-text", NOTHING), "file", len(data), None, None, 1.0, 1)
    reader_process.answer(pipe, request, limits)
    told = [what for what, _ in reader_process.frames(BytesIO(sink.getvalue()))]
    assert [what for what in told if what != b"N"] == [*[b"F"] * 3, b"E"]


def test_formats_read_in_place_are_formats_and_every_other_one_is_read_apart():
    assert FORMATS.keys() >= isolation.IN_PLACE
    apart = {"report-pdf", "report-eml", "report-docx", "detection-parquet", "ofac-xml", "dicos", "mzml"}
    assert not apart & isolation.IN_PLACE


def test_what_is_read_apart_is_what_the_format_reads():
    mine = list(FORMATS["report-form"].read(BytesIO(TEXT), "file"))
    assert [one.rows for one in mine] == [one.rows for one in read("report-form", TEXT)]
    assert all(isinstance(one, Batch) for one in mine)


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - isolation.IN_PLACE))
def test_a_sound_file_of_every_format_is_read_as_it_is_in_place(name):
    recipe = Recipe(name, FileStatement(base_time=datetime(2026, 11, 24, tzinfo=UTC), camera=CAMERA))
    mine = list(recipe.form().read(BytesIO(sample(name)), "file"))
    theirs = list(isolation.read(recipe, BytesIO(sample(name)), "file"))
    assert [(one.kind, one.rows) for one in theirs if isinstance(one, Batch)] == [
        (one.kind, one.rows) for one in mine if isinstance(one, Batch)
    ]
    assert [one for one in theirs if isinstance(one, Fault)] == [
        one for one in mine if isinstance(one, Fault)
    ]


@POSIX
def test_time_and_memory_end_a_reader_and_the_next_file_is_read(monkeypatch):
    with pytest.raises(ReaderEnded):
        read("report-pdf", nested_forms(9))
    monkeypatch.setattr(isolation, "SECONDS", 0.1)
    with pytest.raises(ReaderEnded, match=r"0\.\d seconds"):
        read("report-pdf", nested_forms(9, last=b""))
    monkeypatch.undo()
    assert read("report-form", TEXT)


@LINUX
def test_the_process_opens_no_connection_starts_no_program_and_knows_no_password(monkeypatch):
    for name in ("BROKER_PASSWORD", "PATHFINDER_PASSWORD", "TMP_TOKEN", "HOME_KEY"):
        monkeypatch.setenv(name, "secret")
    isolation.close()
    read("report-form", TEXT)
    (process,) = isolation._waiting
    pid = process._process.pid
    assert b"secret" not in Path(f"/proc/{pid}/environ").read_bytes()
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")
    tries = (
        "import os, socket, subprocess, sys",
        "from watchfloor.feeds.reader_process import forbid",
        "assert forbid()",
        "for work in (socket.socket, lambda: subprocess.run(['true']), lambda: os.kill(1, 0)):",
        "    try: work()",
        "    except PermissionError: continue",
        "    sys.exit(str(work))",
    )
    subprocess.run([sys.executable, "-c", "\n".join(tries)], check=True)


@POSIX
def test_the_floor_is_free_while_a_file_is_read_apart_and_the_ingest_goes_on(floor, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text(GOOD, "utf-8")
    (folder / "b.pdf").write_bytes(nested_forms(8))
    (folder / "c.csv").write_text(GOOD.replace("1,", "7,"), "utf-8")
    (folder / "d.txt").write_bytes(TEXT)
    written = []

    def look(name, _rows):
        if name.endswith("b.pdf") and not written:
            with floor.writer(ACTOR) as other:  # raises where the ingest holds the lock
                written.append(other.act("test", {}))

    with Turns(partial(floor.writer, ACTOR)) as turns:
        sums = tally(ingest_all(turns, [folder], Feeds(), Orders(), look))
    assert written
    assert [one.account.accepted for one in sums.taken] == [2, 0, 2, 1]
    (piece,) = floor.quarantine()
    assert (piece.name.rpartition("/")[2], piece.rest) == ("b.pdf", True)


def test_small_files_share_a_turn_and_are_stored_as_one_by_one(floor, tmp_path, monkeypatch):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(7):
        (folder / f"r{number}.txt").write_bytes(TEXT.replace(b".", b" %d." % number, 1))
    (folder / "r3.txt").write_bytes(b"")  # no delivery
    (folder / "r5.csv").write_text(GOOD, "utf-8")  # read in place, as the writer holds the floor

    def ingested(ahead):
        monkeypatch.setattr(intake, "AHEAD", ahead)
        made = Floor.create(tmp_path / f"floor{ahead}", ACTOR)
        taken = []

        def take():
            taken.append(1)
            return made.writer(ACTOR)

        with Turns(take) as turns:
            sums = tally(ingest_all(turns, [folder], Feeds()))
        return [(one.name, one.account, one.position) for one in sums.taken], sums.aside, len(taken)

    alone, aside, turns = ingested(1)
    assert len(alone) == 7
    assert [one.name.rpartition("/")[2] for one in aside] == ["r3.txt"]
    assert (*ingested(4)[:2], turns) == (alone, aside, 7)
    assert ingested(4 * 64)[2] == 3


@POSIX
def test_who_stops_an_ingest_ends_its_reader_and_frees_the_floor(floor, tmp_path):
    path = tmp_path / "b.pdf"
    path.write_bytes(nested_forms(8) + b"%" + b" " * (4 << 20))  # so large that its reader may take long

    def stop(_name, _rows):
        raise RuntimeError("stop")

    with Turns(partial(floor.writer, ACTOR)) as turns, pytest.raises(RuntimeError):
        tally(ingest_all(turns, [path], Feeds(), Orders(), stop))
    assert not isolation._waiting
    with floor.writer(ACTOR):
        assert not floor.deliveries()


def test_a_process_whose_starter_is_another_is_not_used(monkeypatch):
    read("report-form", TEXT)
    (process,) = isolation._waiting
    monkeypatch.setattr(process, "owner", os.getpid() + 1)
    with nullcontext(isolation._borrowed()) as other:
        assert other is not process
        other.end()
    process.end()


def sent(kind, rows):
    """Rows as a process of readers sends them."""
    sink = pa.BufferOutputStream()
    sink.write(f"{kind}\n".encode())
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return sink.getvalue().to_pybytes()


def test_rows_of_a_kind_a_column_a_type_or_a_marking_that_no_reader_gives_are_refused():
    (batch,) = read("report-form", TEXT)
    rows, kinds = batch.rows, FORMATS["report-form"].kinds
    assert isolation._batch(sent("report", rows), kinds).rows == rows
    at = rows.schema.get_field_index("locator")
    no_ids = pa.nulls(rows.num_rows, pa.binary(32))
    for wrong in (
        sent("judgement", JUDGEMENT.body.empty_table()),
        sent("no kind", rows),
        sent("report", rows.append_column("record_id", no_ids)),
        sent("report", rows.append_column("source", pa.array(["live"]))),
        sent("report", rows.append_column("marking", pa.array(["above all"]))),
        sent("report", rows.append_column("marking", pa.nulls(1, pa.string()))),
        sent("report", rows.drop_columns(["locator"])),
        sent("report", rows.set_column(at, "locator", pa.nulls(1, pa.string()))),
        sent("report", rows.set_column(at, "locator", pa.array([b"\xff"]))),
        b"report\n" + b"\xff" * 32,
    ):
        with pytest.raises(ReaderFailed):
            isolation._batch(wrong, kinds)
    with pytest.raises(ReaderFailed):
        isolation._fault(b"\xc1")


def test_a_frame_of_absurd_length_is_the_end_of_its_reader_and_makes_no_room():
    pipe = Pipe(BytesIO(HEAD.pack(b"B", 1 << 62) + b"x"), BytesIO())
    with pytest.raises(EOFError):
        pipe.receive(1 << 20)


def test_a_stop_that_comes_with_the_last_answer_stops_and_the_next_file_has_another_reader(monkeypatch):
    asked, answered = threading.Event(), threading.Event()
    usual = isolation._Process._ended

    def ended(self, payload):
        usual(self, payload)
        assert asked.wait(60)
        answered.set()

    def tick():
        asked.set()
        assert answered.wait(60)
        raise RuntimeError("stop")

    monkeypatch.setattr(isolation._Process, "_ended", ended)
    monkeypatch.setattr(isolation, "LOOKS", 0.001)
    with pytest.raises(RuntimeError):
        list(isolation.read(Recipe("report-form", NOTHING), BytesIO(TEXT), "file", tick))
    monkeypatch.undo()
    assert read("report-form", TEXT)


def test_a_reader_that_somebody_ended_while_it_waited_is_no_fault_of_the_next_file():
    read("report-form", TEXT)
    (process,) = isolation._waiting
    process._process.kill()
    process._process.wait()
    assert read("report-form", TEXT)


def test_who_waits_for_a_file_to_be_read_is_told_how_many_rows_were(monkeypatch):
    (batch,) = FORMATS["report-form"].read(BytesIO(TEXT), "file")
    junk = b"report\n" + b"no Arrow"
    said = []

    def asked(_recipe, _raw, _size, _name, _locator, tick):
        for payload in (sent(batch.kind, batch.rows), sent(batch.kind, batch.rows), junk):
            tick()
            yield b"B", payload
        tick()

    monkeypatch.setattr(isolation, "_asked", asked)
    isolation.spool(Recipe("report-form"), BytesIO(TEXT), "file", None, said.append).close()
    assert said == [0, batch.rows.num_rows, 2 * batch.rows.num_rows, 2 * batch.rows.num_rows]
