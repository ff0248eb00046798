"""Rows of a MISB ST 0601 packet: where the sensor looked, and its targets (ST 0903).

A packet is an object of stanag4609. Values that say that they are out of range, off the Earth or unknown
(0x8000…) are null. Times are those of tag 2; where the packet says how many leap seconds its clock is ahead
(tag 136), these are taken off, and its correction (tag 137) put on. An azimuth is the platform's heading plus
the sensor's azimuth on it (tags 5 and 18); pitch and roll of the platform are left out.
"""

import json
import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import Enum
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from watchfloor.formats.sensors.binary_rows import Row, moment
from watchfloor.formats.sensors.detections.vocabulary import CLASS_OF
from watchfloor.formats.sensors.local_plane import Origin, from_wgs84

LAST: Final = 253_402_300_799_999_999
"""Microseconds of the end of the year 9999."""
SEEN: Final = (1, 3)
"""Detection states (ST 0903 item 23) of a target that was seen: moving, stopped."""
_STATES: Final = {1: "moving", 3: "stopped"}
_CORNERS: Final = ((82, 83), (84, 85), (86, 87), (88, 89))
_OFFSETS: Final = ((26, 27), (28, 29), (30, 31), (32, 33))


class NoRow(ValueError):  # noqa: N818 - a packet that is no row, and why
    """A packet that gives no row; the message says why."""


class View(NamedTuple):
    """View of a sensor from where it is: ranges in metres, azimuths in degrees, None where not known."""

    nearest: float | None = None
    farthest: float | None = None
    left: float | None = None
    right: float | None = None


def rows(packet: Any, placed: Any) -> tuple[Row, list[Row]]:
    """A row of coverage of one packet, and its detections. Raises `NoRow` where it tells no time.

    Args:
        packet: `stanag4609.UASLocalSet`.
        placed: `stanag4609.st0903.resolve_vtarget_location`.
    """
    at = _moment(packet)
    latitude, longitude = _number(packet.value(13)), _number(packet.value(14))
    if latitude is None or longitude is None:
        latitude = longitude = None
    height, datum = _height(packet)
    who = _who(packet)
    found, unseen, unplaced = _targets(packet, placed)
    view = _view(packet, latitude, longitude, height)
    coverage = {
        "observed_at": at,
        "origins": [],
        "sensor": who,
        "state": "looking",
        "mode": _text(packet.value(11)),
        "latitude": latitude,
        "longitude": longitude,
        "altitude": height,
        "nearest": view.nearest,
        "farthest": view.farthest,
        "azimuth_from": view.left,
        "azimuth_to": view.right,
        "class": "drone",
        "says": _said(
            altitude=datum,
            mission=_text(packet.value(3)),
            frame_center=_pair(packet, 23, 24),
            frame_width=_number(packet.value(96)) or _number(packet.value(22)),
            slant_range=_number(packet.value(21)),
            field_of_view=[_number(packet.value(tag)) for tag in (16, 17)],
            depression=_number(packet.value(19)),
            target=_pair(packet, 40, 41),
            targets=len(found) or None,
            targets_not_seen=unseen or None,
            targets_without_place=unplaced or None,
        ),
    }
    both = {
        "observed_at": at,
        "origins": [],
        "sensor": who,
        "sensor_latitude": latitude,
        "sensor_longitude": longitude,
        "sensor_altitude": height,
    }
    return coverage, [both | one for one in found]


def _moment(packet: Any) -> datetime:
    """When it was, by the packet's clock. Raises `NoRow`."""
    micros = packet.misp_timestamp_microseconds
    if micros is None:
        raise NoRow("the packet tells no time (tag 2)")
    leap, correction = packet.value(136), packet.value(137)
    if isinstance(leap, int):
        micros += (correction if isinstance(correction, int) else 0) - 1_000_000 * leap
    if not 0 <= micros <= LAST:
        raise NoRow("the packet's time (tag 2) is outside the years 1970 to 9999")
    return moment(micros)


def _who(packet: Any) -> str:
    """Which sensor: the aircraft by tail number, call sign or sort, and what looks from it."""
    aircraft = next((one for tag in (4, 59, 10, 3) if (one := _text(packet.value(tag)))), "klv")
    looks = _text(packet.value(11))
    return f"{aircraft}/{looks}" if looks else aircraft


def _height(packet: Any) -> tuple[float | None, str | None]:
    """The sensor's height and above what: the ellipsoid where the packet says it, else the sea."""
    for tag, datum in ((104, "ellipsoid"), (75, "ellipsoid"), (15, "sea level")):
        if (height := _number(packet.value(tag))) is not None:
            return height, datum
    return None, None


def _view(packet: Any, latitude: float | None, longitude: float | None, height: float | None) -> View:
    """Where the sensor looked: by the corners of its frame, else by its axis and field of view."""
    corners = list(_corners(packet))
    if latitude is not None and longitude is not None and corners:
        ground = _number(packet.value(78)) or _number(packet.value(25)) or 0.0
        return _of_corners(Origin(latitude, longitude), max(0.0, (height or 0.0) - ground), corners)
    heading, turned = _number(packet.value(5)), _number(packet.value(18))
    slant, width = _number(packet.value(21)), _number(packet.value(16))
    if heading is None or turned is None or not width:
        return View(farthest=slant)
    middle = heading + turned
    return View(None, slant, (middle - width / 2) % 360, (middle + width / 2) % 360)


