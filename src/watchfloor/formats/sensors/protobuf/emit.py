"""JSON of a tape's nodes with sorted keys: fields that have no column of their own.

Names are those of the field tables and enums are their names. A number is the shortest text that reads back
the same; one that JSON cannot hold is a text, as are bytes, in hexadecimal digits.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kernels import kernel
from watchfloor.formats.sensors.protobuf.codec import DEPTH
from watchfloor.formats.sensors.protobuf.layout import (
    BOOL,
    BYTES,
    DOUBLE,
    ENUM,
    FLOAT,
    MESSAGE,
    REPEATED,
    TEXT,
    Layout,
)
from watchfloor.formats.sensors.protobuf.tape import Tape

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Words:
    """Words of a schema's JSON: its keys, the names of its enums, true and false.

    Attributes:
        layout: the field tables.
    """

    layout: Layout

    @cached_property
    def keys(self) -> tuple[Array, Array]:
        """Each slot's name with quotes and colon, one behind the other, and where each begins."""
        return _joined([f'"{field.name}":' for _, field in self.layout.slots])

    @cached_property
    def values(self) -> tuple[Array, Array]:
        """For each enum slot the names of 0 to 63, then false and true, as `keys`."""
        enums = self.layout.schema.enums
        named = [enums.get(field.of, {}) for _, field in self.layout.slots]
        names = [f'"{table[k]}"' if k in table else "" for table in named for k in range(64)]
        return _joined([*names, "false", "true"])


def _joined(words: list[str]) -> tuple[Array, Array]:
    raw = [word.encode() for word in words]
    return np.frombuffer(b"".join(raw), np.uint8), np.cumsum([0, *map(len, raw)])


def says(words: Words, tape: Tape, nodes: Array, without: Array) -> pa.Array:
    """One JSON object for each node; null for a node that is -1 or has nothing left.

    Args:
        words: the words of the tape's layout.
        tape: messages without a field that the field tables do not have, and without an unnamed enum.
        nodes: which nodes.
        without: true for each entry that is left out, with all it holds.
    """
    layout, nodes = tape.layout, np.asarray(nodes, np.int64)  # kernels are compiled for one type
    live, chosen = np.zeros(len(tape.kind), np.bool_), np.empty(len(tape.node), np.int64)
    live[nodes[nodes >= 0]] = True
    chosen = chosen[: _below(tape.node, tape.slot, tape.size, layout.kind, without, live, chosen)]
    place = tape.node[chosen].astype(np.int64) * len(layout.slots) + tape.slot[chosen]
    order = chosen[np.argsort(place, kind="stable")]
    counts = np.bincount(tape.node[order], minlength=len(tape.kind))
    bounds = np.concatenate([[0], np.cumsum(counts)])
    pool, at, length = _literals(words, tape, order)
    slot = tape.slot[order]
    kind = layout.kind[slot]
    key_size = np.diff(words.keys[1])[slot]
    longest = np.where(kind == TEXT, 6 * length + 2, np.where(kind == BYTES, 2 * length + 2, length))
    room = int((longest + key_size + 4).sum()) + 2 * len(nodes)
    out, offsets = np.empty(room, np.uint8), np.zeros(len(nodes) + 1, np.int32)
    entries = slot, kind, layout.flags, tape.size[order], at, length
    _write(nodes, bounds, *entries, tape.data, pool, *words.keys, out, offsets)
    empty = offsets[1:] == offsets[:-1]
    valid = pa.py_buffer(np.packbits(~empty, bitorder="little"))
    return pa.StringArray.from_buffers(
        len(nodes), pa.py_buffer(offsets), pa.py_buffer(out[: offsets[-1]].copy()), valid, int(empty.sum())
    )


def _literals(words: Words, tape: Tape, order: Array) -> tuple[Array, Array, Array]:
    """Texts of numbers and enums: a pool, and where in it each entry's stands.

    Of a text or bytes: where it stands in the buffer.
    """
    layout, slot = tape.layout, tape.slot[order]
    kind, flags = layout.kind[slot], layout.flags[slot]
    at, length = tape.value[order].copy(), tape.size[order].astype(np.int64)
    pool, begins = words.values
    names = np.where(kind == BOOL, 64 * len(layout.slots) + at, 64 * slot.astype(np.int64) + at)
    fixed = (kind == BOOL) | (flags & ENUM > 0)
    pieces = [pool]
    offset = len(pool)
    numbers = {
        "double": kind == DOUBLE,
        "float": kind == FLOAT,
        "int": ~fixed & (kind < BOOL),
    }
    for name, mask in numbers.items():
        text = _numbers(name, at[mask])
        ends = np.frombuffer(text.buffers()[1], np.int32)[: len(text) + 1]
        at[mask], length[mask] = ends[:-1] + offset, np.diff(ends)
        pieces.append(np.frombuffer(text.buffers()[2] or b"", np.uint8))
        offset += len(pieces[-1])
    at[fixed], length[fixed] = begins[names[fixed]], np.diff(begins)[names[fixed]]
    return np.concatenate(pieces), at, length


