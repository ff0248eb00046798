"""The log of the live floor: what came and the rows it was read to, durable before anybody sees it.

Frames (`sensors.frames`) in segments of a folder of the floor, `live/log`. A segment begins with a line
`WFLIVE1` and a line of JSON: which source has which number, and what the readers of open connections
remembered. One writer appends; a commit is one write and one `fdatasync` for all sources, and ends with a
mark. What stands behind the last mark of a segment was never acknowledged, and goes when the log is opened
anew.

A segment is rolled into the floor's own deliveries (`feeds.live.rolling`) once it is closed, renamed then,
and deleted when no fold needs it any more.
"""

import errno
import os
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from watchfloor.formats.sensors.frames import MARK, Frame, pack, unpack
from watchfloor.store.errors import explained
from watchfloor.store.files import sync_folder

FOLDER: Final = "live/log"
MAGIC: Final = b"WFLIVE1\n"
OPEN: Final = ".open"
CLOSED: Final = ".log"
ROLLED: Final = ".rolled"
DAMAGED: Final = ".damaged"
_NAME: Final = re.compile(r"(\d{10})(\.open|\.log|\.rolled)")
_TRIES: Final = 5


class Position(NamedTuple):
    """A place in the log: number of the segment, byte in it."""

    segment: int
    offset: int


class Source(msgspec.Struct, frozen=True):
    """A source as a segment knows it: its name, how it is read, states of its connections in base64.

    `cursor` is where it had been taken up to when the segment began. `begin` is what a new connection begins
    with, where a person has said something of it.
    """

    name: str
    decode: str
    states: dict[str, str] = {}
    cursor: str = ""
    begin: str = ""


class Start(msgspec.Struct, frozen=True):
    """The head of a segment: its sources by number, and a moment before everything in it."""

    sources: list[Source]
    stamp: int


class Segment(NamedTuple):
    """A segment on disk."""

    number: int
    path: Path

    @property
    def rolled(self) -> bool:
        """Whether all of it is in deliveries of the floor."""
        return self.path.suffix == ROLLED


def segments(root: Path) -> list[Segment]:
    """The segments of a floor's log, oldest first."""
    folder = root / FOLDER
    found = [(match, path) for path in folder.glob("*.*") if (match := _NAME.fullmatch(path.name))]
    return sorted(Segment(int(match[1]), path) for match, path in found)


def starting(
    name: str, decode: str, states: Mapping[int, bytes], cursor: bytes, begin: bytes = b""
) -> Source:
    """A source as the head of a segment has it."""
    told = {str(channel): b64encode(state).decode() for channel, state in states.items()}
    return Source(name, decode, told, b64encode(cursor).decode(), b64encode(begin).decode())


