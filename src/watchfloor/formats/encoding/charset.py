"""Encodings of delivered text: which one a file is in, and the file as UTF-8.

A person may state the encoding; else it is found from the bytes: a byte order mark decides, then zero bytes
in every second place (UTF-16), then whether the first bytes above 127 form UTF-8, then the letters
(`watchfloor.formats.encoding.legacy`). The sample for that starts at the first byte above 127 and has a fixed
size, so that the answer depends on the file alone. Bytes that the encoding does not know, and those of a line
that contradicts it, travel on as surrogates, which are no valid UTF-8, so that a reader finds and quarantines
the line they stand in.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
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


SAMPLE: Final = 1 << 16
"""Bytes that the encoding is found from."""
_HELD: Final = 1 << 20
"""Bytes that are held back for the end of their line; what is longer is cut."""
_ABOVE: Final = re.compile(rb"[\x80-\xff]")
_UTF8_LINE: Final = re.compile(
    rb"^[^\n\x80-\xff]*(?:(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})"
    rb"[^\n\x80-\xff]*)+$",
    re.MULTILINE,
)
"""A line with characters of UTF-8, and with no other byte above 127."""
_CUTS: Final = b" ,;\t\r\n"
"""Bytes that are no second byte of a character in any encoding of `legacy_encoding`."""
_CASE: Final = re.compile("[а-яё][А-ЯЁ]{2}")
"""What letters of KOI8-R look like in Windows-1251, and the other way round."""
_ACCENTS: Final = re.compile("[À-ÖØ-öø-ÿ]{4}")
"""What words of other scripts look like in Windows-1252."""


@dataclass(frozen=True, slots=True)
class Charset:
    """An encoding by its Python name, how many bytes of mark to skip, and whether it is a guess.

    Of a guess that is not sure, `rival` is another encoding that it may be.
    """

    encoding: str
    skip: int = 0
    guessed: bool = False
    rival: str = ""

    @property
    def note(self) -> str:
        """A sentence for the person who delivered the file; empty when there is nothing to say."""
        name = label(self.encoding)
        if self.rival:
            return f"read as {name}, which is not sure: it may be {label(self.rival)}; state the encoding"
        if self.guessed and self.encoding == "cp1252":
            return "read as Windows-1252, because its accented letters are no UTF-8"
        if self.guessed:
            return f"read as {name}, found from its letters"
        return "" if self.encoding == "utf-8" else f"read as {name}"


UTF8: Final = Charset("utf-8")


def label(encoding: str) -> str:
    """The name of an encoding as people know it."""
    return _LABELS.get(encoding) or re.sub(r"^CP(125\d)$", r"Windows-\1", encoding.upper())


_PROBE: Final = bytes(range(92)) + bytes(range(93, 128)) + rb"\u0041"
"""Bytes that come back the same, one from each character, in every encoding that a line can be read in."""
_MARKED: Final = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_LABELS: Final = {"cp932": "Shift-JIS", "cp949": "EUC-KR", "big5hkscs": "Big5", "euc_jis_2004": "EUC-JP"}


@dataclass(slots=True)
class Statement:
    """The encoding that a person stated for files, None where none; and the notes on how they were read."""

    encoding: str | None
    texts: "list[Utf8]" = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    """Notes on files that another process has read."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Each different note once."""
        return tuple(dict.fromkeys([*(text.note for text in self.texts if text.note), *self.elsewhere]))


_STATEMENT: Final[ContextVar[Statement | None]] = ContextVar("statement", default=None)


@contextmanager
def stated(encoding: str | None) -> Iterator[Statement]:
    """Read text in an encoding, whatever the format, and collect the notes; None: it is found."""
    statement = Statement(encoding)
    token = _STATEMENT.set(statement)
    try:
        yield statement
    finally:
        _STATEMENT.reset(token)


def of_statement() -> str | None:
    """The encoding that is stated now; None where none is."""
    statement = _STATEMENT.get()
    return statement.encoding if statement else None


