"""Inspections: parcels and consignments referred, those past their deadline first, and how each ended.

Who examines is shown the facts about an item, the law and the grounds. The probability with which the item
was chosen, and whether by score, by uncertainty or at random, are on no page and in no answer of the API
before its end: they would steer how hard somebody looks, and then the rates that rest on them would be of
the looking.
"""

from collections import Counter
from datetime import datetime
from typing import Final, Literal

import msgspec

from watchfloor.actions.base import NO_CURSOR
from watchfloor.actions.tasks import may_act
from watchfloor.cell.acting.acts import Row, refuse
from watchfloor.cell.acting.ordering import flags_of
from watchfloor.cell.referrals import drafting, grounds, keeping, lookouts, outcomes, powers
from watchfloor.cell.referrals.drafting import Draft
from watchfloor.cell.referrals.life import AFTER, OPEN, Referral, reason_of, urgent
from watchfloor.cell.referrals.messages import RELEASE
from watchfloor.console.endpoint import Asker, Endpoint, NotHere
from watchfloor.console.pages import inspections_acts as acts
from watchfloor.records.marking import joined

SIZE: Final = 50
SHOWN: Final = 2
"""Facts beside the description that the list shows of an item; its own page has all."""


class InspectionsAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which referrals.

    Attributes:
        unit: only of this unit.
        state: overdue, open or ended; empty: all but the ended.
        after: id of the last referral of the page before.
        size: how many.
    """

    unit: str = ""
    state: Literal["", "overdue", "open", "ended"] = ""
    after: str = ""
    size: int = SIZE


class InspectionLine(msgspec.Struct, frozen=True):
    """A referral in the list.

    Attributes:
        referral: its id; `subject`: typed key of the item; `document`: number of its transport document.
        state: as it stands now; `late`: whether its deadline is past without a word of its end.
        edition: number of acts on it.
        means: how it is to be examined.
        chosen: why this one; `plan` for what who examines is not told before the end.
        facts: what is on record about the item, as sentences.
        grounds: an officer's, in his own words; `badge`: whose.
        authority: the section.
        deadline: until when it can be held.
        unit: who examines.
        result, found: of an examination.
        last, by, at, why: the last act.
        marking: who may see it.
    """

    referral: str
    subject: str
    document: str
    state: str
    late: bool
    edition: int
    means: str
    chosen: str
    facts: list[str]
    grounds: str
    badge: str
    authority: str
    deadline: datetime | None
    unit: str
    result: str
    found: list[str]
    last: str
    by: str
    at: datetime
    why: str
    marking: str


class Met(msgspec.Struct, frozen=True):
    """An item that a standing lookout names: by which key, called what there, and what is asked."""

    task: str
    form: str
    instruction: str
    flags: list[str]
    deadline: datetime | None
    subject: str
    names: dict[str, str]
    goods: list[str]
    marking: str


class Inspections(msgspec.Struct, frozen=True):
    """A page of referrals, those past their deadline first.

    Attributes:
        marking: the join of what is shown.
        count: referrals that are asked for.
        counts: of all, by overdue, open and ended.
        referrals: this page.
        next: id to go on after; empty at the end.
        units: units that referrals name.
        met: items that standing lookouts name and nobody has recorded as a hit.
        release: that a release is not a clearance.
        may: whether this person may act at all.
    """

    marking: str
    count: int
    counts: dict[str, int]
    referrals: list[InspectionLine]
    next: str
    units: list[str]
    met: list[Met]
    release: str
    may: bool


def listed(asker: Asker, ask: InspectionsAsk) -> Inspections:
    """Referrals that still ask for an examination: those past their deadline first, then by deadline."""
    found = keeping.referrals(asker.floor, asker.reader).values()
    mine = [one for one in found if ask.unit in ("", one.last["unit"] or "")]
    counts = Counter(_kind(one, asker) for one in mine)
    wanted = (ask.state,) if ask.state else ("overdue", "open")
    chosen = sorted(
        (one for one in mine if _kind(one, asker) in wanted), key=lambda one: urgent(one, asker.at)
    )
    start, size = _after(chosen, ask.after), max(1, min(ask.size, 200))
    page = chosen[start : start + size]
    drafts = drafting.drafts(asker.floor, asker.reader, {one.subject for one in page})
    lines = [_line(one, drafts[one.subject], asker, SHOWN) for one in page]
    met = [_met(one) for one in lookouts.offers(asker.floor, asker.reader, asker.at) if one.referral is None]
    asker.log_query(
        "referrals", shown=[one.id for one in page], met=[f"{one.task} {one.subject}" for one in met]
    )
    markings = [*(line.marking for line in lines), *(one.marking for one in met)]
    return Inspections(
        joined(
            [*markings, *(drafts[one.subject].marking or "" for one in page if drafts[one.subject].facts)]
        ),
        len(chosen),
        {name: counts[name] for name in ("overdue", "open", "ended")},
        lines,
        page[-1].id if start + size < len(chosen) else "",
        sorted({one.last["unit"] for one in found if one.last["unit"]}),
        met,
        RELEASE.en if asker.language == "en" else RELEASE.fr,
        may_act(asker),
    )


def _kind(one: Referral, asker: Asker) -> str:
    state = one.standing(asker.at)
    return "overdue" if state == "expired" else "open" if state in OPEN else "ended"


def _after(chosen: list[Referral], after: str) -> int:
    if not after:
        return 0
    place = next((n for n, one in enumerate(chosen, 1) if one.id == after), None)
    return refuse(NO_CURSOR) if place is None else place


def _law(one: Referral, asker: Asker) -> str:
    """The section in the reader's language; one that the floor's table lacks as it was written."""
    table, authority = powers.load(asker.floor.root), one.last["authority"] or ""
    power = powers.named(table, authority)
    return table.cited(power, asker.language) if power else authority


def _line(one: Referral, draft: Draft, asker: Asker, most: int) -> InspectionLine:
    last, (words, badge) = one.last, grounds.split(one.last["grounds"])
    told = draft.sentences(asker.language)
    return InspectionLine(
        one.id,
        one.subject,
        last["document"] or "",
        one.standing(asker.at),
        one.standing(asker.at) == "expired",
        one.edition,
        last["means"] or "",
        one.chosen_by or "",
        [*told[:1], *told[1:][-most:]] if most else told,
        words,
        badge or "",
        _law(one, asker),
        one.deadline,
        last["unit"] or "",
        last["result"] or "",
        list(last["found"] or []),
        one.state,
        last["by"],
        last["observed_at"],
        last["why"] or "",
        one.marking,
    )


def _met(one: lookouts.Offer) -> Met:
    order = one.task.order
    return Met(
        one.task.task,
        order.form,
        order.instruction,
        list(order.flags),
        order.deadline,
        one.subject,
        dict(one.by),
        list(dict.fromkeys(row["goods"] for row in one.lines)),
        one.marking,
    )


class InspectionAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The referral's id."""

    referral: str


