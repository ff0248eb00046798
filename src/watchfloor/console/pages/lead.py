"""One lead: the reason in words, the sum, the evidence, what was done, how it was, and what may be."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

from watchfloor.casework import triage
from watchfloor.casework.tasking import deconfliction
from watchfloor.casework.watch.sitrep import Sentence
from watchfloor.cell.evidence import ids
from watchfloor.cell.identity.names import Name, called
from watchfloor.cell.leads import Contribution, Lead, together
from watchfloor.cell.queue import digest
from watchfloor.cell.weighing.assessment import CONFIDENCE, confidence, interval, stated
from watchfloor.cell.weighing.weights import Weights, load
from watchfloor.cell.wording.estimative_language import words
from watchfloor.cell.wording.titles import Title
from watchfloor.cell.wording.titles import subject as subject_of
from watchfloor.cell.wording.titles import title as title_of
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, first_queue
from watchfloor.console.pages.acts import Acts, acts_of
from watchfloor.console.pages.ground import GroundView, grounds
from watchfloor.console.pages.lead_connections import Connected, connections
from watchfloor.console.pages.lead_evidence import SIZE, Cited, Defrauded, cites, defrauded
from watchfloor.console.pages.lead_past import (
    Back,
    LeadActLine,
    LeadMoment,
    Turn,
    back_in,
    done,
    seen,
    told_in,
    turns,
)
from watchfloor.console.pages.lead_sum import (
    Group,
    Matrix,
    Step,
    Term,
    matrix_of,
    steps,
    sum_of,
    term,
)
from watchfloor.console.pages.timeline import Point, Timeline, timeline
from watchfloor.console.pictures.picture import Place
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language
from watchfloor.store.index.search import moments_of

NAMED: Final = 40
"""Subjects of a lead whose names are looked up."""
SAID: Final = 3
"""Sentences for and against that stand on the first screen."""
IDENTIFIED: Final = ("person:", "company:", "vessel:", "aircraft:", "vehicle:", "phone:", "account:")
"""How keys begin that say who or what it is; a track says that something is there."""
LIFE: Final = 1
"""The rank of hypotheses about lives."""
TERMS: Final = 100
"""Terms of a page of them."""


class LeadAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lead's id, or the start of it; and a day or moment, to see it as it was known then."""

    lead_id: str
    at: str = ""


class Named(msgspec.Struct, frozen=True):
    """A subject and what it is called: by its best name, or by a type word and its number."""

    subject: str
    called: str


class Other(msgspec.Struct, frozen=True):
    """The same matter under another hypothesis."""

    lead_id: str
    hypothesis: str
    title: str
    probability: float
    word: str


class Comment(msgspec.Struct, frozen=True):
    """A comment on a lead."""

    by: str
    at: datetime
    text: str


class Stand(msgspec.Struct, frozen=True):
    """How far a lead is.

    Attributes:
        state: new, taken, watching, tasked or closed; `owner`: whose it is; `mine`: whether it is who asks.
        ground, to, why, by, at: of closing it, or of what left it so.
        edition: of its acts, for the forms to carry.
        news: what came since it was closed, in sentences.
        comments: oldest first.
    """

    state: str
    owner: str | None
    mine: bool
    ground: str
    to: str
    why: str
    by: str | None
    at: datetime | None
    edition: int
    news: list[str]
    comments: list[Comment]


