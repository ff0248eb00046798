"""The map: moving tracks at 1 Hz beside MapLibre's own GeoJSON, the first page, and replay.

Chromium without a window opens the console's map. The server makes a frame of all tracks each second and
sends it over the WebSocket; each track has its whole trail, and `near` is a view without clusters. `page` is
the processor time of the page's main thread for an update, whatever it
did from one update to the next (script, rendering, garbage); `script` is what the handler and the drawing
took by the clock. The peer is the same page, connection and input: each frame becomes GeoJSON for
`setData` of a layer of circles. The first page is loaded with an empty cache. Replay asks for the map at each
moment of a floor with an exercise, from a console that remembers none of them, twice, and compares digests.

    ./dev bench console.tracks [--tracks 10000 50000] [--updates 40] [--part tracks|first|replay]
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from benchmarks.console import floors, readers
from watchfloor.cell.rerun import rerun
from watchfloor.console.map import layers
from watchfloor.console.services import Services
from watchfloor.console.serving import Where, address, listening, server, sockets
from watchfloor.exercise.make import make
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.store.floor import Floor

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-quic", "--force-color-profile=srgb"),
)
PARTS = ("tracks", "first", "replay")
WIDE, TALL = 1280, 900
WARM = 3
"""Updates that are not counted."""

OURS = """() => {
  const map = watchfloorMap, spent = (window.spent = []);
  const set = map.things.set.bind(map.things), render = map.things.render.bind(map.things);
  let own = 0;
  map.things.set = (...all) => { const at = performance.now(); set(...all); own = performance.now() - at; };
  map.things.render = (...all) => {
    const at = performance.now(), fresh = map.things.dirty;
    render(...all);
    if (fresh) spent.push(own + performance.now() - at);
  };
  const trails = map.things.trails, { columns, size, head } = trails; // as after forty minutes
  for (let back = 1; back < columns; back++) {
    const column = (head - back + columns) % columns;
    for (let n = 0; n < 2 * trails.slots.size; n++) {
      trails.places[2 * column * size + n] = trails.places[2 * head * size + n] - 70_000 * back * (n % 3);
    }
  }
  trails.whole = true;
}"""
PEER = """() => {
  const map = watchfloorMap, spent = (window.spent = []), gl = map.map;
  gl.removeLayer("things");
  gl.addSource("peer", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  gl.addLayer({ id: "peer", type: "circle", source: "peer", paint: { "circle-radius": 4, "circle-color":
    ["match", ["get", "layer"], 0, "#ff8a80", 1, "#7db8f2", "#6fcf97"] } });
  map.things.set = (frame) => {
    const at = performance.now(), view = new DataView(frame, 32), features = [];
    for (let n = 0; n < view.byteLength; n += 36) {
      features.push({ type: "Feature", id: n / 36, properties: { layer: view.getUint8(n + 14) },
        geometry: { type: "Point", coordinates: [4, 8].map((at) => view.getInt32(n + at, true) / 1e7) } });
    }
    gl.getSource("peer").setData({ type: "FeatureCollection", features });
    map.things.frame = frame;
    spent.push(performance.now() - at);
  };
}"""


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench console.tracks", description=__doc__.split("\n\n")[0])
    parser.add_argument("--tracks", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--updates", type=int, default=40)
    parser.add_argument("--part", choices=PARTS, action="append")
    return parser.parse_args()


class Moving:
    """Tracks along the border that move each time they are asked for; the same for the same seed."""

    def __init__(self, count, seed=1):
        random = self._random = np.random.default_rng(seed)
        self.longitude = np.clip(-95 + random.normal(0, 16, count), -141, -53)
        self.latitude = np.clip(48.6 + random.normal(0, 0.8, count), 42, 60)
        self.course = random.random(count) * 360
        self.keys = pa.array([f"{n:08}" for n in range(count)])
        self.made = []

    def __call__(self, look):
        began, count = time.perf_counter(), len(self.course)
        self.course = (self.course + self._random.normal(0, 10, count)) % 360
        self.longitude += np.sin(np.radians(self.course)) * 0.01
        self.latitude += np.cos(np.radians(self.course)) * 0.007
        columns = {
            "layer": pa.array(np.full(count, "track")),
            "key": self.keys,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "course": self.course,
            "at": pa.array([look.moment - timedelta(seconds=2)] * count, layers.POINT.field("at").type),
            "marking": pa.array(np.full(count, "PA//TLP:AMBER")),
        }
        made = [
            pa.array(columns[one.name]) if one.name in columns else pa.nulls(count, one.type)
            for one in layers.POINT
        ]
        self.made.append(time.perf_counter() - began)
        return pa.Table.from_arrays(made, schema=layers.POINT)


@contextmanager
def serving(floor):
    """A console in this process, so that a layer can be put into it; gives its address."""
    where = Where(port=0)
    with sockets(where) as bound, ThreadPoolExecutor(2) as makers, ThreadPoolExecutor(1) as jobs:
        services = Services(Floor.open(floor), listening(where), makers, jobs)
        services.silence = 120.0  # the page that is measured is the map
        one = server(services, where)
        thread = threading.Thread(target=one.run, args=([bound],))
        thread.start()
        try:
            while not one.started:
                time.sleep(0.02)
            yield address(where, bound)
        finally:
            one.should_exit = True
            thread.join()
            services.close()


@contextmanager
def opened(browser, home, token):
    """The page of the map in a context of its own, and its connection to the browser's tools."""
    context = browser.new_context(
        base_url=home, viewport={"width": WIDE, "height": TALL}, color_scheme="dark"
    )
    context.add_cookies([{"name": "watchfloor", "value": token, "url": home}])
    page = context.new_page()
    try:
        yield page, context.new_cdp_session(page)
    finally:
        context.close()


def busy(tools):
    """Seconds of processor that the page's main thread has used."""
    found = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
    return found["ThreadTime"]


NEAR = "/map?box=-97.6,48.7,-96.2,49.4"
"""A view at about zoom 9, without clusters."""


def updated(browser, home, token, how, updates, path="/map"):
    """Milliseconds of each update: of the main thread in all, and of handler and drawing."""
    with opened(browser, home, token) as (page, tools):
        tools.send("Performance.enable")
        page.goto(path)
        page.wait_for_selector("#map[data-ready]", timeout=120_000)
        page.evaluate(how)
        while page.evaluate("spent.length") < WARM:
            page.wait_for_timeout(200)
        whole, seen, before = [], page.evaluate("spent.length"), busy(tools)
        while len(whole) < updates:
            page.wait_for_timeout(200)
            now = page.evaluate("spent.length")
            if now > seen:
                page.wait_for_timeout(250)  # what follows of it: tiles of the peer, the drawing
                after = busy(tools)
                whole.append(1e3 * (after - before) / (now - seen))
                seen, before = now, after
        return whole, page.evaluate("spent")[WARM:]


def at(numbers, part):
    return sorted(numbers)[min(int(part * len(numbers)), len(numbers) - 1)]


def tracks(console, browser, options):
    table = Table(
        title=f"Moving tracks at 1 Hz, milliseconds an update, {options.updates} updates",
        title_justify="left",
    )
    for name in "tracks|by|page p50|p95|script p50|p95|page, ratio".split("|"):
        table.add_column(name, justify="right")
    with tempfile.TemporaryDirectory() as folder:
        floor = Path(folder) / "floor"
        floors.leads(floor, 10)
        (token,) = readers.tokens(floor, 1)
        for count in options.tracks:
            moving = Moving(count)
            kept = layers.LAYERS
            layers.LAYERS = tuple(
                layers.Layer(one.name, moving, one.stale, moving=True) if one.name == "track" else one
                for one in kept
            )
            try:
                with serving(floor) as home:
                    found = {
                        "Watchfloor": updated(browser, home, token, OURS, options.updates),
                        "Watchfloor, near": updated(browser, home, token, OURS, options.updates, NEAR),
                        "MapLibre setData": updated(browser, home, token, PEER, options.updates),
                    }
            finally:
                layers.LAYERS = kept
            ours = statistics.median(found["Watchfloor"][0])
            for name, (whole, script) in found.items():
                numbers = [f"{at(each, part):.1f}" for each in (whole, script) for part in (0.5, 0.95)]
                table.add_row(f"{count:,}", name, *numbers, f"{statistics.median(whole) / ours:.1f}")
    console.print(table)
    console.print("goal: at 50,000 with trails at most 25 ms of the page, p95 40", highlight=False)


def first(console, browser):
    """Bytes and requests of the first load of the map, and what went to other hosts."""
    with tempfile.TemporaryDirectory() as folder:
        floor = Path(folder) / "floor"
        floors.leads(floor, 1_000)
        (token,) = readers.tokens(floor, 1)
        with serving(floor) as home, opened(browser, home, token) as (page, tools):
            urls, size = [], {}
            tools.send("Network.enable")
            tools.on("Network.requestWillBeSent", lambda said: urls.append(said["request"]["url"]))
            tools.on(
                "Network.loadingFinished",
                lambda said: size.update({said["requestId"]: said["encodedDataLength"]}),
            )
            began = time.perf_counter()
            page.goto("/map")
            page.wait_for_selector("#map[data-ready]")
            ready = time.perf_counter() - began
            page.wait_for_timeout(500)
    ours = [url for url in urls if url.startswith(home)]
    elsewhere = [url for url in urls if not url.startswith((home, "blob:", "data:"))]
    console.print(
        f"first page: {sum(size.values()) / 1e3:,.0f} kB in {len(ours)} requests, "
        f"{len(elsewhere)} to other hosts, drawn after {ready:.1f} s "
        "(goal: at most 700 kB, 0; peer, measured once: NiceGUI 963 kB, 21 requests)",
        highlight=False,
    )
    assert not elsewhere, elsewhere


def exercise(home):
    """A floor with an exercise, its desks run after each feed, so that there are many moments."""
    made = make(home / "exercise", seed=1, scale=1.0)
    floor = Floor.create(home / "floor", floors.KEEPER, name="bench", ceiling="PB//TLP:RED", exercise=True)
    config.install(floor.root, made.settings)
    with floor.writer(floors.KEEPER) as writer:
        for one in (made.lists, made.feeds):
            list(ingest_all(writer, [one], config.load(floor.root), Orders()))
            rerun(floor, writer, floor.reader("bench", floors.PURPOSE))
    return floor.root


def replay(console):
    """The map at each moment of a floor, asked of a console in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        floor = exercise(Path(folder))
        (token,) = readers.tokens(floor, 1)
        digests, waits = [], []
        for _ in range(2):  # a console that has just been started remembers no picture
            with readers.serving(floor) as (host, port, _):
                home = f"http://{host}:{port}"
                moments = _asked(home, "", token)["moments"]
                _asked(home, moments[0], token)
                answers = []
                for moment in moments:
                    began = time.perf_counter()
                    answers.append(_asked(home, moment, token)["digest"])
                    waits.append(1e3 * (time.perf_counter() - began))
                digests.append(answers)
        shutil.rmtree(floor)
    same = sum(one == other for one, other in zip(*digests, strict=True))
    console.print(
        f"replay: {len(digests[0])} moments, twice: median {at(waits, 0.5):.0f} ms, "
        f"p95 {at(waits, 0.95):.0f} ms, longest {max(waits):.0f} ms; "
        f"{same} of {len(digests[0])} digests the same (goal: 500 ms, all)",
        highlight=False,
    )


def _asked(home, moment, token):
    url = f"{home}/api/v1/map?at={quote(moment)}"
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.load(answer)


def versions(chromium):
    """The machine and what runs on it."""
    file = files("watchfloor.console") / "static/maplibre/maplibre-gl.js"
    library = re.search(r"maplibre-gl-js/blob/v([\d.]+)", file.read_text("utf-8")[:400])
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, Chromium {chromium} (WebGL in software), "
        f"MapLibre GL JS {library[1]}"
    )


def main():
    options = arguments()
    console = Console(width=120)
    parts = options.part or PARTS
    names = ("chromium", "google-chrome", "chromium-headless-shell")
    program = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        console.print(versions(browser.version), highlight=False)
        if "tracks" in parts:
            tracks(console, browser, options)
        if "first" in parts:
            first(console, browser)
        browser.close()
    if "replay" in parts:
        replay(console)


if __name__ == "__main__":
    main()
