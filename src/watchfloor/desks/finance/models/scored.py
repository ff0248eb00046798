"""A fitted model's score as one more signal: payments that it holds to be of the labelled kind, and why.

A floor that installed a model tells each payment whose chance reaches the level that the floor declared, once
within `WITHIN` for the account that paid, and again when it is strong. Nothing follows from a score alone:
the signal names the inputs that moved it most, what speaks against it, what it would be without the first,
and the payments of the two accounts that the inputs are of. A payment put right takes its own signal back;
the model does not unlearn it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import row_id
from watchfloor.core.marking import join
from watchfloor.core.messages import Reason, reason
from watchfloor.desks.assertions import asserted, assertion, number_of, retracted
from watchfloor.desks.finance.engine.stream import DAY, Stream
from watchfloor.desks.finance.messages import LIKE_LABELLED, NO_LONGER_SCORED
from watchfloor.desks.finance.models import trees
from watchfloor.desks.finance.models.installed import Installed
from watchfloor.desks.finance.models.told_inputs import Inputs
from watchfloor.desks.finance.proofs import CITED, origins_of
from watchfloor.desks.finance.surroundings import cited
from watchfloor.desks.finance.typologies.frame import Frame
from watchfloor.desks.finance.typologies.intake import moment
from watchfloor.desks.state import keyed, within

Row = dict[str, Any]

RULE: Final = "like-labelled"
WITHIN: Final = 7 * DAY
"""µs within which what reaches the level again is the same signal."""
NAMED: Final = 4
"""Inputs that a reason names."""


class StandingSignal(NamedTuple):
    """A signal that stands: since when (µs) and as of when, how strong (0 or 1), the payment that made it."""

    signal: Row
    first: int
    last: int
    band: int
    record: bytes


@dataclass
class Scored:
    """State of the fold.

    Attributes:
        installed: the model.
        inputs: what is kept for its inputs.
        told: what stands, by id.
        open: the newest of each account.
    """

    installed: Installed
    inputs: Inputs = within(Inputs)
    told: dict[bytes, StandingSignal] = asserted(at="until")
    open: dict[str, bytes] = keyed("account", "id")

    def forget(self, now: int, widest: int) -> None:
        """Let go of what nothing to come can touch."""
        for id_ in [id_ for id_, one in self.told.items() if one.last < now - widest]:
            del self.told[id_]
        self.open = {key: id_ for key, id_ in self.open.items() if id_ in self.told}


def begin(installed: Installed | None) -> Scored | None:
    """Return the state before the first payment; None where there is no model."""
    return Scored(installed, Inputs(Stream(installed.fitted.plan))) if installed else None


def score_payments(desk: str, key: bytes, state: Scored, payments: pa.Table, ledger: pa.Table) -> list[Row]:
    """Score new payments; gives signals.

    Args:
        desk: whose signals they are.
        key: of row ids.
        state: of the fold.
        payments: records.
        ledger: what is remembered; its last rows are these payments.
    """
    installed = state.installed
    start = ledger.num_rows - payments.num_rows
    beside = ledger.slice(start)
    good = pc.and_(
        pc.greater(beside["cents"], 0), pc.or_(beside["payer"].is_valid(), beside["payee"].is_valid())
    )
    rows = np.flatnonzero(np.asarray(good.to_numpy()))
    if not len(rows):
        return []
    values = state.inputs.features(installed, payments.filter(good), beside.filter(good))
    raw = trees.as_chance(trees.odds(installed.second, values))
    chance = installed.fitted.calibration.chance(raw)
    told = []
    for at in np.flatnonzero(chance >= installed.level).tolist():
        end = start + int(rows[at]) + 1
        if signal := _tell(desk, key, state, installed, ledger.slice(0, end), float(chance[at]), values[at]):
            told.append(signal)
    return told


def _tell(
    desk: str,
    key: bytes,
    state: Scored,
    installed: Installed,
    ledger: pa.Table,
    chance: float,
    values: npt.NDArray[np.float32],
) -> Row | None:
    """The signal of the last payment of a ledger; None where it adds nothing to the one that stands."""
    (paid,) = ledger.slice(ledger.num_rows - 1).to_pylist()
    accounts = [one for one in (paid["payer"], paid["payee"]) if one]
    time, band = paid["time"], int(chance >= installed.strong)
    standing = state.told.get(state.open.get(accounts[0], b""))
    goes_on = standing is not None and time - standing.first <= WITHIN
    if standing is not None and goes_on and band <= standing.band:
        return None
    if standing is not None and goes_on:
        id_, first = standing.signal["row_id"], standing.first
    else:
        place = f"{paid['source']}:{paid['report_key'] or paid['record_id'].hex()}"
        id_, first = row_id(key, desk, RULE, (accounts[0],), place), time
    signal = _signal(desk, id_, installed, ledger, accounts, chance, values)
    state.told[id_] = StandingSignal(signal, first, time, band, paid["record_id"])
    state.open[accounts[0]] = id_
    return signal | {"at": signal["until"]}


def _signal(
    desk: str,
    id_: bytes,
    installed: Installed,
    ledger: pa.Table,
    accounts: list[str],
    chance: float,
    values: npt.NDArray[np.float32],
) -> Row:
    every = _of_accounts(ledger, accounts, installed.fitted.plan.graph)
    frame = Frame(every)
    named = cited(frame, np.arange(max(0, every.num_rows - CITED), every.num_rows))
    why = _why(installed, accounts[0], chance, values, every.num_rows, len(named))
    return assertion(
        row_id=id_,
        since=moment(named[0].time),
        until=moment(named[-1].time),
        desk=desk,
        rule=RULE,
        subjects=accounts,
        strength="strong" if chance >= installed.strong else "moderate",
        score=chance,
        reason=why.stored(),
        evidence=[one.record for one in named],
        origins=origins_of(named),
        marking=join(sorted(set(every["marking"].to_pylist()))),
    )


def _of_accounts(ledger: pa.Table, accounts: list[str], width: int) -> pa.Table:
    """Payments of some accounts within a time up to the last of a ledger."""
    mine = pa.array(accounts, pa.string())
    since = ledger["time"][-1].as_py() - width
    late = ledger.filter(pc.greater(ledger["time"], since))
    return late.filter(pc.or_(pc.is_in(late["payer"], mine), pc.is_in(late["payee"], mine)))


def _why(
    installed: Installed,
    account: str,
    chance: float,
    values: npt.NDArray[np.float32],
    payments: int,
    named: int,
) -> Reason:
    """Explain a score by exact contributions of trees (S. Lundberg et al., 2020), from one of like models."""
    second, model = installed.second[0], installed.fitted
    moved = second.contributions(values[np.newaxis])[0]
    order = np.argsort(-moved[:-1], kind="stable")
    names = second.names
    odds = float(moved.sum() - moved[order[0]])
    without = float(model.calibration.chance(np.array([1 / (1 + np.exp(-odds))]))[0])

    def inputs_text(places: Iterator[int]) -> str:
        return ", ".join(f"{names[k]} = {_value(model.words, names[k], float(values[k]))}" for k in places)

    return reason(
        LIKE_LABELLED,
        account=number_of(account, "account"),
        chance=chance,
        model=installed.digest[:12],
        origin=model.origin or "?",
        until=moment(model.until).date().isoformat(),
        inputs=inputs_text(int(k) for k in order[:NAMED] if moved[k] > 0) or "–",
        against=inputs_text(int(k) for k in order[-1:] if moved[k] < 0) or "–",
        first=names[int(order[0])],
        without=without,
        payments=payments,
        named=named,
    )


def _value(words: Mapping[str, list[str]], name: str, value: float) -> str:
    """An input's value; of a column of words the word."""
    if np.isnan(value):
        return "?"
    return words[name][int(value)] if name in words else f"{value:.6g}"


def put_right(state: Scored, old: bytes, row: Row) -> Iterator[Row]:
    """Take back what a payment made that is put right; `row` is the record in its place."""
    for id_ in [id_ for id_, one in state.told.items() if one.record == old]:
        one = state.told.pop(id_)
        state.open = {key: of for key, of in state.open.items() if of != id_}
        yield retracted(one.signal, NO_LONGER_SCORED, row, moment(row["time"]))
