"""State of each aircraft, and the places that follow from it.

A position report is half of a place: it needs a partner of the other parity that is at most ten seconds away
in the air, 50 on the ground (25 above 25 knots), or a place of the same aircraft that is at most five minutes
old (Doc 9871, C.2.6; DO-260B, A.1.7). Where both are there they must agree; where they disagree three times
in a row, the older place is given up. A report that cannot be placed is said to be so, and never guessed.

Each thing remembered has an age beyond which it counts for nothing; so it does not matter when it is removed.
"""

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kernels import kernel
from watchfloor.formats.sensors.adsb.cpr import near, quarter, together
from watchfloor.formats.sensors.log_times import NEVER
from watchfloor.formats.sensors.wires.lines import Ints

Floats = npt.NDArray[np.float64]

NOTHING, AIRBORNE, SURFACE, VELOCITY, ACCURACY, CATEGORY = range(6)
"""What a message tells of its aircraft."""

PLACED, NO_PARTNER, MISFIT, AMBIGUOUS, DOUBTFUL, CROWDED = range(1, 7)
"""What became of a position: placed; no partner and no place before; a pair across a limit of zones; a pair
on the ground without a reference; a pair that contradicts the place before; too many aircraft at once."""
UNRESOLVED: Final = {
    NO_PARTNER: "no partner within 10 s, or 50 s on the ground, and no place in the last 5 minutes",
    MISFIT: "the pair lies across a limit of zones",
    AMBIGUOUS: "a pair on the ground needs the receiver's place",
    DOUBTFUL: "the pair contradicts the place before",
    CROWDED: "too many aircraft at once",
}
"""Why a place is null, for `says`."""

SECOND: Final = 1_000_000
PAIR, PAIR_SURFACE, PAIR_FAST = 10 * SECOND, 50 * SECOND, 25 * SECOND
FAST: Final = 25.0
"""Knots."""
REFERENCE_AGE: Final = 300 * SECOND
VELOCITY_AGE: Final = 2 * SECOND
"""A velocity that is no older goes with a position."""
STATUS_AGE: Final = 60 * SECOND
"""The same of accuracy, and of the difference between GNSS height and pressure altitude."""
FORGET: Final = 600 * SECOND
AGREE: Final = 1e-6
"""Degrees by which a report's place of its pair and that of the place before may differ: they are the same to
rounding, or zones apart."""
STRIKES: Final = 3
PAUSE: Final = 4_096
"""Messages of aircraft that find no room before it is tried to make some again."""
MOST: Final = 1 << 16
"""Slots of the table; it is kept half empty."""

KEYS: Final = pa.field("address", pa.int64(), nullable=False)
TIMES: Final = ("heard", "even", "odd", "place", "velocity", "difference", "accuracy", "category")
VALUES: Final = (
    *(
        "even_y",
        "even_x",
        "even_surface",
        "odd_y",
        "odd_x",
        "odd_surface",
        "latitude",
        "longitude",
        "strikes",
    ),
    *("speed", "course", "climb", "geometric", "nac", "emitter"),
)
_HEARD, _EVEN, _ODD, _PLACE, _SPEED_AT, _DIFFERENCE_AT, _NAC_AT, _EMITTER_AT = range(8)
_Y, _X, _ON_SURFACE, _LATITUDE, _LONGITUDE, _STRIKES = 0, 1, 2, 6, 7, 8
_SPEED, _COURSE, _CLIMB, _GEOMETRIC, _NAC, _EMITTER = 9, 10, 11, 12, 13, 14

LATITUDE, LONGITUDE, SPEED, COURSE, CLIMB, AGE, GEOMETRIC, NAC, EMITTER = range(9)
"""Rows of what `follow` gives: the place; knots, degrees, feet a minute and seconds of age of the velocity
that goes with it; feet of GNSS height above pressure altitude; NACp; emitter category. NaN is none."""
TOLD: Final = 9
SCHEMA: Final = pa.schema(
    [
        KEYS,
        *(pa.field(f"{name}_at", pa.int64(), nullable=False) for name in TIMES),
        *(pa.field(name, pa.float64(), nullable=False) for name in VALUES),
    ]
)


