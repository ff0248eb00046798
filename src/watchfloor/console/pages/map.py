"""The map: what has a place, now or as it was known at a moment, and where along the border a point is."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.actions.watch import Log
from watchfloor.casework.tasking.units import load as load_units
from watchfloor.cell import tracks as moving
from watchfloor.cell.acts import refuse
from watchfloor.cell.weighing.weights import load
from watchfloor.cell.wording.estimative_language import words
from watchfloor.cell.wording.titles import Title
from watchfloor.cell.wording.titles import subject as subject_of
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, first_queue
from watchfloor.console.map import layers
from watchfloor.console.map.frames import TRAIL, frame, ids
from watchfloor.console.map.scene import Scene, micros, scene
from watchfloor.console.map.strip import Strip, strip
from watchfloor.console.map.symbols import SYMBOLS
from watchfloor.console.pages.ground import GroundView, grounds
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, Reason, declare
from watchfloor.reference import border
from watchfloor.store.floor import Floor
from watchfloor.store.index.places import around, parse

MOST: Final = 500
"""Things that are listed; all are on the map."""
LEADS: Final = 25
"""Leads of the queue that are told beside the map."""
MOMENTS: Final = 200
"""Moments of change that the slider has, the newest."""
WIDE: Final = 5_000.0
"""Metres around a thing without a radius, in which other leads are near."""
CLOSE: Final = 300.0
"""Metres around a thing without a radius that are in view at least."""
NEW: Final = timedelta(hours=1)
"""Age until which something is new, so that the map begins there."""
SPAN: Final = timedelta(minutes=40)
"""How far back trails go."""
TRAILED: Final = 500
"""Tracks whose trails are sent; the page makes those of the others as they move."""
SENT: Final = 5_000
"""Places of trails that are sent."""

AS_IT_IS: Final = (
    *("layer", "key", "latitude", "longitude", "major", "minor", "axis", "sector", "course", "symbol"),
    *("danger", "stationary", "at", "until", "stale", "age", "lead", "task", "subject", "marking"),
)
"""Fields of a thing that are columns of a scene."""

NO_BOX: Final = declare("console.map-no-box", "problem")
TWO_MOMENTS: Final = declare("console.map-two-moments")
NO_POINT: Final = declare("console.no-point", "latitude", "longitude")


class MapAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which map.

    Attributes:
        at: a moment of the past, ISO 8601: what was known then; empty: now.
        happened: a moment of the past, ISO 8601: what had happened by then, as it is known now; empty: now.
        lead: id of a lead whose things are to be looked at first.
        box: west,south,east,north in degrees: where to begin.
    """

    at: str = ""
    happened: str = ""
    lead: str = ""
    box: str = ""


class Thing(msgspec.Struct, frozen=True):
    """One thing with a place.

    Attributes:
        number: in this list, as frames have it.
        layer: what kind it is.
        key: of the signal, the task or the track.
        title: what it is called.
        text: the reason, or what is asked, as a sentence.
        latitude, longitude: degrees.
        major, minor: half axes of where it may be, metres; axis: degrees clockwise from north.
        sector: degrees that a sensor sees, of which `axis` is the middle; none: all around.
        course: where it goes, degrees clockwise from north.
        symbol: what it seems to be: unknown, person, group, vehicle, boat, aircraft, animal, parcel.
        danger: whether a life is at risk.
        stationary: whether it was seen standing still for long.
        at: when it was there or could first be known; until: when it is over.
        stale: whether that is too long ago, or over; age: seconds since `at`, at the moment that is shown.
        lead, task, subject: ids that lead to its page.
        km: nearest kilometre of the border and its chain, as a post says it; `off`: metres from the line.
        side: CAN, USA, or empty where it is too far away to say.
        box: around it, for the queue.
        marking: who may see it.
        ground: shape and pictures of ground that changed; None: it is of something else.
    """

    number: int
    layer: str
    key: str
    title: str
    text: str
    latitude: float
    longitude: float
    major: float | None
    minor: float | None
    axis: float | None
    sector: float | None
    course: float | None
    symbol: str
    danger: bool
    stationary: bool
    at: datetime
    until: datetime | None
    stale: bool
    age: int
    lead: str | None
    task: str | None
    subject: str | None
    km: str
    off: float
    side: str
    box: str
    marking: str
    ground: GroundView | None = None


