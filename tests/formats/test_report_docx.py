from io import BytesIO
from zipfile import ZipFile

import pytest
from tests.formats.reports import check, docx, faults, rows, texts

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.documents import docx as report_docx
from watchfloor.formats.registry import recognise

BODY = ("(U) Seen at the landing.", "(PB) Wren Halloway &amp; others.")


def read(data):
    pieces = list(report_docx.read(BytesIO(data), "r.docx"))
    check(pieces)
    return pieces


def test_paragraphs_become_portions():
    pieces = read(docx(*BODY, header=("PROTECTED B",)))
    assert not faults(pieces)
    (report,) = rows(pieces)
    assert texts(pieces) == ["PROTECTED B", "(U) Seen at the landing.", "(PB) Wren Halloway & others."]
    assert (report["title"], report["author"]) == ("Ferry landing", "Unit 9")
    assert report["observed_at"].isoformat() == "2026-11-20T08:10:00+00:00"
    assert report["marking"] == "PB//TLP:CLEAR"


def test_tables_boxes_and_changes():
    cell = "<w:p><w:r><w:t>In a</w:t><w:tab/><w:t>cell.</w:t></w:r></w:p>"
    table = f"<w:tbl><w:tr><w:tc>{cell}</w:tc></w:tr></w:tbl>"
    gone = "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
    deleted = f"<w:p>{gone}<w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>"
    box = (
        '<w:p xmlns:mc="m"><mc:AlternateContent><mc:Choice><w:txbxContent>'
        "<w:p><w:r><w:t>boxed</w:t></w:r></w:p>"
        "</w:txbxContent></mc:Choice><mc:Fallback><w:p><w:r><w:t>boxed</w:t></w:r></w:p></mc:Fallback>"
        "</mc:AlternateContent></w:p>"
    )
    assert texts(read(docx("One.", table, deleted, box))) == ["One.", "In a\tcell.", "new", "boxed"]


def test_macros_and_embedded_files_are_named_and_not_run():
    pieces = read(
        docx(*BODY, extra={"word/vbaProject.bin": b"macro", "word/embeddings/oleObject1.bin": b"x" * 9})
    )
    macro, embedded = sorted(texts(pieces)[-2:], reverse=True)
    assert "macros; they were not run" in macro
    assert "9 bytes" in embedded
    assert "an embedded file; it was not opened" in embedded


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(report_docx, "MAX_UNPACKED", 1 << 20)
    monkeypatch.setattr(ZipFile, "read", lambda *_: pytest.fail("was unpacked"))
    with pytest.raises(FormatError, match="zip bomb"):
        read(docx(*BODY, extra={"word/media/x.bin": bytes(2 << 20)}))


def test_a_document_type_is_not_expanded():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    data = docx(*BODY, extra={"word/comments.xml": bomb})
    pieces = read(data)
    assert "no part of a document" in faults(pieces)[0].reason
    assert texts(pieces)[0] == BODY[0]


def test_a_cut_part_gives_what_stands_before_the_cut():
    sink = BytesIO(docx())
    with ZipFile(sink) as archive:
        whole = archive.read("word/document.xml").decode()
    cut = whole.replace("<w:body>", "<w:body><w:p><w:r><w:t>First.</w:t></w:r></w:p><w:p><w:r>").split(
        "</w:body>"
    )[0]
    data = BytesIO()
    with ZipFile(data, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", cut)
        archive.writestr("docProps/core.xml", ZipFile(sink).read("docProps/core.xml"))
    pieces = read(data.getvalue())
    assert texts(pieces) == ["First."]
    assert "breaks off" in faults(pieces)[0].reason


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "has a password"),
        (docx(*BODY)[:200], "damaged or cut"),
    ],
)
def test_what_cannot_be_read_is_told(data, says):
    with pytest.raises(FormatError, match=says):
        read(data)


def test_no_date_is_told():
    (fault,) = read(docx(*BODY, created="soon"))
    assert "does not say when" in fault.reason


def test_a_document_is_recognised_and_a_workbook_is_not_one():
    assert recognise(Head("x", docx(*BODY))).name == "report-docx"
    assert report_docx.sniff(Head("x", b"PK\x03\x04[Content_Types].xml xl/workbook.xml")) == 0
    assert report_docx.sniff(Head("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) > 0
