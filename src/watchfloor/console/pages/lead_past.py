"""History of a lead: who did what, what was retracted, and how it was at a moment of the past."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

import msgspec

from watchfloor.casework.decisions.case_history import case_history, history_of
from watchfloor.casework.watch.sitrep import Sentence, records_of
from watchfloor.cell.acts import refuse
from watchfloor.cell.change_history import Stop, stops
from watchfloor.cell.history import TakenBack, taken_back, taken_back_from
from watchfloor.cell.leads import Lead
from watchfloor.cell.queue import NoLead
from watchfloor.cell.weighing.weights import load
from watchfloor.cell.wording.dates import past_moment
from watchfloor.console.endpoints.endpoint import Asker
from watchfloor.console.endpoints.failures import NotHere
from watchfloor.console.pictures.picture import Picture
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, declare

SHORTEST: Final = 4
"""Digits of the start of an id by which a closed lead is looked for."""

SEVERAL: Final = declare("console.several-leads")


class LeadActLine(msgspec.Struct, frozen=True):
    """An act about a lead, and the record that says so."""

    at: datetime
    by: str
    said: str
    record_id: str
    marking: str


class Back(msgspec.Struct, frozen=True):
    """A signal that was taken back: its rule, when that could be known, why, and what told it."""

    rule: str
    since: datetime | None
    at: datetime
    reason: str
    records: list[str]
    marking: str


class Turn(msgspec.Struct, frozen=True):
    """A moment at which a lead changed.

    Attributes:
        at: the moment.
        what: a run of the desks, or a judgement.
        said: in words.
        marking: of what is told.
    """

    at: datetime
    what: Literal["run", "judgement"]
    said: str
    marking: str


class LeadMoment(NamedTuple):
    """A lead as it stands, or stood, or what is left of one that is closed.

    Attributes:
        at: the moment of the past; None for now.
        picture: the queue that it is of.
        row: its place there.
        head: of its matter.
        one: the lead; None where there is none at that moment.
        back: what was taken back, of a closed one all there is.
        known: the same lead at another moment, where there is none at this one.
    """

    at: datetime | None
    picture: Picture
    row: int
    head: Lead | None
    one: Lead | None
    back: list[TakenBack]
    known: Lead | None = None

    @property
    def lead_id(self) -> str:
        """Its id, whole."""
        of = self.one or self.known
        return of.lead_id if of else self.back[0].lead_id

    @property
    def subjects(self) -> Sequence[str]:
        """Whom it is about."""
        of = self.one or self.known
        if of is not None:
            return of.subjects or (of.subject,)
        return list(dict.fromkeys(one.subject for one in self.back))


def seen(asker: Asker, lead_id: str, at: str = "") -> LeadMoment:
    """A lead by its id, or the start of it, now or at a moment.

    Raises:
        NotHere: there never was one, or not for this reader.
        Refusal: several start so; the moment is none, or is to come.
    """
    if not at:
        return _now(asker, lead_id)
    then = past_moment(at, asker.at)
    picture = asker.services.pictures.at(asker.reader, asker.floor.position_at(then), then)
    try:
        row, head, one = picture.matter(lead_id)
        return LeadMoment(then, picture, row, head, one, _back(asker, one.lead_id, then))
    except NoLead:
        if picture.starts(lead_id):
            refuse(SEVERAL)
        if back := _back(asker, lead_id, then):
            return LeadMoment(then, picture, -1, None, None, back)
        now = _now(asker, lead_id)
        return LeadMoment(then, picture, -1, None, None, now.back, now.one)


def _now(asker: Asker, lead_id: str) -> LeadMoment:
    picture = asker.services.pictures.current(asker.reader, asker.at, asker.patience).picture
    try:
        row, head, one = picture.matter(lead_id)
        back = taken_back_from(asker.floor, asker.reader, load(), one)
        return LeadMoment(None, picture, row, head, one, back)
    except NoLead:
        if picture.starts(lead_id):
            refuse(SEVERAL)
        if not (back := _back(asker, lead_id, None)):
            raise NotHere from None
        return LeadMoment(None, picture, -1, None, None, back)


def _back(asker: Asker, lead_id: str, as_of: datetime | None) -> list[TakenBack]:
    """Return the signals retracted from the one lead whose id starts so."""
    if len(lead_id) < SHORTEST:
        return []
    found = taken_back(asker.floor, asker.reader, load(), lead_id, as_of)
    if len({one.lead_id for one in found}) > 1:
        refuse(SEVERAL)
    return found


def done(asker: Asker, found: LeadMoment) -> list[Sentence]:
    """Who did what about it, in the order of the log."""
    acts = records_of(asker.floor, asker.reader, found.at)
    if found.head is not None:
        return case_history(acts, [found.head, *found.head.also])
    return history_of(acts, {found.lead_id}, set(found.subjects))


def told_in(sentences: Sequence[Sentence], language: Language) -> list[LeadActLine]:
    """The same in words."""
    return [
        LeadActLine(one.at, one.by, one.text(language), one.record_id.hex(), one.marking) for one in sentences
    ]


def back_in(found: Sequence[TakenBack], language: Language) -> list[Back]:
    """Return retracted signals, in words."""
    return [
        Back(
            one.rule,
            one.since,
            one.at,
            one.reason.render(language),
            [record_id.hex() for record_id in one.told_by],
            one.marking,
        )
        for one in found
    ]


def turns(asker: Asker, found: LeadMoment) -> list[Turn]:
    """The moments at which it changed in this reader's view."""
    return [_turn(asker, one) for one in stops(asker.floor, asker.reader, set(found.subjects))]


def _turn(asker: Asker, one: Stop) -> Turn:
    if one.what == "run":
        said = asker.t("lead.turn_run", came=one.came, went=one.went)
    else:
        verdict = asker.services.words.word("lead.verdict_", one.verdict, asker.language)
        said = asker.t("lead.turn_judgement", by=one.by, verdict=verdict)
    return Turn(one.at, one.what, said, joined(list(one.markings)))
