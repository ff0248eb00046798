"""Words of estimative probability, as ICD 203 (Analytic Standards, section D.6.e.2.a) sets them."""

from math import log2
from typing import Final

from watchfloor.core.messages import Language

WORDS: Final = (
    (0.05, "almost no chance", "chance presque nulle"),
    (0.20, "very unlikely", "très improbable"),
    (0.45, "unlikely", "improbable"),
    (0.55, "roughly even chance", "chances à peu près égales"),
    (0.80, "likely", "probable"),
    (0.95, "very likely", "très probable"),
    (1.00, "almost certain", "presque certain"),
)
"""Upper bound of each band, its word in English and in French."""


def word(probability: float, language: Language = "en") -> str:
    """The word for a probability. Raises `ValueError` outside 0 to 1."""
    for bound, english, french in WORDS:
        if 0 <= probability <= bound:
            return english if language == "en" else french
    raise ValueError(f"{probability} is no probability")


def words(low: float, high: float, language: Language = "en") -> str:
    """The word for an interval; where its ends have two, both: "unlikely to very likely"."""
    one, other = word(low, language), word(high, language)
    return one if one == other else f"{one} {'to' if language == 'en' else 'à'} {other}"


def bands(low: float, high: float) -> int:
    """How many bands of words an interval touches."""
    return sum(low <= bound for bound, _, _ in WORDS) - sum(high <= bound for bound, _, _ in WORDS) + 1


SUREST: Final = 0.99
"""The words go from 1 to 99 %; no figure is shown as surer than that."""


def percent(chance: float) -> str:
    """A probability as a whole percentage, from <1% to >99%."""
    if chance > SUREST:
        return ">99%"
    return "<1%" if chance < 1 - SUREST else f"{chance:.0%}"


def probability(bits: float) -> float:
    """The probability whose log2-odds are `bits`."""
    return 1 / (1 + 2 ** min(-bits, 1000.0))


def log_odds(chance: float) -> float:
    """The log2-odds of a probability strictly between 0 and 1."""
    return log2(chance / (1 - chance))
