"""Refit: what came of leads renews the weight table, one hypothesis at a time, into a new table.

Leads are acted on because they score high and because officers know more, so those whose truth is known are
no sample of all. Each counts for the leads that it stands for: one of the audit sample for 1 / chance
(Horvitz and Thompson, Journal of the American Statistical Association 47, 1952), one that was acted on anyway
for itself; and both for the others of their sort of which nothing is known yet. Shares are ratios of such
sums (Hájek, in Foundations of Statistical Inference, 1971), since neither the true leads nor the false ones
can be counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from watchfloor.cell.learning import ratios
from watchfloor.cell.learning.acted import Acted, acted_on, as_it_stands
from watchfloor.cell.learning.audit import chances, draws, looked_at
from watchfloor.cell.learning.outcomes import Verdict, decisions, verdicts
from watchfloor.cell.learning.ratios import Floats
from watchfloor.cell.queue import every, queue
from watchfloor.cell.weighing.weights import Hypothesis, Weights
from watchfloor.cell.wording.estimative_language import probability
from watchfloor.core.marking import join
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

ENOUGH: Final = 10
"""True leads, and false ones, below which a hypothesis is said to have few."""

FEW = declare("refit.few", "hypothesis", "true", "false")
NO_AUDIT = declare("refit.no-audit", "hypothesis")
CONTESTED = declare("refit.contested", "count", "leads")
LOST = declare("refit.lost", "count")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table before and after; `true` and `false` count the leads seen that held it."""

    rule: str
    strength: str
    old: float
    old_sd: float
    new: float
    sd: float
    true: int
    false: int


@dataclass(frozen=True, slots=True)
class Refitted:
    """A hypothesis before and after; `true`, `false` and `audited` count leads whose truth is known."""

    hypothesis: str
    prior: float
    prior_sd: float
    new_prior: float
    new_prior_sd: float
    rows: tuple[Row, ...]
    true: int
    false: int
    audited: int


