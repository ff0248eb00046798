"""The surveillance desk as a fold in the order of arrival: detections become tracks, tracks become events.

A detection is taken to be what its sensor says, with the error that it states or that was learned of it; a
vessel or an aircraft that reports itself is a sensor of itself, and its name a claim. A sweep that is told
under `coverage` says what was not there too. Weather holds for what comes after it.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import DERIVED, SIGNAL
from watchfloor.core.kinds import column
from watchfloor.core.streams import joined, parted
from watchfloor.desks.base import ARRIVAL, Desk, Refs, derive
from watchfloor.desks.surveillance import events, serialisation, signals, track_rows
from watchfloor.desks.surveillance.events import fold
from watchfloor.desks.surveillance.events.line import Line, of_file
from watchfloor.desks.surveillance.events.points import UNKNOWN, Points, points
from watchfloor.desks.surveillance.evidence_index import Basis, Book
from watchfloor.desks.surveillance.naming import Names, capped
from watchfloor.desks.surveillance.observing import looked, observed
from watchfloor.desks.surveillance.serialisation import BYTES
from watchfloor.desks.surveillance.track_rows import TRACK
from watchfloor.desks.surveillance.tracking import Config, Tracker, Updates, geodetic
from watchfloor.desks.surveillance.tracking.reports import DUPLICATE, REASONS, TAKEN
from watchfloor.reference.surroundings import Surroundings, parse

# Reports that the tracker refused: how many of each sensor, why, and when the last one came.


KEPT: Final = 3_600_000_000
"""Microseconds of the clock of arrival for which a refusal is told of."""
MOST: Final = 1_000
"""Sensors, reasons and markings that are told apart; what more there is is counted for no sensor."""

REFUSED: Final = pa.schema(
    [
        *DERIVED,
        column("sensor", pa.string(), "whose reports", nullable=False),
        column("reason", pa.string(), "why", nullable=False),
        column("count", pa.int64(), "how many, while it went on", nullable=False),
        column("marking", pa.string(), "theirs", nullable=False),
    ]
)
"""A row for each sensor, reason and marking; `until` is the receipt of the last report."""


_NONE: Final = REFUSED.empty_table()


class Refusals:
    """Counts by sensor, marking and reason, each with when the last report was received."""

    def __init__(self, counts: Iterable[Any] = ()) -> None:
        self._counts = {tuple(key): (count, last) for key, count, last in counts}

    def note(self, rows: pa.Table, reasons: npt.NDArray[Any], arrived: npt.NDArray[Any]) -> None:
        """Count the rows of detections that were refused; a repeated one is no fault of its sensor's."""
        refused = np.flatnonzero((reasons != TAKEN) & (reasons != DUPLICATE))
        if not len(refused):
            return
        self._forget(int(arrived[-1]))
        told = rows.select(["sensor", "marking"]).take(pa.array(refused)).to_pylist()
        for row, at in zip(told, refused.tolist(), strict=True):
            key = row["sensor"] or "", row["marking"], REASONS[reasons[at]]
            if key not in self._counts and len(self._counts) >= MOST:
                key = "", *key[1:]
            count, _ = self._counts.get(key, (0, 0))
            self._counts[key] = count + 1, int(arrived[at])

    def _forget(self, now: int) -> None:
        self._counts = {key: told for key, told in self._counts.items() if told[1] > now - KEPT}

    def freeze(self) -> pa.Table:
        """Return all counts as a table."""
        told = [(key, *of) for key, of in sorted(self._counts.items())]
        return pa.table([[json.dumps(told).encode()]], schema=BYTES)

    @classmethod
    def thaw(cls, frozen: pa.Table) -> "Refusals":
        """Return the counts that `freeze` wrote."""
        return cls(json.loads(frozen["bytes"][0].as_py()))

    def rows(self, clock: int) -> pa.Table:
        """Return a row for each count of the last hour."""
        if not self._counts:  # it is asked many times a second
            return _NONE
        self._forget(clock)
        told = sorted(self._counts.items())
        instant = pa.timestamp("us", "UTC")
        last = pa.array([last for _, (_, last) in told], pa.int64()).cast(instant)
        return derive(
            REFUSED,
            row_id=[number.to_bytes(16, "big") for number in range(len(told))],
            at=pa.array([clock] * len(told), pa.int64()).cast(instant),
            until=last,
            sensor=[sensor for (sensor, _, _), _ in told],
            reason=[reason for (_, _, reason), _ in told],
            count=[count for _, (count, _) in told],
            marking=[marking for (_, marking, _), _ in told],
        )


