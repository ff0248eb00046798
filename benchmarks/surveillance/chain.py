"""The whole chain: datagrams and streams in, durable, folded, tracks and alerts out; and a kill in between.

The wire mix: 15 towers (UDP, each look of a tower some datagrams of up to 14 lines), 2 drones, a plane and 4
boats (TCP), all as lines of `detection-csv`; 1,000 objects on closed paths, 300 of them over the border line
again and again. A detection's latency is from just before it was sent to when a file of tracks that holds it
stood in its place, on one clock. What was sent is counted against what was folded.
"""

import argparse
import json
import os
import platform
import shutil
import socket
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import numpy as np
from rich.console import Console
from rich.table import Table

from watchfloor.casework.live_worker import Orders, Worker
from watchfloor.feeds.live import status
from watchfloor.feeds.live.ingestion import Rolls
from watchfloor.reference import border
from watchfloor.run import published
from watchfloor.store import Actor, Floor

TOWERS, OTHERS = 15, ("drone-1", "drone-2", "plane", "boat-1", "boat-2", "boat-3", "boat-4")
OBJECTS = 1000
CYCLE = 20.0
"""Seconds after which every object is where it was, so that what is sent can be made before."""
LINES = 14
"""Of a datagram, so that it is no larger than a packet."""
STAMP = b"2026-01-01T00:00:00.000000Z"
ACTOR = Actor("bench", "benchmark", "none")
METRE = 1 / 111_200


@dataclass(frozen=True)
class Plan:
    """What is sent: messages of a whole cycle with their senders, in order of time."""

    times: np.ndarray
    messages: list[bytes]
    counts: np.ndarray
    senders: np.ndarray


def plan(rate: int, seed: int = 1) -> Plan:
    """A cycle of detections at `rate` a second; three towers see each object, and one that flies or sails."""
    rng = np.random.default_rng(seed)
    latitude, longitude = border.load().at(2500)
    home = rng.uniform((-3000, -60_000), (3000, 60_000), (OBJECTS, 2))
    home[:300, 0] = rng.uniform(-60, 60, 300)
    radius = rng.uniform(15, 60, OBJECTS) * np.where(np.arange(OBJECTS) % 4 == 3, 4, 1)
    phase = rng.uniform(0, 2 * np.pi, OBJECTS)
    towers = np.linspace(-60_000, 60_000, TOWERS)
    near = np.argsort(np.abs(home[:, 1:2] - towers[None, :]), axis=1)[:, :3]
    seen = {name: np.flatnonzero((near == name).any(1)) for name in range(TOWERS)}
    shares = np.array_split(rng.permutation(OBJECTS), len(OTHERS))
    seen |= {TOWERS + at: part for at, part in enumerate(shares)}
    looks = rate / (3 * OBJECTS + OBJECTS)
    found = []
    for name, objects in seen.items():
        for look in range(round(CYCLE * looks)):
            t = (look + rng.uniform(0, 1)) / looks
            if t >= CYCLE:
                continue
            angle = phase[objects] + 2 * np.pi * t / CYCLE
            noise = rng.normal(0, 8, (len(objects), 2))
            north = home[objects, 0] + radius[objects] * np.sin(angle) + noise[:, 0]
            east = home[objects, 1] + radius[objects] * np.cos(angle) + noise[:, 1]
            where = zip(
                (latitude + north * METRE).tolist(),
                (longitude + east * METRE / np.cos(np.radians(latitude))).tolist(),
                strict=True,
            )
            sensor = (f"tower-{name}" if name < TOWERS else OTHERS[name - TOWERS]).encode()
            lines = [b"%s,%s,%.7f,%.7f,64,64,0,person,0.9\n" % (STAMP, sensor, *one) for one in where]
            for start in range(0, len(lines), LINES):
                part = lines[start : start + LINES]
                found.append((t, name, len(part), b"".join(part)))
    found.sort(key=lambda one: one[0])
    times, senders, counts, messages = zip(*found, strict=True)
    return Plan(np.array(times), list(messages), np.array(counts), np.array(senders))


def send(made: Plan, ports: dict[int, int], seconds: float, told) -> None:
    """Send in time; gives when each message was sent, and of how many lines.

    Where objects are is told by the clock, so that they go on where whoever sent before has left them.
    """
    sockets = {}
    for name, port in ports.items():
        kind = socket.SOCK_DGRAM if name < TOWERS else socket.SOCK_STREAM
        sockets[name] = socket.socket(socket.AF_INET, kind)
        sockets[name].connect(("127.0.0.1", port))
    sent: list[tuple[float, int]] = []
    began = time.time()
    origin = began // CYCLE * CYCLE
    done = False
    for cycle in range(1 << 30):
        for t, name, count, message in zip(made.times, made.senders, made.counts, made.messages, strict=True):
            due = origin + cycle * CYCLE + t
            if due < began:
                continue
            if due > began + seconds:
                done = True
                break
            if (left := due - time.time()) > 0.0005:
                time.sleep(left)
            now = time.time()
            stamp = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
            data = message.replace(STAMP, stamp)
            try:
                (sockets[name].send if name < TOWERS else sockets[name].sendall)(data)
            except OSError:
                if name >= TOWERS:  # the other side was killed; it will be back
                    sockets[name] = _again(ports[name])
                continue
            sent.append((now, int(count)))
        if done:
            break
    told.send(sent)


