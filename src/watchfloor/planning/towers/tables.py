"""Tables of sites and cells, CSV or Parquet: a row has a name and a place, and may have a mast or a cost."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Message, Reason, declare, reason
from watchfloor.planning import tables
from watchfloor.planning.towers.sight import Points

Floats = npt.NDArray[np.float64]

NAMES: Final = {
    "site": ("site", "tower", "id", "name"),
    "cell": ("cell", "target", "id", "name"),
    "x": ("x", "easting", "east", "lon", "longitude"),
    "y": ("y", "northing", "north", "lat", "latitude"),
    "above": ("mast", "mast_m", "height", "above"),
    "target": ("target_m", "target_height", "above"),
    "reach": ("range", "range_m", "reach"),
    "azimuth": ("azimuth", "bearing"),
    "width": ("width", "fov", "field_of_view"),
    "lowest": ("lowest",),
    "highest": ("highest",),
    "cost": ("cost", "price"),
    "weight": ("weight", "demand"),
}
"""What a column may be called; the first that is there is read."""

NO_COLUMN = declare("towers.no-column", "file", "names")
TWICE = declare("towers.twice", "file", "name")
NO_NUMBER = declare("towers.no-number", "file", "name", "column", "value")
NO_NAME = declare("towers.no-name", "file", "row")
BLANK = declare("towers.blank", "file", "name", "column")
NO_WEIGHT = declare("towers.no-weight", "file", "name")
NO_DEMAND = declare("towers.no-demand", "file")
NEGATIVE = declare("towers.negative", "file", "name", "column")


class SiteTable(NamedTuple):
    """Sites, what each costs (1 where the table does not say), and whether it says so."""

    points: Points
    costs: Floats
    priced: bool


class CellTable(NamedTuple):
    """Cells, what each is worth (1 where the table does not say), and every column that can be a weight."""

    points: Points
    weights: Floats
    columns: dict[str, Floats]


def read_sites(path: Path, mast: float, reach: float) -> SiteTable:
    """Read sites.

    Args:
        path: columns site, x, y; it may have mast, range (metres), azimuth, width, lowest, highest
            (degrees) and cost.
        mast, reach: of sites where there is no such column.

    Raises:
        Unusable: see `read_cells`.
    """
    table = _Table(path, "site")
    given = {"above": mast, "reach": reach, "azimuth": 0.0, "width": 360.0, "lowest": -90.0, "highest": 90.0}
    values = {name: table.numbers(name, default) for name, default in given.items()}
    for name in ("above", "reach", "width"):
        table.refuse_negative(name, values[name])
    costs = table.numbers("cost", 1.0)
    table.refuse_negative("cost", costs, zero=True)
    points = Points(table.names, table.numbers("x"), table.numbers("y"), **values)
    return SiteTable(points, costs, table.has("cost"))


def read_cells(path: Path, target: float, weight: str = "") -> CellTable:
    """Read cells.

    Args:
        path: columns cell, x, y; it may have target_height (metres) and weight.
        target: height of what is to be seen, where there is no such column.
        weight: the column of weights; else `weight` or `demand`, or where there is none each is worth 1.

    Raises:
        Unusable: the file is none, lacks a column, names a cell twice, or a number is missing or negative.
    """
    table = _Table(path, "cell", weight=weight)
    above = table.numbers("target", target)
    weights = table.numbers("weight", 1.0)
    table.refuse_negative("target", above)
    table.refuse_negative("weight", weights)
    if not weights.any():
        raise Unusable(reason(NO_DEMAND, file=path.name))
    points = Points.plain(table.names, table.numbers("x"), table.numbers("y"), 0.0)
    return CellTable(replace(points, above=above), weights, table.others(("cell", "x", "y", "target")))


def read_weights(path: Path, cells: tuple[str, ...]) -> Floats:
    """Read weights of cells from a table of their own (cell, weight); every cell has one."""
    table = _Table(path, "cell", placed=False)
    weights = table.numbers("weight")
    table.refuse_negative("weight", weights)
    if not weights.any():
        raise Unusable(reason(NO_DEMAND, file=path.name))
    of = dict(zip(table.names, weights.tolist(), strict=True))
    if missing := [name for name in cells if name not in of]:
        raise Unusable(reason(NO_WEIGHT, file=path.name, name=missing[0]))
    return np.array([of[name] for name in cells])


class _Table:
    """A table by its columns' names; `what` is what a row is."""

    def __init__(self, path: Path, what: str, placed: bool = True, weight: str = "") -> None:
        self.path = path
        self.headings = NAMES | ({"weight": (weight.strip().lower(),)} if weight else {})
        self.columns = tables.read(path, {one for each in self.headings.values() for one in each})
        needed = [what, *(("x", "y") if placed else ("weight",)), *(["weight"] if weight else [])]
        if missing := [self.headings[name][0] for name in needed if not self.has(name)]:
            raise Unusable(reason(NO_COLUMN, file=path.name, names=", ".join(missing)))
        self.names = self.columns.texts(self._heading(what))
        for at, name in enumerate(self.names):
            if not name:
                raise Unusable(reason(NO_NAME, file=path.name, row=at + 1))
        if len(set(self.names)) < len(self.names):
            twice = Counter(self.names).most_common(1)[0][0]
            raise Unusable(reason(TWICE, file=path.name, name=twice))

    def has(self, name: str) -> bool:
        """Whether there is a column of that meaning."""
        return any(each in self.columns.by_name for each in self.headings[name])

    def others(self, known: tuple[str, ...]) -> dict[str, Floats]:
        """Return columns of numbers, none missing or negative, that are not among the known ones."""
        taken = {one for name in known for one in self.headings[name]}
        found = {}
        for name in self.columns.by_name:
            try:
                values = self._cast(name)
            except Unusable:
                continue
            if name not in taken and (values >= 0).all() and np.isfinite(values).all():
                found[name] = values
        return found

    def numbers(self, name: str, default: float | None = None) -> Floats:
        """A column of numbers; `default` everywhere where there is no such column, and no row without one."""
        if not self.has(name):
            return np.full(len(self.names), default, np.float64)
        values = self._cast(name)
        if (blank := np.flatnonzero(~np.isfinite(values))).size:
            raise Unusable(self._about(BLANK, int(blank[0]), name))
        return values

    def refuse_negative(self, name: str, values: Floats, zero: bool = False) -> None:
        """Refuse a row with a number below zero; or, with `zero`, one that is zero."""
        wrong = np.flatnonzero(~(values > 0 if zero else values >= 0))  # a NaN of an option, too
        if wrong.size:
            raise Unusable(self._about(NEGATIVE, int(wrong[0]), name))

    def _about(self, message: Message, row: int, column: str) -> Reason:
        if message is BLANK and column == "weight":
            return reason(NO_WEIGHT, file=self.path.name, name=self.names[row])
        return reason(message, file=self.path.name, name=self.names[row], column=self._heading(column))

    def _cast(self, name: str) -> Floats:
        """Return a column as numbers, NaN where a row has none."""
        heading = self._heading(name)
        try:
            return self.columns.numbers(heading)
        except pa.ArrowException:
            values = self.columns.plain(heading).to_pylist()
            row, value = next((at, one) for at, one in enumerate(values) if not _is_number(one))
            message = reason(
                NO_NUMBER, file=self.path.name, name=self.names[row], column=heading, value=str(value)[:60]
            )
            raise Unusable(message) from None

    def _heading(self, column: str) -> str:
        return next((each for each in self.headings.get(column, ()) if each in self.columns.by_name), column)


def _is_number(value: object) -> bool:
    try:
        return value is None or pa.scalar(value).cast(pa.float64()).is_valid
    except pa.ArrowException:
        return False
