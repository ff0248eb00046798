"""Windows over columns: counts, sums and distinct values of what came before, for many payments at once.

Payments that count are put in groups by what they have in common, each in the order of the stream. What one
payment sees is then one run of them, and both its ends are found by search. Nothing later than the payment is
in it, so that the answer is the same however the stream is cut.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.desks.finance.engine.kernel import kernel

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Runs(NamedTuple):
    """Runs of payments, one for each row that asks.

    Attributes:
        rows: payments that count, sorted by key and place.
        lower: [m] where the run of each asker starts in `rows`.
        upper: [m] where it ends.
    """

    rows: Integers
    lower: Integers
    upper: Integers

    def members(self, one: int) -> Integers:
        """The rows in one run."""
        return self.rows[self.lower[one] : self.upper[one]]

    def counts(self) -> Floats:
        """How many there are."""
        return (self.upper - self.lower).astype(np.float64)

    def sums(self, cents: Integers) -> Floats:
        """Their sum, exact to the cent: whole numbers are added, so no order and no cut changes it."""
        total = np.concatenate(([0], np.cumsum(cents[self.rows])))
        return (total[self.upper] - total[self.lower]) / 100.0

    def distinct(self, codes: Integers, size: int) -> Floats:
        """How many values from 0 to `size` there are; codes below 0 are none."""
        order = np.lexsort((self.upper, self.lower))
        out = np.zeros(len(order))
        seen = np.zeros(size + 1, np.int64)
        _distinct(self.lower[order], self.upper[order], codes[self.rows], seen, out)
        back = np.empty_like(out)
        back[order] = out
        return back


class Groups(NamedTuple):
    """Payments that count, sorted by what they have in common and by their place in the stream.

    Attributes:
        rows: the payments.
        starts: [keys + 1] where each key's begin in `rows`.
    """

    rows: Integers
    starts: Integers


def groups(events: Integers, keys: Integers, size: int) -> Groups:
    """Payments by key.

    Args:
        events: rows that count, rising, each with a key.
        keys: [n] what an event has in common with others, from 0 to `size`.
        size: how many keys there are.
    """
    starts = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(keys[events], minlength=size), out=starts[1:])
    rows = np.empty(len(events), np.int64)
    _place(events, keys, starts[:-1].copy(), rows)
    return Groups(rows, starts)


def runs(time: Integers, of: Groups, askers: Integers, asked: Integers, width: int) -> Runs:
    """The run that each asker sees.

    Args:
        time: [n] µs of all rows, rising.
        of: the rows that count.
        askers: [m] rows that ask, each seeing itself if it counts.
        asked: [m] the key that it asks for; below 0: it sees nothing.
        width: how far back, µs; a payment as old as that is in.
    """
    lower, upper = np.zeros(len(askers), np.int64), np.zeros(len(askers), np.int64)
    _bounds(time, of.rows, of.starts, askers, asked, width, lower, upper)
    return Runs(of.rows, lower, upper)


@kernel()
def _place(events: Any, keys: Any, free: Any, out: Any) -> None:
    for event in events:
        key = keys[event]
        out[free[key]] = event
        free[key] += 1


@kernel()
def _bounds(
    time: Any, rows: Any, starts: Any, askers: Any, asked: Any, width: int, lower: Any, upper: Any
) -> None:
    for i in range(len(askers)):
        key = asked[i]
        if key < 0:
            continue
        first, last = starts[key], starts[key + 1]
        since, low, high = time[askers[i]] - width, first, last
        while low < high:
            middle = (low + high) // 2
            if time[rows[middle]] < since:
                low = middle + 1
            else:
                high = middle
        lower[i], high = low, last
        while low < high:
            middle = (low + high) // 2
            if rows[middle] <= askers[i]:
                low = middle + 1
            else:
                high = middle
        upper[i] = low


@kernel()
def _distinct(lower: Any, upper: Any, codes: Any, seen: Any, out: Any) -> None:
    """Runs in rising order of their ends; `seen` counts the values that lie in the present one."""
    low, high, many = 0, 0, 0
    for i in range(len(lower)):
        while high < upper[i]:
            code = codes[high]
            if code >= 0:
                many += seen[code] == 0
                seen[code] += 1
            high += 1
        while low < lower[i]:
            code = codes[low]
            if code >= 0 and low < high:
                seen[code] -= 1
                many -= seen[code] == 0
            low += 1
        high = max(high, low)
        out[i] = many
