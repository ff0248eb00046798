"""The sensors of an exercise, heard again as they spoke, over sockets and faster than they did.

Each feed of detections goes to a live source of its own, `exercise-NAME`, in the order in which its reports
came. Their times are those of the exercise's day: what moves keeps its speed, only we watch it in haste. What
is kept of it stands beside the day's own feeds, under names that say what it is.
"""

import csv
import heapq
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.exercise.cast import DAY
from watchfloor.exercise.key import Key

PREFIX: Final = "exercise-"
FILES: Final[Mapping[str, str]] = {
    "towers": "towers.csv",
    "ground": "ground.csv",
    "patrols": "patrols.csv",
    "adsb": "adsb.csv",
    "ais": "ais.nmea",
}
"""Feeds that are played, each with its file."""
DECODES: Final[Mapping[str, str]] = {".csv": "detection-csv", ".nmea": "ais-nmea"}
SPEED: Final = 60.0
"""How many times as fast as it was it is played."""
BEFORE: Final = 300.0
"""Seconds of the day that are played before the first storyline that sensors could see."""
MARGIN: Final = 0.02
"""Degrees around a storyline that are shown too."""
STEP: Final = 0.1
"""Seconds between two sendings."""
_STATED: Final = re.compile(rb"^\\[^\\]*\bc:(\d+)")


class Line(NamedTuple):
    """One report: when it came, in seconds since the day began, its feed, and its bytes."""

    at: float
    feed: str
    data: bytes


def played(feeds: Path) -> dict[str, Path]:
    """The files of an exercise that are played, by their feeds; none where its sensors were left out."""
    found = {name: feeds / file for name, file in FILES.items()}
    return {name: path for name, path in found.items() if path.exists()}


def settings(feeds: Mapping[str, Path], ports: Mapping[str, int], markings: Mapping[str, str]) -> str:
    """The sources of a floor that take the play in, as `feeds.toml` has them."""
    return "".join(
        f'\n[feeds.{PREFIX}{name}]\nmarking = "{markings[name]}"\n\n'
        f'[feeds.{PREFIX}{name}.live]\nurl = "tcp-listen://127.0.0.1:{ports[name]}"\n'
        f'decode = "{DECODES[path.suffix]}"\n'
        for name, path in feeds.items()
    )


def starts(answers: Key) -> float:
    """When the play begins, in seconds since the day began: shortly before what there is to be seen."""
    first = [trace.path[0][0] for one in answers.true for trace in one.traces]
    return max(0.0, min(first, default=0.0) - BEFORE)


class Scene(NamedTuple):
    """Where and when a storyline can be watched.

    Attributes:
        title: of the storyline.
        after: seconds of the play until it begins.
        box: west, south, east, north of it, degrees.
    """

    title: str
    after: float
    box: tuple[float, float, float, float]


def scenes(answers: Key, speed: float = SPEED) -> list[Scene]:
    """The storylines that can be watched, in the order in which they begin."""
    start = starts(answers)
    found = []
    for one in answers.true:
        points = [point for trace in one.traces for point in trace.path]
        if points:
            at, latitudes, longitudes = zip(*points, strict=True)
            box = min(longitudes), min(latitudes), max(longitudes), max(latitudes)
            west, south, east, north = (round(side, 3) for side in box)
            around = west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN
            found.append(Scene(one.title, (min(at) - start) / speed, around))
    return sorted(found, key=lambda one: one.after)


def lines(feeds: Mapping[str, Path], after: float = 0.0) -> Iterator[Line]:
    """Every report that came after a moment of the day, in the order in which they came."""
    parts = [_lines(name, path) for name, path in feeds.items()]
    return (one for one in heapq.merge(*parts, key=lambda one: one.at) if one.at >= after)


def header(path: Path) -> bytes:
    """What is said first on a connection: of a table the names of its columns."""
    if path.suffix != ".csv":
        return b""
    with path.open("rb") as file:
        return file.readline()


def _lines(name: str, path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        if path.suffix != ".csv":
            at = 0.0
            for line in file:
                stated = _STATED.match(line)
                at = float(stated[1]) - DAY.timestamp() if stated else at
                yield Line(at, name, line)
            return
        came = next(csv.reader([file.readline().decode()])).index("received_at")
        for line in file:
            moment = datetime.fromisoformat(next(csv.reader([line.decode()]))[came])
            yield Line((moment - DAY).total_seconds(), name, line)


class Player(threading.Thread):
    """Plays an exercise to the sources of a live floor, from its construction until `stop` or the day's end.

    Args:
        feeds: files, by feed.
        ports: on this machine, by feed.
        start: where in the day it begins, in seconds.
        speed: how many times as fast as it was.

    Attributes:
        sent: how many reports have gone out.
        at: up to where the day was played, in seconds.
    """

    def __init__(
        self, feeds: Mapping[str, Path], ports: Mapping[str, int], start: float, speed: float = SPEED
    ) -> None:
        super().__init__(name="exercise player", daemon=True)
        self._feeds, self._ports, self._speed = feeds, ports, speed
        self._sockets: dict[str, socket.socket] = {}
        self._ended = threading.Event()
        self.sent, self.at = 0, start
        self.start()

    def stop(self) -> None:
        """Send no more, and close the connections."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Play."""
        waiting: dict[str, bytes] = {}
        try:
            self._all_connected()
            began, start = time.monotonic(), self.at
            for one in lines(self._feeds, start):
                while one.at > self.at and not self._ended.is_set():
                    self._send(waiting)
                    self._ended.wait(STEP)
                    self.at = start + (time.monotonic() - began) * self._speed
                if self._ended.is_set():
                    return
                waiting[one.feed] = waiting.get(one.feed, b"") + one.data
                self.sent += 1
            self._send(waiting)
            self._ended.wait()  # what was connected stays so: a sensor that ends is news
        finally:
            for sock in self._sockets.values():
                sock.close()

    def _send(self, waiting: dict[str, bytes]) -> None:
        for name in list(waiting):
            data = waiting.pop(name)
            while not self._ended.is_set():
                try:
                    self._sockets[name].sendall(data)
                    break
                except OSError:  # the live floor was started anew: it is told again what it may have missed
                    self._connect(name)

    def _all_connected(self) -> None:
        for name in self._feeds:
            self._connect(name)

    def _connect(self, name: str) -> None:
        """Connect as soon as somebody listens."""
        while not self._ended.is_set():
            try:
                made = socket.create_connection(("127.0.0.1", self._ports[name]), 5)
            except OSError:
                self._ended.wait(STEP)
                continue
            made.settimeout(None)
            made.sendall(header(self._feeds[name]))
            self._sockets[name] = made
            return
