"""The finance desk: which deposits add up, against counting every pair of moments, and what takes it back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.derived import last, net
from watchfloor.core.kinds import KINDS, PAYMENT
from watchfloor.core.messages import Reason
from watchfloor.desks.base import Refs
from watchfloor.desks.finance.desk import DESK, RULE, THRESHOLD, WITHIN, windows
from watchfloor.run import run

DAY = datetime(2026, 11, 20, tzinfo=UTC)
ACCOUNT, OTHER = "account:account:999000010000001", "account:account:999000010000002"


def payment(number, hours, amount, **columns):
    plain = {
        "record_id": number.to_bytes(16, "big"),
        "report_key": f"T-{number}",
        "source": "teller",
        "origins": [],
        "observed_at": DAY + timedelta(hours=hours),
        "marking": "PB//TLP:AMBER",
        "delivery": bytes(32),
        "locator": f"line {number}",
        "payee": ACCOUNT,
        "amount": Decimal(amount),
        "currency": "CAD",
        "means": "cash",
        "conductor": "person:teller:7",
        "branch": "Mallory Bend",
        "memo": "takings",
    }
    return dict.fromkeys(PAYMENT.schema.names) | plain | columns


def history(*rows):
    """What the one rule of cash says; the typologies have tests of their own."""
    payments = pa.Table.from_pylist(list(rows), PAYMENT.schema)
    inputs = {kind: KINDS[kind].schema.empty_table() for kind in DESK.reads} | {"payment": payments}
    signals = run(DESK, inputs, Refs(bytes(32), {"payment-model": b"", "exchange-rates": b""}))["signal"]
    return signals.filter(pc.equal(signals["rule"], RULE))


def standing(*rows):
    return net(history(*rows)).to_pylist()


def test_deposits_that_add_up_within_a_day_are_one_signal():
    (signal,) = standing(payment(1, 1, 4000), payment(2, 5, 3000), payment(3, 9, 3000))
    assert signal["subjects"] == [ACCOUNT]
    assert signal["strength"] == "several deposits"
    assert (signal["since"], signal["until"]) == (DAY + timedelta(hours=1), DAY + timedelta(hours=9))
    assert signal["at"] == DAY + timedelta(hours=9)
    assert len(signal["evidence"]) == 3


def test_the_reason_is_a_sentence_in_both_languages_and_names_no_person():
    (signal,) = standing(payment(1, 1, "9900.10"), payment(2, 5, "9900.10"))
    said = Reason.load(signal["reason"])
    assert (said.message, said.params["count"], said.params["total"]) == ("finance.adds-up", 2, 19800.2)
    assert said.params["account"] == "999000010000001"
    for language in ("en", "fr"):
        assert not any(word in said.render(language) for word in ("teller", "Mallory", "takings", "9900.1"))


def test_two_equal_deposits_are_two():
    (signal,) = standing(payment(1, 1, 5000, report_key=None), payment(2, 1, 5000, report_key=None))
    assert len(set(signal["evidence"])) == 2


@pytest.mark.parametrize(
    "rows",
    [
        (payment(1, 0, 12_000), payment(2, 1, 4000)),  # a large one is reported as it is
        (payment(1, 0, 5000), payment(2, 24.01, 5000)),  # more than 24 hours apart
        (payment(1, 0, 5000), payment(2, 1, "4999.99")),  # a cent too little
        (payment(1, 0, 6000), payment(2, 1, 6000, payee=OTHER)),
        (payment(1, 0, 6000), payment(2, 1, 6000, payee=None)),
        (payment(1, 0, 6000), payment(2, 1, 6000, means="wire")),
        (payment(1, 0, 6000), payment(2, 1, 6000, currency="USD")),
    ],
)
def test_what_does_not_add_up_is_nothing(rows):
    assert standing(*rows) == []


def test_exactly_24_hours_and_exactly_the_threshold_are_within():
    assert len(standing(payment(1, 0, 5000), payment(2, 24, 5000))) == 1


def test_what_comes_later_is_counted_afresh():
    rows = [payment(n, 30 * (n // 2) + n % 2, 6000) for n in range(6)]
    assert len(standing(*rows)) == 3


@pytest.mark.parametrize(
    "correction",
    [
        payment(3, 9, 600, report_key="T-2"),
        payment(3, 9, 6000, report_key="T-2", payee=OTHER),
        payment(3, 9, 6000, report_key="T-2", means="cheque"),
        payment(3, 9, 0, report_key="T-2"),
    ],
)
def test_a_payment_put_right_takes_the_signal_back(correction):
    rows = (payment(1, 1, 6000), payment(2, 5, 6000), correction)
    assert standing(*rows) == []
    (back,) = last(history(*rows)).to_pylist()
    assert back["retracted"]
    assert back["at"] == DAY + timedelta(hours=9)
    assert correction["record_id"] in back["evidence"]
    assert Reason.load(back["reason"]) == Reason("finance.put-right", {"day": "2026-11-20"})


def test_a_payment_put_right_upwards_makes_a_signal():
    (signal,) = standing(payment(1, 1, 6000), payment(2, 5, 600), payment(3, 9, 6000, report_key="T-2"))
    assert signal["evidence"] == [payment(1, 1, 1)["record_id"], payment(3, 1, 1)["record_id"]]


def test_another_source_with_the_same_number_replaces_nothing():
    rows = (payment(1, 1, 6000), payment(2, 5, 6000), payment(3, 9, 600, report_key="T-2", source="machine"))
    assert len(standing(*rows)) == 1


DEPOSITS = st.lists(st.tuples(st.integers(0, 24 * 6), st.integers(1, 9999)), max_size=12).map(
    lambda found: [payment(n, hours, amount) for n, (hours, amount) in enumerate(sorted(found))]
)


@settings(deadline=None, max_examples=draws(200))
@given(DEPOSITS)
def test_there_is_a_signal_where_any_24_hours_reach_the_threshold_and_nowhere_else(deposits):
    """Oracle: every stretch of deposits, by brute force."""
    stretches = [deposits[a:b] for a in range(len(deposits)) for b in range(a + 2, len(deposits) + 1)]
    reached = any(
        one[-1]["observed_at"] - one[0]["observed_at"] <= WITHIN
        and sum(d["amount"] for d in one) >= THRESHOLD
        for one in stretches
    )
    assert bool(standing(*deposits)) == reached


@settings(deadline=None, max_examples=draws(200))
@given(DEPOSITS)
def test_each_window_reaches_the_threshold_within_24_hours_and_shares_no_deposit(deposits):
    found = list(windows(deposits))
    for window in found:
        assert sum(one["amount"] for one in window) >= THRESHOLD
        assert window[-1]["observed_at"] - window[0]["observed_at"] <= WITHIN
        assert len(window) > 1
    ids = [one["record_id"] for window in found for one in window]
    assert len(ids) == len(set(ids))


@settings(deadline=None, max_examples=draws(100))
@given(DEPOSITS, st.data())
def test_a_payment_put_right_leaves_what_a_ledger_without_the_mistake_gives(deposits, data):
    """Oracle: the ledger as it would be had each payment been written rightly at once."""
    if not deposits:
        return
    numbers = data.draw(st.lists(st.integers(0, len(deposits) - 1), max_size=3, unique=True))
    right = {
        number: payment(
            100 + number, 24 * 7 + number, data.draw(st.integers(0, 9999)), report_key=f"T-{number}"
        )
        for number in numbers
    }
    wrong_first = standing(*deposits, *right.values())
    at_once = standing(*(one for number, one in enumerate(deposits) if number not in right), *right.values())
    assert said(wrong_first) == said(at_once)


def said(signals):
    return sorted((s["since"], s["until"], s["reason"]["params"], tuple(s["evidence"])) for s in signals)


@settings(deadline=None, max_examples=draws(100))
@given(st.lists(st.tuples(st.integers(0, 24 * 5), st.integers(4000, 9999)), min_size=1, max_size=14))
def test_deposits_of_one_moment_and_late_ones_are_told_once(found):
    """No signal is asserted that already stands as it is, in whatever order equal moments come."""
    rows = [payment(n, hours, amount) for n, (hours, amount) in enumerate(sorted(found, key=lambda x: x[0]))]
    told = {}
    for row in history(*rows).sort_by([("row_id", "ascending"), ("revision", "ascending")]).to_pylist():
        says = (row["retracted"], tuple(row["evidence"]))
        assert told.get(row["row_id"]) != says
        told[row["row_id"]] = says
