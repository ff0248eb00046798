"""Rows of `detection` as AIS messages: what `ais_rows` reads from them is what the rows say.

Which message a row becomes its `says` tells (`type`, as read); without that, a row with a place is type 1, 9
of an aircraft or 4 of a fixed place, one without is type 5 where it says what only that has, else 24.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from math import copysign, sqrt
from operator import xor
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.base import Batch, FormatError
from watchfloor.formats.sensors.ais.encode import LENGTHS, Value, lines, payload
from watchfloor.formats.sensors.ais.tables import STATIC_B, STATIC_B_AUXILIARY, TABLES
from watchfloor.formats.sensors.ais.vocabulary import AID, BEACON_TEST, FIX, FIXED_BY, OFF_POSITION, STATUS
from watchfloor.formats.sensors.wires.rows import KNOT

_NUMBER: Final = re.compile(r"(?:vessel|aircraft|place):mmsi:(\d{9})")
_MOMENT: Final = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?")
_FIVE: Final = {"imo", "destination", "draught", "eta"}
_PLAIN: Final = ("imo", "callsign", "ship_type", "destination", "vendor", "model", "serial", "part")
_MARKS: Final = ("raim", "off_position", "virtual", "assigned", "barometric")


def write(batches: Iterable[Batch], stream: BinaryIO) -> None:
    """Rows as AIVDM sentences with tag blocks.

    Raises `FormatError` for a row that claims no MMSI, or that no message of ours can say.
    """
    number = 0
    for batch in batches:
        written: list[bytes] = [b""] * batch.rows.num_rows
        for kind in POSITIONS:
            at = np.flatnonzero(_plain_position(batch.rows, kind))
            for n, line in zip(at.tolist(), _positions(batch.rows.take(at), kind), strict=True):
                written[n] = line
        left = [n for n, line in enumerate(written) if not line]
        for n, row in zip(left, batch.rows.take(pa.array(left, pa.int64())).to_pylist(), strict=True):
            told = sentences(row, (number + n) % 10)
            written[n] = b"".join(line.encode() + b"\n" for line in told)
        stream.writelines(written)
        number += batch.rows.num_rows


POSITIONS: Final = (1, 18)
"""Types of which many are written at once, where a row says no more than place, speed and course."""
_SAID: Final = ("says", "latitude", "longitude", "speed", "course", "claimed", "sensor", "observed_at")
_LETTERS: Final = np.array([n + (48 if n < 40 else 56) for n in range(64)], np.uint8)
_HEX: Final = np.frombuffer(b"0123456789ABCDEF", np.uint8)
_TEN_DIGITS: Final = 10**9, 10**10


def _plain_position(rows: pa.Table, kind: int) -> npt.NDArray[np.bool_]:
    """Which rows are plain positions of a type, received at a whole second that has ten digits."""
    kept = pc.equal(rows["says"], f'{{"type":{kind}}}')
    for name in _SAID[1:]:
        kept = pc.and_(kept, pc.is_valid(rows[name]))
    for name in ("latitude", "longitude", "speed", "course"):
        kept = pc.and_(kept, pc.is_finite(rows[name]))
    for name in ("status", "heading", "altitude", "name"):
        kept = pc.and_(kept, pc.is_null(rows[name]))
    kept = pc.and_(kept, pc.match_substring_regex(rows["claimed"], "^vessel:mmsi:[0-9]{9}$"))
    micros = rows["observed_at"].cast(pa.int64()).to_numpy()
    first, beyond = _TEN_DIGITS
    whole = (micros % 1_000_000 == 0) & (micros >= first * 1_000_000) & (micros < beyond * 1_000_000)
    plain = whole & pc.fill_null(kept, False).to_numpy()
    sources = pc.and_(pc.string_is_ascii(rows["sensor"]), pc.greater(pc.utf8_length(rows["sensor"]), 0))
    return np.asarray(plain & pc.fill_null(sources, False).to_numpy())


def _positions(rows: pa.Table, kind: int) -> list[bytes]:
    """Return what `sentences` does for plain positions of one type, all at once."""
    if not rows.num_rows:
        return []
    given = {
        "mmsi": pc.utf8_slice_codeunits(rows["claimed"], 12).cast(pa.int64()).to_numpy(),
        "second": np.full(rows.num_rows, 60),
        "status": np.full(rows.num_rows, 15),
    }
    for name, scale in (("longitude", 600_000), ("latitude", 600_000), ("speed", 10 / KNOT), ("course", 10)):
        given[name] = np.rint(rows[name].to_numpy() * scale).astype(np.int64)
    letters = _LETTERS[_sextets(kind, given, rows.num_rows)]
    seconds = rows["observed_at"].cast(pa.int64()).to_numpy() // 1_000_000
    digits = (48 + seconds[:, None] // 10 ** np.arange(9, -1, -1) % 10).astype(np.uint8)
    head = b"AIVDM,1,1,,,"
    ends = _checked(letters, head + b",0")
    sources = rows["sensor"].combine_chunks().dictionary_encode()
    names = [b"s:" + name.encode() + b",c:" for name in sources.dictionary.to_pylist()]
    which = sources.indices.to_numpy()
    tags = np.stack([_checked(digits, name) for name in names])[which, np.arange(len(which))]
    body = np.concatenate([_all(b"!" + head, len(which)), letters, _all(b",0*", len(which)), ends], 1)
    told = np.concatenate([digits, _all(b"*", len(which)), tags, _all(b"\\", len(which)), body], 1)
    text, wide = told.tobytes(), told.shape[1]
    return [
        b"\\" + names[name] + text[start : start + wide] + b"\n"
        for name, start in zip(which.tolist(), range(0, len(text), wide), strict=True)
    ]


def _sextets(kind: int, given: Mapping[str, npt.NDArray[np.int64]], size: int) -> npt.NDArray[np.int64]:
    """Payloads as numbers of six bits; fields that are not given are as in a message without them."""
    count = LENGTHS[kind] // 6
    absent, _ = payload(kind, {"repeat": 0})
    codes = [ord(letter) - 48 for letter in absent]
    found = np.tile(np.array([code - 8 if code > 40 else code for code in codes], np.int64), (size, 1))
    for field in TABLES[kind]:
        if field.column not in given:
            continue
        value = given[field.column] & ((1 << field.width) - 1)
        end = field.start + field.width
        for n in range(field.start // 6, min((end - 1) // 6 + 1, count)):
            low = 6 * n + 6 - end  # bits of this sextet behind the field
            mask = (63 >> max(field.start - 6 * n, 0)) & ~((1 << max(low, 0)) - 1)
            part = value << low if low >= 0 else value >> -low
            found[:, n] = (found[:, n] & ~mask) | (part & mask)
    return found


def _checked(texts: npt.NDArray[np.uint8], around: bytes) -> npt.NDArray[np.uint8]:
    """Two hexadecimal digits of the exclusive or of each text's characters and those around it."""
    total = np.bitwise_xor.reduce(texts, 1) ^ np.uint8(reduce(xor, around, 0))
    return np.stack([_HEX[total >> 4], _HEX[total & 15]], 1)


