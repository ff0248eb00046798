"""Laundering attempts that others published, among payments that know nothing of them: how many come back.

The goals are those of issue 23 (67 of 258, cycles 33 of 40, scatter-gathers 22 of 33) as shares of the half
that is at hand.
"""

from collections import defaultdict
from decimal import Decimal
from itertools import combinations

import pytest
from benchmarks.finance import attempts
from tests.thorough import draws

from watchfloor.desks.finance.patterns import tables

if not attempts.FOLDER.exists():
    pytest.skip("needs ../shared/data/finance", allow_module_level=True)

ROWS, TRUE = attempts.load()


@pytest.mark.parametrize("seed", range(7, 7 + draws(3, 1)))
def test_attempts_of_several_currencies_are_found_by_rates(seed):
    table = attempts.mixed(ROWS, draws(60_000, 12_000), 8_000, seed)
    apart, every, _ = attempts.recalled(tables.find(table).rows, TRUE)
    told = tables.find(table, rates=attempts.rates())
    found, _, _ = attempts.recalled(told.rows, TRUE)
    assert told.apart == {"XBT": 1}
    assert found["cycle"] >= 33 / 40 * every["cycle"]
    assert found["scatter-gather"] >= 22 / 33 * every["scatter-gather"]
    assert found.total() >= 67 / 258 * every.total()
    assert found.total() > 3 * apart.total()


def test_the_sums_of_an_attempt_are_those_of_its_payments():
    table = attempts.mixed(ROWS, 0, 3_000)
    paid = dict(zip(table["payment_id"].to_pylist(), table["amount"].to_pylist(), strict=True))
    code = dict(zip(table["payment_id"].to_pylist(), table["currency"].to_pylist(), strict=True))
    several = 0
    for one in tables.find(table, rates=attempts.rates()).rows.to_pylist():
        sums = {}
        for payment in one["payment_ids"]:
            sums[code[payment]] = sums.get(code[payment], 0) + paid[payment]
        said = [text.split() for text in one["amounts"]]
        assert [(name, Decimal(amount)) for amount, name in said] == sorted(sums.items())
        several += len(sums) > 1
    assert several > 20


def squares(ends):
    """Pairs of payers who pay two payees in common."""
    paid = defaultdict(set)
    for payer, payee in ends:
        paid[payer].add(payee)
    return [pair for pair in combinations(paid, 2) if len(paid[pair[0]] & paid[pair[1]]) > 1]


def test_what_amlworld_calls_a_bipartite_or_a_stack_has_no_shape():
    """What the documentation says of them: single payments, and chains of two, all apart."""
    every = [one for one in TRUE.values() if one.family in ("bipartite", "stack")]
    assert len(every) == 30 + 25
    for one in every:
        ends = [attempts.ends(ROWS[int(payment.partition("-")[2]) - 1]) for payment in one.payments]
        accounts = len({side for pair in ends for side in pair})
        assert not squares(ends)
        assert one.family == "stack" or accounts == 2 * len(ends)
        assert one.family == "bipartite" or accounts >= 1.5 * len(ends) or len(ends) <= 4
