"""Typologies over a frame: which payments fire which indicator, with what numbers, resting on what."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.desks.finance.columns import type_of
from watchfloor.desks.finance.expressions import (
    Binary,
    Expression,
    Known,
    Name,
    Not,
    Number,
    Test,
    Text,
    Window,
)
from watchfloor.desks.finance.frame import Frame, Integers, Mask
from watchfloor.desks.finance.lexicon import lexicon
from watchfloor.desks.finance.sliding import Runs, runs
from watchfloor.desks.finance.typology import Indicator

_SIGNS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "or": np.logical_or,
    "and": np.logical_and,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": np.equal,
    "!=": np.not_equal,
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.mod,
}


@dataclass
class Fired:
    """Where one indicator fires.

    Attributes:
        indicator: which.
        rows: [k] rows of the frame, rising.
        band: [k] the strongest band that holds, from 0.
        values: what the indicator names, [k] each.
    """

    indicator: Indicator
    rows: Integers
    band: Integers
    values: Mapping[str, npt.NDArray[Any]]
    _runs: list[Runs] = field(default_factory=list)
    _places: Integers = field(default_factory=lambda: np.zeros(0, np.int64))

    def evidence(self, one: int) -> Integers:
        """Rows that the firing number `one` rests on, itself last."""
        mine = int(self._places[one])
        found = [run.members(mine) for run in self._runs]
        return np.unique(np.concatenate([*found, self.rows[one : one + 1]]))


class Evaluation:
    """A frame, and what was worked out over it so far.

    Args:
        frame: rows that are looked back at, and those that are asked about.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._where: dict[Expression | None, Mask] = {}

    def missing(self, indicator: Indicator) -> list[str]:
        """Columns that it needs and the frame does not have."""
        return [name for name in indicator.needs if not self.frame.has(name)]

    def fired(self, indicator: Indicator, rows: Integers) -> Fired:
        """Where an indicator fires among some rows; nowhere where columns are missing."""
        if self.missing(indicator):
            return Fired(indicator, rows[:0], rows[:0], {})
        payer, payee, _ = self.frame.accounts
        mine = (self._accounts(indicator.about)[rows] >= 0) & (payer[rows] != payee[rows])
        asked = rows[mine & self.truth(indicator.on, rows)]
        return self._banded(indicator, asked) if len(asked) else Fired(indicator, asked, asked, {})

    def _banded(self, indicator: Indicator, asked: Integers) -> Fired:
        values: dict[str, Any] = {}
        found: list[Runs] = []
        for name, expression in indicator.let.items():
            values[name] = self.value(expression, asked, values, indicator.about, found)
        band = np.full(len(asked), -1)
        for at, (_, expression) in enumerate(indicator.bands):
            held = self.value(expression, asked, values, indicator.about, found)
            band[np.asarray(held, np.bool_)] = at
        places = np.flatnonzero(band >= 0)
        kept = {name: np.asarray(array)[places] for name, array in values.items()}
        return Fired(indicator, asked[places], band[places], kept, found, places)

    def all_fired(self, indicators: Iterable[Indicator], rows: Integers) -> Iterator[Fired]:
        """Those of some indicators that fire anywhere."""
        for indicator in indicators:
            found = self.fired(indicator, rows)
            if len(found.rows):
                yield found

    def truth(self, expression: Expression, rows: Integers) -> Mask:
        """[len(rows)] whether a condition without windows holds."""
        return np.asarray(self.value(expression, rows, {}, "", []), np.bool_)

    def value(
        self,
        of: Expression,
        rows: Integers,
        values: Mapping[str, Any],
        about: str,
        found: list[Runs],
    ) -> Any:
        """What an expression is at some rows; the runs of its windows are added to `found`."""
        match of:
            case Number():
                return np.full(len(rows), of.value)
            case Not():
                return ~np.asarray(self.value(of.of, rows, values, about, found), np.bool_)
            case Known():
                return self.frame.known(of.column)[rows]
            case Test():
                return self._test(of)[rows]
            case Window():
                return self._window(of, rows, about, found)
            case Name():
                if of.name in values:
                    return values[of.name]
                if type_of(of.name) == "truth":
                    return self.frame.truths(of.name)[rows]
                return self.frame.numbers(of.name)[rows]
            case Binary(left=Name() as left, right=Text() | Name() as right) if type_of(left.name) == "text":
                return self._same(left, right, of.sign)[rows]
            case Binary():
                one = self.value(of.left, rows, values, about, found)
                if of.sign == "and" and not one.any():
                    return one
                other = self.value(of.right, rows, values, about, found)
                with np.errstate(all="ignore"):
                    made = _SIGNS[of.sign](one, other)
                return made & ~np.isnan(one) & ~np.isnan(other) if of.sign == "!=" else made
            case Text():
                raise TypeError("a text is no value by itself")  # the checker lets none through

    def _same(self, left: Name, right: Text | Name, sign: str) -> Mask:
        codes, texts = self.frame.coded(left.name)
        if isinstance(right, Text):
            code = texts.index(right.value) if right.value in texts else -2
            same: Mask = codes == code
            return same if sign == "=" else ~same & (codes >= 0)
        others, named = self.frame.coded(right.name)
        place = {text: at for at, text in enumerate(named)}
        mapped = np.array([*(place.get(text, -2) for text in texts), -3])[codes]
        equal: Mask = mapped == others
        return equal if sign == "=" else ~equal & (codes >= 0) & (others >= 0)

    def _test(self, of: Test) -> Mask:
        if of.sign == "has":
            bits = 0
            for name in of.values:
                bits |= lexicon().bit(name)
            has: Mask = self.frame.bits(of.column) & bits != 0
            return has
        codes, texts = self.frame.coded(of.column)
        if of.sign == "in":
            told = [text in of.values for text in texts]
        else:
            told = [text.startswith(of.values) for text in texts]
        mask: Mask = np.array([*told, False], np.bool_)[codes]
        return mask

    def _window(self, of: Window, rows: Integers, about: str, found: list[Runs]) -> Any:
        frame = self.frame
        counts = self._counting(of)
        keys, asked = self._keys(of, about)
        if of.alike:
            codes, size = frame.amounts
            keys, asked = _joined(keys, codes, size), _joined(asked, codes, size)
        if of.what == "sum":
            codes, texts = frame.coded("currency")
            keys, asked = _joined(keys, codes, len(texts)), _joined(asked, codes, len(texts))
        events = np.flatnonzero(counts & (keys >= 0))
        told = runs(frame.time, events, keys, rows, asked[rows], of.width)
        found.append(told)
        if of.what == "count":
            return told.counts()
        if of.what == "sum":
            return told.sums(frame.cents)
        return told.distinct(*self._values(of.column))

    def _counting(self, of: Window) -> Mask:
        if of.where not in self._where:
            payer, payee, _ = self.frame.accounts
            counts = payer != payee  # what an account pays itself moves nothing
            if of.where is not None:
                counts = counts & self.truth(of.where, np.arange(self.frame.size))
            self._where[of.where] = counts
        return self._where[of.where]

    def _values(self, column: str) -> tuple[Integers, int]:
        if column in ("payer", "payee"):
            return self._accounts(column), self.frame.accounts[2]
        codes, texts = self.frame.coded(column)
        return codes, len(texts)

    def _accounts(self, side: str) -> Integers:
        payer, payee, _ = self.frame.accounts
        return payer if side == "payer" else payee

    def _keys(self, of: Window, about: str) -> tuple[Integers, Integers]:
        """What an event has in common with others, and what each row asks for."""
        payer, payee, size = self.frame.accounts
        if of.of == "into":
            return payee, self._accounts(about)
        if of.of == "outof":
            return payer, self._accounts(about)
        if of.of in ("pair", "back"):
            pair, back = _joined(payer, payee, size), _joined(payee, payer, size)
            return pair, pair if of.of == "pair" else back
        codes, _ = self._values(of.of)
        return codes, codes


def _joined(one: Integers, other: Integers, size: int) -> Integers:
    """Two numbers as one; below 0 where either is."""
    return np.where((one >= 0) & (other >= 0), one * max(size, 1) + other, -1)
