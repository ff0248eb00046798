"""A first mapping for a table that nobody has described, from its column names and its first rows.

Names are compared in English and French, without accents or case. What a name promises its cells must keep: a
column of countries has to hold countries, a date has to be read by one form, a source's own number has to be
different in each row. Nationality, ethnicity and religion are never proposed for any field.
"""

import re
import unicodedata
from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from watchfloor.formats import values
from watchfloor.formats.fields import FIELDS, Source
from watchfloor.formats.mapping import Filled, Mapping
from watchfloor.formats.statistics.periods import is_period
from watchfloor.formats.statistics.proposed import completed

NEAR: Final = 88
"""Least similarity (rapidfuzz ratio, 0 to 100) of a column's name to a known word."""
MOST: Final = 0.5
"""Share of the filled cells that a column of countries or types must get right."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What columns are called: `columns.toml` beside this module."""

    given: list[str]
    family: list[str]
    party: dict[str, list[str]]
    listing: dict[str, list[str]]
    outcome: dict[str, list[str]]
    payment: dict[str, list[str]]
    account: dict[str, list[str]]
    reading: dict[str, list[str]]
    declaration: dict[str, list[str]]
    seizure: dict[str, list[str]]
    inspection: dict[str, list[str]]
    response: dict[str, list[str]]
    volume: dict[str, list[str]]
    statistic: dict[str, list[str]]
    detection: dict[str, list[str]]
    coverage: dict[str, list[str]]
    weather: dict[str, list[str]]
    roles: dict[str, list[str]]
    systems: dict[str, list[str]]


DATE_FORMS: Final = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%Y",
    "%Y%m%d",
    "%d %B %Y",
    "%B %d, %Y",
    "%d-%b-%Y",
)
CLOCKS: Final = ("", " %H:%M", " %H:%M:%S")
MOMENTS: Final = ("observed_at", "received_at", "until")
"""Fields that have a time of day."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping, possibly still incomplete, and what a person should look at."""

    mapping: Mapping
    notes: tuple[str, ...]
    missing: tuple[str, ...]


class Date(NamedTuple):
    """A form of dates, and the other one that reads the same cells in another way."""

    form: str
    rival: str = ""


def propose(kind: str, cells: pa.Table, file: str, today: str) -> Proposal:
    """A mapping of a table to a kind.

    Args:
        kind: one of `formats.fields.FIELDS`.
        cells: its first rows, a string column for each name.
        file: its name without folders, which may tell the role or the list.
        today: the day to note where the table has no date of its own, ISO 8601.
    """
    notes: list[str] = []
    fields: dict[str, Filled] = {}
    used: set[str] = set()
    if kind == "party" and (pair := _name_pair(cells.column_names)):
        fields["name"] = pair
        used.update(pair)
    if kind == "party" and (numbers := _identifiers(cells, used)):
        fields["identifiers"] = numbers
        used.update(str(one.columns) for one in numbers)
    for field, column in _matches(kind, cells.column_names, used):
        if field in fields or column in used:
            continue
        if filled := _checked(field, column, cells.column(column).combine_chunks(), notes):
            fields[field] = filled
            used.add(column)
    if kind == "statistic":
        mapping = completed(cells, fields, file, today, notes)
    else:
        mapping = Mapping(kind, fields, _constants(kind, fields, file, today, notes))
    needed = (field.name for field in FIELDS[kind] if field.required)
    missing = tuple(one for one in needed if one not in mapping.fields and one not in mapping.constants)
    ordered = {one.name: mapping.fields[one.name] for one in FIELDS[kind] if one.name in mapping.fields}
    return Proposal(msgspec.structs.replace(mapping, fields=ordered), tuple(notes), missing)


@cache
def words() -> Words:
    """The words, read once."""
    path = Path(__file__).with_name("columns.toml")
    return msgspec.toml.decode(path.read_bytes(), type=Words)


@lru_cache(maxsize=1 << 12)  # the names of a file's columns, which every format of tables compares
def plain(text: str) -> str:
    """Lower case, without accents, each run of other signs than letters and digits as one space."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", bare))


def likeness(column: str, called: list[str]) -> float:
    """How like a column's name is to one of some words, 0 to 100; below `NEAR` it is not."""
    name = plain(column)
    known = [plain(word) for word in called]
    if name in known:
        return 100.0
    long = [word for word in known if len(word) > 4]
    best = max((fuzz.ratio(name, word) for word in long), default=0.0)
    inside = max((90.0 for word in long if f" {word} " in f" {name} "), default=0.0)
    return max(best, inside)


