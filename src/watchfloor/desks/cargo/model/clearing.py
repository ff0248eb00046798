"""What would have cleared a declaration: another value or mass, all else as it is.

Only what a declarant could have declared otherwise is tried, never who is party to it and never a country. It
says how the model decides; it is no advice on what to declare, and is not shown to those who declare.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from watchfloor.desks.cargo.model.fitted import Model
from watchfloor.desks.cargo.model.inputs import Floats, Seen, taken
from watchfloor.desks.cargo.model.messages import CLEARS
from watchfloor.desks.cargo.model.scoring import of_seen
from watchfloor.desks.cargo.model.told import Clears
from watchfloor.records.messages import reason


def clears(
    model: Model, seen: Seen, at: int, row: Mapping[str, Any], chance: float, below: float
) -> tuple[Clears, ...]:
    """For value and mass the nearest other one with a chance below `below`.

    Nothing where there is none, or where the chance is below already.
    """
    if chance < below:
        return ()
    return tuple(one for name in CLEARS for one in _by(model, seen, at, row, name, below))


def _by(model: Model, seen: Seen, at: int, row: Mapping[str, Any], name: str, below: float) -> list[Clears]:
    now = seen.numbers[name][at]
    others = np.array(model.core.edges[f"{name}/20"].edges)
    if not np.isfinite(now) or not len(others):
        return []
    odds, _ = of_seen(model, _with(seen, at, name, others))
    chances = 1 / (1 + np.exp(-odds))
    good = np.flatnonzero(chances < below)
    if not len(good):
        return []
    best = good[np.argmin(np.abs(others[good] - now))]
    said: dict[str, Any] = {"other": float(10 ** others[best]), "now": float(row[name])}
    if name == "value":
        said["currency"] = row["currency"] or ""
    told = reason(CLEARS[name], chance=float(chances[best]), below=below, **said)
    return [Clears(name, float(chances[best]), told)]


def _with(seen: Seen, at: int, name: str, others: Floats) -> Seen:
    """The declaration as often as there are other values, with them."""
    made = taken(seen, np.full(len(others), at))
    numbers = {**made.numbers, name: others}
    return Seen(made.words, {**numbers, "unit": numbers["value"] - numbers["mass"]})
