from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.nodes import READER, WHO, floor, holding, receive, send, trusting
from tests.formats.alerts import info, message

from watchfloor.exchange import cap
from watchfloor.exchange.log import records_due
from watchfloor.exchange.log.records_due import ANSWERS, UNKNOWN
from watchfloor.formats.alerts.cap import read
from watchfloor.policy.gateway_rows import Answer
from watchfloor.policy.gateway_table import load_table
from watchfloor.policy.gateways import Statement
from watchfloor.policy.policy import Reader

TABLE = load_table()
SCIDA = TABLE.gateways["scida-5"]


@pytest.fixture
def pair(tmp_path):
    return trusting(
        holding(floor(tmp_path, "agency", institution="border-agency")),
        floor(tmp_path, "cell", institution="police"),
    )


def shared(sender, recipient, gateway=SCIDA, **changed):
    said = {"accuracy": "two officers saw it", "basis": "agreement 7 of 2025"} | changed
    stated = Statement("it bears on proliferation", "A. Officer", gateway.purpose, **said)
    return send(sender, recipient, through=gateway, stated=stated)


def this_year():
    return datetime.now(UTC).year


def records(one, year=None, **changed):
    return records_due.owed(one, TABLE, year or this_year(), changed.pop("reader", READER), **changed)


def items(one):
    return {answer.item.section: answer.value for answer in one.answers}


def test_what_scida_asks_of_who_disclosed_is_complete(pair):
    agency, cell = pair
    packed = shared(agency, cell)
    (one,) = records(agency)
    assert (one.record, one.gateway, one.bundle) == ("scida-9-1", "scida-5", packed.manifest.bundle)
    assert one.missing == ()
    said = items(one)
    assert set(said) == {"9(1)(a)", "9(1)(b)", "9(1)(c)", "9(1)(d)", "9(1)(e)", "5(2)"}
    assert "disclosure 3" in said["9(1)(a)"]
    assert said["9(1)(b)"] == "A. Officer"
    assert said["9(1)(c)"] == "cell (Royal Canadian Mounted Police, CAN)"
    assert said["9(1)(d)"] == agency.acts_of("disclosed")[0].at.date().isoformat()
    assert said["9(1)(e)"] == "it bears on proliferation; agreement 7 of 2025"
    assert said["5(2)"] == "two officers saw it"
    assert one.copy_due == date(this_year() + 1, 1, 30)


def test_what_scida_asks_of_who_received_is_complete(pair):
    agency, cell = pair
    data = shared(agency, cell).data
    receive(cell, data, gateways=TABLE.gateways)
    (one,) = records(cell)
    assert one.record == "scida-9-2"
    assert one.missing == ()
    said = items(one)
    assert said["9(2)(b)"] == "agency (border services agency, CAN)"
    assert said["9(2)(c)"] == WHO.name
    assert (said["9(2)(e)"], said["9(2)(f)"], said["9(2)(g)"]) == ("neither", "", "")
    assert one.copy_due == date(this_year() + 1, 1, 30)


def test_a_bundle_received_twice_owes_one_record(pair):
    agency, cell = pair
    data = shared(agency, cell).data
    for _ in range(2):
        receive(cell, data, gateways=TABLE.gateways)
    assert len(records(cell)) == 1


def test_what_was_destroyed_says_when(pair):
    agency, cell = pair
    receive(cell, shared(agency, cell).data, gateways=TABLE.gateways)
    ids = cell.read("disclosure", READER)["record_id"].to_pylist()
    with cell.writer(WHO) as writer:
        writer.erase(ids, "not needed: SCIDA 5.1(1)")
    (one,) = records(cell)
    day = cell.acts_of("erasure")[0].at.date().isoformat()
    assert (items(one)["9(2)(e)"], items(one)["9(2)(f)"]) == ("destroyed", day)
    assert one.missing == ()
    (french,) = records(cell, language="fr")
    assert items(french)["9(2)(e)"] == "détruite"


