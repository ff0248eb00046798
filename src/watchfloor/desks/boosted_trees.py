"""Gradient-boosted trees in LightGBM's text format: read, checked, applied and explained without LightGBM.

A model's file is data from elsewhere, so every index is checked before a kernel follows it. Only growing
trees needs LightGBM, which needs a shared library (libgomp) that many machines do not have.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite, isnan
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from watchfloor.core.extras import optional
from watchfloor.core.kernels import kernel

Inputs = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Number = TypeVar("Number", int, float)

MAX_DEPTH: Final = 64
"""Levels of a tree; ours have 15 leaves. Explaining costs the square of it, so a file may not choose it."""

# Bits of LightGBM's decision_type.
CATEGORICAL: Final = 1
DEFAULT_LEFT: Final = 2
MISSING_SHIFT: Final = 2
MISSING_ZERO: Final = 1
MISSING_NAN: Final = 2
ZERO: Final = float(np.float32(1e-35))
"""What LightGBM takes for nought."""

BLOCK: Final = 256
"""Rows that go through all trees together: their inputs then stay in the cache."""
LANES: Final = 8
"""Rows that go down a tree side by side, so that none waits for another's memory."""


class TreesError(ValueError):
    """Text that is no model of trees; the message says where."""


def lightgbm() -> Any:
    """Return the LightGBM module, which only growing trees needs.

    Raises:
        MissingExtraError: it is not installed, or a shared library that it needs is not.
    """
    with optional():
        import lightgbm as library
    return library


class _Nodes(NamedTuple):
    """Nodes of all trees in preorder, as the kernels want them. A leaf leads to itself.

    `plain` trees have splits at thresholds only, which nought passes like any number. The `threshold` of a
    categorical split is the number of its set of categories: set k has the bits of
    `words[bounds[k] : bounds[k + 1]]`.
    """

    feature: Indices
    threshold: Floats
    decision: npt.NDArray[np.uint8]
    child: Indices
    value: Floats
    roots: Indices
    depth: Indices
    plain: npt.NDArray[np.bool_]
    bounds: npt.NDArray[np.int64]
    words: npt.NDArray[np.uint32]


class _Paths(NamedTuple):
    """Conditions on the way from the roots to each leaf, joined by feature.

    Attributes:
        node: of each condition.
        right: whether the condition is to go right.
        step: the pair of leaf and feature that each condition belongs to.
        feature: of each pair; pairs of a leaf lie side by side.
        share: of each pair, the share of training rows that go on where the feature is not known.
        start: the first pair of each leaf, and the end.
        value: of each leaf.
    """

    node: Indices
    right: npt.NDArray[np.bool_]
    step: npt.NDArray[np.int64]
    feature: npt.NDArray[np.int64]
    share: Floats
    start: npt.NDArray[np.int64]
    value: Floats