def _all(text: bytes, size: int) -> npt.NDArray[np.uint8]:
    return np.tile(np.frombuffer(text, np.uint8), (size, 1))


def sentences(row: Mapping[str, Any], sequence: int = 0) -> Iterator[str]:
    """The sentences of one row. Raises `FormatError` as `write` does."""
    says = msgspec.json.decode(row["says"]) if row["says"] else {}
    claim = _NUMBER.fullmatch(row["claimed"] or "")
    mmsi = claim[1] if claim else says.get("mmsi", "")
    if not re.fullmatch(r"\d{1,9}|10[0-6]\d{7}|107[0-3]\d{6}", mmsi):
        raise FormatError(
            f"{row['locator']} claims {row['claimed'] or 'nothing'}: AIS needs an MMSI, vessel:mmsi:316001234"
        )
    place = _place_of(row, says, mmsi)
    if place not in TABLES or not place:
        raise FormatError(f"{row['locator']} is of AIS type {place}, which is not written")
    fields: dict[str, int | str] = {"mmsi": int(mmsi), "repeat": int(says.get("repeat", 0))}
    fields |= _position(row, says) | _static(row, says)
    micros = round(row["observed_at"].timestamp() * 1_000_000)
    yield from lines(
        *payload(place, fields),
        micros,
        row["sensor"] or "",
        sequence=sequence,
        channel=says.get("channel", ""),
        own=bool(says.get("own")),
    )


