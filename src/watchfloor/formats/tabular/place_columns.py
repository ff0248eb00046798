"""Which columns of a table say where: two of degrees, one of both, or a zone, an easting and a northing.

Two columns of degrees are often written under each other's names. They are taken the other way round, with a
remark, where only that way both can be read, or only that way they lie in North America. Positive longitudes
that lie there only as western ones are read as western, with a remark.
"""

from collections.abc import Mapping as Map
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.tabular import coordinates
from watchfloor.formats.tabular.column_names import NEAR, likeness, words
from watchfloor.formats.tabular.coordinates import Axis
from watchfloor.formats.tabular.fields import Source
from watchfloor.formats.tabular.mapping import Filled
from watchfloor.formats.tabular.table import trimmed

HOME: Final[dict[Axis, tuple[float, float]]] = {"latitude": (24.0, 84.0), "longitude": (-170.0, -50.0)}
"""Between which degrees North America lies."""
LOOKED: Final = 1000
"""Rows by which the places of a table are judged."""
MOST: Final = 0.8
"""Share of the filled cells of columns that must be places."""
AXES: Final[tuple[Axis, Axis]] = ("latitude", "longitude")


def places(
    called: Map[str, list[str]], cells: pa.Table, used: set[str], told: list[str]
) -> dict[str, Filled]:
    """Return how latitude and longitude are filled; nothing where no columns hold them.

    Args:
        called: words for the fields of the kind.
        cells: the first rows.
        used: columns that fill a field; those that are found are added.
        told: what a person should look at; more is added.
    """
    if "latitude" not in called:
        return {}
    found = _two(called, cells, used, told) or _of_utm(cells, used, told) or _both(cells, used)
    for source in found.values():
        used.update(source.names)
    return {
        axis: source.columns if source == Source(source.columns) else source for axis, source in found.items()
    }


def _two(called: Map[str, list[str]], cells: pa.Table, used: set[str], told: list[str]) -> dict[str, Source]:
    best = [_called(cells, used, [*called[axis], *words().places[axis]]) for axis in AXES]
    if not all(best) or best[0] == best[1]:
        return {}
    one, other = best
    straight, crossed = _fit(cells, one, other), _fit(cells, other, one)
    if crossed > straight:
        told.append(
            f"{one!r} holds longitudes and {other!r} latitudes: they are taken the other way round; check it"
        )
        one, other = other, one
    fit = max(straight, crossed)
    if fit[0] < MOST:
        return {}
    sources = {"latitude": Source(one), "longitude": Source(other)}
    if fit[1] < MOST and coordinates.hemisphere(other) == "":
        west = Source(other, unit="west")
        if _fit(cells, one, other, west)[1] >= MOST:
            sources["longitude"] = west
            told.append(
                f"{other!r} has no sign and lies in North America only as west: it is read so; remove"
                ' unit = "west" if it is east'
            )
    return sources


def _called(cells: pa.Table, used: set[str], called: list[str]) -> str:
    """Return the column that is most likely called so; empty where none is."""
    likely = [(likeness(name, called), name) for name in cells.column_names if name not in used]
    score, name = max(likely, key=lambda one: one[0], default=(0.0, ""))
    return name if score >= NEAR else ""


def _fit(cells: pa.Table, north: str, east: str, how: Source | None = None) -> tuple[float, float]:
    """Return which share of rows reads as latitude and longitude, and which of them lies in North America."""
    sources = {"latitude": Source(north), "longitude": how or Source(east)}
    texts = {axis: trimmed(cells[sources[axis].names[0]].slice(0, LOOKED)) for axis in AXES}
    filled = pc.and_(pc.is_valid(texts["latitude"]), pc.is_valid(texts["longitude"]))
    count = pc.sum(filled).as_py() or 0
    if not count:
        return 0.0, 0.0
    right, home = np.ones(count, bool), np.ones(count, bool)
    for axis in AXES:
        mine = texts[axis].filter(filled)
        if pc.any(pc.greater(pc.utf8_length(mine), coordinates.LONGEST)).as_py():
            return 0.0, 0.0
        column = coordinates.reader(axis)(mine, sources[axis])
        values = column.values.fill_null(np.nan).to_numpy(zero_copy_only=False)
        right &= ~np.isnan(values)
        home &= (values >= HOME[axis][0]) & (values <= HOME[axis][1])
    return float(right.mean()), float(home.mean())


def _of_utm(cells: pa.Table, used: set[str], told: list[str]) -> dict[str, Source]:
    """Return a zone, an easting and a northing as one source of both."""
    east, north = (_called(cells, used, words().places[one]) for one in ("easting", "northing"))
    if not east or not north or east == north:
        return {}
    zone = _called(cells, used, words().places["zone"])
    columns = (zone, east, north) if zone else (east, north)
    texts = (
        pc.binary_join_element_wise(*(trimmed(cells[one]) for one in columns), " ").drop_null().to_pylist()
    )
    if not zone:
        if texts and all(coordinates.is_utm(f"14 {text}") for text in texts[:100]):
            told.append(
                f"{east!r} and {north!r} are metres of UTM, and no column states their zone: add one, as 14U"
            )
        return {}
    if not texts or sum(map(coordinates.is_utm, texts)) < MOST * len(texts):
        return {}
    return dict.fromkeys(AXES, Source(columns))


def _both(cells: pa.Table, used: set[str]) -> dict[str, Source]:
    """Return the column whose cells hold both, the one that is called so first."""
    names = [name for name in cells.column_names if name not in used]
    for name in sorted(names, key=lambda one: -likeness(one, words().places["pair"])):
        texts = trimmed(cells[name].slice(0, LOOKED)).drop_null().to_pylist()
        if texts and sum(
            len(one) <= coordinates.LONGEST and coordinates.is_pair(one) for one in texts
        ) >= MOST * len(texts):
            return dict.fromkeys(AXES, Source(name))
    return {}
