"""One lead, explained: its sum term by term, what would move it, the records, and what was done about it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final

import msgspec

from watchfloor.actions.base import (
    Answer,
    Context,
    Line,
    Request,
    Table,
    action,
    argument,
    caveats,
    option,
)
from watchfloor.actions.leads import LeadView, facts_of, fields, log_shown
from watchfloor.casework.decisions.case_history import case_history, history_of
from watchfloor.casework.tasking import deconfliction
from watchfloor.casework.watch.sitrep import Sentence, records_of
from watchfloor.cell import acts
from watchfloor.cell.evidence import Cited, cited, folded, voted, votes
from watchfloor.cell.history import TakenBack, taken_back
from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.queue import every
from watchfloor.cell.weighing.assessment import (
    CONFIDENCE,
    Step,
    confidence,
    interval,
    smallest_fall,
    smallest_rise,
)
from watchfloor.cell.weighing.matrix import matrix, of_one_matter
from watchfloor.cell.wording.estimative_language import percent
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.messages.catalogue import find

TERMS: Final = ("lead.rule", "lead.strength", "lead.bits", "lead.why")
RECORDS: Final = ("lead.kind", "lead.record", "lead.source", "lead.rated", "lead.observed", "lead.where")
RETRACTED: Final = ("lead.rule", "lead.on", "lead.why", "lead.told_by")

Say = Callable[..., str]


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """A signal's part in the sum of a lead; `note` says why it counts for less, or for nothing."""

    signal_id: str
    rule: str
    strength: str
    bits: float
    score: float | None
    at: datetime
    reason: str
    note: str | None
    evidence: list[str]
    origins: list[str]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest change of evidence that would move a lead into another band of words.

    Attributes:
        rule, strength, bits: of the signal that would come, or fall away; `signal_id` of the latter.
        probability: of the lead then.
    """

    rule: str
    strength: str
    bits: float
    probability: float
    signal_id: str | None


class MatrixLine(msgspec.Struct, frozen=True):
    """A signal, and its bits under each hypothesis that it speaks to."""

    signal_id: str
    rule: str
    strength: str
    bits: dict[str, float]


class CitedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record that a lead cites; a report has the Admiralty pair."""

    kind: str
    record_id: str
    source: str
    reliability: str | None
    credibility: str | None
    observed_at: datetime
    locator: str
    marking: str


class EvidenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A record as a person reads it; of what a sensor reported of one track, the first and how many more.

    Attributes:
        rated: the Admiralty pair of a report, its two codes apart.
        observed: when; `where`: in which delivery, or by which sensor as what.
    """

    kind: str
    record_id: str
    more: int
    source: str
    rated: str
    observed: str
    where: str


class Retraction(msgspec.Struct, frozen=True, kw_only=True):
    """A signal that stood once, and why it does not any more; `coverage` tells its absence."""

    rule: str
    since: datetime
    at: datetime
    reason: str
    evidence: list[str]
    coverage: list[str]

    @property
    def told_by(self) -> list[str]:
        """Return the edition that took it back, else the item that now says something else."""
        return self.coverage or self.evidence[1:2]


class LeadAct(msgspec.Struct, frozen=True, kw_only=True):
    """An act about a lead, in a sentence, and the record that says so."""

    at: datetime
    by: str
    said: str
    record_id: str
    marking: str


class LeadDetail(LeadView, frozen=True):
    """A lead, explained.

    Attributes:
        interval: nine tenths of the probability, given the uncertainty of the weights.
        confidence: low, moderate or high; `confidence_word`: in words; `confidence_why`: the sentence.
        rise, fall: what would move it; null if no single signal does.
        joins, hubs: why it is one matter, and what joined nobody.
        contributions: the terms of the sum; `matrix`: each under every hypothesis of the matter.
        records: those it cites; `evidence`: the same as a person reads them; `votes`: of each track how
            often they reported which class.
        taken_back: what spoke for it once; `history`: who did what about it.
        sums: bits by hypothesis, the head's first; caveats: what those of its marking say.
        with_matrix: whether a terminal shows the matrix; `top`: whether no band is above.
    """

    unprinted: ClassVar[tuple[str, ...]] = (
        *("names", "called", "evidence", "votes", "sums", "caveats", "with_matrix", "top", "confidence_word"),
    )

    interval: tuple[float, float]
    confidence: str
    confidence_word: str
    confidence_why: str
    rise: Change | None
    fall: Change | None
    joins: list[str]
    hubs: list[str]
    contributions: list[Term]
    matrix: list[MatrixLine]
    records: list[CitedRecord]
    taken_back: list[Retraction]
    history: list[LeadAct]
    evidence: list[EvidenceRow]
    votes: dict[str, str]
    sums: dict[str, float]
    caveats: list[str]
    with_matrix: bool
    top: bool

    def written_out(self, say: Say) -> Iterator[Line | Table]:
        """Yield what it is about, how likely, the sum, why it is one matter, the evidence, what was done."""
        yield Line(f"{self.called}   [{self.marking}]", "bold")
        yield Line(f"{self.subject} · {say('lead.id', id=self.lead_id)}")
        yield from map(Line, self.caveats)
        yield Line(say(f"triage.state_{self.state}") + (f" ({self.owner})" if self.owner else ""))
        if len(self.subjects) > 1:
            yield Line(f"{say('common.label', label=say('lead.subjects'))} {', '.join(self.subjects)}")
        title = say("common.label", label=self.names[self.hypothesis])
        yield Line(f"{title} {_share(say, self.probability)}, {self.word}")
        yield from map(Line, self._assessment(say))
        for track, counts in self.votes.items():
            yield Line(say("lead.votes", track=track, votes=counts))
        yield Table(say("lead.sum"), map(say, TERMS), self._sum(say))
        for heading, reasons in (("lead.joins", self.joins), ("lead.hubs", self.hubs)):
            if reasons:
                yield Line(say("common.label", label=say(heading)), "italic")
            yield from (Line(f"  {each}") for each in reasons)
        title = f"{say('lead.evidence')} (`watchfloor record ID --original`)"
        rows = (_evidence_cells(each, say) for each in self.evidence)
        yield Table(title, map(say, RECORDS), rows, say("lead.evidence_none"))
        if self.with_matrix:
            yield self._matrix(say)
        yield from _past(self.taken_back, self.history, say)

    def _assessment(self, say: Say) -> Iterator[str]:
        """Yield the interval, the confidence, and what would move it."""
        low, high = (_share(say, each) for each in self.interval)
        yield say("lead.interval", low=low, high=high)
        yield say("lead.confidence", word=self.confidence_word, why=self.confidence_why)
        if not self.top and self.rise is None:
            yield say("lead.no_rise")
        for name, step in (("lead.rise", self.rise), ("lead.fall", self.fall)):
            if step:
                rule, strength = _spoken(say, "rule", step.rule), _spoken(say, "strength", step.strength)
                bits, word = _signed(say, step.bits), _share(say, step.probability)
                yield say(name, rule=rule, strength=strength, bits=bits, word=word)

    def _sum(self, say: Say) -> Iterator[tuple[str, str, str, str]]:
        yield say("lead.prior"), "", _signed(say, self.prior_bits), ""
        if self.looks_bits:
            looks = say("lead.looks", n=round(2**-self.looks_bits), all=len(self.subjects))
            yield looks, "", _signed(say, self.looks_bits), ""
        for one in self.contributions:
            note = f" ({one.note})" if one.note else ""
            rule, strength = _spoken(say, "rule", one.rule), _spoken(say, "strength", one.strength)
            yield rule, strength, _signed(say, one.bits), one.reason + note
        yield say("lead.total"), "", _signed(say, self.bits), ""

    def _matrix(self, say: Say) -> Table:
        def cells(first: str, bits: Mapping[str, float]) -> list[str]:
            return [first, *(_signed(say, bits[name]) if name in bits else "" for name in self.sums)]

        rows = [
            cells(f"{_spoken(say, 'rule', line.rule)}, {_spoken(say, 'strength', line.strength)}", line.bits)
            for line in self.matrix
        ]
        heads = [say("lead.matrix_line"), *(self.names[name] for name in self.sums)]
        return Table(say("lead.matrix"), heads, [*rows, cells(say("lead.total"), self.sums)])


class ClosedLead(Answer, frozen=True):
    """A lead that nothing speaks for any more: what was taken back, and what was done about it."""

    unprinted: ClassVar[tuple[str, ...]] = ("marking",)

    lead_id: str
    subject: str
    closed: bool
    taken_back: list[Retraction]
    history: list[LeadAct]
    marking: str

    def written_out(self, say: Say) -> Iterator[Line | Table]:
        """Yield that it is closed, why, and what was done."""
        yield Line(self.subject, "bold")
        yield Line(say("lead.closed"))
        yield from _past(self.taken_back, self.history, say)


def _spoken(say: Say, kind: str, words: str) -> str:
    """Return a rule, or the strength of its signal part by part, as a person reads it."""
    return ", ".join(say(key) if find(key := f"{kind}.{word}") else word for word in words.split(", "))


def _signed(say: Say, bits: float) -> str:
    """Return bits with their sign and the decimal sign of the language."""
    return f"{bits:+.2f}".replace(".", say("common.decimal"))


def _share(say: Say, probability: float) -> str:
    """Return a probability no surer than the words for it, as the language writes it."""
    return percent(probability).replace("%", say("common.percent"))


def _past(back: Sequence[Retraction], history: Sequence[LeadAct], say: Say) -> Iterator[Line | Table]:
    """Yield what was taken back, and what people did."""
    rows = [
        (_spoken(say, "rule", one.rule), one.at.date(), one.reason, ", ".join(one.told_by)) for one in back
    ]
    if rows:
        yield Table(f"{say('lead.back')} (`watchfloor record ID`)", map(say, RETRACTED), rows)
    if history:
        yield Line(say("common.label", label=f"{say('lead.told')} (`watchfloor record ID`)"), "italic")
    yield from (Line(f"  {one.said} [{one.record_id[:12]}]") for one in history)


def _evidence_cells(one: EvidenceRow, say: Say) -> tuple[str, ...]:
    others = f" {say('lead.more_of_it', n=one.more)}" if one.more else ""
    return one.kind, one.record_id + others, one.source, one.rated, one.observed, one.where


class ShowLead(Request, frozen=True):
    """Which lead."""

    lead_id: Annotated[str, argument("LEAD_ID", "The lead's id, or its start.")]
    matrix: Annotated[bool, option("Also each piece of evidence under each hypothesis, in bits.")] = False


@action("lead", "lead 3f2a --floor floor --matrix", past=True, weighs=True)
def show(context: Context, ask: ShowLead) -> LeadDetail | ClosedLead:
    """One lead: what speaks for and against it, to the record, what would change it, and who did what."""
    floor, reader, start = context.floor, context.reader, ask.lead_id
    back = taken_back(floor, reader, context.weights, start, context.as_of) if start else []
    ids = (id_ for one in every(context.queue) for id_ in (one.lead_id, *one.took_up))
    if back and not any(id_.startswith(start) for id_ in ids):
        return _closed(context, back, start)
    one = context.lead(start)
    log_shown(context, [one], [one.lead_id])
    deconfliction.log_hits(floor, reader, context.actor.authority, one.subjects or (one.subject,), "lead")
    return _detail(context, one, back, ask.matrix)


def _closed(context: Context, back: Sequence[TakenBack], start: str) -> ClosedLead:
    """Return the past of a lead. Raises `Refusal` if several start so."""
    one = acts.pick({each.lead_id: each for each in back}, start, "lead", "leads")
    log_shown(context, [], [one.lead_id])
    records = records_of(context.floor, context.reader, context.as_of)
    done = history_of(records, {one.lead_id}, {each.subject for each in back})
    return ClosedLead(
        lead_id=one.lead_id,
        subject=back[0].subject,
        closed=True,
        taken_back=[_retraction(each, context.language) for each in back],
        history=[_act(each, context.language) for each in done],
        marking=joined([*(each.marking for each in back), *(each.marking for each in done)]),
    )


def _detail(context: Context, one: Lead, back: Sequence[TakenBack], with_matrix: bool) -> LeadDetail:
    language, hypotheses = context.language, context.weights.hypotheses
    hypothesis, matter = hypotheses[one.hypothesis], of_one_matter(context.queue, one)
    heads = [{each.lead_id for each in (head, *head.also)} for head in context.queue]
    rank = next(place for place, ids in enumerate(heads, 1) if one.lead_id in ids)
    seen = fields(context, rank, one, facts_of(context, [one]))
    low, high = interval(one, hypothesis)
    level, why = confidence(one, hypothesis)
    rows = cited(context.floor, context.reader, one)
    evidence = folded(rows, one)
    records = records_of(context.floor, context.reader, context.as_of)
    names = {each.hypothesis: hypotheses[each.hypothesis].called(language) for each in matter}
    return LeadDetail(
        **seen | {"names": names},
        interval=(round(low, 6), round(high, 6)),
        confidence=level,
        confidence_word=CONFIDENCE[level][language == "fr"],
        confidence_why=why.render(language),
        rise=_change(smallest_rise(one, hypothesis)),
        fall=_change(smallest_fall(one)),
        joins=[each.render(language) for each in one.joins],
        hubs=[each.render(language) for each in one.hubs],
        contributions=[_term(each, language) for each in one.contributions],
        matrix=[
            MatrixLine(signal.signal_id.hex(), signal.rule, signal.strength, dict(bits))
            for signal, bits in matrix(matter)
        ],
        records=[_record(row) for row in rows],
        taken_back=[_retraction(each, language) for each in back],
        history=[_act(each, language) for each in case_history(records, matter)],
        evidence=[_evidence(each, language) for each in evidence],
        votes=votes(evidence, language),
        sums={each.hypothesis: each.bits for each in matter},
        caveats=caveats(context, one.marking),
        with_matrix=with_matrix,
        top=one.to_next_band is None,
    )


def _change(step: Step | None) -> Change | None:
    if step is None:
        return None
    return Change(**asdict(step) | {"signal_id": step.signal_id and step.signal_id.hex()})


def _term(one: Contribution, language: Language) -> Term:
    return Term(
        signal_id=one.signal_id.hex(),
        rule=one.rule,
        strength=one.strength,
        bits=one.bits,
        score=one.score,
        at=one.at,
        reason=one.reason.render(language),
        note=one.note.render(language) if one.note else None,
        evidence=[record_id.hex() for record_id in one.evidence],
        origins=list(one.origins),
    )


def _record(row: Mapping[str, Any]) -> CitedRecord:
    columns: dict[str, Any] = {name: row.get(name) for name in CitedRecord.__struct_fields__}
    return CitedRecord(**columns | {"record_id": row["record_id"].hex()})


def _retraction(one: TakenBack, language: Language) -> Retraction:
    return Retraction(
        rule=one.rule,
        since=one.since,
        at=one.at,
        reason=one.reason.render(language),
        evidence=[record_id.hex() for record_id in one.evidence],
        coverage=[record_id.hex() for record_id in one.coverage],
    )


def _act(one: Sentence, language: Language) -> LeadAct:
    said, record_id = one.text(language), one.record_id.hex()
    return LeadAct(at=one.at, by=one.by, said=said, record_id=record_id, marking=one.marking)


def _evidence(one: Cited, language: Language) -> EvidenceRow:
    row = one.row
    pair = (row[name] or "–" for name in ("reliability", "credibility") if name in row)
    by_whom = " ".join(filter(None, (one.sensor, one.track)))
    seen = ": ".join(filter(None, (by_whom, voted(one.votes, language))))
    return EvidenceRow(
        kind=row["kind"],
        record_id=row["record_id"].hex(),
        more=len(one.record_ids) - 1,
        source=row["source"],
        rated=" ".join(pair),
        observed=observed(one),
        where=seen if one.sensor else str(row["locator"]),
    )


def observed(one: Cited) -> str:
    """Return when a record says it was so, or over which time a sensor reported."""
    since = one.row["observed_at"]
    if since == UNDATED:
        return ""
    if not one.sensor:
        return f"{since:%Y-%m-%d}"
    if one.until == since:
        return f"{since:%Y-%m-%d %H:%M:%SZ}"
    until = "%H:%M:%SZ" if one.until.date() == since.date() else "%Y-%m-%d %H:%M:%SZ"
    return f"{since:%Y-%m-%d %H:%M:%S} – {one.until:{until}}"
