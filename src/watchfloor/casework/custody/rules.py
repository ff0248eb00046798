"""Rules of custody: the acts that an exhibit admits, and the sentence that refuses any other.

`check` decides whether an act may follow what was done before. It is called before an act is written;
`verifying` calls it for every act that is there. Sections are those of the
Controlled Drugs and Substances Act (S.C. 1996, c. 19), read as Justice Laws had it on 2026-07-23.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import takewhile
from typing import Final

from watchfloor.casework.custody import exhibits, refusals, weighing
from watchfloor.casework.custody.exhibits import (
    ENDS,
    LATE,
    Exhibit,
    World,
    difference,
    exhausts,
    folded,
    same_document,
)
from watchfloor.casework.custody.holidays import extended
from watchfloor.casework.custody.masses import COVERAGE
from watchfloor.casework.custody.weighing import weigh
from watchfloor.cell.acts import Row, minute, refuse, same_person

# What the Controlled Drugs and Substances Act asks of forfeiture, return, destruction and use.


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
    """Refuse to return, destroy or use an exhibit while a court needs it."""
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


SORTS: Final = ("controlled-substance", "precursor", "chemical-property", "other")
"""What an exhibit may be: the three that Part III, Division 2, of the Act knows, and anything else."""

HEAVIEST: Final = 1e9
"""Grams that no exhibit weighs more than: a thousand tonnes."""

HEAVIER, LIGHTER, UNSEALED = "heavier", "lighter", "unsealed"
ENTERED: Final = "entered-for-receiver"
"""Doubt of a transfer whose second signature another than the receiver entered: with their key file, or as
they signed it elsewhere."""

HOLDERS_ACTS: Final = frozenset(
    {"sealed", "resealed", "weighed", "submitted", "split", "consumed", "offered", *ENDS}
)
"""Acts on the thing itself: for who holds it."""

AFTER_END: Final = frozenset({"certified", "reported", "noted", "redated"})
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
    "redated": ("why",),
}
"""Columns without which an act says too little."""


def check(found: World, row: Row) -> None:
    """Raise `Refusal` where an act may not follow what was done before; `found` is left as it is."""
    for name in NEEDED.get(row["act"], ()):
        if row[name] is None or row[name] == "":
            if name == "why":
                refuse(refusals.NO_REASON, exhibit=row["exhibit"], act_words=row["act"])
            refuse(refusals.NEEDS, exhibit=row["exhibit"], act_words=row["act"], missing_words=name)
    _mass(row)
    one = found.get(row["exhibit"])
    if row["act"] in ("seized", "made"):
        _new(found, one, row)
    elif one is None:
        refuse(refusals.NOWHERE, exhibit=row["exhibit"])
    else:
        _follows(one, row)
        _seal(one, row)
        RULES.get(row["act"], _anything)(found, one, row)
    _seal_unused(found, row)


def doubts(found: World, row: Row) -> list[str]:
    """Say what is odd about an act although it may be done."""
    one = found.get(row["exhibit"])
    if one is None:
        return []
    noted = []
    if apart := difference(found, one, row):
        noted += (
            [HEAVIER] if apart.mass.sigmas > COVERAGE else [LIGHTER] if apart.mass.sigmas < -COVERAGE else []
        )
    act = one.dated["act"] if row["act"] == "redated" else row["act"]
    if act == "applied" and row["day"] > last_to_apply(found, one):
        noted.append(LATE)
    if row["act"] in ("offered", "submitted") and not one.seal:
        noted.append(UNSEALED)
    if row["act"] == "received" and not same_person(row["by"], row["to"]):
        noted.append(ENTERED)
    return noted


def repeated(found: World, row: Row) -> None:
    """Raise `Refusal` where an act is recorded already: one document requires or certifies an exhibit once.

    Asked of whoever acts, not of what is there: floors from before may hold one twice.
    """
    one = found.get(row["exhibit"])
    standing = {} if one is None else {"required": one.required, "certified": one.certified}
    for each in standing.get(row["act"], ()):
        if same_document(each, row):
            told = {"act_words": row["act"], "document": row["document"], "day": each["day"].isoformat()}
            refuse(refusals.REPEATED, exhibit=row["exhibit"], **told)
    applied = None if one is None or row["act"] != "applied" else one.applied
    if applied is not None and same_document(applied, row) and folded(applied["to"]) == folded(row["to"]):
        told = {"act_words": "applied", "document": row["to"], "day": applied["day"].isoformat()}
        refuse(refusals.REPEATED, exhibit=row["exhibit"], **told)


def _mass(row: Row) -> None:
    mass, error = row["mass"], row["mass_error"]
    if (mass is None and error is None) or exhausts(row):
        return
    known = mass is not None and error is not None
    if not known or not 0 <= mass <= HEAVIEST or not 0 < error <= HEAVIEST:
        refuse(refusals.BAD_MASS, mass=str(mass), error=str(error))


def _new(found: World, one: Exhibit | None, row: Row) -> None:
    if one is not None or row["edition"] != 1:
        refuse(refusals.TAKEN, exhibit=row["exhibit"])
    if row["act"] == "made":
        parent = found.get(row["parent"])
        if parent is not None and parent.state != "held":
            at = minute(parent.at)
            refuse(refusals.CLOSED, exhibit=parent.id, state_words=parent.state, at=at, act_words="split")
        if parent is None or parent.marking != row["marking"]:
            refuse(refusals.NOT_A_CHILD, exhibit=row["exhibit"], parent=row["parent"])
    elif row["sort"] not in SORTS:
        refuse(refusals.NEEDS, exhibit=row["exhibit"], act_words="seized", missing_words=" | ".join(SORTS))


def _follows(one: Exhibit, row: Row) -> None:
    act = row["act"]
    one.refuse_stale(row["edition"] - 1)
    if row["observed_at"] < one.at and act != "redated":
        told = {"exhibit": one.id, "act_words": one.last["act"], "at": minute(one.at)}
        refuse(refusals.EARLIER, **told, given=minute(row["observed_at"]))
    if one.state != "held" and act not in AFTER_END:
        refuse(refusals.CLOSED, exhibit=one.id, state_words=one.state, at=minute(one.at), act_words=act)
    if act in HOLDERS_ACTS and not same_person(row["by"], one.holder):
        refuse(refusals.NOT_HOLDER, exhibit=one.id, holder=one.holder, by=row["by"], act_words=act)
    if one.offer is not None and act in HOLDERS_ACTS:
        to, at = one.offer["to"], minute(one.offer["observed_at"])
        refuse(refusals.OFFERED, exhibit=one.id, to=to, at=at, act_words=act)


def _seal(one: Exhibit, row: Row) -> None:
    """Seals change only where an act puts one on."""
    act = row["act"]
    if act == "sealed":
        if one.seal:
            refuse(refusals.SEALED, exhibit=one.id, seal=one.seal, act_words=act)
    elif act == "resealed":
        if not one.seal or row["old_seal"] != one.seal:
            refuse(refusals.NO_SEAL, exhibit=one.id, act_words=act)
    elif act in ("split", "consumed") and not exhausts(row):
        if one.seal and row["seal"] in (None, one.seal):
            refuse(refusals.SEALED, exhibit=one.id, seal=one.seal, act_words=act)
    elif row["seal"] != one.seal and not exhausts(row):
        refuse(refusals.SEAL_CHANGED, exhibit=one.id, act_words=act, seal=one.seal or "–")


def _seal_unused(found: World, row: Row) -> None:
    """A seal's number is used once, on whatever exhibit."""
    one = found.get(row["exhibit"])
    if row["seal"] is None or (one is not None and row["seal"] == one.seal):
        return
    number = folded(row["seal"])
    for other in found.values():
        if number in other.seals:
            refuse(refusals.SEAL_USED, seal=row["seal"], other=other.number)