def _again(port: int) -> socket.socket:
    while True:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.connect(("127.0.0.1", port))
        except OSError:
            sock.close()
            time.sleep(0.02)
        else:
            return sock


class Watcher(threading.Thread):
    """Notes each file that is published: when it is there, how many rows were folded, what is in it."""

    def __init__(self, folder: Path, kind: str) -> None:
        super().__init__(daemon=True)
        self._path = folder / f"surveillance.{kind}.live"
        self.seen: list[tuple[float, int, frozenset]] = []
        self._ended = threading.Event()

    def run(self) -> None:
        last, changed = None, 0
        while not self._ended.wait(0.002):
            if not self._path.exists() or (now := self._path.stat().st_mtime_ns) == changed:
                continue  # to read a file 500 times a second takes from those that are measured
            found = published.load(self._path)
            changed = now if found else 0
            if found and found[1].written != last:
                rows, said = found
                last = said.written
                column = "track" if "track" in rows.column_names else "row_id"
                self.seen.append((time.time(), said.rows, frozenset(rows[column].to_pylist()), rows))

    def stop(self):
        self._ended.set()
        self.join()


def ports_of(count: int) -> list[int]:
    held = []
    for _ in range(count):
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        held.append(sock)
    found = [sock.getsockname()[1] for sock in held]
    for sock in held:
        sock.close()
    return found


def floor_with(folder: Path, ports: dict[int, int]) -> Floor:
    made = Floor.create(folder, ACTOR, exercise=True)
    text = ""
    for name, port in ports.items():
        scheme = "udp" if name < TOWERS else "tcp-listen"
        feed = f"tower-{name}" if name < TOWERS else OTHERS[name - TOWERS]
        text += f'[feeds.{feed}.live]\nurl = "{scheme}://127.0.0.1:{port}"\ndecode = "detection-csv"\n'
    (made.root / "feeds.toml").write_text(text, encoding="utf-8")
    return made


def latencies(sent: list[tuple[float, int]], seen: list[tuple], start: float, end: float) -> np.ndarray:
    """Milliseconds from sending to the first file that holds it, of each detection sent between two times."""
    rows = [one[1] for one in seen]
    total, found, weights = 0, [], []
    for at, count in sent:
        total += count
        if start <= at < end:
            place = bisect_left(rows, total)
            found.append((seen[place][0] - at) * 1000 if place < len(rows) else np.inf)
            weights.append(count)
    return np.repeat(found, weights)


