"""Leads: what the signals of one matter add up to, each contribution shown and the sum exact.

A matter is what `entity_clusters` puts together; a lead is a matter under one hypothesis. Signals are weighed
the likeliest first. One record and one origin count once, whoever cites them: what repeats an origin stands
in the list with no bits. A name that resembles two listed entities is one observation, and a person seen
under it ten times is one too until a second origin says so. Dependent rules count in part, and a lead over
several subjects pays for its chances (`cell.weighing`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from watchfloor.cell.entity_clusters import Context, Matter, Row, matters
from watchfloor.cell.linking import Floats, Numbers
from watchfloor.cell.texts import rarity, read_texts
from watchfloor.cell.weighing import circular_reporting, counting
from watchfloor.cell.weighing.counting import Members, probabilities
from watchfloor.cell.weighing.weights import FINDING, REPORTED, Hypothesis, Weights
from watchfloor.cell.wording.estimative_language import WORDS, log_odds, probability
from watchfloor.core.derived import net
from watchfloor.core.marking import join
from watchfloor.core.messages import Reason, declare, reason

REPEATS = declare("cell.repeats")
UNWEIGHED = declare("cell.unweighed", "rule", "strength")
UNKNOWN = declare("cell.unknown-hypothesis", "hypothesis")
DEPENDS = declare("cell.counts-in-part", "percent")
ECHOES = declare("cell.echoes-report", "percent")
FOUND: Final = {
    name: declare(
        f"cell.finding.{name}",
        en="{by} looked, and reported on {day}: " + en + ". “{why}”",
        fr="{by} a vérifié, et a consigné le {day} : " + fr + ". « {why} »",
    )
    for name, en, fr in (
        ("seized", "seized", "saisi"),
        ("arrested", "arrested", "arrêté"),
        ("charged", "charged", "accusé"),
        ("cleared", "cleared, there is another explanation", "écarté, une autre explication existe"),
        ("unfounded", "unfounded, nothing is behind it", "non fondé, il n’y a rien derrière"),
    )
}
REVIEW_DUE = declare("cell.review-due", "day")


@dataclass(frozen=True, slots=True)
class Contribution:
    """One signal's part in a lead: its bits, why, and, where it has none, why not.

    `since` is when what it is about began, and `place` where it was: latitude, longitude, radius in metres.
    """

    signal_id: bytes
    subject: str
    rule: str
    strength: str
    bits: float
    score: float | None
    at: datetime
    reason: Reason
    evidence: tuple[bytes, ...]
    origins: tuple[str, ...]
    note: Reason | None = None
    since: datetime | None = None
    place: tuple[float, float, float | None] | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """A hypothesis about one matter; `bits` is `prior`, `looks` and the contributions, added in that order.

    Attributes:
        lead_id: keyed hash of the hypothesis and the anchor, as long as the matter keeps its anchor.
        subject: the anchor, see `Matter.subject`.
        subjects: everything that the matter names.
        looks: bits paid for several subjects, each of which had its chance; 0 or less.
        joins: why its signals belong together; `hubs`: what did not join.
        took_up: ids that leads under this hypothesis have when its other subjects stand alone.
        also: the matter under its other hypotheses, likeliest first; of the head of a matter only.
    """

    lead_id: str
    subject: str
    hypothesis: str
    prior: float
    bits: float
    contributions: tuple[Contribution, ...]
    marking: str
    weights: str
    rank: int = 2
    subjects: tuple[str, ...] = ()
    looks: float = 0.0
    joins: tuple[Reason, ...] = ()
    hubs: tuple[Reason, ...] = ()
    took_up: tuple[str, ...] = ()
    also: tuple["Lead", ...] = ()

    @property
    def probability(self) -> float:
        """Of the hypothesis, given the prior and what is counted."""
        return probability(self.bits)

    @property
    def at(self) -> datetime:
        """When the last of its signals could first be known; what came of it is no signal."""
        return max(each.at for each in self.signals)

    @property
    def signals(self) -> tuple[Contribution, ...]:
        """Contributions that are signals: all but what was found when somebody looked."""
        return tuple(each for each in self.contributions if each.rule != FINDING)

    @property
    def speaks_for(self) -> tuple[Contribution, ...]:
        """Contributions that raise it."""
        return tuple(c for c in self.contributions if c.bits > 0)

    @property
    def speaks_against(self) -> tuple[Contribution, ...]:
        """Contributions that lower it."""
        return tuple(c for c in self.contributions if c.bits < 0)

    @property
    def to_next_band(self) -> float | None:
        """Bits of further evidence that would lift it into the next band of words; None at the top."""
        for bound, _, _ in WORDS[:-1]:
            if self.probability <= bound:
                return log_odds(bound) - self.bits
        return None


OUTRANKS_FROM: Final = 0.05
"""Probability from which a hypothesis's rank counts: what has almost no chance stands behind what has one."""

