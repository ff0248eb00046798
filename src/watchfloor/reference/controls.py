"""Substances that the law controls, with the item that names each and from when until when.

Made of `reference.law`: every item of Schedules I to VI that names one substance, in every wording, with its
CAS numbers and structures; and the numbers under which trade knows it, those of its salts where the wording
covers salts. What an item takes out is not in it; what is covered without being named or numbered
(derivatives, classes) is answered by `reference.substances`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Final

import msgspec
import pyarrow as pa

from watchfloor.core.subjects import subject
from watchfloor.reference.law import items as law
from watchfloor.reference.law import trade
from watchfloor.reference.law.items import Item
from watchfloor.reference.law.structures import structures


class Name(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name in both official languages; `str()` gives both where they differ, as labels do."""

    en: str
    fr: str

    def __str__(self) -> str:
        return self.en if self.en == self.fr else f"{self.en} / {self.fr}"


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One substance as one wording of one item names it.

    Attributes:
        cas: its number in the CAS registry; empty where the law's tables have none.
        inchikey: its structure; empty for a salt and for what is no one molecule.
        name: as the Act's two texts call it, in small letters; of a salt with its form.
        schedule: of the Controlled Drugs and Substances Act, in Roman numerals.
        part: of the schedule, `1`; with a table, `2.1`; empty where it has none.
        item: of the schedule, such as `16(5)`.
        since: first day of this wording; None where it was there before any stored edition tells.
        until: last day in force; None while in force.
    """

    cas: str
    inchikey: str
    name: Name
    schedule: str
    part: str
    item: str
    since: date | None
    until: date | None

    @property
    def substance(self) -> str:
        """Its typed key: by CAS number, or by InChIKey where there is none."""
        return subject("substance", "cas", self.cas) if self.cas else self.structure

    @property
    def structure(self) -> str:
        """Its typed key by InChIKey."""
        return subject("substance", "inchikey", self.inchikey)


@cache
def controls() -> tuple[Control, ...]:
    """All of them, in the order of the law."""
    named = (one for one in law.items() if one.act == "CDSA" and one.sort == "substance")
    return tuple(control for item in named for control in _controls(item))


def _controls(item: Item) -> Iterator[Control]:
    """One for each number: of the structures, trade's first number first; others of trade; of salts.

    A structure without a number in the law's table gets trade's. Further numbers of trade are of a form
    that it does not tell apart (a racemate, another hydrate): they stand with the structure that is named.
    """
    name, seen = _name(item), set()
    rows = [row for row in trade.load().substance if item.key in row.items]
    first = {row.inchikey: row.cas[0] for row in rows if row.cas}
    named = structures().get(item.key, ())
    for one in sorted(named, key=lambda one: one.cas not in first.values()):
        if one.inchikey:
            cas = one.cas or first.get(one.inchikey, "")
            seen.add(cas)
            yield _control(item, cas, one.inchikey, name)
    for row in rows:
        for number in row.cas:
            if number not in seen:
                yield _control(item, number, row.inchikey, name)
        if "salts" in item.covers:
            yield from (
                _control(item, number, "", _of_salt(name, form)) for number, form in row.salts.items()
            )


def _control(item: Item, cas: str, inchikey: str, name: Name) -> Control:
    since, until = law.began(item), item.until
    return Control(cas, inchikey, name, item.schedule, item.part, item.item, since, until)


FORMS: Final[Mapping[str, str]] = {
    "citrate": "citrate",
    "dihydrochloride": "dichlorhydrate",
    "hydrochloride": "chlorhydrate",
    "hydrochloride monohydrate": "chlorhydrate monohydraté",
    "maleate": "maléate",
    "sodium salt": "sel de sodium",
    "sulfate": "sulfate",
    "tartrate": "tartrate",
}
"""Forms of `trade.toml` in French."""


def _of_salt(name: Name, form: str) -> Name:
    return Name(f"{name.en} ({form})", f"{name.fr} ({FORMS[form]})")


def _name(item: Item) -> Name:
    en = _small(item.name)
    return Name(en, _small(item.names_fr[0]) if item.names_fr else en)


def _small(name: str) -> str:
    """With a small first letter, unless it is a code such as `AH-7921`."""
    return name[0].lower() + name[1:] if name[1:2].islower() else name


def reference() -> pa.Table:
    """The reference `controls` of desks.

    Returns:
        `substance` (a typed key), `name`, `schedule`, `item`, `since` and `until` (days), `inchikey`, `part`;
        the last two may be empty. A substance may stand in several rows: named by several items, or in
        several wordings over time.
    """
    rows = controls()
    texts = {
        "substance": [one.substance for one in rows],
        "name": [str(one.name) for one in rows],
        "schedule": [one.schedule for one in rows],
        "item": [one.item for one in rows],
    }
    days = {"since": [one.since for one in rows], "until": [one.until for one in rows]}
    more = {"inchikey": [one.inchikey or None for one in rows], "part": [one.part or None for one in rows]}
    return pa.table(
        {name: pa.array(values, pa.string()) for name, values in texts.items()}
        | {name: pa.array(values, pa.date32()) for name, values in days.items()}
        | {name: pa.array(values, pa.string()) for name, values in more.items()}
    )
