"""A fitted model as its file holds it."""

from functools import cached_property
from hashlib import sha256
from math import log
from typing import Final

import msgspec

from watchfloor.desks.boosted_trees import TreesError
from watchfloor.desks.cargo.model.core import Core

VERSION: Final = 2
CAP: Final = 1.0
"""Bits by which all that is of a country may move the odds of a declaration, at most, either way."""
LN2: Final = log(2)


class FitError(ValueError):
    """Declarations and inspections that no model can be fitted on; the message says why and what would do."""


class Line(msgspec.Struct, frozen=True):
    """Calibrated log-odds of raw ones: `start + slope * raw` (J. Platt, 1999).

    Attributes:
        start: where raw log-odds are nought.
        slope: more than nought, so that the order is kept.
        judged: declarations that it was found on, and in how many of them something was found.
        later: whether they were examined after all that the trial learned from; else they are other goods.
        brier: mean squared error of the chances on them, and that of saying their mean.
        logloss: mean of minus the logarithm of the chance of what came, and that of saying their mean.
        reliability: for fifths of them by chance, the mean chance and the share of findings.
    """

    start: float
    slope: float
    judged: tuple[int, int]
    later: bool
    brier: tuple[float, float]
    logloss: tuple[float, float]
    reliability: tuple[tuple[float, float], ...]


class Profile(msgspec.Struct, frozen=True):
    """How an input was distributed when the model was fitted, for `drift`.

    Attributes:
        words: that are told apart; None for a number.
        ends: of the parts of a number.
        share: of each word or part; the last is all others, or what is not known.
    """

    words: tuple[str, ...] | None
    ends: tuple[float, ...]
    share: tuple[float, ...]


class Case(msgspec.Struct, frozen=True):
    """An examined declaration that explanations may point to."""

    document: str | None
    day: str
    found: bool


class Model(msgspec.Struct, frozen=True, dict=True):
    """A fitted model. What is in it is for this package alone; others keep its bytes and its digest.

    Attributes:
        version: of the file.
        until: the latest act that was learned from, µs since 1970.
        examined: declarations that were learned from, and in how many of them something was found.
        contradictory: items whose acts said different things; the later act stands.
        unknown: items examined that no declaration is about.
        origin: whether routes are an input.
        currency: that values are read in.
        core: what was learned.
        line: what its log-odds are worth.
        profiles: of the inputs, for drift.
        declared: declarations that the profiles are of.
        cases: past cases that explanations point to.
        leaves: the leaf of each tree that each case falls into: little-endian 32-bit numbers, a row a case.
    """

    version: int
    until: int
    examined: tuple[int, int]
    contradictory: int
    unknown: int
    origin: bool
    currency: str
    core: Core
    line: Line
    profiles: dict[str, Profile]
    declared: int
    cases: tuple[Case, ...]
    leaves: bytes

    def stored(self) -> bytes:
        """The bytes of its file."""
        return msgspec.json.encode(self)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its file."""
        return sha256(self.stored()).hexdigest()

    @property
    def cap(self) -> float:
        """By how much raw log-odds may be moved by what is of a country."""
        return CAP * LN2 / self.line.slope


def load(data: bytes) -> Model:
    """A model from the bytes of its file. Raises `FitError` where they are none."""
    try:
        version = msgspec.json.decode(data, type=_Versioned).version
        if version != VERSION:
            raise FitError(f"the model is of version {version}, and this reads {VERSION}: fit it anew")
        model = msgspec.json.decode(data, type=Model)
        model.core.trees  # noqa: B018 - malformed trees are refused here, not at the first declaration
    except (msgspec.DecodeError, msgspec.ValidationError, TreesError) as error:
        raise FitError(f"this is no model of declarations: {error}") from error
    return model


class _Versioned(msgspec.Struct):
    version: int
