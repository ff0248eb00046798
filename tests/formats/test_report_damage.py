"""Damaged reports, in every format: only `FormatError`, faults and sound rows come of them."""

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.reports import FORM, check, docx, eml, pdf
from tests.formats.test_list_damage import EDITS, damaged
from tests.thorough import draws

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.documents import docx as report_docx
from watchfloor.formats.documents import eml as report_eml
from watchfloor.formats.documents import form as report_form
from watchfloor.formats.documents import pdf as report_pdf
from watchfloor.formats.documents import text as report_text

LINES = ["Title: T", "Date: 2026-11-20", "(U) Seen by Ann Roy.", "(PB//REL TO CAN, USA) IMO 9074729, (B2)"]
SAMPLES = [
    (report_pdf.FORMAT, pdf(LINES, LINES, flate=False)),
    (report_docx.FORMAT, docx(*LINES, header=("PROTECTED B",), extra={"word/vbaProject.bin": b"x"})),
    (report_eml.FORMAT, eml("\n\n".join(LINES), "<p>x</p>", [("a.exe", b"MZ"), ("b.pdf", pdf(LINES))])),
    (report_form.FORMAT, FORM.encode()),
    (report_form.FORMAT, b'+++\ntitle = "T"\ndate = 2026-11-20\nrating = "B2"\n+++\n(U) Text.'),
    (report_text.FORMAT, "\n".join(LINES).encode()),
]
every = pytest.mark.parametrize(
    ("form", "data"), SAMPLES, ids=[f"{form.name}-{i}" for i, (form, _) in enumerate(SAMPLES)]
)


def read_whole(form, data):
    """What comes of a file; a whole file that is refused gives nothing."""
    assert 0 <= form.sniff(Head("x", data)) <= 1
    pieces = []
    with suppress(FormatError):
        for piece in form.read(BytesIO(data), "x"):
            pieces.append(piece)  # noqa: PERF402 - what came before an error counts
    check(pieces)
    return pieces


@every
def test_each_sample_is_read(form, data):
    assert any(hasattr(piece, "rows") for piece in read_whole(form, data))


@every
@settings(max_examples=draws(60), deadline=None)
@given(edits=EDITS)
def test_edits(form, data, edits):
    read_whole(form, damaged(data, edits))


@every
@settings(max_examples=draws(25), deadline=None)
@given(share=st.floats(0, 1))
def test_cuts(form, data, share):
    read_whole(form, data[: int(share * len(data))])


@every
@settings(max_examples=draws(25), deadline=None)
@given(noise=st.binary(max_size=300))
def test_noise(form, data, noise):
    read_whole(form, noise)
    read_whole(form, data[:8] + noise)


@every
def test_reading_twice_gives_the_same(form, data):
    assert read_whole(form, data) == read_whole(form, data)
