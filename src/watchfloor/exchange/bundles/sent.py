"""Index of a sent bundle: its rows, and the records here that each rests on.

Ids and hashes and no content, kept beside the act that disclosed it. From it a receipt is checked, a recall
names rows, and a recall that arrives here finds what has gone on.
"""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from watchfloor.core.kinds import DISCLOSURE, RECORD_ID
from watchfloor.core.streams import packed, unpacked
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

SCHEMA: Final = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("row", pa.string(), nullable=False),
        pa.field("leaf", pa.binary(32), nullable=False),
        pa.field("rests_on", pa.list_(RECORD_ID), nullable=False),
    ]
)
"""For each row its kind, its id as the recipient knows it, its Merkle leaf and the records here."""


def index(
    rows: Mapping[str, pa.Table], rests_on: Mapping[str, pa.ChunkedArray], leaves: Mapping[str, list[bytes]]
) -> pa.Table:
    """The index of a bundle's rows, in the order of its parts."""
    parts = [
        pa.table(
            [
                pa.repeat(pa.scalar(kind, pa.string()), table.num_rows),
                pa.array(row_names(kind, table), pa.string()),
                pa.array(leaves[kind], pa.binary(32)),
                rests_on[kind].combine_chunks() if rests_on[kind].num_chunks != 1 else rests_on[kind],
            ],
            schema=SCHEMA,
        )
        for kind, table in rows.items()
    ]
    return pa.concat_tables(parts)


def row_names(kind: str, rows: pa.Table) -> list[str]:
    """How each row of a part is named between the nodes."""
    if kind == DISCLOSURE.name:
        return [one.hex() for one in rows["row_id"].to_pylist()]
    return [str(one) for one in rows["report_key"].to_pylist()]


def keep(writer: Writer, bundle: str, root: str, table: pa.Table) -> int:
    """Keep the index of a bundle; gives its position."""
    return writer.shown(_called(bundle), bytes.fromhex(root), packed(table.combine_chunks()))


def index_of(floor: Floor, bundle: str) -> pa.Table | None:
    """The index of a bundle that was sent; None where there is none."""
    kept = floor.shown(_called(bundle))
    content = kept[-1].content if kept else None
    return None if content is None else unpacked(content)


def _called(bundle: str) -> str:
    return f"bundle {bundle}"
