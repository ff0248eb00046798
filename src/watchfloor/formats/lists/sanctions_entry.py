"""Entries of sanctions lists of other countries, before they are items: what their readers fill in alike."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from watchfloor.core.partial_date import MONTHS, NoSuchDateError, exact, in_form
from watchfloor.formats.base import Fault
from watchfloor.formats.lists.countries import country_codes
from watchfloor.formats.lists.listing_rows import (
    UNDATED,
    Identifier,
    Item,
    Name,
    Role,
    distinct,
    midnight,
    squeeze,
)
from watchfloor.formats.lists.strength import strength_of
from watchfloor.formats.tabular.table import Rows, Sheet

MAX_SPAN: Final = 30
"""Years of a span of birth; a longer one says nothing about a person."""
MOST_ROWS: Final = 5_000
"""Rows of one entry of a table: names times addresses; the largest real one has some hundred."""


class Publisher(NamedTuple):
    """A list: its id here, its title, and the language of its prose."""

    list_id: str
    title: str
    lang: str = "en"


class Entry(msgspec.Struct, kw_only=True):
    """One entry as its publisher states it.

    Attributes:
        number: the publisher's own, which stays.
        names: in the publisher's order; the first of the role primary is the name.
        births: dates as `birth_dates` gives them.
        countries: names or codes of countries.
        regime: the instrument or programme, as the publisher calls it.
        updated: since when this version holds.
        remarks: prose.
    """

    number: str
    schema: str
    names: list[Name] = []
    births: list[str] = []
    countries: list[str] = []
    identifiers: list[Identifier] = []
    regime: str = ""
    version: str | None = None
    listed: date | None = None
    updated: date | None = None
    ceased: date | None = None
    remarks: list[str] = []


def item(of: Publisher, entry: Entry, published: date | None, locator: str) -> Item:
    """Return the item of an entry. Raises `ValueError` where it has no number or no name."""
    if not entry.number:
        raise ValueError("this entry has no number of its publisher's")
    named = [name for name in entry.names if name.text]
    if not named:
        raise ValueError("this entry has no name")
    at = next((at for at, name in enumerate(named) if name.role == "primary"), 0)
    first = msgspec.structs.replace(named.pop(at), role="primary")
    others = (msgspec.structs.replace(one, role="alias") if one.role == "primary" else one for one in named)
    entity = f"{of.list_id}#{entry.number}"
    return Item(
        report_key=f"{entity}@{published}" if published else entity,
        locator=locator,
        observed_at=midnight(published) if published else UNDATED,
        list_id=of.list_id,
        entity_id=entity,
        version_id=entry.version,
        instrument=f"{of.title}: {entry.regime}" if entry.regime else of.title,
        title=of.title,
        item=entry.number,
        schema=entry.schema,
        name=first.text,
        names=distinct([first, *others]),
        birth_dates=list(dict.fromkeys(entry.births)),
        countries=country_codes(entry.countries),
        identifiers=list(dict.fromkeys(entry.identifiers)),
        listed_on=entry.listed,
        in_force=entry.updated or entry.listed,
        ceased=entry.ceased,
        window_from=published,
        window_until=published,
        lang=of.lang,
        remarks="; ".join(dict.fromkeys(filter(None, entry.remarks))) or None,
    )


def name(text: str, role: Role, schema: str, *, weak: bool = False, lang: str | None = None) -> Name:
    """Return a name with its strength: the publisher's grade, else by how many others share such a name."""
    text, primary = squeeze(text), role == "primary"
    if schema in ("Vessel", "Aircraft") and primary:
        return Name(text, role, "weak" if weak else "strong", lang)
    own = strength_of(text, person=schema == "Person", primary=primary, capitals=text.isupper())
    return Name(text, role, "weak" if weak else own, lang)


_BIRTH: Final = re.compile(
    r"(?P<iso>(\d{4})-(\d\d)-(\d\d))"
    r"|(?P<parts>(dd|\d{1,2})[/.](mm|\d{1,2})[/.](\d{4}))"
    r"|(?P<named>(?:(\d{1,2})(?:st|nd|rd|th)?\s+)?([a-z]{3,9})\.?,?\s+(\d{4}))"
    r"|(?P<year>(?<!\d)(?:1[89]|20)\d\d(?!\d))",
    re.ASCII,
)
_YEAR: Final = r"(?<!\d)((?:1[89]|20)\d\d)(?![\d/])"
_SPAN: Final = re.compile(rf"between\s+{_YEAR}\s+and\s+{_YEAR}|{_YEAR}\s*(?:-|–|to)\s*{_YEAR}")
_VAGUE: Final = re.compile(r"approx|circa|about|between|\bc\.|early|late|\bto\b", re.IGNORECASE)


