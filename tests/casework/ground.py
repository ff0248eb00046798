"""A floor with scenes of a stretch of the 49th parallel, and a library that says what it is told of them."""

import base64
import io
import json
import tarfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import shapely

from watchfloor.casework.scans import masks
from watchfloor.core.kinds import SCENE
from watchfloor.core.messages import reason
from watchfloor.desks.space.desk import GONE
from watchfloor.reference import border
from watchfloor.store import Actor, Floor

KEEPER = Actor("keeper", "watch", "RCMP Act s. 18")
POLICY = """[readers.keeper]
protected = "PB"
[readers.officer]
protected = "PA"
[readers.lead]
protected = "PC"
role = "supervisor"
"""
OPEN, HIDDEN = "PA//TLP:AMBER", "PB//TLP:AMBER"
KM = (1_495.0, 1_505.0)
LATITUDE, LONGITUDE = border.load().at(1_500)
DAY = datetime(2026, 5, 2, 17, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n"


def square(north, east, half=100.0):
    """A square of ground so many metres north and east of kilometre 1500, as GeoJSON."""
    step = np.degrees(1 / 6_371_000)
    across = step / np.cos(np.radians(LATITUDE))
    x, y = LONGITUDE + east * across, LATITUDE + north * step
    return masks.geojson(shapely.box(x - half * across, y - half * step, x + half * across, y + half * step))


SEEN = square(0, 0, half=12_000)


def archive(**files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, data in {"item.json": b"{}", **files}.items():
            head = tarfile.TarInfo(name)
            head.size = len(data)
            made.addfile(head, io.BytesIO(data))
    return out.getvalue()


def key(day):
    return f"14UPV/{DAY + timedelta(days=day):%Y%m%dT%H%M%SZ}/sentinel-2b-msi"


def add_scene(floor, day, marking=OPEN, cloud=0.0, pixels=b"p", shown=SEEN, source="orbit"):
    at = DAY + timedelta(days=day)
    asset = {"name": "visual", "href": "visual.tif", "role": "data", "digest": pixels.hex(), "bytes": 1}
    row = {
        **dict.fromkeys(SCENE.schema.names),
        "report_key": key(day),
        "source": source,
        "origins": [],
        "observed_at": at,
        "marking": marking,
        "locator": "item",
        "scene": f"S{day}",
        "platform": "sentinel-2b",
        "sensor": "msi",
        "started": at,
        "ended": at,
        "footprint": json.dumps(shown),
        "cloud": cloud,
        "tile": "14UPV",
        "assets": [asset],
    }
    table = pa.Table.from_pylist([row], SCENE.schema.remove(0)).drop_columns(["delivery"])
    original = archive(**{"visual.tif": pixels + str(day).encode()})
    with floor.writer(KEEPER) as writer:
        return writer.append(SCENE, table, source=source, original=original)


@dataclass
class Found:
    """A shape as a library says it."""

    geometry: dict
    latitude: float = LATITUDE
    longitude: float = LONGITUDE
    radius: float = 120.0
    area_m2: float = 40_000.0
    length_m: float = 200.0
    width_m: float = 200.0
    statistic: float = 30.0
    false_alarms: float = 0.01
    what: str = "trail"
    why_what: object = field(default_factory=lambda: reason(GONE, day="2026-05-02").stored())
    clear: float = 1.0


def shape(north=1_000.0, east=0.0, **columns):
    drawn = square(north, east)
    middle = shapely.from_geojson(json.dumps(drawn)).centroid
    return Found(drawn, latitude=middle.y, longitude=middle.x, **columns)


class Told:
    """A library that says what it is told: shapes by the days of two scenes."""

    reads_pixels = True

    def __init__(self, clear=1.0, **shapes):
        self.clear_share, self.compared = clear, []
        self.shapes = {tuple(map(int, name[1:].split("_"))): found for name, found in shapes.items()}

    def compare(self, pair, known, progress):
        days = tuple((one["started"] - DAY).days for one in (pair.before, pair.after))
        self.compared.append(days)
        progress(1.0)
        self.folders = [sorted(path.iterdir()) for path in pair.paths]
        clear = [self.clear_share] * len(known)
        said = {"clear": clear, "method": "told", "method_version": "1", "notes": []}
        return SimpleNamespace(shapes=self.shapes.get(days, []), **said)

    def pictures(self, pair, shapes, boxes):
        self.box = boxes[0]
        return [(PNG + b"before", PNG + b"after") for _ in shapes]


def floor_at(folder):
    made = Floor.create(folder, KEEPER, ceiling="PC")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    return made


def line(north=1_000.0, days=(0, 10), **columns):
    """A line of a file of shapes, as `change scan --shapes` takes it."""
    found = shape(north)
    plain = {
        name: getattr(found, name)
        for name in (
            *("geometry", "latitude", "longitude", "radius", "area_m2", "length_m", "width_m"),
            *("statistic", "false_alarms", "what"),
        )
    }
    said = {"message": "shape.trail", "params": {"length": 200, "width": 9}}
    pictures = {name: base64.b64encode(PNG + name.encode()).decode() for name in ("before_png", "after_png")}
    return {"before": key(days[0]), "after": key(days[1]), "said": said, **plain, **pictures} | columns
