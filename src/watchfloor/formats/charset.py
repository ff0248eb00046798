"""Encodings of delivered text: which one a file is in, and the file as UTF-8.

Files say nothing about their encoding, so it is found from the bytes: a byte order mark decides, then zero
bytes in every second place (UTF-16), then whether the first bytes above 127 form UTF-8. What does not is
Windows-1252, which spreadsheets of western offices still write. Bytes that the encoding does not know travel
on as surrogates, which are no valid UTF-8, so that a reader finds and quarantines the line they stand in.
"""

import codecs
from dataclasses import dataclass
from typing import BinaryIO, Final

from watchfloor.formats.base import FormatError

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks; those of UTF-32 come first, since one of them starts as one of UTF-16 does."""

_WIDE: Final = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


@dataclass(frozen=True, slots=True)
class Charset:
    """An encoding by its Python name, how many bytes of mark to skip, and whether it is a guess."""

    encoding: str
    skip: int = 0
    guessed: bool = False

    @property
    def note(self) -> str:
        """A sentence for the person who delivered the file; empty when there is nothing to say."""
        if self.guessed:
            return "read as Windows-1252, because its accented letters are no UTF-8"
        return "" if self.encoding == "utf-8" else f"read as {self.encoding.upper()}"


UTF8: Final = Charset("utf-8")
WINDOWS: Final = Charset("cp1252", guessed=True)


def named(encoding: str, head: bytes) -> Charset:
    """The charset that a person named. Raises `FormatError` for a name that Python does not know."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise FormatError(f"{encoding!r} is no encoding; try utf-8, utf-16 or cp1252") from error
    marked = _marked(head)
    if marked and marked.encoding.startswith(name):
        return marked
    return Charset(f"{name}-le" if name in ("utf-16", "utf-32") else name)


def detect(head: bytes) -> Charset:
    """The encoding of a file from its first bytes, of which the last character may be cut."""
    if marked := _marked(head):
        return marked
    if len(head) >= 2 and 0 in head:
        odd, even = head[1::2].count(0), head[0::2].count(0)
        if max(odd, even) > len(head) // 6 and min(odd, even) < max(odd, even) // 8 + 1:
            return Charset("utf-16-le" if odd > even else "utf-16-be")
    return UTF8 if head.isascii() or _forms_utf8(head) else WINDOWS


class Utf8:
    """Delivered bytes, read as UTF-8; lines that end in a lone carriage return end in a line feed.

    Where the first bytes are plain ASCII the encoding is settled by the first that are not. After reading,
    `truncated` says whether the stream ended in the middle of a character.
    """

    def __init__(self, stream: BinaryIO, head: bytes, charset: Charset | None = None) -> None:
        self.charset = charset or detect(head)
        self.truncated = False
        self._settled = charset is not None or not head.isascii() or 0 in head
        self._stream = stream
        self._head = head[self.charset.skip :]
        self._old_line_ends = b"\r" in head and b"\n" not in head
        self._decoder = _decoder(self.charset)

    @property
    def note(self) -> str:
        """What was decided about the encoding, where a person should know."""
        return self.charset.note

    def read(self, size: int) -> bytes:
        """About `size` bytes, empty at the end only."""
        while True:
            chunk = self._head or self._stream.read(size)
            self._head = b""
            text = self._utf8(chunk)
            if text or not chunk:
                return text.replace(b"\r", b"\n") if self._old_line_ends else text

    def delivered(self, text: bytes) -> bytes:
        """The delivered bytes of a piece of what was read."""
        if self._decoder is None:
            return text
        encoding = self.charset.encoding
        return text.decode("utf-8", "surrogatepass").encode(encoding, _errors(encoding))

    def _utf8(self, chunk: bytes) -> bytes:
        if not self._settled and not chunk.isascii():
            self._settled = True
            self.charset = UTF8 if _forms_utf8(chunk) else WINDOWS
            self._decoder = _decoder(self.charset)
        if self._decoder is None:
            return chunk
        try:
            text = self._decoder.decode(chunk, not chunk)
        except UnicodeDecodeError:  # half a character at the end
            self.truncated = True
            return b""
        return text.encode("utf-8", "surrogatepass")


def _marked(head: bytes) -> Charset | None:
    return next((Charset(name, len(mark)) for mark, name in MARKS if head.startswith(mark)), None)


def _forms_utf8(head: bytes) -> bool:
    """Whether bytes above 127 form at least as many UTF-8 sequences as they leave over, a cut end apart."""
    text = head.decode("utf-8", "surrogateescape")
    stray = sum("\udc80" <= char <= "\udcff" for char in text)
    formed = sum(char > "\x7f" for char in text) - stray
    cut = 3 if formed else 0
    return stray == 0 or (formed > 0 and formed >= stray - cut)


def _decoder(charset: Charset) -> codecs.IncrementalDecoder | None:
    if charset.encoding == "utf-8":
        return None
    return codecs.getincrementaldecoder(charset.encoding)(_errors(charset.encoding))


def _errors(encoding: str) -> str:
    return "surrogatepass" if encoding in _WIDE else "surrogateescape"