def birth_dates(text: str) -> tuple[list[str], bool]:
    """Return dates of birth to the precision written, and whether the publisher is unsure of them.

    A span of up to thirty years is each of its years. `dd`, `mm` and zeros are parts that are not known; of a
    day that the calendar does not have the year is kept.
    """
    plain = squeeze(text).lower()
    vague = _VAGUE.search(plain) is not None
    found: list[str] = []
    for match in _SPAN.finditer(plain):
        first, last = sorted(int(year) for year in match.groups() if year)
        if last - first <= MAX_SPAN:
            found += [str(year) for year in range(first, last + 1)]
    for match in _BIRTH.finditer(_SPAN.sub(" ", plain)):
        if match["iso"]:
            found.append(_iso(match[2], match[3], match[4]))
        elif match["parts"]:
            found.append(_iso(match[8], match[7], match[6]))
        elif match["named"]:
            month = MONTHS.get(match[11], MONTHS.get(match[11][:3], 0))
            found.append(_iso(match[12], str(month), match[10] or "0"))
        else:
            found.append(match["year"])
    return list(dict.fromkeys(found)), vague


def _iso(year: str, month: str, day: str) -> str:
    parts = [int(part) if part.isdigit() else 0 for part in (year, month, day)]
    known = parts[:1] if not parts[1] else parts[:2] if not parts[2] else parts
    try:
        return str(exact(f"{year}-{month}-{day}", *known))
    except NoSuchDateError:
        return year


def day(text: str | None) -> date | None:
    """Return a day as publishers write it: `2026-09-21`, `21/09/2026`, `21-Sep-2026`; None: it is none."""
    text = squeeze(text or "")
    for form, part in (
        ("%Y-%m-%d", text[:10]),
        ("%d/%m/%Y", text[:10]),
        ("%d-%b-%Y", text),
        ("%d %b %Y", text),
    ):
        if found := in_form(part, form):
            return date(*found)
    return None


class EntryRows(NamedTuple):
    """The rows of one entry: its number, where it stands, its cells by column, and its first line."""

    number: str
    locator: str
    cells: list[dict[str, str]]
    raw: bytes


def together(sheet: Sheet, number_of: Callable[[dict[str, str]], str]) -> Iterator[EntryRows | Fault]:
    """Yield the rows of a table that belong to one entry, which stand one below the other.

    An entry that comes again further down is a fault: half of it was given already.
    """
    held: EntryRows | None = None
    seen: set[int] = set()
    for piece in sheet.pieces:
        if isinstance(piece, Fault):
            yield piece
            continue
        for cells, locator, raw in _lines(piece):
            number = number_of(cells)
            if held is not None and number == held.number and len(held.cells) < MOST_ROWS:
                held.cells.append(cells)
                continue
            if held is not None:
                yield held
            held = None
            if not number:
                yield Fault(locator, "this row has no number of its entry", raw)
            elif hash(number) in seen:
                why = f"entry {number[:80]} comes again: its rows must stand together. Sort the file by it"
                yield Fault(locator, why, raw)
            else:
                seen.add(hash(number))
                held = EntryRows(number, locator, [cells], raw)
    if held is not None:
        yield held


def _lines(rows: Rows) -> Iterator[tuple[dict[str, str], str, bytes]]:
    table: list[dict[str, Any]] = rows.cells.to_pylist()
    for at, (cells, locator) in enumerate(zip(table, rows.locators.to_pylist(), strict=True)):
        yield {column: squeeze(text or "") for column, text in cells.items()}, locator, rows.raw(at)


def table_items(
    found: Iterable[EntryRows | Fault],
    read: Callable[[EntryRows], Entry],
    of: Publisher,
    published: date | None,
) -> Iterator[Item | Fault]:
    """Yield the item of each entry of a table; a `ValueError` is the reason of a fault."""
    for one in found:
        if isinstance(one, Fault):
            yield one
            continue
        try:
            yield item(of, read(one), published, one.locator)
        except ValueError as error:
            yield Fault(one.locator, str(error), one.raw)


def each(rows: EntryRows, *columns: str) -> list[str]:
    """Return the different values of columns of an entry, in their order."""
    return list(dict.fromkeys(text for row in rows.cells for name in columns if (text := row.get(name, ""))))
