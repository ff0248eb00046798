"""The files of gateways as they are written: the type of each table's rows, and one file over another."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final, Literal, NamedTuple

import msgspec

from watchfloor.formats.settings import Settings, SettingsError, line_of

Names = tuple[str, ...]
Keys = tuple[str, ...]
Rows = Mapping[str, Mapping[str, Any]]
Form = Literal["signal", "pointer", "evidence", "pack", "counts", "cardinality", "match"]
Need = Literal["accuracy", "basis"]

Answer = Literal[
    "description",
    "authorized_by",
    "recipient",
    "sender",
    "received_by",
    "date",
    "reasons",
    "basis",
    "accuracy",
    "purpose",
    "disposal",
    "destroyed_on",
    "returned_on",
]
"""What of an act answers an item of a record; `exchange.log.records_due` gives each."""


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words of counsel in both languages."""

    en: str
    fr: str


class LawRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An Act or regulation: its title, whose law it is, which file of it was read, and of which day."""

    title: Text
    country: str = "CAN"
    source: str = ""
    read: date | None = None

    @property
    def number(self) -> str:
        """Return how the law cites itself, as `C-52.6` or `SOR/2002-184`; empty where no file was read."""
        return re.sub(r"^(SOR|SI)-", r"\1/", self.source.removesuffix(".xml"))


class CountryRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Caveats that go with every row that a foreign gateway brings to a country."""

    caveats: Names


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """One thing that a record must set out: the provision, what of the act answers it, in words."""

    section: str
    from_: Answer
    what: Text


class RecordRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record that a law asks for of each disclosure or receipt.

    Attributes:
        law: short name.
        section: that asks for it.
        act: of which act of the log.
        title: in words.
        items: what it must set out.
        copy_to: who gets a copy of a year's records.
        due: last day for that copy in the year that follows, as month-day.
        due_section: that says so.
        keep_years: for how many years it is kept at least.
        keep_section: that says so.
    """

    law: str
    section: str
    act: Literal["disclosed", "received"]
    title: Text
    items: tuple[Item, ...]
    copy_to: Text | None = None
    due: str = ""
    due_section: str = ""
    keep_years: int = 0
    keep_section: str = ""


class GatewayRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A gateway as it is written; `watchfloor.policy.gateways.Gateway` says what each key means."""

    law: str
    section: str
    from_: Names
    to: Names
    purpose: str
    test: Text
    forms: tuple[Form, ...]
    fields: Names
    since: date
    rests_on: str = ""
    unquoted: Text | None = None
    also: Names = ()
    needs: tuple[Need, ...] = ()
    basis: Text | None = None
    records: Names = ()
    expires: date | None = None
    foreign: bool = False
    checked: bool = False
    caveats: Names = ()
    note: Text | None = None


ROWS: Final[Mapping[str, object]] = {
    "part_of": Names,
    "law": LawRow,
    "purpose": Text,
    "country": CountryRow,
    "fields": dict[str, Names],
    "record": RecordRow,
    "gateway": GatewayRow,
}
"""The tables of a file, and the type of each one's rows."""


class Problem(NamedTuple):
    """Something wrong with a file: where, as a sentence; a note is told and stops nobody."""

    text: str
    fatal: bool = True


class Files:
    """Files one over the other: what they say together, and which of them says it."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        self.files = [_read(name, text) for name, text in named]
        self.merged: dict[str, Any] = {}
        for one in self.files:
            _merge(self.merged, one.values)

    def rows(self, table: str) -> Rows:
        """Rows of a table by name."""
        found = self.merged.get(table, {})
        return found if isinstance(found, dict) else {}

    def source_of(self, keys: Keys) -> Settings:
        """The last file that sets what stands under `keys`, or else that has the row."""
        for depth in range(len(keys), 0, -1):
            for one in reversed(self.files):
                if _has(one.values, keys[:depth]):
                    return one
        return self.files[-1]

    def wrong(self, keys: Keys, message: str, *, fatal: bool = True) -> Problem:
        """Return the problem of what stands under `keys`."""
        return Problem(str(self.source_of(keys).wrong(keys, message)), fatal)


def _read(name: str, text: str) -> Settings:
    try:
        return Settings(text, name)
    except SettingsError as error:
        if again := re.search(r"Cannot declare \((.+?)\) twice", str(error)):
            keys = tuple(re.findall(r"'([^']*)'", again[1]))
            first = line_of(text, keys)
            raise SettingsError(
                f"{error}: {'.'.join(keys)} is there already, on line {first}; one id is one row"
            ) from error
        raise


def _has(values: object, keys: Keys) -> bool:
    for key in keys:
        if not isinstance(values, Mapping) or key not in values:
            return False
        values = values[key]
    return True


def _merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    """Tables of the same name are joined, all else is replaced."""
    for key, value in other.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = {} if isinstance(value, Mapping) else value
            if isinstance(value, Mapping):
                _merge(into[key], value)


def converted(given: Files, table: str) -> Iterator[tuple[str, Any]]:
    """Rows of a table by name, as their type. Raises `SettingsError`."""
    of: Any = ROWS[table]
    for name, row in given.rows(table).items():
        yield name, given.source_of((table, name)).convert(row, of, (table, name))


def joined(sets: Iterable[Mapping[str, Iterable[str]]]) -> dict[str, frozenset[str]]:
    """Sets of columns as one, by kind."""
    found: dict[str, frozenset[str]] = {}
    for one in sets:
        for kind, columns in one.items():
            found[kind] = found.get(kind, frozenset()) | frozenset(columns)
    return found
