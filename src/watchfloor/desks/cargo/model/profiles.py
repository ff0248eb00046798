"""How inputs were distributed when a model was fitted, and how far others lie from that.

The population stability index (D. Wu and D. Olson, Journal of the Operational Research Society 61, 2010): the
sum over bins of the difference of shares times the logarithm of their quotient. It is 0 where both are the
same; by the usage of credit scoring up to 0.1 is steady and from 0.25 on drifted (N. Siddiqi, Credit Risk
Scorecards, 2006). Small samples lie apart by chance alone: from each index what chance explains is told too,
by the chi-squared distribution that it has then (B. Yurdakul, Western Michigan University, 2018).
"""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.cargo.model.fitted import Profile
from watchfloor.desks.cargo.model.inputs import Floats, ModelInputs

WORDS: Final = 20
"""Commonest words of an input that are told apart."""
PARTS: Final = 10
"""Parts, as large as one another, that numbers are cut into."""
CERTAIN: Final = 0.999


def build(seen: ModelInputs) -> dict[str, Profile]:
    """Profiles of all inputs that vary."""
    made = {name: _of_words(word) for name, word in seen.words.items()}
    made |= {name: _of_numbers(values) for name, values in seen.numbers.items()}
    return {name: one for name, one in made.items() if max(one.share) < 1}


def _of_words(word: pa.DictionaryArray) -> Profile:
    counts = np.bincount(word.indices.to_numpy(), minlength=len(word.dictionary))
    common = np.argsort(-counts, kind="stable")[:WORDS]
    bins = tuple(word.dictionary.take(pa.array(common)).to_pylist())
    share = counts[common] / max(len(word), 1)
    return Profile(bins, (), (*map(float, share), max(0.0, float(1 - share.sum()))))


def _of_numbers(values: Floats) -> Profile:
    known = values[np.isfinite(values)]
    ends = np.unique(np.quantile(known, np.arange(1, PARTS) / PARTS)) if len(known) else np.array([])
    return Profile(None, tuple(map(float, ends)), tuple(map(float, _number_shares(values, ends))))


def _number_shares(values: Floats, ends: Floats) -> Floats:
    codes = np.where(np.isfinite(values), np.searchsorted(ends, values, side="right"), len(ends) + 1)
    return np.bincount(codes, minlength=len(ends) + 2) / max(len(values), 1)


def shares(profile: Profile, name: str, seen: ModelInputs) -> Floats:
    """Shares of today's declarations in the bins of a profile."""
    if profile.words is None:
        return _number_shares(seen.numbers[name], np.array(profile.ends, np.float64))
    many = len(profile.words)
    if name not in seen.words:
        return np.append(np.zeros(many), 1.0)
    word = seen.words[name]
    place = pc.fill_null(pc.index_in(word.dictionary, pa.array(profile.words, pa.string())), many)
    codes = place.to_numpy()[word.indices.to_numpy()]
    return np.bincount(codes, minlength=many + 1) / max(len(codes), 1)


def apart(then: Floats, now: Floats, many: int, today: int) -> tuple[float, float]:
    """The index, and what of it chance explains in all but one of a thousand cases.

    Args:
        then: shares at the fit.
        now: shares today.
        many: declarations of the fit.
        today: declarations today.
    """
    from scipy.stats import chi2

    least = 0.5 / max(today, 1)
    first, second = np.maximum(then, least), np.maximum(now, least)
    index = float(((second - first) * np.log(second / first)).sum())
    used = int(((then > 0) | (now > 0)).sum())
    chance = float(chi2.ppf(CERTAIN, max(used - 1, 1))) * (1 / max(many, 1) + 1 / max(today, 1))
    return index, chance
