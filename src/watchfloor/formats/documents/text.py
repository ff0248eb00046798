"""Reports as plain text. Any text would do, so a file is one only where its feed or a person says so.

Paragraphs are split by empty lines. A header at the start is read, see `watchfloor.formats.documents.header`.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.documents import rows
from watchfloor.formats.documents.header import from_lines
from watchfloor.formats.documents.rows import MAX_CHARACTERS, Document
from watchfloor.formats.encoding.charset import Utf8

_CHUNK: Final = 1 << 20


def sniff(head: Head) -> float:  # noqa: ARG001 - nothing tells a report from any other text
    """Never: `--format report-text`, or `format = "report-text"` in `feeds.toml`, says so."""
    return 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """One report. Raises `FormatError` for an empty, a binary and an overlong file."""
    text = whole_text(stream, name)
    about, used = from_lines(text.split("\n"), whole=True)
    body = "\n".join(text.split("\n")[used:])
    yield from rows.pieces(Document(list(rows.paragraphs(body)), about))


def whole_text(stream: BinaryIO, name: str) -> str:
    """All text of a stream, whatever its encoding. Raises `FormatError` where it is none."""
    found, size = [], 0
    utf8 = Utf8(stream, stream.read(HEAD_BYTES))
    while chunk := utf8.read(_CHUNK):
        found.append(chunk)
        size += len(chunk)
        if size > 4 * MAX_CHARACTERS:
            raise FormatError(f"{name} is longer than {MAX_CHARACTERS:,} characters: deliver it in parts")
    if not size:
        raise FormatError(f"{name} is empty: 0 bytes, where a report was expected")
    data = b"".join(found)
    if data.count(0) * 100 > len(data):
        raise FormatError(f"{name} is no text: it holds zero bytes")
    return rows.clean(data.decode("utf-8", "replace"))


FORMAT: Final = Format("report-text", ("report", "party"), sniff, read)
