"""Messages of the desk: who or what a ring is about, and why, in English and in French."""

from typing import Final

from watchfloor.core.messages import Message, Reason, declare, reason
from watchfloor.desks.travel.filings import FACTS, SURROUNDINGS, TIES, Filings
from watchfloor.desks.travel.rings import KIND_OF, Fact, Ring, Shared

SEEN_BY: Final = ("offices", "officers")
RING: Final = {
    kind: declare(f"travel.ring-{kind}", "members", "households", "keys", "false", "subject", *SEEN_BY)
    for kind in ("organiser", "payer", "template", "document")
}
"""What a ring is about, by the kind of its subject."""

GONE: Final = declare("travel.ring-gone", "day")
SEEN: Final = declare("travel.seen", "offices", "officers")

TIE: Final = {
    kind: declare(f"travel.tie-{kind}", "within", "members", "value", "expected") for kind in TIES
} | {kind: declare(f"travel.tie-{kind}", "within", "members", "value", "all") for kind in SURROUNDINGS}
FACT: Final = {name: declare(f"travel.fact-{name}", "false", "known", "expected") for name in FACTS}

LEFT_OUT: Final = declare("travel.left-out", "columns")
TAKEN_FOR: Final = declare("travel.taken-for", "column", "field", "kind")
UNUSED: Final = declare("travel.unused", "columns")
NO_RING: Final = declare("travel.no-ring")
HEADING: Final = declare("travel.heading", "rings", "applications")
COLUMNS: Final = tuple(declare(f"travel.column-{one}") for one in ("subject", "kind", "members", "band"))
KINDS: Final = {kind: declare(f"travel.kind-{kind}") for kind in RING}

MOST: Final = 2
"""Ties of one kind that are told."""


def why(ring: Ring, filings: Filings, subject: str) -> Reason:
    """Return the sentence of a ring.

    Args:
        ring: the ring.
        filings: of which it is.
        subject: what its subject is called.
    """
    false = sum(any(filings.told[one.name][at] > 0 for one in ring.facts) for at in ring.members)
    return reason(
        RING[KIND_OF[ring.kind]],
        members=len(ring.members),
        households=filings.strangers(ring.members),
        keys=len({one.kind for one in ring.shared if one.kind in TIES}),
        false=false,
        subject=subject,
        offices=ring.offices,
        officers=ring.officers,
    )


def reasons(ring: Ring) -> list[Reason]:
    """Return every reason of a ring: what is false, what holds it together, and who saw it."""
    made = [_fact(one) for one in ring.facts]
    told: dict[str, int] = {}
    for one in ring.shared:
        told[one.kind] = told.get(one.kind, 0) + 1
        if told[one.kind] <= MOST:
            made.append(_tie(one, len(ring.members)))
    if ring.offices > 1 or ring.officers > 1:
        made.append(reason(SEEN, offices=ring.offices, officers=ring.officers))
    return made


def _fact(one: Fact) -> Reason:
    return reason(FACT[one.name], false=one.false, known=one.known, expected=_rounded(one.expected))


def _tie(one: Shared, members: int) -> Reason:
    message: Message = TIE[one.kind]
    given: dict[str, str | float] = {
        "within": one.within,
        "members": members,
        "value": one.value,
        "all": one.all,
    }
    given["expected"] = _rounded(one.expected)
    return reason(message, **{name: given[name] for name in message.parameters})


def _rounded(expected: float) -> float:
    return round(expected, 1) if expected >= 0.1 else round(expected, 2)
