"""Texts of a picture and their places: values, months, names of curves, marks, the key of shades.

Places are worked out from counts of letters, not from a font, so they are the same on every machine.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from watchfloor import messages
from watchfloor.core.messages import Language
from watchfloor.scorecard.bilingual import Text, number, plain
from watchfloor.scorecard.findings import Curve, Plot
from watchfloor.scorecard.plots.scale import Scale, index
from watchfloor.scorecard.plots.style import (
    GAP,
    INK,
    LEADING,
    LEFT,
    LETTER,
    LETTERS,
    MARKS,
    PANEL,
    RIGHT,
    SIZE,
    SOFT,
    UNIT,
    WIDTH,
    styles,
)

THRESHOLD: Final = Text("threshold, {value}", "seuil\u00a0: {value}")
UNPUBLISHED: Final = Text("month not held here", "mois non détenu ici")
BAND: Final = Text("interval", "intervalle")
MONTHLY: Final = 36
"""Months up to which months are named on the axis; beyond it only years."""

ROOM: Final = WIDTH - LEFT - RIGHT


@dataclass(frozen=True, slots=True)
class Written:
    """A text in a picture.

    Attributes:
        text: what it says.
        x, y: where, in units of `frame`.
        frame: value (month, value), foot (month, part of the height), side (part of the width, value) or
            corner (parts of both).
        right, up: pixels further.
        align: left, center or right of that place.
        colour, size, bold: how.
        swatch: colour of a small field before it; `opacity` of the field.
    """

    text: str
    x: float
    y: float
    frame: Literal["value", "foot", "side", "corner"] = "value"
    right: float = 0.0
    up: float = 0.0
    align: Literal["left", "center", "right"] = "left"
    colour: str = INK
    size: float = SIZE
    bold: bool = False
    swatch: str = ""
    opacity: float = 1.0


def above(curves: Sequence[Curve]) -> int:
    """Room above a panel: for marks, and for the unit where it does not stand at each value."""
    return MARKS + (0 if _percent(curves) else UNIT)


def below(curves: Sequence[Curve], on: Scale) -> int:
    """Room below a panel: for months, for years below them, and for what shades mean."""
    short = on.last - on.first < MONTHLY
    shaded = bool(on.gaps) or any(one.low and one.high for one in curves)
    return 24 + 14 * short + 20 * shaded


def units(curves: Sequence[Curve], on: Scale, language: Language) -> Iterator[Written]:
    """The values at the rules, and above them what they are counted in."""
    for tick in on.ticks:
        text = number(tick, on.digits)[language] + _sign(curves)
        yield Written(text, 0, tick, "side", -8, -4, "right", SOFT)
    if not _percent(curves):
        yield Written(curves[0].unit[language], 0, 1, "corner", 8 - LEFT, MARKS, "left", SOFT)


def months(on: Scale, language: Language) -> Iterator[Written]:
    """Months of a short span, each quarter's first with the year below January; years of a long one."""
    every = range(on.first, on.last + 1)
    pixel = ROOM / len(every)
    if len(every) > MONTHLY:
        years = [month for month in every if month % 12 == 0]
        step = next((n for n in (1, 2, 5, 10, 20) if n * 12 * pixel >= 40), 50)
        for month in years:
            if month // 12 % step == 0:
                yield Written(str(month // 12), month, 0, "foot", 0, -17, "center", SOFT)
        return
    step = next(n for n in (1, 2, 3, 6, 12) if n * pixel >= 38 or n == 12)
    named_ = [month for month in every if month % step == 0] or [on.first]
    for month in named_:
        name = messages.month(month % 12 + 1, language, short=True)
        yield Written(name, month, 0, "foot", 0, -17, "center", SOFT)
    for month in _first_of_years(named_):
        yield Written(str(month // 12), month, 0, "foot", 0, -31, "center", SOFT)


def named(curves: Sequence[Curve], on: Scale, language: Language) -> Iterator[Written]:
    """The name of each curve at its end, and that of the threshold, moved apart where they would touch."""
    blocks = [
        (textwrap.wrap(one.label[language], LETTERS, break_long_words=True) or [""], style.text, last)
        for one, style in zip(curves, styles(curves), strict=True)
        if (last := _last(one)) is not None
    ]
    if on.threshold is not None:
        text = THRESHOLD[language].format(value=plain(on.threshold)[language] + _sign(curves))
        blocks.append((textwrap.wrap(text, LETTERS), INK, on.threshold))
    blocks.sort(key=lambda block: -block[2])
    pixel = PANEL / (on.top - on.ticks[0])
    wanted = [(value - on.ticks[0]) * pixel for _, _, value in blocks]
    for (lines, colour, _), middle in zip(
        blocks, spread(wanted, [len(b[0]) * LEADING + 5 for b in blocks]), strict=True
    ):
        for at, line in enumerate(lines):
            up = middle + (len(lines) - 1) / 2 * LEADING - at * LEADING - 4
            yield Written(line, 1, 0, "corner", 8, up, "left", colour, bold=True)


def spread(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Middles of blocks from the highest down, as near to where they are wanted as they do not touch."""
    placed: list[list[int]] = []
    for at in range(len(wanted)):
        placed.append([at])
        while len(placed) > 1 and _top(placed[-1], wanted, heights) > _bottom(placed[-2], wanted, heights):
            placed[-2:] = [placed[-2] + placed[-1]]
    found: list[float] = []
    for group in placed:
        top = _top(group, wanted, heights)
        for at in group:
            found.append(top - heights[at] / 2)
            top -= heights[at]
    return found


def marks(plot: Plot, on: Scale, language: Language) -> Iterator[Written]:
    """Names of marked months above the panel, in two rows where they would touch."""
    taken: list[float] = [-1e9, -1e9]
    pixel = ROOM / (on.last - on.first + 1)
    for month, said in sorted(plot.marks.items()):
        at = index(month)
        if not on.first <= at <= on.last:
            continue
        text = _dated(said[language], f"{messages.month(at % 12 + 1, language)} {at // 12}")
        middle, half = (at - on.first + 0.5) * pixel, len(text) * LETTER / 2
        shift = max(0.0, half - middle - LEFT + 8) - max(0.0, middle + half - ROOM - RIGHT + 8)
        row = next((n for n, end in enumerate(taken) if middle + shift - half > end), 1)
        taken[row] = middle + shift + half + 8
        yield Written(text, at, 1, "foot", shift, 5 + 13 * row, "center", SOFT)


def key(curves: Sequence[Curve], on: Scale, language: Language) -> Iterator[Written]:
    """Yield the key of a tinted month and a tinted band, below the months."""
    found: list[Written] = []
    if on.gaps:
        found.append(Written(UNPUBLISHED[language], 0, 0, "corner", swatch=GAP, colour=SOFT))
    for one, style in zip(curves, styles(curves), strict=True):
        if one.low and one.high:
            text = f"{one.label[language]}{_colon(language)}{BAND[language]}"
            found.append(Written(text, 0, 0, "corner", swatch=style.line, opacity=0.16, colour=SOFT))
    right = 16.0 - LEFT + 8
    for written in found:
        yield replace(written, right=right, up=8 - below(curves, on))
        right += len(written.text) * LETTER + 36


def _dated(said: str, month: str) -> str:
    """A mark with its month, once."""
    return said if month in said else f"{said}, {month}"


def _percent(curves: Sequence[Curve]) -> bool:
    return curves[0].unit.en.strip() in {"%", "per cent"}


def _sign(curves: Sequence[Curve]) -> str:
    return "\u00a0%" if _percent(curves) else ""


def _colon(language: Language) -> str:
    return ": " if language == "en" else "\u00a0: "


def _first_of_years(named_: Iterable[int]) -> Iterator[int]:
    year = None
    for month in named_:
        if month // 12 != year:
            year = month // 12
            yield month


def _last(one: Curve) -> float | None:
    return next((value for value in reversed(one.values) if value is not None), None)


def _middle(group: Sequence[int], wanted: Sequence[float]) -> float:
    return sum(wanted[at] for at in group) / len(group)


def _top(group: Sequence[int], wanted: Sequence[float], heights: Sequence[float]) -> float:
    return _middle(group, wanted) + sum(heights[at] for at in group) / 2


def _bottom(group: Sequence[int], wanted: Sequence[float], heights: Sequence[float]) -> float:
    return _middle(group, wanted) - sum(heights[at] for at in group) / 2
