"""Why a payment scores as it does: the inputs that moved it most, as sentences, and what speaks against it,
each with the payments that it rests on.

How much each input moved the log-odds is counted exactly for trees (S. Lundberg et al., Nature Machine
Intelligence 2, 2020). A sentence says what was seen, not that anything is wrong.
"""

import math
import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.finance import ledger as ledgers
from watchfloor.desks.finance.engine.stream import DAY, Plan
from watchfloor.desks.finance.ledger import Ledger
from watchfloor.desks.finance.models.inputs import SHARED
from watchfloor.desks.finance.models.model import Scores
from watchfloor.desks.finance.rates import together

TOLD: Final = 4
"""Inputs that a reason names, and one against."""
EXPLAINED: Final = 3_000
"""Payments, those of the highest scores, that get reasons."""
NAMED: Final = 20
"""Payments that a reason names, at most: the newest of those that it rests on."""

_WAYS: Final = {"out": "pays", "in": "is paid"}
_STATISTICS: Final = {
    "fan": "{who} {way} {value} counterparties within {window}",
    "payments": "{who} {way} {value} times within {window}",
    "per_partner": "{who} {way} each counterparty {value} times within {window}",
    "mean": "{who} {way} {money} on average within {window}",
    "sum": "{who} {way} {money} in all within {window}",
    "variance": "amounts that {who} {way} vary (variance {value}) within {window}",
    "skewness": "amounts that {who} {way} are skewed ({value}) within {window}",
    "kurtosis": "amounts that {who} {way} are drawn out ({value}) within {window}",
}
_SIDE: Final = {
    "age": "{who} was first seen {time} before",
    "since_out": "{who} last paid {time} before",
    "since_in": "{who} was last paid {time} before",
    "ever_out": "{who} has paid {count} times so far",
    "ever_in": "{who} has been paid {count} times so far",
    "partners_out": "{who} has paid {count} others so far",
    "partners_in": "{who} has been paid by {count} others so far",
    "total_ratio": "{who} has paid out {share} of what came in",
    "mean_out": "{who} pays {money} on average",
    "mean_in": "{who} is paid {money} on average",
    "most_ratio": "the amount is {share} of the most that {who} had on that side before",
    "passed": "{share} of what {who} paid had come in before",
    "dwelt": "money stays {time} with {who} on average",
    "round": "{share} of the amounts of {who} are round",
}
_PAYMENT: Final = {
    "covered": "{share} of it was covered by money that had come in",
    "lain": "the money had lain there {time}",
    "share_of_heap": "it takes {share} of the money that lay there",
    "like_last_in": "it is {share} of the last amount that came in",
    "pair_ever": "the two had {count} earlier payments",
    "pair_age": "the two first dealt {time} before",
    "pair_since": "the two last dealt {time} before",
    "back_ever": "{count} payments went the other way before",
    "amount": "the amount is {money}",
    "amount_round": "the amount ends in {count} noughts",
    "gather_most": "{count} intermediaries lead to its recipient from one account",
    "gather_ordered_most": "{count} intermediaries, paid before they paid, lead to its recipient from one",
    "gather_kept_most": "{count} intermediaries pass on about what they got to its recipient",
    "scatter_most": "{count} intermediaries lead from its payer to one account",
    "cycle_shortest": "it closes a cycle of {count} payments",
    "cycle_kept": "it brings back {share} of an amount that had left",
    "hour": "it was made in hour {count} of the day (UTC)",
    "weekday": "it was made on day {count} of the week (Monday: 0)",
    "first_chance": "by itself it looked {share} likely",
}
_FLAGS: Final = {
    "same_bank": ("the accounts are at two banks", "both accounts are at one bank"),
    "across_border": ("it crosses no border", "it crosses a border"),
    "to_self": ("payer and recipient are two accounts", "payer and recipient are one account"),
    "below_ten_thousand": (
        "the amount is not within a tenth below 10,000",
        "the amount is within a tenth below 10,000",
    ),
}
"""What an input of no (0) and of yes says."""
_RATIOS: Final = {
    "amount_to_in": "it is {share} of all that the payer was paid",
    "amount_to_mean_out": "it is {share} of what the payer pays on average",
    "amount_to_mean_in": "it is {share} of what the recipient is paid on average",
    "payer_out_to_in": "the payer paid out {share} of what came in",
    "payee_out_to_in": "the recipient paid out {share} of what came in",
}
_WORDS: Final = {
    "means": "it was paid by {word}",
    "channel": "its channel is {word}",
    "currency": "it is in {word}",
    "purpose": "its purpose is stated as {word}",
    "payer_holder_type": "the payer's holder is of the type {word}",
    "payee_holder_type": "the recipient's holder is of the type {word}",
}
_SHARED: Final = {
    "device": "{count} other accounts had paid from the same device before",
    "ip": "{count} other accounts had paid from the same network address before",
    "handle": "{count} other accounts had paid to the same address or number before",
    "branch": "{count} other accounts had paid at the same branch before",
    "conductor": "{count} other accounts had paid by the same person at the counter before",
}
_COMPANY: Final = {
    "fan_out": "pay {value} others",
    "fan_in": "are paid by {value} others",
    "payments_out": "have paid {value} times",
    "payments_in": "have been paid {value} times",
    "passed": "have passed on {share} of what they paid",
    "dwelt": "keep money {time}",
    "age": "have been known {time}",
    "mean_in": "are paid {money} at a time",
}
"""What accounts around an account are like; all but shares are kept as logarithms, see `engine.around`."""
_COMPANY_OF: Final = re.compile(r"(payer|payee)_paid_(by_)?(near|far)_(\w+)")
_CLOSED: Final = {
    "gathers": "patterns in which {least} intermediaries or more lead from one account to another",
    "cycles": "cycles of {least} payments or more",
}
_DID: Final = {"out": "paid", "in": "was paid"}
_WHO: Final = {"payer": "the payer", "payee": "the recipient"}


