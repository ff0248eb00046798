"""Levels: what a bank may tell another of an account, as a small whole number whose steps everybody knows.

The steps are fixed here and rest on nobody's payments, so a code of practice can name each field with its
lowest and highest level, and a level says the same at every bank. For a level its middle is read back.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

HOUR: Final = 3600


class Scale(NamedTuple):
    """Steps of a quantity.

    Attributes:
        edges: rising; level 0 lies below the first, and the last level has no end.
        below: what is read back for level 0.
    """

    edges: tuple[float, ...]
    below: float = 0.0

    @property
    def highest(self) -> int:
        """The last level."""
        return len(self.edges)

    def level(self, values: Floats) -> npt.NDArray[np.int64]:
        """Levels of values; -1 of what is not known."""
        found = np.searchsorted(np.asarray(self.edges), values, side="right")
        return np.asarray(np.where(np.isnan(values), -1, found), np.int64)

    def value(self, levels: npt.NDArray[np.int64]) -> Floats:
        """The middle of each level, of the last its start; NaN for -1."""
        return np.asarray([*self._middles(), np.nan], np.float32)[levels]

    def _middles(self) -> Sequence[float]:
        steps = zip(self.edges[:-1], self.edges[1:], strict=True)
        inner = (low if high - low == 1 else (low + high) / 2 for low, high in steps)
        return (self.below, *inner, self.edges[-1])


COUNT: Final = Scale((1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 30, 50, 100, 200, 500))
AMOUNT: Final = Scale(tuple(float(f"{10 ** (1 + k / 5):.3g}") for k in range(31)))
"""Five steps a decade, from 10 to 10 million, in whatever currency it is."""
SPAN: Final = Scale(
    (0, 60, 600, *(hours * HOUR for hours in (1, 3, 6, 12, 24, 48, 72, 120, 168, 336, 672, 1440))),
    below=-1,
)
"""Seconds; level 0: never."""
SHARE: Final = Scale((0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 1.0, 1.05, 2), below=-1)
"""Level 0: nothing to have a share of."""
DAYS: Final = Scale((1, 2, 3, 5, 7, 10, 14, 21, 28, 45, 60, 90, 180, 365, 1000))
CHANCE: Final = Scale(
    (0.0002, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8)
)
CHANCES: Final = Scale((0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10))
"""A sum of chances."""

WINDOWS: Final = ("1d", "graph", "60d")
ACCOUNT: Final[dict[str, Scale]] = {
    **{
        f"{way}_{what}_{window}": scale
        for way in ("in", "out")
        for what, scale in (("fan", COUNT), ("payments", COUNT), ("sum", AMOUNT))
        for window in WINDOWS
    },
    **dict.fromkeys(("ever_in", "ever_out", "partners_in", "partners_out"), COUNT),
    **dict.fromkeys(("age", "since_in", "since_out", "dwelt"), SPAN),
    **dict.fromkeys(("passed", "total_ratio"), SHARE),
    **dict.fromkeys(("mean_in", "mean_out"), AMOUNT),
}
"""Of the account: inputs of a model, without the side."""
SUSPICION: Final[dict[str, Scale]] = {
    f"{way}_{what}": CHANCES if what == "sum" else CHANCE
    for way in ("out", "in")
    for what in ("most", "recent", "sum")
}
"""Of its earlier payments: what a first model thought of them, see `trust`."""


def of_fact(name: str) -> Scale:
    """The steps of a fact of a table, such as `tenure_days` or `balance_before`."""
    if "balance" in name or "amount" in name:
        return AMOUNT
    return DAYS if name.endswith("_days") else COUNT
