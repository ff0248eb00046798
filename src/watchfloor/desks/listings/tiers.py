"""From a name's fit and the evidence beside it to a score, its parts, and what to do about it.

A score is a sum of parts in steps of 1/1,000, so that the parts add up exactly. Its tier follows from the
score by one threshold a script. The thresholds were set on development names, see docs/listings.md: 0.2 to
0.35 % of unrelated names reach `match`, and 0.8 % of Slavic ones in Cyrillic letters, which have the
threshold of Latin: one name is one piece of evidence in either alphabet. None is above what a weak alias with
the same birth date scores.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from watchfloor.desks.listings.evidence import Birth

MATCH: Final = {
    "Latin": 0.77,
    "Arabic": 0.77,
    "Cyrillic": 0.77,
    "Han": 0.875,
    "Kana": 0.875,
    "Hangul": 0.83,
    "Other": 0.875,
}
"""Score from which a hit is acted on, by the script of the query."""

ORDER: Final = ("none", "corroborate", "match")
WHOLE: Final = 0.999
"""Fit from which no word is left over on either side, and each is the one that is listed."""

WORD_FOR_WORD: Final = 0.97
"""Score from which a name is the listed one, word for word, and its words are not common ones."""

CORROBORATE: Final = 0.55
"""Score from which a hit is worth a second fact."""

FLOOR: Final = 0.45
"""Score below which nothing is reported."""

WEAK: Final = -0.3
"""For a name that others bear too: weak aliases, acronyms, words of everyday speech."""

COMMON: Final = {"person": -0.45, "other": -0.3}
"""For words that single nobody out: the whole of it when they tell nothing, none of it from `SINGLE` on."""

SINGLE: Final = 1.85
"""What the paired words tell when they single somebody out: nearly two words that one listed name bears."""

EXACT: Final = 0.5
"""Share of `COMMON` that is left where every word is the same on both sides."""

OTHER_KIND: Final = -0.1
"""For a person asked and a body listed, or the reverse."""

_BIRTH_GAIN: Final = {Birth.SAME: 0.75, Birth.YEAR: 0.3, Birth.NEAR: 0.04, Birth.OPEN: 0.0}
"""Share of what a score lacks that a birth date makes up, in proportion to its bits in
`cell/weighing/weights.toml`: a stranger has the same day in 1 of 20,000 cases, the same year in 1 of 60, and
a close date in 1 of 20, hardly less often than the same person."""
_BIRTH_LOSS: Final = -0.25
_BIRTH_FROM, _BIRTH_FULL = (
    0.5,
    0.75,
)  # one adult in 60 shares a year: it says nothing where the names do not fit


BIRTHS: Final = {birth: number for number, birth in enumerate(Birth)}
"""The number of each comparison of birth dates."""
_GAINS: Final = np.array([_BIRTH_GAIN.get(birth, 0.0) for birth in BIRTHS])


class Parts(NamedTuple):
    """Scores in thousandths, by what contributed; whole numbers or arrays of them."""

    name: Any
    weak: Any
    common: Any
    kind: Any
    birth: Any

    @property
    def total(self) -> Any:
        """The scores in thousandths, 0 to 1,000."""
        return sum(self)


def weigh(
    fit: Any, worth: Any, *, person: Any, weak: Any, other_kind: Any, birth: Any, latin: bool = True
) -> Parts:
    """Parts of scores; every argument but `latin` a number or an array.

    Args:
        fit: how well the names fit, 0 to 1.
        worth: what the paired words tell; 1 is one word that a single listed name bears.
        person: whether the listed entity is one.
        weak: whether the alias needs a second fact.
        other_kind: whether one is a person and the other is not.
        birth: how the birth dates compare, by `BIRTHS`.
        latin: whether the query is written in Latin letters; what was transliterated is never exact.
    """
    common = np.where(person, COMMON["person"], COMMON["other"]) * np.maximum(0.0, 1 - worth / SINGLE)
    if latin:
        common = np.where(fit > WHOLE, common * EXACT, common)
    name = left = _thousandths(fit)
    less = []
    for part in (WEAK * weak, common, OTHER_KIND * other_kind):
        less.append(-np.minimum(left, _thousandths(-part)))
        left = left + less[-1]
    heard = np.clip((fit - _BIRTH_FROM) / (_BIRTH_FULL - _BIRTH_FROM), 0.0, 1.0)
    gain = np.rint((1000 - left) * _GAINS[birth] * heard).astype(np.int64)
    lost = -np.minimum(left, _thousandths(-_BIRTH_LOSS))
    weak_part, common_part, kind_part = less
    return Parts(name, weak_part, common_part, kind_part, np.where(birth == BIRTHS[Birth.OTHER], lost, gain))


def _thousandths(part: Any) -> Any:
    return np.rint(1000 * np.asarray(part)).astype(np.int64)


def tier(score: float, script: str) -> str:
    """`match`, `corroborate` or `none` for a score of a query in this script."""
    if score >= MATCH[script]:
        return "match"
    return "corroborate" if score >= CORROBORATE else "none"
