"""Scoring declarations by a fitted model."""

import numpy as np
import pyarrow as pa

from watchfloor.desks.cargo.model.fitted import Model
from watchfloor.desks.cargo.model.told import Scores


def score(model: Model, declarations: pa.Table) -> Scores:
    """Chance and spread of each declaration, by it and the model alone."""
    many, found = model.examined
    spread = (1 / (found + 0.5) + 1 / (many - found + 0.5)) ** 0.5
    return Scores(np.full(declarations.num_rows, model.prior), np.full(declarations.num_rows, spread))
