"""Evidence index of tracks: their last records, how many there were, markings and sensors; and their legs.

A leg is what a track did within half a minute of the clock of arrival: one derived row, told when the leg is
over. So the map of any past moment can be drawn, and a day of a track is some thousand rows and not millions.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kernels import kernel
from watchfloor.core.kinds import RECORD_ID
from watchfloor.desks.surveillance.events.keyed import Keyed

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

LEG: Final = 30_000_000
"""Microseconds of a leg."""
CITED: Final = 8
"""Records that a row cites: the last ones. How many there were in all is said beside."""
CODES: Final = 64
"""Markings, and sensors, that are told apart; those that come later share the last number."""

ENTRY: Final = np.dtype(
    [
        ("id", "<i8"),  # number of the track
        ("leg", "<i8"),  # that is not told yet; -1 for none
        ("since", "<f8"),  # time of its first report in the leg, seconds
        ("t", "<f8"),
        ("place", "<f8", 3),
        ("velocity", "<f8", 2),
        ("cov", "<f8", 3),
        ("altitude", "<f8"),
        ("exists", "<f8"),
        ("klass", "i1"),
        ("claimed", "<i4"),
        ("shown", "?"),  # confirmed at its last report of the leg
        ("ended", "?"),
        ("stationary", "?"),
        ("reports", "<i8"),  # taken over its life
        ("markings", "<u8"),  # a bit each
        ("sensors", "<u8"),
        ("recent", "<u8", (CITED, 2)),  # halves of record ids, a ring
    ]
)
"""What is kept of one track."""


class Basis(NamedTuple):
    """Reports by number from `first` on: halves of their record ids, codes of marking and sensor."""

    first: int
    record: Array
    marking: Array
    sensor: Array


class Posted(NamedTuple):
    """Result of posting: entries of legs that are over, and of tracks as they were at the rows asked for."""

    legs: Array
    captured: Array


class Book:
    """The entries of all tracks, by their numbers.

    Attributes:
        entries: by track.
        scan: numbers of the last report that the last update knew of, and of the first report of its scan; a
            scan may come in two batches.
    """

    def __init__(self, entries: Array | None = None, scan: Array | None = None) -> None:
        self.entries = Keyed(np.zeros(0, ENTRY) if entries is None else entries)
        self.scan = np.full(2, -1, np.int64) if scan is None else scan

    def post(self, updates: Any, clock: Array, basis: Basis, asked: Array, of: Array) -> Posted:
        """Take updates in their order.

        Args:
            updates: `tracking.Updates`.
            clock: clock of arrival at which each row became known, microseconds since 1970, not falling.
            basis: the reports that the updates name.
            asked: numbers of updates after which an entry is wanted, not falling.
            of: the track that is wanted then.
        """
        places = self.entries.places(updates.track)
        wanted = self.entries.places(of)
        _begin(self.entries.live)
        scan = self.scan - basis.first
        legs, captured = _post(
            self.entries.rows,
            places,
            *(updates.t, clock // LEG, updates.place, updates.velocity, updates.cov, updates.altitude),
            *(updates.exists, updates.klass, updates.claimed, updates.confirmed, updates.ended),
            updates.stationary,
            *(updates.report - basis.first, updates.known - basis.first),
            *(basis.record, basis.marking, basis.sensor),
            *(asked, wanted, scan),
        )
        self.scan = scan + basis.first
        return Posted(legs, captured)

    def over(self, watermark: int) -> Array:
        """Entries of the legs that ended by a moment and were not told."""
        live = self.entries.live
        due = (live["leg"] >= 0) & ((live["leg"] + 1) * LEG <= watermark)
        told: Array = live[due & live["shown"]].copy()
        live["leg"][due] = -1
        return told

    def release(self, followed: Array, named: Callable[[], Array]) -> None:
        """Drop what nobody asks for any more, once it is half of what there is.

        Args:
            followed: numbers of the tracks of which updates may come.
            named: gives numbers of others that an event may name.
        """
        live = self.entries.live
        if len(live) <= 2 * len(followed):
            return
        gone = (live["leg"] < 0) & ~np.isin(live["id"], np.concatenate([followed, named()]))
        if 2 * gone.sum() > len(live):
            self.entries.keep(~gone)


@kernel
def _begin(rows: Array) -> None:
    """New rows are zeros: they have no leg."""
    for i in range(len(rows)):
        if rows[i].reports == 0 and rows[i].t == 0.0:
            rows[i].leg = -1


@kernel
def _post(
    rows: Array,
    places: Array,
    t: Array,
    leg: Array,
    place: Array,
    velocity: Array,
    cov: Array,
    altitude: Array,
    exists: Array,
    klass: Array,
    claimed: Array,
    confirmed: Array,
    ended: Array,
    stationary: Array,
    report: Array,
    known: Array,
    record: Array,
    marking: Array,
    sensor: Array,
    asked: Array,
    wanted: Array,
    scan: Array,
) -> Any:
    legs = np.zeros(len(t), rows.dtype)
    captured = np.zeros(len(asked), rows.dtype)
    told = 0
    capture = 0
    for i in range(len(t)):
        if known[i] != scan[0]:
            scan[0], scan[1] = known[i], scan[0]
        begun = max(scan[1], 0)  # a report before this scan is told again, and counts no more
        one = rows[places[i]]
        if one.leg >= 0 and leg[i] > one.leg:
            if one.shown:
                legs[told] = one
                told += 1
            one.leg = -1
        if one.leg < 0:
            one.leg, one.since, one.shown = leg[i], t[i], False
        if t[i] >= one.t or ended[i]:  # what came late tells of the past and moves nothing
            one.t, one.altitude, one.exists = t[i], altitude[i], exists[i]
            one.klass, one.claimed = klass[i], claimed[i]
            for k in range(3):
                one.place[k], one.cov[k] = place[i, k], cov[i, k]
            one.velocity[0], one.velocity[1] = velocity[i, 0], velocity[i, 1]
            one.shown, one.ended, one.stationary = confirmed[i], ended[i], stationary[i]
        n = report[i]
        if n >= begun:
            at = one.reports % CITED
            one.recent[at, 0], one.recent[at, 1] = record[n, 0], record[n, 1]
            one.reports += 1
            one.markings |= np.uint64(1) << np.uint64(marking[n])
            one.sensors |= np.uint64(1) << np.uint64(sensor[n])
        while capture < len(asked) and asked[capture] == i:
            captured[capture] = rows[wanted[capture]]
            capture += 1
    return legs[:told], captured


def cited(entries: Array) -> pa.ListArray:
    """Return the last records of each entry, oldest first."""
    reports = entries["reports"]
    count = np.minimum(reports, CITED)
    turn = (np.where(reports < CITED, 0, reports)[:, None] + np.arange(CITED)) % CITED
    ring = np.take_along_axis(entries["recent"], turn[:, :, None], 1)
    halves = ring[np.arange(CITED) < count[:, None]]
    records = pa.FixedSizeBinaryArray.from_buffers(RECORD_ID, len(halves), [None, pa.py_buffer(halves)])
    return pa.ListArray.from_arrays(pa.array(np.append(0, np.cumsum(count)), pa.int32()), records)


def bits(mask: int) -> list[int]:
    """The numbers of the bits that are set."""
    return [number for number in range(CODES) if mask >> number & 1]