class Kind(msgspec.Struct, frozen=True):
    """A layer in the legend: its name, how many things it has, how many of these are stationary, and whether
    anything delivers them."""

    name: str
    count: int
    stationary: int
    source: bool


class MapLead(msgspec.Struct, frozen=True):
    """A lead of the queue as it stood; `placed`: whether it is on the map."""

    lead_id: str
    title: Title
    hypothesis_title: str
    subject: str
    probability: float
    word: str
    reason: str
    placed: bool
    marking: str


class Map(msgspec.Struct, frozen=True):
    """The map.

    Attributes:
        marking: the join of what is shown.
        at: the moment of the past that was asked for, as it was known then; empty otherwise.
        happened: the moment that was asked for, as it is known now; empty otherwise.
        as_of: the moment that is shown.
        fresh: whether nothing newer is being made.
        digest: of everything on the map, the queue and its reasons; the same whenever this moment is shown.
        queue: digest of the queue, as the log has it.
        total: leads in the queue; `placed`: those of them that are on the map.
        leads: the first of the queue.
        things: what has a place; `more`: things that are on the map and not in this list.
        layers: the legend.
        moments: when something came or changed that the reader may see, oldest first.
        strip: how much with a place happened when, as it is known in this picture; none if nothing did.
        frame: the same things as a frame, in base 64.
        trails: where the first tracks were before: number, longitude and latitude in ten-millionths of a
            degree, and seconds before `as_of`, of four bytes each, in base 64.
        box: where to begin: what was asked for, what is of the lead, or what is new; empty: everything.
    """

    marking: str
    at: str
    happened: str
    as_of: datetime
    fresh: bool
    digest: str
    queue: str
    total: int
    placed: int
    leads: list[MapLead]
    things: list[Thing]
    more: int
    layers: list[Kind]
    moments: list[datetime]
    strip: Strip | None
    frame: str
    trails: str
    box: str


def map_(asker: Asker, ask: MapAsk) -> Map:
    """Everything that has a place: now, as it was known at a moment, or as it had happened by then."""
    box = _box(ask)
    if ask.at and ask.happened:
        refuse(TWO_MOMENTS)
    seen = scene(asker, ask.at, ask.happened)
    digest, picture = seen.digest, seen.look.picture
    things = list(_things(asker, seen))
    first = picture.listed(_begun(seen)[:LEADS])
    alerts = [row for row in Log(asker, ask.at).rows if row["what"] == "alert"]
    leads = [_told(one, asker.language) for one in first]
    asker.log_query(
        "map",
        digest=digest,
        queue=picture.about.digest,
        at=seen.look.moment.isoformat() if ask.at else None,
        happened=seen.look.moment.isoformat() if ask.happened else None,
        alerts=[row["entry"] for row in alerts] or None,
        shown=seen.points["key"].to_pylist(),
        leads=[one.lead_id for one in leads],
    )
    return Map(
        joined(
            [
                *dict.fromkeys(seen.points["marking"].to_pylist()),
                *(one.marking for one in leads),
                *(row["marking"] for row in alerts),
            ]
        ),
        ask.at,
        ask.happened,
        seen.look.moment,
        seen.fresh,
        digest,
        picture.about.digest,
        len(picture),
        int(picture.table.num_rows - picture.table["latitude"].null_count),
        leads,
        things,
        len(seen.points) - len(things),
        _layers(seen),
        moments(asker),
        _strip(seen, [row["observed_at"] for row in alerts], asker.at),
        b64encode(frame(seen)).decode(),
        b64encode(_trails(seen).tobytes()).decode(),
        box or begin(seen, ask.lead),
    )


def _begun(seen: Scene) -> npt.NDArray[np.int64]:
    """Return the rows of the queue in their order; by event time those that had begun."""
    picture, look = seen.look.picture, seen.look
    every = np.arange(len(picture))
    if not look.happened:
        return every
    here = pc.is_in(picture.table["lead_id"], value_set=pc.unique(seen.points["lead"]).drop_null())
    known = pc.less_equal(picture.table["at"], pa.scalar(look.moment, picture.table["at"].type))
    return np.flatnonzero(pc.or_(here, known).to_numpy(zero_copy_only=False))


def _strip(seen: Scene, alerts: Iterable[datetime], now: datetime) -> Strip | None:
    known = layers.by_event(layers.known_signals(seen.look))
    return strip(known, alerts, seen.look.moment if not seen.look.happened else now)


