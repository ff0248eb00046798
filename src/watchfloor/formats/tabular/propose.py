"""A first mapping for a table that nobody has described, from its column names and its first rows.

Names are compared in English and French, without accents or case. What a name promises its cells must keep: a
column of countries has to hold countries, a date has to be read by one form, a source's own number has to be
different in each row. Nationality, ethnicity and religion are never proposed for any field.
"""

import json
import re
from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from watchfloor.formats.statistics.periods import is_period
from watchfloor.formats.statistics.proposed import completed
from watchfloor.formats.tabular import quantities, values
from watchfloor.formats.tabular.date_forms import date_form
from watchfloor.formats.tabular.fields import FIELDS, Field, Source
from watchfloor.formats.tabular.lexicon import plain
from watchfloor.formats.tabular.mapping import Filled, Mapping, read_field
from watchfloor.formats.tabular.table import trimmed

NEAR: Final = 88
"""Least similarity (rapidfuzz ratio, 0 to 100) of a column's name to a known word."""
MOST: Final = 0.5
"""Share of the filled cells that a column of countries or types must get right."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of columns: `columns.toml` beside this module."""

    given: list[str]
    family: list[str]
    kinds: dict[str, dict[str, list[str]]]
    roles: dict[str, list[str]]
    systems: dict[str, list[str]]
    times: list[str]


MOMENTS: Final = (
    "observed_at",
    "received_at",
    "until",
    "calibrated_at",
    "calibrated_until",
    "expected_at",
    "deadline",
)
"""Fields that have a time of day."""
DAYS: Final = ("birth_date", "birth_dates", "listed_on", "in_force", "ceased", "opened", "published")
"""Fields that are days."""
KEYS: Final[Map[str, tuple[str, ...]]] = {
    "subject": ("container:iso6346", "parcel:s10", "parcel:awb"),
    **dict.fromkeys(("payer", "payee"), ("account:iban",)),
}
"""Fields that take subject keys, and the systems whose check digits tell numbers of theirs."""
PLAIN: Final = frozenset(
    "declared net gross total approx est estimated optional required number".split()
    + "nombre déclaré brut estimé".split()
)
"""What stands in brackets behind the name of a measure and is no unit."""
UNITS: Final = ("unit", "units", "uom", "unit of measure", "unite", "unites", "unite de mesure")
"""Names of a column with the unit of a number beside it."""
GENERIC: Final = [[word] for word in "qty quantity quantite qte amount measure size".split()]
"""First words of columns that only their unit tells apart."""
DATE_LIKE: Final = (
    r"\b(?:19|20)\d\d[-/. ]\d{1,2}[-/. ]\d{1,2}|\b\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})\b"
    r"|\b(?:19|20)\d{6}\b|\b\d{1,2}(?:er|st|nd|rd|th)?[- ]?[a-zéû]{3,9}\.?,?[- ]?\d{2,4}\b"
    r"|[a-zéû]{3,9}\.? \d{1,2},? \d{4}"
)
DATE_WORD: Final = re.compile(
    r"\b(date|dated|day|time|datetime|timestamp|when|jour|heure|moment|horodatage|le)\b"
)
NO_REPORT: Final = re.compile(
    r"\b(birth|born|dob|naissance|expir\w*|due|valid\w*|until|fin|end|opened|issued?)\b"
)
"""Names of columns whose dates are not those of the report."""
LOCAL_TIME: Final = r"\d[:h]\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp]\.?[Mm]\.?)?$"
"""A time of day at the end of a text, without a zone."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping, possibly still incomplete, and what a person should look at.

    Attributes:
        mapping: to be tried.
        notes: what a person has to look at before it is used.
        missing: fields that every row needs and nothing fills.
        unused: columns that fill no field.
    """

    mapping: Mapping
    notes: tuple[str, ...]
    missing: tuple[str, ...]
    unused: tuple[str, ...] = ()


