"""Schedules of substances: nested lists, tables and parts, and the law itself where it is at hand."""

from collections import Counter
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.lists.justice_schedules import Edition, Entry, pending, read

LAW = Path(__file__).parents[3] / "shared/data/law"

ACT = """<?xml version="1.0" encoding="utf-8"?>
<Statute xmlns:lims="http://justice.gc.ca/lims" lims:pit-date="2030-02-01" lims:current-date="2030-03-01"
 lims:inforce-start-date="2001-01-01" xml:lang="en">
<Identification><Chapter><ConsolidatedNumber>Z-9</ConsolidatedNumber></Chapter></Identification>
<Schedule lims:inforce-start-date="2020-01-01">
<ScheduleFormHeading><Label>SCHEDULE I</Label></ScheduleFormHeading>
<List>
 <Item lims:fid="1" lims:id="11" lims:inforce-start-date="2020-01-01"><Label>1</Label>
  <Text>Reds, their salts</Text>
  <List>
   <Item lims:fid="2" lims:id="12"><Label>(1)</Label>
    <Text>Red <Emphasis>one</Emphasis><FootnoteRef>7</FootnoteRef></Text></Item>
   <Item><Text>and the esters of (1), including</Text></Item>
   <Item lims:fid="3" lims:inforce-start-date="2029-05-01"><Label>(2)</Label><Text>Red two</Text>
    <List><Item><Label>(i)</Label><Text>Red deep</Text></Item></List></Item>
   <Item><Text>but not including:</Text></Item>
   <Item><Label>(3)</Label><Text>Red three</Text></Item>
  </List></Item>
 <Item><Label>2 and 3</Label><Text><Repealed>[Repealed, 2012, c. 1, s. 46]</Repealed></Text></Item>
 <Item><Label>4</Label><Text>Greens that correspond to</Text>
  <List><Item><Text>any substance that is green</Text>
   <List><Item><Label>(1)</Label><Text>Green one</Text></Item></List></Item></List></Item>
</List>
<HistoricalNote>
<HistoricalNoteSubItem lims:inforce-start-date="2029-05-01">SOR/2029-1, s. 2</HistoricalNoteSubItem>
</HistoricalNote></Schedule>
<Schedule lims:inforce-start-date="2028-01-01">
<ScheduleFormHeading><Label>SCHEDULE V</Label></ScheduleFormHeading>
<DocumentInternal><Group>
 <GroupHeading><Label>PART 2</Label><TitleText>Blues<FootnoteRef>1</FootnoteRef></TitleText></GroupHeading>
 <Provision><TableGroup><Caption>TABLE 3 — Mixtures</Caption><table><tgroup>
  <thead><row><entry/><entry>Column 1</entry></row><row><entry>Item</entry><entry>Substance</entry></row>
  </thead>
  <tbody lims:inforce-start-date="2028-02-02">
   <row lims:fid="9"><entry>1</entry><entry><Provision><Text>Blues, including</Text>
     <List><Item><Label>(1)</Label><Text>Blue one</Text></Item></List></Provision></entry>
    <entry>May 1, 2028 to April 30, 2029</entry></row>
   <row><entry>2</entry><entry><Provision><Text>Teals:</Text>
     <Provision><Label>(1)</Label><Text>Teal one</Text></Provision></Provision></entry>
    <entry>20 g</entry></row>
   <row><entry/><entry>no label</entry></row>
  </tbody></tgroup></table></TableGroup></Provision>
 <Provision><Footnote><Label>1</Label><Text>Each is blue.</Text></Footnote></Provision>
</Group></DocumentInternal></Schedule>
<Schedule><ScheduleFormHeading><Label>SCHEDULE VII</Label></ScheduleFormHeading>
 <Repealed>[Repealed]</Repealed></Schedule>
<Schedule id="NifProvs"><ScheduleFormHeading><Label>SCHEDULE IX</Label></ScheduleFormHeading>
 <List><Item><Label>1</Label><Text>Not in force</Text></Item></List></Schedule>
</Statute>"""


