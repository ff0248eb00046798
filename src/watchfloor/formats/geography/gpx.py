"""GPX 1.0 and 1.1 (topografix.com): waypoints, routes and tracks with their times, of any length."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, Final

import shapely
from lxml import etree

from watchfloor.core.kinds import MAP_FEATURE
from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.geography.map_features import MOST_PLACES, FileFeature, MapFeatures, moment
from watchfloor.formats.xml_limits import elements, head_text, local, text_of

NAME: Final = "gpx"
LINES: Final = {"trk": "tracks", "rte": "routes"}
POINTS: Final = {"trkpt": "trk", "rtept": "rte"}
SAID: Final = ("name", "desc", "cmt", "src", "type", "number", "time")


def sniff(head: Head) -> float:
    """Be sure of a root `gpx`."""
    return 0.95 if re.search(r"<(?:\w+:)?gpx[\s>]", head_text(head)) else 0.0


def read(stream: BinaryIO, name: str, base_time: datetime | None = None) -> Iterator[Batch | Fault]:
    """Rows and faults; see `Format.read`."""
    features, line = MapFeatures(name, base_time), _Line("", "")
    for element in elements(stream, name, ("wpt", *POINTS, *SAID), ("gpx",)):
        if isinstance(element, Fault):
            yield from line.end(features)
            yield from features.rest()
            yield element
            return
        tag, of = local(element), _line_of(element)
        if tag == "wpt":
            yield from features.add(_waypoint(element), "waypoints")
        elif of is not None:
            if of.get("begun") is None:
                yield from line.end(features)
                line = _Line(local(of), f"line {of.sourceline}")
                of.set("begun", "1")
            yield from line.add(element, tag)
        elif tag == "time" and base_time is None and (at := moment(text_of(element), zone=False)):
            features.at = at
    yield from line.end(features)
    yield from features.rest()


def _line_of(element: etree._Element) -> etree._Element | None:
    return next((one for one in element.iterancestors() if local(one) in LINES), None)


def _waypoint(element: etree._Element) -> FileFeature:
    said = {local(one): text_of(one) for one in element if local(one) not in ("extensions", "ele")}
    locator, raw = f"line {element.sourceline}", etree.tostring(element, with_tail=False)[:4096]
    try:
        shape = shapely.Point(_place(element))
    except ValueError:
        shape = None
    at = moment(said.get("time"), zone=False)
    return FileFeature(None, said.get("name"), shape, said, locator, at, None, raw)


def _place(element: etree._Element) -> tuple[float, ...]:
    height = next((text_of(one) for one in element if local(one) == "ele"), "")
    place = float(element.get("lon", "")), float(element.get("lat", ""))
    return (*place, float(height)) if height else place


class _Line:
    """A track or route whose places come one at a time."""

    def __init__(self, tag: str, locator: str) -> None:
        self._tag, self._locator = tag, locator
        self._said: dict[str, Any] = {}
        self._segments: list[list[tuple[float, ...]]] = []
        self._times: list[datetime | None] = []
        self._count = 0

    def add(self, element: etree._Element, tag: str) -> Iterator[Fault]:
        """Take a place of it, or what is said of it."""
        if tag not in POINTS:
            self._said[tag] = text_of(element)
            return
        parent = element.getparent()
        if parent is not None and parent.get("open") is None:
            parent.set("open", "1")
            self._segments.append([])
        self._count += 1
        if self._count > MOST_PLACES:  # the feature is refused at its end; its places need no memory
            return
        try:
            self._segments[-1].append(_place(element))
        except ValueError:
            where = f"line {element.sourceline}"
            yield Fault(
                where, "a place has lat and lon, in degrees; its track was read without it", b"", partly=True
            )
            return
        at = next((text_of(one) for one in element if local(one) == "time"), None)
        self._times.append(moment(at, zone=False))

    def end(self, features: MapFeatures) -> Iterator[Batch | Fault]:
        """Make the feature."""
        if not self._tag:
            return
        if self._count > MOST_PLACES:
            said = f"it has {self._count:,} places, more than {MOST_PLACES:,}: deliver it in parts"
            yield Fault(self._locator, said, b"")
            return
        deep = all(len(place) == 3 for line in self._segments for place in line)
        lines = [[place[: 3 if deep else 2] for place in line] for line in self._segments]
        shapes = [shapely.LineString(line) for line in lines if len(line) > 1]
        alone = [shapely.Point(line[0]) for line in lines if len(line) == 1]
        shape = None
        if shapes or alone:
            parts = shapes or alone
            several = shapely.MultiLineString if shapes else shapely.MultiPoint
            shape = parts[0] if len(parts) == 1 else several(parts)
        known = [at for at in self._times if at]
        since, until = (min(known), max(known)) if known else (None, None)
        if known and len(known) == len(self._times):
            self._said["coordTimes"] = [at.isoformat() for at in known]
        name = self._said.get("name")
        found = FileFeature(None, name, shape, self._said, self._locator, since, until)
        yield from features.add(found, LINES[self._tag])


FORMAT: Final = Format(NAME, (MAP_FEATURE.name,), sniff, read)
