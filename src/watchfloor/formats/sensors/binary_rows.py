"""Rows that readers of binary formats make one by one, and the faults between them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pyarrow as pa

from watchfloor.core.kinds import KINDS
from watchfloor.formats.base import Batch, Fault

Row = dict[str, Any]


class ReadRows(NamedTuple):
    """Rows by the name of their kind, and faults, each in the order in which they were read."""

    rows: dict[str, list[Row]]
    faults: list[Fault]

    def pieces(self) -> Iterator[Batch | Fault]:
        """The same as a format gives it."""
        for name, rows in self.rows.items():
            if rows:
                yield Batch(KINDS[name], pa.Table.from_pylist(rows, KINDS[name].body))
        yield from self.faults


def moment(micros: int) -> datetime:
    """A moment of microseconds since 1970."""
    return datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
