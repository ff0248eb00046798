"""Calibration: whether what people were shown as likely came about as often.

A probability is the one shown when somebody acted on the lead, not today's. With an audit sample each lead
counts for those it stands for (`cell.learning.refit`), and the figures are of the whole queue; without one
they are of what officers chose to look at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from watchfloor.cell.learning.acted import acted_on
from watchfloor.cell.learning.outcomes import verdicts
from watchfloor.cell.learning.ratios import Bools, Floats
from watchfloor.cell.learning.refit import Case, population, weighted
from watchfloor.cell.weighing.weights import Weights
from watchfloor.cell.wording.estimative_language import WORDS
from watchfloor.core import proportions
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

CAPACITY: Final = 20
"""Leads that a watch can look at in a day, where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval, None where there is no case; `cases` may be a weighted number."""

    value: float | None
    low: float | None
    high: float | None
    cases: float


@dataclass(frozen=True, slots=True)
class Band:
    """Leads whose probability has one word of ICD 203: the mean of what was shown, and what came about.

    Attributes:
        upto: its upper bound.
        leads: how many, unweighted.
        weight: how many of all that is, 0 to 1.
        shown: mean probability, None of none.
        came: share that was true.
    """

    upto: float
    leads: int
    weight: float
    shown: float | None
    came: Share


@dataclass(frozen=True, slots=True)
class Brier:
    """The Brier score and its parts: score = reliability - resolution + uncertainty + within.

    Murphy (Journal of Applied Meteorology 12, 1973) for forecasts of few values; within bands of many values
    `within` is the variance in them less twice their covariance with what came (Stephenson, Coelho and
    Jolliffe, Weather and Forecasting 23, 2008), which makes the sum exact.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How good the probabilities were.

    Attributes:
        leads: with a known truth.
        audited: of them, drawn by the audit.
        rebuilt: of them, made again because nobody kept what was shown.
        brier: the score and its parts.
        ece: expected calibration error: mean distance of shown from came, by weight of the bands.
        bands: the reliability table.
        precision: share of the `capacity` likeliest that was true.
        capacity: leads that can be looked at.
    """

    leads: int
    audited: int
    rebuilt: int
    brier: Brier
    ece: float
    bands: tuple[Band, ...]
    precision: Share
    capacity: int


def calibration(
    floor: Floor,
    reader: Reader,
    weights: Weights,
    now: datetime,
    capacity: int = CAPACITY,
    hypothesis: str | None = None,
) -> Calibration | None:
    """The calibration of the leads whose truth this reader may know; None where there is none.

    Args:
        floor: the floor.
        reader: who asks.
        weights: the table that a lead is made again with, where what was shown was not kept.
        now: the moment of asking.
        capacity: leads that can be looked at.
        hypothesis: only of this one.
    """
    resolved = [one for one in verdicts(floor, reader).values() if one.true is not None]
    stood = acted_on(floor, reader, weights, resolved)
    everything = population(floor, reader, weights, now, floor.position, stood)
    known = [one for one in resolved if one.lead_id in stood]
    cases = [
        case
        for case in weighted(floor, reader, known, stood, everything)
        if hypothesis in (None, case.lead.hypothesis)
    ]
    return measured(cases, capacity) if cases else None


def measured(cases: Sequence[Case], capacity: int) -> Calibration:
    """The figures of at least one lead. Without an audited one among them, all weigh the same."""
    audited = sum(case.audited for case in cases)
    shown = np.array([case.lead.probability for case in cases])
    came = np.array([case.true for case in cases])
    weight = np.array([case.weight if audited else 1.0 for case in cases])
    bands = reliability(shown, came, weight)
    return Calibration(
        len(cases),
        audited,
        sum(case.lead.rebuilt for case in cases),
        brier(shown, came, weight),
        ece(bands),
        bands,
        precision(cases, capacity),
        capacity,
    )


def reliability(shown: Floats, came: Bools, weight: Floats) -> tuple[Band, ...]:
    """The table of bands; intervals are Jeffreys's, at Kish's effective number of leads."""
    at = _bands(shown)
    return tuple(
        _band(bound, shown[at == number], came[at == number], weight[at == number], float(weight.sum()))
        for number, bound in enumerate(BOUNDS)
    )


def ece(bands: Sequence[Band]) -> float:
    """The expected calibration error: how far what came is from what was shown, by weight of the bands."""
    return sum(
        band.weight * abs(band.shown - band.came.value)
        for band in bands
        if band.shown is not None and band.came.value is not None
    )


def brier(shown: Floats, came: Bools, weight: Floats) -> Brier:
    """The score and its parts by bands; weights need not add up to anything."""
    weight = weight / weight.sum()
    true = came.astype(np.float64)
    base = float(weight @ true)
    at = _bands(shown)
    off = apart = within = 0.0
    for number in np.unique(at):
        mine = at == number
        share = float(weight[mine].sum())
        part = weight[mine] / share
        mean, rate = float(part @ shown[mine]), float(part @ true[mine])
        off += share * (mean - rate) ** 2
        apart += share * (rate - base) ** 2
        spread = shown[mine] - mean
        within += share * float(part @ (spread**2) - 2 * (part @ (spread * (true[mine] - rate))))
    return Brier(float(weight @ (shown - true) ** 2), off, apart, base * (1 - base), within)


def precision(cases: Sequence[Case], capacity: int) -> Share:
    """Share true of the likeliest leads, each lead once; fewer where fewer are known."""
    first = sorted(cases, key=lambda case: (-case.lead.bits, case.lead.lead_id))[:capacity]
    return jeffreys(sum(case.true for case in first), len(first))


def jeffreys(hits: float, cases: float) -> Share:
    """A share with its 95 % interval, see `core.proportions`; `cases` may be an effective number."""
    if cases <= 0:
        return Share(None, None, None, 0.0)
    return Share(hits / cases, *proportions.jeffreys(hits, cases), cases)


BOUNDS: Final = tuple(bound for bound, _, _ in WORDS)


def _bands(shown: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The band of each probability: bounds belong to the band below, as in `estimative_language`."""
    return np.searchsorted(np.array(BOUNDS), shown).astype(np.int64)


def _band(upto: float, shown: Floats, came: Bools, weight: Floats, whole: float) -> Band:
    if not len(shown):
        return Band(upto, 0, 0.0, None, jeffreys(0, 0))
    total = float(weight.sum())
    cases = total**2 / float(np.square(weight).sum())
    rate = float(weight @ came) / total
    return Band(upto, len(shown), total / whole, float(weight @ shown) / total, jeffreys(rate * cases, cases))
