"""A service under load and kills: `python -m benchmarks.soak.service --minutes 60 --kills 200 --standby`.

A writer appends live rows at a rate, officers read pages of `watchfloor serve`, and in the first half of the
run both processes are killed by SIGKILL again and again, `serve` by each fifth kill. So the last life of each
is half the run, long enough to say whether its memory grows. With --standby the service ships the floor, and
a standby follows. At the end every acknowledged row must be on the floor (and, but for
one group commit, on the standby), and `verify` finds nothing. Ends with 1 on any loss.

The clock is accelerated by the rate: a national day without sensors has 1.3 million rows, 15 a second.
"""

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from scipy.stats import linregress, t

from benchmarks.console.readers import percentile, tokens
from watchfloor.core.kinds import PARTY
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor
from watchfloor.store.encryption import make_key
from watchfloor.store.standby.following import Follower

ACTOR: Final = Actor("soak", "soak", "none: a made-up floor")
PATHS: Final = ("/leads", "/feeds", "/feeds/towers", "/jobs", "/upkeep", "/audit", "/search?words=name17")
DAY: Final = 1_300_000 / 86_400
"""Rows a second of a national day without sensors."""
BATCH: Final = 100
READERS: Final = 4
LOOKS: Final = 2.0
"""Seconds between two looks at memory."""


def rows(first: int, count: int) -> pa.Table:
    """As many parties from a number on."""
    numbers = range(first, first + count)
    columns = {field.name: pa.nulls(count, field.type) for field in PARTY.body}
    columns["report_key"] = pa.array([f"r{n}" for n in numbers], pa.string())
    columns["observed_at"] = pa.array(np.arange(first, first + count)).cast(pa.timestamp("us", "UTC"))
    columns["subject"] = pa.array([f"person:feed:{n}" for n in numbers], pa.string())
    for name, value in (("role", "payee"), ("marking", "PB//TLP:AMBER")):
        columns[name] = pa.array([value] * count, pa.string())
    columns["name"] = pa.array([f"name{n}" for n in numbers], pa.string())
    columns["locator"] = pa.array([f"line {n}" for n in numbers], pa.string())
    return pa.table(columns)


def write(root: str, rate: float, first: int) -> None:
    """Append at a rate, in the process that is killed; each acknowledged batch is a line on the output."""
    began, done = time.monotonic(), 0
    with Floor.open(root).writer(ACTOR, 60) as writer:
        while True:
            start = time.perf_counter()
            writer.append("party", rows(first + done, BATCH), source="towers")
            took = 1e3 * (time.perf_counter() - start)
            os.write(1, f"{first + done} {took:.2f}\n".encode())
            done += BATCH
            time.sleep(max(0.0, began + done / rate - time.monotonic()))


