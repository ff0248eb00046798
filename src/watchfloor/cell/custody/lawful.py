"""What the Controlled Drugs and Substances Act asks of forfeiture, return, destruction and use."""

from datetime import date, timedelta
from typing import Final

from watchfloor.cell.acting.acts import Row, refuse, same_person
from watchfloor.cell.custody import exhibits, refusals
from watchfloor.cell.custody.exhibits import Exhibit, World
from watchfloor.cell.custody.holidays import extended
from watchfloor.cell.custody.weighing import weigh

APPLY_WITHIN: Final = timedelta(days=60)
"""S. 24(1): an application for return, after the day of the seizure."""

FORFEITS: Final = ("24(4)", "25", "27(b)", "28")
"""Provisions that forfeit a substance; s. 25 by the passing of time, the others by an order or a consent."""
RETURNS: Final = ("24(2)", "24(3)(a)", "24(3)(b)", "27(a)")
DESTROYS: Final = ("24(4)", "25", "26", "27(b)", "28")
USES: Final = ("29(2)",)
"""Provisions under which it is returned, destroyed, or used in an investigation or for training."""
ACT: Final = "CDSA s. "
"""How the sections of the Act are written in `law`."""


def last_to_apply(found: World, one: Exhibit) -> date:
    """The last day on which anybody may apply for the return of an exhibit (s. 24(1))."""
    return extended(exhibits.root(found, one).day + APPLY_WITHIN)


def forfeit(found: World, one: Exhibit, row: Row) -> None:
    """By the passing of time (s. 25), or by an order or a consent that is named."""
    section = _section(row, FORFEITS)
    if one.forfeited is not None:
        refuse(refusals.FORFEITED, exhibit=one.id, day=one.forfeited["day"].isoformat(), act_words=row["act"])
    if section != "27(b)":
        _not_required(found, one, row)
    if section == "25":
        _by_time(found, one, row)
    elif not row["document"]:
        refuse(refusals.NEEDS, exhibit=one.id, act_words=row["act"], missing_words="document")
    elif section == "24(4)" and one.applied is None:
        refuse(refusals.NOT_APPLIED, exhibit=one.id, section=section)


def _by_time(found: World, one: Exhibit, row: Row) -> None:
    for each in exhibits.lineage(found, one):
        if each.applied is not None and each.applied["day"] <= last_to_apply(found, each):
            refuse(refusals.APPLIED, exhibit=one.id, day=each.applied["day"].isoformat())
    check_time(found, one, row)


def check_time(found: World, one: Exhibit, row: Row) -> None:
    """Refuse a forfeiture by the passing of time before the time has passed."""
    seized, last = exhibits.root(found, one).day, last_to_apply(found, one)
    if row["day"] <= last:
        refuse(refusals.TOO_SOON, exhibit=one.id, day=seized.isoformat(), last=last.isoformat())


def _end(found: World, one: Exhibit, row: Row) -> None:
    """What returns, destroys or uses an exhibit: not while a court needs it."""
    _not_required(found, one, row)
    weigh(found, one, row)


def _not_required(found: World, one: Exhibit, row: Row) -> None:
    if (proceeding := exhibits.required(found, one)) is not None:
        refuse(refusals.REQUIRED, exhibit=one.id, document=proceeding["document"], act_words=row["act"])


def give_back(found: World, one: Exhibit, row: Row) -> None:
    """To whom an order says, where it is not forfeited."""
    section = _section(row, RETURNS)
    if one.forfeited is not None:
        refuse(refusals.FORFEITED, exhibit=one.id, day=one.forfeited["day"].isoformat(), act_words=row["act"])
    if section.startswith("24") and one.applied is None:
        refuse(refusals.NOT_APPLIED, exhibit=one.id, section=section)
    _end(found, one, row)


def destroy(found: World, one: Exhibit, row: Row) -> None:
    """Once it is forfeited, or expeditiously (s. 26), and somebody else sees it."""
    section = _section(row, DESTROYS)
    if section != "26" and one.forfeited is None:
        refuse(refusals.NOT_FORFEITED, exhibit=one.id)
    if same_person(row["witness"], row["by"]):
        refuse(refusals.ONE_WITNESS, exhibit=one.id, by=row["by"])
    _end(found, one, row)


def use(found: World, one: Exhibit, row: Row) -> None:
    """In an investigation or for training (s. 29(2)), once it is forfeited."""
    _section(row, USES)
    if one.forfeited is None:
        refuse(refusals.NOT_FORFEITED, exhibit=one.id)
    _end(found, one, row)


def report(found: World, one: Exhibit, row: Row) -> None:
    """Of a seizure, on what was seized; of a disposition, once there is one."""
    section = _section(row, ("12.1", "12.1(c)", "29"))
    if section != "29" and one.parent is not None:
        refuse(refusals.OF_ROOT, exhibit=one.id, section=section, root=exhibits.root(found, one).number)
    if section == "29" and one.disposed is None:
        refuse(refusals.NOT_DISPOSED, exhibit=one.id)


def _section(row: Row, known: tuple[str, ...]) -> str:
    section: str = row["law"].removeprefix(ACT)
    if section not in known or not row["law"].startswith(ACT):
        refuse(refusals.SECTION, law=row["law"], sections=", ".join(known))
    return section
