"""The runner in this process: no copy, no hand-over."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.spool import Spool
from watchfloor.desks.base import Desk, Refs
from watchfloor.run.fold import Emitted, Fold
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
        made = self.fold(desk, refs, at, lambda start, end: rows.slice(start, end - start), until)
        return {kind: pa.concat_tables(spool) for kind, spool in made.items()}

    def fold(
        self,
        desk: Desk[Any],
        refs: Refs,
        at: Clock,
        piece: Piece,
        until: datetime,
        folder: Path | None = None,
    ) -> dict[str, Spool]:
        """Fold the rows of some pieces; what is derived is set aside in `folder` once it is much."""
        fold, made, count = Fold(desk, refs), spools(desk, folder), len(at)
        for start in range(0, max(count, 1), PIECE):
            end = min(start + PIECE, count)
            put(made, fold.step(piece(start, end), until if end == count else moment(int(at[end - 1]))))
        return made


def spools(desk: Desk[Any], folder: Path | None) -> dict[str, Spool]:
    """Make an empty spool for each kind that a desk yields."""
    return {kind: Spool(schema, folder) for kind, schema in desk.yields.items()}


def put(made: Mapping[str, Spool], emitted: Emitted) -> None:
    """Add what a step derived."""
    for kind, rows in emitted:
        made[kind].put(rows)


INLINE: Final = Inline()
