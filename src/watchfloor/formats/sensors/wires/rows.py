"""Rows of the kind `detection` from columns, and JSON texts of what has no column of its own."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import DETECTION

KNOT: Final = 1852 / 3600
"""Metres a second."""
FOOT: Final = 0.3048
"""Metres."""


def detections(columns: Mapping[str, pa.Array], count: int) -> pa.Table:
    """A table of `DETECTION.body`; columns that are not given are null, and `origins` is."""
    body = DETECTION.body
    given = [columns[field.name] if field.name in columns else pa.nulls(count, field.type) for field in body]
    return pa.table(given, schema=body)


def says(columns: Mapping[str, pa.Array], count: int) -> pa.Array:
    """A JSON object a row, keys sorted, of the values that are not null; null where none is.

    Texts are to be without control characters.
    """
    pieces = [_member(name, column) for name, column in sorted(columns.items()) if _some(column)]
    if not pieces:
        return pa.nulls(count, pa.string())
    whole = pc.binary_join_element_wise("{", joined(*pieces), "}", "")
    return only(pc.replace_substring(whole, "{,", "{", max_replacements=1), pc.not_equal(whole, "{}"))


def joined(*pieces: pa.Array) -> pa.Array:
    """Texts row by row one behind the other; a null is an empty text.

    (`null_handling="skip"` of pyarrow 23 to 26 drops the rows in which all are null.)
    """
    return pc.binary_join_element_wise(*pieces, "", null_handling="replace", null_replacement="")


def _some(column: pa.Array) -> bool:
    return bool(column.null_count < len(column))


def _member(name: str, column: pa.Array) -> pa.Array:
    text = column
    if pa.types.is_string(column.type):
        escaped = pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), '"', '\\"')
        return pc.binary_join_element_wise(f',"{name}":"', escaped, '"', "")
    text = pc.cast(column, pa.string())
    return pc.binary_join_element_wise(f',"{name}":', text, "")


def wording(codes: pa.Array, words: Mapping[int, str]) -> pa.Array:
    """The word of each code; null where there is none."""
    at = pc.index_in(codes, pa.array(list(words), codes.type))
    return pa.array(list(words.values()), pa.string()).take(at)


def marks(values: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]) -> pa.Array:
    """Truth values, null where they are not known."""
    return pa.array(values, mask=~known)


def only(values: pa.Array, where: npt.NDArray[np.bool_] | pa.Array) -> pa.Array:
    """Values where a condition holds, null elsewhere."""
    return pc.if_else(where, values, None)


def locators(numbers: npt.NDArray[np.int64], word: str = "line") -> pa.Array:
    """`line 1`, `line 2`… for the numbers given."""
    return pc.binary_join_element_wise(word, pc.cast(pa.array(numbers), pa.string()), " ")
