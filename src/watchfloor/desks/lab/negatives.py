"""Worth of a negative: how likely a substance is there although an instrument did not find it.

By Bayes' rule, with sensitivity and specificity as Beta posteriors over published counts (Jeffreys' prior,
half a case each way): presence = p (1 - se) / (p (1 - se) + (1 - p) sp), with the means of both, which is
what is left when they are integrated over. The interval is that of this formula under both posteriors, on a
grid of their quantiles: no chance is drawn, so the same question has the same answer.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

FILE: Final = "negatives.toml"
GRID: Final = 400
"""Quantiles of each posterior; the ends of the interval move by less than 1e-3 where it is doubled."""


class Counts(NamedTuple):
    """Cases that went right, all of them, and on what they rest: counts, derived or judgement."""

    right: float
    of: float
    basis: str
    source: str

    @property
    def rate(self) -> float:
        """Mean of the posterior under Jeffreys' prior."""
        return (self.right + 0.5) / (self.of + 1)


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sensitivity where the substance is between two shares of the sample."""

    low: float
    high: float
    found: int
    of: int
    basis: str


class Curve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Detection curve of a method on some matrices; see the file."""

    method: str
    matrix: tuple[str, ...]
    target: str
    cas: str
    found: int
    of: int
    basis: str
    source: str
    silent: int
    without: int
    silent_basis: str
    silent_source: str
    at: tuple[Part, ...] = ()

    def tells_of(self, about: str) -> bool:
        """Whether the figures are of a thing: a substance's key, or drugs as such."""
        return not self.cas or about == f"substance:cas:{self.cas}"

    def sensitivity(self, share: float | None) -> Counts:
        """At a share of the sample, or over all samples of the source where it is not known."""
        for part in self.at:
            if share is not None and (part.low < share <= part.high or share == part.low == 0):
                return Counts(part.found, part.of, part.basis, self.source)
        return Counts(self.found, self.of, self.basis, self.source)

    @property
    def specificity(self) -> Counts:
        """How often it says nothing where nothing is."""
        return Counts(self.silent, self.without, self.silent_basis, self.silent_source)


class Worth(NamedTuple):
    """Presence after a negative.

    Attributes:
        prior: probability of presence before it.
        presence: after it.
        low, high: ends of the 95 % interval that the rates leave it.
        sensitivity, specificity: what it rests on.
        bits: log2 of how much likelier silence is where the substance is there; the lower, the more it says.
    """

    prior: float
    presence: float
    low: float
    high: float
    sensitivity: Counts
    specificity: Counts
    bits: float

    @property
    def judged(self) -> bool:
        """Whether any part of it is nobody's measurement."""
        return "judgement" in (self.sensitivity.basis, self.specificity.basis)


class UnknownError(ValueError):
    """A method or matrix of which nothing is known; the message says what there is."""


@lru_cache(maxsize=1)
def curves() -> tuple[Curve, ...]:
    """The curves that come with the package."""
    text = (files(__package__) / FILE).read_bytes()
    return msgspec.toml.decode(text, type=dict[str, tuple[Curve, ...]])["curve"]


def curve(method: str, matrix: str | None) -> Curve:
    """The curve of a method on a matrix. Raises `UnknownError`."""
    mine = [one for one in curves() if one.method == method]
    if not mine:
        known = ", ".join(sorted({one.method for one in curves()}))
        raise UnknownError(f"no figures are known of {method!r}; there are some of {known}")
    for one in mine:
        if matrix in one.matrix:
            return one
    known = ", ".join(sorted({each for one in mine for each in one.matrix}))
    raise UnknownError(
        f"no figures are known of {method} on {matrix or 'an unstated matrix'}; there are of {known}"
    )


def worth(of: Curve, prior: float, share: float | None = None) -> Worth:
    """Compute the probability of presence after a negative.

    Args:
        of: the method's curve on what was sampled.
        prior: probability of presence before, between 0 and 1 and neither.
        share: of the substance in the sample by weight, 0 to 1, where it is known or feared.

    Raises:
        ValueError: prior or share are no such numbers.
    """
    if not 0 < prior < 1:
        raise ValueError(f"a prior lies between 0 and 1, and is neither: {prior}")
    if share is not None and not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1: {share}")
    finds, silent = of.sensitivity(share), of.specificity
    missed = prior * (1 - _quantiles(finds))[:, None]
    passed = (1 - prior) * _quantiles(silent)[None, :]
    low, high = np.quantile(missed / (missed + passed), (0.025, 0.975))
    likelier = (1 - finds.rate) / silent.rate
    presence = prior * likelier / (prior * likelier + 1 - prior)
    return Worth(prior, presence, float(low), float(high), finds, silent, float(np.log2(likelier)))


@lru_cache(maxsize=4096)
def bits(method: str, matrix: str | None, about: str) -> float | None:
    """Bits of a negative about a thing at an unknown share; None where nothing is known of it."""
    try:
        one = curve(method, matrix)
    except UnknownError:
        return None
    if not one.tells_of(about):
        return None
    return float(np.log2((1 - one.sensitivity(None).rate) / one.specificity.rate))


def missed(method: str, matrix: str | None) -> int:
    """Of a hundred samples that hold what is sought, how many a method misses at an unknown share."""
    return round(100 * (1 - curve(method, matrix).sensitivity(None).rate))


def interval(of: Counts) -> tuple[float, float]:
    """The 95 % interval of a rate, of the same posterior."""
    from scipy.stats import beta

    low, high = beta.ppf((0.025, 0.975), of.right + 0.5, of.of - of.right + 0.5)
    return float(low), float(high)


def _quantiles(of: Counts) -> NDArray[np.float64]:
    """As many equally likely values of the posterior Beta(right + 1/2, wrong + 1/2)."""
    from scipy.stats import beta

    at = (np.arange(GRID) + 0.5) / GRID
    values: NDArray[np.float64] = beta.ppf(at, of.right + 0.5, of.of - of.right + 0.5)
    return values


def problems(all_curves: Iterable[Curve]) -> Sequence[str]:
    """Return the faults of a table of curves, for its test: counts that exceed, parts that leave gaps."""
    found: list[str] = []
    for one in all_curves:
        pairs: list[tuple[Any, Any]] = [(one.found, one.of), (one.silent, one.without)]
        pairs += [(part.found, part.of) for part in one.at]
        found += [f"{one.method}: {right} of {of}" for right, of in pairs if not 0 <= right <= of]
        ends = [0.0, *(part.high for part in one.at)]
        if one.at and ([part.low for part in one.at] != ends[:-1] or ends[-1] != 1):
            found.append(f"{one.method}: its parts leave a gap")
    return found