Array = npt.NDArray[Any]

NAME: Final = track_rows.NAME

_US: Final = 1_000_000
BATCH: Final = 1 << 13
"""Rows that the tracker and the rules take at once: their updates are four times as many, and wide."""


@dataclass
class State:
    """Memory of the desk.

    Attributes:
        tracker: of all sensors.
        events: what the rules remember.
        book: what each track rests on.
        names: of sensors, identities and markings.
        basis: of the reports that the tracker has not taken yet, and of those of the last step.
        arrived: clock of arrival at each of these.
        own: whether each of these is the object's own report.
        clock: of arrival, microseconds since 1970.
        refusals: reports that the tracker refused.
    """

    tracker: Tracker
    events: fold.State
    book: Book = field(default_factory=Book)
    names: Names = field(default_factory=Names)
    basis: Basis = field(default_factory=lambda: _basis(0))
    arrived: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    own: Array = field(default_factory=lambda: np.zeros(0, np.bool_))
    clock: int = -(1 << 62)
    refusals: Refusals = field(default_factory=Refusals)


class Batch(NamedTuple):
    """Rows of detections and coverage in their order, and the clock of arrival at each."""

    rows: pa.Table
    arrived: Array


def begin(refs: Refs) -> State:
    """Before the first detection."""
    return State(Tracker(settings(refs["tracker"])), fold.begin(references(refs)))


