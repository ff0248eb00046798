"""Answers of a model: scores, contributions, past cases, what would clear, drift."""

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.messages import Reason

Floats = npt.NDArray[np.float64]


class Scores(NamedTuple):
    """Scores of declarations, one a row.

    Attributes:
        chance: that an examination finds something, 0 to 1, calibrated.
        spread: standard deviation of its log-odds, natural logarithm.
    """

    chance: Floats
    spread: Floats


class Part(NamedTuple):
    """The contribution of one input in bits, log2 odds. With the prior they sum to the chance's."""

    name: str
    bits: float
    why: Reason


class Past(NamedTuple):
    """An examined declaration that the trees hold for alike, from 0 to 1."""

    document: str | None
    day: date
    result: str
    alike: float


class Clears(NamedTuple):
    """A value of one input under which the chance would have been `chance`, below what was asked."""

    name: str
    chance: float
    why: Reason


class Explained(NamedTuple):
    """Why a declaration has its chance. `parts` are the largest first, `past` the nearest first."""

    chance: float
    prior_bits: float
    parts: tuple[Part, ...]
    past: tuple[Past, ...]
    clears: tuple[Clears, ...]


class Drift(NamedTuple):
    """How far today's values of an input lie from the fit's.

    Attributes:
        name: of the input.
        apart: population stability index, in natural units; 0 where both are the same.
        level: what of it is told: `steady`, `moved` or `drifted`.
        why: in words.
    """

    name: str
    apart: float
    level: str
    why: Reason
