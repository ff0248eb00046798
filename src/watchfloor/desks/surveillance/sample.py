"""A small world for the shared tests: walkers over the line, a boat that reports itself, clutter, cold."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pyarrow as pa

from watchfloor.core.kinds import COVERAGE, DETECTION, WEATHER, Kind
from watchfloor.desks.base import Refs
from watchfloor.desks.surveillance.desk import references, settings
from watchfloor.desks.surveillance.events import fold
from watchfloor.desks.surveillance.events.points import points
from watchfloor.desks.surveillance.naming import Names
from watchfloor.desks.surveillance.observing import looked, observed
from watchfloor.desks.surveillance.tracking import Tracker
from watchfloor.reference import border

START: Final = datetime(2026, 2, 1, 4, tzinfo=UTC)
METRES: Final = 111_200.0
"""To a degree of latitude."""
SWEEPS: Final = 45
PERIOD: Final = 4.0
"""Seconds from sweep to sweep."""

Row = dict[str, Any]


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    rng = np.random.default_rng(seed)
    sweeps = [row for number in range(SWEEPS) for row in _sweep(rng, number)]
    order = np.argsort([row["received_at"] for row in sweeps], kind="stable")
    detections = [sweeps[at] for at in order]
    coverage = [_look(number) for number in range(SWEEPS)]
    weather = [_weather(0, -18.0), _weather(SWEEPS // 2, -36.0)]
    inputs = {"detection": detections, "coverage": coverage, "weather": weather}
    kinds = {"detection": DETECTION, "coverage": COVERAGE, "weather": WEATHER}
    return {name: _table(kinds[name], rows) for name, rows in inputs.items()}, Refs(
        bytes(32), {"border": border.content(), "surroundings": b"", "tracker": b""}
    )


@lru_cache(maxsize=1)
def _middle() -> tuple[float, float]:
    """Latitude and longitude of a place on the 49th parallel."""
    return border.load().at(2500)


def _sweep(rng: np.random.Generator, number: int) -> Iterator[Row]:
    """Yield a radar's plots of one sweep, and now and then a boat's own report."""
    t = number * PERIOD
    walkers = [(rng.normal(0, 6), -120 + 1.4 * t + rng.normal(0, 6)) for _ in range(1)]
    boat = (600 - 5 * t, 260 + rng.normal(0, 4))
    clutter = rng.uniform(-1500, 1500, (2, 2)).tolist()
    for k, (east, north) in enumerate([*walkers, boat, *clutter]):
        if rng.random() < 0.9:
            yield _detection(f"radar-{number}-{k}", t, east, north) | {"sensor": "radar", "scan": number}
    if number % 5 == 2:
        late = float(rng.uniform(0, 9))
        said = _detection(f"ais-{number}", t, boat[0], 260.0, late) | {"sensor": "receiver"}
        yield said | {"claimed": "vessel:mmsi:316001234", "speed": 5.0, "course": 270.0, "class": "boat"}


def _detection(key: str, t: float, east: float, north: float, late: float = 0.2) -> Row:
    latitude, longitude = _middle()
    return {
        "report_key": key,
        "observed_at": _at(t),
        "received_at": _at(t + late),
        "latitude": latitude + north / METRES,
        "longitude": longitude + east / (METRES * np.cos(np.radians(latitude))),
        "var_east": 36.0,
        "var_north": 36.0,
        "cov_east_north": 0.0,
        "class": "person" if key.endswith("-0") else None,
        "marking": "PB//TLP:RED" if key.endswith("-0") else "PB//TLP:AMBER",
    }


def _look(number: int) -> Row:
    latitude, longitude = _middle()
    return {
        "report_key": f"look-{number}",
        "sensor": "radar",
        "observed_at": _at(number * PERIOD),
        "received_at": _at(number * PERIOD + 0.25),
        "scan": number,
        "state": "looking",
        "latitude": latitude,
        "longitude": longitude,
    }


def _weather(number: int, temperature: float) -> Row:
    latitude, longitude = _middle()
    place = {"latitude": latitude, "longitude": longitude, "radius": 30_000.0}
    at = {"observed_at": _at(number * PERIOD), "received_at": _at(number * PERIOD + 0.1)}
    return place | at | {"report_key": f"weather-{number}", "station": "mast", "temperature": temperature}


def _at(seconds: float) -> int:
    return round(START.timestamp() * 1e6 + seconds * 1e6)


def compile_tracking() -> None:
    """Run the tracker over the sample."""
    inputs, refs = sample(0)
    rows = _arrived(inputs)
    Tracker(settings(refs["tracker"])).update(observed(rows.filter(pa.array(looked(rows))), Names()))


def compile_events() -> None:
    """Run the rules over points of two tracks that meet at the line."""
    inputs, refs = sample(0)
    state = fold.begin(references(refs))
    fold.weather(state, inputs["weather"])
    latitude, longitude = _middle()
    t = START.timestamp() + np.arange(400) // 2 * 5.0
    north = np.tile([1.0, -1.0], 200) * (np.arange(400) // 2 - 100) * 7.0
    fold.fold_points(
        state,
        points(
            t=t,
            track=np.tile([0, 1], 200),
            latitude=latitude + north / METRES,
            longitude=np.full(400, longitude),
            velocity=np.column_stack([np.zeros(400), np.tile([1.4, -1.4], 200)]),
            cov=np.tile([25.0, 0.0, 25.0], (400, 1)),
            claimed=np.tile([0, -1], 200),
            self_reported=np.tile([True, False], 200),
        ),
    )


KERNELS: Final = (compile_tracking, compile_events)
"""Parts that compile at the same time."""


def _arrived(inputs: Mapping[str, pa.Table]) -> pa.Table:
    detections = inputs["detection"]
    kind = pa.array(["detection"] * detections.num_rows)
    return detections.append_column("kind", kind).append_column("state", pa.nulls(len(kind), pa.string()))


def _table(kind: Kind, rows: list[Row]) -> pa.Table:
    plain = dict.fromkeys(kind.schema.names) | {"source": "sensors", "origins": [], "delivery": bytes(32)}
    made = [
        plain
        | {"record_id": kind.name[:2].encode() + n.to_bytes(14, "big"), "locator": f"line {n}"}
        | {"marking": "PB//TLP:AMBER"}
        | row
        for n, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(made, kind.schema)
