"""Substances that the law controls, by CAS number, with the schedule and item that name each."""

from importlib.resources import files
from typing import Final

import msgspec
import pyarrow as pa

from watchfloor.records.subjects import subject

FILE: Final = "controls.toml"


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One substance.

    Attributes:
        cas: its number in the CAS registry.
        name: as the Act's English text calls it, in small letters.
        schedule: of the Controlled Drugs and Substances Act, in Roman numerals.
        item: of the schedule, such as `16(5)`; of Schedule VI, of its Part 1 (class A precursors).
    """

    cas: str
    name: str
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
    rows = [
        {"substance": subject("substance", "cas", one.cas), **msgspec.to_builtins(one)}
        for one in load().controls
    ]
    columns = ("substance", "name", "schedule", "item")
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in columns})
