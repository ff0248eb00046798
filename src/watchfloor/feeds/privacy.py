"""Privacy zones at the door: persons in one are withheld before anything is stored, and counted.

A floor's zones are in `privacy.geojson` in its folder (`reference.privacy_zones`); without that file nothing
is withheld. A row is withheld where its class is `person` or `group`, and where it has no class or `unknown`
and does not say who it is (vessels and aircraft that report themselves do). Its place is what it states, or
what its range and azimuth give from where its sensor was; of a direction alone no place follows.

The bytes that came are evidence, and would keep the person. So a delivery with withheld rows is kept as a
capture of the rows that are left (`formats.redacted`); nothing of the others is.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import DETECTION
from watchfloor.feeds.isolation import pieces
from watchfloor.feeds.streams import Stream, WholeLines
from watchfloor.feeds.walk import Item
from watchfloor.formats.base import Batch, Fault, Format
from watchfloor.formats.redacted import Left
from watchfloor.formats.redacted import pack as pack_left
from watchfloor.formats.sensors import capture
from watchfloor.formats.sensors.frames import REDACTED, pack
from watchfloor.formats.sensors.local_plane import Origin, to_wgs84
from watchfloor.formats.sensors.wires.batch import Read, ReadResult
from watchfloor.formats.settings import SettingsError
from watchfloor.reference import polygons, privacy_zones
from watchfloor.reference.polygons import Polygons

NAME: Final = "privacy.geojson"
REASON: Final = "a person in a privacy zone"
NOTE: Final = "persons in privacy zones were in it: the rows that are left are kept, not the bytes that came"
AFTER: Final = " (redacted)"
"""Ends the name of a delivery that is not kept as it came."""
_CHUNK: Final = 1 << 20

Mask = npt.NDArray[np.bool_]


def load(root: Path) -> Polygons | None:
    """The zones of the floor in that folder; None where it has none. Raises `SettingsError`."""
    path = root / NAME
    try:
        told = path.stat()
    except FileNotFoundError:
        return None
    return _parsed(path, told.st_mtime_ns, told.st_size)


@cache
def _parsed(path: Path, _changed: int, _size: int) -> Polygons:
    try:
        return privacy_zones.parse(path.read_bytes())
    except polygons.PolygonError as error:
        raise SettingsError(f"{path}: {error}; nothing is taken in before it can be read") from error


def withheld(rows: pa.Table, zones: Polygons) -> Mask:
    """Which detections are not to be stored."""
    latitude, longitude = _places(rows)
    inside = polygons.within(zones, latitude, longitude) >= 0
    if inside.any():
        at = np.flatnonzero(inside)
        some = rows.select(["class", "claimed"]).take(pa.array(at))
        nobody = pc.is_null(some["claimed"]).to_numpy(zero_copy_only=False)
        named = pc.is_in(some["class"], pa.array(("person", "group"))).to_numpy(zero_copy_only=False)
        klass = some["class"].to_pylist()
        inside[at] = privacy_zones.withheld(latitude[at], longitude[at], klass, zones) & (nobody | named)
    return inside


def _places(rows: pa.Table) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Where each object was, degrees; NaN where that is not told."""
    latitude, longitude = _floats(rows, "latitude"), _floats(rows, "longitude")
    at = np.flatnonzero(np.isnan(latitude) | np.isnan(longitude))
    if len(at) and rows.column("range").null_count < rows.num_rows:
        some = rows.take(pa.array(at))
        zero = Origin(_floats(some, "sensor_latitude"), _floats(some, "sensor_longitude"))  # type: ignore[arg-type]
        azimuth, up = np.radians(_floats(some, "azimuth")), np.radians(_floats(some, "elevation"))
        ground = _floats(some, "range") * np.cos(np.nan_to_num(up))
        latitude[at], longitude[at] = to_wgs84(zero, ground * np.sin(azimuth), ground * np.cos(azimuth))
    return latitude, longitude


def _floats(rows: pa.Table, name: str) -> npt.NDArray[np.float64]:
    column = rows.column(name).combine_chunks()
    return np.array(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def without(piece: Batch | Fault, zones: Polygons) -> tuple[Batch | Fault, int]:
    """A piece without the rows that may not be stored, and how many those were."""
    if isinstance(piece, Fault) or piece.kind.name != DETECTION.name:
        return piece, 0
    gone = withheld(piece.rows, zones)
    count = int(np.count_nonzero(gone))
    return (Batch(piece.kind, piece.rows.filter(pa.array(~gone))) if count else piece), count


class StorableDelivery(NamedTuple):
    """A delivery as it may be kept.

    Attributes:
        item: its bytes.
        form: their format.
        withheld: how many rows are not in them.
    """

    item: Item
    form: Format
    withheld: int


def kept(item: Item, form: Format, zones: Polygons | None) -> StorableDelivery:
    """A delivery as it may be kept: as it came, unless persons in a zone are in it."""
    if zones is None or DETECTION.name not in form.kinds:
        return StorableDelivery(item, form, 0)
    damage = _damage(item)
    count = sum(without(one, zones)[1] for one in _pieces(item, form, damage))
    if not count:
        return StorableDelivery(item, form, 0)
    open_ = partial(_left, item, form, zones, damage)
    return StorableDelivery(Item(item.name + AFTER, item.file, open_), capture.FORMAT, count)


def _damage(item: Item) -> str:
    """Return the damage to the packing of the bytes, which shows at their end."""
    with item.open() as stream:
        while stream.read(_CHUNK):
            pass
        return stream.damage


def _pieces(item: Item, form: Format, damage: str) -> Iterator[Batch | Fault]:
    with item.open() as stream:
        whole = cast("BinaryIO", stream)
        yield from pieces(form, cast("BinaryIO", WholeLines(whole)) if damage else whole, item.file)
        stream.check()
    if damage:
        yield Fault("its end", damage, b"", rest=True)


@contextmanager
def _left(item: Item, form: Format, zones: Polygons, damage: str) -> Iterator[Stream]:
    """The capture of what is left of a delivery."""
    with TemporaryFile() as file:
        for part in capture.write("", {}, _frames(item, form, zones, damage)):
            file.write(part)
        file.seek(0)
        yield _Whole(cast("BinaryIO", file))


def _frames(item: Item, form: Format, zones: Polygons, damage: str) -> Iterator[bytes]:
    for one in _pieces(item, form, damage):
        left, count = without(one, zones)
        yield pack(REDACTED, 0, 0, 0, pack_left(Left(count, [left])))


class _Whole:
    """Bytes of our own to be delivered: nothing is wrong with their packing, and nobody changes them."""

    damage = ""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1, /) -> bytes:
        """As a file's."""
        return self._file.read(size)

    def check(self) -> None:
        """They do not change."""


def heard(found: ReadResult, zones: Polygons) -> tuple[ReadResult, Counter[int]]:
    """Remove the rows that may not be stored from those read of messages, and count them for each."""
    counts: Counter[int] = Counter()
    read = []
    for one in found.read:
        gone = withheld(one.rows, zones) if one.kind.name == DETECTION.name else np.zeros(0, np.bool_)
        if gone.any():
            counts.update(one.of[gone].tolist())
            one = Read(one.kind, one.rows.filter(pa.array(~gone)), one.of[~gone])
        read.append(one)
    return ReadResult(read, found.faults), counts


def left(found: ReadResult, of: int, count: int) -> Left:
    """Return the rows and faults of one connection's messages, with the count of those withheld."""
    rows = [Batch(one.kind, one.rows.filter(pa.array(one.of == of))) for one in found.read]
    return Left(count, [*rows, *(fault for number, fault in found.faults if number == of)])
