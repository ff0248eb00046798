"""Rows in the log of the live floor: an Arrow stream of the columns that say something."""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from watchfloor.core.kinds import KINDS, Kind
from watchfloor.core.streams import packed, unpacked

NUMBERS: Final[Mapping[str, int]] = {name: number for number, name in enumerate(KINDS)}
"""The number of each kind in a frame, for this version of Watchfloor."""
NAMES: Final = tuple(KINDS)


def pack(rows: pa.Table) -> bytes:
    """Rows without the columns that are null in all of them, and without what documents the others."""
    names = [name for name in rows.column_names if rows.column(name).null_count < rows.num_rows]
    bare = pa.schema([pa.field(name, rows.schema.field(name).type) for name in names])
    return packed(pa.table([rows.column(name) for name in names], schema=bare))


def unpack(data: memoryview, kind: Kind) -> pa.Table:
    """The rows back, with every column of their kind."""
    told = unpacked(data)
    return fitted(told, kind.schema)


def fitted(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows with the columns of a schema, null where they have none."""
    given = dict(zip(rows.column_names, rows.columns, strict=True))
    columns = [
        given[field.name] if field.name in given else pa.nulls(rows.num_rows, field.type) for field in schema
    ]
    return pa.table(columns, schema=schema)
