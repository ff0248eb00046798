"""What acts on referrals say of items: which are done, whose grounds are recorded, what waits for a means."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.referrals.grounds import split
from watchfloor.planning.inspections.referring import Grounds

UNENDED: Final = ("referred", "amended")
"""States of a referral that asks for an examination."""


def subjects(acts: pa.Table, states: Sequence[str]) -> pa.Array:
    """Items whose last act is one of some states."""
    mine = pc.is_in(acts["state"], value_set=pa.array(states, pa.string()))
    return pc.unique(acts["subject"].filter(mine))


def grounds(acts: pa.Table) -> dict[str, Grounds]:
    """Officers' recorded grounds, by item: those of its last act that states any and was not withdrawn.

    Who wrote the record is not who suspects: only a text that ends with the badge of an officer, as
    `cell.referrals.grounds` keeps it, is an officer's.
    """
    stands = pc.and_(pc.is_valid(acts["grounds"]), pc.not_equal(acts["state"], "withdrawn"))
    rows = acts.filter(stands).sort_by([("observed_at", "ascending"), ("edition", "ascending")])
    found = {}
    for row in rows.select(["subject", "grounds"]).to_pylist():
        words, badge = split(row["grounds"])
        if words.strip() and badge:
            found[row["subject"]] = Grounds(words, badge)
    return found


def used(acts: pa.Table, day: date) -> dict[str, int]:
    """Items that wait for each means and can still be held on a day."""
    held = pc.greater_equal(pc.cast(acts["deadline"], pa.date32()), pa.scalar(day, pa.date32()))
    mine = pc.and_(
        pc.is_in(acts["state"], value_set=pa.array(UNENDED, pa.string())), pc.fill_null(held, True)
    )
    counts = pc.value_counts(pc.fill_null(acts["means"].filter(mine), ""))
    return {one["values"]: one["counts"] for one in counts.to_pylist() if one["values"]}
