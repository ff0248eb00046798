"""One lead: the reason in words, the sum, the evidence, what was done, and what may be."""

from datetime import datetime
from typing import Final

import msgspec

from watchfloor.cell.acting import deconfliction
from watchfloor.cell.assessment import CONFIDENCE, confidence, interval
from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.queue import digest
from watchfloor.cell.weights import load
from watchfloor.cell.words import word
from watchfloor.console.endpoint import Asker, Endpoint
from watchfloor.console.pages.acts import Acts, acts_of
from watchfloor.records.messages import Language


class LeadAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lead's id, or the start of it."""

    lead_id: str


class Term(msgspec.Struct, frozen=True):
    """One signal's part in the sum.

    Attributes:
        signal_id: of the signal.
        subject: what it is about.
        rule, strength: under which it speaks.
        bits: what it adds.
        at: when it could first be known.
        reason: the sentence.
        note: why it counts less than it might, or not.
        records: ids of what it rests on.
        origins: the first reports behind it.
    """

    signal_id: str
    subject: str
    rule: str
    strength: str
    bits: float
    at: datetime
    reason: str
    note: str
    records: list[str]
    origins: list[str]


class LeadPage(msgspec.Struct, frozen=True):
    """A lead, explained.

    Attributes:
        lead_id: its id.
        subject: its anchor; `subjects`: all that it names.
        hypothesis: its name; `title`: in words.
        probability: of the hypothesis; `word`: as ICD 203 has it; `low`, `high`: nine in ten.
        confidence: low, moderate or high, in words; `confidence_why`: the sentence.
        prior, looks, bits: the sum's first terms and the sum itself; the terms come between.
        terms: signals, those that count first.
        joins, hubs: why it is one matter, and what joined nobody.
        digest: of what is shown.
        marking: who may see it.
        acts: what may be done about it.
    """

    lead_id: str
    subject: str
    subjects: list[str]
    hypothesis: str
    title: str
    probability: float
    word: str
    low: float
    high: float
    confidence: str
    confidence_why: str
    prior: float
    looks: float
    bits: float
    terms: list[Term]
    joins: list[str]
    hubs: list[str]
    digest: str
    marking: str
    acts: Acts


def lead(asker: Asker, ask: LeadAsk) -> LeadPage:
    """One lead: what speaks for and against it, to the record, what would change it, and who did what."""
    picture = asker.services.pictures.current(asker.reader, asker.at, asker.patience).picture
    _, one = picture.find(ask.lead_id)
    said = digest([one]).hex()
    asker.shown("leads", leads=1, digest=said, shown=[one.lead_id])
    deconfliction.tell(asker.floor, asker.reader, asker.session.authority, one.subjects, "lead")
    return page_of(asker, one, said)


def page_of(asker: Asker, one: Lead, said: str) -> LeadPage:
    """A lead in words."""
    language = asker.language
    hypothesis = load().hypotheses[one.hypothesis]
    low, high = interval(one, hypothesis)
    level, why = confidence(one)
    return LeadPage(
        one.lead_id,
        one.subject,
        list(one.subjects or (one.subject,)),
        one.hypothesis,
        hypothesis.called(language),
        one.probability,
        word(one.probability, language),
        low,
        high,
        CONFIDENCE[level][language == "fr"],
        why.render(language),
        one.prior,
        one.looks,
        one.bits,
        [term(each, language) for each in one.contributions],
        [each.render(language) for each in one.joins],
        [each.render(language) for each in one.hubs],
        said,
        one.marking,
        acts_of(asker, one),
    )


def term(one: Contribution, language: Language) -> Term:
    """One signal's part in words."""
    return Term(
        one.signal_id.hex(),
        one.subject,
        one.rule,
        one.strength,
        one.bits,
        one.at,
        one.reason.render(language),
        one.note.render(language) if one.note else "",
        [record_id.hex() for record_id in one.evidence],
        list(one.origins),
    )


ENDPOINTS: Final = (Endpoint("lead", "GET", "/leads/{lead_id}", LeadAsk, LeadPage, lead, "lead.html"),)
