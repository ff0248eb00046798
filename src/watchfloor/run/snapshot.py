"""Points that a live run can rewind to."""

from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

BEGINNING: Final = -(1 << 62)
"""Before every moment, in microseconds since 1970."""


@dataclass
class Snapshot:
    """Snapshot of a fold over every row before a moment.

    Attributes:
        watermark: that moment, microseconds since 1970.
        state: the frozen state; None where nothing was folded yet.
        lengths: how many rows of history there were, by derived kind.
    """

    watermark: int = BEGINNING
    state: pa.Table | None = None
    lengths: dict[str, int] = field(default_factory=dict)
