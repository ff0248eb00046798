"""Gradient-boosted trees over the inputs of payments, as LightGBM grows them, the same for the same seed."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.desks.boosted_trees import BoostedTrees, lightgbm

Floats = npt.NDArray[np.float32]

SETTINGS: Final[dict[str, Any]] = {
    "objective": "binary",
    "metric": "binary_logloss",
    "learning_rate": 0.06,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
}
"""Chosen on development worlds, see docs/finance.md."""

ROUNDS: Final = 300
MOST: Final = 120_000
"""Payments labelled 0 that trees are grown on; more tell little and cost time."""

FEW: Final = 20_000
"""Rows below which one thread does it all; from there on, as many as there are."""

PATIENCE: Final = 40
"""Rounds without gain on the later payments after which growing ends."""


class Grown(NamedTuple):
    """Trees as LightGBM's text, and after how many rounds growing ended."""

    text: str
    rounds: int


def grow(
    values: Floats,
    labels: npt.NDArray[np.int8],
    names: Sequence[str],
    words: Sequence[str],
    seed: int,
    later: tuple[Floats, npt.NDArray[np.int8]] | None = None,
    rounds: int = ROUNDS,
) -> Grown:
    """Grow trees; with `later` payments growing ends where they gain no more, else after `rounds`.

    Raises:
        MissingExtraError: LightGBM is missing or does not load.
    """
    library = lightgbm()
    rows, weight = thinned(labels, seed)
    data = library.Dataset(
        values[rows], labels[rows], weight=weight, feature_name=list(names), categorical_feature=list(words)
    )
    settings = SETTINGS | {"seed": seed, "num_threads": _threads(len(rows))}
    if later is None:
        return Grown(library.train(settings, data, rounds).model_to_string(), rounds)
    held = library.Dataset(later[0], later[1], reference=data)
    stop = library.early_stopping(PATIENCE, verbose=False)
    found = library.train(settings, data, rounds, valid_sets=[held], callbacks=[stop])
    return Grown(found.model_to_string(), found.best_iteration)


def _threads(rows: int) -> int:
    """One for few rows: threads that wait for one another cost more than they bring where others work too."""
    return 1 if rows < FEW else 0


def thinned(labels: npt.NDArray[np.int8], seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Rows to grow on, and their weights: all that are labelled 1, and at most `MOST` others for all of
    them."""
    others = np.flatnonzero(labels == 0)
    if len(others) <= MOST:
        return np.arange(len(labels)), np.ones(len(labels))
    kept = np.random.default_rng(seed).choice(others, MOST, replace=False)
    rows = np.sort(np.concatenate((np.flatnonzero(labels == 1), kept)))
    return rows, np.where(labels[rows] == 1, 1.0, len(others) / MOST)


def odds(models: Sequence[BoostedTrees], values: Floats) -> npt.NDArray[np.float64]:
    """Return the mean of the models' log-odds of each row."""
    return np.asarray(np.mean([one.odds(values) for one in models], axis=0))


def as_chance(odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Chances of log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-odds)))
