"""A scan: stored scenes of one tile compared in the order of time, and what became of each shape.

Of each scene and the one before it, shapes that differ are new changes. Of each scene and the one from before
an earlier change, the shape is there still (confirmed), or the place was seen clearly and it is gone. A shape
of scenes that were scanned before is known by its id, so a second scan adds nothing; one that such a scan
does not find any more (a mask grew, a method was put right) is withdrawn.
"""

import base64
import math
import os
import re
import tarfile
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from shutil import copyfileobj, rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, Self

import msgspec

from watchfloor.casework.scans.masks import Ground, geojson
from watchfloor.cell.acts import new_id
from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.core.kinds import SCENE_CHANGE
from watchfloor.core.marking import join
from watchfloor.formats.imagery.scenes import SceneError
from watchfloor.reference import border
from watchfloor.store import NoOriginal
from watchfloor.store.segments.reading import POSITION

if TYPE_CHECKING:
    import shapely

    from watchfloor.policy.policy import Reader
    from watchfloor.store.floor import Floor

Row = dict[str, Any]

SOURCE: Final = "scans"
CLOUDIEST: Final = 0.9
"""Share under cloud up to which a scene is compared."""
CLEAR: Final = 0.5
"""Share of a shape that both scenes must show before its absence says that it is gone."""
AROUND: Final = 1.1
"""Ground on a picture to either side of a shape, in its radii."""
NARROWEST: Final = 400.0
"""Metres of ground on a picture, at least."""
PIXELS: Final = 256
"""Of a picture's side."""


Box = tuple[float, float, float, float]
"""West, south, east and north, degrees."""
Progress = Callable[[float], None]
"""What is told how much of the work is done."""


class Shape(Protocol):
    """One shape that differs, as `desks.space.change.scanning.ShapeFound` has it."""

    @property
    def geometry(self) -> dict[str, Any]:
        """Return it as GeoJSON, WGS84; empty where the scenes have no projection."""

    @property
    def latitude(self) -> float | None:
        """Return the latitude of a place in it, degrees."""

    @property
    def longitude(self) -> float | None:
        """Return the longitude of that, degrees."""

    @property
    def clear(self) -> float:
        """Return the share of it that both scenes show."""


class Comparison(Protocol):
    """The shapes that two scenes show, as `desks.space.change.scanning.Scan` has it."""

    @property
    def shapes(self) -> Sequence[Shape]:
        """Return the shapes that differ."""

    @property
    def clear(self) -> Sequence[float]:
        """Return how much both scenes show of each shape that was asked about."""

    @property
    def method(self) -> str:
        """Return by which method they were compared."""

    @property
    def method_version(self) -> str:
        """Return the version of that."""

    @property
    def notes(self) -> Sequence[Mapping[str, str]]:
        """Return what was found out about the scenes, as stored reasons."""


class Pair(NamedTuple):
    """Two scenes of a series, the earlier first, and where their pixels are."""

    before: Row
    after: Row
    folders: "Unpacked"

    @property
    def paths(self) -> tuple[Path, Path]:
        """Return the folder of each."""
        return self.folders.folder(self.before), self.folders.folder(self.after)


class Library(Protocol):
    """The library that reads pixels, or what it found elsewhere."""

    reads_pixels: bool

    def compare(self, pair: Pair, known: Sequence[dict[str, Any]], progress: Progress) -> Comparison:
        """Compare two scenes on the ground that is not masked; `known` are shapes that are asked about."""

    def pictures(
        self, pair: Pair, shapes: Sequence[Shape], boxes: Sequence[Box]
    ) -> list[tuple[bytes, bytes]]:
        """Return the ground around each shape before and after as PNG, masked as the comparison was."""


@dataclass(slots=True)
class Results:
    """The results of a scan.

    Attributes:
        rows: new records, each of kind scene-change without `locator`.
        lines: the original of each, with its pictures.
        again: shapes that were known.
        pairs: comparisons that were made.
        cloudy: scenes that were left out for their clouds.
        absent: scenes whose pixels are not on this floor.
        notes: what was found out about the scenes; of a pair that cannot be compared, why. Stored reasons.
    """

    rows: list[Row] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    again: int = 0
    pairs: int = 0
    cloudy: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    notes: list[Mapping[str, str]] = field(default_factory=list)


class Series(NamedTuple):
    """Scenes of one tile and sensor, the oldest first."""

    tile: str
    sensor: str
    scenes: tuple[Row, ...]


