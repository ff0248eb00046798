"""TAXII 2.1: pages and pulls of a console on a real socket, beside medallion 3.0 on the same objects.

./dev bench exchange.taxii                      1,000,000 objects, 50 readers; medallion at 4,000
./dev bench exchange.taxii --objects 100000     fewer
./dev bench exchange.taxii --medallion PYTHON   the interpreter that has medallion, where it is another

On a quiet machine, two minutes, of which one fills the shelf:

./dev bench exchange.taxii --objects 1000000 --peer-objects 1000 --pages 30

The aim is the row "50 readers at once": none of them pauses between two pages. "At 6 pages/s each" are
readers who are paced as clients of platforms are; it is no aim.

Who reads is a process of its own, and what it takes is its own: seconds of the processor are told of each
server alone. Both servers are asked by the same client, and give the same objects of STIX.
"""

import argparse
import asyncio
import base64
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

MEDIA = "application/taxii+json;version=2.1"
PAGE = 100
GOAL_MS, GOAL_PULL = 20.0, 20_000.0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench exchange.taxii", description=__doc__)
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--peer-objects", type=int, default=4_000)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--pages", type=int, default=30, help="of each reader, one after the other")
    parser.add_argument("--pace", type=float, default=6.0, help="pages a second of each reader, when paced")
    parser.add_argument("--medallion", default="", help="an interpreter that has it; empty: this one")
    parser.add_argument("--serve", nargs=2, metavar=("FLOOR", "FILE"), help=argparse.SUPPRESS)
    parser.add_argument("--ask", metavar="JSON", help=argparse.SUPPRESS)
    return parser.parse_args()


def stix(number: int) -> dict[str, Any]:
    """An indicator as platforms send them: some 500 bytes."""
    drawn = random.Random(number)
    made = f"2026-01-01T00:00:00.{number % 1000:03d}Z"
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{number:08x}-{drawn.getrandbits(16):04x}-4000-8000-{drawn.getrandbits(48):012x}",
        "created": made,
        "modified": made,
        "name": f"Address {number} seen in phishing",
        "description": "Seen as the sender of messages that ask for credentials of a parcel service.",
        "indicator_types": ["malicious-activity"],
        "pattern": f"[ipv4-addr:value = '192.0.2.{number % 256}' OR url:value = 'http://a{number}.example/']",
        "pattern_type": "stix",
        "valid_from": made,
        "confidence": number % 100,
    }


def fill(folder: Path, count: int) -> tuple[str, str, float]:
    """Make a floor whose partner may pull so many objects; gives name, key and seconds of the processor."""
    from watchfloor.exchange.partners import partner as partners
    from watchfloor.exchange.shelf import Item, Shelf
    from watchfloor.store import Actor, Floor

    who = Actor("officer", "a benchmark", "none")
    floor = Floor.create(folder, who, name="bench", exercise=True)
    given = {"institution": "police", "country": "CAN", "gateway": "customs-107-5-a", "test": "a benchmark"}
    partner, key = partners.add(floor, who, "bench-police", **given)

    def items() -> Iterator[Item]:
        for one in map(stix, range(count)):
            body = json.dumps(one, separators=(",", ":")).encode()
            yield Item("shared", one["id"], one["type"], body, one["id"], one["modified"])

    began = time.process_time()
    with Shelf.open(floor, partner.shelf) as shelf:
        shelf.put("bench", items(), floor.now)
        shelf.advance(floor.position)
    return partner.name, key, time.process_time() - began


def serve(folder: str, said: str) -> None:
    """Serve a floor by the whole console until told to end; says its port in a file."""
    from watchfloor.cli import SELDOM
    from watchfloor.console.services import Services
    from watchfloor.console.serving import Where, listening, server, sockets
    from watchfloor.store import Floor

    where = Where(port=0)
    with sockets(where) as bound, ThreadPoolExecutor(1) as jobs:
        services = Services(Floor.open(folder), listening(where), jobs, jobs)
        Path(said).write_text(str(bound.getsockname()[1]))
        gc.set_threshold(SELDOM, *gc.get_threshold()[1:])  # as the command does, both
        gc.freeze()
        server(services, where).run([bound])
        services.close()