def entries(text=ACT):
    return list(read(BytesIO(text.encode()), "act.xml"))


def placed(found):
    return {(one.schedule, one.part, one.item): one for one in found if not one.continues}


def test_lists_tables_and_parts_give_every_item_where_it_stands():
    found = entries()
    assert found[0].edition == Edition("Z-9", "en", date(2030, 2, 1), date(2030, 3, 1))
    assert list(placed(found)) == [
        ("I", "", "1"),
        ("I", "", "1(1)"),
        ("I", "", "1(2)"),
        ("I", "", "1(2)(i)"),
        ("I", "", "1(3)"),
        ("I", "", "2"),
        ("I", "", "3"),
        ("I", "", "4"),
        ("I", "", "4(1)"),
        ("V", "2.3", "1"),
        ("V", "2.3", "1(1)"),
        ("V", "2.3", "2"),
        ("V", "2.3", "2(1)"),
        ("VII", "", ""),
    ]


def test_words_are_an_item_s_own_without_footnotes_and_what_stands_in_it():
    found = placed(entries())
    assert found["I", "", "1(1)"].text == "Red one"
    assert found["I", "", "1(2)"].text == "Red two"
    assert found["V", "2.3", "1"].text == "Blues, including"
    assert found["V", "2.3", "2"].text == "Teals:"


def test_an_unlabelled_item_speaks_for_all_that_follow():
    found = placed(entries())
    assert [found["I", "", item].excluded for item in ("1(1)", "1(2)", "1(2)(i)", "1(3)")] == [False] * 3 + [
        True
    ]
    assert found["I", "", "1(1)"].lead == ""
    assert found["I", "", "1(2)"].lead == "and the esters of (1), including"
    assert found["I", "", "4(1)"].lead == "any substance that is green"
    assert [one.text for one in entries() if one.continues] == [
        "and the esters of (1), including",
        "but not including:",
        "any substance that is green",
    ]


def test_days_are_an_item_s_own_or_those_of_the_nearest_around_it():
    found = placed(entries())
    assert found["I", "", "1(2)"].since == date(2029, 5, 1)
    assert found["I", "", "1(2)(i)"].since == date(2029, 5, 1)
    assert found["I", "", "1(3)"].since == date(2020, 1, 1)
    assert found["V", "2.3", "1(1)"].since == date(2028, 2, 2)
    assert found["V", "2.3", "1"].schedule_since == date(2028, 1, 1)
    assert found["I", "", "1(2)"].amended == ("SOR/2029-1, s. 2",)
    assert (found["I", "", "1(1)"].fid, found["I", "", "1(1)"].version) == ("2", "12")


def test_a_row_s_further_cells_go_with_all_that_stands_in_it():
    found = placed(entries())
    assert found["V", "2.3", "1(1)"].columns == ("May 1, 2028 to April 30, 2029",)
    assert found["V", "2.3", "2(1)"].columns == ("20 g",)


def test_what_is_repealed_is_marked_one_item_or_two_or_a_schedule():
    found = placed(entries())
    marks = {(one.schedule, one.item) for one in found.values() if one.repealed}
    assert marks == {("I", "2"), ("I", "3"), ("VII", "")}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("<Act/>", "<Act>"),
        ("<Statute/>", "does not say its language"),
        (ACT.replace("2030-03-01", "soon"), "does not say its language"),
        (ACT[: ACT.index("<Schedule ")] + "</Statute>", "without schedules of items"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><Statute/>', "document type"),
    ],
)
def test_what_is_no_act_with_schedules_is_refused(text, says):
    with pytest.raises(FormatError, match=says):
        entries(text)


def test_an_item_without_words_and_a_file_that_breaks_off_are_faults():
    found = entries(ACT.replace("Red two", ""))
    assert [one.locator for one in found if isinstance(one, Fault)] == ["Schedule I item 1(2)"]
    found = entries(ACT[: ACT.index("PART 2")])
    assert isinstance(found[-1], Fault)
    assert found[-1].rest
    assert len(found) > 5


