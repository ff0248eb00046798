"""State of an entry on a day: quantities, the state of a commitment, and the line of the page.

A document counts from the day on which it is public. So a delivery of January that became known in March is
not known in February, and the register of a past day can be shown again as it was.
"""

from datetime import date
from typing import Final, Literal

import msgspec

from watchfloor.core.messages import declare
from watchfloor.scorecard.findings import Evidence, Line
from watchfloor.scorecard.register.entries import Bears, Cited, Dated, Entry
from watchfloor.scorecard.said import Said, joined, plain, said

State = Literal["", "announced", "delivered", "in-service", "late", "no-evidence"]
Stage = Literal["delivered", "in-service"]

_BEARING: Final[dict[Stage, tuple[Bears, ...]]] = {
    "delivered": ("delivered", "in-service"),
    "in-service": ("in-service",),
}
"""What is in service has been delivered."""

NO_EVIDENCE: Final = declare("register.entry-no-evidence")
NO_NUMBER: Final = declare("register.entry-no-number")
PART: Final = declare("register.entry-part", "have", "announced", "unit")
MORE: Final = declare("register.entry-more", "have", "announced", "unit")
CONTRADICTED: Final = declare("register.entry-contradicted", "what")
MEMORY: Final = declare("register.entry-from-memory", "what")


class Known(msgspec.Struct, frozen=True):
    """A quantity as it was known: None where a document speaks of it without a number; and since when."""

    value: float | None
    day: date


def known(entry: Entry, stage: Stage, on: date) -> Known | None:
    """How many were delivered or in service as known on a day; None: no document says anything.

    The newest document with a number counts (of one day the one written last), because numbers fall, too: a
    lease ends. One without a number
    takes the entry's own.
    """
    documents = [one for one in entry.evidence if one.day <= on and one.bears in _BEARING[stage]]
    if not documents:
        return None
    numbered = [one for one in documents if one.value is not None]
    newest = max(reversed(numbered or documents), key=lambda one: one.day)
    own = entry.delivered if stage == "delivered" else entry.in_service
    return Known(own if newest.value is None else newest.value, newest.day)


def state(entry: Entry, on: date) -> State:
    """Of a commitment on a day; empty of what is none, and before it was announced.

    - `in-service`, `delivered`: as many as announced are, or it is where no number was announced.
    - `late`: not so, and the day by which it was promised is past.
    - `no-evidence`: the report speaks of it as done, and no document gives a quantity.
    - `announced`: it is promised, or a part of it has come.
    """
    if entry.kind != "commitment" or (entry.announced_on is not None and on < entry.announced_on):
        return ""
    if _reached(entry, known(entry, "in-service", on)):
        return "in-service"
    delivered = known(entry, "delivered", on)
    if _reached(entry, delivered):
        return "delivered"
    if entry.due is not None and entry.due < on:
        return "late"
    if entry.said_done and (delivered is None or delivered.value is None):
        return "no-evidence"
    return "announced"


def late(entry: Entry, on: date) -> bool:
    """Whether the day of a commitment is past without evidence that it was kept."""
    return state(entry, on) == "late"


def line(entry: Entry, on: date) -> Line:
    """An entry as it stands on the page of a day, without agreement."""
    announced = entry.announced_on is None or entry.announced_on <= on
    quantity: dict[Stage, float | None] = {}
    for stage in _BEARING:
        have = known(entry, stage, on)
        quantity[stage] = None if have is None else have.value
    return Line(
        id=entry.id,
        kind=entry.kind,
        says=entry.says,
        department=entry.department,
        claim=entry.claim,
        unit=entry.unit,
        announced=entry.announced if announced else None,
        delivered=quantity["delivered"],
        in_service=quantity["in-service"],
        announced_on=entry.announced_on if announced else None,
        due=entry.due if announced else None,
        state=state(entry, on),
        evidence=tuple(_evidence(one) for one in entry.evidence if one.day <= on),
        found=found(entry, on),
    )


def found(entry: Entry, on: date) -> Said | None:
    """Return all that may be said of an entry on a day, in one text; None if there is nothing."""
    sentences = [
        *told(entry, on),
        *(_sayable(entry.found, on)),
        *(_sayable(entry.not_comparable, on)),
    ]
    return joined(sentences, " ") if sentences else None


def told(entry: Entry, on: date) -> tuple[Said, ...]:
    """Return the sentences of the quantities: none, a part, more than announced, contradicted."""
    if entry.kind != "commitment":
        return ()
    have = known(entry, "delivered", on)
    texts = [
        said(CONTRADICTED, what=_what(one))
        for one in entry.evidence
        if one.bears == "contradicts" and one.day <= on
    ]
    if state(entry, on) in ("no-evidence", "late") and have is None:
        texts.append(said(NO_EVIDENCE))
    if entry.announced is None or have is None:
        return tuple(texts)
    if have.value is None:
        texts.append(said(NO_NUMBER))
    elif have.value != entry.announced:
        message = MORE if have.value > entry.announced else PART
        numbers = {"have": plain(have.value), "announced": plain(entry.announced)}
        texts.append(said(message, **numbers, unit=entry.unit or Said("", "")))
    return tuple(texts)


def _reached(entry: Entry, have: Known | None) -> bool:
    if have is None:
        return False
    if entry.announced is None:
        return True
    return have.value is not None and have.value >= entry.announced


def _sayable(sentences: tuple[Dated, ...], on: date) -> list[Said]:
    return [one.said for one in sentences if one.day is None or one.day <= on]


def _evidence(one: Cited) -> Evidence:
    source = f"{one.publisher}, “{one.title}”" + (f", {one.address}" if one.address else "")
    return Evidence(_what(one), source, one.day, one.value)


def _what(one: Cited) -> Said:
    return one.what if one.checked else said(MEMORY, what=one.what)