def _empty(slots: int) -> tuple[Ints, Ints, Floats]:
    times = np.full((slots, len(TIMES)), NEVER)
    return np.full(slots, -1), times, np.full((slots, len(VALUES)), np.nan)


@dataclass(slots=True)
class Traffic:
    """Aircraft by address in an open hash table, half of it empty at least.

    Attributes:
        keys: address of each slot, -1 for an empty one.
        times: when each thing of `TIMES` was last told, microseconds since 1970, or `NEVER`.
        values: what was told, by `VALUES`.
        used: slots that are filled.
        closed: so many messages of further aircraft are left out, since the table was full.
    """

    keys: Ints = field(default_factory=lambda: _empty(256)[0])
    times: Ints = field(default_factory=lambda: _empty(256)[1])
    values: Floats = field(default_factory=lambda: _empty(256)[2])
    used: int = 0
    closed: int = 0

    def freeze(self) -> pa.Table:
        """As a table of `SCHEMA`, one row an aircraft, in the order of addresses."""
        at = np.flatnonzero(self.keys >= 0)
        at = at[np.argsort(self.keys[at])]
        columns = [self.keys[at], *self.times[at].T, *self.values[at].T]
        arrays = [pa.array(np.ascontiguousarray(column)) for column in columns]
        return pa.table(arrays, schema=SCHEMA)

    @classmethod
    def thaw(cls, table: pa.Table, closed: int = 0) -> "Traffic":
        """Back from a table. Raises `ValueError` where it is none."""
        if not table.schema.equals(SCHEMA):
            raise ValueError("is no table of aircraft")
        columns = [np.ascontiguousarray(column.to_numpy()) for column in table.columns]
        slots = 256
        while slots < 2 * table.num_rows + 2:
            slots *= 2
        keys, times, values = _empty(slots)
        split = 1 + len(TIMES)
        held = np.column_stack(columns[1:split]), np.column_stack(columns[split:])
        _move(columns[0].astype(np.int64), *held, keys, times, values, NEVER)
        return cls(keys, times, values, table.num_rows, closed)

    def make_room(self, now: int) -> None:
        """Double the table; where it is as large as it may be, forget who is silent, or close it a while."""
        slots = len(self.keys)
        grown = slots < MOST
        keys, times, values = _empty(2 * slots if grown else slots)
        kept = int(_move(self.keys, self.times, self.values, keys, times, values, NEVER if grown else now))
        self.keys, self.times, self.values, self.used = keys, times, values, kept
        if 2 * kept + 2 > len(keys):
            self.closed = PAUSE


class Telling(NamedTuple):
    """Fields of messages for the table of aircraft.

    Attributes:
        address: whose.
        kind: what it tells.
        odd: of a position, whether it is of the odd sort.
        latitude: of a position, 17 bits.
        longitude: of a position, 17 bits.
        speed: knots; as the following, of a velocity, and of a surface position. NaN is none.
        course: degrees.
        climb: feet a minute.
        geometric: feet of GNSS height above pressure altitude.
        nac_p: accuracy category of positions.
        emitter: emitter category.
    """

    address: Ints
    kind: npt.NDArray[np.uint8]
    odd: npt.NDArray[np.int16]
    latitude: Ints
    longitude: Ints
    speed: Floats
    course: Floats
    climb: Floats
    geometric: Floats
    nac_p: npt.NDArray[np.int16]
    emitter: npt.NDArray[np.int16]


