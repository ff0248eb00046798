"""How many payments lead from an account to an entity on a list, by what was paid before, and which they are.

A payment ties its two accounts together, whichever way the money goes. Each account remembers the fewest
steps by which it was ever tied to a listed one, and by which payments; beyond `FARTHEST` nothing is
remembered. What one account pays another after it was near makes the other near, never the other way round
in time. Whoever was near by a payment that is put right, or by an entity that has left its list, is near no
more; that he is near by other payments too is not sought.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kinds import RECORD_ID
from watchfloor.desks.finance.engine.kernel import kernel

Integers = npt.NDArray[np.int64]

FARTHEST: Final = 2
"""Steps beyond which an account is not near. With each step the number of bystanders grows by the degree."""

_BEFORE, _NONE = -1, -2


class Cited(NamedTuple):
    """One record that a signal names; `time` is in µs."""

    record: bytes
    marking: str
    origins: list[str] | None
    time: int


class Near(NamedTuple):
    """An account that is near: the payments that lead to it, the oldest first, and the key that is listed."""

    path: tuple[Cited, ...]
    root: str


@dataclass(frozen=True)
class Steps:
    """Steps of either side with each payment, itself included.

    Attributes:
        steps: [2, n] of payers and payees; above `FARTHEST` where one is not near.
        by: [2, n] row of the payment by which an account came as near; -1: an earlier one, -2: none.
        root: [2, n] number of the listed key that is near; -1: none.
    """

    steps: Integers
    by: Integers
    root: Integers

    def of_side(self, side: int) -> npt.NDArray[np.float64]:
        """[n] steps of one side; NaN where it is not near."""
        return np.where(self.steps[side] > FARTHEST, np.nan, self.steps[side])


def steps(payer: Integers, payee: Integers, listed: Integers, near: Integers, root: Integers) -> Steps:
    """Steps with each payment.

    Args:
        payer: [n] numbers of accounts, -1: none, in the order of time.
        payee: the same.
        listed: [2, n] number of the key by which either side is listed, -1: it is not.
        near: [accounts] steps of each by earlier payments, above `FARTHEST` where it is not near.
        root: [accounts] number of the listed key that each is near to.
    """
    made = Steps(*(np.full((2, len(payer)), value) for value in (FARTHEST + 1, _NONE, -1)))
    by = np.where(near <= FARTHEST, _BEFORE, _NONE)
    _steps(payer, payee, listed, near.copy(), root.copy(), by, FARTHEST, made.steps, made.by, made.root)
    return made


@kernel()
def _steps(
    payer: Any,
    payee: Any,
    listed: Any,
    near: Any,
    root: Any,
    by: Any,
    farthest: int,
    out: Any,
    out_by: Any,
    out_root: Any,
) -> None:
    for i in range(len(payer)):
        u, v = payer[i], payee[i]
        a = 0 if listed[0, i] >= 0 else near[u] if u >= 0 else farthest + 1
        b = 0 if listed[1, i] >= 0 else near[v] if v >= 0 else farthest + 1
        if u >= 0 and v >= 0 and u != v:
            if listed[0, i] < 0 and b + 1 <= farthest and b + 1 < near[u]:
                near[u], by[u] = b + 1, i
                root[u] = listed[1, i] if b == 0 else root[v]
            if listed[1, i] < 0 and a + 1 <= farthest and a + 1 < near[v]:
                near[v], by[v] = a + 1, i
                root[v] = listed[0, i] if a == 0 else root[u]
        for side in range(2):
            one = u if side == 0 else v
            if listed[side, i] >= 0:
                out[side, i], out_by[side, i], out_root[side, i] = 0, -2, listed[side, i]
            elif one >= 0:
                out[side, i], out_by[side, i], out_root[side, i] = near[one], by[one], root[one]


NEAR: Final = pa.schema(
    [
        ("account", pa.string()),
        ("root", pa.string()),
        ("place", pa.int64()),
        ("record", RECORD_ID),
        ("marking", pa.string()),
        ("origins", pa.list_(pa.string())),
        ("time", pa.int64()),
    ]
)


def frozen(near: Mapping[str, Near]) -> pa.Table:
    """Return who is near, a row a payment."""
    rows = [
        {"account": account, "root": one.root, "place": place} | payment._asdict()
        for account, one in near.items()
        for place, payment in enumerate(one.path)
    ]
    return pa.Table.from_pylist(rows, NEAR)


def thawed(_: Any, rows: pa.Table) -> dict[str, Near]:
    """Return who is near from what `frozen` gave."""
    found: dict[str, Near] = {}
    for row in rows.to_pylist():
        account, root = row.pop("account"), row.pop("root")
        row.pop("place")
        before = found[account].path if account in found else ()
        found[account] = Near((*before, Cited(**row)), root)
    return found
