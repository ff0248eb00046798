"""Extended squitters to columns: what each message says, and the places that follow from several.

The fields are those of ICAO Doc 9871, appendices A to C (ADS-B versions 0 to 2): positions in the air (types
9 to 18, 20 to 22) and on the ground (5 to 8), velocity (19), call sign and category (1 to 4), emergency (28),
accuracy (29, 31). Of other types the address is read.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.formats.sensors.adsb.mode_s import Frames
from watchfloor.formats.sensors.adsb.tables import ALTITUDE, LETTERS, MOVEMENT
from watchfloor.formats.sensors.adsb.traffic import (
    ACCURACY,
    AIRBORNE,
    CATEGORY,
    LATITUDE,
    LONGITUDE,
    NOTHING,
    SURFACE,
    VELOCITY,
    Floats,
    Telling,
    Traffic,
    follow,
)
from watchfloor.formats.sensors.wires.arrow_columns import moments, numbers, texts
from watchfloor.formats.sensors.wires.lines import Ints

Mask = npt.NDArray[np.bool_]
Small = npt.NDArray[np.int16]

_KINDS: Final = np.zeros(33, np.uint8)
for _first, _end, _kind in ((1, 5, CATEGORY), (5, 9, SURFACE), (9, 19, AIRBORNE), (20, 23, AIRBORNE)):
    _KINDS[_first:_end] = _kind
_KINDS[19], _KINDS[29], _KINDS[31] = VELOCITY, ACCURACY, ACCURACY

OTHER_ADDRESS: Final = 1 << 24
"""Added to an address that no state has given to an aircraft: of DF 18 with control field 1 or 5."""
UNREADABLE: Final = (3, 4, 7)
"""Control fields of DF 18 whose messages have another form: coarse TIS-B, its management, reserved."""


@dataclass(frozen=True, slots=True)
class MessageFields:
    """Fields of each message by itself. Floats are NaN, integers -1 where it does not state them.

    Attributes:
        format: downlink format, 17 or 18.
        control: capability of DF 17, control field of DF 18.
        address: 24 bits; `OTHER_ADDRESS` is added to one that is none of an aircraft's.
        type: type code; -1 where the message has another form.
        subtype: the three bits behind it.
        kind: what that tells of its aircraft, by `adsb_traffic`.
        odd: whether a position is of the odd sort.
        latitude: of a position, 17 bits; without meaning elsewhere, as longitude is.
        longitude: of a position, 17 bits.
        altitude: feet; GNSS height above the ellipsoid for types 20 to 22, else pressure altitude.
        speed: knots over ground.
        course: degrees over ground, of a surface position the track it states.
        climb: feet a minute, positive upward.
        climb_by_gnss: whether that is GNSS's; else it is the pressure's.
        airspeed: knots.
        true_airspeed: whether that is true; else it is indicated.
        heading: degrees from magnetic north, from velocity messages of airspeed.
        geometric: feet that GNSS height is above pressure altitude.
        nac_v: accuracy category of a velocity.
        nac_p: accuracy category of positions.
        version: of ADS-B.
        emitter: category: 0xA0 to 0xD7.
        callsign: eight ASCII characters, of which `#` is none; zeros where none is told.
        emergency: state; of a position 8 where an emergency code is set.
        squawk: four octal digits as a decimal number.
    """

    format: Small
    control: Small
    address: Ints
    type: Small
    subtype: Small
    kind: npt.NDArray[np.uint8]
    odd: Small
    latitude: Ints
    longitude: Ints
    altitude: Floats
    speed: Floats
    course: Floats
    climb: Floats
    climb_by_gnss: Mask
    airspeed: Floats
    true_airspeed: Mask
    heading: Floats
    geometric: Floats
    nac_v: Small
    nac_p: Small
    version: Small
    emitter: Small
    callsign: npt.NDArray[np.uint8]
    emergency: Small
    squawk: Small


ALERT: Final = 8
"""In `Said.emergency`: a position whose surveillance status is a permanent alert."""


def message_fields(frames: Frames) -> MessageFields:
    """Decode the fields of each message."""
    head, body = frames.head, frames.body
    count = len(head)
    format_, control, address = (
        (head >> 27).astype(np.int16),
        ((head >> 24) & 7).astype(np.int16),
        head & 0xFFFFFF,
    )
    type_ = (body >> 51).astype(np.int16)
    if (format_ == 18).any():
        type_[(format_ == 18) & np.isin(control, UNREADABLE)] = -1
        address += OTHER_ADDRESS * ((format_ == 18) & ((control == 1) | (control == 5)))
    floats, codes = np.full((7, count), np.nan), np.full((7, count), -1, np.int16)
    told = MessageFields(
        *(format_, control, address, type_, ((body >> 48) & 7).astype(np.int16), _KINDS[type_], codes[0]),
        *((body >> 17) & 0x1FFFF, body & 0x1FFFF),
        *(floats[0], floats[1], floats[2], floats[3]),
        climb_by_gnss=np.zeros(count, np.bool_),
        airspeed=floats[4],
        true_airspeed=np.zeros(count, np.bool_),
        heading=floats[5],
        geometric=floats[6],
        **dict(zip(("nac_v", "nac_p", "version", "emitter", "emergency", "squawk"), codes[1:], strict=True)),
        callsign=np.zeros((count, 8), np.uint8),
    )
    _positions(told, body)
    _velocities(told, body)
    _identities(told, body)
    _states(told, body)
    told.kind[(told.kind == ACCURACY) & (told.nac_p < 0)] = NOTHING
    return told


def _positions(told: MessageFields, body: Ints) -> None:
    at = np.flatnonzero(told.kind == AIRBORNE)
    me = body[at]
    told.odd[at] = (me >> 34) & 1
    told.altitude[at] = ALTITUDE[(me >> 36) & 0xFFF]
    told.emergency[at] = np.where((me >> 49) & 3 == 1, ALERT, -1)
    at = np.flatnonzero(told.kind == SURFACE)
    me = body[at]
    told.odd[at] = (me >> 34) & 1
    told.speed[at] = MOVEMENT[(me >> 44) & 0x7F]
    told.course[at] = np.where((me >> 43) & 1, ((me >> 36) & 0x7F) * (360 / 128), np.nan)


def _velocities(told: MessageFields, body: Ints) -> None:
    at = np.flatnonzero((told.type == 19) & (told.subtype >= 1) & (told.subtype <= 4))
    me, subtype = body[at], told.subtype[at]
    told.nac_v[at] = (me >> 43) & 7
    rate, difference = (me >> 10) & 0x1FF, me & 0x7F
    told.climb[at] = np.where(rate > 0, (rate - 1) * 64.0 * _sign(me, 19), np.nan)
    told.climb_by_gnss[at] = (me >> 20) & 1 == 0
    told.geometric[at] = np.where(
        (difference > 0) & (difference < 127), (difference - 1) * 25.0 * _sign(me, 7), np.nan
    )
    first, second = (me >> 32) & 0x3FF, (me >> 21) & 0x3FF
    times = np.where(subtype % 2 == 0, 4.0, 1.0)  # the supersonic forms
    ground = (subtype <= 2) & (first > 0) & (second > 0)
    east, north = (first - 1) * times * _sign(me, 42), (second - 1) * times * _sign(me, 31)
    told.speed[at] = np.where(ground, np.sqrt(east * east + north * north), np.nan)
    course = np.degrees(np.arctan2(east, north))
    told.course[at] = np.where(ground & ((east != 0) | (north != 0)), course + 360.0 * (course < 0), np.nan)
    air = subtype >= 3
    told.airspeed[at] = np.where(air & (second > 0), (second - 1) * times, np.nan)
    told.true_airspeed[at] = air & ((me >> 31) & 1 == 1)
    told.heading[at] = np.where(air & ((me >> 42) & 1 == 1), first * (360 / 1024), np.nan)


def _sign(bits: Ints, at: int) -> Floats:
    """-1 where the bit is set."""
    return np.asarray(1.0 - 2.0 * ((bits >> at) & 1), np.float64)


def _identities(told: MessageFields, body: Ints) -> None:
    at = np.flatnonzero((told.type >= 1) & (told.type <= 4))
    me = body[at]
    told.emitter[at] = ((0xE - told.type[at]) << 4) | told.subtype[at]
    letters = (me[:, None] >> np.arange(42, -6, -6)) & 63
    told.callsign[at] = LETTERS[letters]


def _states(told: MessageFields, body: Ints) -> None:
    """Emergencies, target states and operational states."""
    at = np.flatnonzero((told.type == 28) & (told.subtype == 1))
    me = body[at]
    told.emergency[at], told.squawk[at] = (me >> 45) & 7, _squawk((me >> 32) & 0x1FFF)
    at = np.flatnonzero((told.type == 31) & (told.subtype <= 1))
    me = body[at]
    told.version[at] = (me >> 13) & 7
    told.nac_p[at] = np.where(told.version[at] > 0, (me >> 8) & 15, -1)
    at = np.flatnonzero((told.type == 29) & (told.subtype >> 1 <= 1))
    told.nac_p[at] = (body[at] >> 13) & 15


def _squawk(code: Ints) -> Ints:
    """Four octal digits, as a decimal number, of `C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4`."""
    digits = []
    for four, two, one in ((7, 9, 11), (1, 3, 5), (8, 10, 12), (0, 2, 4)):
        digits.append(((code >> four) & 1) * 4 + ((code >> two) & 1) * 2 + ((code >> one) & 1))
    return np.asarray(digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3])


@dataclass(frozen=True, slots=True)
class Decoded:
    """Messages with what others say of the same aircraft.

    Attributes:
        said: what each says by itself.
        time: when it was, microseconds since 1970.
        given: rows by `adsb_traffic`: its place, and what goes with that.
        how: of a position what became of it, by `adsb_traffic`.
    """

    said: MessageFields
    time: Ints
    given: Floats
    how: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.time)


def decode(
    frames: Frames, time: Ints, traffic: Traffic, receiver: tuple[float, float] | None = None
) -> Decoded:
    """Decode messages, each of which has a time.

    Args:
        frames: the messages.
        time: when each was, microseconds since 1970.
        traffic: what is remembered of aircraft; it is brought up to date.
        receiver: latitude and longitude of the receiver, for aircraft that are only heard on the ground.
    """
    told = message_fields(frames)
    return Decoded(told, time, *follow(traffic, _telling(told), time, receiver))


def _telling(told: MessageFields) -> Telling:
    """Return the fields for the table of aircraft."""
    return Telling(
        *(told.address, told.kind, told.odd, told.latitude, told.longitude),
        *(told.speed, told.course, told.climb, told.geometric, told.nac_p, told.emitter),  # type: ignore[arg-type]
    )


def columns(decoded: Decoded) -> pa.Table:
    """The messages as a table, one row each: places in degrees, the rest in the units of `Said`."""
    told, given = decoded.said, decoded.given
    floats = {"latitude": given[LATITUDE], "longitude": given[LONGITUDE]}
    floats |= {name: getattr(told, name) for name in _FLOATS}
    return pa.table(
        {
            "time": moments(decoded.time),
            "address": pa.array(told.address),
            "type": pa.array(told.type),
            "resolved": pa.array(decoded.how),
            **{name: numbers(values, ~np.isnan(values)) for name, values in floats.items()},
            **{name: numbers(getattr(told, name), getattr(told, name) >= 0) for name in _CODES},
            "callsign": texts(told.callsign),
        }
    )


_FLOATS: Final = ("altitude", "speed", "course", "climb", "airspeed", "heading", "geometric")
_CODES: Final = ("nac_v", "nac_p", "version", "emitter", "emergency", "squawk")