class LeadPage(msgspec.Struct, frozen=True):
    """A lead, explained.

    Attributes:
        lead_id: its id.
        title: what, where and since when; of a closed one its anchor's name.
        subject: its anchor; `called`: its name; `subjects`: all that it names.
        about: the first of these with their names, the anchor foremost.
        state: it stands; is closed: nothing speaks for it any more; or was not there at that moment.
        at: the moment of the past that is shown; None for now.
        reason: the sentence of its weightiest signal.
        hypothesis: its name; `hypothesis_title`: in words.
        probability: of the hypothesis; `word`: as ICD 203 has it; `low`, `high`: nine in ten.
        confidence: low, moderate or high, in words; `confidence_why`: the sentence.
        rise, fall: the smallest change of evidence that would move it; `top`: no band is above.
        prior, looks, bits: the sum's first terms and the sum itself; the terms come between.
        terms, groups, silent: signals that count, the rest of them by rule, and what counts nothing.
        least, most: bounds of the sum on its way.
        others: the matter under its other hypotheses.
        together: titles of those that rest on evidence apart; `together_probability`: that one is so.
        matrix: its evidence under each; None for one alone.
        joins, hubs: why it is one matter, and what joined nobody.
        evidence: the first records it rests on; `evidence_count`: how many; `evidence_next`: a cursor;
            `votes`: of each track how often these, not all, reported which class.
        timeline: what was when and where.
        told: who did what about it; `back`: what was taken back.
        digest: of what is shown.
        marking: of the page.
        lead_marking: who may see the lead.
        acts: what may be done about it; None of the past and of what is closed.
        stand: how far it is, and whose; None of the past.
        life: whether a life may be at risk.
        pro, con: what speaks for and against it, the weightiest sentences; `would`: what would change it.
        unknown: what nobody knows of it, by name: who, where, second (source), vote (classes differ).
        before: so many such matters hold one that is so, before any evidence.
        connections: what records say of its subjects: whose a boat is, a telephone, an address.
        grounds: ground that changed, with its pictures.
        defrauded: applications of people who may have been defrauded.
    """

    lead_id: str
    title: Title
    subject: str
    called: str
    subjects: list[str]
    about: list[Named]
    state: Literal["standing", "closed", "absent"]
    at: datetime | None
    digest: str
    marking: str
    told: list[LeadActLine]
    back: list[Back]
    reason: str = ""
    hypothesis: str = ""
    hypothesis_title: str = ""
    probability: float = 0.0
    word: str = ""
    low: float = 0.0
    high: float = 0.0
    confidence: str = ""
    confidence_why: str = ""
    rise: Step | None = None
    fall: Step | None = None
    top: bool = False
    prior: float = 0.0
    looks: float = 0.0
    bits: float = 0.0
    terms: list[Term] = []
    groups: list[Group] = []
    silent: list[Term] = []
    silent_count: int = 0
    least: float = 0.0
    most: float = 0.0
    others: list[Other] = []
    together: list[str] = []
    together_probability: float = 0.0
    matrix: Matrix | None = None
    joins: list[str] = []
    hubs: list[str] = []
    evidence: list[Cited] = []
    evidence_count: int = 0
    evidence_next: str = ""
    votes: dict[str, str] = {}
    timeline: Timeline | None = None
    lead_marking: str = ""
    acts: Acts | None = None
    stand: Stand | None = None
    life: bool = False
    pro: list[str] = []
    con: list[str] = []
    unknown: list[str] = []
    before: int = 0
    connections: list[Connected] = []
    grounds: list[GroundView] = []
    defrauded: list[Defrauded] = []


def lead(asker: Asker, ask: LeadAsk) -> LeadPage:
    """One lead: what speaks for and against it, to the record, what would change it, and who did what."""
    found = seen(asker, ask.lead_id, ask.at)
    said = _look(asker, found, ask.at)
    return _page(asker, found, said)


def _look(asker: Asker, found: LeadMoment, at: str, **more: object) -> str:
    """Log the look, and tell whoever holds more of its subjects; gives the digest of what is shown."""
    shown = [found.one] if found.one else []
    said = digest(shown).hex()
    asker.log_query("leads", as_of=at or None, leads=len(shown), digest=said, shown=[found.lead_id], **more)
    if found.one:
        deconfliction.log_hits(asker.floor, asker.reader, asker.session.authority, found.subjects, "lead")
    return said


def _page(asker: Asker, found: LeadMoment, said: str) -> LeadPage:
    sentences = done(asker, found)
    subject = found.one.subject if found.one else found.subjects[0]
    about = sorted(found.subjects, key=lambda one: one != subject)[:NAMED]
    names = called(asker.floor, asker.reader, about, found.at)
    base = LeadPage(
        found.lead_id,
        _title(found, subject, names),
        subject,
        subject_of(subject, names, asker.language),
        list(found.subjects),
        [Named(key, subject_of(key, names, asker.language)) for key in about],
        "standing" if found.one else "absent" if found.known else "closed",
        found.at,
        said,
        joined([*_markings({**_names(found), **names}, sentences), *(one.marking for one in found.back)]),
        told_in(sentences, asker.language),
        back_in(found.back, asker.language),
    )
    return base if found.one is None else _explained(asker, found, found.one, base, sentences)


def _names(found: LeadMoment) -> Mapping[str, Name]:
    return found.picture.names(found.row) if found.row >= 0 else {}


def _title(found: LeadMoment, subject: str, names: Mapping[str, Name]) -> Title:
    """Return the title as every list has it; of a lead that is closed what its anchor is called."""
    if found.one is not None:
        return title_of(found.one, _names(found), load())
    return Title(subject_of(subject, names, "en"), subject_of(subject, names, "fr"))


def _markings(names: Mapping[str, Name], sentences: Iterable[Sentence]) -> Iterator[str]:
    yield from (one.marking for one in names.values())
    yield from (one.marking for one in sentences)


