"""A whole file of text as one buffer of UTF-8, for the columnar readers."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from watchfloor.formats.base import HEAD_BYTES
from watchfloor.formats.encoding.charset import Utf8, detect

BLOCK: Final = 1 << 23
"""Bytes that are read, or parsed, at once."""


def whole_utf8(data: pa.Buffer) -> pa.Buffer:
    """The text in UTF-8, without a byte order mark, every line ended by a line feed.

    A file that is so already is not copied. Bytes that are of no character become U+FFFD.
    """
    head = data.slice(0, min(HEAD_BYTES, data.size)).to_pybytes()
    charset = detect(head)
    if charset.encoding == "utf-8" and (b"\r" not in head or b"\n" in head) and is_utf8(data):
        return data.slice(charset.skip)
    text = Utf8(pa.BufferReader(data.slice(len(head))), head)
    parts: Iterator[bytes] = iter(lambda: text.read(BLOCK), b"")
    return pa.py_buffer(b"".join(parts).decode("utf-8", "replace").encode())


def is_utf8(data: pa.Buffer) -> bool:
    """Whether bytes are UTF-8, which Arrow finds fast where they are one text."""
    ends = pa.py_buffer(np.array([0, data.size], np.int64).tobytes())
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, ends, data]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
