"""Taking in: the process that holds every source and writes the log.

One loop. It waits for something to come, takes what all sources have up to one moment, reads it, and commits
it: one write and one wait for the disk for all of them. Only then is it acknowledged to brokers, counted, and
told to who folds it. While the disk works the sockets are read; under load a commit holds more.
"""

import asyncio
import os
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.feeds import config, privacy
from watchfloor.feeds.complete import Completion
from watchfloor.feeds.config import Feeds, Live
from watchfloor.feeds.intake import Orders, completion_of
from watchfloor.feeds.live import address, jetstream, log, mqtt, source, status, tail, tcp, udp
from watchfloor.feeds.live.inbox import SECOND, Clock, Inbox, InboxBatch, Recent
from watchfloor.feeds.live.log import Log, Position, commits, head_of, segments
from watchfloor.feeds.live.outbox import Outbox
from watchfloor.feeds.live.reading import Reader
from watchfloor.feeds.live.source import Run, Source
from watchfloor.formats import redacted
from watchfloor.formats.reader_options import NOTHING, STATES, FileStatement
from watchfloor.formats.sensors.capture import FORMAT
from watchfloor.formats.sensors.frames import MESSAGES, REDACTED, unpack_messages
from watchfloor.formats.sensors.wires.readers import WIRES
from watchfloor.policy import terms
from watchfloor.store import clock
from watchfloor.store.ceiling import above, holds
from watchfloor.store.clock import Ticking
from watchfloor.store.errors import StoreError, StoreFull
from watchfloor.store.floor import Floor

# What the log says of the time before a start: where sources go on, and what they have brought of late.


LOOKED_AT: Final = 2
"""Segments at the end of the log in which messages are looked for that a broker may deliver again."""


class Before(NamedTuple):
    """State of a floor before live ingestion begins.

    Attributes:
        stamp: the last moment of receipt, microseconds since 1970.
        cursors: by feed, where its source goes on.
        messages: by feed, those of late, oldest first.
    """

    stamp: int
    cursors: dict[str, bytes]
    messages: dict[str, list[bytes]]


def before(root: Path) -> Before:
    """Read the state of a floor whose log is not being written."""
    stamp = 0
    cursors: dict[str, bytes] = {}
    messages: dict[str, list[bytes]] = {}
    for segment in segments(root)[-LOOKED_AT:]:
        data = segment.path.read_bytes()
        try:
            start, at = head_of(data)
        except ValueError:  # the rolling sets it aside, and says so
            continue
        stamp = max(stamp, start.stamp)
        cursors |= {one.name: b64decode(one.cursor) for one in start.sources if one.cursor}
        for frames in commits(memoryview(data), at):
            stamp = max(stamp, frames[-1].stamp)
            for frame in frames:
                if frame.what == MESSAGES:
                    name = start.sources[frame.source - 1].name
                    told = unpack_messages(frame.payload)
                    messages.setdefault(name, []).extend(told.messages)
                    cursors |= {name: told.cursor} if told.cursor else {}
                elif frame.what == REDACTED and (cursor := redacted.header(frame.payload).cursor):
                    cursors[start.sources[frame.source - 1].name] = b64decode(cursor)
    return Before(stamp, cursors, messages)


TICK: Final = 0.008
"""Seconds between two commits at least; what comes meanwhile shares one."""
BEAT: Final = 0.5
"""Seconds after which a mark says that time has passed and nothing came."""
STATED: Final = 1.0
"""Seconds between two writings of how it stands."""
RETRY: Final = 1.0
"""Seconds between two tries to write on a full disk."""

REMEMBERED: Final = 1 << 16
"""Messages of a source that are remembered, to know one that comes again."""

RUNS: Final[Mapping[str, Run]] = {
    "tcp": tcp.connect,
    "serial+tcp": tcp.connect,
    "tcp-listen": tcp.listen,
    "udp": udp.listen,
    "file": tail.follow,
    "mqtt": mqtt.run,
    "mqtts": mqtt.run,
    "nats": jetstream.run,
    "natss": jetstream.run,
}


@dataclass(frozen=True, slots=True)
class Rolls:
    """When a segment of the log is closed: after so many seconds, or at so many bytes."""

    seconds: float = 60.0
    size: int = 1 << 25


Told = Callable[[Position], None]
"""Called with up to where the log is durable, after each commit."""


