"""Reading PMTiles archives that are good, of another kind, damaged, or made to do harm."""

import gzip
import json
import sys
from io import BytesIO

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import (
    Compression,
    Entry,
    TileType,
    deserialize_header,
    serialize_directory,
    serialize_header,
)

from watchfloor.exchange.geo.feature import Feature, FileHead
from watchfloor.exchange.geo.tile_archive import TileArchive, TileArchiveError, problem, unpacked
from watchfloor.exchange.geo.tiles import write_pmtiles


def archive(marking="PB//TLP:AMBER"):
    """An archive as `share pmtiles` writes one."""
    made = BytesIO()
    some = [
        Feature(f"{n}", "", "", shapely.Point(-74 + n / 10, 45 + n / 10), None, marking) for n in range(9)
    ]
    write_pmtiles(FileHead("points", marking), some, made)
    return made.getvalue()


GOOD = archive()
HEAD = deserialize_header(GOOD[:127])


def remade(root=None, about=None, leaves=b"", **head):
    """The archive with another root directory, metadata, leaves or header."""
    data = GOOD[HEAD["tile_data_offset"] :]
    root = GOOD[HEAD["root_offset"] :][: HEAD["root_length"]] if root is None else root
    about = GOOD[HEAD["metadata_offset"] :][: HEAD["metadata_length"]] if about is None else about
    parts, at, said = (root, about, leaves, data), 127, dict(HEAD)
    for name, one in zip(("root", "metadata", "leaf_directory", "tile_data"), parts, strict=True):
        said |= {f"{name}_offset": at, f"{name}_length": len(one)}
        at += len(one)
    return serialize_header(said | head) + b"".join(parts)


def saying(**about):
    return gzip.compress(json.dumps({"vector_layers": []} | about).encode())


def varint(value):
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])


