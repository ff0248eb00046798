"""Mappings: a small TOML file that says which columns of somebody's table are which fields of a kind.

    kind = "party"

    [fields]
    report_key = "No"
    name = ["Prénom", "Nom"]                                              # joined with a space
    birth_date = { from = "Date de naissance", format = "%d/%m/%Y" }
    country = { from = "Pays", values = { "Ang." = "GB" } }
    identifiers = [{ from = "Passeport", system = "passport" }]

    [constants]                                # a constant stands where its field's columns are empty
    role = "consignee"
    observed_at = "2026-11-24"

A mapping is a format: `as_format` gives one that reads CSV and spreadsheets alike. A row whose date does not
exist, whose country is none, or whose name is empty is a fault with the reason; the other rows are read.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, partial, reduce
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import LISTING, STATISTIC
from watchfloor.core.protected import IDENTITY_ONLY, is_protected
from watchfloor.core.subjects import TYPES
from watchfloor.formats.base import Batch, Fault, Format, FormatError
from watchfloor.formats.encoding.charset import checked
from watchfloor.formats.lists.consolidation import whole
from watchfloor.formats.settings import Settings, nearest, read_text
from watchfloor.formats.statistics.repeats import Repeats
from watchfloor.formats.tabular import coordinates, delimited, json_lines, measures, quantities, spreadsheet
from watchfloor.formats.tabular.fields import FIELDS, Field, Source
from watchfloor.formats.tabular.lexicon import Block
from watchfloor.formats.tabular.table import Rows, Sheet, empty, raw_at, single, trimmed
from watchfloor.formats.tabular.values import Column, escape, zone_of
from watchfloor.formats.tabular.wide import TURNED, turned

Filled = str | Source | tuple[str | Source, ...]

PLATES: Final = "vehicle:plate"
"""Type and system of licence plates, which are written with and without spaces."""
PAIRED: Final = ("identifiers", "cell")
"""Fields of pairs of a name and a text: several columns fill them, each under its `system`."""


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which columns fill which fields.

    `encoding`, `delimiter`, `header` and `sheet` are found from the file where they are not stated. `trim`
    drops white space around the text of each cell. `wide` names columns that become rows: `(column)` is then
    the name of one, `(value)` what stands in it.
    """

    kind: str
    fields: dict[str, Filled] = {}
    constants: dict[str, str] = {}
    encoding: str | None = None
    delimiter: str | None = None
    header: int | None = None
    sheet: str | None = None
    trim: bool = True
    wide: tuple[str, ...] = ()

    def sources(self, field: str) -> tuple[Source, ...]:
        """Where the values of a field come from: one source, or several for identifiers."""
        filled = self.fields.get(field, ())
        if isinstance(filled, str | Source):
            return (_source(filled),)
        if filled and all(isinstance(one, str) for one in filled):
            return (Source(tuple(map(str, filled))),)
        return tuple(map(_source, filled))

    def columns(self) -> Iterator[tuple[str, str]]:
        """Each field with a column that it needs."""
        for field in self.fields:
            for source in self.sources(field):
                named = (*source.names, *filter(None, [source.unit_from]))
                names = (one for one in named if not (self.wide and one in TURNED))
                yield from ((field, column) for column in names)
        yield from (("wide", column) for column in self.wide)

    def wanted(self) -> tuple[str, ...]:
        """Return the columns that the mapping names, each once."""
        return tuple(dict.fromkeys(column for _, column in self.columns()))

    def unused(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of a table's columns that fill no field."""
        return tuple(name for name in names if name not in self.wanted())


def load(path: Path) -> Mapping:
    """Read a mapping file. Raises `SettingsError`, which names key and line, or `OSError`."""
    return parse(read_text(path), str(path))


def parse(text: str, name: str) -> Mapping:
    """A mapping from the text of its file. Raises `SettingsError`."""
    file = Settings(text, name)
    fields = file.values.get("fields", {})
    mapping = file.convert({**file.values, "fields": {}}, Mapping)
    if not isinstance(fields, dict):
        raise file.wrong(("fields",), "is a table of fields and the columns that fill them")
    try:
        checked(mapping.encoding or "utf-8")
    except FormatError as error:
        raise file.wrong(("encoding",), str(error)) from error
    filled = {name: _filled(file, name, value) for name, value in fields.items()}
    mapping = msgspec.structs.replace(mapping, fields=filled)
    known = {field.name: field for field in FIELDS.get(mapping.kind, ())}
    if not known:
        raise file.wrong(("kind",), f"{mapping.kind!r} cannot be mapped to" + nearest(mapping.kind, FIELDS))
    for part, names in (("fields", mapping.fields), ("constants", mapping.constants)):
        for unknown in sorted(names.keys() - known.keys()):
            raise file.wrong((part, unknown), f"a {mapping.kind} has no such field" + nearest(unknown, known))
    for name, column in mapping.columns():
        if name != "wide" and column in mapping.wide:
            raise file.wrong(("fields", name), f"{column!r} is a column of wide: say {' or '.join(TURNED)}")
    for field in known.values():
        if wrong := problem(mapping, field):
            part = "constants" if field.name in mapping.constants else "fields"
            raise file.wrong((part, field.name), wrong)
    return mapping


def dump(mapping: Mapping, comments: Iterable[str] = ()) -> str:
    """A mapping as the text of its file, which `parse` reads back; `comments` stand above it."""
    plain = msgspec.to_builtins(mapping)
    lines = [f"# {comment}" for comment in comments]
    default = Mapping(mapping.kind)
    stated = [name for name in _STATED if name == "kind" or plain[name] != getattr(default, name)]
    lines += [f"{name} = {_toml(plain[name])}" for name in stated]
    for table in ("fields", "constants"):
        lines += [
            "",
            f"[{table}]",
            *(f"{_key(name)} = {_toml(value)}" for name, value in plain[table].items()),
        ]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """A value in TOML, which takes JSON's strings, numbers and arrays; a source without its defaults."""
    if isinstance(value, dict):
        shown = {name: one for name, one in value.items() if one != _DEFAULTS.get(name, ...)}
        return "{ " + ", ".join(f"{_key(name)} = {_toml(one)}" for name, one in shown.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _filled(file: Settings, name: str, value: object) -> Filled:
    if isinstance(value, list):
        return tuple(_one(file, name, one) for one in value)
    return _one(file, name, value)


def _one(file: Settings, name: str, value: object) -> str | Source:
    where = ("fields", name)
    return file.convert(value, Source, where) if isinstance(value, dict) else file.convert(value, str, where)


def as_format(mapping: Mapping, name: str = "mapping") -> Format:
    """The format that a mapping makes. It recognises nothing by itself: a person or a feed names it."""

    form = Format(name, (mapping.kind,), lambda _: 0.0, partial(read, mapping))
    return whole(form) if mapping.kind == LISTING.name else form


def read(mapping: Mapping, stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows and faults of one table. Raises `FormatError` where a column that the mapping names is missing."""
    sheet = open_sheet(mapping, stream, name)
    missing = [(field, column) for field, column in mapping.columns() if column not in sheet.names]
    for field, column in missing:
        raise FormatError(
            f"{name} has no column {column!r}, which {field} needs{nearest(column, sheet.names)}"
        )
    repeats = Repeats() if mapping.kind == STATISTIC.name else None
    for piece in sheet.pieces:
        if isinstance(piece, Fault):
            yield piece
            continue
        rows = turned(piece, mapping.wide) if mapping.wide else piece
        found = apply(mapping, rows)
        yield from repeats.sift(found, partial(raw_at, rows)) if repeats else found


def open_sheet(mapping: Mapping, stream: BinaryIO, name: str) -> Sheet:
    """The table in a file: a workbook's sheet, or delimited text."""
    start = stream.read(8)
    if json_lines.is_json(start):
        return json_lines.read(start, stream, name, mapping.wanted())
    if spreadsheet.is_workbook(start):
        return spreadsheet.read(start + stream.read(), name, mapping.sheet, mapping.header)
    dialect = delimited.Dialect(mapping.encoding, mapping.delimiter, mapping.header)
    return delimited.read(stream, name, dialect, start)


def apply(mapping: Mapping, rows: Rows) -> Iterator[Batch | Fault]:
    """Rows of text to rows of the mapping's kind, and a fault for each that says something impossible."""
    block = Block({}, rows)
    columns: dict[str, pa.Array] = {}
    for field in FIELDS[mapping.kind]:
        if not (field.required or field.name in mapping.fields or field.name in mapping.constants):
            columns[field.name] = _unfilled(field, block.size)
            continue
        column = read_field(mapping, field, rows.cells)
        columns[field.name] = block.checked(_label(mapping, field), column) if column.wrong else column.values
    yield from block.batches(mapping.kind, columns)


def read_field(mapping: Mapping, field: Field, cells: pa.Table) -> Column:
    """Return the values of one field, and a sentence for each row whose text it cannot be."""
    sources = mapping.sources(field.name)
    if field.name in PAIRED and any(source.system for source in sources):
        texts = _numbered(sources, mapping.trim, cells)
    elif sources:
        texts = _joined(sources[0], mapping.trim, cells)
    else:
        texts = pa.nulls(cells.num_rows, pa.string())
    if field.name in mapping.constants:
        texts = pc.fill_null(texts, mapping.constants[field.name])
    source = sources[0] if sources else _NOWHERE
    if source.key:
        texts = _keyed(texts, source.key)
    quantity = quantities.of_field(mapping.kind, field.name) if mapping.kind and sources else None
    if quantity is None:
        column = field.read(texts, source)
    else:
        unit, decimal = notation(source, quantity)
        if quantity.dimension == "money":
            unit = mapping.constants.get("currency", "")
        beside: dict[int, str] = {}
        if source.unit_from:
            units = _joined(Source(source.unit_from), mapping.trim, cells)
            texts, beside = quantities.with_units(texts, units, source.unit)
        plain = quantities.numbers(texts, quantity, unit, decimal)
        column = field.read(pc.coalesce(plain.values, texts) if plain.wrong else plain.values, source)
        for at, why in plain.wrong.items():
            if at not in column.wrong or quantities.says_more(why, quantity):
                column.wrong[at] = why
        column.wrong.update(beside)
        if quantity.dimension == "money":
            column.wrong.update(_dollars_of_another(mapping, texts, cells))
    if field.required:
        for row in np.flatnonzero(empty(trimmed(texts))).tolist():
            column.wrong.setdefault(row, "is empty")
    return column


def _dollars_of_another(mapping: Mapping, texts: pa.Array, cells: pa.Table) -> dict[int, str]:
    """Return a sentence for each amount with a dollar sign that is not of the currency of its row."""
    (currency,) = (field for field in FIELDS[mapping.kind] if field.name == "currency")
    signed = np.flatnonzero(pc.fill_null(pc.match_substring(texts, "$"), False))
    if not len(signed) or not mapping.sources("currency"):
        return {}
    codes = read_field(mapping, currency, cells).values
    found = ((int(row), texts[row].as_py(), codes[row].as_py()) for row in signed)
    return {
        row: f"{text!r} has a dollar sign, and its currency is {code}"
        for row, text, code in found
        if code and code.casefold() not in quantities.DOLLARS
    }


def notation(source: Source, quantity: quantities.Quantity) -> tuple[str, str]:
    """Return unit and decimal sign of a source's numbers; the unit may be stated by its column's name."""
    unit = source.unit or quantities.in_name(source.names[0], quantity.dimension)
    return (
        "" if quantity.dimension == "money" and not quantities.problem(quantity, unit) else unit
    ), source.decimal


def _keyed(texts: pa.Array, key: str) -> pa.Array:
    """Return numbers as subject keys; what is a key already stays as it is."""
    if key == PLATES:
        plates = measures.plate(texts)
        return pc.coalesce(plates.values, texts)
    made = pc.binary_join_element_wise(key, texts, ":")
    return pc.if_else(pc.match_substring_regex(texts, r"^[a-z]+:[a-z0-9._-]+:."), texts, made)


def _unfilled(field: Field, count: int) -> pa.Array:
    """A column that nothing fills: of the forty that a detection has, most in lines of a sensor."""
    plain = _plain(field)
    return pa.nulls(count, plain.type) if plain.as_py() is None else pa.repeat(plain, count)


@cache
def _plain(field: Field) -> pa.Scalar:
    """Return the value of a field without a text."""
    return field.read(pa.nulls(1, pa.string()), _NOWHERE).values[0]


def _joined(source: Source, trim: bool, cells: pa.Table) -> pa.Array:
    """The text of a source's columns, joined; null where all are empty."""
    columns = [(trimmed if trim else single)(cells.column(name)) for name in source.names]
    texts = reduce(lambda left, right: _pair(left, right, source.join), columns)
    return _translated(texts, source.values) if source.values else texts


def _pair(left: pa.Array, right: pa.Array, separator: str) -> pa.Array:
    """Both texts with the separator between them; where one is null, the other."""
    return pc.coalesce(pc.binary_join_element_wise(left, right, separator), left, right)


def _translated(texts: pa.Array, words: dict[str, str]) -> pa.Array:
    coded = pc.dictionary_encode(texts)
    translated = [words.get(text, text) or None for text in coded.dictionary.to_pylist()]
    return pa.array(translated, pa.string()).take(coded.indices)


def _numbered(sources: tuple[Source, ...], trim: bool, cells: pa.Table) -> pa.Array:
    """The numbers of several columns as one text, each behind its system."""
    written = []
    for source in sources:
        number = escape(_joined(source, trim, cells))
        end = f"@{escape(pa.array([source.owner]))[0]}" if source.owner else ""
        system = escape(pa.array([source.system or "number"]))[0].as_py()
        written.append(pc.binary_join_element_wise(f"{system}:", number, end, ""))
    return reduce(lambda left, right: _pair(left, right, ";"), written)


def _source(filled: str | Source) -> Source:
    return filled if isinstance(filled, Source) else Source(filled)


def _other_currency(mapping: Mapping, source: Source) -> str:
    """Return why amounts are not in the mapping's constant currency; empty where nothing says so."""
    named = quantities.bracketed(source.names[0]).upper()
    constant = mapping.constants.get("currency", named).upper()
    if "currency" in mapping.fields or named == constant or not re.fullmatch(r"[A-Z]{3}", named):
        return ""
    return f"its column is in {named}, and [constants] says that the currency is {constant}"


_KEY: Final = re.compile(rf"(?:{'|'.join(TYPES)}):[a-z0-9][a-z0-9._-]*")
_STATED: Final = ("kind", "encoding", "delimiter", "header", "sheet", "trim", "wide")
_NOWHERE: Final = Source(())
_DEFAULTS: Final = msgspec.to_builtins(_NOWHERE)


def _label(mapping: Mapping, field: Field) -> str:
    names = [
        repr(name) for source in mapping.sources(field.name) for name in source.names if name != field.name
    ]
    return f"{field.name} (column {', '.join(names)})" if names else field.name


def problem(mapping: Mapping, field: Field) -> str:
    """Return the fault in how a field is filled; empty if there is none."""
    sources = mapping.sources(field.name)
    if field.required and not sources and field.name not in mapping.constants:
        return f"every {mapping.kind} needs it: name its column under [fields] or its value under [constants]"
    if len(sources) > 1 and field.name not in PAIRED:
        return "may have one source; to join columns write a list of their names"
    for source in sources:
        if not source.names or not all(source.names):
            return "names no column"
        if field.name not in IDENTITY_ONLY and (never := next(filter(is_protected, source.names), None)):
            return (
                f"is filled from {never!r}: nationality, ethnicity and religion are never features; such a "
                "column may fill country alone, to confirm or clear who is meant"
            )
        if field.name == "birth_date" and any("%y" in form for form in source.formats):
            return "two digits do not tell the century of a birth; deliver four (%Y)"
        if source.key and not _KEY.fullmatch(source.key):
            return f"{source.key!r} is no type and system of subjects, such as parcel:courier"
        try:
            zone_of(source.zone)
        except ValueError as error:
            return str(error)
        quantity = quantities.of_field(mapping.kind, field.name)
        if quantity and (why := quantities.problem(quantity, notation(source, quantity)[0])):
            return why
        if source.unit_from and (quantity is None or quantity.dimension == "money"):
            return "holds no measure, so no column has its unit"
        if field.name in coordinates.FIELDS:
            if source.unit not in coordinates.UNITS:
                return f"{source.unit!r} is none of {', '.join(coordinates.UNITS[1:])}"
            if quantities.in_name(source.names[0], "angle") not in coordinates.HEADERS:
                return f"its column {source.names[0]!r} states a unit that is none of degrees: name another"
        elif (source.unit or source.decimal) and quantity is None:
            return "holds no numbers, so it has no unit and no decimal sign"
        if quantity and quantity.dimension == "money" and (why := _other_currency(mapping, source)):
            return why
    if field.name in mapping.constants:
        found = field.read(pa.array([mapping.constants[field.name]]), _NOWHERE)
        return next(iter(found.wrong.values()), "")
    return ""