class Soak:
    """One run.

    Attributes:
        acknowledged: first numbers of batches that were acknowledged.
        append: milliseconds of each append; answers: of each page that was read.
        memory: seconds since the process began and bytes resident, by process, of its last life; without
            pages of mapped files, which grow with the floor and go when others need the room.
        back: seconds until a process that was killed worked again.
    """

    def __init__(self, folder: Path, rate: float, *, standby: bool) -> None:
        self.rate, self.root, self.folder = rate, folder / "floor", folder
        Floor.create(self.root, ACTOR, name="soak")
        self.tokens = tokens(self.root, READERS)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.standby = standby
        if standby:
            (folder / "shared").mkdir()
            recipient = make_key(folder / "key")
            text = f"to = {json.dumps(str(folder / 'shared'))}\nrecipients = [{recipient!r}]\n"
            (self.root / "standby.toml").write_text(text, "utf-8")
        self.acknowledged: list[int] = []
        self.append: list[float] = []
        self.answers: list[float] = []
        self.refused = self.wrong = 0
        self.memory: dict[str, list[tuple[float, int]]] = {}
        self.back: dict[str, list[float]] = defaultdict(list)
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.life: dict[str, float] = {}
        self.number = 0
        self.ended = threading.Event()

    def run(self, seconds: float, kills: int) -> None:
        """Run for so long."""
        chance = random.Random(20261202)
        self.start("serve")
        self.start("writer")
        threads = [threading.Thread(target=self.read, args=(n,)) for n in range(READERS)]
        threads.append(threading.Thread(target=self.look))
        if self.standby:
            threads.append(threading.Thread(target=self.follow))
        for one in threads:
            one.start()
        began = time.monotonic()
        for kill in range(kills):
            time.sleep(max(0.0, began + (kill + chance.random()) * seconds / 2 / kills - time.monotonic()))
            name = "serve" if kill % 5 == 4 else "writer"
            os.killpg(self.processes[name].pid, signal.SIGKILL)
            self.processes[name].wait()
            self.start(name)
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        os.killpg(self.processes["writer"].pid, signal.SIGKILL)
        self.processes["writer"].wait()
        self.drained.join()
        time.sleep(2)
        self.ended.set()
        for one in threads:
            one.join()
        self.processes["serve"].terminate()
        self.processes["serve"].wait(60)

    def start(self, name: str) -> None:
        """Start a process, and note how long it takes until it works."""
        began = time.monotonic()
        words = [sys.executable, "-m", "benchmarks.soak.service", "--write", str(self.root), str(self.rate)]
        if name == "serve":
            words = [sys.executable, "-m", "watchfloor", "serve", "--floor", str(self.root), "--no-browser"]
            words += ["--port", str(self.port), "--log", str(self.folder / "events.jsonl")]
        else:
            self.number += 10**9
            words.append(str(self.number))
        made = subprocess.Popen(
            words,
            stdout=subprocess.PIPE if name == "writer" else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.processes[name] = made
        self.memory[name] = []
        self.life[name] = began
        if name == "writer":
            assert made.stdout is not None
            self._note(made.stdout.readline())
            self.drained = threading.Thread(target=lambda: [self._note(line) for line in made.stdout or ()])
            self.drained.start()
        else:
            while not self._healthy():
                time.sleep(0.05)
        self.back[name].append(time.monotonic() - began)

    def _note(self, line: str) -> None:
        if line.endswith("\n"):
            first, took = line.split()
            self.acknowledged.append(int(first))
            self.append.append(float(took))

    def _healthy(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def read(self, number: int) -> None:
        """Read pages as an officer does."""
        chance, connection = random.Random(number), None
        while not self.ended.wait(0.5 + chance.random()):
            start = time.perf_counter()
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                headers = {"Cookie": f"watchfloor={self.tokens[number]}"}
                connection.request("GET", chance.choice(PATHS), headers=headers)
                answer = connection.getresponse()
                answer.read()
                self.wrong += answer.status != 200
                self.answers.append(1e3 * (time.perf_counter() - start))
            except (OSError, http.client.HTTPException):
                self.refused += 1
                connection = None

    def look(self) -> None:
        """Note how much memory each process has."""
        while not self.ended.wait(LOOKS):
            for name, process in list(self.processes.items()):
                try:
                    _, resident, mapped, *_ = Path(f"/proc/{process.pid}/statm").read_text("ascii").split()
                except (OSError, ValueError):
                    continue
                seconds = time.monotonic() - self.life[name]
                pages = int(resident) - int(mapped)
                self.memory[name].append((seconds, pages * os.sysconf("SC_PAGE_SIZE")))

    def follow(self) -> None:
        """Follow with a standby."""
        with Follower(self.folder / "standby", self.folder / "shared", self.folder / "key") as follower:
            while not self.ended.wait(0.2):
                follower.follow()
            follower.follow()

    def lost(self, root: Path) -> list[int]:
        """Batches that were acknowledged and are not, or not whole, on a floor."""
        names = Floor.open(root).read("party", Reader("soak", purpose="soak"), columns=["name"])["name"]
        there = {int(one.removeprefix("name")) for one in names.to_pylist()}
        return [one for one in self.acknowledged if not there.issuperset(range(one, one + BATCH))]


def growth(looks: list[tuple[float, int]]) -> list[str]:
    """Medians of twelve parts of a life in MiB, and the slope over the last nine with its 95 % interval.

    Looks two seconds apart are not independent; the medians of the parts nearly are, so the line goes through
    them. The first quarter of a life fills caches and is left out.
    """
    if len(looks) < 120:
        return ["too short to say"]
    parts = np.array_split(np.array(looks), 12)
    hours = np.array([part[:, 0].mean() / 3600 for part in parts])
    sizes = np.array([np.median(part[:, 1]) / 2**20 for part in parts])
    line = linregress(hours[3:], sizes[3:])
    half = t.ppf(0.975, len(sizes[3:]) - 2) * line.stderr
    most = max(size for _, size in looks) / 2**20
    slope = (
        f"{line.slope:+.1f} MiB an hour ({line.slope - half:+.1f} to {line.slope + half:+.1f}), "
        f"a life of {looks[-1][0] / 60:.0f} min"
    )
    return [" ".join(f"{size:.0f}" for size in sizes) + f", most {most:.0f} MiB", slope]


def main() -> int:
    """Do as told on the command line; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.service", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=1500, help="rows a second")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--standby", action="store_true")
    parser.add_argument("--write", nargs=3, help=argparse.SUPPRESS)
    told: Any = parser.parse_args()
    if told.write:
        write(told.write[0], float(told.write[1]), int(told.write[2]))
    print(
        f"{told.minutes:g} minutes at {told.rate:g} rows/s, {told.rate / DAY:.0f} × a national day without "
        f"sensors; {told.kills} kills; load before {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(Path(folder), told.rate, standby=told.standby)
        soak.run(60 * told.minutes, told.kills)
        lost = soak.lost(soak.root)
        found = [str(one) for one in Floor.open(soak.root).verify()]
        reached = BATCH * len(soak.acknowledged) / (60 * told.minutes)
        print(
            f"rows acknowledged      {BATCH * len(soak.acknowledged):,}, {reached:.0f} a second: "
            f"{reached / DAY:.0f} × a national day; load after {os.getloadavg()[0]:.1f}"
        )
        print(f"acknowledged and lost  {BATCH * len(lost)}; verify: {len(found)} findings {found[:3]}")
        for name, values in (("append of 100 rows, ms", soak.append), ("page, ms", soak.answers)):
            shares = ", ".join(f"p{share} {percentile(values, share / 100):.1f}" for share in (50, 95, 99))
            print(f"{name:22} {shares}, most {max(values, default=0):.0f}, n {len(values)}")
        print(f"pages not answered     {soak.refused} (the service was killed), {soak.wrong} wrong")
        for name, looks in soak.memory.items():
            for line in growth(looks):
                print(f"{f'memory of {name}':22} {line}")
        for name, seconds in soak.back.items():
            print(
                f"{name + ' works again':22} median {np.median(seconds):.1f} s, most {max(seconds):.1f} s, "
                f"{len(seconds) - 1} kills"
            )
        behind = 0
        if told.standby:
            with Follower(
                Path(folder) / "standby", Path(folder) / "shared", Path(folder) / "key"
            ) as follower:
                follower.follow()
                follower.promote(ACTOR)
            behind = len(soak.lost(Path(folder) / "standby"))
            print(f"lost with the primary  {behind} group commits on the standby")
    return int(bool(lost or found or behind > 1 or soak.wrong))


if __name__ == "__main__":
    raise SystemExit(main())
