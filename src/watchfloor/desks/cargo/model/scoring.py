"""Scoring declarations by a fitted model."""

from typing import Final

import numpy as np
import pyarrow as pa

from watchfloor.desks.cargo.model import inputs, raw
from watchfloor.desks.cargo.model.answers import Scores
from watchfloor.desks.cargo.model.core import applied
from watchfloor.desks.cargo.model.fitted import Model
from watchfloor.desks.cargo.model.inputs import Floats, ModelInputs

BLOCK: Final = 1 << 16
"""Declarations that are scored together, to bound the memory."""


def score(model: Model, declarations: pa.Table) -> Scores:
    """Chance and spread of each declaration, by it and the model alone.

    The spread is that of the effects of its words, as if they were all there is: it is large where a
    declaration has words that were seldom or never examined, which is what examining it would tell.
    """
    made = [
        _scores(model, declarations.slice(start, BLOCK)) for start in range(0, declarations.num_rows, BLOCK)
    ]
    if not made:
        return Scores(np.empty(0), np.empty(0))
    return Scores(*(np.concatenate(one) for one in zip(*made, strict=True)))


def _scores(model: Model, rows: pa.Table) -> Scores:
    odds, spread = of_seen(model, inputs.build(rows, model.origin, model.currency))
    return Scores(1 / (1 + np.exp(-odds)), spread)


def of_seen(model: Model, seen: ModelInputs) -> tuple[Floats, Floats]:
    """Calibrated log-odds and their spread."""
    made = applied(model.core, seen)
    bounded = np.clip(raw.routes(model.core, made), -model.cap, model.cap)
    odds = model.line.start + model.line.slope * (raw.plain(model.core, made) + bounded)
    return odds, model.line.slope * np.sqrt(made.variance)
