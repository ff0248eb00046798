"""What may be done with an exhibit, and the sentence that refuses the rest.

One function, `check`, asks of an act whether it may follow what was done before. Whoever acts is asked
before anything is written; `verifying` asks the same of every act that is there. Sections are those of the
Controlled Drugs and Substances Act (S.C. 1996, c. 19), read as Justice Laws had it on 2026-07-23.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from math import isfinite
from typing import Final

from watchfloor.cell.acting.acts import Row, minute, refuse, same_person
from watchfloor.cell.custody import exhibits
from watchfloor.cell.custody.exhibits import ENDS, Exhibit, World, difference, exhausts, reading
from watchfloor.cell.custody.holidays import extended
from watchfloor.cell.custody.masses import COVERAGE, NOTHING, total, written
from watchfloor.cell.custody.refusals import (
    APPLIED,
    BAD_MASS,
    CHILDLESS,
    CLOSED,
    EARLIER,
    FORFEITED,
    GAINED,
    NEEDS,
    NO_OFFER,
    NO_REASON,
    NO_SEAL,
    NOT_A_CHILD,
    NOT_APPLIED,
    NOT_DISPOSED,
    NOT_FORFEITED,
    NOT_HOLDER,
    NOT_REQUIRED,
    NOT_SUBMITTED,
    NOT_YOURS,
    NOWHERE,
    OFFERED,
    ONE_WITNESS,
    REQUIRED,
    SEAL_CHANGED,
    SEAL_USED,
    SEALED,
    SECTION,
    STALE,
    TAKEN,
    TO_ANOTHER,
    TO_SELF,
    TOO_MUCH,
    TOO_SOON,
    UNWEIGHED,
)

APPLY_WITHIN: Final = timedelta(days=60)
"""S. 24(1): an application for return, after the day of the seizure."""

SORTS: Final = ("controlled-substance", "precursor", "chemical-property", "other")
"""What an exhibit may be: the three that Part III, Division 2, of the Act knows, and anything else."""

FORFEITS: Final = ("24(4)", "25", "27(b)", "28")
"""Provisions that forfeit a substance; s. 25 by the passing of time, the others by an order or a consent."""
RETURNS: Final = ("24(2)", "24(3)(a)", "24(3)(b)", "27(a)")
DESTROYS: Final = ("24(4)", "25", "26", "27(b)", "28")
USES: Final = ("29(2)",)
"""Provisions under which it is returned, destroyed, or used in an investigation or for training."""
ACT: Final = "CDSA s. "
"""How the sections of the Act are written in `law`."""

HEAVIER, LIGHTER, LATE, UNSEALED = "heavier", "lighter", "late-application", "unsealed"

HOLDERS_ACTS: Final = frozenset(
    {"sealed", "resealed", "weighed", "submitted", "split", "consumed", "offered", *ENDS}
)
"""Acts on the thing itself: for who holds it."""

AFTER_END: Final = frozenset({"certified", "reported", "noted"})
"""Acts on paper, which may follow when nothing is left."""

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "seized": ("law", "place", "sort", "name"),
    "made": ("parent", "mass", "mass_error"),
    "sealed": ("seal",),
    "resealed": ("seal", "old_seal", "why"),
    "weighed": ("mass", "mass_error"),
    "submitted": ("analyst",),
    "certified": ("document", "analyst", "why"),
    "offered": ("to", "statement", "signature"),
    "received": ("to", "statement", "signature"),
    "withdrawn": ("why",),
    "consumed": ("mass", "mass_error", "why"),
    "applied": ("to",),
    "required": ("document",),
    "released": ("document",),
    "forfeited": ("law",),
    "returned": ("law", "to", "document"),
    "destroyed": ("law", "witness", "place", "why"),
    "used": ("law", "why"),
    "reported": ("law",),
    "noted": ("why",),
}
"""Columns without which an act says too little."""


def check(found: World, row: Row) -> None:
    """Raise `Refused` where an act may not follow what was done before; `found` is left as it is."""
    for name in NEEDED.get(row["act"], ()):
        if row[name] is None or row[name] == "":
            if name == "why":
                refuse(NO_REASON, exhibit=row["exhibit"], act_words=row["act"])
            refuse(NEEDS, exhibit=row["exhibit"], act_words=row["act"], missing_words=name)
    _mass(row)
    one = found.get(row["exhibit"])
    if row["act"] in ("seized", "made"):
        _new(found, one, row)
    elif one is None:
        refuse(NOWHERE, exhibit=row["exhibit"])
    else:
        _follows(one, row)
        _seal(one, row)
        RULES.get(row["act"], _anything)(found, one, row)
    _seal_unused(found, row)


def doubts(found: World, row: Row) -> list[str]:
    """What is odd about an act although it may be done."""
    one = found.get(row["exhibit"])
    if one is None:
        return []
    noted = []
    if apart := difference(found, one, row):
        noted += (
            [HEAVIER] if apart.mass.sigmas > COVERAGE else [LIGHTER] if apart.mass.sigmas < -COVERAGE else []
        )
    if row["act"] == "applied" and row["day"] > last_to_apply(found, one):
        noted.append(LATE)
    if row["act"] in ("offered", "submitted") and not one.seal:
        noted.append(UNSEALED)
    return noted


def last_to_apply(found: World, one: Exhibit) -> date:
    """The last day on which anybody may apply for the return of an exhibit (s. 24(1))."""
    return extended(exhibits.root(found, one).day + APPLY_WITHIN)


def _mass(row: Row) -> None:
    mass, error = row["mass"], row["mass_error"]
    if (mass is None and error is None) or exhausts(row):
        return
    known = mass is not None and error is not None
    if not known or not isfinite(mass) or not isfinite(error) or mass < 0 or error <= 0:
        refuse(BAD_MASS, mass=str(mass), error=str(error))


def _new(found: World, one: Exhibit | None, row: Row) -> None:
    if one is not None or row["edition"] != 1:
        refuse(TAKEN, exhibit=row["exhibit"])
    if row["act"] == "made":
        parent = found.get(row["parent"])
        if parent is not None and parent.state != "held":
            at = minute(parent.at)
            refuse(CLOSED, exhibit=parent.id, state_words=parent.state, at=at, act_words="split")
        if parent is None or parent.marking != row["marking"]:
            refuse(NOT_A_CHILD, exhibit=row["exhibit"], parent=row["parent"])
    elif row["sort"] not in SORTS:
        refuse(NEEDS, exhibit=row["exhibit"], act_words="seized", missing_words=" | ".join(SORTS))


def _follows(one: Exhibit, row: Row) -> None:
    last, act = one.last, row["act"]
    told = {"exhibit": one.id, "act_words": last["act"], "at": minute(one.at)}
    if row["edition"] != one.edition + 1:
        refuse(STALE, **told, made_on=row["edition"] - 1, edition=one.edition, by=last["by"])
    if row["observed_at"] < one.at:
        refuse(EARLIER, **told, given=minute(row["observed_at"]))
    if one.state != "held" and act not in AFTER_END:
        refuse(CLOSED, exhibit=one.id, state_words=one.state, at=minute(one.at), act_words=act)
    if act in HOLDERS_ACTS and not same_person(row["by"], one.holder):
        refuse(NOT_HOLDER, exhibit=one.id, holder=one.holder, by=row["by"], act_words=act)
    if one.offer is not None and act in HOLDERS_ACTS:
        to, at = one.offer["to"], minute(one.offer["observed_at"])
        refuse(OFFERED, exhibit=one.id, to=to, at=at, act_words=act)


def _seal(one: Exhibit, row: Row) -> None:
    """Seals change only where an act puts one on."""
    act = row["act"]
    if act == "sealed":
        if one.seal:
            refuse(SEALED, exhibit=one.id, seal=one.seal, act_words=act)
    elif act == "resealed":
        if not one.seal or row["old_seal"] != one.seal:
            refuse(NO_SEAL, exhibit=one.id, act_words=act)
    elif act in ("split", "consumed") and not exhausts(row):
        if one.seal and row["seal"] in (None, one.seal):
            refuse(SEALED, exhibit=one.id, seal=one.seal, act_words=act)
    elif row["seal"] != one.seal and not exhausts(row):
        refuse(SEAL_CHANGED, exhibit=one.id, act_words=act, seal=one.seal or "–")


def _seal_unused(found: World, row: Row) -> None:
    """A seal's number is used once, on whatever exhibit."""
    one = found.get(row["exhibit"])
    if row["seal"] is None or (one is not None and row["seal"] == one.seal):
        return
    for other in found.values():
        if any(row["seal"] == each["seal"] for each in other.history):
            refuse(SEAL_USED, seal=row["seal"], other=other.number)


