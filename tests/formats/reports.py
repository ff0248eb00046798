"""Documents for the tests of report readers, made by hand: PDF, Word, e-mail, the form. Nobody is real."""

import zlib
from email.message import EmailMessage
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa

from watchfloor.formats.base import WHOLE_FILE, Fault

FORM = """\
Title: Night crossing
Author: Marine unit 4
Number: MU4-2026-17
Date: 2026-11-20 03:10
Source reliability: B
Information credibility: 2
Caveats: not for court
Files: PROS 2026-114; CPIC 88-1
Subjects: vessel:imo:9074729
Hypothesis: unlawful-crossing

(U) At 0300 Wren Halloway was seen near the landing. Account FI21 1234 5600 0007 85.

(PB) She met Desmond Okonedo, of Ostrava Meridian Reagents Limited.
"""


def rows(pieces, kind="report"):
    """Rows of one kind among what a reader gave."""
    return [
        row
        for one in pieces
        if not isinstance(one, Fault) and one.kind.name == kind
        for row in one.rows.to_pylist()
    ]


def faults(pieces):
    return [one for one in pieces if isinstance(one, Fault)]


def texts(pieces):
    """The text of each portion of the only report."""
    (report,) = rows(pieces)
    return [one["text"] for one in report["portions"]]


def check(pieces):
    """What holds for whatever a reader makes of whatever file."""
    for one in pieces:
        if isinstance(one, Fault):
            assert one.reason
            assert one.locator
            assert len(one.raw) <= 1 << 16
            continue
        assert one.rows.schema.equals(one.kind.body.append(pa.field("marking", pa.string(), nullable=False)))
        for row in one.rows.to_pylist():
            assert row["observed_at"] is not None
            if one.kind.name == "report":
                assert row["portions"]
                assert row["locator"] == WHOLE_FILE or row["locator"].startswith("attachment ")
                for mention in row["mentions"]:
                    text = row["portions"][mention["portion"]]["text"]
                    assert text[mention["start"] :].startswith(mention["text"])


def pdf(*pages, scripts=False, image=(), flate=True):
    """A PDF of these pages, each a list of lines; those whose number is in `image` show a picture instead."""
    objects = []

    def add(data):
        objects.append(data)
        return len(objects)

    kids = b" ".join(b"%d 0 R" % (5 + 2 * i) for i in range(len(pages)))
    add(b"<< /Type /Catalog /Pages 2 0 R" + b" /OpenAction << /S /JavaScript /JS (x) >>" * scripts + b" >>")
    add(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids))
    add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    add(
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
        b" /Length 1 >>\nstream\n\x80\nendstream"
    )
    for number, lines in enumerate(pages, 1):
        add(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> /XObject << /I 4 0 R >> >> >>" % (6 + 2 * (number - 1))
        )
        shown = b"q 500 0 0 700 50 50 cm /I Do Q" if number in image else _page(lines)
        data, filtered = (zlib.compress(shown), b"/Filter /FlateDecode ") if flate else (shown, b"")
        add(b"<< %s/Length %d >>\nstream\n%s\nendstream" % (filtered, len(data), data))
    info = add(b"<< /CreationDate (D:20261120031000-05'00') /Title (Ferry landing) /Author (Unit 9) >>")
    return _file(objects, info)


def _page(lines):
    shown = [
        line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        for line in lines
    ]
    return b"BT /F1 11 Tf 14 TL 72 720 Td " + b" ".join(b"(%s) Tj T*" % line for line in shown) + b" ET"


def _file(objects, info):
    out, places = b"%PDF-1.4\n", []
    for number, data in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, data)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    tail = b"trailer << /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        info,
        len(out),
    )
    return out + head + tail


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(*paragraphs, header=(), created="2026-11-20T08:10:00Z", extra=None):
    """A Word document of these paragraphs; `extra` holds further members by name."""
    sink = BytesIO()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml", f"<w:document {_W}><w:body>{_paragraphs(paragraphs)}</w:body></w:document>"
        )
        if header:
            archive.writestr("word/header1.xml", f"<w:hdr {_W}>{_paragraphs(header)}</w:hdr>")
        archive.writestr(
            "docProps/core.xml",
            '<cp:coreProperties xmlns:cp="c" xmlns:dc="d" xmlns:dcterms="t">'
            "<dc:title>Ferry landing</dc:title>"
            f"<dc:creator>Unit 9</dc:creator><dcterms:created>{created}</dcterms:created>"
            "</cp:coreProperties>",
        )
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return sink.getvalue()


def _paragraphs(paragraphs):
    return "".join(
        one if one.startswith("<") else f"<w:p><w:r><w:t>{one}</w:t></w:r></w:p>" for one in paragraphs
    )


def eml(text="(U) Seen at the landing.\n\n(PB) Wren Halloway drove.\n", html=None, attached=(), **headers):
    """A message; `attached` are pairs of name and bytes."""
    message = EmailMessage()
    said = {"From": "Unit 9 <unit@floor.example>", "To": "watch@floor.example", "Subject": "Ferry landing"}
    said |= {"Date": "Fri, 20 Nov 2026 03:10:00 -0500", "Message-ID": "<17@floor.example>"} | headers
    for name, value in said.items():
        if value is not None:
            message[name.replace("_", "-")] = value
    if text is not None:
        message.set_content(text)
    if html is not None:
        (message.add_alternative if text is not None else message.set_content)(html, subtype="html")
    for name, data in attached:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()
