"""A first mapping for a table that nobody has described, from its column names and its first rows.

Names are compared in English and French, without accents or case. What a name promises its cells must keep: a
column of countries has to hold countries, a date has to be read by one form, a source's own number has to be
different in each row. Nationality, ethnicity and religion are never proposed for any field.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.protected import is_protected
from watchfloor.core.subjects import SubjectError, subject
from watchfloor.formats.statistics.periods import is_period
from watchfloor.formats.statistics.proposed import completed
from watchfloor.formats.tabular import measures, quantities
from watchfloor.formats.tabular.column_names import NEAR, cell_words, likeness, words, written_out
from watchfloor.formats.tabular.date_columns import (
    DAYS,
    MOMENTS,
    by_cells,
    dated,
    has_dates,
    holds_dates,
    with_time,
    zone_remarks,
)
from watchfloor.formats.tabular.fields import FIELDS, Field, Source
from watchfloor.formats.tabular.lexicon import plain
from watchfloor.formats.tabular.mapping import Filled, Mapping, read_field
from watchfloor.formats.tabular.place_columns import places
from watchfloor.formats.tabular.table import trimmed

SURE: Final = 0.9
"""Share of a column's cells, or of its different ones, whose form alone tells the field."""
FEW: Final = 20
"""Different words of a column that may be a list of words."""
MOST: Final = 0.5
"""Share of the filled cells that a column of countries or types must get right."""


class Remark(NamedTuple):
    """A sentence about what a person should look at, and the field it is about; empty: the whole table."""

    field: str
    text: str


KEYS: Final[Map[str, tuple[str, ...]]] = {
    "subject": ("container:iso6346", "parcel:s10", "parcel:awb"),
    **dict.fromkeys(("payer", "payee"), ("account:iban",)),
    **{name: (name,) for name in ("order", "person", "application")},
    "applicant": ("person",),
    "letter": ("document",),
}
"""Fields that take subject keys: the systems whose check digits tell numbers of theirs, or only the type."""
PLAIN: Final = frozenset(
    "declared net gross total approx est estimated optional required number".split()
    + "nombre déclaré brut estimé".split()
)
"""What stands in brackets behind the name of a measure and is no unit."""
UNITS: Final = ("unit", "units", "uom", "unit of measure", "unite", "unites", "unite de mesure")
"""Names of a column with the unit of a number beside it."""
GENERIC: Final = [[word] for word in "qty quantity quantite qte amount measure size".split()]
"""First words of columns that only their unit tells apart."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping, possibly still incomplete, and what a person should look at.

    Attributes:
        mapping: to be tried.
        remarks: what a person has to look at before it is used.
        missing: fields that every row needs and nothing fills.
        unused: columns that fill no field.
    """

    mapping: Mapping
    remarks: tuple[Remark, ...]
    missing: tuple[str, ...]
    unused: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """The sentences alone."""
        return tuple(dict.fromkeys(one.text for one in self.remarks))

    def open(self, mapping: Mapping) -> tuple[str, ...]:
        """Return the sentences that hold of a changed mapping: about fields that are filled as proposed."""
        same = {
            name
            for name in ("", *(field.name for field in FIELDS[mapping.kind]))
            if self.mapping.fields.get(name) == mapping.fields.get(name)
            and self.mapping.constants.get(name) == mapping.constants.get(name)
        }
        return tuple(dict.fromkeys(one.text for one in self.remarks if one.field in same))


