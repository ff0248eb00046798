"""Powers: which section covers what, what it asks for, and that the table says what the Act says."""

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import because

from watchfloor.casework.referrals import powers
from watchfloor.casework.referrals.powers import Stream, load, named, power
from watchfloor.cell.acts import Refusal
from watchfloor.formats.settings import SettingsError
from watchfloor.formats.tabular.fields import DIRECTIONS, INSPECTED_BY, MODES

ACT = Path(__file__).parents[4] / "shared/data/law/gateways/C-52.6.xml"
DATE = "{http://justice.gc.ca/lims}inforce-start-date"
TODAY = date(2026, 11, 24)
SAID = {
    "99(1)(a)": "goods that have been imported",
    "99(1)(b)": "mail that has been imported and, subject to this section, open or cause to be opened any "
    "such mail that the officer suspects on reasonable grounds",
    "99(1)(c)": "goods that are to be exported or that have been reported under section 95",
    "99(1)(c.1)": "mail that is to be exported and, subject to this section, open or cause to be opened any "
    "such mail that the officer suspects on reasonable grounds",
    "99(1)(e)": "suspects on reasonable grounds that this Act or the regulations or any other Act of "
    "Parliament",
    "99.3(3)": "found abandoned or that is not in the possession of any person in a customs controlled area",
}


def label(node):
    return "".join(node.findtext("Label", "").split())


@pytest.fixture(scope="module")
def law():
    """Provisions of the Act by number: the text and the day it is in force from."""
    if not ACT.exists():
        pytest.skip("needs law/gateways/C-52.6.xml of ../shared/data")
    found = {}
    for section in ET.parse(ACT).getroot().iter("Section"):
        for part in section.findall("Subsection"):
            found[label(section) + label(part)] = part
            for paragraph in part.findall("Paragraph"):
                found[label(section) + label(part) + label(paragraph)] = paragraph
    return {key: (" ".join("".join(node.itertext()).split()), node.get(DATE)) for key, node in found.items()}


def test_the_table_says_what_the_act_says_since_the_day_it_does(law):
    table = load()
    assert {one.section for one in table.power} == SAID.keys()
    for one in table.power:
        text, since = law[one.section]
        assert SAID[one.section] in text
        assert since == one.since.isoformat(), one.section
        assert ("suspects on reasonable grounds" in text) == (one.opens == "suspicion"), one.section


def test_the_rule_on_thirty_grams_is_repealed(law):
    assert any(
        "Repealed, 2017, c. 7, s. 52" in text for key, (text, _) in law.items() if key.startswith("99(2)")
    )


@given(st.sampled_from(MODES), st.sampled_from(DIRECTIONS), st.sampled_from(INSPECTED_BY))
def test_only_opening_mail_asks_for_suspicion_unless_an_officer_names_a_section_that_does(mode, way, means):
    table = load()
    try:
        one = power(table, "parcel:hawb:1", Stream(mode, way), TODAY)
    except Refusal:
        assert way in ("in-transit", "domestic")
        return
    assert way in ("inbound", "outbound")
    assert one.asks(means) == (mode == "post" and means == "open")
    assert (
        one.section
        == {
            ("inbound", True): "99(1)(b)",
            ("inbound", False): "99(1)(a)",
            ("outbound", True): "99(1)(c.1)",
            ("outbound", False): "99(1)(c)",
        }[way, mode == "post"]
    )


def test_a_number_of_the_post_is_mail_and_what_nobody_declared_is_refused():
    table = load()
    for mode in (None, *MODES):
        assert power(table, "parcel:s10:RR123456785CA", Stream(mode, "inbound"), TODAY).of == "mail"
    for stream in (Stream(None, "inbound"), Stream("courier", None)):
        with pytest.raises(Refusal, check=because("referrals.no-stream")):
            power(table, "parcel:hawb:1", stream, TODAY)


def test_an_officer_names_a_section_that_covers_it_and_no_other():
    table, courier = load(), Stream("courier", "in-transit")
    assert power(table, "parcel:hawb:1", courier, TODAY, "Customs Act s. 99(1)(e)").asks("x-ray")
    with pytest.raises(Refusal, check=because("referrals.not-that-power", of_words="mail")):
        power(table, "parcel:hawb:1", Stream("post", "inbound"), TODAY, "99(1)(e)")
    with pytest.raises(Refusal, check=because("referrals.no-power")):
        power(table, "parcel:hawb:1", courier, TODAY)
    with pytest.raises(Refusal, check=because("referrals.no-power")):
        power(table, "parcel:hawb:1", Stream("post", "outbound"), date(2017, 5, 17))


def test_a_section_is_cited_in_both_languages_and_found_again():
    table = load()
    cited = {one.section: (table.cited(one), table.cited(one, "fr")) for one in table.power}
    assert cited["99(1)(c.1)"] == ("Customs Act s. 99(1)(c.1)", "Loi sur les douanes, 99(1)c.1)")
    assert cited["99.3(3)"] == ("Customs Act s. 99.3(3)", "Loi sur les douanes, 99.3(3)")
    assert all(named(table, english).section == section for section, (english, _) in cited.items())
    assert named(table, "an Act, s. 1") is None


def test_a_floors_own_table_is_used_and_a_mistake_in_it_is_told(tmp_path):
    text = (Path(powers.__file__).parent / "powers.toml").read_text("utf-8")
    (tmp_path / "powers.toml").write_text(
        text.replace('mail = ["post"]', 'mail = ["post", "courier"]'), "utf-8"
    )
    assert power(load(tmp_path), "parcel:hawb:1", Stream("courier", "inbound"), TODAY).of == "mail"
    wrong = re.sub(r'checked = "act"', 'checked = "hearsay"', text, count=1)
    with pytest.raises(SettingsError, match="says nothing of 'hearsay'"):
        powers.read(wrong, "powers.toml")
