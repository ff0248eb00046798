"""Typologies over a frame: which payments fire which indicator, with what numbers, resting on what."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.desks.finance.typologies.columns import type_of
from watchfloor.desks.finance.typologies.expressions import (
    Binary,
    Expression,
    HasValue,
    Name,
    Not,
    Number,
    Test,
    Text,
    Window,
)
from watchfloor.desks.finance.typologies.frame import Frame, Integers, Mask
from watchfloor.desks.finance.typologies.lexicon import lexicon
from watchfloor.desks.finance.typologies.sliding import Groups, Runs, groups, runs
from watchfloor.desks.finance.typologies.typology import Indicator

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


class WindowPayments(NamedTuple):
    """Payments of one window.

    Attributes:
        runs: the payments in it.
        codes: [n] numbers of the values that are told apart; None where all count.
    """

    runs: Runs
    codes: Integers | None

    def proof(self, one: int) -> Integers:
        """The rows that make the number: all, or the newest of each value."""
        members = self.runs.members(one)
        if self.codes is None:
            return members
        codes = self.codes[members]
        known, values = members[codes >= 0][::-1], codes[codes >= 0][::-1]
        return known[np.unique(values, return_index=True)[1]]


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
    _seen: Mapping[str, Sequence[WindowPayments]] = field(default_factory=dict)
    _places: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    _cents: Integers = field(default_factory=lambda: np.zeros(0, np.int64))

    def evidence(self, one: int) -> Integers:
        """Rows that prove the firing number `one`, itself last; of a shape the firing alone."""
        matched = self.indicator.matched
        names = self.indicator.proves[self.indicator.bands[self.band[one]][0]]
        found = [
            seen.proof(self._place(one))
            for seen in self._windows_of(name for name in names if name not in matched)
        ]
        if matched:
            ins, outs = (seen.runs.members(self._place(one)) for seen in self._windows_of(matched))
            found.append(passed_on(ins, outs, self._cents))
        return np.unique(np.concatenate([*found, self.rows[one : one + 1]]))

    def counted(self, one: int) -> Integers:
        """All rows that its windows count."""
        found = [seen.runs.members(self._place(one)) for seen in self._windows_of(self._seen)]
        return np.unique(np.concatenate([*found, self.rows[one : one + 1]]))

    def _place(self, one: int) -> int:
        return int(self._places[one])

    def _windows_of(self, names: Iterable[str]) -> Iterator[WindowPayments]:
        for name in names:
            yield from self._seen.get(name, ())


def passed_on(ins: Integers, outs: Integers, cents: Integers) -> Integers:
    """Of payments in and out those through which money went: what came in first goes out first.

    Args:
        ins: rows that came in, rising.
        outs: rows that went out, rising.
        cents: [n] amounts of all rows.
    """
    named: list[int] = []
    left: deque[list[int]] = deque()
    waiting = deque(ins.tolist())
    for out in outs.tolist():
        needed = int(cents[out])
        while waiting and waiting[0] < out:
            left.append([waiting[0], int(cents[waiting.popleft()])])
        if left:
            named.append(out)
        while left and needed > 0:
            taken = min(needed, left[0][1])
            needed, left[0][1] = needed - taken, left[0][1] - taken
            named.append(left[0][0])
            if not left[0][1]:
                left.popleft()
    return np.unique(np.array(named, np.int64))


class Evaluation:
    """A frame, and what was worked out over it so far.

    Args:
        frame: rows that are looked back at, and those that are asked about.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._where: dict[Expression | None, Mask] = {}
        self._grouped: dict[Any, Groups] = {}
        self._common: dict[Any, tuple[Integers, Integers, int]] = {}

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
        seen: dict[str, list[WindowPayments]] = {}
        for name, expression in indicator.let.items():
            values[name] = self.value(expression, asked, values, indicator.about, seen.setdefault(name, []))
        band = np.full(len(asked), -1)
        for at, (name, expression) in enumerate(indicator.bands):
            held = self.value(expression, asked, values, indicator.about, seen.setdefault(name, []))
            band[np.asarray(held, np.bool_)] = at
        places = np.flatnonzero(band >= 0)
        kept = {name: np.asarray(array)[places] for name, array in values.items()}
        return Fired(indicator, asked[places], band[places], kept, seen, places, self.frame.cents)

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
        found: list[WindowPayments],
    ) -> Any:
        """Evaluate an expression at some rows; the payments of its windows are added to `found`."""
        match of:
            case Number():
                return np.full(len(rows), of.value)
            case Not():
                return ~np.asarray(self.value(of.of, rows, values, about, found), np.bool_)
            case HasValue():
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

    def _window(self, of: Window, rows: Integers, about: str, found: list[WindowPayments]) -> Any:
        frame = self.frame
        keys, asked, size = self._keys(of, about)
        told = runs(frame.time, self._groups(of, about, keys, size), rows, asked[rows], of.width)
        if of.what == "distinct":
            codes, size = self._values(of.column)
            found.append(WindowPayments(told, codes))
            return told.distinct(codes, size)
        found.append(WindowPayments(told, None))
        return told.counts() if of.what == "count" else told.sums(frame.cents)

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

    def _groups(self, of: Window, about: str, keys: Integers, size: int) -> Groups:
        """The payments that a window counts, by key; those of windows that count the same are sorted once."""
        side = about if of.alike else ""
        mine = (of.of, of.alike, self._apart(of), side, of.where)
        if mine not in self._grouped:
            events = np.flatnonzero(self._counting(of) & (keys >= 0))
            self._grouped[mine] = groups(events, keys, size)
        return self._grouped[mine]

    def _apart(self, of: Window) -> bool:
        """Whether a window keeps currencies apart: a sum does, where there are several."""
        return of.what == "sum" and len(self.frame.coded("currency")[1]) > 1

    def _keys(self, of: Window, about: str) -> tuple[Integers, Integers, int]:
        """Return the key of each event, the key that each row asks for, and how many keys there are."""
        mine = (of.of, of.alike, self._apart(of), about)
        if mine not in self._common:
            keys, asked, size = self._plain(of.of, about)
            if of.alike:
                codes, many = self.frame.amounts
                keys, asked, size = _joined(keys, codes, many), _joined(asked, codes, many), size * many
            if self._apart(of):
                codes, texts = self.frame.coded("currency")
                many = len(texts)
                keys, asked, size = _joined(keys, codes, many), _joined(asked, codes, many), size * many
            self._common[mine] = _dense(keys, asked, size)
        return self._common[mine]

    def _plain(self, of: str, about: str) -> tuple[Integers, Integers, int]:
        payer, payee, size = self.frame.accounts
        if of == "into":
            return payee, self._accounts(about), size
        if of == "outof":
            return payer, self._accounts(about), size
        if of in ("pair", "back"):
            pair, back = _joined(payer, payee, size), _joined(payee, payer, size)
            return pair, pair if of == "pair" else back, size * size
        codes, many = self._values(of)
        return codes, codes, many


def _joined(one: Integers, other: Integers, size: int) -> Integers:
    """Two numbers as one; below 0 where either is."""
    return np.where((one >= 0) & (other >= 0), one * max(size, 1) + other, -1)


def _dense(keys: Integers, asked: Integers, size: int) -> tuple[Integers, Integers, int]:
    """The same keys with numbers below their count, where they are few among many."""
    if size <= 4 * len(keys) + 1024:
        return keys, asked, size
    known, codes = np.unique(np.concatenate((keys, asked)), return_inverse=True)
    codes = np.where(known[codes] < 0, -1, codes)
    return codes[: len(keys)], codes[len(keys) :], len(known)