def _box(ask: MapAsk) -> str:
    """The box to begin with, as it was asked for. Raises `Refusal`."""
    try:
        return ",".join(f"{side:g}" for side in parse(ask.box)) if ask.box else ""
    except ValueError as error:
        refuse(NO_BOX, problem=str(error))


def begin(seen: Scene, lead: str) -> str:
    """Return a box around what is of a lead, or else what is new, life at risk first; empty if nothing is."""
    points = seen.points
    if lead:
        return _box_of(points.filter(pc.fill_null(pc.equal(points["lead"], lead), False)))
    found = pc.is_in(points["layer"], value_set=pa.array(["signal", "track"]))
    new = pc.greater(points["at"], pa.scalar(seen.look.moment - NEW, points["at"].type))
    points = points.filter(pc.and_(pc.and_(found, new), pa.array(~seen.stale)))
    return _box_of(points.filter(points["danger"])) or _box_of(points)


def _box_of(points: pa.Table) -> str:
    rows = points.select(("latitude", "longitude", "major")).to_pylist()
    boxes = [
        around(one["latitude"], one["longitude"], min(max(one["major"] or 0.0, CLOSE), WIDE)) for one in rows
    ]
    if not boxes:
        return ""
    west, south, east, north = zip(*boxes, strict=True)
    return _written(min(west), min(south), max(east), max(north))


