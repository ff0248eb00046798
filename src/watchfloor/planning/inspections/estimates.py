"""Estimate of the finds in a whole stream from those examined and the chance with which each was chosen.

Items that were chosen for certain are counted; the rest of the stream is estimated from the finds among what
was chosen by chance, each weighed by one over its chance (D. G. Horvitz and D. J. Thompson, "A generalization
of sampling without replacement from a finite universe", Journal of the American Statistical Association 47,
1952) and divided by how many the rest are: on average that is the rate itself, however few were examined.
Where nobody counted them it is divided by the sum of the weights instead (J. Hájek, comment in "Foundations
of Statistical Inference", 1971; the same in learning from logs: A. Swaminathan and T. Joachims, "The
self-normalized estimator for counterfactual learning", NIPS 2015), which is biased where that sum rests on a
few. The interval is of 95 %:

- `exact`: all of the rest had one chance, so the share among the examined is the rate. C. J. Clopper and
  E. S. Pearson, Biometrika 26, 1934. For draws without replacement it is on the safe side.
- `gamma`: chances differ and finds are few. M. P. Fay and E. J. Feuer, "Confidence intervals for directly
  standardized rates", Statistics in Medicine 16, 1997: holds for one find, and for none.
- `linear`: chances differ, finds and others are many. Variance of the sum, of the ratio by linearisation
  (C.-E. Särndal, B. Swensson and J. Wretman, "Model Assisted Survey Sampling", 1992, sections 2.9 and 5.7),
  as for draws with replacement, on the scale of the log-odds.

Nothing here mends a chance that is wrong, an examination that misses what is there, or one that was never
made: the rate is that of finds which this examination would make.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import betaincinv, chdtri, expit, logit

from watchfloor.planning.inspections.draws import SURE, Bools, Floats

TAIL: Final = 0.025
"""Probability on each side of an interval."""
MANY: Final = 50
"""Finds, and others, from which the variance by linearisation is used."""
Z: Final = 1.959963984540054
"""Standard deviations of a normal distribution at `TAIL`."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A rate with its interval.

    Attributes:
        rate: share of the stream that examination would find something in; NaN where nothing is known.
        low, high: ends of the 95 % interval.
        method: `census`, `exact`, `gamma`, `linear`, or `none` where nothing of the rest was examined;
            `partly` where that is so of some streams, which may hold anything.
        finds, examined: how many.
        population: items of the stream; an estimate where it was not given.
    """

    rate: float
    low: float
    high: float
    method: str
    finds: int
    examined: int
    population: float


def rate(results: Bools, propensity: Floats, population: int | None = None) -> Estimate:
    """The rate of a stream.

    Args:
        results: whether each examined item was a find [m].
        propensity: chance with which it was chosen, above 0 [m].
        population: items of the stream; None: not known, estimated by the sum of the weights.

    Raises:
        ValueError: a chance outside (0, 1], or a stream smaller than what was examined of it.
    """
    results, propensity = np.asarray(results, np.bool_), np.asarray(propensity, np.float64)
    if len(results) != len(propensity):
        raise ValueError(f"{len(results)} results and {len(propensity)} chances")
    if not np.all((propensity > 0) & (propensity <= 1)):
        raise ValueError("a chance of being chosen is above 0 and no more than 1")
    if population is not None and population < len(results):
        raise ValueError(f"{len(results)} items were examined of a stream of {population}")
    sure = propensity >= SURE
    certain, found = int(sure.sum()), int(results[sure].sum())
    hits, weight = results[~sure], 1 / propensity[~sure]
    rest = weight.sum() if population is None else float(population - certain)
    total = certain + rest
    share, low, high, method = _rest(hits, weight, float(rest), counted=population is not None)
    if not total:
        return Estimate(np.nan, 0.0, 1.0, "none", 0, 0, 0.0)
    whole, least, most = (
        (found + rest * one) / total if rest else found / total for one in (share, low, high)
    )
    return Estimate(whole, least, most, method, int(results.sum()), len(results), float(total))


def by_stream(
    results: Bools,
    propensity: Floats,
    stream: Sequence[str],
    population: Mapping[str, int] | None = None,
) -> dict[str, Estimate]:
    """The rate of each stream, such as each mode and direction, and of all of them under the name "".

    What was examined of one stream says nothing of another: of all the rate is not known where it is not
    known of some.

    Args:
        results, propensity: as `rate` has them [m].
        stream: name of each item's [m], none of them "".
        population: items of each stream; one of which nothing was examined is in the answer, too.
    """
    names, counts, found = np.array(stream, dtype=object), population or {}, {}
    for name in sorted({*names.tolist(), *counts}):
        mine = names == name
        count = max(counts[name], int(mine.sum())) if name in counts else None
        found[name] = rate(results[mine], propensity[mine], count)
    known = np.isin(names, [name for name, one in found.items() if one.method != "none"])
    seen = sum(one.population for one in found.values() if one.method != "none")
    whole = rate(results[known], propensity[known], round(seen))
    return {"": _with(whole, [one for one in found.values() if one.method == "none"])} | found


def _with(whole: Estimate, unknown: Sequence[Estimate]) -> Estimate:
    """An estimate together with streams whose rate is not known: from their least to their most."""
    if not unknown:
        return whole
    every = [whole, *unknown]
    counts = [one.population for one in every]
    finds, examined = sum(one.finds for one in every), sum(one.examined for one in every)
    if not any(counts):
        return whole
    low, high = (float(np.average(ends, weights=counts)) for ends in zip(*map(_ends, every), strict=True))
    method = "partly" if whole.population else "none"
    return Estimate(np.nan, low, high, method, finds, examined, sum(counts))


def _ends(one: Estimate) -> tuple[float, float]:
    return one.low, one.high


def _rest(hits: Bools, weight: Floats, rest: float, *, counted: bool) -> tuple[float, float, float, str]:
    """Rate, interval and method of what was not certain to be chosen."""
    m, finds = len(hits), int(hits.sum())
    if rest <= 0:
        return 0.0, 0.0, 0.0, "census"
    if not m:
        return np.nan, 0.0, 1.0, "none"
    # A pick or two that were likely are no even draw of the rest, though their chances are equal.
    if np.ptp(weight) <= 1e-9 * weight.max() and weight.sum() >= rest / 2:
        return finds / m, *_exact(finds, m), "exact"
    stands_for = weight / rest
    share = min(float(stands_for[hits].sum()), 1.0)
    if min(finds, m - finds) >= MANY and share < 1:
        apart = stands_for * hits - share / m if counted else stands_for * (hits - share)
        return share, *_linear(apart, share), "linear"
    return share, *_gamma(hits, stands_for), "gamma"


def _exact(finds: int, m: int) -> tuple[float, float]:
    """Of Clopper and Pearson."""
    low = 0.0 if not finds else float(betaincinv(finds, m - finds + 1, TAIL))
    high = 1.0 if finds == m else float(betaincinv(finds + 1, m - finds, 1 - TAIL))
    return low, high


def _gamma(hits: Bools, w: Floats) -> tuple[float, float]:
    """Of Fay and Feuer, for the sum of the weights of the finds as one of Poisson counts.

    The next find may weigh as much as the heaviest of those examined, and as an even draw of as many.
    """
    y, v, top = float(w[hits].sum()), float((w[hits] ** 2).sum()), max(float(w.max()), 1 / len(w))
    low = 0.0 if y == 0 else v / (2 * y) * float(chdtri(2 * y * y / v, 1 - TAIL))
    more, spread = y + top, v + top * top
    high = spread / (2 * more) * float(chdtri(2 * more * more / spread, TAIL))
    return low, min(high, 1.0)


def _linear(apart: Floats, share: float) -> tuple[float, float]:
    """Normal on the scale of the log-odds; `apart` is how far each lies from its mean."""
    m = len(apart)
    variance = m / (m - 1) * float((apart * apart).sum())
    half = Z * np.sqrt(variance) / (share * (1 - share))
    return float(expit(logit(share) - half)), float(expit(logit(share) + half))
