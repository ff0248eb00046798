"""Cells of a published table: `dimension=value` pairs as JSON with sorted keys."""

import json
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.protected import is_protected
from watchfloor.formats.tabular.values import Column, by_distinct, read_identifiers

NOTHING: Final = "{}"
"""The cell of a table that has one number a period."""


def dumped(cell: Mapping[str, str]) -> str:
    """A cell as text: JSON, keys sorted, no blanks, letters as they are."""
    return json.dumps(cell, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def columns(dimensions: Mapping[str, pa.Array]) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """The cell of each row, and its number among the distinct ones.

    Args:
        dimensions: a column of texts for each dimension; one that is null has no part in the row's cell.
    """
    count = len(next(iter(dimensions.values())))
    code = np.zeros(count, np.int64)
    for values in dimensions.values():
        coded = pc.dictionary_encode(values, null_encoding="encode")
        code = code * len(coded.dictionary) + coded.indices.to_numpy()
        code = np.unique(code, return_inverse=True)[1]  # so that it stays small
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    rows = zip(*(values.take(pa.array(first)).to_pylist() for values in dimensions.values()), strict=True)
    made = [dumped({k: v for k, v in zip(dimensions, row, strict=True) if v is not None}) for row in rows]
    return pa.array(made, pa.string()).take(pa.array(which)), which


def cell(texts: pa.Array) -> Column:
    """Cells as JSON, or as `region:North;drug:Fentanyl`; an empty one where there was no text."""
    column = by_distinct(texts, _read, pa.string(), empty=NOTHING)
    return Column(pc.fill_null(column.values, NOTHING), column.wrong)


def _read(text: str) -> str:
    pairs = _of_json(text) if text.lstrip().startswith("{") else _of_words(text)
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"{text!r} names a dimension twice")
    for name, value in found.items():
        if not name or not isinstance(value, str) or not value:
            raise ValueError(f'{text!r} is no cell such as {{"region":"North"}}: names and values are texts')
        if is_protected(name):
            raise ValueError(f"{name!r}: figures are not kept by nationality, ethnicity or religion here")
    return dumped(found)


def _of_json(text: str) -> list[tuple[str, str]]:
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        raise ValueError(f'{text!r} is no JSON such as {{"region":"North"}}') from error
    if not isinstance(pairs, _Pairs):
        raise ValueError(f'{text!r} is no cell such as {{"region":"North"}}')
    return pairs


class _Pairs(list[tuple[str, str]]):
    """Pairs of a JSON object, a name that comes twice among them."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        super().__init__(pairs)


def _of_words(text: str) -> list[tuple[str, str]]:
    try:
        found = read_identifiers(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no cell such as region:North;drug:Fentanyl") from error
    return [(str(one["system"]).strip(), str(one["number"]).strip()) for one in found]
