"""The two sides of payments under one numbering, and account numbers that several banks use apart."""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.payments.cells import Mask, renamed, texts
from watchfloor.formats.tabular.table import single

_GLOBAL: Final = r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$|^[a-z]+:"
"""Numbers that are one account everywhere: an IBAN (ISO 13616), a typed key of ours."""


def shared(sides: list[pa.DictionaryArray]) -> list[pa.DictionaryArray]:
    """The same texts, all under one dictionary, so that equal codes are equal texts."""
    if not sides:
        return []
    table = pa.chunked_array(sides).unify_dictionaries()
    return [table.chunk(number) for number in range(len(sides))] if table.num_chunks == len(sides) else sides


def numbered(
    columns: list[pa.ChunkedArray], names: Callable[[str], str | None] | None = None
) -> list[pa.DictionaryArray]:
    """Columns of any type as numbered texts (`payment_cells.texts`) under one dictionary."""
    if all(pa.types.is_string(column.type) for column in columns):
        chunks = [chunk for column in columns for chunk in column.chunks]
        coded = pc.dictionary_encode(pa.chunked_array(chunks, pa.string()))
        codes = single(pa.chunked_array([chunk.indices for chunk in coded.chunks], pa.int32()))
        dictionary = coded.chunk(0).dictionary if coded.num_chunks else pa.array([], pa.string())
        ends = np.cumsum([len(column) for column in columns])
        whole = texts(pa.DictionaryArray.from_arrays(codes, dictionary), names)  # all chunks have the one
        return [
            whole.slice(end - len(column), len(column)) for column, end in zip(columns, ends, strict=True)
        ]
    return shared([texts(single(column), names) for column in columns])


def apart(
    sides: list[pa.DictionaryArray], banks: list[pa.DictionaryArray], good: Mask
) -> tuple[list[pa.DictionaryArray], int]:
    """Accounts of one number at several banks under names of their own, `number@bank`; and how many numbers.

    Account numbers are a bank's own: two banks may give the same one, to two accounts. A number that stands
    at one bank only, or on rows that say no bank, keeps its name; so does an IBAN or a typed key, which is
    the same account wherever it stands. Rows that are not `good` say nothing.
    """
    names, bank_names = sides[0].dictionary, banks[0].dictionary
    pairs = [(_codes(side), _codes(bank)) for side, bank in zip(sides, banks, strict=True)]
    first = np.full(len(names) + 1, -1, np.int64)
    for side, bank in pairs:
        stated = good & (side >= 0) & (bank >= 0)
        first[side[stated]] = bank[stated]
    several = np.zeros(len(names) + 1, np.bool_)
    for side, bank in pairs:
        stated = good & (side >= 0) & (bank >= 0)
        several[side[stated][first[side[stated]] != bank[stated]]] = True
    own = pc.match_substring_regex(names, _GLOBAL)
    several[:-1] &= ~np.asarray(own.to_numpy(zero_copy_only=False), np.bool_)
    if not several.any():
        return sides, 0
    width = len(bank_names) + 1
    split = [(side >= 0) & (bank >= 0) & several[side] for side, bank in pairs]
    keys = [side[rows] * width + bank[rows] for (side, bank), rows in zip(pairs, split, strict=True)]
    distinct = np.unique(np.concatenate(keys))
    numbers = pa.array(distinct // width)
    stand = pc.replace_substring_regex(bank_names, r"^0+(\d+)$", r"\1").take(pa.array(distinct % width))
    made = pc.binary_join_element_wise(names.take(numbers), stand, "@")
    dictionary = pa.concat_arrays([names, made])
    split_up = []
    for (side, _), rows, key in zip(pairs, split, keys, strict=True):
        codes = side.copy()
        codes[rows] = len(names) + np.searchsorted(distinct, key)
        split_up.append(renamed(pa.array(codes, pa.int32(), mask=codes < 0), dictionary))
    return split_up, int(several.sum())


def _codes(side: pa.DictionaryArray) -> npt.NDArray[np.int64]:
    return np.asarray(pc.fill_null(side.indices, -1).to_numpy(zero_copy_only=False), np.int64)
