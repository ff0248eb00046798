"""Where each thing that the desks follow was last, as far as one reader could know it at a moment."""

import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import net
from watchfloor.core.kinds import INSTANT
from watchfloor.desks.base import Desk
from watchfloor.desks.registry import desks
from watchfloor.feeds.references import references
from watchfloor.policy.policy import Reader, mask
from watchfloor.run import published
from watchfloor.run.floor import history_of
from watchfloor.store import clock
from watchfloor.store.floor import Floor

PLACED: Final = (
    *("track", "subjects", "until", "latitude", "longitude", "speed", "course", "radius", "minor", "axis"),
    *("class", "stationary", "marking"),
)
"""Columns of a track that say where it was last."""
MOVED: Final = (
    *("track", "subjects", "until", "latitude", "longitude", "v_east", "v_north", "var_east", "var_north"),
    *("exists", "class", "marking"),
)
"""Columns that say where it will be, and whether it is at all."""

KEPT: Final = timedelta(hours=48)
"""Age from which the last place of a track is not told at all."""

AHEAD: Final = timedelta(minutes=1)
"""How far the clock of a sensor may be ahead of ours before its track counts as of the future."""

REMEMBERED: Final = 8
"""Views whose tracks are remembered: the map is drawn every second."""
_known: OrderedDict[Any, pa.Table] = OrderedDict()
_guard = threading.Lock()


TRAIL: Final = pa.schema(
    [
        pa.field("track", pa.string()),
        pa.field("until", INSTANT),
        pa.field("latitude", pa.float64()),
        pa.field("longitude", pa.float64()),
        pa.field("marking", pa.string()),
    ]
)
"""Where a track was, by its key."""

EVERY: Final = timedelta(seconds=30)
"""Time between two looks at the live tracks that are remembered for their trails."""
LOOKS: Final = 80
"""Looks that are remembered: forty minutes."""
MOST: Final = 400_000
"""Places that are remembered of a view."""
_looked: OrderedDict[Any, deque[tuple[datetime, pa.Table]]] = OrderedDict()


def live(floor: Floor, reader: Reader, now: datetime, columns: Sequence[str] = PLACED) -> pa.Table | None:
    """Each track as the live floor has it now, by its number; None where none runs for this reader.

    An exercise that has no clock of its own may be of any day: there the newest report is taken for one of
    now, and the others for as old as they are beside it.
    """
    found = published.read(floor.root, reader, "track", now)
    if found is None:
        return None
    rows = _selected(found, columns)
    of_any_day = floor.settings.exercise and clock.exercise_clock(floor.root) is None
    newest = _newest(_as_of(rows, now) if of_any_day else rows, now + AHEAD)
    if columns == PLACED:
        _looks(floor, reader, newest, now)
    return newest


def _as_of(rows: pa.Table, now: datetime) -> pa.Table:
    """The rows with their clock set so that its newest moment is now."""
    until = _numbers(rows, "until")
    if not len(until):
        return rows
    at = rows.schema.get_field_index("until")
    field = rows.schema.field(at)
    moved = pa.array(until + int(now.timestamp() * 1e6) - until.max(), pa.int64()).cast(field.type)
    return rows.set_column(at, field, moved)


def last(
    floor: Floor, reader: Reader, position: int, moment: datetime, columns: Sequence[str] = PLACED
) -> pa.Table | None:
    """Of each track the newest leg that was over by a moment, by its number.

    From the run of the reader's view; where that was not kept, made for him now. None where the desks that
    were run by that position follow nothing that he may know of.
    """
    ran = {run.desk: run.at_position for run in floor.standing(position) if run.desk in _following()}
    found = [_legs(floor, reader, name, at, tuple(columns)) for name, at in sorted(ran.items())]
    legs = [one for one in found if one.num_rows]
    return _newest(pa.concat_tables(legs), moment) if legs else None


def happened(floor: Floor, reader: Reader, position: int, moment: datetime) -> pa.Table | None:
    """Return where each track was at a moment, as `last` has it and as `live` showed it since."""
    with _guard:
        shown = [rows for _, rows in _looked.get(_view(floor, reader), ())]
    kept = last(floor, reader, position, moment)
    if not shown:
        return kept
    seen = pa.concat_tables(shown)
    seen = seen.filter(mask(reader, seen["marking"]))
    return _newest(pa.concat_tables([seen, *([kept] if kept is not None else [])]), moment)


def trails(
    floor: Floor, reader: Reader, position: int, moment: datetime, span: timedelta, keys: Sequence[str]
) -> pa.Table:
    """Return where some tracks were in the time before a moment, as `TRAIL`, by their keys and in time.

    From the legs that `last` reads, and from what `live` gave this reader's view while anybody looked.
    """
    names = ("track", "subjects", "until", "latitude", "longitude", "marking")
    wanted = pa.array(keys, pa.string())
    tables = [_trail(one) for one in _told(floor, reader, position, names)]
    some = [one.filter(pc.is_in(one["track"], value_set=wanted)) for one in tables]
    whole = pa.concat_tables([TRAIL.empty_table(), *some])
    whole = whole.filter(mask(reader, whole["marking"]))
    until = pc.and_(
        pc.less_equal(whole["until"], pa.scalar(moment, INSTANT)),
        pc.greater(whole["until"], pa.scalar(moment - span, INSTANT)),
    )
    return whole.filter(until).sort_by([("track", "ascending"), ("until", "ascending")])


