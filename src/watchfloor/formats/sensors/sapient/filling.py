"""Tables of rows from columns: when, where and since when they are here, in the order of their messages."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import COVERAGE, DETECTION, INSTANT, Kind

Array = npt.NDArray[Any]


class Part(NamedTuple):
    """Rows of one kind, and of each the message it is of."""

    kind: Kind
    rows: pa.Table
    message: Array


class Table(NamedTuple):
    """Columns by name, and of each row the message it is of."""

    columns: dict[str, pa.Array]
    message: Array


@dataclass(frozen=True)
class Fill:
    """Columns of rows of all kinds: when, where and since when they are here."""

    at: Array
    locators: pa.Array
    received: pa.Array

    def table(self, kind: Kind, told: list[tuple[int, dict[str, Any]]]) -> list[Table]:
        """Rows as columns, with the moment of their message; nothing where there are none."""
        if not told:
            return []
        message = np.array([one for one, _ in told], np.int64)
        named = set().union(*(row for _, row in told))
        columns = {
            field.name: pa.array([row.get(field.name) for _, row in told], field.type)
            for field in BODIES[kind.name]
            if field.name in named
        }
        moments = pa.array(self.at[message]).view(INSTANT)
        return [Table(columns | {"observed_at": moments, "until": _until(moments, told)}, message)]

    def parts(self, kind: Kind, tables: list[Table]) -> list[Part]:
        """The rows of a kind in the order of their messages; those with a marking of their own apart."""
        whole = [self._typed(kind, one) for one in tables if len(one.message)]
        if not whole:
            return []
        message = np.concatenate([one.message for one in tables if len(one.message)])
        joined = pa.concat_tables(whole).combine_chunks()
        if len(whole) > 1:
            order = np.argsort(message, kind="stable")
            message, joined = message[order], joined.take(pa.array(order))
        marked = np.asarray(joined.column(MARKING).is_valid())
        out = []
        names = BODIES[kind.name].names
        for mask, wanted in ((~marked, names[:-1]), (marked, names)):
            if mask.any():
                rows = joined if mask.all() else joined.filter(pa.array(mask))
                out.append(Part(kind, rows.select(wanted), message[mask]))
        return out

    def _typed(self, kind: Kind, table: Table) -> pa.Table:
        index = pa.array(table.message)
        received = pc.coalesce(self.received.take(index), *filter(None, [table.columns.get("received_at")]))
        columns = table.columns | {"locator": self.locators.take(index), "received_at": received}
        schema = BODIES[kind.name]
        arrays = [
            columns[field.name] if field.name in columns else pa.nulls(len(index), field.type)
            for field in schema
        ]
        return pa.Table.from_arrays(arrays, schema=schema)


MARKING: Final = "marking"
BODIES: Final = {
    kind.name: kind.body.append(pa.field(MARKING, pa.string())) for kind in (DETECTION, COVERAGE)
}
"""Columns of rows that may have a marking of their own."""


def _until(moments: pa.Array, told: list[tuple[int, dict[str, Any]]]) -> pa.Array:
    """When the next report is due, where the node has said so."""
    spans = [row.get("interval") for _, row in told]
    micros = pa.array([None if one is None else round(one * 1e6) for one in spans], pa.int64())
    return pc.add(moments.view(pa.int64()), micros).view(INSTANT)
