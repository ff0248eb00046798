"""PDF made by Typst from data alone, tagged for screen readers (PDF/UA-1).

What a record says goes in as JSON and is never markup. Libertinus Serif comes with Typst and has Latin,
Greek, Cyrillic and Hebrew; other scripts are drawn with what fonts the machine has. PDF/UA refuses a
character that no font can draw: those stand as their Unicode numbers, and the data says so under `missing`.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from watchfloor.core.extras import optional

if TYPE_CHECKING:
    import typst

STANDARD: Final = "ua-1"
FONTS: Final = (
    "Libertinus Serif",
    "Noto Naskh Arabic",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Noto Sans",
    "DejaVu Sans",
)
"""Fonts that are wanted, the first that has a character draws it; after them any that the machine has."""

Missing = Callable[[int, str], str]
"""The sentence that so many characters, such as this one, could not be drawn."""

_UNDRAWN: Final = re.compile(r"the text `\"(.*?)\"` could not be displayed")
_ESCAPED: Final = re.compile(r"\\u\{([0-9a-fA-F]+)\}")


class Unset(Exception):  # noqa: N818 - named for what became of the paper
    """Typst makes none of it, for another reason than a character; the message says which."""


def pdf(template: bytes, data: dict[str, Any], missing: Missing, at: datetime) -> bytes:
    """A template filled with data, as PDF.

    Args:
        template: Typst; it finds the data as JSON in `sys.inputs.data`, with `fonts` and `missing` in it.
        data: plain JSON.
        missing: the sentence for characters that no font draws.
        at: when it is made.

    Raises:
        Unset: it cannot be made.
        MissingExtraError: Typst is not installed.
    """
    with optional():
        import typst
    data = data | {"fonts": wanted(), "missing": ""}
    lacking = set(_unwritten(texts(data)))
    while True:
        try:
            return _compiled(template, _drawable(data, lacking, missing), at)
        except typst.TypstError as error:
            more = set(undrawn(error.diagnostic)) - lacking
            if not more:
                raise Unset(error.message) from error
            lacking |= more


def undrawn(diagnostic: str) -> Iterable[str]:
    """The characters beyond plain Latin that Typst says no font has."""
    for text in _UNDRAWN.findall(diagnostic):
        plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        yield from (char for char in plain if ord(char) > 0x7F)


def texts(value: object) -> Iterable[str]:
    """Every text in a value of plain JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


@cache
def fonts() -> "typst.Fonts":
    """The fonts of this machine, and Typst's own."""
    with optional():
        import typst
    return typst.Fonts()


def wanted() -> list[str]:
    """Those of `FONTS` that are there."""
    have = {one.lower() for one in fonts().families()}
    return [one for one in FONTS if one.lower() in have]


def _compiled(template: bytes, data: dict[str, Any], at: datetime) -> bytes:
    import typst

    compiler = typst.Compiler(template, font_paths=fonts())
    made = compiler.compile(
        input=template,
        format="pdf",
        sys_inputs={"data": msgspec.json.encode(data).decode()},
        pdf_standards=STANDARD,
        timestamp=at.replace(microsecond=0),
    )
    assert isinstance(made, bytes)  # one file: only pictures come a page each
    return made


def _unwritten(said: Iterable[str]) -> Iterable[str]:
    """Control characters, which no font draws and which would vanish."""
    for text in said:
        yield from (char for char in text if not char.isprintable() and char not in " \n\t\u00a0\u202f\u2009")


def _drawable(data: dict[str, Any], lacking: set[str], missing: Missing) -> dict[str, Any]:
    """The data with each such character as its number; the foot of the page says so."""
    if not lacking:
        return data
    numbers = {ord(char): f"[U+{ord(char):04X}]" for char in lacking}
    written: dict[str, Any] = _mapped(data, lambda text: text.translate(numbers))
    first = min(numbers.values())
    return written | {"missing": missing(len(lacking), first), "fonts": data["fonts"]}


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _mapped(each, change) for name, each in value.items()}
    return [_mapped(each, change) for each in value] if isinstance(value, list) else value
