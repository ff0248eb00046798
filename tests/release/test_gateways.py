from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.cell import weights
from watchfloor.records.kinds import KINDS
from watchfloor.records.messages import MESSAGES
from watchfloor.release import gateway_check
from watchfloor.release.gateway_rows import ROWS
from watchfloor.release.gateway_table import (
    Change,
    GatewayError,
    changes,
    load,
    load_table,
    parse,
    pick,
    problems,
    texts,
)
from watchfloor.release.gateways import (
    CARRIED,
    RISK_STANDS,
    Party,
    Refused,
    RiskCheck,
    Statement,
    admits,
    permits,
    render,
)
from watchfloor.release.institutions import INSTITUTIONS

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
    with pytest.raises(Refused) as caught:
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
    with pytest.raises(Refused):
        admits(ABROAD, CELL, STATE, stated(ABROAD), DAY)


def test_every_refusal_says_in_both_languages_what_to_do():
    found = {id_: message for id_, message in MESSAGES.items() if id_.startswith("gateway.")}
    assert len(found) > 15
    for message in found.values():
        for text in (message.en, message.fr):
            assert (
                "watchfloor " in text
                or "--" in text
                or "gateways.toml" in text
                or "personne" in text
                or ("person" in text)
            ), message.id


def test_a_refusal_names_institutions_in_the_language():
    with pytest.raises(Refused) as caught:
        permits(SMUGGLING, AGENCY, CELL, stated(SMUGGLING), DAY)
    assert "lets these disclose: FINTRAC" in str(caught.value)
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
    leads = [row for row in ROWS_.values() if "reporting-entity" in row.from_ and "joint-cell" in row.to]
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


# A node's own file

NEW = """
[gateway.port-27]
law = "CA"
section = "107(5)(b)"
from = ["border-agency"]
to = ["other-department"]
purpose = "smuggling"
test.en = "Its own Act entitles the port authority to it."
test.fr = "La loi de l’autorité portuaire lui donne droit à l’information."
forms = ["evidence"]
fields = ["goods"]
since = 2026-01-01
"""


def own(tmp_path, text):
    path = tmp_path / "gateways.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_nodes_file_adds_a_row(tmp_path):
    path = own(tmp_path, NEW)
    row = pick(load(path), "port-27")
    assert row.to == {"other-department", "marine-operations-centre"}
    assert row.citation == "CA 107(5)(b)"
    assert changes(path) == [Change("widens", "port-27", "added")]


def test_a_nodes_file_ends_a_row(tmp_path):
    path = own(tmp_path, "[gateway.scida-5]\nexpires = 2026-11-23\n")
    row = load(path)["scida-5"]
    assert not row.stands(DAY)
    assert row.test == ROWS_["scida-5"].test
    assert changes(path) == [Change("narrows", "scida-5", "expires")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('forms = ["signal"]', [("narrows", "forms")]),
        ('forms = ["signal", "evidence", "pointer"]', [("widens", "forms")]),
        ('to = ["police"]', [("widens", "to"), ("narrows", "to")]),
        ('needs = ["accuracy"]', [("narrows", "needs")]),
        ("records = []", [("widens", "records")]),
        ("since = 2030-01-01", [("narrows", "since")]),
        ("since = 2001-01-01", [("widens", "since")]),
        ('fields = ["signals", "payments"]', [("widens", "fields")]),
        ('caveats = ["x"]', [("narrows", "caveats")]),
        ('test.en = "otherwise"', [("rewords", "test")]),
    ],
)
def test_a_nodes_file_says_where_it_narrows_and_where_it_widens(tmp_path, text, found):
    path = own(tmp_path, f"[gateway.pcmltfa-55-3-e]\n{text}\n")
    assert [(one.direction, one.key) for one in changes(path)] == found


def test_who_is_part_of_whom_can_be_narrowed(tmp_path):
    path = own(tmp_path, "[part_of]\njoint-cell = []\n")
    assert "joint-cell" not in load(path)["pcmltfa-55-3-e"].to
    assert {one.direction for one in changes(path)} == {"narrows"}


def test_a_countrys_caveats_go_with_every_row_that_leads_there(tmp_path):
    path = own(tmp_path, '[country.USA]\ncaveats = ["no-removal"]\n')
    table = load(path)
    abroad = table["customs-107-8"]
    assert permits(abroad, AGENCY, PARTNER, stated(abroad), DAY, risk_check=CHECK).caveats == {"no-removal"}
    british = replace(PARTNER, name="gb", country="GBR")
    check = replace(CHECK, partner="gb", country="GBR")
    assert permits(abroad, AGENCY, british, stated(abroad), DAY, risk_check=check).caveats == frozenset()
    assert permits(SHARED, AGENCY, CELL, stated(SHARED), DAY).caveats == frozenset()
    assert {(one.direction, one.key) for one in changes(path)} == {("narrows", "abroad")}


def test_a_file_that_is_not_there_changes_nothing(tmp_path):
    assert load(tmp_path / "gateways.toml") == load()
    assert changes(tmp_path / "gateways.toml") == []


def test_what_is_no_text_is_refused(tmp_path):
    path = tmp_path / "gateways.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(GatewayError, match="no UTF-8"):
        load(path)


def test_an_unknown_gateway_names_the_nearest():
    with pytest.raises(GatewayError, match="nearest is 'scida-5'"):
        pick(ROWS_, "scida5")