TRIES: Final = 3
"""Earlier scenes that a scene is tried with, the last one first, until two can be compared. Judgement."""
EACH: Final = 6
"""Scenes after the one before a change that are each asked whether they show it. Then the 8th, 16th, 32nd, …
are: comparisons of long series grow little faster than the scenes, and a second scan makes the same ones."""
MOST_FOLDERS: Final = 6
"""Scenes that are unpacked at once; others wait in their deliveries."""
SCENE: Final = (
    *("record_id", "report_key", "source", "observed_at", "marking", "delivery", "scene", "platform"),
    *("sensor", "started", "footprint", "cloud", "tile", "assets", POSITION),
)


def series(
    floor: "Floor", reader: "Reader", km: tuple[float, float], since: datetime, until: datetime
) -> list[Series]:
    """Return the scenes that a reader may see, which show some of a part of the line, by tile and sensor."""
    import shapely

    rows = floor.read("scene", reader, columns=SCENE, latest=True).to_pylist()
    latitude, longitude = border.load().places(_every_kilometre(km))
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in sorted(rows, key=lambda row: (row["started"], row["source"])):
        if since <= row["started"] <= until:
            shape = shapely.from_geojson(row["footprint"])
            if shapely.intersects_xy(shape, longitude, latitude).any():
                mine = found.setdefault((row["tile"], row["sensor"]), {})
                mine.setdefault(row["report_key"], row)  # another feed's copy of it is the same scene
    return [Series(tile, sensor, tuple(mine.values())) for (tile, sensor), mine in sorted(found.items())]


def _every_kilometre(km: tuple[float, float]) -> "Any":
    import numpy as np

    return np.append(np.arange(km[0], km[1], 1.0), km[1])


def footprint(scenes: Iterable[Row]) -> "shapely.Geometry":
    """Return what scenes show together."""
    import shapely

    return shapely.union_all([shapely.from_geojson(row["footprint"]) for row in scenes])


