"""Measures and colours of the pictures: Okabe and Ito's palette, which the colour-blind tell apart.

Source: Okabe and Ito, "Color Universal Design", 2008. Names of curves are in a darker shade of their line, so
that text has 4.5:1 on white; each style also has its own dash and marker, so that none needs colour.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from watchfloor.scorecard.findings import Curve

WIDTH: Final = 680
"""Of a picture, in pixels where it is shown as it is."""

PANEL, MARKS, UNIT = 210, 32, 14
"""Height of a panel, and above it of two rows of marks and of the unit."""

LEFT, RIGHT = 52, 158
"""Room for values at the left and for the names of curves at the right."""

SIZE: Final = 12.0
"""Of text, in pixels."""

LETTER: Final = 6.4
"""Width that a letter is taken to have: wider than most, so that what is placed by it does not touch."""

LETTERS: Final = 21
"""Letters in a line of a curve's name."""

LEADING: Final = 14.5
"""From line to line."""

INK, SOFT, RULE, GAP = "#1a1a1a", "#55595e", "#d4d7da", "#e9ebee"
"""Text, lesser text, rules, and the ground of a month that is not published."""

SANS: Final = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
"""Fonts of the pictures on a page."""


class Style(NamedTuple):
    """How a curve is drawn; `text` is the colour of its name."""

    line: str
    text: str
    width: float
    dash: Any
    marker: str


DOTS: Final = (0, (1.2, 2.2))
"""The dash of a threshold."""

STYLES: Final = {
    "ours": Style("#0072b2", "#00598c", 2.2, "solid", "o"),
    "control": Style("#d55e00", "#a34700", 1.8, (0, (6, 2)), "s"),
    "expected": Style("#009e73", "#00684c", 1.6, (0, (6, 2, 1.2, 2)), "^"),
    "threshold": Style(INK, INK, 1.1, DOTS, "x"),
}
"""By role, of the first curve that has it."""

MORE: Final = (
    Style("#cc79a7", "#94436f", 1.8, (0, (3, 1.5)), "D"),
    Style("#e69f00", "#7f5700", 1.8, (0, (8, 2, 2, 2)), "v"),
    Style("#56b4e9", "#1c6a97", 1.8, (0, (2, 1.2)), "P"),
)
"""Of the next curves of a role, whichever it is."""


def styles(curves: Sequence[Curve]) -> list[Style]:
    """How each is drawn: by its role, and no two alike up to the seventh."""
    found, taken, more = [], set(), 0
    for one in curves:
        if one.role in STYLES and one.role not in taken:
            taken.add(one.role)
            found.append(STYLES[one.role])
        else:
            found.append(MORE[more % len(MORE)])
            more += 1
    return found