def test_lists_without_end_end():
    deep = "<List><Item><Label>(a)</Label><Text>x</Text>" * 40 + "</Item></List>" * 40
    found = entries(ACT.replace("<List><Item><Label>(i)</Label><Text>Red deep</Text></Item></List>", deep))
    assert [one.reason for one in found if isinstance(one, Fault)] == ["lists more than 12 deep"]


@settings(max_examples=draws(60), deadline=None)
@given(st.data())
def test_a_damaged_file_gives_items_faults_or_a_format_error(data):
    raw = bytearray(ACT.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    try:
        found = list(read(BytesIO(bytes(raw)), "act.xml"))
    except FormatError:
        return
    assert all(isinstance(one, Entry | Fault) for one in found)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("C-38.8@2022-09-15.xml", {"I": 207, "II": 47, "III": 50, "IV": 148, "V": 5, "VI": 42, "IX": 2}),
        ("C-38.8@2026-07-23.xml", {"I": 211, "II": 47, "III": 50, "IV": 149, "V": 8, "VI": 54, "IX": 5}),
        ("fra-C-38.8@2026-07-23.xml", {"I": 211, "II": 47, "III": 50, "IV": 149, "V": 8, "VI": 54, "IX": 5}),
        ("SOR-2002-359@2026-07-23.xml", {"": 48}),
    ],
)
def test_the_law_itself_is_read_whole(name, counts):
    """As many items as `grep` counts elements of items, rows and labelled provisions; "25 and 26" is two."""
    if not (LAW / name).exists():
        pytest.skip(f"needs law/{name} of ../shared/data")
    with (LAW / name).open("rb") as stream:
        found = list(read(stream, name))
    assert not [one for one in found if isinstance(one, Fault)]
    counted = Counter(one.schedule for one in found)
    assert {schedule: n for schedule, n in counted.items() if schedule not in ("VII", "VIII")} == counts


NOT_YET = """<Schedule id="NifProvs"><BillPiece>
<RelatedOrNotInForce><Heading level="5"><TitleText> — SOR/2030-7, s. 1</TitleText></Heading>
 <Section><Label>1</Label><Text>Schedule V to the <XRefExternal>Act</XRefExternal><FootnoteRef>1</FootnoteRef>
  is amended by adding the following:</Text>
  <AmendedText><TableGroup><table><tgroup><tbody>
   <row><entry>1</entry><entry>Mauve (mauvine)</entry><entry>April 1, 2030 to March 31, 2031</entry></row>
  </tbody></tgroup></table></TableGroup></AmendedText></Section></RelatedOrNotInForce>
<RelatedOrNotInForce><Heading level="5"><TitleText> — SOR/2030-8, s. 2</TitleText></Heading>
 <Section><Label>2</Label><Text>Part 2 of Schedule VI to the Act is amended by adding the following after
  item 6:</Text><AmendedText><List><Item><Label>7</Label><Text>Ochre</Text></Item></List></AmendedText>
 </Section></RelatedOrNotInForce>
<RelatedOrNotInForce><Heading level="5"><TitleText> — SOR/2030-9, s. 3</TitleText></Heading>
 <Section><Label>3</Label><Text>Item 2 of Schedule V to the Act is deleted.</Text></Section>
</RelatedOrNotInForce></BillPiece></Schedule></Statute>"""


def test_amendments_not_in_force_are_read_by_themselves():
    text = ACT.replace("</Statute>", NOT_YET)
    found = list(pending(BytesIO(text.encode()), "act.xml"))
    assert [(one.schedule, one.part, one.item, one.text, one.columns, one.amended) for one in found] == [
        ("V", "", "1", "Mauve (mauvine)", ("April 1, 2030 to March 31, 2031",), ("SOR/2030-7, s. 1",)),
        ("VI", "2", "7", "Ochre", (), ("SOR/2030-8, s. 2",)),
    ]
    assert entries(text) == entries()
    assert list(pending(BytesIO(ACT.encode()), "act.xml")) == []
