"""The boundary of a case: what leaves a bank, what leads to what, and nothing that the code does not name."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exchange import nodes
from tests.exchange.partnership import banks
from tests.exchange.partnership.banks import NOW
from tests.thorough import draws

from watchfloor.core.kinds import ACCOUNT, PAYMENT
from watchfloor.exchange.partnership import codes, fields, sets
from watchfloor.exchange.partnership.boundary import MOST_SHARE, WITHIN, boundary, elsewhere

CODE = banks.CODE.replace('["account:test", "payment:uetr"]', '["account:iban", "payment:uetr"]')
CODE = CODE.replace(
    "[counts]",
    """[fields.senders]
of = "number"
low = 0
high = 5

[fields.total]
of = "number"
low = 0
high = 100
step = 10

[counts]""",
)
A, B, C, ABROAD = "account:test:1", "account:test:2", "account:test:3", "account:iban:DE89370400440532013000"


def payment(number, hour, payer, payee, amount, own=("bank-a", "bank-b")):
    return {
        "report_key": f"uetr:{UUID(int=number, version=4)}",
        "observed_at": NOW + timedelta(hours=hour),
        "origins": [],
        "locator": "",
        "payer": payer,
        "payee": payee,
        "amount": Decimal(amount),
        "currency": "CAD",
        "means": "transfer",
        "facts": [],
        "payer_bank": own[0],
        "payee_bank": own[1],
    }


def uetr(number):
    return f"payment:uetr:{UUID(int=number, version=4)}"


@pytest.fixture
def two(tmp_path):
    return banks.banks(tmp_path, code=CODE)


def found(two, rows, accounts, marking="PB//TLP:AMBER", source="ledger"):
    here, there = two
    if rows:
        nodes.keep(here, [row | {"marking": marking, "source": source} for row in rows], PAYMENT)
    code = codes.standing(here)
    return boundary(here, nodes.READER, banks.peer(here, there), code, accounts, NOW.date())


def test_what_leaves_the_bank_is_told_of_and_what_stays_is_not(two):
    rows = [
        payment(1, 0, B, A, 1000, ("bank-b", "bank-a")),
        payment(2, 1, A, B, 950),
        payment(3, 2, A, C, 900, ("bank-a", "bank-a")),  # within the bank
        payment(4, 3, C, B, 700),  # of no account of the case
        payment(5, 4, A, ABROAD, 20_500, ("bank-a", None)),
    ]
    got = found(two, rows, [A])
    assert got.subjects == sorted([uetr(1), uetr(2), uetr(5), ABROAD])
    assert got.fields[ABROAD] == {"senders": 1, "total": 20}
    assert got.fields[uetr(1)] == {"pass_through": 100, "links": [uetr(2)]}
    assert got.fields[uetr(2)] == {"pass_through": 100, "comes_from": [uetr(1)]}


def test_an_account_within_the_bank_is_not_abroad_and_a_payment_without_a_key_is_told_of_by_nobody(two):
    inside = payment(1, 0, A, ABROAD, 5000, ("bank-a", "bank-a"))
    assert found(two, [inside, payment(2, 1, A, B, 900) | {"report_key": None}], [A]) == ([], {})


def test_of_a_payment_that_is_put_right_the_last_record_counts(two):
    wrong, right = payment(1, 0, A, ABROAD, 50_000, ("bank-a", None)), {"amount": Decimal(20_500)}
    assert found(two, [wrong], [A]).fields[ABROAD] == {"senders": 1, "total": 50}
    assert found(two, [wrong | right], [A]).fields[ABROAD] == {"senders": 1, "total": 20}


def test_an_account_elsewhere_is_none_of_this_bank_whatever_is_said_of_it(two):
    here, _ = two
    rows = [payment(1, 0, A, B, 900), payment(2, 1, A, ABROAD, 900, ("bank-a", None))]
    cash = payment(3, 2, None, C, 900, (None, "bank-a"))
    found(two, [*rows, cash], [A])
    assert elsewhere(here, nodes.READER) == set()  # nothing says which bank this is
    kept = {"report_key": "1", "source": "accounts", "subject": A, "bank": "bank-a"}
    same = {name: cash[name] for name in ("observed_at", "origins", "locator")}
    nodes.keep(here, [kept | same | {"marking": "PB//TLP:AMBER"}], ACCOUNT)
    assert elsewhere(here, nodes.READER) == {B, ABROAD}


def test_each_currency_is_looked_at_by_itself(two):
    rows = [
        payment(1, 0, B, A, 1000, ("bank-b", "bank-a")),
        payment(2, 1, A, B, 950) | {"currency": "JPY"},
        payment(3, 2, A, ABROAD, 20_500, ("bank-a", None)),
        payment(4, 3, A, ABROAD, 30_500, ("bank-a", None)) | {"currency": "JPY"},
    ]
    got = found(two, rows, [A])
    assert got.fields[uetr(1)] == {"pass_through": 100}
    assert "comes_from" not in got.fields[uetr(2)]
    assert got.fields[ABROAD] == {"senders": 1}


def test_what_comes_back_closes_the_circle(two):
    rows = [payment(1, 0, A, B, 1000), payment(2, 5, C, A, 940, ("bank-c", "bank-a"))]
    got = found(two, rows, [A])
    assert got.fields[uetr(2)]["links"] == [uetr(1)]
    assert got.fields[uetr(1)]["comes_from"] == [uetr(2)]


def test_what_the_code_does_not_name_is_left_out(tmp_path):
    plain = banks.banks(tmp_path, code=banks.CODE.replace("payment:uetr", "account:iban"))
    assert found(plain, [payment(1, 0, A, B, 1000)], [A]) == ([], {})


def test_what_its_marking_keeps_from_the_partner_and_what_came_from_a_node_is_left_out(two):
    rows = [payment(1, 0, A, B, 1000)]
    assert found(two, rows, [A], marking="PB//TLP:AMBER//REL:FRA") == ([], {})
    assert found(two, [payment(2, 0, A, B, 1000)], [A], source="node:bank-c") == ([], {})
    assert found(two, [payment(3, 0, A, B, 1000)], [A]).subjects == [uetr(3)]


def test_a_cap_of_the_code_bounds_a_number_and_the_file_reads_back(two):
    rows = [payment(n, n, f"account:test:{n}", ABROAD, 40_000, ("bank-a", None)) for n in range(1, 9)]
    got = found(two, rows, [f"account:test:{n}" for n in range(1, 9)])
    assert got.fields[ABROAD] == {"senders": 5, "total": 100}
    code = codes.standing(two[0])
    assert sets.read("\n".join(got.subjects), code) == got.subjects
    assert fields.load(fields.dump(got.fields, code.file.fields), code.file.fields, code.name) == got.fields


@settings(max_examples=draws(20), deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 200), st.integers(100, 3000)), max_size=14))
def test_links_are_between_payments_of_one_account_that_are_near_and_alike(tmp_path_factory, moves):
    two = banks.banks(tmp_path_factory.mktemp("banks"), code=CODE)
    rows = [
        payment(
            n,
            hour,
            *((B, A) if into else (A, B)),
            amount,
            ("bank-b", "bank-a") if into else ("bank-a", "bank-b"),
        )
        for n, (into, hour, amount) in enumerate(moves)
    ]
    got = found(two, rows, [A])
    by = {uetr(n): move for n, move in enumerate(moves)}
    links = [(one, other) for one, values in got.fields.items() for other in values.get("links", [])]
    back = [(one, other) for other, values in got.fields.items() for one in values.get("comes_from", [])]
    assert sorted(links) == sorted(back)
    for one, other in links:
        (into, when, amount), (out, then, on) = by[one], by[other]
        assert (into, out) == (True, False)
        assert abs(then - when) <= WITHIN / timedelta(hours=1)
        first, last = (amount, on) if then >= when else (on, amount)
        assert 0.5 <= last / first <= MOST_SHARE
    ahead = [pair for pair in links if by[pair[1]][1] >= by[pair[0]][1]]
    for pairs in (ahead, [pair for pair in links if pair not in ahead]):
        assert len({one for one, _ in pairs}) == len({other for _, other in pairs}) == len(pairs)
