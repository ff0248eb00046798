"""How much is tried: a quick run, or everything with `WATCHFLOOR_THOROUGH=1` (see `./dev thorough`)."""

import os

THOROUGH = os.environ.get("WATCHFLOOR_THOROUGH", "") not in ("", "0")


def draws(thorough, quick=None):
    """Return how many examples to draw: all in a thorough run, else `quick`, or a tenth and at least five."""
    if THOROUGH:
        return thorough
    return quick or min(thorough, max(5, thorough // 10))
