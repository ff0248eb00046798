"""Comparison of pairs of rows, field by field: a level for how alike two values are.

What belongs together is compared as one, so that it is counted once: the parts of an address; a birth date
and the year of birth that an age says. A value that is missing on either side has level -1 and says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from watchfloor.cell.identity.linkage.records import NONE, Records, Values
from watchfloor.core.kernels import kernel
from watchfloor.desks.listings import sounds
from watchfloor.desks.listings.similar import PLACES, mark, typos

Array = npt.NDArray[Any]
Levels = npt.NDArray[np.int8]

WIDTH: Final = sounds.WIDTH
"""Letters of a value that are compared."""

LEVELS: Final = {
    "given": ("other", "initial", "nickname", "far", "near", "same", "letter"),
    "family": ("other", "initial", "part", "far", "near", "same", "letter"),
    "middle": ("other", "initial", "same"),
    "birth": (
        "other",
        "year",
        "parts",
        "far",
        "near",
        "swapped",
        "same",
        "age",
        "age-other",
        "age-only",
        "age-near",
    ),
    "address": ("other", "street", "near", "unit", "same", "moved"),
    "place": ("other", "same"),
    "national_id": ("other", "near", "same"),
    "document": ("other", "near", "same"),
    "phone": ("other", "near", "same"),
    "email": ("other", "near", "same"),
    "employer": ("other", "same"),
}
"""The levels of each comparison, from the weakest."""

SHARED: Final = frozenset({"family", "address", "place", "phone"})
"""What people of one household share."""


@dataclass(slots=True)
class Comparison:
    """One comparison of some pairs: the level of each, and how often a stranger has the value both have.

    `chance` is 0 where there is no such value: then the chance of the level itself holds.
    """

    what: str
    levels: Levels
    chance: npt.NDArray[np.float32]


class Comparer:
    """Compares pairs of some rows. What each value is, as numbers, is made once."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.rows = max(len(records) - len(records.copies), 1)
        fields = records.fields
        self._letters = {
            what: _letters(fields[what].texts) for what in fields if what not in ("middle", "given")
        }
        if "given" in fields:
            self._letters["given"] = self._letters.get("family") or _letters(fields["given"].texts)
        self._names = _name_tables(fields, records.copies)

    def compare(self, one: Array, other: Array) -> list[Comparison]:
        """Compare pairs of rows in all fields that any row has."""
        fields = self.records.fields
        found = []
        if {"given", "family"} & set(fields):
            found += self._name_comparisons(one, other)
        if "middle" in fields:
            found.append(self._middle(one, other))
        if "birth" in fields or "born" in fields:
            found.append(self._birth(one, other))
        if "street" in fields or "po_box" in fields:
            found.append(self._address(one, other))
        if "postal" in fields or "city" in fields:
            found.append(self._place(one, other, found))
        for what in ("national_id", "document", "phone", "email"):
            if what in fields:
                levels = _text_levels(*self._sides(what, one, other), *self._letters[what])
                found.append(Comparison(what, levels, self._common(what, one, levels == 2)))
        if "employer" in fields:
            a, b = self._sides("employer", one, other)
            levels = np.where((a < 0) | (b < 0), NONE, a == b).astype(np.int8)
            found.append(Comparison("employer", levels, self._common("employer", one, levels == 1)))
        return found

    def _sides(self, what: str, one: Array, other: Array) -> tuple[Array, Array]:
        codes = self.records.fields[what].codes
        return codes[one], codes[other]

    def _common(self, what: str, one: Array, same: Array) -> npt.NDArray[np.float32]:
        """Return how often others have the value that both of a pair have."""
        values = self.records.fields[what]
        return _chance(values.counts[values.codes[one]], same, self.rows)

    def _name_comparisons(self, one: Array, other: Array) -> list[Comparison]:
        fields = self.records.fields
        none = np.full(len(one), NONE, np.int32)
        given = self._sides("given", one, other) if "given" in fields else (none, none)
        family = self._sides("family", one, other) if "family" in fields else (none, none)
        letters, counts = self._letters["family" if "family" in fields else "given"]
        levels = [
            _name_levels(given[0], given[1], letters, counts, self._names["nicknames"], 2),
            _name_levels(family[0], family[1], letters, counts, self._names["parts"], 2),
        ]
        crossed = (levels[0] <= 1) & (levels[1] <= 1) & (given[0] >= 0) & (family[0] >= 0)
        crossed &= (given[0] == family[1]) & (family[0] == given[1])
        found = []
        for what, sides, level in (("given", given, levels[0]), ("family", family, levels[1])):
            if what in fields:
                level = np.where(crossed, 4, level).astype(np.int8)  # written in the other order
                found.append(Comparison(what, level, self._common(what, one, (level == 5) & (sides[0] >= 0))))
        if len(found) == 2:
            _joint(found, self._names["joint"], one, self.rows)
        return found

    def _middle(self, one: Array, other: Array) -> Comparison:
        a, b = self._sides("middle", one, other)
        first = self._names["initials"]
        fa, fb = np.where(a < 0, NONE, first[a]), np.where(b < 0, NONE, first[b])
        whole = (a == b) & self._names["whole"][a]
        both = self._names["whole"][a] & self._names["whole"][b]
        levels = np.where(whole, 2, np.where(fa == fb, np.where(both, 0, 1), 0))
        levels = np.where((a < 0) | (b < 0), NONE, levels).astype(np.int8)
        counts = np.where(whole, self.records.fields["middle"].counts[a], self._names["initial_counts"][fa])
        return Comparison("middle", levels, _chance(counts, levels > 0, self.rows))

    def _birth(self, one: Array, other: Array) -> Comparison:
        fields = self.records.fields
        if "birth" in fields:
            levels = _birth_levels(*self._sides("birth", one, other), *self._letters["birth"])
            chance = self._common("birth", one, levels == 6)
        else:
            levels, chance = np.full(len(one), NONE, np.int8), np.zeros(len(one), np.float32)
        if "born" in fields:
            a, b = self._sides("born", one, other)
            known = (a >= 0) & (b >= 0)
            apart = np.abs(a - b)
            by_age = np.where(apart == 0, 9, np.where(apart == 1, 10, 8))
            levels = np.where(known & (levels < 0), by_age, levels)
            levels = np.where(known & (apart == 0) & (levels >= 0) & (levels <= 1), 7, levels).astype(np.int8)
        return Comparison("birth", levels, chance)

    def _address(self, one: Array, other: Array) -> Comparison:
        fields = self.records.fields
        size = len(one)
        levels, chance = np.full(size, NONE, np.int8), np.zeros(size, np.float32)
        if "street" in fields:
            street = _text_levels(*self._sides("street", one, other), *self._letters["street"])
            number = np.full(size, NONE, np.int8)
            if "number" in fields:
                number = _text_levels(*self._sides("number", one, other), *self._letters["number"])
            unit = np.full(size, 2, np.int8)
            if "unit" in fields:
                a, b = self._sides("unit", one, other)
                unit = np.where(a == b, 2, 0).astype(np.int8)
            levels = np.where(street < 0, NONE, 0)
            levels = np.where(street >= 1, 1, levels)
            levels = np.where((street == 2) & (number == 1) | (street == 1) & (number == 2), 2, levels)
            levels = np.where((street == 2) & (number == 2), np.where(unit == 2, 4, 3), levels).astype(
                np.int8
            )
            joint = self._names["addresses"][one]
            chance = _chance(joint, levels >= 3, self.rows)
            chance += self._common("street", one, (levels == 1) & (street == 2))
        if "po_box" in fields:
            a, b = self._sides("po_box", one, other)
            boxes = (a >= 0) & (b >= 0)
            levels = np.where(boxes, np.where(a == b, 4, 0), levels).astype(np.int8)
            chance = np.where(boxes, self._common("po_box", one, boxes & (a == b)), chance).astype(np.float32)
        return Comparison("address", levels, chance)

    def _place(self, one: Array, other: Array, found: Sequence[Comparison]) -> Comparison:
        """Compare postal codes, or cities where one has none; an address that is the same says it already."""
        fields = self.records.fields
        levels, chance = np.full(len(one), NONE, np.int8), np.zeros(len(one), np.float32)
        for what in ("city", "postal"):
            if what in fields:
                a, b = self._sides(what, one, other)
                known = (a >= 0) & (b >= 0)
                levels = np.where(known, a == b, levels).astype(np.int8)
                chance = np.where(known, self._common(what, one, known & (a == b)), chance)
        said = next((each.levels >= 1 for each in found if each.what == "address"), np.zeros(len(one), bool))
        return Comparison("place", np.where(said, NONE, levels).astype(np.int8), chance.astype(np.float32))


