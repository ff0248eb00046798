"""Zones in text: pasted lines, files of many zones, text around them that an optical reader made.

Only errors that optical readers of OCR-B make are corrected, and reported: other characters for a filler,
letters of another alphabet that look alike, lower case. Spaces between characters are passed over.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from watchfloor.formats.travel import columnar
from watchfloor.formats.travel.layouts import (
    ALPHABET,
    BLANK,
    DIGIT,
    FILLER,
    LAYOUTS,
    LETTER,
    Layout,
    layout_of,
)

SLACK: Final = 2
"""Signs that a line may have too few or too many, and still be taken for one of a zone."""
WIDTHS: Final = (44, 36, 30)
CODES: Final = frozenset("PVIAC")
"""First letters of document codes: passport, visa, official documents of TD1 and TD2 (parts 4 to 7)."""
LONGEST: Final = 120
"""Signs of a line that is looked at: three lines of thirty in one, with spaces."""

_FILLERS: Final = "‹〈《＜⟨❮˂ᐸ<≤«"
_AROUND: Final = " \t\r\n\"'`,;"
_BLANK: Final = dict.fromkeys([*map(ord, " \t\u00a0\u2007\u2009\u202f\u3000"), 0x200B, 0xFEFF, 0x2060])
_ALIKE: Final[Mapping[str, str]] = {
    **dict(zip("АВЕЅІЈКМНОРСТХУЗ", "ABESIJKMHOPCTXY3", strict=True)),  # Cyrillic
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),  # Greek
}
"""Letters of Cyrillic and Greek that are drawn as those of the zone's alphabet."""


READ_AS_LETTER: Final = dict(zip("012568", "OIZSGB", strict=True))
READ_AS_DIGIT: Final = dict(zip("OQDILZSGB", "000112568", strict=True))
"""What an optical reader takes for another, where a field holds only letters, or only digits."""


class Oddity(NamedTuple):
    """A sign that was read as another one: where it stands in the zone's line, both from 1."""

    line: int
    column: int
    kind: str
    sign: str
    read: str


class Zone(NamedTuple):
    """A zone as it was found.

    Attributes:
        lines: its lines, of signs of the alphabet as far as they could be read so.
        layout: that it has by the number and the length of its lines; None where these fit none.
        locator: where it stands: `line 3` for the first of its lines.
        oddities: signs that were read as others.
    """

    lines: tuple[str, ...]
    layout: Layout | None
    locator: str
    oddities: tuple[Oddity, ...]

    @property
    def text(self) -> str:
        """All lines as one."""
        return "".join(self.lines)


class _Line(NamedTuple):
    number: int
    text: str
    oddities: tuple[tuple[int, str, str, str], ...]
    spaces: int = 0


def read_line(raw: str) -> tuple[str, tuple[tuple[int, str, str, str], ...]]:
    """Return a line in the alphabet as far as it can be, and the signs that were read as others.

    Each of these is its column from 1, its kind (`lower-case`, `filler`, `alphabet`, `unreadable`), itself,
    and what it was read as. A sign that is like none becomes a question mark.
    """
    found: list[str] = []
    odd: list[tuple[int, str, str, str]] = []
    for sign in raw.translate(_BLANK):
        if sign in ALPHABET:
            found.append(sign)
            continue
        column = len(found) + 1
        kind, read = _read_sign(sign)
        odd.append((column, kind, sign, read))
        found.append(read)
    return "".join(found), tuple(odd)


def _read_sign(sign: str) -> tuple[str, str]:
    if "a" <= sign <= "z":
        return "lower-case", sign.upper()
    if sign in _FILLERS:
        return "filler", FILLER * (2 if sign in "«《" else 1)
    if sign in "|!":
        return "alphabet", "I"
    plain = unicodedata.normalize("NFKC", sign).upper()
    plain = _ALIKE.get(plain, plain)
    if len(plain) == 1 and plain in ALPHABET:
        return "alphabet", plain
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return "alphabet", str(digit)
    return "unreadable", "?"