def noted(notes: Iterable[str]) -> None:
    """Add notes on how a file was read in another process."""
    if statement := _STATEMENT.get():
        statement.elsewhere.extend(notes)


def checked(encoding: str) -> str:
    """Python's name of an encoding of text. Raises `FormatError` for what is none."""
    try:
        name = codecs.lookup(encoding).name
        if name in (*_WIDE, *_MARKED):
            return _MARKED.get(name, name)
        text = _PROBE.decode(name)
        if len(text) == len(_PROBE) and text.encode(name) == _PROBE:
            return name
    except (LookupError, ValueError):  # unknown, of bytes to bytes, or stateful
        pass
    raise FormatError(f"{encoding!r} is no encoding of text; try utf-8, utf-16 or cp1252")


def named(encoding: str, head: bytes) -> Charset:
    """The charset that a person named. Raises `FormatError` for one that is none of text."""
    name = checked(encoding)
    marked = _marked(head)
    return marked if marked and marked.encoding.startswith(name[:6]) else Charset(name)


def detect(head: bytes) -> Charset:
    """The encoding of a file from its first bytes, of which the last character may be cut."""
    if known := _known(head):
        return known
    above = _ABOVE.search(head)
    return _of_sample(head[above.start() :][:SAMPLE]) if above else UTF8


class Utf8:
    """Delivered bytes, read as UTF-8; lines that end in a lone carriage return end in a line feed.

    Where the first bytes are plain ASCII the encoding is settled by the first that are not. After reading,
    `truncated` says whether the stream ended in the middle of a character.
    """

    def __init__(self, stream: BinaryIO, head: bytes, charset: Charset | None = None) -> None:
        self._stream = stream
        charset = charset or _known(head)
        self.charset = charset or UTF8
        self.truncated = False
        self._settled = charset is not None
        self._head = head[self.charset.skip :]
        self._held = b""
        self._old_line_ends = b"\r" in head and b"\n" not in head
        self._decoder = _decoder(self.charset)
        if statement := _STATEMENT.get():
            statement.texts.append(self)

    @property
    def note(self) -> str:
        """Return the decision about the encoding, if a person should know it."""
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
        if self.charset.encoding == "utf-8":
            return text
        return _encoded(text.decode("utf-8", "surrogatepass"), self.charset.encoding)

    def _utf8(self, chunk: bytes) -> bytes:
        if not self._settled and not chunk.isascii() and (above := _ABOVE.search(chunk)):
            while len(chunk) - above.start() < SAMPLE and (more := self._stream.read(SAMPLE)):
                chunk += more
            self._settled = True
            self.charset = _of_sample(chunk[above.start() :][:SAMPLE])
        if self.charset.encoding == "utf-8":
            return chunk
        if self._decoder is None:
            return self._decoded_lines(chunk)
        try:
            text = self._decoder.decode(chunk, not chunk)
        except UnicodeDecodeError:  # half a character at the end
            self.truncated = True
            return b""
        return text.encode("utf-8", "surrogatepass")

    def _decoded_lines(self, chunk: bytes) -> bytes:
        """The whole lines among what is held back and a chunk; all of it at the end, of an empty chunk.

        A line is decoded as one: no chunk cuts a character.
        """
        data = self._held + chunk
        end = b"\r" if self._old_line_ends else b"\n"
        cut = data.rfind(end) + 1 if chunk else len(data)
        if not cut and len(data) > _HELD:
            cut = max(data.rfind(byte, 0, _HELD) for byte in map(bytes, zip(_CUTS, strict=True))) + 1 or _HELD
        lines, self._held = data[:cut], data[cut:]
        text = self._text(lines)
        if text is None:
            pieces = lines.split(end)
            text = end.decode().join(self._line(piece) for piece in pieces)
        return text.encode("utf-8", "surrogatepass")

    def _text(self, lines: bytes) -> str | None:
        """Lines decoded; None where one of them may contradict the encoding, or reads as other bytes."""
        encoding = self.charset.encoding
        text = lines.decode(encoding, "surrogateescape")
        by_line = lines.replace(b"\r", b"\n") if self._old_line_ends else lines
        if _UTF8_LINE.search(by_line) or _encoded(text, encoding) != lines:
            return None
        return None if self.charset.guessed and (_CASE.search(text) or _ACCENTS.search(text)) else text

    def _line(self, line: bytes) -> str:
        encoding = self.charset.encoding
        text = line.decode(encoding, "surrogateescape")
        if line.isascii() or (_encoded(text, encoding) == line and not self._contradicts(line, text)):
            return text
        return line.decode("ascii", "surrogateescape")

    def _contradicts(self, line: bytes, text: str) -> bool:
        """Whether a line is UTF-8 in the encoding's scripts or, in a guess, has words that are none."""
        if "\n".encode(self.charset.encoding) != b"\n":
            return False
        from watchfloor.formats.encoding.legacy import of_scripts

        if _UTF8_LINE.search(line):
            try:
                return of_scripts(line.decode(), self.charset.encoding)
            except UnicodeDecodeError:
                pass
        if not self.charset.guessed:
            return False
        strange = _ACCENTS if self.charset.encoding == "cp1252" else _CASE
        return strange.search(text) is not None


