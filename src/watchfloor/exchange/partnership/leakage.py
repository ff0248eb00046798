"""Leakage of a session: what each side learned, and a bound in bits: a report for every query.

The bounds hold for what the messages say to who follows the protocol. A size is what a partner had to be
told; a set's members are hidden by the masks, so of a table and of points nothing counts but how many there
are.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from watchfloor.exchange.partnership.code import Code
from watchfloor.exchange.partnership.psi import false_positives
from watchfloor.exchange.partnership.sessions import Session, of_day


class Learned(NamedTuple):
    """One thing that one side learned, and at most how many bits it tells of the other's persons."""

    who: str
    what: str
    bits: float


def report(code: Code, session: Session, known: Iterable[Session]) -> dict[str, Any]:
    """The report of a session, as it stands.

    Args:
        code: of practice.
        session: which.
        known: every session of this node, for what remains of the day.
    """
    learned = list(_learned(code, session))
    by = {who: round(sum(one.bits for one in learned if one.who == who), 3) for who in ("asker", "answerer")}
    return {
        "session": session.id,
        "tier": session.tier,
        "asker": session.use.asker,
        "answerer": session.use.answerer,
        "asked": session.size,
        "held": session.rows,
        "found": session.found,
        "fields": list(session.told),
        "false_positives": false_positives(session.size, session.rows),
        "learned": [one._asdict() | {"bits": round(one.bits, 3)} for one in learned],
        "bits": by,
        "left_today": left(code, session, known),
    }


def left(code: Code, session: Session, known: Iterable[Session]) -> Mapping[str, int]:
    """Return the rest of the day's caps, in this direction."""
    day = session.opened.date()
    same = [o for o in of_day(known, day) if (o.partner, o.role) == (session.partner, session.role)]
    caps = code.file.caps
    return {
        "queries": caps.queries_per_day - len(same),
        "subjects": caps.subjects_per_day - sum(one.size for one in same),
    }


def _learned(code: Code, one: Session) -> Iterable[Learned]:
    if one.rows:
        yield Learned("asker", "how many subjects the answerer holds", _log2(code.file.caps.largest_set))
    yield Learned("answerer", "how many subjects were asked about", _log2(code.file.caps.subjects_per_query))
    if one.last in ("open", "accept", "points"):
        return
    if one.tier == "cardinality":
        yield Learned("asker", "how many are common", _log2(one.size + 1))
        return
    yield Learned("asker", "which of those asked about are held", float(one.size))
    if one.last == "answer" or one.found is None:
        return
    yield Learned("answerer", "which of those held were asked about and claimed", chosen(one.rows, one.found))
    rows = code.file.fields
    bits = sum(rows[name].bits for name in one.told if name in rows) * one.found
    if one.told:
        what = f"{', '.join(one.told)} of {one.found} common subjects"
        yield Learned("asker", what, bits)
        yield Learned("answerer", what, bits)


def chosen(of: int, some: int) -> float:
    """Bits of which `some` of `of` things they are: log2 of the binomial coefficient."""
    if not 0 <= some <= of:
        return 0.0
    return (math.lgamma(of + 1) - math.lgamma(some + 1) - math.lgamma(of - some + 1)) / math.log(2)


def _log2(count: int) -> float:
    return math.log2(max(count, 1))
