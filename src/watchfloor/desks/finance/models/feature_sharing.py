"""Feature sharing between banks: what one tells of its side of a payment, and how the other uses it.

Both banks have the payment, each its own account of it. Of its account, as it stood with that payment and
without any later one, a bank tells some numbers, each as a level (`levels`): no name, no other payment. The
other sets them where a model that saw both banks' payments would have the same numbers: what was told stands
in place of the little that it sees of an account elsewhere. A payment of which nothing was told is left as it
is.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.base import DeskError
from watchfloor.desks.finance.ledger import at_bank
from watchfloor.desks.finance.models import inputs
from watchfloor.desks.finance.models.levels import ACCOUNT, SUSPICION, Scale, of_fact

Floats = npt.NDArray[np.float32]

SIDES: Final = ("payer", "payee")
SUBJECT: Final = "subject"


class ToldError(DeskError):
    """Something told that cannot be; the message says what and where."""


class Sides(NamedTuple):
    """Which accounts of payments are another bank's: of the payer, of the payee."""

    payer: npt.NDArray[np.bool_]
    payee: npt.NDArray[np.bool_]


def scales(rows: pa.Table) -> dict[str, Scale]:
    """Every field that may be told of such a table: accounts, suspicion, and facts of both sides."""
    return {**ACCOUNT, **SUSPICION, **{one: of_fact(one) for one in facts_of(rows)}}


def facts_of(rows: pa.Table) -> list[str]:
    """The facts that a table has of either side, without the side."""
    facts = inputs.facts_of(rows)
    bare = sorted({name.partition("_")[2] for name in facts} - ACCOUNT.keys() - SUSPICION.keys())
    return [one for one in bare if {f"{side}_{one}" for side in SIDES} <= {*facts}]


def elsewhere(rows: pa.Table, bank: str) -> Sides:
    """Whose accounts are not the bank's."""
    return Sides(*(~_at(rows, side, bank) for side in SIDES))


def _at(rows: pa.Table, side: str, bank: str) -> npt.NDArray[np.bool_]:
    return np.asarray(at_bank(rows, f"{side}_bank", bank).to_numpy(zero_copy_only=False), np.bool_)


def fields(
    rows: pa.Table, bank: str, partner: str, values: Floats, names: Sequence[str], facts: Sequence[str] = ()
) -> pa.Table:
    """Compute what a bank tells a partner of the payments between them: `subject`, and a level of each field.

    Args:
        rows: payments that the bank sees.
        bank: who tells.
        partner: to whom: only payments with its accounts are told of.
        values: inputs of a model of these rows.
        names: of the inputs.
        facts: which facts are told as well, without the side.
    """
    own = [_at(rows, side, bank) for side in SIDES]
    theirs = [_at(rows, side, partner) for side in SIDES]
    pays = own[0] & theirs[1]
    chosen = np.flatnonzero(pays | (own[1] & theirs[0]))
    place = {name: k for k, name in enumerate(names)}
    columns: dict[str, Any] = {SUBJECT: pa.array(subjects(rows.take(chosen)), pa.string())}
    for name, scale in {**ACCOUNT, **SUSPICION, **{one: of_fact(one) for one in facts}}.items():
        if {f"{side}_{name}" for side in SIDES} <= place.keys():
            one, other = (values[chosen, place[f"{side}_{name}"]] for side in SIDES)
            level = scale.level(np.where(pays[chosen], one, other))
            columns[name] = pa.array(level, mask=level < 0)
    return pa.table(columns)


def subjects(rows: pa.Table) -> list[str]:
    """Keys of payments, by which banks match them: by UETR where the id is one."""
    ids = pc.cast(rows["payment_id"], pa.string()).to_pylist()
    return [f"payment:uetr:{one.lower()}" if _is_uetr(one) else f"payment:id:{one.strip()}" for one in ids]


