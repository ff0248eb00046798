"""The names of the list as arrays: a vocabulary, postings from a token to names, and what each word is worth.

Names are added and withdrawn in place. What a word is worth depends on the live names alone, so a list that
grew by changes answers as one built at once.
"""

import zlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.desks.listings import similar, sounds
from watchfloor.desks.listings.common_words import COMMON_NAMES, NICKNAMES, bearings
from watchfloor.desks.listings.normalise import Tokens
from watchfloor.desks.listings.score import Likenesses, Listed

Array = npt.NDArray[Any]


class Near(NamedTuple):
    """Similar words of the vocabulary to a token of a query: `likenesses[start:stop]` of the index.

    Attributes:
        start, stop: of the likenesses.
        rarity: what the token tells where it has no pair.
    """

    start: int
    stop: int
    rarity: float


NICKNAME: Final = 0.93
"""How alike a given name and its short form are."""

_COMMON: Final = 400  # a common name counts as borne by one name in so many at least
_CACHED: Final = 1 << 15
_LIKENESSES: Final = 1 << 21  # kept, of all tokens together: 32 MB


class Index:
    """Tokens and names of the live list. Not for two threads at once."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}  # token: its row in the vocabulary
        self.tokens: list[str] = []
        self.letters = np.zeros((0, sounds.WIDTH), np.uint16)
        self.letter_counts = np.zeros(0, np.uint8)
        self.sounds = np.zeros((0, sounds.WIDTH), np.uint8)
        self.sound_counts = np.zeros(0, np.uint8)
        self.bag = np.zeros(0, np.uint64)
        self.skeleton = np.zeros(0, np.uint64)
        self.frequency = np.zeros(0, np.int32)  # live names that hold the token
        self.common = np.zeros(0, np.bool_)
        self.rarity = np.zeros(0, np.float32)
        self.first = np.zeros(1, np.int64)  # token t is held by posted[first[t]:first[t + 1]]
        self.posted = np.zeros(0, np.int32)  # live names by token
        self.posted_weight = np.zeros(0, np.float32)
        self.start = np.zeros(1, np.int64)  # name i holds name_tokens[start[i]:start[i + 1]]
        self.name_tokens = np.zeros(0, np.int32)
        self.name_bearings = np.zeros(0, np.float32)
        self.owner = np.zeros(0, np.int32)
        self.key = np.zeros(0, np.int64)
        self.live = np.zeros(0, np.bool_)
        self.name_weight = np.zeros(0, np.float32)
        self._borne = np.zeros(0, np.int32)  # frequency, common names raised
        self._worth = np.zeros(0, np.float32)  # of a word, by how many names hold it
        self.total = 20
        self.likenesses = _room(512)
        self._near: dict[str, Near] = {}
        self._kept = 0  # likenesses of the tokens in `_near`

    def add(self, names: Sequence[Tokens], owners: Sequence[int], keys: Sequence[str]) -> range:
        """Take names in; `keys` order names that are otherwise equal. Returns their numbers."""
        first, rows = len(self.live), self.rows
        known = len(rows)
        flat = [rows.setdefault(token, len(rows)) for tokens in names for token in tokens]
        self._learn(list(rows)[known:] if len(rows) > known else [])
        counts = np.fromiter(map(len, names), np.int64, len(names))
        tokens = np.array(flat, np.int32)
        self.start = np.concatenate((self.start, self.start[-1] + np.cumsum(counts)))
        self.name_tokens = np.concatenate((self.name_tokens, tokens))
        bearing = [value for tokens in names for value in bearings(tokens)]
        self.name_bearings = np.concatenate((self.name_bearings, np.array(bearing, np.float32)))
        self.owner = np.concatenate((self.owner, np.array(owners, np.int32)))
        hashes = np.fromiter((zlib.crc32(key.encode()) for key in keys), np.int64, len(names))
        self.key = np.concatenate((self.key, hashes))
        self.live = np.concatenate((self.live, np.ones(len(names), np.bool_)))
        np.add.at(self.frequency, tokens, 1)
        return range(first, first + len(names))

    def withdraw(self, names: Sequence[int]) -> None:
        """Take names out."""
        for name in names:
            self.live[name] = False
            np.subtract.at(self.frequency, self.name_tokens[self.start[name] : self.start[name + 1]], 1)

    def weigh(self) -> None:
        """Compute what each word is worth; call it after the last `add` or `withdraw` of a change.

        A word that f of n names hold is worth ln(n / f) / ln n, 0.05 to 1, times its bearing in the name.
        """
        self.total = max(int(self.live.sum()), 20)
        self._borne = np.where(self.common, np.maximum(self.frequency, self.total // _COMMON), self.frequency)
        worth = np.log(self.total / np.maximum(np.arange(self.total + 1), 1)) / np.log(self.total)
        self._worth = np.clip(worth, 0.05, 1.0).astype(np.float32)
        self.rarity = self._rarity(self._borne)
        weights = self.rarity[self.name_tokens] * self.name_bearings
        sums = np.concatenate(([0.0], np.cumsum(weights, dtype=np.float64)))
        self.name_weight = (sums[self.start[1:]] - sums[self.start[:-1]]).astype(np.float32)
        self._post()
        self._forget()

    def near(self, tokens: Sequence[str]) -> list[Near]:
        """Return the similar words to each token, kept for the next time it is asked for."""
        if len(self._near) + len(tokens) > _CACHED or self._kept + len(tokens) * similar.LIMIT > _LIKENESSES:
            self._forget()
        return [self._near.get(token) or self._keep(token) for token in tokens]

    def listed(self) -> Listed:
        """The arrays that a search reads."""
        return Listed(
            self.first,
            self.posted,
            self.posted_weight,
            self.key,
            self.start,
            self.name_tokens,
            self.name_bearings,
            self.rarity,
            self.letters,
            self.letter_counts,
        )

    def knows(self, token: str) -> bool:
        """Whether a live name holds the word."""
        row = self.rows.get(token, -1)
        return row >= 0 and bool(self.frequency[row] > 0)

    def _rarity(self, frequency: Array) -> Array:
        rarity: Array = self._worth[np.minimum(frequency, self.total)]
        return rarity

    def _learn(self, tokens: list[str]) -> None:
        if not tokens:
            return
        letters, letter_counts = sounds.letters(tokens)
        codes, code_counts = sounds.code(tokens)
        bag, skeleton = similar.bags(letters, letter_counts, codes, code_counts, sounds.CLASS_BIT)
        self.tokens += tokens
        self.letters = np.concatenate((self.letters, letters))
        self.letter_counts = np.concatenate((self.letter_counts, letter_counts))
        self.sounds = np.concatenate((self.sounds, codes))
        self.sound_counts = np.concatenate((self.sound_counts, code_counts))
        self.bag = np.concatenate((self.bag, bag))
        self.skeleton = np.concatenate((self.skeleton, skeleton))
        self.frequency = np.concatenate((self.frequency, np.zeros(len(tokens), np.int32)))
        self.common = np.concatenate((self.common, np.array([token in COMMON_NAMES for token in tokens])))

    def _post(self) -> None:
        """Write down which live names hold each token."""
        names = np.repeat(np.arange(len(self.live)), np.diff(self.start))
        held = np.sort((self.name_tokens.astype(np.int64) << 32 | names)[self.live[names]])
        self.posted = (held & 0xFFFFFFFF).astype(np.int32)
        self.posted_weight = self.name_weight[self.posted]
        self.first = np.searchsorted(held, np.arange(len(self.tokens) + 1) << 32)

    def _forget(self) -> None:
        self._near.clear()
        self._kept = 0

    def _keep(self, token: str) -> Near:
        *found, rarity = self._look(token)
        start, stop = self._kept, self._kept + len(found[0])
        if stop > len(self.likenesses.rows):
            room = _room(2 * stop)
            for new, old in zip(room, self.likenesses, strict=True):
                new[:start] = old[:start]
            self.likenesses = room
        for kept, part in zip(self.likenesses, found, strict=True):
            kept[start:stop] = part
        self._kept = stop
        near = self._near[token] = Near(start, stop, float(rarity))
        return near

    def _look(self, token: str) -> tuple[Array, Array, Array, Array, float]:
        """Return the fields of `Likenesses` of a token, and its rarity."""
        letters, letter_counts = sounds.letters([token])
        codes, code_counts = sounds.code([token])
        found, score = similar.neighbours(
            self.letters,
            self.letter_counts,
            self.sounds,
            self.sound_counts,
            self.bag,
            self.skeleton,
            self.frequency,
            letters,
            letter_counts,
            codes,
            code_counts,
            *similar.TABLES,
            self.knows(token),
        )
        short = [row for name in NICKNAMES.get(token, ()) if (row := self.rows.get(name, -1)) >= 0]
        if short:
            extra = np.array([row for row in short if self.frequency[row] > 0], np.int32)
            found = np.concatenate((found, extra))
            score = np.concatenate((score, np.full(len(extra), NICKNAME, np.float32)))
        if len(found) > similar.LIMIT or short:
            found, score = self._best(found, score)
        least = self.total // _COMMON if token in COMMON_NAMES else 0
        return found, score, *similar.rank(found, score, self._borne, self._worth, least)

    def _best(self, found: Array, score: Array) -> tuple[Array, Array]:
        """The most alike, each row once, ascending; equal ones are chosen by their text."""
        chosen: dict[int, float] = {}
        ranked = sorted(zip(-score, map(self.tokens.__getitem__, found), found, strict=True))
        for minus, _, row in ranked:
            chosen.setdefault(int(row), float(-minus))
            if len(chosen) == similar.LIMIT:
                break
        kept = sorted(chosen)
        return np.array(kept, np.int32), np.array([chosen[row] for row in kept], np.float32)


def _room(count: int) -> Likenesses:
    return Likenesses(
        np.zeros(count, np.int32),
        np.zeros(count, np.float32),
        np.zeros(count, np.float32),
        np.zeros(count, np.int32),
    )
