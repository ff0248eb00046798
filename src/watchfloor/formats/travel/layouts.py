"""Layouts of machine-readable zones: ICAO Doc 9303, eighth edition, parts 3 to 7, as data.

Positions are counted from 0 through all lines of a zone, which are read as one text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
"""Part 3, 4.3: the only signs of a zone."""
FILLER: Final = "<"
WEIGHTS: Final = (7, 3, 1)
"""Part 3, 4.9: weights of a check digit, from the left and over again; the sum is taken modulo 10."""

DIGIT, LETTER, BLANK = 1, 2, 4
ANY: Final = DIGIT | LETTER | BLANK
HIDDEN: Final = ("nationality", "sex")
"""Fields whose place is checked for signs that cannot stand there, and whose content is kept nowhere."""

Span = tuple[int, int]


def value(sign: str) -> int:
    """Return the value of a sign in a check digit: a digit its own, A 10 to Z 35, a filler 0."""
    return 0 if sign == FILLER else ALPHABET.index(sign)


def check_digit(text: str) -> int:
    """Return the check digit of a text (part 3, 4.9). Raises `ValueError` for a sign of no zone."""
    return sum(value(sign) * WEIGHTS[at % 3] for at, sign in enumerate(text)) % 10


class Check(NamedTuple):
    """A check digit: its name, the spans that it is over, its place, and whether a filler may stand for 0."""

    name: str
    spans: tuple[Span, ...]
    at: int
    may_be_blank: bool = False


@dataclass(frozen=True)
class Layout:
    """A layout of a zone.

    Attributes:
        name: TD1, TD2, TD3, MRV-A or MRV-B.
        lines, width: how many lines of how many signs.
        fields: name to span; `names` is the whole field of both identifiers.
        checks: its check digits.
        overflows: whether a long document number goes on in the optional data (part 5, 4.2.2; part 6, 4.2.2).
    """

    name: str
    lines: int
    width: int
    fields: Mapping[str, Span]
    checks: tuple[Check, ...]
    overflows: bool = False

    @property
    def size(self) -> int:
        """Signs of the whole zone."""
        return self.lines * self.width

    def place(self, at: int) -> tuple[int, int]:
        """Return line and column of a position, both from 1."""
        return at // self.width + 1, at % self.width + 1

    def field(self, at: int) -> str:
        """Return the field that a position lies in; for a check digit `check`."""
        if any(check.at == at for check in self.checks):
            return "check"
        return next(name for name, (start, end) in self.fields.items() if start <= at < end)

    def allowed(self) -> npt.NDArray[np.uint8]:
        """Return for each position the kinds of signs that may stand there, `DIGIT | LETTER | BLANK`."""
        found = np.full(self.size, ANY, np.uint8)
        for name, (start, end) in self.fields.items():
            found[start:end] = SIGNS.get(name, ANY)
        found[0] = LETTER
        for check in self.checks:
            open_ended = self.overflows and check.name == "number"
            found[check.at] = DIGIT | BLANK if check.may_be_blank or open_ended else DIGIT
        return found

    def weights(self) -> npt.NDArray[np.int64]:
        """Return the weight of each position (row) in each check (column); the digit itself weighs -1.

        The product with the values of a zone is 0 modulo 10 where a check digit is right.
        """
        found = np.zeros((self.size, len(self.checks)), np.int64)
        for column, check in enumerate(self.checks):
            places = [at for start, end in check.spans for at in range(start, end)]
            found[places, column] = [WEIGHTS[index % 3] for index in range(len(places))]
            found[check.at, column] = -1
        return found


SIGNS: Final[Mapping[str, int]] = {
    "code": LETTER | BLANK,
    "issuer": LETTER | BLANK,
    "names": LETTER | BLANK,
    "nationality": LETTER | BLANK,
    "sex": LETTER | BLANK,
    "birth": DIGIT | BLANK,
    "expiry": DIGIT | BLANK,
}
"""Kinds of signs of fields; all others hold any (part 3, 4.6 and 4.8: a date's unknown part is filler)."""


def _two_lines(name: str, width: int, optional: Span, composite: bool, personal: bool) -> Layout:
    """Return a layout of two lines, which differ in width and in what follows the expiry."""
    at = width
    fields = {
        "code": (0, 2),
        "issuer": (2, 5),
        "names": (5, width),
        "number": (at, at + 9),
        "nationality": (at + 10, at + 13),
        "birth": (at + 13, at + 19),
        "sex": (at + 20, at + 21),
        "expiry": (at + 21, at + 27),
        "optional": optional,
    }
    checks = [
        Check("number", (fields["number"],), at + 9),
        Check("birth", (fields["birth"],), at + 19),
        Check("expiry", (fields["expiry"],), at + 27),
    ]
    if personal:
        checks.append(Check("optional", (optional,), optional[1], may_be_blank=True))
    if composite:
        last = 2 * width - 1
        checks.append(Check("composite", ((at, at + 10), (at + 13, at + 20), (at + 21, last)), last))
    return Layout(name, 2, width, fields, tuple(checks), overflows=name == "TD2")


TD1: Final = Layout(
    "TD1",
    3,
    30,
    {
        "code": (0, 2),
        "issuer": (2, 5),
        "number": (5, 14),
        "optional": (15, 30),
        "birth": (30, 36),
        "sex": (37, 38),
        "expiry": (38, 44),
        "nationality": (45, 48),
        "optional-2": (48, 59),
        "names": (60, 90),
    },
    (
        Check("number", ((5, 14),), 14),
        Check("birth", ((30, 36),), 36),
        Check("expiry", ((38, 44),), 44),
        Check("composite", ((5, 30), (30, 37), (38, 45), (48, 59)), 59),
    ),
    overflows=True,
)
TD2: Final = _two_lines("TD2", 36, (64, 71), composite=True, personal=False)
TD3: Final = _two_lines("TD3", 44, (72, 86), composite=True, personal=True)
MRV_A: Final = _two_lines("MRV-A", 44, (72, 88), composite=False, personal=False)
MRV_B: Final = _two_lines("MRV-B", 36, (64, 72), composite=False, personal=False)

LAYOUTS: Final[Mapping[str, Layout]] = {one.name: one for one in (TD1, TD2, TD3, MRV_A, MRV_B)}


def layout_of(lines: int, width: int, visa: bool) -> Layout | None:
    """Return the layout of so many lines of so many signs; visas have their own of the same sizes."""
    for one in (MRV_A, MRV_B) if visa else (TD1, TD2, TD3):
        if (one.lines, one.width) == (lines, width):
            return one
    return None


def long_number(layout: Layout, text: str) -> tuple[str, Check] | None:
    """Return a document number that goes on in the optional data, and its check; None where it does not.

    A filler stands in the place of the check digit; the rest of the number, its check digit and a filler
    follow at the start of the optional data. Where nothing follows, the rest is empty and so is the check.
    """
    number = next(check for check in layout.checks if check.name == "number")
    start, end = layout.fields["number"]
    if not layout.overflows or text[number.at] != FILLER or not text[start:end].strip(FILLER):
        return None
    first, last = layout.fields["optional"]
    rest = text[first:last].partition(FILLER)[0]
    if len(rest) < 2:
        return text[start:end].rstrip(FILLER), Check("number", (), first)
    behind = first + len(rest) - 1
    return text[start:end] + rest[:-1], Check("number", ((start, end), (first, behind)), behind)
