"""Reading a PMTiles 3 archive of vector tiles: what it has, and one tile at a time.

Whatever the file says, a read is bounded: a directory and a tile are unpacked only as far as a good one goes.
"""

import re
import zlib
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import msgspec

from watchfloor.core.extras import MissingExtraError, optional
from watchfloor.core.marking import MarkingError, parse
from watchfloor.core.messages import Message, Reason, declare, reason

HEAD: Final = 127
"""Bytes of the header (section 3 of the specification, version 3)."""
DIRECTORY: Final = 1 << 19
"""Bytes of a directory: one of 25,000 tiles, as a map of the world has them, is 150 kB."""
METADATA: Final = 1 << 22
TILE: Final = 1 << 23
"""Bytes of a tile; those of a base map are below 1 MB."""
LEAST_ENTRY: Final = 4
"""Bytes of an entry of a directory: four numbers of a byte or more."""
DEPTH: Final = 4
"""Directories between the root and a tile, itself among them."""
DEEPEST: Final = 24
"""Zoom beyond which maps ask for no tiles."""
LAYERS: Final = 100
LONGEST: Final = 100
"""Characters of a layer's name."""
ENDLESS: Final = re.compile(rb"[\x80-\xff]{10}")
"""A number of a directory that goes on beyond 64 bits."""
CACHED: Final = 16
"""Directories that are kept, of 25 MB at most."""
WORLD: Final = (-180.0, -90.0, 180.0, 90.0)

NO_FILE: Final = declare("tiles.no-file", "file")
NO_ARCHIVE: Final = declare("tiles.no-archive", "file")
NO_VECTORS: Final = declare("tiles.no-vectors", "file")
PACKED: Final = declare("tiles.packed", "file")
DAMAGED: Final = declare("tiles.damaged", "file")
BAD_MARKING: Final = declare("tiles.bad-marking", "file")


class TileArchiveError(Exception):
    """An archive cannot be used; the reason says why."""

    def __init__(self, why: Reason) -> None:
        self.reason = why
        super().__init__(str(why))


class _Layer(msgspec.Struct):
    id: str


class _Metadata(msgspec.Struct):
    vector_layers: list[_Layer]
    attribution: str | None = None
    marking: str | None = None


