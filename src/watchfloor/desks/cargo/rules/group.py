"""Lines along one chain, as the rules that count look at them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.desks.cargo.assertions import CITED, Statement
from watchfloor.desks.cargo.columns import ITEM
from watchfloor.desks.cargo.goods_norms import Norms
from watchfloor.desks.cargo.ledger import Book, Ledger
from watchfloor.desks.state import Row

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Group:
    """Lines of one party, one page or one sort of goods that stood at a moment.

    Attributes:
        ledger: where they are.
        norms: the reference.
        lines: their numbers, the one that is asked about last.
        chain: along which they lie.
    """

    ledger: Ledger
    norms: Norms
    lines: list[int]
    chain: int

    @property
    def at(self) -> Integers:
        """Their places in the book."""
        return np.array(self.lines, np.int64) - self.ledger.base

    @property
    def book(self) -> Book:
        """The book."""
        return self.ledger.book

    def share(self, start: int) -> npt.NDArray[np.bool_]:
        """Which lines share a key of a party with the last."""
        keys = self.book.keys[self.at, start : start + 3]
        return np.asarray(((keys == keys[-1]) & (keys[-1] != 0)).any(axis=1))

    def where(self, kept: npt.NDArray[np.bool_]) -> "Group":
        """Those of the lines that are kept."""
        return Group(
            self.ledger, self.norms, [n for n, one in zip(self.lines, kept, strict=True) if one], self.chain
        )

    @property
    def items(self) -> int:
        """How many items the lines are of."""
        return len(np.unique(self.book.keys[self.at, ITEM]))

    def cited(self) -> list[Row]:
        """Texts of the newest lines."""
        return self.ledger.rows(self.lines[-CITED:])


class Counted(NamedTuple):
    """A rule's statement of a group, how many it counted, and from which lines."""

    said: Statement
    many: int
    lines: tuple[int, ...]


class Counting(NamedTuple):
    """A rule that counts: µs back that it looks, and what it says."""

    width: int
    say: Callable[[Group], Counted | None]


def parties(group: Group, start: int) -> int:
    """How many parties there are that share no key of a number, an address or a telephone.

    One line after the other: it is of the first party with which it shares a key, else of a new one.
    """
    known: list[set[Any]] = []
    for keys in group.book.keys[group.at, start : start + 3].tolist():
        mine = {key for key in keys if key}
        home = next((one for one in known if one & mine), None)
        if home is not None:
            home |= mine
        elif mine:
            known.append(mine)
    return len(known)


def bands(count: int, least: int, names: tuple[str, ...]) -> str:
    """The name of the band of a count: one a doubling, the last for all beyond."""
    found = 0
    while count >= 2 * least and found < len(names) - 1:
        found, least = found + 1, 2 * least
    return names[found]