def test_what_went_back_says_when(pair):
    agency, cell = pair
    packed = shared(agency, cell)
    receive(cell, packed.data, gateways=TABLE.gateways)
    back = {"gateway": "scida-return", "basis": f"bundle {packed.manifest.bundle}", "marking": "U//TLP:CLEAR"}
    cell.act(WHO, "disclosed", back)
    (one,) = records(cell)
    assert items(one)["9(2)(e)"] == "returned"
    assert items(one)["9(2)(g)"] == cell.acts_of("disclosed")[0].at.date().isoformat()


def test_a_row_names_what_nothing_answers(tmp_path):
    one = floor(tmp_path, "fiu", institution="financial-intelligence-unit")
    one.act(WHO, "disclosed", {"gateway": "scida-5"})
    one.act(WHO, "disclosed", {"gateway": "pcmltfa-55-3-a", "test": " "})
    scida, reasons = records(one)
    assert scida.missing == ("9(1)(a)", "9(1)(b)", "9(1)(c)", "9(1)(e)", "5(2)")
    assert reasons.missing == ("55(5.1)",)
    assert reasons.copy_due is None


def test_the_copy_of_a_request_is_kept_two_years(tmp_path):
    one = floor(tmp_path, "agency", institution="border-agency")
    one.act(WHO, "disclosed", {"gateway": "privacy-8-2-e", "basis": "request 12", "description": "entries"})
    (row,) = records(one)
    assert items(row) == {"PR 7(a)": "request 12", "PR 7(b)": "entries"}
    assert row.keep_until.year == this_year() + 2


def test_a_disclosure_through_no_known_gateway_is_told(tmp_path):
    one = floor(tmp_path, "cell")
    one.act(WHO, "disclosed", {"gateway": "letter", "bundle": "ab", "law": "an Act", "section": ""})
    (row,) = records(one)
    assert (row.record, row.row, row.citation) == (UNKNOWN, None, "an Act")


def test_an_alert_to_the_public_owes_no_record(tmp_path):
    one = floor(tmp_path, "cell")
    rows = [row for piece in read(BytesIO(message(info())), "a.xml") for row in piece.rows.to_pylist()]
    said = cap.disclosed(rows, b"", "life at risk", "officer", "life and safety", "an Act")
    one.act(WHO, "disclosed", said)
    assert records(one) == []


def test_another_year_and_an_empty_log_owe_nothing(pair):
    agency, cell = pair
    shared(agency, cell)
    assert records(agency, this_year() - 1) == records(agency, this_year() + 1) == records(cell) == []


def test_who_may_not_see_a_disclosure_sees_no_record_of_it(pair):
    agency, cell = pair
    shared(agency, cell)
    assert records(agency, reader=Reader("low", protected=0)) == []


@pytest.mark.parametrize("name", TABLE.gateways)
def test_every_gateway_can_answer_its_records(name, tmp_path):
    """A full act leaves nothing missing, whatever the gateway."""
    gateway = TABLE.gateways[name]
    party = {"name": "x", "institution": "police", "country": "CAN"}
    full = {"gateway": name, "recipient": party, "sender": party, "kinds": {"party": 2}, "bundle": "b"}
    full |= dict.fromkeys(("test", "stated_by", "accuracy", "basis", "purpose", "description"), "said")
    one = floor(tmp_path, "any")
    for act in ("disclosed", "received"):
        one.act(WHO, act, full)
    found = records(one)
    assert sorted(row.record for row in found) == sorted(gateway.records)
    assert [row.missing for row in found] == [()] * len(found)


def test_every_answer_that_a_table_may_name_is_there():
    assert set(ANSWERS) == set(Answer.__args__)


@given(st.dates(date(2000, 1, 1), date(2400, 1, 1)), st.integers(1, 10))
def test_years_on(day, years):
    later = records_due._years_on(day, years)
    assert (later.year, abs((later - day.replace(day=1, year=later.year)).days) <= 31) == (
        day.year + years,
        True,
    )
    assert later >= day
