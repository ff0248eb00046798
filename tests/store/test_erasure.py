import errno
import os
import sqlite3
import sys
from contextlib import contextmanager
from datetime import date
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.store.proven import proves
from tests.store.rows import READER, ingest, parties
from tests.thorough import draws

from watchfloor.core.derived import SIGNAL
from watchfloor.formats.base import Fault
from watchfloor.store import Erased, Floor, ReadOnlyFloor, StoreFull, UnknownRecord, catalogue, files
from watchfloor.store.backup import backup, restore
from watchfloor.store.erasure import subject_index
from watchfloor.store.erasure.holds import Hold, detail


def ids(floor):
    return floor.read("party", READER)["record_id"].to_pylist()


def signals(evidence):
    """A signal for each list of records."""
    rows = [
        {
            "row_id": n.to_bytes(16, "big"),
            "revision": 0,
            "at": 0,
            "retracted": False,
            "desk": "toy",
            "rule": "seen",
            "subjects": ["person:feed:1"],
            "strength": "match",
            "reason": {"message": "toy", "params": "{}"},
            "evidence": each,
            "coverage": [],
            "origins": [],
            "marking": "PB//TLP:AMBER",
        }
        for n, each in enumerate(evidence)
    ]
    return pa.Table.from_pylist(rows, schema=SIGNAL)


def holds(root, text):
    """Files of the floor in which the text can be found, decompressed or not."""
    return [p.name for p in root.rglob("*") if p.is_file() and text in p.read_bytes()]


@pytest.mark.usefixtures("small_segments")
@settings(max_examples=draws(6), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 45), st.booleans(), st.sets(st.integers(0, 46), min_size=1))
@example(1, False, {0, 1, 2})  # small segments of which nothing is left to compact
def test_an_erasure_takes_the_rows_and_leaves_every_proof(tmp_path_factory, actor, count, compact, chosen):
    floor = Floor.create(tmp_path_factory.mktemp("floors") / "floor", actor)
    with floor.writer(actor) as writer:
        ingest(writer, range(count))
        writer.append("party", parties([100, 101]))
        every = ids(floor)
        gone = list(dict.fromkeys(every[n % len(every)] for n in chosen))
        proofs = {each: floor.prove(each) for each in every}
        root = floor.log_root()
        if compact:
            writer.compact()
        erasure = writer.erase(gone, "a court ordered it")
        writer.compact()
    assert erasure.records == len(gone)
    assert ids(floor) == [each for each in every if each not in gone]
    assert all(proves(proof, root) for proof in proofs.values())
    for each in every:
        if each in gone:
            with pytest.raises(UnknownRecord):
                floor.prove(each)
        else:
            proof = floor.prove(each)
            assert proves(proof, floor.log_root())
    assert not list(floor.verify())


@pytest.mark.usefixtures("small_segments")
@pytest.mark.folder
def test_nothing_of_an_erased_record_is_left_anywhere(floor, actor, writer):
    """Small and large, in catalogue and in files; the write-ahead log too."""
    ingest(writer, [1], name="Zebedee Quark ", raw=b"Zebedee Quark 1")
    ingest(writer, [2, *range(10, 40)], name="Ottoline Vex ")
    for n in range(30):
        writer.append("party", parties([50 + n], name="Perpetua Onyx "), original=b"Perpetua Onyx")
    writer.shown("queue", bytes(32), b"Zebedee Quark is on a list", ids(floor)[:1])
    assert holds(floor.root, b"Zebedee Quark is on")
    writer.erase(ids(floor), "all of it")
    for name in (b"Zebedee", b"Ottoline", b"Perpetua"):
        assert holds(floor.root, name) == []
    assert floor.read("party", READER).num_rows == 0
    (shown,) = floor.shown("queue")
    assert shown.content is None
    assert not list(floor.verify())


