"""Sum of a lead: its terms, what would move it, and its evidence under other hypotheses."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.weighing import assessment
from watchfloor.cell.weighing.assessment import smallest_fall, smallest_rise
from watchfloor.cell.weighing.matrix import matrix
from watchfloor.cell.weighing.weights import Weights
from watchfloor.cell.wording.estimative_language import percent
from watchfloor.core.messages import Language

MOST: Final = 40
"""Terms that a page tells one by one; the rest is told by rule, and can be opened."""
LINES: Final = 25
"""Lines of the matrix, those that tell hypotheses apart the most."""
SILENT: Final = 20
"""Terms that count nothing and are told one by one."""


class Term(msgspec.Struct, frozen=True):
    """One signal's part in the sum.

    Attributes:
        signal_id: of the signal.
        subject: what it is about.
        rule, strength: under which it speaks.
        bits: what it adds.
        before: the sum before it.
        at: when it could first be known.
        reason: the sentence.
        note: why it counts less than it might, or not.
        records: ids of what it rests on, the first of them; `record_count`: how many there are.
        origins: the first reports behind it.
    """

    signal_id: str
    subject: str
    rule: str
    strength: str
    bits: float
    before: float
    at: datetime
    reason: str
    note: str
    records: list[str]
    record_count: int
    origins: list[str]


class Group(msgspec.Struct, frozen=True):
    """Terms that are not told one by one: of one rule and strength, how many, and their bits together."""

    rule: str
    strength: str
    count: int
    bits: float
    before: float


class Sum(msgspec.Struct, frozen=True):
    """The terms of a lead.

    Attributes:
        terms: those that count, in the order in which they are added, the first `MOST`.
        groups: the rest of those that count, by rule and strength.
        silent: those that count nothing, the first `SILENT`, with the reason; `silent_count`: how many.
        least, most: bounds of the sum on its way, for a picture of it.
    """

    terms: list[Term]
    groups: list[Group]
    silent: list[Term]
    silent_count: int
    least: float
    most: float


class Step(msgspec.Struct, frozen=True):
    """A change of evidence that would move a lead into another band of words."""

    rule: str
    strength: str
    bits: float
    probability: float
    word: str


class Line(msgspec.Struct, frozen=True):
    """A signal under each hypothesis, in their order; None: it says nothing of that one."""

    signal_id: str
    rule: str
    strength: str
    reason: str
    bits: list[float | None]


class Matrix(msgspec.Struct, frozen=True):
    """Evidence by hypothesis: names of the hypotheses, their sums, and the lines that tell them apart most.

    Attributes:
        hypotheses: their titles.
        lead_ids: of the lead under each.
        sums: the bits of each.
        lines: the first `LINES`; `count`: how many there are.
    """

    hypotheses: list[str]
    lead_ids: list[str]
    sums: list[float]
    lines: list[Line]
    count: int


def term(one: Contribution, before: float, language: Language, records: int = 12) -> Term:
    """One signal's part in words."""
    return Term(
        one.signal_id.hex(),
        one.subject,
        one.rule,
        one.strength,
        one.bits,
        before,
        one.at,
        one.reason.render(language),
        one.note.render(language) if one.note else "",
        [record_id.hex() for record_id in one.evidence[:records]],
        len(one.evidence),
        list(one.origins),
    )


def sum_of(one: Lead, language: Language) -> Sum:
    """The terms of a lead."""
    before = one.prior + one.looks
    terms: list[Term] = []
    silent: list[Contribution] = []
    rest: list[Contribution] = []
    edges = [0.0, one.prior, before]
    for each in one.contributions:
        if not each.bits:
            silent.append(each)
        elif len(terms) < MOST:
            terms.append(term(each, before, language))
            before += each.bits
            edges.append(before)
        else:
            rest.append(each)
    groups = list(_groups(rest, before))
    edges += [group.before + group.bits for group in groups]
    told = [term(each, one.bits, language) for each in silent[:SILENT]]
    return Sum(terms, groups, told, len(silent), min(edges), max(edges))


def _groups(rest: Sequence[Contribution], before: float) -> Iterable[Group]:
    by: dict[tuple[str, str], list[float]] = {}
    for one in rest:
        by.setdefault((one.rule, one.strength), []).append(one.bits)
    for (rule, strength), bits in by.items():
        yield Group(rule, strength, len(bits), sum(bits), before)
        before += sum(bits)


def steps(one: Lead, table: Weights) -> tuple[Step | None, Step | None]:
    """The smallest that would raise it, and that would lower it."""
    rise = smallest_rise(one, table.hypotheses[one.hypothesis])
    return _step(rise), _step(smallest_fall(one))


def _step(step: assessment.Step | None) -> Step | None:
    if step is None:
        return None
    return Step(step.rule, step.strength, step.bits, step.probability, percent(step.probability))


def matrix_of(leads: Sequence[Lead], table: Weights, language: Language) -> Matrix | None:
    """Evidence by hypothesis; None where the matter has one hypothesis alone."""
    if len(leads) < 2:
        return None
    names = [lead.hypothesis for lead in leads]
    lines = sorted(matrix(leads), key=lambda line: -line.tells(names))
    return Matrix(
        [table.hypotheses[name].called(language) for name in names],
        [lead.lead_id for lead in leads],
        [lead.bits for lead in leads],
        [
            Line(
                one.signal_id.hex(),
                one.rule,
                one.strength,
                one.reason.render(language),
                [bits.get(name) for name in names],
            )
            for one, bits in lines[:LINES]
        ],
        len(lines),
    )
