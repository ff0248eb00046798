"""The report form: a header of `Key: value` lines, or TOML between lines of `+++`, and then the text.

It is recognised by its header: two keys of ours or more in its first lines, one of them a rating, a title, or
a file number. See `watchfloor.formats.documents.header` for the keys.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import BinaryIO, Final

from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.documents import rows
from watchfloor.formats.documents.header import KEYS, About, from_lines, from_toml
from watchfloor.formats.documents.rows import Document
from watchfloor.formats.documents.text import whole_text
from watchfloor.formats.xml_limits import head_text

TELLING: Final = frozenset({"reliability", "credibility", "rating", "title", "references", "report_key"})
MAIL: Final = re.compile(
    r"^(?:received|return-path|mime-version|message-id|content-type|dkim-signature)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_KEY: Final = re.compile(r"([^\W\d_][\w' ’]{0,40}?)\s*:(?:\s|$)")
_TOML: Final = re.compile(r"\s*\+\+\+[ \t]*\n(.*?)\n\+\+\+[ \t]*(?:\n|$)", re.DOTALL)


def sniff(head: Head) -> float:
    """Sure of two known keys at the start; an electronic message has keys of its own and is none."""
    text = head_text(head).lstrip("\ufeff").replace("\r\n", "\n")
    if text.lstrip().startswith("+++\n"):
        return 0.9
    first = text.lstrip().split("\n\n", 1)[0]
    found = {KEYS.get(match[1].lower()) for match in map(_KEY.match, first.split("\n")[:20]) if match} - {
        None
    }
    return 0.9 if len(found) >= 2 and found & TELLING and not MAIL.search(first) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """One report. Raises `FormatError` for a file that is empty, no text, or has a broken header."""
    about, body = split(whole_text(stream, name), name)
    yield from rows.pieces(Document(list(rows.paragraphs(body)), about))


def split(text: str, name: str) -> tuple[About, str]:
    """Header and body of a text."""
    if match := _TOML.match(text):
        try:
            return from_toml(match[1]), text[match.end() :]
        except tomllib.TOMLDecodeError as error:
            raise FormatError(f"{name}: the header between the lines +++ is no TOML: {error}") from error
    lines = text.lstrip().split("\n")
    about, used = from_lines(lines, whole=True)
    return about, "\n".join(lines[used:])


FORMAT: Final = Format("report-form", ("report", "party"), sniff, read)