@dataclass(frozen=True, slots=True)
class Fit:
    """A fit, with everything that it was made from.

    Attributes:
        base: digest of the table that it starts from.
        position: of the log, up to which it read.
        hypotheses: those with outcomes.
        records: ids of the outcomes, and of the records that their leads rest on.
        marking: the join of the markings of those leads.
        notes: what a person should know before using it.
    """

    base: str
    position: int
    hypotheses: tuple[Refitted, ...]
    records: tuple[bytes, ...]
    marking: str
    notes: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A lead whose truth is known, as it stood; its weight is the number of leads it stands for."""

    lead: Acted
    true: bool
    weight: float
    audited: bool


def refit(floor: Floor, reader: Reader, weights: Weights, now: datetime) -> Fit:
    """Fit the table to every outcome that the reader may see. Nothing is changed and nothing kept."""
    position = floor.position
    found = verdicts(floor, reader, position)
    resolved = [one for one in found.values() if one.true is not None]
    stood = acted_on(floor, reader, weights, resolved)
    known = [one for one in resolved if one.lead_id in stood]
    everything = population(floor, reader, weights, now, position, stood)
    cases = weighted(floor, reader, known, stood, everything)
    made = [
        _refitted(hypothesis, [lead for lead in everything if lead.hypothesis == name], mine)
        for name, hypothesis in weights.hypotheses.items()
        if (mine := [case for case in cases if case.lead.hypothesis == name])
    ]
    return Fit(
        weights.digest,
        position,
        tuple(made),
        _records(known, stood),
        join(stood[one.lead_id].marking for one in known),
        (*_notes(made), *_left_out(found.values(), len(resolved) - len(known))),
    )


def population(
    floor: Floor,
    reader: Reader,
    weights: Weights,
    now: datetime,
    position: int,
    stood: Mapping[str, Acted],
) -> list[Acted]:
    """All leads: those with an outcome as they stood, the others as they stand."""
    standing = every(queue(floor, reader, weights, now, position))
    others = [as_it_stands(lead, weights) for lead in standing if lead.lead_id not in stood]
    return [*stood.values(), *others]


def weighted(
    floor: Floor,
    reader: Reader,
    known: Sequence[Verdict],
    stood: Mapping[str, Acted],
    everything: Iterable[Acted],
) -> list[Case]:
    """The known leads, each with the number of leads that it stands for.

    An audited lead stands for 1 / chance. Of the leads that were acted on, and of those that were audited,
    some have no result yet; those that have one stand for them too, hypothesis by hypothesis (a weighting
    class).
    """
    drawn = chances(draws(floor, reader))
    touched = looked_at(floor, reader) | drawn.keys() | stood.keys()
    decided = decisions(floor, reader).keys()
    leads = [(stood[one.lead_id], bool(one.true)) for one in known]

    def sort(lead: Acted) -> tuple[str, bool]:
        return lead.hypothesis, lead.lead_id in drawn

    def weight(lead: Acted) -> float:
        return 1 / drawn.get(lead.lead_id, 1.0)

    whole: defaultdict[tuple[str, bool], float] = defaultdict(float)
    for lead in everything:
        if lead.lead_id in touched or decided & {*lead.subjects}:
            whole[sort(lead)] += weight(lead)
    seen: defaultdict[tuple[str, bool], float] = defaultdict(float)
    for lead, _ in leads:
        seen[sort(lead)] += weight(lead)
    return [
        Case(lead, true, weight(lead) * whole[sort(lead)] / seen[sort(lead)], lead.lead_id in drawn)
        for lead, true in leads
    ]


def _refitted(hypothesis: Hypothesis, everything: Sequence[Acted], cases: Sequence[Case]) -> Refitted:
    pairs = [pair for pair in hypothesis.bits if any(_shares(lead).get(pair) for lead in everything)]
    table = ratios.Table(
        hypothesis.prior,
        hypothesis.prior_sd,
        np.array([hypothesis.bits[pair] for pair in pairs]),
        np.array([hypothesis.sd_of(*pair) for pair in pairs]),
    )
    shares = _matrix([case.lead for case in cases], pairs)
    true = np.array([case.true for case in cases])
    known = ratios.LabelledLeads(
        shares,
        np.array([case.lead.looks for case in cases]),
        true,
        np.array([case.weight for case in cases]),
    )
    after = ratios.fit(table, _all_leads(table, everything, pairs), known)
    held = shares > 0
    rows = [
        _row(hypothesis, pair, float(bits), float(sd), held[:, at][true], held[:, at][~true])
        for at, (pair, bits, sd) in enumerate(zip(pairs, after.bits, after.sd, strict=True))
        if held[:, at].any()
    ]
    return Refitted(
        hypothesis.name,
        hypothesis.prior,
        hypothesis.prior_sd,
        after.prior,
        after.prior_sd,
        tuple(rows),
        int(true.sum()),
        int((~true).sum()),
        sum(case.audited for case in cases),
    )


def _row(
    hypothesis: Hypothesis,
    pair: tuple[str, str],
    bits: float,
    sd: float,
    true: ratios.Bools,
    false: ratios.Bools,
) -> Row:
    old = hypothesis.bits[pair], hypothesis.sd_of(*pair)
    return Row(*pair, *old, bits, sd, int(true.sum()), int(false.sum()))


def _all_leads(
    table: ratios.Table, population: Sequence[Acted], pairs: Sequence[tuple[str, str]]
) -> ratios.Leads:
    """Compute the present table's expectation over all leads, whichever table they were shown under."""
    shares = _matrix(population, pairs)
    bits = table.prior + np.array([lead.looks for lead in population]) + shares @ table.bits
    expected = np.array([probability(one) for one in bits.tolist()])
    return ratios.Leads((shares > 0).mean(axis=0), float(np.clip(expected.mean(), 1e-12, 1 - 1e-12)))


def _matrix(leads: Sequence[Acted], pairs: Sequence[tuple[str, str]]) -> Floats:
    """How much of each row counts in each lead, leads x rows."""
    column = {pair: at for at, pair in enumerate(pairs)}
    matrix = np.zeros((len(leads), len(pairs)))
    for row, lead in enumerate(leads):
        for pair, share in _shares(lead).items():
            if pair in column:
                matrix[row, column[pair]] = share
    return matrix


def _shares(lead: Acted) -> dict[tuple[str, str], float]:
    shares: dict[tuple[str, str], float] = {}
    for term in lead.terms:
        pair = term.rule, term.strength
        shares[pair] = shares.get(pair, 0.0) + term.share
    return shares


def _records(known: Iterable[Verdict], stood: Mapping[str, Acted]) -> tuple[bytes, ...]:
    used = {record for one in known for record in (*one.records, *stood[one.lead_id].evidence)}
    return tuple(sorted(used))


def _notes(made: Iterable[Refitted]) -> list[Reason]:
    notes = []
    for one in made:
        if min(one.true, one.false) < ENOUGH:
            notes.append(reason(FEW, hypothesis=one.hypothesis, true=one.true, false=one.false))
        if not one.audited:
            notes.append(reason(NO_AUDIT, hypothesis=one.hypothesis))
    return notes


def _left_out(found: Iterable[Verdict], lost: int) -> list[Reason]:
    contested = sorted(one.lead_id for one in found if one.contested)
    notes = []
    if contested:
        notes.append(reason(CONTESTED, count=len(contested), leads=", ".join(contested)))
    if lost:
        notes.append(reason(LOST, count=lost))
    return notes
