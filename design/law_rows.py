"""The items of one stored edition of the law, as rows of the table: what each names, covers and takes out."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from watchfloor.core.partial_date import MONTH_NAMES
from watchfloor.formats.base import Fault
from watchfloor.formats.lists import justice_substances
from watchfloor.formats.lists.justice_schedules import Entry, pending, read

FILES = ("*C-38.8@*.xml", "SOR-2002-359@*.xml")
ACTS = {"C-38.8": "CDSA", "SOR/2002-359": "PCR"}

DEVICES = (
    ("compact or mould|compacter ou mouler", ("tablet press", "presse à comprimés")),
    ("fill capsules|remplir des capsules", ("capsule filler", "remplisseuse de capsules")),
    ("^Die |^Matrice ", ("die of such a device", "matrice d’un tel instrument")),
    ("^Mould |^Moule ", ("mould of such a device", "moule d’un tel instrument")),
    ("^Punch |^Poinçon ", ("punch of such a device", "poinçon d’un tel instrument")),
)
"""Devices of Schedule IX in our words, by the words of the item that say which it is."""


@dataclass(frozen=True)
class Row:
    """A line of the table, as `reference.law.items.Item` explains it."""

    entry: Entry
    key: str
    sort: str
    names: tuple[str, ...]
    covers: frozenset[str]
    under: str
    since: date
    period_until: date | None = None
    until: date | None = None
    ended: str = ""
    ended_by: str = ""
    names_fr: tuple[str, ...] = ()
    item_fr: str = ""
    label: str = ""


def entries(folder: Path) -> dict[str, list[Entry]]:
    """All items of all stored editions, by file, oldest edition first."""
    found = {}
    for path in (path for pattern in FILES for path in folder.glob(pattern)):
        with path.open("rb") as stream:
            pieces = list(read(stream, path.name))
        for one in pieces:
            if isinstance(one, Fault):
                raise SystemExit(f"{path.name}, {one.locator}: {one.reason}")
        found[path.name] = [one for one in pieces if isinstance(one, Entry)]
    return dict(sorted(found.items(), key=lambda pair: (pair[1][0].edition.first, pair[0])))


def between(folder: Path, file: str, older: list[Entry], newer: list[Entry]) -> list[Entry]:
    """An edition with what amendments that it prints as not in force added to it before the next edition.

    The next edition's history says which of them came into force, and when. Empty where none did.
    """
    days = {note: one.since for one in newer for note in one.amended}
    with (folder / file).open("rb") as stream:
        found = [one for one in pending(stream, file) if isinstance(one, Entry)]
    added = [
        replace(one, since=days[note], schedule_since=_schedule_since(older, one))
        for one in found
        for note in one.amended
        if note in days
    ]
    keys = {key_of(one) for one in added}
    return [*(one for one in older if key_of(one) not in keys), *added] if added else []


def _schedule_since(edition: list[Entry], of: Entry) -> date:
    return next(one.schedule_since for one in edition if one.schedule == of.schedule)


def key_of(entry: Entry, depth: int | None = None) -> str:
    """The key of an item, or of the one it stands in at a depth."""
    item = "".join(entry.labels[:depth])
    place = ".".join(filter(None, (entry.schedule, entry.part)))
    return "/".join(filter(None, (ACTS[entry.edition.instrument], place, item)))


def rows_of(one: list[Entry]) -> list[Row]:
    """The items of one edition, with what the items above them cover, and what they take out themselves."""
    covers: dict[str, frozenset[str]] = defaultdict(frozenset)
    for entry in one:
        if not entry.repealed:
            covers[key_of(entry)] |= justice_substances.read(entry.text).covers
    return [row for entry in one if not entry.continues for row in _rows(entry, covers)]


def _rows(entry: Entry, covers: dict[str, frozenset[str]]) -> Iterator[Row]:
    key, under = key_of(entry), key_of(entry, -1) if len(entry.labels) > 1 else ""
    first, last = period(entry) or (entry.since, None)
    row = Row(entry, key, "repealed", (), frozenset(), under, max(first, entry.since), last)
    if entry.repealed:
        yield replace(row, ended="repealed", ended_by=", ".join(entry.text.strip("[]").split(", ")[1:]))
        return
    named = justice_substances.read(entry.text)
    above = [key_of(entry, depth) for depth in range(1, len(entry.labels) + 1)]
    all_covers = frozenset(word for one in above for word in covers[one])
    sort = "excluded" if entry.excluded else named.kind
    own = named.covers if entry.excluded else all_covers
    yield replace(row, sort=sort, names=_names(entry, named), covers=own | _assembled(entry, named))
    for number, text in enumerate(named.excepted, 1):
        yield _excepted(row, number, text)


def _excepted(row: Row, number: int, text: str) -> Row:
    named = justice_substances.read(text)
    plant = "phytocannabinoïde" if row.entry.edition.lang == "fr" else "phytocannabinoid"
    names = (plant,) if "phytocannabin" in text else named.names
    label = f"{row.entry.item}/x{number}"
    covers = frozenset({"salts"}) if "WIN 55,212-3" in text else frozenset()
    return replace(
        row,
        key=f"{row.key}/x{number}",
        sort="excluded",
        names=names,
        covers=covers,
        under=row.key,
        label=label,
    )


def _names(entry: Entry, named: justice_substances.Named) -> tuple[str, ...]:
    lang = entry.edition.lang == "fr"
    if named.kind == "device":
        return next((words[lang],) for form, words in DEVICES if re.search(form, entry.text))
    if named.kind == "mixture":
        what = justice_substances.read(named.names[0]).names[0] if entry.schedule == "V" else ""
        of = what or ("précurseurs des parties 1 et 2" if lang else "precursors of Parts 1 and 2")
        return (f"préparations et mélanges : {of}" if lang else f"preparations and mixtures of {of}",)
    return named.names


def _assembled(entry: Entry, named: justice_substances.Named) -> frozenset[str]:
    apart = named.kind == "device" and re.search("unassembled|pièces détachées", entry.text)
    return frozenset({"unassembled"}) if apart else frozenset()


def period(entry: Entry) -> tuple[date, date] | None:
    """First and last day of an item of Schedule V, from its second column."""
    if entry.schedule != "V" or not entry.columns or not entry.columns[0]:
        return None
    found = re.findall(r"([A-Z][a-z]+) (\d+), (\d{4})|(\d+)(?:er)? ([a-zéû]+) (\d{4})", entry.columns[0])
    days = [date(int(y or b), MONTH_NAMES[(m or f).lower()], int(d or e)) for m, d, y, e, f, b in found]
    if len(days) != 2 or days[0] > days[1]:
        raise SystemExit(f"Schedule V, item {entry.item}: no period in {entry.columns[0]!r}")
    return days[0], days[1]