def _corners(packet: Any) -> Iterator[tuple[float, float]]:
    """Latitude and longitude of the four corners of the frame, in order; none where one is not known."""
    full = [_pair(packet, *tags) for tags in _CORNERS]
    middle, offsets = _pair(packet, 23, 24), [_pair(packet, *tags) for tags in _OFFSETS]
    if all(full):
        yield from ((one[0], one[1]) for one in full if one)
    elif middle and all(offsets):
        yield from ((middle[0] + one[0], middle[1] + one[1]) for one in offsets if one)


def _of_corners(zero: Origin, height: float, corners: Iterable[tuple[float, float]]) -> View:
    """Ranges and azimuths of a quadrilateral on the ground, seen from a height above the zero of a plane."""
    latitude, longitude = np.array(list(corners)).T
    points = np.column_stack(from_wgs84(zero, latitude, longitude))
    farthest = float(np.hypot(np.hypot(*points.T).max(), height))
    edges = np.roll(points, -1, axis=0) - points
    lengths = np.maximum((edges**2).sum(axis=1), 1e-9)
    along = np.clip(-(points * edges).sum(axis=1) / lengths, 0.0, 1.0)
    closest = float(np.hypot(*(points + along[:, None] * edges).T).min())
    azimuths = np.degrees(np.arctan2(points[:, 0], points[:, 1]))
    turns = (np.roll(azimuths, -1) - azimuths + 180) % 360 - 180
    if abs(turns.sum()) > 180:  # the corners go once around the sensor: it looks straight down
        return View(height, farthest, 0.0, 0.0)
    swept = azimuths[0] + np.concatenate(([0.0], np.cumsum(turns[:-1])))
    return View(
        float(np.hypot(closest, height)), farthest, float(swept.min() % 360), float(swept.max() % 360)
    )


def _targets(packet: Any, placed: Any) -> tuple[list[Row], int, int]:
    """Detections of the packet's targets, and how many were not seen in this frame or say no place."""
    targets = packet.value(74)
    found: list[Row] = []
    unseen = unplaced = 0
    for target in getattr(targets, "targets", ()):
        status = target.value(23)
        if status is not None and status not in SEEN:
            unseen += 1
            continue
        center = (packet.value(23), packet.value(24))
        place = placed(target, frame_center_latitude=center[0], frame_center_longitude=center[1])
        if place is None:
            unplaced += 1
            continue
        confidence = _number(target.value(5))
        found.append(
            {
                "latitude": place.latitude,
                "longitude": place.longitude,
                "altitude": place.hae,
                **_errors(target.value(17)),
                **_motion(getattr(target.value(104), "velocity", None)),
                "confidence": None if confidence is None else confidence / 100,
                "class": _class(target, targets),
                "object": str(target.target_id),
                "status": _STATES.get(status),
            }
        )
    return found, unseen, unplaced


def _errors(location: Any) -> Row:
    """Variances of a target's place, where its location says them."""
    east, north = (
        _number(getattr(location, "sigma_east", None)),
        _number(getattr(location, "sigma_north", None)),
    )
    if east is None or north is None:
        return {}
    rho = _number(getattr(location, "rho_east_north", None)) or 0.0
    return {"var_east": east * east, "var_north": north * north, "cov_east_north": rho * east * north}


def _motion(velocity: Any) -> Row:
    """Speed, course and climb of a target, where its tracker says a velocity."""
    east, north = _number(getattr(velocity, "east", None)), _number(getattr(velocity, "north", None))
    if east is None or north is None:
        return {}
    speed = math.hypot(east, north)
    errors = [_number(getattr(velocity, name, None)) for name in ("sigma_east", "sigma_north")]
    return {
        "speed": speed,
        "course": math.degrees(math.atan2(east, north)) % 360 if speed else None,
        "climb": _number(getattr(velocity, "up", None)),
        "speed_error": math.hypot(*errors) / math.sqrt(2) if None not in errors else None,  # type: ignore[arg-type]
    }


def _class(target: Any, targets: Any) -> str | None:
    """Our class of the likeliest object that the target is said to be, by the last word of its name."""
    objects = target.value(107) or ()
    named = {one.ontology_id: one for one in targets.ontologies}
    best = max(objects, key=lambda one: _number(one.confidence) or 0.0, default=None)
    ontology = named.get(best.ontology_id) if best else None
    words = [getattr(ontology, name, None) for name in ("label", "entity_iri")]
    said = [word.replace("#", "/").rsplit("/", 1)[-1].casefold() for word in words if isinstance(word, str)]
    return next((CLASS_OF[word] for word in said if word in CLASS_OF), None)


def _pair(packet: Any, first: int, second: int) -> tuple[float, float] | None:
    one, other = _number(packet.value(first)), _number(packet.value(second))
    return None if one is None or other is None else (one, other)


def _number(value: Any) -> float | None:
    """A value as a finite number; None where it is one of the special values, or not there."""
    if isinstance(value, bool | Enum) or not isinstance(value, int | float | Fraction):
        return None
    found = float(value)
    return found if math.isfinite(found) else None


def _text(value: Any) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None


def _said(**said: Any) -> str:
    """JSON with sorted keys, without what is not said."""
    kept = {name: value for name, value in said.items() if value not in (None, [None, None])}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False)