def _explained(
    asker: Asker, found: LeadMoment, one: Lead, base: LeadPage, sentences: Iterable[Sentence]
) -> LeadPage:
    """The page of a lead that stands."""
    table, language = load(), asker.language
    hypothesis = table.hypotheses[one.hypothesis]
    low, high = interval(one, hypothesis)
    level, why = confidence(one, hypothesis)
    rise, fall = steps(one, table)
    whole = sum_of(one, language)
    head = found.head or one
    matter, joint = [head, *head.also], together(head)
    records = cites(asker, one)
    acts = acts_of(asker, one) if found.at is None else None
    connected, said_of = connections(asker, [each.subject for each in base.about], found.at)
    ground = list(grounds(asker.floor, asker.reader, one.subjects, found.at).values())
    markings = [base.marking, one.marking, *said_of, *(each.marking for each in records.records)]
    applied = defrauded(asker, one)
    markings += [*(each.marking for each in ground), *(each.marking for each in applied)]
    markings += [acts.marking] if acts else []
    return msgspec.structs.replace(
        base,
        marking=joined([each for each in markings if each]),
        lead_marking=one.marking,
        reason=one.contributions[0].reason.render(language),
        hypothesis=one.hypothesis,
        hypothesis_title=hypothesis.called(language),
        probability=one.probability,
        word=words(low, high, language),
        low=low,
        high=high,
        confidence=CONFIDENCE[level][language == "fr"],
        confidence_why=why.render(language),
        rise=rise,
        fall=fall,
        top=one.to_next_band is None,
        prior=one.prior,
        looks=one.looks,
        bits=one.bits,
        terms=whole.terms,
        groups=whole.groups,
        silent=whole.silent,
        silent_count=whole.silent_count,
        least=whole.least,
        most=whole.most,
        others=[_other(each, table, language) for each in matter if each.lead_id != one.lead_id],
        together=[table.hypotheses[each.hypothesis].called(language) for each in joint.leads],
        together_probability=joint.probability,
        matrix=matrix_of(matter, table, language),
        joins=[each.render(language) for each in one.joins],
        hubs=[each.render(language) for each in one.hubs],
        evidence=records.records,
        evidence_count=records.count,
        evidence_next=records.next,
        votes=records.votes,
        stand=_stand(asker, head) if found.at is None else None,
        life=hypothesis.rank == LIFE,
        pro=_sentences(one.speaks_for, language),
        con=_sentences(one.speaks_against, language),
        unknown=_unknown(one, records.votes),
        before=_rounded(1 + 2**-one.prior),
        timeline=_timeline(asker, found, one, whole.terms, sentences),
        acts=acts,
        connections=connected,
        grounds=ground,
        defrauded=applied,
    )


def _stand(asker: Asker, head: Lead) -> Stand:
    left = triage.standing(head, triage.records_of(asker.floor, asker.reader), asker.at)
    same = ("state", "owner", "ground", "to", "why", "by", "at", "edition")
    told = {name: getattr(left, name) for name in same}
    return Stand(
        **told,
        mine=left.owner == asker.name,
        news=_sentences(left.news, asker.language),
        comments=[Comment(row["by"], row["observed_at"], row["why"] or "") for row in left.comments],
    )


def _sentences(found: Iterable[Contribution], language: Language) -> list[str]:
    """Return the first sentences of some signals, one of each rule."""
    by = {one.rule: one for one in reversed(list(found))}
    return [one.reason.render(language) for one in reversed(by.values())][:SAID]


def _unknown(one: Lead, votes: Mapping[str, str]) -> list[str]:
    """Return what nobody knows of a lead, by name."""
    origins = {origin for each in one.signals for origin in (each.origins or (each.signal_id.hex(),))}
    found = {
        "who": not any(key.startswith(IDENTIFIED) for key in one.subjects or (one.subject,)),
        "where": not any(each.place for each in one.signals),
        "second": len(origins) < 2,
        "vote": any("," in each for each in votes.values()),
    }
    return [name for name, lacks in found.items() if lacks]


def _rounded(count: float) -> int:
    """Return a count with two digits that count."""
    return int(float(f"{count:.2g}"))


def _other(one: Lead, table: Weights, language: Language) -> Other:
    hypothesis = table.hypotheses[one.hypothesis]
    said = stated(one, hypothesis, language)
    return Other(one.lead_id, one.hypothesis, hypothesis.called(language), one.probability, said)


def _timeline(
    asker: Asker, found: LeadMoment, one: Lead, terms: Iterable[Term], sentences: Iterable[Sentence]
) -> Timeline | None:
    """Signals that are told one by one, every record counted, and what was done."""
    places = found.picture.places(found.row)
    points = [_point(each, places) for each in terms]
    points += [
        Point(f"a-{each.record_id.hex()}", "act", each.at, each.text(asker.language)) for each in sentences
    ]
    return timeline(points, moments_of(asker.floor, ids(one), asker.reader).values())


