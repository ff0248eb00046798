"""Many messages of one buffer, taken apart at once into columns of fields.

One pass over the bytes lists every field that stands in them, in the order in which it stands: in which
message, under which slot of the field tables, with which value. Each column of a table is then a selection
of that list. A message of 200 bytes costs about a microsecond, checks included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kernels import kernel
from watchfloor.formats.sensors.protobuf.codec import DEPTH
from watchfloor.formats.sensors.protobuf.layout import (
    BOOL,
    DOUBLE,
    ENUM,
    FLOAT,
    IMPLICIT,
    INT32,
    MESSAGE,
    REPEATED,
    TEXT,
    UINT32,
    ULID,
    UUID,
    Layout,
)

Array = npt.NDArray[Any]

READ, BROKEN, ODD = 0, 1, 2
"""State of a message: read; not of the wire format; read, but with a field twice that may stand once."""

GOOD, NO_ULID, NO_UUID, NO_ENUM, NOT_ASCII = range(5)
"""What is to be said of a value by itself. A text that is not ASCII has yet to be looked at."""

UNKNOWN: Final = -1
"""Slot of a field that the field tables do not have; its number stands in `value`."""


@dataclass(frozen=True)
class Tape:
    """Fields of many messages. *Entries* are fields, *nodes* are messages, nested ones too.

    Attributes:
        layout: the field tables.
        data: the buffer.
        state: of each outermost message, see `READ`.
        top: node of each outermost message.
        node: of an entry the node it stands in.
        slot: of an entry its slot.
        value: of an entry its number as 64 bits, or where its text starts in the buffer.
        size: of an entry the length of its text, or the node that it holds.
        wrong: of an entry what is wrong with its value, see `GOOD`.
        kind: of a node the number of its message.
        held: of a node the entry that holds it, -1 for an outermost one.
        root: of a node the outermost message, by its place among them.
        mask: of a node the fields that it has.
    """

    layout: Layout
    data: Array
    state: Array
    top: Array
    node: Array
    slot: Array
    value: Array
    size: Array
    wrong: Array
    kind: Array
    held: Array
    root: Array
    mask: Array

    def __len__(self) -> int:
        return len(self.state)

    @cached_property
    def _by_slot(self) -> tuple[Array, Array]:
        order = np.argsort(self.slot, kind="stable")
        return order, np.searchsorted(self.slot[order], np.arange(len(self.layout.slots) + 1))

    def entries(self, message: str, field: str) -> Array:
        """All entries of a field, in their order."""
        order, bounds = self._by_slot
        slot = self.layout.slot[message, field]
        return order[bounds[slot] : bounds[slot + 1]]

    def entry(self, message: str, field: str, nodes: Array) -> Array:
        """The entry of a field in each of these nodes, -1 where it has none or the node is -1."""
        found = np.full(len(self.kind) + 1, -1, np.int64)
        entries = self.entries(message, field)
        found[self.node[entries]] = entries
        return found[nodes]

    def inside(self, message: str, field: str, nodes: Array) -> Array:
        """The node that a field holds in each of these nodes, -1 where it holds none."""
        entries = self.entry(message, field, nodes)
        return np.where(entries < 0, -1, _at(self.size, entries))

    def number(self, message: str, field: str, nodes: Array) -> Array:
        """A field's number in each node as a float, NaN where it has none."""
        entries = self.entry(message, field, nodes)
        values = self.floats(entries, self.layout.slot[message, field])
        values[entries < 0] = np.nan
        return values

    def integer(self, message: str, field: str, nodes: Array, absent: int = 0) -> Array:
        """A field's integer, or number of its enum, in each node."""
        entries = self.entry(message, field, nodes)
        return np.where(entries < 0, absent, _at(self.value, entries))

    def text(self, message: str, field: str, nodes: Array) -> pa.Array:
        """A field's text in each node, null where it has none; of messages whose texts are UTF-8."""
        return self.texts(self.entry(message, field, nodes))

    def floats(self, entries: Array, slot: int) -> Array:
        """Numbers of entries of one slot."""
        kind, values = self.layout.kind[slot], _at(self.value, entries)
        if kind == DOUBLE:
            return values.view(np.float64).copy()
        if kind == FLOAT:
            return values.astype(np.uint32).view(np.float32).astype(np.float64)
        return values.astype(np.float64)

    def texts(self, entries: Array) -> pa.Array:
        """Texts of entries, null for -1."""
        missing = entries < 0
        starts, sizes = _at(self.value, entries), np.where(missing, 0, _at(self.size, entries))
        offsets = np.zeros(len(entries) + 1, np.int32)
        np.cumsum(sizes, out=offsets[1:])
        data = _gather(self.data, starts, offsets)
        valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
        return pa.StringArray.from_buffers(
            len(entries), pa.py_buffer(offsets), pa.py_buffer(data), valid, int(missing.sum())
        )

    def path(self, node: int) -> list[str]:
        """Names of the fields that lead to a node, the outermost first."""
        names: list[str] = []
        while self.held[node] >= 0:
            entry = int(self.held[node])
            names.insert(0, self.layout.slots[self.slot[entry]][1].name)
            node = int(self.node[entry])
        return names


