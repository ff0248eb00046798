"""Trees in LightGBM's text format, written by hand: what reads them must need no LightGBM."""

from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from watchfloor.core.extras import MissingExtraError
from watchfloor.desks.boosted_trees import lightgbm
from watchfloor.desks.cargo.model import trees as cargo
from watchfloor.desks.finance.models import trees as finance


@dataclass(frozen=True)
class Leaf:
    value: float
    count: int = 1


@dataclass(frozen=True)
class Split:
    """A split; `categories` go left where it has any, and `missing` is 0 (nothing), 1 (zero) or 2 (NaN)."""

    feature: int
    threshold: float
    left: "Split | Leaf"
    right: "Split | Leaf"
    missing: int = 0
    default_left: bool = False
    categories: tuple[int, ...] | None = None

    @property
    def count(self):
        return self.left.count + self.right.count


def lines(tree):
    """The lines of a tree, by name."""
    splits, leaves = [], []

    def number(node):
        if isinstance(node, Leaf):
            leaves.append(node)
            return -len(leaves)
        at = len(splits)
        splits.append(None)
        splits[at] = (node, number(node.left), number(node.right))
        return at

    number(tree)
    thresholds, bounds, words = [], [0], []
    for node, _, _ in splits:
        if node.categories is None:
            thresholds.append(node.threshold)
            continue
        thresholds.append(len(bounds) - 1)
        bits = sum(1 << one for one in set(node.categories))
        words += [bits >> at & 0xFFFFFFFF for at in range(0, max(bits.bit_length(), 1), 32)]
        bounds.append(len(words))
    found = {
        "num_leaves": [len(leaves)],
        "num_cat": [len(bounds) - 1],
        "split_feature": [node.feature for node, _, _ in splits],
        "threshold": thresholds,
        "decision_type": [
            (node.categories is not None) + 2 * node.default_left + 4 * node.missing for node, _, _ in splits
        ],
        "left_child": [left for _, left, _ in splits],
        "right_child": [right for _, _, right in splits],
        "leaf_value": [one.value for one in leaves],
        "leaf_count": [one.count for one in leaves],
        "internal_count": [node.count for node, _, _ in splits],
    }
    if words:
        found |= {"cat_boundaries": bounds, "cat_threshold": words}
    return {name: " ".join(map(repr, values)) for name, values in found.items()} | {"is_linear": "0"}


def text(names, trees, **changes):
    """A model of trees over inputs of these names; `changes` stand in place of lines of the last tree."""
    blocks = [lines(tree) for tree in trees]
    blocks[-1] |= changes
    head = f"tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nfeature_names={' '.join(names)}\n"
    body = "\n\n".join(
        "\n".join([f"Tree={number}", *(f"{name}={value}" for name, value in one.items()), ""])
        for number, one in enumerate(blocks)
    )
    return f"{head}\n{body}\n\nend of trees\n"


@contextmanager
def grower():
    """Where LightGBM does not load, one split of the first input stands for trees that it would grow."""
    try:
        lightgbm()
    except MissingExtraError:
        stump = Split(0, 0.5, Leaf(-1.0, 30), Leaf(1.0, 10), missing=2)

        def of_cargo(values, found, weight, seed, rounds=0):
            return text([f"Column_{at}" for at in range(values.shape[1])], [stump])

        def of_finance(values, labels, names, words, seed, later=None, rounds=0):
            return finance.Grown(text(names, [stump]), 1)

        with patch.object(cargo, "grow", of_cargo), patch.object(finance, "grow", of_finance):
            yield
    else:
        yield
