"""Deciding about a lead: whether its subjects are the listed entities behind it; and taking that back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from watchfloor.cell import conflicts
from watchfloor.cell.acting.acts import minute, refuse, said
from watchfloor.cell.judgements import (
    Behind,
    Judgement,
    Row,
    Verdict,
    judge,
    listed_behind,
    says_the_same,
    standing,
)
from watchfloor.cell.leads import Lead
from watchfloor.records.messages import Language, declare
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

Answer = Literal["different", "same", "undo"]
"""What an officer says; an undoing is recorded as `withdrawn`."""

HOLDS: Final = timedelta(days=365)
"""How long a decision holds where nobody says until when."""

NO_ENTITY: Final = declare("cell.no-listed-entity", "lead", "which")
PAST: Final = declare("cell.decision-past", "until")
NOT_DECIDED: Final = declare("cell.nothing-to-undo", "lead")


@dataclass(frozen=True, slots=True)
class Decision:
    """What an officer decides about a lead.

    Attributes:
        answer: the subject is another than the listed entity, is the same, or that is taken back.
        why: the reason, in the officer's words.
        entity: only about this listed entity; None: all behind the lead.
        subject: only about this subject; None: all of the lead.
        until: when it must be looked at again; None: in a year.
        seen: what the page showed last, see `conflicts.refuse_unseen`.
        anyway: also where something was done meanwhile.
        begun: when several decisions of one form began to be made, see the same.
    """

    answer: Answer
    why: str
    entity: str | None = None
    subject: str | None = None
    until: datetime | None = None
    seen: str | None = None
    anyway: bool = False
    begun: datetime | None = None


class Decided(NamedTuple):
    """What was recorded: at which position, and about whom. No position: all of it is `known` already."""

    position: int | None
    verdict: Verdict
    behind: Sequence[Behind]
    known: Sequence[Row] = ()


def about(floor: Floor, reader: Reader, lead: Lead, decision: Decision) -> list[Behind]:
    """The subjects and listed entities that a decision is about. Refused where there are none."""
    said(decision.why, "why")
    behind = [
        one
        for one in listed_behind(floor, reader, lead)
        if decision.entity in (None, one.item["entity_id"]) and decision.subject in (None, one.subject)
    ]
    if not behind:
        which = " · ".join(filter(None, (decision.entity, decision.subject)))
        refuse(NO_ENTITY, lead=lead.lead_id, which=f" {which}" if which else "")
    return behind


def decide(
    floor: Floor,
    writer: Writer,
    reader: Reader,
    lead: Lead,
    decision: Decision,
    language: Language = "en",
) -> Decided:
    """Record a decision. It holds until it expires or the list item says something else.

    Raises:
        Conflict: something was done about the lead that the officer has not seen.
        Refused: it is about nothing, holds for no time, or undoes nothing.
    """
    behind = about(floor, reader, lead, decision)
    now = writer.moment()  # the log's time never falls, whatever the clock does
    expires = decision.until or now + HOLDS
    if expires <= now:
        refuse(PAST, until=minute(expires))
    if not decision.anyway:
        names, seen = conflicts.names(lead), decision.seen
        conflicts.refuse_unseen(floor, reader, *names, seen, language, decision.begun)
    word: Verdict = "withdrawn" if decision.answer == "undo" else decision.answer
    changed = _changed(floor, reader, behind, word, now)
    if not changed:
        if word == "withdrawn":
            refuse(NOT_DECIDED, lead=lead.lead_id)
        return Decided(None, word, behind, list(filter(None, standing(floor, reader, behind, now))))
    why = decision.why.strip()
    position = judge(writer, lead, changed, Judgement(word, why, writer.actor.name, now, expires))
    return Decided(position, word, changed)


def _changed(
    floor: Floor, reader: Reader, behind: Sequence[Behind], word: Verdict, now: datetime
) -> list[Behind]:
    """What a decision would change: what is decided, of an undoing; else what says something else."""
    held = zip(behind, standing(floor, reader, behind, now), strict=True)
    if word == "withdrawn":
        return [one for one, row in held if row is not None]
    return [one for one, row in held if not says_the_same(row, one, word)]
