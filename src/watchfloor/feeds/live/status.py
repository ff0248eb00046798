"""How the live floor stands: small files of the floor's folder, written by its processes every second.

Each process writes its own, and replaces it whole. What is older than `STALE` says that its process is gone.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from watchfloor.store.errors import is_full

FOLDER: Final = "live"
STALE: Final = 5.0
"""Seconds after which a process that has written nothing is taken for gone."""
STATES: Final = ("starting", "connected", "listening", "idle", "waiting", "refused", "failed")
"""How a source may stand."""


class Line(msgspec.Struct, frozen=True):
    """One source.

    Attributes:
        name: of its feed.
        url: where it is.
        decode: how it is read.
        state: `starting`, `connected`, `listening`, `idle`, `waiting` to try again, `refused` or `failed`.
        detail: a sentence about that; empty: nothing to say.
        received: rows and pieces since the start: accepted + duplicate + quarantined + withheld.
        lost: messages that were never taken in: the queue was full, or the system's.
        rate: rows accepted a second, over the last seconds.
        waiting: bytes in the queue.
        connections: that are open; `refused` so far.
        silent: seconds since something came; None: nothing ever did.
        clock: what is wrong with the times of its rows; empty: nothing is known.
    """

    name: str
    url: str
    decode: str
    state: str
    detail: str
    received: int
    accepted: int
    duplicate: int
    quarantined: int
    withheld: int
    lost: int
    rate: float
    waiting: int
    connections: int
    refused: int
    silent: float | None
    clock: str = ""


class Sources(msgspec.Struct, frozen=True):
    """The sources, and the log that they fill: `problem` says why nothing is taken in; empty: it is."""

    pid: int
    at: float
    started: float
    sources: list[Line]
    segment: int
    offset: int
    problem: str = ""


class Rolling(msgspec.Struct, frozen=True):
    """The rolling of the log into deliveries: segments that wait, and why they do; empty: they do not."""

    pid: int
    at: float
    waiting: int
    rolled: int
    problem: str = ""


class Folding(msgspec.Struct, frozen=True):
    """The folds: up to where they have read, how many rows, views and tracks; and why they stand still."""

    pid: int
    at: float
    segment: int
    offset: int
    rows: int
    views: int
    tracks: int
    problem: str = ""


class Rerunning(msgspec.Struct, frozen=True):
    """The desks that are run again by themselves: how often one was, and why none is; empty: they are."""

    pid: int
    at: float
    runs: int
    problem: str = ""


class Alerting(msgspec.Struct, frozen=True):
    """The rules that raise alerts: how many lines they wrote, and why they raise none; empty: they do."""

    pid: int
    at: float
    raised: int
    problem: str = ""


class LiveStatus(msgspec.Struct, frozen=True):
    """All of it, of which each part is None where its process is not there."""

    sources: Sources | None
    rolling: Rolling | None
    folding: Folding | None
    rerunning: Rerunning | None = None
    alerting: Alerting | None = None


T = TypeVar("T", Sources, Rolling, Folding, Rerunning, Alerting)
_NAMES: Final[Mapping[type, str]] = {
    Sources: "sources.json",
    Rolling: "rolling.json",
    Folding: "folding.json",
    Rerunning: "rerunning.json",
    Alerting: "alerting.json",
}


def write(root: Path, told: Sources | Rolling | Folding | Rerunning | Alerting) -> None:
    """Replace what a process says; on a full disk it is left to grow stale, and the process goes on."""
    place = root / FOLDER / _NAMES[type(told)]
    written = place.with_suffix(f".{os.getpid()}")
    try:
        written.write_bytes(msgspec.json.encode(told))
        written.replace(place)
    except OSError as error:
        if not is_full(error):
            raise
        written.unlink(missing_ok=True)


def read(root: Path, now: float | None = None) -> LiveStatus:
    """How a floor's live part stands."""
    moment = time.time() if now is None else now
    return LiveStatus(
        _read(root, Sources, moment),
        _read(root, Rolling, moment),
        _read(root, Folding, moment),
        _read(root, Rerunning, moment),
        _read(root, Alerting, moment),
    )


def _read(root: Path, of: type[T], now: float) -> T | None:
    try:
        told = msgspec.json.decode((root / FOLDER / _NAMES[of]).read_bytes(), type=of)
    except (OSError, ValueError):
        return None
    return told if abs(now - told.at) < STALE else None
