"""What may be done about a lead, and what stands: decisions, merges, tasks, outcomes, notes.

Every form carries what its page showed of what was done about the lead. Whoever acts after somebody else did,
in another window too, is told what that was first.
"""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Final, Literal

import msgspec

from watchfloor.actions.tasks import issue, may_act
from watchfloor.cell import conflicts, deciding
from watchfloor.cell.acting import deconfliction, keeping
from watchfloor.cell.acting.acts import read, refuse
from watchfloor.cell.acting.ordering import closed_until, flags_of, marked
from watchfloor.cell.acting.tasks import OPEN, Task, tasks
from watchfloor.cell.acting.units import FORMS, Units, authorities
from watchfloor.cell.acting.units import load as load_units
from watchfloor.cell.identity import deciding as pairing
from watchfloor.cell.identity.merges import Pair
from watchfloor.cell.judgements import Behind, Row, listed_behind, standing
from watchfloor.cell.leads import Lead
from watchfloor.cell.learning import outcome_entry
from watchfloor.cell.learning.outcomes import Known, closed, standing_lead
from watchfloor.cell.learning.outcomes import standing as outcomes
from watchfloor.cell.moments import moment_of_field
from watchfloor.cell.queue import NoLead
from watchfloor.cell.weights import load
from watchfloor.console import work
from watchfloor.console.endpoint import Asker, Done, Endpoint, NotHere
from watchfloor.records.kinds import TASK
from watchfloor.records.marking import joined
from watchfloor.records.messages import Language, declare, reason
from watchfloor.records.results import RESULTS

PUBLISHED: Final = 40
"""Subjects of a lead that a form offers to choose from."""

NO_OTHER: Final = declare(
    "console.no-other",
    en="{other!r} is neither a lead that you may see nor a subject's key; a key reads type:system:number",
    fr="{other!r} n’est ni une piste que vous puissiez voir ni la clé d’un sujet; une clé se lit "
    "type:système:numéro",
)
NOT_OF_IT: Final = declare(
    "console.not-of-the-lead",
    en="the lead is not about {subject}",
    fr="la piste ne porte pas sur {subject}",
)


class Standing(msgspec.Struct, frozen=True):
    """A decision that stands: what, by whom, why, when, and until when."""

    verdict: str
    by: str
    why: str
    at: datetime
    until: datetime | None


class Listed(msgspec.Struct, frozen=True):
    """A subject of the lead, the listed entity that it resembles, and what is decided about the two."""

    subject: str
    entity: str
    name: str
    list_id: str
    decided: Standing | None


class Held(msgspec.Struct, frozen=True):
    """Two subjects that somebody joined or holds apart; `id` is of the record that says so."""

    id: str
    one: str
    other: str
    verdict: str
    by: str
    why: str
    at: datetime


class UnitChoice(msgspec.Struct, frozen=True):
    """A unit that may be given a task: by form, under which authorities; `opens` where it is closed now."""

    unit: str
    called: str
    powers: dict[str, list[str]]
    opens: datetime | None


class Given(msgspec.Struct, frozen=True):
    """A task on the lead that is open."""

    task: str
    unit: str
    form: str
    state: str
    instruction: str
    deadline: datetime | None


class Reported(msgspec.Struct, frozen=True):
    """An outcome that stands."""

    result: str
    says: str
    why: str
    by: str
    at: datetime
    report: str


class Acts(msgspec.Struct, frozen=True):
    """What the forms of a lead's page need.

    Attributes:
        marking: the join of what is told here.
        may: whether the floor's policy lets this person act at all.
        seen: what the page shows last of what was done, for the forms to carry.
        listed: listed entities behind the lead, and what is decided.
        subjects: of the lead, to choose from.
        held: merges, and what holds subjects apart.
        units: that may be given a task; `status`: how far their table may be trusted.
        flags: that a task on the lead inherits.
        tasks: that are open.
        results: what may come of a lead, each with what it says.
        outcomes: that were reported.
        place: where the lead is, as a task's place is written; empty where that is not known.
    """

    marking: str
    may: bool
    seen: str
    listed: list[Listed]
    subjects: list[str]
    held: list[Held]
    units: list[UnitChoice]
    status: str
    flags: list[str]
    tasks: list[Given]
    results: list[tuple[str, str]]
    outcomes: list[Reported]
    place: str