class TileArchive:
    """An archive of vector tiles in a file, which is opened for each read: another may take its place.

    Attributes:
        layers: names of what its tiles have.
        marking: of an archive that `share pmtiles` wrote; empty of any other.
        attribution: whose data it is, as its maker says; HTML.
        zooms: the first and the last that it has.
        box: west, south, east and north, in degrees.
        packed: whether its tiles are packed with gzip.
    """

    def __init__(self, path: Path) -> None:
        """Read what an archive has.

        Raises:
            TileArchiveError: it is not there, is none, holds pictures, or is damaged.
            MissingExtraError: pmtiles is not installed.
        """
        with optional():
            from pmtiles.tile import (
                Compression,
                MagicNumberNotFound,
                SpecVersionUnsupported,
                TileType,
                deserialize_header,
            )
        self.path = path
        try:
            size = path.stat().st_size
            self._head: dict[str, Any] = {**deserialize_header(self._read(0, HEAD))}
        except OSError:
            raise self._error(NO_FILE) from None
        except (MagicNumberNotFound, SpecVersionUnsupported, UnicodeDecodeError, EOFError):
            raise self._error(NO_ARCHIVE) from None
        except ValueError:  # a kind of tile or of packing that nobody knows
            raise self._error(PACKED) from None
        head = self._head
        if head["tile_type"] != TileType.MVT:
            raise self._error(NO_VECTORS)
        self.packed = head["tile_compression"] == Compression.GZIP
        if not self.packed and head["tile_compression"] != Compression.NONE:
            raise self._error(PACKED)
        if head["internal_compression"] != Compression.GZIP:
            raise self._error(PACKED)
        parts = ("root", "metadata", "leaf_directory", "tile_data")
        cut = any(head[f"{one}_offset"] + head[f"{one}_length"] > size for one in parts)
        self.zooms: tuple[int, int] = (head["min_zoom"], head["max_zoom"])
        if cut or not self.zooms[0] <= self.zooms[1] <= DEEPEST:
            raise self._error(DAMAGED)
        self._entries = lru_cache(CACHED)(self._directory)
        try:
            said = self._read(head["metadata_offset"], head["metadata_length"], METADATA)
            about = msgspec.json.decode(unpacked(said, METADATA), type=_Metadata)
            self._entries(head["root_offset"], head["root_length"])
        except (ValueError, EOFError, RecursionError, msgspec.MsgspecError):
            raise self._error(DAMAGED) from None
        names = dict.fromkeys(one.id for one in about.vector_layers if len(one.id) <= LONGEST)
        self.layers = tuple(names)[:LAYERS]
        self.marking, self.attribution = about.marking or "", about.attribution or ""
        try:
            parse(self.marking or "U")
        except MarkingError:
            raise self._error(BAD_MARKING) from None
        edges = ("min_lon", "min_lat", "max_lon", "max_lat")
        west, south, east, north = (head[f"{one}_e7"] / 1e7 for one in edges)
        inside = -180 <= west < east <= 180 and -90 <= south < north <= 90
        self.box = (west, south, east, north) if inside else WORLD

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        """Return a tile as it is kept, packed or not; None where there is none.

        Raises:
            TileArchiveError: the way to it or the tile is damaged, or larger than any tile is.
        """
        from pmtiles.tile import find_tile, zxy_to_tileid

        if not self.zooms[0] <= zoom <= self.zooms[1] or not 0 <= max(x, y) < 1 << zoom:
            return None
        wanted = zxy_to_tileid(zoom, x, y)
        offset, length = self._head["root_offset"], self._head["root_length"]
        try:
            for _ in range(DEPTH):
                found = find_tile(self._entries(offset, length), wanted)
                if found is None:
                    return None
                if found.run_length:
                    kept = self._read(self._head["tile_data_offset"] + found.offset, found.length, TILE)
                    if self.packed:
                        unpacked(kept, TILE)
                    return kept
                offset, length = self._head["leaf_directory_offset"] + found.offset, found.length
        except (ValueError, EOFError, OSError, OverflowError):
            pass
        raise self._error(DAMAGED)

    def check(self) -> None:
        """Read the first tile. Raises `TileArchiveError`."""
        from pmtiles.tile import tileid_to_zxy

        for one in self._entries(self._head["root_offset"], self._head["root_length"])[:1]:
            try:
                self.tile(*tileid_to_zxy(one.tile_id))
            except OverflowError:
                raise self._error(DAMAGED) from None

    def _directory(self, offset: int, length: int) -> list[Any]:
        """Return the entries of a directory. Raises `ValueError` or `EOFError`."""
        from pmtiles.tile import deserialize_directory, read_varint

        kept = self._read(offset, length, DIRECTORY)
        plain = unpacked(kept, DIRECTORY)
        if ENDLESS.search(plain):
            raise ValueError("a number beyond 64 bits")
        if read_varint(BytesIO(plain)) * LEAST_ENTRY > len(plain):
            raise ValueError("more entries than bytes")
        return deserialize_directory(kept)

    def _read(self, offset: int, length: int, most: int = HEAD) -> bytes:
        """Return bytes of the file. Raises `ValueError`, `EOFError` or `OSError`."""
        if length > most:
            raise ValueError("longer than any is")
        with self.path.open("rb", buffering=0) as file:
            file.seek(offset)
            found = file.read(length)
        if len(found) < length:
            raise EOFError
        return found

    def _error(self, message: Message) -> TileArchiveError:
        return TileArchiveError(reason(message, file=str(self.path)))


def unpacked(packed: bytes, most: int) -> bytes:
    """Return what was packed with gzip. Raises `ValueError`: it is damaged, or longer than `most`."""
    unpacking = zlib.decompressobj(wbits=31)
    try:
        found = unpacking.decompress(packed, most)
    except zlib.error as error:
        raise ValueError("no gzip") from error
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError("cut off, or longer than any is")
    return found


def problem(path: Path) -> Reason | None:
    """Return why an archive cannot be used, reading its first tile too; None: nothing is wrong."""
    try:
        TileArchive(path).check()
    except (TileArchiveError, MissingExtraError) as error:
        return error.reason
    return None
