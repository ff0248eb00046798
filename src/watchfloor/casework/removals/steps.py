"""Steps of a removal: which there are, which section each rests on, and what is wrong with one by itself.

A step is a record of the kind `removal-step`. What other systems delivered is read as it is: a step that the
law does not allow is left out of the case, and the case says so.
"""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from functools import cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from watchfloor.casework.removals.law import provision_of, under
from watchfloor.core.messages import Reason, declare, reason

Row = Mapping[str, Any]

UNKNOWN: Final = declare("removals.unknown-step", "order", "step")
NO_SECTION: Final = declare("removals.no-section", "order", "step_words", "sections")
UNKNOWN_SECTION: Final = declare("removals.unknown-section", "order", "section")
WRONG_SECTION: Final = declare("removals.wrong-section", "order", "step_words", "section", "sections")
NOT_IN_FORCE: Final = declare("removals.not-in-force", "order", "section", "day", "since")
FUTURE: Final = declare("removals.future", "order", "step_words", "day")
OTHER_DAY: Final = declare("removals.other-day", "order", "step_words", "day", "moment_day", "zone")
NO_ZONE: Final = declare("removals.no-zone", "order", "zone")
ENDS_BEFORE: Final = declare("removals.ends-before", "order", "step_words", "day", "until")
NO_KIND: Final = declare("removals.no-kind", "order", "kinds")
BAD_GROUND: Final = declare("removals.bad-ground", "order", "grounds")

KINDS: Final = ("departure", "exclusion", "deportation")
"""Kinds of removal order (R223)."""

GROUNDS: Final = (
    *("34", "35", "35.1", "36(1)", "36(2)", "36(2.1)"),
    *("37", "38", "39", "40", "40.1", "41", "42"),
)
"""Grounds of inadmissibility, by the section of the Act."""

REGIONS: Final = (
    *("atlantic", "quebec", "northern-ontario", "greater-toronto", "southern-ontario"),
    *("prairie", "pacific"),
)
"""Regions of the agency, in the order of its tables."""

WAYS: Final = ("departure-confirmed", "at-mission", "in-absentia")
"""Ways in which an order is enforced, as the agency's page names them."""


class Step(NamedTuple):
    """A sort of step.

    Attributes:
        sections: it may rest on any of these; a part of one is one of them.
        opens: the matter that it opens; `closes`: that it closes.
        stays: whether it may stay the order.
    """

    sections: tuple[str, ...]
    opens: str = ""
    closes: str = ""


STAYS: Final = ("50(a)", "50(b)", "50(c)", "50(d)", "50(e)", "66(b)", "R230(1)", "R231(1)", "R232", "R233")
"""Provisions by which an order is stayed."""
STATUTORY: Final = ("50(b)", "50(d)", "R231(1)", "R232")
JUDICIAL: Final = ("50(a)", "50(c)", "66(b)")
"""Stays that follow from the law, and those of a court or a tribunal; all others are the Minister's."""

STEPS: Final[Mapping[str, Step]] = {
    "order-made": Step(("44(2)", "45(d)")),
    "appeal-filed": Step(("63(2)", "63(3)"), opens="appeal"),
    "appeal-allowed": Step(("66(a)",), closes="appeal"),
    "appeal-dismissed": Step(("66(c)",), closes="appeal"),
    "claim-made": Step(("99(3)",), opens="claim"),
    "claim-ineligible": Step(("101(1)",), closes="claim"),
    "claim-rejected": Step(("107(1)",), closes="claim"),
    "claim-accepted": Step(("107(1)",), closes="claim"),
    "claim-withdrawn": Step(("168(2)", "49(2)(f)"), closes="claim"),
    "claim-abandoned": Step(("168(1)", "49(2)(g)"), closes="claim"),
    "claim-appealed": Step(("110(1)",), opens="claim-appeal"),
    "claim-appeal-rejected": Step(("111(1)(a)",), closes="claim-appeal"),
    "claim-appeal-allowed": Step(("111(1)(b)", "111(1)(c)"), closes="claim-appeal"),
    "review-applied": Step(("72(1)", "R231(1)"), opens="review"),
    "review-refused": Step(("72(2)(d)", "74(c)"), closes="review"),
    "review-allowed": Step(("74(c)",), closes="review"),
    "risk-offered": Step(("R160(3)",), opens="risk"),
    "risk-applied": Step(("112(1)",)),
    "risk-refused": Step(("113",), closes="risk"),
    "risk-withdrawn": Step(("R232",), closes="risk"),
    "risk-allowed": Step(("114(1)",), closes="risk"),
    "stay-granted": Step(STAYS, opens="stay"),
    "stay-ended": Step(STAYS, closes="stay"),
    "hold-placed": Step(("48(2)",), opens="hold"),
    "hold-lifted": Step(("48(2)",), closes="hold"),
    "document-requested": Step(("48(2)",), opens="travel-document"),
    "document-issued": Step(("48(2)",), closes="travel-document"),
    "warrant-issued": Step(("55(1)",), opens="warrant"),
    "warrant-ended": Step(("55(1)",), closes="warrant"),
    "detained": Step(("55(1)", "55(2)", "55(3)"), opens="detention"),
    "detention-reviewed": Step(("57(1)", "57(2)")),
    "detention-ended": Step(("56(1)", "58(1)"), closes="detention"),
    "enforced": Step(("R240(1)", "R240(2)")),
    "order-set-aside": Step(("52(2)", "66(a)", "74(c)")),
    "order-void": Step(("51",)),
}
"""Every sort of step, by its name in the records."""

