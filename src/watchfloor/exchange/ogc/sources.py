"""Features that OGC API gives: to officers those of their view of a floor, to partners those disclosed."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from watchfloor.casework.tasking import assets
from watchfloor.cell import current_signals
from watchfloor.cell import tracks as moving
from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language
from watchfloor.exchange.deliveries import DayFull, Deliveries, noted
from watchfloor.exchange.geo.features import MAPPED, NEVER, Layer, layer
from watchfloor.exchange.geo.files import encoded
from watchfloor.exchange.ogc.snapshot import Numbers, Snapshot
from watchfloor.exchange.ogc.systems import Move
from watchfloor.exchange.partners.door import SETTLED
from watchfloor.exchange.partners.partner import Partner, stamp
from watchfloor.exchange.shelf import Shelf, path_of
from watchfloor.exchange.taxii.queries import Wrong
from watchfloor.formats.geography.antimeridian import HALF, cut
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

GEOJSON: Final = "geojson"
"""Standard of the collections of a shelf."""
LARGE: Final = 20_000
"""Features that take a noticeable time to be read: a page is not kept waiting for them once more."""
KEPT: Final = 24
"""Snapshots in memory, of all readers."""
STRETCH: Final = 10_000
SPAN: Final = timedelta(hours=48)
"""Time before now of which tracks are drawn."""
RECORDS: Final = (
    "map-feature",
    "scene",
    "scene-change",
    "coverage",
    "report",
    "seizure",
    "detection",
    "weather",
    "public-alert",
)
FIXED: Final = {"towers": "tower", "patrols": "patrol"}
COLLECTIONS: Final[Mapping[str, str]] = {
    "events": "signal",
    "tracks": "track",
    **FIXED,
    **{MAPPED[kind].collection: kind for kind in RECORDS},
}
"""Collections of an officer, and the kind of their rows."""


class Snapshots:
    """Snapshots in memory by what they are of, the latest asked for; threads share them."""

    def __init__(self) -> None:
        self._made: OrderedDict[Any, tuple[Any, Snapshot]] = OrderedDict()
        self._guard = threading.Lock()
        self._making: dict[Any, threading.Lock] = {}
        self._earlier: dict[Any, tuple[Any, Snapshot]] = {}
        self._next: dict[Any, float] = {}

    def without_waiting(
        self, key: Any, state: Any, make: Callable[[], Snapshot], mend: Callable[[Snapshot], Snapshot]
    ) -> Snapshot:
        """Return the snapshot of a state, or a large earlier one that is mended while the new one is made."""
        with self._guard:
            found, mended = self._made.get(key), self._earlier.get(key)
        if found is None or found[0] == state or len(found[1].names) < LARGE:
            return self.get(key, state, make)
        if mended is None or mended[0] != state:
            mended = state, mend(found[1])
        with self._guard:
            self._earlier[key] = mended
            begins = time.monotonic() >= self._next.get(key, 0.0)
            if begins:
                self._next[key] = float("inf")
        if begins:
            threading.Thread(target=self._remake, args=(key, state, make), daemon=True).start()
        return mended[1]

    def _remake(self, key: Any, state: Any, make: Callable[[], Snapshot]) -> None:
        """Make a snapshot in a thread of its own, for a quarter of the time at most."""
        began = time.monotonic()
        try:
            self.get(key, state, make)
        finally:
            ended = time.monotonic()
            with self._guard:
                self._next[key] = ended + 3 * (ended - began)
                self._earlier.pop(key, None)

    def get(self, key: Any, state: Any, make: Callable[[], Snapshot]) -> Snapshot:
        """Return the snapshot of a state; it is made once, whoever asks meanwhile."""
        with self._guard:
            lock = self._making.setdefault(key, threading.Lock())
        with lock:
            with self._guard:
                found = self._made.get(key)
            if found is None or found[0] != state:
                found = state, make()
            with self._guard:
                self._made[key] = found
                self._made.move_to_end(key)
                while len(self._made) > KEPT:
                    gone, _ = self._made.popitem(last=False)
                    for kept in (self._making, self._earlier, self._next):
                        kept.pop(gone, None)
        return found[1]


@dataclass
class OfficerView:
    """A reader's view of the floor.

    Attributes:
        floor, reader: whose.
        who, language: see `exchange.ogc.routes.View`.
        snapshots: those in memory.
        log: logs what is about to be shown: the collection and the names of the features.
    """

    floor: Floor
    reader: Reader
    who: str
    language: Language
    snapshots: Snapshots
    log: Callable[[str, list[str]], None]

    def names(self) -> Sequence[str]:
        """Return every collection; one may have nothing in it."""
        return tuple(COLLECTIONS)

    def snapshot(self, name: str) -> Snapshot:
        """Return the features of a collection as they stand now."""
        kind, floor = COLLECTIONS[name], self.floor
        newest = floor.newest((kind,)) if kind not in FIXED.values() else _written(floor)
        view = floor.view(self.reader, floor.position)
        state = newest, view, floor.newest_act("erasure"), _minute(floor.now()) if kind == "track" else 0
        whose = self.who if kind in FIXED.values() else view
        key = str(floor.root), name, whose, self.language
        return self.snapshots.get(key, state, lambda: self._make(name, kind))

    def note(self, name: str, snapshot: Snapshot, numbers: Numbers) -> None:
        """Log what is about to be shown."""
        self.log(name, [snapshot.names[one] for one in numbers.tolist()])

    def _make(self, name: str, kind: str) -> Snapshot:
        if kind == "track":
            return of_layer(_tracks(self.floor, self.reader), self.language)
        if name in FIXED:
            return of_layer(_assets(self.floor, self.reader, name), self.language)
        if kind == "signal":
            rows = current_signals.signals(self.floor, self.reader)
            names = [one.hex() for one in rows["row_id"].to_pylist()]
        else:
            rows = self.floor.read(kind, self.reader, latest=not KINDS[kind].bulk)
            names = [one.hex() for one in rows["record_id"].to_pylist()]
        return of_layer(layer(kind, rows, names), self.language)


def of_layer(found: Layer, language: Language) -> Snapshot:
    """Return the rows of a layer that have a place, in the order of their names."""
    placed = np.array([one is not None and not one.is_empty for one in found.shapes], np.bool_)
    names = np.array(found.names, object)
    order = np.flatnonzero(placed)
    order = np.array(sorted(order.tolist(), key=names.__getitem__), np.int64)
    rows = found.rows.take(pa.array(order))
    shapes = found.shapes[order]
    west, _, east, _ = shapely.bounds(shapes).reshape(-1, 4).T
    for number in np.flatnonzero((west < -HALF) | (east > HALF) | (east - west > HALF)).tolist():
        shapes[number] = cut(shapes[number])  # its box would lie on the other side of the earth
    sorted_ = Layer(*(found.kind, names[order].tolist(), rows, shapes, found.at[order], found.until[order]))

    def render(numbers: Numbers, move: Move | None) -> list[bytes]:
        some = list(sorted_.features(numbers, language))
        if move is None:
            return [encoded(one) for one in some]
        moved = move(np.array([one.geometry for one in some], object))
        return [_moved(encoded(one), shape) for one, shape in zip(some, moved.tolist(), strict=True)]

    columns = {
        name: rows[name].combine_chunks() for name in MAPPED[found.kind].says
        if name in rows.column_names and not pa.types.is_nested(rows.schema.field(name).type)
    }  # fmt: skip
    marking = joined(pc.unique(rows["marking"]).to_pylist())
    return Snapshot(sorted_.names, sorted_.shapes, sorted_.at, sorted_.until, columns, marking, render)


def _moved(feature: bytes, shape: shapely.Geometry | None) -> bytes:
    """Return a feature with a geometry of another system."""
    told = msgspec.json.decode(feature)
    text = None if shape is None else msgspec.Raw(shapely.to_geojson(shape).encode())
    return msgspec.json.encode(told | {"geometry": text})


def _written(floor: Floor) -> int:
    try:
        return (floor.root / assets.NAME).stat().st_mtime_ns
    except OSError:
        return 0


def _minute(now: datetime) -> int:
    return int(now.timestamp() // 60)


def _tracks(floor: Floor, reader: Reader) -> Layer:
    """Return a line for each track that was seen lately, and when it was at each place of it."""
    now, position = floor.now(), floor.position
    last = moving.live(floor, reader, now)
    if last is None:
        last = moving.last(floor, reader, position, now)
    if last is None or not last.num_rows:
        rows = pa.table({name: [] for name in ("marking", *MAPPED["track"].says)})
        return Layer("track", [], rows, np.array([], object), np.array([], np.int64), np.array([], np.int64))
    keys = pc.list_element(last["subjects"].combine_chunks(), 0).to_pylist()
    claimed = [one[1] if len(one) > 1 else None for one in last["subjects"].to_pylist()]
    trail = moving.trails(floor, reader, position, now, SPAN, keys)
    legs: dict[str, list[tuple[int, float, float, str]]] = {}
    stops = trail["until"].cast(pa.int64())
    names = ("latitude", "longitude", "marking")
    for key, at, y, x, marking in zip(
        trail["track"].to_pylist(),
        stops.to_pylist(),
        *(trail[name].to_pylist() for name in names),
        strict=True,
    ):
        legs.setdefault(key, []).append((at, x, y, marking))
    shapes, since, until, markings = [], [], [], []
    ends = last["until"].cast(pa.int64()).to_pylist()
    here = zip(
        keys, ends, *(last[name].to_pylist() for name in ("longitude", "latitude", "marking")), strict=True
    )
    for key, at, x, y, marking in here:
        places = {one[0]: one for one in [*legs.get(key, ()), (at, x, y, marking)] if one[0] <= at}
        line = [places[moment] for moment in sorted(places)]
        points = [(one[1], one[2]) for one in line]
        shapes.append(shapely.LineString(points) if len(points) > 1 else shapely.Point(points[0]))
        since.append(line[0][0])
        until.append(at)
        markings.append(joined({one[3] for one in line}))
    made = pa.table(
        {
            "track": keys,
            "claimed": pa.array(claimed, pa.string()),
            **{name: last[name] for name in ("class", "course", "radius")},
            "marking": markings,
        }
    )
    return Layer("track", keys, made, np.array(shapes, object), np.array(since), np.array(until))


def _assets(floor: Floor, reader: Reader, collection: str) -> Layer:
    """Return cameras and sensors that stand, or what is sent, as `assets.toml` has them."""
    fleet = {
        name: one
        for name, one in sorted(assets.visible(floor.root, reader).items())
        if (one.kind in assets.FIXED) == (collection == "towers")
    }
    says = {"kind": [], "unit": [], "reach_m": [], "night": [], "marking": []}  # type: dict[str, list[Any]]
    for one in fleet.values():
        for name, values in says.items():
            values.append(getattr(one, name))
    types = {"reach_m": pa.float64(), "night": pa.bool_()}
    columns = {name: pa.array(values, types.get(name, pa.string())) for name, values in says.items()}
    shapes = np.full(len(fleet), None, object)
    for number, one in enumerate(fleet.values()):
        shapes[number] = shapely.Point(one.longitude, one.latitude)
    at = np.full(len(fleet), NEVER)
    rows = pa.table(columns | {"name": pa.array(list(fleet), pa.string())})
    return Layer(FIXED[collection], list(fleet), rows, shapes, at, at)


class _Disclosed(msgspec.Struct):
    """A feature as it lies on a shelf."""

    geometry: msgspec.Raw
    properties: dict[str, Any]


@dataclass
class PartnerView:
    """Features that were disclosed to a partner.

    Attributes:
        floor, partner, shelf, deliveries: whose, and where pages are noted.
        snapshots: those in memory.
        settle: hides what was taken back, before a page.
        language: in which they are answered.
    """

    floor: Floor
    partner: Partner
    shelf: Shelf
    deliveries: Deliveries
    snapshots: Snapshots
    settle: Callable[[Partner, Shelf], object]
    language: Language

    @property
    def who(self) -> str:
        """To whom tokens are bound."""
        return self.partner.shelf

    def names(self) -> Sequence[str]:
        """Return the collections that something was ever disclosed of, without what was taken back since."""
        self.settle(self.partner, self.shelf)
        return tuple(self.shelf.collections(GEOJSON))

    def snapshot(self, name: str) -> Snapshot:
        """Return the features of a collection that they may pull."""
        key, shelf = (str(self.floor.root), name, self.who), self.shelf

        def mended(earlier: Snapshot) -> Snapshot:
            """Leave out what is on the shelf no more."""
            places = np.array([one.added for one in earlier.entries], np.int64)
            kept = np.isin(places, np.array(shelf.places(name, GEOJSON), np.int64))
            return earlier if kept.all() else earlier.only(kept)

        state = _state(self.floor, self.partner)
        return self.snapshots.without_waiting(key, state, lambda: of_shelf(shelf, name), mended)

    def note(self, name: str, snapshot: Snapshot, numbers: Numbers) -> None:
        """Note a page in the journal of deliveries."""
        page = noted([snapshot.entries[one] for one in numbers.tolist()])
        try:
            self.deliveries.served(self.partner.shelf, name, page, self.floor.now())
        except DayFull as error:
            raise Wrong(429, error.why, {"Retry-After": str(error.wait)}) from None


def _state(floor: Floor, partner: Partner) -> tuple[Any, ...]:
    """Return what is another after each change of a shelf: times and sizes of its file and its journal.

    Just after a change it is another each time: a further change may have the same time.
    """
    path, now = str(path_of(floor, partner.shelf)), time.time_ns()
    stamps = stamp(path), stamp(f"{path}-wal")
    return *stamps, 0 if all(now - changed > SETTLED for _, changed in stamps) else now


def of_shelf(shelf: Shelf, name: str) -> Snapshot:
    """Return what lies on a shelf in a collection."""
    entries: list[Any] = []
    after, more = 0, True
    while more:
        page = shelf.page(name, after, STRETCH, standard=GEOJSON)
        entries += page.entries
        more = page.more
        after = page.entries[-1].added if page.entries else 0
    entries.sort(key=lambda one: one.id)
    decoder = msgspec.json.Decoder(_Disclosed)
    told = [decoder.decode(one.body) for one in entries]
    shapes = np.full(len(told), None, object)
    if told:
        shapes[:] = shapely.from_geojson(np.array([bytes(one.geometry).decode() for one in told], object))
    bodies = [one.body for one in entries]
    at, until = (
        np.array([_micros(one.properties.get(end)) for one in told], np.int64) for end in ("at", "until")
    )

    def render(numbers: Numbers, move: Move | None) -> list[bytes]:
        some = [bodies[one] for one in numbers.tolist()]
        if move is None:
            return some
        return [_moved(body, shape) for body, shape in zip(some, move(shapes[numbers]).tolist(), strict=True)]

    light = [one._replace(body=b"") for one in entries]
    marking = joined({one.properties["marking"] for one in told})
    columns = _columns([one.properties for one in told])
    return Snapshot([one.id for one in entries], shapes, at, until, columns, marking, render, light)


_LEFT: Final = frozenset({"at", "until", "text", "coordTimes"})


def _columns(told: Sequence[Mapping[str, Any]]) -> dict[str, pa.Array]:
    """Return the properties that can be asked for, each of one type."""
    found: dict[str, pa.Array] = {}
    for name in dict.fromkeys(name for one in told for name in one if name not in _LEFT):
        values = [one.get(name) for one in told]
        kinds = {type(value) for value in values if value is not None}
        if kinds and kinds <= {int, float}:
            found[name] = pa.array(values, pa.float64())
        elif len(kinds) == 1 and kinds <= {bool, str}:
            found[name] = pa.array(values)
    return found


def _micros(text: Any) -> int:
    if not isinstance(text, str):
        return NEVER
    at = datetime.fromisoformat(text)
    return int(at.timestamp()) * 1_000_000 + at.microsecond
