"""Input and output of a wire: messages of connections, and rows with where they came from."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kinds import Kind
from watchfloor.formats.base import Fault

Numbers = npt.NDArray[np.int64]


class Heard(NamedTuple):
    """Messages that one connection brought in a while, with its state.

    Attributes:
        state: what is remembered of the connection; reading changes it.
        messages: whole messages, in their order.
        received: when each was, microseconds since 1970, rising.
    """

    state: Any
    messages: Sequence[bytes]
    received: Sequence[int]


class Read(NamedTuple):
    """Rows of one kind, in the order of what was heard.

    Attributes:
        kind: theirs.
        rows: the columns of `Kind.body`. A locator says where in the messages of its `Heard`, joined, a row
            stood: `line 3`, `byte 120`.
        of: for each row which `Heard` it is of.
    """

    kind: Kind
    rows: pa.Table
    of: Numbers


class ReadResult(NamedTuple):
    """Rows as read, and of each fault which `Heard` it is of."""

    read: list[Read]
    faults: list[tuple[int, Fault]]


def numbers(values: Iterable[int], count: int = -1) -> Numbers:
    """Integers as an array."""
    return np.fromiter(values, np.int64, count)
