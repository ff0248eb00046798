"""A grid of heights: where its cells lie, what its coordinates mean, and why a file of one is refused."""

from dataclasses import dataclass
from math import cos, radians, sin, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.earth import AXIS, FLATTENING
from watchfloor.core.messages import Reason
from watchfloor.formats.base import FormatError

Heights = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_E2: Final = FLATTENING * (2 - FLATTENING)


class TerrainError(FormatError):
    """A file of heights that cannot be used; `reason` says why and what to do."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Terrain:
    """Heights at the centres of cells, in metres above whatever the file measures from.

    Attributes:
        heights: of shape (rows, columns); row 0 is the northernmost, column 0 the westernmost; NaN is a void.
        west, north: the centre of cell (0, 0), in the grid's own units.
        step_x, step_y: between centres, both positive, in the grid's own units.
        degrees: whether the units are degrees of longitude and latitude; else they are metres.
        crs: the coordinate system as the file names it; empty where it names none.
        notes: cautions for the reader of a plan, such as heights that were in feet.
    """

    heights: Heights
    west: float
    north: float
    step_x: float
    step_y: float
    degrees: bool = False
    crs: str = ""
    notes: tuple[Reason, ...] = ()

    def index(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Rows and columns of places, with fractions; (0, 0) is the centre of the first cell."""
        return (self.north - y) / self.step_y, (x - self.west) / self.step_x

    def holds(self, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
        """Whether each place lies within the rectangle of the outermost centres, where heights are known."""
        row, column = self.index(x, y)
        last_row, last_column = (size - 1 for size in self.heights.shape)
        inside = (row >= 0) & (row <= last_row) & (column >= 0) & (column <= last_column)
        return np.asarray(inside)

    def at(self, x: Floats, y: Floats) -> Floats:
        """Heights of places within the grid, bilinear between centres; NaN where a void has a share."""
        row, column = self.index(x, y)
        i = np.minimum(row.astype(np.int64), self.heights.shape[0] - 2)
        j = np.minimum(column.astype(np.int64), self.heights.shape[1] - 2)
        u, v = row - i, column - j
        height = np.zeros(np.shape(row))
        for down, across, share in (
            (0, 0, (1 - u) * (1 - v)),
            (0, 1, (1 - u) * v),
            (1, 0, u * (1 - v)),
            (1, 1, u * v),
        ):
            height += np.where(share == 0, 0.0, share * self.heights[i + down, j + across])
        return height

    def metres(self, latitude: Floats) -> tuple[Floats, Floats]:
        """Metres of one step east and one step north at each latitude (WGS84), unless it is in metres."""
        if not self.degrees:
            ones = np.ones_like(latitude)
            return ones * self.step_x, ones * self.step_y
        east, north = (np.vectorize(part, otypes=[float]) for part in (_east, _north))
        return east(latitude) * self.step_x, north(latitude) * self.step_y


def _east(latitude: float) -> float:
    """Metres of one degree of longitude: the radius of the parallel times pi/180."""
    phi = radians(latitude)
    return radians(1) * AXIS * cos(phi) / sqrt(1 - _E2 * sin(phi) ** 2)


def _north(latitude: float) -> float:
    """Metres of one degree of latitude: the meridional radius of curvature times pi/180."""
    phi = radians(latitude)
    return radians(1) * AXIS * (1 - _E2) / sqrt(1 - _E2 * sin(phi) ** 2) ** 3
