"""AIS messages from fields: bits by `ais_tables`, characters, sentences with tag blocks."""

from collections.abc import Iterator, Mapping
from typing import Final

from watchfloor.formats.sensors.ais.tables import STATIC_B, STATIC_B_AUXILIARY, TABLES, TEXTS, Field

LENGTHS: Final = {
    **dict.fromkeys((1, 2, 3, 4, 9, 11, 18, STATIC_B, STATIC_B_AUXILIARY), 168),
    5: 424,
    19: 312,
    21: 272,
    24: 160,
    27: 96,
}
"""Bits of each message; type 21 grows by its second name."""

MOST_CHARACTERS: Final = 56
"""Of a payload in one sentence: the sentence may have 82 with all that is around it (IEC 61162-1)."""

_ABSENT: Final = {"turn": -128, "second": 60, "status": 15, "hour": 24, "minute": 60, "altitude": 4095}
_NOWHERE: Final = {"longitude": 181 * 600_000, "latitude": 91 * 600_000}
Value = int | str


def payload(place: int, fields: Mapping[str, Value]) -> tuple[str, int]:
    """Characters of a message's payload and its fill bits.

    Args:
        place: its place in `TABLES`: the type, or one of the forms of type 24.
        fields: by column, as integers of the column's unit (`SCALES`); one that lacks is 'not available'.
    """
    kind = 24 if place in (STATIC_B, STATIC_B_AUXILIARY) else place
    extension = 6 * len(str(fields.get("extension", "")))
    length = LENGTHS[place] + (extension + 7) // 8 * 8
    bits = kind << (length - 6)
    for field in TABLES[place]:
        size = 6 * field.width if field.column in TEXTS else field.width
        if field.column == "extension":
            size = extension
        bits |= _value(field, size, fields) << (length - field.start - size)
    fill = -length % 6
    bits <<= fill
    count = (length + fill) // 6
    return "".join(_letter((bits >> (6 * (count - 1 - i))) & 63) for i in range(count)), fill


def _value(field: Field, size: int, fields: Mapping[str, Value]) -> int:
    value = fields.get(field.column)
    if field.column in TEXTS:
        return _six_bit(str(value or ""), size // 6)
    if value is None:
        return _absent(field) & ((1 << size) - 1)
    return round(int(value) / field.times) & ((1 << size) - 1)


def _absent(field: Field) -> int:
    if field.column in _NOWHERE:
        return _NOWHERE[field.column] // field.times
    if field.column == "course":
        return 3600 if field.width == 12 else 511
    if field.column in ("speed", "heading"):
        return int((1 << field.width) - 1)
    return _ABSENT.get(field.column, 0)


def _six_bit(text: str, characters: int) -> int:
    """A text in capitals, filled up with `@`; what the alphabet has not becomes a question mark."""
    bits = 0
    for letter in text.upper()[:characters].ljust(characters, "@"):
        code = ord(letter) if 32 <= ord(letter) < 96 else 63
        bits = bits << 6 | (code & 63)
    return bits


def _letter(value: int) -> str:
    return chr(value + (48 if value < 40 else 56))


def lines(
    characters: str,
    fill: int,
    micros: int | None = None,
    source: str = "",
    *,
    sequence: int = 0,
    channel: str = "A",
    own: bool = False,
) -> Iterator[str]:
    """The sentences of a message, each behind a tag block with time and source where there are any.

    Args:
        characters: the payload.
        fill: its fill bits.
        micros: time of receipt, microseconds since 1970; written in the coarsest unit that holds it.
        source: the receiver's name.
        sequence: number of the message among those in several sentences, 0 to 9.
        channel: `A`, `B` or nothing.
        own: VDO instead of VDM.
    """
    parts = [characters[i : i + MOST_CHARACTERS] for i in range(0, len(characters), MOST_CHARACTERS)]
    tag = _tag_block(micros, source)
    number = str(sequence) if len(parts) > 1 else ""
    for i, part in enumerate(parts, 1):
        bits = fill if i == len(parts) else 0
        body = f"AIVD{'O' if own else 'M'},{len(parts)},{i},{number},{channel},{part},{bits}"
        yield f"{tag}!{body}*{checksum(body)}"


def _tag_block(micros: int | None, source: str) -> str:
    fields = [f"s:{source}"] if source else []
    if micros is not None:
        unit = next(unit for unit in (1_000_000, 1_000, 1) if micros % unit == 0)
        fields.append(f"c:{micros // unit}")
    body = ",".join(fields)
    return f"\\{body}*{checksum(body)}\\" if body else ""


def checksum(body: str) -> str:
    """Two hexadecimal digits: exclusive or of the characters."""
    total = 0
    for letter in body:
        total ^= ord(letter)
    return f"{total:02X}"