def _point(one: Term, places: Mapping[bytes, Place]) -> Point:
    place = places.get(bytes.fromhex(one.signal_id))
    return Point(f"s-{one.signal_id}", "signal", one.at, one.reason, place)


class EvidenceAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which records: of a lead, at a moment, behind the record `after`, how many."""

    lead_id: str
    at: str = ""
    after: str = ""
    size: int = SIZE


class Evidence(msgspec.Struct, frozen=True):
    """A page of the records that a lead rests on, in the order in which it cites them."""

    lead_id: str
    subject: str
    at: datetime | None
    records: list[Cited]
    count: int
    next: str
    marking: str


def evidence(asker: Asker, ask: EvidenceAsk) -> Evidence:
    """The records that a lead rests on, a page at a time."""
    found = seen(asker, ask.lead_id, ask.at)
    _look(asker, found, ask.at, part="evidence", after=ask.after or None)
    if found.one is None:
        return Evidence(found.lead_id, found.subjects[0], found.at, [], 0, "", "")
    mine = cites(asker, found.one, ask.after, ask.size)
    marking = joined([found.one.marking, *(one.marking for one in mine.records)])
    return Evidence(found.lead_id, found.one.subject, found.at, mine.records, mine.count, mine.next, marking)


class TermsAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which terms: of a lead, at a moment, from the one of that number on."""

    lead_id: str
    at: str = ""
    start: int = 0


class Terms(msgspec.Struct, frozen=True):
    """A page of all terms of a lead, also those that count nothing, in the order in which they are added.

    Attributes:
        prior, looks: what stands before the first; `bits`: the sum of all.
        start: number of the first that is shown, from 0; `count`: how many there are.
        next: number of the first of the next page; None at the end.
        subjects: how many it names.
    """

    lead_id: str
    subject: str
    at: datetime | None
    prior: float
    looks: float
    bits: float
    terms: list[Term]
    start: int
    count: int
    next: int | None
    marking: str
    subjects: int = 1


def terms(asker: Asker, ask: TermsAsk) -> Terms:
    """Every term of a lead's sum, a page at a time."""
    found = seen(asker, ask.lead_id, ask.at)
    _look(asker, found, ask.at, part="terms", start=ask.start or None)
    one = found.one
    if one is None:
        return Terms(found.lead_id, found.subjects[0], found.at, 0, 0, 0, [], 0, 0, None, "")
    start = max(0, ask.start)
    after = start + TERMS
    mine = list(_running(one, asker.language, start, after))
    more = after if after < len(one.contributions) else None
    return Terms(
        one.lead_id,
        one.subject,
        found.at,
        one.prior,
        one.looks,
        one.bits,
        mine,
        start,
        len(one.contributions),
        more,
        one.marking,
        len(one.subjects),
    )


def _running(one: Lead, language: Language, start: int, after: int) -> Iterator[Term]:
    before = one.prior + one.looks
    for each in one.contributions[:start]:
        before += each.bits
    for each in one.contributions[start:after]:
        yield term(each, before, language)
        before += each.bits


class History(msgspec.Struct, frozen=True):
    """The life of a lead: the moments at which it changed, who did what, and what was taken back."""

    lead_id: str
    subject: str
    turns: list[Turn]
    told: list[LeadActLine]
    back: list[Back]
    marking: str


def history(asker: Asker, ask: LeadAsk) -> History:
    """The moments at which a lead changed as this reader could have seen it; each can be looked at again."""
    found = seen(asker, ask.lead_id, ask.at)
    _look(asker, found, ask.at, part="history")
    changed, sentences = turns(asker, found), done(asker, found)
    markings = [*(one.marking for one in changed if one.marking), *(one.marking for one in sentences)]
    markings += [one.marking for one in found.back]
    return History(
        found.lead_id,
        found.subjects[0],
        changed,
        told_in(sentences, asker.language),
        back_in(found.back, asker.language),
        joined([*markings, *([found.one.marking] if found.one else [])]),
    )


ENDPOINTS: Final = (
    Endpoint("lead", "GET", "/leads/{lead_id}", LeadAsk, LeadPage, lead, "lead.html", prepares=first_queue),
    Endpoint(
        "lead.evidence",
        "GET",
        "/leads/{lead_id}/evidence",
        EvidenceAsk,
        Evidence,
        evidence,
        "lead-evidence.html",
    ),
    Endpoint("lead.terms", "GET", "/leads/{lead_id}/terms", TermsAsk, Terms, terms, "lead-terms.html"),
    Endpoint(
        "lead.history", "GET", "/leads/{lead_id}/history", LeadAsk, History, history, "lead-history.html"
    ),
)
