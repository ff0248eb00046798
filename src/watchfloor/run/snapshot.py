"""Points that a live run can rewind to."""

from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

BEGINNING: Final = -(1 << 62)
"""Before every moment, in microseconds since 1970."""


@dataclass
class Snapshot:
    """Snapshot of a fold over every row before a moment.

    Attributes:
        watermark: that moment, microseconds since 1970.
        states: frozen states by key.
        lengths: how many rows of history there were, by (key, derived kind).
    """

    watermark: int = BEGINNING
    states: dict[Any, pa.Table] = field(default_factory=dict)
    lengths: dict[tuple[Any, str], int] = field(default_factory=dict)
