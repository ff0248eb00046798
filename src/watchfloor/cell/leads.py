"""Leads: what the signals about one subject add up to, each contribution shown and the sum exact.

Signals are weighed strongest first. One record and one origin count once for a hypothesis, whoever cites
them: what repeats an origin stands in the list with no bits. A name that resembles two listed entities is one
observation, and a person seen under it ten times is one too until a second origin says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from watchfloor.cell.weights import Hypothesis, Weights
from watchfloor.cell.words import WORDS, log_odds, probability
from watchfloor.records.derived import net
from watchfloor.records.marking import join
from watchfloor.records.messages import Reason, declare, reason

REPEATS = declare(
    "cell.repeats",
    en="it rests on evidence that is counted already",
    fr="il repose sur des éléments déjà comptés",
)
UNWEIGHED = declare(
    "cell.unweighed",
    en="the weight table has no row for {rule}, {strength}",
    fr="la table des poids n’a pas de ligne pour {rule}, {strength}",
)
REVIEW_DUE = declare(
    "cell.review-due",
    en="the decision expired on {day} and must be looked at again",
    fr="la décision a expiré le {day} et doit être réexaminée",
)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One signal's part in a lead: its bits, why, and, where it has none, why not."""

    signal_id: bytes
    rule: str
    strength: str
    bits: float
    score: float | None
    at: datetime
    reason: Reason
    evidence: tuple[bytes, ...]
    origins: tuple[str, ...]
    note: Reason | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """A hypothesis about one subject: `bits` is `prior` plus the contributions' bits, in their order."""

    lead_id: str
    subject: str
    hypothesis: str
    prior: float
    bits: float
    contributions: tuple[Contribution, ...]
    marking: str
    weights: str

    @property
    def probability(self) -> float:
        """Of the hypothesis, given the prior and what is counted."""
        return probability(self.bits)

    @property
    def at(self) -> datetime:
        """When the last of its signals could first be known."""
        return max(contribution.at for contribution in self.contributions)

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


def leads(signals: pa.Table, weights: Weights, now: datetime, key: bytes) -> list[Lead]:
    """Weigh the signals that stand, one lead a subject and hypothesis, likeliest first.

    Args:
        signals: rows of `records.derived.SIGNAL`, any revisions.
        weights: the table to weigh with.
        now: the moment of asking, against which decisions expire.
        key: the floor's secret: without it nobody can tell from a lead's id whose it is.
    """
    by_subject: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in net(signals).to_pylist():
        by_subject[row["subjects"][0]].append(row)
    made = [
        lead
        for subject, rows in by_subject.items()
        for hypothesis in weights.hypotheses.values()
        if (lead := _lead(subject, rows, hypothesis, weights.digest, now, key))
    ]
    return sorted(made, key=_rank)


def _rank(lead: Lead) -> tuple[float, float, str]:
    return -lead.bits, -max(c.score or 0.0 for c in lead.contributions), lead.lead_id


def _lead(
    subject: str,
    rows: Sequence[Mapping[str, Any]],
    hypothesis: Hypothesis,
    digest: str,
    now: datetime,
    key: bytes,
) -> Lead | None:
    contributions = tuple(_once(_weighed(rows, hypothesis, now)))
    if not contributions:
        return None
    bits = hypothesis.prior
    for contribution in contributions:
        bits += contribution.bits
    return Lead(
        lead_id=lead_id_of(key, hypothesis.name, subject),
        subject=subject,
        hypothesis=hypothesis.name,
        prior=hypothesis.prior,
        bits=bits,
        contributions=contributions,
        marking=join(row["marking"] for row in rows),
        weights=digest,
    )


def lead_id_of(key: bytes, hypothesis: str, subject: str) -> str:
    """Twelve hexadecimal digits: enough for a person to type, and the start of them to find."""
    return blake2b(
        f"{hypothesis}\x1f{subject}".encode(), digest_size=6, key=key[:64], person=b"lead"
    ).hexdigest()


def _weighed(rows: Iterable[Mapping[str, Any]], hypothesis: Hypothesis, now: datetime) -> list[Contribution]:
    """Contributions before repetition is looked at, strongest first and in a fixed order among equals."""
    rules = {rule for rule, _ in hypothesis.bits}
    made = [_contribution(row, hypothesis, now) for row in rows if row["rule"] in rules]
    return sorted(made, key=lambda c: (-c.bits, -(c.score or 0.0), c.at, c.signal_id))


def _contribution(row: Mapping[str, Any], hypothesis: Hypothesis, now: datetime) -> Contribution:
    bits = hypothesis.bits.get((row["rule"], row["strength"]))
    note = None
    if bits is None:
        note = reason(UNWEIGHED, rule=row["rule"], strength=row["strength"])
    elif row["strength"] == "cleared" and row["until"] is not None and row["until"] <= now:
        bits, note = 0.0, reason(REVIEW_DUE, day=row["until"].date().isoformat())
    return Contribution(
        signal_id=row["row_id"],
        rule=row["rule"],
        strength=row["strength"],
        bits=bits or 0.0,
        score=row["score"],
        at=row["at"],
        reason=Reason.load(row["reason"]),
        evidence=tuple(row["evidence"]),
        origins=tuple(row["origins"]),
        note=note,
    )


def _once(contributions: Iterable[Contribution]) -> Iterator[Contribution]:
    """Each record and each origin counts for the first contribution that rests on it."""
    counted: set[bytes | str] = set()
    for one in contributions:
        rests_on: set[bytes | str] = {*one.evidence, *one.origins}
        if one.bits and counted & rests_on:
            yield replace(one, bits=0.0, note=reason(REPEATS))
        else:
            counted |= rests_on
            yield one
