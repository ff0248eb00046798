"""Records of ASTERIX to what they mean: category 048 and 062 to detections, 034 to coverage.

A record is an object of libasterix. Signs, units and what is left out:

- A Doppler speed (I048/120) is taken as the rate of the range, positive when the target goes away; the
  standard does not state the sign. A doubtful one is left out.
- A height is barometric where it comes of a flight level (1 FL = 100 ft of the standard atmosphere) and above
  the ellipsoid where it is geometric (I062/130); `says` tells which.
- Simulated and test targets are no detections, nor is what a radar's tracker guessed without one.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np

from watchfloor.formats.sensors.binary_rows import Row
from watchfloor.formats.sensors.radar_sites import Code, Site

SiteOf = Callable[[Code], Site]
MomentOf = Callable[[float], datetime]

NAUTICAL_MILE: Final = 1852.0
FOOT: Final = 0.3048
FLIGHT_LEVEL: Final = 100 * FOOT
EMERGENCIES: Final = {"7500": "unlawful interference", "7600": "radio failure", "7700": "emergency"}
"""Mode 3/A codes that say why they are set (ICAO Doc 8168)."""
_SECONDARY: Final = (2, 3, 4, 5, 6, 7)
"""I048/020 TYP with an answer of a transponder, which only an aircraft has."""
_NORTH: Final = 1
_DEGREE: Final = 111_319.490793
"""Metres of a degree of the equator, WGS84."""


class Refusal(ValueError):  # noqa: N818 - a record that is no row, and why
    """A record that gives no row; the message says why."""


class Heard(NamedTuple):
    """Result of a service message: a row of coverage or none, and where its radar says that it stands."""

    row: Row | None
    heard: dict[Code, Site]


def plot(record: Any, site_of: SiteOf, moment: MomentOf) -> Row:
    """A target report of one radar (category 048) as a detection. Raises `Refusal`."""
    for name, why in (("SIM", "the target is simulated"), ("TST", "the target is a test")):
        if _whole(record, "020", name):
            raise Refusal(f"{why}, and no detection")
    kind = _whole(record, "020", "TYP")
    if kind == 0:
        raise Refusal("the radar had no detection in this scan: the place is a guess of its tracker")
    code = _code(record)
    site = site_of(code)
    distance, azimuth = _polar(record)
    speed = _quantity(record, "NM/s", "200", "GSP")
    level = None if _whole(record, "090", "G") else _quantity(record, "FL", "090", "FL")
    measured = _quantity(record, "ft", "110", "3DH")
    address = _address(_whole(record, "220"))
    doubtful = _whole(record, "120", "CAL", "D")
    row = _row(record, code, site, moment, "140") | {
        "azimuth": azimuth,
        "azimuth_error": site.azimuth_error,
        "range": distance,
        "range_error": site.range_error,
        "range_rate": None if doubtful else _quantity(record, "m/s", "120", "CAL", "CAL"),
        "sensor_latitude": site.latitude,
        "sensor_longitude": site.longitude,
        "sensor_altitude": site.altitude,
        "altitude": _scaled(level, FLIGHT_LEVEL) if level is not None else _scaled(measured, FOOT),
        "speed": _scaled(speed, NAUTICAL_MILE),
        "speed_error": _scaled(_quantity(record, "NM/s", "210", "SIGV"), NAUTICAL_MILE),
        "course": _quantity(record, "°", "200", "HDG"),
        "course_error": _quantity(record, "°", "210", "SIGH"),
        "object": _number(_whole(record, "161", "TRN")),
        "class": "aircraft" if kind in _SECONDARY or address else None,
        "claimed": address,
        "name": _string(record, "240"),
        "status": _emergency(record, "070"),
    }
    row["says"] = _said(
        category=48,
        type=kind,
        mode3a=_string(record, "070", "MODE3A"),
        fixed_transponder=_whole(record, "020", "RAB"),
        end=_whole(record, "170", "TRE"),
        ghost=_whole(record, "170", "GHO"),
        altitude="barometric" if level is not None else "3D radar" if measured is not None else None,
    )
    return row


def track(record: Any, site_of: SiteOf, moment: MomentOf) -> Row:
    """A track of a fusion system (category 062) as a detection. Raises `Refusal`."""
    if _whole(record, "080", "SIM"):
        raise Refusal("the track is simulated, and no detection")
    code = _code(record)
    latitude, longitude = (_quantity(record, "°", "105", axis) for axis in ("LAT", "LON"))
    if latitude is None or longitude is None:
        raise Refusal("the track has no position in WGS84 (I062/105)")
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise Refusal("the track's position is nowhere on Earth")
    east, north = (_quantity(record, "m/s", "185", axis) for axis in ("VX", "VY"))
    geometric = _quantity(record, "ft", "130")
    level = _quantity(record, "FL", "136")
    address = _address(_whole(record, "380", "ADR"))
    row = _row(record, code, site_of(code), moment, "070") | {
        "latitude": latitude,
        "longitude": longitude,
        **_variances(record, latitude),
        "altitude": _scaled(geometric, FOOT) if geometric is not None else _scaled(level, FLIGHT_LEVEL),
        **_motion(record, east, north),
        "climb": _scaled(_quantity(record, "ft/min", "220"), FOOT / 60),
        "object": _number(_whole(record, "040")),
        "class": None if _whole(record, "080", "SDS") == 2 and not address else "aircraft",
        "claimed": address,
        "name": _string(record, "380", "ID") or _string(record, "245", "CHR"),
        "status": _emergency(record, "060"),
    }
    row["says"] = _said(
        category=62,
        mode3a=_string(record, "060", "MODE3A"),
        coasting=_whole(record, "080", "CST"),
        tentative=_whole(record, "080", "CNF"),
        end=_whole(record, "080", "TSE"),
        surface=_whole(record, "080", "SFC"),
        magnetic_heading=_quantity(record, "°", "380", "MHG"),
        altitude="geometric" if geometric is not None else "barometric" if level is not None else None,
    )
    return row


def coverage(record: Any, site_of: SiteOf, moment: MomentOf) -> Heard:
    """A message of a radar about itself (category 034): a north mark is a turn of its antenna that begins.

    Other messages give no row; one with the place of the radar (I034/120) is heard. Raises `Refusal`.
    """
    code = _code(record)
    latitude, longitude = (_quantity(record, "°", "120", axis) for axis in ("LAT", "LON"))
    heard = {}
    if latitude is not None and longitude is not None and abs(latitude) <= 90 and abs(longitude) <= 180:
        heard[code] = Site(latitude, longitude, _quantity(record, "m", "120", "HGT"))
    if _whole(record, "000") != _NORTH:
        return Heard(None, heard)
    stated = site_of(code)
    site = stated if stated.latitude is not None else heard.get(code, stated)
    row = _row(record, code, site, moment, "030")
    period = _quantity(record, "s", "041")
    released = not _whole(record, "050", "COM", "NOGO")
    row |= {
        "until": row["observed_at"] + timedelta(seconds=period) if period else None,
        "state": "looking" if released else "fault",
        "latitude": site.latitude,
        "longitude": site.longitude,
        "altitude": site.altitude,
        "azimuth_from": 0.0,
        "azimuth_to": 0.0,
        "class": "radar",
        "says": _said(category=34, period=period),
    }
    return Heard(row, heard)


# What records of all categories say


def _row(record: Any, code: Code, site: Site, moment: MomentOf, time: str) -> Row:
    """Who reports, and when."""
    seconds = _quantity(record, "s", time)
    if seconds is None:
        raise Refusal("the record says no time of day")
    if seconds >= 86_400:
        raise Refusal(f"the record's time of day is {seconds:,.0f} s, and a day has 86,400")
    return {
        "observed_at": moment(seconds),
        "origins": [],
        "sensor": site.name or f"asterix-{code[0]}/{code[1]}",
    }


def _code(record: Any) -> Code:
    area, radar = _whole(record, "010", "SAC"), _whole(record, "010", "SIC")
    if area is None or radar is None:
        raise Refusal("the record does not say which radar or system it is of (SAC and SIC)")
    return area, radar


def _polar(record: Any) -> tuple[float, float]:
    """Slant range in metres and azimuth in degrees, from the plot or else from the track's place."""
    distance, azimuth = _quantity(record, "NM", "040", "RHO"), _quantity(record, "°", "040", "THETA")
    if distance is not None and azimuth is not None and not _whole(record, "020", "ERR"):
        return distance * NAUTICAL_MILE, azimuth
    x, y = (_quantity(record, "NM", "042", axis) for axis in ("X", "Y"))
    if x is None or y is None:
        why = "its range is beyond 256 NM" if distance is not None else "the record says no place"
        raise Refusal(f"{why} (I048/040, I048/042)")
    return float(np.hypot(x, y)) * NAUTICAL_MILE, float(np.degrees(np.arctan2(x, y)) % 360.0)