def _chance(counts: Array, same: Array, rows: int) -> npt.NDArray[np.float32]:
    """Return how often a stranger has a value, beyond the two that are compared; 0 where they differ."""
    return np.where(same, (np.maximum(counts - 2, 0) + 1.0) / rows, 0.0).astype(np.float32)


def _joint(found: list[Comparison], joint: Array, one: Array, rows: int) -> None:
    """Count a whole name that is more common than its parts would make it: names go together."""
    first, last = found
    both = (first.levels == 5) & (last.levels == 5)
    together = _chance(joint[one], both, rows)
    product = first.chance * last.chance
    more = both & (together > product) & (joint[one] > 2)
    last.chance[more] = np.minimum(1.0, together[more] / np.maximum(first.chance[more], 1e-12))


def _letters(texts: Sequence[str]) -> tuple[Array, Array]:
    """Return texts as rows of letters, and how many each has."""
    cut = [text[:WIDTH] for text in texts]
    letters = np.zeros((max(len(cut), 1), WIDTH), np.uint32)
    for at, text in enumerate(cut):
        letters[at, : len(text)] = [ord(letter) for letter in text]
    return letters, np.array([len(text) for text in cut] or [0], np.int64)


class Nicknames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file `nicknames.toml`."""

    names: dict[str, str]


@cache
def _nicknames() -> dict[str, list[int]]:
    """Return the groups of names that each name belongs to."""
    data = Path(__file__).with_name("nicknames.toml").read_bytes()
    found: dict[str, list[int]] = {}
    for group, (formal, short) in enumerate(msgspec.toml.decode(data, type=Nicknames).names.items()):
        for name in (*formal.split(), *short.split()):
            found.setdefault(name, []).append(group)
    return found


def _name_tables(fields: dict[str, Values], copies: Array) -> dict[str, Array]:
    """Return what is known of each name: nicknames' groups, parts, initials, how common whole names are."""
    texts = next((fields[what].texts for what in ("given", "family", "middle") if what in fields), [])
    found: dict[str, Array] = {}
    groups = _nicknames()
    found["nicknames"] = _padded([groups.get(text, []) for text in texts])
    words: dict[str, int] = {}
    parts = [
        [words.setdefault(word, len(words)) for word in text.split() if len(word) > 2]
        if " " in text
        else None
        for text in texts
    ]
    whole = [[words[text]] if text in words else [] for text in texts]
    found["parts"] = _padded(
        [one if one is not None else alone for one, alone in zip(parts, whole, strict=True)]
    )
    letters: dict[str, int] = {}
    found["initials"] = np.array(
        [letters.setdefault(text[:1], len(letters)) for text in texts] or [0], np.int64
    )
    found["whole"] = np.array([len(text) > 1 for text in texts] or [False])
    if "middle" in fields:
        codes = np.delete(fields["middle"].codes, copies)
        found["initial_counts"] = np.bincount(
            found["initials"][codes[codes >= 0]], minlength=len(letters) + 1
        )
    if "given" in fields and "family" in fields:
        found["joint"] = _together(fields["given"].codes, fields["family"].codes, copies)
    if "street" in fields:
        number = fields["number"].codes if "number" in fields else np.zeros_like(fields["street"].codes)
        found["addresses"] = _together(fields["street"].codes, number, copies)
    return found


