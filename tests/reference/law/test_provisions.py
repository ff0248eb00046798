import io
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reference.law.statutes import BODY, element, parsed, statute

from watchfloor.reference.law.provisions import StatuteError, parse, read

LAWS = Path(__file__).parents[4] / "shared" / "data" / "law" / "gateways"
stored = pytest.mark.skipif(not LAWS.is_dir(), reason="the texts of Justice Laws are not on this machine")


def test_a_provision_has_its_label_its_words_and_its_days():
    law = parsed()
    assert (law.number, law.title, law.lang) == ("S-0.1", "Specimen Act", "en")
    labels = ["7", "7(1)", "7(1)(a)", "7(1)(b)", "7(1)(b)(i)", "7(1)(b)(ii)", "7(2)", "8"]
    assert list(law.provisions) == labels
    last = law.find("7(1)(b)(ii)")
    assert last.text == "named in the Customs Act."
    assert last.lead == "The Minister may disclose information to an institution, if it is"
    assert (last.fid, last.since, last.amended) == ("6", date(2010, 5, 1), date(2010, 5, 1))
    first = law.find("7(1)")
    assert (first.since, first.amended) == (date(2010, 5, 1), date(2012, 1, 1))
    assert first.own == "The Minister may disclose information to"
    assert "Sharing" not in law.find("7").text


def test_opening_words_may_be_younger_than_what_they_open():
    """Justice Laws dates the words of an amended subsection, and leaves the subsection its old day."""
    younger = BODY.replace("<Text>The Minister", '<Text lims:inforce-start-date="2026-03-26">The Minister')
    assert parsed(younger).find("7(1)").since == date(2026, 3, 26)
    assert parsed(younger).find("7(1)(a)").since == date(2012, 1, 1)


def test_what_is_enacted_and_not_in_force_has_no_day():
    assert parsed().find("8").since is None
    within = element("Section", 1, "9", "", element("Paragraph", 2, "(a)", "These words."), since="")
    assert parsed(within).find("9(a)").since is None


def test_what_is_repealed_is_not_found():
    with pytest.raises(LookupError, match="repealed"):
        parsed().find("7(2)")
    with pytest.raises(LookupError, match="has no 7\\(3\\)"):
        parsed().find("7(3)")


def test_amendments_not_in_force_are_no_provisions():
    assert "9" not in parsed().provisions


def test_both_texts_share_their_labels():
    french = BODY.replace(">(a)<", ">a)<").replace(">(ii)<", ">ii)<")
    assert list(parsed(french, lang="fr").provisions) == list(parsed().provisions)


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><Statute>&b;</Statute>'


@pytest.mark.parametrize(
    ("data", "id_"),
    [
        (b"", "law.not-xml"),
        (b"%PDF-1.7 no law", "law.not-xml"),
        (b"<html><body>Page not found</body></html>", "law.no-statute"),
        (b"<Statute><Body/></Statute>", "law.no-statute"),
        (statute()[:900], "law.truncated"),
        (statute().replace(b"</Label>", b"</Lable>", 1), "law.truncated"),
        (BOMB, "law.document-type"),
        (statute(first="yesterday"), "law.no-statute"),
    ],
)
def test_what_is_no_whole_statute_is_refused(data, id_):
    with pytest.raises(StatuteError) as caught:
        parse(io.BytesIO(data), "it.xml")
    assert caught.value.reason.message == id_
    assert "it.xml" in str(caught.value)


def test_any_cut_is_refused():
    """But for a cut in the white space at the end, which loses nothing."""
    whole = statute()
    for at in range(0, len(whole), 37):
        with pytest.raises(StatuteError):
            parse(io.BytesIO(whole[:at]), "it.xml")


@given(st.lists(st.tuples(st.integers(0, len(statute()) - 1), st.binary(max_size=4)), max_size=4))
def test_any_damage_is_refused_or_read(cuts):
    data = statute()
    for at, piece in cuts:
        data = data[:at] + piece + data[at + len(piece) // 2 :]
    with suppress(StatuteError):
        assert parse(io.BytesIO(data), "it.xml").provisions


@stored
def test_the_strengthening_act_dates_each_of_its_parts():
    law = read(LAWS / "S-22.5.xml")
    assert law.find("25").since == date(2026, 3, 27)
    assert law.find("28").since == date(2026, 3, 26)
    assert law.find("43").since is None
    assert "124" in law.provisions, "its label has a reference to a footnote"
    assert set(law.provisions) == set(read(LAWS / "fra-S-22.5.xml").provisions)


@stored
def test_the_opening_words_of_the_customs_facilities_are_of_2026():
    before, after = read(LAWS / "C-52.6@2026-01-27.xml"), read(LAWS / "C-52.6.xml")
    assert (before.find("6(1)").since, after.find("6(1)").since) == (date(2012, 12, 14), date(2026, 3, 26))
    assert before.provisions["97.01"].repealed
    assert "goods destined for export" in after.find("97.01(1)").text


@stored
@pytest.mark.parametrize("path", sorted(LAWS.glob("*.xml")), ids=lambda path: path.name)
def test_each_stored_text_is_read_whole(path):
    law = read(path)
    assert law.provisions
    assert all(one.text for one in law.provisions.values())
    assert all(one.since <= law.first for one in law.provisions.values() if one.since)
    assert max(one.amended for one in law.provisions.values() if one.amended) <= law.first