class Taking:
    """The sources of a floor, and its log.

    Args:
        root: the floor's folder.
        rolls: when segments are closed.
        told: who follows the log.

    Attributes:
        sources: by their numbers in the log.
        counts: what came of each since the start.
    """

    def __init__(self, root: Path, rolls: Rolls | None = None, told: Told = lambda _: None) -> None:
        floor = Floor.open(root)
        self._root, self._rolls, self._told = root, rolls or Rolls(), told
        self._node = floor.settings.id
        self._wake = asyncio.Event()
        self._log = Log(root)
        known = before(root)
        self._time = Ticking(root)
        self._clock = Clock(known.stamp, self._time.micros)
        feeds = config.load(root)
        described = {name: feed.live for name, feed in feeds.by_name.items() if feed.live}
        self.sources = {
            number: self._source(number, name, live, known, feeds.feed(name).known)
            for number, (name, live) in enumerate(described.items(), 1)
        }
        completions = {n: _completion(feeds, one.name, floor) for n, one in self.sources.items()}
        for number, completion in completions.items():
            if not holds(floor.ceiling, completion.marking):
                self.sources[number].is_("refused", f"it is {above(floor.ceiling, completion.marking)}")
        self._reader = Reader(floor.key, floor.ceiling, terms.load(root), completions, privacy.load(root))
        self._outbox = Outbox(root, self.sources.values())
        self.counts = {number: Counter[str]() for number in self.sources}
        self._rates = dict.fromkeys(self.sources, (0.0, 0))
        self._started, self._begun, self._stated = time.time(), 0.0, 0.0
        self._stamp = self._clock.now()
        self._problem = ""
        self._stopping = False
        self._disk = ThreadPoolExecutor(1, "log")

    @property
    def end(self) -> Position:
        """Up to where the log is durable."""
        return self._log.end

    async def run(self) -> None:
        """Take in until `stop`. Raises `StoreError` where the log cannot be written for another reason than
        a full disk.
        """
        tasks = [
            asyncio.create_task(self._run(one)) for one in self.sources.values() if one.state != "refused"
        ]
        try:
            await self._begin()
            while not self._stopping:
                await self._commit(came=await self._something())
                self._outbox.look()
                self._state()
            while not all(one.inbox.empty for one in self.sources.values()):
                await self._commit(came=True)
        finally:
            await ended(tasks)
            with suppress(StoreError):
                await self._in_thread(self._log.close)
            self._disk.shutdown()
            self._state(always=True)

    def stop(self) -> None:
        """Take in what is here, and end."""
        self._stopping = True
        self._wake.set()

    async def _run(self, one: Source) -> None:
        try:
            await source.for_ever(one, RUNS[one.address.scheme])
        except Exception as error:  # a mistake of ours in one source must not end the others
            one.is_("failed", f"{type(error).__name__}: {error}; please report it")

    async def _something(self) -> bool:
        """Wait until something came; false where nothing did for a while."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), BEAT)
        came = self._wake.is_set()
        self._wake.clear()
        return came

    async def _commit(self, *, came: bool) -> None:
        """Take what is there, and make it durable; then it counts."""
        began = time.monotonic()
        horizons = [h for one in self.sources.values() if (h := one.inbox.horizon()) is not None]
        upto = min(horizons, default=None)
        taken = {n: one.inbox.drain(upto) for n, one in self.sources.items() if came and not one.inbox.empty}
        stamp = self._clock.now() if upto is None else upto
        outcome = self._reader.read(self.sources, taken)
        if upto is not None:
            self._wake.set()
        await self._written(outcome.frames, stamp)
        self._stamp = stamp
        for number, counts in outcome.counts.items():
            self.counts[number] += counts
        for number, part in taken.items():
            one = self.sources[number]
            one.durable = next((told.cursor for told in part.channels.values() if told.cursor), one.durable)
        self._told(self._log.end)
        await self._acknowledge(taken)
        if self._due():
            await self._begin()
        if came and (left := TICK - (time.monotonic() - began)) > 0:
            await asyncio.sleep(left)

    async def _written(self, frames: list[bytes], stamp: int) -> None:
        """Commit frames, again and again while the disk is full."""
        while True:
            try:
                await self._in_thread(lambda: self._log.commit(frames, stamp, durable=bool(frames)))
            except StoreFull as error:
                await self._full(error)
            else:
                self._problem = ""
                return

    async def _begin(self) -> None:
        """Begin a segment, which closes the one before."""
        while True:
            try:
                await self._in_thread(self._started_segment)
            except StoreFull as error:
                await self._full(error)
                continue
            self._reader.begin()
            self._begun = time.monotonic()
            self._told(self._log.end)
            return

    def _started_segment(self) -> None:
        heads = [
            log.starting(one.name, one.wire.name, self._reader.states(one), one.durable, one.begin)
            for one in self.sources.values()
        ]
        self._log.start(heads, self._stamp)

    async def _full(self, error: StoreFull) -> None:
        self._problem = f"nothing is taken in: {error}"
        self._state()
        await asyncio.sleep(0 if self._stopping else RETRY)
        if self._stopping:
            raise error

    def _due(self) -> bool:
        age = time.monotonic() - self._begun
        return self._log.size > self._rolls.size or age > self._rolls.seconds

    async def _acknowledge(self, taken: Mapping[int, InboxBatch]) -> None:
        for number, part in taken.items():
            tell = self.sources[number].tell
            if part.tokens and tell is not None:
                await tell(part.tokens)

    async def _in_thread(self, call: Callable[[], object]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._disk, call)

    def _source(self, number: int, name: str, live: Live, known: Before, said: FileStatement) -> Source:
        inbox = Inbox(self._clock, live.queue_mib << 20, self._wake.set)
        where = address.parse(live.url)
        within = None if where.scheme.startswith("mqtt") else int(live.repeat_seconds * SECOND)
        made = Source(number, name, where, WIRES[live.decode], inbox, live.idle_seconds)
        if said != NOTHING and live.decode in STATES:
            made.wire = replace(made.wire, begin=partial(STATES[live.decode], said))
            made.begin = made.wire.freeze(made.wire.begin())
        if made.wire.converse is not None:
            made.talks = made.wire.converse(self._node)
        made.password = os.environ.get(live.password_env, "") if live.password_env else ""
        made.recent = Recent(within, REMEMBERED)
        made.cursor = made.durable = known.cursors.get(name, b"")
        if within is None:
            for message in known.messages.get(name, ()):
                made.recent.add(message, known.stamp)
        return made

    def _state(self, *, always: bool = False) -> None:
        now = time.time()
        if not always and now - self._stated < STATED:
            return
        lines = [self._line(one, now - self._stated) for one in self.sources.values()]
        self._stated = now
        end, problem = self._log.end, self._problem or self._late()
        told = status.Sources(os.getpid(), now, self._started, lines, end.segment, end.offset, problem)
        with suppress(OSError):  # a full disk is told of once there is room again
            status.write(self._root, told)

    def _late(self) -> str:
        """Return the sentence on a clock that was put back."""
        if self._clock.behind < 1:
            return ""
        whose = (
            "this machine's clock"
            if clock.exercise_clock(self._root) is None
            else "the clock of this exercise"
        )
        return (
            f"{whose} was put back by {self._clock.behind:.0f} seconds: moments of receipt "
            "stand still until it has caught up"
        )

    def _line(self, one: Source, passed: float) -> status.Line:
        if one.lost_before is not None:
            one.inbox.lose(max(0, one.lost_before() - one.lost_by_system))
            one.lost_by_system = max(one.lost_by_system, one.lost_before())
        counts = self.counts[one.number]
        rate, was = self._rates[one.number]
        rate += (min(1.0, passed / 3)) * ((counts["accepted"] - was) / max(passed, 0.1) - rate)
        self._rates[one.number] = rate, counts["accepted"]
        idle = one.state in ("connected", "listening") and one.last and one.silent > one.idle
        return status.Line(
            one.name,
            one.address.shown,
            one.wire.name,
            "idle" if idle else one.state,
            one.detail,
            counts.total(),
            counts["accepted"],
            counts["duplicate"],
            counts["quarantined"],
            counts["withheld"],
            one.inbox.lost,
            round(rate, 1),
            one.inbox.waiting,
            one.connections,
            one.refused,
            round(one.silent, 1) if one.last else None,
            self._reader.clocks.problem(one.number),
        )


def _completion(feeds: Feeds, name: str, floor: Floor) -> Completion:
    return completion_of(feeds, name, FORMAT, Orders(source=name), floor.key)


async def ended(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks until each is done: a library may swallow a call, as while its server goes away."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1)
    await asyncio.gather(*tasks, return_exceptions=True)
