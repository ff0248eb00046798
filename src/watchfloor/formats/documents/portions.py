"""Portion markings: what stands in brackets before a paragraph, and the banner above a page.

`(U)`, `(PB)`, `(C//REL TO CAN, USA)`, `(TLP:AMBER)` and the same in words, in English and French. A report is
as strict as its strictest paragraph. What looks like a marking and cannot be read is held to be the strictest
there is: a typing error must not set a secret free.

Words follow the Directive on Security Management, appendix J, and the Traffic Light Protocol 2.0; foreign
caveats (`NOFORN`, `FVEY`, `FOUO`) are read as nearly as our lattice has them, and never more loosely.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Final, NamedTuple

from watchfloor.core.marking import CLASSIFIED, PROTECTED, PUBLIC, TLP, Marking, MarkingError, parse

STRICTEST: Final = Marking(
    protected=len(PROTECTED) - 1, classified=len(CLASSIFIED) - 1, tlp=len(TLP) - 1, release=frozenset()
)
"""What nobody may be shown; the marking of a portion whose own cannot be read."""

FIVE_EYES: Final = frozenset({"AUS", "CAN", "GBR", "NZL", "USA"})
NEED_TO_KNOW: Final = Marking(protected=PROTECTED.index("PB"), tlp=TLP.index("AMBER"))
"""Foreign caveats for what is unclassified and not for everyone; Protected B is the nearest that we have."""

WORDS: Final = {
    **dict.fromkeys(("U", "UNCLASSIFIED", "UNCLAS", "NC", "NON CLASSIFIÉ", "SANS CLASSIFICATION"), PUBLIC),
    **dict.fromkeys(("PA", "PROTECTED A", "PROTÉGÉ A"), Marking(protected=1)),
    **dict.fromkeys(("PB", "PROTECTED B", "PROTÉGÉ B"), Marking(protected=2)),
    **dict.fromkeys(("PC", "PROTECTED C", "PROTÉGÉ C"), Marking(protected=3)),
    **dict.fromkeys(("C", "CONFIDENTIAL", "CONFIDENTIEL"), Marking(classified=1)),
    **dict.fromkeys(("S", "SECRET"), Marking(classified=2)),
    **dict.fromkeys(("TS", "TOP SECRET", "TRÈS SECRET"), Marking(classified=3)),
    **dict.fromkeys(
        ("CEO", "CANADIAN EYES ONLY", "RAC", "RÉSERVÉ AUX CANADIENS"), Marking(release=frozenset({"CAN"}))
    ),
    **dict.fromkeys(("NF", "NOFORN"), Marking(release=frozenset({"USA"}))),
    **dict.fromkeys(("OC", "ORCON"), Marking(originators=frozenset({"unstated"}))),
    **dict.fromkeys(("FOUO", "CUI", "LES", "SBU"), NEED_TO_KNOW),
    **dict.fromkeys(("FVEY",), Marking(release=FIVE_EYES)),
    **{word: Marking(compartments=frozenset({word})) for word in ("SI", "TK", "HCS", "ATOMAL")},
    "TLP:WHITE": PUBLIC,
}
"""Words of a marking. What an owner must agree to (`ORCON`) names no owner, so nobody passes for one."""

BANNERS: Final = frozenset(word for word in WORDS if len(word) > 5 or word.startswith("TLP"))
"""Words that make a line of capitals a banner; `C` or `SI` alone are no such line."""

_START: Final = re.compile(r"\s*(?:\d+(?:\.\d+)*[.)]?\s+|[-–•*·]\s+)?\(([^()\n]{1,100})\)(?=\s|$)")
_RELEASE: Final = re.compile(r"REL(?:\s+TO|:|\s)\s*(.+)")
_LOUD: Final = re.compile(r"TLP|PROT[EÉ]|SECRET|CONFID|CLASSIF|\bREL\b")
_CAPITALS: Final = re.compile(r"[A-ZÀ-Ý]{2,12}(?:[ /:-]+[A-ZÀ-Ý+]{1,12})*")
_ROMAN: Final = re.compile(r"[IVXLC]+")


class UnreadableMarkingError(ValueError):
    """A marking that is none of those known."""


class Paragraph(NamedTuple):
    """A paragraph of a document, and the page it starts on, from 1, where there are pages."""

    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Portion:
    """A paragraph with its own marking, None where it has none."""

    text: str
    page: int | None
    marking: Marking | None


@dataclass(frozen=True, slots=True)
class Portions:
    """The paragraphs of a document.

    Attributes:
        portions: in their order.
        marking: the join of their markings and of the document's banners.
        unreadable: what was found in place of a marking and could not be read, by number of the portion.
    """

    portions: tuple[Portion, ...]
    marking: Marking
    unreadable: dict[int, str]


def portioned(paragraphs: Iterable[Paragraph]) -> Portions:
    """Read the markings of a document's paragraphs.

    Brackets with a few capitals, such as `(RCMP)`, are taken for a marking that cannot be read only in a
    document that marks its portions.
    """
    given = [one for one in paragraphs if one.text.strip()]
    texts = [marking_text(one.text) for one in given]
    marked = any(_is_readable(text) for text in texts)
    portions: list[Portion] = []
    unreadable: dict[int, str] = {}
    for number, (one, text) in enumerate(zip(given, texts, strict=True)):
        marking = _marking(text, marked=marked) if text else None
        if marking is STRICTEST and text is not None:
            unreadable[number] = text
        portions.append(Portion(one.text, one.page, marking))
    return Portions(
        tuple(portions),
        reduce(Marking.__or__, filter(None, (p.marking for p in portions)), PUBLIC),
        unreadable,
    )


def marking_text(text: str) -> str | None:
    """Return the text that may be a paragraph's marking: in brackets before it, or a banner as a whole."""
    if match := _START.match(text):
        return match[1].strip()
    line = text.strip()
    banner = line.upper() == line and "\n" not in line and len(line) <= 100
    return line if banner and line.partition("//")[0].strip() in BANNERS | _TLPS else None


