from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watchfloor.cell.weighing import weights
from watchfloor.core.kinds import KINDS
from watchfloor.core.messages import Message
from watchfloor.policy import gateway_check, gateways
from watchfloor.policy.gateway_table import (
    load_table,
)
from watchfloor.policy.gateways import (
    CARRIED,
    RISK_STANDS,
    Party,
    Refusal,
    RiskCheck,
    Statement,
    admits,
    permits,
    render,
)
from watchfloor.policy.institutions import INSTITUTIONS

DAY = date(2026, 11, 24)
TABLE = load_table()
ROWS_ = TABLE.gateways
FIU = Party("fiu", "financial-intelligence-unit", "CAN")
AGENCY = Party("agency", "border-agency", "CAN")
CELL = Party("cell", "joint-cell", "CAN")
PARTNER = Party("partner", "foreign-partner", "USA")
STATE = Party("state", "foreign-state", "CHN")
CHECK = RiskCheck("partner", "USA", "no", "", "counsel", DAY)


def stated(gateway, **changed):
    needed = dict.fromkeys(gateway.needs, "as it says")
    given = {"test_met": "the payer is in three of our files", "by": "A. Roy", "purpose": gateway.purpose}
    return Statement(**(given | needed | changed))


def party(institution):
    return Party(institution, institution, "USA" if INSTITUTIONS[institution].abroad else "CAN")


def refused(gateway, sender, recipient, statement=None, on=DAY, **more):
    with pytest.raises(Refusal) as caught:
        permits(gateway, sender, recipient, statement or stated(gateway), on, **more)
    return caught.value.reason.message.removeprefix("gateway.")


@pytest.mark.parametrize("id_", ROWS_)
def test_each_row_permits_its_own_parties_and_no_others(id_):
    """Brute force over all pairs of kinds of institution."""
    row = ROWS_[id_]
    for sender in map(party, INSTITUTIONS):
        for recipient in map(party, INSTITUTIONS):
            check = replace(CHECK, partner=recipient.name) if recipient.country != "CAN" else None
            may = sender.institution in row.from_ and recipient.institution in row.to
            if may:
                assert permits(row, sender, recipient, stated(row), DAY, risk_check=check).gateway is row
            else:
                refused(row, sender, recipient, risk_check=check)


@example("scida-5", 0, 30)
@example("scida-5", 30, 30)
@example("scida-5", 31, 30)
@given(st.sampled_from(sorted(ROWS_)), st.integers(-400, 400), st.none() | st.integers(0, 400))
def test_the_first_and_the_last_day_are_included(id_, offset, length):
    begins = DAY
    ends = None if length is None else begins + timedelta(length)
    row = replace(ROWS_[id_], since=begins, expires=ends)
    on = begins + timedelta(offset)
    assert row.stands(on) == (offset >= 0 and (length is None or offset <= length))
    sender, recipient = party(min(row.from_)), party(min(row.to))
    check = replace(CHECK, partner=recipient.name, country=recipient.country, on=on)
    if row.stands(on):
        permits(row, sender, recipient, stated(row), on, risk_check=check)
    else:
        wanted = "not-yet" if offset < 0 else "ended"
        assert refused(row, sender, recipient, on=on, risk_check=check) == wanted


SMUGGLING = ROWS_["pcmltfa-55-3-e"]
ABROAD = ROWS_["customs-107-8"]
SHARED = ROWS_["scida-5"]


@pytest.mark.parametrize(
    ("gateway", "sender", "recipient", "changed", "why"),
    [
        (SMUGGLING, FIU, STATE, {}, "foreign-state"),
        (SMUGGLING, Party("x", "fiu", "CAN"), AGENCY, {}, "unknown-institution"),
        (SMUGGLING, Party("x", "financial-intelligence-unit", "USA"), AGENCY, {}, "other-law"),
        (SMUGGLING, AGENCY, CELL, {}, "sender"),
        (SMUGGLING, FIU, Party("p", "police", "CAN"), {}, "recipient"),
        (SMUGGLING, FIU, replace(AGENCY, country="USA"), {}, "abroad"),
        (ABROAD, AGENCY, replace(PARTNER, country="CAN"), {}, "at-home"),
        (SMUGGLING, FIU, AGENCY, {"test_met": " \n…"}, "no-test"),
        (SMUGGLING, FIU, AGENCY, {"test_met": SMUGGLING.test["en"].upper()}, "copied-test"),
        (SMUGGLING, FIU, AGENCY, {"test_met": SMUGGLING.test["fr"].rstrip(".")}, "copied-test"),
        (SMUGGLING, FIU, AGENCY, {"by": " "}, "nobody"),
        (SMUGGLING, FIU, AGENCY, {"purpose": "immigration"}, "purpose"),
        (SMUGGLING, FIU, AGENCY, {"purpose": ""}, "purpose"),
        (SHARED, AGENCY, CELL, {"accuracy": ""}, "accuracy"),
        (ROWS_["privacy-8-2-e"], AGENCY, CELL, {"basis": ""}, "basis"),
        (ABROAD, AGENCY, PARTNER, {"basis": " "}, "basis"),
    ],
)
def test_each_refusal_has_its_reason(gateway, sender, recipient, changed, why):
    assert refused(gateway, sender, recipient, stated(gateway, **changed), risk_check=CHECK) == why