def follow(
    traffic: Traffic, told: Telling, time: Ints, receiver: tuple[float, float] | None
) -> tuple[Floats, npt.NDArray[np.uint8]]:
    """Places of position reports, and what goes with them from earlier messages.

    Args:
        traffic: what is remembered; it is brought up to date.
        told: what the messages tell.
        time: when each was, microseconds since 1970.
        receiver: latitude and longitude of the receiver, where they are known.

    Returns:
        Rows by `LATITUDE` and so on, and of each position what became of it.
    """
    given = np.empty((TOLD, len(time)))
    how = np.zeros(len(time), np.uint8)
    at = np.array(receiver or (np.nan, np.nan))
    start = 0
    while start < len(time):
        follow: Any = _follow  # what stubs of numba make of a star is no signature
        start, traffic.used, traffic.closed = follow(
            *(traffic.keys, traffic.times, traffic.values, traffic.used, traffic.closed),
            *(told, time, at, start, given, how),
        )
        if start < len(time):
            traffic.make_room(int(time[start]))
    return given, how


@kernel
def _follow(
    keys: Ints,
    times: Ints,
    values: Floats,
    used: int,
    closed: int,
    told: Telling,
    time: Ints,
    receiver: Floats,
    start: int,
    given: Floats,
    how: Any,
) -> Any:
    """From message `start` on; gives the message for which room is to be made, or their number."""
    for i in range(start, time.shape[0]):
        for r in range(TOLD):
            given[r, i] = np.nan
        key, kind, now = told.address[i], told.kind[i], time[i]
        slot = _slot(keys, key)
        if keys[slot] != key:
            if closed:
                closed -= 1
                how[i] = CROWDED if kind in (AIRBORNE, SURFACE) else 0
                continue
            if 2 * used + 2 > keys.shape[0]:
                return i, used, closed
            keys[slot] = key
            used += 1
        if not _recent(times, slot, _HEARD, now, FORGET):
            for c in range(times.shape[1]):
                times[slot, c] = NEVER
        times[slot, _HEARD] = now
        if kind in (AIRBORNE, SURFACE):
            odd: Any = np.int64(told.odd[i])
            how[i] = _position(
                times, values, slot, now, kind == SURFACE, odd, told.latitude[i],
                told.longitude[i], told.speed[i], receiver, given, i,
            )  # fmt: skip
        elif kind == VELOCITY:
            if not np.isnan(told.speed[i]):
                times[slot, _SPEED_AT] = now
                values[slot, _SPEED], values[slot, _COURSE] = told.speed[i], told.course[i]
                values[slot, _CLIMB] = told.climb[i]
            if not np.isnan(told.geometric[i]):
                times[slot, _DIFFERENCE_AT], values[slot, _GEOMETRIC] = now, told.geometric[i]
        elif kind == ACCURACY:
            times[slot, _NAC_AT], values[slot, _NAC] = now, told.nac_p[i]
        elif kind == CATEGORY:
            times[slot, _EMITTER_AT], values[slot, _EMITTER] = now, told.emitter[i]
        if _recent(times, slot, _NAC_AT, now, STATUS_AGE):
            given[NAC, i] = values[slot, _NAC]
        if _recent(times, slot, _EMITTER_AT, now, FORGET):
            given[EMITTER, i] = values[slot, _EMITTER]
    return time.shape[0], used, closed


@kernel(inline="always")
def _slot(keys: Ints, key: int) -> Any:
    """The slot of a key, or the empty one where it would stand."""
    mask = keys.shape[0] - 1
    slot = (key * 2_654_435_761 >> 7) & mask
    while keys[slot] != key and keys[slot] != -1:
        slot = (slot + 1) & mask
    return slot


@kernel(inline="always")
def _recent(times: Ints, slot: int, column: int, now: int, age: int) -> Any:
    then = times[slot, column]
    return then != NEVER and abs(now - then) <= age


