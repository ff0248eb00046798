"""Season of a share: the same months of other years, and the months of the year."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.messages import declare, reason
from watchfloor.scorecard.bilingual import Text, fill, joined, number, shown_percent
from watchfloor.scorecard.methods.seasons import FEW_YEARS, LEAST, NO_OTHER, YEAR
from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.periods import month_name
from watchfloor.scorecard.problems import Unanswerable

Floats = npt.NDArray[np.float64]

WHOLE_YEARS: Final = declare("scorecard.seasons-whole-years")
OTHER_SPANS: Final = declare("scorecard.seasons-spans", "years", "least", "most", "median", "share")
OF_YEAR: Final = declare("scorecard.seasons-of-year", "high", "most", "low", "least")
NO_WHOLE: Final = declare("scorecard.seasons-no-whole")


class Shares(NamedTuple):
    """A share and its season.

    Attributes:
        share: over the period.
        usual: over the same months of other years, by how many years later.
        of_year: by month of the year from January, all years together; `nan` where the whole is nothing.
        text: all of it in sentences.
    """

    share: float
    usual: dict[int, float]
    of_year: Floats
    text: Text


def view(part: Monthly, whole: Monthly, first: int, last: int) -> Shares:
    """A share over a period beside the same months of other years, and by month of the year.

    Args:
        part: what has the share.
        whole: in what; of the same months as `part`.
        first: month of the period.
        last: month of the period.

    Raises:
        NotPublished, Gap: when a month of the period is not there.
        Unanswerable: below two whole years of published months, or when the whole is zero.
    """
    months = int(np.count_nonzero(~np.isnan(part.values)))
    if months < LEAST:
        raise Unanswerable(reason(FEW_YEARS, months=months))
    share = _share(part, whole, first, last)
    if share is None:
        raise Unanswerable(reason(NO_WHOLE))
    usual = _other_spans(part, whole, first, last)
    of_year = _of_year(part, whole)
    parts = [
        *([fill(WHOLE_YEARS)] if (last - first + 1) % YEAR == 0 else []),
        _spans(usual, share),
        fill(OF_YEAR, **_extremes_of_year(of_year)),
    ]
    return Shares(share, usual, of_year, joined(parts, " "))


def _share(part: Monthly, whole: Monthly, first: int, last: int) -> float | None:
    """Over a period; None where the whole is nothing. Raises `NotPublished` or `Gap`."""
    ours, theirs = part.total(first, last), whole.total(first, last)
    return ours / theirs if theirs else None


def _other_spans(part: Monthly, whole: Monthly, first: int, last: int) -> dict[int, float]:
    """By years later; spans do not overlap, and those with a month that is not published are left out."""
    years = -(-(last - first + 1) // YEAR)
    most = len(part) // YEAR + 1
    found = {}
    for later in range(-most // years * years, most + 1, years):
        try:
            share = _share(part, whole, first + later * YEAR, last + later * YEAR)
        except Unanswerable:
            continue
        if later and share is not None:
            found[later] = share
    return found


def _of_year(part: Monthly, whole: Monthly) -> Floats:
    months = np.array(part.months) % YEAR
    known = ~np.isnan(part.values)
    ours, theirs = (np.bincount(months[known], one.values[known], YEAR) for one in (part, whole))
    found: Floats = np.divide(ours, theirs, out=np.full(YEAR, np.nan), where=theirs > 0)
    return found


def _spans(usual: dict[int, float], share: float) -> Text:
    if not usual:
        return fill(NO_OTHER)
    others = sorted(usual.values())
    ends = {"least": others[0], "most": others[-1], "median": float(np.median(others)), "share": share}
    return fill(
        OTHER_SPANS, years=number(len(others)), **{name: shown_percent(end) for name, end in ends.items()}
    )


def _extremes_of_year(of_year: Floats) -> dict[str, Text]:
    high, low = int(np.nanargmax(of_year)), int(np.nanargmin(of_year))
    return {
        "high": month_name(high),
        "low": month_name(low),
        "most": shown_percent(float(of_year[high])),
        "least": shown_percent(float(of_year[low])),
    }