def propose(kind: str, cells: pa.Table, file: str, today: str) -> Proposal:
    """A mapping of a table to a kind.

    Args:
        kind: one of `formats.tabular.fields.FIELDS`.
        cells: its first rows, a string column for each name.
        file: its name without folders, which may tell the role or the list.
        today: the day to note where the table has no dates at all, ISO 8601.
    """
    notes: list[str] = []
    fields: dict[str, Filled] = {}
    used: set[str] = set()
    refused: dict[str, list[str]] = {}
    if kind == "party" and (pair := _name_pair(cells.column_names)):
        fields["name"] = pair
        used.update(pair)
    if kind == "party" and (numbers := _identifiers(cells, used)):
        fields["identifiers"] = numbers
        used.update(str(one.columns) for one in numbers)
    known = {field.name: field for field in FIELDS[kind]}
    for field, column in _matches(kind, cells, used):
        if field in fields or column in used:
            continue
        told: list[str] = []
        if filled := _checked(kind, known[field], column, trimmed(cells[column]), file, told):
            fields[field] = filled
            used.add(column)
            notes += told
        else:
            refused.setdefault(column, told)
    for field, filled in _with_units(kind, fields, cells, used).items():
        fields[field] = filled
        used.add(filled.unit_from)
        notes = [one for one in notes if not one.startswith(f"{filled.columns!r} states no unit")]
    notes += [note for column, told in refused.items() if column not in used for note in told]
    dated = kind not in ("statistic", "listing")  # of which one has periods, and the other needs no date
    if dated and "observed_at" not in fields and (found := _by_cells(cells, used, notes)):
        fields["observed_at"] = found
    if dated and (both := _with_time(fields.get("observed_at"), cells, used)):
        fields["observed_at"] = both
    if kind == "statistic":
        mapping = completed(cells, fields, file, today, notes)
    else:
        when = "" if _has_dates(cells, used) else today
        mapping = Mapping(kind, fields, _constants(kind, fields, file, when, notes))
    _note_zone(mapping, cells, notes)
    needed = (field.name for field in FIELDS[kind] if field.required)
    missing = tuple(one for one in needed if one not in mapping.fields and one not in mapping.constants)
    ordered = {one.name: mapping.fields[one.name] for one in FIELDS[kind] if one.name in mapping.fields}
    mapping = msgspec.structs.replace(mapping, fields=ordered)
    return Proposal(mapping, tuple(dict.fromkeys(notes)), missing, mapping.unused(cells.column_names))


@cache
def words() -> Words:
    """The words, read once."""
    path = Path(__file__).with_name("columns.toml")
    return msgspec.toml.decode(path.read_bytes(), type=Words)


def likeness(column: str, called: list[str]) -> float:
    """How like a column's name is to one of some words, 0 to 100; below `NEAR` it is not."""
    return _likeness(column, tuple(called))


@lru_cache(maxsize=1 << 14)
def _likeness(column: str, called: tuple[str, ...]) -> float:
    names = {plain(column), plain(quantities.spaced(column)), plain(quantities.without_unit(column))}
    known = [plain(word) for word in called]
    if names.intersection(known):
        return 100.0
    long = [word for word in known if len(word) > 4]
    best = max((fuzz.ratio(name, word) for word in long for name in names), default=0.0)
    inside = max((90.0 for word in long for name in names if f" {word} " in f" {name} "), default=0.0)
    return max(best, inside)


def _matches(kind: str, cells: pa.Table, used: set[str]) -> Iterator[tuple[str, str]]:
    """Field and column of each likely pair: the likeliest first, of equals the word that stands first.

    A column that is called exactly as a field is that field.
    """
    found = []
    columns = cells.column_names
    called = words().kinds[kind]
    for field in (one.name for one in FIELDS[kind]):
        named = called.get(field, [])
        order = [plain(word) for word in named]
        quantity = quantities.of_field(kind, field)
        for column in columns:
            score = 100.0 if column == field else likeness(column, named)
            if quantity and column != field:
                score = _measuring(score, field, column, quantity, cells)
            if column not in used and score >= NEAR:
                rank = order.index(plain(column)) if plain(column) in order else len(order)
                found.append((-score, -1 if column == field else rank, columns.index(column), field, column))
    return ((field, column) for *_, field, column in sorted(found))


def _measuring(
    score: float, field: str, column: str, quantity: quantities.Quantity, cells: pa.Table
) -> float:
    """Return a score in the light of the unit that a column states: `Qty (kg)` is a mass, and no count."""
    unit = quantities.in_name(column, quantity.dimension) or quantities.in_cells(cells.column(column))
    of = quantities.known_in(unit, quantity.dimension) if unit else ""
    if field == of == "mass" and plain(quantities.without_unit(column)).split()[:1] in GENERIC:
        return 100.0
    return 0.0 if of and quantity.dimension in ("count", "money") and of != quantity.dimension else score


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


