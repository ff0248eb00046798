"""Reports as electronic messages (RFC 5322, MIME): headers, the text, and what is attached.

The text is the plain one, or that of the HTML where there is no other. Attached PDF and Word documents are
read as reports of their own that repeat the message; anything else, and what lies in archives or in messages
within messages, is named with its size and SHA-256 and never opened.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import PurePosixPath
from typing import BinaryIO, Final

import pyarrow as pa
from lxml import etree

from watchfloor.formats.base import WHOLE_FILE, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.documents import docx, pdf
from watchfloor.formats.documents import rows as report_rows
from watchfloor.formats.documents.attachment_notice import described
from watchfloor.formats.documents.header import filled, from_lines
from watchfloor.formats.documents.portions import Paragraph
from watchfloor.formats.documents.rows import Document, clean
from watchfloor.formats.xml_limits import head_text

MAX_BYTES: Final = 64 << 20
MAX_PARTS: Final = 500
MAX_HEADER: Final = 10_000
"""Characters of a header line that are looked at: some take the parser time that grows with their square."""

PROGRAMS: Final = frozenset(
    """.exe .dll .scr .com .pif .bat .cmd .ps1 .vbs .vbe .js .jse .wsf .hta .msi .jar .lnk .iso .img .apk .app
    .sh""".split()
)
ARCHIVES: Final = frozenset(".zip .rar .7z .gz .tgz .tar .bz2 .xz .cab .ace .arj".split())

_MANY: Final = f"has more than {MAX_PARTS} parts; save what is attached as files"
_BOUNDARY: Final = re.compile(rb"boundary\s*=\s*\"?([^\";\s]{1,70})", re.IGNORECASE)
_FIELD: Final = re.compile(r"^([!-9;-~]+):", re.MULTILINE)
_KNOWN: Final = frozenset(
    """from to cc date subject message-id mime-version received return-path content-type reply-to sender
    delivered-to dkim-signature x-mailer user-agent in-reply-to references""".split()
)
_BLOCKS: Final = frozenset(
    "p div br tr li h1 h2 h3 h4 h5 h6 table blockquote pre hr ul ol section article".split()
)
_SILENT: Final = frozenset("script style head title noscript template object embed iframe".split())


def sniff(head: Head) -> float:
    """Sure of a start that is header lines of a message, with a sender or a hop and a date among them."""
    text = head_text(head).replace("\r\n", "\n")
    start = re.sub(r"\AFrom [^\n]*\n", "", text).split("\n\n", 1)[0]
    if not _FIELD.match(start):
        return 0.0
    found = {name.lower() for name in _FIELD.findall(start)} & _KNOWN
    sent = bool(found & {"from", "received", "return-path"}) and bool(
        found & {"date", "received", "message-id"}
    )
    return 0.92 if sent and len(found) >= 3 else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """One report, and one more for each attached document. Raises `FormatError` for what is no message."""
    data = stream.read(MAX_BYTES + 1)
    if not data.strip():
        raise FormatError(f"{name} is empty: {len(data)} bytes, where a message was expected")
    if len(data) > MAX_BYTES:
        raise FormatError(f"{name} is larger than {MAX_BYTES >> 20} MiB: deliver its attachments as files")
    message = _parsed(data, name)
    bodies, attachments = _parts(message, name)
    text, notes = _body(bodies)
    readable = [one for one in enumerate(attachments, 1) if _reader(one[1])]
    notes += [_note(one) for one in attachments if not _reader(one)]
    paragraphs = list(report_rows.paragraphs(text))
    header, _ = from_lines(text.split("\n"), whole=False)
    about = filled(
        header,
        title=_header(message, "subject"),
        author=_header(message, "from"),
        observed_at=_date(message),
        report_key=_header(message, "message-id"),
    )
    found = list(report_rows.pieces(Document(_subject(message) + paragraphs, about, tuple(notes))))
    for number, part in readable:
        found += _attached(number, part, about.report_key)
    yield from report_rows.together(found)


def _parsed(data: bytes, name: str) -> EmailMessage:
    said = _BOUNDARY.search(data, 0, MAX_HEADER)
    if said and data.count(b"--" + said[1]) > 2 * MAX_PARTS:  # before they are parsed, a second for 5,000
        raise FormatError(f"{name} {_MANY}")
    try:
        message = message_from_bytes(data, policy=policy.default)
    except (RecursionError, ValueError, IndexError, LookupError, TypeError, AttributeError) as error:
        raise FormatError(f"{name} cannot be read as a message: {type(error).__name__}") from error
    if not isinstance(message, EmailMessage) or not message.keys():
        raise FormatError(f"{name} is no message: it has no header")
    return message


def _parts(message: EmailMessage, name: str) -> tuple[list[Message], list[Message]]:
    """The parts that are its text, and those that are attached; messages within are attached as they are."""
    bodies: list[Message] = []
    attachments: list[Message] = []
    waiting: list[Message] = [message]
    seen = 0
    while waiting:
        part = waiting.pop(0)
        seen += 1
        if seen > MAX_PARTS:
            raise FormatError(f"{name} {_MANY}")
        kind = part.get_content_type()
        if kind.startswith("multipart/") and isinstance(part.get_payload(), list):
            waiting[:0] = [one for one in part.get_payload() if isinstance(one, Message)]
        elif kind in ("text/plain", "text/html") and not _filename(part):
            bodies.append(part)
        else:
            attachments.append(part)
    return bodies, attachments


def _body(bodies: list[Message]) -> tuple[str, list[str]]:
    """The text of a message: its plain parts, or where they hold nothing its HTML; and notes on the rest."""
    typed = [(one.get_content_type(), one) for one in bodies]  # which parses the header each time
    plain = [_decoded(one) for kind, one in typed if kind == "text/plain"]
    html = [_decoded(one) for kind, one in typed if kind == "text/html"]
    text = clean("\n\n".join(plain))
    if text.strip() or not html:
        return text, []
    return clean("\n\n".join(map(plain_text, html))), ["[The message has HTML only; this is its text.]"]


def _decoded(part: Message) -> str:
    """Text of a part in its charset; in Windows-1252 where that is unknown or wrong."""
    data = _bytes(part)
    charset = part.get_content_charset("utf-8")
    for encoding in (charset, "utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def plain_text(html: str) -> str:
    """Text of HTML as a reader would see it: without scripts and styles, a line for each block."""
    try:
        root = etree.fromstring(
            html.encode("utf-8", "replace"), etree.HTMLParser(encoding="utf-8", no_network=True)
        )
    except (etree.XMLSyntaxError, ValueError):
        return ""
    if root is None:
        return ""
    found: list[str] = []
    hidden = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        silent = tag in _SILENT
        hidden += (event == "start" and silent) - (event == "end" and silent)
        if tag in _BLOCKS and (tag != "br" or event == "start"):
            found.append("\n\n" if tag == "p" else "\n")
        text = element.text if event == "start" and tag else element.tail if event != "start" else None
        if text and not hidden:
            found.append(re.sub(r"\s+", " ", text))
    return re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(found)).strip()


def _bytes(part: Message) -> bytes:
    """Decoded bytes of a part; of one that is a message or a list of parts its text as delivered."""
    try:
        payload = part.get_payload(decode=True)
        return payload if isinstance(payload, bytes) else part.as_bytes(policy=policy.compat32)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, IndexError):
        return b""


def _filename(part: Message) -> str:
    try:
        return str(part.get_filename() or "")
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):
        return "unreadable name"


def _reader(part: Message) -> Format | None:
    """The format that reads an attachment, where it is a document."""
    head = Head(_filename(part), _bytes(part)[: 1 << 16])
    return next((form for form in (pdf.FORMAT, docx.FORMAT) if form.sniff(head) > 0.5), None)


def _note(part: Message) -> str:
    name = _filename(part)
    end = PurePosixPath(name.replace("\\", "/").lower()).suffix
    data = _bytes(part)
    if end in PROGRAMS or data.startswith((b"MZ", b"\x7fELF")):
        why = "a program; it was not opened"
    elif end in ARCHIVES or data.startswith((b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        why = "an archive; it was not unpacked"
    elif part.get_content_maintype() == "message":
        why = "a message within the message; save it as a file to have it read"
    else:
        why = f"{part.get_content_type()}; it was not opened"
    return described("Attachment", clean(name), data, why)


def _attached(number: int, part: Message, key: str | None) -> Iterator[Batch | Fault]:
    """The rows of an attached document, which repeats what the message reports."""
    place = f"attachment {number}"
    form = _reader(part)
    try:
        for piece in form.read(BytesIO(_bytes(part)), clean(_filename(part))) if form else ():
            yield _placed(piece, place, key)
    except FormatError as error:
        yield Fault(place, str(error), b"")


def _placed(piece: Batch | Fault, place: str, key: str | None) -> Batch | Fault:
    if isinstance(piece, Fault):
        return Fault(f"{place}, {piece.locator}", piece.reason, piece.raw)
    rows = piece.rows.to_pylist()
    for row in rows:
        whole = row["locator"] == WHOLE_FILE
        row["locator"] = place if whole else f"{place}, {row['locator']}"
        row["origins"] = row["origins"] or ([key] if key else [])
    return Batch(piece.kind, pa.Table.from_pylist(rows, schema=piece.rows.schema))


def _header(message: EmailMessage, name: str) -> str | None:
    """A header as text; as it was sent where the parser cannot take it apart."""
    raw = next((value for key, value in message.raw_items() if key.lower() == name), "")
    if len(str(raw)) > MAX_HEADER:
        return clean(str(raw))[:MAX_HEADER].strip() or None
    try:
        text = str(message.get(name, ""))
    except (ValueError, LookupError, TypeError, AttributeError, IndexError, RecursionError):
        text = str(raw)
    return " ".join(clean(text).split()) or None


def _subject(message: EmailMessage) -> list[Paragraph]:
    subject = _header(message, "subject")
    return [Paragraph(subject)] if subject else []


def _date(message: EmailMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(_header(message, "date") or "")
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def piece(stream: BinaryIO, locator: str) -> bytes | None:
    """The bytes of an attachment by its locator, `attachment 2`."""
    match = re.match(r"attachment (\d+)", locator)
    if not match:
        return None
    message = _parsed(stream.read(MAX_BYTES), "the delivery")
    _, attachments = _parts(message, "the delivery")
    at = int(match[1]) - 1
    return _bytes(attachments[at]) if at < len(attachments) else None


FORMAT: Final = Format("report-eml", ("report", "party"), sniff, read, piece=piece)
