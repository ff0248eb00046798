"""Targets for now: the tracks of a reader's view, and the lives that are at risk.

A track is told where it was at its last report, with the error of its place. From there it goes on as it
went, and less surely with each second: its class says by how much its velocity may differ
(`predicted.TURNS`). The error of its present velocity is not told, and taken to be as large. Who nears the
line is looked at before it, or the chance is gone; a life at risk knows no line.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell import tracks
from watchfloor.cell.current_signals import signals
from watchfloor.core.derived import SIGNAL
from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.desks.surveillance.events.event import AT_RISK
from watchfloor.desks.surveillance.events.points import CLASSES, UNKNOWN
from watchfloor.desks.surveillance.events.predicted import TURNS
from watchfloor.planning.sensor_tasking import Targets, approach
from watchfloor.policy.policy import Reader
from watchfloor.reference.border import Border
from watchfloor.run import published
from watchfloor.store.floor import Floor

Floats = npt.NDArray[np.float64]

FRESH: Final = timedelta(minutes=10)
"""Age of a track from which nobody is sent where it was: the map calls it stale from there, too."""
LASTS: Final = timedelta(hours=1)
"""How long a life that was said to be at risk is, unless it is said again: rules repeat it each half hour."""
MOST: Final = 1e12
"""Square metres of a variance that says as much as any greater one: nobody knows where it is."""
FASTEST: Final = 1e4
"""Metres a second, faster than anything that is followed."""
LONGEST: Final = 3600.0
"""Seconds that a chance to look has at most."""


def read(floor: Floor, reader: Reader, moment: datetime, position: int | None = None) -> pa.Table | None:
    """The tracks of a reader's view at a moment (`tracks.MOVED`); None where no desk follows any.

    Args:
        floor: whose.
        reader: who looks.
        moment: when.
        position: of the log, for the past; None: the present, from the live floor where one runs.
    """
    if position is None:
        found = tracks.live(floor, reader, moment, tracks.MOVED)
        if found is not None:
            return found
        position = floor.position
    return tracks.last(floor, reader, position, moment, tracks.MOVED)


def fresh(rows: pa.Table, moment: datetime) -> pa.Table:
    """Those heard lately enough to send somebody to, by their keys."""
    least = pa.scalar(moment - FRESH, rows["until"].type)
    placed = pc.and_(pc.is_finite(rows["latitude"]), pc.is_finite(rows["longitude"]))
    found = rows.filter(pc.and_(placed, pc.greater_equal(rows["until"], least)))
    return found.append_column("key", keys(found)).sort_by("key").drop_columns(["key"])


def keys(rows: pa.Table) -> pa.Array:
    """The subject key of each track."""
    if not rows.num_rows:
        return pa.array([], pa.string())
    return pc.list_element(rows["subjects"].combine_chunks(), 0)


def endangered(floor: Floor, reader: Reader, moment: datetime, position: int | None = None) -> frozenset[str]:
    """Subject keys of the tracks whose lives are at risk, as this reader knows at a moment."""
    rows = [signals(floor, reader, position)]
    if position is None:
        live = published.read(floor.root, reader, "signal", moment)
        rows += [] if live is None else [live.select(SIGNAL.names)]
    return frozenset(key for one in rows for key in _at_risk(one, moment))


def _at_risk(rows: pa.Table, moment: datetime) -> Iterable[str]:
    since = pa.scalar(moment - LASTS, rows["at"].type)
    mine = pc.and_(
        pc.is_in(rows["rule"], value_set=pa.array(AT_RISK)),
        pc.and_(pc.greater(rows["at"], since), pc.less_equal(rows["at"], pa.scalar(moment, since.type))),
    )
    found = rows.filter(mine)["subjects"].to_pylist()
    return (key for subjects in found for key in subjects if key.startswith("track:"))


def targets(rows: pa.Table, border: Border, moment: datetime, lives: Collection[str] = ()) -> Targets:
    """Tracks as they are at a moment, in the order of the rows.

    Args:
        rows: with the columns `tracks.MOVED`.
        border: the line that they may near.
        moment: after their last reports.
        lives: subject keys of those whose lives are at risk.
    """
    named = keys(rows).to_pylist()
    number = {name: code for code, name in enumerate(CLASSES)}
    codes = np.array([number.get(name, UNKNOWN) for name in rows["class"].to_pylist()], np.int64)
    turns = TURNS[codes]
    age = np.maximum(_seconds(moment, rows["until"]), 0)
    east, north = (_known(rows, name, FASTEST) for name in ("v_east", "v_north"))
    latitude, longitude = (_known(rows, name) for name in ("latitude", "longitude"))
    spread = np.sqrt(np.maximum((_known(rows, "var_east") + _known(rows, "var_north")) / 2, 0))
    shrink = np.maximum(np.cos(np.radians(latitude)), 1e-6)
    life = np.isin(np.array(named, str), np.array([*lives], str))
    found = Targets(
        named,
        np.clip(latitude + np.degrees(north * age / MEAN_RADIUS), -90, 90),
        (longitude + np.degrees(east * age / (MEAN_RADIUS * shrink)) + 180) % 360 - 180,
        east,
        north,
        np.hypot(spread, turns * age),
        turns,
        turns,
        np.clip(_known(rows, "exists"), 0, 1),
        np.full(len(named), LONGEST),
        life,
    )
    return found._replace(until=np.where(life, LONGEST, _chance(found, border)))


def _chance(found: Targets, border: Border) -> Floats:
    """Seconds until each track, going on as it goes, is at the line; `LONGEST` where that is farther off."""
    if not len(found.track):
        return np.zeros(0)
    margin, rate = approach(found, border)
    nears = rate > 0
    return np.where(nears, np.minimum(-margin / np.where(nears, rate, 1.0), LONGEST), LONGEST)


def _seconds(moment: datetime, column: pa.ChunkedArray) -> Floats:
    at = column.cast(pa.int64()).to_numpy()
    return moment.astimezone(UTC).timestamp() - np.asarray(at, np.float64) / 1e6


def _known(rows: pa.Table, name: str, most: float = MOST) -> Floats:
    """A column of numbers; 0 where one is not known, and none beyond so many."""
    column: Any = pc.fill_null(rows[name].cast(pa.float64()), 0.0)
    return np.asarray(np.clip(np.nan_to_num(column.to_numpy()), -most, most), np.float64)
