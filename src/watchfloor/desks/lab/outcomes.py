"""Outcomes of a device's alarms: confirmed by a technique of category A, or refuted by a good search.

Confirmed: another reading of the item, by a technique of category A (ASTM E2329), identified the substance;
of an alarm for drugs as such (a dog, an image), any that the law controls. Refuted: a method that takes
mixtures apart did not find it, at the same time or later. Else an alarm waits. Missed: the device did not
detect what such a reading identified. Nothing speaks against a reading that confirms or refutes. What one
device says of one thing at one time counts once, however many objects an image has and whoever passes the
reading on.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from watchfloor.desks.lab.findings import CONTRABAND, DRUGS, Finding, findings
from watchfloor.desks.lab.quality import doubts, usable
from watchfloor.desks.lab.techniques import SEPARATES, category

Row = Mapping[str, Any]
Came = Literal["confirmed", "refuted", "waiting", "missed", "cleared", "silent"]
Device = tuple[str, str]
"""Instrument and serial number."""
Controlled = Callable[[str, date], bool]

ANY_DRUG: Final = (DRUGS, *CONTRABAND)


class Outcome(NamedTuple):
    """The outcome of one finding of one reading.

    An alarm is `confirmed`, `refuted` or `waiting`; a negative that is borne out is `cleared`, one that is
    not is `missed`, and one that nothing checked is `silent`.
    """

    row: Row
    finding: Finding
    came: Came


def device(row: Row) -> Device | None:
    """The device of a reading; None where it gives no serial number, for such readings tell of no device."""
    return (row["instrument"], row["serial"]) if row["serial"] else None


def outcomes(rows: Sequence[Row], controlled: Controlled) -> list[Outcome]:
    """Return the outcomes of first tests among the readings of one item. Readings set aside are left out."""
    good = [row for row in rows if usable(row)]
    clean = [row for row in good if not doubts(row)]
    identified = [(row, one) for row in clean for one in findings(row) if certain(row, one)]
    looked = [row for row in clean if row["method"] in SEPARATES]
    return [Outcome(row, one, _came(row, one, identified, looked, controlled)) for row, one in _firsts(good)]


def certain(row: Row, one: Finding) -> bool:
    """Whether a technique that tells structures says that it identified."""
    return one.level == "identified" and category(row["method"], row["category"]) == "A"


def _firsts(rows: Sequence[Row]) -> Iterable[tuple[Row, Finding]]:
    """The first tests: of one device, time and thing one alone, the alarm where there is one."""
    found: dict[tuple[Any, ...], tuple[Row, Finding]] = {}
    for row in rows:
        for one in findings(row):
            if certain(row, one):
                continue
            key = device(row) or row["record_id"], row["observed_at"], one.about
            if key not in found or (one.positive and not found[key][1].positive):
                found[key] = row, one
    return found.values()


def _came(
    row: Row, one: Finding, identified: list[tuple[Row, Finding]], looked: list[Row], controlled: Controlled
) -> Came:
    found = any(other is not row and _same(one, said, other, controlled) for other, said in identified)
    if found:
        return "confirmed" if one.positive else "missed"
    if not any(
        _absent(one, said)
        for other in looked
        if other is not row and other["observed_at"] >= row["observed_at"]
        for said in findings(other)
    ):
        return "waiting" if one.positive else "silent"
    return "refuted" if one.positive else "cleared"


def _same(one: Finding, said: Finding, row: Row, controlled: Controlled) -> bool:
    """Whether what was identified is what a finding is about."""
    if one.about in ANY_DRUG:
        return said.substance is not None and controlled(said.substance, row["observed_at"].date())
    return said.about == one.about


def _absent(one: Finding, said: Finding) -> bool:
    """Whether a finding says that another is not so."""
    if said.level != "not-detected":
        return False
    return said.about == one.about or (one.about in ANY_DRUG and said.about in ("", DRUGS))


def tally(rows: Sequence[Row], controlled: Controlled) -> Counter[tuple[Device, Came]]:
    """How often each came of each device's findings in one item."""
    of = ((device(one.row), one.came) for one in outcomes(rows, controlled))
    return Counter((which, came) for which, came in of if which is not None)


PRIOR: Final = (3, 1)
"""Alarms confirmed and refuted that a device is credited with before any was checked. Judgement."""
STRONG: Final = (9, 10)
WEAK: Final = (6, 10)
"""Shares of a device's alarms, with those, from which they are strong and below which they are weak."""

STRENGTHS: Final = ("presumptive-weak", "presumptive", "presumptive-strong")


def strength(confirmed: int, checked: int) -> str:
    """How much an alarm of a device is worth, by what came of those checked; whole numbers alone."""
    right, of = PRIOR[0] + confirmed, sum(PRIOR) + checked
    if right * STRONG[1] >= of * STRONG[0]:
        return "presumptive-strong"
    return "presumptive-weak" if right * WEAK[1] < of * WEAK[0] else "presumptive"


def lowered(worth: str, steps: int = 1) -> str:
    """A strength some steps down, the weakest at least."""
    return STRENGTHS[max(STRENGTHS.index(worth) - steps, 0)]


def strongest(worths: Iterable[str]) -> str:
    """The strongest of several."""
    return max(worths, key=STRENGTHS.index)
