"""Rolling: a closed segment of the log becomes ordinary deliveries of the floor, one a source.

Each is a capture (`sensors.capture`): the same bytes whenever it is made of the same segment. So a crash in
the middle is neither loss nor double: what is on the floor already is found by its digest, and what was being
committed leaves no trace. A segment is renamed once all of it is there.
"""

import os
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.feeds import config
from watchfloor.feeds.corrections import Earlier
from watchfloor.feeds.intake import CommittedDelivery, Orders, ingest
from watchfloor.feeds.live import log, status
from watchfloor.feeds.live.log import Segment, Source
from watchfloor.feeds.streams import Stream
from watchfloor.feeds.walk import Aside, Item
from watchfloor.formats import redacted
from watchfloor.formats.base import FormatError
from watchfloor.formats.sensors import capture
from watchfloor.formats.sensors.frames import (
    CLOSED,
    MESSAGES,
    REDACTED,
    REFUSED,
    TOLD,
    Frame,
    pack,
    unpack_messages,
)
from watchfloor.store.errors import FloorBusy, StoreError
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

PATIENCE: Final = 20.0
"""Seconds that a delivery waits for whoever else writes to the floor."""
LOOKS: Final = 0.5
"""Seconds between two looks at whether a segment was closed."""


class Capture(NamedTuple):
    """Messages that one source brought in a segment.

    Attributes:
        source: it.
        name: of the delivery.
        data: the bytes of the capture.
        repeated: datagrams that were left out, since they repeat one of moments before.
        lost: messages that could not be taken in.
        withheld: persons in privacy zones that are not in it.
    """

    source: Source
    name: str
    data: bytes
    repeated: int
    lost: int
    withheld: int


def captures(segment: Segment) -> Iterator[Capture]:
    """Yield the capture of each source that brought something in a segment."""
    data = segment.path.read_bytes()
    start, at = log.head_of(data)
    of: dict[int, list[Frame]] = {number: [] for number in range(1, len(start.sources) + 1)}
    for frames in log.commits(memoryview(data), at):
        for frame in frames:
            if frame.what in (MESSAGES, CLOSED, REFUSED, REDACTED, TOLD):
                of[frame.source].append(frame)
    began = datetime.fromtimestamp(start.stamp / 1e6, UTC)
    for number, source in enumerate(start.sources, 1):
        if any(frame.what == MESSAGES or len(frame.payload) for frame in of[number]):
            name = f"live/{source.name}/{began:%Y%m%dT%H%M%SZ}-{segment.number}.capture"
            yield _capture(source, name, of[number])


def _capture(source: Source, name: str, frames: list[Frame]) -> Capture:
    states = {int(channel): b64decode(state) for channel, state in source.states.items()}
    packed = (pack(one.what, one.source, one.channel, one.stamp, bytes(one.payload)) for one in frames)
    left = [redacted.header(one.payload) for one in frames if one.what == REDACTED]
    told = [unpack_messages(one.payload) for one in frames if one.what == MESSAGES]
    return Capture(
        source,
        name,
        b"".join(capture.write(source.decode, states, packed, b64decode(source.begin))),
        sum(one.repeated for one in told) + sum(one.repeated for one in left),
        sum(one.lost for one in told) + sum(one.lost for one in left),
        sum(one.withheld for one in left),
    )


def roll(floor: Floor, segment: Segment, actor: Actor) -> list[CommittedDelivery | Aside]:
    """Deliver what is in a closed segment; gives what came of each source. What is there already is not
    delivered again.

    Raises:
        StoreError: the floor is busy, full or broken; what was delivered by then stays.
    """
    feeds = config.load(floor.root)
    done: list[CommittedDelivery | Aside] = []
    for one in captures(segment):
        with floor.writer(actor, PATIENCE) as writer:
            before = floor.deliveries(
                digest=sha256(one.data).digest()
            )  # under the lock: another may roll too
            if any(was.source == one.source.name for was in before):
                continue
            orders = Orders(
                one.source.name,
                capture.FORMAT.name,
                own=True,
                repeated=one.repeated,
                withheld=one.withheld,
            )
            item = Item(one.name, Path(one.name).name, partial(_opened, one.data))
            done.append(ingest(writer, item, feeds, orders, Earlier(writer)))
    log.rolled(segment)
    return done


class Roller:
    """Rolls what is closed.

    Args:
        root: the floor's folder.
        actor: whom the log names for the deliveries.

    Attributes:
        rolled: segments that it has rolled.
    """

    def __init__(self, root: Path, actor: Actor) -> None:
        self._floor, self._actor = Floor.open(root), actor
        self.rolled = 0
        self._problem = self._damaged = ""

    def look(self) -> bool:
        """Roll the oldest closed segment; false where there is none, or it could not be."""
        root = self._floor.root
        closed = [one for one in log.segments(root) if one.path.suffix == log.CLOSED]
        try:
            if closed:
                roll(self._floor, closed[0], self._actor)
                self.rolled += 1
            self._problem = self._damaged
        except FloorBusy as error:
            self._problem = f"waiting: {error}"
        except (StoreError, FormatError) as error:
            self._problem = str(error)
        except ValueError:
            kept = log.set_aside(closed[0])
            self._problem = self._damaged = f"{kept} cannot be read; what came then is in no delivery"
        done = bool(closed) and self._problem in ("", self._damaged)
        left = len(closed) - done
        status.write(root, status.Rolling(os.getpid(), time.time(), max(0, left), self.rolled, self._problem))
        return done

    def run(self, stopped: Callable[[float], bool]) -> None:
        """Roll until `stopped`, which waits some seconds, says so; then what is left."""
        while not stopped(0 if self.look() else LOOKS):
            log.clean(self._floor.root, needed(self._floor.root))
        while self.look():
            pass


def needed(root: Path) -> int:
    """The number of the first segment that a fold still needs; without a fold, beyond the last."""
    try:
        return int((root / status.FOLDER / NEEDED).read_text())
    except (OSError, ValueError):
        return max((one.number for one in log.segments(root)), default=0) + 1


NEEDED: Final = "needed"
"""Where a fold says which segment it would begin with after a restart."""


@contextmanager
def _opened(data: bytes) -> Iterator[Stream]:
    yield _Bytes(data)


class _Bytes:
    """Bytes to be delivered."""

    damage = ""

    def __init__(self, data: bytes) -> None:
        self._file = BytesIO(data)

    def read(self, size: int = -1, /) -> bytes:
        """As a file's."""
        return self._file.read(size)

    def check(self) -> None:
        """They do not change."""
