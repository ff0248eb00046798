"""Blocking: which pairs of rows are looked at, by a union of rules that is chosen from the data.

A rule is one key or several that both rows share. A block of a rule that holds very many rows is left to the
stricter rules, and rules are taken from the most selective on while the number of pairs stays bounded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.cell.identity.linkage.records import NONE, Records, Values
from watchfloor.core.kernels import kernel

Array = npt.NDArray[Any]
Keys = npt.NDArray[np.int64]

A_ROW: Final = 60
"""Pairs that one rule may give for each row, on average."""

IN_ALL: Final = 250
"""Pairs that all rules together may give for each row."""

MOST_PAIRS: Final = 12_000_000
"""Pairs that are looked at, whatever the number of rows: about 1 GB."""

BLOCK: Final = 1_500
"""Rows of a block; a key that more rows share is left to stricter rules."""

MANY: Final = 3
"""Keys that one rule joins at most."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was chosen: its keys, the pairs that it gives, and rows in blocks that are too large."""

    keys: tuple[str, ...]
    pairs: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of rows, the first before the second, each once; and the rules that gave them."""

    one: npt.NDArray[np.int32]
    other: npt.NDArray[np.int32]
    rules: list[Rule]


def candidates(records: Records, within: bool, across: bool) -> Candidates:
    """Return the pairs that any of the rules joins.

    Args:
        records: the rows.
        within: whether pairs of one table are wanted.
        across: whether pairs of two tables are wanted.
    """
    rows = len(records)
    keys = atoms(records)
    limit, room = A_ROW * rows, min(IN_ALL * rows, MOST_PAIRS)
    chosen: list[tuple[Rule, Keys]] = []
    covers: set[frozenset[str]] = set()
    for size in range(1, MANY + 1):
        found = [
            (_rule(names, joined, records.table, within, across), joined)
            for names in combinations(keys, size)
            if not any(one <= set(names) for one in covers)
            for joined in [_joined([keys[name] for name in names])]
        ]
        for (rule, joined), _ in sorted(
            ((each, each[0].pairs) for each in found), key=lambda each: (each[1], each[0][0].keys)
        ):
            if 0 < rule.pairs <= min(limit, room):
                room -= rule.pairs
                chosen.append((rule, joined))
                if not rule.left_out:
                    covers.add(frozenset(rule.keys))
        if size == 2 and len(chosen) > 8:
            break
    if not chosen:
        empty = np.empty(0, np.int32)
        return Candidates(empty, empty, [])
    matrix = np.stack([joined for _, joined in chosen])
    pairs = [
        _pairs(matrix, at, np.argsort(matrix[at], kind="stable"), records.table, within, across)
        for at in range(len(chosen))
    ]
    one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return Candidates(one, other, [rule for rule, _ in chosen])


def atoms(records: Records) -> dict[str, Keys]:
    """Return the keys that rules are made of, a number for each row, `NONE` where it has none."""
    fields = records.fields
    found: dict[str, Keys] = {}
    for what in ("national_id", "document", "phone", "email", "birth", "family", "given", "street"):
        if what in fields:
            found[what] = fields[what].codes.astype(np.int64)
    for what in ("national_id", "document"):
        if what in fields:
            found[f"{what}-start"] = _derived(fields[what], lambda text: text[:5] if len(text) > 6 else "")
            found[f"{what}-end"] = _derived(fields[what], lambda text: text[-5:] if len(text) > 6 else "")
    for what in ("given", "family"):
        if what in fields:
            found[f"{what}-start"] = _derived(fields[what], lambda text: text[:3])
            found[f"{what}-end"] = _derived(fields[what], lambda text: text[-4:])
    if "birth" in fields:
        found["birth-year"] = _derived(fields["birth"], lambda text: text[:4])
        found["birth-day"] = _derived(fields["birth"], lambda text: "".join(sorted(text[4:])))
    if "born" in fields:
        found["born"] = fields["born"].codes.astype(np.int64)
    if "middle" in fields:
        found["middle"] = _derived(fields["middle"], lambda text: text[:1])
    if "street" in fields and "number" in fields:
        found["address"] = _joined([found["street"], fields["number"].codes.astype(np.int64)])
    if "po_box" in fields:
        found["po_box"] = fields["po_box"].codes.astype(np.int64)
    return found


def _derived(values: Values, key: Any) -> Keys:
    known: dict[str, int] = {}
    places = np.array(
        [known.setdefault(part, len(known)) if (part := key(text)) else NONE for text in values.texts]
        or [NONE],
        np.int64,
    )
    return np.where(values.codes >= 0, places[values.codes], NONE)


def _joined(keys: Sequence[Keys]) -> Keys:
    """Number the combinations of keys that rows have."""
    found = keys[0]
    for key in keys[1:]:
        both = (found >= 0) & (key >= 0)
        mixed = np.where(both, found * (int(key.max(initial=0)) + 1) + key, NONE)
        _, found = np.unique(mixed, return_inverse=True)
        found = np.where(both, found, NONE)
    return found.astype(np.int64)


def _rule(names: tuple[str, ...], keys: Keys, table: Array, within: bool, across: bool) -> Rule:
    """Count the pairs of a rule; rows in blocks that are too large lose their key."""
    sizes = np.bincount(keys[keys >= 0], minlength=1)
    large = np.flatnonzero(sizes > BLOCK)
    left_out = int(sizes[large].sum())
    if len(large):
        keys[np.isin(keys, large)] = NONE
        sizes[large] = 0
    pairs = int((sizes * (sizes - 1) // 2).sum())
    if not (within and across):
        inside = 0
        for number in range(int(table.max(initial=0)) + 1):
            held = np.bincount(keys[(keys >= 0) & (table == number)], minlength=1)
            inside += int((held * (held - 1) // 2).sum())
        pairs = inside if within else pairs - inside
    return Rule(names, pairs, left_out)


def _pairs(
    matrix: Keys, at: int, order: Array, table: Array, within: bool, across: bool
) -> tuple[Array, Array]:
    """Return the pairs that a rule joins and none before it."""
    keys = matrix[at][order]
    count = _walk(matrix, at, keys, order, table, within, across, np.empty((2, 0), np.int32))
    found = np.empty((2, count), np.int32)
    _walk(matrix, at, keys, order, table, within, across, found)
    return found[0], found[1]


@kernel
def _walk(
    matrix: Array, at: int, keys: Array, order: Array, table: Array, within: bool, across: bool, found: Array
) -> Any:
    """Count the new pairs of a rule, and write them where there is room."""
    count = 0
    rows = keys.shape[0]
    start = 0
    while start < rows and keys[start] < 0:
        start += 1
    while start < rows:
        end = start
        while end < rows and keys[end] == keys[start]:
            end += 1
        for a in range(start, end):
            i = order[a]
            for b in range(a + 1, end):
                j = order[b]
                if (table[i] == table[j] and not within) or (table[i] != table[j] and not across):
                    continue
                earlier = False
                for rule in range(at):
                    if matrix[rule, i] >= 0 and matrix[rule, i] == matrix[rule, j]:
                        earlier = True
                        break
                if not earlier:
                    if count < found.shape[1]:
                        found[0, count] = min(i, j)
                        found[1, count] = max(i, j)
                    count += 1
        start = end
    return count


def sample(records: Records, within: bool, across: bool, size: int, seed: int = 1) -> Mapping[str, Array]:
    """Draw pairs of rows at random, for how often strangers agree."""
    random = np.random.default_rng(seed)
    rows = len(records)
    one = random.integers(0, rows, 2 * size, dtype=np.int32)
    other = random.integers(0, rows, 2 * size, dtype=np.int32)
    same = records.table[one] == records.table[other]
    keep = (one != other) & ((same & within) | (~same & across))
    return {"one": one[keep][:size], "other": other[keep][:size]}
