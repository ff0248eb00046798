"""Cells that come twice in one table: the first is kept, and the other is told with the line of the first.

Under one key the later record would replace the earlier one. So a table of which a dimension was left out
would keep the last of its numbers alone, and nobody would see that.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa

from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.tabular.blocks import MAX_RAW


class Repeats:
    """Cells of one file by their report keys: where each first stood, and its number."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, float]] = {}

    def sift(
        self, found: Iterable[Batch | Fault], raw: Callable[[str], bytes] = lambda _: b""
    ) -> Iterator[Batch | Fault]:
        """Yield rows and faults, with a fault in place of each row whose key came before.

        Args:
            found: rows of `statistic`, and faults.
            raw: the delivered bytes at a locator.
        """
        for one in found:
            if isinstance(one, Fault):
                yield one
                continue
            again = list(self._again(one.rows))
            if len(again) < one.rows.num_rows:
                good = np.setdiff1d(np.arange(one.rows.num_rows), [row for row, _ in again])
                yield Batch(one.kind, one.rows.take(pa.array(good)) if again else one.rows)
            for row, why in again:
                where = one.rows["locator"][row].as_py()
                yield Fault(where, why, raw(where)[:MAX_RAW])

    def _again(self, rows: pa.Table) -> Iterator[tuple[int, str]]:
        columns = (rows[name].to_pylist() for name in ("report_key", "locator", "value"))
        for row, (key, where, value) in enumerate(zip(*columns, strict=True)):
            if key not in self._seen:
                self._seen[key] = (where, value)
                continue
            first, number = self._seen[key]
            differ = f"which says {number:g} where this one says {value:g}"
            says = "with the same number" if number == value else differ
            yield row, f"period and cell of {first} again, {says}; the first is kept"
