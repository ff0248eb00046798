"""Layers of the map, by the kind of thing: what a reader may see of it at one position of the log.

A layer gives a table of `POINT`. One without `gather` has no source yet, and the legend says so.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.flags import LIFE
from watchfloor.casework.tasking.tasks import Task
from watchfloor.cell import tracks as moving
from watchfloor.cell.leads import OUTRANKS_FROM
from watchfloor.cell.nearby import LASTS
from watchfloor.console.map import sensors, sent, symbols
from watchfloor.console.pictures.picture import Picture, on_map
from watchfloor.core.kinds import INSTANT
from watchfloor.core.messages import REASON
from watchfloor.desks.registry import desks
from watchfloor.policy.policy import Reader
from watchfloor.run import published
from watchfloor.store.floor import Floor

POINT: Final = pa.schema(
    [
        pa.field("layer", pa.string()),
        pa.field("key", pa.string()),
        pa.field("latitude", pa.float64()),
        pa.field("longitude", pa.float64()),
        pa.field("major", pa.float64()),
        pa.field("minor", pa.float64()),
        pa.field("axis", pa.float64()),
        pa.field("sector", pa.float64()),
        pa.field("course", pa.float64()),
        pa.field("symbol", pa.string()),
        pa.field("danger", pa.bool_()),
        pa.field("stationary", pa.bool_()),
        pa.field("at", INSTANT),
        pa.field("since", INSTANT),
        pa.field("until", INSTANT),
        pa.field("title", pa.string()),
        pa.field("text", pa.string()),
        pa.field("reason", REASON),
        pa.field("lead", pa.string()),
        pa.field("task", pa.string()),
        pa.field("subject", pa.string()),
        pa.field("marking", pa.string()),
    ]
)
"""One thing with a place. Degrees; `major` and `minor` are half axes of where it may be, in metres, and
`axis` and `course` go clockwise from north; `sector` is the angle that is seen, around `axis`; `symbol` is
one of `symbols.SYMBOLS`, and `danger` says that a life is at risk, and
`stationary` that a track was seen standing still for long; `at` is when it was there or could be
known, and `since` when what a signal is about began; from `until` on it is over.
"""

MOST: Final = 5_000
"""Leads whose signals are on the map, those that come first in the queue."""


KEPT: Final = 32
"""Queues whose signals are remembered: many readers look at one every second."""
_known: OrderedDict[bytes, pa.Table] = OrderedDict()
_guard = threading.Lock()


class Look(NamedTuple):
    """A look: a reader's view of a floor at a position, as of a moment, and the queue then.

    Attributes:
        now: by the clock, where it is the present that is looked at; None: the past.
        happened: whether it is what happened until the moment, as it is known now.
    """

    floor: Floor
    reader: Reader
    picture: Picture
    position: int
    moment: datetime
    now: datetime | None = None
    happened: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """One kind of thing.

    Attributes:
        name: its name; words, colours and shapes go by it.
        gather: its things; None: nothing delivers any yet.
        stale: age from which a position is no longer where something is; None: it does not age.
        moving: whether it changes all the time, so that lists need not follow each step.
    """

    name: str
    gather: Callable[[Look], pa.Table | None] | None = None
    stale: timedelta | None = None
    moving: bool = False


def signals(look: Look) -> pa.Table:
    """The signals that have a place: those of leads, and those that the live floor has found since."""
    found = known_signals(look)
    return found.filter(pc.less_equal(found["at"], _instant(look.moment))) if look.happened else found


def known_signals(look: Look) -> pa.Table:
    """Return every signal with a place that is known; by event time, each is when what it is about began."""
    return by_event(_known_signals(look)) if look.happened else _known_signals(look)


def by_event(points: pa.Table) -> pa.Table:
    """Return points at the moments when what they are about began."""
    field = POINT.field("at")
    moments = pc.coalesce(points["since"], points["at"])
    return points.set_column(POINT.get_field_index("at"), field, moments)


def _instant(moment: datetime) -> pa.Scalar:
    return pa.scalar(moment, INSTANT)


def _known_signals(look: Look) -> pa.Table:
    of_leads = of_queue(look)
    now = look.floor.now() if look.happened else look.now
    live = published.read(look.floor.root, look.reader, "signal", now) if now else None
    if live is None:
        return of_leads
    known = pa.array(of_leads["key"].to_pylist(), pa.string())
    new = of_signals(live)
    return pa.concat_tables([of_leads, new.filter(pc.invert(pc.is_in(new["key"], known)))]).sort_by("key")


def of_signals(rows: pa.Table) -> pa.Table:
    """Points from signals with a place, which no lead holds yet."""
    placed = rows.filter(pc.and_(pc.is_valid(rows["latitude"]), pc.is_valid(rows["longitude"])))
    names = ("row_id", "latitude", "longitude", "radius", "at", "since", "reason", "subjects", "marking")
    made = [
        {
            "key": one["row_id"].hex(),
            "latitude": one["latitude"],
            "longitude": one["longitude"],
            "major": one["radius"],
            "symbol": symbols.of_signal(one["subjects"], one["rule"], one["reason"]["message"]),
            "danger": symbols.at_risk(one["rule"], one["strength"]),
            "at": one["at"],
            "since": one["since"],
            "until": _lies_until(one["rule"], one["at"]),
            "title": next(iter(one["subjects"]), None),
            "reason": one["reason"],
            "subject": next(iter(one["subjects"]), None),
            "marking": one["marking"],
        }
        for one in placed.select([*names, "rule", "strength"]).to_pylist()
    ]
    return table_of("signal", made)


def _lies_until(rule: str, at: datetime) -> datetime | None:
    """Return until when what a signal is about lies on the ground; None: it came by, and grows old."""
    return at + LASTS[rule] if rule in LASTS else None


def of_queue(look: Look) -> pa.Table:
    """The signals of leads that have a place, found once for each queue."""
    key = look.picture.content_digest
    with _guard:
        found = _known.get(key)
    if found is None:
        found = _signals(look)
        with _guard:
            _known[key] = found
            while len(_known) > KEPT:
                _known.popitem(last=False)
    return found


def _signals(look: Look) -> pa.Table:
    table = look.picture.table
    placed = np.flatnonzero(pc.is_valid(table["latitude"]).to_numpy())[:MOST]
    called, subjects = (table[name].take(pa.array(placed)).to_pylist() for name in ("called", "subject"))
    rows: list[dict[str, Any]] = []
    for row, name, subject in zip(placed.tolist(), called, subjects, strict=True):
        rows += _of_lead(look.picture, row, name or subject)
    return table_of("signal", rows)


def _of_lead(picture: Picture, row: int, title: str) -> list[dict[str, Any]]:
    lead, places = picture.lead(row), picture.places(row)
    likely = lead.probability > OUTRANKS_FROM
    return [
        {
            "key": one.signal_id.hex(),
            "latitude": places[one.signal_id][0],
            "longitude": places[one.signal_id][1],
            "major": places[one.signal_id][2],
            "symbol": symbols.of_signal((one.subject,), one.rule, one.reason.message),
            "danger": likely and symbols.at_risk(one.rule, one.strength),
            "at": one.at,
            "since": one.since,
            "until": _lies_until(one.rule, one.at),
            "title": title,
            "reason": one.reason.stored(),
            "lead": lead.lead_id,
            "subject": one.subject,
            "marking": lead.marking,
        }
        for one in on_map(lead)
        if one.signal_id in places
    ]


def given(look: Look) -> pa.Table:
    """Tasks, lookouts and targets with a place that are not done or refused."""
    rows = []
    position = look.floor.position_at(look.moment) if look.happened else look.position
    for one in Task.read(look.floor, look.reader, position).values():
        if one.order.place is None or one.standing(look.moment) in ("done", "refused"):
            continue
        latitude, longitude, radius = one.order.place
        rows.append(
            {
                "key": one.id,
                "latitude": latitude,
                "longitude": longitude,
                "major": radius or None,
                "danger": LIFE in one.order.flags,
                "at": one.at,
                "until": one.order.deadline,
                "title": one.order.unit,
                "text": one.order.instruction,
                "lead": one.order.lead,
                "task": one.id,
                "subject": one.order.subjects[0],
                "marking": one.order.marking,
            }
        )
    return table_of("task", rows)


def tracks(look: Look) -> pa.Table | None:
    """Where what the desks follow was last; None while no desk yields `track`."""
    if not any("track" in desk.yields for desk in desks().values()):
        return None
    rows = moving.live(look.floor, look.reader, look.now) if look.now else None
    if look.happened:
        rows = moving.happened(look.floor, look.reader, look.position, look.moment)
    elif rows is None:
        rows = moving.last(look.floor, look.reader, look.position, look.moment)
    return None if rows is None else of_tracks(rows)


def towers(look: Look) -> pa.Table | None:
    """Cameras and sensors that stand, and what they see; None where the reader knows of none."""
    return _assets("tower", look, moving=False)


def patrols(look: Look) -> pa.Table | None:
    """Drones, aircraft and boats, and what they see; None where the reader knows of none."""
    return _assets("patrol", look, moving=True)


def _assets(layer: str, look: Look, *, moving: bool) -> pa.Table | None:
    moment = look.floor.now() if look.happened else look.moment
    rows = sent.rows(look.floor, look.reader, moment, moving=moving) or []
    named = {row["key"] for row in rows}
    seen = sensors.rows(look.floor, look.reader, look.position, look.moment, moving=moving)
    rows += [row for row in seen if row["key"] not in named]
    return table_of(layer, rows) if rows else None


def of_tracks(rows: pa.Table) -> pa.Table:
    """Points from rows of the kind `track`, by their keys."""
    subjects = rows["subjects"].combine_chunks()
    mine = pc.list_element(subjects, 0) if rows.num_rows else pa.array([], pa.string())
    claimed = [one[1] if len(one) > 1 else one[0] for one in subjects.to_pylist()]
    given = {"layer": ["track"] * rows.num_rows, "key": mine, "title": claimed, "subject": mine}
    given |= {"at": rows["until"], "major": rows["radius"], "stationary": rows["stationary"]}
    given |= {"symbol": [symbols.CLASSES.get(one, "unknown") for one in rows["class"].to_pylist()]}
    given |= {name: rows[name] for name in ("latitude", "longitude", "minor", "axis", "course", "marking")}
    columns = [
        pa.nulls(rows.num_rows, one.type) if one.name not in given else _column(given[one.name], one.type)
        for one in POINT
    ]
    return pa.table(columns, POINT).sort_by("key")


def _column(values: Any, of: pa.DataType) -> pa.Array | pa.ChunkedArray:
    return values.cast(of) if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, of)


def table_of(layer: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of one layer by their keys; columns that a row has not are null."""
    ordered = sorted(rows, key=lambda row: str(row["key"]))
    named = [{"layer": layer, **{name: row[name] for name in POINT.names if name in row}} for row in ordered]
    return pa.Table.from_pylist(named, schema=POINT)


LAYERS: Final = (
    Layer("signal", signals, timedelta(hours=24)),
    Layer("task", given),
    Layer("track", tracks, timedelta(minutes=10), moving=True),
    Layer("tower", towers),
    Layer("patrol", patrols, timedelta(hours=12)),
    Layer("seizure"),
    Layer("pass"),
)
"""Every layer, in the order in which things are listed; a frame names a layer by its place here."""