class Explanation(NamedTuple):
    """A reason: the sentence, ids of the newest `NAMED` payments that it rests on, and how many there are."""

    sentence: str
    payments: list[str]
    total: int


def explain(
    scores: Scores, rows: pa.Table, plan: Plan, words: Mapping[str, Sequence[str]], most: int = EXPLAINED
) -> list[list[Explanation]]:
    """Return reasons for each payment: up to `TOLD`, then one that speaks against; none for low scores.

    Args:
        scores: of the payments.
        rows: the payments, as columns of `formats.payments.table`.
        plan: of the model's engine.
        words: what the model's columns of words stand for.
        most: payments that get reasons.
    """
    found: list[list[Explanation]] = [[] for _ in scores.raw]
    top = np.argsort(-scores.raw, kind="stable")[:most]
    basis = Basis(ledgers.from_rows(rows), plan, rows)
    ids, every = pc.cast(rows["payment_id"], pa.string()), _currencies(rows["currency"])
    for start in range(0, len(top), 1000):
        part = top[start : start + 1000]
        values = scores.inputs[part]
        moved = scores.models[0].contributions(values)[:, :-1]  # one of alike models tells why
        for row, place in enumerate(part.tolist()):
            for k, against in _named(moved[row]):
                rests = basis.rows(scores.names[k], place)
                money = _money(rows, rests, place)
                if _COMPANY_OF.fullmatch(scores.names[k]):  # its amounts are of payments that are not named
                    money = money._replace(currencies=every)
                said = sentence(scores.names[k], float(values[row, k]), words, money, plan.graph)
                newest = ids.take(pa.array(rests[-NAMED:])).to_pylist()
                found[place].append(Explanation(f"Against: {said}" if against else said, newest, len(rests)))
    return found


def _named(moved: Any) -> list[tuple[int, bool]]:
    """The inputs that moved a score most, then the one that speaks against it most."""
    order = np.argsort(-moved, kind="stable").tolist()
    against = [(order[-1], True)] if moved[order[-1]] < 0 else []
    return [(k, False) for k in order[:TOLD] if moved[k] > 0] + against


