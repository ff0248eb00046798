"""A figure as a sentence states it, and the rule by which a computed value is judged against it.

A figure in a sentence is rounded, and its digits say how far: it stands for every number that rounds to it,
half a unit of its last digit to either side. What is the last digit:

- every decimal that is written counts: 43.0 is to the tenth, 0.20 per cent to the hundredth of a point;
- the noughts that end a whole number are place-holders, but never its second digit: 22,000 is to the
  thousand, 5,000 to the hundred, 43 and 40 to one, so none from 10 up is off by more than a twentieth;
- a per cent is to the whole point at least: 90 per cent is 89.5 to 90.5;
- nought has no digit to round to, and states that there is none;
- `to` in a claim's file says the unit where the sentence says another: "rounded to the nearest hundred".

The words before a figure divide the line at the figure and at its two ends, so that no value is both "nearly"
and "well under" it. Where "well" begins no convention says. What rounds to the figure is not well under it;
what is lower by half of its first digit (under 0.5 for 1, under 85 for 90) is; between the two it is open.

"About", "some" and "roughly" widen nothing: a bare figure is a rounded one, and those words give no number.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

WORDS: Final = (
    *("about", "nearly", "just_over", "below", "well_below", "at_most", "more_than", "well_over"),
    *("at_least", "between"),
)

ROUNDED: Final = frozenset({"about", "nearly", "just_over"})
"""Words of what rounds to the figure: no interval of a count fits in it, so the value alone is judged."""
WELL: Final = frozenset({"well_below", "well_over"})
_OPPOSITE: Final[dict[str, str]] = {
    "below": "more_than",
    "more_than": "below",
    "at_most": "at_least",
    "at_least": "at_most",
    "well_below": "well_over",
    "well_over": "well_below",
    "nearly": "just_over",
    "just_over": "nearly",
    "about": "about",
}
"""Of a negative change the larger is the lesser: a rise of more than a half is a change below −0.5."""
SIGNIFICANT: Final = 12
"""Digits of a value that are compared: sums of a million numbers of two decimals are exact to 14 digits, and
no publisher's sum has more than 11, so what is a tie in the table is one here."""
INFINITY: Final = Decimal("Infinity")


class Span(NamedTuple):
    """Values from `low` to `high`; `ends` says whether each of the two is among them."""

    low: Decimal = -INFINITY
    high: Decimal = INFINITY
    ends: tuple[bool, bool] = (True, True)

    def has(self, value: Decimal) -> bool:
        """Whether a value is one of them."""
        return not self.over(value) and not self.under(value)

    def over(self, value: Decimal) -> bool:
        """Whether they lie wholly above a value."""
        return value < self.low or (value == self.low and not self.ends[0])

    def under(self, value: Decimal) -> bool:
        """Whether they lie wholly below a value."""
        return value > self.high or (value == self.high and not self.ends[1])


