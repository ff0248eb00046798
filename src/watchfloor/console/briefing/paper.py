"""Paper of a lead: everything in words, cut to what a briefing can hold, with what was left out.

The same struct fills the page to be printed and the PDF, so neither says what the other does not.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from watchfloor.casework.decisions.case_history import case_history
from watchfloor.casework.watch.sitrep import Sentence, records_of
from watchfloor.cell.evidence import Cited, cited, folded
from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.queue import digest, every
from watchfloor.cell.weighing.assessment import (
    CONFIDENCE,
    Step,
    confidence,
    interval,
    smallest_fall,
    smallest_rise,
)
from watchfloor.cell.weighing.weights import Hypothesis, load
from watchfloor.cell.wording.estimative_language import words
from watchfloor.cell.wording.titles import Names, title_in
from watchfloor.cell.wording.titles import marking as marking_of_names
from watchfloor.console.endpoints.endpoint import Asker
from watchfloor.console.html import moment, percent
from watchfloor.console.pages.lead_evidence import reported
from watchfloor.core.marking import joined, parse
from watchfloor.core.messages import Language
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.messages import figures
from watchfloor.policy import terms
from watchfloor.store.floor import Floor

TERMS: Final = 60
"""Signals that stand on the paper, those that count first."""
RECORDS: Final = 120
SUBJECTS: Final = 30
DONE: Final = 60
"""Sentences of what was done, the last."""
LONG: Final = 400
"""Letters of one text; the rest is a click away, and this is paper."""


class Term(msgspec.Struct, frozen=True):
    """One signal's part in the sum.

    Attributes:
        rule, strength: under which it speaks; of the prior and the like the name alone.
        bits: what it adds.
        why: the sentence, and why it counts less than it might.
    """

    rule: str
    strength: str
    bits: float
    why: str = ""


class Record(msgspec.Struct, frozen=True):
    """A record that it rests on: what it says, whose, when, rated how, what first reports it repeats."""

    record_id: str
    kind: str
    called: str
    source: str
    observed: str
    rated: str
    origins: str
    marking: str


class Cut(msgspec.Struct, frozen=True):
    """How much was left out of each list; `bits` is what the signals that were add."""

    terms: int = 0
    bits: float = 0.0
    records: int = 0
    subjects: int = 0
    done: int = 0


class Paper(msgspec.Struct, frozen=True):
    """A lead as a briefing has it.

    Attributes:
        marking: the join of all that stands on it; `caveats`: what it obliges to, in words.
        exercise: whether none of it is real; `node`: whose it is.
        language: of the paper.
        lead_id: of the lead; `subject`: its anchor; `subjects`: what it names.
        title: what, where and since when; `hypothesis`: in words; `reason`: the sentence of its weightiest
            signal.
        probability, low, high: as they are written; `word`: as ICD 203 has it.
        confidence: in words; `confidence_why`: the sentence.
        terms: of the sum, the prior first; `bits`: the sum.
        speaks_for, against: the sentences; `joins`, `hubs`: why it is one matter, what joined nobody.
        would: what evidence would change it.
        records: that it rests on; `hidden`: how many of them are not for this reader.
        done: what people did about it.
        cut: what was left out for want of room.
        digest: of the lead as it was shown.
        at: when it was printed, as it is written; `by` whom, for what `purpose`, by what `authority`.
        known: as of when, as it is written.
    """

    marking: str
    caveats: list[str]
    exercise: bool
    node: str
    language: Language
    lead_id: str
    subject: str
    subjects: list[str]
    title: str
    hypothesis: str
    reason: str
    probability: str
    low: str
    high: str
    word: str
    confidence: str
    confidence_why: str
    terms: list[Term]
    bits: float
    speaks_for: list[str]
    against: list[str]
    joins: list[str]
    hubs: list[str]
    would: list[str]
    records: list[Record]
    hidden: int
    done: list[str]
    cut: Cut
    digest: str
    at: str
    by: str
    purpose: str
    authority: str
    known: str


class PaperLead(NamedTuple):
    """A lead, the leads of its matter, as of when it is known, and what its subjects are called."""

    lead: Lead
    matter: tuple[Lead, ...]
    known: datetime
    names: Names


def found(asker: Asker, lead_id: str) -> PaperLead:
    """The lead whose id starts so, as the reader has it now. Raises `NoLead`."""
    seen = asker.services.pictures.current(asker.reader, asker.at, asker.patience)
    row, one = seen.picture.find(lead_id)
    matter = tuple(every([seen.picture.lead(row)]))
    return PaperLead(one, matter, seen.at, seen.picture.names(row))


def paper(asker: Asker, one: PaperLead, language: Language) -> Paper:
    """Return the paper of a lead."""
    lead, floor = one.lead, asker.floor
    hypothesis = load().hypotheses[lead.hypothesis]
    shown = lead.contributions[:TERMS]
    rest = lead.contributions[TERMS:]
    rows = cited(floor, asker.reader, replace(lead, contributions=shown))
    records = folded(rows, lead)
    wanted = len({id_ for each in shown for id_ in each.evidence})
    done = case_history(records_of(floor, asker.reader), one.matter)
    low, high = interval(lead, hypothesis)
    level, why = confidence(lead, hypothesis)
    subjects = lead.subjects or (lead.subject,)
    kept, told_of = records[:RECORDS], done[-DONE:]
    marking = joined(
        [
            lead.marking,
            *filter(None, [marking_of_names(lead, one.names)]),
            *(each.row["marking"] for each in kept),
            *(each.marking for each in told_of),
        ]
    )
    return Paper(
        marking,
        caveats(floor, marking, language),
        floor.settings.exercise,
        floor.settings.name,
        language,
        lead.lead_id,
        lead.subject,
        list(subjects[:SUBJECTS]),
        title_in(lead, one.names, load(), language),
        hypothesis.called(language),
        _sentence(lead.contributions[0], language),
        percent(lead.probability),
        percent(low),
        percent(high),
        words(low, high, language),
        CONFIDENCE[level][language == "fr"],
        why.render(language),
        _terms(asker, lead, shown, rest, language),
        lead.bits,
        [_sentence(each, language) for each in shown if each.bits > 0],
        [_sentence(each, language) for each in shown if each.bits < 0],
        [short(each.render(language)) for each in lead.joins[:DONE]],
        [short(each.render(language)) for each in lead.hubs[:DONE]],
        _would(asker, lead, hypothesis, language),
        [_record(each, language) for each in kept],
        wanted - len(rows),
        [_done(each, language) for each in told_of],
        Cut(
            len(rest),
            sum(each.bits for each in rest),
            len(rows) - sum(len(each.record_ids) for each in kept),
            max(0, len(subjects) - SUBJECTS),
            max(0, len(done) - DONE),
        ),
        digest([lead]).hex(),
        moment(asker.at),
        asker.name,
        asker.session.purpose,
        asker.session.authority,
        moment(one.known),
    )


def caveats(floor: Floor, marking: str, language: Language) -> list[str]:
    """Return the caveats of a marking, in the words of the floor's policy."""
    policy = terms.load(floor.root)
    return policy.caveat_texts(parse(marking), language) if policy is not None else []


