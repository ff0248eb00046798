"""The signal against: something controlled was looked for and not found, where that is worth something."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from watchfloor.desks.lab.findings import DRUGS, Finding, findings
from watchfloor.desks.lab.law import Law
from watchfloor.desks.lab.messages import NOT_FOUND
from watchfloor.desks.lab.negatives import bits, missed
from watchfloor.desks.lab.quality import doubts
from watchfloor.desks.lab.spoken import distinct, methods_of, signal
from watchfloor.desks.standing import number_of as called
from watchfloor.records.messages import reason

Row = Mapping[str, Any]

AGAINST: Final = "controlled-not-found"

BANDS: Final = ((-5.0, "strong"), (-2.5, "moderate"))
"""Bits of a negative up to which it speaks against so much. One that is worth less says nothing: most items
hold nothing, and a silence that would mean little would be said of every one of them."""


def against(key: bytes, law: Law, item: str, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """One signal where something controlled was looked for, not found, and the silence is worth something.

    How much depends on what was sampled; where that is not stated it is not known, and nothing is said.
    """
    told = [
        (value, row, one)
        for row in rows
        if not doubts(row) and (value := bits(row["method"], row["matrix"])) is not None
        for one in findings(row)
        if one.level == "not-detected" and _sought(law, row, one)
    ]
    if not told:
        return
    least = min(value for value, _, _ in told)
    band = next((name for end, name in BANDS if least <= end), None)
    if band is None:
        return
    best = [(row, one) for value, row, one in told if value == least]
    row = best[-1][0]
    said = {"method": methods_of([row]), "name": _names(law, best), "item": called(item, "parcel")}
    why = reason(NOT_FOUND, **said, missed=missed(row["method"], row["matrix"])).stored()
    yield signal(key, AGAINST, (item,), band, why, distinct(row for row, _ in best))


def _sought(law: Law, row: Row, one: Finding) -> bool:
    if one.about == DRUGS:
        return True
    return one.substance is not None and law.controlled(one.substance, row["observed_at"].date())


def _names(law: Law, told: Sequence[tuple[Row, Finding]]) -> str:
    """What was looked for, by the law's names; three of them at most."""
    controls = (law.of(one.substance, row["observed_at"].date()) for row, one in told)
    names = sorted({control["name"] if control else "drugs / stupéfiants" for control in controls})
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
