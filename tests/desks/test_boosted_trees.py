"""Boosted trees: to the last digit as LightGBM, exact contributions, and no number followed unchecked."""

from functools import reduce
from itertools import combinations
from math import comb, isnan
from operator import add

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desks.boosted import Leaf, Split, lines, text

from watchfloor.desks import boosted_trees
from watchfloor.desks.boosted_trees import TreesError, read

INPUTS = 4
NAMES = [f"input{at}" for at in range(INPUTS)]

values = st.one_of(
    st.sampled_from([0.0, -0.0, 1e-36, -1e-36, 1.0, 2.0, -0.5, -1.0, 31.0, 32.0, 64.0, 3e9, float("nan")]),
    st.floats(-3, 3, width=32),
    st.integers(0, 70).map(float),
)
rows = st.lists(st.lists(values, min_size=INPUTS, max_size=INPUTS), min_size=1, max_size=20)
leaves = st.builds(Leaf, st.floats(-2, 2), st.integers(1, 50))


def splits(below):
    feature = st.integers(0, INPUTS - 1)
    missing, left = st.integers(0, 2), st.booleans()
    numeric = st.builds(Split, feature, st.floats(-3, 3), below, below, missing, left)
    sets = st.lists(st.integers(0, 70), min_size=1, max_size=5).map(tuple)
    return numeric | st.builds(Split, feature, st.just(0.0), below, below, missing, left, sets)


trees = st.recursive(leaves, splits, max_leaves=12)


def goes_left(split, value):
    """LightGBM's rules in words: docs of `zero_as_missing`, `use_missing`, and categorical features."""
    if split.categories is not None:
        return not isnan(value) and int(value) in split.categories and value > -1
    if isnan(value) and split.missing != 2:
        value = 0.0
    if (split.missing == 2 and isnan(value)) or (split.missing == 1 and abs(value) <= np.float32(1e-35)):
        return split.default_left
    return value <= split.threshold


def walked(tree, row):
    while isinstance(tree, Split):
        tree = tree.left if goes_left(tree, float(row[tree.feature])) else tree.right
    return tree.value


def expected(tree, row, known):
    """The value of a tree where only some features are known: both ways, as the training rows went."""
    if isinstance(tree, Leaf):
        return tree.value
    if tree.feature in known:
        side = tree.left if goes_left(tree, float(row[tree.feature])) else tree.right
        return expected(side, row, known)
    left, right = (expected(side, row, known) * side.count for side in (tree.left, tree.right))
    return (left + right) / tree.count


@given(st.lists(trees, min_size=1, max_size=4), rows)
def test_odds_are_the_sum_of_the_leaves(forest, given_rows):
    table = np.array(given_rows, np.float32)
    model = read(text(NAMES, forest))
    # One after the other: sum() of Python 3.12 compensates, and LightGBM does not.
    want = [reduce(add, (walked(tree, row) for tree in forest), 0.0) for row in table]
    assert model.odds(table).tolist() == want
    assert np.cumsum(model.nodes.value[model.leaves(table)], axis=1)[:, -1].tolist() == want


@given(st.lists(trees, min_size=1, max_size=3), rows)
def test_contributions_are_the_shapley_values_of_every_order(forest, given_rows):
    row = np.array(given_rows[:1], np.float32)
    found = read(text(NAMES, forest)).contributions(row)[0]
    for feature in range(INPUTS):
        others = [one for one in range(INPUTS) if one != feature]
        want = sum(
            (expected(tree, row[0], {*known, feature}) - expected(tree, row[0], {*known}))
            / (INPUTS * comb(INPUTS - 1, size))
            for tree in forest
            for size in range(INPUTS)
            for known in combinations(others, size)
        )
        assert found[feature] == pytest.approx(want, abs=1e-12)
    assert found[-1] == pytest.approx(sum(expected(tree, row[0], {}) for tree in forest), abs=1e-12)
    assert found.sum() == pytest.approx(read(text(NAMES, forest)).odds(row)[0], abs=1e-12)


