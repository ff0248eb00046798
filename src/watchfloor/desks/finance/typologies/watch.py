"""Typologies as a fold: which indicator fires on which account, told once, and again when it grows stronger.

What fires on one account within an indicator's window is one signal. It rests on the payments that prove it
(`proofs`). A payment that is put right is gone: signals that rest on it or counted it are looked at again,
without it, at the payment that made them; what no longer holds is taken back.
What the payment's absence would let another payment fire is not sought, and after `WIDEST` nothing is put
right any more.
"""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import row_id
from watchfloor.core.kinds import RECORD_ID
from watchfloor.core.marking import join
from watchfloor.core.messages import Reason, reason
from watchfloor.desks.assertions import asserted, assertion, number_of, retracted
from watchfloor.desks.finance import holders
from watchfloor.desks.finance.holders import Holder
from watchfloor.desks.finance.messages import ENTERED, NO_LONGER, SENTENCES, SOME
from watchfloor.desks.finance.models import scored
from watchfloor.desks.finance.models.scored import Scored
from watchfloor.desks.finance.proofs import CITED, Proof, Prover, origins_of
from watchfloor.desks.finance.surroundings import COLUMNS, Surroundings, importers
from watchfloor.desks.finance.typologies import intake
from watchfloor.desks.finance.typologies.evaluate import Evaluation, Fired
from watchfloor.desks.finance.typologies.expressions import Window
from watchfloor.desks.finance.typologies.frame import Frame, Integers
from watchfloor.desks.finance.typologies.indicators import parameters
from watchfloor.desks.finance.typologies.intake import LEDGER, Features, micros, moment
from watchfloor.desks.finance.typologies.typology import SHAPES, WIDEST, Indicator, catalogue
from watchfloor.desks.state import keyed, table_rows, within

Row = dict[str, Any]

NAME: Final = "finance"
KEPT: Final = 2 * WIDEST
"""µs for which payments are remembered: a signal of `WIDEST` ago can be looked at again, windows and all."""

UNENTERED: Final = "import-without-entry"
"""The indicator that a later customs entry clears."""

_FEW: Final = 4_000
"""Payments that are looked through whole rather than searched for those that matter."""


class StandingSignal(NamedTuple):
    """A signal that stands.

    Attributes:
        signal: the row, all but `at`.
        first: when it fired first, µs.
        last: when the payment was made that the row is of, µs.
        band: strength, from 0.
        account: on whose account.
        record: that payment.
        features: what the engine said of it, as JSON.
    """

    signal: Row
    first: int
    last: int
    band: int
    account: str
    record: bytes
    features: str

    @property
    def indicator(self) -> Indicator:
        """Which fired."""
        return _indicators()[self.signal["rule"]]


@lru_cache(maxsize=1)
def _indicators() -> dict[str, Indicator]:
    return {one.id: one for one in catalogue()}