def _anything(_found: World, _one: Exhibit, _row: Row) -> None:
    """An act that nothing else is asked of."""


def _weigh(found: World, one: Exhibit, row: Row) -> None:
    apart = difference(found, one, row)
    if apart and apart.mass.sigmas > COVERAGE and not (row["why"] or "").strip():
        before = exhibits.expected(found, one, row)
        gain, sigmas = written(apart.mass), f"{apart.mass.sigmas:.1f}"
        refuse(GAINED, exhibit=one.id, gain=gain, before=written(before), sigmas=sigmas)


def _submit(_found: World, one: Exhibit, row: Row) -> None:
    if not one.seal:
        refuse(NO_SEAL, exhibit=one.id, act_words=row["act"])


def _certify(_found: World, one: Exhibit, row: Row) -> None:
    if not any(each["day"] <= row["day"] for each in one.submitted):
        refuse(NOT_SUBMITTED, exhibit=one.id, day=row["day"].isoformat())


def _offer(_found: World, one: Exhibit, row: Row) -> None:
    if same_person(row["to"], one.holder):
        refuse(TO_SELF, exhibit=one.id, holder=one.holder)


def _receive(_found: World, one: Exhibit, row: Row) -> None:
    if one.offer is None:
        refuse(NO_OFFER, exhibit=one.id, holder=one.holder)
    if not same_person(row["to"], one.offer["to"]):
        refuse(TO_ANOTHER, exhibit=one.id, to=one.offer["to"], given=row["to"])


