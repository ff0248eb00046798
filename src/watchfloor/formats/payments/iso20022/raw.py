"""Transactions as they were found, before their texts mean anything: bytes, and where in them each text
stands.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kernels import kernel
from watchfloor.formats.base import Fault
from watchfloor.formats.payments.iso20022.slots import GROUPS, NUMBER
from watchfloor.formats.payments.iso20022.tree import Texts


class Context(NamedTuple):
    """A message's texts for all transactions in a part of it.

    Attributes:
        texts: by slot.
        family: the message, such as `pacs.008`.
        message: number of the message in the file, from 1.
        first: number of the last transaction before the message.
        levels: numbers of the message and of the parts in it that these transactions are in.
    """

    texts: Texts
    family: str
    message: int
    first: int
    levels: tuple[int, ...]


class Ended(NamedTuple):
    """A message, or a part of it, that is complete, and what it said of itself."""

    level: int
    where: str
    texts: Texts


@dataclass(frozen=True, slots=True)
class Raw:
    """Some transactions of a file, in its order.

    Attributes:
        data: bytes.
        spans: `[transaction, slot]` start and end in `data`; -1 where there is no text.
        context: number of each one's context.
        contexts: what their messages say.
        first: number of the first in the file, from 1.
        piece: the bytes of the transaction in that row.
        ended: messages and parts of them that ended.
        faults: what is wrong with messages, or with the file.
    """

    data: npt.NDArray[np.uint8]
    spans: npt.NDArray[np.int32]
    context: npt.NDArray[np.int32]
    contexts: list[Context]
    first: int
    piece: Callable[[int], bytes]
    ended: list[Ended] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.spans)


_GROUP_OF: Final = {slot: group for group, slots in GROUPS.items() for slot in slots}


class Texted:
    """The slots of transactions as columns of text; what the transaction lacks is its message's."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._used: npt.NDArray[np.bool_] = np.logical_or.reduce(raw.spans[:, :, 0] >= 0)
        self._shared = {slot for one in raw.contexts for slot in one.texts}
        self._columns: dict[str, pa.Array] = {}
        self._free: dict[str, npt.NDArray[np.bool_]] = {}
        self.families = self.of_context([one.family for one in raw.contexts])

    def has(self, slot: str) -> bool:
        """Whether anything may be in a slot."""
        return bool(self._used[NUMBER[slot]]) or NUMBER[slot] in self._shared

    def __getitem__(self, slot: str) -> pa.Array:
        if slot not in self._columns:
            self._columns[slot] = self._column(slot)
        return self._columns[slot]

    def of_context(self, values: list[Any], of: pa.DataType | None = None) -> pa.Array:
        """A value for each context as a column of the transactions."""
        return pa.array(values, of or pa.string()).take(pa.array(self._raw.context))

    def _column(self, slot: str) -> pa.Array:
        number, count = NUMBER[slot], len(self._raw)
        own = sliced(self._raw.data, self._raw.spans[:, number]) if self._used[number] else None
        if number not in self._shared:
            return pa.nulls(count, pa.string()) if own is None else own
        given = self.of_context([one.texts.get(number) for one in self._raw.contexts])
        free = self._unfilled(slot)
        if free is not None:
            given = pc.if_else(pa.array(free), given, None)
        return given if own is None else pc.coalesce(own, given)

    def _unfilled(self, slot: str) -> npt.NDArray[np.bool_] | None:
        """Transactions that fill no slot of this one's group; None where it is in none."""
        group = _GROUP_OF.get(slot)
        if group is None:
            return None
        if group not in self._free:
            numbers = [NUMBER[one] for one in GROUPS[group]]
            self._free[group] = np.logical_and.reduce(self._raw.spans[:, numbers, 0] < 0, axis=1)
        return self._free[group]


def sliced(data: npt.NDArray[np.uint8], spans: npt.NDArray[np.int32]) -> pa.Array:
    """The texts at spans, which are UTF-8, as a column; null where a start is negative."""
    ends, bits = _ends(spans)
    return pa.Array.from_buffers(
        pa.string(),
        len(spans),
        [pa.py_buffer(bits), pa.py_buffer(ends), pa.py_buffer(_copied(data, spans, ends))],
    )


@kernel
def _ends(spans: Any) -> Any:
    """Offsets of the texts one behind the other, and the bits that say which there are."""
    ends = np.zeros(len(spans) + 1, np.int32)
    bits = np.zeros((len(spans) + 7) // 8, np.uint8)
    for i in range(len(spans)):
        size = 0
        if spans[i, 0] >= 0:
            size = spans[i, 1] - spans[i, 0]
            bits[i >> 3] |= 1 << (i & 7)
        ends[i + 1] = ends[i] + size
    return ends, bits


@kernel
def _copied(data: Any, spans: Any, ends: Any) -> Any:
    """The bytes of the spans, one behind the other."""
    out = np.empty(ends[-1], np.uint8)
    for i in range(len(spans)):
        start, at = spans[i, 0], ends[i]
        for k in range(ends[i + 1] - at):
            out[at + k] = data[start + k]
    return out
