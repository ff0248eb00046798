"""Surroundings of a floor: harbours, aerodromes, receivers, ports of entry, water and land.

The file is a floor's own, GeoJSON (RFC 7946), so that any map program writes it. The property `what` says
what a feature is. Of a `Point`: `harbour` (an anchorage, a marina, a dock), `aerodrome` (or a heliport),
`receiver` (of what vessels and aircraft report of themselves), `port-of-entry`; `radius` gives its metres. A
port has a `name` and, unless it never closes, `opens` and `closes` (`09:00`) by the clock of its `zone`
(`America/Toronto`). Of a `Polygon` or a `MultiPolygon`: `water`, or `land` that is surely land.
"""

from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa

from watchfloor.reference import polygons

KINDS: Final = ("harbour", "aerodrome", "receiver", "port-of-entry")
AREAS: Final = ("water", "land")
RADII: Final = {"harbour": 200.0, "aerodrome": 1_000.0, "receiver": 40_000.0, "port-of-entry": 100.0}
"""Metres of a place that gives none. Judgement: a marina, a field, an AIS aerial of some 30 m, a post."""

PLACES: Final = pa.schema([("latitude", pa.float64()), ("longitude", pa.float64()), ("radius", pa.float64())])
PORTS: Final = pa.schema(
    [*PLACES, ("name", pa.string()), ("opens", pa.int64()), ("closes", pa.int64()), ("zone", pa.string())]
)
"""Hours are minutes after midnight; equal ones: it never closes."""


class SurroundingsError(ValueError):
    """A file of surroundings that cannot be read; the message says what to put right."""


class Surroundings(NamedTuple):
    """Surroundings of a floor.

    Attributes:
        harbours, aerodromes, receivers: tables of `PLACES`.
        ports: a table of `PORTS`.
        waters, lands: areas; None where the file has none.
    """

    harbours: pa.Table
    aerodromes: pa.Table
    receivers: pa.Table
    ports: pa.Table
    waters: polygons.Polygons | None
    lands: polygons.Polygons | None


def parse(content: bytes) -> Surroundings:
    """Surroundings from the bytes of their file. Raises `SurroundingsError`."""
    try:
        features = msgspec.json.decode(content)["features"]
        named = [(feature["properties"]["what"], feature) for feature in features]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SurroundingsError(f"this is no JSON: {error}") from error
    except (KeyError, TypeError, IndexError) as error:
        raise SurroundingsError(
            "surroundings are a GeoJSON FeatureCollection (RFC 7946) of features with a property `what`;"
            f" this is none: {error!r}"
        ) from error
    for number, (what, _) in enumerate(named):
        if what not in (*KINDS, *AREAS):
            raise SurroundingsError(f"feature {number}: {what!r} is none of {', '.join((*KINDS, *AREAS))}")
    places = {kind: [_place(n, f) for n, (what, f) in enumerate(named) if what == kind] for kind in KINDS}
    tables = [pa.Table.from_pylist(places[kind], PORTS if kind == KINDS[-1] else PLACES) for kind in KINDS]
    return Surroundings(*tables, *(_areas([f for what, f in named if what == area]) for area in AREAS))


def _areas(features: list[Any]) -> polygons.Polygons | None:
    if not features:
        return None
    try:
        return polygons.parse(msgspec.json.encode({"features": features}))
    except polygons.PolygonError as error:
        raise SurroundingsError(str(error)) from error


def _place(number: int, feature: Any) -> dict[str, Any]:
    said = feature["properties"]
    try:
        if feature["geometry"]["type"] != "Point":
            raise SurroundingsError(f"feature {number}: a {said['what']} is a Point")
        x, y = (float(each) for each in feature["geometry"]["coordinates"][:2])
        radius = float(said.get("radius", RADII[said["what"]]))
        hours = _hours(said) if said["what"] == "port-of-entry" else {}
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, SurroundingsError):
            raise
        raise SurroundingsError(f"feature {number}: it cannot be read: {error}") from error
    if not (abs(x) <= 180 and abs(y) <= 90 and 0 <= radius < 1e7):
        raise SurroundingsError(f"feature {number}: its place or its radius is out of range")
    return {"latitude": y, "longitude": x, "radius": radius} | hours


def _hours(said: Any) -> dict[str, Any]:
    """Name and hours of a port."""
    opens, closes = (_minutes(said.get(name, "00:00")) for name in ("opens", "closes"))
    zone = str(said.get("zone", "UTC"))
    if opens != closes and "zone" not in said:
        raise ValueError("a port with hours needs its zone, such as America/Toronto")
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(f"{zone!r} is no time zone of the IANA database") from error
    return {"name": str(said["name"]), "opens": opens, "closes": closes, "zone": zone}


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        raise ValueError(f"{text!r} is no time of day such as 09:00")
    found = int(hours) * 60 + int(minutes)
    if not (found <= 1440 and int(minutes) < 60):
        raise ValueError(f"{text!r} is no time of day such as 09:00")
    return found
