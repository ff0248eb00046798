"""What the program says that the law says, against the texts of Justice Laws, where they are here."""

from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from watchfloor.exchange.fintrac import clock

LAW = Path(__file__).parents[4] / "shared" / "data" / "law"
DAY = "2026-07-23"

pytestmark = pytest.mark.skipif(not LAW.is_dir(), reason="the texts of Justice Laws are not on this machine")


@cache
def sections(file):
    root = etree.parse(str(LAW / file)).getroot()
    body = root.find("Body").iter("Section")  # what follows it are sections of amending regulations
    return {one.findtext("Label"): " ".join("".join(one.itertext()).split()) for one in body}


PCMLTFA = "gateways/P-24.501.xml"


def test_section_7_asks_for_reasonable_grounds_also_of_what_was_attempted():
    text = sections(PCMLTFA)["7"]
    assert "every financial transaction that occurs or that is attempted" in text
    assert "reasonable grounds to suspect" in text
    assert "sanctions evasion offence" in text


@pytest.mark.parametrize("duty", [clock.CRIMINAL_CODE, clock.UNITED_NATIONS, clock.ECONOMIC, clock.MAGNITSKY])
def test_section_7_1_has_the_four_paragraphs(duty):
    text = sections(PCMLTFA)["7.1"]
    letter = duty.paragraph[-3:]
    part = text.split(letter, 1)[1].split(chr(ord(letter[1]) + 1).join("()"), 1)[0]
    named = {
        "(a)": "section 83.1 of the Criminal Code",
        "(b)": "United Nations Act",
        "(c)": "Part 1 of the Special Economic Measures Act",
        "(d)": "subsection 7(2) of the Justice for Victims of Corrupt Foreign Officials Act",
    }
    assert named[letter] in part


def test_section_8_is_about_intent():
    text = sections(PCMLTFA)["8"]
    assert "disclose that they have made, are making or will make a report under section 7" in text
    assert "with the intent to prejudice a criminal investigation" in text


@pytest.mark.parametrize("number", clock.SECTIONS)
def test_each_regulation_says_without_delay(number):
    section = clock.SECTIONS[number].partition("(")[0]
    text = sections(f"{number.replace('/', '-')}@{DAY}.xml")[section]
    assert "disclose without delay" in text.split("(2)")[0]


def test_a_copy_of_the_report_is_kept():
    assert "shall keep a copy of the report" in sections("gateways/SOR-2002-184.xml")["144"]


def test_what_was_not_read_is_not_quoted():
    for duty in (clock.CRIMINAL_CODE, clock.UNITED_NATIONS, clock.ECONOMIC, clock.MAGNITSKY):
        assert not duty.says
        assert "checked" in duty.checked


def test_it_is_kept_for_five_years():
    text = sections("gateways/SOR-2002-184.xml")["148"]
    assert "at least five years after" in text
    assert "the day on which they were created, in the case of all other records" in text