def propose(kind: str, cells: pa.Table, file: str, today: str) -> Proposal:
    """A mapping of a table to a kind.

    Args:
        kind: one of `formats.tabular.fields.FIELDS`.
        cells: its first rows, a string column for each name.
        file: its name without folders, which may tell the role or the list.
        today: the day to note where the table has no dates at all, ISO 8601.
    """
    remarks: list[Remark] = []
    fields: dict[str, Filled] = {}
    used: set[str] = set()
    names = cells.column_names
    cells, stated = _without_units(kind, cells, remarks)
    known = {field.name: field for field in FIELDS[kind]}
    if kind == "party" and (pair := _name_pair(names)):
        fields["name"] = pair
        used.update(pair)
    if kind == "party" and (numbers := _identifiers(cells, used)):
        fields["identifiers"] = numbers
        used.update(str(one.columns) for one in numbers)
    told: list[str] = []
    fields |= places(words().kinds[kind], cells, used, told)
    remarks += [Remark("longitude", one) for one in told]
    refused: dict[str, list[Remark]] = {}
    for field, column in _matches(kind, cells, used | _unit_columns(cells)):
        if field in fields or column in used:
            continue
        told = []
        if filled := _checked(kind, known[field], column, trimmed(cells[column]), file, told, stated):
            fields[field] = filled
            used.add(column)
            remarks += [Remark(field, one) for one in told]
        else:
            refused.setdefault(column, [Remark(field, one) for one in told])
    for field, filled in _with_units(kind, fields, cells, used).items():
        fields[field] = filled
        used.add(filled.unit_from)
        stands = f"{filled.columns!r} states no unit"
        remarks = [one for one in remarks if not one.text.startswith(stands)]
    for field, filled in _by_shape(kind, fields, cells, used, file, remarks):
        fields[field] = filled
    remarks += [one for column, all_ in refused.items() if column not in used for one in all_]
    told = []
    if kind not in ("statistic", "listing"):  # of which one has periods, and the other needs no date
        if "observed_at" not in fields and (found := by_cells(cells, used, told)):
            fields["observed_at"] = found
        if both := with_time(fields.get("observed_at"), cells, used):
            fields["observed_at"] = both
    if kind == "statistic":
        notes: list[str] = []
        mapping = completed(cells, fields, file, today, notes)
        remarks += [Remark("", one) for one in notes]
    else:
        when = "" if has_dates(cells, used) else today
        mapping = Mapping(kind, fields, _constants(kind, fields, file, when, told))
    remarks += [Remark("observed_at", one) for one in told]
    remarks += [Remark(field, one) for field, one in zone_remarks(mapping, cells)]
    needed = (field.name for field in FIELDS[kind] if field.required)
    missing = tuple(one for one in needed if one not in mapping.fields and one not in mapping.constants)
    ordered = {one.name: mapping.fields[one.name] for one in FIELDS[kind] if one.name in mapping.fields}
    mapping = msgspec.structs.replace(mapping, fields=ordered)
    return Proposal(mapping, tuple(dict.fromkeys(remarks)), missing, mapping.unused(names))


def guess(kind: str, field: str, column: str, cells: pa.Table, file: str) -> Filled:
    """Return how a column that a person chose fills a field: with form, unit and words that are sure."""
    (of,) = (one for one in FIELDS[kind] if one.name == field)
    found = _checked(kind, of, column, trimmed(cells[column]), file, [], {})
    return column if found is None else found


def recognised(kind: str, names: Sequence[str]) -> int:
    """Return how many fields of a kind some columns are called as, which tells the sheet of a workbook."""
    if len(names) < 2:  # a title, or a remark
        return 0
    more = {**words().places, **words().identities}
    called = {**words().kinds[kind], **(words().systems if kind == "party" else more)}
    return sum(
        any(likeness(name, [field, *all_]) >= NEAR for name in names) for field, all_ in called.items()
    )


def _without_units(kind: str, cells: pa.Table, remarks: list[Remark]) -> tuple[pa.Table, Map[str, str]]:
    """Return a table without a first row that holds nothing but units, and these by their column."""
    first = {name: cells[name][0].as_py() or "" for name in cells.column_names} if cells.num_rows > 1 else {}
    stated = {name: quantities.unit_alone(text) for name, text in first.items() if text.strip()}
    if kind == "statistic" or not stated or not all(stated.values()):
        return cells, {}
    remarks.append(Remark("", "the first row holds units and is no record: it will go to quarantine"))
    return cells.slice(1), stated


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
        if field == "report_key" and kind != "statistic":
            named = [*named, *words().keys]
        if field == "claimed":
            named = [*named, *(one for all_ in words().identities.values() for one in all_)]
        for column in columns:
            score = 100.0 if column == field else likeness(column, named)
            if column != field and cell_words(kind, field):
                score = _telling(score, kind, field, cells[column])
            if quantity and column != field:
                score = _measuring(score, field, column, quantity, cells)
            if column not in used and score >= NEAR:
                rank = order.index(plain(column)) if plain(column) in order else len(order)
                found.append((-score, -1 if column == field else rank, columns.index(column), field, column))
    return ((field, column) for *_, field, column in sorted(found))


def _telling(score: float, kind: str, field: str, cells: pa.ChunkedArray) -> float:
    """Return a score in the light of a column's cells: nearly all words of the field make it sure."""
    distinct = pc.unique(trimmed(cells).drop_null())
    if not 1 < len(distinct) <= FEW or len(cells) < 2 * len(distinct):
        return score
    known = cell_words(kind, field)
    if sum(plain(text) in known for text in distinct.to_pylist()) < SURE * len(distinct):
        return score
    return 100.5 if score >= NEAR or min(map(len, distinct.to_pylist())) > 2 else score


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
    """Return columns that are called as numbers of a system; of two of one system the likelier."""
    found: dict[str, tuple[float, str]] = {}
    for system, called in words().systems.items():
        read = {"phone": measures.phone, "plate": measures.plate}.get(system)
        for column in cells.column_names:
            score = likeness(column, called)
            texts = trimmed(cells[column].slice(0, LOOKED)).drop_null()
            fits = read is None or len(read(texts).wrong) <= MOST * len(texts)
            if column not in used and score > found.get(system, (NEAR - 1.0, ""))[0] and fits:
                found[system] = score, column
    sources = {column: Source(column, system=system) for system, (_, column) in found.items()}
    return tuple(sources[column] for column in cells.column_names if column in sources)