def _checked(
    kind: str, field: Field, column: str, cells: pa.Array, file: str, notes: list[str]
) -> Filled | None:
    """Return how a column fills a field; None where its cells are not what its name promises."""
    filled = cells.drop_null()
    if field.name in ("report_key", "entity_id"):
        if len(filled) == len(cells) and pc.count_distinct(filled).as_py() == len(filled):
            return column
        notes.append(f"{column!r} repeats or is empty in places, so it is not taken as {field.name}")
        return None
    if kind == "statistic" or not len(filled):
        return column
    if field.name in MOMENTS and all(map(is_period, filled.to_pylist())):
        return column
    if field.name in (*MOMENTS, *DAYS):
        return _dated(field, column, filled, notes)
    source = _keyed(field, column, filled, file)
    if quantity := quantities.of_field(kind, field.name):
        found = _measured(field, column, filled, quantity, notes)
        if found is None:
            return None
        source = found
    trial = Mapping(kind, {field.name: source})
    wrong = read_field(trial, field, pa.table({column: filled})).wrong
    if len(wrong) > MOST * len(filled):
        notes.append(f"{column!r} is not taken as {field.name}: {wrong[min(wrong)]}")
        return None
    plainly = Source(column)
    return column if source == plainly else source


def _keyed(field: Field, column: str, filled: pa.Array, file: str) -> Source:
    """Return a source whose numbers become subject keys, where the field takes these and the cells have none.

    A number that no system checks is known under the feed, which is named for the file.
    """
    if field.name not in KEYS or pc.any(pc.match_substring(filled, ":")).as_py():
        return Source(column)
    feed = re.sub(r"[^a-z0-9]+", "-", plain(re.sub(r"\d", "", PurePosixPath(file).stem))).strip("-") or "file"
    for key in (*KEYS[field.name], f"{KEYS[field.name][-1].partition(':')[0]}:{feed}"):
        source = Source(column, key=key)
        if not read_field(Mapping("", {field.name: source}), field, pa.table({column: filled})).wrong:
            return source
    return Source(column)


def _measured(
    field: Field, column: str, filled: pa.Array, quantity: quantities.Quantity, notes: list[str]
) -> Source | None:
    """Return how a column of numbers fills a field, with its unit and decimal sign; None where it cannot."""
    unit = quantities.in_name(column, quantity.dimension)
    decimal = quantities.decimal_sign(filled)
    if quantity.dimension == "money" and re.fullmatch(
        "[a-z]{3}|[$€£]|[a-z]{1,2}\\$", quantities.bracketed(column)
    ):
        unit = ""  # a currency
    if why := quantities.problem(quantity, unit):
        notes.append(f"{column!r} is not taken as {field.name}: {why}")
        return None
    strange = quantities.bracketed(column)
    if not unit and strange and quantity.dimension in quantities.UNSURE and strange not in PLAIN:
        notes.append(f"{column!r} is not taken as {field.name}: {strange!r} is no unit that is known")
        return None
    bare = pc.any(pc.match_substring_regex(filled, r"[\d.,]$")).as_py()
    if not unit and bare and quantity.dimension in quantities.UNSURE and plain(column) != plain(field.name):
        unit = quantity.unit
        notes.append(
            f'{column!r} states no unit: {field.name} is read in {unit}; state unit = "…" if it is not'
        )
    return Source(column, unit=unit, decimal="," if decimal == "," else "")


def _with_units(kind: str, fields: Map[str, Filled], cells: pa.Table, used: set[str]) -> dict[str, Source]:
    """Return the measures beside which a column states the unit of each row, with that column."""
    found: dict[str, Source] = {}
    for field, filled in fields.items():
        quantity = quantities.of_field(kind, field)
        source = Source(filled) if isinstance(filled, str) else filled
        if quantity is None or quantity.dimension not in quantities.UNSURE or not isinstance(source, Source):
            continue
        if quantities.in_name(column := str(source.columns), quantity.dimension):
            continue
        for other in cells.column_names:
            named = plain(other) in UNITS or plain(other) in {f"{plain(column)} {one}" for one in UNITS}
            if (
                named
                and other not in used
                and quantities.all_known(trimmed(cells[other]), quantity.dimension)
            ):
                found[field] = msgspec.structs.replace(source, unit="", unit_from=other)
    return found if len({one.unit_from for one in found.values()}) == len(found) else {}