@contextmanager
def running(command: list[str], port: Path) -> Iterator[tuple[int, int]]:
    """Run a server that says its port in a file; gives port and process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr
    try:
        while not (port.exists() and port.read_text()):
            if process.poll() is not None:
                raise SystemExit(f"the server ended: {process.stderr.read().decode()[-2000:]}")
            time.sleep(0.05)
        yield int(port.read_text()), process.pid
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


def cpu_of(pid: int) -> float:
    """Seconds of the processor that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rests(pid: int) -> None:
    """Wait until a server and what it has started have next to nothing to do."""
    spent, now, began = -1.0, 0.0, time.monotonic()
    while now - spent > 0.05 and time.monotonic() - began < 60:
        time.sleep(1)
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        spent, now = now, sum(map(cpu_of, (pid, *map(int, children))))


class Reader:
    """A reader of pages over one connection that stays open."""

    def __init__(self, port: int, path: str, token: str) -> None:
        self._port, self._path = port, path
        self._head = (
            f"HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Basic {token}\r\nAccept: {MEDIA}\r\n\r\n"
        )
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def page(self, query: str) -> tuple[int, bytes]:
        """Ask for a page; gives status and body."""
        if self._stream is None:
            self._stream = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 24)
        reader, writer = self._stream
        writer.write(f"GET {self._path}?{query} {self._head}".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        length = int(lower.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        body = await reader.readexactly(length)
        if b"connection: close" in lower or head.startswith(b"HTTP/1.0"):
            writer.close()
            self._stream = None
        return int(head[9:12]), body


def next_of(body: bytes) -> str:
    """The token of the next page, without reading the objects; empty for the last page."""
    head, tail = body[:200], body[-200:]
    for part in (head, tail):
        _, found, rest = part.partition(b'"next":')
        if found:
            return rest.split(b'"')[1].decode()
    return ""


async def read_all(said: dict[str, Any]) -> dict[str, Any]:
    """Read pages by many readers at once, or everything by one."""
    port, path, token = said["port"], said["path"], said["token"]
    waits: list[float] = []
    objects = 0

    async def one(number: int) -> None:
        nonlocal objects
        reader, query = Reader(port, path, token), said["starts"][number]
        for _ in range(said["pages"] or sys.maxsize):
            began = time.perf_counter()
            status, body = await reader.page(f"limit={said['limit']}{query}")
            waits.append(time.perf_counter() - began)
            if status != 200:
                raise SystemExit(f"status {status}: {body[:300]!r}")
            objects += body.count(b'"pattern_type"')
            if not (token_ := next_of(body)):
                return
            query = f"&next={token_}"
            if said["pace"]:
                await asyncio.sleep(max(0.0, random.uniform(0.5, 1.5) / said["pace"] - waits[-1]))

    began, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*map(one, range(len(said["starts"]))))
    seconds = time.perf_counter() - began
    return {"waits": waits, "objects": objects, "seconds": seconds, "client": time.process_time() - spent}


def ask(**said: Any) -> dict[str, Any]:
    """Have a process of its own ask; gives what it measured."""
    command = [sys.executable, "-m", "benchmarks.exchange.taxii", "--ask", json.dumps(said)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.decode()[-2000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def quantile(values: list[float], share: float) -> float:
    """A quantile in milliseconds."""
    ordered = sorted(values)
    return 1e3 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def ours(table: Table, chosen: argparse.Namespace, folder: Path, count: int) -> None:
    name, key, filling = fill(folder / f"floor{count}", count)
    table.add_row(
        "Watchfloor", f"{count:,}", "put on the shelf", f"{count / filling:,.0f} objects/s", f"{filling:.1f}"
    )
    token = base64.b64encode(f"{name}:{key}".encode()).decode()
    port = folder / f"port{count}"
    command = [
        sys.executable,
        "-m",
        "benchmarks.exchange.taxii",
        "--serve",
        str(folder / f"floor{count}"),
        str(port),
    ]
    path = "/taxii2/partners/collections/shared/objects/"
    with running(command, port) as (at, pid):
        plain = {"port": at, "path": path, "token": token, "limit": PAGE}
        first = json.loads(asyncio.run(Reader(at, path, token).page("limit=1"))[1])
        assert first["objects"]
        starts = places(at, path, token, chosen.readers, count)
        rests(pid)
        for pace, what in ((0.0, "at once"), (chosen.pace, f"at {chosen.pace:g} pages/s each")):
            before = cpu_of(pid)
            found = ask(**plain, starts=starts, pages=chosen.pages, pace=pace)
            page_row(
                table, "Watchfloor", count, f"{chosen.readers} readers {what}", found, cpu_of(pid) - before
            )
        for limit in (PAGE, 1_000, 5_000):
            before = cpu_of(pid)
            pages = 0 if limit > PAGE else 400
            found = ask(**{**plain, "limit": limit}, starts=[""], pages=pages, pace=0.0)
            pull_row(table, "Watchfloor", count, limit, found, cpu_of(pid) - before)


def places(port: int, path: str, token: str, readers: int, count: int) -> list[str]:
    """First pages in different places: by the date of an object there."""

    async def find() -> list[str]:
        reader = Reader(port, path.replace("objects/", "manifest/"), token)
        head = json.loads((await reader.page("limit=1"))[1])
        date = head["objects"][0]["date_added"]
        from watchfloor.exchange.shelf import STEP, micros, moment_of

        begin, drawn = micros(date), random.Random(1)
        room = max(1, count - 40 * PAGE)
        return [
            f"&added_after={moment_of(begin + drawn.randrange(room) * STEP * 1000)}" for _ in range(readers)
        ]

    return asyncio.run(find())


def page_row(table: Table, who: str, count: int, what: str, found: dict[str, Any], spent: float) -> None:
    waits = found["waits"]
    half, most = quantile(waits, 0.5), quantile(waits, 0.95)
    told = f"p50 {half:,.1f} p95 {most:,.1f} ms; {len(waits) / found['seconds']:,.0f} pages/s"
    each, client = (1e3 * one / len(waits) for one in (spent, found["client"]))
    per = f"{spent:.1f} ({each:.2f} ms a page; the client {client:.2f})"
    table.add_row(who, f"{count:,}", f"page of {PAGE}, {what}", told, per)


def pull_row(table: Table, who: str, count: int, limit: int, found: dict[str, Any], spent: float) -> None:
    count_, seconds = found["objects"], found["seconds"]
    told = f"{count_:,} in {seconds:.1f} s: {count_ / seconds:,.0f} objects/s"
    per = f"{spent:.1f}; {count_ / max(spent, 1e-9):,.0f} objects/s of it"
    table.add_row(who, f"{count:,}", f"pull by {limit}", told, per)


def main() -> None:
    chosen = arguments()
    if chosen.serve:
        serve(*chosen.serve)
        return
    if chosen.ask:
        print(json.dumps(asyncio.run(read_all(json.loads(chosen.ask)))))
        return
    table = Table("server", "objects", "what", "measured", "processor s of the server")
    with tempfile.TemporaryDirectory() as folder:
        from benchmarks.exchange.peers import medallion

        ours(table, chosen, Path(folder), chosen.peer_objects)
        medallion(table, chosen, Path(folder))
        ours(table, chosen, Path(folder), chosen.objects)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    console = Console(width=170)
    console.print(table)
    goals = f"p95 {GOAL_MS:g} ms, pull {GOAL_PULL:,.0f} objects/s"
    console.print(f"Load {load} on {os.cpu_count()} processors; goals: {goals}.")


if __name__ == "__main__":
    main()
