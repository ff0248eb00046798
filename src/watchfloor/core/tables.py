"""Tables that callers give: of Arrow, pandas, polars, or whatever hands over Arrow columns."""

import re
from typing import Any, Final

import pyarrow as pa

INDEX: Final = "__index_level_"
"""How the columns begin that pandas makes of an index."""
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would take for a formula."""
UNPRINTABLE: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""


def cell(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def is_table(rows: Any) -> bool:
    """Whether something hands over columns by the Arrow PyCapsule interface."""
    return isinstance(rows, pa.Table) or hasattr(rows, "__arrow_c_stream__")


def as_table(rows: Any) -> pa.Table:
    """Return rows as an Arrow table of plain types: no dictionaries, views or large texts.

    Args:
        rows: an Arrow table, a pandas or polars frame, or anything else with `__arrow_c_stream__`.
    """
    table = rows if isinstance(rows, pa.Table) else pa.table(rows)
    names = [name for name in table.column_names if not name.startswith(INDEX)]
    return pa.table([_plain(table[name]) for name in names], names)


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    of = values.type
    if pa.types.is_dictionary(of):  # by its values first: Arrow takes no views by number
        inner = _type(of.value_type)
        chunks = [one.dictionary.cast(inner).take(one.indices) for one in values.chunks]
        return pa.chunked_array(chunks, inner)
    return values.cast(_type(of))


def _type(of: pa.DataType) -> pa.DataType:
    if pa.types.is_large_string(of) or pa.types.is_string_view(of):
        return pa.string()
    if pa.types.is_large_list(of) or pa.types.is_list(of):
        return pa.list_(_type(of.value_type))
    return of