class Log:
    """The writer of the log; one a floor.

    Opening it closes the segment that was open when the writer before it ended, however it ended.

    Args:
        root: the floor's folder.

    Attributes:
        end: up to where the log is durable.
        started: whether a segment is open.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._folder = root, root / FOLDER
        with explained(root):
            self._folder.mkdir(parents=True, exist_ok=True)
            for segment in segments(root):
                if segment.path.suffix == OPEN:
                    _cut(segment.path)
                    _rename(segment.path, CLOSED)
        last = max((segment.number for segment in segments(root)), default=0)
        self.end = Position(last, 0)
        self._file = -1

    @property
    def started(self) -> bool:
        """Whether a segment is open."""
        return self._file >= 0

    @property
    def size(self) -> int:
        """Bytes of the open segment."""
        return self.end.offset

    def start(self, sources: list[Source], stamp: int) -> None:
        """Close the open segment and begin the next. Raises `StoreFull`."""
        self.close()
        number = self.end.segment + 1
        path = self._folder / f"{number:010}{OPEN}"
        head = MAGIC + msgspec.json.encode(Start(sources, stamp)) + b"\n"
        with explained(self._root):
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
            try:
                _write(file, [head])
                _sync(file)
                sync_folder(self._folder)
            except OSError:
                os.close(file)
                path.unlink()
                raise
        self._file = file
        self.end = Position(number, len(head))

    def commit(self, frames: list[bytes], stamp: int, *, durable: bool = True) -> Position:
        """Append frames and a mark of a moment after all of them; gives the new end.

        Args:
            frames: packed, in the order in which they count.
            stamp: a moment at or after every one in the frames, and before every one to come.
            durable: wait for the disk; a mark alone, which says that time has passed, need not.

        Raises:
            StoreFull: nothing of it is kept; it may be tried again.
        """
        mark = pack(MARK, 0, 0, stamp, b"")
        with explained(self._root):
            try:
                size = _write(self._file, [*frames, mark])
                if durable:
                    _sync(self._file)
            except OSError:
                os.ftruncate(self._file, self.end.offset)
                os.lseek(self._file, self.end.offset, os.SEEK_SET)
                raise
        self.end = Position(self.end.segment, self.end.offset + size)
        return self.end

    def close(self) -> None:
        """Close the open segment, so that it can be rolled."""
        if self._file < 0:
            return
        with explained(self._root):
            _sync(self._file)
            os.close(self._file)
            self._file = -1
            _rename(self._folder / f"{self.end.segment:010}{OPEN}", CLOSED)


class Reading:
    """Reads the log on from a position, as it grows.

    Args:
        root: the floor's folder.
        position: where to begin; of a segment that is gone, at the next that is there.

    Attributes:
        position: up to where it has read.
    """

    def __init__(self, root: Path, position: Position) -> None:
        self._root, self.position = root, position

    def upto(self, end: Position) -> Iterator[list[Frame]]:
        """The frames of each commit up to a durable end, each list ending with its mark."""
        for segment in segments(self._root):
            number = segment.number
            if not self.position.segment <= number <= end.segment:
                continue
            if number > self.position.segment:
                self.position = Position(number, 0)
            data = _from(self._root, number, self.position.offset)
            try:
                at = head_of(data)[1] if not self.position.offset else 0
            except ValueError:  # the rolling sets it aside, and says so
                self.position = Position(number + 1, 0)
                continue
            base = self.position.offset
            limit = end.offset - base if number == end.segment else len(data)
            for frames in commits(memoryview(data)[:limit], at):
                self.position = Position(number, base + frames[-1].end)
                yield frames


def _from(root: Path, number: int, offset: int) -> bytes:
    """The bytes of a segment from one on; once it is closed, and rolled, it has another name."""
    for _ in range(_TRIES):
        for suffix in (OPEN, CLOSED, ROLLED):
            with suppress(FileNotFoundError), (root / FOLDER / f"{number:010}{suffix}").open("rb") as file:
                file.seek(offset)
                return file.read()
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{root / FOLDER}/{number:010}")


def head_of(data: bytes) -> tuple[Start, int]:
    """The head of a segment and where its frames begin. Raises `ValueError` where it has none."""
    if not data.startswith(MAGIC) or (end := data.find(b"\n", len(MAGIC))) < 0:
        raise ValueError("no head")
    return msgspec.json.decode(data[len(MAGIC) : end], type=Start), end + 1


def commits(data: memoryview, at: int) -> Iterator[list[Frame]]:
    """The frames from a byte on, those of one commit together, each list ending with its mark."""
    frames: list[Frame] = []
    while (frame := unpack(data, at)) is not None:
        frames.append(frame)
        at = frame.end
        if frame.what == MARK:
            yield frames
            frames = []


def rolled(segment: Segment) -> Segment:
    """Note that all of a segment is in deliveries of the floor."""
    return Segment(segment.number, _rename(segment.path, ROLLED))


def set_aside(segment: Segment) -> Path:
    """Keep a segment that cannot be read out of the log's way; its bytes stay, under a name that says so."""
    return _rename(segment.path, DAMAGED)


def clean(root: Path, before: int) -> int:
    """Delete rolled segments of lower numbers than that; gives how many."""
    gone = [segment for segment in segments(root) if segment.rolled and segment.number < before]
    for segment in gone:
        segment.path.unlink(missing_ok=True)
    return len(gone)


def _cut(path: Path) -> None:
    """Take away what stands behind the last mark, which was never acknowledged."""
    data = path.read_bytes()
    try:
        _, end = head_of(data)
    except ValueError:  # it was cut off at its beginning
        path.unlink()
        return
    for frames in commits(memoryview(data), end):
        end = frames[-1].end
    if end < len(data):
        with path.open("r+b") as file:
            file.truncate(end)
            file.flush()
            os.fsync(file.fileno())


def _rename(path: Path, suffix: str) -> Path:
    target = path.with_suffix(suffix)
    if path.exists():
        path.replace(target)
        sync_folder(path.parent)
    return target


def _write(file: int, parts: Iterable[bytes]) -> int:
    data = memoryview(b"".join(parts))
    done = 0
    while done < len(data):
        done += os.write(file, data[done:])
    return done


def _sync(file: int) -> None:
    getattr(os, "fdatasync", os.fsync)(file)