def cpu(pid: int) -> float:
    """Seconds of processor time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pids(root: Path) -> dict[str, int]:
    standing = status.read(root)
    return {
        name: part.pid
        for name, part in (
            ("taking", standing.sources),
            ("folding", standing.folding),
            ("rolling", standing.rolling),
        )
        if part
    }


def until(true, seconds: float = 600.0):
    end = time.monotonic() + seconds
    while not (found := true()):
        if time.monotonic() > end:
            raise SystemExit("the live floor did not come up")
        time.sleep(0.01)
    return found


def run(rate: int, seconds: float, roll: float, kill: bool) -> dict:
    """One run; gives its figures."""
    home = Path(tempfile.mkdtemp(prefix="watchfloor-chain-"))
    names = list(range(TOWERS + len(OTHERS)))
    ports = dict(zip(names, ports_of(len(names)), strict=True))
    floor = floor_with(home / "floor", ports)
    made = plan(rate)
    worker = Worker(Orders(floor.root, ACTOR, Rolls(seconds=roll)))
    context = get_context("spawn")
    try:
        until(
            lambda: (
                (s := status.read(floor.root)).sources
                and s.folding
                and s.sources.sources[-1].state == "listening"
            )
        )
        folder = floor.root / published.FOLDER / "whole"
        _warm(made, ports, folder, floor, context)
        before_rows = published.load(folder / "surveillance.track.live")[1].rows
        tracks, alerts = Watcher(folder, "track"), Watcher(folder, "signal")
        tracks.start()
        alerts.start()
        theirs, ours = context.Pipe()
        sender = context.Process(target=send, args=(made, ports, seconds, ours))
        of = pids(floor.root)
        spent, began = {name: cpu(pid) for name, pid in of.items()}, time.time()
        sender.start()
        time.sleep(seconds * 0.9)
        used = {name: (cpu(pid) - spent[name]) / (time.time() - began) for name, pid in of.items()}
        sent = theirs.recv()
        sender.join()
        time.sleep(2)
        tracks.stop()
        alerts.stop()
        standing = status.read(floor.root)
        lost = sum(one.lost for one in standing.sources.sources)
        quarantined = sum(one.quarantined for one in standing.sources.sources)
        seen = [(at, rows - before_rows, ids, table) for at, rows, ids, table in tracks.seen]
        found = latencies(sent, seen, sent[0][0] + 2, sent[-1][0] - 0.5)
        told = {
            "rate": round(sum(count for _, count in sent) / (sent[-1][0] - sent[0][0])),
            "sent": sum(count for _, count in sent),
            "folded": seen[-1][1] if seen else 0,
            "lost": lost,
            "quarantined": quarantined,
            "p50_ms": float(np.percentile(found, 50)),
            "p99_ms": float(np.percentile(found, 99)),
            "tracks": len(seen[-1][2]),
            "alerts": len(alerts.seen[-1][2]) if alerts.seen else 0,
            **_alerted(alerts.seen),
            **{f"cores_{name}": round(value, 2) for name, value in used.items()},
        }
        print(told, file=sys.stderr)
        if kill:
            told |= restarted(worker, floor, folder, made, ports, context)
        return told
    finally:
        worker.stop()
        shutil.rmtree(home, ignore_errors=True)


def _warm(made: Plan, ports, folder: Path, floor: Floor, context) -> None:
    """Send until tracks stand and the fold has caught up: kernels are compiled on a fresh machine."""
    path = folder / "surveillance.track.live"
    for _ in range(60):
        mine, theirs = context.Pipe()
        warm = context.Process(target=send, args=(made, ports, 4.0, theirs))
        warm.start()
        mine.recv()
        warm.join()
        until(lambda: caught_up(floor.root))
        if (found := published.load(path)) and found[0].num_rows > OBJECTS / 2:
            return
    raise SystemExit("no tracks came")


def caught_up(root: Path) -> bool:
    standing = status.read(root)
    took, folded = standing.sources, standing.folding
    return bool(took and folded) and (folded.segment, folded.offset + 200) >= (took.segment, took.offset)


def _alerted(seen: list[tuple]) -> dict:
    """Milliseconds from the receipt of the report that made an alert to the file that shows it."""
    known, found = set(), []
    for n, (at, _, ids, table) in enumerate(seen):
        for row, moment in zip(
            table["row_id"].to_pylist(), table["at"].cast("int64").to_pylist(), strict=True
        ):
            if row not in known and n:
                found.append((at - moment / 1e6) * 1000)
        known |= ids
    if not found:
        return {"alert_p50_ms": None, "alert_p99_ms": None}
    return {"alert_p50_ms": float(np.percentile(found, 50)), "alert_p99_ms": float(np.percentile(found, 99))}


def restarted(worker: Worker, floor: Floor, folder: Path, made: Plan, ports, context) -> dict:
    """Kill it at work, and see how soon tracks are published again, and whether they are the same.

    What the process that folded still publishes as it ends does not count.
    """
    mine, theirs = context.Pipe()
    sender = context.Process(target=send, args=(made, ports, 15.0, theirs))
    sender.start()
    time.sleep(5)
    path = folder / "surveillance.track.live"
    before, _ = published.load(path)
    was, stamp = status.read(floor.root).folding.pid, time.time()
    worker.kill()
    while not worker.look():
        time.sleep(0.005)
    until(lambda: (s := status.read(floor.root)).folding and s.folding.pid != was)
    first, _ = published.load(path)
    seconds = time.time() - stamp
    until(lambda: (s := status.read(floor.root)).sources and s.sources.started > stamp)
    mine.recv()
    sender.join()
    time.sleep(1)
    after, _ = published.load(path)
    old, at_once, later = (set(table["track"].to_pylist()) for table in (before, first, after))
    return {
        "restart_s": seconds,
        "same_at_once": len(old & at_once) / max(1, len(old)),
        "same_after_10_s": len(old & later) / max(1, len(old)),
        "new_after_10_s": len(later - old),
    }


GOALS = {"p50_ms": 50.0, "p99_ms": 120.0, "restart_s": 1.0}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=int, default=60_000, help="detections a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--roll", type=float, default=10.0, help="seconds after which the log is rolled")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-kill", action="store_true")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    runs = [run(args.rate, args.seconds, args.roll, not args.no_kill) for _ in range(args.runs)]
    if args.json:
        for one in runs:
            sys.stdout.write(json.dumps(one) + "\n")
        return
    table = Table(
        title=f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {args.runs} runs"
    )
    for head in ("figure", "median", "least", "greatest", "goal"):
        table.add_column(head)
    for name in runs[0]:
        values = [one[name] for one in runs if one[name] is not None]
        if values:
            cells = (
                f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"
                for value in (median(values), min(values), max(values))
            )
            table.add_row(name, *cells, f"≤ {GOALS[name]:g}" if name in GOALS else "")
    Console().print(table)


if __name__ == "__main__":
    main()
