"""The sensors of an exercise, played as they spoke, over sockets into the live sources of a floor.

Each feed of detections goes to a live source of its own, `exercise-NAME`, in the order in which its reports
came, when the clock of the floor says that they did. Whoever sets that clock leads the play: to another rate
(0 pauses it), or forward. What moves keeps its speed, for the floor's own time runs as fast as the play.
"""

import csv
import heapq
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.exercise.cast import DAY
from watchfloor.exercise.key import Key
from watchfloor.feeds import config
from watchfloor.feeds.live import address
from watchfloor.feeds.live.address import Address
from watchfloor.store.clock import Ticking
from watchfloor.store.errors import WrongCall
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

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
RATE: Final = 60.0
"""How many times as fast as it was it is played."""
BETWEEN: Final = 1800.0
"""The same where nothing of a storyline is to be seen."""
BEFORE: Final = 900.0
"""Seconds of the day that are played before something happens that sensors could see."""
UNSEEN: Final = 120.0
"""Seconds of the day that are played before a sensor first sees anything of it."""
AFTER: Final = 300.0
"""Seconds of the day that are played after it."""
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


def ports(floor: Floor, feeds: Mapping[str, Path]) -> dict[str, int]:
    """The ports on which a floor waits for the feeds of a play.

    Raises:
        WrongCall: it has no source for one of them.
    """
    known = config.load(floor.root)
    found = {name: live for name in feeds if (live := known.feed(PREFIX + name).live)}
    if missing := feeds.keys() - found.keys():
        raise WrongCall(
            f"{floor.root} has no live source {PREFIX}{min(missing)}: make a floor for the play by "
            "`watchfloor admin exercise prepare`"
        )
    return {name: address.parse(live.url).port for name, live in found.items()}


class Scene(NamedTuple):
    """When and where a storyline can be watched.

    Attributes:
        title: of the storyline.
        begins, ends: seconds since the day began.
        box: west, south, east, north of what moves in it, degrees.
    """

    title: str
    begins: float
    ends: float
    box: tuple[float, float, float, float]

    @property
    def shown(self) -> str:
        """As the address of a map has it."""
        return ",".join(f"{side:.3f}" for side in self.box)


def scenes(answers: Key) -> list[Scene]:
    """The storylines that can be watched, in the order in which something happens in them.

    A scene is what most things of its storyline take part in at once, such as a meeting.
    """
    found = []
    for one in answers.true:
        points = [point for trace in one.traces for point in trace.path]
        happened = [each for each in answers.happenings if each.storyline == one.name]
        most = max((len(each.objects) for each in happened), default=0)
        times = [
            (moment - DAY).total_seconds()
            for each in happened
            if len(each.objects) == most
            for moment in (each.since, each.until)
        ]
        if points and times:
            _, latitudes, longitudes = zip(*points, strict=True)
            box = min(longitudes), min(latitudes), max(longitudes), max(latitudes)
            west, south, east, north = (round(side, 3) for side in box)
            around = west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN
            seen = (one.first_evidence - DAY).total_seconds() - UNSEEN
            begins = max(0.0, min(times) - BEFORE, seen)
            found.append(Scene(one.title, begins, max(times) + AFTER, around))
    return sorted(found, key=lambda one: one.begins)


def moment_of_day(seconds: float) -> datetime:
    """The moment so many seconds after the exercise's day began."""
    return DAY + timedelta(seconds=seconds)


class Hurry:
    """Sets the clock of a floor so that a play passes quickly over what lies between its scenes.

    Args:
        floor: whose clock.
        actor: whom the log names for it.
        scenes: that are played at `rate`.
        rate: of scenes; a clock that somebody has set meanwhile keeps its rate until the next begins or ends.
    """

    def __init__(self, floor: Floor, actor: Actor, scenes: list[Scene], rate: float = RATE) -> None:
        self._floor, self._actor, self._scenes, self._rate = floor, actor, scenes, rate
        self._within: bool | None = None

    def __call__(self, at: float) -> None:
        """Look at which second of the day the play is."""
        within = any(one.begins <= at < one.ends for one in self._scenes)
        if within != self._within:
            left = any(one.begins > at for one in self._scenes)
            self._within = within
            self._floor.set_clock(self._actor, rate=self._rate if within or not left else BETWEEN)


