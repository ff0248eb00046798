"""The table of gateways: `gateways.toml`, which counsel can read and edit, and a node's own file over it.

A node's `gateways.toml` beside its `floor.toml` adds rows, ends them or changes single keys of them. What is
wrong with a file is named by line and key, all of it at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from watchfloor.formats.base import FormatError
from watchfloor.formats.settings import SettingsError
from watchfloor.policy.gateway_check import problems as wrong_with
from watchfloor.policy.gateway_rows import (
    ROWS,
    CountryRow,
    Files,
    GatewayRow,
    LawRow,
    Problem,
    RecordRow,
    Text,
    converted,
    joined,
)
from watchfloor.policy.gateways import Gateway, nearest

PACKAGED: Final = "gateways.toml"


class GatewayError(FormatError):
    """A table that cannot be used, or a gateway that is not in it; the message names line and key."""


@dataclass(frozen=True, slots=True)
class Table:
    """A whole table: laws, what purposes mean, records owed, and gateways, each by name."""

    laws: Mapping[str, LawRow]
    purposes: Mapping[str, Text]
    records: Mapping[str, RecordRow]
    gateways: Mapping[str, Gateway]

    def citations(self) -> Iterator[tuple[str, str, str]]:
        """Yield each provision that a row rests on: law, label, row (`scida-5`, `record scida-9-1`).

        A section of what no file was read of, such as a decision, is none.
        """
        for id_, row in self.gateways.items():
            own = (row.section,) if self.laws[row.law].source else ()
            yield from ((*_cited(row.law, one), id_) for one in (*own, *row.also))
        for id_, record in self.records.items():
            if self.laws[record.law].source:
                sections = (record.section, record.due_section, record.keep_section)
                whole = filter(None, (*sections, *(item.section for item in record.items)))
                yield from ((*_cited(record.law, one), f"record {id_}") for one in whole)


Direction = Literal["narrows", "widens", "rewords"]


class Change(NamedTuple):
    """A change that a node's own file makes to one gateway: its direction, and which key."""

    direction: Direction
    gateway: str
    key: str


_LIMITS: Final = frozenset({"needs", "records", "caveats", "abroad"})
"""Keys of which more is narrower."""


def load(own: Path | None = None) -> dict[str, Gateway]:
    """The gateways by id: the packaged table's, with what a node's own file adds, ends and changes.

    Args:
        own: the node's `gateways.toml`; one that is not there changes nothing.

    Raises:
        GatewayError: a row cannot be used; the message names file, line and key.
    """
    return dict(load_table(own).gateways)


def load_table(own: Path | None = None) -> Table:
    """The same with laws, purposes and records. Raises `GatewayError`."""
    return parse(*texts(own))


def texts(own: Path | None = None) -> list[tuple[str, str]]:
    """Name and text of the packaged file and of a node's own, where it is there. Raises `GatewayError`."""
    packaged = (PACKAGED, (files(__package__) / PACKAGED).read_text("utf-8"))
    if own is None or not own.exists():
        return [packaged]
    try:
        return [packaged, (str(own), own.read_text("utf-8-sig"))]
    except UnicodeDecodeError as error:
        raise GatewayError(f"{own} is no UTF-8 text; save it as one") from error


@lru_cache(maxsize=8)  # every message of a session asks for it
def parse(*named: tuple[str, str]) -> Table:
    """A table of files, name and text, a later one's keys over an earlier one's. Raises `GatewayError`."""
    try:
        given = Files(named)
    except SettingsError as error:
        raise GatewayError(str(error)) from error
    wrong = [one.text for one in wrong_with(given) if one.fatal]
    if wrong:
        more = f" (and {len(wrong) - 1} more: watchfloor gateway check)" if len(wrong) > 1 else ""
        raise GatewayError(wrong[0] + more)
    rows = {table: dict(converted(given, table)) for table in ROWS}
    return Table(
        rows["law"],
        rows["purpose"],
        rows["record"],
        {id_: _gateway(id_, row, rows) for id_, row in rows["gateway"].items()},
    )


def problems(*named: tuple[str, str], on: date | None = None) -> list[Problem]:
    """All that is wrong with files, and what to know of them.

    Args:
        named: name and text of each, a later one's keys over an earlier one's.
        on: a day; what has expired by then or has not begun is noted.
    """
    try:
        given = Files(named)
    except SettingsError as error:
        return [Problem(str(error))]
    found = list(wrong_with(given))
    if on is not None and not any(one.fatal for one in found):
        found += _dated(given, parse(*named).gateways, on)
    return found


