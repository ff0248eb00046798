from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.test_gateways import AGENCY, CELL, CHECK, DAY, PARTNER, SHARED, stated
from tests.thorough import draws

from watchfloor.policy.gateway_rows import ROWS
from watchfloor.policy.gateway_table import (
    Change,
    GatewayError,
    changes,
    load,
    parse,
    pick,
    problems,
    texts,
)
from watchfloor.policy.gateways import Refusal, admits, permits

ROWS_ = load()


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
    assert row.to == {"other-department", "marine-operations-centre", "health-department"}
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


PARTNERS = """
[law.LEI]
country = "PRT"
title = { en = "A law of the partner's", fr = "Une loi du partenaire" }

[gateway.lei-7]
law = "LEI"
section = "7"
from = ["foreign-partner"]
to = ["border-agency"]
purpose = "smuggling"
test.en = "Its own law lets it."
test.fr = "Sa propre loi le permet."
forms = ["signal"]
fields = ["signals"]
foreign = true
since = 2026-01-01
checked = true
"""


def test_a_partners_law_brings_what_it_discloses_here(tmp_path):
    """Both nodes have the row: the partner, whose law it is, and we, who take it in."""
    row = load(own(tmp_path, PARTNERS))["lei-7"]
    lisbon = replace(PARTNER, name="lisbon", country="PRT")
    admits(row, lisbon, AGENCY, stated(row), DAY)
    check = replace(CHECK, partner=AGENCY.name, country="CAN")
    assert permits(row, lisbon, CELL, stated(row), DAY, risk_check=replace(check, partner=CELL.name))
    with pytest.raises(Refusal) as caught:
        admits(row, PARTNER, AGENCY, stated(row), DAY)
    assert caught.value.reason.message == "gateway.other-law"


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
        (row(forms='["evidense"]'), 9, "Invalid enum value 'evidense'; did you mean 'evidence'?"),
        (row(since='"soon"'), 11, "Invalid RFC3339"),
        (row(since="2026-02-30"), 11, "Invalid date"),
        (row(expires="2025-12-31"), 12, "never stands"),
        (row(to='["foreign-partner"]'), 5, "foreign = true"),
        (row(to='["foreign-state"]'), 5, "watchfloor share letter draft"),
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
        ('[fields.strs]\npayment = ["amount"]\n', 1, "suspicious transaction report"),
        ('[part_of]\njoint-cell = ["armada"]\n', 2, "'armada' is no kind of institution"),
        ('[gateway.pcmltfa-11-01]\nfields = ["signals", "payments"]\n', 2, "payment.memo is prose"),
        ("[record.scida-9-1]\ndue = '02-40'\n", 2, "'02-40' is no day"),
        ("[purpose.str]\nen = 'x'\nfr = 'y'\n", 1, "suspicious transaction report"),
        (row(caveats="['str-filed']"), 12, "suspicious transaction report"),
        (NEW.replace("port-27", "str-27"), 2, "suspicious transaction report"),
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


@settings(max_examples=draws(300), deadline=None)
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


def test_the_packaged_file_is_clean_but_for_a_decision_that_nobody_has_read_here():
    found = problems(*texts(), on=DAY)
    assert not any(one.fatal for one in found)
    unread = ["crown", "partnership-counts", "partnership-pack"]  # the latter two rest on no provision at all
    said = [one.text.partition(".checked: nobody has said") for one in found]
    assert all(middle for _, middle, _ in said)
    assert sorted(before.split("gateway.")[1] for before, _, _ in said) == unread
    assert set(ROWS) == {"part_of", "law", "purpose", "country", "fields", "record", "gateway"}
