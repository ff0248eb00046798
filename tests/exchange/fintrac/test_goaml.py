"""goAML: written, read back as the same facts, checked against an XSD; what it lacks; hostile files."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exchange.fintrac import made
from tests.refusals import because
from tests.thorough import draws

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.fintrac import goaml, goaml_facts, goaml_read
from watchfloor.exchange.fintrac.goaml import Facts, Flow, GoamlAccount, Side, Who

ON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def facts(**changed):
    return goaml_facts.facts(made.drafted(**changed), made.lists(), ON)


@pytest.mark.parametrize("version", ["4", "5"])
def test_the_facts_of_a_draft_are_read_back(version):
    found = facts()
    assert goaml_read.read(goaml.write(found, version), version) == found


def test_facts_are_those_of_the_report():
    one, _, out = facts().flows
    assert (one.value, one.method, one.source.client, one.target.client) == (Decimal(9500), "BR", False, True)
    assert one.conductor == Who(surname="Oll", given="Ida")
    assert one.target.account.holder == Who(surname="Tolunay", given="Zarbek")
    assert (out.source.country, out.target.country, out.target.account.number) == ("CA", "HK", "2002")
    assert out.at.isoformat() == "2026-11-20T13:30:00-05:00"


NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
BORN = st.none() | st.dates()
WHO = st.builds(Who, name=NAMES) | st.builds(Who, surname=NAMES, given=NAMES, born=BORN)
AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("99999999999.99"), places=2)
HELD = st.builds(GoamlAccount, NAMES, NAMES, BORN, st.none() | WHO)
SIDES = st.builds(Side, NAMES, st.sampled_from(["", "CA", "HK"]), HELD, st.none(), st.booleans()) | st.builds(
    Side, NAMES, st.just(""), st.none(), st.none() | WHO, st.booleans()
)
MOMENTS = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
PERSONS = st.builds(Who, surname=NAMES, given=NAMES, born=BORN)
FLOWS = st.builds(Flow, NAMES, NAMES, MOMENTS, NAMES, AMOUNTS, SIDES, SIDES, conductor=st.none() | PERSONS)
FOREIGN = st.builds(lambda flow, amount: replace(flow, currency="USD", amount=amount), FLOWS, AMOUNTS)
FACTS = st.builds(
    Facts,
    st.integers(1, 9999999),
    NAMES,
    NAMES,
    MOMENTS,
    st.just("CAD"),
    NAMES,
    NAMES,
    st.lists(FLOWS | FOREIGN, max_size=3).map(tuple),
)


@settings(max_examples=draws(1000, quick=60), deadline=None)
@given(FACTS, st.sampled_from(["4", "5"]))
def test_any_facts_are_read_back(found, version):
    assert goaml_read.read(goaml.write(found, version), version) == found


def test_another_currency_wants_its_value_in_the_local_one():
    rows = [made.payment(1, currency="USD")]
    with pytest.raises(Refusal, check=because("fintrac.goaml-lacks", what="the value in the local currency")):
        facts(given=made.gathered(rows))
    found = made.drafted(made.gathered(rows))
    details = found.document["transactions"][0]["completingActions"][0]["details"]
    details["valueInCanadianDollars"] = "13300.00"
    (flow,) = goaml_facts.facts(found, made.lists(), ON).flows
    assert (flow.value, flow.currency, flow.amount) == (Decimal(13300), "USD", Decimal(9500))


def test_what_goaml_needs_and_nobody_said_is_named():
    with pytest.raises(Refusal, check=because("fintrac.goaml-lacks", what="the code of method")):
        facts(given=made.gathered([made.payment(1, channel=None)]))
    known = {name: one for name, one in made.lists().items() if name != "goaml-funds"}
    with pytest.raises(Refusal, check=because("fintrac.goaml-no-list", list="goaml-funds")):
        goaml_facts.facts(made.drafted(), known, ON)
    bare = {**made.lists(), "goaml-method": made.lists()["goaml-report"]}
    with pytest.raises(Refusal, check=because("fintrac.goaml-no-code", word="branch")):
        goaml_facts.facts(made.drafted(), bare, ON)


XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="report"><xs:complexType>
<xs:sequence><xs:element name="rentity_id" type="xs:{type}"/><xs:any minOccurs="0" maxOccurs="unbounded"
processContents="skip"/></xs:sequence></xs:complexType></xs:element></xs:schema>"""


def test_a_file_is_checked_against_the_xsd_that_is_given(tmp_path):
    data = goaml.write(facts())
    for type_, count in (("int", 0), ("date", 1)):
        (tmp_path / "x.xsd").write_text(XSD.format(type=type_), encoding="utf-8")
        assert len(list(goaml_read.errors(data, tmp_path / "x.xsd"))) == count
    (tmp_path / "x.xsd").write_text("<nonsense/>", encoding="utf-8")
    with pytest.raises(Refusal, check=because("fintrac.bad-xsd")):
        list(goaml_read.errors(data, tmp_path / "x.xsd"))


BOMB = b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><report><rentity_id>&b;</rentity_id></report>'
FETCH = b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><report/>'


@pytest.mark.parametrize("data", [b"", b"<x/>", b"<report/>", b"<report>", BOMB, FETCH])
def test_what_is_no_report_is_told(data):
    with pytest.raises(Refusal, check=because("fintrac.bad-goaml")):
        goaml_read.read(data)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b">9500.00<", b">many<"), (b"t_from>", b"x_from>"), (b"<amount_local>9500.00</amount_local>", b"")],
)
def test_a_damaged_report_is_told(old, new):
    data = goaml.write(facts())
    assert old in data
    with pytest.raises(Refusal, check=because("fintrac.bad-goaml")):
        goaml_read.read(data.replace(old, new))
