"""The signals about one item, from all its readings that stand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from watchfloor.core.messages import reason
from watchfloor.desks.assertions import number_of as called
from watchfloor.desks.lab.findings import CONTRABAND, DRUGS, POSITIVE, Finding, findings
from watchfloor.desks.lab.law import PRECURSORS, Law, cas_of, is_precursor
from watchfloor.desks.lab.messages import IDENTIFIED, NO_ALERT, NOT_FOUND, PRECURSOR_IDENTIFIED, SET_ASIDE
from watchfloor.desks.lab.negatives import bits, missed
from watchfloor.desks.lab.quality import doubts, usable
from watchfloor.desks.lab.spoken import (
    Spoke,
    Told,
    best_of,
    distinct,
    first,
    judged,
    measured,
    methods,
    methods_of,
    signal,
    speaking,
    uncleared,
)

Row = Mapping[str, Any]

CONTROLLED: Final = "controlled-substance"
PRECURSOR: Final = "controlled-precursor"
NEW: Final = "new-substance"
DOG: Final = "dog-alert"
IMAGE: Final = "image-alarm"
ASIDE: Final = "reading-set-aside"

GRADES: Final = {"1": "A", "2": "B"}
"""Parts of Schedule VI and the class of precursors that each lists (Precursor Control Regulations, s. 1)."""


def signals(key: bytes, law: Law, item: str, rows: Sequence[Row]) -> dict[bytes, dict[str, Any]]:
    """By `row_id`, what the desk says of an item; all but `at`."""
    if not rows:
        return {}
    good = [row for row in rows if usable(row)]
    told = by_thing(good)
    made = [*_found(key, law, item, told), *_sorts(key, item, told), *_new(key, law, item, good)]
    if not any(one["rule"] in (CONTROLLED, PRECURSOR) for one in made):
        made += against(key, law, item, good)
    spoken = {one["subjects"][-1] for one in made}
    if len(good) < len(rows):
        made += _aside(key, law, item, [row for row in rows if not usable(row)], spoken)
    return {one["row_id"]: one for one in made}


def by_thing(rows: Sequence[Row]) -> dict[str, list[tuple[Row, Finding]]]:
    """Group what readings say by what it is about."""
    told: dict[str, list[tuple[Row, Finding]]] = {}
    for row in rows:
        for one in findings(row):
            told.setdefault(one.about, []).append((row, one))
    return told


def _found(key: bytes, law: Law, item: str, told: Mapping[str, Told]) -> Iterator[dict[str, Any]]:
    """A signal for each controlled substance that stands found."""
    for substance in sorted(told):
        if not law.known(substance):
            continue
        held = [
            spoke
            for spoke in speaking(told[substance])
            if law.control_of(substance, spoke.row["observed_at"].date())
        ]
        if held:
            control = law.control_of(substance, held[-1].row["observed_at"].date())
            assert control is not None
            yield _of_substance(key, item, substance, control, held)


def _of_substance(
    key: bytes, item: str, substance: str, control: Row, spoken: Sequence[Spoke]
) -> dict[str, Any]:
    best = best_of(spoken)
    said: dict[str, Any] = {
        "name": control["name"],
        "cas": cas_of(substance),
        "item": called(item, "parcel"),
        "method": methods(spoken),
        "number": control["item"] or "—",
        "measured": measured(best),
    }
    part, listed = control.get("part") or "", control["schedule"] == PRECURSORS
    if listed:
        said |= {"part": part[:1] or "1", "grade": GRADES.get(part[:1], "A")}
    else:
        said |= {"schedule": f"{control['schedule']}.{part}" if part else control["schedule"]}
    if best.worth == "identified":
        why = reason(PRECURSOR_IDENTIFIED if listed else IDENTIFIED, **said).stored()
    else:
        why = first("precursor-presumed" if listed else "presumed", best, said)
    rule = PRECURSOR if is_precursor(control) else CONTROLLED
    return signal(key, rule, (item, substance), best.worth, why, [one.row for one in spoken])


def _sorts(key: bytes, item: str, told: Mapping[str, Told]) -> Iterator[dict[str, Any]]:
    """Yield what dogs and images say, which name no substance."""
    for rule, abouts in ((DOG, (DRUGS,)), (IMAGE, CONTRABAND)):
        alarms = (pair for about in abouts for pair in told.get(about, ()) if _alarms(*pair))
        spoken = [judged(row, one) for row, one in alarms]
        if not spoken:
            continue
        best, said = best_of(spoken), dict[str, Any](item=called(item, "parcel"))
        if rule == IMAGE:
            said |= {"objects": sum(one.row is best.row for one in spoken)}
        why = first(rule, best, said)
        yield signal(key, rule, (item,), best.worth, why, [one.row for one in spoken])


def _alarms(row: Row, one: Finding) -> bool:
    """Whether a finding of a sort of thing is an alarm: where the reading decides, only where that alarms."""
    return one.positive and one.substance is None and row["level"] in (None, *POSITIVE)


def _new(key: bytes, law: Law, item: str, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Unlisted members of a family."""
    told: dict[str, list[tuple[Row, Finding]]] = {}
    for row in rows:
        for one in findings(row):
            if one.family and not law.control_of(one.substance, row["observed_at"].date()):
                told.setdefault(one.family, []).append((row, one))
    for family in sorted(told):
        if not (spoken := uncleared(told[family])):
            continue
        best = best_of(spoken)
        said = {"item": called(item, "parcel"), "method": methods(spoken), "family": family}
        rows_of = [one.row for one in spoken]
        yield signal(key, NEW, (item,), best.worth, first(NEW, best, said), rows_of, family)


def _aside(
    key: bytes, law: Law, item: str, rows: Sequence[Row], spoken: set[str]
) -> Iterator[dict[str, Any]]:
    """Yield what a reading that is set aside would have said, where nothing else says it."""
    for substance, told in sorted(by_thing(rows).items()):
        positive = [row for row, one in told if one.positive]
        held = [row for row in positive if law.control_of(substance, row["observed_at"].date())]
        if not held or substance in spoken:
            continue
        control = law.control_of(substance, held[-1]["observed_at"].date())
        assert control is not None
        said = {"item": called(item, "parcel"), "method": methods_of(held), "name": control["name"]}
        why = reason(SET_ASIDE[doubts(held[-1])[0]], **said).stored()
        yield signal(key, ASIDE, (item, substance), "set aside", why, held)


# The signals against: something controlled was looked for and not found, where that is worth something.
#
# That no drug was found says little of precursors, nor the other way: each is a rule of its own.


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
    """Return the best of several negatives; they are not added up, for they may err together."""
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
    if (control := law.control_of(one.substance, row["observed_at"].date())) is None:
        return None
    return AGAINST_PRECURSOR if is_precursor(control) else AGAINST


def _names(law: Law, told: Sequence[tuple[Row, Finding]]) -> str:
    """Name what was looked for by the law's names; three of them at most."""
    controls = (law.control_of(one.substance, row["observed_at"].date()) for row, one in told)
    names = sorted({control["name"] if control else "drugs / stupéfiants" for control in controls})
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
