"""The tracker: reports go in, in order of arrival, and what is believed of each track comes out."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from watchfloor.desks.surveillance.tracking import (
    clutter_map,
    deferred_association,
    out_of_sequence,
    revisit_interval,
    scan,
    scan_assembly,
    soundness,
    state,
    traffic,
)
from watchfloor.desks.surveillance.tracking.config import Config
from watchfloor.desks.surveillance.tracking.intake import intake
from watchfloor.desks.surveillance.tracking.reports import FEED, REASONS, ROW, TAKEN, Reports, Updates

START: Final = 1_024
"""Slots for tracks that a tracker begins with."""
DIGESTS: Final = 1 << 14
"""Recent reports that are remembered, so that one that comes again is known."""
LEARNED: Final = 50
"""Reports of sure tracks from which a sensor's error is known."""


class Tracker:
    """A fold over reports: the same reports in the same order give the same bytes, however they are cut.

    A scan (what one sensor reports at one time, or in one sweep, see `scan_assembly`) is taken when a report
    after it arrives, or at `flush`. Everything that the tracker knows is in `freeze`.

    Args:
        config: settings.
        errors: metres that the places of sensors err by, by number: `errors` of a tracker before.
    """

    def __init__(self, config: Config | None = None, errors: Mapping[int, float] | None = None) -> None:
        self.config = config or Config()
        self._errors = dict(errors or {})
        self._knobs = self.config.knobs()
        self._clock = state.clock()
        self._clock["free"] = START
        self._clock["axes"] = ("auto", "plane", "earth").index(self.config.axes)
        self._digests = np.zeros(DIGESTS, np.uint64)
        self._table = np.zeros(traffic.CELLS, traffic.KIND)
        self._ground = np.zeros(clutter_map.CELLS, clutter_map.KIND)
        self._tracks = state.tracks(START, self.config.models)
        self._sensors = state.sensors(16, self.config.models)
        self._sources = soundness.room(16)
        self._past = np.zeros(self.config.rewind_updates, out_of_sequence.kind(self.config.models))
        self._past["serial"] = -1
        self._doubts = np.zeros(deferred_association.MOST, deferred_association.KIND)
        self._pending = np.zeros(0, FEED)
        self._counts = np.zeros(len(REASONS), np.int64)
        self._prepare()

    def _prepare(self) -> None:
        self._work = scan.work(len(self._tracks), self.config.models)
        known = self._sensors["name"][: int(self._clock["sensors"][0])]
        self._number = {int(name): k for k, name in enumerate(known)}

    def update(self, reports: Reports) -> Updates:
        """Take reports; returns what they changed."""
        first = int(self._counts.sum())
        feed = reports.feed(self._numbered(np.asarray(reports.sensor)), first)
        reasons = np.zeros(len(reports), np.int8)
        received = np.full(len(feed), np.nan) if reports.received is None else reports.received
        taken = intake(
            feed, received, self._sensors, self._sources, self._clock, self._digests, self._knobs, reasons
        )
        self._counts += np.bincount(reasons, minlength=len(REASONS))
        if taken < len(reports):
            feed = feed[reasons == TAKEN]
        if len(self._pending):
            feed = np.concatenate((self._pending, feed))
        return self._advance(feed, False, first, reasons)

    def flush(self) -> Updates:
        """Take the scans that are still open, as if a later report had come."""
        return self._advance(self._pending, True, int(self._counts.sum()), np.zeros(0, np.int8))

    @property
    def counts(self) -> dict[str, int]:
        """How many reports were taken and refused, by reason, and how many tracks found no room."""
        found = {reason: int(count) for reason, count in zip(REASONS, self._counts, strict=True)}
        return found | {"there was no room for its track": int(self._clock["unborn"][0])}

    @property
    def held(self) -> int:
        """Number of the first report of the scans that are still open; of the next report where none is."""
        return int(self._pending["number"][0] if len(self._pending) else self._counts.sum())

    @property
    def followed(self) -> np.ndarray:
        """Numbers of the tracks that it follows; of no other that it has told of does it tell again."""
        slots = self._tracks["live"][: int(self._clock["live"][0])]
        return np.asarray(self._tracks["name"][slots])

    @property
    def clock(self) -> float:
        """Seconds, the latest time believed; NaN before the first report."""
        return float(self._clock["now"][0])

    @property
    def receivers(self) -> np.ndarray:
        """Numbers of the sensors that are known to hear objects one by one, as a receiver of AIS does."""
        seen = self._sensors[: int(self._clock["sensors"][0])]
        heard = (seen["sweeps"] == 0) & (seen["paced"][:, state.OCTAVES] > revisit_interval.KNOWN)
        return np.asarray(seen["name"][heard])

    @property
    def errors(self) -> dict[int, float]:
        """Metres that the places of each sensor that scans err by, by its number, where it states none."""
        seen = self._sensors[: int(self._clock["sensors"][0])]
        learned = (seen["sweeps"] == 1) & (seen["noise"][:, 1] >= LEARNED)
        return {int(one["name"]): float(np.sqrt(one["noise"][0])) for one in seen[learned]}

    def _numbered(self, names: np.ndarray) -> np.ndarray:
        """The sensors' places in the state, new ones in order of appearance."""
        found, first, back = np.unique(names, return_index=True, return_inverse=True)
        for k in np.argsort(first):
            self._number.setdefault(int(found[k]), len(self._number))
        while len(self._number) > len(self._sensors):
            self._sensors = np.concatenate(
                (self._sensors, state.sensors(len(self._sensors), self.config.models))
            )
            self._sources = np.concatenate((self._sources, soundness.room(len(self._sources))))
        numbers = np.array([self._number[int(name)] for name in found], np.int32)
        self._sensors["name"][numbers] = found
        for name in self._errors.keys() & set(found.tolist()):
            self._sensors["noise"][self._number[name], 0] = self._errors.pop(name) ** 2
        self._clock["sensors"] = len(self._number)
        return numbers[back]

    def _advance(self, feed: np.ndarray, whole: bool, first: int, reasons: np.ndarray) -> Updates:
        parts: list[np.ndarray] = []
        at = len(self._pending)
        done = np.zeros(len(feed), np.bool_)
        link = np.empty(len(feed), np.int64)
        opened = np.empty(int(self._clock["sensors"][0]), scan_assembly.OPEN)
        room = np.zeros(4 * (len(feed) + int(self._clock["live"][0])) + 1_024, ROW)
        while len(feed):
            at, written, wanted = scan.advance(
                feed,
                at,
                done,
                link,
                opened,
                whole,
                self._tracks,
                self._past,
                self._doubts,
                self._sensors,
                self._clock,
                self._table,
                self._ground,
                self._knobs,
                self._work,
                room,
            )
            parts.append(room[:written])
            if wanted:
                self._make_room(wanted)
            elif at == len(feed) and (not whole or done.all()):
                break
            room = np.zeros(len(room) * (1 if written or wanted else 2), ROW)
        self._pending = feed[~done]
        return _updates(np.concatenate([room[:0], *parts]), first, reasons)

    def _make_room(self, count: int) -> None:
        size, free = len(self._tracks), int(self._clock["free"][0])
        self._tracks = state.more_tracks(self._tracks, count, free)
        self._clock["free"] += len(self._tracks) - size
        self._work = scan.work(len(self._tracks), self.config.models)

    def freeze(self) -> pa.Table:
        """Everything that the tracker knows: columns `name`, `count` and `data`."""
        return state.freeze(
            {
                "tracks": self._tracks,
                "sensors": self._sensors,
                "sources": self._sources,
                "clock": self._clock,
                "digests": self._digests,
                "traffic": self._table,
                "ground": self._ground,
                "past": self._past[self._past["serial"] >= 0],
                "doubts": self._doubts,
                "pending": self._pending,
                "counts": self._counts,
            }
        )

    @classmethod
    def thaw(cls, config: Config | None, table: pa.Table) -> "Tracker":
        """The tracker that `freeze` wrote; it goes on exactly where that one was."""
        tracker = cls(config)
        kinds: dict[str, Any] = {
            "tracks": state.track(tracker.config.models),
            "sensors": state.sensor(tracker.config.models),
            "sources": soundness.KIND,
            "clock": state.CLOCK,
            "digests": np.uint64,
            "traffic": traffic.KIND,
            "ground": clutter_map.KIND,
            "past": out_of_sequence.kind(tracker.config.models),
            "doubts": deferred_association.KIND,
            "pending": FEED,
            "counts": np.int64,
        }
        parts = state.thaw(table, kinds)
        tracker._tracks, tracker._sensors, tracker._clock = parts["tracks"], parts["sensors"], parts["clock"]
        tracker._sources = parts["sources"]
        tracker._table, tracker._doubts = parts["traffic"], parts["doubts"]
        tracker._ground = parts["ground"]
        tracker._past[parts["past"]["serial"] & (len(tracker._past) - 1)] = parts["past"]
        tracker._digests, tracker._pending, tracker._counts = (
            parts["digests"],
            parts["pending"],
            parts["counts"],
        )
        tracker._prepare()
        return tracker


def _updates(rows: np.ndarray, first: int, reasons: np.ndarray) -> Updates:
    columns: dict[str, Any] = {name: np.ascontiguousarray(rows[name]) for name in ROW.names or ()}
    return Updates(**columns, first=first, reasons=reasons)
