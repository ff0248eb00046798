"""Rules with weights in bits, as an officer may state them before there is a model. All start by these.

The weights are judgement and are not fitted.
"""

from typing import Final

import numpy as np

from watchfloor.exercise.cargo_year.evidence import COLUMN
from watchfloor.exercise.cargo_year.items import Evidence, Floats

PRIOR: Final = -8.5
"""Bits: about 3 in a thousand."""
FOUND: Final = {"sender_found": 5.0, "phone_found": 5.0, "address_found": 4.0}
"""Bits of an earlier find that has not faded; half a find brings half."""


def bits(evidence: Evidence) -> Floats:
    """Log2 of the odds by the rules [n]; `evidence` is [n, columns]."""

    def column(name: str) -> Floats:
        return np.asarray(evidence[:, COLUMN[name]], np.float64)

    total = np.full(len(evidence), PRIOR)
    for name, weight in FOUND.items():
        total += weight * np.minimum(column(name), 1.0)
    total += 1.5 * (column("words") == 0)
    total += 1.0 * (column("sender_age") == 0)
    total += 1.5 * np.clip(column("phone_names") - np.log1p(1), 0, 1.5)
    total += 1.0 * np.clip(-column("price_off") - 0.7, 0, 2)
    total += 1.5 * ((column("alike_today") > 0.5) & (column("phone_today") > 1))
    total += 0.5 * (np.abs(column("mass_off")) > 2)
    total -= 0.5 * (column("mode") > 2)
    return total
