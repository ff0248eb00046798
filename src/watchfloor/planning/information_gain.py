"""Expected worth of a look in bits: how far it lowers the uncertainty about a track.

Two things are not known of a track: whether it is there at all, and whether it will cross the line. The worth
of a look is the expected fall of the entropy of both (information gain, as in C. Kreucher, K. Kastella and
A. Hero, "Sensor management using an active sensing approach", Signal Processing 85, 2005): the look may also
find nothing, which says something too. Everything is columnar: one row a pair of sensor and track.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Floats = npt.NDArray[np.float64]

NODES: Final = np.linspace(-6, 6, 97)
"""Standard deviations at which a mean over a normal distribution is taken: the trapezoid rule, an eighth
apart, is exact to 1e-12 for what is as smooth as the distribution itself."""
_SHARES: Final = np.exp(-(NODES**2) / 2) / np.exp(-(NODES**2) / 2).sum()


@dataclass(frozen=True, slots=True)
class Looks:
    """Looks that could be taken; every attribute has one value a look, or one for all.

    Attributes:
        exists: probability that the track is of something.
        inside: probability that it is where the sensor will look, when it looks.
        detects: probability that the sensor detects something that is there.
        alarms: probability that it reports something where nothing is.
        margin: metres beyond the line at which the track is expected at the horizon; negative before it.
        spread: standard deviation of that margin, metres.
        sharpened: standard deviation that would be left of it after a detection, metres.
    """

    exists: Floats
    inside: Floats
    detects: Floats
    alarms: Floats
    margin: Floats
    spread: Floats
    sharpened: Floats


def entropy(probability: npt.ArrayLike) -> Floats:
    """Of a yes or no, in bits: 1 at one half, 0 where it is certain."""
    p = np.clip(np.asarray(probability, np.float64), 1e-300, 1)
    q = np.clip(1 - np.asarray(probability, np.float64), 1e-300, 1)
    return np.asarray(-(p * np.log2(p) + q * np.log2(q)))


def crosses(margin: npt.ArrayLike, spread: npt.ArrayLike) -> Floats:
    """Probability of being beyond the line, of a normal distribution of the margin, in metres."""
    return np.asarray(ndtr(np.asarray(margin) / np.maximum(spread, 1e-9)))


def worth(looks: Looks) -> Floats:
    """Bits that each look is expected to bring: of existence, and of crossing where it exists."""
    return of_existence(looks) + of_crossing(looks)


def of_existence(looks: Looks) -> Floats:
    """Bits about whether something is there. Never negative: a look cannot be expected to confuse."""
    seen = looks.inside * looks.detects
    hit = looks.exists * (seen + (1 - seen) * looks.alarms) + (1 - looks.exists) * looks.alarms
    given_hit = looks.exists * (seen + (1 - seen) * looks.alarms) / np.maximum(hit, 1e-300)
    given_miss = looks.exists * (1 - seen) * (1 - looks.alarms) / np.maximum(1 - hit, 1e-300)
    left = hit * entropy(given_hit) + (1 - hit) * entropy(given_miss)
    return np.asarray(np.maximum(entropy(looks.exists) - left, 0))


def of_crossing(looks: Looks) -> Floats:
    """Bits about whether it crosses, times the chance that it is there and is detected."""
    before = entropy(crosses(looks.margin, looks.spread))
    after = _left(looks.margin, looks.spread, np.minimum(looks.sharpened, looks.spread))
    chance = looks.exists * looks.inside * looks.detects
    return np.asarray(chance * np.maximum(before - after, 0))


def _left(margin: Floats, spread: Floats, sharp: Floats) -> Floats:
    """Mean entropy of crossing that is left when the margin is told up to `sharp` metres.

    The margin that is told is normal with what `sharp` leaves of `spread`. The mean is summed over the
    narrower of two bells, the told margin or the entropy around the line: no peak falls between two nodes.
    """
    told = np.sqrt(np.maximum(spread**2 - sharp**2, 1e-12))
    over_told = (
        entropy(crosses(margin[..., None] + NODES * told[..., None], sharp[..., None])) * _SHARES
    ).sum(-1)
    places = (NODES * sharp[..., None] - margin[..., None]) / told[..., None]
    density = np.exp(-(places**2) / 2) / (told[..., None] * np.sqrt(2 * np.pi))
    over_line = (entropy(ndtr(NODES)) * density).sum(-1) * (NODES[1] - NODES[0]) * sharp
    return np.asarray(np.where(told > sharp, over_line, over_told))


def within(distance: npt.ArrayLike, spread: npt.ArrayLike, half_width: npt.ArrayLike) -> Floats:
    """Probability that a track lies within a look `half_width` metres to each side of where it points.

    The track is normal to both sides with `spread` metres; the look points `distance` metres beside its mean.
    """
    s = np.maximum(np.asarray(spread, np.float64), 1e-9)
    d, w = np.asarray(distance, np.float64), np.asarray(half_width, np.float64)
    return np.asarray(ndtr((w - d) / s) - ndtr((-w - d) / s))
