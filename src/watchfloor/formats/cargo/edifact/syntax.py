"""Service characters, character sets and segments of ISO 9735, versions 1 to 4.

Characters are those that the interchange names in its UNB. UNOA and UNOB are ASCII; where they hold other
bytes, which many senders let happen, these are read as UTF-8, or as ISO 8859-1, and that is said. UNOY and
UNOW are read as UTF-8. UNOX (ISO 2022) is read where it has no escape sequence.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from watchfloor.formats.record_splitter import Piece

ENCODINGS: Final[Mapping[str, str]] = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOW": "utf-8",
    "UNOX": "ascii",
    "UNOY": "utf-8",
    "IATA": "ascii",
    "IATB": "ascii",
}
"""Encodings of data element 0001; airlines name IATA's own levels A and B."""

ESCAPE: Final = b"\x1b"


class Signs(NamedTuple):
    """The service characters of an interchange, one byte each."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    terminator: str = "'"


class Segment(NamedTuple):
    """A segment: its tag, its elements as lists of components, its bytes and where they stood."""

    tag: str
    data: list[list[str]]
    start: int
    end: int
    raw: bytes

    def element(self, element: int, component: int = 0) -> str:
        """A component, trimmed, elements and components counted as in the directories; "" where it is not."""
        try:
            return self.data[element][component].strip()
        except IndexError:
            return ""

    def all(self, element: int) -> list[str]:
        """The components of an element that are not empty."""
        return (
            [text for one in self.data[element] if (text := one.strip())] if element < len(self.data) else []
        )


def signs_of(start: bytes) -> tuple[Signs, int]:
    """Service characters as UNA states them, and its length; the usual ones where there is no UNA.

    Raises `ValueError` where UNA's characters cannot be told apart.
    """
    if not start.startswith(b"UNA"):
        return Signs(), 0
    given = start[3:9].decode("latin-1")
    signs = Signs(given[0:1], given[1:2], given[2:3], given[3:4], given[5:6])
    apart = {signs.component, signs.element, signs.terminator}
    if len(given) < 6 or len(apart) < 3 or signs.release in apart or not given.isascii():
        raise ValueError(f"its UNA {given!r} does not give six service characters that can be told apart")
    return (signs._replace(release="") if signs.release == " " else signs), 9


def decoded(raw: bytes, encoding: str) -> tuple[str, str]:
    """Text of bytes, and what is wrong with them: a sentence, or nothing."""
    try:
        return raw.decode(encoding), ""
    except UnicodeDecodeError as error:
        byte = raw[error.start]
    if encoding == "ascii" and ESCAPE not in raw:
        for other, name in (("utf-8", "UTF-8"), ("latin-1", "ISO 8859-1")):
            try:
                text = raw.decode(other)
            except UnicodeDecodeError:
                continue
            return text, f"holds byte 0x{byte:02x}, which is no ASCII; it was read as {name}"
    text = raw.decode(encoding, "replace")
    return text, f"holds byte 0x{byte:02x}, which is no character of {encoding}; it was read as U+FFFD"


def segment(piece: Piece, text: str, signs: Signs) -> Segment:
    """A segment of its text."""
    if signs.release and signs.release in text:
        data = _split_of(signs)(text)
    else:
        component = signs.component
        data = [one.split(component) for one in text.split(signs.element)]
    return Segment(data[0][0].strip().upper(), data, piece.start, piece.end, piece.raw)


@lru_cache(maxsize=16)
def _split_of(signs: Signs) -> Callable[[str], list[list[str]]]:
    """A splitter of text in which some signs are released, so that they are text."""
    sign = {name: re.escape(one) for name, one in signs._asdict().items()}
    release, element, component = sign["release"], sign["element"], sign["component"]
    token = re.compile(
        rf"{release}(.?)|({element})|({component})|([^{release}{element}{component}]+)", re.DOTALL
    )

    def split(text: str) -> list[list[str]]:
        found: list[list[list[str]]] = [[[]]]
        for match in token.finditer(text):
            if match[2]:
                found.append([[]])
            elif match[3]:
                found[-1].append([])
            else:
                found[-1][-1].append(match[1] or match[4] or "")
        return [["".join(parts) for parts in one] for one in found]

    return split
