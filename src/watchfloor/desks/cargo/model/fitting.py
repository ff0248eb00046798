"""Fitting a model of declarations on what examinations of some of them found."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.cargo.model import core, inputs, profiles, raw
from watchfloor.desks.cargo.model.fitted import CAP, LN2, VERSION, Case, FitError, Line, Model
from watchfloor.desks.cargo.model.inputs import Codes, Floats, taken

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
    told = beside(declarations, inspections)
    rows = np.flatnonzero(told.found >= 0)
    found = told.found[rows].astype(np.float64)
    _refuse_few(found)
    currency = _currency(declarations)
    seen = inputs.build(declarations, origin, currency)
    group = inputs.goods(seen)
    at = told.at[rows]
    weight = weights(np.unique(group[rows], return_inverse=True)[1].reshape(-1), at, told.chance[rows])

    def trial(learn: Codes, judge: Codes) -> Floats:
        made = core.learned(seen, group, rows[learn], found[learn], weight[learn], origin, seed)
        return raw.log_odds(made, taken(seen, rows[judge]), CAP * LN2)

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
        profiles=profiles.build(seen),
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


# How much each examined declaration counts when a model learns.


HALVED: Final = 365 * 86_400 * 1_000_000
"""Microseconds after which an examination counts half: what is smuggled, and how, changes."""
MOST: Final = 20.0
"""How many times the least one an examination counts at most for having been improbable."""


def weights(group: Codes, at: Codes, chance: Floats) -> Floats:
    """Weights of examined declarations, one on the average over sorts of goods.

    What is declared again and again counts once in all; older examinations count less; those that were
    improbable count for the many like them that were not chosen (D. Horvitz and D. Thompson, 1952).

    Args:
        group: which are of the same goods.
        at: when each was examined, µs.
        chance: with which each was chosen; one that is not known, NaN, counts as the median.
    """
    age = (at.max() - at) / HALVED
    weight = 0.5**age / np.bincount(group)[group]
    known = np.isfinite(chance) & (chance > 0)
    if known.any():
        inverse = 1 / np.where(known, chance, np.median(chance[known]))
        weight *= np.minimum(inverse / inverse.min(), MOST)
    return np.asarray(weight * len(np.unique(group)) / weight.sum())


# What examinations found, beside the declarations they were of.


class Labels(NamedTuple):
    """Labels beside the rows of a table of declarations.

    Attributes:
        found: 1 finding, 0 nothing, -1 not examined or not said.
        at: when that was said, µs since 1970; 0 where it was not.
        chance: probability with which the item was chosen, where known, else NaN.
        contradictory: items whose acts said different things; the later act stands.
        unknown: items examined that no declaration is about.
    """

    found: npt.NDArray[np.int8]
    at: npt.NDArray[np.int64]
    chance: npt.NDArray[np.float64]
    contradictory: int
    unknown: int


def beside(declarations: pa.Table, inspections: pa.Table) -> Labels:
    """The last result of each item, beside each of its declarations.

    An item is a subject and the number of a transport document; an inspection that names no document is of
    the subject whatever its document. An inconclusive examination and one that was not made say nothing.
    """
    acts = _examined(inspections)
    pairs, contradictory = _last(acts.filter(pc.is_valid(acts["document"])), ("subject", "document"))
    alone, more = _last(acts.filter(pc.is_null(acts["document"])), ("subject",))
    numbered = _document(declarations)
    keys = {"subject": declarations["subject"], "document": numbered}
    by_pair, lost = _places(keys, pairs, ("subject", "document"))
    by_subject, lost_too = _places(keys, alone, ("subject",))
    place = np.where(by_pair >= 0, by_pair, np.where(by_subject >= 0, by_subject + pairs.num_rows, -1))
    both = pa.concat_tables([pairs, alone])
    return Labels(
        np.append(both["found"].to_numpy(), np.int8(-1))[place],
        np.append(both["at"].to_numpy(), 0)[place],
        np.append(both["chance"].to_numpy(), np.nan)[place],
        contradictory + more,
        lost + lost_too,
    )


def _document(rows: pa.Table) -> pa.ChunkedArray:
    return pc.coalesce(rows["document"], rows["report_key"])


def _examined(inspections: pa.Table) -> pa.Table:
    """Acts that say finding or nothing, in the order of time, with `found`, `at` and `chance`."""
    said = pc.and_(
        pc.equal(inspections["state"], "examined"),
        pc.is_in(inspections["result"], pa.array(["finding", "nothing"])),
    )
    rows = inspections.filter(pc.fill_null(said, False))
    made = pa.table(
        {
            "subject": rows["subject"],
            "document": rows["document"],
            "found": pc.cast(pc.equal(rows["result"], "finding"), pa.int8()),
            "at": pc.cast(rows["observed_at"], pa.int64()),
            "chance": pc.fill_null(pc.cast(rows["chance"], pa.float64()), float("nan")),
        }
    )
    return made.take(pc.sort_indices(made, [("at", "ascending")]))


def _last(acts: pa.Table, key: tuple[str, ...]) -> tuple[pa.Table, int]:
    """The last act of each item, and how many items have acts of both sorts."""
    places = acts.append_column("place", pa.array(np.arange(acts.num_rows)))
    sums = places.group_by(list(key)).aggregate([("place", "max"), ("found", "min"), ("found", "max")])
    both = int(pc.sum(pc.not_equal(sums["found_min"], sums["found_max"])).as_py() or 0)
    return acts.take(sums["place_max"]), both


def _places(
    keys: dict[str, pa.ChunkedArray], acts: pa.Table, key: tuple[str, ...]
) -> tuple[npt.NDArray[np.int64], int]:
    """For each declaration the row of its act, -1 where none is; and how many acts have no declaration."""
    count = len(keys["subject"])
    if not acts.num_rows:
        return np.full(count, -1, np.int64), 0
    left = pa.table({name: keys[name] for name in key}).append_column("row", pa.array(np.arange(count)))
    right = acts.select(list(key)).append_column("act", pa.array(np.arange(acts.num_rows)))
    joined = left.join(right, list(key), join_type="inner")
    place = np.full(count, -1, np.int64)
    place[joined["row"].to_numpy()] = joined["act"].to_numpy()
    return place, acts.num_rows - len(pc.unique(joined["act"]))


# What raw log-odds are worth, by declarations that the trial did not learn from.


LATER: Final = 0.2
"""Share of the examined declarations, the latest, that judge."""
ENOUGH: Final = 50
"""Findings, and examinations without one, that later declarations of new goods must hold to judge."""
FIFTHS: Final = 5
FLATTEST: Final = 0.05
"""Slope below which nothing is learned: a model that errs is calibrated to say next to nothing."""


def calibrated(
    trial: Callable[[Codes, Codes], Floats],
    group: Codes,
    at: Codes,
    found: Floats,
    weight: Floats,
    seed: int,
) -> Line:
    """The line from raw to calibrated log-odds.

    Judged by the latest fifth, without goods that were declared before: what is declared again and again
    would make a model look surer than it is. Where that leaves too few, half of the goods judge the other.

    Args:
        trial: raw log-odds of the rows given second, by a model that learned from those given first.
        group: which rows are of the same goods.
        at: when each was examined.
        found: 1 or 0.
        weight: of each row.
        seed: of the halves.
    """
    order = np.argsort(at, kind="stable")
    cut = len(order) - int(LATER * len(order))
    past, judged = order[:cut], order[cut:]
    judged = judged[(at[judged] > at[order[0]]) & ~np.isin(group[judged], group[past])]
    later = min(int(found[judged].sum()), int((1 - found[judged]).sum())) >= ENOUGH
    if later:
        raw = trial(past, judged)
    else:
        side = np.random.default_rng(seed).permutation(int(group.max()) + 1)[group] % 2
        halves = [np.flatnonzero(side == one) for one in (0, 1)]
        judged, raw = np.arange(len(found)), np.empty(len(found))
        for mine, other in (halves, halves[::-1]):
            raw[mine] = trial(other, mine) if _both(found[other]) and len(mine) else 0.0
    return _line(raw, found[judged], weight[judged], later)


def _both(found: Floats) -> bool:
    return 0 < int(found.sum()) < len(found)


def _line(raw: Floats, found: Floats, weight: Floats, later: bool) -> Line:
    from scipy.optimize import minimize
    from scipy.special import expit

    def loss(state: Floats) -> tuple[float, Floats]:
        odds = state[0] + state[1] * raw
        miss = weight * (expit(odds) - found)
        return float(weight @ (np.logaddexp(0, odds) - found * odds)), np.array([miss.sum(), miss @ raw])

    mean = float(np.average(found, weights=weight))
    bounds = [(None, None), (FLATTEST, None)]
    start, slope = minimize(loss, np.array([0.0, 1.0]), jac=True, method="L-BFGS-B", bounds=bounds).x
    chance = expit(start + slope * raw)
    return Line(
        float(start),
        float(slope),
        (len(found), int(found.sum())),
        later,
        (brier(chance, found, weight), brier(np.full(len(found), mean), found, weight)),
        (logloss(chance, found, weight), logloss(np.full(len(found), mean), found, weight)),
        reliability(chance, found, weight),
    )


def reliability(chance: Floats, found: Floats, weight: Floats) -> tuple[tuple[float, float], ...]:
    """Mean chance and share of findings of each fifth by chance: alike where chances are right."""
    parts = [one for one in np.array_split(np.argsort(chance, kind="stable"), FIFTHS) if len(one)]
    return tuple(
        (
            float(np.average(chance[one], weights=weight[one])),
            float(np.average(found[one], weights=weight[one])),
        )
        for one in parts
    )


def brier(chance: Floats, found: Floats, weight: Floats) -> float:
    """Mean squared error of chances (G. Brier, Monthly Weather Review 78, 1950)."""
    return float(np.average((chance - found) ** 2, weights=weight))


def logloss(chance: Floats, found: Floats, weight: Floats) -> float:
    """Mean of minus the natural logarithm of the chance of what came."""
    said = np.clip(np.where(found > 0, chance, 1 - chance), 1e-12, 1.0)
    return float(np.average(-np.log(said), weights=weight))