def _place_of(row: Mapping[str, Any], says: Mapping[str, Any], mmsi: str) -> int:
    """The message's place in `TABLES`."""
    kind = says.get("type")
    if kind is None:
        if row["latitude"] is not None:
            claimed = str(row["claimed"])
            return 9 if claimed.startswith("aircraft") else 4 if claimed.startswith("place") else 1
        kind = 5 if _FIVE & says.keys() else 24
    if kind != 24:
        return int(kind)
    part = says.get("part", 0 if row["name"] else 1)
    return 24 if part != 1 else STATIC_B_AUXILIARY if mmsi.startswith("98") else STATIC_B


def _position(row: Mapping[str, Any], says: Mapping[str, Any]) -> dict[str, Value]:
    fields: dict[str, Value] = {"accuracy": int(bool(says.get("accurate")))}
    for name, value, scale in (
        ("longitude", row["longitude"], 600_000),
        ("latitude", row["latitude"], 600_000),
        ("speed", row["speed"], 10 / KNOT),
        ("course", row["course"], 10),
        ("heading", row["heading"], 1),
        ("altitude", row["altitude"], 1),
    ):
        if value is not None:
            fields[name] = round(value * scale)
    if "speed_at_least" in says:
        fields["speed"] = 1022
    if (turn := says.get("turn")) is not None:
        fields["turn"] = round(copysign(4.733 * sqrt(abs(turn)), turn))
    elif "turning" in says:
        fields["turn"] = -127 if says["turning"] == "port" else 127
    fields["second"] = says.get("second", _code(FIX, says.get("fix"), 60))
    fields["maneuver"] = 2 if says.get("special_maneuver") else 0
    fields["status"] = 15 if row["status"] == BEACON_TEST else _code(STATUS, row["status"], 15)
    return fields


def _static(row: Mapping[str, Any], says: Mapping[str, Any]) -> dict[str, Value]:
    name = row["name"] or ""
    fields: dict[str, Value] = {"name": name[:20], "extension": name[20:34]}
    fields |= {column: says[column] for column in _PLAIN if column in says}
    fields |= {column: int(bool(says.get(column))) for column in _MARKS}
    fields["off_position"] = int(row["status"] == OFF_POSITION)
    fields["epfd"] = _code(FIXED_BY, says.get("fixed_by"), 0)
    fields["aid"] = _code(AID, says.get("aid"), 0)
    if "draught" in says:
        fields["draught"] = round(says["draught"] * 10)
    if "mothership" in says:
        fields["mothership"] = int(says["mothership"])
    fields |= dict(zip(("bow", "stern"), _split(says, "length", "bow", 511), strict=True))
    fields |= dict(zip(("port", "starboard"), _split(says, "beam", "port", 63), strict=True))
    if told := _MOMENT.fullmatch(says.get("utc", says.get("eta", ""))):
        named = zip(("year", "month", "day", "hour", "minute"), told.groups(), strict=True)
        fields |= {column: int(value) for column, value in named if value}
    return fields


def _split(says: Mapping[str, Any], whole: str, part: str, most: int) -> tuple[int, int]:
    """A length on both sides of the reference point; where that is not known, as much behind it as fits."""
    size = says.get(whole, says.get(part, 0))
    first = says.get(part, max(0, size - most))
    return first, size - first


def _code(words: Mapping[int, str], word: str | None, none: int) -> int:
    """The number that a word stands for."""
    return next((code for code, one in words.items() if one == word), none)