def acts_of(asker: Asker, lead: Lead) -> Acts:
    """What may be done about a lead, and what was."""
    floor, reader = asker.floor, asker.reader
    ids, subjects = conflicts.names(lead)
    done = conflicts.done(floor, reader, ids, subjects)
    behind = listed_behind(floor, reader, lead)
    decided = standing(floor, reader, behind, asker.at)
    held = [one for one in pairing.held_by(floor, reader, asker.at) if one.of(subjects)]
    given = [
        one
        for one in tasks(read(asker.floor, asker.reader, TASK)).values()
        if one.order.lead in ids and one.standing(asker.at) in (*OPEN, "expired")
    ]
    said = [row for row in outcomes(floor, reader) if row["lead"] in ids]
    table = load_units(floor.root)
    shown = [
        *(one.marking for one in done),
        *(one.marking for one in held),
        *(one.order.marking for one in given),
        *(row["marking"] for row in (*said, *filter(None, decided))),
    ]
    return Acts(
        marking=joined([lead.marking, *(one.item["marking"] for one in behind), *shown]),
        may=may_act(asker),
        seen=conflicts.last(done),
        listed=[_listed(one, row) for one, row in zip(behind, decided, strict=True)],
        subjects=list(lead.subjects or (lead.subject,))[:PUBLISHED],
        held=[_held(one) for one in held],
        units=units(table, asker),
        status=table.status,
        flags=flags_of(floor, reader, lead.lead_id, subjects),
        tasks=[_given(one, asker.at) for one in given],
        results=results(asker.language),
        outcomes=[_reported(row, asker.language) for row in said],
        place=_place(asker, lead),
    )


def _listed(one: Behind, row: Row | None) -> Listed:
    decided = _decided(row) if row else None
    return Listed(one.subject, one.item["entity_id"], one.item["name"], one.item["list_id"], decided)


def _decided(row: Row) -> Standing:
    return Standing(row["verdict"], row["decided_by"], row["why"], row["observed_at"], row["expires_at"])


def _given(one: Task, at: datetime) -> Given:
    order = one.order
    return Given(one.task, order.unit, order.form, one.standing(at), order.instruction, order.deadline)


def _reported(row: Row, language: Language) -> Reported:
    result = row["result"]
    return Reported(
        result,
        _says(result, language),
        row["why"] or "",
        row["by"],
        row["observed_at"],
        row["report_key"],
    )


def _place(asker: Asker, lead: Lead) -> str:
    """Where a lead is, as a task's place is written; empty where that is not known."""
    picture = asker.services.pictures.current(asker.reader, asker.at).picture
    row = picture.row_of(lead.lead_id)
    here = next(iter(picture.places(row).values()), None) if row is not None else None
    if here is None:
        return ""
    latitude, longitude, radius = here
    return f"{latitude:.5f},{longitude:.5f},{radius or 0:.0f}"


def results(language: Language) -> list[tuple[str, str]]:
    """What may come of a lead, and what each says of it."""
    return [(name, _says(name, language)) for name in RESULTS]


def _says(result: str, language: Language) -> str:
    return reason(RESULTS[result].why).render(language)


def _held(one: Pair) -> Held:
    return Held(one.record_id.hex(), one.one, one.other, one.verdict, one.by, one.why, one.at)


def units(table: Units, asker: Asker) -> list[UnitChoice]:
    """Units that may be given something."""
    return [
        UnitChoice(
            key,
            unit.called(asker.language),
            {form: authorities(table, unit, form, asker.language) for form in FORMS},
            closed_until(unit, asker.at),
        )
        for key, unit in table.units.items()
        if unit.mandate
    ]


# acting


def run_again(asker: Asker, marking: str) -> None:
    """Have the desks run on what was decided: no page waits, and the next queue says that it is awaited."""
    services = asker.services
    name = asker.t("acts.running")
    args = str(asker.floor.root), asker.actor
    _, coming = services.jobs.start("rerun", name, asker.name, marking, work.rerun, *args)
    coming.add_done_callback(lambda done: _tell(asker, done))
    services.pictures.expect(coming, marking)


