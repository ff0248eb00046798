"""How likely a picture by light is clear: a climatology that somebody brings.

A table (CSV, Parquet, spreadsheet) with `clear` (probability, or per cent) or `cloud`, by `month` (1 to 12;
without it all year), and by place: `km` of the line (with `to`, a stretch), or `latitude` and `longitude` of
the nearest row within `REACH`. Watchfloor brings none: whoever uses one answers for its source, which a
column or the file's name may state.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.cell.acts import Unusable
from watchfloor.core.earth import great_circle
from watchfloor.core.messages import declare, reason
from watchfloor.planning import tables

Floats = npt.NDArray[np.float64]
BAD_CLOUDS: Final = declare("satellites.bad-clouds", "file", "why")
REACH: Final = 200_000.0
"""Metres within which a row of latitude and longitude speaks for a place."""
CLEAR: Final = ("clear", "probability_clear", "clear_probability", "p_clear", "clear_sky")
CLOUD: Final = ("cloud", "cloud_cover", "cloud_fraction", "cloudiness")


class Climatology(NamedTuple):
    """Probabilities by month (of shape (12, points)); not a number where the table has none."""

    clear: Floats

    def probability(self, point: npt.NDArray[np.int64], begin: datetime, at: Floats) -> Floats:
        """Return the probability of each pass."""
        days = np.unique((at // 86_400).astype(np.int64))
        months = {int(day): (begin + timedelta(days=int(day))).month - 1 for day in days}
        month = np.array([months[int(day)] for day in at // 86_400], np.int64)
        return self.clear[month, point]


def read(path: Path, names: Sequence[str], latitude: Floats, longitude: Floats) -> Climatology:
    """Read a climatology for points.

    Args:
        path: the table.
        names: of the points; a number is a kilometre of the line.
        latitude, longitude: of the points, degrees.

    Raises:
        Unusable: it is no table of these columns, or a value is no probability.
    """
    columns = tables.read(path, {*CLEAR, *CLOUD, "month", "km", "latitude", "longitude"})
    try:
        clear = _clear(columns, path)
        months = _numbers(columns, path, "month")
        wide = _numbers(columns, path, "latitude", "lat"), _numbers(columns, path, "longitude", "lon", "lng")
        km = _numbers(columns, path, "km", "from", "kilometre")
        to = _numbers(columns, path, "to", "until")
    except pa.ArrowException as error:
        raise Unusable(reason(BAD_CLOUDS, file=path.name, why=str(error).splitlines()[0])) from None
    found = np.full((12, len(names)), np.nan)
    if km is not None:
        there = np.array([float(one) if one.replace(".", "", 1).isdigit() else np.nan for one in names])
        last = km + 1 if to is None else to
        for row, (begin, end) in enumerate(zip(km, last, strict=True)):
            _put(found, months, row, (there >= begin) & (there < end), clear[row])
    elif wide[0] is not None and wide[1] is not None:
        for month in range(1, 13):
            rows = np.flatnonzero(months == month) if months is not None else np.arange(len(clear))
            if not rows.size:
                continue
            for at in range(len(names)):
                far = great_circle(latitude[at], longitude[at], wide[0][rows], wide[1][rows])
                if far.min() <= REACH:
                    found[month - 1, at] = clear[rows[far.argmin()]]
    else:
        for row in range(len(clear)):
            _put(found, months, row, np.ones(len(names), np.bool_), clear[row])
    return Climatology(found)


def _clear(columns: tables.Columns, path: Path) -> Floats:
    values = _numbers(columns, path, *CLEAR)
    if values is None and (cloud := _numbers(columns, path, *CLOUD)) is not None:
        values = (100.0 if np.nanmax(cloud, initial=0) > 1 else 1.0) - cloud
    if values is None:
        raise Unusable(reason(BAD_CLOUDS, file=path.name, why=" / ".join((CLEAR[0], CLOUD[0]))))
    if np.nanmax(values, initial=0) > 1:
        values = values / 100.0
    if not ((values >= 0) & (values <= 1)).all():
        raise Unusable(reason(BAD_CLOUDS, file=path.name, why="0 … 1"))
    return values


def _numbers(columns: tables.Columns, path: Path, *names: str) -> Floats | None:
    name = next((one for one in names if one in columns.by_name), None)
    if name is None:
        return None
    values = columns.numbers(name)
    if not np.isfinite(values).all():
        raise Unusable(reason(BAD_CLOUDS, file=path.name, why=name))
    return values


def _put(found: Floats, months: Floats | None, row: int, where: npt.NDArray[np.bool_], value: float) -> None:
    if months is None:
        found[:, where] = value
    elif 1 <= months[row] <= 12:
        found[int(months[row]) - 1, where] = value