def _checked(
    kind: str,
    field: Field,
    column: str,
    cells: pa.Array,
    file: str,
    notes: list[str],
    stated: Map[str, str],
) -> Filled | None:
    """Return how a column fills a field; None where its cells are not what its name promises."""
    filled = cells.drop_null()
    if field.name in ("report_key", "entity_id"):
        if holds_dates(pa.table({column: cells}), column):  # a seizure's date is not its number
            return None
        if len(filled) == len(cells) and pc.count_distinct(filled).as_py() == len(filled):
            return column
        notes.append(f"{column!r} repeats or is empty in places, so it is not taken as {field.name}")
        return None
    if kind == "statistic" or not len(filled):
        return column
    if field.name in MOMENTS and all(map(is_period, filled.to_pylist())):
        return column
    if field.name in (*MOMENTS, *DAYS):
        return dated(field, column, filled, notes)
    source = _keyed(field, column, filled, file)
    if quantity := quantities.of_field(kind, field.name):
        found = _measured(field, column, filled, quantity, notes, stated.get(column, ""))
        if found is None:
            return None
        source = found
    if field.words and field.name != "found":  # which is a list
        return _worded(kind, field, column, filled, notes)
    trial, some = Mapping(kind, {field.name: source}), filled.slice(0, LOOKED)
    wrong = read_field(trial, field, pa.table({column: some})).wrong
    if len(wrong) > MOST * len(some):
        notes.append(f"{column!r} is not taken as {field.name}: {wrong[min(wrong)]}")
        return None
    plainly = Source(column)
    return column if source == plainly else source


def _worded(kind: str, field: Field, column: str, filled: pa.Array, notes: list[str]) -> Filled | None:
    """Return how a column of words fills a field of a closed set; None where most of them are not known."""
    known, distinct = cell_words(kind, field.name), pc.unique(filled).to_pylist()
    direct = field.read(pa.array(distinct, pa.string()), Source(column)).wrong
    translated = {
        distinct[row]: known[plain(distinct[row])] for row in direct if plain(distinct[row]) in known
    }
    strange = [distinct[row] for row in direct if distinct[row] not in translated]
    rows = pc.sum(pc.is_in(filled, pa.array(strange, pa.string()))).as_py() or 0
    if strange:
        some = ", ".join(map(repr, strange[:3]))
        taken = "" if rows <= MOST * len(filled) else f"is not taken as {field.name}: it "
        notes.append(f"{column!r} {taken}has words that stand for nothing yet, such as {some}: say what for")
    if rows > MOST * len(filled):
        return None
    return Source(column, values=translated) if translated else column


def _keyed(field: Field, column: str, filled: pa.Array, file: str) -> Source:
    """Return a source whose numbers become subject keys, where the field takes these and the cells have none.

    A number that no system checks is known under the feed, which is named for the file.
    """
    if field.name == "claimed":
        return _identity(column, filled)
    if field.name not in KEYS or pc.any(pc.match_substring(filled, ":")).as_py():
        return Source(column)
    feed = re.sub(r"[^a-z0-9]+", "-", plain(re.sub(r"\d", "", PurePosixPath(file).stem))).strip("-") or "file"
    systems = [key for key in KEYS[field.name] if ":" in key]
    for key in (*systems, f"{KEYS[field.name][-1].partition(':')[0]}:{feed}"):
        source = Source(column, key=key)
        if not read_field(Mapping("", {field.name: source}), field, pa.table({column: filled})).wrong:
            return source
    return Source(column)


def _identity(column: str, filled: pa.Array) -> Source:
    """Return a source whose numbers become keys of craft or vehicles, as its name and the numbers say."""
    (field,) = (one for one in FIELDS["detection"] if one.name == "claimed")
    likely = sorted(words().identities, key=lambda one: -likeness(column, words().identities[one]))
    for key in likely:
        source = Source(column, key=key)
        wrong = read_field(Mapping("", {"claimed": source}), field, pa.table({column: filled})).wrong
        if likeness(column, words().identities[key]) >= NEAR and len(wrong) <= MOST * len(filled):
            return source
    return Source(column)


def _measured(
    field: Field,
    column: str,
    filled: pa.Array,
    quantity: quantities.Quantity,
    notes: list[str],
    stated: str,
) -> Source | None:
    """Return how a column of numbers fills a field, with its unit and decimal sign; None where it cannot."""
    unit = quantities.in_name(column, quantity.dimension) or stated
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