class Scan:
    """A scan of one floor by one reader.

    Args:
        floor, reader: whose scenes; pixels that are not all for this reader are absent.
        ground: where to look.
        library: what reads pixels.
        known: the last record of each change that the reader may see, by id.
        retain: marking to be joined to every change, such as until when it is kept.
        now: the moment of the scan.
    """

    def __init__(
        self,
        floor: "Floor",
        reader: "Reader",
        ground: Ground,
        library: Library,
        known: Mapping[str, Row],
        retain: str,
        now: datetime,
    ) -> None:
        self._floor, self._reader, self._ground, self._library = floor, reader, ground, library
        self._last, self._retain, self._now = dict(known), retain, now
        self.results = Results()
        self._progress: Progress = lambda _: None

    def series(self, of: Series, progress: Progress = lambda _: None) -> None:
        """Compare the scenes of a series in the order of time; `progress` hears how many are done."""
        with Unpacked(self._floor, self._reader) as folders:
            usable: list[Row] = []
            place: dict[str, int] = {}
            for number, after in enumerate(of.scenes):
                self._progress = _within(progress, number, 0.5)
                if (after["cloud"] or 0.0) > CLOUDIEST:
                    self.results.cloudy.append(after["scene"])
                    continue
                if self._library.reads_pixels and not folders.has(after):
                    self.results.absent.append(after["scene"])
                    continue
                earlier = reversed(usable[-TRIES:])
                # A damaged scene is passed over: what changed across it is found all the same.
                any(self._new(Pair(before, after, folders)) for before in earlier)
                awaiting: dict[str, list[Row]] = {}
                for row in self._last.values():
                    baseline = row["before"][-1]
                    if _awaits(row, after, place) and _is_compared(len(usable) - place[baseline]):
                        awaiting.setdefault(baseline, []).append(row)
                part = 0.5 / max(len(awaiting), 1)
                for done, (baseline, mine) in enumerate(sorted(awaiting.items())):
                    self._progress = _within(progress, number + 0.5 + part * done, part)
                    self._later(Pair(usable[place[baseline]], after, folders), mine)
                place[after["report_key"]] = len(usable)
                usable.append(after)

    def _compared(
        self, pair: Pair, known: Sequence[dict[str, Any]] = ()
    ) -> tuple[Comparison, "list[tuple[Shape, shapely.Geometry]]"] | None:
        """Compare two scenes, and cut what is drawn to ground that is not masked; None: they cannot be."""
        import shapely

        try:
            found = self._library.compare(pair, known, self._progress)
        except SceneError as error:
            self._note(error.reason.stored())
            return None
        self.results.pairs += 1
        for note in found.notes:
            self._note(note)
        placed = (one for one in found.shapes if one.latitude is not None)
        drawn = ((one, shapely.from_geojson(msgspec.json.encode(one.geometry))) for one in placed)
        cut = ((one, self._ground.seen(shape)) for one, shape in drawn)
        return found, [(one, shape) for one, shape in cut if shape.area > 0]

    def _note(self, said: Mapping[str, str]) -> None:
        if said not in self.results.notes:
            self.results.notes.append(said)

    def _new(self, pair: Pair) -> bool:
        """Take the shapes of a scene and an earlier one for new changes, except those that are known.

        Returns:
            whether the scenes could be compared.
        """
        if (compared := self._compared(pair)) is None:
            return False
        comparison, shapes = compared
        mine = [row for row in self._last.values() if _is_of(row, pair)]
        found: set[str] = set()
        made: list[tuple[Row, Shape | None]] = []
        for one, shape in shapes:
            known = next((row for row in mine if _meets(row, shape)), None)
            if known is None:
                made.append((self._row(pair, one, shape, comparison) | {"state": "appeared"}, one))
                continue
            found.add(known["change"])
            if known["state"] == "withdrawn":
                made.append((_again(known) | {"state": "appeared", "observed_at": self._now}, one))
            else:
                self.results.again += 1
        lost = [
            one for one in mine if one["change"] not in found and one["state"] in ("appeared", "confirmed")
        ]
        made += [(_again(one) | {"state": "withdrawn", "observed_at": self._now}, None) for one in lost]
        self._add(made, pair)
        return True

    def _later(self, pair: Pair, standing: list[Row]) -> None:
        """Say of changes whether a later scene shows them still."""
        compared = self._compared(pair, [msgspec.json.decode(row["shape"]) for row in standing])
        if compared is None:
            return
        comparison, shapes = compared
        made: list[tuple[Row, Shape | None]] = []
        for row, clear in zip(standing, comparison.clear, strict=True):
            at = {"observed_at": pair.after["started"], "after": pair.after["report_key"]}
            at |= {"scenes": [*row["scenes"], pair.after["record_id"]]}
            mine = next((one for one, shape in shapes if _meets(row, shape)), None)
            if mine is not None:
                made.append((_again(row) | at | {"state": "confirmed", "clear": mine.clear}, mine))
            elif clear >= CLEAR:
                made.append((_again(row) | at | {"state": "gone", "clear": clear}, None))
        self._add(made, pair)

    def _row(self, pair: Pair, one: Shape, drawn: "shapely.Geometry", comparison: Comparison) -> Row:
        """Return the columns of a new change."""
        place = f"{one.latitude:.4f},{one.longitude:.4f}"
        keys = pair.before["report_key"], pair.after["report_key"]
        change = new_id(self._floor.key, "change", *keys, place)
        nearest = border.load().nearest([one.latitude or 0.0], [one.longitude or 0.0])
        return {
            "report_key": change,
            "source": SOURCE,
            "origins": [],
            "observed_at": pair.after["started"],
            "change": change,
            "before": [keys[0]],
            "after": keys[1],
            "scenes": [pair.before["record_id"], pair.after["record_id"]],
            "since": pair.before["started"],
            "until": pair.after["started"],
            "shape": msgspec.json.encode(geojson(drawn)).decode(),
            "method": comparison.method,
            "method_version": comparison.method_version,
            "line_m": float(nearest.metres[0]),
            **{name: getattr(one, name) for name in _MEASURED},
        }

    def _add(self, made: Sequence[tuple[Row, Shape | None]], pair: Pair) -> None:
        """Keep records, with pictures where there is something to be seen."""
        import shapely

        shapes = [shape for _, shape in made if shape is not None]
        halves = {row["change"]: max(row["radius"] * AROUND, NARROWEST / 2) for row, _ in made}
        boxes = [
            _box(row["latitude"], row["longitude"], halves[row["change"]])
            for row, shape in made
            if shape is not None
        ]
        pictures: list[tuple[bytes, bytes]] = []
        try:
            pictures = self._library.pictures(pair, shapes, boxes) if shapes else []
        except SceneError as error:
            self._note(error.reason.stored())
        theirs = iter(pictures)
        for row, shape in made:
            shown = next(theirs, (b"", b"")) if shape is not None else (b"", b"")
            markings = [pair.before["marking"], pair.after["marking"], self._retain, row.get("marking")]
            row |= {
                "marking": join(filter(None, markings)),
                "traffic_m": self._ground.traffic(shapely.from_geojson(row["shape"])),
                "picture_metres": 2 * halves[row["change"]] if shown[0] else None,
            }
            for name, png in zip(PICTURES, shown, strict=True):
                row[name] = sha256(png).hexdigest() if png else None
            self.results.lines.append(_line(row, shown))
            row["locator"] = f"line {len(self.results.lines)}"
            self.results.rows.append(row)
            self._last[row["change"]] = row


_MEASURED: Final = (
    *("latitude", "longitude", "radius", "area_m2", "length_m", "width_m", "statistic", "false_alarms"),
    *("what", "why_what", "clear"),
)
PICTURES: Final = ("picture_before", "picture_after")


