"""Substances that the law controls, with the item that names each and from when until when.

Made of `reference.law`: every item of Schedules I to VI that names one substance, in every wording, with its
CAS numbers and structures. What an item takes out is not in it; what is covered without being named (salts,
derivatives, classes) is answered by `reference.substances`.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache

import msgspec
import pyarrow as pa

from watchfloor.records.subjects import subject
from watchfloor.reference.law import items as law
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
        inchikey: its structure.
        name: as the Act's two texts call it, in small letters.
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
    for one in structures().get(item.key, ()):
        if one.inchikey:
            yield Control(
                one.cas,
                one.inchikey,
                _name(item),
                item.schedule,
                item.part,
                item.item,
                item.since if item.amended else None,  # a schedule restated as a whole began before
                item.until,
            )


def _name(item: Item) -> Name:
    en = _small(item.name)
    return Name(en, _small(item.names_fr[0]) if item.names_fr else en)


def _small(name: str) -> str:
    """With a small first letter, unless it is a code such as `AH-7921`."""
    return name[0].lower() + name[1:] if name[1:2].islower() else name


def reference() -> pa.Table:
    """The reference `controls` of desks.

    Returns:
        `substance` (a typed key), `name`, `schedule`, `item`, `since` and `until` (days), `inchikey`, `part`.
        A substance may stand in several rows: named by several items, or in several wordings over time.
    """
    rows = controls()
    texts = {
        "substance": [one.substance for one in rows],
        "name": [str(one.name) for one in rows],
        "schedule": [one.schedule for one in rows],
        "item": [one.item for one in rows],
    }
    days = {"since": [one.since for one in rows], "until": [one.until for one in rows]}
    more = {"inchikey": [one.inchikey for one in rows], "part": [one.part or None for one in rows]}
    return pa.table(
        {name: pa.array(values, pa.string()) for name, values in texts.items()}
        | {name: pa.array(values, pa.date32()) for name, values in days.items()}
        | {name: pa.array(values, pa.string()) for name, values in more.items()}
    )
