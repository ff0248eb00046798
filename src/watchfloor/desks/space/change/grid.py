"""The online monitor on a cube: a history is fitted, later dates are taken in, a state may be kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from watchfloor.core.messages import declare, reason
from watchfloor.desks.space.change import online, pixel_state
from watchfloor.formats.imagery.cubes import Cube
from watchfloor.formats.imagery.series import SeriesError

NO_LATER = declare("change.no-later", "history")
OTHER_GRID = declare("change.other-grid", "pixels", "expected")


@dataclass(frozen=True, slots=True)
class Alarm:
    """A pixel that changed: ordinal day of the alarm, and that day's value less what its model expects."""

    row: int
    column: int
    day: int
    size: float


@dataclass(frozen=True, slots=True)
class Watch:
    """Alarms after a history that ended on an ordinal day; pixels that it had too few observations of."""

    history: int
    unmonitored: int
    alarms: tuple[Alarm, ...]


def begin(cube: Cube, history: int = 0, folder: Path | None = None) -> Watch:
    """Fit the dates until `history`, the first half if it is 0, and take the later ones in.

    Args:
        folder: keeps the state after the last date.

    Raises:
        SeriesError: there is no date on either side, or the folder holds a state.
    """
    if folder and (folder / pixel_state.INDEX).exists():
        raise SeriesError(reason(pixel_state.STATE_THERE, folder=folder.name))
    count = int(np.searchsorted(cube.days, history, "right")) if history else len(cube.days) // 2
    if not 0 < count < len(cube.days):
        last = date.fromordinal(history or int(cube.days[-1])).isoformat()
        raise SeriesError(reason(NO_LATER, history=last))
    flat = cube.values.reshape(len(cube.days), -1)
    unmonitored = 0
    alarms: list[Alarm] = []
    blocks: list[tuple[online.PixelModels, npt.NDArray[np.int8]]] = []
    for first in range(0, flat.shape[1], pixel_state.BLOCK):
        part = flat[:, first : first + pixel_state.BLOCK]
        models, statistic = online.fit(cube.days[:count], part[:count])
        unmonitored += int((statistic == online.UNMONITORED).sum())
        for at in range(count, len(cube.days)):
            new = np.ascontiguousarray(part[at])
            on = int(cube.days[at])
            alarms += _alarms(online.advance(models, statistic, on, new), models, on, new, first, cube)
        if folder:
            blocks.append((models, statistic))
    if folder:
        pixel_state.create(folder, blocks, int(cube.days[-1]))
    alarms.sort(key=lambda one: (one.day, one.row, one.column))
    return Watch(int(cube.days[count - 1]), unmonitored, tuple(alarms))


def go_on(folder: Path, cube: Cube) -> Watch:
    """Take all dates of a cube into a state that was kept.

    Raises:
        SeriesError: it has another number of pixels, or a date that is not later.
    """
    index, flat = pixel_state.read(folder), cube.values.reshape(len(cube.days), -1)
    if index.pixels != flat.shape[1]:
        raise SeriesError(reason(OTHER_GRID, pixels=flat.shape[1], expected=index.pixels))
    alarms: list[Alarm] = []
    for on, layer in zip(map(int, cube.days), flat, strict=True):

        def blocks(first: int, last: int, layer: online.Image = layer) -> online.Image:
            return layer[first:last]

        for pixels, models, first, new in pixel_state.update(folder, on, blocks):
            alarms += _alarms(pixels, models, on, new, first, cube)
    unmonitored = pixel_state.unmonitored(folder)
    return Watch(index.day, unmonitored, tuple(alarms))


def _alarms(
    pixels: npt.NDArray[np.int64],
    models: online.PixelModels,
    on: int,
    new: online.Image,
    first: int,
    cube: Cube,
) -> Iterator[Alarm]:
    """Yield the pixels of a block that alarm on a day."""
    if not len(pixels):
        return
    off = new - models.expected(on)
    for pixel in pixels.tolist():
        row, column = divmod(first + pixel, cube.values.shape[2])
        yield Alarm(row, column, on, float(off[pixel]))
