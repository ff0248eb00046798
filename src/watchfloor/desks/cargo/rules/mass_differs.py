"""`mass-differs`: a parcel whose mass is not the declared one.

The declared mass of a parcel is the sum of its lines; where one gives none, it is unknown and nothing is
said. The weighing that counts is the last one. How far the two may lie apart says `margins.toml`: what
the scale may be wrong by, and what packing and rounding come to. The goods' description, their country of
origin and the people are not looked at; an importer is named with the parcel where it is a company.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import fsum
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import DECLARATION, READING
from watchfloor.core.messages import reason
from watchfloor.desks.assertions import number_of
from watchfloor.desks.cargo.assertions import Statement, signal_of
from watchfloor.desks.cargo.messages import DIFFERS, FITS_AGAIN
from watchfloor.desks.standing import OF_KIND, CurrentEvidence, Said, kept, revised
from watchfloor.desks.state import Row

RULE: Final = "mass-differs"
WEIGHING: Final = "mass"
"""The method of a reading that is a weighing."""

KEPT: Final = kept(
    DECLARATION.schema,
    "subject importer",
    pa.field("mass", pa.float64()),
    READING.schema.field("method").with_nullable(True),
    OF_KIND,
)
"""What is kept of a line or a weighing; `mass` is in kilograms of the one and in grams of the other."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """The rule: the floor's key and margins."""

    key: bytes
    margins: Row

    def update(self, state: CurrentEvidence, row: Row) -> Iterator[dict[str, Any]]:
        """A line or a reading; gives signals that this changes."""
        say = partial(_said, self.key, self.margins)
        return revised(state, row, thing_of(row), say, FITS_AGAIN)


def thing_of(row: Row) -> str | None:
    """Return the item that a line declares or a weighing weighs; None for another reading."""
    weighed = row["method"] == WEIGHING and row["mass"] is not None
    return row["subject"] if row["kind"] == "declaration" or weighed else None


def allowed(margins: Row, declared: float) -> float:
    """Kilograms by which a weighing may differ from a declared mass, in kilograms, without a word."""
    packing = max(margins["least"], margins["share"] * declared)
    return float(margins["scale"] + packing)


def _said(key: bytes, margins: Row, item: str, rows: Sequence[Row]) -> Said:
    """The signal about an item, where its masses differ by more than the margins."""
    lines = [row for row in rows if row["kind"] == "declaration"]
    weighings = [row for row in rows if row["kind"] == "reading"]
    if not lines or not weighings or any(row["mass"] is None for row in lines):
        return {}
    declared, weighed = fsum(row["mass"] for row in lines), weighings[-1]["mass"] / 1000
    if abs(weighed - declared) <= allowed(margins, declared):
        return {}
    rows = [*lines, weighings[-1]]
    companies = sorted({row["importer"] for row in rows if (row["importer"] or "").startswith("company:")})
    masses = {"weighed": weighed, "declared": declared, "difference": abs(weighed - declared)}
    why = reason(DIFFERS, item=number_of(item, "parcel"), allowed=allowed(margins, declared), **masses)
    strength = "heavier" if weighed > declared else "lighter"
    signal = signal_of(key, item, "", Statement(RULE, strength, [item, *companies], why, rows))
    return {signal["row_id"]: signal}