def _by_shape(
    kind: str, fields: Map[str, Filled], cells: pa.Table, used: set[str], file: str, remarks: list[Remark]
) -> Iterator[tuple[str, Filled]]:
    """Yield fields that no name fills with a column whose cells alone tell it, where there is only one."""
    for field in FIELDS[kind]:
        if field.name in fields or field.name not in _SHAPES:
            continue
        fits = _SHAPES[field.name]
        left = [
            one
            for one in cells.column_names
            if one not in used and not is_protected(one) and not holds_dates(cells, one)
        ]
        if field.name == "report_key":
            left = [one for one in left if NUMBERS & set(written_out(one)) and _is_key(trimmed(cells[one]))]
        found = [one for one in left if _holds(trimmed(cells[one]).drop_null(), fits)]
        if len(found) == 1:
            used.add(found[0])
            text = f"{found[0]!r} is taken as {field.name} for what its cells look like: check that"
            remarks.append(Remark(field.name, text))
            yield field.name, _keyed(field, found[0], trimmed(cells[found[0]]).drop_null(), file)


def _holds(texts: pa.Array, fits: Callable[[str], bool]) -> bool:
    distinct = pc.unique(texts.slice(0, LOOKED)).to_pylist()
    return bool(distinct) and sum(len(one) <= LONGEST and fits(one) for one in distinct) >= SURE * len(
        distinct
    )


def _is_key(texts: pa.Array) -> bool:
    return texts.null_count == 0 and len(texts) > 1 and pc.count_distinct(texts).as_py() == len(texts)


def _is_phone(text: str) -> bool:
    grouped = bool(re.search(r"\d[-. )]\s*\d|^\+", text)) and len(re.sub(r"\D", "", text)) >= LEAST_DIGITS
    return grouped and not measures.phone(pa.array([text])).wrong


def _is_item(text: str) -> bool:
    return any(_checks(text, key) for key in KEYS["subject"])


def _is_identity(text: str) -> bool:
    return bool(re.fullmatch(r"[2-7]\d{8}", text, re.ASCII)) and _checks(text, "vessel:mmsi")


def _checks(text: str, key: str) -> bool:
    try:
        type_, _, system = key.partition(":")
        subject(type_, system, text)
    except SubjectError:
        return False
    return True


def _is_currency(text: str) -> bool:
    from watchfloor.formats.payments.currencies import CURRENCIES  # it reads this package

    return text in CURRENCIES


def _is_prose(text: str) -> bool:
    return len(text) >= PROSE and len(text.split()) > WORDS


LOOKED: Final = 1000
"""Cells by which a column is judged; the forms of its dates and numbers are those of all that are there."""
LONGEST: Final = 4000
"""Characters of a cell that is looked at."""
LEAST_DIGITS: Final = 10
"""Digits of a telephone number that its form alone tells."""
PROSE, WORDS = 20, 3
"""Characters from which on a cell is prose, and words that it then has more of."""
NUMBERS: Final = frozenset({"number", "id", "reference", "identifiant", "code"})
"""Words of which the name of a source's own number has one."""
_SHAPES: Final[Map[str, Callable[[str], bool]]] = {
    "report_key": lambda text: bool(re.search(r"\d", text)),
    "subject": _is_item,
    "phone": _is_phone,
    "claimed": _is_identity,
    "text": _is_prose,
    "currency": _is_currency,
}
"""Fields, and what a cell of them looks like. There is none of countries: those may be nationalities."""


def _unit_columns(cells: pa.Table) -> set[str]:
    """Return the columns that hold units alone: no text fills a field from them.

    One whose units are single letters must be called so too: `m` may be a man.
    """
    return {
        one for one in cells.column_names if any(_holds_units(cells, one, of) for of in quantities.UNSURE)
    }


def _holds_units(cells: pa.Table, column: str, dimension: str) -> bool:
    texts = trimmed(cells[column])
    if not quantities.all_known(texts, dimension):
        return False
    name = plain(column)
    return (
        name in UNITS or name.rpartition(" ")[2] in UNITS or (pc.max(pc.utf8_length(texts)).as_py() or 0) > 1
    )


def _with_units(kind: str, fields: Map[str, Filled], cells: pa.Table, used: set[str]) -> dict[str, Source]:
    """Return the measures beside which a column states the unit of each row, with that column."""
    found: dict[str, Source] = {}
    for field, filled in fields.items():
        quantity = quantities.of_field(kind, field)
        source = Source(filled) if isinstance(filled, str) else filled
        if quantity is None or quantity.dimension not in quantities.UNSURE or not isinstance(source, Source):
            continue
        if quantities.in_name(str(source.columns), quantity.dimension):
            continue
        for other in cells.column_names:
            if other not in used and _holds_units(cells, other, quantity.dimension):
                found[field] = msgspec.structs.replace(source, unit="", unit_from=other)
    return found if len({one.unit_from for one in found.values()}) == len(found) else {}


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
