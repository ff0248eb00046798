"""Trees over the numbers of a declaration, as LightGBM grows them, and laid flat to be walked fast.

Cuts are drawn at random and the best of them kept (P. Geurts et al., Machine Learning 63, 2006): with few
findings that errs less than the best cut of all.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from watchfloor.desks.cargo.model.inputs import Floats

Told = npt.NDArray[np.float32]

SETTINGS: Final[dict[str, Any]] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "max_depth": 5,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "extra_trees": True,
    "max_bin": 255,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
}
"""Chosen on the development half of the public declarations, see docs/cargo-model.md."""

ROUNDS: Final = 160
BLOCK: Final = 256
"""Declarations that go through all trees together: what they are told then stays near."""


UNKNOWN: Final = -1e9
"""What trees are told where an input is not known: it lies below all others."""
LANES: Final = 8
"""Declarations that go down a tree side by side, so that none waits for another's memory."""


class Flat(NamedTuple):
    """All trees in arrays of nodes. A leaf leads to itself, so that all go down equally many steps."""

    feature: npt.NDArray[np.int32]
    threshold: npt.NDArray[np.float64]
    child: npt.NDArray[np.int32]
    value: npt.NDArray[np.float64]
    roots: npt.NDArray[np.int32]
    depth: npt.NDArray[np.int32]


def grow(values: Told, found: Floats, weight: Floats, seed: int, rounds: int = ROUNDS) -> Any:
    """A booster."""
    import lightgbm

    data = lightgbm.Dataset(values, found, weight=weight)
    return lightgbm.train(SETTINGS | {"seed": seed}, data, rounds)


def flat(booster: Any) -> Flat:
    """A booster's trees, laid flat."""
    nodes: list[_Node] = []
    roots, depth = [], []
    for tree in booster.dump_model()["tree_info"]:
        roots.append(len(nodes))
        depth.append(_lay(tree["tree_structure"], nodes))
    feature, threshold, children, value = zip(*nodes, strict=True)
    return Flat(
        np.array(feature, np.int32),
        np.array(threshold, np.float64),
        np.array(children, np.int32).reshape(-1),
        np.array(value, np.float64),
        np.array(roots, np.int32),
        np.array(depth, np.int32),
    )


class _Node(NamedTuple):
    feature: int
    threshold: float
    children: tuple[int, int]
    value: float


def _lay(node: dict[str, Any], nodes: list[_Node]) -> int:
    """Lay a node and all below it; how deep it goes."""
    place = len(nodes)
    nodes.append(_Node(0, np.inf, (place, place), float(node.get("leaf_value", 0.0))))
    if "split_feature" not in node:
        return 0
    left = _lay(node["left_child"], nodes)
    second = len(nodes)
    right = _lay(node["right_child"], nodes)
    nodes[place] = _Node(int(node["split_feature"]), float(node["threshold"]), (place + 1, second), 0.0)
    return 1 + max(left, right)


@numba.njit(cache=True, nogil=True)
def _walk(
    values: npt.NDArray[np.float32],
    feature: npt.NDArray[np.int32],
    threshold: npt.NDArray[np.float64],
    child: npt.NDArray[np.int32],
    value: npt.NDArray[np.float64],
    roots: npt.NDArray[np.int32],
    depth: npt.NDArray[np.int32],
) -> npt.NDArray[np.float64]:
    rows = len(values)
    odds = np.zeros(rows)
    node = np.empty(LANES, np.int32)
    for start in range(0, rows, BLOCK):
        end = min(start + BLOCK, rows)
        for tree in range(len(roots)):
            for first in range(start, end, LANES):
                lanes = min(LANES, end - first)
                for lane in range(LANES):
                    node[lane] = roots[tree]
                for _ in range(depth[tree]):
                    for lane in range(lanes):
                        at = node[lane]
                        node[lane] = child[2 * at + (values[first + lane, feature[at]] > threshold[at])]
                for lane in range(lanes):
                    odds[first + lane] += value[node[lane]]
    return odds


@numba.njit(cache=True, nogil=True)
def _leaves(
    values: npt.NDArray[np.float32],
    feature: npt.NDArray[np.int32],
    threshold: npt.NDArray[np.float64],
    child: npt.NDArray[np.int32],
    roots: npt.NDArray[np.int32],
    depth: npt.NDArray[np.int32],
) -> npt.NDArray[np.int32]:
    found = np.empty((len(values), len(roots)), np.int32)
    for row in range(len(values)):
        for tree in range(len(roots)):
            at = roots[tree]
            for _ in range(depth[tree]):
                at = child[2 * at + (values[row, feature[at]] > threshold[at])]
            found[row, tree] = at
    return found


def odds(trees: Flat, values: Told) -> Floats:
    """Log-odds of each row of inputs, as LightGBM's own."""
    return np.asarray(_walk(values, *trees))


def leaves(trees: Flat, values: Told) -> npt.NDArray[np.int32]:
    """The leaf of each tree that each row falls into."""
    return np.asarray(_leaves(values, *trees[:3], *trees[4:]))


def told(columns: Sequence[Floats]) -> Told:
    """Inputs as trees are told them: single precision, what is not known as `UNKNOWN`."""
    made = np.empty((len(columns[0]), len(columns)), np.float32)
    for number, column in enumerate(columns):
        made[:, number] = np.where(np.isfinite(column), column, UNKNOWN)
    return made