def _tell(asker: Asker, done: "Future[int]") -> None:
    """Where the desks could not run on a decision, it is kept, and who decided is told on his next page."""
    if not done.cancelled() and (error := done.exception()):
        key, heard = asker.session.key.hex(), asker.services.heard
        heard.put(key, [*(heard.get(key) or []), asker.t("acts.not_run", why=str(error))])


class AboutLead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act on a lead.

    Attributes:
        lead_id: the lead's id, or the start of it.
        seen: what the page showed last, as its forms have it; without it, what others decided after you last
            looked counts.
        anyway: also where something was done meanwhile.
    """

    lead_id: str
    seen: str | None = None
    anyway: bool = False


class DecideAsk(AboutLead, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is decided.

    Attributes:
        answer: the subject is another than the listed entity, is the same, or take either back.
        why: the reason, in words.
        entity: only about this listed entity.
        subject: only about this subject.
        until: the day it must be looked at again; a year from now if not given.
    """

    answer: Literal["different", "same", "undo"]
    why: str = ""
    entity: str = ""
    subject: str = ""
    until: str = ""


def decide(asker: Asker, ask: DecideAsk) -> Done:
    """Record what you decided about a lead; it holds until it expires or the list says something else."""
    lead = asker.lead(ask.lead_id)
    decision = deciding.Decision(
        ask.answer,
        ask.why,
        ask.entity or None,
        ask.subject or None,
        moment_of_field(ask.until, "until"),
        ask.seen,
        ask.anyway,
    )
    return decided(asker, lead, decision, then=run_again)


def decided(
    asker: Asker, lead: Lead, decision: deciding.Decision, then: Callable[[Asker, str], None]
) -> Done:
    """Record a decision; `then` is called where something was written."""
    with asker.writer() as writer:
        done = deciding.decide(asker.floor, writer, asker.reader, lead, decision, asker.language)
    if done.position is None:
        return Done(asker.t("acts.stands_already"), marking=lead.marking)
    then(asker, joined([lead.marking, *(one.item["marking"] for one in done.behind)]))
    told = "; ".join(f"{one.subject} – {one.item['name']}" for one in done.behind)
    return Done(asker.t("acts.said_" + done.verdict, about=told), marking=lead.marking)