@dataclass(slots=True)
class Watch:
    """State of the fold: payments that are remembered, accounts, what was told, the engine."""

    ledger: pa.Table = table_rows(LEDGER)
    known: dict[str, Holder] = keyed("subject", part="holders")
    told: dict[bytes, StandingSignal] = asserted(at="until")
    open: dict[tuple[str, str], bytes] = keyed("rule", "account", "id")
    beside: Surroundings = within(Surroundings)
    scored: Scored | None = within(lambda: None, "model.")
    features: Features = within(Features)
    places: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.places = _placed(self.ledger)

    def forget(self, now: int) -> None:
        """Let go of what nothing to come can touch."""
        size = self.ledger.num_rows
        if size and self.ledger["time"][size // 8].as_py() < now - KEPT:  # an eighth: to copy all costs
            self.ledger = self.ledger.filter(pc.greater_equal(self.ledger["time"], now - KEPT))
            self.places = {place: time for place, time in self.places.items() if time >= now - KEPT}
        for id_ in [id_ for id_, one in self.told.items() if one.last < now - WIDEST]:
            del self.told[id_]
        self.open = {key: id_ for key, id_ in self.open.items() if id_ in self.told}
        if self.scored is not None:
            self.scored.forget(now, WIDEST)


def step(key: bytes, state: Watch, rows: pa.Table) -> list[Row]:
    """Fold a batch of records of payments, of accounts and of what is known beside them; gives signals."""
    kinds = rows["kind"]
    place = np.arange(rows.num_rows)
    payment, account = (np.asarray(pc.equal(kinds, kind).to_numpy()) for kind in ("payment", "account"))
    said = rows.filter(pa.array(account)).append_column("place", pa.array(place[account]))
    beside = np.flatnonzero(~(payment | account))
    events = deque(_events(rows, beside) if len(beside) else ())
    made: list[Row] = []
    if payment.any():
        payments = rows.filter(pa.array(payment))
        taken_at = place[payment]
        taken = intake.of_records(payments, taken_at, state.known, said)
        for part, places, again in _pieces(state, taken, taken_at, events):
            made += _arrived(state, events, int(places[0]))
            one = Batch(part, places, events)
            made += _put_right(key, state, one) if again else _taken(key, state, one)
            if state.scored is not None and not again:
                records = payments.slice(int(np.searchsorted(taken_at, places[0])), part.num_rows)
                made += scored.score_payments(NAME, key, state.scored, records, state.ledger)
        made += _arrived(state, events, rows.num_rows)
        state.forget(int(taken["time"][-1].as_py()))
    made += _arrived(state, events, rows.num_rows)
    holders.remembered(state.known, said.to_pylist())
    return made


class Batch(NamedTuple):
    """Payments in the order of the fold, their places in what was handed over, and what else lies there."""

    rows: pa.Table
    places: Integers
    events: deque[Row]


def _events(rows: pa.Table, beside: Integers) -> list[Row]:
    """Records that take effect on what is known beside payments, with their places."""
    found = rows.take(pa.array(beside)).append_column("place", pa.array(beside))
    events: list[Row] = found.select(list(COLUMNS)).to_pylist()
    return events


def _arrived(state: Watch, events: deque[Row], place: int) -> list[Row]:
    """Let events before a place take effect, and take back what they clear."""
    made: list[Row] = []
    while events and events[0]["place"] < place:
        event = events.popleft()
        state.beside.apply(event)
        if event["kind"] == "declaration":
            made += _cleared(state, event)
    return made


def _cleared(state: Watch, event: Row) -> Iterator[Row]:
    """Signals of imports without an entry that an entry of the account or its holder takes back."""
    keys, now = set(importers(event)), micros(event["observed_at"])
    for one in list(state.told.values()):
        if one.indicator.id == UNENTERED and now - one.last <= WIDEST and keys & _names(state, one):
            _let_go(state, one)
            account = number_of(one.account, "account")
            yield retracted(one.signal, ENTERED, event, event["observed_at"], account=account)


def _names(state: Watch, one: StandingSignal) -> set[str]:
    """The account of a signal, and who held it when the signal was made."""
    at = pc.index(state.ledger["record_id"], pa.scalar(one.record, RECORD_ID)).as_py()
    holder = state.ledger["payer.holder"][at].as_py() if at >= 0 else None
    return {one.account} if holder is None else {one.account, holder}


def _pieces(
    state: Watch, taken: pa.Table, places: Integers, events: deque[Row]
) -> Iterator[tuple[pa.Table, Integers, bool]]:
    """Runs of payments of one sort that no declaration lies in which could take back what they make."""
    cuts = _cuts(state, taken, events)
    start = 0
    for rows, again in _segments(state, taken):
        mine = places[start : start + rows.num_rows]
        ends = [*np.searchsorted(mine, [cut for cut in cuts if mine[0] < cut < mine[-1]]), rows.num_rows]
        for low, high in pairwise([0, *(int(end) for end in ends)]):
            if low < high:
                yield rows.slice(low, high - low), mine[low:high], again
        start += rows.num_rows


def _cuts(state: Watch, taken: pa.Table, events: deque[Row]) -> list[int]:
    """Places of declarations that name who pays here, or of whom a signal stands."""
    entries = [event for event in events if event["kind"] == "declaration"]
    if not entries:
        return []
    here = {name for column in ("payer", "payer.holder") for name in taken[column].unique().to_pylist()}
    for one in state.told.values():
        if one.indicator.id == UNENTERED:
            here |= _names(state, one)
    return [event["place"] for event in entries if not here.isdisjoint(importers(event))]


def _places(ledger: pa.Table) -> list[str]:
    """Source and key of each report that has one."""
    named = ledger.filter(ledger["report_key"].is_valid())
    found: list[str] = pc.binary_join_element_wise(named["source"], named["report_key"], "\x1f").to_pylist()
    return found


def _placed(ledger: pa.Table) -> dict[str, int]:
    """When each report was made, µs; the last where it was made again."""
    time = ledger["time"].filter(ledger["report_key"].is_valid()).to_pylist()
    return dict(zip(_places(ledger), time, strict=True))


def _segments(state: Watch, rows: pa.Table) -> Iterator[tuple[pa.Table, bool]]:
    """Runs of payments that are new, and single ones that are reported again."""
    named = _places(rows)
    if len(named) == len(set(named)) and state.places.keys().isdisjoint(named):
        yield rows, False
        return
    start, seen, time = 0, dict[str, int](), rows["time"].to_numpy()
    numbers = np.flatnonzero(rows["report_key"].is_valid().to_numpy()).tolist()
    for at, place in zip(numbers, named, strict=True):
        before = seen.get(place, state.places.get(place))
        if before is not None and time[at] - before <= KEPT:
            if at > start:
                yield rows.slice(start, at - start), False
            yield rows.slice(at, 1), True
            start = at + 1
        seen[place] = int(time[at])
    if start < rows.num_rows:
        yield rows.slice(start), False


def _taken(key: bytes, state: Watch, batch: Batch, seen: bool = True) -> list[Row]:
    """New payments: what fires on them. `seen` lets the engine take them."""
    wanted = _wanted()
    rows, ties = state.beside.beside(batch.rows, batch.places, batch.events)
    told = state.features.compute(rows, wanted) if seen else {}
    before = _related(state.ledger, rows)
    table = pa.concat_tables([before, rows])
    nothing = np.full(before.num_rows, np.nan)
    blank = np.full(rows.num_rows, np.nan)
    features = {name: np.concatenate((nothing, told.get(name, blank))) for name in wanted}
    looked = Evaluation(Frame(table, features))
    prover = Prover(
        looked.frame,
        partial(_book, state.ledger, rows, before.num_rows),
        lambda side, row: ties.tie(side, row - before.num_rows),
    )
    asked = np.arange(before.num_rows, table.num_rows)
    every = list(looked.all_fired(catalogue(), asked))
    made = [
        signal
        for row, fired, one in _in_turn(every)
        if (signal := _fire(key, state, prover, fired, one, row)) is not None
    ]
    state.ledger = pa.concat_tables([state.ledger, rows])
    if state.ledger["time"].num_chunks > 64:
        state.ledger = state.ledger.combine_chunks()
    state.places |= _placed(rows)
    return made


def _book(ledger: pa.Table, rows: pa.Table, before: int) -> tuple[Frame, int]:
    """The payments in which a shape that new ones close may lie; see `proofs.Book`."""
    since = rows["time"][0].as_py() - max(SHAPES.values())
    book = pa.concat_tables([ledger.filter(pc.greater(ledger["time"], since)), rows])
    return Frame(book), book.num_rows - rows.num_rows - before


def _wanted() -> tuple[str, ...]:
    return tuple(sorted({name for one in catalogue() for name in one.engine}))


def _in_turn(every: list[Fired]) -> Iterator[tuple[int, Fired, int]]:
    """All firings, by payment, those on one payment by indicator: row, which, its number there."""
    if not every:
        return
    rows = np.concatenate([fired.rows for fired in every])
    which = np.repeat(np.arange(len(every)), [len(fired.rows) for fired in every])
    number = np.concatenate([np.arange(len(fired.rows)) for fired in every])
    for at in np.lexsort((which, rows)).tolist():
        yield int(rows[at]), every[which[at]], int(number[at])


def _related(ledger: pa.Table, rows: pa.Table) -> pa.Table:
    """Remembered payments that windows of new ones can see: same account, or another thing in common."""
    if ledger.num_rows <= _FEW or ledger.num_rows < 4 * rows.num_rows:
        return ledger
    sides = pa.concat_arrays([one for side in ("payer", "payee") for one in rows[side].chunks]).unique()
    found = pc.or_(pc.is_in(ledger["payer"], sides), pc.is_in(ledger["payee"], sides))
    for name in _shared():
        values = rows[name].unique().drop_null()
        if len(values):
            found = pc.or_(found, pc.is_in(ledger[name], values))
    return ledger.filter(found)


def _shared() -> tuple[str, ...]:
    """Columns by which windows look at payments of other accounts."""
    windows = (w for one in catalogue() for w in (*one.let.values(),) if isinstance(w, Window))
    return tuple(sorted({w.of for w in windows} - {"into", "outof", "pair", "back"}))


def _fire(key: bytes, state: Watch, prover: Prover, fired: Fired, one: int, row: int) -> Row | None:
    """The signal of one firing; None where it adds nothing to the one that stands, or is not proven."""
    indicator, band, frame = fired.indicator, int(fired.band[one]), prover.frame
    (account,) = frame.values(indicator.about, np.array([row]))
    time = int(frame.time[row])
    standing = state.told.get(state.open.get((indicator.id, account), b""))
    goes_on = standing is not None and time - standing.first <= indicator.width
    if standing is not None and goes_on and band <= standing.band:
        return None
    proof = prover.prove(fired, one)
    if proof is None:
        return None
    if standing is not None and goes_on:
        id_, first = standing.signal["row_id"], standing.first
    else:
        id_ = row_id(key, NAME, indicator.id, (account,), _place(frame, row))
        first = time
    features = json.dumps({name: float(frame.features[name][row]) for name in indicator.engine})
    signal = _signal(id_, proof, fired, one, account, time)
    (record,) = frame.values("record_id", np.array([row]))
    state.told[id_] = StandingSignal(signal, first, time, band, account, record, features)
    state.open[indicator.id, account] = id_
    return signal | {"at": signal["until"]}


def _place(frame: Frame, row: int) -> str:
    """Where a payment stands among the reports: its source, and its key or its record."""
    at = np.array([row])
    (key,), (record,), (source,) = (frame.values(name, at) for name in ("report_key", "record_id", "source"))
    return f"{source}:{key or record.hex()}"


def _signal(id_: bytes, proof: Proof, fired: Fired, one: int, account: str, until: int) -> Row:
    indicator = fired.indicator
    named = proof.payments[-CITED:]
    return assertion(
        row_id=id_,
        since=moment(named[0].time),
        until=moment(until),
        desk=NAME,
        rule=indicator.id,
        subjects=[account],
        strength=indicator.bands[int(fired.band[one])][0],
        reason=_why(proof, fired, one, account).stored(),
        evidence=[*(payment.record for payment in named), *proof.said],
        origins=origins_of(named),
        marking=join(sorted(proof.counted)),
    )


def _why(proof: Proof, fired: Fired, one: int, account: str) -> Reason:
    """The sentence; where not all payments are named, with how many there are."""
    told = parameters(fired, one, number_of(account, "account"), proof.values)
    if len(proof.payments) <= CITED:
        return reason(SENTENCES[fired.indicator.id], **told)
    return reason(SOME[fired.indicator.id], **told, named=CITED, payments=len(proof.payments))


def _put_right(key: bytes, state: Watch, batch: Batch) -> list[Row]:
    """A payment that is reported again: the earlier one is gone, then this one comes.

    The engine cannot take a payment back, and does not take this one.
    """
    row = batch.rows
    now = int(row["time"][0].as_py())
    made: list[Row] = []
    for old in _standing(state.ledger, row, now):
        gone = pc.equal(state.ledger["record_id"], pa.scalar(old["record_id"], RECORD_ID))
        state.ledger = state.ledger.filter(pc.invert(gone))
        state.beside.forget(old["record_id"])
        resting = [one for one in state.told.values() if _may_rest_on(one, old)]
        looked = _Anew(state.ledger.filter(pc.greater_equal(state.ledger["time"], now - KEPT)))
        made += [signal for one in resting for signal in _again(state, looked, one, old, row)]
        if state.scored is not None:
            made += scored.put_right(state.scored, old["record_id"], row.to_pylist()[0])
    return made + _taken(key, state, batch, seen=False)


def _may_rest_on(one: StandingSignal, old: Row) -> bool:
    """Whether a signal names a payment, or may have counted it."""
    if old["record_id"] in one.signal["evidence"]:
        return True
    within = one.last - one.indicator.width <= old["time"] <= one.last
    return within and (one.account in (old["payer"], old["payee"]) or one.indicator.elsewhere)


def _standing(ledger: pa.Table, row: pa.Table, now: int) -> list[Row]:
    """The payment that stands of a report, where it is young enough to be put right."""
    mine = pc.and_(
        pc.and_(
            pc.equal(ledger["source"], row["source"][0]), pc.equal(ledger["report_key"], row["report_key"][0])
        ),
        pc.greater_equal(ledger["time"], now - WIDEST),
    )
    names = ["record_id", "time", "payer", "payee"]
    found: list[Row] = ledger.select(names).filter(mine).to_pylist()
    return found[-1:]


def _again(state: Watch, looked: "_Anew", one: StandingSignal, old: Row, row: pa.Table) -> Iterator[Row]:
    """A signal looked at again after a payment that it rests on is gone."""
    at, id_ = moment(int(row["time"][0].as_py())), one.signal["row_id"]
    names_it = old["record_id"] in one.signal["evidence"]
    if one.indicator.shape == "near" and not names_it and one.record != old["record_id"]:
        return  # what led there still does
    found = None if one.record == old["record_id"] or one.indicator.shape == "near" else looked.fired(one)
    if found is None:
        _let_go(state, one)
        (by,) = row.select(["record_id", "marking"]).to_pylist()
        yield retracted(one.signal, NO_LONGER, by, at)
        return
    fired, proof = found
    signal = _signal(id_, proof, fired, 0, one.account, one.last)
    if signal != one.signal:
        state.told[id_] = one._replace(signal=signal, band=int(fired.band[0]))
        yield signal | {"at": at}


def _let_go(state: Watch, one: StandingSignal) -> None:
    id_ = one.signal["row_id"]
    del state.told[id_]
    if state.open.get((one.indicator.id, one.account)) == id_:
        del state.open[one.indicator.id, one.account]


class _Anew:
    """Signals that stand, to be evaluated again at earlier payments."""

    def __init__(self, ledger: pa.Table) -> None:
        self.ledger = ledger.combine_chunks()
        self.plain = Evaluation(Frame(self.ledger))

    def fired(self, one: StandingSignal) -> tuple[Fired, Proof] | None:
        """The indicator of a signal at the payment that made it; None where it does not hold any more."""
        mine = pc.index(self.ledger["record_id"], pa.scalar(one.record, RECORD_ID)).as_py()
        if mine < 0:
            return None
        looked = self.plain
        if features := json.loads(one.features):
            told = {name: np.full(self.ledger.num_rows, value) for name, value in features.items()}
            looked = Evaluation(Frame(self.ledger, told))
        fired = looked.fired(one.indicator, np.array([mine]))
        proof = self._proof(looked.frame, fired) if len(fired.rows) else None
        return (fired, proof) if proof is not None else None

    def _proof(self, frame: Frame, fired: Fired) -> Proof | None:
        return Prover(frame, lambda: (frame, 0), lambda _side, _row: None).prove(fired, 0)
