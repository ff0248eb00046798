"""Trees over the numbers of a declaration, as LightGBM grows them.

Cuts are drawn at random and the best of them kept (P. Geurts et al., Machine Learning 63, 2006): with few
findings that errs less than the best cut of all.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from watchfloor.desks.boosted_trees import Inputs, lightgbm
from watchfloor.desks.cargo.model.inputs import Floats

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
UNKNOWN: Final = -1e9
"""What stands for an input that is not known: it lies below all others."""


def grow(values: Inputs, found: Floats, weight: Floats, seed: int, rounds: int = ROUNDS) -> str:
    """Grow trees on declarations that were examined, and return them as LightGBM's text.

    Raises:
        MissingExtraError: LightGBM is missing or does not load.
    """
    library = lightgbm()
    data = library.Dataset(values, found, weight=weight)
    text: str = library.train(SETTINGS | {"seed": seed}, data, rounds).model_to_string()
    return text


def encode(columns: Sequence[Floats]) -> Inputs:
    """Return inputs as the trees read them: a row a declaration, `UNKNOWN` where a number is not finite."""
    made = np.empty((len(columns[0]), len(columns)), np.float32)
    for number, column in enumerate(columns):
        made[:, number] = np.where(np.isfinite(column), column, UNKNOWN)
    return made
