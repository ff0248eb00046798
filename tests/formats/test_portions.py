import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.marking import PUBLIC, Marking, parse
from watchfloor.formats.documents.portions import (
    STRICTEST,
    Paragraph,
    UnreadableMarkingError,
    marking_text,
    portioned,
    read_marking,
    unmarked,
)

FVEY = "AUS,CAN,GBR,NZL,USA"


@pytest.mark.parametrize(
    ("text", "marking"),
    [
        ("U", "U//TLP:CLEAR"),
        ("NC", "U//TLP:CLEAR"),
        ("PB", "PB//TLP:CLEAR"),
        ("PROTECTED B", "PB//TLP:CLEAR"),
        ("PROTÉGÉ C", "PC//TLP:CLEAR"),
        ("C//REL TO CAN, USA", "C//TLP:CLEAR//REL:CAN,USA"),
        ("S//REL TO FVEY", f"S//TLP:CLEAR//REL:{FVEY}"),
        ("S//CEO", "S//TLP:CLEAR//REL:CAN"),
        ("TRÈS SECRET//SI", "TS//TLP:CLEAR//COMP:SI"),
        ("S//NOFORN", "S//TLP:CLEAR//REL:USA"),
        ("U//FOUO", "PB//TLP:AMBER"),
        ("TLP:AMBER", "U//TLP:AMBER"),
        ("TLP: AMBER+STRICT", "U//TLP:AMBER+STRICT"),
        ("TLP:WHITE", "U//TLP:CLEAR"),
        ("PB // TLP:RED", "PB//TLP:RED"),
        ("PB//ORCON", "PB//TLP:CLEAR//ORCON:unstated"),
        ("PB//TLP:AMBER//REL:CAN,USA//UNTIL:2028-12-31", "PB//TLP:AMBER//REL:CAN,USA//UNTIL:2028-12-31"),
    ],
)
def test_markings_as_people_write_them(text, marking):
    assert read_marking(text) == parse(marking)
    (portion,) = portioned([Paragraph(f"({text}) Seen.")]).portions
    assert portion.marking == parse(marking)


@pytest.mark.parametrize(
    "text", ["X", "S//Q", "REL TO CANADA", "C//REL TO CAN, UK", "TLP:PURPLE", "PROTECTED D", ""]
)
def test_others_are_refused(text):
    with pytest.raises(UnreadableMarkingError):
        read_marking(text)


def test_a_report_is_as_strict_as_its_strictest_paragraph():
    read = portioned(
        [
            Paragraph("(U) One."),
            Paragraph("(PB) Two."),
            Paragraph("(C//REL TO CAN, USA) Three."),
            Paragraph("Four."),
        ]
    )
    assert [one.marking is None for one in read.portions] == [False, False, False, True]
    assert str(read.marking) == "PB//C//TLP:CLEAR//REL:CAN,USA"
    assert not read.unreadable


@pytest.mark.parametrize("text", ["S//Q", "TLP:PURPLE", "PROTECTED D", "SECRET-ISH", "REL TO CANADA"])
def test_what_claims_to_be_a_marking_and_cannot_be_read_is_the_strictest(text):
    read = portioned([Paragraph(f"({text}) One.")])
    assert read.portions[0].marking is STRICTEST
    assert read.marking == STRICTEST
    assert read.unreadable == {0: text}


@pytest.mark.parametrize("text", ["RCMP", "SBX", "NEW"])
def test_a_few_capitals_are_a_marking_only_where_portions_are_marked(text):
    assert portioned([Paragraph(f"({text}) One.")]).marking == PUBLIC
    read = portioned([Paragraph(f"({text}) One."), Paragraph("(U) Two.")])
    assert read.unreadable == {0: text}
    assert read.marking == STRICTEST


@pytest.mark.parametrize("text", ["see annex", "c", "1", "II", "A", "Ann", "photo 3", "2026-11-24"])
def test_other_brackets_are_none(text):
    read = portioned([Paragraph(f"({text}) One."), Paragraph("(U) Two.")])
    assert read.portions[0].marking is None
    assert not read.unreadable


@pytest.mark.parametrize("before", ["", "  ", "1. ", "2.3 ", "- ", "• "])
def test_numbers_and_bullets_may_stand_before_it(before):
    assert marking_text(f"{before}(PB) Text") == "PB"


@pytest.mark.parametrize(
    ("line", "marking"),
    [
        ("PROTECTED B", "PB//TLP:CLEAR"),
        ("SECRET//REL TO CAN, USA", "S//TLP:CLEAR//REL:CAN,USA"),
        ("TLP:RED", "U//TLP:RED"),
        ("PROTÉGÉ B // TLP:AMBER", "PB//TLP:AMBER"),
    ],
)
def test_a_banner_counts_for_the_whole(line, marking):
    assert portioned([Paragraph(line), Paragraph("Text.")]).marking == parse(marking)


@pytest.mark.parametrize("line", ["C", "S", "SI", "Secret", "NC", "SUMMARY"])
def test_other_lines_are_no_banner(line):
    assert portioned([Paragraph(line), Paragraph("Text.")]).marking == PUBLIC


MARKINGS = st.builds(
    Marking,
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 4),
    st.none() | st.frozensets(st.sampled_from(["CAN", "USA", "GBR"]), min_size=1),
)


@given(st.lists(MARKINGS | st.none(), min_size=1, max_size=6))
def test_no_order_of_portions_loosens_a_report(markings):
    paragraphs = [Paragraph("Text." if one is None else f"({one}) Text.") for one in markings]
    read, back = portioned(paragraphs), portioned(paragraphs[::-1])
    assert read.marking == back.marking
    assert all(one is None or one <= read.marking for one in markings)


@given(st.text(max_size=40))
def test_any_text_gets_a_marking_or_none(text):
    read = portioned([Paragraph(f"({text}) x"), Paragraph("(PB) y")])
    assert parse("PB") <= read.marking


@given(st.text(max_size=60))
def test_without_its_marking_all_stands_where_it_stood(text):
    blank = unmarked(text)
    assert len(blank) == len(text)
    assert all(a in (b, " ") for a, b in zip(blank, text, strict=True))
