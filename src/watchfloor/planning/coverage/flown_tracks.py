"""Tracks that patrols flew, sailed or drove, as records of coverage: where an asset looked, minute by minute.

A track comes from the crew (GPX 1.1, Topografix) or from the tracker. It is cut into legs, during each of
which the asset sees all around the middle of the leg as far as it sees. Records of one asset that tell of the
same minutes are counted once (`sensor_reports`), so a patrol whose team changed under way, and whose two
tracks overlap, is one patrol.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from lxml import etree

from watchfloor.casework.tasking.assets import FIXED, Asset
from watchfloor.casework.tasking.spots import metres
from watchfloor.cell.acts import Row, Unusable, common
from watchfloor.core.kinds import COVERAGE
from watchfloor.core.messages import declare, reason
from watchfloor.formats.xml_limits import SAFE
from watchfloor.planning.coverage.schedule import CLASS

UNREADABLE = declare("coverage.flown-unreadable", "file", "why")
FEW_POINTS = declare("coverage.flown-few", "file")
NOT_YET = declare("coverage.flown-future", "file", "at")
LONG_AGO = declare("coverage.flown-long-ago", "file", "at", "days")
TOO_FAST = declare("coverage.flown-too-fast", "file", "asset", "speed", "most")
STAYS = declare("coverage.flown-stays", "asset")

SOURCE: Final = "flown-tracks"
LEG: Final = timedelta(minutes=5)
"""Length of a leg at most: what a crew at the line passes is not told for long by one place."""
LEG_SHARE: Final = 0.5
"""Share of how far an asset sees that a leg is long at most, so that its middle stands for it."""
GAP: Final = timedelta(minutes=10)
"""Time between two points from which nobody knows where the asset was."""
EARLIEST: Final = timedelta(days=31)
"""How long ago a track may have begun: before, its clock is wrong more likely than it is late. Judgement."""
FASTER: Final = 1.5
"""Times its cruising speed that an asset may be on average: with the wind, and by the errors of places."""


class Point(NamedTuple):
    """A point of a track: degrees, and when."""

    latitude: float
    longitude: float
    at: datetime


class Leg(NamedTuple):
    """A part of a track: its middle, degrees; when it began and ended; how long it is, metres."""

    latitude: float
    longitude: float
    begins: datetime
    ends: datetime
    length: float


def gpx(data: bytes, name: str) -> list[Point]:
    """Return the points of all tracks of a GPX file, in time.

    Raises:
        Unusable: it is none, or a point has no place or time that can be read.
    """
    try:
        root = etree.fromstring(data, etree.XMLParser(**SAFE))
        if root.getroottree().docinfo.internalDTD is not None:
            raise ValueError("it declares a document type")
        points = [_point(one) for one in root.iter("{*}trkpt")]
    except (etree.XMLSyntaxError, ValueError, TypeError) as error:
        why = (str(error).splitlines() or ["-"])[0][:200]
        raise Unusable(reason(UNREADABLE, file=name, why=why)) from None
    return sorted(points, key=lambda one: one.at)


def _point(one: Any) -> Point:
    stamp = one.findtext("{*}time")
    latitude, longitude = (float(one.get(key) or "nan") for key in ("lat", "lon"))
    if not stamp or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError(f"line {one.sourceline}: a point needs lat, lon and time")
    at = datetime.fromisoformat(stamp.strip())
    if at.tzinfo is None:
        raise ValueError(f"line {one.sourceline}: the time has no zone, such as Z")
    return Point(latitude, longitude, at)


def legs(points: Sequence[Point], asset: Asset) -> Iterator[Leg]:
    """Yield the legs of a track; where points are too far apart in time there is none."""
    first = 0
    length = 0.0
    for at in range(1, len(points)):
        before, here = points[at - 1], points[at]
        if here.at - before.at >= GAP:
            first, length = at, 0.0
            continue
        length += metres(before.latitude, before.longitude, here.latitude, here.longitude)
        last = at + 1 == len(points) or points[at + 1].at - here.at >= GAP
        long = length >= LEG_SHARE * asset.reach_m or here.at - points[first].at >= LEG
        if (last or long) and here.at > points[first].at:
            one, other = points[(first + at) // 2], points[(first + at + 1) // 2]
            middle = (one.latitude + other.latitude) / 2, (one.longitude + other.longitude) / 2
            yield Leg(*middle, points[first].at, here.at, length)
            first, length = at, 0.0


def rows(
    points: Sequence[Point], name: str, asset: Asset, crew: str, marking: str, file: str, now: datetime
) -> list[Row]:
    """Return records of coverage of a track.

    Args:
        points: in time.
        name: of the asset in assets.toml, which is the sensor of the records.
        asset: how far and how well it sees.
        crew: who flew, if that is said.
        marking: of the records.
        file: name of what the track came in, for messages.
        now: the floor's time.

    Raises:
        Unusable: the asset stays where it is, or the track cannot be its own.
    """
    if asset.kind in FIXED:
        raise Unusable(reason(STAYS, asset=name))
    if points and points[-1].at > now:
        raise Unusable(reason(NOT_YET, file=file, at=points[-1].at.isoformat()))
    if points and points[0].at < now - EARLIEST:
        raise Unusable(reason(LONG_AGO, file=file, at=points[0].at.isoformat(), days=EARLIEST.days))
    parts = list(legs(points, asset))
    if not parts:
        raise Unusable(reason(FEW_POINTS, file=file))
    seconds = sum((one.ends - one.begins).total_seconds() for one in parts)
    speed = sum(one.length for one in parts) / seconds
    if speed > FASTER * asset.speed_m_s:
        most = round(FASTER * asset.speed_m_s, 1)
        raise Unusable(reason(TOO_FAST, file=file, asset=name, speed=round(speed, 1), most=most))
    empty = dict.fromkeys(field.name for field in COVERAGE.columns)
    says = json.dumps({"crew": crew} if crew else {}, sort_keys=True, ensure_ascii=False)
    return [
        empty
        | common(SOURCE, f"{name} {one.begins.isoformat()}", marking, one.begins)
        | {
            "sensor": name,
            "received_at": now,
            "until": one.ends,
            "state": "looking",
            "mode": "flown track",
            "latitude": one.latitude,
            "longitude": one.longitude,
            "nearest": 0.0,
            "farthest": asset.reach_m,
            "detects": asset.detects,
            "class": CLASS[asset.kind],
            "says": says,
        }
        for one in parts
    ]
