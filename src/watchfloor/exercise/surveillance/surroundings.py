"""Surroundings of the exercise's sensors, as a floor's own file: harbours, aerodromes, receivers, ports."""

import json
from typing import Any, Final

from watchfloor.exercise.surveillance.paths import Place
from watchfloor.exercise.surveillance.traffic import AERODROMES, BASE, HARBOURS
from watchfloor.exercise.surveillance.world import HEARD, PRAIRIE, RECEIVERS, STRETCHES, WOODS, beside

FILE: Final = "surroundings.geojson"
"""Its name on a floor."""

ZONES: Final = {PRAIRIE: "America/Winnipeg", WOODS: "America/Toronto"}
OPENS, CLOSES = "05:00", "23:00"


def content() -> bytes:
    """GeoJSON as `watchfloor.reference.surroundings` reads it."""
    features = [_feature("harbour", place, name=name, radius=400) for name, place in HARBOURS.items()]
    strips = {**AERODROMES, "the plane's base": BASE}
    features += [_feature("aerodrome", place, name=name) for name, place in strips.items()]
    features += [_feature("receiver", place, name=name, radius=HEARD) for name, place in RECEIVERS]
    for stretch, zone in ZONES.items():
        hours = {"name": f"port of the {stretch}", "opens": OPENS, "closes": CLOSES, "zone": zone}
        features.append(_feature("port-of-entry", beside(STRETCHES[stretch].port, 150), **hours))
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=1).encode() + b"\n"


def _feature(what: str, place: Place, **said: Any) -> dict[str, Any]:
    latitude, longitude = (round(one, 6) for one in place)
    point = {"type": "Point", "coordinates": [longitude, latitude]}
    return {"type": "Feature", "geometry": point, "properties": {"what": what} | said}
