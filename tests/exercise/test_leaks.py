"""The search for leaks finds a needle in every form in which a file may hold it, and no other."""

import gzip
import io
import json
import sqlite3
import struct
import tarfile
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.exercise import leaks
from watchfloor.exercise.leaks import Needles, needles, search
from watchfloor.exercise.nodes import NODES, make

TEXT, NUMBER = "rent of Åsa Lindqvist-Roy", 4137.29
WANTED = Needles({TEXT: (TEXT,)}, frozenset({NUMBER}))
BOTH = {TEXT, NUMBER}


def parquet(codec="zstd"):
    table = pa.table({"memo": [TEXT, "x"], "amount": pa.array([NUMBER, 1.5]), "list": [[1.0], [NUMBER]]})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression=codec)
    return bytes(sink.getvalue())


def arrow(new):
    table = pa.table({"memo": pa.array([TEXT]).dictionary_encode(), "amount": pa.array(["4137.29"])})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with new(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def zstd(data):
    return pa.compress(data, codec="zstd", asbytes=True)


def tar(data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("part")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("part", data)
    return out.getvalue()


PLAIN = f"{TEXT}\n{NUMBER}".encode()
FORMS = {
    "plain": PLAIN,
    "json": json.dumps({"memo": TEXT, "amount": NUMBER}).encode(),
    "two decimals": f"{TEXT} 4137.2900".encode(),
    "binary": TEXT.encode() + struct.pack("<d", NUMBER),
    "zstd": zstd(PLAIN),
    "gzip": gzip.compress(PLAIN),
    "zip": zipped(PLAIN),
    "tar": tar(PLAIN),
    "parquet": parquet(),
    "parquet snappy": parquet("snappy"),
    "arrow file": arrow(pa.ipc.new_file),
    "arrow stream": arrow(pa.ipc.new_stream),
    "one in the other": zstd(tar(gzip.compress(parquet()))),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_needle_is_found_in_every_form(form, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(FORMS[form])
    found = search(tmp_path, WANTED)
    assert set(found.hits) == BOTH
    assert set(found.hits.values()) == {"deep/file"}
    assert found.files == 1


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_needle_is_found_in_a_database_and_in_what_is_not_yet_in_it(journal, tmp_path):
    database = sqlite3.connect(tmp_path / "c.sqlite")
    database.execute(f"PRAGMA journal_mode = {journal}")
    database.execute("CREATE TABLE kept (data BLOB, said TEXT)")
    database.commit()
    if journal == "wal":
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA wal_autocheckpoint = 0")
    filler = bytes(range(256)) * 40  # so that the blob spans pages, and no page holds it whole
    database.execute("INSERT INTO kept VALUES (?, ?)", (zstd(filler + PLAIN), "x" * 9000))
    database.commit()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    found = search(tmp_path, WANTED)
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    database.close()
    assert set(found.hits) == BOTH
    assert after == before


def test_nothing_is_found_where_nothing_is(tmp_path):
    near = f"rent of Asa Lindqvist {NUMBER + 0.01} 14137.29 4137.295".encode()
    (tmp_path / "file").write_bytes(zstd(near))
    assert search(tmp_path, WANTED).hits == {}


def test_a_file_that_only_begins_like_one_of_a_form_is_searched_as_it_is(tmp_path):
    for number, start in enumerate((b"PAR1", b"\x28\xb5\x2f\xfd", b"\x1f\x8b", b"PK\x03\x04", b"ARROW1")):
        (tmp_path / f"{number}").write_bytes(start + PLAIN)
    (tmp_path / "sqlite").write_bytes(b"SQLite format 3\x00" + PLAIN)
    assert set(search(tmp_path, WANTED).hits) == BOTH


def test_forms_of_one_needle_are_one_needle(tmp_path):
    (tmp_path / "file").write_bytes(b"account:account:999000010000001")
    wanted = Needles(
        {"999-00001-0000001": ("999-00001-0000001", "account:account:999000010000001")}, frozenset()
    )
    assert set(search(tmp_path, wanted).hits) == {"999-00001-0000001"}
    assert wanted.among(["999-00001-0000001", "other"]) == 1


def test_the_needles_of_a_node_are_all_in_its_feeds_and_none_is_in_the_cell_s(tmp_path):
    made = make(tmp_path / "exercise", seed=5, scale=0.2)
    some = [node for node in NODES if node.name in ("bank-a", "bank-b", "laboratory", "targeting")]
    for node in some:
        wanted = needles(made, node.name)
        assert wanted.count > 100
        assert len(search(made.feeds(node.name), wanted).hits) == wanted.count
        assert search(made.feeds("cell"), wanted).hits == {}
        for other in some:
            if other is not node:
                shared = search(made.feeds(other.name), wanted).hits
                assert not [one for one in shared if isinstance(one, str) and one.startswith("person:")]


@settings(max_examples=draws(150), deadline=None)
@given(
    st.lists(st.text("abé\n", min_size=6, max_size=9), min_size=1, max_size=8, unique=True),
    st.binary(max_size=60),
    st.lists(st.text("abé\n", min_size=4, max_size=9), max_size=6),
)
def test_all_needles_are_found_and_no_other(texts, noise, told):
    """Oracle: Python's own search, one needle at a time."""
    piece = noise + "".join(told).encode() + noise
    wanted = leaks.Needles({text: (text,) for text in texts}, frozenset())
    index = leaks._index({text.encode(): text for text in texts})
    found = set(leaks._found(piece, index, wanted.numbers))
    assert found == {text for text in texts if text.encode() in piece}


def test_a_needle_across_the_end_of_a_chunk_is_found(monkeypatch):
    monkeypatch.setattr(leaks, "_CHUNK", 10)
    index = leaks._index({b"0123456789": "x", b"abcdef": "y"})
    for before in range(25):
        piece = b"." * before + b"0123456789" + b"." * 7 + b"abcdef"
        assert list(leaks._found(piece, index, frozenset())) == ["x", "y"]
