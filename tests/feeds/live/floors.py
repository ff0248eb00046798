"""A floor with live feeds on free ports, taken in by this process for the length of a block."""

import asyncio
import socket
import time
from contextlib import asynccontextmanager

from watchfloor.core.kinds import KINDS
from watchfloor.feeds.live import log, rows
from watchfloor.feeds.live.ingestion import Rolls, Taking
from watchfloor.feeds.live.rollover import Roller
from watchfloor.formats.sensors.frames import ROWS
from watchfloor.store import Actor, Floor

ACTOR = Actor("keeper", "watch", "an Act, s. 1")


def port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def floor_of(folder, *, ceiling="PB", **feeds):
    """A floor whose feeds are `name=("url", {setting: value})` or `name="url"`; the feed's own too."""
    made = Floor.create(folder, ACTOR, ceiling=ceiling)
    text = ""
    for name, told in feeds.items():
        url, settings = (told, {}) if isinstance(told, str) else told
        own = {key: settings.pop(key) for key in ("marking", "retain_days") if key in settings}
        text += f"[feeds.{name}]\n" + "".join(f"{key} = {_toml(one)}\n" for key, one in own.items())
        settings = {"url": url, "decode": "detection-csv"} | settings
        text += f"[feeds.{name}.live]\n" + "".join(f"{key} = {_toml(one)}\n" for key, one in settings.items())
    (made.root / "feeds.toml").write_text(text, encoding="utf-8")
    return made


def _toml(value):
    return f'"{value}"' if isinstance(value, str) else str(value)


@asynccontextmanager
async def taking(floor, **rolls):
    """The sources of a floor, for the length of the block; what came is in the log at its end."""
    made = Taking(floor.root, Rolls(**rolls))
    task = asyncio.create_task(made.run())
    try:
        await until(lambda: task.done() or all(one.state != "starting" for one in made.sources.values()))
        yield made
    finally:
        made.stop()
        await task


async def until(true, seconds=90.0):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about in time"
        await asyncio.sleep(0.005)


def of(made, name):
    """A source, and what came of it."""
    (one,) = (one for one in made.sources.values() if one.name == name)
    return one, made.counts[one.number]


def line(number, sensor="t1", latitude=45.0):
    moment = f"2025-11-26T08:{number // 60 % 60:02}:{number % 60:02}Z"
    return f"{moment},{sensor},{latitude},-73,64,64,0,boat,0.9\n".encode()


def roll(floor):
    """Roll all that is closed."""
    roller = Roller(floor.root, ACTOR)
    while roller.look():
        pass
    return roller


def logged(floor):
    """Rows in the log, in its order."""
    found = []
    for segment in log.segments(floor.root):
        data = segment.path.read_bytes()
        for frames in log.commits(memoryview(data), log.head_of(data)[1]):
            for frame in frames:
                if frame.what == ROWS:
                    found += rows.unpack(frame.payload, KINDS[rows.NAMES[frame.source]]).to_pylist()
    return found


def detections(floor):
    return floor.read("detection", floor.reader("keeper", "watch"))
