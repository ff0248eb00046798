"""The tracker: reports go in, in order of arrival, and what is believed of each track comes out."""

from dataclasses import fields
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from watchfloor.desks.surveillance.tracking import frame, state
from watchfloor.desks.surveillance.tracking import reports as columns
from watchfloor.desks.surveillance.tracking.config import Config
from watchfloor.desks.surveillance.tracking.intake import intake
from watchfloor.desks.surveillance.tracking.reports import REASONS, TAKEN, Feed, Reports, Rows, Updates
from watchfloor.desks.surveillance.tracking.state import (
    AXES,
    FREE,
    LIVE,
    SENSORS,
    UNBORN,
    Clock,
    Sensors,
    Tracks,
)

START: Final = 1_024
"""Slots for tracks that a tracker begins with."""


class Tracker:
    """A fold over reports: the same reports in the same order give the same bytes, however they are cut.

    A frame (what one sensor reports at one time, or in one scan) is taken when the first report after it
    arrives, or at `flush`. Everything that the tracker knows is in `freeze`.
    """

    def __init__(self, config: Config | None = None) -> None:
        self.config = config or Config()
        self._knobs = self.config.knobs()
        self._models = len(self.config.motion_noise)
        self._clock = state.clock()
        self._clock.counts[FREE] = START
        self._clock.counts[AXES] = ("auto", "plane", "earth").index(self.config.axes)
        self._tracks = state.tracks(START, self._models)
        self._sensors = state.sensors(16)
        self._pending = columns.blank(0)
        self._counts = np.zeros(len(REASONS), np.int64)
        self._prepare()

    def _prepare(self) -> None:
        self._work = frame.work(len(self._tracks.exists), self._models)
        known = self._sensors.name[: self._clock.counts[SENSORS]]
        self._number = {int(name): k for k, name in enumerate(known)}

    def take(self, reports: Reports) -> Updates:
        """Take reports; returns what they changed."""
        first = int(self._counts.sum())
        feed = reports.feed(self._numbered(np.asarray(reports.sensor)), first)
        reasons = np.zeros(len(reports), np.int8)
        taken = intake(feed, self._sensors, self._clock, self._knobs, reasons)
        self._counts += np.bincount(reasons, minlength=len(REASONS))
        if taken < len(reports):
            feed = Feed(*(column[reasons == TAKEN] for column in feed))
        if len(self._pending.t):
            feed = Feed(*(np.concatenate(pair) for pair in zip(self._pending, feed, strict=True)))
        return self._advance(feed, False, first, reasons)

    def flush(self) -> Updates:
        """Take the frame that is still open, as if a later report had come."""
        return self._advance(self._pending, True, int(self._counts.sum()), np.zeros(0, np.int8))

    @property
    def counts(self) -> dict[str, int]:
        """How many reports were taken and refused, by reason, and how many tracks found no room."""
        found = {reason: int(count) for reason, count in zip(REASONS, self._counts, strict=True)}
        return found | {"there was no room for its track": int(self._clock.counts[UNBORN])}

    @property
    def held(self) -> int:
        """Number of the first report of the frame that is still open; of the next report where none is."""
        return int(self._pending.number[0]) if len(self._pending.t) else int(self._counts.sum())

    @property
    def clock(self) -> float:
        """Seconds, the latest time believed; NaN before the first report."""
        return float(self._clock.time[0])

    def _numbered(self, names: np.ndarray) -> np.ndarray:
        """The sensors' places in the state, new ones in order of appearance."""
        found, first, back = np.unique(names, return_index=True, return_inverse=True)
        for k in np.argsort(first):
            self._number.setdefault(int(found[k]), len(self._number))
        while len(self._number) > len(self._sensors.name):
            wider = state.sensors(2 * len(self._sensors.name))
            self._sensors = Sensors(*state.grown(self._sensors, wider))
        numbers = np.array([self._number[int(name)] for name in found], np.int32)
        self._sensors.name[numbers] = found
        self._clock.counts[SENSORS] = len(self._number)
        return numbers[back] if len(numbers) else np.zeros(0, np.int32)

    def _advance(self, feed: Feed, whole: bool, first: int, reasons: np.ndarray) -> Updates:
        room = columns.rows(4 * (len(feed.t) + int(self._clock.counts[LIVE])) + 1_024)
        parts: list[Rows] = []
        at, written = 0, 0
        while True:
            at, written, wanted = frame.advance(
                feed,
                at,
                whole,
                self._tracks,
                self._sensors,
                self._clock,
                self._knobs,
                self._work,
                room,
                written,
            )
            done = at == len(feed.t) or (not whole and not wanted and self._open(feed, at))
            if wanted:
                self._make_room(wanted)
            parts.append(Rows(*(column[:written] for column in room)))
            if done:
                break
            room = columns.rows(max(2 * len(room.t), 4 * int(self._clock.counts[LIVE]) + len(feed.t)))
            written = 0
        self._pending = Feed(*(column[at:].copy() for column in feed))
        return _updates(parts, first, reasons)

    def _open(self, feed: Feed, at: int) -> bool:
        return bool(frame.end_of_frame(feed, at, self._sensors, self._knobs) == len(feed.t))

    def _make_room(self, count: int) -> None:
        size = len(self._tracks.exists)
        used = size - int(self._clock.counts[FREE])
        self._tracks = state.more_tracks(self._tracks, count, used)
        self._clock.counts[FREE] += len(self._tracks.exists) - size
        self._work = frame.work(len(self._tracks.exists), self._models)

    def freeze(self) -> pa.Table:
        """Everything that the tracker knows: columns `name`, `dtype`, `shape` and `data`."""
        return state.freeze(
            {
                "tracks": self._tracks,
                "sensors": self._sensors,
                "clock": self._clock,
                "pending": self._pending,
                "counts": _Counts(self._counts),
            }
        )

    @classmethod
    def thaw(cls, config: Config | None, table: pa.Table) -> "Tracker":
        """The tracker that `freeze` wrote; it goes on exactly where that one was."""
        kinds = {"tracks": Tracks, "sensors": Sensors, "clock": Clock, "pending": Feed, "counts": _Counts}
        parts = state.thaw(table, kinds)
        tracker = cls(config)
        tracker._tracks, tracker._sensors = Tracks(*parts["tracks"]), Sensors(*parts["sensors"])
        tracker._clock, tracker._pending = Clock(*parts["clock"]), Feed(*parts["pending"])
        tracker._counts = parts["counts"][0]
        tracker._prepare()
        return tracker


class _Counts(NamedTuple):
    counts: np.ndarray


def _updates(parts: list[Rows], first: int, reasons: np.ndarray) -> Updates:
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Rows._fields}
    names = {field.name for field in fields(Updates)} - {"first", "reasons"}
    return Updates(**{name: joined[name] for name in names}, first=first, reasons=reasons)
