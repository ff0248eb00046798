"""The signals about one item, from all its readings that stand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from watchfloor.desks.lab.against import against
from watchfloor.desks.lab.findings import CONTRABAND, DRUGS, POSITIVE, Finding, findings
from watchfloor.desks.lab.law import PRECURSORS, Law, cas_of, is_precursor
from watchfloor.desks.lab.messages import IDENTIFIED, PRECURSOR_IDENTIFIED, SET_ASIDE
from watchfloor.desks.lab.quality import doubts, usable
from watchfloor.desks.lab.spoken import (
    Spoke,
    Told,
    best_of,
    first,
    judged,
    measured,
    methods,
    methods_of,
    signal,
    speaking,
    uncleared,
)
from watchfloor.desks.standing import number_of as called
from watchfloor.records.messages import reason

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
    """What readings say, by what it is about."""
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
            spoke for spoke in speaking(told[substance]) if law.of(substance, spoke.row["observed_at"].date())
        ]
        if held:
            control = law.of(substance, held[-1].row["observed_at"].date())
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
    """What dogs and images say, which name no substance."""
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
            if one.family and not law.of(one.substance, row["observed_at"].date()):
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
    """What a reading that is set aside would have said, where nothing else says it."""
    for substance, told in sorted(by_thing(rows).items()):
        positive = [row for row, one in told if one.positive]
        held = [row for row in positive if law.of(substance, row["observed_at"].date())]
        if not held or substance in spoken:
            continue
        control = law.of(substance, held[-1]["observed_at"].date())
        assert control is not None
        said = {"item": called(item, "parcel"), "method": methods_of(held), "name": control["name"]}
        why = reason(SET_ASIDE[doubts(held[-1])[0]], **said).stored()
        yield signal(key, ASIDE, (item, substance), "set aside", why, held)