class Money(NamedTuple):
    """Currencies of the amounts of an input.

    Attributes:
        amount: of the payment itself, exactly, with its currency.
        currencies: of the payments that the input rests on.
    """

    amount: str = ""
    currencies: tuple[str, ...] = ()

    def stated(self, value: float) -> str:
        """Return an amount computed from these payments, in words."""
        if len(self.currencies) > 1:
            return f"{value:,.2f} (amounts in {', '.join(self.currencies)}, not converted)"
        return f"{value:,.2f} {''.join(self.currencies)}".rstrip()


def _money(rows: pa.Table, rests: npt.NDArray[np.int64], place: int) -> Money:
    (own,) = rows.slice(place, 1).select(["amount", "currency"]).to_pylist()
    exact = together([own["amount"]], [own["currency"]], [0], None)
    return Money(exact.stated[0], _currencies(rows["currency"].take(pa.array(rests))))


def _currencies(column: pa.ChunkedArray) -> tuple[str, ...]:
    return tuple(sorted(pc.unique(pc.cast(column, pa.string())).to_pylist()))


def sentence(
    name: str,
    value: float,
    words: Mapping[str, Sequence[str]] | None = None,
    money: Money | None = None,
    graph: int = Plan().graph,
) -> str:
    """Return what an input says, in words.

    Args:
        name: of the input.
        value: of it; a column of words has the number of its word.
        words: what the numbers of a column of words stand for.
        money: what its amounts are in.
        graph: width of the graph's window, µs.
    """
    if name in _WORDS:
        return _worded(name, value, (words or {}).get(name, ()))
    if np.isnan(value):
        return f"{_capital(name.replace('_', ' '))} is not known"
    money = money or Money()
    if found := re.fullmatch(r"(payer|payee)_(out|in)_([a-z_]+)_(graph|\d+\w)", name):
        side, way, what, window = found.groups()
        if what in _STATISTICS:
            return _capital(
                _STATISTICS[what].format(
                    who=_WHO[side],
                    way=_WAYS[way],
                    value=_number(value),
                    money=money.stated(value),
                    window=_window(window, graph),
                )
            )
    if found := _COMPANY_OF.fullmatch(name):
        side, by, step, what = found.groups()
        whom = f"that paid {_WHO[side]}" if by else f"that {_WHO[side]} paid"
        plain = value if what == "passed" else math.expm1(value)
        filled = {"value": _number(plain), "share": f"{plain:.0%}", "time": _time(plain)}
        said = _COMPANY[what].format(money=money.stated(plain), **filled)
        return f"Accounts {'next to those ' if step == 'far' else ''}{whom} typically {said}"
    if found := re.fullmatch(r"(gathers|cycles)_(\d+)", name):
        what, least = found.groups()
        return f"It closes {value:,.0f} {_CLOSED[what].format(least=least)}"
    if found := re.fullmatch(r"(\w+)_others", name):
        return _capital(_SHARED[found.group(1)].format(count=f"{value:,.0f}"))
    if found := re.fullmatch(r"(payer|payee)_(out|in)_(most|recent|sum)", name):
        side, way, what = found.groups()
        which = {"most": "the most suspect", "recent": "the latest", "sum": "all"}[what]
        return _capital(
            f"{which} of what {_WHO[side]} {'paid' if way == 'out' else 'was paid'} before had a chance of"
            f" {_number(value)}"
        )
    if found := re.fullmatch(r"match_(payer|payee)_(out|in)_(ratio|age|count)", name):
        side, way, what = found.groups()
        text = {
            "ratio": "it is {share} of",
            "age": "{time} passed since",
            "count": "it is like {count} of",
        }[what]
        listed = f"the nearest amount that {_WHO[side]} {_DID[way]} lately"
        of = f"the last amounts that {_WHO[side]} {_DID[way]}" if what == "count" else listed
        return _filled(f"{text} {of}", what, value, "", money)
    if found := re.fullmatch(r"(\w+?)_(graph|\d+\w)", name):
        what, window = found.groups()
        if what in _RATIOS:
            return _filled(f"{_RATIOS[what]} within {_window(window, graph)}", what, value, "", money)
    side, _, what = name.partition("_")
    if side in _WHO and what in _SIDE:
        return _filled(_SIDE[what], what, value, _WHO[side], money)
    if name == "amount" and money.amount:
        return f"The amount is {money.amount}"
    if name in _FLAGS:
        return _capital(_FLAGS[name][value > 0])
    if name.startswith("amount_to_"):
        return f"The amount is {value:.0%} of {name.removeprefix('amount_to_').replace('_', ' ')}"
    if name in _PAYMENT:
        return _filled(_PAYMENT[name], name, value, "", money)
    return _plain(name, value)


