"""Season of a change: the same months of other years beside those of a claim.

A fall from June to January is what most years look like at a border. So a change is shown beside the change
over the same months of every other year that is published, and beside the same month a year before. Of
shares see `seasons_of_shares`.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.messages import declare, reason
from watchfloor.scorecard.bilingual import MINUS, Text, capital, fill, joined, number, percent
from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.periods import named
from watchfloor.scorecard.problems import Unanswerable

Floats = npt.NDArray[np.float64]

YEAR: Final = 12
LEAST: Final = 2 * YEAR
TOWARDS_NONE: Final = 4.0
"""As many years without any season are added to those that are there, so that two years make no season."""
MEMORY: Final = 8
"""Years that a season is taken from, the newest."""

FEW_YEARS: Final = declare("scorecard.seasons-few", "months")
FROM_ZERO: Final = declare("scorecard.seasons-zero")
LOWER: Final = declare("scorecard.lower", "share")
HIGHER: Final = declare("scorecard.higher", "share")
HERE: Final = declare("scorecard.seasons-here", "end", "moved", "start")
USUAL: Final = declare("scorecard.seasons-usual", "years", "moved", "least", "most", "as_much", "moved_so")
FELL: Final = Text("fell", "une baisse")
ROSE: Final = Text("rose", "une hausse")
ONE_OTHER: Final = declare("scorecard.seasons-one", "moved")
NO_OTHER: Final = declare("scorecard.seasons-none")
A_YEAR_BEFORE: Final = declare("scorecard.seasons-year-before", "end", "moved")
NO_YEAR_BEFORE: Final = declare("scorecard.seasons-no-year-before")


class Seasons(NamedTuple):
    """A change and its season; of all changes a fall is positive, as part of one.

    Attributes:
        fall: from the baseline to the end.
        usual: over the same months of other years, by the year of their baseline.
        year_before: to the end from the same month a year before; None where that is not published or zero.
        years: whole years of months that are published.
        text: all of it in sentences.
    """

    fall: float
    usual: dict[int, float]
    year_before: float | None
    years: int
    text: Text


def view(series: Monthly, baseline: int, end: int) -> Seasons:
    """A change from one month to another beside the same months of other years.

    Raises:
        NotPublished, Gap: when one of the two months is not there.
        Unanswerable: below two whole years of published months, or when the baseline is zero.
    """
    months = int(np.count_nonzero(~np.isnan(series.values)))
    if months < LEAST:
        raise Unanswerable(reason(FEW_YEARS, months=months))
    before, after = series.at(baseline), series.at(end)
    if before == 0:
        raise Unanswerable(reason(FROM_ZERO))
    fall = 1 - after / before
    usual = _usual(series, baseline, end)
    year_before = _fall(series, end - YEAR, end)
    parts = [_here(baseline, end, fall), _others(usual, fall)]
    if end - baseline != YEAR:
        parts.append(_year_before(end, year_before))
    text = joined(parts, " ")
    return Seasons(fall, usual, year_before, months // YEAR, text)


def effects(logs: Floats) -> Floats:
    """Estimate what each month of the year adds to a logarithm: twelve, from the first value's month on.

    Deviations from a centred mean over twelve months, averaged over the newest `MEMORY` years and drawn
    towards zero as if `TOWARDS_NONE` further years had no season. Zeros below 25 months, where a month of
    the year would have no deviation.
    """
    if len(logs) <= LEAST:
        return np.zeros(YEAR)
    weights = np.r_[0.5, np.ones(YEAR - 1), 0.5] / YEAR
    trend = np.convolve(logs, weights, "valid")
    apart = logs[YEAR // 2 : YEAR // 2 + len(trend)] - trend
    of_year = np.arange(YEAR // 2, YEAR // 2 + len(trend)) % YEAR
    each = [apart[of_year == month][-MEMORY:] for month in range(YEAR)]
    found: Floats = np.array([part.sum() / (len(part) + TOWARDS_NONE) for part in each])
    found -= found.mean()
    return found


def moved(fall: float) -> Text:
    """How much lower or higher, in words, from a fall as part of one."""
    return fill(LOWER if fall >= 0 else HIGHER, share=percent(abs(fall)))


def signed(change: float) -> Text:
    """A change in per cent with its sign: +12.0 %, −3.1 %."""
    text = percent(change)
    return text if text.en[0] == MINUS else Text("+" + text.en, "+" + text.fr)


def _usual(series: Monthly, baseline: int, end: int) -> dict[int, float]:
    found = {}
    for start in range(baseline % YEAR, series.last + 1, YEAR):
        fall = _fall(series, start, start + end - baseline)
        if start != baseline and fall is not None:
            found[start // YEAR] = fall
    return found


def _fall(series: Monthly, start: int, end: int) -> float | None:
    if min(start, end) < series.start or max(start, end) > series.last:
        return None
    before, after = series.values[start - series.start], series.values[end - series.start]
    return None if np.isnan(before + after) or before == 0 else float(1 - after / before)


def _here(baseline: int, end: int, fall: float) -> Text:
    return fill(HERE, end=capital(named(end)), start=named(baseline), moved=moved(fall))


def _others(usual: dict[int, float], fall: float) -> Text:
    falls = sorted(usual.values())
    if not falls:
        return fill(NO_OTHER)
    if len(falls) == 1:
        return fill(ONE_OTHER, moved=moved(falls[0]))
    return fill(
        USUAL,
        years=number(len(falls)),
        moved=moved(float(np.median(falls))),
        least=signed(-falls[-1]),
        most=signed(-falls[0]),
        as_much=number(sum(other >= fall if fall >= 0 else other <= fall for other in falls)),
        moved_so=FELL if fall >= 0 else ROSE,
    )


def _year_before(end: int, fall: float | None) -> Text:
    if fall is None:
        return fill(NO_YEAR_BEFORE)
    return fill(A_YEAR_BEFORE, end=capital(named(end)), moved=moved(fall))
