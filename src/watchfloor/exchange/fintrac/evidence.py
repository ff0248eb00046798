"""Evidence of a report: payments, the accounts and parties that they name, why they stand out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell import current_signals
from watchfloor.cell.acts import refuse
from watchfloor.cell.leads import Lead
from watchfloor.core.kinds import RECORD_ID
from watchfloor.core.marking import join
from watchfloor.core.messages import Reason, declare
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

NOTHING: Final = declare("fintrac.nothing-chosen")
REPLACED: Final = declare("fintrac.payment-replaced", "id")
NO_SIGNAL: Final = declare("fintrac.no-signal", "count", "start")

Row = Mapping[str, Any]


class Piece:
    """A record of evidence, whose columns can be cited."""

    __slots__ = ("_cited", "row")

    def __init__(self, row: Row) -> None:
        self.row = row
        self._cited = f"record:{row['record_id'].hex()}#"

    def __getitem__(self, column: str) -> Any:
        return self.row[column]

    def get(self, column: str) -> Any:
        """A column, or None where the kind has none of that name."""
        return self.row.get(column)

    def cite(self, column: str) -> str:
        """The source of what the column says."""
        return self._cited + column


class Indicator(NamedTuple):
    """Why payments stand out: a signal of a desk, by its id in hexadecimal."""

    id: str
    why: Reason


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence of a report.

    Attributes:
        payments: in the order of time.
        accounts: what is known of accounts that are kept here, by key.
        parties: what is known of who holds, pays or conducts, by key.
        indicators: signals, each once.
        marking: the join of all of them.
        other: records that a report rests on beside these, such as a judgement.
    """

    payments: tuple[Piece, ...]
    accounts: Mapping[str, Piece] = field(default_factory=dict)
    parties: Mapping[str, Piece] = field(default_factory=dict)
    indicators: tuple[Indicator, ...] = ()
    marking: str = "U"
    other: tuple[Piece, ...] = ()

    @property
    def ids(self) -> list[str]:
        """Of all records, in hexadecimal."""
        pieces = (*self.payments, *self.accounts.values(), *self.parties.values(), *self.other)
        return sorted({one["record_id"].hex() for one in pieces})


def gather(
    floor: Floor,
    reader: Reader,
    payments: Iterable[bytes] = (),
    leads: Sequence[Lead] = (),
    signals: Sequence[str] = (),
) -> Evidence:
    """Gather the evidence of some payments, leads and signals (by the start of their ids), for the reader.

    Raises:
        watchfloor.cell.acts.Refusal: there is no payment among it, one was replaced, or a signal is
            not to be found.
    """
    indicators, markings, cited = _indicators(floor, reader, leads, signals)
    rows = _rows(floor, reader, "payment", "record_id", {*payments, *cited}, RECORD_ID)
    present = {row["record_id"] for row in rows}
    for id_ in payments:
        if id_ not in present:
            refuse(REPLACED, id=id_.hex())
    if not rows:
        refuse(NOTHING)
    return _about(floor, reader, rows, indicators, markings)


def of_holder(floor: Floor, reader: Reader, key: str, other: Sequence[Row] = ()) -> Evidence:
    """Accounts that somebody holds here, and every payment from or to him or one of them."""
    held = _rows(floor, reader, "account", "holder", {key}, pa.string())
    keys = {key, *(row["subject"] for row in held)}
    found = [
        row for name in ("payer", "payee") for row in _rows(floor, reader, "payment", name, keys, pa.string())
    ]
    rows = list({row["record_id"]: row for row in found}.values())
    about = _about(floor, reader, rows, {}, [row["marking"] for row in (*held, *other)], {key, *keys})
    return Evidence(
        about.payments,
        {**about.accounts, **{row["subject"]: Piece(row) for row in held}},
        about.parties,
        (),
        about.marking,
        tuple(map(Piece, other)),
    )


def _about(
    floor: Floor,
    reader: Reader,
    rows: list[Row],
    indicators: Mapping[str, Indicator],
    markings: Iterable[str],
    also: Iterable[str] = (),
) -> Evidence:
    named = {row[name] for row in rows for name in ("payer", "payee", "conductor") if row[name]} | {*also}
    accounts = _by_subject(floor, reader, "account", named)
    named |= {row["holder"] for row in accounts.values() if row["holder"]}
    parties = _by_subject(floor, reader, "party", named)
    every = [*rows, *accounts.values(), *parties.values()]
    return Evidence(
        tuple(map(Piece, sorted(rows, key=lambda row: (row["observed_at"], row["record_id"])))),
        {key: Piece(row) for key, row in accounts.items()},
        {key: Piece(row) for key, row in parties.items()},
        tuple(indicators.values()),
        join([*markings, *(row["marking"] for row in every)]),
    )


def _by_subject(floor: Floor, reader: Reader, kind: str, keys: set[str]) -> dict[str, Row]:
    """The last record of each subject."""
    rows = _rows(floor, reader, kind, "subject", keys, pa.string())
    return {row["subject"]: row for row in sorted(rows, key=lambda row: row["observed_at"])}


def _rows(
    floor: Floor, reader: Reader, kind: str, column: str, values: set[Any], of: pa.DataType
) -> list[Row]:
    """The last record of each report whose column is one of the values."""
    table = floor.read(kind, reader, latest=True)
    rows: list[Row] = table.filter(
        pc.is_in(table[column], value_set=pa.array(sorted(values), of))
    ).to_pylist()
    return rows


def _indicators(
    floor: Floor, reader: Reader, leads: Sequence[Lead], starts: Sequence[str]
) -> tuple[dict[str, Indicator], list[str], set[bytes]]:
    found: dict[str, Indicator] = {}
    cited: set[bytes] = set()
    markings = [lead.marking for lead in leads]
    for one in (signal for lead in leads for signal in lead.signals):
        found.setdefault(one.signal_id.hex(), Indicator(one.signal_id.hex(), one.reason))
        cited |= set(one.evidence)
    rows = current_signals.signals(floor, reader).to_pylist() if starts else []
    for start in starts:
        mine = [row for row in rows if row["row_id"].hex().startswith(start)]
        if len(mine) != 1:
            refuse(NO_SIGNAL, count=len(mine), start=start)
        id_ = mine[0]["row_id"].hex()
        found.setdefault(id_, Indicator(id_, Reason.load(mine[0]["reason"])))
        cited |= set(mine[0]["evidence"])
        markings.append(mine[0]["marking"])
    return found, markings, cited
