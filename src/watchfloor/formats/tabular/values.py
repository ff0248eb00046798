"""Columns of text to columns of values: dates, moments, countries, in the ways people write them.

Each reader takes a column of text (null where there was none) and gives the values, and a sentence for each
text that is none of its sort. Work is done once a distinct text, since dates and countries repeat.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import IDENTIFIER, INSTANT
from watchfloor.core.partial_date import NoSuchDateError, PartialDate, in_form, moment_in_form, read
from watchfloor.core.schemas import BY_WORD, SCHEMAS
from watchfloor.core.subjects import parts, subject
from watchfloor.formats.lists.countries import country_code


class Column(NamedTuple):
    """Values, null where there was no text; and for the row of each unreadable text a sentence about it."""

    values: pa.Array
    wrong: dict[int, str]


def text(texts: pa.Array) -> Column:
    """Text as it is."""
    return Column(texts, {})


def split(texts: pa.Array, separator: str) -> Column:
    """Lists of trimmed texts; an empty list where there was no text."""
    return by_distinct(texts, lambda value: pieces(value, separator), pa.list_(pa.string()), empty=[])


def instant(texts: pa.Array, formats: tuple[str, ...] = (), zone: str = "UTC") -> Column:
    """Moments; ISO 8601, or one of `formats` (of `strptime`); in `zone` where the text states none."""
    if not formats:
        try:
            return Column(pc.cast(texts, INSTANT), {})
        except pa.ArrowInvalid:  # some text has no zone, or is no moment
            pass
    where = zone_of(zone)
    return by_distinct(texts, lambda value: _moment(value, formats, where), INSTANT)


def partial_date(texts: pa.Array, formats: tuple[str, ...] = ()) -> Column:
    """Dates as ISO 8601 text to the precision given: `1971`, `1971-05`, `1971-05-02`."""
    return by_distinct(texts, lambda value: str(_partial(value, formats)), pa.string())


def day(texts: pa.Array, formats: tuple[str, ...] = ()) -> Column:
    """Whole dates."""
    return by_distinct(texts, lambda value: _day(value, formats), pa.date32())


def country(texts: pa.Array) -> Column:
    """ISO 3166-1 alpha-2 of country codes and of names in English and French."""
    return by_distinct(texts, _country, pa.string())


def schema(texts: pa.Array) -> Column:
    """Person, Company and so on, from the words of `core.schemas`."""
    return by_distinct(texts, _schema, pa.string())


def subject_key(texts: pa.Array) -> Column:
    """Subject keys, normalised and checked."""
    return by_distinct(texts, lambda value: str(subject(*parts(value))), pa.string())


def identifiers(texts: pa.Array) -> Column:
    """Lists of identifiers, written as `write_identifiers` does: `passport:AB123; imo:9074729@IMO`."""
    return by_distinct(texts, read_identifiers, pa.list_(IDENTIFIER), empty=[])


def escaped_list(texts: pa.Array) -> Column:
    """Lists of texts, written as `write_list` does."""
    return by_distinct(texts, read_list, pa.list_(pa.string()), empty=[])


def by_distinct(texts: pa.Array, read: Callable[[Any], Any], of: pa.DataType, empty: object = None) -> Column:
    """Apply `read` to each distinct text; a `ValueError` of its is the sentence for all rows of that text."""
    coded = pc.dictionary_encode(texts)
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    values: list[Any] = []
    wrong: dict[int, str] = {}
    for code, value in enumerate(coded.dictionary.to_pylist()):
        try:
            values.append(read(value))
        except (ValueError, OverflowError) as error:
            values.append(empty)
            wrong[code] = str(error)
    values.append(empty)
    codes = pc.fill_null(coded.indices, len(values) - 1)
    column = pa.array(values, of).take(codes)
    return Column(column, _rows_of(codes, wrong))


def _rows_of(codes: pa.Array, wrong: dict[int, str]) -> dict[int, str]:
    if not wrong:
        return {}
    numbers = codes.to_numpy()
    rows = np.flatnonzero(np.isin(numbers, list(wrong)))
    return {int(row): wrong[int(numbers[row])] for row in rows}


def pieces(value: str, separator: str) -> list[str]:
    """The trimmed pieces of a text that are not empty."""
    return [piece for part in value.split(separator) if (piece := part.strip())]


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """A time zone by its name in the IANA database. Raises `ValueError` where there is none."""
    if name.upper() in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; one looks like America/Toronto") from error


def _moment(value: str, formats: tuple[str, ...], zone: tzinfo) -> datetime:
    value = value.strip()
    for form in formats:
        if moment := moment_in_form(value, form):
            break
    else:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise ValueError(_unreadable(value, "moment", formats or ("2026-11-24T10:30:00Z",))) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _partial(value: str, formats: tuple[str, ...]) -> PartialDate:
    value = value.strip()
    for form in formats:
        if found := in_form(value, form):
            return found
    try:
        return read(value)
    except NoSuchDateError as error:
        raise ValueError(f"{value!r} is a date that does not exist") from error
    except ValueError as error:
        raise ValueError(_unreadable(value, "date", formats or ("1971", "1971-05", "1971-05-02"))) from error


def _day(value: str, formats: tuple[str, ...]) -> date:
    found = _partial(value, formats)
    if not found.day:
        raise ValueError(f"{value!r} is no whole date: year, month and day are needed")
    return date(*found)


def _unreadable(value: str, what: str, forms: tuple[str, ...]) -> str:
    return f"{value!r} is no {what} of the form {' or '.join(forms)}, or one that does not exist"


def _country(value: str) -> str:
    code = country_code(value)
    if code is None:
        raise ValueError(f"{value!r} is no country or code of ISO 3166-1")
    return code


def _schema(value: str) -> str:
    found = BY_WORD.get(value.strip().lower())
    if found is None:
        raise ValueError(f"{value!r} is none of {', '.join(SCHEMAS)}")
    return found


Identifier = dict[str, str | None]

_PLAIN: Final = r"(?:[^\\;:@]|\\.)"
_IDENTIFIER: Final = re.compile(
    rf"\s*(?P<system>{_PLAIN}+):(?P<number>(?:[^\\;@]|\\.)+)(?:@(?P<owner>(?:[^\\;]|\\.)+))?", re.DOTALL
)


def read_identifiers(value: str) -> list[Identifier]:
    """Identifiers in one text: `system:number` or `system:number@owner`, split by `;`.

    A backslash keeps the next character from being read as one of these signs.
    """
    found: list[Identifier] = []
    at = 0
    while at < len(value):
        match = _IDENTIFIER.match(value, at)
        if match is None or (match.end() < len(value) and value[match.end()] != ";"):
            raise ValueError(f"{value!r} is no list of identifiers such as passport:AB123; imo:9074729")
        found.append({name: _unescaped(part) for name, part in match.groupdict().items()})
        at = match.end() + 1
    return found


def write_identifiers(identifiers: list[Identifier]) -> str:
    """Identifiers as one text, which `read_identifiers` reads back."""
    return ";".join(
        f"{_escaped(one['system'])}:{_escaped(one['number'])}"
        + (f"@{_escaped(one['owner'])}" if one["owner"] else "")
        for one in identifiers
    )


def read_list(value: str) -> list[str]:
    """Texts in one text, split by `;`; a backslash keeps the next character from being read as that."""
    return [_unescaped(piece) or "" for piece in re.findall(r"(?:[^\\;]|\\.)+", value, re.DOTALL)]


def write_list(texts: list[str]) -> str:
    """Texts as one text, which `read_list` reads back; empty ones are dropped."""
    return ";".join(_escaped(text) for text in texts)


def escape(texts: pa.Array) -> pa.Array:
    """Texts with a backslash before each sign that `read_identifiers` would take for its own."""
    return pc.replace_substring_regex(texts, r"([\\;:@])", r"\\\1")


def _escaped(value: str | None) -> str:
    text = re.sub(r"([\\;:@])", r"\\\1", value or "")
    return "\\" + text if text[:1].isspace() else text


def _unescaped(value: str | None) -> str | None:
    return None if value is None else re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)
