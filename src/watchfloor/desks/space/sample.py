"""A small world for the shared tests: shapes that appear, are confirmed, go, and scenes that come again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import SCENE, SCENE_CHANGE
from watchfloor.desks.base import Refs

START: Final = datetime(2026, 5, 1, tzinfo=UTC)
MARKINGS: Final = ("PB//TLP:GREEN", "PB//TLP:AMBER")
FORMS: Final = ("trail", "clearing", "bridge", "vehicle-on-ice", "unknown", "harvest", "fire", "flood")
SQUARE: Final = '{"type":"Polygon","coordinates":[[[-97,49],[-96,49],[-96,50],[-97,50],[-97,49]]]}'


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a sample is meant to be repeated
    scenes = [_scene(random, number, number // 8) for number in range(96)]
    changes = [_change(random, number, scenes) for number in range(120)]
    tables = {
        "scene": pa.Table.from_pylist(scenes, SCENE.schema),
        "scene-change": pa.Table.from_pylist(changes, SCENE_CHANGE.schema),
    }
    return tables, Refs(bytes(32))


def compile_monitor() -> None:
    """Monitor a short series, and a cube of two pixels."""
    import numpy as np

    from watchfloor.desks.space.change import grid, monitor
    from watchfloor.formats.imagery.cubes import Cube
    from watchfloor.formats.imagery.series import REFLECTIVE, Series

    days = 730_000 + 16 * np.arange(60)
    values = 500.0 + np.random.default_rng(0).normal(0, 20, (6, 60))
    monitor.monitor(Series(days, REFLECTIVE, values, np.zeros(60, np.uint8)))
    grid.begin(Cube(days, values[:2].T.astype(np.int16)[:, None], ()))


KERNELS: Final = (compile_monitor,)
"""Parts that compile at the same time."""


def _plain(kind: str, number: int, random: Random) -> dict[str, Any]:
    return {
        "record_id": f"{kind}.{number:010}".encode()[:16].ljust(16, b"."),
        "source": "orbit",
        "origins": [],
        "marking": random.choice(MARKINGS),
        "delivery": bytes(32),
        "locator": f"line {number}",
    }


def _scene(random: Random, number: int, day: int) -> dict[str, Any]:
    """Return a scene of one of eight tiles; now and then one that comes again, with its pixels or others."""
    again = number % 8 == 7
    tile = "14UPV-6" if again else f"14UPV-{number % 8}"
    at = START + timedelta(days=5 * day)
    digest = f"{day}{number if again and random.random() < 0.5 else tile}"
    return (
        dict.fromkeys(SCENE.schema.names)
        | _plain("scene", number, random)
        | {
            "report_key": f"{tile}/{at:%Y%m%d}/made-up",
            "observed_at": at,
            "scene": f"S-{number}",
            "platform": "made-up-1",
            "sensor": "msi",
            "started": at,
            "ended": at,
            "footprint": SQUARE,
            "cloud": random.random(),
            "tile": tile,
            "assets": [
                {"name": "visual", "href": "visual.tif", "role": "data", "digest": digest, "bytes": 9}
            ],
        }
    )


def _change(random: Random, number: int, scenes: list[dict[str, Any]]) -> dict[str, Any]:
    change, state = number % 40, random.choice(("appeared", "confirmed", "confirmed", "gone", "withdrawn"))
    if number < 40:
        state = "appeared"
    pair = sorted(random.sample(scenes, 2), key=lambda one: one["started"])
    return (
        dict.fromkeys(SCENE_CHANGE.schema.names)
        | _plain("chang", number, random)
        | {
            "report_key": f"c{change}",
            "observed_at": pair[1]["started"] + timedelta(days=20 * (number // 40)),
            "change": f"c{change}",
            "state": state,
            "before": [pair[0]["report_key"]],
            "after": pair[1]["report_key"],
            "scenes": [one["record_id"] for one in pair],
            "since": pair[0]["started"],
            "until": pair[1]["started"],
            "method": "made-up",
            "method_version": "1",
            "latitude": 49.01 + change / 1000,
            "longitude": -96.5,
            "radius": 300.0,
            "shape": SQUARE,
            "area_m2": 2400.0,
            "length_m": random.choice((None, 600.0)),
            "width_m": random.choice((None, 4.0)),
            "false_alarms": random.choice((None, 0.0, 0.004, 0.2, 5.0)),
            "what": FORMS[change % len(FORMS)],
            "traffic_m": random.choice((None, 0.0, 120.0, 8_000.0)),
            "line_m": random.choice((None, 400.0, 2300.0, 40_000.0)),
        }
    )
