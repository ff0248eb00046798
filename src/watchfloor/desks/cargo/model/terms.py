"""Terms: words and pairs of words that occur in a fit, numbered, with what was learned of each.

A word or pair that occurred in fewer than `FEWEST` sorts of goods is not told from those never seen.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.cargo.model.inputs import (
    COUNTRIES,
    CUT,
    PAIRS,
    ROUTES,
    Codes,
    Floats,
    ModelInputs,
    numbers_of,
)

FEWEST: Final = 3
DENSE: Final = 1 << 21
"""Entries of the longest table that places are looked up in; longer ones are searched."""


class Vocabulary(msgspec.Struct, frozen=True):
    """Words of one sort, in the order of their numbers; any other has the number after the last."""

    words: tuple[str, ...]


class Cut(msgspec.Struct, frozen=True):
    """Where a number is cut to be a word; one that is not known has the number after the last."""

    edges: tuple[float, ...]


class Term(msgspec.Struct, frozen=True):
    """A word, or a pair of words: which of them are told apart, and what was learned.

    Attributes:
        of: names of its one or two words.
        keys: of pairs that are told apart, rising: number of the first, times words of the second, plus
            number of the second; of one word its numbers.
        effect: what each adds to the log-odds; an unknown one nothing.
        variance: of each effect, by its posterior; the last is that of an unknown one.
        rate: share of findings with each, drawn to the mean; the last is the mean.
        country: whether it is of a country, and bounded.
    """

    of: tuple[str, ...]
    keys: bytes
    effect: bytes
    variance: bytes
    rate: bytes
    country: bool

    @property
    def name(self) -> str:
        """Both words, or the one."""
        return " & ".join(self.of)


def cuts(seen: ModelInputs) -> dict[str, Cut]:
    """Where numbers are cut: quantiles of what is known."""
    made = {}
    for name, parts in CUT.items():
        known = seen.numbers[name][np.isfinite(seen.numbers[name])]
        for many in parts:
            edges = np.unique(np.quantile(known, np.arange(1, many) / many)) if len(known) else known
            made[f"{name}/{many}"] = Cut(tuple(map(float, edges)))
    return made


def vocabularies(seen: ModelInputs, group: Codes) -> dict[str, Vocabulary]:
    """The words that occur in enough sorts of goods."""
    made = {}
    for name, word in seen.words.items():
        texts = word.dictionary.to_pylist()
        often = _occurring(np.asarray(word.indices.to_numpy(), np.int64), group, len(texts))
        made[name] = Vocabulary(
            tuple(sorted(text for text, there in zip(texts, often, strict=True) if there))
        )
    return made


def _occurring(codes: Codes, group: Codes, size: int) -> npt.NDArray[np.bool_]:
    groups = int(group.max(initial=0)) + 1
    both = pc.unique(pa.array(codes * groups + group)).to_numpy()
    return np.bincount(both // groups, minlength=size) >= FEWEST


def numbered(
    seen: ModelInputs, words: Mapping[str, Vocabulary], edges: Mapping[str, Cut]
) -> dict[str, tuple[Codes, int]]:
    """The number of each declaration's word of each sort, and how many numbers there are."""
    made = {}
    rows = len(next(iter(seen.numbers.values())))
    for name, vocabulary in words.items():
        many = len(vocabulary.words)
        if name in seen.words:
            place = pc.index_in(seen.words[name].dictionary, pa.array(vocabulary.words, pa.string()))
            codes = pc.fill_null(place, many).to_numpy().astype(np.int64)
            made[name] = codes[seen.words[name].indices.to_numpy()], many + 1
        else:
            made[name] = np.full(rows, many, np.int64), many + 1
    for name, cut in edges.items():
        values = seen.numbers[name.partition("/")[0]]
        codes = np.searchsorted(np.array(cut.edges), values, side="right")
        made[name] = np.where(np.isfinite(values), codes, len(cut.edges) + 1), len(cut.edges) + 2
    return made


def planned(words: Mapping[str, tuple[Codes, int]], routes: bool) -> list[tuple[tuple[str, ...], bool]]:
    """Which terms a fit has, and which of them are of a country."""
    singles = [((name,), name in (*COUNTRIES, "apart")) for name in words]
    pairs = [(pair, False) for pair in PAIRS] + [(pair, True) for pair in ROUTES if routes]
    return singles + [(pair, country) for pair, country in pairs if all(one in words for one in pair)]


def combined(of: tuple[str, ...], words: Mapping[str, tuple[Codes, int]]) -> Codes:
    """The key of each declaration's word, or pair."""
    first, _ = words[of[0]]
    if len(of) == 1:
        return first
    second, many = words[of[1]]
    return first * many + second


def told_apart(keys: Codes, group: Codes) -> Codes:
    """Keys that occur in enough sorts of goods, rising."""
    found, place = numbers_of(keys)
    return np.sort(found[_occurring(place, group, len(found))])


def places(keys: Codes, known: Codes) -> Codes:
    """Where each key stands among the known; after the last where it does not."""
    if not len(known):
        return np.zeros(len(keys), np.int64)
    place = np.searchsorted(known, keys)
    there = known[np.minimum(place, len(known) - 1)] == keys
    return np.where(there, place, len(known))


def dense(known: Codes) -> npt.NDArray[np.int32] | None:
    """The same as a table by key, for keys up to that table's last; None where it would be too long."""
    size = int(known[-1]) + 2 if len(known) else 1
    if size > DENSE:
        return None
    table = np.full(size, len(known), np.int32)
    table[known] = np.arange(len(known), dtype=np.int32)
    return table


def stored(values: Floats | Codes) -> bytes:
    """Numbers as they are kept: little-endian, single precision or whole."""
    return values.astype("<i8" if values.dtype.kind == "i" else "<f4").tobytes()
