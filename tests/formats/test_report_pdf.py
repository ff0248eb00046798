from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.reports import check, faults, pdf, rows, texts
from tests.thorough import draws

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.documents import pdf as report_pdf
from watchfloor.formats.registry import recognise

PAGE = [
    "PROTECTED B",
    "Title: Night crossing",
    "Source: B / Info: 2",
    "(U) The vessel IMO 9074729 lay at the landing for most of the",
    "night and left before the patrol came.",
    "(PB) Wren Halloway (file PROS: 2026-114) steered.",
]


def read(data):
    pieces = list(report_pdf.read(BytesIO(data), "r.pdf"))
    check(pieces)
    return pieces


def test_pages_become_portions_with_their_markings():
    pieces = read(pdf(PAGE, ["Second page."]))
    assert not faults(pieces)
    (report,) = rows(pieces)
    assert texts(pieces)[3:] == ["\n".join(PAGE[3:5]), PAGE[5], "Second page."]
    assert [one["page"] for one in report["portions"]] == [1] * 5 + [2]
    assert (report["title"], report["author"]) == ("Night crossing", "Unit 9")
    assert (report["reliability"], report["credibility"]) == ("B", "2")
    assert report["references"] == [{"system": "PROS", "number": "2026-114", "owner": None}]
    assert report["observed_at"] == datetime(2026, 11, 20, 8, 10, tzinfo=UTC)
    assert report["marking"] == "PB//TLP:CLEAR"
    assert report["text_from"] == "text"


def test_a_scan_is_a_report_that_says_what_it_is():
    pieces = read(pdf([], [], image=(1, 2)))
    (report,) = rows(pieces)
    assert report["text_from"] == "image"
    assert "Pages 1-2 without a text layer" in report["portions"][0]["text"]
    (fault,) = faults(pieces)
    assert "OCR" in fault.reason


def test_a_scanned_page_among_others_is_named():
    pieces = read(pdf(PAGE, [], ["End."], image=(2,)))
    (report,) = rows(pieces)
    assert report["text_from"] == "text"
    assert "Page 2 without a text layer" in texts(pieces)[-1]
    assert len(faults(pieces)) == 1


def test_an_empty_page_is_no_scan():
    assert not faults(read(pdf(PAGE, [])))


def test_scripts_are_said_and_not_run():
    assert texts(read(pdf(PAGE, scripts=True)))[-1] == "[The file holds scripts; they were not run.]"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\nrubbish", pdf(PAGE)[:300]])
def test_a_broken_file_is_told(data):
    with pytest.raises(FormatError, match=r"is empty|is no PDF that can be read"):
        read(data)


def test_a_password_is_told(monkeypatch):
    def refuse(_):
        raise report_pdf.pdfium.PdfiumError("Failed to load document (PDFium: Incorrect password error).")

    monkeypatch.setattr(report_pdf.pdfium, "PdfDocument", refuse)
    with pytest.raises(FormatError, match="protected by a password"):
        read(pdf(PAGE))


def test_a_pdf_is_recognised():
    assert recognise(Head("x", pdf(PAGE))).name == "report-pdf"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("D:20261120031000-05'00'", datetime(2026, 11, 20, 8, 10, tzinfo=UTC)),
        ("D:20261120031000Z", datetime(2026, 11, 20, 3, 10, tzinfo=UTC)),
        ("D:20261120", datetime(2026, 11, 20, tzinfo=UTC)),
        ("D:2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("D:20261320", None),
        ("yesterday", None),
    ],
)
def test_dates(text, moment):
    assert report_pdf.moment(text) == moment


@given(st.lists(st.integers(1, 60), unique=True, min_size=1).map(sorted))
def test_spans_name_every_number(numbers):
    named = [part.split("-") for part in report_pdf.spans(numbers).split(", ")]
    assert [n for part in named for n in range(int(part[0]), int(part[-1]) + 1)] == numbers


def test_many_pages_show_that_it_goes_on(monkeypatch):
    pieces = read(pdf(*[["Date: 2026-11-20", f"Page {number} text."] for number in range(1, 101)]))
    assert (
        len([one for one in pieces if not faults([one]) and not one.rows.num_rows]) == 100 // report_pdf.EVERY
    )
    monkeypatch.setattr(report_pdf, "MAX_PAGES", 10)
    pieces = read(pdf(*[[f"Page {number} text."] for number in range(1, 101)]))
    assert "pages 11 to 100 were not read" in faults(pieces)[0].reason
    assert texts(pieces)[-1] == "Page 10 text."


@settings(max_examples=draws(25), deadline=None)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20),
            min_size=1,
            max_size=5,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_no_letter_of_a_page_is_lost(pages):
    pieces = read(pdf(*pages))
    kept = "".join("".join(texts(pieces)).split())
    given = "".join(line for page in pages for line in page)
    assert kept.replace("-", "") == given.replace("-", "")  # a word broken at a line's end is joined


def test_a_word_broken_at_a_line_end_is_joined_and_a_number_is_not():
    pieces = read(pdf(["The contra-", "band of file 2026-", "114 was found."]))
    assert texts(pieces) == ["The contraband of file 2026-\n114 was found."]
