"""Where the fields of AIS messages stand: the tables of ITU-R M.1371-5, annex 8, section 3, as data.

What many messages say is a column of `NEAR`, what few say one of `FAR` or a text of `TEXTS`. A message that
is not in the tables (binary, safety, assignment, interrogation) still gives its type and its sender.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

NEAR: Final = (
    "mmsi",
    "repeat",
    "status",
    "turn",
    "speed",
    "accuracy",
    "longitude",
    "latitude",
    "course",
    "heading",
    "second",
    "maneuver",
    "raim",
    "flags",
    "radio",
)
"""Numbers of position reports, each with one unit whatever the message: see `SCALES`."""

FAR: Final = (
    *("year", "month", "day", "hour", "minute"),
    *("imo", "ship_type", "bow", "stern", "port", "starboard", "epfd", "draught", "dte", "version"),
    *("part", "model", "serial", "mothership"),
    *("aid", "off_position", "virtual", "assigned", "altitude", "barometric", "latency"),
)
"""Numbers of static reports, base stations, aids to navigation and aircraft."""

TEXTS: Final = {"name": 20, "callsign": 7, "destination": 20, "vendor": 3, "extension": 14}
"""Texts and their characters."""

SCALES: Final = {
    "longitude": 600_000.0,
    "latitude": 600_000.0,
    "speed": 10.0,
    "course": 10.0,
    "draught": 10.0,
}
"""How many of a column's integers make one: degree, knot or metre. Others are as they are."""

STATIC_B, STATIC_B_AUXILIARY, OTHERS = 28, 29, 0
"""Places in the tables of what is no message type: type 24 part B, B of a craft with a parent, all others."""


class Field(NamedTuple):
    """A field of one message: its column, first bit, width in bits and range.

    A value outside `low`..`high` is none: not available, or not to be used. `times` brings it to the column's
    unit. A text has `width` characters of six bits.
    """

    column: str
    start: int
    width: int
    low: int = 0
    high: int = 1 << 30
    signed: bool = False
    times: int = 1


def _mark(column: str, start: int) -> Field:
    return Field(column, start, 1)