def _worded(name: str, value: float, known: Sequence[str]) -> str:
    """Return the sentence of a column of words; its numbers are places among those the model learned."""
    if np.isnan(value) or not 0 <= value < len(known):
        return f"{_capital(name.replace('_', ' '))} is none that the model learned"
    return _capital(_WORDS[name].format(word=known[int(value)]))


def _plain(name: str, value: float) -> str:
    return f"{_capital(name.replace('_', ' '))}: {_number(value)}"


def _filled(text: str, what: str, value: float, who: str, money: Money) -> str:
    if value < 0:
        return _capital(f"{(who + ' ') if who else ''}{what.replace('_', ' ')}: never before")
    filled = {
        "value": _number(value),
        "count": f"{value:,.0f}",
        "share": f"{value:.0%}",
        "time": _time(value),
    }
    return _capital(text.format(who=who, money=money.stated(value), **filled))


def _window(name: str, graph: int) -> str:
    days = graph // DAY if name == "graph" else int(name[:-1]) if name[-1] == "d" else None
    return name if days is None else "a day" if days == 1 else f"{days} days"


def _time(seconds: float) -> str:
    """A time in the largest unit of which there are two or more."""
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{_number(seconds / size)} {unit}"
    return f"{_number(seconds)} seconds"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# Which payments an input of a model rests on, by the input's name.
#
# What the engine computes of an account in a window rests on its payments of that side and time, this one
# among them; what it keeps for ever on those before. Of walks over many accounts (gathers, cycles, company)
# the payments of the two accounts in the graph's window are named, where every such walk begins.


Integers = npt.NDArray[np.int64]

RECENT: Final = 8
"""Payments of a side that matches are sought among: see `engine.matches`."""

_WINDOWED: Final = re.compile(r"(payer|payee)_(out|in)_[a-z_]+?_(graph|\d+\w)")
_RATIO: Final = {
    "amount_to_in": (("payer", "in"),),
    "amount_to_mean_out": (("payer", "out"),),
    "amount_to_mean_in": (("payee", "in"),),
    "payer_out_to_in": (("payer", "out"), ("payer", "in")),
    "payee_out_to_in": (("payee", "out"), ("payee", "in")),
}
_MATCHED: Final = re.compile(r"match_(payer|payee)_(out|in)_\w+")
_EARLIER: Final = re.compile(
    r"(payer|payee)_(?:(?:since|ever|partners|mean)_(out|in)|(out|in)_(?:most|recent|sum)"
    r"|age|total_ratio|most_ratio|passed|dwelt|round)"
)
_HEAP: Final = frozenset({"covered", "lain", "share_of_heap", "like_last_in"})
_WALKS: Final = re.compile(
    r"(gathers?|scatter|cycles?)_\w+|(payer|payee)_paid_(by_)?(near|far)_\w+|first_chance"
)


