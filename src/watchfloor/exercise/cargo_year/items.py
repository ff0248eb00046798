"""A day's declarations as columns: what everybody sees, and what only the world and an oracle know."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Evidence = npt.NDArray[np.float32]
"""One row an item, one column for each of `evidence.NAMES`."""

BENIGN, SINGLE = -1, -2
"""Owners that are no organisation: nobody's, and a sender's who ships once."""


class Items(NamedTuple):
    """Declared columns, one entry an item.

    Attributes:
        stream: place in `world.STREAMS`.
        route: handler and office, of one stream each.
        goods: kind of goods.
        platform: shop or consolidator, 0 for none.
        words: how much the description says, 0 (vague) to 3.
        mass, value: natural logarithms of kilograms and dollars.
        sender, phone, address: numbers that stand for who is named; the address is the consignee's.
    """

    stream: Ints
    route: Ints
    goods: Ints
    platform: Ints
    words: Ints
    mass: Floats
    value: Floats
    sender: Ints
    phone: Ints
    address: Ints

    def select(self, rows: Ints | Bools) -> "Items":
        """Some of them."""
        return Items._make(column[rows] for column in self)


class Truth(NamedTuple):
    """Truth that no strategy sees.

    Attributes:
        owner: an organisation's number, `SINGLE` or `BENIGN`.
        hidden: 0 to 1, how well it is hidden: a means finds it where this is below its sensitivity.
        fentanyl: whether that is what is hidden.
        method: which of its methods an organisation used: 0 its own, 1 one that it tries.
    """

    owner: Ints
    hidden: Floats
    fentanyl: Bools
    method: Ints

    @property
    def illicit(self) -> Bools:
        """Whether something is hidden in it."""
        return np.asarray(self.owner != BENIGN)

    def select(self, rows: Ints | Bools) -> "Truth":
        """Some of them."""
        return Truth._make(column[rows] for column in self)


def joined(parts: list[Items]) -> Items:
    """Several, one after the other."""
    return Items._make(np.concatenate(columns) for columns in zip(*parts, strict=True))


def joined_truth(parts: list[Truth]) -> Truth:
    """The same of what only the world knows."""
    return Truth._make(np.concatenate(columns) for columns in zip(*parts, strict=True))
