"""From a name's fit and the evidence beside it to a score, its parts, and what to do about it.

A score is a sum of parts in steps of 1/1,000, so that the parts add up exactly. Its tier follows from the
score by one threshold a script. The thresholds were set on development names, see docs/listings.md: 0.2 to
0.35 % of unrelated names reach `match`, and 0.8 % of Slavic ones in Cyrillic letters, which have the
threshold of Latin: one name is one piece of evidence in either alphabet. None is above what a weak alias with
the same birth date scores.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.listings.evidence import Birth

Array = npt.NDArray[Any]

FEW: Final = 1 << 15
"""Numbers in a call that is made without numba."""

PERSON: Final = 0
"""The number of the schema Person."""

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
_OPEN_BIRTH, _OTHER_BIRTH = BIRTHS[Birth.OPEN], BIRTHS[Birth.OTHER]
_COMMON_PERSON, _COMMON_OTHER = COMMON["person"], COMMON["other"]
_LEAST: Final = FLOOR * 1000
_GAINS: Final = np.array([_BIRTH_GAIN.get(birth, 0.0) for birth in BIRTHS])


class Parts(NamedTuple):
    """A score in thousandths, by what contributed."""

    name: int
    weak: int
    common: int
    kind: int
    birth: int

    @property
    def total(self) -> int:
        """The score in thousandths, 0 to 1,000."""
        return sum(self)


class NameFacts(NamedTuple):
    """Facts on the listed names that a score rests on."""

    owner: Array  # of each name, its entity
    weak: Array  # of each name, whether it needs a second fact
    schema: Array  # of each entity; a person's is `PERSON`


@kernel
def weigh(
    fit: float, worth: float, person: bool, weak: bool, other_kind: bool, birth: int, latin: bool
) -> Any:
    """The parts of a score in thousandths, as the fields of `Parts`.

    Args:
        fit: how well the names fit, 0 to 1.
        worth: what the paired words tell; 1 is one word that a single listed name bears.
        person: whether the listed entity is one.
        weak: whether the alias needs a second fact.
        other_kind: whether one is a person and the other is not.
        birth: how the birth dates compare, by `BIRTHS`.
        latin: whether the query is written in Latin letters; what was transliterated is never exact.
    """
    lost = (_COMMON_PERSON if person else _COMMON_OTHER) * max(0.0, 1 - worth / SINGLE)
    if latin and fit > WHOLE:
        lost = lost * EXACT
    name = left = _thousandths(fit)
    weak_part = -min(left, _thousandths(-WEAK)) if weak else 0
    left += weak_part
    common_part = -min(left, _thousandths(-lost))
    left += common_part
    kind_part = -min(left, _thousandths(-OTHER_KIND)) if other_kind else 0
    left += kind_part
    heard = min(max((fit - _BIRTH_FROM) / (_BIRTH_FULL - _BIRTH_FROM), 0.0), 1.0)
    if birth == _OTHER_BIRTH:
        birth_part = -min(left, _thousandths(-_BIRTH_LOSS))
    else:
        birth_part = np.int64(np.rint((1000 - left) * _GAINS[birth] * heard))
    return name, weak_part, common_part, kind_part, birth_part


@kernel(few=FEW)
def judge(
    names: Array, fit: Array, worth: Array, facts: NameFacts, other_kinds: Array, births: Array, latin: bool
) -> Any:
    """Score names that fit: places of those that reach `FLOOR`, their parts, and how many fit at all.

    Args:
        names, fit, worth: as the fields of `score.Fits`.
        facts: of the listed names.
        other_kinds: of each schema, whether it is of another kind than the one asked for.
        births: of each name, how the birth dates compare, by `BIRTHS`; empty where none was asked.
        latin: as in `weigh`.

    Returns:
        Places (n,) of `names`, parts (n, 5) int64 as the fields of `Parts`, and the number that fit.
    """
    places = np.zeros(len(names), np.int64)
    parts = np.zeros((len(names), 5), np.int64)
    kept = enough = 0
    for k in range(len(names)):
        fits = np.float64(fit[k])
        if fits < FLOOR:
            continue
        enough += 1
        name = names[k]
        schema = facts.schema[facts.owner[name]]
        birth = births[k] if len(births) else _OPEN_BIRTH
        found = weigh(
            fits, np.float64(worth[k]), schema == PERSON, facts.weak[name], other_kinds[schema], birth, latin
        )
        if sum(found) >= _LEAST:
            places[kept] = k
            for part in range(5):
                parts[kept, part] = found[part]
            kept += 1
    return places[:kept], parts[:kept], enough


@kernel(forceinline=True)
def _thousandths(part: float) -> Any:
    return np.int64(np.rint(1000 * part))


def tier(score: float, script: str) -> str:
    """`match`, `corroborate` or `none` for a score of a query in this script."""
    if score >= MATCH[script]:
        return "match"
    return "corroborate" if score >= CORROBORATE else "none"
