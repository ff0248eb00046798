"""What a signal rests on: the payments that prove it, each with what a signal says of its evidence."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from watchfloor.desks.finance import shapes
from watchfloor.desks.finance.evaluate import Fired
from watchfloor.desks.finance.frame import Frame, Integers
from watchfloor.desks.finance.near import Cited
from watchfloor.desks.finance.shapes import Paid
from watchfloor.desks.finance.surroundings import Tie, cited
from watchfloor.desks.finance.typology import Indicator

CITED: Final = 100
"""Payments that a signal names at most, the newest; where there are more, its reason says how many."""


@dataclass(frozen=True)
class Proof:
    """What proves one firing.

    Attributes:
        payments: in the order of time.
        said: records of accounts, lists and customs that it looks at, with their markings.
        counted: markings of all payments that its numbers count, and of those above.
        values: what of the indicator's numbers the proof says better.
    """

    payments: list[Cited]
    said: Mapping[bytes, str]
    counted: frozenset[str]
    values: Mapping[str, float] = field(default_factory=dict)


Leads = Callable[[str, int], Tie | None]
"""What leads to a listed entity from one side of a row of the frame."""

Book = Callable[[], tuple[Frame, int]]
"""All payments in which shapes are sought, and what to add to a row of the frame to have it among them."""


class Prover:
    """Proofs of what fires over a frame.

    Args:
        frame: the frame.
        book: asked once, when the first shape is sought.
        leads: asked where a tie to a listed entity fires.
    """

    def __init__(self, frame: Frame, book: Book, leads: Leads) -> None:
        self.frame, self.book, self.leads = frame, book, leads
        self._paid: tuple[Paid, int] | None = None

    def of(self, fired: Fired, one: int) -> Proof | None:
        """The proof of a firing; None where its shape is not found."""
        if fired.indicator.shape == "near":
            return self._near(fired.indicator, int(fired.rows[one]))
        if fired.indicator.shape:
            return self._shaped(fired, one)
        rows = fired.evidence(one)
        counted = frozenset(self.frame.values("marking", fired.counted(one)))
        return _proof(fired.indicator, self.frame, rows, counted, {})

    def _near(self, indicator: Indicator, row: int) -> Proof | None:
        tie = self.leads(indicator.about, row)
        if tie is None:
            return None
        (marking,) = self.frame.values("marking", np.array([row]))
        payments = list(tie.payments) or cited(self.frame, np.array([row]))
        every = {marking, *(one.marking for one in payments), *tie.said.values()}
        return Proof(payments, tie.said, frozenset(every))

    def _shaped(self, fired: Fired, one: int) -> Proof | None:
        if self._paid is None:
            frame, more = self.book()
            self._paid = Paid(frame), more
        paid, more = self._paid
        shape = shapes.found(paid, fired.indicator, int(fired.rows[one]) + more)
        if shape is None:
            return None
        values = dict.fromkeys(fired.indicator.let, float(shape.size))
        return _proof(fired.indicator, paid.frame, shape.rows, frozenset(), values)


def _proof(
    indicator: Indicator, frame: Frame, rows: Integers, counted: frozenset[str], values: Mapping[str, float]
) -> Proof:
    payments = cited(frame, rows)
    said = _said(indicator, frame, rows[-CITED:])
    every = counted | {one.marking for one in payments} | set(said.values())
    return Proof(payments, said, every, values)


def _said(indicator: Indicator, frame: Frame, rows: Integers) -> dict[bytes, str]:
    """Records of accounts, with their markings, that an indicator looks at."""
    sides = sorted({name.partition(".")[0] for name in indicator.looks if "." in name})
    return {
        record: marking
        for side in sides
        for record, marking in zip(
            frame.values(f"{side}.record", rows), frame.values(f"{side}.marking", rows), strict=True
        )
        if record is not None
    }


def origins_of(payments: Iterable[Cited]) -> list[str]:
    """The first reports behind payments."""
    return sorted({origin for one in payments for origin in one.origins or ()})
