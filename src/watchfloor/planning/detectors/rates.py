"""Rates of finds by area under drift: gamma-Poisson with change-points.

Yesterday's optimum is the wrong goal where routes move, so every area may change at every season: with
the hazard h its rate is drawn anew from what all areas have in common, and else it stays. The posterior over
the seasons since the last change is exact (R. P. Adams and D. J. C. MacKay, "Bayesian online changepoint
detection", arXiv:0710.3742, 2007), with the gamma distribution as conjugate prior of each Poisson rate. The
hazard is not chosen: five values are weighed by how well each foretold the earlier seasons (Bayesian model
averaging; J. A. Hoeting et al., Statistical Science 14, 1999).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp

Floats = npt.NDArray[np.float64]

HAZARDS: Final = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
"""Chances that an area changes from one season to the next."""
SHAPE: Final = 1.0
"""Shape of the gamma prior: exponential, so that a rate of many times the mean is no surprise."""
RUNS: Final = 64
"""Lengths of a run that are kept; the least likely goes first."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Posterior of the rates of the next season: of each area a mixture of gamma distributions.

    Attributes:
        weights: probability of each component [areas, components].
        shapes, exposures: parameters of each [areas, components]; the mean of one is shape / exposure.
        hazard: mean chance of a change from a season to the next.
    """

    weights: Floats
    shapes: Floats
    exposures: Floats
    hazard: float

    @property
    def mean(self) -> Floats:
        """Finds a season that full effort would be expected to have, by area."""
        return np.asarray((self.weights * self.shapes / self.exposures).sum(1))

    @property
    def variance(self) -> Floats:
        """Variance of each rate."""
        second = (self.weights * self.shapes * (self.shapes + 1) / self.exposures**2).sum(1)
        return np.asarray(second - self.mean**2)

    def draws(self, count: int, rng: np.random.Generator) -> Floats:
        """Draw rates of all areas [count, areas]."""
        ends = self.weights.cumsum(1)
        uniform = rng.random((count, len(ends))) * ends[:, -1]
        component = (uniform[:, :, None] > ends).sum(2)
        at = np.arange(len(ends))
        return np.asarray(rng.gamma(self.shapes[at, component]) / self.exposures[at, component])


def rates(found: Floats, exposure: Floats, steps: npt.NDArray[np.int64]) -> Rates:
    """Return the posterior of the rates of the next season.

    Args:
        found: finds by area and season [areas, seasons]; read only where there was exposure.
        exposure: effort behind each, 1 for full effort and 0 where nobody looked [areas, seasons].
        steps: seasons from each to the following one, the last to the one that is planned [seasons].
    """
    areas, seasons = found.shape
    found = np.where(exposure > 0, found, 0.0)
    # What areas have in common is the level of late: each season counts half of the one after it.
    age = steps[::-1].cumsum()[::-1] - 1
    late = np.exp2(-(age - age.min()).astype(float)) if seasons else np.zeros(0)
    level = ((found * late).sum() + 0.5) / ((exposure * late).sum() + 1.0)
    prior = SHAPE / level
    shapes = np.full((areas, 1), SHAPE)
    exposures = np.full((areas, 1), prior)
    logs = np.zeros((len(HAZARDS), areas, 1))
    evidence = np.zeros(len(HAZARDS))
    stay, change = np.log1p(-HAZARDS)[:, None, None], np.log(HAZARDS)[:, None]
    for season in range(seasons):
        x, effort = found[:, season, None], exposure[:, season, None]
        # Negative binomial: a Poisson count of rate · effort under the gamma of each run.
        likelihood = (
            gammaln(x + shapes)
            - gammaln(shapes)
            - gammaln(x + 1)
            + shapes * np.log(exposures / (exposures + effort))
            + np.where(x > 0, x * np.log(np.maximum(effort, 1e-300) / (exposures + effort)), 0.0)
        )
        logs = logs + likelihood
        each = logsumexp(logs, axis=2)
        evidence += each.sum(1)
        logs -= each[:, :, None]
        shapes, exposures = shapes + x, exposures + effort
        for _ in range(int(steps[season])):
            if shapes[0, -1] == SHAPE and np.all(exposures[:, -1] == prior):
                # Two changes in a row leave what one leaves.
                logs[:, :, -1] = np.logaddexp(logs[:, :, -1] + stay[:, :, 0], change)
                logs[:, :, :-1] += stay
                continue
            logs = np.concatenate([logs + stay, np.broadcast_to(change[:, :, None], (*each.shape, 1))], 2)
            shapes = np.concatenate([shapes, np.full((areas, 1), SHAPE)], 1)
            exposures = np.concatenate([exposures, np.full((areas, 1), prior)], 1)
        if logs.shape[2] > RUNS:
            keep = np.sort(np.argsort(logs[:, :, :-1].max((0, 1)))[1 - RUNS :])
            keep = np.append(keep, logs.shape[2] - 1)
            logs, shapes, exposures = logs[:, :, keep], shapes[:, keep], exposures[:, keep]
            logs -= logsumexp(logs, axis=2)[:, :, None]
    models = np.exp(evidence - logsumexp(evidence))
    weights = np.einsum("h,hac->ac", models, np.exp(logs))
    return Rates(weights / weights.sum(1, keepdims=True), shapes, exposures, float(models @ HAZARDS))
