"""By how much the newest months of a publication changed afterwards."""

from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.messages import declare
from watchfloor.scorecard.bilingual import Text, fill, number
from watchfloor.scorecard.methods.seasons import signed
from watchfloor.scorecard.methods.series import Monthly

Floats = npt.NDArray[np.float64]

NEWEST: Final = 3

UNKNOWN: Final = declare("scorecard.revisions-unknown")
UNCHANGED: Final = declare("scorecard.revisions-none", "cases")
CHANGED: Final = declare("scorecard.revisions-changed", "cases", "least", "most", "median")


def revised(earlier: Monthly, later: Monthly, newest: int = NEWEST) -> Floats:
    """The logarithm of later over earlier, of the newest months of the earlier vintage that both have.

    Months where either is zero or not published are left out: a revision from nothing has no ratio.
    """
    months = range(max(earlier.last - newest + 1, earlier.start, later.start), earlier.last + 1)
    before = earlier.values[[month - earlier.start for month in months]]
    after = np.array(
        [later.values[month - later.start] if month <= later.last else np.nan for month in months]
    )
    kept = (before > 0) & (after > 0)
    return np.log(after[kept] / before[kept])


def describe(revisions: Floats) -> Text:
    """Describe revisions in a sentence."""
    if not revisions.size:
        return fill(UNKNOWN)
    cases = number(revisions.size)
    if not revisions.any():
        return fill(UNCHANGED, cases=cases)
    least, median, most = np.expm1(np.quantile(revisions, [0, 0.5, 1])).tolist()
    return fill(CHANGED, cases=cases, least=signed(least), most=signed(most), median=signed(median))