def _place(start: int, *, signed_widths: tuple[int, int] = (28, 27), times: int = 1) -> tuple[Field, Field]:
    """Longitude, then latitude; 181 and 91 degrees are 'not available', and so is all beyond 180 and 90."""
    east, north = signed_widths
    most = 108_000_000 // times
    return (
        Field("longitude", start, east, -most, most, signed=True, times=times),
        Field("latitude", start + east, north, -most // 2, most // 2, signed=True, times=times),
    )


def _craft(start: int) -> tuple[Field, ...]:
    """Distances from the reference point to bow, stern, port and starboard, metres."""
    return (
        Field("bow", start, 9),
        Field("stern", start + 9, 9),
        Field("port", start + 18, 6),
        Field("starboard", start + 24, 6),
    )


def _speed(start: int) -> Field:
    return Field("speed", start, 10, high=1022)


def _course(start: int) -> Field:
    return Field("course", start, 12, high=3599)


_SENDER: Final = (Field("repeat", 6, 2), Field("mmsi", 8, 30))

_CLASS_A: Final = (
    *_SENDER,
    Field("status", 38, 4),
    Field("turn", 42, 8, -127, 127, signed=True),
    _speed(50),
    _mark("accuracy", 60),
    *_place(61),
    _course(116),
    Field("heading", 128, 9, high=359),
    Field("second", 137, 6),
    Field("maneuver", 143, 2),
    _mark("raim", 148),
    Field("radio", 149, 19),
)
_BASE: Final = (
    *_SENDER,
    Field("year", 38, 14, 1, 9999),
    Field("month", 52, 4, 1, 12),
    Field("day", 56, 5, 1, 31),
    Field("hour", 61, 5, high=23),
    Field("minute", 66, 6, high=59),
    Field("second", 72, 6),
    _mark("accuracy", 78),
    *_place(79),
    Field("epfd", 134, 4),
    _mark("raim", 148),
    Field("radio", 149, 19),
)
_CLASS_B: Final = (
    *_SENDER,
    _speed(46),
    _mark("accuracy", 56),
    *_place(57),
    _course(112),
    Field("heading", 124, 9, high=359),
    Field("second", 133, 6),
)
_STATIC_B: Final = (
    *_SENDER,
    Field("part", 38, 2),
    Field("ship_type", 40, 8, 1, 255),
    Field("vendor", 48, 3),
    Field("model", 66, 4),
    Field("serial", 70, 20),
    Field("callsign", 90, 7),
)

TABLES: Final[Mapping[int, tuple[Field, ...]]] = {
    OTHERS: _SENDER,
    1: _CLASS_A,
    2: _CLASS_A,
    3: _CLASS_A,
    4: _BASE,
    11: _BASE,
    5: (
        *_SENDER,
        Field("version", 38, 2),
        Field("imo", 40, 30, 1),
        Field("callsign", 70, 7),
        Field("name", 112, 20),
        Field("ship_type", 232, 8, 1, 255),
        *_craft(240),
        Field("epfd", 270, 4),
        Field("month", 274, 4, 1, 12),
        Field("day", 278, 5, 1, 31),
        Field("hour", 283, 5, high=23),
        Field("minute", 288, 6, high=59),
        Field("draught", 294, 8, 1),
        Field("destination", 302, 20),
        _mark("dte", 422),
    ),
    9: (
        *_SENDER,
        Field("altitude", 38, 12, high=4094),
        Field("speed", 50, 10, high=1022, times=10),
        _mark("accuracy", 60),
        *_place(61),
        _course(116),
        Field("second", 128, 6),
        _mark("barometric", 134),
        _mark("dte", 142),
        _mark("assigned", 146),
        _mark("raim", 147),
        Field("radio", 148, 20),
    ),
    18: (*_CLASS_B, Field("flags", 141, 6), _mark("raim", 147), Field("radio", 148, 20)),
    19: (
        *_CLASS_B,
        Field("name", 143, 20),
        Field("ship_type", 263, 8, 1, 255),
        *_craft(271),
        Field("epfd", 301, 4),
        _mark("raim", 305),
        _mark("dte", 306),
        _mark("assigned", 307),
    ),
    21: (
        *_SENDER,
        Field("aid", 38, 5),
        Field("name", 43, 20),
        _mark("accuracy", 163),
        *_place(164),
        *_craft(219),
        Field("epfd", 249, 4),
        Field("second", 253, 6),
        _mark("off_position", 259),
        _mark("raim", 268),
        _mark("virtual", 269),
        _mark("assigned", 270),
        Field("extension", 272, 14),
    ),
    24: (*_SENDER, Field("part", 38, 2), Field("name", 40, 20)),
    27: (
        *_SENDER,
        _mark("accuracy", 38),
        _mark("raim", 39),
        Field("status", 40, 4),
        *_place(44, signed_widths=(18, 17), times=1000),
        Field("speed", 79, 6, high=62, times=10),
        Field("course", 85, 9, high=359, times=10),
        _mark("latency", 94),
    ),
    STATIC_B: (*_STATIC_B, *_craft(132), Field("epfd", 162, 4)),
    STATIC_B_AUXILIARY: (*_STATIC_B, Field("mothership", 132, 30, 1)),
}
"""Fields by message type."""

TYPES: Final = 27
"""The highest message type."""

NONE: Final = np.iinfo(np.int32).min
"""In place of a value that a message does not have."""

WORD: Final = 60
"""Bits that the decoder keeps in one integer: ten characters."""

COLUMN, WORD_AT, BIT_AT, WIDTH, END, LOW, HIGH, SHIFT, TIMES = range(9)
"""Of a field in a `Layout`: its column; the word of its first bit, and the bit there; width, last bit; range;
the bits by which it is shifted left and right again, so that its sign comes out; `Field.times`."""


class Layout(NamedTuple):
    """`TABLES` as the decoder takes them: integers of the columns above.

    Attributes:
        near: by place and column of `NEAR`; `WIDTH` is 0 where the message has no such field.
        far: fields of `FAR`, place by place.
        texts: fields of `TEXTS`, place by place; `WIDTH` is in characters.
        far_span: where those of each place begin and end.
        texts_span: the same.
    """

    near: npt.NDArray[np.int64]
    far: npt.NDArray[np.int64]
    texts: npt.NDArray[np.int64]
    far_span: npt.NDArray[np.int64]
    texts_span: npt.NDArray[np.int64]


_PLACES: Final = STATIC_B_AUXILIARY + 1


def _numbers(field: Field, columns: tuple[str, ...]) -> tuple[int, ...]:
    shift = 64 - field.width if field.signed else 0
    at = divmod(field.start, WORD)
    end = field.start + field.width
    return (columns.index(field.column), *at, field.width, end, field.low, field.high, shift, field.times)


def _near() -> npt.NDArray[np.int64]:
    table = np.zeros((_PLACES, len(NEAR), 9), np.int64)
    for place in range(_PLACES):
        for field in TABLES.get(place, _SENDER):
            if field.column in NEAR:
                table[place, NEAR.index(field.column)] = _numbers(field, NEAR)
    return table


def _rest(columns: tuple[str, ...]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    fields: list[tuple[int, ...]] = []
    span = []
    for place in range(_PLACES):
        first = len(fields)
        found = (field for field in TABLES.get(place, ()) if field.column in columns)
        fields += [_numbers(field, columns) for field in found]
        span.append((first, len(fields)))
    return np.array(fields, np.int64), np.array(span, np.int64)


def _layout() -> Layout:
    (far, far_span), (texts, texts_span) = _rest(FAR), _rest(tuple(TEXTS))
    return Layout(_near(), far, texts, far_span, texts_span)


LAYOUT: Final = _layout()