def _again(row: Row) -> Row:
    """Return the columns of a change for a later record of it."""
    return {name: row[name] for name in row if name in _COLUMNS}


_COLUMNS: Final = frozenset(SCENE_CHANGE.schema.names) - {"record_id", "delivery", "locator"}


def _is_of(row: Row, pair: Pair) -> bool:
    """Return whether a change was found between two scenes."""
    return bool(row["before"][-1] == pair.before["report_key"] and row["until"] == pair.after["started"])


def _is_compared(apart: int) -> bool:
    """Return whether scenes so many places apart are compared for changes that stand: ever fewer of them."""
    return apart <= EACH or apart & (apart - 1) == 0


def _within(progress: Progress, done: float, part: float) -> Progress:
    """Return what is told the share of a part of the work, of which `done` was done before."""
    return lambda share: progress(done + part * share)


def _awaits(row: Row, after: Row, scenes: Collection[str]) -> bool:
    """Return whether a change stands that a later scene may confirm, and has not been held against it."""
    stands = row["state"] in ("appeared", "confirmed") and row["before"][-1] in scenes
    return bool(stands and row["observed_at"] < after["started"])


def _meets(row: Row, shape: "shapely.Geometry") -> bool:
    import shapely

    return bool(shapely.intersects(shapely.from_geojson(row["shape"]), shape))


def _box(latitude: float, longitude: float, half: float) -> Box:
    """Return a square of ground around a place, `half` metres to each side."""
    north = math.degrees(half / MEAN_RADIUS)
    east = north / math.cos(math.radians(latitude))
    return longitude - east, latitude - north, longitude + east, latitude + north


def _line(row: Row, pictures: Sequence[bytes]) -> bytes:
    """Return the original of a record: a line of JSON with its two pictures."""
    plain = {name: value for name, value in row.items() if name != "scenes"}
    plain["scenes"] = [one.hex() for one in row["scenes"]]
    images = {f"{name}_png": png for name, png in zip(PICTURES, pictures, strict=True) if png}
    return msgspec.json.encode(plain | images)


def picture(line: bytes, name: str) -> bytes | None:
    """Return a picture of the original of a record: of `PICTURES`; None where it has none.

    Raises:
        msgspec.DecodeError: the original is none of a scan.
    """
    found = msgspec.json.decode(line, type=dict[str, Any]).get(f"{name}_png")
    return base64.b64decode(found) if isinstance(found, str) else None


class Unpacked:
    """Folders of the scenes that were asked for last, unpacked from what was delivered, within a block."""

    def __init__(self, floor: "Floor", reader: "Reader") -> None:
        self._floor, self._reader = floor, reader
        self._folders: OrderedDict[bytes, Path] = OrderedDict()
        self._count = 0

    def __enter__(self) -> Self:
        self._root = TemporaryDirectory(prefix="watchfloor-scan-")
        return self

    def __exit__(self, *_: object) -> None:
        self._root.cleanup()

    def has(self, row: Row) -> bool:
        """Return whether the pixels of a scene came with it, all of it is for the reader, and it is whole."""
        if not any(one["digest"] for one in row["assets"]):
            return False
        try:
            self.folder(row)
        except (NoOriginal, tarfile.TarError, OSError):
            return False
        return True

    def folder(self, row: Row) -> Path:
        """Return the folder of a scene: its item, and its files under the names that the item has."""
        if (known := self._folders.get(row["record_id"])) is None:
            while len(self._folders) >= MOST_FOLDERS:
                rmtree(self._folders.popitem(last=False)[1].parent)
            # Sentences about a scene call it by the name of its folder.
            called = re.sub(r"[^A-Za-z0-9_.-]+", "-", row["scene"]).strip(".-")[:80] or "scene"
            self._count += 1
            known = Path(self._root.name, str(self._count), called)
            stream = self._floor.original(row["delivery"], self._reader, row[POSITION])
            with stream, tarfile.open(fileobj=stream, mode="r|") as archive:
                _unpack(archive, known)
            self._folders[row["record_id"]] = known
        self._folders.move_to_end(row["record_id"])
        return known


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Write the regular files of an archive into a folder that is not there yet.

    `tarfile` keeps them within the folder by itself from Python 3.11.4 on; Debian 12 has 3.11.2.

    Raises:
        TarError: a file's name leads out of the folder.
    """
    for member in archive:
        if (content := archive.extractfile(member) if member.isreg() else None) is None:
            continue
        place = Path(os.path.normpath(folder / member.name))
        if folder not in place.parents:
            raise tarfile.TarError(f"{member.name} leads out of the archive")
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as out:
            copyfileobj(content, out)
