"""Likelihood ratios from leads whose truth is known: counts in, bits and their standard deviations out.

For each row s of a hypothesis (a rule and a strength) the chance that a true lead holds it, and the chance
that a false one does, are Beta distributed; a row's bits are log2 of the ratio of their means. Its variance
is that of the difference of two independent logarithms of Betas, each trigamma(a) - trigamma(a + b), in
squares of natural logarithms (Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 2, 1995,
ch. 25).

The present table is the prior. A row that the table knows to within sd bits weighs as much as
`occurrences(sd)` sightings of it among true leads and as many among false ones, at the table's own ratio.
Sightings and not leads are the unit, so that one sighting of a rare row does not overturn it.

Leads are subjects that some signal names, and a subject that none names is no lead: what outcomes show is P(s
| true, lead) and P(s | false, lead). Since a row's signal makes its subject a lead, this ratio falls short of
the table's by the same `level` for every row, log2 P(lead | true) / P(lead | false), and the odds among leads
exceed the prior by as much. The level cancels in a lead of one signal. It is the one that makes what came of
the leads likeliest, leads of several signals above all, while it asks the table to move least: its prior and
rows each by their own standard deviation.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import log, log2
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import polygamma

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LN2: Final = log(2)
REACH: Final = 12.0
"""Bits either side of what the table says within which the level is sought."""
NARROWEST, WIDEST = 0.01, 20.0
"""Standard deviations in bits between which a table's are taken."""
ALMOST_ALL: Final = 1 - 1e-6
"""Largest share of leads that may hold a row, so that a Beta has two sides."""


@dataclass(frozen=True, slots=True)
class Table:
    """One hypothesis of the present table: its prior and the rows, in bits."""

    prior: float
    prior_sd: float
    bits: Floats
    sd: Floats


@dataclass(frozen=True, slots=True)
class Leads:
    """Expected values over all leads: the share that holds each row, and the share that is true."""

    holding: Floats
    true: float


@dataclass(frozen=True, slots=True)
class LabelledLeads:
    """Leads whose truth is known.

    Attributes:
        shares: how much of each row counts in each lead, leads x rows; 0 where it does not hold it.
        looks: bits that each paid for several subjects.
        true: whether its hypothesis was borne out.
        weight: leads that it stands for; only their ratios matter.
    """

    shares: Floats
    looks: Floats
    true: Bools
    weight: Floats


@dataclass(frozen=True, slots=True)
class Posterior:
    """The table after the outcomes, in bits; `seen_true` and `seen_false` are sightings after weighting."""

    prior: float
    prior_sd: float
    bits: Floats
    sd: Floats
    seen_true: Floats
    seen_false: Floats
    level: float


def fit(table: Table, leads: Leads, known: LabelledLeads) -> Posterior:
    """The table's posterior. `known` holds at least one lead; `leads.true` lies strictly between 0 and 1."""
    weight = effective(known)
    start = log2(leads.true / (1 - leads.true)) - table.prior
    level, level_sd = _level(table, leads, known, weight, start)
    bits, sd, seen = _rows(table, leads, known, weight, level)
    odds, odds_sd = _odds(table, leads, known)
    prior_sd = min(table.prior_sd, float(np.hypot(odds_sd, level_sd)))
    return Posterior(odds - level, prior_sd, bits, sd, *seen, level)


def effective(known: LabelledLeads) -> Floats:
    """Weights whose sum among true leads, and among false, is Kish's effective number of them.

    (Sum of w)^2 / sum of w^2: Kish, Survey Sampling (1965), section 11.7. Where all weigh the same it is
    their number.
    """
    weight = known.weight.copy()
    for mine in (known.true, ~known.true):
        if mine.any():
            weight[mine] *= weight[mine].sum() / np.square(weight[mine]).sum()
    return weight


def occurrences(sd: Floats) -> Floats:
    """Sightings in each class that tell a row's bits to within `sd`: twice trigamma(n) is (sd ln 2)^2."""
    return np.array([_occurrences(round(one, 6)) for one in np.clip(sd, NARROWEST, WIDEST).tolist()])


@lru_cache(maxsize=4096)
def _occurrences(sd: float) -> float:
    from scipy.optimize import brentq

    wanted = (sd * LN2) ** 2 / 2
    return float(np.exp(brentq(lambda at: float(np.log(polygamma(1, np.exp(at)) / wanted)), -12.0, 16.0)))


def _rows(
    table: Table, leads: Leads, known: LabelledLeads, weight: Floats, level: float
) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
    """Bits, their standard deviations and the sightings, at a level."""
    sightings = occurrences(table.sd)
    holds = known.shares > 0
    logs, variances, seen = [], [], []
    for mean, mine in zip(_means(table, leads, level), (known.true, ~known.true), strict=True):
        held = holds[mine].T @ weight[mine]
        a = sightings + held
        whole = sightings / mean + weight[mine].sum()
        logs.append(np.log2(a / whole))
        variances.append(polygamma(1, a) - polygamma(1, whole))
        seen.append(held)
    return logs[0] - logs[1] + level, np.sqrt(variances[0] + variances[1]) / LN2, (seen[0], seen[1])


def _means(table: Table, leads: Leads, level: float) -> tuple[Floats, Floats]:
    """Shares of true and of false leads that hold each row: at the table's ratio, as often as all do."""
    ratio = np.exp2(table.bits - level)
    false = leads.holding / (leads.true * ratio + 1 - leads.true)
    shrink = np.minimum(1.0, ALMOST_ALL / (false * np.maximum(ratio, 1.0)))
    return false * ratio * shrink, false * shrink


def _odds(table: Table, leads: Leads, known: LabelledLeads) -> tuple[float, float]:
    """log2 of the odds that a lead is true, and its standard deviation.

    The rarer of the two is given the table's sightings; counts are by weight, at Kish's effective number of
    all.
    """
    rare = min(leads.true, 1 - leads.true)
    mine = float(occurrences(np.array([table.prior_sd]))[0])
    a, b = (mine, mine * (1 - rare) / rare) if leads.true <= 0.5 else (mine * (1 - rare) / rare, mine)
    total = known.weight.sum()
    count = total**2 / np.square(known.weight).sum()
    share = known.weight[known.true].sum() / total
    a, b = a + count * share, b + count * (1 - share)
    return log2(a / b), float(np.sqrt(polygamma(1, a) + polygamma(1, b))) / LN2


def _level(
    table: Table, leads: Leads, known: LabelledLeads, weight: Floats, start: float
) -> tuple[float, float]:
    """The likeliest level and its standard deviation, by the curvature there; sought around `start`."""
    from scipy.optimize import minimize_scalar

    odds, _ = _odds(table, leads, known)
    prior_sd = max(table.prior_sd, NARROWEST)

    def surprise(level: float) -> float:
        bits, _, _ = _rows(table, leads, known, weight, level)
        said = odds - level + known.looks + known.shares @ bits
        missed = np.logaddexp2(0.0, np.where(known.true, -said, said))
        moved = np.square((bits - table.bits) / np.maximum(table.sd, NARROWEST)).sum()
        return (
            float(weight @ missed) * LN2 + float(moved + ((odds - level - table.prior) / prior_sd) ** 2) / 2
        )

    level = float(minimize_scalar(surprise, bounds=(start - REACH, start + REACH), method="bounded").x)
    step = 0.05
    bend = (surprise(level - step) - 2 * surprise(level) + surprise(level + step)) / step**2
    return level, 1 / float(np.sqrt(max(bend, prior_sd**-2)))