def short(text: str) -> str:
    """A text no longer than paper has room for."""
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"


def _terms(
    asker: Asker, lead: Lead, shown: Sequence[Contribution], rest: Sequence[Contribution], language: Language
) -> list[Term]:
    """The sum in its order; what was left out is one term, so that it still adds up."""

    def say(key: str, **params: object) -> str:
        return asker.services.words.say(f"briefing.{key}", language, **params)

    looks = (
        [Term(say("looks", n=round(2**-lead.looks), all=len(lead.subjects)), "", lead.looks)]
        if lead.looks
        else []
    )
    left = [Term(say("left_out", n=len(rest)), "", sum(each.bits for each in rest))] if rest else []
    terms = [Term(each.rule, each.strength, each.bits, _sentence(each, language)) for each in shown]
    return [Term(say("prior"), "", lead.prior), *looks, *terms, *left]


def _sentence(one: Contribution, language: Language) -> str:
    note = f" ({one.note.render(language)})" if one.note else ""
    return short(one.reason.render(language) + note)


def _would(asker: Asker, lead: Lead, hypothesis: Hypothesis, language: Language) -> list[str]:
    """Return what single piece of evidence would move it into another band, a sentence each."""
    say = asker.services.words.say

    def moved(key: str, step: Step) -> str:
        words = asker.services.words
        told = {
            "rule": words.word("rule.", step.rule, language),
            "strength": words.words("strength.", step.strength, language),
            "bits": figures(f"{step.bits:+.2f}", language),
        }
        return say(key, language, **told, word=percent(step.probability))

    rise, fall = smallest_rise(lead, hypothesis), smallest_fall(lead)
    none = lead.to_next_band is not None and rise is None
    return [
        *([moved("briefing.rise", rise)] if rise else []),
        *([say("briefing.no_rise", language)] if none else []),
        *([moved("briefing.fall", fall)] if fall else []),
    ]


def _record(one: Cited, language: Language) -> Record:
    row = one.row
    called = next((str(row[name]) for name in ("title", "name", "goods", "memo") if row.get(name)), "")
    if one.sensor:
        called = f"{reported(one, language)} ({len(one.record_ids)})"
    rated = " ".join(row[name] or "–" for name in ("reliability", "credibility") if name in row)
    return Record(
        row["record_id"].hex(),
        row["kind"],
        short(called),
        row["source"],
        "" if row["observed_at"] == UNDATED else moment(row["observed_at"]),
        rated,
        short(", ".join(map(str, row["origins"] or ()))),
        row["marking"],
    )


def _done(one: Sentence, language: Language) -> str:
    return short(f"{one.text(language)} [{one.record_id.hex()[:12]}; {one.marking}]")
