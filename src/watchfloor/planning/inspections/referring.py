"""Picks as referrals: what `casework.referrals` writes, with the chance that makes rates known later."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa

from watchfloor.casework.referrals.life import Pick
from watchfloor.planning.inspections.plan import OPEN

SCHEME = "target"
"""What precedes the digest of the settings in the records of referrals."""


class Grounds(NamedTuple):
    """An officer's recorded grounds, and his number."""

    words: str
    badge: str


def referrals(picks: pa.Table, deadline: datetime, grounds: Mapping[str, Grounds]) -> Iterator[Pick]:
    """Yield the referrals of a plan; a pick without a means is not referred.

    Args:
        picks: of `picks.table`.
        deadline: until when the items can be held.
        grounds: recorded ones, by item: they go with an item that is to be opened.
    """
    for row in picks.to_pylist():
        if row["means"] is None:
            continue
        own = grounds.get(row["subject"]) if row["means"] == OPEN else None
        yield Pick(
            row["subject"],
            row["means"],
            deadline,
            row["chosen_by"],
            row["propensity"],
            f"{SCHEME} {row['scheme']}",
            row["document"],
            row["unit"],
            own.words if own else None,
            own.badge if own else None,
            marking=row["marking"],
        )