def _at(values: Array, entries: Array) -> Array:
    """Values of entries; anything for -1, also where there are no entries at all."""
    return values[entries] if len(values) else np.zeros(len(entries), values.dtype)


def read(layout: Layout, data: Array, starts: Sequence[int] | Array, ends: Sequence[int] | Array) -> Tape:
    """Take messages apart; message *i* is `data[starts[i]:ends[i]]`.

    Args:
        layout: the field tables.
        data: the buffer, bytes as `uint8`.
        starts: where each message begins.
        ends: where it ends.
    """
    data = data.view()
    data.flags.writeable = False  # as bytes are: kernels are compiled for one type
    begins, stops = np.asarray(starts, np.int64), np.asarray(ends, np.int64)
    room = int((stops - begins).sum()) + 1
    of_entries = [np.empty(room, kind) for kind in (np.int32, np.int16, np.int64, np.int32, np.uint8)]
    of_nodes = [np.empty(len(begins) + room // 2, kind) for kind in (np.int16, np.int32, np.int32, np.uint64)]
    state, top = np.zeros(len(begins), np.uint8), np.empty(len(begins), np.int32)
    tables = (layout.lookup, layout.kind, layout.flags, layout.aux, layout.bit, layout.rivals, layout.allowed)
    entries, nodes = _walk(data, begins, stops, *tables, state, top, *of_entries, *of_nodes)
    kept = (*(one[:entries].copy() for one in of_entries), *(one[:nodes].copy() for one in of_nodes))
    return Tape(layout, data, state, top, *kept)


@kernel
def _varint(data: Array, at: int, end: int) -> Any:
    """The number at a position, and where it ends; -1 where it is cut short or too long."""
    number = np.uint64(0)
    for k in range(10):
        if at >= end:
            return number, -1
        byte = data[at]
        at += 1
        number |= np.uint64(byte & 0x7F) << np.uint64(7 * k)
        if byte < 0x80:
            return number, at
    return number, -1


@kernel
def _fixed(data: Array, at: Any, size: Any) -> Any:
    number = np.uint64(0)
    for k in range(size):
        number |= np.uint64(data[at + k]) << np.uint64(8 * k)
    return np.int64(number)


@kernel
def _narrow(number: Any, kind: int) -> Any:
    """A number as its type keeps it."""
    if kind == INT32:
        return np.int64(np.int32(number & np.uint64(0xFFFFFFFF)))
    if kind == UINT32:
        return np.int64(number & np.uint64(0xFFFFFFFF))
    if kind == BOOL:
        return np.int64(number != 0)
    return np.int64(number)


@kernel
def _looked_at(data: Array, at: Any, size: Any, flags: int) -> int:
    """Return the fault of a text. ULID: 26 characters of Crockford's base 32, below 2^128; UUID: RFC 9562."""
    if flags & ULID:
        if size != 26 or not 48 <= data[at] <= 55:
            return NO_ULID
        for k in range(26):
            c = data[at + k] & 0xDF if data[at + k] > 57 else data[at + k]
            if not (48 <= c <= 57 or (65 <= c <= 90 and c != 73 and c != 76 and c != 79 and c != 85)):
                return NO_ULID
        return GOOD
    if flags & UUID:
        if size != 36:
            return NO_UUID
        for k in range(36):
            c = data[at + k]
            dash = k == 8 or k == 13 or k == 18 or k == 23
            if dash != (c == 45) or not (dash or 48 <= c <= 57 or 65 <= (c & 0xDF) <= 70):
                return NO_UUID
        return GOOD
    for k in range(size):
        if data[at + k] > 127:
            return NOT_ASCII
    return GOOD


@kernel
def _walk(
    data: Array,
    starts: Array,
    ends: Array,
    lookup: Array,
    kinds: Array,
    flags: Array,
    aux: Array,
    bits: Array,
    rivals: Array,
    allowed: Array,
    state: Array,
    top: Array,
    node: Array,
    slot: Array,
    value: Array,
    size: Array,
    wrong: Array,
    kind: Array,
    held: Array,
    root: Array,
    mask: Array,
) -> Any:
    """Fill the arrays of a tape; how many entries and nodes there are."""
    stop, who = np.empty(DEPTH, np.int64), np.empty(DEPTH, np.int32)
    e = n = 0
    for m in range(len(starts)):
        first, depth, at = e, 0, starts[m]
        top[m], who[0], stop[0] = n, n, ends[m]
        kind[n], held[n], root[n], mask[n] = 0, -1, m, 0
        n += 1
        while True:
            while depth and at == stop[depth]:
                depth -= 1
            if at == stop[depth]:
                break
            end, here = stop[depth], who[depth]
            key, at = _varint(data, at, end)
            if at < 0 or key < 8:
                state[m] = BROKEN
                break
            form, field = key & np.uint64(7), key >> np.uint64(3)
            s = lookup[kind[here], field] if field < lookup.shape[1] else UNKNOWN
            number, length = np.uint64(0), np.int64(0)
            if form == 0 or form == 2:
                number, at = _varint(data, at, end)
                if at < 0 or (form == 2 and number > end - at):
                    state[m] = BROKEN
                    break
                length = np.int64(number) if form == 2 else np.int64(0)
            elif form == 1 or form == 5:
                length = np.int64(8 if form == 1 else 4)
                if length > end - at:
                    state[m] = BROKEN
                    break
            else:
                state[m] = BROKEN
                break
            if s < 0:
                node[e], slot[e], value[e], size[e], wrong[e] = here, UNKNOWN, field, form, GOOD
                e += 1
                at += length
                continue
            what, flag = kinds[s], flags[s]
            if form == 2 and what <= BOOL and flag & REPEATED:
                until = at + length
                while at < until:
                    number, at = _varint(data, at, until)
                    if at < 0:
                        break
                    one: Any = _narrow(number, what)
                    known = not flag & ENUM or (0 <= one < 64 and allowed[s] >> np.uint64(one) & np.uint64(1))
                    node[e], slot[e], value[e], size[e] = here, s, one, 0
                    wrong[e] = GOOD if known else NO_ENUM
                    mask[here] |= np.uint64(1) << np.uint64(bits[s])
                    e += 1
                if at < 0:
                    state[m] = BROKEN
                    break
                continue
            right = 0 if what <= BOOL else 1 if what == DOUBLE else 5 if what == FLOAT else 2
            if form != right:
                state[m] = BROKEN
                break
            mine = np.uint64(1) << np.uint64(bits[s])
            if not flag & REPEATED and mask[here] & (mine | rivals[s]):
                state[m] = ODD
            one = np.int64(at)
            if form == 0:
                one = _narrow(number, what)
            elif form != 2:
                one = _fixed(data, at, length)
            if flag & IMPLICIT and (one == 0 if form != 2 else length == 0):
                at += length
                continue
            mask[here] |= mine
            node[e], slot[e], value[e], size[e], wrong[e] = here, s, one, length, GOOD
            if flag & ENUM:
                if not (0 <= one < 64 and allowed[s] >> np.uint64(one) & np.uint64(1)):
                    wrong[e] = NO_ENUM
            elif what == TEXT:
                wrong[e] = _looked_at(data, at, length, flag)
            e += 1
            if what != MESSAGE:
                at += length
                continue
            if depth + 1 == DEPTH:
                state[m] = BROKEN
                break
            depth += 1
            stop[depth], who[depth] = at + length, n
            size[e - 1] = n
            kind[n], held[n], root[n], mask[n] = aux[s], e - 1, m, 0
            n += 1
        if state[m] == BROKEN:
            e, n = first, top[m] + 1
            mask[top[m]] = 0
    return e, n


@kernel
def _gather(data: Array, starts: Array, offsets: Array) -> Array:
    """Pieces of the buffer, one behind the other."""
    out = np.empty(offsets[-1], np.uint8)
    for i in range(len(starts)):
        at = starts[i] - offsets[i]
        for k in range(offsets[i], offsets[i + 1]):
            out[k] = data[at + k]
    return out
