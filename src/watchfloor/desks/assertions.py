"""Assertions of a fold: signals that stand, with what the fold has to know to revise or retract them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, get_args, get_type_hints

import pyarrow as pa

from watchfloor.core.derived import SIGNAL
from watchfloor.core.marking import join
from watchfloor.core.messages import Message, reason
from watchfloor.core.subjects import parts
from watchfloor.desks.state import Codec, Row, Tables, arrow, declare, is_tuple


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


PLAIN: Final[Row] = {
    "revision": 0,
    "retracted": False,
    "score": None,
    "coverage": [],
    "latitude": None,
    "longitude": None,
    "radius": None,
}


def assertion(rows: Sequence[Row] = (), /, **columns: Any) -> dict[str, Any]:
    """Return the row of a signal, all but `at`.

    Args:
        rows: records that it rests on, which give it evidence, origins and marking, and since and until when.
        columns: all others, and those that are not as the records say; what is left out is `PLAIN`.
    """
    dated = [row["observed_at"] for row in rows]
    based = {"since": min(dated), "until": max(dated)} | rests_on(rows) if dated else {}
    return {**PLAIN, **based, **columns}


def retracted(
    signal: Row, message: Message, by: Row, at: datetime, /, **parameters: str | None
) -> dict[str, Any]:
    """Return a signal taken back at a moment, by a record that its reason rests on; `day` is given too."""
    return {
        **signal,
        "retracted": True,
        "reason": reason(message, day=at.date().isoformat(), **parameters).stored(),
        "evidence": [*signal["evidence"], *({by["record_id"]} - set(signal["evidence"]))],
        "marking": join((signal["marking"], by["marking"])),
        "at": at,
    }


def rests_on(rows: Iterable[Row]) -> dict[str, Any]:
    """Return the columns of a signal that say which records it rests on."""
    mine = list(rows)
    return {
        "evidence": [row["record_id"] for row in mine],
        "origins": sorted({origin for row in mine for origin in row["origins"] or ()}),
        "marking": join(row["marking"] for row in mine),
    }


def number_of(key: str, of: str) -> str:
    """Return what a sentence calls a subject of a type: its number; of another type, its key."""
    type_, _, number = parts(key)
    return number if type_ == of else key