def _withdraw(_found: World, one: Exhibit, row: Row) -> None:
    if one.offer is None:
        refuse(NO_OFFER, exhibit=one.id, holder=one.holder)
    if not any(same_person(row["by"], each) for each in (one.holder, one.offer["to"])):
        refuse(NOT_YOURS, exhibit=one.id, holder=one.holder, to=one.offer["to"], by=row["by"])


def _split(found: World, one: Exhibit, row: Row) -> None:
    if not row["children"]:
        refuse(CHILDLESS, exhibit=one.id)
    if one.mass is None:
        refuse(UNWEIGHED, exhibit=one.id)
    for id_ in row["children"]:
        if id_ not in found or found[id_].parent != one.id or found[id_].edition != 1:
            refuse(NOT_A_CHILD, exhibit=id_, parent=one.id)
    if reading(row) is not None:
        _weigh(found, one, row)
        return
    left = exhibits.expected(found, one, row)
    if left is None or left.sigmas < -COVERAGE:
        taken = total([found[id_].entered or NOTHING for id_ in row["children"]])
        refuse(TOO_MUCH, exhibit=one.id, before=written(one.mass), taken=written(taken))


def _consume(_found: World, one: Exhibit, row: Row) -> None:
    used = reading(row)
    if one.mass is None or used is None:
        refuse(UNWEIGHED, exhibit=one.id)
    if (one.mass - used).sigmas < -COVERAGE:
        refuse(TOO_MUCH, exhibit=one.id, before=written(one.mass), taken=written(used))