DEEP = gzip.compress(b'{"vector_layers":[],"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
BOMB = gzip.compress(bytes(1 << 25))
BAD = {
    "text": (b"a letter", "no-archive"),
    "no bytes": (b"", "no-archive"),
    "a page": (b"<!doctype html>" + bytes(200), "no-archive"),
    "version 2": (b"PMTiles\2" + GOOD[8:], "no-archive"),
    "pictures": (remade(tile_type=TileType.PNG), "no-vectors"),
    "MLT": (remade(tile_type=TileType.MLT), "no-vectors"),
    "unknown tiles": (GOOD[:99] + b"\x63" + GOOD[100:], "packed"),
    "brotli": (remade(tile_compression=Compression.BROTLI), "packed"),
    "directories not packed": (remade(internal_compression=Compression.NONE), "packed"),
    "cut off": (GOOD[:-1], "damaged"),
    "zooms": (remade(min_zoom=9, max_zoom=3), "damaged"),
    "no zooms": (remade(max_zoom=200), "damaged"),
    "a long root": (remade(root_length=1 << 62), "damaged"),
    "a far root": (remade(root_offset=1 << 63), "damaged"),
    "no root": (remade(root=bytes(40)), "damaged"),
    "a bomb for a root": (remade(root=BOMB), "damaged"),
    "two packed parts": (remade(root=serialize_directory([]) + BOMB), "damaged"),
    "more entries than bytes": (remade(root=gzip.compress(varint(1 << 60) + bytes(9))), "damaged"),
    "an endless number": (remade(root=gzip.compress(b"\x81" * 400_000)), "damaged"),
    "entries cut off": (remade(root=gzip.compress(varint(3) + bytes(12)[:-1] + b"\x80")), "damaged"),
    "a bomb for metadata": (remade(about=BOMB), "damaged"),
    "deep metadata": (remade(about=DEEP), "damaged"),
    "metadata of another kind": (remade(about=gzip.compress(b"[1]")), "damaged"),
    "no layers": (remade(about=gzip.compress(b"{}")), "damaged"),
    "a marking that is none": (remade(about=saying(marking="RESTRICTED")), "bad-marking"),
    "a tile that is none": (remade(root=serialize_directory([Entry(0, 3, 9, 1)])), "damaged"),
    "a long tile": (remade(root=serialize_directory([Entry(0, 0, 1 << 50, 1)])), "damaged"),
    "a tile beyond the end": (remade(root=serialize_directory([Entry(0, 1 << 62, 9, 1)])), "damaged"),
    "a number for a tile that is none": (
        remade(root=serialize_directory([Entry(1 << 63, 0, 9, 1)])),
        "damaged",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_used_says_why(name, tmp_path):
    path = tmp_path / "bad.pmtiles"
    content, why = BAD[name]
    path.write_bytes(content)
    found = problem(path)
    assert found is not None
    assert (found.message, found.params) == (f"tiles.{why}", {"file": str(path)})


def test_directories_that_lead_round_in_a_ring_are_followed_no_further(tmp_path):
    lengths = {length: serialize_directory([Entry(0, 0, length, 0)]) for length in range(20, 60)}
    (root,) = [one for length, one in lengths.items() if len(one) == length]  # it names its own length
    path = tmp_path / "ring.pmtiles"
    path.write_bytes(remade(root=root, leaves=root))
    assert problem(path).message == "tiles.damaged"


def test_a_file_or_a_library_that_is_not_there_is_told(tmp_path, monkeypatch):
    assert problem(tmp_path / "none").message == "tiles.no-file"
    assert problem(tmp_path).message == "tiles.no-file"
    (tmp_path / "good").write_bytes(GOOD)
    assert problem(tmp_path / "good") is None
    monkeypatch.setitem(sys.modules, "pmtiles.tile", None)
    monkeypatch.setitem(sys.modules, "pmtiles", None)
    assert problem(tmp_path / "good").message == "extras.missing"


def test_every_tile_is_read_as_the_library_reads_it(tmp_path):
    (tmp_path / "good").write_bytes(GOOD)
    found, get = TileArchive(tmp_path / "good"), MemorySource(GOOD)
    assert (found.layers, found.marking, found.zooms) == (("features",), "PB//TLP:AMBER", (0, 12))
    assert found.box == pytest.approx((-74, 45, -73.2, 45.8))
    tiles = dict(all_tiles(get))
    assert {at: found.tile(*at) for at in tiles} == tiles
    assert found.tile(12, 0, 0) is None
    assert found.tile(13, 0, 0) is found.tile(3, 8, 0) is None


def test_tiles_behind_leaves_are_found(tmp_path):
    get = MemorySource(GOOD)
    entries = TileArchive(write(tmp_path, GOOD))._directory(HEAD["root_offset"], HEAD["root_length"])
    half = len(entries) // 2
    leaves = [serialize_directory(some) for some in (entries[:half], entries[half:])]
    root = [Entry(0, 0, len(leaves[0]), 0), Entry(entries[half].tile_id, len(leaves[0]), len(leaves[1]), 0)]
    found = TileArchive(write(tmp_path, remade(root=serialize_directory(root), leaves=b"".join(leaves))))
    assert all(found.tile(*at) == tile for at, tile in all_tiles(get))


def write(folder, content):
    path = folder / "archive.pmtiles"
    path.write_bytes(content)
    return path


def test_tiles_that_are_not_packed_are_read_too(tmp_path):
    found = TileArchive(write(tmp_path, remade(tile_compression=Compression.NONE)))
    assert not found.packed
    assert found.tile(0, 0, 0) == Reader(MemorySource(GOOD)).get(0, 0, 0)


def test_a_tile_is_unpacked_only_as_far_as_one_goes():
    assert unpacked(gzip.compress(bytes(99)), 100) == bytes(99)
    with pytest.raises(ValueError, match="longer"):
        unpacked(BOMB, 1 << 20)


@given(st.data())
def test_no_damage_ends_otherwise_than_in_words(tmp_path_factory, data):
    flipped = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 6))):
        flipped[data.draw(st.integers(0, HEAD["tile_data_offset"] + 200))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("flipped") / "archive"
    path.write_bytes(flipped)
    try:
        found = TileArchive(path)
        found.check()
        for at, _ in all_tiles(MemorySource(GOOD)):
            found.tile(*at)
    except TileArchiveError:
        pass