def test_an_erasure_takes_many_small_segments_for_one_table(floor, writer, monkeypatch):
    looked, texts = [], subject_index.texts
    monkeypatch.setattr(subject_index, "texts", lambda table: looked.append(table.num_rows) or texts(table))
    tables, rows = [], []
    for first, last in ((0, 5), (5, 60)):
        for n in range(first, last):
            writer.append("party", parties([n]))
            derived = {"signal": signals([[one] for one in ids(floor)])}
            writer.keep_run("toy", "1", floor.position, {}, derived)
        looked.clear()
        gone = ids(floor)[2:4]
        assert writer.erase(gone, "asked").derived >= 2
        assert not {*gone} & {one for each in floor.signals(READER)["evidence"].to_pylist() for one in each}
        tables.append(len(looked))
        rows.append(sum(looked))
    assert tables[0] == tables[1]
    assert rows[0] < rows[1], "all rows are looked through"
    assert not list(floor.verify())


def test_derived_rows_and_only_those_that_rest_on_it_go(floor, writer):
    ingest(writer, range(4))
    one, two, three, four = ids(floor)
    writer.keep_run("toy", "1", floor.position, {}, {"signal": signals([[one], [two, three], [four]])})
    result = writer.erase([three], "asked")
    assert result.derived == 1
    assert sorted(floor.signals(READER)["evidence"].to_pylist()) == sorted([[one], [four]])
    assert not list(floor.verify())


def test_the_original_goes_with_the_record_and_says_so(floor, writer):
    first = ingest(writer, [1, 2], raw=b"1 and 2")
    daily = ingest(writer, [1, 2, 3], raw=b"1, 2 and 3")
    other = ingest(writer, [4], raw=b"4")
    result = writer.erase(ids(floor)[:1], "asked")
    assert result.deliveries == 2
    for intake in (first, daily):  # the second only repeated it
        with pytest.raises(Erased, match=f"erased at position {result.position}"):
            floor.delivered(intake.digest)
    assert floor.delivered(other.digest).read() == b"4"


def test_what_was_erased_does_not_come_back(floor, writer):
    ingest(writer, [1, 2])
    writer.erase(ids(floor)[:1], "asked")
    again = ingest(writer, [1, 2, 3], raw=b"the next day's list")
    assert again.account == (3, 1, 1, 0, 1)
    assert floor.deliveries()[-1].withheld == {"erased from this floor before": 1}
    with pytest.raises(Erased):  # those bytes hold the record again, so they are not kept
        floor.delivered(again.digest)
    assert not list(floor.verify())


def test_the_quarantined_piece_it_was_read_from_goes(floor, writer):
    with writer.delivery("feed", "d", BytesIO(b"bytes")) as intake:
        intake.quarantine([Fault("line 1", "no date", b"Zebedee"), Fault("line 2", "no date", b"Ottoline")])
    first, second = floor.quarantine()
    with writer.again(intake.position, [first.id]) as retry:
        retry.accept("party", parties([1]))
    writer.erase(ids(floor), "asked")
    assert floor.quarantined(first.id).raw is None
    assert floor.quarantined(second.id).raw == b"Ottoline"
    assert not list(floor.verify())


def test_records_expire_by_their_marking(floor, writer):
    ingest(writer, [1], marking="PB//TLP:AMBER//UNTIL:2026-06-30")
    ingest(writer, [2], marking="PB//TLP:AMBER//UNTIL:2026-07-01")
    ingest(writer, [3])
    assert writer.expire(date(2026, 6, 30)) == (None, [])
    gone, kept = writer.expire(date(2026, 7, 1))
    assert (gone.records, kept) == (1, [])
    assert floor.read("party", READER)["name"].to_pylist() == ["name2", "name3"]


def test_refusals(floor, writer):
    ingest(writer, [1, 2])
    record_id, other = ids(floor)
    position = floor.position
    with pytest.raises(ValueError, match="reason"):
        writer.erase([record_id], " ")
    with pytest.raises(UnknownRecord, match="no record 0000"):
        writer.erase([record_id, bytes(16)], "asked")
    assert floor.position == position
    writer.erase([record_id], "asked")
    with pytest.raises(Erased, match="erased already"):
        writer.erase([other, record_id], "asked")
    assert ids(floor) == [other]


