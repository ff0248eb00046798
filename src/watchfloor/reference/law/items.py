"""The items of the Controlled Drugs and Substances Act's schedules and of the Precursor Control Regulations.

`items.tsv` holds facts, not the text of the law: labels, names, what is covered, dates, citations. It is made
by `./dev law` from every stored consolidation (Justice Laws XML, Open Government Licence – Canada).

What the dates mean. `since` is the day the item's present wording came into force; the substance may have
been controlled before under an earlier wording or number that no stored edition shows (schedules I to IV were
restated in 2017 and 2018). `until` is the last day in force. Between two stored editions, what came and went
again is not seen; `Edition.first` and `last` say which days an edition speaks for.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

FILE: Final = "items.tsv"
EDITIONS_FILE: Final = "editions.tsv"

Sort = Literal["substance", "class", "excluded", "device", "plant", "mixture", "repealed"]


class Item(msgspec.Struct, frozen=True):
    """One wording of one item.

    Attributes:
        key: `CDSA/I/16(5)`, `CDSA/VI.1/20` (Part 1), `CDSA/V.2.1/1` (Part 2, Table 1), `PCR/28`; what an item
            itself takes out is `CDSA/II/2/x1`; `CDSA/V/1/2025` has the number of an item that was repealed.
            Wordings of one item over time share it.
        act: `CDSA` or `PCR`.
        schedule: Roman numeral; empty for the Regulations.
        part: `1`, `2.1`; empty where the schedule has none.
        item: `16(5)`.
        item_fr: its number in the French text where it is another one, else empty.
        names_en: the head name first, then synonyms and systematic names.
        names_fr: of the stored French edition; empty where that has no such item.
        covers: what is covered besides: `salts`, `derivatives`, `isomers`, `salts-of-derivatives`…, its own
            words and those of the items it stands in.
        sort: what it is; `repealed` is only the mark that something stood there, and names nothing.
        under: key of the item it stands in.
        since: first day of this wording; for a temporary item, of its period.
        until: last day in force; None while in force.
        temporary: whether it is in Schedule V for a period.
        period_until: last day of that period, as the schedule states it.
        ended: how it ended, or will: `repealed`, `period ended`, `replaced` (by other wording, or elsewhere).
        ended_by: by what.
        amended: what brought this wording.
        fid: Justice Laws id that is stable over versions; empty where there is none.
        quantity: maximum quantity of the Regulations' schedule, as stated.
    """

    key: str
    act: str
    schedule: str
    part: str
    item: str
    item_fr: str
    names_en: tuple[str, ...]
    names_fr: tuple[str, ...]
    covers: frozenset[str]
    sort: Sort
    under: str | None
    since: date
    until: date | None
    temporary: bool
    period_until: date | None
    ended: str | None
    ended_by: str
    amended: str
    fid: str
    quantity: str

    @property
    def name(self) -> str:
        """The head name in English; empty for the mark of a repeal."""
        return self.names_en[0] if self.names_en else ""

    @property
    def precursor_class(self) -> Literal["A", "B"] | None:
        """The class of a precursor, where the part or table that it stands in is one of a class."""
        return _CLASSES.get((self.schedule, self.part))

    @property
    def citation(self) -> str:
        """Such as `S.C. 1996, c. 19, Schedule VI, Part 1, item 27(1) (SOR/2024-98, s. 2)`."""
        return self.cited("en")

    def cited(self, lang: str) -> str:
        """The citation in English or French."""
        words = _WORDS[lang]
        item = self.item_fr if lang == "fr" and self.item_fr else self.item
        pieces = [words[self.act], f"{words['schedule']} {self.schedule}".strip()]
        if self.part:
            part, _, table = self.part.partition(".")
            pieces.append(f"{words['part']} {part}")
            pieces += [f"{words['table']} {table}"] if table else []
        pieces += [f"{words['item']} {item}"] if item else []
        return ", ".join(pieces) + (f" ({self.amended})" if self.amended and lang == "en" else "")

    def on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.sort != "repealed" and self.since <= day and (self.until is None or day <= self.until)


_CLASSES: Final[Mapping[tuple[str, str], Literal["A", "B"]]] = {
    ("V", "2.1"): "A",
    ("V", "2.2"): "B",
    ("VI", "1"): "A",
    ("VI", "2"): "B",
}
"""Parts and tables of the Act by class: Schedule VI, Parts 1 and 2; Schedule V, Part 2, Tables 1 and 2."""

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "CDSA": "S.C. 1996, c. 19",
        "PCR": "SOR/2002-359",
        "schedule": "Schedule",
        "part": "Part",
        "table": "Table",
        "item": "item",
    },
    "fr": {
        "CDSA": "L.C. 1996, ch. 19",
        "PCR": "DORS/2002-359",
        "schedule": "annexe",
        "part": "partie",
        "table": "tableau",
        "item": "article",
    },
}


class Edition(msgspec.Struct, frozen=True):
    """A consolidation that was read: which instrument, in which language, and the days it speaks for."""

    act: str
    lang: str
    first: date
    last: date
    file: str


class Change(msgspec.Struct, frozen=True):
    """A difference between two days.

    Attributes:
        what: `added`, `removed` or `changed`.
        key: of the item.
        before: as it was on the first day.
        after: as it was on the second.
        day: when: the first day of the new wording, or the first day without it.
    """

    what: Literal["added", "removed", "changed"]
    key: str
    before: Item | None
    after: Item | None
    day: date


@cache
def items() -> tuple[Item, ...]:
    """Every wording of every item, in the order of the law, oldest wording first."""
    return tuple(map(_item, _rows(FILE)))


def began(item: Item) -> date | None:
    """The first day of a wording, or None where the item stood there before in words that no edition shows.

    That is so of what was restated as a whole, and of the first known wording of a numbered item among those:
    1-phenyl-2-propanone is item 11 of 31, so the amendment of 2019 gave it new words and did not add it.
    """
    if not item.amended:
        return None
    number = item.item if item.item.isdecimal() else ""
    earlier = number and item is _first()[item.key] and int(number) < _restated().get(_place(item), 0)
    return None if earlier else item.since


def _place(item: Item) -> tuple[str, str, str]:
    return item.act, item.schedule, item.part


@cache
def _first() -> Mapping[str, Item]:
    return {one.key: one for one in reversed(items())}


@cache
def _restated() -> Mapping[tuple[str, str, str], int]:
    """The highest number of an item that was restated with its schedule, by schedule and part."""
    found: dict[tuple[str, str, str], int] = {}
    for one in items():
        if not one.amended and one.item.isdecimal():
            found[_place(one)] = max(int(one.item), found.get(_place(one), 0))
    return found


@cache
def editions() -> tuple[Edition, ...]:
    """The consolidations that were read, oldest first."""
    days = date.fromisoformat
    return tuple(
        Edition(row["act"], row["lang"], days(row["first"]), days(row["last"]), row["file"])
        for row in _rows(EDITIONS_FILE)
    )


def on(day: date) -> tuple[Item, ...]:
    """The items in force on a day, exceptions among them."""
    return tuple(one for one in items() if one.on(day))


def known(day: date, act: str = "CDSA") -> Literal["read", "between", "before", "after"]:
    """Whether an edition that was read speaks for the day, or what it lies before, between or after."""
    spans = [(one.first, one.last) for one in editions() if one.act == act]
    if any(first <= day <= last for first, last in spans):
        return "read"
    if day < min(first for first, _ in spans):
        return "before"
    return "after" if day > max(last for _, last in spans) else "between"


def diff(a: date, b: date) -> tuple[Change, ...]:
    """Compare two days, in the order of the law; items that came and went in between are left out."""
    before, after = ({one.key: one for one in on(day)} for day in (a, b))
    changes = (_change(key, before.get(key), after.get(key)) for key in dict.fromkeys([*before, *after]))
    order = {one.key: at for at, one in enumerate(items())}
    return tuple(sorted(filter(None, changes), key=lambda one: order[one.key]))


def _change(key: str, before: Item | None, after: Item | None) -> Change | None:
    if before == after:
        return None
    if after is None and before is not None:
        gone = date.fromordinal((before.until or before.since).toordinal() + 1)
        return Change("removed", key, before, None, gone)
    if after is not None:
        return Change("changed" if before else "added", key, before, after, after.since)
    return None


def _rows(name: str) -> list[dict[str, str]]:
    lines = (files(__package__) / name).read_text("utf-8").splitlines()
    head, *rest = (line.split("\t") for line in lines if not line.startswith("#"))
    return [dict(zip(head, cells, strict=True)) for cells in rest]


def _item(row: dict[str, str]) -> Item:
    return Item(
        key=row["key"],
        act=row["act"],
        schedule=row["schedule"],
        part=row["part"],
        item=row["item"],
        item_fr=row["item_fr"],
        names_en=_several(row["names_en"], " | "),
        names_fr=_several(row["names_fr"], " | "),
        covers=frozenset(_several(row["covers"], " ")),
        sort=row["sort"],  # type: ignore[arg-type]
        under=row["under"] or None,
        since=date.fromisoformat(row["since"]),
        until=_day(row["until"]),
        temporary=bool(row["period_until"]),
        period_until=_day(row["period_until"]),
        ended=row["ended"] or None,
        ended_by=row["ended_by"],
        amended=row["amended"],
        fid=row["fid"],
        quantity=row["quantity"],
    )


def _several(text: str, by: str) -> tuple[str, ...]:
    return tuple(text.split(by)) if text else ()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
