"""Reports as PDF: the text layer, page by page, by pdfium.

Nothing in the file is run, followed or unpacked beside its text: no script, no form, no attachment. A page
that is an image without a text layer is said to be one; it is not read. Pages are let go one after the other,
so that memory is bounded by the largest of them and not by their number.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby
from time import monotonic
from typing import Any, BinaryIO, Final

import pypdfium2 as pdfium

from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.documents import rows
from watchfloor.formats.documents.header import KEYS, filled, from_lines
from watchfloor.formats.documents.portions import Paragraph, marking_text
from watchfloor.formats.documents.rows import MAX_CHARACTERS, Document, clean

MAX_BYTES: Final = 256 << 20
MAX_PAGES: Final = 10_000
MAX_SECONDS: Final = 300
"""Time that one file may take; a page can be made to draw for hours."""

EVERY: Final = 25
"""Pages after which the reader shows that it goes on."""

_DATE: Final = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-])(\d\d)'?(\d\d)?)?")
_BROKEN: Final = re.compile(r"(?<=[a-zß-ÿ])[\ufffe\x02](?:\r?\n)?(?=[a-zß-ÿ])")
_HYPHEN: Final = re.compile(r"[\ufffe\x02]")
_ITEM: Final = re.compile(r"\s*(?:\d+(?:\.\d+)*[.)]|[-–•*·]|\([a-z]\))\s+\S")
_KEY: Final = re.compile(r"([^\W\d_][\w' ’]{0,40}?)\s*:")


def sniff(head: Head) -> float:
    """Sure of the sign that every PDF has in its first kilobyte."""
    return 0.95 if b"%PDF-" in head.data[:1024] else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """One report. Raises `FormatError` for a file that is broken, protected by a password, or too large."""
    data = stream.read(MAX_BYTES + 1)
    if not data:
        raise FormatError(f"{name} is empty: 0 bytes, where a PDF was expected")
    if len(data) > MAX_BYTES:
        raise FormatError(f"{name} is larger than {MAX_BYTES >> 20} MiB: deliver it in parts")
    document = _open(data, name)
    try:
        yield from _document(document, scripts=b"/JavaScript" in data)
    finally:
        document.close()


def _open(data: bytes, name: str) -> Any:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "assword" in str(error) or "security" in str(error):
            raise FormatError(f"{name} is protected by a password: have it delivered without one") from error
        raise FormatError(
            f"{name} is no PDF that can be read: it is damaged or cut. Get a whole copy"
        ) from error


def _document(document: Any, *, scripts: bool) -> Iterator[Batch | Fault]:
    paragraphs: list[Paragraph] = []
    images: list[int] = []
    size, begun = 0, monotonic()
    for number in range(1, len(document) + 1):
        if number > MAX_PAGES or size > MAX_CHARACTERS or monotonic() - begun > MAX_SECONDS:
            yield Fault(f"page {number}", _beyond(number, len(document)), b"")
            break
        try:
            text, drawn = _page(document, number - 1)
        except pdfium.PdfiumError as error:
            yield Fault(f"page {number}", f"this page cannot be read: {error}", b"")
            continue
        size += len(text)
        paragraphs += _paragraphs(text, number)
        if drawn and not text.strip():
            images.append(number)
        if number % EVERY == 0:
            yield rows.step()
    if images:
        yield Fault("pages without text", _unread(images), b"")
    lines = [line for one in paragraphs[:40] for line in one.text.split("\n")]
    header, _ = from_lines(lines, whole=False)
    about = filled(header, **_properties(document))
    notes = tuple(_notes(document, images, scripts=scripts))
    text_from = "image" if images and not paragraphs else "text"
    yield from rows.pieces(Document(paragraphs, about, notes, text_from))


def _page(document: Any, index: int) -> tuple[str, bool]:
    """Text of a page, and whether something is drawn on one that has none."""
    page = document[index]
    try:
        layer = page.get_textpage()
        try:
            text = clean(_HYPHEN.sub("-", _BROKEN.sub("", layer.get_text_range())))
        finally:
            layer.close()
        drawn = not text.strip() and any(True for _ in page.get_objects(max_depth=2))
        return text, drawn
    finally:
        page.close()


def _paragraphs(text: str, page: int) -> Iterator[Paragraph]:
    """Lines of a page put together: a PDF has lines, and no paragraphs."""
    lines = text.split("\n")
    full = 0.8 * max(map(len, lines), default=0)
    block: list[str] = []
    for line in lines:
        if block and (not line.strip() or _begins(line) or _ends(block[-1], full)):
            yield from rows.paragraphs("\n".join(block), page)
            block = []
        block.append(line)
    yield from rows.paragraphs("\n".join(block), page)


def _begins(line: str) -> bool:
    key = _KEY.match(line)
    return marking_text(line) is not None or bool(_ITEM.match(line)) or bool(key and key[1].lower() in KEYS)


def _ends(line: str, full: float) -> bool:
    """Whether a line ends its paragraph: it is short and a sentence ends, or it is one of a header."""
    key = _KEY.match(line)
    return bool(key and key[1].lower() in KEYS) or (
        len(line) < full and line.rstrip().endswith((".", "!", "?", ":", "”", "»"))
    )


def _properties(document: Any) -> dict[str, Any]:
    said = {key: clean(value).strip() or None for key, value in document.get_metadata_dict().items()}
    when = moment(said.get("CreationDate") or "") or moment(said.get("ModDate") or "")
    return {"title": said.get("Title"), "author": said.get("Author"), "observed_at": when}


def moment(text: str) -> datetime | None:
    """A date of PDF (ISO 32000-1, 7.9.4), such as `D:20261120031000-05'00'`; without a zone it is UTC."""
    match = _DATE.match(text)
    if not match:
        return None
    year, month, day, hour, minute, second = (
        int(one or 1) if i in (1, 2) else int(one or 0) for i, one in enumerate(match.groups()[:6])
    )
    off = timedelta(hours=int(match[9] or 0), minutes=int(match[10] or 0))
    try:
        zone = timezone(-off if match[8] == "-" else off)
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _notes(document: Any, images: list[int], *, scripts: bool) -> Iterator[str]:
    """Yield sentences on parts of the file that were not read."""
    if images:
        yield f"[{_unread(images)}]"
    attached = document.count_attachments()
    if attached:
        named = [document.get_attachment(at).get_name() for at in range(min(attached, 50))]
        more = " and more" if attached > len(named) else ""
        yield f"[Attachments that were not opened: {', '.join(map(clean, named))}{more}]"
    if scripts:
        yield "[The file holds scripts; they were not run.]"


def _unread(images: list[int]) -> str:
    word = "Page" if len(images) == 1 else "Pages"
    return (
        f"{word} {spans(images)} without a text layer: an image, of which nothing was read. "
        "Run it through OCR and deliver it again, or read the original"
    )


def _beyond(number: int, pages: int) -> str:
    return (
        f"the report goes beyond {MAX_PAGES:,} pages, {MAX_CHARACTERS:,} characters or {MAX_SECONDS} seconds"
        f" of reading here; pages {number} to {pages} were not read. Deliver it in parts"
    )


def spans(numbers: list[int]) -> str:
    """Numbers in rising order as `1-3, 7`."""
    runs = [[n for _, n in run] for _, run in groupby(enumerate(numbers), key=lambda one: one[1] - one[0])]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


FORMAT: Final = Format("report-pdf", ("report", "party"), sniff, read)
