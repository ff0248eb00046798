"""The PDF of a paper: tagged for screen readers (PDF/UA-1), made by Typst from data alone.

What a record says goes in as JSON and is never markup. Libertinus Serif comes with Typst and has Latin,
Greek, Cyrillic and Hebrew; other scripts are drawn with what fonts the machine has. PDF/UA refuses a
character that no font can draw: those stand as their Unicode numbers, and the foot of each page says so.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
import typst

from watchfloor.cell.acting.acts import refuse
from watchfloor.console.briefing.paper import Paper, texts
from watchfloor.records.messages import declare

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

Say = Callable[..., str]
"""Words of the interface by their key, in the language of the paper."""

_UNDRAWN: Final = re.compile(r"the text `\"(.*?)\"` could not be displayed")
_ESCAPED: Final = re.compile(r"\\u\{([0-9a-fA-F]+)\}")


NO_PDF: Final = declare(
    "console.no-pdf",
    en="this lead cannot be made a PDF: {problem}. Its page can be printed",
    fr="cette piste ne peut devenir un PDF : {problem}. Sa page peut être imprimée",
)


def pdf(paper: Paper, say: Say, at: datetime) -> bytes:
    """A paper as PDF.

    Args:
        paper: what it says.
        say: words in its language.
        at: when it is printed.

    Raises:
        Refused: Typst makes none, for another reason than a character.
    """
    data = _data(paper, say)
    lacking = set(_unwritten(texts(data)))
    while True:
        try:
            return _compiled(_drawable(data, lacking, say), at)
        except typst.TypstError as error:
            more = set(undrawn(error.diagnostic)) - lacking
            if not more:
                refuse(NO_PDF, problem=error.message)
            lacking |= more


def undrawn(diagnostic: str) -> Iterable[str]:
    """The characters beyond plain Latin that Typst says no font has."""
    for text in _UNDRAWN.findall(diagnostic):
        plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        yield from (char for char in plain if ord(char) > 0x7F)


def _compiled(data: dict[str, Any], at: datetime) -> bytes:
    compiler = typst.Compiler(_template(), font_paths=_fonts())
    made = compiler.compile(
        input=_template(),
        format="pdf",
        sys_inputs={"data": msgspec.json.encode(data).decode()},
        pdf_standards=STANDARD,
        timestamp=at.replace(microsecond=0),
    )
    assert isinstance(made, bytes)  # one file: only pictures come a page each
    return made


@cache
def _template() -> bytes:
    return (files(__package__) / "briefing.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts()


@cache
def _wanted() -> list[str]:
    have = {one.lower() for one in _fonts().families()}
    return [one for one in FONTS if one.lower() in have]


def _data(paper: Paper, say: Say) -> dict[str, Any]:
    """All that the template shows, in words."""
    cut = paper.cut
    left = {
        "terms": say("cut_terms", n=cut.terms, bits=f"{cut.bits:+.2f}") if cut.terms else "",
        "records": say("cut_records", n=cut.records) if cut.records else "",
        "subjects": say("cut_subjects", n=cut.subjects) if cut.subjects else "",
        "done": say("cut_done", n=cut.done) if cut.done else "",
        "hidden": say("hidden", n=paper.hidden) if paper.hidden else "",
    }
    return {
        "paper": msgspec.to_builtins(paper),
        "words": {name: say(name) for name in WORDS},
        "left": left,
        "title": say("title", subject=paper.subject, id=paper.lead_id[:12]),
        "interval": say("interval", low=paper.low, high=paper.high),
        "confidence": say("confidence", word=paper.confidence, why=paper.confidence_why),
        "printed": say("printed", at=paper.at, by=paper.by, purpose=paper.purpose, authority=paper.authority),
        "known": say("known", at=paper.known, id=paper.lead_id, digest=paper.digest),
        "missing": "",
        "fonts": _wanted(),
    }


WORDS: Final = (
    *("exercise", "not_a_finding", "sum", "rule", "strength", "bits", "bar", "why", "total", "speaks_for"),
    *("against", "would", "joins", "hubs", "subjects", "records", "record", "called", "source", "observed"),
    *("rated", "origins", "marking", "done", "none"),
)
"""Words of the template."""


def _unwritten(said: Iterable[str]) -> Iterable[str]:
    """Control characters, which no font draws and which would vanish."""
    for text in said:
        yield from (char for char in text if not char.isprintable() and char not in " \n\t\u00a0\u202f\u2009")


def _drawable(data: dict[str, Any], lacking: set[str], say: Say) -> dict[str, Any]:
    """The data with each such character as its number; the foot of the page says so."""
    if not lacking:
        return data
    numbers = {ord(char): f"[U+{ord(char):04X}]" for char in lacking}
    written: dict[str, Any] = _mapped(data, lambda text: text.translate(numbers))
    first = min(numbers.values())
    return written | {"missing": say("missing", n=len(lacking), first=first), "fonts": data["fonts"]}


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _mapped(each, change) for name, each in value.items()}
    return [_mapped(each, change) for each in value] if isinstance(value, list) else value
