"""Fitting a model of declarations on what examinations of some of them found."""

import pyarrow as pa

from watchfloor.desks.cargo.model.fitted import VERSION, FitError, Model
from watchfloor.desks.cargo.model.labels import beside

FEWEST = 10
"""Findings, and examinations without one, below which nothing is fitted."""


def fit(declarations: pa.Table, inspections: pa.Table, *, origin: bool = False, seed: int = 0) -> Model:  # noqa: ARG001
    """Fit a model.

    Args:
        declarations: kind `declaration`; those that were not examined are counted too.
        inspections: kind `inspection`; state examined and result nothing or finding count.
        origin: whether countries of departure and origin may count, by a bounded number of bits.
        seed: of what is drawn; the same seed gives the same model.

    Raises:
        FitError: there are too few findings, or too few examinations without one.
    """
    labels = beside(declarations, inspections)
    found, nothing = int((labels.found == 1).sum()), int((labels.found == 0).sum())
    if min(found, nothing) < FEWEST:
        raise FitError(
            f"{found:,} declarations were examined with a finding and {nothing:,} without; at least {FEWEST}"
            " of each are needed"
        )
    until = int(labels.at.max())
    prior = (found + 0.5) / (found + nothing + 1)
    return Model(VERSION, until, (found + nothing, found), labels.contradictory, origin, prior)
