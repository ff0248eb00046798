"""Suspicion that travels with money: what a first model thought of an account's earlier payments.

A first model looks at one payment at a time. An account is seldom suspect for one payment alone: this sums
up, for each payment, the first model's chances of the earlier payments of either side, out and in, and of the
same pair. It is what stacking does over the neighbours of a graph (J. Neville and D. Jensen, JMLR 8, 2007),
in order of time.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel

TOLD: Final = (
    *(
        f"{side}_{way}_{what}"
        for side in ("payer", "payee")
        for way in ("out", "in")
        for what in ("most", "recent", "sum")
    ),
    "first_chance",
)
"""Columns: of either side, of what it paid and was paid before, the greatest chance, a mean in which the
newer weighs more, and the sum; then the first model's chance of this payment."""

MIX: Final = 0.3
"""Weight of the newest chance in the recent mean."""


def trust_features(
    payer: npt.NDArray[np.int64],
    payee: npt.NDArray[np.int64],
    chance: npt.NDArray[np.float64],
    kept: npt.NDArray[np.float64] | None = None,
) -> npt.NDArray[np.float32]:
    """`TOLD` for each payment, [n, len(TOLD)]; `chance` is the first model's, in the same order of time.

    `kept` [accounts, 2, 3] is what earlier payments left and is gone on with; None: there were none.
    """
    out = np.zeros((len(chance), len(TOLD)), np.float32)
    if kept is None:
        kept = np.zeros((int(max(payer.max(initial=0), payee.max(initial=0))) + 1, 2, 3))
    _tell(payer, payee, chance, kept, out)
    return out


@kernel(error_model="numpy")
def _tell(payer: Any, payee: Any, chance: Any, kept: Any, out: Any) -> None:
    for i in range(len(chance)):
        at = 0
        for one in (payer[i], payee[i]):
            for way in range(2):
                for k in range(3):
                    out[i, at] = kept[one, way, k]
                    at += 1
        out[i, at] = chance[i]
        for way, one in ((0, payer[i]), (1, payee[i])):
            kept[one, way, 0] = max(kept[one, way, 0], chance[i])
            kept[one, way, 1] += MIX * (chance[i] - kept[one, way, 1])
            kept[one, way, 2] += chance[i]