def row(**changed):
    """The text of a new row with keys changed or, for None, left out."""
    lines = dict(line.split(" = ", 1) for line in NEW.strip().splitlines()[1:]) | changed
    return "[gateway.port-27]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items() if value)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (row(law='"CAA"'), 2, "'CAA' is no law, the nearest is 'CA'"),
        (row(purpose='"smugling"'), 6, "nearest is 'smuggling'"),
        (row(to='["police-force"]'), 5, "nearest is 'police'"),
        (row(**{"from": "[]"}), 4, "is empty"),
        (row(fields='["good"]'), 10, "nearest is 'goods'"),
        (row(records='["scida-9"]'), 12, "'scida-9' is no record"),
        (row(forms='["evidense"]'), 9, "Invalid enum value 'evidense'"),
        (row(since='"soon"'), 11, "Invalid RFC3339"),
        (row(since="2026-02-30"), 11, "Invalid date"),
        (row(expires="2025-12-31"), 12, "never stands"),
        (row(to='["foreign-partner"]'), 5, "foreign = true"),
        (row(to='["foreign-state"]'), 5, "watchfloor letter draft"),
        (row(foreign="true"), 12, "two rows"),
        (row(needs='["basis"]'), 12, "basis.en"),
        (row(fields='["signals"]'), 10, "no kind has columns"),
        (row(forms='["signal"]'), 10, "a signal cannot be without desk"),
        (row(expire="2026-12-31"), 12, "did you mean 'expires'"),
        (row(law=None), 1, "missing required field `law`"),
        (row(test_en=None).replace("test.en", "#"), 1, "missing required field `en`"),
        (NEW + "[gateway.port-27]\n", 13, "is there already, on line 2"),
        ("[gatway.x]\n", 1, "the nearest is 'gateway'"),
        ("gateway = 3\n", 1, "is no table"),
        ("[gateway]\nx = 3\n", 2, "Expected `object`"),
        ('[fields.x]\npaymint = ["amount"]\n', 2, "nearest is 'payment'"),
        ('[fields.x]\npayment = ["amont"]\n', 2, "nearest is 'amount'"),
        ('[fields.x]\npayment = ["marking"]\n', 2, "always goes"),
        ('[fields.x]\npayment = ["str_filed"]\n', 2, "suspicious transaction report"),
        ('[fields.strs]\npayment = ["amount"]\n', 2, "suspicious transaction report"),
        ('[part_of]\njoint-cell = ["armada"]\n', 2, "'armada' is no kind of institution"),
        ('[gateway.pcmltfa-11-01]\nfields = ["signals", "payments"]\n', 2, "payment.memo is prose"),
        ("[record.scida-9-1]\ndue = '02-40'\n", 2, "'02-40' is no day"),
        ("[country.usa]\ncaveats = ['x']\n", 1, "'usa' is no country"),
        ("[country.USA]\ncaveats = ['a,b']\n", 2, "'a,b' cannot stand in a marking"),
        (row(caveats="['a//b']"), 12, "'a//b' cannot stand in a marking"),
    ],
)
def test_what_is_wrong_is_named_by_line(text, line, said):
    found = problems(*texts(), ("own.toml", text), on=DAY)
    fatal = [one.text for one in found if one.fatal]
    assert any(said in one and ("own.toml" in one) for one in fatal), found
    assert any(f"line {line}" in one for one in fatal), found
    with pytest.raises(GatewayError):
        parse(*texts(), ("own.toml", text))


def test_all_that_is_wrong_is_told_at_once():
    text = row(law='"CAA"', purpose='"smugling"', fields='["good"]')
    assert len(problems(*texts(), ("own.toml", text))) == 3
    with pytest.raises(GatewayError, match="and 2 more"):
        parse(*texts(), ("own.toml", text))


def test_a_row_that_has_ended_or_not_begun_is_a_note():
    text = "[gateway.scida-5]\nexpires = 2026-11-23\n[gateway.scida-return]\nsince = 2026-11-25\n" + NEW
    found = problems(*texts(), ("own.toml", text), on=DAY)
    assert [one.fatal for one in found] == [False, False, False]
    assert "line 2: gateway.scida-5.expires: ended on 2026-11-23" in found[0].text
    assert "begins on 2026-11-25" in found[1].text
    assert "nobody has said that the provision was read" in found[2].text


KEYS = [
    "gateway",
    "fields",
    "law",
    "part_of",
    "x",
    "since",
    "to",
    "test",
    "scida-5",
    "pcmltfa-55-3-e",
    "payment",
]
VALUES = st.sampled_from(
    ["3", '"x"', "[]", '["police"]', "2026-02-28", "true", "{ en = 'a' }", "nan", "[[1]]"]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3), VALUES)
        | st.tuples(st.lists(st.sampled_from(KEYS), min_size=1, max_size=2), st.just("")),
        max_size=6,
    )
    | st.text(max_size=60)
)
def test_any_text_is_read_or_refused_in_sentences(lines):
    text = (
        lines
        if isinstance(lines, str)
        else "\n".join(
            f"{'.'.join(keys)} = {value}" if value else f"[{'.'.join(keys)}]" for keys, value in lines
        )
    )
    found = problems(*texts(), ("own.toml", text), on=DAY)
    assert all("own.toml" in one.text for one in found)
    if any(one.fatal for one in found):
        with pytest.raises(GatewayError):
            parse(*texts(), ("own.toml", text))
    else:
        assert set(parse(*texts(), ("own.toml", text)).gateways) >= set(ROWS_)


def test_the_packaged_file_is_clean():
    assert problems(*texts(), on=DAY) == []
    assert set(ROWS) == {"part_of", "law", "purpose", "country", "fields", "record", "gateway"}