def step(refs: Refs, state: State, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:
    """Take rows in the order of their arrival."""
    signal, track = [signals.NONE], [track_rows.NONE]
    for batch in _batches(state, rows):
        if batch.rows["kind"][0].as_py() == "weather":
            fold.weather(state.events, batch.rows)
            continue
        said, over = _taken(refs, state, batch)
        signal.append(said)
        track.append(over)
    left = state.book.over(round(watermark.timestamp() * _US))
    track.append(track_rows.rows(refs.key, left, state.names))
    followed = state.tracker.followed
    fold.release(state.events, followed)
    state.book.release(followed, partial(fold.named, state.events))
    return {"signal": _together(signal), "track": _together(track)}


def _together(parts: list[pa.Table]) -> pa.Table:
    """The rows of all; as they are where no more than one has any, since to join fifty columns takes long."""
    some = [part for part in parts if part.num_rows]
    return pa.concat_tables(some) if len(some) > 1 else (some or parts)[0]


def _batches(state: State, rows: pa.Table) -> Iterator[Batch]:
    """Stretches of weather, and of everything else; of none more than `BATCH`."""
    if not rows.num_rows:
        return
    received = rows["received_at"]
    if received.null_count:
        received = pc.coalesce(received, rows["observed_at"])
    received = received.cast(pa.int64()).to_numpy()
    arrived = np.maximum.accumulate(np.maximum(np.asarray(received, np.int64), state.clock))
    weather = pc.equal(rows["kind"], "weather").to_numpy()
    turns = (np.flatnonzero(weather[1:] != weather[:-1]) + 1).tolist()
    ends = sorted({*turns, *range(BATCH, rows.num_rows, BATCH), rows.num_rows})
    for start, end in pairwise([0, *ends]):
        part = rows if len(ends) == 1 else rows.slice(start, end - start)
        yield Batch(part, arrived[start:end])
        state.clock = int(arrived[end - 1])


def _taken(refs: Refs, state: State, batch: Batch) -> tuple[pa.Table, pa.Table]:
    """Signals, and legs that are over, of some detections."""
    rows, arrived = batch
    placed = looked(rows)
    if not placed.all():  # to copy fifty columns costs more than all that follows
        rows, arrived = rows.filter(pa.array(placed)), arrived[placed]
    reports = observed(rows, state.names)
    _remember(state, rows, reports.sensor, arrived)
    updates = state.tracker.update(reports)
    state.refusals.note(rows, updates.reasons, arrived)
    known = state.arrived[updates.known - state.basis.first]
    seen = np.flatnonzero((updates.report >= 0) | updates.ended)
    told = fold.fold_points(state.events, _points(state, updates, seen))
    asked = np.repeat([event.row for event in told], [len(event.tracks) for event in told])
    of = np.array([track for event in told for track in event.tracks], np.int64)
    posted = state.book.post(updates, known, state.basis, seen[asked.astype(np.int64)], of)
    said = signals.rows(refs.key, told, posted.captured, known[seen], state.names)
    over = track_rows.rows(refs.key, posted.legs, state.names)
    _forget(state)
    return said, over


def _points(state: State, updates: Updates, seen: Array) -> Points:
    """Return updates as the rules read them."""
    latitude, longitude, _ = geodetic(updates.place[seen])
    report = updates.report[seen]
    own = state.own[np.maximum(report - state.basis.first, 0)] if len(state.own) else np.zeros(0, np.bool_)
    klass = updates.klass[seen]
    return points(
        t=updates.t[seen],
        track=updates.track[seen],
        latitude=latitude,
        longitude=longitude,
        velocity=updates.velocity[seen],
        cov=updates.cov[seen],
        vcov=updates.vcov[seen],
        exists=updates.exists[seen],
        klass=np.where(klass < 0, UNKNOWN, klass),
        claimed=updates.claimed[seen],
        self_reported=own & (report >= 0),
        confirmed=updates.confirmed[seen],
        ended=updates.ended[seen],
        stationary=updates.stationary[seen],
        clock=updates.clock[seen],
    )


def _remember(state: State, rows: pa.Table, sensor: Array, arrived: Array) -> None:
    """Let the basis go on with some rows, by the numbers of their sensors; each is the next report of the
    tracker."""
    ids = rows["record_id"].combine_chunks()
    halves = np.frombuffer(ids.buffers()[1], np.uint64, 2 * len(ids), 16 * ids.offset).reshape(-1, 2)
    mark = capped(state.names.codes("mark", rows["marking"]))
    basis = state.basis
    state.basis = Basis(
        basis.first,
        np.concatenate([basis.record, halves]),
        np.concatenate([basis.marking, mark]),
        np.concatenate([basis.sensor, capped(sensor)]),
    )
    state.arrived = np.concatenate([state.arrived, arrived])
    state.own = np.concatenate([state.own, pc.is_valid(rows["claimed"]).to_numpy()])
    repeat = pc.greater(pc.fill_null(pc.list_value_length(rows["origins"]), 0), 0)
    if pc.any(repeat).as_py():
        repeats = rows.select(["record_id", "origins"]).filter(repeat)
        state.names.remember(repeats["record_id"].to_pylist(), repeats["origins"].to_pylist())


def _forget(state: State) -> None:
    """Drop what is known of reports that the tracker has taken."""
    gone = state.tracker.held - state.basis.first
    basis = state.basis
    state.basis = Basis(basis.first + gone, basis.record[gone:], basis.marking[gone:], basis.sensor[gone:])
    state.arrived, state.own = state.arrived[gone:], state.own[gone:]


def _basis(first: int) -> Basis:
    none = np.zeros(0, np.uint8)
    return Basis(first, np.zeros((0, 2), np.uint64), none, none)


@lru_cache(maxsize=4)
def settings(given: bytes) -> Config:
    """The tracker's settings from the text of their file; none: as they come."""
    return Config.from_settings(tomllib.loads(given.decode()) | {"axes": "earth", "tell_tentative": True})


@lru_cache(maxsize=2)
def _line(content: bytes) -> Line:
    return of_file(content)


@lru_cache(maxsize=2)
def _surroundings(content: bytes) -> Surroundings | None:
    return parse(content) if content else None


def references(refs: Refs) -> fold.References:
    """Return the references of the rules."""
    return events.references(_line(refs["border"]), _surroundings(refs["surroundings"]))


def freeze(state: State) -> pa.Table:
    """The state as named parts."""
    return joined(
        {
            "tracker": state.tracker.freeze(),
            "events": fold.freeze(state.events),
            "book": serialisation.of_book(state.book),
            "names": serialisation.of_names(state.names),
            "basis": serialisation.of_basis(state.basis, state.arrived, state.own, state.clock),
            "refusals": state.refusals.freeze(),
        }
    )


def thaw(refs: Refs, frozen: pa.Table) -> State:
    """The state back from `freeze`."""
    parts = parted(frozen)
    basis, arrived, own, clock = serialisation.basis(parts["basis"])
    return State(
        Tracker.thaw(settings(refs["tracker"]), parts["tracker"]),
        fold.thaw(references(refs), parts["events"]),
        serialisation.book(parts["book"]),
        serialisation.names(parts["names"]),
        basis,
        arrived,
        own,
        clock,
        Refusals.thaw(parts["refusals"]),
    )


DESK: Final = Desk(
    name=NAME,
    version="9",
    reads=("detection", "coverage", "weather"),
    yields={"signal": SIGNAL, "track": TRACK},
    begin=begin,
    step=step,
    freeze=freeze,
    thaw=thaw,
    uses=("border", "surroundings", "tracker"),
    order=ARRIVAL,
    picture=track_rows.now,
    live={"refused": REFUSED},
)
