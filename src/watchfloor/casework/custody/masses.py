"""Masses with their standard uncertainty, as sums of what was measured.

A mass keeps what each measurement adds to its uncertainty. Where one measurement stands in two masses, as
that of a sample in what was taken and in what is left, it cancels out when the two are added again.
Independent measurements add in quadrature (JCGM 100:2008, 5.1.2). An error that all weighings on one balance
share adds as it is (5.2.2): `bound` is what a sum is uncertain by if all of it were shared, the most that any
correlation can make of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import fsum, hypot, inf
from typing import Final

from watchfloor.messages import Language, number

COVERAGE: Final = 2.0
"""Standard uncertainties of an expanded one: about 95 % where errors are normal (JCGM 100:2008, 6.3.3)."""


@dataclass(frozen=True, slots=True)
class Mass:
    """A mass in grams.

    Attributes:
        grams: its value.
        parts: what each measurement adds to its error, signed, in grams; by the measurement's name.
    """

    grams: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def error(self) -> float:
        """Its standard uncertainty in grams."""
        return hypot(*self.parts.values())

    @property
    def bound(self) -> float:
        """Its standard uncertainty, in grams, if all its measurements erred as one; never below `error`."""
        return fsum(map(abs, self.parts.values()))

    @property
    def sigmas(self) -> float:
        """How many standard uncertainties it is away from nothing, signed; infinite where it has none."""
        if self.error:
            return self.grams / self.error
        return 0.0 if not self.grams else inf if self.grams > 0 else -inf

    def __add__(self, other: "Mass") -> "Mass":
        return self._with(other, 1.0)

    def __sub__(self, other: "Mass") -> "Mass":
        return self._with(other, -1.0)

    def _with(self, other: "Mass", sign: float) -> "Mass":
        names = dict.fromkeys((*self.parts, *other.parts))
        sums = {name: self.parts.get(name, 0.0) + sign * other.parts.get(name, 0.0) for name in names}
        return Mass(self.grams + sign * other.grams, {name: each for name, each in sums.items() if each})


NOTHING: Final = Mass()


def measured(name: str, grams: float, error: float) -> Mass:
    """Return the mass of one measurement and its standard uncertainty, both in grams."""
    return Mass(grams, {name: error} if error else {})


def total(masses: "tuple[Mass, ...] | list[Mass]") -> Mass:
    """The sum; nothing where there is none."""
    return sum(masses, NOTHING)


def written(mass: Mass | None, language: Language = "en") -> str:
    """A mass with its expanded uncertainty, k = 2: `12.340 g ± 0.020 g`."""
    if mass is None:
        return "not weighed" if language == "en" else "non pesé"
    if not mass.grams and not mass.parts:  # nothing, and nothing was measured
        return "0 g"
    error = COVERAGE * mass.error
    places = decimals(error)
    grams, wide = (number(_rounded(one, places), language, grouped=False) for one in (mass.grams, error))
    return f"{grams} g ± {wide} g"


def typed(grams: float, language: Language = "en") -> str:
    """A number of grams as it was typed: no digit lost, none added."""
    return number(format(Decimal(repr(grams)), "f").removesuffix(".0"), language, grouped=False)


def decimals(error: float) -> int:
    """Decimals that show two digits of an uncertainty (JCGM 100:2008, 7.2.6).

    9 at most, 3 where there is no uncertainty, below 0 where those digits stand before the point.
    """
    if error <= 0:
        return 3
    first = int(f"{error:.1e}".partition("e")[2])  # of the error as it will be rounded: 0.0996 is 0.10
    return min(9, 1 - first)


def _rounded(grams: float, places: int) -> str:
    value = round(grams, places) + 0.0  # and never -0
    return f"{value:.{max(0, places)}f}"