def lines(feeds: Mapping[str, Path], after: float = 0.0) -> Iterator[Line]:
    """Every report that came after a moment of the day, in the order in which they came."""
    parts = [_lines(name, path) for name, path in feeds.items()]
    return (one for one in heapq.merge(*parts, key=lambda one: one.at) if one.at >= after)


def header(path: Path) -> bytes:
    """Return the first bytes on a connection: of a table the names of its columns."""
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
    """Plays an exercise to the live sources of a floor, from its construction until `stop` or the day's end.

    Args:
        floor: that takes it in; its clock says when a report goes out.
        feeds: files, by feed.
        ports: on this machine, by feed.
        hurry: called with the second of the day, ten times a second; see `Hurry`.

    Attributes:
        sent: how many reports have gone out.
        at: up to where the day was played, in seconds.
        playing: whether there is more to come.
        connected: set once every source listens.
    """

    def __init__(
        self,
        floor: Floor,
        feeds: Mapping[str, Path],
        ports: Mapping[str, int],
        hurry: Callable[[float], None] | None = None,
    ) -> None:
        super().__init__(name="exercise player", daemon=True)
        self._feeds, self._ports, self._hurry = feeds, ports, hurry
        self._clock = Ticking(floor.root)
        self._sockets: dict[str, socket.socket] = {}
        self._ended, self.connected = threading.Event(), threading.Event()
        self.sent, self.at, self.playing = 0, self._reads(), True
        self.start()

    def stop(self) -> None:
        """Send no more, and close the connections."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Play."""
        waiting: dict[str, bytes] = {}
        try:
            for name in self._feeds:
                self._connect(name)
            self.connected.set()
            for one in lines(self._feeds, self.at):
                while one.at > self.at and not self._ended.is_set():
                    self._send(waiting)
                    self._ended.wait(STEP)
                    self.at = self._reads()
                    if self._hurry is not None:
                        self._hurry(self.at)
                if self._ended.is_set():
                    return
                waiting[one.feed] = waiting.get(one.feed, b"") + one.data
                self.sent += 1
            self._send(waiting)
            self.playing = False
            self._ended.wait()  # what was connected stays so: a sensor that ends is news
        finally:
            for sock in self._sockets.values():
                sock.close()

    def _reads(self) -> float:
        """Seconds since the day began, by the clock of the floor."""
        return self._clock.micros() / 1e6 - DAY.timestamp()

    def _send(self, waiting: dict[str, bytes]) -> None:
        for name in list(waiting):
            data = waiting.pop(name)
            while not self._ended.is_set():
                try:
                    self._sockets[name].sendall(data)
                    break
                except OSError:  # the live floor was started anew: it is told again what it may have missed
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


def listening(floor: Floor, feed: str) -> Address:
    """Where a live source of a floor listens.

    Raises:
        WrongCall: it listens on no port of this machine.
    """
    live = config.load(floor.root).feed(feed).live
    where = address.parse(live.url) if live else None
    if where is None or where.scheme != "tcp-listen":
        raise WrongCall(
            f"feed {feed!r} of {floor.root} listens on no port; `watchfloor feeds live status` lists others"
        )
    return where


def inject(where: Address, data: bytes) -> None:
    """Send bytes to a live source, on a connection of their own: what nobody had planned.

    Raises:
        WrongCall: nobody serves the floor.
    """
    try:
        with socket.create_connection((where.host, where.port), 5) as sock:
            sock.sendall(data)
    except OSError as error:
        raise WrongCall(f"nobody listens on {where.shown}: start `watchfloor serve --live` first") from error
