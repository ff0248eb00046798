"""All that is packed in a file is found, and no bytes break the search."""

import gzip
import sqlite3
import zipfile
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.exercise import packed

WORD = b"Zebedeyko"
SAID = b"some text with Zebedeyko in it, long enough to pack"


def opened(place):
    """How each part was opened in which the word stands."""
    return [inside for inside, data in packed.parts(place) if WORD in data]


def squeezed(codec, data=SAID):
    return pa.compress(data, codec=codec, asbytes=True)


def frame(codec):
    """An LZ4 or Zstandard frame, which says what it is."""
    sink = pa.BufferOutputStream()
    with pa.output_stream(sink, compression=codec) as stream:
        stream.write(SAID * 9)
    return bytes(sink.getvalue())


PACKINGS = {
    "gzip": (gzip.compress(SAID), "f > gzip"),
    "zstd": (squeezed("zstd"), "f > zstd at 0"),
    "lz4": (frame("lz4"), "f > lz4 at 0"),
    "in the middle of a page": (bytes(100) + squeezed("zstd") + bytes(100), "f > zstd at 100"),
    "one in the other": (gzip.compress(squeezed("zstd")), "f > gzip > zstd at 0"),
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_what_is_packed_is_opened(tmp_path, packing):
    data, inside = PACKINGS[packing]
    (tmp_path / "f").write_bytes(data)
    assert inside in opened(tmp_path / "f")


def test_tables_are_read(tmp_path):
    word = WORD.decode()
    table = pa.table({"a": ["x"] * 999 + [word], "b": [[{"c": "y"}]] * 999 + [[{"c": word}]]})
    pq.write_table(table, tmp_path / "t.parquet", compression="zstd")
    with zipfile.ZipFile(tmp_path / "t.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "t.parquet", "t.parquet")
    with closing(sqlite3.connect(tmp_path / "t.sqlite")) as database:
        database.execute("CREATE TABLE t (a BLOB, b TEXT)")
        filler = bytes(range(256)) * 40  # so that the value spans pages, and no page holds its frame whole
        database.execute("INSERT INTO t VALUES (?, ?)", (squeezed("zstd", filler + WORD), "x"))
        database.commit()
    assert opened(tmp_path / "t.parquet")
    assert any("t.parquet > Parquet" in inside for inside in opened(tmp_path / "t.zip"))
    assert any("t.sqlite > t > zstd" in inside for inside in opened(tmp_path / "t.sqlite"))


def test_one_file_is_a_folder_of_one(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "f").touch()
    assert packed.files(tmp_path) == packed.files(tmp_path / "deep" / "f") == [tmp_path / "deep" / "f"]


@settings(max_examples=draws(60), deadline=None)
@given(
    st.sampled_from(
        [
            b"",
            b"PK",
            b"\x1f\x8b",
            b"PAR1",
            b"ARROW1",
            b"SQLite format 3\0",
            b"\xff\xff\xff\xff",
            b"\x28\xb5\x2f\xfd",
            b"\x04\x22\x4d\x18",
            bytes(257) + b"ustar",
        ]
    ),
    st.binary(max_size=400),
)
def test_no_bytes_break_it(head, data):
    (first, *_) = packed.unpacked("f", head + data)
    assert first == ("f", head + data)