@kernel(inline="always")
def _position(
    times: Ints,
    values: Floats,
    slot: int,
    now: int,
    surface: bool,
    odd: int,
    y: int,
    x: int,
    speed: float,
    at: Floats,
    given: Floats,
    i: int,
) -> Any:
    """Place report *i*: fills in what is given with it, and gives what became of it."""
    mine, other = (_ODD, _EVEN) if odd else (_EVEN, _ODD)
    times[slot, mine] = now
    values[slot, 3 * odd + _Y], values[slot, 3 * odd + _X] = y, x
    values[slot, 3 * odd + _ON_SURFACE] = surface
    if _recent(times, slot, _SPEED_AT, now, VELOCITY_AGE):
        given[SPEED, i], given[COURSE, i] = values[slot, _SPEED], values[slot, _COURSE]
        given[CLIMB, i] = values[slot, _CLIMB]
        given[AGE, i] = (now - times[slot, _SPEED_AT]) / SECOND
    if _recent(times, slot, _DIFFERENCE_AT, now, STATUS_AGE):
        given[GEOMETRIC, i] = values[slot, _GEOMETRIC]
    how, latitude, longitude = NO_PARTNER, np.nan, np.nan
    known = _recent(times, slot, _PLACE, now, REFERENCE_AGE)
    before, east = values[slot, _LATITUDE], values[slot, _LONGITUDE]
    window = PAIR if not surface else PAIR_FAST if speed > FAST else PAIR_SURFACE
    if _recent(times, slot, other, now, window) and values[slot, 3 * (1 - odd) + _ON_SURFACE] == surface:
        how, latitude, longitude = _pair(values, slot, odd, surface, known, at)
    if known:
        alone, alone_east = near(y, x, odd, surface, before, east)
        apart = max(abs(latitude - alone), abs((longitude - alone_east + 180) % 360 - 180))
        if how == PLACED and not apart <= AGREE:
            return _contradict(times, values, slot)
        if not np.isnan(alone):
            how, latitude, longitude = PLACED, alone, alone_east
    if how == PLACED:
        times[slot, _PLACE], values[slot, _STRIKES] = now, 0
        values[slot, _LATITUDE], values[slot, _LONGITUDE] = latitude, longitude
        given[LATITUDE, i], given[LONGITUDE, i] = latitude, longitude
    return how


@kernel(inline="always")
def _pair(values: Floats, slot: int, odd: int, surface: bool, known: bool, at: Any) -> Any:
    """The place of the pair that is remembered."""
    north = values[slot, _LATITUDE] if known else at[0]
    if surface and np.isnan(north):
        return AMBIGUOUS, np.nan, np.nan
    latitude, longitude = together(
        values[slot, _Y], values[slot, _X], values[slot, 3 + _Y], values[slot, 3 + _X], odd, surface, north
    )
    if np.isnan(latitude):
        return MISFIT, latitude, longitude
    if surface:
        longitude = quarter(longitude, values[slot, _LONGITUDE] if known else at[1])
    return PLACED, latitude, longitude


@kernel(inline="always")
def _contradict(times: Ints, values: Floats, slot: int) -> Any:
    """Count a contradiction; the place before is given up at the third in a row."""
    values[slot, _STRIKES] += 1
    if values[slot, _STRIKES] >= STRIKES:
        times[slot, _PLACE], values[slot, _STRIKES] = NEVER, 0
    return DOUBTFUL


@kernel
def _move(
    keys: Ints, times: Ints, values: Floats, to_keys: Ints, to_times: Ints, to_values: Floats, now: int
) -> Any:
    """Put aircraft into another table, without those who are long silent; gives how many are left."""
    kept = 0
    for i in range(keys.shape[0]):
        if keys[i] < 0 or (now != NEVER and not _recent(times, i, _HEARD, now, FORGET)):
            continue
        slot = _slot(to_keys, keys[i])
        to_keys[slot] = keys[i]
        for c in range(times.shape[1]):
            to_times[slot, c] = times[i, c]
        for c in range(values.shape[1]):
            to_values[slot, c] = values[i, c]
        kept += 1
    return kept
