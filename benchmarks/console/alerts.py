"""From a signal to the alert that it raises, in the console's stream: `./dev bench console.alerts [ALERTS]`.

A desk of a few lines says that whoever is seen in the north is on thin ice, and the package's own rule raises
an alert for each. Datagrams come in through a socket, are durable, folded and published; the process of the
alerts reads that, weighs it and writes; the console tells whoever listens. All of it runs here, in processes
of its own but for the console. One clock times three moments of each: just before its datagram was sent, when
the file that holds its signal was first found in its place (looked for each 5 ms), and when the stream told.
"""

import json
import random
import socket
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import httpx
import pyarrow as pa
from tests.console.served import served
from tests.feeds.live import toys
from tests.feeds.live.floors import ACTOR, floor_of, line, port

from watchfloor.casework.live_worker import Orders, Worker
from watchfloor.feeds.live import status
from watchfloor.feeds.live.ingestion import Rolls
from watchfloor.run import published

GOAL = 2.0
PATIENCE = 60.0
MOST = 28
"""Alerts: each matter has a degree of latitude to itself, so that no two are one."""


def step(refs, state, rows, watermark):
    """What the toy desk says, in the words of a rule that the weights know."""
    made = toys.step(refs, state, rows, watermark)
    told = made["signal"]
    for name, value in (("rule", "thin-ice"), ("strength", "certain")):
        place = told.schema.get_field_index(name)
        column = pa.array([value] * told.num_rows, pa.string())
        told = told.set_column(place, told.schema.field(name), column)
    return made | {"signal": told}


DESK = replace(toys.TOY, step=step)


class Seen:
    """When each track first stood in the file of signals."""

    def __init__(self, root):
        self.at, self._root, self._stop = {}, root, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self):
        while not self._stop.wait(0.005):
            for place in (self._root / published.FOLDER).glob("*/toy.signal.live"):
                if found := published.load(place):
                    for subjects in found[0]["subjects"].to_pylist():
                        self.at.setdefault(subjects[0], time.monotonic())

    def close(self):
        self._stop.set()
        self._thread.join()


def ready(root):
    """Wait until the live floor listens and folds."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        standing = status.read(root)
        parts = standing.sources, standing.folding, standing.alerting
        if all(parts) and standing.sources.sources[0].state == "listening":
            return
        time.sleep(0.05)
    raise TimeoutError("the live floor did not start")


def alerts(lines):
    """The events that tell of alerts: how many are open."""
    what = ""
    for one in lines:
        name, _, value = one.partition(": ")
        if name == "event":
            what = value
        elif name == "data" and what == "alerts":
            yield json.loads(value)["open"]


def measure(folder, count):
    """Seconds from sending, and from publishing, to the stream, of each alert."""
    number = port(socket.SOCK_DGRAM)
    floor = floor_of(folder / "floor", ceiling="PB//TLP:RED", towers=f"udp://127.0.0.1:{number}")
    worker = Worker(Orders(floor.root, ACTOR, Rolls(seconds=5), {"toy": DESK}))
    sender, draw, found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), random.Random(1), []
    sender.connect(("127.0.0.1", number))
    seen = Seen(floor.root)
    try:
        with served(floor) as console:
            ready(floor.root)
            auth = {"Authorization": f"Bearer {console.token()}"}
            with (
                httpx.Client(base_url=console.home, headers=auth, timeout=PATIENCE) as client,
                client.stream("GET", "/api/v1/stream") as answer,
            ):
                told = alerts(answer.iter_lines())
                for n in range(count):
                    time.sleep(draw.uniform(0.1, 0.8))
                    sent = time.monotonic()
                    sender.send(line(n, f"t{n}", 61.0 + n))
                    while next(told) < n + 1:
                        pass
                    heard = time.monotonic()
                    found.append((heard - sent, heard - seen.at[f"track:toy:t{n}"]))
    finally:
        seen.close()
        sender.close()
        worker.stop()
    return found


def main():
    """Print the figures; ends with 1 where one is above the goal."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MOST
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), count)
    for name, seconds in zip(("datagram sent", "signal published"), zip(*found, strict=True), strict=True):
        one = sorted(seconds)
        figures = (
            f"median {median(one):.2f} s, p95 {one[round(0.95 * (len(one) - 1))]:.2f}, most {one[-1]:.2f}"
        )
        print(f"{name} to alert in the stream, {len(one)}: {figures}")
    print(f"goal: {GOAL:.0f} s")
    return int(max(sent for sent, _ in found) > GOAL)


if __name__ == "__main__":
    sys.exit(main())
