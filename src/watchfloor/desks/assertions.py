"""Assertions of a fold: signals that stand, with what the fold has to know to revise or retract them."""

from functools import partial
from typing import Any, get_args, get_type_hints

import pyarrow as pa

from watchfloor.desks.state import Codec, Row, Tables, arrow, declare, is_tuple
from watchfloor.records.derived import SIGNAL
from watchfloor.records.marking import join
from watchfloor.records.messages import Reason


def asserted(columns: pa.Schema = SIGNAL, at: str | None = None, part: str | None = None) -> Any:
    """Declare signals that stand, by id: each a `NamedTuple` of the row (`signal`, all but `at`) and more.

    Args:
        columns: those of the row.
        at: the column that is written as `at`; None: none.
        part: name of the table.
    """
    return declare(dict, part, partial(_asserted, columns, at))


def _asserted(columns: pa.Schema, at: str | None, hint: Any) -> Codec:
    kind = get_args(hint)[1]
    more = {name: of for name, of in get_type_hints(kind, include_extras=True).items() if name != "signal"}
    schema = pa.schema([*columns, *((name, arrow(of)) for name, of in more.items())])
    tuples = [name for name, of in more.items() if is_tuple(of)]

    def frozen(told: dict[bytes, Any]) -> Tables:
        rows = [
            one.signal | {"at": at and one.signal[at]} | {name: getattr(one, name) for name in more}
            for one in told.values()
        ]
        return {"": pa.Table.from_pylist(rows, schema)}

    def thawed(_: Any, found: Tables) -> dict[bytes, Any]:
        rows = found[""].to_pylist()
        for row in rows:
            row |= {name: tuple(row[name]) for name in tuples}
        signals = [{name: row[name] for name in SIGNAL.names if name != "at"} for row in rows]
        return {
            row["row_id"]: kind(signal, *(row[name] for name in more))
            for row, signal in zip(rows, signals, strict=True)
        }

    return Codec(frozen, thawed)


def retracted(signal: Row, why: Reason, by: Row) -> dict[str, Any]:
    """Return a signal taken back at the moment of a record, which its reason rests on."""
    return {
        **signal,
        "retracted": True,
        "reason": why.stored(),
        "evidence": [*signal["evidence"], *({by["record_id"]} - set(signal["evidence"]))],
        "marking": join((signal["marking"], by["marking"])),
        "at": by["observed_at"],
    }
