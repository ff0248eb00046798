"""The signals against: something controlled was looked for and not found, where that is worth something.

That no drug was found says little of precursors, nor the other way: each is a rule of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from watchfloor.desks.lab.findings import DRUGS, Finding, findings
from watchfloor.desks.lab.law import Law, is_precursor
from watchfloor.desks.lab.messages import NO_ALERT, NOT_FOUND
from watchfloor.desks.lab.negatives import bits, missed
from watchfloor.desks.lab.quality import doubts
from watchfloor.desks.lab.spoken import distinct, methods_of, signal
from watchfloor.desks.standing import number_of as called
from watchfloor.records.messages import reason

Row = Mapping[str, Any]

AGAINST: Final = "controlled-not-found"
AGAINST_PRECURSOR: Final = "precursor-not-found"

BANDS: Final = ((-5.0, "strong"), (-2.5, "moderate"))
"""Bits of a negative up to which it speaks against so much. One that is worth less says nothing: most items
hold nothing, and a silence that would mean little would be said of every one of them."""


def against(key: bytes, law: Law, item: str, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """A signal where something controlled was looked for, not found, and the silence is worth something.

    How much depends on what was sampled; where that is not stated it is not known, and nothing is said.
    """
    told: dict[str, list[tuple[float, Row, Finding]]] = {}
    for row in rows:
        if row["matrix"] is None or doubts(row):
            continue
        for one in findings(row):
            if one.level != "not-detected" or (rule := _rule(law, row, one)) is None:
                continue
            if (value := bits(row["method"], row["matrix"], one.about)) is not None:
                told.setdefault(rule, []).append((value, row, one))
    for rule in sorted(told):
        yield from _said(key, law, item, rule, told[rule])


def _said(
    key: bytes, law: Law, item: str, rule: str, told: Sequence[tuple[float, Row, Finding]]
) -> Iterator[dict[str, Any]]:
    """What the best of several negatives comes to; they are not added up, for they may err together."""
    least = min(value for value, _, _ in told)
    band = next((name for end, name in BANDS if least <= end), None)
    if band is None:
        return
    best = [(row, one) for value, row, one in told if value == least]
    row = best[-1][0]
    said: dict[str, Any] = {"item": called(item, "parcel"), "missed": missed(row["method"], row["matrix"])}
    if all(one.about == DRUGS and row["method"] == "dog" for row, one in best):
        why = reason(NO_ALERT, **said).stored()
    else:
        why = reason(NOT_FOUND, **said, method=methods_of([row]), name=_names(law, best)).stored()
    yield signal(key, rule, (item,), band, why, distinct(row for row, _ in best))


def _rule(law: Law, row: Row, one: Finding) -> str | None:
    """Under which rule it speaks that a thing was not found; None where the law does not control it."""
    if one.about == DRUGS:
        return AGAINST
    if (control := law.of(one.substance, row["observed_at"].date())) is None:
        return None
    return AGAINST_PRECURSOR if is_precursor(control) else AGAINST


def _names(law: Law, told: Sequence[tuple[Row, Finding]]) -> str:
    """What was looked for, by the law's names; three of them at most."""
    controls = (law.of(one.substance, row["observed_at"].date()) for row, one in told)
    names = sorted({control["name"] if control else "drugs / stupéfiants" for control in controls})
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
