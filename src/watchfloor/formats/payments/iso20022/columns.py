"""Columns of text: their buffers, and values that are worked out once a distinct text."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Rows = npt.NDArray[np.bool_]
NOTHING: Final = np.zeros(0, np.uint8)


def buffers(texts: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Offsets and bytes of a column of text; a null is as long as an empty text."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    _, ends, data = texts.buffers()
    if ends is None:
        return np.zeros(len(texts) + 1, np.int32), NOTHING
    offsets = np.frombuffer(ends, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    if texts.null_count and offsets[-1] > offsets[0]:
        texts = pc.fill_null(texts, "")
        _, ends, data = texts.buffers()
        offsets = np.frombuffer(ends, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return offsets, NOTHING if data is None else np.frombuffer(data, np.uint8)


def each(texts: pa.Array, read: Callable[[str], Any], of: pa.DataType) -> pa.Array:
    """Apply `read` once to each distinct text; null where there was none."""
    if texts.null_count == len(texts):
        return pa.nulls(len(texts), of)
    coded = pc.dictionary_encode(texts)
    return pa.array([read(text) for text in coded.dictionary.to_pylist()], of).take(coded.indices)


def checked(texts: pa.Array, read: Callable[[str], Any], of: pa.DataType) -> tuple[pa.Array, dict[int, str]]:
    """The same where `read` may raise `ValueError`: null there, and the sentence by row."""
    if texts.null_count == len(texts):
        return pa.nulls(len(texts), of), {}
    coded = pc.dictionary_encode(texts)
    values: list[Any] = []
    wrong: dict[int, str] = {}
    for code, text in enumerate(coded.dictionary.to_pylist()):
        try:
            values.append(read(text))
        except ValueError as error:
            values.append(None)
            wrong[code] = str(error)
    found = pa.array(values, of).take(coded.indices)
    if not wrong:
        return found, {}
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    return found, {int(row): wrong[int(codes[row])] for row in np.flatnonzero(np.isin(codes, list(wrong)))}


def mask(column: pa.Array) -> Rows:
    """A column of truths as an array; null is false."""
    found: Rows = np.asarray(pc.fill_null(column, False).to_numpy(zero_copy_only=False), np.bool_)
    return found


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts put together; null where any is null."""
    return pc.binary_join_element_wise(*parts, "")
