"""A console in a process of its own, and many readers of it, who speak bare HTTP and so cost little."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.console.floors import AUTHORITY, PURPOSE
from watchfloor.console.access.accounts import Accounts
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.sessions import Sessions


@contextmanager
def serving(floor):
    """`watchfloor serve` on a floor, where answers say how long they took; gives host and port."""
    (floor / "console.toml").write_text("[diagnostics]\ntiming = true\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "watchfloor",
        "serve",
        "--floor",
        str(floor),
        "--port",
        "0",
        "--no-browser",
    ]
    process = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, text=True)
    try:
        address = json.loads(process.stdout.readline())["address"]
        host, _, port = address.removeprefix("http://").rpartition(":")
        yield host, int(port), process.pid
    finally:
        process.terminate()
        process.wait(30)


def tokens(floor, count):
    """Sessions of as many officers, who have stated their purpose."""
    file = AccessFile(floor)
    accounts, sessions = Accounts(file), Sessions(file)
    made = []
    for number in range(count):
        name = f"officer-{number}"
        if all(one.name != name for one in accounts.all()):
            accounts.add(name)
        token = sessions.begin(name, "en")
        sessions.state(sessions.find(token).key, PURPOSE, AUTHORITY)
        made.append(token)
    file.close()
    return made


@dataclass
class Waits:
    """Milliseconds of each answer: as the server reckons them, and as the reader does."""

    server: list = field(default_factory=list)
    reader: list = field(default_factory=list)
    wrong: int = 0


async def ask(streams, host, path, token):
    """One request on a kept connection; gives status, the server's milliseconds and the body."""
    reader, writer = streams
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: watchfloor={token}\r\n\r\n"
    writer.write(head.encode())
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    body = await reader.readexactly(int(headers["content-length"]))
    said = headers.get("server-timing", "app;dur=nan").rpartition("dur=")[2]
    return int(lines[0].split()[1]), float(said), body


async def read(host, port, tokens, paths, seconds, pause):
    """Every reader asks for one path after another, `pause` seconds apart (drawn around it)."""
    waits, until = Waits(), time.perf_counter() + seconds

    async def one(number, token):
        chance = random.Random(number)
        streams = await asyncio.open_connection(host, port, limit=1 << 22)
        await asyncio.sleep(chance.random() * pause)
        while time.perf_counter() < until:
            start = time.perf_counter()
            status, server, _ = await ask(streams, host, chance.choice(paths), token)
            waits.reader.append(1e3 * (time.perf_counter() - start))
            waits.server.append(server)
            waits.wrong += status != 200
            await asyncio.sleep(pause * (0.5 + chance.random()))
        streams[1].close()

    await asyncio.gather(*(one(number, token) for number, token in enumerate(tokens)))
    return waits


def percentile(values, share):
    """A percentile by rank."""
    found = sorted(values)
    return found[min(len(found) - 1, int(share * len(found)))] if found else float("nan")


def machine():
    """What is printed of the machine."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return f"{os.cpu_count()} cores, load before {load}"
