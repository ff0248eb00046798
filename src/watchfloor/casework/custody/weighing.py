"""Rules of masses: nothing weighs more than it did, and no part exceeds the whole."""

from watchfloor.casework.custody import exhibits, refusals
from watchfloor.casework.custody.exhibits import Exhibit, World, difference, reading
from watchfloor.casework.custody.masses import COVERAGE, NOTHING, total, written
from watchfloor.cell.acts import Row, refuse


def weigh(found: World, one: Exhibit, row: Row) -> None:
    """Refuse a gain of mass without a reason; a weighing by itself can give the reason."""
    apart = difference(found, one, row)
    if apart and apart.mass.sigmas > COVERAGE and not (apart.why or "").strip():
        before = exhibits.expected(found, one, row)
        gain, sigmas = written(apart.mass), f"{apart.mass.sigmas:.1f}"
        refuse(refusals.GAINED, exhibit=one.id, gain=gain, before=written(before), sigmas=sigmas)


def split(found: World, one: Exhibit, row: Row) -> None:
    """Parts and rest weigh what the whole did."""
    if not row["children"]:
        refuse(refusals.CHILDLESS, exhibit=one.id)
    if one.mass is None:
        refuse(refusals.UNWEIGHED, exhibit=one.id)
    for id_ in row["children"]:
        if id_ not in found or found[id_].parent != one.id or found[id_].edition != 1:
            refuse(refusals.NOT_A_CHILD, exhibit=id_, parent=one.id)
    if reading(row) is not None:
        weigh(found, one, row)
        _nothing_left(found, one, row)
        return
    left = exhibits.expected(found, one, row)
    if left is None or left.sigmas < -COVERAGE:
        taken = total([found[id_].entered or NOTHING for id_ in row["children"]])
        refuse(refusals.TOO_MUCH, exhibit=one.id, before=written(one.mass), taken=written(taken))


def _nothing_left(found: World, one: Exhibit, row: Row) -> None:
    """Where nothing is left, its parts weigh what it did: no act can follow to say that they do not."""
    apart = difference(found, one, row)
    if exhibits.exhausts(row) and apart and apart.mass.sigmas < -COVERAGE:
        refuse(
            refusals.LEFT_OVER, exhibit=one.id, before=written(one.mass), lost=written(NOTHING - apart.mass)
        )


def consume(_found: World, one: Exhibit, row: Row) -> None:
    """No more is used up than there is."""
    used = reading(row)
    if one.mass is None or used is None:
        refuse(refusals.UNWEIGHED, exhibit=one.id)
    if (one.mass - used).sigmas < -COVERAGE:
        refuse(refusals.TOO_MUCH, exhibit=one.id, before=written(one.mass), taken=written(used))