def _trails(seen: Scene) -> npt.NDArray[np.void]:
    """Return where the first tracks were before, those of leads and at risk first."""
    look, points = seen.look, seen.points
    tracks = points.filter(pc.equal(points["layer"], "track"))
    first = pc.or_(pc.fill_null(tracks["danger"], False), pc.is_valid(tracks["lead"])).to_numpy()
    keys = tracks["key"].take(pa.array(np.argsort(~first, kind="stable")[:TRAILED])).to_pylist()
    if not keys:
        return np.zeros(0, TRAIL)
    rows = moving.trails(look.floor, look.reader, look.position, look.moment, SPAN, keys)
    rows = rows.take(pa.array(np.arange(0, rows.num_rows, rows.num_rows // SENT + 1)))
    made = np.zeros(rows.num_rows, TRAIL)
    made["id"] = ids(rows["track"].to_pylist(), apart=False)
    for name in ("longitude", "latitude"):
        made[name] = np.round(rows[name].to_numpy() * 1e7)
    made["age"] = look.moment.timestamp() - micros(rows["until"]) / 1e6
    return made


def _things(asker: Asker, seen: Scene) -> Iterable[Thing]:
    rows = seen.points.slice(0, MOST).to_pylist()
    if not rows:
        return
    where = [row["latitude"] for row in rows], [row["longitude"] for row in rows]
    line = border.load()
    near, sides = line.nearest(*where), line.side(*where)
    units = load_units(asker.floor.root).units
    keys = [row["subject"] for row in rows if row["layer"] == "signal" and row["subject"]]
    ground = grounds(asker.floor, asker.reader, keys, seen.look.position)
    for number, (row, stale) in enumerate(zip(rows, seen.stale.tolist(), strict=False)):
        if row["layer"] == "task" and row["title"] in units:
            row["title"] = units[row["title"]].called(asker.language)
        age = max(int((seen.look.moment - row["at"]).total_seconds()), 0)
        row |= {"symbol": row["symbol"] or SYMBOLS[0], "danger": bool(row["danger"])}
        row["stationary"] = bool(row["stationary"])
        row["title"] = _title(seen, row, asker.language)
        made = _thing(number, row | {"stale": stale, "age": age}, near, str(sides[number]), asker.language)
        yield msgspec.structs.replace(made, ground=ground.get(row["subject"]))


def _title(seen: Scene, row: Mapping[str, Any], language: Language) -> str:
    """Return what a thing is called: as its lead is, by its own name, or by its subject's number."""
    at = seen.look.picture.row_of(row["lead"]) if row["lead"] and row["layer"] != "track" else None
    if at is not None:
        title = seen.look.picture.title(at)
        return title.fr if language == "fr" else title.en
    named = row["title"] or row["subject"] or row["key"]
    return subject_of(named, {}, language) if row["subject"] and named.count(":") >= MARKS else named


def _thing(number: int, row: Mapping[str, Any], near: border.Nearest, side: str, language: Language) -> Thing:
    reason = row["reason"]
    return Thing(
        number=number,
        title=row["title"] or row["subject"] or row["key"],
        text=Reason.load(reason).render(language) if reason else row["text"] or "",
        km=post(float(near.km[number]), bool(near.alaska[number])),
        off=round(float(near.metres[number]), 1),
        side=side,
        box=_around(row["latitude"], row["longitude"], row["major"]),
        **{name: row[name] for name in AS_IT_IS},
    )


MARKS: Final = 2
"""Colons of a subject's key."""


def _around(latitude: float, longitude: float, radius: float | None) -> str:
    """A box around a thing, as the queue takes one; an east beyond 180 is written as a longitude."""
    found = around(latitude, longitude, max(radius or 0.0, WIDE))
    return _written(*found)


def _written(west: float, south: float, east: float, north: float) -> str:
    return f"{west:.4f},{south:.4f},{east - 360 if east > 180 else east:.4f},{north:.4f}"


def post(km: float, alaska: bool) -> str:
    """A kilometre of the border as it is said: `km 1234.5`, in Alaska `AK km 12.0`."""
    return f"{'AK ' if alaska else ''}km {km:.1f}"


def _layers(seen: Scene) -> list[Kind]:
    names = seen.points["layer"].to_pylist()
    still = seen.points["layer"].filter(pc.fill_null(seen.points["stationary"], False)).to_pylist()
    return [
        Kind(one.name, names.count(one.name), still.count(one.name), one.name in seen.sourced)
        for one in layers.LAYERS
    ]


def _told(said: Mapping[str, Any], language: Language) -> MapLead:
    return MapLead(
        said["lead_id"],
        said["title"],
        load().hypotheses[said["hypothesis"]].called(language),
        said["subject"],
        said["probability"],
        words(said["low"], said["high"], language),
        Reason.load(said["reason"]).render(language),
        said["latitude"] is not None,
        said["marking"],
    )


def moments(asker: Asker) -> list[datetime]:
    """When something came that this reader may see, or his view's desks said something new; oldest first."""
    floor, reader = asker.floor, asker.reader
    kept: dict[str, int] = {}
    found = set(floor.seen(reader))
    for run in floor.runs_of(reader):
        if kept.get(run.desk) != run.kept:
            kept[run.desk] = run.kept
            found.add(run.position)
    restored = floor.restored
    at = {_moment(floor, restored, position) for position in sorted(found)[-MOMENTS:]}
    return sorted(at)


@lru_cache(maxsize=10_000)
def _moment(floor: Floor, restored: int, position: int) -> datetime:  # noqa: ARG001
    """When an act was; that never changes but by a restore."""
    (act,) = floor.acts(position, position)
    return act.at


class BorderAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A point, in degrees; east is positive."""

    lat: float
    lon: float


class Along(msgspec.Struct, frozen=True):
    """Where a point is by the border.

    Attributes:
        side: CAN, USA, or empty where it is too far away to say; `said`: in words.
        metres: to the line.
        km: nearest kilometre, along `chain`: main begins at the Pacific, alaska at the Beaufort Sea.
        post: the same as it is said.
        latitude, longitude: of the nearest point of the line.
        attribution: of the line's source.
        digest: of the line.
    """

    side: str
    said: str
    metres: float
    km: float
    chain: str
    post: str
    latitude: float
    longitude: float
    attribution: str
    digest: str
    marking: str = ""


def along(asker: Asker, ask: BorderAsk) -> Along:
    """Which side of the border a point is on, the nearest kilometre of the line and how far that is."""
    if not (abs(ask.lat) <= 90 and abs(ask.lon) <= 180):
        refuse(NO_POINT, latitude=ask.lat, longitude=ask.lon)
    line = border.load()
    side = str(line.side(ask.lat, ask.lon)[0])
    metres, km, alaska, latitude, longitude = (np.asarray(one)[0] for one in line.nearest(ask.lat, ask.lon))
    return Along(
        side,
        asker.t(f"map.side_{side or 'none'}"),
        round(float(metres), 1),
        round(float(km), 3),
        "alaska" if alaska else "main",
        post(float(km), bool(alaska)),
        round(float(latitude), 6),
        round(float(longitude), 6),
        border.ATTRIBUTION,
        line.digest,
    )


ENDPOINTS: Final = (
    Endpoint("map", "GET", "/map", MapAsk, Map, map_, page="map.html", script=True, prepares=first_queue),
    Endpoint("border", "GET", "/border", BorderAsk, Along, along),
)