def unmarked(text: str) -> str:
    """The paragraph with blanks for the brackets before it, so that all else stands where it stood."""
    match = _START.match(text)
    return " " * match.end() + text[match.end() :] if match and _is_upper(match[1]) else text


def read_marking(text: str) -> Marking:
    """A marking as people write it, such as `C//REL TO CAN, USA`.

    Raises:
        UnreadableMarkingError: it has a part that nobody defined.
    """
    try:
        return parse(text)
    except MarkingError:
        parts = [" ".join(part.split()) for part in text.upper().split("//")]
        return reduce(Marking.__or__, map(_part, parts))


def _part(part: str) -> Marking:
    if part in WORDS:
        return WORDS[part]
    if match := _RELEASE.fullmatch(part):
        return Marking(release=_countries(match[1]))
    try:
        return parse(re.sub(r"\s*:\s*", ":", part))
    except MarkingError as error:
        raise UnreadableMarkingError(f"{part!r} is no part of a marking") from error


def _countries(text: str) -> frozenset[str]:
    codes = set(filter(None, re.split(r"[,;/\s]+|\bAND\b|\bET\b", text)))
    known = {code for code in codes if re.fullmatch(r"[A-Z]{3}", code)}
    if not codes or codes - known - {"FVEY"}:
        raise UnreadableMarkingError(f"{text!r} is no list of countries in three letters")
    return frozenset(known | (FIVE_EYES if "FVEY" in codes else frozenset()))


def _marking(text: str, *, marked: bool) -> Marking | None:
    """The marking of a portion; `STRICTEST` itself where it cannot be read, None where it is none."""
    if not _is_upper(text):
        return None
    try:
        return read_marking(text)
    except UnreadableMarkingError:
        return STRICTEST if _claims(text, marked=marked) else None


def _is_readable(text: str | None) -> bool:
    try:
        return bool(text) and _is_upper(text or "") and bool(read_marking(text or ""))
    except UnreadableMarkingError:
        return False


def _is_upper(text: str) -> bool:
    """Markings are written in capitals; `(see annex)` and `(c)` of a list are none."""
    return text.upper() == text and any(char.isalpha() for char in text)


def _claims(text: str, *, marked: bool) -> bool:
    """Whether a text that cannot be read means to be a marking."""
    if "//" in text or _LOUD.search(text):
        return True
    return marked and bool(_CAPITALS.fullmatch(text)) and not _ROMAN.fullmatch(text)


_TLPS: Final = frozenset(f"TLP:{label}" for label in TLP)
