"""State of an online monitor on disk, by blocks: what a corridor of hundreds of millions of pixels needs.

A folder holds the models, eight bytes a pixel, which stay as they are, and the statistic, one byte a pixel,
written anew for each date beside the old one; `state.json` names the one that holds. So a date that was
interrupted was not taken, and is taken again. Reading block by block bounds memory by a block, not by the
corridor.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from watchfloor.core.messages import declare, reason
from watchfloor.desks.space.change.online import COLUMNS, UNMONITORED, Image, PixelModels, advance
from watchfloor.formats.imagery.series import SeriesError

BLOCK: Final = 1 << 18
"""Pixels of a block: its 2.4 MB stay in a processor's second cache while a date is taken in."""
HEAD: Final = 64
"""Bytes before a block's planes: 7 units of 32 bits, then its middle day of 64."""
MODEL: Final = 8
"""Bytes of a pixel's model."""
INDEX, MODELS = "state.json", "models.bin"

NO_STATE = declare("change.no-state", "folder")
STATE_THERE = declare("change.state-there", "folder")
OLD_DATE = declare("change.old-date", "day", "last")

Blocks = Callable[[int, int], Image]
"""Returns the new date's values of the pixels from one to another."""


class BlockAlarms(NamedTuple):
    """A block after a date: its pixels that alarm, its models, its first pixel, what was seen."""

    alarms: npt.NDArray[np.int64]
    models: PixelModels
    first: int
    seen: Image


class Index(msgspec.Struct, frozen=True):
    """Contents of a folder: pixels, the ordinal day of the last date, the file of the statistic."""

    pixels: int
    day: int
    statistic: str


def create(folder: Path, blocks: Iterable[tuple[PixelModels, npt.NDArray[np.int8]]], day: int) -> Index:
    """Write a new state; every block but the last has `BLOCK` pixels. `day` is the last of the history.

    Raises:
        SeriesError: there is one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / INDEX).exists():
        raise SeriesError(reason(STATE_THERE, folder=folder.name))
    pixels, name = 0, f"statistic-{day}.bin"
    with (folder / MODELS).open("wb") as models, (folder / name).open("wb") as statistics:
        for one, statistic in blocks:
            head = np.zeros(HEAD, np.uint8)
            head[:28] = one.units.astype("<f4").view(np.uint8)
            head[32:40] = np.array([one.middle], "<f8").view(np.uint8)
            for part in (head, one.intercept.astype("<i2"), one.slopes, one.precision):
                models.write(np.ascontiguousarray(part).data)
            statistics.write(statistic.data)
            pixels += len(statistic)
    index = Index(pixels, day, name)
    _write(folder, index)
    return index


def read(folder: Path) -> Index:
    """Return what a folder holds. Raises `SeriesError` if it is no state, or is cut short."""
    try:
        index = msgspec.json.decode((folder / INDEX).read_bytes(), type=Index)
        blocks = -(-index.pixels // BLOCK)
        whole = (folder / MODELS).stat().st_size == HEAD * blocks + MODEL * index.pixels
        whole &= (folder / index.statistic).stat().st_size == index.pixels
        whole &= Path(index.statistic).name == index.statistic
    except (OSError, ValueError, msgspec.MsgspecError):
        whole = False
    if not whole:
        raise SeriesError(reason(NO_STATE, folder=folder.name))
    return index


def update(folder: Path, day: int, values: Blocks) -> Iterator[BlockAlarms]:
    """Take a new date in; yield each block's pixels that alarm at it. It holds when all were yielded.

    Raises:
        SeriesError: the folder is no state, or had this date or a later one.
    """
    index = read(folder)
    if day <= index.day:
        last = date.fromordinal(index.day).isoformat()
        raise SeriesError(reason(OLD_DATE, day=date.fromordinal(day).isoformat(), last=last))
    name = f"statistic-{day}.bin"
    buffer, statistic = np.empty(HEAD + MODEL * BLOCK, np.uint8), np.empty(BLOCK, np.int8)
    beside = folder / f"{name}.part"
    with (
        (folder / MODELS).open("rb", buffering=0) as models,
        (folder / index.statistic).open("rb", buffering=0) as old,
        beside.open("wb", buffering=0) as new,
    ):
        for first in range(0, index.pixels, BLOCK):
            count = min(BLOCK, index.pixels - first)
            _fill(models, buffer[: HEAD + MODEL * count])
            _fill(old, statistic[:count])
            one, seen = _models(buffer, count), values(first, first + count)
            alarms = advance(one, statistic[:count], day, seen)
            new.write(statistic[:count].data)
            yield BlockAlarms(alarms, one, first, seen)
        os.fsync(new.fileno())
    beside.rename(folder / name)
    _write(folder, Index(index.pixels, day, name))
    (folder / index.statistic).unlink()


def unmonitored(folder: Path) -> int:
    """Return how many pixels have no model. Raises `SeriesError`."""
    statistic = np.memmap(folder / read(folder).statistic, np.int8, "r")
    return int(np.count_nonzero(statistic == UNMONITORED))


def _models(buffer: npt.NDArray[np.uint8], count: int) -> PixelModels:
    """Return a block's planes as they lie in the buffer."""
    at = HEAD + 2 * count
    return PixelModels(
        buffer[HEAD:at].view("<i2"),
        buffer[at : at + 5 * count].view(np.int8).reshape(COLUMNS - 1, count),
        buffer[at + 5 * count : at + 6 * count],
        buffer[:28].view("<f4").astype(np.float32),
        float(buffer[32:40].view("<f8")[0]),
    )


def _fill(file: Any, buffer: npt.NDArray[Any]) -> None:
    view, at = buffer.data.cast("B"), 0
    while at < len(view):
        count = file.readinto(view[at:])
        if not count:
            raise SeriesError(reason(NO_STATE, folder=Path(file.name).parent.name))
        at += count


def _write(folder: Path, index: Index) -> None:
    beside = folder / f"{INDEX}.part"
    beside.write_bytes(msgspec.json.encode(index))
    beside.rename(folder / INDEX)


def raw_blocks(file: BinaryIO) -> Blocks:
    """Return a reader of blocks of a file of int16, little-endian, a value a pixel."""
    buffer = np.empty(BLOCK, "<i2")

    def block(first: int, last: int) -> Image:
        file.seek(2 * first)
        _fill(file, buffer[: last - first])
        return buffer[: last - first]

    return block