NO_CONTEXT: Final = Context()


def leads(
    signals: pa.Table, weights: Weights, now: datetime, key: bytes, context: Context = NO_CONTEXT
) -> list[Lead]:
    """Weigh the signals that stand: the head of each matter, those that come first in front.

    Args:
        signals: rows of `core.derived.SIGNAL`, any revisions.
        weights: the table to weigh with.
        now: the moment of asking, against which decisions expire.
        key: the floor's secret: without it nobody can tell from a lead's id whose it is.
        context: what joins signals besides their subjects.
    """
    found = [replace(one, rows=tuple(_known(one.rows, weights))) for one in matters(net(signals), context)]
    by_matter: defaultdict[int, list[Lead]] = defaultdict(list)
    for hypothesis in weights.hypotheses.values():
        for at, lead in _under(found, hypothesis, weights, now, key, context):
            by_matter[at].append(lead)
    return sorted(map(_head, by_matter.values()), key=_order)


def _head(of_one_matter: list[Lead]) -> Lead:
    first, *others = sorted(of_one_matter, key=_rank)
    return replace(first, also=tuple(others))


def _order(head: Lead) -> tuple[bool, int, float, tuple[int, float, float, str]]:
    """Where a matter stands in the queue: as likely as its hypotheses that go together, not the head."""
    rank = _rank(head)
    return found_false(head), rank[0], -together(head).bits, rank


class Together(NamedTuple):
    """Hypotheses of one matter that rest on evidence apart, and the log2 odds that one at least is so."""

    leads: tuple[Lead, ...]
    bits: float

    @property
    def probability(self) -> float:
        """That one of them at least is so."""
        return probability(self.bits)


def together(head: Lead) -> Together:
    """The hypotheses of a matter that go together, the likeliest first: a list hit and a precursor's import.

    Two whose signals for them share no record and no origin are independent as far as the cell knows, so that
    neither is so with the product of their chances. One that rests on evidence of a likelier one (who crosses
    the line may traffic) says again what that one says, and is left out.
    """
    chosen: list[Lead] = []
    rests: set[object] = set()
    for one in (head, *head.also):
        mine = {on for c in one.speaks_for for on in (c.signal_id, *c.evidence, *c.origins)}
        if mine and (not chosen or not mine & rests):
            chosen.append(one)
            rests |= mine
    if len(chosen) < 2:
        return Together((head,), head.bits)
    neither = sum(float(np.logaddexp(0.0, one.bits * _LN2)) for one in chosen)  # -ln of the product of 1 - p
    if neither < _NONE:
        return Together(tuple(chosen), max(one.bits for one in chosen))
    bits = neither / _LN2 if neither > _SURE else float(np.log2(np.expm1(neither)))
    return Together(tuple(chosen), bits)


_LN2: Final = float(np.log(2.0))
_NONE: Final = 1e-300
"""Below it nothing is left of e^x - 1."""
_SURE: Final = 500.0
"""Beyond it e^x - 1 is e^x, and soon no number any more."""


def found_false(lead: Lead) -> bool:
    """Whether somebody looked and found it false, and nothing has come since. Others come first."""
    found = [each for each in lead.contributions if each.rule == FINDING]
    return sum(each.bits for each in found) < 0 and lead.at <= max(each.at for each in found)


def _rank(lead: Lead) -> tuple[int, float, float, str]:
    rank = lead.rank if lead.probability > OUTRANKS_FROM else 1_000
    return rank, -lead.bits, -max(c.score or 0.0 for c in lead.contributions), lead.lead_id


def _under(
    found: Sequence[Matter],
    hypothesis: Hypothesis,
    weights: Weights,
    now: datetime,
    key: bytes,
    context: Context,
) -> Iterator[tuple[int, Lead]]:
    """The leads of one hypothesis, each with the number of its matter."""
    weighed = [(at, _weighed(matter.rows, hypothesis, now)) for at, matter in enumerate(found)]
    speaking = [(at, mine) for at, mine in weighed if mine]
    before = np.array([hypothesis.prior + _looks(found[at]) for at, _ in speaking])
    counted = _count([mine for _, mine in speaking], weights, before, context.texts)
    for (at, _), contributions in zip(speaking, counted, strict=True):
        yield at, _lead(found[at], contributions, hypothesis, weights, key, context.findings)


def _looks(matter: Matter) -> float:
    """Bits that a matter over several subjects pays for its chances."""
    return float(counting.chances(np.array([matter.chances]))[0])


