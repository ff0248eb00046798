"""Signals of the desks on each item, weighed as the cell weighs them: an item is a case of its own.

The desks `substances` and `cargo` are run over the declarations, or, on a floor, the signals that stand are
taken, whichever desk they are of. A signal about several items speaks of each of them. What an examination
may find is told by several hypotheses (`FINDS`) that are seldom true together: their odds add.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from math import log, log2
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.leads import Lead, leads
from watchfloor.cell.weighing.weights import Hypothesis, Weights
from watchfloor.core.derived import SIGNAL, net
from watchfloor.core.kinds import KINDS
from watchfloor.desks.base import Refs
from watchfloor.desks.cargo import goods_norms, margins
from watchfloor.desks.registry import desks
from watchfloor.feeds.files import silent
from watchfloor.planning.inspections.draws import Floats
from watchfloor.planning.inspections.items import Items
from watchfloor.reference import controls, goods
from watchfloor.run.runner import run

DESKS: Final = ("substances", "cargo")
"""Whose rules are run over files."""
LABORATORY: Final = ("lab",)
"""Who says what has been identified."""
OF_MODEL: Final = ("like-found",)
"""Rules that say again what a model says of the item: left out where a model is asked itself."""
FINDS: Final = ("trafficking-by-post", "precursor-import", "misdeclared-goods")
"""Hypotheses of the cell that an examination of goods settles."""
LN2: Final = log(2)


class Evidence(NamedTuple):
    """Evidence on each item.

    Attributes:
        prior: log2 odds of an item of which nothing is said.
        bits: log2 odds of each [n].
        spread: standard deviation of the log-odds, natural logarithm [n].
        lead: the likeliest hypothesis of items of which something is said, by number.
    """

    prior: float
    bits: Floats
    spread: Floats
    lead: Mapping[int, Lead]

    def others(self, item: int) -> float:
        """Bits by which the odds of all hypotheses, with their prior, differ from the likeliest one's."""
        lead = self.lead[item]
        return float(self.bits[item]) - self.prior - sum(part.bits for part in lead.contributions)


def references(key: bytes, model: bytes = b"") -> Refs:
    """Return the desks' references for a run without a floor: those of the package, and a model."""
    found = {"goods": goods.content(), "controls": controls.reference(), "margins": margins.reference()}
    found |= {goods_norms.REFERENCE: goods_norms.reference(), "cargo-model": model}
    return Refs(key, found)


def signals(
    inputs: Mapping[str, pa.Table],
    refs: Refs,
    say: Callable[[str], None] = silent,
    of: Sequence[str] = DESKS,
) -> pa.Table:
    """Run the rules of some desks over rows by kind, and return the signals that stand."""
    known = desks()
    parts = []
    for name in of:
        say(f"rules of {name}")
        desk = known[name]
        rows = {kind: inputs.get(kind, KINDS[kind].schema.empty_table()) for kind in desk.reads}
        parts.append(net(run(desk, rows, refs.only(desk.uses))["signal"]))
    return pa.concat_tables(parts)


IDENTIFIED: Final = ("controlled-substance", "controlled-precursor")
"""Rules that say at the strength `identified` what a laboratory has found in an item."""


def identified(said: pa.Table) -> pa.Array:
    """Return typed keys of what laboratories have identified something controlled in."""
    rule = pc.is_in(said["rule"], value_set=pa.array(IDENTIFIED))
    mine = said.filter(pc.and_(rule, pc.equal(said["strength"], "identified")))
    return pc.unique(pc.list_flatten(mine["subjects"].combine_chunks()))


def about(found: Items, said: pa.Table, without: tuple[str, ...] = ()) -> pa.Table:
    """The signals about items of a stream, once an item, with it as their only subject."""
    said = said.filter(pc.invert(pc.is_in(said["rule"], value_set=pa.array(without, pa.string()))))
    said = said.combine_chunks()
    flat = pc.list_flatten(said["subjects"])
    which = pc.list_parent_indices(said["subjects"])
    mine = pc.is_in(flat, value_set=pa.array(found.subject, pa.string()))
    items, which = flat.filter(mine), which.filter(mine)
    rows = said.take(which)
    ids = [
        blake2b(row + item.encode(), digest_size=16).digest()
        for row, item in zip(rows["row_id"].to_pylist(), items.to_pylist(), strict=True)
    ]
    return (
        rows.set_column(0, SIGNAL.field("row_id"), pa.array(ids, pa.binary(16)))
        .set_column(
            SIGNAL.get_field_index("subjects"),
            SIGNAL.field("subjects"),
            pa.array([[item] for item in items.to_pylist()], pa.list_(pa.string())),
        )
        .cast(SIGNAL)
    )


def weighed(found: Items, said: pa.Table, weights: Weights, now: datetime, key: bytes) -> Evidence:
    """The evidence about each item.

    Args:
        found: the items.
        said: signals, each about one of them (`about`).
        weights: the cell's table.
        now: the moment against which decisions expire.
        key: of ids.
    """
    number = {subject: n for n, subject in enumerate(found.subject)}
    mine = {name: one for name, one in weights.hypotheses.items() if name in FINDS}
    prior = log2(sum(2**one.prior for one in mine.values())) if mine else 0.0
    bits = np.full(len(found.subject), prior)
    spread = np.full(len(found.subject), LN2 * max((one.prior_sd for one in mine.values()), default=0.0))
    best: dict[int, Lead] = {}
    for head in leads(said, replace(weights, hypotheses=mine), now, key):
        item, every = number[head.subject], (head, *head.also)
        best[item] = max(every, key=lambda one: one.bits)
        quiet = mine.keys() - {one.hypothesis for one in every}
        bits[item] = log2(sum(2**one.bits for one in every) + sum(2 ** mine[name].prior for name in quiet))
        spread[item] = LN2 * _sd(best[item], mine[best[item].hypothesis])
    return Evidence(prior, bits, spread, best)


def _sd(lead: Lead, of: Hypothesis) -> float:
    """Standard deviation of a lead's bits: those of the prior and of what counts."""
    counted = [of.sd_of(part.rule, part.strength) for part in lead.contributions if part.bits]
    return float(np.sqrt(of.prior_sd**2 + sum(sd * sd for sd in counted)))