@dataclass(frozen=True)
class BoostedTrees:
    """A sum of trees.

    Attributes:
        names: of the inputs, one a column.
        nodes: of all trees.
        count: training rows that came to each node.
    """

    names: tuple[str, ...]
    nodes: _Nodes
    count: npt.NDArray[np.int64]

    def odds(self, values: Inputs) -> Floats:
        """Return the log-odds of each row of inputs (rows by inputs), to the last digit as LightGBM's own."""
        return self._walk(values, 0)[0]

    def leaves(self, values: Inputs) -> Indices:
        """Return the number of the leaf that each row falls into (rows by trees)."""
        return self._walk(values, len(values))[1]

    def _walk(self, values: Inputs, rows: int) -> tuple[Floats, Indices]:
        odds, leaves = np.zeros(len(values)), np.empty((rows, len(self.nodes.roots)), np.int32)
        _walk(self._checked(values), self.nodes, odds, leaves)
        return odds, leaves

    def contributions(self, values: Inputs) -> Floats:
        """Divide the log-odds of each row among its inputs; the last column is the mean over training rows.

        These are the Shapley values of S. Lundberg et al. (Nature Machine Intelligence 2, 2020): inputs that
        are not known go both ways, in the proportion of the training rows. Each row sums to its log-odds.
        """
        out = np.zeros((len(values), len(self.names) + 1))
        longest = int(np.diff(self._paths.start).max(initial=1))
        at, weight = np.polynomial.legendre.leggauss((longest + 1) // 2)
        _contribute(self._checked(values), self.nodes, self._paths, (1 + at) / 2, weight / 2, out)
        out[:, -1] = self._mean
        return out

    def _checked(self, values: Inputs) -> Inputs:
        if values.ndim != 2 or values.shape[1] != len(self.names):
            raise TreesError(f"the trees read {len(self.names)} inputs, and got {values.shape[1:]}")
        return np.ascontiguousarray(values, np.float32)

    @cached_property
    def _mean(self) -> float:
        """The mean log-odds of the training rows."""
        nodes, sums = self.nodes, 0.0
        ends = np.append(nodes.roots[1:], len(nodes.value))
        for root, end in zip(nodes.roots, ends, strict=True):
            leaf = np.arange(root, end)
            leaf = leaf[nodes.child[2 * leaf] == leaf]
            share = self.count[leaf] / self.count[root] if len(leaf) > 1 else np.ones(1)
            sums += float(share @ nodes.value[leaf])
        return sums

    @cached_property
    def _paths(self) -> _Paths:
        nodes = self.nodes
        every = np.arange(len(nodes.value))
        parent, right = np.full(len(every), -1), np.zeros(len(every), np.bool_)
        inner = every[nodes.child[::2] != every]
        for side in (0, 1):
            below = nodes.child[2 * inner + side]
            parent[below], right[below] = inner, bool(side)
        leaves = every[nodes.child[::2] == every]
        found: list[tuple[Any, ...]] = []
        leaf, at = np.arange(len(leaves)), leaves
        while len(leaf := leaf[parent[at] >= 0]):  # one level up at a time, all leaves at once
            at = at[parent[at] >= 0]
            above = parent[at]
            found.append((leaf, above, right[at], self.count[at] / self.count[above]))
            at = above
        empty = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_), np.empty(0))
        of, node, goes, share = (np.concatenate(one) for one in zip(empty, *found, strict=True))
        pairs, step = np.unique(of * len(self.names) + nodes.feature[node], return_inverse=True)
        product = np.ones(len(pairs))
        np.multiply.at(product, step, share)
        return _Paths(
            node.astype(np.int32),
            goes,
            step.astype(np.int64).reshape(-1),
            pairs % len(self.names),
            product,
            np.searchsorted(pairs, np.arange(len(leaves) + 1) * len(self.names)).astype(np.int64),
            nodes.value[leaves],
        )


def read(text: str) -> BoostedTrees:
    """Read trees from LightGBM's text (version 4, one output), and check every number that is followed.

    Raises:
        TreesError: it is something else, or a number in it is out of range.
    """
    body, end, _ = text.partition("\nend of trees")
    if not end:
        raise TreesError("the trees are cut off, or this is not LightGBM's text")
    head, *blocks = (_fields(part) for part in body.split("\nTree="))
    for name, value in (("version", "v4"), ("num_class", "1"), ("num_tree_per_iteration", "1")):
        if head.get(name) != value:
            raise TreesError(f"{name} is {head.get(name, 'not stated')}, and only {value} is read")
    names = tuple(head.get("feature_names", "").split())
    if not names or not blocks:
        raise TreesError("feature_names is empty" if blocks else "there is no tree")
    layout = _Layout()
    for number, fields in enumerate(blocks):
        try:
            layout.add(fields, len(names))
        except TreesError as error:
            raise TreesError(f"tree {number}: {error}") from error
    return layout.trees(names)


def _fields(part: str) -> dict[str, str]:
    lines = (line.partition("=") for line in part.split("\n"))
    return {name: value for name, equals, value in lines if equals}


