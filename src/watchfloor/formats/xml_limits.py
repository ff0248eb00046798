"""XML from outside, within limits: elements one at a time, constant memory, no entities, no network.

Official lists need no document type, so any file that declares one is refused before an entity can be
expanded. Depth, name, text and attribute limits are libxml2's own (`huge_tree` stays off).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, BinaryIO, Final

from lxml import etree

from watchfloor.formats.base import Fault, FormatError, Head

CHUNK: Final = 1 << 16
MAX_INSIDE: Final = 200_000
"""Elements one wanted element may hold. The largest real one, an OFAC vessel party, holds some hundred."""

RAW_BYTES: Final = 1 << 16

SAFE: Final[Mapping[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""Options of every parser that reads XML from outside."""

_BEFORE: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:<!--(?:(?!-->).)*-->\s*)+(?=<\?xml)", re.DOTALL)
"""Comments before the declaration, where XML allows none and some tools put their licence all the same."""

_BEYOND: Final = (
    (re.compile(r"excessive depth", re.IGNORECASE), "elements more than 256 deep"),
    (re.compile(r"name too long", re.IGNORECASE), "a name of more than 50,000 bytes"),
    (
        re.compile(r"too long|too big|huge|limit exceeded", re.IGNORECASE),
        "more than 10,000,000 bytes in one text, comment or tag",
    ),
)
"""How libxml2 says that a file goes beyond one of its limits, and what was seen then."""


def elements(
    stream: BinaryIO, name: str, wanted: Collection[str], root: Collection[str]
) -> Iterator[etree._Element | Fault]:
    """Yield the root when it starts, then each outermost wanted element when it is complete.

    Ancestors and their attributes stay reachable from a yielded element; it and all before it are freed when
    the next one is asked for, so hold on to none.

    Args:
        stream: the file.
        name: its name, for messages.
        wanted: local names of the elements to yield.
        root: local names that the root may have.

    Returns:
        Elements, and at most one `Fault`, the last: the file broke off or is not well formed from there.

    Raises:
        FormatError: the file is empty, is not XML, has another root, or declares a document type.
    """
    parser = etree.XMLPullParser(events=("start", "end"), **SAFE)
    reading = _Reading(parser, name, frozenset(wanted), frozenset(root))
    while chunk := stream.read(CHUNK):
        failure = _feed(parser, chunk if reading.at else _BEFORE.sub(b"", chunk))
        yield from reading.events()
        if failure:
            yield reading.broken(failure, chunk)
            return
        reading.at += len(chunk)
    if not reading.at:
        raise FormatError(f"{name} is empty: 0 bytes, where an XML document was expected")
    failure = _close(parser)
    yield from reading.events()
    if failure:
        yield reading.broken(failure, b"")


def _feed(parser: etree.XMLPullParser, chunk: bytes) -> Exception | None:
    try:
        parser.feed(chunk)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        return error
    return None


def _close(parser: etree.XMLPullParser) -> Exception | None:
    try:
        parser.close()
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        return error
    return None


class _Reading:
    """Where a pull parser stands in one file."""

    def __init__(
        self, parser: etree.XMLPullParser, name: str, wanted: frozenset[str], root: frozenset[str]
    ) -> None:
        self.parser, self.name, self.wanted, self.root = parser, name, wanted, root
        self.at = 0
        self.started = False
        self.last = ""  # name of the element that started last
        self.record = ""  # name of the wanted element
        self.depth = 0  # inside a wanted element: 1 for itself, more for what it holds
        self.inside = 0

    def events(self) -> Iterator[etree._Element]:
        for event, element in self.parser.read_events():
            if not isinstance(element, etree._Element):
                continue
            if event == "start":
                self.last = local(element)
                if not self.started:
                    yield self._begin(element)
                self._start(element)
            elif self._end():
                if local(element) in self.wanted:
                    yield element
                    self.inside = 0
                _free(element)

    def _begin(self, root: etree._Element) -> etree._Element:
        self.started = True
        if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]
            raise FormatError(
                f"{self.name} declares a document type (<!DOCTYPE>), as entity bombs do; files of this kind "
                "have none. It was not read further"
            )
        if local(root) not in self.root:
            raise FormatError(
                f"{self.name} is XML with the root <{local(root)}>, where "
                f"<{'> or <'.join(sorted(self.root))}> was expected"
            )
        return root

    def _start(self, element: etree._Element) -> None:
        if self.depth:
            self.depth += 1
            self.inside += 1
            if self.inside > MAX_INSIDE:
                seen = f"more than {MAX_INSIDE:,} elements in one <{self.record}>"
                raise FormatError(f"{self.name} {_too_much(seen, self.at)}")
        elif local(element) in self.wanted:
            self.depth, self.record = 1, local(element)

    def _end(self) -> bool:
        """Whether what just ended is outside wanted elements, or is one."""
        if self.depth:
            self.depth -= 1
        return not self.depth

    def broken(self, error: Exception, chunk: bytes) -> Fault:
        line, column = getattr(error, "lineno", None), getattr(error, "offset", None)
        where = f"line {line}, column {column}" if line else f"byte {self.at}"
        said = _said(error)
        seen = next((seen for form, seen in _BEYOND if form.search(said)), None)
        if not self.started:
            wrong = (
                _too_much(seen, self.at)
                if seen
                else f"is not XML that can be read: {said}. Get a complete copy"
            )
            raise FormatError(f"{self.name} {wrong}") from error
        if seen:
            reason = f"the file {_too_much(f'{seen}, in <{self.last}>', self.at)}"
        else:
            what = _OTHER_BYTES if _ENCODING.search(said) else "the XML breaks off or is damaged here"
            reason = f"{what} ({said}). {_BROKEN}"
        return Fault(where, reason, chunk[:RAW_BYTES], rest=True)


_ENCODING: Final = re.compile(r"encoding|not proper utf-8", re.IGNORECASE)
_OTHER_BYTES: Final = (
    "the bytes here are not of the encoding that the file states: somebody converted it, or it is damaged"
)
_BROKEN: Final = "What stood before it was read, the rest was not. Get a complete copy"


def _too_much(seen: str, at: int) -> str:
    """A file that goes beyond a limit is not damaged, and another copy of it would do so too."""
    return (
        f"has {seen} near byte {at:,}. That is the most that is read, and files of this kind stay far below. "
        "What stood before it was read, the rest was not. Look at what stands there, and deliver the file as "
        "its publisher or sender gives it; another copy of this one will not do"
    )


def _said(error: Exception) -> str:
    """Return the parser's message, without its advice to programmers."""
    text = getattr(error, "msg", None) or str(error)
    return re.sub(r",? *(?:try|use) XML_PARSE_HUGE(?: option)?\s*", "", text).strip()


def _free(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_of(element: etree._Element | None) -> str:
    """All text inside an element, white space squeezed; empty for none."""
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())


def head_text(head: Head) -> str:
    """The start of a file as text, for sniffing: by its byte order mark, else UTF-8, errors replaced."""
    marks = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
    encoding = next((name for mark, name in marks if head.data.startswith(mark)), "utf-8")
    return head.data.decode(encoding, errors="replace")
