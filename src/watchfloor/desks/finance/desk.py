"""The finance desk as a fold over payments: cash that adds up to the reporting threshold within 24 hours.

A financial entity reports cash of 10,000 dollars or more (SOR/2002-184, s. 7(1)(a)), and takes amounts that
add up to as much within 24 consecutive hours for one, where they are for the same beneficiary (s. 126(c)).
Deposits that each stay below the threshold and together reach it are what the rule is for. It is no offence
to make them: shops do. Two equal deposits are two deposits.

Windows are told greedily: the first deposit that completes a sum opens one, deposits within 24 hours of its
first one join it, and what comes later is counted afresh. Only Canadian dollars are counted.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.base import Desk, Refs
from watchfloor.desks.finance.messages import ADDS_UP, PUT_RIGHT
from watchfloor.desks.standing import (
    Row,
    Said,
    Standing,
    frozen,
    number_of,
    place_of,
    rests_on,
    revised,
    thawed,
)
from watchfloor.records.derived import SIGNAL, row_id
from watchfloor.records.kinds import PAYMENT
from watchfloor.records.messages import reason

NAME: Final = "finance"
RULE: Final = "cash-adds-up"

THRESHOLD: Final = Decimal(10_000)
"""Dollars from which cash is reported: SOR/2002-184, ss. 7(1)(a) and 126, as at 26 March 2026."""

WITHIN: Final = timedelta(hours=24)
"""Consecutive hours within which amounts are taken for one: the same, s. 126."""

KEPT: Final = pa.schema(
    [
        *(PAYMENT.schema.field(name) for name in ("record_id", "report_key", "source", "origins")),
        *(PAYMENT.schema.field(name) for name in ("observed_at", "marking", "payee", "amount")),
        *(PAYMENT.schema.field(name) for name in ("currency", "means")),
    ]
)
"""What is kept of a deposit: neither who made it, nor where, nor its memo."""


def begin(refs: Refs) -> Standing:  # noqa: ARG001 - payments arrive as records
    """Before the first payment."""
    return Standing()


def step(refs: Refs, state: Standing, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
    """Fold one batch of payments."""
    say = partial(_said, refs.key)
    made = [
        signal
        for row in _relevant(state, rows).to_pylist()
        for signal in revised(state, row, _account(row), say, PUT_RIGHT)
    ]
    return {"signal": pa.Table.from_pylist(made, schema=SIGNAL)}


def _relevant(state: Standing, rows: pa.Table) -> pa.Table:
    """Deposits that count, and whatever is reported again of one."""
    counts = pc.and_(pc.equal(rows["means"], "cash"), pc.less(rows["amount"], THRESHOLD))
    new = set(rows.filter(counts)["report_key"].to_pylist())
    places = zip(rows["source"].to_pylist(), rows["report_key"].to_pylist(), strict=True)
    again = [key is not None and (key in new or ("", source, key) in state.rows) for source, key in places]
    return rows.filter(pc.or_(counts, pa.array(again, pa.bool_()))).select(KEPT.names)


def _account(row: Row) -> str | None:
    """The account that a deposit below the threshold came into; None for any other payment."""
    counts = row["means"] == "cash" and row["currency"] == "CAD" and 0 < row["amount"] < THRESHOLD
    return row["payee"] if counts else None


def windows(deposits: Sequence[Row]) -> Iterator[list[Row]]:
    """Runs of deposits, in order of time, that reach the threshold within 24 hours; none in two of them."""
    waiting: list[Row] = []
    opened: list[Row] = []
    for deposit in deposits:
        if opened and deposit["observed_at"] - opened[0]["observed_at"] <= WITHIN:
            opened.append(deposit)
            continue
        if opened:
            yield opened
            opened = []
        waiting = [one for one in waiting if deposit["observed_at"] - one["observed_at"] <= WITHIN]
        waiting.append(deposit)
        if sum(one["amount"] for one in waiting) >= THRESHOLD:
            opened, waiting = waiting, []
    if opened:
        yield opened


def _said(key: bytes, account: str, deposits: Sequence[Row]) -> Said:
    """A signal for each window of an account."""
    signals = (_signal(key, account, window) for window in windows(deposits))
    return {signal["row_id"]: signal for signal in signals}


def _signal(key: bytes, account: str, window: Sequence[Row]) -> dict[str, Any]:
    since, until = window[0]["observed_at"], window[-1]["observed_at"]
    why = reason(
        ADDS_UP,
        account=number_of(account, "account"),
        count=len(window),
        total=float(sum(one["amount"] for one in window)),
        since=f"{since:%Y-%m-%d %H:%M}",
        until=f"{until:%Y-%m-%d %H:%M}",
    )
    return {
        "row_id": row_id(key, NAME, RULE, (account,), ":".join(place_of(window[0]))),
        "revision": 0,
        "since": since,
        "until": until,
        "retracted": False,
        "desk": NAME,
        "rule": RULE,
        "subjects": [account],
        "strength": "two deposits" if len(window) == 2 else "several deposits",
        "score": None,
        "reason": why.stored(),
        "coverage": [],
    } | rests_on(window)


def freeze(state: Standing) -> pa.Table:
    """The deposits that stand."""
    return frozen(state, KEPT)


def thaw(refs: Refs, rows: pa.Table) -> Standing:  # noqa: ARG001
    """The state back from `freeze`."""
    return thawed(rows, _account)


DESK: Final = Desk(
    name=NAME,
    version="1",
    reads=("payment",),
    yields={"signal": SIGNAL},
    begin=begin,
    step=step,
    freeze=freeze,
    thaw=thaw,
)
