"""Flags: dangers that go with a task or an entry, and from where a new task inherits them."""

from collections.abc import Collection, Iterable
from typing import Final

from watchfloor.cell.acts import Row, refuse
from watchfloor.core.messages import declare

LIFE: Final = "life-at-risk"
OFFICER: Final = "officer-safety"
FENTANYL: Final = "fentanyl-hazard"

FLAGS: Final = (LIFE, OFFICER, FENTANYL)
"""Every flag, in the order in which they go first."""

_LASTING: Final = frozenset({OFFICER, FENTANYL})
"""Inherited: a life at risk is an event, the other two stay with a subject."""

HAZARDOUS: Final = frozenset({"substance:cas:437-38-7", "substance:cas:59708-52-0"})
"""Fentanyl and carfentanil, by their CAS registry numbers."""

UNKNOWN_FLAG = declare("cell.unknown-flag", "flag", "flags")


def ordered(flags: Iterable[str]) -> list[str]:
    """Each flag once, in their order. Refused where one is unknown."""
    given = set(flags)
    for flag in sorted(given.difference(FLAGS)):
        refuse(UNKNOWN_FLAG, flag=flag, flags=", ".join(FLAGS))
    return [flag for flag in FLAGS if flag in given]


def rank(flags: Collection[str]) -> int:
    """0 for a life at risk, then the other flags in their order, then none."""
    return next((place for place, flag in enumerate(FLAGS) if flag in flags), len(FLAGS))


def inherited(
    lead: str | None, subjects: Collection[str], tasks: Iterable[Row], entries: Iterable[Row]
) -> list[str]:
    """Flags that a new task has from what is known already.

    Args:
        lead: id of the lead that it follows from.
        subjects: typed keys that it is about.
        tasks: rows of earlier tasks; those on this lead or one of these subjects count.
        entries: rows of the watch log; those about this lead or such a task count.
    """
    mine = set(subjects)
    related = [
        task for task in tasks if (lead and task["lead"] == lead) or mine.intersection(task["subjects"])
    ]
    about = {task["task"] for task in related} | ({lead} if lead else set())
    found = {flag for task in related for flag in task["flags"]}
    found.update(flag for entry in entries if entry["about"] in about for flag in entry["flags"])
    if mine & HAZARDOUS:
        found.add(FENTANYL)
    return ordered(found & _LASTING)