@pytest.mark.parametrize(
    ("settings", "known"),
    [
        ({"max_depth": 5}, True),
        ({}, False),
        ({"zero_as_missing": True}, False),
        ({"use_missing": False}, False),
        ({"extra_trees": True, "max_bin": 63}, False),
        ({"min_data_in_leaf": 4000}, False),  # a single leaf
    ],
)
def test_predictions_are_lightgbms_own(settings, known):
    library, draw = boosted_trees.lightgbm(), np.random.default_rng(5)
    table = draw.normal(size=(3000, 8)).astype(np.float32)
    table[:, 3] = draw.integers(-1, 90, 3000)
    table[:, 5] = np.round(table[:, 5])
    label = (table[:, 0] + (table[:, 3] % 3 == 1) + draw.normal(size=3000) > 0.5).astype(np.int8)
    if not known:
        table[draw.random(table.shape) < 0.1] = np.nan
    fixed = {"objective": "binary", "num_leaves": 15, "verbosity": -1, "num_threads": 1, "seed": 1}
    data = library.Dataset(table, label, categorical_feature=[] if known else [3])
    booster = library.train(fixed | settings, data, 60)
    model = read(booster.model_to_string())
    assert model.names == tuple(booster.feature_name())
    assert (model.odds(table) == booster.predict(table, raw_score=True, num_threads=1)).all()
    moved = booster.predict(table[:100], pred_contrib=True, num_threads=1)
    assert model.contributions(table[:100]) == pytest.approx(moved, abs=1e-11)


FOREST = [
    Split(0, 0.5, Leaf(1.0), Split(1, 2.0, Leaf(2.0), Leaf(3.0), categories=(1, 40))),
    Split(2, 0.0, Split(0, -1.0, Leaf(-1.0), Leaf(0.5)), Leaf(0.25)),
]


@pytest.mark.parametrize(
    "changes",
    [
        {"left_child": "50000000 -2"},
        {"left_child": "-9 -2"},
        {"left_child": "0 -2"},  # its own child
        {"left_child": "1 0"},  # a circle
        {"left_child": "1 -3"},  # a leaf with two parents, and one without
        {"left_child": "-1 -2", "right_child": "-3 -3"},
        {"left_child": "1"},
        {"left_child": "1 x"},
        {"left_child": "1 1e3"},
        {"split_feature": "2 4"},
        {"split_feature": "2 -1"},
        {"split_feature": "2 99999999999999999999999999"},
        {"threshold": "nan 0"},
        {"leaf_value": "inf 1 2"},
        {"leaf_value": "1 2"},
        {"leaf_count": "0 1 1"},
        {"internal_count": "-3 2"},
        {"decision_type": "12 0"},
        {"decision_type": "1 0"},  # names a set of categories, and has none
        {"num_leaves": "0"},
        {"num_leaves": "1000000000000"},
        {"num_leaves": "9" * 5000},
        {"num_leaves": ""},
        {"num_cat": "1", "cat_boundaries": "0 50000000", "cat_threshold": "1", "decision_type": "1 0"},
        {"num_cat": "1", "cat_boundaries": "1 1", "cat_threshold": "1", "decision_type": "1 0"},
        {"num_cat": "1", "cat_boundaries": "0 1", "cat_threshold": "-1", "decision_type": "1 0"},
        {"num_cat": "2", "cat_boundaries": "0 2 1", "cat_threshold": "1", "decision_type": "1 0"},
        {"is_linear": "1"},
    ],
)
def test_malformed_trees_are_refused(changes):
    with pytest.raises(TreesError, match="tree 1"):
        read(text(NAMES, FOREST, **changes))


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("version=v4", "version=v3"),
        ("num_class=1", "num_class=3"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=2"),
        ("feature_names=", "names="),
        ("end of trees", ""),
        ("Tree=", "tree "),
    ],
)
def test_other_text_is_refused(line, other):
    good = text(NAMES, FOREST)
    assert line in good
    with pytest.raises(TreesError):
        read(good.replace(line, other))
    with pytest.raises(TreesError):
        read("")


def test_a_tree_may_not_be_endless():
    tree = Leaf(0.0)
    for _ in range(boosted_trees.MAX_DEPTH):
        tree = Split(0, 0.0, Leaf(1.0), tree)
    assert read(text(NAMES, [tree])).odds(np.zeros((1, INPUTS), np.float32)).tolist() == [1.0]
    with pytest.raises(TreesError):
        read(text(NAMES, [Split(0, 0.0, Leaf(1.0), tree)]))


@given(st.lists(st.tuples(st.sampled_from(sorted(lines(FOREST[0]))), st.text("0123456789-.e n", max_size=9))))
def test_garbled_trees_are_refused_or_stay_in_bounds(changed):
    """Whatever a line says: an error, or trees that numba may follow without a bounds check."""
    try:
        model = read(text(NAMES, FOREST[::-1], **dict(changed)))
    except TreesError:
        return
    nodes = model.nodes
    assert 0 <= nodes.child.min() <= nodes.child.max() < len(nodes.value)
    assert 0 <= nodes.feature.min() <= nodes.feature.max() < INPUTS
    assert model.odds(np.zeros((9, INPUTS), np.float32)).shape == (9,)


def test_rows_of_another_width_are_refused():
    for shape in ((3, INPUTS - 1), (3, INPUTS + 1), (3,)):
        with pytest.raises(TreesError):
            read(text(NAMES, FOREST)).odds(np.zeros(shape, np.float32))