def _dated(field: Field, column: str, filled: pa.Array, notes: list[str]) -> Filled | None:
    """Return how a column of dates fills a field; None where it is open which form they have."""
    found = date_form(filled.to_pylist(), with_clock=field.name in MOMENTS, column=column)
    if found.rival:
        written = json.dumps(column, ensure_ascii=False)  # as in the mapping, whatever signs a name has
        notes.append(
            f"{column!r} reads as {found.form} and as {found.rival} alike and is not taken as {field.name}: "
            f'write {field.name} = {{ from = {written}, format = "…" }} with the form that it has'
        )
        return None
    source = Source(column, format=found.forms)
    wrong = field.read(filled, source).wrong
    if len(wrong) > MOST * len(filled):
        notes.append(f"{column!r} is not taken as {field.name}: {wrong[min(wrong)]}")
        return None
    return source if found.form else column


def _by_cells(cells: pa.Table, used: set[str], notes: list[str]) -> Filled | None:
    """Return the only column that is left and holds dates of one form, as when a row was so."""
    left = [
        one
        for one in cells.column_names
        if one not in used
        and not NO_REPORT.search(plain(quantities.spaced(one)))
        and _holds_dates(cells, one)
    ]
    if len(left) != 1:
        if left:
            notes.append(f"several columns hold dates, and none is called so: {', '.join(map(repr, left))}")
        return None
    (field,) = (one for one in FIELDS["party"] if one.name == "observed_at")
    filled = _dated(field, left[0], trimmed(cells[left[0]]).drop_null(), notes)
    if filled:
        used.add(left[0])
        notes.append(
            f"{left[0]!r} is taken as observed_at for its dates alone: check that it says when a row was so"
        )
    return filled


def _holds_dates(cells: pa.Table, column: str) -> bool:
    """Whether most texts of a column have a day, a month and a year in some form."""
    texts = trimmed(cells[column]).drop_null()
    dates = pc.sum(pc.match_substring_regex(texts, DATE_LIKE, ignore_case=True)).as_py() or 0
    return dates > MOST * max(len(texts), 1)


def _has_dates(cells: pa.Table, used: set[str]) -> bool:
    """Whether a column that is left is called or written as one of dates."""
    left = (one for one in cells.column_names if one not in used)
    return any(DATE_WORD.search(plain(quantities.spaced(one))) or _holds_dates(cells, one) for one in left)


def _with_time(filled: Filled | None, cells: pa.Table, used: set[str]) -> Source | None:
    """Return date and time of day as one source, where they stand in two columns."""
    if filled is None or isinstance(filled, tuple):
        return None
    source = filled if isinstance(filled, Source) else Source(filled)
    column = source.names[0]
    times = [one for one in cells.column_names if one not in used and plain(one) in words().times]
    dates = trimmed(cells[column])
    if len(source.names) > 1 or len(times) != 1 or pc.any(pc.match_substring(dates, ":")).as_py():
        return None
    joined = pc.binary_join_element_wise(dates, trimmed(cells[times[0]]), " ").drop_null()
    found = date_form(joined.to_pylist(), with_clock=True, column=column)
    if (
        found.rival
        or values.instant(joined, (found.forms,) if isinstance(found.forms, str) else found.forms).wrong
    ):
        return None
    used.add(times[0])
    return Source((column, times[0]), format=found.forms)


def _note_zone(mapping: Mapping, cells: pa.Table, notes: list[str]) -> None:
    """Note columns with times of day that state no zone."""
    for field in MOMENTS:
        for source in mapping.sources(field):
            there = [name for name in source.names if name in cells.column_names]
            zoned = source.zone != "UTC" or re.search(r"\b(utc|gmt|z|zulu|tu)\b", plain(" ".join(there)))
            texts = [trimmed(cells[name]) for name in there]
            if not zoned and any(pc.any(pc.match_substring_regex(one, LOCAL_TIME)).as_py() for one in texts):
                notes.append(
                    f"{field}: the times of {there[-1]!r} state no zone and are read as UTC; "
                    'where they are not, state it: zone = "America/Toronto"'
                )


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
    if "observed_at" not in fields and today:
        constants["observed_at"] = today
        notes.append(f"no column says when a row was so; {today} stands for all of them: state the true day")
    money = (one for name in ("amount", "value") for one in Mapping(kind, dict(fields)).sources(name))
    named = [quantities.bracketed(one.names[0]).upper() for one in money]
    if "currency" not in fields and len(named) == 1 and re.fullmatch("[A-Z]{3}", named[0]):
        constants["currency"] = named[0]
    return constants


def _role(name: Filled | None, stem: str) -> str:
    heard = plain(f"{name if isinstance(name, str) else ''} {stem}")
    for role, called in words().roles.items():
        if any(plain(word) in heard for word in called):
            return role
    return "party"
