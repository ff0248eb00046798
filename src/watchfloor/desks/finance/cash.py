"""Cash that adds up to the reporting threshold within 24 hours, as a fold over payments.

A financial entity reports cash of 10,000 dollars or more (SOR/2002-184, s. 7(1)(a)), and takes amounts that
add up to as much within 24 consecutive hours for one, where they are for the same beneficiary (s. 126(c)).
Deposits that each stay below the threshold and together reach it are what the rule is for. It is no offence
to make them: shops do. Two equal deposits are two deposits.

Windows are told greedily: the first deposit that completes a sum opens one, deposits within 24 hours of its
first one join it, and what comes later is counted afresh. Only Canadian dollars are counted.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import row_id
from watchfloor.core.kinds import PAYMENT
from watchfloor.core.messages import reason
from watchfloor.desks.assertions import assertion, number_of, retracted
from watchfloor.desks.finance.messages import ADDS_UP, PUT_RIGHT
from watchfloor.desks.standing import CurrentEvidence, Place, kept, place_of, standing_rows
from watchfloor.desks.state import Row

NAME: Final = "finance"
RULE: Final = "cash-adds-up"

THRESHOLD: Final = Decimal(10_000)
"""Dollars from which cash is reported: SOR/2002-184, ss. 7(1)(a) and 126, as at 26 March 2026."""

WITHIN: Final = timedelta(hours=24)
"""Consecutive hours within which amounts are taken for one: the same, s. 126."""

KEPT: Final = kept(PAYMENT.schema, "payee amount currency means")
"""What is kept of a deposit: neither who made it, nor where, nor its memo."""


@dataclass(slots=True)
class Running:
    """An account as far as it has been told: deposits that wait for a sum, and the last window."""

    waiting: list[Row] = field(default_factory=list)
    window: list[Row] = field(default_factory=list)
    last: tuple[datetime, Place] | None = None

    def add(self, deposit: Row) -> list[Row]:
        """The window that the next deposit in order of time opens or joins; empty where it does neither."""
        at = deposit["observed_at"]
        self.last = at, place_of(deposit)
        if self.window and at - self.window[0]["observed_at"] <= WITHIN:
            self.window.append(deposit)
            return self.window
        self.window = []
        self.waiting = [one for one in self.waiting if at - one["observed_at"] <= WITHIN]
        self.waiting.append(deposit)
        if sum(one["amount"] for one in self.waiting) >= THRESHOLD:
            self.window, self.waiting = self.waiting, []
        return self.window


@dataclass(slots=True)
class Accounts:
    """State of the fold: the deposits that stand, and each account as far as it has been told."""

    standing: CurrentEvidence = standing_rows(KEPT, lambda row: _account(row), part="")
    running: dict[str, Running] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for account in self.standing.about:
            self.tell_anew(account)

    def ends_before(self, account: str, deposit: Row) -> bool:
        """Whether all deposits of an account that were told come before this one."""
        last = self.running.setdefault(account, Running()).last
        return last is None or last < (deposit["observed_at"], place_of(deposit))

    def tell_anew(self, account: str) -> None:
        """Tell an account from its first deposit that stands and matters to what is to come."""
        self.running[account] = Running()
        deposits = self.standing.rows_of(account)
        for deposit in deposits[_apart(deposits, len(deposits)) :]:
            self.running[account].add(deposit)

    def affected(self, account: str, moment: datetime) -> list[list[Row]]:
        """The windows of an account that a deposit at a moment can have to do with, and those after it."""
        deposits = self.standing.rows_of(account)
        at = bisect_left(deposits, moment, key=lambda one: one["observed_at"])
        return windows(deposits[_apart(deposits, max(at - 1, 0)) :])


def _apart(deposits: Sequence[Row], end: int) -> int:
    """The last deposit, at or before number `end`, that is so long after the one before it that no window
    holds both: what comes before it has no part in what comes after."""
    at = end
    while at > 0 and (
        at == len(deposits) or deposits[at]["observed_at"] - deposits[at - 1]["observed_at"] <= WITHIN
    ):
        at -= 1
    return at


def step(key: bytes, state: Accounts, rows: pa.Table) -> list[Row]:
    """Fold one batch of payments; gives signals."""
    relevant = _relevant(state.standing, rows).to_pylist()
    return [signal for row in relevant for signal in _on_payment(key, state, row)]


def _on_payment(key: bytes, state: Accounts, row: Row) -> Iterator[dict[str, Any]]:
    """Yield the changes after a payment: a new one touches the end of its account, a correction all of it."""
    account, place = _account(row), place_of(row)
    before = state.standing.things.get(place)
    if account is not None and before is None and state.ends_before(account, row):
        state.standing.put(row, account)
        if window := state.running[account].add(row):
            yield _signal(key, account, window) | {"at": row["observed_at"]}
        return
    touched = list(dict.fromkeys(one for one in (before, account) if one is not None))
    since = min([row["observed_at"], *([state.standing.rows[place]["observed_at"]] if before else [])])
    then = _windows(state, touched, since)
    state.standing.put(row, account)
    now = _windows(state, touched, since)
    yield from _differing(key, row, then, now)
    for one in touched:
        state.tell_anew(one)


Told = dict[tuple[str, tuple[bytes, ...]], list[Row]]
"""Windows by account and the records of their deposits."""


def _windows(state: Accounts, accounts: Iterable[str], since: datetime) -> Told:
    return {
        (account, tuple(one["record_id"] for one in window)): window
        for account in accounts
        for window in state.affected(account, since)
    }


def _differing(key: bytes, row: Row, then: Told, now: Told) -> Iterator[dict[str, Any]]:
    """Signals of windows that a payment makes, and what it takes back."""
    at = row["observed_at"]
    made = {
        signal["row_id"]: signal
        for signal in (_signal(key, of[0], window) for of, window in now.items() if of not in then)
    }
    yield from (signal | {"at": at} for signal in made.values())
    for of, window in then.items():
        if of not in now and (signal := _signal(key, of[0], window))["row_id"] not in made:
            yield retracted(signal, PUT_RIGHT, row, at)


def _relevant(state: CurrentEvidence, rows: pa.Table) -> pa.Table:
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


def windows(deposits: Iterable[Row]) -> list[list[Row]]:
    """Runs of deposits, in order of time, that reach the threshold within 24 hours; none in two of them."""
    running = Running()
    found: list[list[Row]] = []
    for deposit in deposits:
        window = running.add(deposit)
        if window and not (found and found[-1] is window):
            found.append(window)
    return found


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
    return assertion(
        window,
        row_id=row_id(key, NAME, RULE, (account,), ":".join(place_of(window[0]))),
        desk=NAME,
        rule=RULE,
        subjects=[account],
        strength="two deposits" if len(window) == 2 else "several deposits",
        reason=why.stored(),
    )