def _together(a: Array, b: Array, copies: Array) -> Array:
    """Return how many rows have both values of each row."""
    both = a.astype(np.int64) * (int(b.max(initial=0)) + 2) + b + 1
    _, places, counts = np.unique(both, return_inverse=True, return_counts=True)
    counts = counts - np.bincount(places[copies], minlength=len(counts))
    return np.where((a >= 0) & (b >= 0), counts[places], 1)


def _padded(lists: Sequence[Sequence[int]]) -> Array:
    width = max(1, min(6, max(map(len, lists), default=1)))
    found = np.full((max(len(lists), 1), width), NONE, np.int32)
    for at, one in enumerate(lists):
        found[at, : len(one[:width])] = one[:width]
    return found


@kernel
def _name_levels(a: Array, b: Array, letters: Array, counts: Array, groups: Array, related: int) -> Any:
    """Return the level of each pair of names: see `LEVELS`."""
    found = np.empty(a.shape[0], np.int8)
    for k in range(a.shape[0]):
        found[k] = _name_level(a[k], b[k], letters, counts, groups, related)
    return found


@kernel
def _edits(a: Array, n: int, b: Array, m: int) -> Any:
    """Return how many edits there are between two rows of letters."""
    marks = np.zeros(PLACES, np.uint64)
    mark(a, n, marks)
    return typos(a, n, marks, b, m)


