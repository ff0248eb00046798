"""The newest months that nobody has published yet, with intervals that were right as often as they say.

The point is a mean of four simple rules for the logarithm: the newest month or a level that forgets, each
with the season and without, and each weighing as much as it was right over two years past. How far it may
be off is learnt from how far the same mean was off before (split conformal prediction), with a miss rate
that is steered by the misses themselves, so that a break in the series widens what follows it (adaptive
conformal inference, Gibbs and Candès, NeurIPS 2021). Revisions of newest months, where any are known, move
the point and widen the interval.

All of it assumes that the months to come differ from their forecasts as past months did. At a break they do
not: `docs/scorecard-methods.md` has what was measured across those of 2020 and 2025.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.messages import declare, reason
from watchfloor.scorecard.bilingual import Text, capital, fill, joined, number, percent
from watchfloor.scorecard.methods.revisions import describe
from watchfloor.scorecard.methods.seasons import effects
from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.periods import named
from watchfloor.scorecard.problems import Unanswerable, WrongQuestion

Floats = npt.NDArray[np.float64]

LEVEL: Final = 0.9
AHEAD: Final = 3
ERRORS: Final = 20
"""Errors that a first interval needs."""
MEMORY: Final = 60
"""Errors that an interval is made of, the newest."""
STEERING: Final = 0.05
BEYOND: Final = 1.5
"""Times the largest error that an interval reaches, after so many misses that none seen would be enough."""
HALF: Final = 0.5
"""Added to every month, so that a month of zero has a logarithm."""

WRONG_AHEAD: Final = declare("scorecard.nowcast-ahead", "ahead")
TOO_SHORT: Final = declare("scorecard.nowcast-short", "months", "ahead", "needed")
MONTH: Final = declare("scorecard.nowcast-month", "month", "point", "level", "low", "high")
ESTIMATE: Final = declare("scorecard.nowcast-estimate")
HELD: Final = declare("scorecard.nowcast-held", "held", "cases", "share")


class Backtest(NamedTuple):
    """The forecast at each past month, and what came; a row a month from which it looked
    ahead, a column for each month ahead, `nan` where there is none.

    Attributes:
        errors: logarithm of what came less that of the point.
        reach: half the interval, as a logarithm; one row more than `errors`, for the months to come. It does
            not shrink with the months ahead.
        rates: of misses that intervals are steered to at the end, one for each month ahead.
    """

    errors: Floats
    reach: Floats
    rates: Floats

    @property
    def held(self) -> Floats:
        """1 where the interval held what came, 0 where not, `nan` where there is nothing to hold."""
        reach = self.reach[:-1]
        known = ~np.isnan(self.errors) & ~np.isnan(reach)
        return np.where(known, np.abs(self.errors) <= reach, np.nan)


@dataclass(frozen=True, slots=True)
class Nowcast:
    """Months that are not published yet.

    Attributes:
        first: the first of them.
        point: medians, one a month.
        low, high: ends of the interval.
        level: of the interval.
        held: how many past intervals held what came.
        cases: how many there were.
        text: all of it in sentences.
    """

    first: int
    point: Floats
    low: Floats
    high: Floats
    level: float
    held: int
    cases: int
    text: Text


def nowcast(
    series: Monthly, ahead: int = AHEAD, *, level: float = LEVEL, revised: Floats | None = None
) -> Nowcast:
    """The months after the last that is published.

    Args:
        series: counts a month, none missing.
        ahead: how many months, one to three.
        level: of the interval.
        revised: past revisions of newest months, as of `revisions.revised`.

    Raises:
        WrongQuestion: for more than three months ahead.
        Gap: when a month is missing.
        Unanswerable: when there are too few months to know how wrong the rule is.
    """
    _asked(series, ahead)
    logs = np.log(series.complete().values + HALF)
    revisions = np.zeros(0) if revised is None else revised
    tested = backtest(logs, ahead, level)
    moved = float(np.median(revisions)) if revisions.size else 0.0
    centre, reach = forecast(logs, ahead) + moved, _widened(tested, revisions)
    point, low, high = (
        np.maximum(np.exp(value) - HALF, 0) for value in (centre, centre - reach, centre + reach)
    )
    held = tested.held[~np.isnan(tested.held)]
    first, counts = series.last + 1, (int(held.sum()), held.size)
    text = _text(first, point, low, high, level, counts, describe(revisions))
    return Nowcast(first, point, low, high, level, *counts, text)


def backtest(logs: Floats, ahead: int = AHEAD, level: float = LEVEL) -> Backtest:
    """Forecast every month, knowing only the months before it."""
    errors = mixed_errors(logs, ahead)
    steered = [_steered(errors[:, later], later, 1 - level) for later in range(ahead)]
    reach = np.maximum.accumulate(np.column_stack([column for column, _ in steered]), axis=1)
    return Backtest(errors, reach, np.array([rate for _, rate in steered]))


def _steered(errors: Floats, later: int, misses: float) -> tuple[Floats, float]:
    """Half the interval at each month, for `later` months after it, and the miss rate it is steered to at the
    end; only errors known by then are used."""
    reach = np.full(len(errors) + 1, np.nan)
    rate = misses
    for month in range(FIRST + ERRORS + later, len(errors) + 1):
        newest = month - 1 - later
        if not np.isnan(reach[newest]):
            rate += STEERING * (misses - (abs(errors[newest]) > reach[newest]))
        known = _known(errors, month, later)
        reach[month] = _quantile(np.abs(known), known.size, rate)
    return reach, rate


def _known(errors: Floats, month: int, later: int) -> Floats:
    """Errors for `later` months after, as far as they are known at a month."""
    known: Floats = errors[max(FIRST, month - later - MEMORY) : month - later]
    return known


def _widened(tested: Backtest, revisions: Floats) -> Floats:
    """Half the interval of the months to come, if the newest months are revised as those before them were."""
    reach: Floats = tested.reach[-1].copy()
    if not revisions.size:
        return reach
    for later, rate in enumerate(tested.rates):
        known = _known(tested.errors[:, later], len(tested.errors), later)
        both = np.abs(known[:, None] + (revisions - np.median(revisions))).ravel()
        reach[later] = max(reach[later], _quantile(both, known.size, rate))
    found: Floats = np.maximum.accumulate(reach)
    return found


def _quantile(errors: Floats, cases: int, misses: float) -> float:
    """The error that is exceeded at this rate in one more case, as split conformal prediction has it."""
    if misses <= 0:
        return BEYOND * float(errors.max())
    share = min(max((1 - misses) * (cases + 1) / cases, 0), 1)
    return float(np.quantile(errors, share, method="inverted_cdf"))


def _asked(series: Monthly, ahead: int) -> None:
    if not 1 <= ahead <= AHEAD:
        raise WrongQuestion(reason(WRONG_AHEAD, ahead=ahead))
    needed = FIRST + ERRORS + ahead - 1
    if len(series) < needed:
        raise Unanswerable(reason(TOO_SHORT, months=len(series), ahead=ahead, needed=needed))


def _text(
    first: int,
    point: Floats,
    low: Floats,
    high: Floats,
    level: float,
    counts: tuple[int, int],
    revisions: Text,
) -> Text:
    months = [
        fill(
            MONTH,
            month=named(first + at),
            point=number(point[at]),
            level=percent(level, 0),
            low=number(low[at]),
            high=number(high[at]),
        )
        for at in range(len(point))
    ]
    parts = [fill(ESTIMATE), *_record(*counts), revisions]
    return joined([capital(joined(months, "; ")), joined(parts, " ")], ". ")


def _record(held: int, cases: int) -> list[Text]:
    if not cases:
        return []
    return [fill(HELD, held=number(held), cases=number(cases), share=percent(held / cases, 0))]


# Points of a nowcast: four simple rules, each weighing as much as it was right.
#
# A rule that knows the season is better over twenty years and worse over six with a break in them, and which
# it will be is not known beforehand. So past errors decide, every month and for each month ahead anew.


RULES: Final = ((True, 0.7), (True, 1.0), (False, 0.7), (False, 1.0))
"""Whether a rule knows the season, and the weight of the newest month in its level."""
JUDGED: Final = 24
"""Months over which rules are judged."""
LEAST_JUDGED: Final = 6
"""With fewer months all rules weigh the same."""
SHARPNESS: Final = 8
"""A rule that was twice as far off weighs the 2⁸th part."""
FIRST: Final = 24
"""Months before the first forecast that is held against what came."""
_TINY: Final = 1e-9


def forecast(logs: Floats, ahead: int) -> Floats:
    """Logarithms of the months after the last, from those of all months before."""
    said = rules(logs, ahead)
    past = _rule_errors(logs, ahead)
    return np.array([_weights(past, len(logs), later) @ said[:, later] for later in range(ahead)])


def rules(logs: Floats, ahead: int) -> Floats:
    """Forecast by each rule the months after the last, a row a rule."""
    season = effects(logs)
    months = np.arange(len(logs) + ahead) % 12
    found = [
        _level(logs - known * season[months[: len(logs)]], newest) + known * season[months[len(logs) :]]
        for known, newest in RULES
    ]
    return np.array(found)


def mixed_errors(logs: Floats, ahead: int) -> Floats:
    """Return what came less the forecast, a row a month from which it looked ahead; `nan` before the
    first, and where nothing came yet."""
    past = _rule_errors(logs, ahead)
    errors = np.full((len(logs), ahead), np.nan)
    for month in range(FIRST, len(logs)):
        for later in range(min(ahead, len(logs) - month)):
            errors[month, later] = _weights(past, month, later) @ past[:, month, later]
    return errors


def _level(logs: Floats, newest: float) -> float:
    """Exponential smoothing from the first month on."""
    weights = newest * (1 - newest) ** np.arange(len(logs) - 1.0, -1, -1)
    weights[0] = (1 - newest) ** (len(logs) - 1.0)
    return float(weights @ logs)


def _rule_errors(logs: Floats, ahead: int) -> Floats:
    """Return what came less the forecast of each rule: rules, months, months ahead."""
    errors = np.full((len(RULES), len(logs), ahead), np.nan)
    for month in range(FIRST, len(logs)):
        came = logs[month : month + ahead]
        errors[:, month, : len(came)] = came - rules(logs[:month], ahead)[:, : len(came)]
    return errors


def _weights(errors: Floats, month: int, later: int) -> Floats:
    """Weigh each rule at a month, for `later` months after it: only errors known by then count."""
    known = np.abs(errors[:, max(FIRST, month - later - JUDGED) : month - later, later])
    if known.shape[1] < LEAST_JUDGED:
        return np.full(len(RULES), 1 / len(RULES))
    off = np.maximum(known.mean(axis=1), _TINY)
    weights: Floats = (off / off.min()) ** -SHARPNESS
    weights /= weights.sum()
    return weights
