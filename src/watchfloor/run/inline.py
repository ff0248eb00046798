"""The runner in this process: no copy, no hand-over."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.desks.base import Desk, Refs
from watchfloor.run.fold import Emitted, Fold, gathered
from watchfloor.run.order import PIECE, clock, moment

Clock: TypeAlias = npt.NDArray[np.int64]
"""The clock of a desk at each of its rows in their order, which never goes back: microseconds since 1970."""

Piece: TypeAlias = Callable[[int, int], pa.Table]
"""`piece(start, end)` gives some of these rows; the pieces that are asked for follow one another."""


class Inline:
    """The runner itself; `fold` takes rows that are not all in memory."""

    def __call__(self, desk: Desk[Any], refs: Refs, rows: pa.Table, until: datetime) -> dict[str, pa.Table]:
        """Fold `rows` here, piece by piece."""
        at = np.maximum.accumulate(clock(desk, rows))
        return self.fold(desk, refs, at, lambda start, end: rows.slice(start, end - start), until)

    def fold(
        self, desk: Desk[Any], refs: Refs, at: Clock, piece: Piece, until: datetime
    ) -> dict[str, pa.Table]:
        """Fold the rows of some pieces."""
        fold, emitted, count = Fold(desk, refs), Emitted(), len(at)
        for start in range(0, max(count, 1), PIECE):
            end = min(start + PIECE, count)
            emitted += fold.step(piece(start, end), until if end == count else moment(int(at[end - 1])))
        return gathered(desk, emitted)


INLINE: Final = Inline()