class Basis:
    """Payments of a ledger, by account and side.

    Args:
        ledger: payments in the order of time.
        plan: of the engine that computed the inputs.
        rows: the same payments with their columns.
    """

    def __init__(self, ledger: Ledger, plan: Plan, rows: pa.Table) -> None:
        self._ledger, self._rows = ledger, rows
        self._widths = {"graph": plan.graph} | dict(plan.windows)
        moved = ledger.payer != ledger.payee  # a payment to oneself moves nothing in the engine
        self._sides = {
            way: _Grouped(np.where(moved, accounts, -1))
            for way, accounts in (("out", ledger.payer), ("in", ledger.payee))
        }
        self._shared: dict[str, tuple[_Grouped, Integers]] = {}

    def rows(self, name: str, at: int) -> Integers:
        """Return the payments that an input of payment `at` rests on, rising: itself if no other counts."""
        itself = np.array([at])
        if found := _WINDOWED.fullmatch(name):
            side, way, window = found.groups()
            return self._within(at, ((side, way),), self._widths[window])
        stem, _, window = name.rpartition("_")
        if stem in _RATIO and window in self._widths:
            return np.union1d(itself, self._within(at, _RATIO[stem], self._widths[window]))
        if found := _MATCHED.fullmatch(name):
            return np.union1d(itself, self._before(at, (found.groups(),))[-RECENT:])
        if found := _EARLIER.fullmatch(name):
            side, one, other = found.groups()
            way = one or other
            ways = ((side, way),) if way else ((side, "out"), (side, "in"))
            return np.union1d(itself, self._before(at, ways))
        if name in _HEAP:
            return np.union1d(itself, self._before(at, (("payer", "in"),)))
        if name in ("pair_ever", "pair_age", "pair_since", "back_ever"):
            return np.union1d(itself, self._between(at, back=name == "back_ever"))
        if name.endswith("_others") and (column := name.removesuffix("_others")) in SHARED:
            return self._same(column, at)
        if _WALKS.fullmatch(name):
            both = tuple(product(("payer", "payee"), ("out", "in")))
            return np.union1d(itself, self._within(at, both, self._widths["graph"]))
        return itself

    def _account(self, at: int, side: str) -> int:
        return int((self._ledger.payer if side == "payer" else self._ledger.payee)[at])

    def _within(self, at: int, ways: Sequence[tuple[str, ...]], width: int) -> Integers:
        """Payments of its accounts on some sides, of a time up to `at`, with it where it is one of them."""
        found = self._before(at, ways, itself=True)
        young = self._ledger.time[found] > self._ledger.time[at] - width
        return np.asarray(found[young])

    def _before(self, at: int, ways: Sequence[tuple[str, ...]], itself: bool = False) -> Integers:
        parts = [self._sides[way].rows_of(self._account(at, side)) for side, way in ways]
        found = np.unique(np.concatenate(parts))
        return found[: np.searchsorted(found, at + itself)]

    def _between(self, at: int, back: bool) -> Integers:
        """Payments before `at` from its payer to its payee, or the other way."""
        one, other = ("payee", "payer") if back else ("payer", "payee")
        found = self._sides["out"].rows_of(self._account(at, one))
        found = found[: np.searchsorted(found, at)]
        return np.asarray(found[self._ledger.payee[found] == self._account(at, other)])

    def _same(self, column: str, at: int) -> Integers:
        """Payments up to `at` with the same device, address or other mark."""
        if column not in self._shared:
            coded = pc.dictionary_encode(pc.cast(self._rows[column], pa.string())).combine_chunks()
            codes = pc.fill_null(pc.cast(coded.indices, pa.int64()), -1).to_numpy(zero_copy_only=False)
            self._shared[column] = _Grouped(codes), codes
        grouped, codes = self._shared[column]
        found = grouped.rows_of(int(codes[at]))
        return np.union1d(np.array([at]), found[: np.searchsorted(found, at)])


class _Grouped:
    """Rows by key; a key below 0 has none."""

    def __init__(self, keys: Integers) -> None:
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    def rows_of(self, key: int) -> Integers:
        if key < 0:
            return np.zeros(0, np.int64)
        low, high = np.searchsorted(self._keys, [key, key + 1])
        return self._order[low:high]