@pytest.mark.parametrize(
    ("check", "why"),
    [
        (None, "no-risk-check"),
        (replace(CHECK, partner="another"), "other-risk-check"),
        (replace(CHECK, country="GBR"), "other-risk-check"),
        (replace(CHECK, on=DAY + timedelta(1)), "old-risk-check"),
        (replace(CHECK, on=DAY - RISK_STANDS - timedelta(1)), "old-risk-check"),
        (replace(CHECK, risk="yes", measures="assurances"), "substantial-risk"),
        (replace(CHECK, risk="mitigated", measures=" "), "no-measures"),
    ],
)
def test_nothing_goes_abroad_without_a_check_of_the_risk(check, why):
    assert refused(ABROAD, AGENCY, PARTNER, risk_check=check) == why


def test_a_check_stands_a_year_and_its_caveats_travel():
    check = replace(
        CHECK, on=DAY - RISK_STANDS, risk="mitigated", measures="x", caveats=frozenset({"no-removal"})
    )
    row = replace(ABROAD, caveats=frozenset({"treaty"}))
    permit = permits(row, AGENCY, PARTNER, stated(row), DAY, risk_check=check)
    assert permit.caveats == {"no-removal", "treaty"}


def test_who_receives_needs_no_check_of_the_risk():
    admits(ABROAD, AGENCY, PARTNER, stated(ABROAD), DAY)
    with pytest.raises(Refusal):
        admits(ABROAD, CELL, STATE, stated(ABROAD), DAY)


def test_every_refusal_says_in_both_languages_what_to_do():
    found = [one for one in vars(gateways).values() if isinstance(one, Message)]
    assert len(found) > 15
    for message in found:
        for text in (message.en, message.fr):
            assert (
                "watchfloor " in text
                or "--" in text
                or "gateways.toml" in text
                or "personne" in text
                or ("person" in text)
            ), message.id


def test_a_refusal_names_institutions_in_the_language():
    with pytest.raises(Refusal) as caught:
        permits(SMUGGLING, AGENCY, CELL, stated(SMUGGLING), DAY)
    assert "allows these to disclose: FINTRAC" in str(caught.value)
    assert "CANAFE" in render(caught.value.reason, "fr")


# What may go


def test_no_gateway_can_say_that_a_suspicious_transaction_report_exists():
    """Neither a kind nor a column of any says so, and a table that would is refused."""
    for row in ROWS_.values():
        assert not any(map(gateway_check.tells_of_report, row.fields))
        assert not any(gateway_check.tells_of_report(c) for kind in row.fields for c in row.columns(kind))
    names = [kind.name for kind in KINDS.values()] + [c for kind in KINDS.values() for c in kind.schema.names]
    assert not any(map(gateway_check.tells_of_report, names))


@pytest.mark.parametrize(
    "name",
    [
        "str",
        "STR_filed",
        "has-str",
        "suspicious_transaction",
        "Suspicious Transaction Report",
        "opération douteuse",
    ],
)
def test_names_that_say_so(name):
    assert gateway_check.tells_of_report(name)


@pytest.mark.parametrize("name", ["structuring", "strength", "suspicious", "transaction", "registry"])
def test_names_that_do_not(name):
    assert not gateway_check.tells_of_report(name)


def test_no_rule_that_a_signal_may_carry_says_so():
    """A signal's rule travels; the weight table knows every rule there is."""
    rules = {rule for hypothesis in weights.load().hypotheses.values() for rule in hypothesis.rules}
    assert len(rules) > 5
    assert not any(map(gateway_check.tells_of_report, rules))


def test_what_a_bank_tells_never_leads_to_the_cell_but_by_an_order():
    """But for definitions of typologies, which tell nothing of anybody."""
    leads = [row for row in ROWS_.values() if "reporting-entity" in row.from_ and "joint-cell" in row.to]
    leads = [row for row in leads if row.forms != {"pack"}]
    assert [row.id for row in leads] == ["criminal-code-487-014"]
    assert leads[0].forms == {"evidence"}
    assert leads[0].needs == {"basis"}


def test_prose_of_a_bank_goes_to_the_unit_alone():
    for row in ROWS_.values():
        if "reporting-entity" in row.from_ and row.to != {"financial-intelligence-unit"}:
            assert not any(columns & gateway_check.FREE_TEXT for columns in row.fields.values()), row.id


def test_the_unit_discloses_designated_information_alone():
    """PCMLTFA 55(7), 55.1(3), 56.1(5) name no memo, and (k) to (m) are left out."""
    for row in ROWS_.values():
        if "financial-intelligence-unit" in row.from_ and row.law == "PCMLTFA":
            assert "memo" not in row.columns("payment"), row.id
            assert row.columns("report") == frozenset()


def test_columns_of_a_kind_that_may_not_go_are_none():
    assert SMUGGLING.columns("declaration") == frozenset()
    assert SMUGGLING.columns("payment") >= CARRIED & set(KINDS["payment"].schema.names)


@pytest.mark.parametrize("id_", ROWS_)
def test_what_may_go_can_be_stored_where_it_arrives(id_):
    """Every column that a kind cannot be without goes through."""
    row = ROWS_[id_]
    for kind in row.fields:
        needed = {field.name for field in KINDS[kind].schema if not field.nullable}
        if kind != "disclosure" and "evidence" in row.forms:
            assert needed <= row.columns(kind)


def test_nothing_leads_to_a_state_that_is_no_partner():
    assert not any("foreign-state" in row.to for row in ROWS_.values())


def test_purposes_and_records_have_words():
    for row in ROWS_.values():
        assert TABLE.purposes[row.purpose].en
        assert all(one in TABLE.records for one in row.records)
        assert row.test["en"] != row.test["fr"]