def _variances(record: Any, latitude: float) -> Row:
    """Variances of a track's place (I062/500), in metres, or else in degrees."""
    x, y = (_quantity(record, "m", "500", "APC", axis) for axis in ("X", "Y"))
    if x is None or y is None:
        east, north = (_quantity(record, "°", "500", "APW", axis) for axis in ("LON", "LAT"))
        if east is None or north is None:
            return {}
        x, y = east * _DEGREE * float(np.cos(np.radians(latitude))), north * _DEGREE
    root = _quantity(record, "m", "500", "COV") or 0.0
    both = float(np.copysign(root * root, root))
    return {"var_east": x * x, "var_north": y * y, "cov_east_north": both if abs(both) <= x * y else 0.0}


def _motion(record: Any, east: float | None, north: float | None) -> Row:
    """Speed and course of a track, with their errors (I062/185, I062/500)."""
    if east is None or north is None:
        return {}
    speed = float(np.hypot(east, north))
    found: Row = {
        "speed": speed,
        "course": float(np.degrees(np.arctan2(east, north)) % 360.0) if speed else None,
    }
    x, y = (_quantity(record, "m/s", "500", "ATV", axis) for axis in ("X", "Y"))
    if x is not None and y is not None:
        found["speed_error"] = error = float(np.sqrt((x * x + y * y) / 2))
        found["course_error"] = min(180.0, float(np.degrees(error / speed))) if speed else None
    return found


