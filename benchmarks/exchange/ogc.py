"""A page of OGC API Features out of a million: processor time by filter, and all of it by a real client.

    ./dev bench exchange.ogc [--features 1000000] [--runs 20] [--pygeoapi PYTHON]

Pages are made in this process, by the application that the console mounts: no socket and no log, so that what
is measured is the choice and the writing. `ogr2ogr`, where GDAL is installed, reads everything over a socket.
PYTHON is an interpreter that has pygeoapi, which is then asked for a page of 100,000.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from shutil import which

import numpy as np
import pyarrow as pa
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from watchfloor.core.kinds import MAP_FEATURE
from watchfloor.exchange.geo.features import layer
from watchfloor.exchange.ogc.routes import Ogc, Request
from watchfloor.exchange.ogc.sources import of_layer
from watchfloor.store import Actor, Floor

WHO = Actor("bench", "measuring", "none")
HERE = "collections/map-features/items"
QUERIES = {
    "first page of 100": {},
    "bbox of 1 % of all": {"bbox": "-100,45,-99,55"},
    "datetime, half open": {"datetime": "2026-06-01T00:00:00Z/.."},
    "property": {"name": "place 7"},
    "bbox in EPSG:3347": {
        "bbox": "5000000,1000000,5200000,1200000",
        "bbox-crs": "http://www.opengis.net/def/crs/EPSG/0/3347",
    },
    "features in EPSG:3347": {"crs": "http://www.opengis.net/def/crs/EPSG/0/3347"},
    "page of 1,000": {"limit": "1000"},
}


class View:
    """One collection of points."""

    who, language = "bench", "en"

    def __init__(self, count):
        rng = np.random.default_rng(1)
        x, y = rng.uniform(-140, -40, count), rng.uniform(42, 60, count)
        at = pa.array(1_767_225_600_000_000 + rng.integers(0, 3.1e13, count), pa.timestamp("us", "UTC"))
        digits = pa.array(np.arange(count) % 1000).cast(pa.string())
        names = [f"place {one}" for one in digits.to_pylist()]
        texts = [f'{{"type":"Point","coordinates":[{a:.6f},{b:.6f}]}}' for a, b in zip(x, y, strict=True)]
        given = {
            "feature": pa.array(np.arange(count)).cast(pa.string()), "layer": pa.array(["bench"] * count),
            "name": pa.array(names), "geometry": pa.array(texts), "latitude": pa.array(y),
            "longitude": pa.array(x), "since": at, "until": at, "observed_at": at,
            "properties": pa.array(['{"kind":"camp"}'] * count), "marking": pa.array(["PB"] * count),
        }  # fmt: skip
        schema = MAP_FEATURE.schema
        rows = pa.table([given.get(one.name, pa.nulls(count, one.type)) for one in schema], schema.names)
        ids = [f"{one:032x}" for one in rng.permutation(count).tolist()]
        began = time.process_time()
        self._snapshot = of_layer(layer("map-feature", rows, ids), "en")
        self._snapshot.boxes  # noqa: B018 - made with the first page
        self.seconds = time.process_time() - began

    def names(self, _):
        return ("map-features",)

    def snapshot(self, _):
        return self._snapshot

    def note(self, *_):
        """Note nothing."""


def page(app, view, fields):
    request = Request(
        tuple(HERE.split("/")), "", {name: [one] for name, one in fields.items()}, "http://x/ogc"
    )
    began = time.process_time()
    answer = app._answer(request, view)
    return 1e3 * (time.process_time() - began), json.loads(answer.body)


def pages(app, view, fields, runs):
    """Milliseconds of the first page and of those that follow it."""
    first, found = page(app, view, fields)
    later = []
    while len(later) < runs:
        links = [one["href"] for one in found["links"] if one["rel"] == "next"]
        more = {"next": links[0].rpartition("next=")[2]} if links else {}
        took, found = page(app, view, fields | more)
        later.append(took)
    return first, statistics.median(later), max(later), found["numberMatched"]


def read_all(floor, view):
    """Seconds in which ogr2ogr reads everything over a socket."""

    async def admit(*_):
        return view

    app = Starlette(routes=[Mount("/ogc", Ogc(floor, admit))])
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, lifespan="off", log_level="warning", access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    home = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/ogc"
    with tempfile.TemporaryDirectory() as place:
        out = Path(place, "out.gpkg")
        words = [
            "ogr2ogr",
            "-q",
            "-oo",
            "PAGE_SIZE=10000",
            str(out),
            f"OAPIF:{home}/collections/map-features",
        ]
        began, mine = time.perf_counter(), time.process_time()
        subprocess.run(words, check=True)
        took, mine = time.perf_counter() - began, time.process_time() - mine
        counted = subprocess.run(["ogrinfo", "-so", "-al", out], check=True, capture_output=True, text=True)
    server.should_exit = True
    thread.join()
    (count,) = [line for line in counted.stdout.splitlines() if line.startswith("Feature Count")]
    return took, mine, int(count.rpartition(" ")[2])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--pygeoapi", default="", help="an interpreter that has it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        floor = Floor.create(Path(place, "floor"), WHO, name="bench", ceiling="PB//TLP:RED", exercise=True)
        view = View(given.features)
        app = Ogc(floor, None)
        print(f"{given.features:,} points read into memory: {view.seconds:.1f} s of the processor")
        print(f"{'query':24} {'matched':>10} {'first':>9} {'later':>9} {'slowest':>9}   ms of the processor")
        for name, fields in QUERIES.items():
            first, later, slowest, matched = pages(app, view, fields, given.runs)
            print(f"{name:24} {matched:>10,} {first:9.1f} {later:9.1f} {slowest:9.1f}")
        if which("ogr2ogr"):
            took, mine, count = read_all(floor, view)
            print(f"ogr2ogr read {count:,} in {took:.0f} s, of which {mine:.0f} s of the processor here")
    if given.pygeoapi:
        subprocess.run([given.pygeoapi, Path(__file__).with_name("pygeoapi_page.py"), "100000"], check=True)


if __name__ == "__main__":
    main()