def _numbers(kind: str, values: Array) -> pa.Array:
    if kind == "int":
        return pa.array(values).cast(pa.string())
    bits = values.view(np.float64) if kind == "double" else values.astype(np.uint32).view(np.float32)
    text = pa.array(bits).cast(pa.string())
    if np.isfinite(bits).all():
        return text
    quoted = pc.binary_join_element_wise('"', text, '"', "")
    return pc.if_else(pa.array(np.isfinite(bits)), text, quoted)


@kernel
def _below(
    node: Array, slot: Array, size: Array, kinds: Array, without: Array, live: Array, chosen: Array
) -> Any:
    """Entries of live nodes and of all that they hold, but what is left out; how many there are."""
    n = 0
    for e in range(len(node)):
        if live[node[e]] and not without[e] and slot[e] >= 0:
            chosen[n] = e
            n += 1
            if kinds[slot[e]] == MESSAGE:
                live[size[e]] = True
    return n


@kernel
def _copy(out: Array, n: Any, data: Array, at: Any, size: Any) -> Any:
    for k in range(size):
        out[n + k] = data[at + k]
    return n + size


@kernel
def _quoted(out: Array, n: Any, data: Array, at: Any, size: Any, raw: bool) -> Any:
    """A text in quotes, escaped as RFC 8259 asks; bytes as hexadecimal digits."""
    out[n] = 34
    n += 1
    for k in range(at, at + size):
        c = data[k]
        if not raw and c >= 32 and c != 34 and c != 92:
            out[n] = c
            n += 1
            continue
        high, low = c >> 4, c & 15
        if not raw:
            out[n] = 92
            if c >= 32:
                out[n + 1] = c
                n += 2
                continue
            out[n + 1], out[n + 2], out[n + 3] = 117, 48, 48
            n += 4
        out[n] = high + 48 if high < 10 else high + 87
        out[n + 1] = low + 48 if low < 10 else low + 87
        n += 2
    out[n] = 34
    return n + 1


@kernel
def _write(
    nodes: Array,
    bounds: Array,
    slot: Array,
    kind: Array,
    flags: Array,
    holds: Array,
    at: Array,
    length: Array,
    data: Array,
    pool: Array,
    keys: Array,
    key_at: Array,
    out: Array,
    offsets: Array,
) -> None:
    here, stop, last = np.empty(DEPTH, np.int64), np.empty(DEPTH, np.int64), np.empty(DEPTH, np.int64)
    n = 0
    for i in range(len(nodes)):
        if nodes[i] >= 0 and bounds[nodes[i]] < bounds[nodes[i] + 1]:
            depth = 0
            here[0], stop[0], last[0] = bounds[nodes[i]], bounds[nodes[i] + 1], -1
            out[n] = 123
            n += 1
            while depth >= 0:
                e = here[depth]
                before = last[depth]
                more = e < stop[depth]
                if before >= 0 and flags[before] & REPEATED and not (more and slot[e] == before):
                    out[n] = 93
                    n += 1
                if not more:
                    out[n] = 125
                    n += 1
                    depth -= 1
                    continue
                s = slot[e]
                if before >= 0:
                    out[n] = 44
                    n += 1
                if s != before:
                    n = _copy(out, n, keys, key_at[s], key_at[s + 1] - key_at[s])
                    if flags[s] & REPEATED:
                        out[n] = 91
                        n += 1
                here[depth] += 1
                last[depth] = s
                if kind[e] == MESSAGE:
                    depth += 1
                    child = holds[e]
                    here[depth], stop[depth], last[depth] = bounds[child], bounds[child + 1], -1
                    out[n] = 123
                    n += 1
                elif kind[e] == TEXT or kind[e] == BYTES:
                    n = _quoted(out, n, data, at[e], length[e], kind[e] == BYTES)
                else:
                    n = _copy(out, n, pool, at[e], length[e])
        offsets[i + 1] = n