def changes(own: Path) -> list[Change]:
    """Return what a node's own file changes of the packaged table: where it narrows, and where it widens.

    Raises:
        GatewayError: one of them cannot be used.
    """
    before, after = load(), load(own)
    return [
        change
        for id_, row in after.items()
        for change in (_changed(before[id_], row) if id_ in before else [Change("widens", id_, "added")])
    ]


def pick(gateways: Mapping[str, Gateway], id_: str) -> Gateway:
    """The gateway of an id. Raises `GatewayError` with the nearest id."""
    if id_ in gateways:
        return gateways[id_]
    raise GatewayError(f"there is no gateway {id_!r}{nearest(id_, gateways)}; see watchfloor gateway list")


def _cited(law: str, citation: str) -> tuple[str, str]:
    """Return law and label of a citation, which names its law where that is another one, as `PR 7`."""
    if citation.startswith("Schedule "):
        return law, citation
    other, _, label = citation.rpartition(" ")
    return other or law, label


def _dated(given: Files, gateways: Mapping[str, Gateway], on: date) -> Iterator[Problem]:
    for id_ in given.files[-1].values.get("gateway", {}):
        at, one = ("gateway", id_), gateways[id_]
        if one.expires is not None and one.expires < on:
            yield given.wrong((*at, "expires"), f"ended on {one.expires}: nothing goes through", fatal=False)
        if one.since > on:
            yield given.wrong((*at, "since"), f"begins on {one.since}: nothing goes before", fatal=False)
        if not one.checked:
            yield given.wrong((*at, "checked"), "nobody has said that the provision was read", fatal=False)


def _changed(before: Gateway, after: Gateway) -> Iterator[Change]:
    for one in fields(Gateway):
        old, new = getattr(before, one.name), getattr(after, one.name)
        if old != new:
            for direction in _directions(one.name, old, new):
                yield Change(direction, after.id, one.name.rstrip("_"))


def _directions(key: str, old: Any, new: Any) -> Iterator[Direction]:
    if key in {"since", "expires"}:
        less, more = _days(key, old), _days(key, new)
        yield "narrows" if more < less else "widens"
        return
    if key in {"fields", "abroad"}:
        old, new = _pairs(old), _pairs(new)
    if isinstance(new, frozenset) or key in _LIMITS:
        added, gone = set(new) - set(old), set(old) - set(new)
        if key in _LIMITS:
            added, gone = gone, added
        if added:
            yield "widens"
        if gone:
            yield "narrows"
    else:
        yield "rewords"


def _days(key: str, day: date | None) -> int:
    """Larger where the gateway stands longer."""
    ordinal = (day or date.max).toordinal()
    return -ordinal if key == "since" else ordinal


def _pairs(columns: Mapping[str, Iterable[str]]) -> frozenset[tuple[str, str]]:
    return frozenset((kind, column) for kind, names in columns.items() for column in names)


def _gateway(id_: str, row: GatewayRow, rows: Mapping[str, Mapping[str, Any]]) -> Gateway:
    parts = rows["part_of"]
    return Gateway(
        id=id_,
        law=row.law,
        section=row.section,
        rests_on=row.rests_on,
        unquoted=_words(row.unquoted),
        also=row.also,
        from_=_with_parts(row.from_, parts),
        to=_with_parts(row.to, parts),
        purpose=row.purpose,
        test=_words(row.test),
        fields=joined(rows["fields"][name] for name in row.fields),
        forms=frozenset(row.forms),
        needs=frozenset(row.needs),
        basis=_words(row.basis),
        records=row.records,
        since=row.since,
        expires=row.expires,
        foreign=row.foreign,
        checked=row.checked,
        caveats=frozenset(row.caveats),
        note=_words(row.note),
        country=rows["law"][row.law].country,
        abroad=_abroad(rows["country"]) if row.foreign else {},
    )


def _abroad(countries: Mapping[str, CountryRow]) -> dict[str, frozenset[str]]:
    return {country: frozenset(row.caveats) for country, row in countries.items()}


def _words(text: Text | None) -> dict[str, str]:
    return {"en": text.en, "fr": text.fr} if text is not None else {}


def _with_parts(institutions: Iterable[str], parts: Mapping[str, Sequence[str]]) -> frozenset[str]:
    named = frozenset(institutions)
    return named | {part for part, wholes in parts.items() if named & set(wholes)}
