"""The typologies as a fold: told once, told stronger, taken back, with what was known then."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from tests.desks.finance.cases import CASES, START
from tests.thorough import THOROUGH

from watchfloor.core.derived import last, net
from watchfloor.core.kinds import ACCOUNT, KINDS, PAYMENT
from watchfloor.core.messages import Reason
from watchfloor.desks import registry
from watchfloor.desks.base import Refs
from watchfloor.desks.finance.desk import DESK, RULE
from watchfloor.desks.finance.typologies import intake, watch
from watchfloor.desks.finance.typologies.typology import catalogue
from watchfloor.desks.state import tables
from watchfloor.run import run
from watchfloor.testing import desks as contract

COMMON = {"source": "core", "origins": [], "marking": "PB//TLP:AMBER", "delivery": bytes(32), "locator": "1"}


def key(name):
    return None if name is None else f"account:core:{name}"


def payment(number, hours, payer, payee, amount, means="transfer", **columns):
    plain = {
        "record_id": number.to_bytes(16, "big"),
        "report_key": f"T-{number}",
        "observed_at": START + timedelta(hours=hours),
        "payer": key(payer),
        "payee": key(payee),
        "amount": Decimal(str(amount)),
        "currency": "CAD",
        "means": means,
    }
    return dict.fromkeys(PAYMENT.schema.names) | COMMON | plain | columns


def account(number, hours, name, **columns):
    plain = {
        "record_id": number.to_bytes(16, "big"),
        "observed_at": START + timedelta(hours=hours),
        "subject": key(name),
    }
    return dict.fromkeys(ACCOUNT.schema.names) | COMMON | plain | columns


def record(kind, number, hours, **columns):
    plain = {"record_id": number.to_bytes(16, "big"), "observed_at": START + timedelta(hours=hours)}
    return dict.fromkeys(KINDS[kind].schema.names) | COMMON | plain | columns


def history(*payments, accounts=(), **beside):
    given = {"payment": payments, "account": accounts} | beside
    inputs = {
        kind: pa.Table.from_pylist(list(given.get(kind, ())), KINDS[kind].schema) for kind in DESK.reads
    }
    return run(DESK, inputs, Refs(bytes(32), {"payment-model": b"", "exchange-rates": b""}))["signal"]


def listing(number, hours, key_, entity="E1", **columns):
    """A listed entity with the address of a wallet; `key_` is that account."""
    wallet = {"system": "Digital Currency Address - XBT", "number": key_.split(":", 2)[2], "owner": None}
    says = {"list_id": "list", "entity_id": entity, "instrument": "list", "schema": "Company"}
    more = {"name": "Grey Lantern", "names": [], "identifiers": [wallet]}
    return record("listing", number, hours, **(says | more | columns))


def entry(number, hours, importer):
    return record(
        "declaration", number, hours, subject="parcel:post:1", importer=key(importer), goods="tools"
    )


def said(rows, rule):
    return [row for row in rows.to_pylist() if row["rule"] == rule]


def branches(*hours, start=1):
    return [
        payment(start + at, hour, None, "A", 500, "cash", branch=f"b{at}") for at, hour in enumerate(hours)
    ]


def test_it_is_told_once_and_again_when_it_is_stronger():
    rows = said(history(*branches(0, 1, 2, 3, 4, 5)), "several-branches-a-day")
    assert [(row["strength"], len(row["evidence"])) for row in rows] == [("moderate", 3), ("strong", 5)]
    assert len({row["row_id"] for row in rows}) == 1
    assert rows[0]["at"] == START + timedelta(hours=2)
    assert rows[0]["since"] == START
    assert rows[0]["subjects"] == [key("A")]


def test_after_its_window_it_is_another_signal():
    rows = said(history(*branches(0, 1, 2, 30, 31, 32)), "several-branches-a-day")
    assert len({row["row_id"] for row in rows}) == 2


def test_the_reason_is_a_sentence_with_the_number_of_the_account():
    (row,) = said(history(*branches(0, 1, 2)), "several-branches-a-day")
    assert (
        Reason.load(row["reason"]).render() == "Cash came into the account A at 3 branches within 24 hours."
    )
    assert "3 succursales" in Reason.load(row["reason"]).render("fr")


def test_a_payment_put_right_takes_the_signal_back():
    right = payment(9, 9, None, "A", 500, "cash", report_key="T-2", branch="b0")
    rows = history(*branches(0, 1, 2), right)
    assert said(net(rows), "several-branches-a-day") == []
    (back,) = said(last(rows), "several-branches-a-day")
    assert back["retracted"]
    assert back["at"] == START + timedelta(hours=9)
    assert right["record_id"] in back["evidence"]
    assert Reason.load(back["reason"]) == Reason("finance.no-longer", {"day": "2026-01-01"})


def test_a_payment_put_right_leaves_what_still_holds_with_what_it_rests_on():
    right = payment(9, 9, None, "B", 500, "cash", report_key="T-2", branch="b1")
    (row,) = said(net(history(*branches(0, 1, 2, 3, 4), right)), "several-branches-a-day")
    assert row["strength"] == "moderate"  # four of five
    assert payment(2, 0, None, None, 1)["record_id"] not in row["evidence"]


def test_the_payment_in_its_place_counts():
    right = payment(9, 3, None, "A", 500, "cash", report_key="T-2", branch="b2")
    (row,) = said(net(history(*branches(0, 1), right)), "several-branches-a-day") or [None]
    assert row is None  # two branches: the wrong one is gone
    more = payment(10, 4, None, "A", 500, "cash", branch="b3")
    assert len(said(net(history(*branches(0, 1), right, more)), "several-branches-a-day")) == 1


def test_what_is_put_right_long_after_changes_nothing():
    right = payment(9, 24 * 40, None, "A", 500, "cash", report_key="T-2", branch="b0")
    assert len(said(net(history(*branches(0, 1, 2), right)), "several-branches-a-day")) == 1


def test_an_account_is_what_the_bank_knew_of_it_then():
    deposits = [payment(at, at * 20, None, "A", 6000, "cash") for at in range(1, 4)]
    student = account(90, 0, "A", occupation="student", marking="PB//TLP:RED")
    (row,) = said(net(history(*deposits, accounts=[student])), "cash-against-occupation")
    assert student["record_id"] in row["evidence"]
    assert row["marking"].endswith("RED")
    dentist = account(91, 30, "A", occupation="dentist")
    assert said(history(*deposits, accounts=[student, dentist]), "cash-against-occupation") == []
    late = account(90, 100, "A", occupation="student")
    assert said(history(*deposits, accounts=[late]), "cash-against-occupation") == []


def test_the_age_of_an_account_is_counted_to_the_payment():
    deposits = [payment(at, at, None, "A", 6000, "cash") for at in range(1, 4)]
    young = account(90, 0, "A", opened=date(2025, 12, 1))
    future = account(90, 0, "A", opened=date(2026, 12, 1))
    assert said(history(*deposits, accounts=[young]), "cash-into-new-account")
    assert not said(history(*deposits, accounts=[future]), "cash-into-new-account")


def test_of_a_text_nothing_but_the_lists_is_remembered():
    state = watch.Watch()
    rows = pa.Table.from_pylist(
        [payment(1, 0, "A", "B", 100, memo="fentanyl for Wren Halloway") | {"kind": "payment"}]
    )
    schema = pa.schema([*PAYMENT.schema, pa.field("subject", pa.string()), pa.field("kind", pa.string())])
    rows = pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows.to_pylist()], schema)
    assert watch.step(bytes(32), state, rows)
    kept = repr([table.to_pylist() for table in tables(state).values()])
    assert "Halloway" not in kept


def test_few_of_many_remembered_payments_are_looked_through_again(monkeypatch):
    """The answer is the same where only related payments are looked at."""
    monkeypatch.setattr(watch, "_FEW", 0)
    inputs, refs = registry.sample(DESK, 1)
    rows = sum(table.num_rows for table in inputs.values())
    every = 7 if THOROUGH else 105
    contract.check_cuts(DESK, inputs, refs, [contract.Cut(at, 0.5, False) for at in range(7, rows, every)])


def test_the_sample_makes_most_rules_speak():
    rules = set()
    for seed in range(2):
        rules |= set(run(DESK, *registry.sample(DESK, seed))["signal"]["rule"].to_pylist())
    assert RULE in rules
    assert len(rules - {RULE}) >= 28


@pytest.mark.parametrize("id_", sorted(CASES))
def test_the_desk_says_what_the_file_says(id_):
    """The cases of the indicators as records."""
    case = CASES[id_]
    facts = ("payer_balance_before",)
    rows = [
        payment(
            at + 1,
            0,
            row["payer"],
            row["payee"],
            row["amount_float"],
            row["means"],
            observed_at=row["at"],
            facts=[{"name": name, "value": row[name]} for name in facts if name in row],
            **{
                k: v
                for k, v in row.items()
                if k in PAYMENT.schema.names and k not in ("payer", "payee", "means")
            },
        )
        for at, row in enumerate(case.fires)
    ]
    known = case.known.to_pylist() if case.known is not None else []
    told = [account(900 + at, -1, row.pop("account_id"), **row) for at, row in enumerate(known)]
    beside = {
        "listing": [listing(950 + at, -2, f"account:core:{key}") for at, key in enumerate(case.listed or ())],
        "declaration": [entry(960 + at, -2, key) for at, key in enumerate(case.entries or ())],
    }
    found = said(net(history(*rows, accounts=told, **beside)), id_)
    assert found
    assert all(row["evidence"] for row in found)


def test_each_message_is_of_an_indicator():
    assert {one.id for one in catalogue()} == set(watch.SENTENCES)
    assert datetime(1970, 1, 1, tzinfo=UTC) == intake.moment(0)
