"""Reports as Word documents (Office Open XML): text of body, headers, footers, notes and comments.

The file is a zip archive of XML. It is held to limits before anything is unpacked, its XML is read by
`watchfloor.formats.xml_limits`, and macros and embedded files are named and never run.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile

from lxml import etree

from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.documents import rows
from watchfloor.formats.documents.attachment_notice import described
from watchfloor.formats.documents.header import filled, from_lines
from watchfloor.formats.documents.portions import Paragraph
from watchfloor.formats.documents.rows import Document, clean
from watchfloor.formats.tabular.spreadsheet import OLE
from watchfloor.formats.xml_limits import elements, local, text_of

MAX_BYTES: Final = 256 << 20
MAX_UNPACKED: Final = 128 << 20
"""Bytes that all parts of a document may unpack to together."""
MAX_PARTS: Final = 5_000

PARTS: Final = ("header", "document", "footnotes", "endnotes", "comments", "footer")
"""Parts of a document that hold text, in the order of reading; `header` stands for `header1` too."""

ROOTS: Final = frozenset({"hdr", "document", "footnotes", "endnotes", "comments", "ftr"})
PROPERTIES: Final = {
    "title": "title",
    "creator": "author",
    "identifier": "report_key",
    "created": "observed_at",
}
HIDDEN: Final = ("word/embeddings/", "word/activeX/", "word/vba", "word/attachedToolbars")


def sniff(head: Head) -> float:
    """Sure of a zip archive whose first members lie in `word/`; an old or encrypted document by its name."""
    if head.data.startswith(b"PK\x03\x04"):
        return 0.95 if b"word/" in head.data and b"[Content_Types].xml" in head.data else 0.0
    return (
        0.5 if head.data.startswith(OLE) and head.name.lower().endswith((".doc", ".docx", ".docm")) else 0.0
    )


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """One report. Raises `FormatError` for a file that is damaged, encrypted, too large, or no document."""
    data = stream.read(MAX_BYTES + 1)
    if not data:
        raise FormatError(f"{name} is empty: 0 bytes, where a Word document was expected")
    if data.startswith(OLE):
        raise FormatError(
            f"{name} is a Word document of the old form, or has a password: save it as .docx without one"
        )
    if len(data) > MAX_BYTES:
        raise FormatError(f"{name} is larger than {MAX_BYTES >> 20} MiB: deliver it in parts")
    with opened(data, name) as archive:
        yield from _document(archive)


@contextmanager
def opened(data: bytes, name: str) -> Iterator[ZipFile]:
    """Open the archive that a Word document is. Raises `FormatError` where it is damaged."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            _check(archive, name)
            yield archive
    except (
        BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        zlib.error,
        OSError,
        ValueError,
    ) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{name} is damaged or cut: {error}. Get a whole copy") from error


def _document(archive: ZipFile) -> Iterator[Batch | Fault]:
    members = archive.namelist()
    paragraphs: list[Paragraph] = []
    for part in (member for stem in PARTS for member in members if _is_part(member, stem)):
        found, fault = _text(archive.read(part), part)
        once = {one.text for one in paragraphs} if "header" in part or "footer" in part else set()
        paragraphs += [one for one in found if one.text not in once]
        if fault:
            yield fault
    lines = [line for one in paragraphs[:40] for line in one.text.split("\n")]
    header, _ = from_lines(lines, whole=False)
    about = filled(header, **_properties(archive))
    yield from rows.pieces(Document(paragraphs, about, tuple(_notes(archive))))


def _check(archive: ZipFile, name: str) -> None:
    """Refuse a trap before anything is unpacked; a member that unpacks to more than it says is cut there."""
    members = archive.infolist()
    size = sum(member.file_size for member in members)
    if size > MAX_UNPACKED or len(members) > MAX_PARTS:
        raise FormatError(
            f"{name} would unpack to {size:,} bytes in {len(members):,} parts, more than {MAX_UNPACKED:,}"
            f" bytes or {MAX_PARTS:,} parts, and looks like a zip bomb; nothing of it was read"
        )
    if "word/document.xml" not in archive.namelist():
        raise FormatError(f"{name} is no Word document: it has no part word/document.xml")


def _is_part(member: str, stem: str) -> bool:
    folder, _, file = member.rpartition("/")
    return (
        folder == "word" and file.endswith(".xml") and file.removesuffix(".xml").rstrip("0123456789") == stem
    )


def _text(data: bytes, part: str) -> tuple[list[Paragraph], Fault | None]:
    """Paragraphs of a part, as far as it can be read."""
    found: list[Paragraph] = []
    reason = ""
    try:
        for piece in elements(BytesIO(data), part, {"p"}, ROOTS):
            if isinstance(piece, Fault):
                reason = "breaks off or is damaged; what follows in it was not read. Get a whole copy"
            elif local(piece) == "p":
                found += rows.paragraphs(clean(_paragraph(piece)))
    except FormatError:
        reason = "is no part of a document, or goes beyond the limits for XML; it was not read further"
    return found, Fault(part, f"this part {reason}", b"") if reason else None


def _paragraph(element: etree._Element) -> str:
    """Text of one paragraph, without what a tracked change deleted and fallbacks for old programs repeat."""
    return "".join(_runs(element)).strip("\n")


def _runs(element: etree._Element) -> Iterator[str]:
    for child in element:
        name = local(child)
        if name == "t":
            yield child.text or ""
        elif name in ("tab", "br", "cr"):
            yield "\t" if name == "tab" else "\n"
        elif name not in ("Fallback", "pPr", "rPr", "del"):
            if name == "p":
                yield "\n"
            yield from _runs(child)


def _properties(archive: ZipFile) -> dict[str, object]:
    said: dict[str, object] = {}
    if "docProps/core.xml" not in archive.namelist():
        return said
    try:
        for piece in elements(
            BytesIO(archive.read("docProps/core.xml")),
            "docProps/core.xml",
            set(PROPERTIES),
            {"coreProperties"},
        ):
            if not isinstance(piece, Fault) and (name := PROPERTIES.get(local(piece))):
                said[name] = clean(text_of(piece)) or None
    except FormatError:
        return {}
    return said | {"observed_at": _moment(said.get("observed_at"))}


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _notes(archive: ZipFile) -> Iterator[str]:
    for member in archive.infolist():
        if (
            member.filename.startswith(HIDDEN)
            and not member.is_dir()
            and not member.filename.endswith((".xml", ".rels"))
        ):
            macro = "vba" in member.filename.lower()
            why = "macros; they were not run" if macro else "an embedded file; it was not opened"
            yield described("Part", member.filename, archive.read(member), why)


FORMAT: Final = Format("report-docx", ("report", "party"), sniff, read)
