"""A file of messages, read in constant memory: transactions as they come, with what their messages say of
them.

The bytes of plain transactions are cut out and read by `scan`; the parser gets an empty element in place
of a run of them, and everything else as it stands. So what it refuses is refused as if it had seen all,
and a run counts only where the parser sees its element in a message. Whatever is unusual goes through
the parser whole.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final
from xml.sax.saxutils import unescape

import numpy as np
import numpy.typing as npt
from lxml import etree

from watchfloor.formats.base import FormatError
from watchfloor.formats.payments.iso20022 import scan, tree
from watchfloor.formats.payments.iso20022.messages import WATCHED, Levels
from watchfloor.formats.payments.iso20022.raw import Raw
from watchfloor.formats.payments.iso20022.slots import MACHINE
from watchfloor.formats.payments.iso20022.tree import Texts
from watchfloor.formats.xml_limits import RAW_BYTES, SAFE, local

CHUNK: Final = 1 << 22
"""Bytes that are scanned at a time."""
FED: Final = 1 << 16
"""Bytes that the parser is given at a time."""
MAX_BYTES: Final = 1 << 22
"""Bytes of one transaction; real ones have a few thousand."""
MAX_OUTSIDE: Final = 1 << 24
"""Bytes in which no message, no part of one and no transaction begins or ends."""

_ENCODING: Final = re.compile(rb"\s*<\?xml[^>]*\sencoding\s*=\s*[\"']([^\"'>]*)")
_QUOTES: Final = {"&quot;": '"', "&apos;": "'"}
_MARK: Final = b"\xef\xbb\xbf"


def raws(stream: BinaryIO, name: str, fast: bool = True) -> Iterator[Raw]:
    """Transactions of a file, some thousand at a time.

    Args:
        stream: the file.
        name: its name, for messages.
        fast: whether plain transactions are scanned; what is found is the same.

    Raises:
        FormatError: the file is empty, is not XML, holds no message, or declares a document type.
    """
    reading = _Reading(name)
    data = stream.read(CHUNK)
    if not data:
        raise FormatError(f"{name} is empty: 0 bytes, where an ISO 20022 message was expected")
    fast = fast and _is_utf8(data)
    while data and not reading.over:
        if fast:
            left, fast = reading.scanned(data)
        else:
            left = b""
            for start in range(0, len(data), FED):
                reading.feed(data[start : start + FED])
        yield from reading.flushed(data)
        more = stream.read(CHUNK)
        if not more:
            reading.feed(left)
        data = left + more if more else b""
    reading.close()
    yield from reading.flushed(b"")


def _is_utf8(data: bytes) -> bool:
    """Whether a file begins as one in UTF-8 does."""
    data = data.removeprefix(_MARK)
    said = _ENCODING.match(data)
    return (
        b"\0" not in data[:4]
        and data[:2] not in (b"\xff\xfe", b"\xfe\xff")
        and (said is None or said[1].lower() == b"utf-8")
    )


class _Reading:
    """Where a parser stands in a file, and the transactions that are not handed out yet."""

    def __init__(self, name: str) -> None:
        watched = [f"{{*}}{name}" for name in WATCHED]
        self.parser = etree.XMLPullParser(events=("start", "end"), tag=watched, **SAFE)
        self.name = name
        self.levels = Levels(name)
        self.over = False
        self.count = 0  # transactions so far
        self.handed = 0  # of them, those handed out
        self._root: etree._Element | None = None
        self._record = 0  # first state of the transaction that is open
        self._open: etree._Element | None = None
        self._bytes = 0  # since the parser last told of anything
        self._standing_in = False  # the next transaction is an empty element that stands for a run
        self._stood = False
        self._base = 0  # bytes of the scanned piece, behind which further texts go
        self._clear()

    def _clear(self) -> None:
        self._texts = bytearray()
        self._spans: list[npt.NDArray[np.int32]] = []
        self._contexts: list[npt.NDArray[np.int32]] = []
        self._pieces: list[bytes | tuple[int, int]] = []

    def scanned(self, data: bytes) -> tuple[bytes, bool]:
        """Read a piece of the file; gives what is left of it, and whether scanning may go on."""
        found = scan.scan(data)
        self._base = len(data)
        for start, end, first, count, _ in found.parts.tolist():
            if count:
                self._run(data, found, first, count)
            else:
                self.feed(data[start:end])
            if self.over:
                return b"", False
        left = data[found.end :]
        stuck = found.state == scan.BROKEN or len(left) > MAX_BYTES
        if stuck:
            for start in range(0, len(left), FED):
                self.feed(left[start : start + FED])
        return (b"", False) if stuck else (left, True)

    def _run(self, data: bytes, found: scan.Scan, first: int, count: int) -> None:
        """A run of transactions; those that must be are given to the parser."""
        start = first
        odd = self._odd(data, found, first, count)
        for row in (*odd, first + count):
            if start < row and not self.over:
                self._stand_in(data, found, start, row)
            if row < first + count and not self.over:
                self.feed(data[slice(*found.bounds[row].tolist())])
            start = row + 1

    def _odd(self, data: bytes, found: scan.Scan, first: int, count: int) -> list[int]:
        """Rows that only the parser can read; texts of other unusual ones are found in their elements."""
        marks = found.marks[first : first + count]
        if not marks.any():
            return []
        odd = []
        whole = data[found.bounds[first, 0] : found.bounds[first + count - 1, 1]]
        beyond = bool((marks & scan.BEYOND).any()) and not _is_text(whole)
        looked = scan.UNUSUAL | scan.ESCAPED | (scan.BEYOND if beyond else 0)
        for row in (first + np.flatnonzero(marks & looked)).tolist():
            piece = data[slice(*found.bounds[row].tolist())]
            if found.marks[row] & scan.UNUSUAL:
                try:
                    element = etree.fromstring(piece, etree.XMLParser(**SAFE))
                except etree.XMLSyntaxError:
                    odd.append(row)
                    continue
                state = MACHINE.roots[local(element)]
                self._put(found.spans[row], tree.texts(element, state))
            elif beyond and not _is_text(piece):
                odd.append(row)
            elif found.marks[row] & scan.ESCAPED:
                self._unescape(found.spans[row], data)
        return odd

    def _stand_in(self, data: bytes, found: scan.Scan, first: int, end: int) -> None:
        """Give the parser an empty element for a run; where it is a transaction there, the run is kept."""
        at = int(found.bounds[first, 0])
        self._standing_in, self._stood = True, False
        self.feed(data[at : data.index(b">", at)] + b"/>")
        self._standing_in = False
        if not self._stood or self.over:
            return
        self._spans.append(found.spans[first:end])
        self._contexts.append(np.full(end - first, self.levels.context(), np.int32))
        self._pieces += found.bounds[first:end].tolist()
        self.levels.held(end - first)
        self.count += end - first

    def _put(self, spans: npt.NDArray[np.int32], texts: Texts) -> None:
        """Put texts behind the bytes of the piece, and note where they are."""
        spans[:] = -1
        for slot, text in texts.items():
            start = self._base + len(self._texts)
            self._texts += text.encode()
            spans[slot] = start, self._base + len(self._texts)

    def _unescape(self, spans: npt.NDArray[np.int32], data: bytes) -> None:
        """Put texts with predefined entities behind the bytes of the piece, as they are meant."""
        for slot in np.flatnonzero(spans[:, 0] >= 0).tolist():
            start, end = spans[slot].tolist()
            if data.find(b"&", start, end) >= 0:
                at = self._base + len(self._texts)
                self._texts += unescape(data[start:end].decode(), _QUOTES).encode()
                spans[slot] = at, self._base + len(self._texts)

    def _keep(self, texts: Texts, piece: bytes) -> None:
        spans = np.empty((1, scan.WIDTH, 2), np.int32)
        self._put(spans[0], texts)
        self._spans.append(spans)
        self._contexts.append(np.full(1, self.levels.context(), np.int32))
        self._pieces.append(piece[:RAW_BYTES])
        self.levels.held(1)
        self.count += 1

    def feed(self, data: bytes) -> None:
        """Give the parser bytes; where it refuses them, the file is over."""
        if self.over or not data:
            return
        failure: Exception | None = None
        try:
            self.parser.feed(data)
        except (etree.XMLSyntaxError, ValueError, LookupError) as error:
            failure = error
        # lxml swallows an entity that nothing declares, and begins anew with the next bytes
        told = (one.message for one in self.parser.feed_error_log if one.level >= etree.ErrorLevels.FATAL)
        if failure is None and (fatal := next(told, None)) is not None:
            failure = ValueError(fatal)
        self._bytes += len(data)
        self._events()
        if failure and not self.over:
            self._broken(failure, data)
        elif self._open is not None and self._bytes > MAX_BYTES:
            self._too_much(f"a transaction of more than {MAX_BYTES:,} bytes")
        elif self._bytes > MAX_OUTSIDE:
            self._too_much(f"no transaction, but more than {MAX_OUTSIDE:,} bytes without any")

    def close(self) -> None:
        """The file has ended."""
        if self.over:
            return
        failure: Exception | None = None
        root = None
        try:
            root = self.parser.close()
        except (etree.XMLSyntaxError, ValueError, LookupError) as error:
            failure = error
        self._events()
        if root is not None and self._root is None:
            self._begin(root)
        if failure and not self.over:
            self._broken(failure, b"")
        if not self.over:
            self.over = True
            self.levels.over()

    def _events(self) -> None:
        first = True
        for event, element in self.parser.read_events():
            if self.over or not isinstance(element, etree._Element):
                return
            if first and not self._is_here(element):
                return
            first, self._bytes = False, 0
            if event == "end":
                self._end(element)
            elif self._open is None:
                self._record = self.levels.start(element, self.count)
                if self._record:
                    self._open = element

    def _is_here(self, element: etree._Element) -> bool:
        """Whether an element is of the document that was begun."""
        root = element.getroottree().getroot()
        if self._root is None:
            self._begin(root)
        elif root is not self._root:
            # lxml began a parser anew, without a word about the error that ended the other
            self._broken(ValueError("an entity that nothing declares, or what follows the root"), b"")
            return False
        return True

    def _begin(self, root: etree._Element) -> None:
        self._root = root
        if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]
            raise FormatError(
                f"{self.name} declares a document type (<!DOCTYPE>), as entity bombs do; ISO 20022 messages "
                "have none. It was not read further"
            )
        self.levels.begin(root)

    def _end(self, element: etree._Element) -> None:
        if element is self._open:
            self._complete(element)
        elif self._open is None:
            if self.levels.end(element):
                self._keep({}, etree.tostring(element, with_tail=False))
                self.levels.leave()
            _free(element)

    def _complete(self, element: etree._Element) -> None:
        """A transaction has ended."""
        if self._standing_in:
            self._stood = True
        else:
            self._keep(tree.texts(element, self._record), etree.tostring(element, with_tail=False))
        self._open = None
        self.levels.end(element)
        _free(element)

    def _broken(self, error: Exception, data: bytes) -> None:
        said = re.sub(
            r"(?:,? *(?:line|column) \d+| *\(<string>.*)", "", getattr(error, "msg", None) or str(error)
        )
        if self._root is None:
            raise FormatError(
                f"{self.name} is not XML that can be read: {said}. Get a complete copy"
            ) from error
        self.levels.fault(
            f"after transaction {self.count}",
            f"the XML breaks off, is damaged or goes beyond a limit here ({said}). What stood before it was "
            "read, the rest was not. Get a complete copy",
            data,
            rest=True,
        )
        self.over = True

    def _too_much(self, seen: str) -> None:
        self.levels.fault(
            f"transaction {self.count + 1}",
            f"this is {seen}, the most that is read. What stood before it was read, the rest was not",
            b"",
            rest=True,
        )
        self.over = True

    def flushed(self, data: bytes) -> Iterator[Raw]:
        """The transactions that were found in a piece of the file, and what is wrong with messages."""
        contexts, ended, faults = self.levels.taken()
        base, self._base = self._base, 0
        if not (self._spans or ended or faults):
            return
        spans = np.concatenate(self._spans) if self._spans else np.zeros((0, scan.WIDTH, 2), np.int32)
        every = np.concatenate(self._contexts) if self._contexts else np.zeros(0, np.int32)
        pieces, self._pieces = self._pieces, []

        def piece(row: int) -> bytes:
            one = pieces[row]
            return one if isinstance(one, bytes) else data[slice(*one)][:RAW_BYTES]

        bytes_ = np.frombuffer(data[:base] + bytes(self._texts), np.uint8)
        yield Raw(bytes_, spans, every, contexts, self.handed + 1, piece, ended, faults)
        self.handed += len(spans)
        self._clear()


def _is_text(data: bytes) -> bool:
    """Whether bytes are UTF-8 of characters that XML allows."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return "\ufffe" not in text and "\uffff" not in text


def _free(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
