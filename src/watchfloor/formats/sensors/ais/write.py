"""Rows of `detection` as AIS messages: what `ais_rows` reads from them is what the rows say.

Which message a row becomes its `says` tells (`type`, as read); without that, a row with a place is type 1, 9
of an aircraft or 4 of a fixed place, one without is type 5 where it says what only that has, else 24.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from math import copysign, sqrt
from typing import Any, BinaryIO, Final

import msgspec

from watchfloor.formats.base import Batch, FormatError
from watchfloor.formats.sensors.ais.encode import Value, lines, payload
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
        for row in batch.rows.to_pylist():
            stream.writelines(line.encode() + b"\n" for line in sentences(row, number % 10))
            number += 1


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
