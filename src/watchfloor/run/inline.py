"""The runner in this process: no copy, no hand-over."""

from datetime import datetime
from typing import Any

import pyarrow as pa

from watchfloor.desks.base import Desk, Refs
from watchfloor.run.fold import Fold, gathered


def INLINE(desk: Desk[Any], refs: Refs, rows: pa.Table, until: datetime) -> dict[str, pa.Table]:  # noqa: N802
    """Fold `rows` here, piece by piece."""
    return gathered(desk, Fold(desk, refs).run(rows, until))