class Claimed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The figure that was claimed, under the word that the sentence has before it; one of them.

    Shares and changes are parts of one. A negative change is a rise, and the word is about how large it is.

    Attributes:
        about: a bare figure, or one with "about": what rounds to it.
        nearly: "nearly", "almost", "just under": less, and rounds to it.
        just_over: "just over": more, and rounds to it.
        below: "less than", "under".
        well_below: "well under", "far below".
        at_most: "at most", "no more than", "up to".
        more_than: "more than", "over".
        well_over: "well over", "far above".
        at_least: "at least".
        between: "between … and …", both ends with it.
        to: the unit to which the figure is stated, where its digits do not say it.
    """

    about: Decimal | None = None
    nearly: Decimal | None = None
    just_over: Decimal | None = None
    below: Decimal | None = None
    well_below: Decimal | None = None
    at_most: Decimal | None = None
    more_than: Decimal | None = None
    well_over: Decimal | None = None
    at_least: Decimal | None = None
    between: tuple[Decimal, Decimal] | None = None
    to: Decimal | None = None

    @property
    def words(self) -> list[str]:
        """The words that the file has; a claim has one."""
        return [word for word in WORDS if getattr(self, word) is not None]

    @property
    def word(self) -> str:
        """The word before the figure."""
        return self.words[0]

    @property
    def figures(self) -> tuple[Decimal, ...]:
        """The figure; both of a range."""
        found = getattr(self, self.word)
        return found if isinstance(found, tuple) else (found,)


class Rule(NamedTuple):
    """A rule of what is as claimed; values in `fits` and not in `holds` the words leave open.

    `unit` is that of the figure's last digit; None where the figure is a limit, and exact.
    """

    holds: Span
    fits: Span
    unit: Decimal | None = None
    rounds: bool = False

    def judge(self, value: float) -> bool | None:
        """Return whether a value is as claimed; None where the words leave it open."""
        found = exact(value)
        return True if self.holds.has(found) else None if self.fits.has(found) else False

    def judge_interval(self, low: float, high: float) -> bool | None:
        """Return what is true of every value of an interval; None where it is not the same of all."""
        first, last = exact(low), exact(high)
        if self.holds.has(first) and self.holds.has(last):
            return True
        return False if self.fits.over(last) or self.fits.under(first) else None

    def judge_each(self, values: Iterable[float]) -> bool | None:
        """Return whether every one of some values is as claimed; None where the words leave one open."""
        found = {self.judge(value) for value in values}
        return False if False in found else None if None in found else True


def rule(claimed: Claimed, *, share: bool) -> Rule:
    """Return the rule for a figure; `share`: values are parts of one, and the sentence states per cents."""
    if claimed.word == "between":
        return _limits(Span(claimed.figures[0], claimed.figures[-1]))
    (figure,) = claimed.figures
    if not figure and claimed.word == "about" and claimed.to is None:
        return _limits(Span(figure, figure))._replace(rounds=True)
    unit = claimed.to or unit_of(figure, share=share)
    made = _SIDES[_OPPOSITE[claimed.word] if figure < 0 else claimed.word](figure, unit)
    rounds = claimed.word in ROUNDED
    return made._replace(unit=unit if rounds or claimed.word in WELL else None, rounds=rounds)


def unit_of(figure: Decimal, *, share: bool) -> Decimal:
    """Return the unit of the last digit that a figure states; see the module."""
    _, digits, written = figure.as_tuple()
    exponent = int(written)
    if share:
        exponent = min(exponent, -2)
    elif exponent == 0:
        noughts = len(digits) - len("".join(map(str, digits)).rstrip("0"))
        exponent = max(0, min(noughts, len(digits) - 2))
    return Decimal(1).scaleb(exponent)


def exact(value: float) -> Decimal:
    """Return a value without the noise of sums of floats, to compare it."""
    return Decimal(f"{value:.{SIGNIFICANT}g}")


def decimals(value: Decimal) -> int:
    """Return how many decimals it has that are not noughts at its end."""
    return max(0, -int(value.normalize().as_tuple().exponent))


def _limits(span: Span) -> Rule:
    return Rule(span, span)


def _well_below(figure: Decimal, unit: Decimal) -> Rule:
    first, last = _halves(figure, unit)
    return Rule(Span(high=figure - first, ends=(True, False)), Span(high=figure - last, ends=(True, False)))


def _well_over(figure: Decimal, unit: Decimal) -> Rule:
    first, last = _halves(figure, unit)
    return Rule(Span(figure + first, ends=(False, True)), Span(figure + last, ends=(False, True)))


def _halves(figure: Decimal, unit: Decimal) -> tuple[Decimal, Decimal]:
    """Half a unit of the first digit, and of the last."""
    return max(Decimal(1).scaleb(figure.adjusted()), unit) / 2, unit / 2


_SIDES: Final[Mapping[str, Callable[[Decimal, Decimal], Rule]]] = {
    "about": lambda figure, unit: _limits(Span(figure - unit / 2, figure + unit / 2)),
    "nearly": lambda figure, unit: _limits(Span(figure - unit / 2, figure, (True, False))),
    "just_over": lambda figure, unit: _limits(Span(figure, figure + unit / 2, (False, True))),
    "below": lambda figure, _: _limits(Span(high=figure, ends=(True, False))),
    "at_most": lambda figure, _: _limits(Span(high=figure)),
    "more_than": lambda figure, _: _limits(Span(figure, ends=(False, True))),
    "at_least": lambda figure, _: _limits(Span(figure)),
    "well_below": _well_below,
    "well_over": _well_over,
}
"""By word: what is as claimed, from the figure and the unit of its last digit."""
