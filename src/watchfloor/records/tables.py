"""Tables that callers give: of Arrow, pandas, polars, or whatever hands over Arrow columns."""

from typing import Any, Final

import pyarrow as pa

INDEX: Final = "__index_level_"
"""How the columns begin that pandas makes of an index."""


def is_table(rows: Any) -> bool:
    """Whether something hands over columns by the Arrow PyCapsule interface."""
    return isinstance(rows, pa.Table) or hasattr(rows, "__arrow_c_stream__")


def as_table(rows: Any) -> pa.Table:
    """Return rows as an Arrow table of plain types: no dictionaries, views or large texts.

    Args:
        rows: an Arrow table, a pandas or polars frame, or anything else with `__arrow_c_stream__`.
    """
    table = rows if isinstance(rows, pa.Table) else pa.table(rows)
    table = table.select([name for name in table.column_names if not name.startswith(INDEX)])
    return table.cast(pa.schema([(field.name, _plain(field.type)) for field in table.schema]))


def _plain(of: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(of):
        return _plain(of.value_type)
    if pa.types.is_large_string(of) or pa.types.is_string_view(of):
        return pa.string()
    if pa.types.is_large_list(of) or pa.types.is_list(of):
        return pa.list_(_plain(of.value_type))
    return of
