"""Substances that the law controls, by CAS number, with the schedule and item that name each."""

from importlib.resources import files
from typing import Final

import msgspec
import pyarrow as pa

from watchfloor.records.subjects import subject

FILE: Final = "controls.toml"


class Name(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name in both official languages; `str()` gives both where they differ, as labels do."""

    en: str
    fr: str

    def __str__(self) -> str:
        return self.en if self.en == self.fr else f"{self.en} / {self.fr}"


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One substance.

    Attributes:
        cas: its number in the CAS registry.
        name: as the Act's two texts call it, in small letters.
        schedule: of the Controlled Drugs and Substances Act, in Roman numerals.
        item: of the schedule, such as `16(5)`; of Schedule VI, of its Part 1 (class A precursors).
    """

    cas: str
    name: Name
    schedule: str
    item: str


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file: the Act, the day to which the text that was read is current, and the substances."""

    act: str
    read: str
    controls: tuple[Control, ...]


def load() -> Table:
    """The table that comes with the package."""
    return msgspec.toml.decode((files(__package__) / FILE).read_bytes(), type=Table)


def reference() -> pa.Table:
    """The reference `controls` of desks: `substance` (a typed key), `name`, `schedule`, `item`."""
    rows = load().controls
    columns = {
        "substance": [subject("substance", "cas", one.cas) for one in rows],
        "name": [str(one.name) for one in rows],
        "schedule": [one.schedule for one in rows],
        "item": [one.item for one in rows],
    }
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
