"""How many payments lead from an account to an entity on a list, by what was paid before.

A payment ties its two accounts together, whichever way the money goes. Each account remembers the fewest
steps by which it was ever tied to a listed one; beyond `FARTHEST` nothing is remembered. What one account
pays another after it was near makes the other near, never the other way round in time.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.desks.finance.engine.kernel import kernel

FARTHEST: Final = 2
"""Steps beyond which an account is not near. With each step the number of bystanders grows by the degree."""


def steps(
    payer: npt.NDArray[np.int64], payee: npt.NDArray[np.int64], listed: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """[n] steps of either side with each payment, itself included; NaN where it is not near.

    Args:
        payer: [n] numbers of accounts, -1: none, in the order of time.
        payee: the same.
        listed: [accounts] which are on the list.
    """
    near = np.where(listed, 0, FARTHEST + 1)
    out = np.zeros((2, len(payer)))
    _steps(payer, payee, near, FARTHEST, out)
    out[out > FARTHEST] = np.nan
    return out[0], out[1]


@kernel()
def _steps(payer: Any, payee: Any, near: Any, farthest: int, out: Any) -> None:
    for i in range(len(payer)):
        u, v = payer[i], payee[i]
        if u >= 0 and v >= 0:
            near[u] = min(near[u], near[v] + 1, farthest + 1)
            near[v] = min(near[v], near[u] + 1, farthest + 1)
        out[0, i] = near[u] if u >= 0 else farthest + 1
        out[1, i] = near[v] if v >= 0 else farthest + 1
