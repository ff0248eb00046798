"""Fitting a model of declarations on what examinations of some of them found."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.cargo.model import core, inputs, labels, profiles, raw
from watchfloor.desks.cargo.model.calibrating import calibrated
from watchfloor.desks.cargo.model.fitted import CAP, LN2, VERSION, Case, FitError, Model
from watchfloor.desks.cargo.model.inputs import Codes, Floats, taken
from watchfloor.desks.cargo.model.weighing import weights

FEWEST: Final = 10
"""Findings, and examinations without one, below which nothing is fitted."""
CASES: Final = 4000
"""Past cases that a model keeps to point to: the latest findings, and as many others."""


def fit(declarations: pa.Table, inspections: pa.Table, *, origin: bool = False, seed: int = 0) -> Model:
    """Fit a model.

    Args:
        declarations: kind `declaration`; those that were not examined say what is common.
        inspections: kind `inspection`; state examined and result nothing or finding count.
        origin: whether countries of departure and origin may count, by `fitted.CAP` bits at most.
        seed: of what is drawn; the same seed gives the same model.

    Raises:
        FitError: there are too few findings, or too few examinations without one.
        MissingExtraError: LightGBM is missing or does not load.
    """
    told = labels.beside(declarations, inspections)
    rows = np.flatnonzero(told.found >= 0)
    found = told.found[rows].astype(np.float64)
    _refuse_few(found)
    currency = _currency(declarations)
    seen = inputs.of(declarations, origin, currency)
    group = inputs.goods(seen)
    at = told.at[rows]
    weight = weights(np.unique(group[rows], return_inverse=True)[1].reshape(-1), at, told.chance[rows])

    def trial(learn: Codes, judge: Codes) -> Floats:
        made = core.learned(seen, group, rows[learn], found[learn], weight[learn], origin, seed)
        return raw.of(made, taken(seen, rows[judge]), CAP * LN2)

    line = calibrated(trial, group[rows], at, found, weight, seed)
    made = core.learned(seen, group, rows, found, weight, origin, seed)
    cases = _cases(found, at)
    values = core.applied(made, taken(seen, rows[cases])).values
    return Model(
        version=VERSION,
        until=int(at.max()),
        examined=(len(rows), int(found.sum())),
        contradictory=told.contradictory,
        unknown=told.unknown,
        origin=origin,
        currency=currency,
        core=made,
        line=line,
        profiles=profiles.of(seen),
        declared=declarations.num_rows,
        cases=_told(declarations.take(rows[cases]), found[cases], at[cases]),
        leaves=made.trees.leaves(values).astype("<i4").tobytes(),
    )


def _refuse_few(found: Floats) -> None:
    findings = int(found.sum())
    if min(findings, len(found) - findings) < FEWEST:
        raise FitError(
            f"{findings:,} declarations were examined with a finding and {len(found) - findings:,} without;"
            f" at least {FEWEST} of each are needed. An examination is joined to a declaration by its subject"
            " and document"
        )


def _currency(declarations: pa.Table) -> str:
    """The currency that most values are in; empty where none is stated."""
    counts = pc.value_counts(pc.drop_null(declarations["currency"])).to_pylist()
    most = max(counts, key=lambda one: (one["counts"], one["values"]), default=None)
    return most["values"] if most else ""


def _cases(found: Floats, at: Codes) -> Codes:
    """Which of the examined declarations are kept: of either result the latest."""
    latest = np.argsort(-at, kind="stable")
    sides = [latest[found[latest] == side][: CASES // 2] for side in (1.0, 0.0)]
    return np.concatenate(sides)


def _told(rows: pa.Table, found: Floats, at: Codes) -> tuple[Case, ...]:
    start = datetime.fromtimestamp(0, UTC)
    days = [(start + timedelta(microseconds=int(one))).date().isoformat() for one in at]
    numbers = pc.coalesce(rows["document"], rows["report_key"]).to_pylist()
    return tuple(map(Case, numbers, days, (found > 0).tolist()))