@pytest.mark.folder
@pytest.mark.usefixtures("small_segments")
@pytest.mark.parametrize("at", range(4))
def test_a_full_disk_leaves_nothing_half_erased(floor, actor, writer, monkeypatch, at):
    """Whichever write fails, rows, log, originals and acts are as they were; and then it works."""
    ingest(writer, range(40))
    floor.act(actor, "query", {"words": "name3"})
    before, position, acts = floor.read("party", READER), floor.position, floor.acts()
    calls, real = 0, files.os.fsync

    def fsync(descriptor):
        nonlocal calls
        calls += 1
        if calls > at:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(files.os, "fsync", fsync)
    with pytest.raises(StoreFull, match="nothing half-written was kept"):
        writer.erase(ids(floor)[3:25:7], "asked")
    monkeypatch.setattr(files.os, "fsync", real)
    assert floor.position == position
    assert floor.acts() == acts
    assert floor.read("party", READER).equals(before)
    assert floor.deliveries()[0].erased is None
    assert not list(floor.verify())
    assert writer.erase(ids(floor)[3:25:7], "asked").records == 4
    assert not list(floor.verify())


@pytest.mark.folder
def test_a_full_disk_in_the_transaction_leaves_nothing_half_erased(floor, actor, writer, monkeypatch):
    ingest(writer, [1, 2])
    floor.act(actor, "query", {"words": "name1"})
    position, acts = floor.position, floor.acts()

    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("watchfloor.store.erasure.erasing.log.append", full)
        with pytest.raises(sqlite3.OperationalError):
            writer.erase(ids(floor)[:1], "asked")
    assert (floor.position, floor.acts()) == (position, acts)
    assert floor.deliveries()[0].erased is None
    assert writer.erase(ids(floor)[:1], "asked").acts == 1


@pytest.mark.folder
def test_a_reader_at_work_keeps_old_pages_and_is_told_of(floor, writer):
    ingest(writer, [1], name="Zebedee Quark ")
    with catalogue.snapshot(floor.root) as reading:
        reading.execute("SELECT count(*) FROM log").fetchone()
        with floor_writer_patience(writer):
            assert writer.erase(ids(floor), "asked").settled is False
    writer.compact()
    assert holds(floor.root, b"Zebedee") == []


@contextmanager
def floor_writer_patience(writer):
    """The writer waits for readers no longer than a test does."""
    writer._database.execute("PRAGMA busy_timeout = 100")
    yield
    writer._database.execute("PRAGMA busy_timeout = 30000")


@pytest.mark.folder
@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_floor_that_may_only_be_read_erases_nothing(floor, actor, writer):
    ingest(writer, [1])
    writer.close()
    for place in (floor.root, *floor.root.rglob("*")):
        place.chmod(0o500 if place.is_dir() else 0o400)
    with pytest.raises(ReadOnlyFloor):
        floor.writer(actor).erase(ids(floor), "asked")


def test_a_restored_backup_follows_erasures_whatever_held_them_then(floor, actor, writer, tmp_path):
    """What was used, or under a hold that was lifted since, is erased again from an old backup."""
    ingest(writer, [1, 2])
    hold = floor.act(actor, "hold", detail(Hold(0, None, "T-1", "J", "PB", subjects=("person:feed:1",))))
    backup(floor, tmp_path / "old.tar", actor, to=())
    floor.act(actor, "hold-lifted", {"hold": hold, "why": "over"})
    first, second = ids(floor)
    writer.erase([first], "asked")
    restore(tmp_path / "old.tar", tmp_path / "restored", actor, erasures=floor)
    assert ids(Floor.open(tmp_path / "restored")) == [second]
