"""Messages of a buffer read, and what is wrong with each as the field tables see it."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.formats.sensors.protobuf import codec, tape
from watchfloor.formats.sensors.protobuf.layout import Layout
from watchfloor.formats.sensors.protobuf.tape import BROKEN, NO_ENUM, NO_ULID, NO_UUID, NOT_ASCII, ODD, Tape

Array = npt.NDArray[Any]

MOST: Final = 8
"""Sentences on one message; what is wrong after that is not named."""


def read(layout: Layout, data: Array, starts: Array, ends: Array) -> Tape:
    """As `tape.read`; a message that gives a field twice is put in order first, as the wire format merges."""
    first = tape.read(layout, data, starts, ends)
    odd = np.flatnonzero(first.state == ODD)
    if not len(odd):
        return first
    pieces, starts, ends, size = [data], starts.copy(), ends.copy(), len(data)
    for i in odd:
        try:
            message = codec.decode(layout.schema, data[starts[i] : ends[i]].tobytes())
        except codec.WireError:
            continue  # a text that is not UTF-8, which is named later
        piece = np.frombuffer(codec.encode(layout.schema, message), np.uint8)
        pieces.append(piece)
        starts[i], ends[i] = size, size + len(piece)
        size += len(piece)
    return tape.read(layout, np.concatenate(pieces), starts, ends)


def problems(read: Tape, data: Array, starts: Array, ends: Array) -> dict[int, list[str]]:
    """Return the faults of each invalid message: sentences that begin with the field.

    Args:
        read: the messages.
        data: the buffer they came in.
        starts: where each begins in it.
        ends: where it ends.
    """
    found: dict[int, list[str]] = {}
    for i in np.flatnonzero(read.state == BROKEN).tolist():
        found[i] = [_broken(read.layout, data[starts[i] : ends[i]].tobytes())]
    for i, sentence in (*_missing(read), *_wrong(read)):
        sentences = found.setdefault(i, [])
        if len(sentences) < MOST and sentence not in sentences:
            sentences.append(sentence)
    return found


def unknown(read: Tape) -> dict[int, list[str]]:
    """Fields that the field tables do not have, by message."""
    found: dict[int, list[str]] = {}
    for entry in np.flatnonzero(read.slot == tape.UNKNOWN).tolist():
        node = int(read.node[entry])
        names = found.setdefault(int(read.root[node]), [])
        name = ".".join([*read.path(node), str(read.value[entry])])
        if len(names) < MOST and name not in names:
            names.append(name)
    return found


def _broken(layout: Layout, data: bytes) -> str:
    try:
        codec.decode(layout.schema, data)
    except codec.WireError as error:
        return str(error)
    return "it is no message of the wire format"


def _missing(read: Tape) -> Iterator[tuple[int, str]]:
    layout = read.layout
    need = layout.need[read.kind]
    whole = (read.state != BROKEN)[read.root]
    for node in np.flatnonzero(whole & ((read.mask & need) != need)).tolist():
        lacks = int(need[node]) & ~int(read.mask[node])
        message = list(layout.schema.messages.values())[read.kind[node]]
        for bit, field in enumerate(message.fields.values()):
            if lacks >> bit & 1:
                yield int(read.root[node]), f"{_name(read, node, field.name)} is missing, which is mandatory"
    for kind, group, bits in layout.groups:
        for node in np.flatnonzero(whole & (read.kind == kind) & (read.mask & np.uint64(bits) == 0)).tolist():
            place = _name(read, node, group)
            yield int(read.root[node]), f"{place} is missing: one of its fields is mandatory"


def _wrong(read: Tape) -> Iterator[tuple[int, str]]:
    for entry in np.flatnonzero(read.wrong).tolist():
        field = read.layout.slots[read.slot[entry]][1]
        node, wrong = int(read.node[entry]), read.wrong[entry]
        place = _name(read, node, field.name)
        raw = read.data[read.value[entry] : read.value[entry] + read.size[entry]].tobytes()
        if wrong == NOT_ASCII and _is_utf8(raw):
            continue
        yield (
            int(read.root[node]),
            f"{place} {_SAID[int(wrong)].format(_shown(raw), read.value[entry], field.of)}",
        )


_SAID: Final = {
    NO_ULID: "is {0}, which is no ULID: 26 characters of Crockford's base 32, the first 0 to 7",
    NO_UUID: "is {0}, which is no UUID: 32 hexadecimal digits with dashes after 8, 12, 16 and 20 of them",
    NO_ENUM: "is {1}, which {2} does not have",
    NOT_ASCII: "is no UTF-8 text",
}


def _name(read: Tape, node: int, field: str) -> str:
    return ".".join([*read.path(node), field])


def _shown(raw: bytes) -> str:
    text = raw[:60].decode(errors="replace")
    return repr(text + "…" if len(raw) > 60 else text)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
