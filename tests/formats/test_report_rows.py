from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.reports import check, faults, rows

from watchfloor.formats.documents import rows as report_rows
from watchfloor.formats.documents.header import About
from watchfloor.formats.documents.portions import Paragraph
from watchfloor.formats.documents.rows import Document, clean, paragraphs, pieces, together

DATED = About(observed_at=datetime(2026, 11, 20, tzinfo=UTC), report_key="P-1")


def read(*texts, about=DATED, **columns):
    found = list(pieces(Document([Paragraph(text) for text in texts], about, **columns)))
    check(found)
    return found


def test_a_name_is_a_party_once_and_a_mention_each_time():
    found = read("Ann Roy came.", "Then Ann Roy left.")
    assert [one["portion"] for one in rows(found)[0]["mentions"]] == [0, 1]
    (party,) = rows(found, "party")
    assert party["locator"] == "portion 1, character 1"
    assert party["subject"] is None  # the feed gives it the key of its name


def test_the_words_of_a_marking_are_no_mention():
    assert rows(read("(C//REL TO CAN, USA) Seen."))[0]["mentions"] == []


def test_notes_are_portions_and_may_be_all_there_is():
    (report,) = rows(read(notes=("[Page 1 without a text layer]",), text_from="image"))
    assert report["portions"][0]["text"] == "[Page 1 without a text layer]"


def test_nothing_is_a_fault():
    (fault,) = read()
    assert (fault.reason, fault.rest) == ("it holds no text", True)


def test_a_telephone_book_is_cut_and_told(monkeypatch):
    monkeypatch.setattr(report_rows, "MAX_NAMES", 2)
    found = read("Ann Roy, Luc Gagnon, Piotr Nowak.")
    assert len(rows(found, "party")) == 2
    assert "only the first 2" in faults(found)[0].reason


def test_pieces_of_one_delivery_share_the_strictest_marking():
    found = list(together([*read("(PA) One by Ann Roy."), *read("(S) Two.")]))
    assert {row["marking"] for kind in ("report", "party") for row in rows(found, kind)} == {
        "PA//S//TLP:CLEAR"
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a\n\nb", ["a", "b"]),
        ("a\nb", ["a\nb"]),
        ("(U) a\nmore\n(PB) b", ["(U) a\nmore", "(PB) b"]),
        ("\n \n", []),
        ("a\n   \nb\n", ["a", "b"]),
    ],
)
def test_paragraphs(text, found):
    assert [one.text for one in paragraphs(text)] == found


@given(st.text(st.characters(), max_size=200))
def test_clean_text_is_sound_and_stays_so(text):
    once = clean(text)
    once.encode()
    assert "\r" not in once
    assert "\0" not in once
    assert clean(once) == once
