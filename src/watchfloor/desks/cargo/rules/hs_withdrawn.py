"""`hs-withdrawn`: goods declared under a code that the Harmonized System no longer has.

An old table at the shipper's explains most of them, so it is a fact beside something else, and worth nothing.
"""

from typing import Final

from watchfloor.core.messages import reason
from watchfloor.desks.assertions import number_of
from watchfloor.desks.cargo.assertions import Statement, subjects_of
from watchfloor.desks.cargo.messages import HS_MOVED, HS_WITHDRAWN
from watchfloor.desks.state import Row
from watchfloor.reference.hs import EDITIONS, check

RULE: Final = "hs-withdrawn"
NAMED: Final = 6
"""Codes that a sentence names, of those that the goods are under now."""


def say(row: Row) -> Statement | None:
    """State that a line's code is of an edition that was withdrawn by the day it was declared."""
    found = check(row["hs"] or "", row["observed_at"].date())
    if found.last is None:
        return None
    about = {
        "item": number_of(row["subject"], "parcel"),
        "code": row["hs"],
        "year": EDITIONS[EDITIONS.index(found.last) + 1],
    }
    codes = ", ".join(found.now[:NAMED]) + ", …" * (len(found.now) > NAMED)
    why = reason(HS_MOVED, now=codes, **about) if found.now else reason(HS_WITHDRAWN, **about)
    return Statement(RULE, "withdrawn", subjects_of([row]), why, [row])