def _matches(kind: str, columns: list[str], used: set[str]) -> Iterator[tuple[str, str]]:
    """Field and column of each likely pair: the likeliest first, of equals the word that stands first.

    A column that is called exactly as a field is that field.
    """
    found = []
    called: dict[str, list[str]] = getattr(words(), kind)
    for field in (one.name for one in FIELDS[kind]):
        named = called.get(field, [])
        order = [plain(word) for word in named]
        for column in columns:
            score = 100.0 if column == field else likeness(column, named)
            if column not in used and score >= NEAR:
                rank = order.index(plain(column)) if plain(column) in order else len(order)
                found.append((-score, -1 if column == field else rank, columns.index(column), field, column))
    return ((field, column) for *_, field, column in sorted(found))


def _name_pair(columns: list[str]) -> tuple[str, str] | None:
    """The columns of given and family name, where there are both."""
    given = [column for column in columns if likeness(column, words().given) >= NEAR]
    family = [
        column for column in columns if likeness(column, words().family) >= NEAR and column not in given
    ]
    return (given[0], family[0]) if given and family else None


def _identifiers(cells: pa.Table, used: set[str]) -> tuple[Source, ...]:
    return tuple(
        Source(column, system=system)
        for column in cells.column_names
        for system, called in words().systems.items()
        if column not in used and plain(column) in map(plain, called)
    )


def _checked(field: str, column: str, cells: pa.Array, notes: list[str]) -> Filled | None:
    """How a column fills a field; None where its cells are not what its name promises."""
    filled = cells.drop_null()
    if field in ("report_key", "entity_id"):
        if len(filled) == len(cells) and pc.count_distinct(filled).as_py() == len(filled):
            return column
        notes.append(f"{column!r} repeats or is empty in places, so it is not taken as {field}")
        return None
    if field in ("country", "countries", "schema"):
        return _mostly(field, column, filled, notes)
    if field in MOMENTS and len(filled) and all(map(is_period, filled.to_pylist())):
        return column
    if field in (*MOMENTS, "birth_date", "birth_dates", "listed_on", "in_force"):
        return _dated(field, column, filled, notes)
    return column


def _mostly(field: str, column: str, filled: pa.Array, notes: list[str]) -> Filled | None:
    read = values.schema if field == "schema" else values.country
    wrong = read(filled).wrong
    if len(wrong) > MOST * len(filled):
        notes.append(f"{column!r} holds no {field}, such as {filled[min(wrong)].as_py()!r}, and is not taken")
        return None
    return column


def _dated(field: str, column: str, filled: pa.Array, notes: list[str]) -> Filled:
    found = date_form([text.strip() for text in filled.to_pylist()], with_clock=field in MOMENTS)
    if not found.form:
        return column
    if found.rival:
        notes.append(f"{column!r} reads as {found.form} and as {found.rival} alike: check which it is")
    return Source(column, format=found.form)


def date_form(texts: list[str], *, with_clock: bool = False) -> Date:
    """The form that reads most of the texts beside ISO 8601; none where that reads the most."""
    forms = [form + clock for form in DATE_FORMS for clock in (CLOCKS if with_clock else CLOCKS[:1])]
    array = pa.array(texts, pa.string())

    def unread(form: str) -> int:
        chosen = (form,) if form else ()
        return len((values.instant if with_clock else values.partial_date)(array, chosen).wrong)

    scores = {form: unread(form) for form in ("", *forms)}
    best = min(scores, key=lambda form: scores[form])
    rivals = [
        form for form in forms if form != best and scores[form] == scores[best] and _swapped(form, best)
    ]
    return Date(best, rivals[0] if best and rivals else "")


def _swapped(one: str, other: str) -> bool:
    return one == other.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")


def _constants(
    kind: str, fields: Map[str, Filled], file: str, today: str, notes: list[str]
) -> dict[str, str]:
    """Values for needed fields that no column fills."""
    stem = PurePosixPath(file).stem
    if kind == "listing":
        return {"list_id": stem, "instrument": stem}
    constants = {}
    if kind == "party" and "role" not in fields:
        constants["role"] = _role(fields.get("name"), stem)
    if "observed_at" not in fields:
        constants["observed_at"] = today
        notes.append(f"no column says when a row was so; {today} stands for all of them")
    return constants


def _role(name: Filled | None, stem: str) -> str:
    heard = plain(f"{name if isinstance(name, str) else ''} {stem}")
    for role, called in words().roles.items():
        if any(plain(word) in heard for word in called):
            return role
    return "party"