def _release(_found: World, one: Exhibit, _row: Row) -> None:
    if one.required is None:
        refuse(NOT_REQUIRED, exhibit=one.id)


def _forfeit(found: World, one: Exhibit, row: Row) -> None:
    section = _section(row, FORFEITS)
    if one.forfeited is not None:
        refuse(FORFEITED, exhibit=one.id, day=one.forfeited["day"].isoformat(), act_words=row["act"])
    if one.required is not None and section != "27(b)":
        refuse(REQUIRED, exhibit=one.id, document=one.required["document"], act_words=row["act"])
    if section == "25":
        _by_time(found, one, row)
    elif not row["document"]:
        refuse(NEEDS, exhibit=one.id, act_words=row["act"], missing_words="document")
    elif section == "24(4)" and one.applied is None:
        refuse(NOT_APPLIED, exhibit=one.id, section=section)


def _by_time(found: World, one: Exhibit, row: Row) -> None:
    seized, last = exhibits.root(found, one).day, last_to_apply(found, one)
    for each in exhibits.lineage(found, one):
        if each.applied is not None and LATE not in each.applied["doubts"]:
            refuse(APPLIED, exhibit=one.id, day=each.applied["day"].isoformat())
    if row["day"] <= last:
        refuse(TOO_SOON, exhibit=one.id, day=seized.isoformat(), last=last.isoformat())


def _end(found: World, one: Exhibit, row: Row) -> None:
    """What returns, destroys or uses an exhibit: not while a court needs it."""
    if one.required is not None:
        refuse(REQUIRED, exhibit=one.id, document=one.required["document"], act_words=row["act"])
    _weigh(found, one, row)


def _return(found: World, one: Exhibit, row: Row) -> None:
    section = _section(row, RETURNS)
    if one.forfeited is not None:
        refuse(FORFEITED, exhibit=one.id, day=one.forfeited["day"].isoformat(), act_words=row["act"])
    if section.startswith("24") and one.applied is None:
        refuse(NOT_APPLIED, exhibit=one.id, section=section)
    _end(found, one, row)


def _destroy(found: World, one: Exhibit, row: Row) -> None:
    section = _section(row, DESTROYS)
    if section != "26" and one.forfeited is None:
        refuse(NOT_FORFEITED, exhibit=one.id)
    if same_person(row["witness"], row["by"]):
        refuse(ONE_WITNESS, exhibit=one.id, by=row["by"])
    _end(found, one, row)


def _use(found: World, one: Exhibit, row: Row) -> None:
    _section(row, USES)
    if one.forfeited is None:
        refuse(NOT_FORFEITED, exhibit=one.id)
    _end(found, one, row)


def _report(_found: World, one: Exhibit, row: Row) -> None:
    section = _section(row, ("12.1", "12.1(c)", "29"))
    if section == "29" and one.disposed is None:
        refuse(NOT_DISPOSED, exhibit=one.id)


def _section(row: Row, known: tuple[str, ...]) -> str:
    section: str = row["law"].removeprefix(ACT)
    if section not in known or not row["law"].startswith(ACT):
        refuse(SECTION, law=row["law"], sections=", ".join(known))
    return section


RULES: Final[Mapping[str, Callable[[World, Exhibit, Row], None]]] = {
    "weighed": _weigh,
    "submitted": _submit,
    "certified": _certify,
    "offered": _offer,
    "received": _receive,
    "withdrawn": _withdraw,
    "split": _split,
    "consumed": _consume,
    "released": _release,
    "forfeited": _forfeit,
    "returned": _return,
    "destroyed": _destroy,
    "used": _use,
    "reported": _report,
}
"""What each act is asked besides what all are."""
