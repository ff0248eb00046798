"""State of an entry on a day: quantities, the state of a commitment, and the line of the page.

A document counts from the day on which it is public. So a delivery of January that became known in March is
not known in February, and the register of a past day can be shown again as it was.
"""

from datetime import date
from typing import Final, Literal

import msgspec

from watchfloor.core.messages import declare
from watchfloor.scorecard.bilingual import Text, fill, joined, plain
from watchfloor.scorecard.findings import Evidence, Line
from watchfloor.scorecard.register.entries import Bears, Cited, Dated, Entry

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


class KnownQuantity(msgspec.Struct, frozen=True):
    """A quantity as it was known: None where a document speaks of it without a number; and since when."""

    value: float | None
    day: date


def known(entry: Entry, stage: Stage, on: date) -> KnownQuantity | None:
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
    return KnownQuantity(own if newest.value is None else newest.value, newest.day)


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


def found(entry: Entry, on: date) -> Text | None:
    """Return all that may be said of an entry on a day, in one text; None if there is nothing."""
    sentences = [
        *quantity_sentences(entry, on),
        *(_sayable(entry.found, on)),
        *(_sayable(entry.not_comparable, on)),
    ]
    return joined(sentences, " ") if sentences else None


def quantity_sentences(entry: Entry, on: date) -> tuple[Text, ...]:
    """Return the sentences of the quantities: none, a part, more than announced, contradicted."""
    if entry.kind != "commitment":
        return ()
    have = known(entry, "delivered", on)
    texts = [
        fill(CONTRADICTED, what=_what(one))
        for one in entry.evidence
        if one.bears == "contradicts" and one.day <= on
    ]
    if state(entry, on) in ("no-evidence", "late") and have is None:
        texts.append(fill(NO_EVIDENCE))
    if entry.announced is None or have is None:
        return tuple(texts)
    if have.value is None:
        texts.append(fill(NO_NUMBER))
    elif have.value != entry.announced:
        message = MORE if have.value > entry.announced else PART
        numbers = {"have": plain(have.value), "announced": plain(entry.announced)}
        texts.append(fill(message, **numbers, unit=entry.unit or Text("", "")))
    return tuple(texts)


def _reached(entry: Entry, have: KnownQuantity | None) -> bool:
    if have is None:
        return False
    if entry.announced is None:
        return True
    return have.value is not None and have.value >= entry.announced


def _sayable(sentences: tuple[Dated, ...], on: date) -> list[Text]:
    return [one.text for one in sentences if one.day is None or one.day <= on]


def _evidence(one: Cited) -> Evidence:
    source = f"{one.publisher}, “{one.title}”" + (f", {one.address}" if one.address else "")
    return Evidence(_what(one), source, one.day, one.value)


def _what(one: Cited) -> Text:
    return one.what if one.checked else fill(MEMORY, what=one.what)
