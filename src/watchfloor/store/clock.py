"""The time of a floor: the machine's, or in an exercise that of a clock of its own.

An exercise clock is one line of `floor.toml`: what it read when it was set, and how many times as fast as the
machine's it has run since. Receipt, deadlines, the age of what is shown and the log go by it, so that a day
that is played sixty times as fast is judged as the day that it was. What concerns this machine alone, such as
sessions, locks and whether a process still lives, goes by the machine's clock.
"""

import math
import os
import time
import tomllib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from watchfloor.store.database import SETTINGS, UNSEALED
from watchfloor.store.errors import NoFloor, WrongCall

FASTEST: Final = 3600.0
"""Times as fast as the machine's that an exercise clock runs at most."""
LOOKS: Final = 0.05
"""Seconds after which a `Ticking` looks again at what the clock was set to."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 1_000_000


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clock of an exercise.

    Attributes:
        set_at: when it was set, by the machine's clock.
        reads: what it read then.
        rate: how many times as fast as the machine's it runs; 0: it stands.
    """

    set_at: datetime
    reads: datetime
    rate: float = 1.0

    def __post_init__(self) -> None:
        if self.set_at.tzinfo is None or self.reads.tzinfo is None:
            raise ValueError("set_at and reads need a time zone, such as Z")
        if not (math.isfinite(self.rate) and 0 <= self.rate <= FASTEST):
            raise ValueError(f"rate is {self.rate:g}; an exercise clock runs 0 to {FASTEST:g} times as fast")

    def micros(self, machine: int) -> int:
        """Return what it reads when the machine's clock reads `machine`, both in microseconds since 1970."""
        return _micros(self.reads) + int((machine - _micros(self.set_at)) * self.rate)


def exercise_clock(root: Path) -> Clock | None:
    """Return the exercise clock of the floor in `root`; None where it goes by the machine's.

    Raises:
        NoFloor: its `floor.toml` cannot be read.
    """
    for place in _places(root):
        try:
            found = os.stat(place)  # noqa: PTH116 - each request asks, and a path is slow
        except (FileNotFoundError, NotADirectoryError):
            continue
        key = (found.st_mtime_ns, found.st_ino, found.st_size)
        known = _known.get(place)
        if known is None or known[0] != key:
            _known[place] = known = key, _read(Path(place))
        return known[1]
    return None


@lru_cache(maxsize=64)
def _places(root: Path) -> tuple[str, ...]:
    """Return the files that may name a clock; a floor that is being made has only the second."""
    return str(root / SETTINGS), str(root / UNSEALED)


_known: Final[dict[str, tuple[tuple[int, int, int], Clock | None]]] = {}


def _read(place: Path) -> Clock | None:
    try:
        said = tomllib.loads(place.read_text(encoding="utf-8"))
        return msgspec.convert(said.get("clock"), Clock | None)
    except (ValueError, msgspec.ValidationError) as error:
        raise NoFloor(f"{place}: {error}") from error


def micros(root: Path) -> int:
    """Return the time of the floor in `root`, in microseconds since 1970."""
    machine, clock = time.time_ns() // 1000, exercise_clock(root)
    return machine if clock is None else clock.micros(machine)


def now(root: Path) -> datetime:
    """Return the time of the floor in `root`."""
    return _EPOCH + timedelta(microseconds=micros(root))


def rate(root: Path) -> float:
    """Return how many times as fast as the machine's clock that of a floor runs; 0 where it stands."""
    clock = exercise_clock(root)
    return 1.0 if clock is None else clock.rate


def set_now(before: Clock, reads: datetime | None = None, rate: float | None = None) -> Clock:
    """Return a clock that is set at this moment, to another time or rate, or both.

    Raises:
        WrongCall: the time has no time zone, or the rate is none that a clock can have.
    """
    machine = time.time_ns() // 1000
    at = _EPOCH + timedelta(microseconds=machine)
    stands = _EPOCH + timedelta(microseconds=before.micros(machine))
    try:
        return Clock(at, stands if reads is None else reads, before.rate if rate is None else rate)
    except ValueError as error:
        raise WrongCall(str(error)) from error


def begin(reads: datetime, rate: float = 0.0) -> Clock:
    """Return a clock for a new floor: it stands at a moment until somebody sets its rate."""
    return set_now(Clock(_EPOCH, _EPOCH), reads, rate)


class Ticking:
    """The time of a floor for who asks for each message: it looks at `floor.toml` a few times a second.

    Args:
        root: the floor's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._looked, self._clock = root, -LOOKS, exercise_clock(root)

    def micros(self) -> int:
        """Return the time in microseconds since 1970."""
        at = time.monotonic()
        if at - self._looked >= LOOKS:
            self._looked, self._clock = at, exercise_clock(self._root)
        machine = time.time_ns() // 1000
        return machine if self._clock is None else self._clock.micros(machine)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