def _is_uetr(text: str) -> bool:
    try:
        return UUID(text).version == 4 and len(text) == 36
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Heard:
    """Values that partners told, beside the rows of a view.

    Attributes:
        elsewhere: which accounts are not the bank's own.
        values: of each field what its level stands for, NaN where it was not told.
        told: of which rows anything was.
        unknown: payments that were told of and are not in the view, or not between two banks.
    """

    elsewhere: Sides
    values: Mapping[str, Floats]
    told: npt.NDArray[np.bool_]
    unknown: int

    def before(self, end: int) -> "Heard":
        """Of the first `end` rows."""
        return Heard(
            Sides(*(one[:end] for one in self.elsewhere)),
            {name: one[:end] for name, one in self.values.items()},
            self.told[:end],
            self.unknown,
        )


def heard(rows: pa.Table, bank: str, told: pa.Table) -> Heard:
    """Join the values that partners told to the rows of the bank's view.

    Args:
        rows: payments that the bank sees, as `ledger.seen_by` gives them.
        bank: whose view it is.
        told: as `fields` gives it; a column that is no field counts for nothing.

    Raises:
        ToldError: a level is none of its field's, or a payment is told of twice.
    """
    sides, known = elsewhere(rows, bank), scales(rows)
    _check(told, known)
    names = pa.chunked_array([pa.array(subjects(rows), pa.string())])
    place = pc.index_in(names, told[SUBJECT]).combine_chunks()
    place = pc.if_else(pa.array(sides.payer ^ sides.payee), place, None)
    values, heard_of = {}, np.zeros(rows.num_rows, np.bool_)
    for name in known.keys() & {*told.column_names}:
        column = pc.cast(told[name], pa.int64()).take(place)
        level = pc.fill_null(column, -1).to_numpy()
        values[name] = known[name].value(level)
        heard_of |= level >= 0
    return Heard(sides, values, heard_of, told.num_rows - (len(place) - place.null_count))


def _check(told: pa.Table, known: Mapping[str, Scale]) -> None:
    """Refuse a payment that is told of twice, and a level that its field does not have."""
    counted = pc.value_counts(told[SUBJECT])
    for one in counted.filter(pc.greater(counted.field("counts"), 1))[:1].to_pylist():
        raise ToldError(f"{one['values']} is told of twice")
    for name in sorted(known.keys() & {*told.column_names}):
        out = pc.or_(pc.less(told[name], 0), pc.greater(told[name], known[name].highest))
        for row in told.filter(pc.fill_null(out, False)).slice(0, 1).to_pylist():
            raise ToldError(
                f"{name} of {row[SUBJECT]} is {row[name]}: its levels are 0 to {known[name].highest}"
            )


def filled(values: Floats, names: Sequence[str], heard: Heard) -> Floats:
    """The inputs, with what was told of accounts elsewhere in place of what is seen of them.

    Where a payment was told of, every input of the other's account that is not among the fields is unknown.
    """
    made, place = values.copy(), {name: k for k, name in enumerate(names)}
    for side, out, other in zip(SIDES, heard.elsewhere, reversed(SIDES), strict=True):
        rows = np.flatnonzero(out & heard.told)
        for name, k in place.items():
            bare = name.removeprefix(f"{side}_")
            if bare != name and f"{other}_{bare}" in place:
                made[rows, k] = heard.values[bare][rows] if bare in heard.values else np.nan
    return made


def bits(told: pa.Table, known: Mapping[str, Scale]) -> tuple[float, float]:
    """Bits that the fields of one payment tell: at most, and by how often each level is told (entropy, summed
    over the fields as if none said what another does)."""
    names = [name for name in told.column_names if name in known]
    most = sum(math.log2(known[name].highest + 2) for name in names)
    return most, sum(_entropy(told[name]) for name in names)


def _entropy(levels: pa.ChunkedArray) -> float:
    counts = pc.value_counts(levels).field("counts").to_numpy()
    shares = counts / max(len(levels), 1)
    return float(-(shares * np.log2(shares)).sum())