def _anything(_found: World, _one: Exhibit, _row: Row) -> None:
    """An act that nothing else is asked of."""


def _submit(_found: World, one: Exhibit, row: Row) -> None:
    if not one.seal:
        refuse(refusals.NO_SEAL, exhibit=one.id, act_words=row["act"])


def _certify(_found: World, one: Exhibit, row: Row) -> None:
    if not one.submitted:  # what came before it was done before it: `_follows`
        refuse(refusals.NOT_SUBMITTED, exhibit=one.id, day=row["day"].isoformat())


def _offer(_found: World, one: Exhibit, row: Row) -> None:
    if same_person(row["to"], one.holder):
        refuse(refusals.TO_SELF, exhibit=one.id, holder=one.holder)


def _receive(_found: World, one: Exhibit, row: Row) -> None:
    if one.offer is None:
        refuse(refusals.NO_OFFER, exhibit=one.id, holder=one.holder)
    if not same_person(row["to"], one.offer["to"]):
        refuse(refusals.TO_ANOTHER, exhibit=one.id, to=one.offer["to"], given=row["to"])


def _withdraw(_found: World, one: Exhibit, row: Row) -> None:
    if one.offer is None:
        refuse(refusals.NO_OFFER, exhibit=one.id, holder=one.holder)
    if not any(same_person(row["by"], each) for each in (one.holder, one.offer["to"])):
        refuse(refusals.NOT_YOURS, exhibit=one.id, holder=one.holder, to=one.offer["to"], by=row["by"])


def _release(_found: World, one: Exhibit, row: Row) -> None:
    if not any(same_document(each, row) for each in one.required):
        documents = "; ".join(each["document"] for each in one.required) or "–"
        refuse(refusals.NOT_REQUIRED, exhibit=one.id, document=row["document"], documents=documents)


def _redate(found: World, one: Exhibit, row: Row) -> None:
    """For who recorded the last act; not of what was signed, nor out of the order of what was done."""
    wrong = one.dated
    told = {"exhibit": one.id, "act_words": wrong["act"]}
    if wrong["statement"]:
        refuse(refusals.SIGNED_MOMENT, **told)
    if not same_person(row["by"], wrong["by"]):
        refuse(refusals.NOT_RECORDER, **told, recorder=wrong["by"], by=row["by"])
    if wrong["act"] == "forfeited" and wrong["law"] == f"{ACT}25":
        check_time(found, one, row)
    before = [each for each in one.history if each["edition"] < wrong["edition"]]
    if wrong["act"] == "made" and (parent := found.get(wrong["parent"])):
        before = list(takewhile(lambda each: one.id not in (each["children"] or ()), parent.history))
    given = minute(row["observed_at"])
    if before and row["observed_at"] < before[-1]["observed_at"]:
        refuse(refusals.REDATED_BEFORE, **told, at=minute(before[-1]["observed_at"]), given=given)
    for part in (found[id_] for id_ in wrong["children"] or () if id_ in found):
        if part.history[1:] and row["observed_at"] > (after := part.history[1]["observed_at"]):
            refuse(refusals.REDATED_AFTER, **told, part=part.number, at=minute(after), given=given)


RULES: Final[Mapping[str, Callable[[World, Exhibit, Row], None]]] = {
    "weighed": weighing.weigh,
    "submitted": _submit,
    "certified": _certify,
    "offered": _offer,
    "received": _receive,
    "withdrawn": _withdraw,
    "split": weighing.split,
    "consumed": weighing.consume,
    "released": _release,
    "forfeited": forfeit,
    "returned": give_back,
    "destroyed": destroy,
    "used": use,
    "reported": report,
    "redated": _redate,
}
"""What each act is asked besides what all are."""