def _address(number: int | None) -> str | None:
    """An aircraft address as a key; none of all zeros or ones, which nobody has."""
    return f"aircraft:icao24:{number:06x}" if number and number != 0xFFFFFF else None


def _emergency(record: Any, item: str) -> str | None:
    """Return the emergency of a Mode 3/A code, if it was validated and not garbled."""
    if _whole(record, item, "V") or _whole(record, item, "G"):
        return None
    return EMERGENCIES.get(_string(record, item, "MODE3A") or "")


def _said(**said: Any) -> str:
    """JSON with sorted keys, without what is not said or not so."""
    return json.dumps(
        {key: value for key, value in said.items() if value not in (None, 0, "")}, sort_keys=True
    )


# Items of libasterix


def _item(record: Any, *path: str) -> Any:
    """The item at a path, None where the record has not got it."""
    item = record.get_item(path[0])
    for name in path[1:]:
        if item is None:
            return None
        item = item.variation.get_item(name)
    return item


def _whole(record: Any, *path: str) -> int | None:
    item = _item(record, *path)
    return None if item is None else int(item.as_uint())


def _quantity(record: Any, unit: str, *path: str) -> float | None:
    item = _item(record, *path)
    return None if item is None else float(item.variation.content.as_quantity(unit))


def _string(record: Any, *path: str) -> str | None:
    item = _item(record, *path)
    return None if item is None else str(item.variation.content.as_string()).strip() or None


def _number(number: int | None) -> str | None:
    return None if number is None else str(number)


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