def _lead(
    matter: Matter,
    contributions: tuple[Contribution, ...],
    hypothesis: Hypothesis,
    weights: Weights,
    key: bytes,
    findings: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Lead:
    looks = _looks(matter)
    lead_id = lead_id_of(key, hypothesis.name, matter.subject)
    took_up = tuple(lead_id_of(key, hypothesis.name, one) for one in matter.subjects if one != matter.subject)
    came = [row for id_ in (lead_id, *took_up) for row in findings.get(id_, ())]
    contributions = (*contributions, *_findings(came, weights))
    bits = hypothesis.prior + looks
    for contribution in contributions:
        bits += contribution.bits
    return Lead(
        lead_id=lead_id,
        subject=matter.subject,
        hypothesis=hypothesis.name,
        prior=hypothesis.prior,
        bits=bits,
        contributions=contributions,
        marking=join([*(row["marking"] for row in matter.rows), *matter.markings, *_markings(came, weights)]),
        weights=weights.digest,
        rank=hypothesis.rank,
        subjects=matter.subjects,
        looks=looks,
        joins=matter.joins,
        hubs=matter.hubs,
        took_up=took_up,
    )


def _findings(came: Iterable[Mapping[str, Any]], weights: Weights) -> Iterator[Contribution]:
    """Yield the findings of officers who looked at a lead, oldest first; a result that two report counts
    once.
    """
    counted: set[str] = set()
    for row in sorted(came, key=lambda row: (row["observed_at"], row["record_id"])):
        result = row["result"]
        if not (bits := weights.findings.get(result, 0.0)):
            continue
        yield Contribution(
            signal_id=row["record_id"],
            subject=row["lead"],
            rule=FINDING,
            strength=result,
            bits=0.0 if result in counted else bits,
            score=None,
            at=row["observed_at"],
            reason=reason(
                FOUND[result], by=row["by"], day=row["observed_at"].date().isoformat(), why=row["why"] or ""
            ),
            evidence=(row["record_id"],),
            origins=(),
            note=reason(REPEATS) if result in counted else None,
        )
        counted.add(result)


def _markings(came: Iterable[Mapping[str, Any]], weights: Weights) -> list[str]:
    """Markings of the findings that count."""
    return [row["marking"] for row in came if weights.findings.get(row["result"])]


def lead_id_of(key: bytes, hypothesis: str, subject: str) -> str:
    """Twelve hexadecimal digits: enough for a person to type, and the start of them to find."""
    return blake2b(
        f"{hypothesis}\x1f{subject}".encode(), digest_size=6, key=key[:64], person=b"lead"
    ).hexdigest()


def _known(rows: Iterable[Row], weights: Weights) -> Iterator[Row]:
    """A report that speaks to a hypothesis the table does not know counts as one that names none."""
    for row in rows:
        rule, _, named = row["rule"].partition(".")
        unknown = rule == REPORTED and named and named not in weights.hypotheses
        yield {**row, "rule": REPORTED, "unknown": named} if unknown else row


def _weighed(rows: Iterable[Mapping[str, Any]], hypothesis: Hypothesis, now: datetime) -> list[Contribution]:
    """Contributions before repetition is looked at, strongest first and in a fixed order among equals."""
    rules = hypothesis.rules
    made = [_contribution(row, hypothesis, now) for row in rows if row["rule"] in rules]
    return sorted(made, key=lambda c: (-c.bits, -(c.score or 0.0), c.at, c.signal_id))


def _contribution(row: Mapping[str, Any], hypothesis: Hypothesis, now: datetime) -> Contribution:
    bits = hypothesis.bits.get((row["rule"], row["strength"]))
    note = None
    if bits is None:
        note = reason(UNWEIGHED, rule=row["rule"], strength=row["strength"])
    elif row["strength"] == "cleared" and row["until"] is not None and row["until"] <= now:
        bits, note = 0.0, reason(REVIEW_DUE, day=row["until"].date().isoformat())
    elif "unknown" in row:
        note = reason(UNKNOWN, hypothesis=row["unknown"])
    return Contribution(
        signal_id=row["row_id"],
        subject=row["subjects"][0],
        rule=row["rule"],
        strength=row["strength"],
        bits=bits or 0.0,
        score=row["score"],
        at=row["at"],
        reason=Reason.load(row["reason"]),
        evidence=tuple(row["evidence"]),
        origins=tuple(row["origins"]),
        note=note,
        since=row["since"],
        place=None if row["latitude"] is None else (row["latitude"], row["longitude"], row["radius"]),
    )


def _count(
    leads: Sequence[Sequence[Contribution]], weights: Weights, before: Floats, texts: Mapping[bytes, str]
) -> list[tuple[Contribution, ...]]:
    """Records and origins count for the first that rests on them, dependent rules and echoes in part."""
    flat = [one for mine in leads for one in mine]
    speaking = [at for at, one in enumerate(flat) if one.bits]
    starts = np.cumsum([0, *map(len, leads)])
    members = counting.Members(np.searchsorted(speaking, starts), np.arange(len(speaking)))
    said = [flat[at] for at in speaking]
    group, rho = _groups(said, weights)
    counted = counting.count_once(members, np.array([one.bits for one in said]), _rests(said), group, rho)
    for at, share, why in zip(speaking, counted.share.tolist(), counted.why.tolist(), strict=True):
        flat[at] = _counted(flat[at], share, why)
    once = np.array([flat[at].bits for at in speaking])
    if (found := copies(said, members, once, before, texts)) is not None:
        for at, chance, bits in zip(speaking, found.chance.tolist(), found.bits.tolist(), strict=True):
            if chance:
                flat[at] = replace(flat[at], bits=bits, note=reason(ECHOES, percent=round(100 * chance)))
    return [tuple(flat[a:b]) for a, b in pairwise(starts.tolist())]


def _counted(one: Contribution, share: float, why: int) -> Contribution:
    if why == counting.REPEAT:
        return replace(one, bits=0.0, note=reason(REPEATS))
    if why == counting.DEPENDENT:
        return replace(one, bits=one.bits * share, note=reason(DEPENDS, percent=round(100 * share)))
    return one


def _rests(said: Sequence[Contribution]) -> counting.Rests:
    """Records and origins by number; what another node led back here names a record by its id in hex."""
    numbers: dict[str, int] = {}
    rests = [[*(record.hex() for record in one.evidence), *one.origins] for one in said]
    tokens = [[numbers.setdefault(on, len(numbers)) for on in mine] for mine in rests]
    flat = np.array([number for mine in tokens for number in mine], np.int64)
    return counting.Rests(np.cumsum([0, *map(len, tokens)]), flat)


def _groups(said: Sequence[Contribution], weights: Weights) -> tuple[Numbers, Floats]:
    """The group of dependent rules of each contribution, and the correlation within it."""
    of = {rule: (n, group) for n, group in enumerate(weights.dependent.values()) for rule in group.rules}
    found = [of.get(one.rule) for one in said]
    group = np.array([one[0] if one else counting.ALONE for one in found], np.int64)
    return group, np.array([one[1].correlation if one else 0.0 for one in found], np.float64)


# Reports that say nearly the same: likely one report that two units pass on, where neither says so.
#
# Where a report names no origin, it may be an echo of an earlier one of its matter. How likely is inferred
# from the words that both use and hardly any other report of the floor does, and from the time between them
# (`circular_reporting`). It counts for what it would add if it were none, times that chance, and the lead
# says so.


SHOWN: Final = 0.01
"""Chance from which an echo is spoken of."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Copies(NamedTuple):
    """For each contribution the chance that it is an echo, and what it adds in bits."""

    chance: Floats
    bits: Floats


def copies(
    said: Sequence[Contribution], members: Members, bits: Floats, before: Floats, texts: Mapping[bytes, str]
) -> Copies | None:
    """Which contributions are likely echoes of others of their lead; None where no text is there to tell.

    Args:
        said: contributions that count.
        members: those of each lead.
        bits: what each counts for if it is no echo.
        before: log-odds of each lead before its contributions.
        texts: of every report that names no origin, by its record.
    """
    own = [next((record for record in one.evidence if record in texts), None) for one in said]
    if sum(record is not None for record in own) < 2:
        return None
    others = sorted(texts.keys() - set(own))
    every = read_texts(pa.array([texts[r] if r else None for r in (*own, *others)], pa.large_string()))
    count = len(said)
    starts = np.concatenate([members.start, members.start[-1] + 1 + np.arange(len(others))])
    word_bits = rarity(every, starts, np.concatenate([members.signals, count + np.arange(len(others))]))
    padded = np.concatenate([bits, np.zeros(len(others))])
    at = np.array(
        [(one.at - _EPOCH) // timedelta(microseconds=1) for one in said] + [0] * len(others), np.int64
    )
    alike = circular_reporting.resemblance(members, padded, at, every, word_bits)
    told = np.array([record is not None for record in own])
    known = np.where(told, circular_reporting.UNSTATED, circular_reporting.FIRST)
    odds = circular_reporting.infer(alike, known, np.zeros(count, np.int64), told & (bits != 0)).odds
    p = odds / (1 + odds)
    echo = p >= SHOWN
    once = np.where(echo, (1 - p) * bits, bits)
    totals = np.bincount(members.leads, once, len(before)) + before
    rest = probabilities(totals[members.leads] - once)
    added = np.where(echo, circular_reporting.adds(bits, np.where(echo, odds, 0.0), rest), bits)
    return Copies(np.where(echo, p, 0.0), added)
