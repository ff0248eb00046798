"""Pattern instances as a fold: schemes among payments, each told with the payments that make it up.

Once a day, at the first payment of the next, it is looked at what stands among the payments before: an
instance that is new, has grown or is another typology by now is told, one that no longer stands is taken
back. Both stop once its last payment is `HORIZON` old: what was told then stays as it is. A payment that is
put right is out of every instance that rests on it, and the patterns do not take it anew, as the engine does
not either. Where the floor has exchange rates, payments are compared by what they were worth on their day;
those that no rate holds for, and all where it has none, are looked at apart, a currency at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import row_id
from watchfloor.core.kinds import PAYMENT
from watchfloor.core.messages import Reason, reason
from watchfloor.desks.assertions import asserted, assertion, rests_on
from watchfloor.desks.finance.messages import (
    NO_SCHEME,
    SCHEMES,
    SCHEMES_CONVERTED,
    SCHEMES_CONVERTED_CUT,
    SCHEMES_CUT,
)
from watchfloor.desks.finance.patterns import scoring, serialisation
from watchfloor.desks.finance.patterns.fold import DAY, Plan
from watchfloor.desks.finance.patterns.instances import Instance, Patterns
from watchfloor.desks.finance.rates import Rates, Together, compared, together
from watchfloor.desks.finance.typologies.intake import moment
from watchfloor.desks.state import numbered, restored, several, table, table_rows, tables
from watchfloor.formats.tabular.measures import FINE

Row = dict[str, Any]

HORIZON: Final = 2 * Plan().width
"""µs after its last payment for which an instance can be told anew."""
BANDS: Final = ((0.75, "strong"), (0.3, "moderate"), (0.0, "weak"))
"""Least score of each strength."""

_KEPT: Final = pa.schema(
    [
        *(PAYMENT.schema.field(name) for name in ("record_id", "origins", "marking")),
        pa.field("time", pa.int64()),
        pa.field("place", pa.string()),
        pa.field("amount", FINE),
        pa.field("currency", pa.string()),
    ]
)
scoring.weights()  # read now: a fold looks at no file


class StandingSignal(NamedTuple):
    """A signal that stands: the row, all but `at`, the currency of its book, the numbers of its payments."""

    signal: Row
    currency: str
    rows: tuple[int, ...]


@dataclass
class Book:
    """Payments compared in one currency.

    Attributes:
        rows: the payments of the last while (`_KEPT`), the first of them number `first`.
        names: of accounts, by number.
        patterns: what they know.
        gone: which of them were put right.
    """

    rows: pa.Table = table_rows(_KEPT)
    names: dict[str, int] = numbered("name")
    patterns: Patterns = several(Patterns, serialisation.frozen, serialisation.thawed)
    first: int = 0
    gone: set[int] = field(default_factory=set)

    def forget(self, before: int) -> None:
        """Let go of what is earlier (µs) and of no instance to come."""
        self.patterns.forget(before)
        kept = [one.row for one in self.patterns.registry.payments.values()]
        young = int(np.searchsorted(self.rows["time"].to_numpy(), before - Plan().width))
        start = max(min([self.first + young, *kept]) - self.first, 0)
        self.rows, self.first = self.rows.slice(start).combine_chunks(), self.first + start
        self.gone = {row for row in self.gone if row >= self.first}


def _books_frozen(books: Mapping[str, Book]) -> dict[str, pa.Table]:
    rows = [{"currency": name, "first": one.first, "gone": sorted(one.gone)} for name, one in books.items()]
    found = {"books": pa.Table.from_pylist(rows, _BOOKS)}
    for currency, book in books.items():
        found |= {f"{currency}.{name}": part for name, part in tables(book).items()}
    return found


def _books_thawed(_: Any, found: Mapping[str, pa.Table]) -> dict[str, Book]:
    books = {}
    for row in found["books"].to_pylist():
        start = f"{row['currency']}."
        mine = {name.removeprefix(start): rows for name, rows in found.items() if name.startswith(start)}
        books[row["currency"]] = restored(Book(first=row["first"], gone=set(row["gone"])), mine)
    return books


_BOOKS: Final = pa.schema([("currency", pa.string()), ("first", pa.int64()), ("gone", pa.list_(pa.int64()))])


@dataclass
class Schemes:
    """State of the fold.

    Attributes:
        told: what stands, by id.
        day: of the payments that are being taken, since 1970.
        books: by the currency that payments are compared in.
        places: where each report's payment is.
        rates: of the floor; None where it has none.
    """

    told: dict[bytes, StandingSignal] = asserted()
    day: int = table(
        lambda: -(1 << 40),
        lambda day: pa.table({"day": pa.array([day], pa.int64())}),
        lambda _, rows: rows["day"][0].as_py(),
    )
    books: dict[str, Book] = several(dict, _books_frozen, _books_thawed)
    places: dict[str, tuple[str, int]] = field(init=False)
    rates: Rates | None = None

    def __post_init__(self) -> None:
        self.places = {
            place: (currency, at)
            for currency, book in self.books.items()
            for at, place in enumerate(book.rows["place"].to_pylist(), book.first)
            if place is not None
        }


def step(desk: str, key: bytes, state: Schemes, payments: pa.Table) -> list[Row]:
    """Fold a batch of records of payments; gives signals."""
    made: list[Row] = []
    if not payments.num_rows:
        return made
    days = pc.cast(payments["observed_at"], pa.int64()).to_numpy() // DAY
    edges = np.flatnonzero(np.diff(days)) + 1
    for start, end in zip([0, *edges.tolist()], [*edges.tolist(), len(days)], strict=True):
        if days[start] > state.day:
            made += _looked(desk, key, state, payments["observed_at"][start].as_py())
            state.day = int(days[start])
        _take(state, payments.slice(start, end - start))
    return made


def _take(state: Schemes, payments: pa.Table) -> None:
    key, record = payments["report_key"], payments["record_id"].to_pylist()
    named = pc.if_else(
        key.is_valid(), pc.binary_join_element_wise(payments["source"], key.fill_null(""), "\x1f"), None
    ).to_pylist()
    fine = pc.coalesce(payments["amount_fine"], pc.cast(payments["amount"], FINE))
    whole = pc.and_(
        pc.and_(payments["payer"].is_valid(), payments["payee"].is_valid()),
        pc.and_(payments["currency"].is_valid(), pc.greater(fine.fill_null(0), 0)),
    )
    fresh, seen = np.ones(len(record), np.bool_), set()
    for at, (place, good) in enumerate(zip(named, whole.to_pylist(), strict=True)):
        if place is not None and (place in state.places or place in seen):
            fresh[at] = False
        elif good:  # what is not taken is no earlier report, or the cut into batches would matter
            seen.add(place)
    table = payments.append_column("place", pa.array(named, pa.string()))
    table = table.set_column(table.column_names.index("amount"), "amount", fine)
    taken = table.filter(pc.and_(pa.array(fresh), whole))
    codes = taken["currency"].combine_chunks().dictionary_encode()
    own, names = codes.indices.to_numpy().astype(np.int64), codes.dictionary.to_pylist()
    time, amount = (pc.cast(taken[name], of) for name, of in (("observed_at", "int64"), ("amount", "double")))
    worth, held = compared(state.rates, names, own, time.to_numpy(), amount.to_numpy())
    books = {name: np.flatnonzero(~held & (own == code)) for code, name in enumerate(names)}
    if state.rates is not None:
        books[state.rates.base] = np.flatnonzero(held)
    for currency, of in sorted(books.items()):
        if len(of):
            _note(state, currency, taken.take(of), worth[of])
    for at in np.flatnonzero(~fresh).tolist():
        if found := state.places.get(named[at]):
            state.books[found[0]].gone.add(found[1])


def _note(state: Schemes, currency: str, payments: pa.Table, worth: npt.NDArray[np.float64]) -> None:
    book = state.books.setdefault(currency, Book())
    time = pc.cast(payments["observed_at"], pa.int64())
    payer, payee = (
        np.array([book.names.setdefault(one, len(book.names)) for one in payments[side].to_pylist()])
        for side in ("payer", "payee")
    )
    at = book.first + book.rows.num_rows
    for row, place in enumerate(payments["place"].to_pylist(), at):
        if place is not None:
            state.places[place] = (currency, row)
    book.patterns.fold(payer, payee, time.to_numpy(), worth)
    kept = payments.append_column("time", time).select(_KEPT.names)
    book.rows = pa.concat_tables([book.rows, kept.cast(_KEPT)])


def _looked(desk: str, key: bytes, state: Schemes, at: datetime) -> Iterator[Row]:
    """Yield the changes of schemes by the end of the days before."""
    now = int(at.timestamp()) * 1_000_000
    for currency, book in state.books.items():
        stands = {
            row_id(key, desk, f"pattern-{one.typology}", (), f"{currency}:{one.number}"): one
            for one in book.patterns.instances()
            if book.gone.isdisjoint(one.rows) and one.until >= now - HORIZON
        }
        yield from _changed(desk, state, currency, stands, now, at)
        book.forget(now - HORIZON)
    rows = {currency: book.first for currency, book in state.books.items()}
    state.places = {place: one for place, one in state.places.items() if one[1] >= rows[one[0]]}


def _changed(
    desk: str, state: Schemes, currency: str, stands: Mapping[bytes, Instance], now: int, at: datetime
) -> Iterator[Row]:
    book = state.books[currency]
    names = list(book.names)
    for id_, one in stands.items():
        before = state.told.get(id_)
        if before is None or (before.rows, before.signal["strength"]) != (one.rows, _strength(one)):
            state.told[id_] = told = StandingSignal(
                _signal(desk, id_, state, names, currency, one), currency, one.rows
            )
            yield told.signal | {"at": at}
    for id_ in [id_ for id_, one in state.told.items() if one.currency == currency and id_ not in stands]:
        told = state.told.pop(id_)
        if told.signal["until"] >= moment(now - HORIZON):
            why = reason(NO_SCHEME, day=at.date().isoformat()).stored()
            yield told.signal | {"retracted": True, "reason": why, "at": at}


def _strength(one: Instance) -> str:
    return next(name for least, name in BANDS if one.score >= least)


def _signal(desk: str, id_: bytes, state: Schemes, names: list[str], currency: str, one: Instance) -> Row:
    book = state.books[currency]
    rows = book.rows.take(pa.array([row - book.first for row in one.rows]))
    amounts, currencies, times = (rows[name].to_pylist() for name in ("amount", "currency", "time"))
    why = _why(one, together(amounts, currencies, times, state.rates), book.patterns.cut)
    return assertion(
        row_id=id_,
        since=moment(one.since),
        until=moment(one.until),
        desk=desk,
        rule=f"pattern-{one.typology}",
        subjects=[names[account] for account in one.accounts],
        strength=_strength(one),
        score=round(one.score, 4),
        reason=why.stored(),
        **rests_on(rows.select(["record_id", "origins", "marking"]).to_pylist()),
    )


def _why(one: Instance, money: Together, cut: int) -> Reason:
    several, total = len(money.sums) > 1, float(money.total)
    messages = (SCHEMES_CONVERTED, SCHEMES_CONVERTED_CUT) if several else (SCHEMES, SCHEMES_CUT)
    return reason(
        messages[cut > 0][one.typology],
        count=len(one.rows),
        accounts=len(one.accounts),
        total=total if Decimal(f"{total:.2f}") == money.total else f"{money.total:f}",
        currency=money.currency,
        since=f"{moment(one.since):%Y-%m-%d %H:%M}",
        until=f"{moment(one.until):%Y-%m-%d %H:%M}",
        **({"amounts": ", ".join(money.stated)} if several else {}),
        **({"cut": cut} if cut else {}),
    )
