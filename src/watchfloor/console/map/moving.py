"""The layer of tracks: where each thing that the desks follow was last, as far as was known at a moment."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.registry import desks
from watchfloor.release.policy import Reader
from watchfloor.run import published
from watchfloor.store.floor import Floor
from watchfloor.store.runs import Run

COLUMNS: Final = (
    *("track", "subjects", "until", "latitude", "longitude", "course", "radius", "minor", "axis", "marking"),
)
"""Columns of a track that the map shows."""

KEPT: Final = timedelta(hours=48)
"""Age from which the last place of a track is not on the map at all."""

AHEAD: Final = timedelta(minutes=1)
"""How far the clock of a sensor may be ahead of ours before its track counts as of the future."""

REMEMBERED: Final = 8
"""Views whose tracks are remembered: the map is drawn every second."""
_known: OrderedDict[Any, pa.Table] = OrderedDict()
_guard = threading.Lock()


def live(floor: Floor, reader: Reader, now: datetime) -> pa.Table | None:
    """Each track as the live floor has it now, by its number; None where none runs for this reader."""
    found = published.read(floor.root, reader, "track", now)
    return None if found is None else _newest(found.select(COLUMNS), now + AHEAD)


def last(floor: Floor, reader: Reader, position: int, moment: datetime) -> pa.Table | None:
    """Of each track the newest leg that was over by a moment, by its number.

    None where no desk that follows tracks was run by that position for what the reader may see.
    """
    ran = [run for run in floor.runs_of(reader) if run.desk in _following() and run.position <= position]
    if not ran or not floor.newest(("track",), position):  # nothing was ever followed here
        return None
    return _newest(_legs(floor, reader, ran[-1]), moment)


def _newest(legs: pa.Table, moment: datetime) -> pa.Table:
    """Of each track the newest leg that was over by a moment, where that is not too long ago."""
    over = legs.filter(pc.less_equal(legs["until"], pa.scalar(moment, legs["until"].type)))
    tracks, until = (_numbers(over, name) for name in ("track", "until"))
    order = np.lexsort((until, tracks))
    newest = order[np.append(tracks[order][1:] != tracks[order][:-1], True)] if len(order) else order
    recent = until[newest] > (moment - KEPT).timestamp() * 1e6
    return over.take(pa.array(newest[recent]))


@cache
def _following() -> frozenset[str]:
    """Desks that follow tracks."""
    return frozenset(name for name, desk in desks().items() if "track" in desk.yields)


def _legs(floor: Floor, reader: Reader, run: Run) -> pa.Table:
    key = (floor.root, run.view, run.kept, run.position)
    with _guard:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    found = floor.yielded("track", run, reader, COLUMNS)
    with _guard:
        _known[key] = found
        while len(_known) > REMEMBERED:
            _known.popitem(last=False)
    return found


def _numbers(rows: pa.Table, name: str) -> npt.NDArray[np.int64]:
    return np.asarray(rows[name].cast(pa.int64()).to_numpy(), np.int64)
