"""What a signal names is what proves it: enough by itself, and nothing beside."""

from datetime import timedelta

import pytest
from tests.desks.finance.cases import CASES, START
from tests.desks.finance.test_watch import history, key, payment, said

from watchfloor.core.derived import net
from watchfloor.core.messages import Reason
from watchfloor.desks.finance.proofs import CITED


def numbers(signal):
    """Numbers of the payments that a signal names."""
    return [int.from_bytes(one, "big") for one in signal["evidence"]]


def of_case(id_):
    facts = ("payer_balance_before",)
    plain = ("branch", "channel", "conductor", "device", "ip", "handle", "memo", "payer_seat", "payee_seat")
    return [
        payment(
            at + 1,
            0,
            row["payer"],
            row["payee"],
            row["amount_float"],
            row["means"],
            observed_at=row["at"],
            facts=[{"name": name, "value": row[name]} for name in facts if name in row],
            **{name: row[name] for name in plain if name in row},
        )
        for at, row in enumerate(CASES[id_].fires)
    ]


FROM_PAYMENTS = sorted(
    id_ for id_, case in CASES.items() if case.known is None and not case.listed and not case.entries
)
SLEPT = "asleep-then-busy"
"""It rests on an absence: nothing went out for half a year, and no payment shows that."""


@pytest.mark.parametrize("id_", [id_ for id_ in FROM_PAYMENTS if id_ != SLEPT])
def test_the_named_payments_alone_make_it_fire(id_):
    rows = of_case(id_)
    (first, *_) = said(history(*rows), id_)
    named = set(first["evidence"])
    assert said(history(*(row for row in rows if row["record_id"] in named)), id_)


def test_of_each_sender_one_payment_is_named():
    senders = [0, 0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 0, 9]
    rows = [payment(at, at, f"s{n}", "A", 100, handle="a@example.test") for at, n in enumerate(senders, 1)]
    (signal,) = said(history(*rows), "many-senders-one-handle")
    assert numbers(signal) == [3, 4, 5, 7, 8, 9, 10, 11, 12, 13]


def test_the_newest_of_each_value_is_named():
    rows = [payment(at, at, None, "A", 500, "cash", branch=f"b{min(at, 3) % 3}") for at in (1, 2)]
    rows += [payment(at, at, None, "A", 500, "cash", branch="b1") for at in (3, 4)]
    rows += [payment(5, 5, None, "A", 500, "cash", branch="b0")]
    (signal,) = said(history(*rows), "several-branches-a-day")
    assert numbers(signal) == [2, 4, 5]


def test_what_passed_through_is_matched_first_in_first_out():
    """The rent that went before anything came in is not named, nor what has not gone on."""
    rows = [
        payment(1, 0, "A", "landlord", 200),
        *(payment(2 + at, 1 + at, f"s{at}", "A", 1500) for at in range(3)),
        payment(6, 5, "A", "t", 4400),
    ]
    (signal,) = said(history(*rows), "in-and-out-a-day")
    assert numbers(signal) == [2, 3, 4, 6]


def test_a_circle_is_named_and_nothing_that_lies_beside_it():
    rows = [
        payment(1, 0, "b", "c", 1000),
        payment(2, 1, "z", "c", 40),
        payment(3, 2, "c", "d", 980),
        payment(4, 3, "d", "A", 970),
        payment(5, 4, "q", "A", 970),
        payment(6, 5, "A", "b", 960),
    ]
    (signal,) = said(history(*rows), "circle")
    assert numbers(signal) == [1, 3, 4, 6]
    assert Reason.load(signal["reason"]) == Reason("finance.circle", {"account": "A", "steps": 4})
    assert signal["since"] == START


def test_a_circle_that_rested_on_a_wrong_payment_is_taken_back():
    rows = [payment(1, 0, "b", "c", 1000), payment(2, 1, "c", "A", 980), payment(3, 2, "A", "b", 960)]
    right = payment(9, 9, "c", "x", 980, report_key="T-2")
    assert said(net(history(*rows)), "circle")
    assert not said(net(history(*rows, right)), "circle")


def test_what_was_scattered_and_gathered_is_named_leg_by_leg():
    rows = [payment(1 + at, at, "u", f"m{at}", 1000) for at in range(3)]
    rows += [payment(10, 3, "shop", "m0", 1000), payment(11, 3, "u", "shop", 5)]
    rows += [payment(20 + at, 5 + at, f"m{at}", "A", 950) for at in range(3)]
    (signal,) = said(history(*rows), "scatter-then-gather")
    assert numbers(signal) == [1, 2, 3, 20, 21, 22]
    why = Reason("finance.scatter-then-gather", {"account": "A", "through": 3})
    assert Reason.load(signal["reason"]) == why


def test_no_more_than_the_cap_are_named_and_the_reason_says_how_many_there_are():
    rows = [payment(1 + at, at / 10, f"s{at}", "A", 60) for at in range(150)]
    rows.append(payment(200, 16, "A", "t", 8900))
    (signal,) = said(history(*rows), "in-and-out-a-day")
    assert len(signal["evidence"]) == CITED
    assert numbers(signal)[-1] == 200
    why = Reason.load(signal["reason"])
    assert why.message == "finance.in-and-out-a-day.some"
    assert (why.params["payments"], why.params["named"]) == (151, 100)


def test_what_was_counted_and_not_named_is_looked_at_again_when_it_is_put_right():
    rent = payment(1, 0, "A", "landlord", 200)
    rows = [*(payment(2 + at, 1 + at, f"s{at}", "A", 1500) for at in range(3)), payment(6, 5, "A", "t", 4400)]
    right = payment(99, 12, "B", "landlord", 200, report_key=rent["report_key"])
    for every, paid in (([rent, *rows], 4600.0), ([rent, *rows, right], 4400.0)):
        (signal,) = said(net(history(*every)), "in-and-out-a-day")
        assert rent["record_id"] not in signal["evidence"]
        assert Reason.load(signal["reason"]).params["paid"] == paid


def test_a_signal_that_nothing_changes_for_is_not_told_again():
    rows = [payment(at, at, None, "A", 500, "cash", branch=f"b{at}") for at in (1, 2, 3)]
    right = payment(9, 5, "x", "A", 20, report_key="T-8")
    other = payment(8, 2.5, "x", "A", 10)
    told = said(history(*rows, other, right), "several-branches-a-day")
    assert len(told) == 1
    assert told[0]["at"] == START + timedelta(hours=3)
    assert told[0]["subjects"] == [key("A")]
