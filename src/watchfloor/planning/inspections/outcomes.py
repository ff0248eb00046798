"""Outcomes of items that were chosen: the last act of each, and the chance with which it was chosen."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.planning.inspections.draws import Bools, Floats
from watchfloor.planning.inspections.items import Items

ENDED = ("not-examined", "expired", "withdrawn")


class Outcomes(NamedTuple):
    """Items that were referred, a row each, after their last act [m].

    Attributes:
        subject: typed keys.
        examined: whether it was examined and something or nothing was said to be found.
        found: whether something was.
        chance: with which it was chosen; NaN where nobody noted it.
        open: whether its referral has not ended.
        contradictory: items whose examinations said different things; the later stands.
    """

    subject: list[str]
    examined: Bools
    found: Bools
    chance: Floats
    open: Bools
    contradictory: int

    @property
    def known(self) -> Bools:
        """Examined, with a known chance: what a rate can be estimated from."""
        return self.examined & (self.chance > 0)


def outcomes(acts: pa.Table) -> Outcomes:
    """The outcomes of inspections, in any order and of any source. Documents part items of one subject."""
    order = pc.sort_indices(acts, [("observed_at", "ascending"), ("edition", "ascending")])
    rows = acts.take(order)
    keys = pc.binary_join_element_wise(
        rows["subject"], pc.coalesce(rows["document"], pa.scalar("")), pa.scalar("\x1f")
    )
    said = pc.and_(
        pc.equal(rows["state"], "examined"),
        pc.is_in(rows["result"], value_set=pa.array(["finding", "nothing"])),
    )
    found = pc.if_else(said, pc.equal(rows["result"], "finding"), None)
    table = pa.table(
        {
            "key": keys,
            "n": pa.array(np.arange(rows.num_rows)),
            "found": pc.cast(found, pa.int8()),
            "chance": rows["chance"],
        }
    )
    sums = table.group_by("key").aggregate(
        [("n", "max"), ("found", "min"), ("found", "max"), ("chance", "max")]
    )
    last = rows.take(sums["n_max"])
    both = pc.not_equal(sums["found_min"], sums["found_max"])
    mine = said.take(sums["n_max"])
    return Outcomes(
        last["subject"].to_pylist(),
        _bools(mine),
        _bools(pc.and_(mine, pc.equal(last["result"], "finding"))),
        pc.fill_null(pc.coalesce(last["chance"], sums["chance_max"]), np.nan).to_numpy(),
        _bools(pc.is_in(last["state"], value_set=pa.array(["referred", "amended"]))),
        int(pc.sum(both).as_py() or 0),
    )


def beside(found: Items, of: Outcomes) -> Bools:
    """Which outcomes are of items of a stream [m]."""
    return np.asarray(
        pc.is_in(pa.array(of.subject, pa.string()), value_set=pa.array(found.subject, pa.string())).to_numpy(
            zero_copy_only=False
        )
    )


def words(found: Items, of: Outcomes, word: list[str], other: str) -> list[str]:
    """A word of each outcome's item, such as its stream [m]; `other` where no declaration is of it."""
    said = dict(zip(found.subject, word, strict=True))
    return [said.get(subject, other) for subject in of.subject]


def _bools(values: pa.ChunkedArray) -> Bools:
    filled: Bools = pc.fill_null(values, False).to_numpy()
    return filled
