"""Drafts without a floor: every field traced, valid, exact; what is missing is named and never guessed."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.fintrac import made
from tests.exchange.fintrac.made import CLIENT, FIRM, OURS, RUNNER, THEIRS

from watchfloor.exchange.fintrac import document, drafts, schema, traced
from watchfloor.exchange.fintrac.codes import CodeList
from watchfloor.exchange.fintrac.entity import Entity
from watchfloor.exchange.fintrac.traced import at

SCHEMA = schema.load(made.SCHEMA)


def lacks(found):
    return {gap.pointer: gap.why.message.removeprefix("fintrac.lacks-") for gap in found.gaps}


def test_a_draft_is_complete_valid_and_every_field_is_traced():
    found = made.drafted()
    assert found.gaps == []
    assert list(SCHEMA.errors(found.document)) == []
    assert drafts.untraced(found) == []


def test_every_trace_names_something_that_is_there():
    given = made.gathered()
    pieces = (*given.payments, *given.accounts.values(), *given.parties.values())
    rows = {one["record_id"].hex(): one.row for one in pieces}
    found = made.drafted(given)
    for pointer, sources in found.traces.items():
        assert sources, pointer
        for source in sources:
            kind, _, rest = source.partition(":")
            if kind == "record":
                id_, column = rest.split("#")
                assert column in rows[id_], pointer
            elif kind == "codes":
                assert rest.rsplit("@")[0] in made.lists()
            elif kind == "rule":
                assert rest in traced.RULES
            else:
                assert kind in ("stated", "signal")


def test_amounts_are_those_of_the_records_to_the_last_digit():
    fine = Decimal("0.123456789012345678")
    rows = [
        made.payment(1, amount=Decimal("0.10")),
        made.payment(2, amount=Decimal("0.12"), amount_fine=fine),
    ]
    found = made.drafted(made.gathered(rows)).document["transactions"]
    amounts = [one["startingActions"][0]["details"]["amount"] for one in found]
    assert amounts == ["0.10", "0.123456789012345678"]


@given(st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9999999999999999.99"), places=2))
def test_any_amount_is_written_exactly(amount):
    text = at(made.drafted(made.gathered([made.payment(1, amount=amount)])).document, AMOUNT)
    assert Decimal(text) == amount
    assert "E" not in text


AMOUNT = "/transactions/0/startingActions/0/details/amount"


def test_cash_comes_in_by_a_conductor_and_a_wire_goes_out():
    one, _, out = made.drafted().document["transactions"]
    assert one["startingActions"][0]["details"]["direction"] == 1
    assert one["startingActions"][0]["conductors"][0]["refId"] == "P1-full"
    assert one["completingActions"][0]["details"]["dispositionCode"] == 1
    assert out["startingActions"][0]["details"]["fundAssetVirtualCurrencyTypeCode"] == 7
    assert out["startingActions"][0]["details"]["account"]["number"] == "1001"
    assert out["completingActions"][0]["details"]["account"]["number"] == "2002"


def test_moments_are_of_the_entity_s_own_days():
    details = made.drafted().document["transactions"][0]["suspiciousTransactionDetails"]
    assert (details["dateOfTransaction"], details["timeOfTransaction"]) == ("2026-11-20", "11:30:00-05:00")


def test_on_whose_behalf_is_stated_by_a_person():
    given = made.gathered()
    said = replace(made.SAID, behalf={given.payments[0]["record_id"].hex(): FIRM})
    found = made.drafted(given, said)
    conductor = at(found.document, "/transactions/0/startingActions/0/conductors/0")
    assert conductor["details"]["onBehalfOfIndicator"] is True
    assert conductor["onBehalfOfs"][0]["typeCode"] == 6
    pointer = "/transactions/0/startingActions/0/conductors/0/onBehalfOfs/0/refId"
    assert found.traces[pointer][0] == "stated:A. Oll"
    assert drafts.untraced(found) == []
    assert list(SCHEMA.errors(found.document)) == []


def test_the_description_has_facts_indicators_and_context():
    text = made.drafted().document["detailsOfSuspicion"]["descriptionOfSuspiciousActivity"]
    assert "On 2026-11-20, 3 transactions, 2 accounts involved: " in text
    assert "CAD 19300.00 cash (2), CAD 18000.10 wire (1)" in text
    assert "Indicators: It rests on evidence that is counted already." in text
    assert text.endswith("He could not say where the cash was from.")
    french = made.drafted(said=replace(made.SAID, language="fr")).document["detailsOfSuspicion"]
    assert "CAD 19300.00 en espèces (2)" in french["descriptionOfSuspiciousActivity"]


def test_days_of_the_facts_are_those_of_the_transactions():
    late = [made.payment(8), made.payment(30)]  # after midnight in UTC, before it in Toronto
    found = made.drafted(made.gathered(late)).document
    days = [one["suspiciousTransactionDetails"]["dateOfTransaction"] for one in found["transactions"]]
    text = found["detailsOfSuspicion"]["descriptionOfSuspiciousActivity"]
    assert text.startswith(f"From {days[0]} to {days[1]}, 2 transactions")
    assert days == ["2026-11-20", "2026-11-21"]


# --- what is missing


def test_what_nobody_stated_is_named():
    found = made.drafted(of=Entity(), said=replace(made.SAID, suspicion="", action="", exposed=None))
    assert lacks(found) == {
        "/reportDetails/activitySectorCode": "sector",
        "/reportDetails/reportingEntityNumber": "number",
        "/reportDetails/submittingReportingEntityNumber": "number",
        "/reportDetails/reportingEntityContactId": "contact",
        "/detailsOfSuspicion/suspicionTypeCode": "suspicion",
        "/detailsOfSuspicion/politicallyExposedPersonIncludedIndicator": "exposed",
        "/actionTaken/description": "action",
        **{f"/transactions/{n}/reportingEntityLocationId": "location" for n in range(3)},
    }
    assert drafts.untraced(found) == []
    assert not SCHEMA.valid(found.document)


def test_grounds_are_a_person_s_or_a_desk_s():
    found = made.drafted(made.gathered(indicators=()), replace(made.SAID, context=""))
    assert lacks(found) == {"/detailsOfSuspicion/descriptionOfSuspiciousActivity": "grounds"}


@pytest.mark.parametrize("name", ["Zarbek Tolunay", "Tolunay", "Tolunay, Zarbek, jr", " , Zarbek"])
def test_a_name_whose_parts_are_not_told_apart_is_not_taken_apart(name):
    found = made.drafted(made.gathered(parties=[made.party(CLIENT, name), *made.clients()[1:]]))
    assert set(lacks(found).values()) == {"surname"}
    assert all("surname" not in one for one in found.document["definitions"] if "P2" in one["refId"])


def test_who_no_record_names_is_missing():
    found = made.drafted(made.gathered(parties=made.clients()[:1]))
    assert set(lacks(found).values()) == {"name"}
    assert RUNNER in next(str(gap.why) for gap in found.gaps)


def test_what_is_neither_person_nor_entity_is_missing():
    rows = [made.payment(1, payer=THEIRS, conductor=None)]
    found = made.drafted(made.gathered(rows, parties=[*made.clients(), made.party(THEIRS, "Somebody", None)]))
    assert set(lacks(found).values()) == {"kind"}


@pytest.mark.parametrize("amount", ["0.00", "-5.00"])
def test_an_amount_that_is_none_is_not_written(amount):
    found = made.drafted(made.gathered([made.payment(1, amount=Decimal(amount))]))
    assert set(lacks(found).values()) == {"amount"}
    assert amount in str(found.gaps[0].why)


def test_a_currency_that_the_table_does_not_have_is_named():
    found = made.drafted(made.gathered([made.payment(1, currency="XTS")]))
    assert [gap.why.params["word"] for gap in found.gaps] == ["XTS", "XTS"]
    assert found.gaps[0].why.params["list"] == "currency"


def test_unknown_codes_are_named_with_list_and_word():
    number = [{"system": "tattoo", "number": "9", "owner": None}]
    parties = [made.party(CLIENT, "Tolunay, Zarbek", identifiers=number), *made.clients()[1:]]
    rows = [made.payment(1, channel="kiosk", means="virtual")]
    found = made.drafted(made.gathered(rows, parties=parties), replace(made.SAID, suspicion="sport"))
    words = {(gap.why.params["list"], gap.why.params["word"]) for gap in found.gaps}
    known = {("method", "kiosk"), ("funds", "virtual"), ("suspicion", "sport"), ("identifier", "tattoo")}
    assert words == known


def test_a_payment_without_channel_or_branch_or_payee():
    found = made.drafted(made.gathered([made.payment(1, channel=None, payee=None, branch="Pier 9")]))
    assert set(lacks(found).values()) == {"channel", "end", "location"}


def test_prose_of_others_is_not_taken_over():
    found = made.drafted(made.gathered([made.payment(1, memo="for the pills", purpose="x" * 300)]))
    assert "pills" not in json.dumps(found.document)
    assert "x" * 300 not in json.dumps(found.document)


# --- round trip


def test_json_is_read_back_as_it_was():
    found = made.drafted().document
    data = drafts.encoded(found)
    report = document.parse(data)
    assert json.loads(data) == found
    assert json.loads(document.written(report)) == found
    assert document.parse(document.written(report)) == report
    assert document.convert(found) == report


def test_a_field_that_nobody_knows_is_refused():
    found = made.drafted().document | {"score": 1}
    with pytest.raises(document.msgspec.ValidationError, match="score"):
        document.convert(found)


def test_an_own_account_alone_decides_the_direction():
    found = made.drafted(made.gathered([made.wire(1)], accounts=[])).document["transactions"][0]
    assert found["startingActions"][0]["details"]["direction"] == 1
    holder = made.drafted(made.gathered([made.wire(1)])).document["transactions"][0]
    assert holder["startingActions"][0]["details"]["direction"] == 2
    assert OURS.endswith(holder["startingActions"][0]["details"]["account"]["number"])


def test_the_plainest_word_is_taken_last():
    known = made.lists()
    funds = CodeList("funds", "x", {"wire": 5, "wire-out": 6}, known["funds"].since, None, "codes:funds@x")
    found = made.drafted(made.gathered([made.wire(1)]), known={**known, "funds": funds})
    assert (
        at(found.document, "/transactions/0/startingActions/0/details/fundAssetVirtualCurrencyTypeCode") == 6
    )
