"""`WATCHFLOOR_THOROUGH=1` draws many times more examples, where one is dear."""

import os

THOROUGH = os.environ.get("WATCHFLOOR_THOROUGH", "") not in ("", "0")


def draws(usual, thorough):
    """How many examples to draw."""
    return thorough if THOROUGH else usual