@kernel
def _name_level(i: int, j: int, letters: Array, counts: Array, groups: Array, related: int) -> Any:
    if i < 0 or j < 0:
        return -1
    if i == j:
        return 5
    n, m = counts[i], counts[j]
    short = min(n, m)
    if short == 1:
        return 1 if letters[i, 0] == letters[j, 0] else 6
    for x in range(groups.shape[1]):
        if groups[i, x] >= 0:
            for y in range(groups.shape[1]):
                if groups[i, x] == groups[j, y]:
                    return related
    longer = max(n, m)
    limit = max(1, (2 * longer) // 5)
    edits = _edits(letters[i], n, letters[j], m)
    if edits == 1 and longer > 3:
        return 4
    if edits <= limit and longer > 3:
        return 3
    if short >= 3:
        begins = True
        for x in range(short):
            if letters[i, x] != letters[j, x]:
                begins = False
                break
        if begins:
            return 1
    return 0


@kernel
def _text_levels(a: Array, b: Array, letters: Array, counts: Array) -> Any:
    """Return 2 for the same text, 1 for one that is an edit away (two in a long one), 0 for another."""
    found = np.empty(a.shape[0], np.int8)
    for k in range(a.shape[0]):
        i, j = a[k], b[k]
        if i < 0 or j < 0:
            found[k] = -1
        elif i == j:
            found[k] = 2
        else:
            longer = max(counts[i], counts[j])
            limit = 2 if longer >= 7 else 1
            near = longer >= 3 and _edits(letters[i], counts[i], letters[j], counts[j]) <= limit
            found[k] = 1 if near else 0
    return found


@kernel
def _birth_levels(a: Array, b: Array, letters: Array, counts: Array) -> Any:
    """Return the level of each pair of dates, written as year, month and day: see `LEVELS`."""
    found = np.empty(a.shape[0], np.int8)
    for k in range(a.shape[0]):
        i, j = a[k], b[k]
        if i < 0 or j < 0:
            found[k] = -1
            continue
        if i == j:
            found[k] = 6 if counts[i] >= 6 else 1
            continue
        year = month = day = swapped = True
        for x in range(4):
            year = year and letters[i, x] == letters[j, x]
        for x in range(2):
            month = month and letters[i, 4 + x] == letters[j, 4 + x]
            day = day and letters[i, 6 + x] == letters[j, 6 + x]
            swapped = (
                swapped and letters[i, 4 + x] == letters[j, 6 + x] and letters[i, 6 + x] == letters[j, 4 + x]
            )
        if counts[i] < 6 or counts[j] < 6:
            found[k] = 1 if year else 0
            continue
        whole = counts[i] == 8 and counts[j] == 8
        if whole and year and swapped:
            found[k] = 5
            continue
        edits = _edits(letters[i], counts[i], letters[j], counts[j])
        if edits <= 2:
            found[k] = 4 if edits == 1 else 3
        elif whole and (year and month) + (year and day) + (month and day) > 0:
            found[k] = 2
        else:
            found[k] = 1 if year else 0
    return found
