"""Why a declaration has its chance: bits of each input, nearest past cases, what would have cleared it.

The bits are exact: calibrated log-odds are a line over the mean of effects of words, which are sums, and of
trees, whose log-odds S. Lundberg et al. (Nature Machine Intelligence 2, 2020) divide among the inputs so that
the parts sum. With the prior they sum to the log2 odds of the chance.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import fsum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.messages import reason
from watchfloor.desks.boosted_trees import Inputs
from watchfloor.desks.cargo.model import inputs, parts, raw
from watchfloor.desks.cargo.model.answers import Clears, Explained, Part, Past
from watchfloor.desks.cargo.model.core import applied
from watchfloor.desks.cargo.model.fitted import LN2, Model
from watchfloor.desks.cargo.model.inputs import Floats, ModelInputs, taken
from watchfloor.desks.cargo.model.messages import CLEARS, LOWERS, RAISES
from watchfloor.desks.cargo.model.scoring import of_seen

NEAREST: Final = 3
"""Past cases that are pointed to."""
STRETCH: Final = 8_192
"""Rows that are explained at a time."""


def explain(
    model: Model, declarations: pa.Table, rows: Sequence[int], *, below: float | None = None
) -> list[Explained]:
    """Explain the chance of some rows, in the order asked for.

    Args:
        model: the fitted model.
        declarations: kind `declaration`.
        rows: which of them.
        below: chance that counts as cleared; None: the share of findings that the model was fitted on.
    """
    if not len(rows):
        return []
    chosen = declarations.take(pa.array(rows, pa.int64()))
    seen = inputs.build(chosen, model.origin, model.currency)
    made = applied(model.core, seen)
    names, bits, prior = _bits(model, made.terms, made.values)
    alike = _alike(model, model.core.trees.leaves(made.values))
    limit = model.examined[1] / model.examined[0] if below is None else below
    told = []
    for at, row in enumerate(chosen.to_pylist()):
        chance = 1 / (1 + 2.0 ** -(prior + fsum(bits[at])))
        told.append(
            Explained(
                chance,
                prior,
                _parts(names, bits[at], row),
                _past(model, alike[at]),
                clears(model, seen, at, row, chance, limit),
            )
        )
    return told


def raising(
    model: Model, declarations: pa.Table, rows: Sequence[int], most: int
) -> Iterator[tuple[Part, ...]]:
    """Yield the parts that raise the chance of each of some rows, the largest first, in the order asked for.

    Args:
        model: the fitted model.
        declarations: kind `declaration`.
        rows: which of them.
        most: parts of each row.
    """
    for start in range(0, len(rows), STRETCH):
        chosen = declarations.take(pa.array(rows[start : start + STRETCH], pa.int64()))
        made = applied(model.core, inputs.build(chosen, model.origin, model.currency))
        names, bits, _ = _bits(model, made.terms, made.values)
        for own, row in zip(bits, chosen.to_pylist(), strict=True):
            best = np.argsort(-own, kind="stable")[:most]
            yield tuple(_part(names[at], float(own[at]), row) for at in best if own[at] > 0)


def _bits(model: Model, terms: Sequence[Floats], values: Inputs) -> tuple[list[str], Floats, float]:
    """Names of the parts, bits of each (rows by parts), and those of the prior."""
    slope = model.line.slope / LN2
    moved = model.core.trees.contributions(values)
    of_terms, of_told = [parts.of_term(term) for term in model.core.terms], parts.of_told(model.core)
    names = sorted({*of_terms, *of_told})
    bits = np.zeros((len(values), len(names)))
    for number, name in enumerate(of_terms):
        bits[:, names.index(name)] += terms[number] * (1.0 if name == parts.ROUTE else raw.EFFECTS)
    for number, name in enumerate(of_told):
        bits[:, names.index(name)] += moved[:, number] * (1 - raw.EFFECTS)
    if parts.ROUTE in names:
        route = names.index(parts.ROUTE)
        bits[:, route] = np.clip(bits[:, route], -model.cap, model.cap)
    base = raw.EFFECTS * model.core.intercept + (1 - raw.EFFECTS) * float(moved[0, -1])
    return names, slope * bits, model.line.start / LN2 + slope * base


def _parts(names: Sequence[str], bits: Floats, row: dict[str, Any]) -> tuple[Part, ...]:
    order = np.argsort(-np.abs(bits), kind="stable")
    return tuple(_part(names[at], float(bits[at]), row) for at in order if bits[at])


def _part(name: str, bits: float, row: dict[str, Any]) -> Part:
    message = (RAISES if bits > 0 else LOWERS)[parts.key_of(name)]
    return Part(
        name, bits, reason(message, value=parts.value_of(name, row), times=round(2.0 ** abs(bits), 2))
    )


def _alike(model: Model, leaves: npt.NDArray[np.int32]) -> Floats:
    """Share of trees in which each declaration falls into the leaf of each past case."""
    cases = np.frombuffer(model.leaves, "<i4").reshape(len(model.cases), -1)
    return np.stack([(cases == one).mean(axis=1) for one in leaves])


def _past(model: Model, alike: Floats) -> tuple[Past, ...]:
    nearest = np.argsort(-alike, kind="stable")[:NEAREST]
    return tuple(
        Past(
            case.document,
            date.fromisoformat(case.day),
            "finding" if case.found else "nothing",
            float(alike[at]),
        )
        for at in nearest
        for case in (model.cases[at],)
    )


# What would have cleared a declaration: another value or mass, all else as it is.
#
# Only what a declarant could have declared otherwise is tried, never who is party to it and never a country.
# It says how the model decides; it is no advice on what to declare, and is not shown to those who declare.


def clears(
    model: Model, seen: ModelInputs, at: int, row: Mapping[str, Any], chance: float, below: float
) -> tuple[Clears, ...]:
    """For value and mass the nearest other one with a chance below `below`.

    Nothing where there is none, or where the chance is below already.
    """
    if chance < below:
        return ()
    return tuple(one for name in CLEARS for one in _by(model, seen, at, row, name, below))


def _by(
    model: Model, seen: ModelInputs, at: int, row: Mapping[str, Any], name: str, below: float
) -> list[Clears]:
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


def _with(seen: ModelInputs, at: int, name: str, others: Floats) -> ModelInputs:
    """The declaration as often as there are other values, with them."""
    made = taken(seen, np.full(len(others), at))
    numbers = {**made.numbers, name: others}
    return ModelInputs(made.words, {**numbers, "unit": numbers["value"] - numbers["mass"]})