def zones(lines: Iterable[tuple[int, str]], *, by_reader: bool = False) -> Iterator[Zone]:
    """Yield the zones among numbered lines; what is like none is passed over.

    Args:
        lines: with their numbers; empty ones may stand between the lines of one zone.
        by_reader: an optical reader made them, so that look-alikes are `settled`.
    """
    for zone in _zones(lines, by_reader):
        yield settled(zone) if by_reader else zone


def _zones(lines: Iterable[tuple[int, str]], by_reader: bool) -> Iterator[Zone]:
    window: list[_Line] = []
    for number, raw in lines:
        if not raw.strip():
            continue
        raw = _bare(raw[: 4 * LONGEST])
        text, odd = read_line(raw)
        if by_reader and text[:1] == "1" and text[2:3].isalpha():  # a card's code begins with I
            text, odd = "I" + text[1:], ((1, "alphabet", "1", "I"), *odd)
        window.append(_Line(number, text, odd, raw.strip().count(" ")))
        while len(window) >= 3:
            yield from _taken(window)
    while window:
        yield from _taken(window)


def _bare(raw: str) -> str:
    """Return a line without quotes around it, and without words beside a run of signs as long as a line."""
    bare = raw.strip(_AROUND)
    long = [one.strip(_AROUND) for one in bare.split() if len(one) >= WIDTHS[-1] - SLACK]
    return long[0] if len(long) == 1 and FILLER in long[0] else bare


def _taken(window: list[_Line]) -> Iterator[Zone]:
    """Yield the zone that a window begins with, if it does, and take its lines, or one, off."""
    count, layout = _begins(window)
    if count:
        yield _zone(window[:count], layout, f"line {window[0].number}")
    del window[: max(count, 1)]


def _begins(window: list[_Line]) -> tuple[int, Layout | None]:
    """Return how many lines a zone has that begins here, 0 for none, and its layout."""
    first = window[0]
    for width, lines in ((30, 3), (44, 2), (36, 2)):
        if len(first.text) == width * lines and _like(first) and first.text[:1] in CODES:
            return 1, layout_of(lines, width, lines == 2 and first.text[0] == "V")
    width = _width(first)
    if not width:
        return 0, None
    many = 3 if width == 30 else 2
    found = window[:many]
    if len(found) == many and all(_near(one, width) for one in found) and _belong(found):
        return many, _layout(found, width)
    if width == 30 and _starts(first) and window[1:2] and _width(window[1]) and not _starts(window[1]):
        return 2, None
    return (1, None) if _starts(first) else (0, None)


def _near(line: _Line, width: int) -> bool:
    return _like(line) and abs(len(line.text) - width) <= SLACK


def _belong(lines: list[_Line]) -> bool:
    """Return whether lines are one zone: by the first one's code, or by what each of them holds.

    A misread code is no reason to pass a zone over: lines of just its width, of its alphabet, with names and
    with data where these belong, are one. A line that begins another zone is no second line.
    """
    texts = [one.text for one in lines]
    if sum(text.count(FILLER) for text in texts) < 2:
        return False
    if texts[0][:1] in CODES:
        return len(lines) == 3 or not (_starts(lines[0]) and _starts(lines[1]))
    widths = {len(text) for text in texts}
    if not widths <= {*WIDTHS} or len(widths) > 1 or any(line.oddities for line in lines):
        return False
    digits = [sum(map(str.isdigit, text)) for text in texts]
    named, data = (digits[-1], digits[-2]) if len(lines) == 3 else digits
    return named <= 3 and data >= 10 and not any(map(_starts, lines[1:2]))


def _layout(lines: list[_Line], width: int) -> Layout | None:
    """Return the layout of so many lines; where the code is of none, the one with fewer faults."""
    code = lines[0].text[:1]
    if code in CODES or len(lines) == 3:
        return layout_of(len(lines), width, len(lines) == 2 and code == "V")
    text = "".join(one.text for one in lines)
    both = [one for one in (layout_of(2, width, visa) for visa in (False, True)) if one]
    return min(both, key=lambda one: _faults(text, one))