class InspectionAct(msgspec.Struct, frozen=True):
    """One act on a referral: the edition that it made, what, by whom, when and why, and its record.

    `reason` is a word of the closed list, of an item that was not examined; `why` is in the officer's words.
    """

    edition: int
    state: str
    means: str
    by: str
    at: datetime
    reason: str
    why: str
    result: str
    found: list[str]
    substance: str
    grounds: str
    deadline: datetime | None
    record: str


class InspectionPage(msgspec.Struct, frozen=True):
    """A referral, the facts about its item, the law, and every act on it.

    Attributes:
        marking: of the referral and of the facts that are shown.
        about: as the list has it, with every fact.
        omitted: reasons that are left out, because they say how items are ordered.
        covers: what the section covers, in words; empty where the floor's table has no such section.
        asks: whether it asks for reasonable grounds to suspect before the item is opened.
        status: how far the table of powers may be trusted.
        flags: dangers that tasks about the item are flagged with.
        acts: every act, the oldest first.
        follows: states that may follow, by what the forms are called.
        leads: leads that its end may be reported on, each with the result.
        release: that a release is not a clearance.
        may: whether this person may act at all.
    """

    marking: str
    about: InspectionLine
    omitted: int
    covers: str
    asks: bool
    status: str
    flags: list[str]
    acts: list[InspectionAct]
    follows: list[str]
    leads: list[tuple[str, str]]
    release: str
    may: bool


def referral(asker: Asker, ask: InspectionAsked) -> InspectionPage:
    """A referral, the facts about its item, the law, and every act on it, each with its record."""
    one = keeping.referrals(asker.floor, asker.reader).get(ask.referral)
    if one is None:
        raise NotHere
    draft = drafting.draft(asker.floor, asker.reader, one.subject)
    flags = flags_of(asker.floor, asker.reader, None, [one.subject])
    asker.log_query("referral", referral=one.id)
    table = powers.load(asker.floor.root)
    power = powers.named(table, one.last["authority"])
    follows = AFTER[one.standing(asker.at)]
    return InspectionPage(
        joined([one.marking, *([draft.marking] if draft.marking else [])]),
        _line(one, draft, asker, 0),
        draft.omitted,
        power.told(asker.language) if power else "",
        power.opens == "suspicion" if power else True,
        table.status[asker.language],
        flags,
        [_act(row) for row in one.history],
        [name for name, makes in acts.FOLLOWS.items() if makes in follows],
        [(each.lead, each.result) for each in outcomes.offered(asker.floor, asker.reader, one, [])],
        RELEASE.en if asker.language == "en" else RELEASE.fr,
        may_act(asker),
    )


def _act(row: Row) -> InspectionAct:
    reason, why = "", row["why"] or ""
    if row["state"] == "not-examined":
        reason, why = reason_of(row["why"]), why.partition(": ")[2] or why
    return InspectionAct(
        row["edition"],
        row["state"],
        row["means"] or "",
        row["by"],
        row["observed_at"],
        reason,
        why,
        row["result"] or "",
        list(row["found"] or []),
        row["substance"] or "",
        row["grounds"] or "",
        row["deadline"],
        row["record_id"].hex(),
    )


ENDPOINTS: Final = (
    Endpoint(
        "inspections", "GET", "/inspections", InspectionsAsk, Inspections, listed, page="inspections.html"
    ),
    Endpoint(
        "inspections.referral",
        "GET",
        "/inspections/{referral}",
        InspectionAsked,
        InspectionPage,
        referral,
        page="inspection.html",
    ),
    *acts.ENDPOINTS,
)
