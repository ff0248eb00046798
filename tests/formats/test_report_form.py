from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.reports import FORM, check, faults, rows

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.documents import form as report_form
from watchfloor.formats.documents import rows as report_rows
from watchfloor.formats.documents import text as report_text
from watchfloor.formats.registry import recognise


def read(text, form=report_form):
    pieces = list(form.read(BytesIO(text.encode() if isinstance(text, str) else text), "x.txt"))
    check(pieces)
    return pieces


def test_a_form_becomes_a_report_and_its_names_parties():
    pieces = read(FORM)
    assert not faults(pieces)
    (report,) = rows(pieces)
    assert report["report_key"] == "MU4-2026-17"
    assert (report["reliability"], report["credibility"]) == ("B", "2")
    assert report["observed_at"] == datetime(2026, 11, 20, 3, 10, tzinfo=UTC)
    assert report["caveats"] == ["not for court"]
    assert report["subjects"] == ["vessel:imo:9074729"]
    assert [one["marking"] for one in report["portions"]] == ["U//TLP:CLEAR", "PB//TLP:CLEAR"]
    assert report["marking"] == "PB//TLP:CLEAR"
    assert {one["subject"] for one in report["mentions"]} == {
        *("person:name:Wren Halloway", "person:name:Desmond Okonedo"),
        *("account:iban:FI2112345600000785", "company:name:Ostrava Meridian Reagents Limited"),
    }
    parties = rows(pieces, "party")
    assert [(one["name"], one["schema"], one["role"]) for one in parties] == [
        ("Wren Halloway", "Person", "mentioned"),
        ("Desmond Okonedo", "Person", "mentioned"),
        ("Ostrava Meridian Reagents Limited", "Company", "mentioned"),
    ]
    assert {one["marking"] for one in parties} == {"PB//TLP:CLEAR"}
    assert parties[0]["origins"] == ["MU4-2026-17"]
    assert "near the landing" in parties[0]["context"]


def test_toml_says_the_same():
    text = FORM.partition("\n\n")[2]
    head = '+++\ntitle = "Night crossing"\nnumber = "MU4-2026-17"\n'
    head += 'date = 2026-11-20T03:10:00Z\nrating = "B2"\n+++\n'
    (one,), (other,) = rows(read(head + text)), rows(read(FORM))
    for name in ("title", "report_key", "observed_at", "reliability", "credibility", "portions", "mentions"):
        assert one[name] == other[name]


def test_broken_toml_is_told():
    with pytest.raises(FormatError, match="no TOML"):
        read("+++\ntitle = \n+++\nText")


def test_a_report_that_does_not_say_when_waits_in_quarantine():
    (fault,) = read("Title: T\nRating: B2\n\nText.\n")
    assert "does not say when" in fault.reason
    assert "Date: 2026-11-24" in fault.reason


def test_a_wrong_rating_is_told_and_the_report_kept():
    pieces = read("Title: T\nDate: 2026-11-20\nReliability: G\n\nText.\n")
    (fault,) = faults(pieces)
    assert "none of A to F" in fault.reason
    assert rows(pieces)[0]["reliability"] is None


def test_an_unreadable_marking_is_told_and_strictest():
    pieces = read("Title: T\nDate: 2026-11-20\n\n(PB//Q) Text.\n")
    (fault,) = faults(pieces)
    assert "'PB//Q'" in fault.reason
    assert rows(pieces)[0]["marking"] == "PC//TS//TLP:RED//REL:"


def test_the_marking_of_the_header_counts():
    assert rows(read("Title: T\nDate: 2026-11-20\nMarking: S//REL TO CAN, USA\n\nText.\n"))[0]["marking"] == (
        "S//TLP:CLEAR//REL:CAN,USA"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding):
    data = FORM.replace("landing", "débarcadère").encode(encoding)
    assert "débarcadère" in rows(read(data))[0]["portions"][0]["text"]


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        "report_key,role,name,observed_at\n1,payee,Ann Roy,2026-11-24\n",
        '{"id": "x", "schema": "Person", "properties": {"name": ["A"]}}\n',
        "<html></html>",
        "Dear all,\n\nsee you: tomorrow\n",
        "key: value\nother: thing\n",
        "title;date\nx;2026-11-24\n",
        "",
    ],
)
def test_other_files_are_no_forms(text):
    found = recognise(Head("x.txt", text.encode()))
    assert found is None or not found.name.startswith("report-")


def test_a_form_is_recognised_and_plain_text_is_not():
    assert recognise(Head("x.txt", FORM.encode())).name == "report-form"
    assert report_text.sniff(Head("x.txt", FORM.encode())) == 0


def test_plain_text_with_a_date():
    pieces = read("Date: 2026-11-20\n\nWren Halloway drove.\n\nThen nothing.\n", report_text)
    assert [one["text"] for one in rows(pieces)[0]["portions"]] == ["Wren Halloway drove.", "Then nothing."]


@pytest.mark.parametrize(("data", "says"), [(b"", "is empty"), (b"Title: T\n" + b"\0" * 900, "is no text")])
def test_what_is_no_text_is_told(data, says):
    for form in (report_form, report_text):
        with pytest.raises(FormatError, match=says):
            read(data, form)


def test_a_long_paragraph_is_cut_between_words():
    text = "Title: T\nDate: 2026-11-20\n\n" + "word " * 10_000
    portions = rows(read(text))[0]["portions"]
    assert len(portions) > 2
    assert " ".join(one["text"].strip() for one in portions).split() == ["word"] * 10_000


def test_signs_that_turn_the_line_are_left_out():
    assert rows(read("Title: T\nDate: 2026-11-20\n\nA\u202eB\x1b[2J\n"))[0]["portions"][0]["text"] == "AB[2J"


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30),
        min_size=1,
        max_size=6,
    )
)
def test_no_word_is_lost(paragraphs):
    text = "Title: T\nDate: 2026-11-20\n\n" + "\n\n".join(paragraphs)
    pieces = read(text)
    body = report_form.split(report_rows.clean(text), "x")[1]
    kept = "".join(one["text"] for row in rows(pieces) for one in row["portions"])
    assert "".join(kept.split()) == "".join(body.split())