@dataclass
class _Layout:
    """Nodes of the trees that were read, in preorder; the lists are those of `_Nodes`."""

    feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    decision: list[int] = field(default_factory=list)
    child: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    count: list[int] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)
    plain: list[bool] = field(default_factory=list)
    bounds: list[int] = field(default_factory=lambda: [0])
    words: list[int] = field(default_factory=list)

    def add(self, fields: Mapping[str, str], inputs: int) -> None:
        """Lay a tree over this many inputs behind the others. Raises `TreesError`."""
        if fields.get("is_linear", "0") != "0":
            raise TreesError("its leaves are linear, which is not read")
        (leaves,) = _integers(fields, "num_leaves", 1, 1, 2**20)
        splits = leaves - 1
        feature = _integers(fields, "split_feature", splits, 0, inputs - 1)
        decision = _integers(fields, "decision_type", splits, 0, 11)
        threshold = self._thresholds(fields, decision)
        # A child is a split by its number, or a leaf by minus its number less 1.
        left = _integers(fields, "left_child", splits, -leaves, splits - 1)
        right = _integers(fields, "right_child", splits, -leaves, splits - 1)
        value = _floats(fields, "leaf_value", leaves)
        if not all(map(isfinite, value)):
            raise TreesError("leaf_value is not finite")
        of_split = _integers(fields, "internal_count", splits, 1, 2**53)
        of_leaf = _integers(fields, "leaf_count", leaves, 1, 2**53) if splits else [1]
        deepest, seen, todo = 0, set[int](), [(0 if splits else -1, 0, -1)]
        self.roots.append(len(self.value))
        while todo:  # a split, then all below it on the left, then on the right
            at, level, link = todo.pop()
            if at in seen:
                raise TreesError(f"{'split' if at >= 0 else 'leaf'} {max(at, ~at)} has two parents")
            if level > MAX_DEPTH:
                raise TreesError(f"it has more than {MAX_DEPTH} levels")
            seen.add(at)
            deepest, place = max(deepest, level), len(self.value)
            if link >= 0:
                self.child[link] = place
            self.child += (place, place)
            if at < 0:
                self._append(0, np.inf, 0, value[~at], of_leaf[~at])
            else:
                self._append(feature[at], threshold[at], decision[at], 0.0, of_split[at])
                todo += ((right[at], level + 1, 2 * place + 1), (left[at], level + 1, 2 * place))
        if len(seen) < leaves + splits:
            raise TreesError("a leaf or split has no parent")
        self.depth.append(deepest)
        self.plain.append(
            not any(kind & CATEGORICAL or kind >> MISSING_SHIFT == MISSING_ZERO for kind in decision)
        )

    def _append(self, feature: int, threshold: float, decision: int, value: float, count: int) -> None:
        self.feature.append(feature)
        self.threshold.append(threshold)
        self.decision.append(decision)
        self.value.append(value)
        self.count.append(count)

    def _thresholds(self, fields: Mapping[str, str], decision: Sequence[int]) -> list[float]:
        """Thresholds of a tree; its sets of categories are appended, and numbered over all trees."""
        found, before = _floats(fields, "threshold", len(decision)), len(self.bounds) - 1
        (sets,) = _integers(fields, "num_cat", 1, 0, len(decision))
        if sets:
            (start, *bounds) = _integers(fields, "cat_boundaries", sets + 1, 0, 2**20)
            if start or bounds != sorted(bounds):
                raise TreesError("cat_boundaries do not go up from 0")
            self.bounds += (len(self.words) + end for end in bounds)
            self.words += _integers(fields, "cat_threshold", bounds[-1], 0, 2**32 - 1)
        for at, kind in enumerate(decision):
            if kind & CATEGORICAL:
                if found[at] not in range(sets):
                    raise TreesError("threshold names a set of categories that is not there")
                found[at] += before
        return found

    def trees(self, names: tuple[str, ...]) -> BoostedTrees:
        """Return what was laid out, over inputs of these names."""
        nodes = _Nodes(
            np.array(self.feature, np.int32),
            np.array(self.threshold, np.float64),
            np.array(self.decision, np.uint8),
            np.array(self.child, np.int32),
            np.array(self.value, np.float64),
            np.array(self.roots, np.int32),
            np.array(self.depth, np.int32),
            np.array(self.plain, np.bool_),
            np.array(self.bounds, np.int64),
            np.array(self.words, np.uint32),
        )
        return BoostedTrees(names, nodes, np.array(self.count, np.int64))


def _integers(fields: Mapping[str, str], name: str, size: int, low: int, high: int) -> list[int]:
    found = _parsed(fields, name, size, int)
    if found and not low <= min(found) <= max(found) <= high:
        raise TreesError(f"{name} is out of range ({low} to {high})")
    return found


def _floats(fields: Mapping[str, str], name: str, size: int) -> list[float]:
    found = _parsed(fields, name, size, float)
    if any(map(isnan, found)):
        raise TreesError(f"{name} is not a number")
    return found


