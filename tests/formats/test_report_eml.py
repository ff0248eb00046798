from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest
from tests.formats.reports import check, docx, eml, faults, pdf, rows, texts

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.documents import eml as report_eml
from watchfloor.formats.documents.eml import plain_text
from watchfloor.formats.registry import recognise


def read(data):
    pieces = list(report_eml.read(BytesIO(data), "r.eml"))
    check(pieces)
    return pieces


def test_a_message_becomes_a_report():
    pieces = read(eml())
    (report,) = rows(pieces)
    assert texts(pieces) == ["Ferry landing", "(U) Seen at the landing.", "(PB) Wren Halloway drove."]
    assert report["author"] == "Unit 9 <unit@floor.example>"
    assert report["report_key"] == "<17@floor.example>"
    assert report["observed_at"].isoformat() == "2026-11-20T08:10:00+00:00"
    assert report["marking"] == "PB//TLP:CLEAR"
    assert [one["name"] for one in rows(pieces, "party")] == ["Wren Halloway"]


def test_html_alone_is_read_as_its_text():
    html = "<style>x</style><p>(PB) Seen at<br>the <b>landing</b>.</p><script>alert(1)</script>"
    html += "<p>Caf&eacute;</p>"
    pieces = read(eml(text=None, html=html))
    assert texts(pieces)[1:3] == ["(PB) Seen at\nthe landing.", "Café"]
    assert "alert" not in "".join(texts(pieces))
    assert rows(pieces)[0]["marking"] == "PB//TLP:CLEAR"


def test_plain_text_is_read_where_both_are_there():
    assert "two" not in "".join(texts(read(eml(text="one", html="<p>two</p>"))))


def test_programs_and_archives_are_named_and_not_opened():
    sink = BytesIO()
    with ZipFile(sink, "w") as archive:
        archive.writestr("inner.txt", "secret words")
    data = {"setup.exe": b"MZ\x90", "../../etc/passwd": b"root", "x.zip": sink.getvalue()}
    notes = [text for text in texts(read(eml(attached=data.items()))) if text.startswith("[Attachment")]
    assert len(notes) == 3
    for (name, held), note in zip(data.items(), notes, strict=True):
        assert name in note
        assert f"{len(held):,} bytes" in note
        assert sha256(held).hexdigest() in note
    assert "a program" in notes[0]
    assert "an archive; it was not unpacked" in notes[2]
    assert "secret words" not in "".join(notes)


def test_attached_documents_are_reports_that_repeat_the_message():
    attached = [("a.pdf", pdf(["(C) Seen again."])), ("b.docx", docx("(PB) And again."))]
    message, first, second = rows(read(eml(attached=attached)))
    assert [one["locator"] for one in (message, first, second)] == [
        "whole file",
        "attachment 1",
        "attachment 2",
    ]
    assert first["origins"] == second["origins"] == ["<17@floor.example>"]
    assert {one["marking"] for one in (message, first, second)} == {
        "PB//C//TLP:CLEAR"
    }  # one delivery, one marking
    assert report_eml.piece(BytesIO(eml(attached=attached)), "attachment 1").startswith(b"%PDF")
    assert report_eml.piece(BytesIO(eml(attached=attached)), "attachment 3") is None


def test_a_broken_attachment_is_told():
    pieces = read(eml(attached=[("a.pdf", b"%PDF-1.4 rubbish")]))
    (fault,) = faults(pieces)
    assert fault.locator == "attachment 1"
    assert "damaged or cut" in fault.reason
    assert len(rows(pieces)) == 1


def test_a_message_within_is_named():
    outer = (
        b"From: a@b.example\nDate: Fri, 20 Nov 2026 03:10:00 +0000\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\nSee below.\n'
        b"--x\nContent-Type: message/rfc822\n\nFrom: c@d.example\nSubject: inner\n\nhidden\n--x--\n"
    )
    assert "a message within the message" in texts(read(outer))[-1]


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "cp1252", "utf-7", "no-such-thing", ""])
def test_charsets(charset):
    kind = f'; charset="{charset}"' if charset else ""
    data = "caf\u00e9".encode("utf-8" if charset in ("utf-8", "no-such-thing", "") else "cp1252")
    if charset == "utf-7":
        data = "caf\u00e9".encode("utf-7")
    head = f"From: a@b.example\nDate: Fri, 20 Nov 2026 03:10:00 +0000\nContent-Type: text/plain{kind}\n\n"
    assert texts(read(head.encode() + data)) == ["caf\u00e9"]


def test_many_parts_are_refused():
    parts = b"".join(b"--x\nContent-Type: text/plain\n\nx\n" for _ in range(report_eml.MAX_PARTS + 1))
    with pytest.raises(FormatError, match="more than 500 parts"):
        read(b'From: a@b.example\nContent-Type: multipart/mixed; boundary="x"\n\n' + parts + b"--x--\n")


@pytest.mark.parametrize("depth", [50, 400])
def test_parts_within_parts_without_end(depth):
    data = b"From: a@b.example\nDate: Fri, 20 Nov 2026 03:10:00 +0000\n"
    for level in range(depth):
        data += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level)
    (note,) = texts(read(data + b"\nend"))
    assert "end" in note or "it was not opened" in note


@pytest.mark.parametrize("data", [b"", b"\n\n"])
def test_nothing_is_told(data):
    with pytest.raises(FormatError, match="is empty"):
        read(data)


def test_no_date_is_told():
    assert "does not say when" in faults(read(eml(Date=None)))[0].reason


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (eml(), True),
        (b"From someone Fri Nov 20\nReceived: by x\nFrom: a@b\nDate: x\nSubject: y\n\nz", True),
        (b"Title: T\nDate: 2026-11-20\nRating: B2\n\nz", False),
        (b"a,b\n1,2\n", False),
        (b"From: Toronto\nTo: Ottawa\n\nby rail", False),
    ],
)
def test_recognition(data, is_one):
    found = recognise(Head("x", data))
    assert (found is not None and found.name == "report-eml") == is_one


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\n\n\nb"),
        ("a<br>b", "a\nb"),
        ("a<!-- x -->b", "ab"),
        ("<table><tr><td>a</td></tr></table>", "a"),
        ("<noscript>x</noscript><p>a", "a"),
        ("", ""),
        ("a" * 3, "aaa"),
    ],
)
def test_html(html, text):
    assert plain_text(html) == text
