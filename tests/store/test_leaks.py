"""What is left of an erased person, and what is shown of a hidden one, in every byte of everything."""

import gzip
import shutil
import sqlite3
import zipfile
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks.leaks import scenario
from benchmarks.leaks.bytes import Words, search
from benchmarks.leaks.scenario import OTTOLINE, ZEBEDEE, call, erased, lived_in, reading_as, shown_to
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.store import Floor

WORD = "Zebedeyko"
WANTED = Words([WORD])


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A floor on which everything was done."""
    return lived_in(tmp_path_factory.mktemp("lived"), 0.02)


@pytest.fixture
def floor(lived, tmp_path):
    """A copy of it."""
    return scenario.Floor(shutil.copytree(lived.root, tmp_path / "floor"), lived.exports)


def test_the_search_finds_both_before(floor):
    """The control: a search that finds nothing proves nothing unless it finds what is there."""
    for person in (ZEBEDEE, OTTOLINE):
        hits = search(floor.root, Words(person.words))
        assert {hit.word for hit in hits} >= {person.key, person.name, person.born, person.passport}
        assert {hit.file.split("/")[0] for hit in hits} >= {"catalogue.sqlite", "segments"}


def test_nothing_of_an_erased_person_is_left_in_any_byte(floor, tmp_path):
    erased(floor, ZEBEDEE)
    assert search(floor.root, Words(ZEBEDEE.words)) == []
    assert search(floor.root, Words(OTTOLINE.words)) != []
    assert list(Floor.open(floor.root).verify()) == []
    with reading_as("wide"):
        call("run", "--floor", floor.root)
        call("compact", "--floor", floor.root)
        call("backup", tmp_path / "after.tar", "--floor", floor.root)
    assert search(floor.root, Words(ZEBEDEE.words)) == []
    assert search(tmp_path / "after.tar", Words(ZEBEDEE.words)) == []


def test_tomorrows_delivery_does_not_bring_an_erased_person_back(floor, lived):
    erased(floor, ZEBEDEE)
    feeds = lived.root.parent / "feeds"
    with reading_as("wide"):
        call("ingest", feeds / "leaks.csv", feeds / f"{ZEBEDEE.key}.txt", "--floor", floor.root)
    left = {(hit.word, hit.inside.rpartition(" > ")[2]) for hit in search(floor.root, Words(ZEBEDEE.words))}
    # the row that nobody can read waits in quarantine, since nobody can tell whom it is about; and a file
    # that is named after somebody names somebody again
    assert {inside for _, inside in left} <= {"catalogue.sqlite", "quarantine", "log", "deliveries"}
    with reading_as("wide"):
        found = [each["subject"] for each in scenario.lines("leads", "--floor", floor.root)]
    assert ZEBEDEE.subject not in found
    assert Floor.open(floor.root).deliveries("leaks")[-1].withheld == {"erased from this floor before": 1}


def test_a_reader_is_shown_nothing_of_who_is_hidden(floor, tmp_path):
    hidden = Words(OTTOLINE.words)
    assert search(shown_to("narrow", floor, tmp_path / "narrow"), hidden) == []
    assert search(shown_to("wide", floor, tmp_path / "wide"), hidden) != []


def test_an_erasure_says_what_it_could_not_reach(floor):
    told = erased(floor, ZEBEDEE)
    assert f"{ZEBEDEE.subject}-other, which somebody judged to be the same" in told
    assert "a weight table was fitted on it" in told
    assert "Backups and what recipients got are out of this floor's reach" in " ".join(told.split())


def _zstd(data):
    return pa.compress(data, codec="zstd", asbytes=True)


PACKINGS = {
    "as it is": lambda data: data,
    "UTF-16": lambda data: data.decode("utf-8").encode("utf-16-le"),
    "upper case": lambda data: data.upper(),
    "gzip": gzip.compress,
    "zstd": _zstd,
    "zstd in the middle of a page": lambda data: bytes(100) + _zstd(data) + bytes(100),
    "zstd in gzip": lambda data: gzip.compress(_zstd(data)),
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_the_search_opens(tmp_path, packing):
    (tmp_path / "file").write_bytes(PACKINGS[packing](b"some text with Zebedeyko in it, long enough to pack"))
    assert {hit.word for hit in search(tmp_path, WANTED)} == {WORD}


def test_the_search_reads_tables(tmp_path):
    table = pa.table({"a": ["x"] * 999 + [WORD], "b": [[{"c": "y"}]] * 999 + [[{"c": WORD}]]})
    pq.write_table(table, tmp_path / "t.parquet", compression="zstd")
    with zipfile.ZipFile(tmp_path / "t.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(tmp_path / "t.parquet", "t.parquet")
    with closing(sqlite3.connect(tmp_path / "t.sqlite")) as database:
        database.execute("CREATE TABLE t (a BLOB)")
        database.execute("INSERT INTO t VALUES (?)", (_zstd(b"y" * 9_000 + WORD.encode()),))
        database.commit()
    assert {hit.file for hit in search(tmp_path, WANTED)} == {"t.parquet", "t.zip", "t.sqlite"}


def test_a_name_of_a_file_is_searched(tmp_path):
    (tmp_path / f"{WORD}.txt").touch()
    assert [hit.inside for hit in search(tmp_path, WANTED)] == ["its name"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_search(tmp_path_factory, data):
    place = tmp_path_factory.mktemp("fuzz") / "file"
    for head in (
        b"",
        b"PK",
        b"\x1f\x8b",
        b"PAR1",
        b"SQLite format 3\0",
        b"\xff\xff\xff\xff",
        b"\x28\xb5\x2f\xfd",
    ):
        place.write_bytes(head + data)
        assert search(place, WANTED) == []