def _parsed(fields: Mapping[str, str], name: str, size: int, type_: Callable[[str], Number]) -> list[Number]:
    words = fields.get(name, "").split()
    if len(words) != size:
        raise TreesError(f"{name} has {len(words)} values, not {size}")
    try:
        return list(map(type_, words))
    except ValueError:  # also for more digits than Python reads
        raise TreesError(f"{name} is not a number") from None


@kernel(inline="always")
def _goes_right(
    value: float,
    threshold: float,
    decision: int,
    bounds: npt.NDArray[np.int64],
    words: npt.NDArray[np.uint32],
) -> bool:
    """Return whether a value goes down on the right of a split."""
    if decision & CATEGORICAL:
        # Categories are cut to whole numbers; what is unknown, negative or too large is in no set.
        if not -1.0 < value < 2147483648.0:
            return True
        category, number = int(value), int(threshold)
        word = bounds[number] + category // 32
        return word >= bounds[number + 1] or not (words[word] >> np.uint32(category % 32)) & np.uint32(1)
    missing = decision >> MISSING_SHIFT
    if np.isnan(value) and missing != MISSING_NAN:
        value = 0.0
    if (missing == MISSING_NAN and np.isnan(value)) or (missing == MISSING_ZERO and abs(value) <= ZERO):
        return not decision & DEFAULT_LEFT
    return value > threshold


@kernel
def _walk(values: Inputs, nodes: _Nodes, odds: Floats, leaves: Indices) -> None:
    """Add each row's log-odds to `odds`, and fill `leaves` where it has rows.

    Leaves are summed in the order of the trees, as LightGBM sums them, so that no digit differs.
    """
    rows = len(values)
    node = np.empty(BLOCK, np.int32)
    for start in range(0, rows, BLOCK):
        size = min(BLOCK, rows - start)
        block = values[start : start + size]
        known = not np.isnan(block).any()
        for tree in range(len(nodes.roots)):
            node[:] = nodes.roots[tree]
            if known and nodes.plain[tree]:
                # No branch depends on data, so the compiler walks several rows at once.
                for first in range(0, size, LANES):
                    last = min(first + LANES, size)
                    for _ in range(nodes.depth[tree]):
                        for row in range(first, last):
                            at = node[row]
                            right = block[row, nodes.feature[at]] > nodes.threshold[at]
                            node[row] = nodes.child[2 * at + right]
            else:
                for row in range(size):
                    at = node[row]
                    while nodes.child[2 * at] != at:
                        value = block[row, nodes.feature[at]]
                        right = _goes_right(
                            value, nodes.threshold[at], nodes.decision[at], nodes.bounds, nodes.words
                        )
                        at = nodes.child[2 * at + right]
                    node[row] = at
            for row in range(size):
                odds[start + row] += nodes.value[node[row]]
                if len(leaves):
                    leaves[start + row, tree] = node[row]


@kernel
def _contribute(
    values: Inputs, nodes: _Nodes, paths: _Paths, points: Floats, weights: Floats, out: Floats
) -> None:
    """Add each input's Shapley value to `out` (rows by inputs and one more).

    What a leaf gives to a set S of known inputs is its value times a product over the features on its path:
    1 or 0 where the feature is in S (does the row pass?), else the share of training rows that pass. The
    Shapley value in such a product is an integral over 0..1 of the other factors, each between share and pass
    (G. Owen, Management Science 18, 1972): a polynomial, which Gauss-Legendre quadrature integrates exactly.
    """
    passes = np.empty(len(paths.share))
    for row in range(len(values)):
        passes[:] = 1.0
        for at in range(len(paths.node)):
            node = paths.node[at]
            right = _goes_right(
                values[row, nodes.feature[node]],
                nodes.threshold[node],
                nodes.decision[node],
                nodes.bounds,
                nodes.words,
            )
            if right != paths.right[at]:
                passes[paths.step[at]] = 0.0
        for leaf in range(len(paths.value)):
            start, end = paths.start[leaf], paths.start[leaf + 1]
            for point in range(len(points)):
                known = points[point]
                product = weights[point] * paths.value[leaf]
                for at in range(start, end):
                    product *= paths.share[at] * (1 - known) + passes[at] * known
                for at in range(start, end):
                    factor = paths.share[at] * (1 - known) + passes[at] * known  # above 0: shares are
                    out[row, paths.feature[at]] += (passes[at] - paths.share[at]) * product / factor