class MergeAsk(AboutLead, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is joined, or held apart.

    Attributes:
        verdict: merge, or apart: whatever any rule says, they are two matters.
        other: the other lead's id or its start, or a subject's key.
        one: the subject of this lead that is meant; its anchor if not given.
        why: the reason, in words.
        until: the day it must be looked at again; never, if not given.
    """

    verdict: Literal["merge", "apart"]
    other: str = ""
    one: str = ""
    why: str = ""
    until: str = ""


def merge(asker: Asker, ask: MergeAsk) -> Done:
    """Join two leads, or hold two subjects apart. Taken back, all leads are exactly what they were before."""
    lead = asker.lead(ask.lead_id)
    one = pairing.key_of(ask.one) if ask.one else lead.subject
    if one not in (lead.subject, *lead.subjects):
        refuse(NOT_OF_IT, subject=one)
    other = _anchor(asker, ask.other)
    said = pairing.Pairing(
        one,
        other,
        "same" if ask.verdict == "merge" else "different",
        ask.why,
        moment_of_field(ask.until, "until"),
        ask.seen,
        ask.anyway,
    )
    return _pair(asker, said, "merge")


def _anchor(asker: Asker, named: str) -> str:
    """The subject that a lead's id or a subject's key stands for. Refused where it is neither."""
    picture = asker.services.pictures.current(asker.reader, asker.at).picture
    if ":" not in named:
        try:
            return picture.find(named)[1].subject
        except NoLead:
            refuse(NO_OTHER, other=named)
    key = pairing.key_of(named)
    if not len(picture.naming(key)):
        asker.heard.append(asker.t("acts.named_by_none", subject=key))
    return key


def _pair(asker: Asker, said: pairing.Pairing, what: str) -> Done:
    picture = asker.services.pictures.current(asker.reader, asker.at).picture
    rows = {int(row) for key in said.pair for row in picture.naming(key)}
    with asker.writer() as writer:
        leads = [picture.lead(row) for row in sorted(rows)]
        done = pairing.pair(asker.floor, writer, asker.reader, leads, said, asker.language)
    if done.known:
        return Done(asker.t("acts.stands_already"), marking=done.known.marking)
    deconfliction.tell(asker.floor, asker.reader, asker.session.authority, said.pair, what)
    told = asker.t(f"acts.paired_{said.verdict}", one=said.one, other=said.other)
    return Done(told, marking=joined([one.marking for one in leads]))


class UnmergeAsk(AboutLead, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is taken back.

    Attributes:
        pair: id of the record that joins two subjects or holds them apart; needed where several do.
        why: the reason, in words.
    """

    pair: str = ""
    why: str = ""


def unmerge(asker: Asker, ask: UnmergeAsk) -> Done:
    """Take back a merge, or what holds two subjects apart. Leads are then exactly what they were before."""
    lead = asker.lead(ask.lead_id)
    subjects = lead.subjects or (lead.subject,)
    held = pairing.held_by(asker.floor, asker.reader, asker.at)
    mine = [one for one in held if ask.pair in ("", one.record_id.hex())]
    found = pairing.the_one(mine, subjects, None, lead.lead_id)
    one, other = (found.one, found.other) if found.one in subjects else (found.other, found.one)
    said = pairing.Pairing(one, other, "withdrawn", ask.why, None, ask.seen, ask.anyway)
    return _pair(asker, said, "merge")


class OutcomeAsk(AboutLead, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What came of a lead.

    Attributes:
        result: its name; the lead's page lists them.
        why: what was found, in words.
        at: when it was so; now if not given.
        task: id of the task that it came of.
        report: the report that it corrects; else your own of this lead.
    """

    result: str = ""
    why: str = ""
    at: str = ""
    task: str = ""
    report: str = ""


def outcome(asker: Asker, ask: OutcomeAsk) -> Done:
    """Report what came of a lead. Your later report replaces your earlier; that of others stands beside."""
    weights = load()
    about = _known(asker, ask.lead_id)
    with asker.writer() as writer:
        said = outcome_entry.reported(
            ask.result,
            ask.why,
            asker.name,
            writer.moment(),
            moment_of_field(ask.at, "at"),
            ask.task or None,
            ask.report or None,
        )
        if ask.seen is not None and not ask.anyway:
            ids, subjects = conflicts.names(about.lead) if about.lead else ({about.lead_id}, set())
            conflicts.refuse_unseen(asker.floor, asker.reader, ids, subjects, ask.seen, asker.language)
        outcome_entry.enter(asker.floor, writer, about, said, weights)
    told = asker.t("acts.reported", result=ask.result, says=_says(ask.result, asker.language))
    return Done(told, marking=about.marking)


def _known(asker: Asker, lead_id: str) -> Known:
    """The lead whose id starts so, also one that nothing speaks for any more. Raises `NotHere`."""
    try:
        return standing_lead(asker.lead(lead_id))
    except NotHere:
        found = [one for id_, one in closed(asker.floor, asker.reader, load()).items() if id_ == lead_id]
        if not found:
            raise
        return found[0]


class NoteAsk(AboutLead, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line of the log of the watch: its text; flags go to every later task; marked not below the lead."""

    text: str = ""
    flag: list[str] = []
    marking: str = ""


def note(asker: Asker, ask: NoteAsk) -> Done:
    """Write a line about a lead into the log of the watch."""
    lead = asker.lead(ask.lead_id)
    about = keeping.About(lead.lead_id, marked(lead, ask.marking or None))
    with asker.writer() as writer:
        keeping.note(keeping.Post(asker.floor, asker.reader, writer), ask.text, about, ask.flag)
    return Done(asker.t("acts.noted"), marking=about.marking)


ENDPOINTS: Final = (
    Endpoint("lead.decide", "POST", "/leads/{lead_id}/decide", DecideAsk, Done, decide, within="lead"),
    Endpoint("lead.merge", "POST", "/leads/{lead_id}/merge", MergeAsk, Done, merge, within="lead"),
    Endpoint("lead.unmerge", "POST", "/leads/{lead_id}/unmerge", UnmergeAsk, Done, unmerge, within="lead"),
    Endpoint("lead.outcome", "POST", "/leads/{lead_id}/outcome", OutcomeAsk, Done, outcome, within="lead"),
    Endpoint.for_action(issue, "/leads/{lead_id}/task", within="lead"),
    Endpoint("lead.note", "POST", "/leads/{lead_id}/note", NoteAsk, Done, note, within="lead"),
)