def history(floor: Floor, reader: Reader, since: datetime, until: datetime, key: str = "") -> pa.Table:
    """Return where every track was in a time, or one by its key, up to and with its end, as it is known now.

    Columns are `PLACED` with the key in place of the number, in the order of time and key; a place that a
    run and the live floor both tell is there once.
    """
    now = live(floor, reader, floor.now())
    tables = [*_told(floor, reader, floor.position, PLACED), *([] if now is None else [now])]
    keyed = [_keyed(rows) for rows in tables if rows.num_rows]
    if key:  # before all are put in order
        keyed = [rows.filter(pc.equal(rows["key"], key)) for rows in keyed]
    if not keyed:
        return _keyed(pa.table({name: pa.array([], TYPES.get(name, pa.float64())) for name in PLACED}))
    whole = pa.concat_tables(keyed, promote_options="permissive")
    within = pc.and_(
        pc.greater(whole["until"], pa.scalar(since, INSTANT)),
        pc.less_equal(whole["until"], pa.scalar(until, INSTANT)),
    )
    found = whole.filter(pc.and_(within, mask(reader, whole["marking"])))
    found = found.sort_by([("until", "ascending"), ("key", "ascending")])
    when, key = (found[name].combine_chunks() for name in ("until", "key"))
    same = pc.and_(pc.equal(when[1:], when[:-1]), pc.equal(key[1:], key[:-1]))
    return found.filter(
        pa.concat_arrays([pa.array([True] * min(len(found), 1), pa.bool_()), pc.invert(same)])
    )


TYPES: Final = {
    "track": pa.int64(),
    "subjects": pa.list_(pa.string()),
    "until": INSTANT,
    "class": pa.string(),
    "stationary": pa.bool_(),
    "marking": pa.string(),
}
"""Of the columns of `PLACED` that are no floating numbers."""


def _selected(rows: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Return columns of rows of an older version or of somebody else's desk: one that they lack is null."""
    for name in columns:
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(len(rows), TYPES[name]))
    return rows.select(columns)


def _keyed(rows: pa.Table) -> pa.Table:
    """Return rows with a track's key in place of its number, which is one of its desk's alone."""
    subjects = rows["subjects"].combine_chunks()
    key = pc.list_element(subjects, 0) if len(rows) else pa.array([], pa.string())
    return rows.select(PLACED).set_column(0, pa.field("key", pa.string()), key)


def _told(floor: Floor, reader: Reader, position: int, names: tuple[str, ...]) -> list[pa.Table]:
    """Return the legs of every run by a position, and what `live` gave this reader's view."""
    ran = {run.desk: run.at_position for run in floor.standing(position) if run.desk in _following()}
    found = [_legs(floor, reader, name, at, names) for name, at in sorted(ran.items())]
    with _guard:
        looked = [rows.select(names) for _, rows in _looked.get(_view(floor, reader), ())]
    return [one for one in (*found, *looked) if one.num_rows]


def _trail(rows: pa.Table) -> pa.Table:
    key = pc.list_element(rows["subjects"].combine_chunks(), 0)
    return pa.table([key, *(rows[name].combine_chunks() for name in TRAIL.names[1:])], TRAIL)


def _looks(floor: Floor, reader: Reader, rows: pa.Table, now: datetime) -> None:
    """Remember where the tracks of a view are, every half minute: the live fold keeps no leg of now."""
    key = _view(floor, reader)
    with _guard:
        looked = _looked.setdefault(key, deque(maxlen=LOOKS))
        _looked.move_to_end(key)
        while len(_looked) > REMEMBERED:
            _looked.popitem(last=False)
        if not looked or now - looked[-1][0] >= EVERY or now < looked[-1][0]:
            looked.append((now, rows))
        while sum(one.num_rows for _, one in looked) > MOST and len(looked) > 1:
            looked.popleft()


def _view(floor: Floor, reader: Reader) -> tuple[Any, ...]:
    return floor.root, published.view_of(floor.root, reader)


def _newest(legs: pa.Table, moment: datetime) -> pa.Table:
    """Of each track the newest leg that was over by a moment, where that is not too long ago."""
    over = legs.filter(pc.less_equal(legs["until"], pa.scalar(moment, legs["until"].type)))
    tracks, until = (_numbers(over, name) for name in ("track", "until"))
    order = np.lexsort((until, tracks))
    newest = order[np.append(tracks[order][1:] != tracks[order][:-1], True)] if len(order) else order
    recent = until[newest] > (moment - KEPT).timestamp() * 1e6
    return over.take(pa.array(newest[recent]))


@cache
def _following() -> dict[str, Desk[Any]]:
    """Desks that follow tracks."""
    return {name: desk for name, desk in desks().items() if "track" in desk.yields}


def _legs(floor: Floor, reader: Reader, name: str, at: int, columns: tuple[str, ...]) -> pa.Table:
    """Every leg that a desk's run over the floor up to a position tells this reader."""
    view = floor.view(reader, at)
    key = (floor.root, floor.restored, name, view, at, columns)
    with _guard:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    schema = _following()[name].yields["track"]
    known = [one for one in columns if one in schema.names]
    mine = [run for run in floor.runs(name) if (run.view, run.at_position) == (view, at)]
    if not mine:
        found = net(history_of(floor, _following()[name], references(floor), reader, at, {})["track"])
    elif floor.newest(("track",)):
        found = floor.yielded("track", mine[-1], reader, known, schema)
    else:  # nothing was ever followed here
        found = schema.empty_table()
    found = _selected(found, columns)
    with _guard:
        _known[key] = found
        while len(_known) > REMEMBERED:
            _known.popitem(last=False)
    return found


def _numbers(rows: pa.Table, name: str) -> npt.NDArray[np.int64]:
    return np.asarray(rows[name].cast(pa.int64()).to_numpy(), np.int64)