def _faults(text: str, layout: Layout) -> int:
    day = date(2000, 1, 1)  # the century is the same for both
    return int(columnar.verify(columnar.stacked([text], layout), layout, day).faults[0]).bit_count()


def _width(line: _Line) -> int:
    """Return the width of a zone's line that this one is nearest to; 0 where it is like none."""
    if not _like(line):
        return 0
    return next((width for width in WIDTHS if abs(len(line.text) - width) <= SLACK), 0)


def _like(line: _Line) -> bool:
    """Return whether a line is like one of a zone: signs of its alphabet, nearly all of them written so."""
    kinds = [kind for _, kind, _, _ in line.oddities]
    prose = line.spaces > 2 and 3 * kinds.count("lower-case") > len(line.text)
    few = kinds.count("unreadable") <= 2 and kinds.count("alphabet") <= len(line.text) // 2
    return len(line.text) >= WIDTHS[-1] - SLACK and few and not prose


def _starts(line: _Line) -> bool:
    """Return whether a line looks like the first of a zone: code, issuer, names or a card's number."""
    text = line.text
    digits = sum(map(str.isdigit, text[5:]))
    fits = digits >= 1 if len(text) <= 30 + SLACK else digits <= 3
    return text[:1] in CODES and text[2:3].isalpha() and FILLER * 2 in text and fits


def _zone(lines: list[_Line], layout: Layout | None, locator: str) -> Zone:
    if layout and len(lines) == 1 and len(lines[0].text) == layout.size:
        width, (line,) = layout.width, lines
        texts = tuple(line.text[at : at + width] for at in range(0, layout.size, width))
        odd = tuple(Oddity((at - 1) // width + 1, (at - 1) % width + 1, *rest) for at, *rest in line.oddities)
        return Zone(texts, layout, locator, odd)
    odd = tuple(Oddity(number, *one) for number, line in enumerate(lines, 1) for one in line.oddities)
    return Zone(tuple(line.text for line in lines), layout, locator, odd)


def settled(zone: Zone) -> Zone:
    """Return a zone that an optical reader read, with look-alikes put right where a field says which it is.

    A digit where only letters stand is the letter that it looks like, and the other way round; fields that
    hold both stay as read. Every sign that was put right is an oddity of kind `reader`.
    """
    layout = zone.layout
    odd = [one._replace(kind="reader") for one in zone.oddities]
    if layout is None or any(len(line) != layout.width for line in zone.lines):
        return zone._replace(oddities=tuple(odd))
    signs = list(zone.text)
    for at, allowed in enumerate(layout.allowed()):
        sign = signs[at]
        kind = DIGIT if sign.isdigit() else LETTER if sign.isalpha() else BLANK
        if kind & allowed or kind == BLANK:
            continue
        read = (READ_AS_DIGIT if allowed & DIGIT else READ_AS_LETTER).get(sign)
        if read:
            odd.append(Oddity(*layout.place(at), "reader", sign, read))
            signs[at] = read
    text = "".join(signs)
    lines = tuple(text[at : at + layout.width] for at in range(0, layout.size, layout.width))
    return zone._replace(lines=lines, oddities=tuple(odd))


def zone_of(text: str, locator: str = "text", layout: str = "") -> Zone | None:
    """Return the zone that a text is, such as a cell of a table; None where it holds none.

    Args:
        text: its lines, or all signs in one.
        locator: where it stands.
        layout: its name, where it is known and not to be told from the lines.
    """
    if layout:
        read = [(at, read_line(line)) for at, line in enumerate(filter(str.strip, text.splitlines()), 1)]
        lines = [_Line(at, *one) for at, one in read]
        return _zone(lines, LAYOUTS[layout], locator) if lines else None
    found = next(zones(enumerate(text.splitlines(), 1)), None)
    return found._replace(locator=locator) if found else None
