"""How likely a candidate is a planted scheme rather than background: a logistic weight of a few plain facts.

The facts are about unusualness for the accounts concerned (`naming` computes them). The weights were fitted
on development worlds by `./dev bench finance.patterns --fit`, which writes `weights.toml`; no world that
figures are reported on had a part in it. A score is comparable within a typology and orders instances; it is
no probability that somebody launders money.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.desks.finance.patterns.naming import Candidate

_FAN: Final = (
    *("gain", "log_size", "spread", "log_hours", "log_other_way", "log_partners_before"),
    *("leaves_busy", "within_ten_hours", "leaves_off", "own_off", "paid_again", "log_days_watched"),
)
FACTS: Final = {
    "fan-out": _FAN,
    "fan-in": _FAN,
    "gather-scatter": (
        *("gain", "lesser_gain", "sum_off", "spread_in", "spread_out", "log_gap_hours", "log_hours"),
        *("overlap", "log_size", "log_partners_before"),
    ),
    "scatter-gather": ("worth", "log_size", "kept_off", "spread", "log_hours", "payees_busy"),
    "cycle": ("worth", "log_size", "step_off", "rising", "log_hours", "payers_busy"),
    "bipartite": (
        *("worth", "log_squares", "log_size", "spread", "log_hours", "squares_each", "payers_busy"),
        *("payees_busy", "between", "density"),
    ),
    "stack": (
        *("worth", "log_squares", "log_size", "spread", "log_hours", "squares_each", "payers_busy"),
        *("payees_busy", "between", "density"),
    ),
}
"""Names of a candidate's facts, in their order."""
REACH: Final = 4.0
"""Standard deviations beyond which a fact says no more."""


@cache
def weights() -> dict[str, Any]:
    """For each typology `bias` and, for each fact, its centre, scale, weight and the weight of its square."""
    return tomllib.loads(files(__package__).joinpath("weights.toml").read_text(encoding="utf-8"))


def standard(facts: npt.NDArray[np.float64], centre: Any, scale: Any) -> npt.NDArray[np.float64]:
    """Facts [., n] as standard deviations from their centre, at most `REACH`."""
    return np.asarray(np.clip((facts - np.asarray(centre)) / np.asarray(scale), -REACH, REACH))


def log_odds(typology: str, found: list[Candidate]) -> npt.NDArray[np.float64]:
    """The score before it is squeezed to 0..1, of candidates of one typology.

    Squares are there as many a fact speaks for a scheme in the middle and against it at either end: hours
    that are neither one batch nor a month.
    """
    table = weights()[typology]
    centre, scale, weight, bend = np.array([table[name] for name in FACTS[typology]]).T
    facts = np.array([one.facts for one in found], np.float64).reshape(len(found), len(weight))
    far = standard(facts, centre, scale)
    return np.asarray(table["bias"] + (far * weight + far**2 * bend).sum(1))


def score(odds: float) -> float:
    """0 to 1."""
    return float(1.0 / (1.0 + np.exp(-odds)))