BESIDE: Final = frozenset({"stay", "review", "risk", "hold"})
"""Matters of which several may be open at once; each has its reference."""
AFTER_REMOVAL: Final = frozenset({"review-refused", "review-allowed", "order-set-aside"})
"""Steps that may follow the enforcement of an order."""


@cache
def zone_of(name: str) -> tzinfo:
    """Return a zone by its IANA name. Raises `ValueError`."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:  # a folder of zones, or a name too long for a file
        raise ValueError(name) from error


def day_of(row: Row) -> date:
    """Return the day of a step at its office: as it says, or that of its moment in its zone."""
    if row.get("on"):
        day: date = row["on"]
        return day
    moment: datetime = row["observed_at"]
    return moment.astimezone(zone_of(row.get("zone") or "UTC")).date() if has_hour(row) else moment.date()


def has_hour(row: Row) -> bool:
    """Return whether a step says its hour: a source that gives days alone delivers midnight in UTC."""
    moment: datetime = row["observed_at"]
    return moment.time() != datetime.min.time()


def moment_of(row: Row) -> datetime:
    """Return the moment of a step; of one without an hour the first of its day at its office."""
    if has_hour(row):
        moment: datetime = row["observed_at"]
        return moment
    return datetime.combine(day_of(row), datetime.min.time(), zone_of(row.get("zone") or "UTC"))


def fault(row: Row, today: date) -> Reason | None:
    """Return what is wrong with a step by itself, or None."""
    order, name = str(row["order"]), str(row["step"])
    step = STEPS.get(name)
    if step is None:
        return reason(UNKNOWN, order=order, step=name)
    try:
        zone = zone_of(row.get("zone") or "UTC")
    except ValueError:
        return reason(NO_ZONE, order=order, zone=str(row["zone"]))
    day, told = day_of(row), {"order": order, "step_words": name}
    moment_day = row["observed_at"].astimezone(zone).date()
    if row.get("zone") and moment_day != day and has_hour(row):
        return reason(OTHER_DAY, **told, day=f"{day}", moment_day=f"{moment_day}", zone=row["zone"])
    if day > today:
        return reason(FUTURE, **told, day=f"{day}")
    until = row.get("until")
    if until and until < day:
        return reason(ENDS_BEFORE, **told, day=f"{day}", until=f"{until}")
    return _unlawful(row, step, day) or _incomplete(row)


def _unlawful(row: Row, step: Step, day: date) -> Reason | None:
    order, name, section = str(row["order"]), str(row["step"]), row.get("section") or ""
    sections = ", ".join(step.sections)
    if not section and len(step.sections) > 1 and name not in ("enforced", "claim-ineligible"):
        return reason(NO_SECTION, order=order, step_words=name, sections=sections)
    for cited in filter(None, (section, *((row.get("grounds"),) if name == "order-made" else ()))):
        found = provision_of(cited)
        if found is None:
            return reason(UNKNOWN_SECTION, order=order, section=cited)
        if not found.in_force(day):
            told = {"section": cited, "day": f"{day}", "since": f"{found.since}"}
            return reason(NOT_IN_FORCE, order=order, **told)
    if section and not under(section, step.sections):
        told = {"step_words": name, "section": section, "sections": sections}
        return reason(WRONG_SECTION, order=order, **told)
    return None


def _incomplete(row: Row) -> Reason | None:
    if row["step"] != "order-made":
        return None
    if row.get("order_kind") not in KINDS:
        return reason(NO_KIND, order=str(row["order"]), kinds=", ".join(KINDS))
    if row.get("grounds") and not under(row["grounds"], GROUNDS):
        return reason(BAD_GROUND, order=str(row["order"]), grounds=row["grounds"])
    return None
