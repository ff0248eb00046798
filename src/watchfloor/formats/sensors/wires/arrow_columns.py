"""Arrow columns from what decoders give: integers with a mark for none, texts of fixed width, slices."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kernels import kernel
from watchfloor.core.kinds import INSTANT
from watchfloor.formats.sensors.log_times import NEVER

Mask = npt.NDArray[np.bool_]
_UNPRINTABLE: Final = 63
"""What stands for a byte that is no printable ASCII: `?`."""


def numbers(values: npt.NDArray[Any], known: Mask, of: pa.DataType | None = None) -> pa.Array:
    """Values as a column, null where they are not known. `of` is a type of the same width."""
    kind = of or pa.from_numpy_dtype(values.dtype)
    count = np.count_nonzero(known)
    bits = None if count == len(known) else pa.py_buffer(np.packbits(known, bitorder="little"))
    data = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(kind, len(values), [bits, data], len(known) - count)


def columns_of(matrix: npt.NDArray[np.int32], none: int, scales: Sequence[float | None]) -> list[pa.Array]:
    """The rows of a matrix as columns, `none` being null; one that has a scale is divided by it."""
    return [_column(row, none, scale) for row, scale in zip(matrix, scales, strict=True)]


def _column(row: npt.NDArray[np.int32], none: int, scale: float | None) -> pa.Array:
    known = row != none
    if not known.any():
        return pa.nulls(len(row), pa.int32() if scale is None else pa.float64())
    return numbers(row if scale is None else row / scale, known)


def moments(micros: npt.NDArray[np.int64]) -> pa.Array:
    """Microseconds since 1970 as instants; `NEVER` is null."""
    if len(micros) and micros.max() == NEVER:
        return pa.nulls(len(micros), INSTANT)
    return numbers(micros, micros != NEVER, INSTANT)


def texts(cells: npt.NDArray[np.uint8]) -> pa.Array:
    """Rows of ASCII bytes, filled up with zeros, as strings; an empty one is null."""
    used = cells != 0
    if not used.any():
        return pa.nulls(len(cells), pa.string())
    sizes = used[:, 0] if cells.shape[1] == 1 else np.count_nonzero(used, axis=1)
    ends = np.zeros(len(cells) + 1, np.int32)
    np.cumsum(sizes, out=ends[1:])
    return _strings(ends, cells.ravel() if used.all() else cells[used], sizes > 0)


def slices(data: npt.NDArray[np.uint8], spans: npt.NDArray[np.int64]) -> pa.Array:
    """`data[start:end]` as strings, null where start is negative or nothing is there; spans has two rows."""
    start, end = spans
    if not len(start) or start.max() < 0:
        return pa.nulls(len(start), pa.string())
    sizes = np.where(start >= 0, end - start, 0)
    ends = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    return _strings(ends, _copied(data, spans, ends), sizes > 0)


def _strings(ends: npt.NDArray[np.int32], data: npt.NDArray[np.uint8], known: Mask) -> pa.Array:
    bits = pa.py_buffer(np.packbits(known, bitorder="little"))
    buffers = [bits, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.Array.from_buffers(pa.string(), len(known), buffers)


@kernel
def _copied(data: Any, spans: Any, ends: Any) -> Any:
    """The bytes of the spans, one behind the other; what is no printable ASCII becomes a question mark."""
    out = np.empty(ends[-1], np.uint8)
    for row in range(spans.shape[1]):
        start = spans[0, row]
        for i in range(ends[row + 1] - ends[row]):
            byte = data[start + i]
            out[ends[row] + i] = byte if 32 <= byte < 127 else _UNPRINTABLE
    return out
