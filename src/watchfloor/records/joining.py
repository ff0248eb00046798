"""What `canonical` has compiled: values that are copied together, row by row."""

import numpy as np
import numpy.typing as npt

from watchfloor.records.kernels import kernel

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]


@kernel
def copy(out: Bytes, starts: Offsets, data: Bytes, head: Bytes) -> None:
    """Rows to `out`, each behind its own row of `head`."""
    to = 0
    for i in range(len(starts) - 1):
        for j in range(head.shape[1]):
            out[to] = head[i, j]
            to += 1
        for k in range(starts[i], starts[i + 1]):
            out[to] = data[k]
            to += 1


@kernel
def append(
    out: Bytes,
    at: Offsets,
    first: int,
    last: int,
    ordinal: int,
    starts: Offsets,
    data: Bytes,
    counts: Offsets,
    valid: npt.NDArray[np.bool_],
) -> None:
    """A column's values of some rows to where each row stands at in `out`, behind the ordinal or presence."""
    for i in range(first, last):
        to = at[i]
        if ordinal < 0:
            out[to] = valid[i]
            to += 1
        elif valid[i]:
            out[to] = ordinal & 0xFF
            out[to + 1] = ordinal >> 8
            to += 2
        if valid[i]:
            if len(counts):
                for shift in range(0, 32, 8):
                    out[to] = counts[i] >> shift & 0xFF
                    to += 1
            for k in range(starts[i], starts[i + 1]):
                out[to] = data[k]
                to += 1
        at[i] = to
