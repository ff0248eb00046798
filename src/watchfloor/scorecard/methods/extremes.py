"""Whether a baseline, a window, an end or a unit was chosen where the series says it best.

Nothing here says that somebody chose it for that. It says how many other choices there were, and how many of
them would have said it less well.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.messages import Message, declare, reason
from watchfloor.scorecard.bilingual import Text, fill, number, shown_percent
from watchfloor.scorecard.findings import Warned
from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.periods import named
from watchfloor.scorecard.problems import WrongQuestion

Floats = npt.NDArray[np.float64]

AROUND: Final = 12
NEAR: Final = 0.125
"""A month is near the extreme when it is among the best eighth of those it is ranked with."""
NEAR_WINDOW: Final = 0.05
"""A window or a change: among the best twentieth, for windows overlap and there are many of them."""
FEW: Final = 5
"""With fewer choices than this the first is no wonder, be they months, windows or definitions."""

PEAK: Final = declare("scorecard.extreme-baseline-peak", "month", "rank", "of", "around")
TROUGH: Final = declare("scorecard.extreme-baseline-trough", "month", "rank", "of", "around")
HIGH_WINDOW: Final = declare("scorecard.extreme-window-high", "of", "length", "rank")
LOW_WINDOW: Final = declare("scorecard.extreme-window-low", "of", "length", "rank")
LARGE_FALL: Final = declare("scorecard.extreme-change-fall", "of", "rank")
LARGE_RISE: Final = declare("scorecard.extreme-change-rise", "of", "rank")
LOWEST_END: Final = declare("scorecard.extreme-end-low", "of", "month", "rank")
HIGHEST_END: Final = declare("scorecard.extreme-end-high", "of", "month", "rank")
LOW_UNIT: Final = declare("scorecard.extreme-unit-low", "of", "chosen", "value", "other", "most")
HIGH_UNIT: Final = declare("scorecard.extreme-unit-high", "of", "chosen", "value", "other", "most")
NO_DEFINITION: Final = declare("scorecard.extreme-no-definition", "chosen", "known")


class Rank(NamedTuple):
    """Place among choices: 1 is the most extreme; those that are equal share the best place."""

    rank: int
    of: int

    def extreme(self, near: float) -> bool:
        """Whether it is the first, or within this share of the best, of at least five."""
        return self.of >= FEW and self.rank <= max(1, near * self.of)


def ranked(values: Floats, chosen: float, *, top: bool) -> Rank:
    """The place of a value among all (itself included) from the top or the bottom; `nan` are left out."""
    known = values[~np.isnan(values)]
    ahead = known > chosen if top else known < chosen
    return Rank(int(np.count_nonzero(ahead)) + 1, len(known))


def baseline(series: Monthly, month: int, *, fall: bool = True, around: int = AROUND) -> Warned | None:
    """A baseline at or near the peak of the months around it, before and after; for a rise, at a trough.

    Args:
        series: what changed.
        month: the baseline.
        fall: whether a fall from it is claimed.
        around: how many months to each side are looked at.

    Raises:
        NotPublished, Gap: when the baseline is not there.
    """
    value = series.at(month)
    near = series.values[max(month - around - series.start, 0) : month + around + 1 - series.start]
    place = ranked(near, value, top=fall)
    message = PEAK if fall else TROUGH
    return _warned("baseline", message, place, month=named(month), around=number(around))


def window(series: Monthly, first: int, last: int, whole: Monthly | None = None) -> Warned | None:
    """A window whose sum, or whose share of another series, is extreme among all windows of its length.

    Give the series as far as it went when the claim was made. Of windows so long that not five lie side by
    side nothing is said: they are nearly all the same months.
    Windows with a month that is not published are left out; so are those where the whole is zero.

    Raises:
        NotPublished, Gap: when a month of the window is not there.
    """
    chosen = _amount(series, whole, first, last)
    length = last - first + 1
    if len(series) < FEW * length:
        return None
    starts = range(series.start, series.last - length + 2)
    all_values = np.array([_amount_or_nan(series, whole, start, start + length - 1) for start in starts])
    for top, message in ((True, HIGH_WINDOW), (False, LOW_WINDOW)):
        place = ranked(all_values, chosen, top=top)
        if found := _warned("window", message, place, length=number(length)):
            return found
    return None


def change(series: Monthly, first: int, last: int) -> Warned | None:
    """A change that is extreme among all changes over as many months; `last` is later than `first`.

    Give the series as far as it went when the claim was made: what came later nobody could choose.

    Raises:
        NotPublished, Gap: when one of the two months is not there.
    """
    lag = last - first
    before, after = series.at(first), series.at(last)
    starts, ends = series.values[: len(series) - lag], series.values[lag:]
    ratios = np.divide(ends, starts, out=np.full(len(starts), np.nan), where=starts > 0)
    if before == 0:
        return None
    fall = after <= before
    place = ranked(ratios, after / before, top=not fall)
    return _warned("window", LARGE_FALL if fall else LARGE_RISE, place)


def end(series: Monthly, first: int, last: int, *, fall: bool = True) -> Warned | None:
    """A last month that is the best, or nearly, of those published since the baseline.

    Give the series as far as it went when the claim was made; the newest month of a steady fall is always
    the best, and then no choice: nothing is said of the newest month.

    Raises:
        NotPublished, Gap: when one of the two months is not there.
    """
    series.at(first)
    value = series.at(last)
    if last == series.last:
        return None
    place = ranked(series.values[first + 1 - series.start :], value, top=not fall)
    return _warned("end", LOWEST_END if fall else HIGHEST_END, place, month=named(last))


def unit(values: Mapping[str, float], chosen: str, labels: Mapping[str, Text]) -> Warned | None:
    """A definition that gives the smallest or the largest figure of all admissible ones, five at least.

    Args:
        values: figure by definition, as parts of one.
        chosen: the definition that was used.
        labels: of the definitions.

    Raises:
        WrongQuestion: for a definition that is none of them.
    """
    if chosen not in values:
        raise WrongQuestion(reason(NO_DEFINITION, chosen=chosen, known=", ".join(values)))
    if len(values) < FEW or len(set(values.values())) == 1:
        return None
    least, most = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
    for message, extreme, other in ((LOW_UNIT, least, most), (HIGH_UNIT, most, least)):
        if values[chosen] == values[extreme]:
            text = fill(
                message,
                of=number(len(values)),
                chosen=labels[chosen],
                value=shown_percent(values[chosen]),
                other=labels[other],
                most=shown_percent(values[other]),
            )
            return Warned("unit", text)
    return None


def _warned(kind: str, message: Message, place: Rank, **params: Text) -> Warned | None:
    if not place.extreme(NEAR_WINDOW if kind == "window" else NEAR):
        return None
    return Warned(kind, fill(message, rank=number(place.rank), of=number(place.of), **params))


def _amount(series: Monthly, whole: Monthly | None, first: int, last: int) -> float:
    total = series.total(first, last)
    if whole is None:
        return total
    out_of = whole.total(first, last)
    return total / out_of if out_of else float("nan")


def _amount_or_nan(series: Monthly, whole: Monthly | None, first: int, last: int) -> float:
    if any(not _has(one, first, last) for one in (series, whole) if one is not None):
        return float("nan")
    return _amount(series, whole, first, last)


def _has(series: Monthly, first: int, last: int) -> bool:
    if first < series.start or last > series.last:
        return False
    return not bool(np.isnan(series.values[first - series.start : last + 1 - series.start]).any())
