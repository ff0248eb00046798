"""The tables: how their items are numbered, what is always so of them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from watchfloor.formats.cargo.declared_tables.column_words import WORDS
from watchfloor.formats.tabular.lexicon import Cell, Lexicon


@dataclass(frozen=True)
class Layout:
    """A table of declared goods.

    Attributes:
        name: its format's.
        noun: an item of it, as messages call it.
        system: the numbering system of its items: `parcel:SYSTEM:NUMBER`.
        numbers: what the column of their numbers is called.
        mode: how they travel, where no column says it.
        direction: which way, where no column says it; empty: by the countries.
        currency: of values, where no column says it.
        needed: words that must be there beside the number, the description and the date.
    """

    name: str
    noun: str
    system: str
    numbers: tuple[str, ...]
    mode: str
    direction: str = ""
    currency: str = ""
    needed: tuple[str, ...] = ()

    @cached_property
    def lexicon(self) -> Lexicon:
        """Its columns by our words."""
        needed = ("number", "goods", "date", *self.needed)
        columns = {word: Cell(WORDS.get(word, self.numbers), needed=True) for word in needed}
        others = {word: Cell(names) for word, names in WORDS.items() if word not in needed}
        return Lexicon(f"a table of {self.noun}s", others | columns)


POSTAL: Final = Layout(
    "postal-csv",
    "postal item",
    "s10",
    (
        *("item number", "item id", "item identifier", "no of item", "s10", "s10 number", "barcode"),
        *("no de l envoi", "numero de l envoi", "identifiant de l envoi"),
    ),
    "post",
    needed=("value",),
)
"""CN 22 and CN 23 of the UPU, inbound and outbound: an item has several lines of contents."""

COURIER: Final = Layout(
    "courier-csv",
    "courier shipment",
    "courier",
    (
        *("unique identifier", "unique identifier number", "unique shipment identifier", "unique number"),
        *("identificateur unique", "numero d identification unique"),
    ),
    "courier",
    "inbound",
    "CAD",
    ("consignee_name",),
)
"""Cargo/release lists of the Courier Low Value Shipment Program (CBSA Memorandum D17-4-0)."""

EXPORT: Final = Layout(
    "export-csv",
    "export declaration",
    "export",
    ("proof of report", "proof of report number", "export declaration number", "preuve de declaration"),
    "other",
    "outbound",
    needed=("destination",),
)
"""Export declarations of the Canadian Export Reporting System."""

EMANIFEST: Final = Layout(
    "emanifest-csv",
    "cargo document",
    "ccn",
    ("cargo control number", "ccn", "cargo control no", "numero de controle du fret", "ncf"),
    "vehicle",
    "inbound",
    needed=("consignee_name",),
)
"""Highway and rail cargo of eManifest, as carriers keep it for the portal; rail where the mode says so."""

LAYOUTS: Final = (POSTAL, COURIER, EXPORT, EMANIFEST)