def _known(head: bytes) -> Charset | None:
    """Return the charset that a person stated, or a byte order mark or the zero bytes of UTF-16 show."""
    statement = _STATEMENT.get()
    if statement and statement.encoding:
        return named(statement.encoding, head)
    if marked := _marked(head):
        return marked
    head = head[:SAMPLE]
    if len(head) >= 2 and 0 in head:
        odd, even = head[1::2].count(0), head[0::2].count(0)
        if max(odd, even) > len(head) // 6 and min(odd, even) < max(odd, even) // 8 + 1:
            return Charset("utf-16-le" if odd > even else "utf-16-be")
    return None


def _of_sample(sample: bytes) -> Charset:
    """The encoding of bytes of which the first is above 127; their last line may be cut."""
    if _forms_utf8(sample):
        return UTF8
    from watchfloor.formats.encoding.legacy import guess

    whole = sample[: sample.rfind(b"\n") + 1] if len(sample) >= SAMPLE else sample
    found = guess(whole or sample)
    return Charset(found.encoding, guessed=True, rival=found.rival)


def _marked(head: bytes) -> Charset | None:
    return next((Charset(name, len(mark)) for mark, name in MARKS if head.startswith(mark)), None)


def _forms_utf8(head: bytes) -> bool:
    """Whether bytes above 127 form at least as many UTF-8 sequences as they leave over, a cut end apart."""
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(head)
    stray = len(_STRAY.findall(text))
    formed = len(_ABOVE_ASCII.findall(text)) - stray
    return formed >= stray


_STRAY: Final = re.compile("[\udc80-\udcff]")
_ABOVE_ASCII: Final = re.compile("[^\x00-\x7f]")


def _decoder(charset: Charset) -> codecs.IncrementalDecoder | None:
    """The decoder of an encoding whose characters are all wider than a byte, None for any other."""
    if charset.encoding not in _WIDE:
        return None
    return codecs.getincrementaldecoder(charset.encoding)("surrogatepass")


def _encoded(text: str, encoding: str) -> bytes:
    """The bytes of a text that was decoded, in the form of each character that programs of today write."""
    errors = "surrogatepass" if encoding in _WIDE else "surrogateescape"
    if encoding != "cp932" or text.isascii():
        return text.encode(encoding, errors)
    usual = _usual()
    parts = re.split(f"([{''.join(usual)}])", text)
    return b"".join(usual.get(part) or part.encode(encoding, errors) for part in parts)


@cache
def _usual() -> dict[str, bytes]:
    """Characters that Shift-JIS has twice, in the bytes that Windows writes where Python writes NEC's."""
    forms = (bytes((lead, trail)) for lead in (0xFA, 0xFB, 0xFC) for trail in range(0x40, 0xFD))
    read = ((form.decode("cp932", "ignore"), form) for form in forms)
    return {char: form for char, form in read if len(char) == 1 and 0xED <= char.encode("cp932")[0] <= 0xEE}
