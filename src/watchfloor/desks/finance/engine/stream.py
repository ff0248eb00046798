"""The engine: payments in the order of time come in, a row of features for each goes out."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.desks.finance.engine import (
    ahead,
    around,
    cycles,
    gathers,
    passing,
    ratios,
    sliding,
    statistics,
    window_sums,
)
from watchfloor.desks.finance.engine.graph import IN, OUT, Graph, empty, room_for, with_room
from watchfloor.desks.finance.engine.kernel import kernel, within
from watchfloor.desks.state import table

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

HOUR: Final = 3_600_000_000
"""Microseconds."""
DAY: Final = 24 * HOUR


class StreamError(ValueError):
    """Payments that cannot be folded; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Features to compute.

    Attributes:
        graph: width of the window in which accounts are neighbours, µs.
        windows: further windows of statistics, by name, µs.
        groups: which groups of features are told, of `GROUPS`.
        intermediaries: least sizes of the classes in which scatters and gathers are counted.
        lengths: least lengths of the classes in which cycles are counted.
        longest: payments that a cycle may have.
        budget: neighbours that one payment may look at in each group; what is cut short is counted.
    """

    graph: int = 14 * DAY
    windows: tuple[tuple[str, int], ...] = (("1d", DAY), ("7d", 7 * DAY), ("60d", 60 * DAY))
    groups: tuple[str, ...] = ("statistics", "gathers", "cycles", "passing", "around", "matches", "ratios")
    intermediaries: tuple[int, ...] = (2, 3, 4, 6, 10, 20)
    lengths: tuple[int, ...] = (2, 3, 4, 5, 7, 10)
    longest: int = 10
    budget: int = 500

    @property
    def widths(self) -> tuple[int, ...]:
        """Widths of all windows, the graph's own first."""
        return (self.graph, *(width for _, width in self.windows))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in their order."""
        told = {
            "statistics": tuple(
                f"{side}_{way}_{name}_{window}"
                for window in ("graph", *(name for name, _ in self.windows))
                for side in ("payer", "payee")
                for way in ("out", "in")
                for name in statistics.TOLD
            ),
            "gathers": (*(f"gathers_{n}" for n in self.intermediaries), *gathers.TOLD),
            "cycles": (*(f"cycles_{n}" for n in self.lengths), *cycles.TOLD),
            "passing": passing.TOLD,
            "around": around.TOLD,
            "matches": TOLD,
            "ratios": tuple(
                f"{name}_{window}"
                for window in ("graph", *(name for name, _ in self.windows))
                for name in ratios.TOLD
            ),
        }
        return tuple(name for group in GROUPS if group in self.groups for name in told[group])


GROUPS: Final = ("statistics", "gathers", "cycles", "passing", "around", "matches", "ratios")

NEEDS: Final = {
    "statistics": ("fans", "sums"),
    "gathers": ("near",),
    "cycles": ("near",),
    "passing": ("ever",),
    "around": ("ever", "fans", "around"),
    "matches": ("ever", "recent"),
    "ratios": ("sums",),
}
"""What each group rests on, of `graph.KEEP`: only what a plan asks for is kept up."""


class Stream:
    """Payments folded so far, and what is remembered of them.

    Args:
        plan: what is computed.
    """

    def __init__(self, plan: Plan | None = None) -> None:
        self.plan = plan or Plan()
        self.width = len(self.plan.names)
        self.graph = empty(
            self.plan.widths,
            frozenset(kept for group in self.plan.groups for kept in NEEDS[group]),
            passing.HEAP,
            passing.WAY,
            (RECENT, KEPT),
            (2, around.DEPTH, len(around.DESCRIBED)),
        )
        self.room = cycles.room(0)
        self.sieve = np.full(gathers.SIEVE, -1)
        self.last: int | None = None

    @property
    def cut(self) -> int:
        """How many walks a budget ended."""
        return int(self.graph.clock[0]["cut"])

    def features(self, payer: Integers, payee: Integers, time: Integers, amount: npt.NDArray[Any]) -> Floats:
        """Features of the next payments.

        Args:
            payer: [n] numbers of the accounts that pay, from 0 without gaps.
            payee: [n] those that are paid.
            time: [n] µs, none before the last one taken; equal ones are in the feed's order.
            amount: [n] positive.

        Returns:
            [n, len(plan.names)] features, each of what is known with this payment and those before it.

        Raises:
            StreamError: a payment is earlier than the one before it, or its amount is not positive.
        """
        _check(time, amount, self.last)
        out = np.empty((len(time), self.width), np.float32)
        if len(time):
            self._fold(payer, payee, time, amount.astype(np.float64), out)
            self.last = int(time[-1])
        return out

    def _fold(self, payer: Integers, payee: Integers, time: Integers, amount: Any, out: Floats) -> None:
        accounts = int(max(payer.max(), payee.max())) + 1
        bins = np.array(self.plan.intermediaries), np.array(self.plan.lengths)
        wanted = np.array([group in self.plan.groups for group in GROUPS])
        work = np.zeros((2, around.DEPTH, len(around.DESCRIBED)))
        longest = min(self.plan.longest, cycles.DEEPEST)
        done = 0
        while done < len(time):
            self.graph = with_room(self.graph, accounts)
            if len(self.room.barren) < len(self.graph.marks):
                self.room = cycles.room(len(self.graph.marks))
            done = _fold(
                self.graph, done, payer, payee, time, amount, out,
                wanted, *bins, longest, self.plan.budget, self.room, self.sieve, work,
            )  # fmt: skip

    def freeze(self) -> pa.Table:
        """Return the engine's memory, an array a row."""
        arrays = self.graph._asdict()
        return pa.table(
            {
                "name": pa.array([*arrays, "last"], pa.string()),
                "shape": pa.array([*(list(one.shape) for one in arrays.values()), []], pa.list_(pa.int64())),
                "data": pa.array(
                    [*(one.tobytes() for one in arrays.values()), _bytes_of(self.last)], pa.large_binary()
                ),
            }
        )

    def thaw(self, frozen: pa.Table) -> "Stream":
        """Go on with what `freeze` wrote, in place of what is remembered."""
        rows = {row["name"]: row for row in frozen.to_pylist()}
        self.last = (
            int.from_bytes(rows["last"]["data"], "little", signed=True) if rows["last"]["data"] else None
        )
        self.graph = Graph(
            **{
                name: np.frombuffer(rows[name]["data"], one.dtype).reshape(rows[name]["shape"]).copy()
                for name, one in self.graph._asdict().items()
            }
        )
        return self


def stream_rows(plan: Plan | None = None) -> Any:
    """Declare a field that is a stream."""
    return table(partial(Stream, plan), Stream.freeze, Stream.thaw)


def _bytes_of(last: int | None) -> bytes:
    return b"" if last is None else last.to_bytes(8, "little", signed=True)


def _check(time: Integers, amount: Any, last: int | None) -> None:
    if not len(time):
        return
    if (last is not None and time[0] < last) or (np.diff(time) < 0).any():
        raise StreamError("a payment is earlier than the one before it: sort them by time")
    if not (amount > 0).all() or not np.isfinite(amount).all():
        raise StreamError("an amount is not above zero")


@kernel()
def _fold(
    graph: Any,
    start: int,
    payer: Any,
    payee: Any,
    time: Any,
    amount: Any,
    out: Any,
    wanted: Any,
    sizes: Any,
    lengths: Any,
    longest: int,
    budget: int,
    room: Any,
    sieve: Any,
    work: Any,
) -> Any:
    """Fold payments from `start` on; returns the first that there was no room for."""
    for i in range(start, len(time)):
        u, v, t, a = payer[i], payee[i], time[i], amount[i]
        if not room_for(graph, u, v):
            return i
        if i + ahead.FAR < len(time):
            ahead.far(graph, payer[i + ahead.FAR], payee[i + ahead.FAR])
            ahead.near(graph, payer[i + ahead.NEAR], payee[i + ahead.NEAR])
        sliding.slide(graph, t)
        out[i] = 0.0
        _tell(graph, u, v, t, a, out[i], wanted, sizes, lengths, longest, budget, room, sieve, work)
    return len(time)


@within
def _tell(
    graph: Any,
    u: int,
    v: int,
    t: int,
    a: float,
    out: Any,
    wanted: Any,
    sizes: Any,
    lengths: Any,
    longest: int,
    budget: int,
    room: Any,
    sieve: Any,
    work: Any,
) -> None:
    """One payment: what rests on those before it, the payment itself, then what it closes.

    A payment to oneself moves nothing: it gets what is known of the account, and is no part of the graph.
    """
    windows = len(graph.windows)
    ends = _ends(wanted, windows, len(sizes), len(lengths))
    if wanted[3]:
        passing.write_features(graph, u, v, t, a, out[ends[2] : ends[3]])
    if wanted[4]:
        around.write_features(graph, u, v, out[ends[3] : ends[4]])
    if wanted[5]:
        write_features(graph.recent, u, v, t, a, out[ends[4] : ends[5]])
    if u != v:
        p = sliding.add(graph, u, v, t, a)
        if wanted[4]:
            around.note(graph, u, v, t, work)
        if wanted[5]:
            note(graph.recent, graph.ways, u, v, t, a)
        if wanted[3] or wanted[4] or wanted[5]:
            passing.note(graph, u, v, t, a, graph.pairs[p].ever == 1)
    if wanted[0]:
        statistics.write_features(graph, u, v, out)
    if wanted[6]:
        ratios.write_features(graph, u, v, a, out[ends[5] :])
    if u == v:
        return
    if wanted[1]:
        mark = 2 * graph.clock[0].end
        gathers.write_features(graph, u, v, mark, sieve, sizes, budget, out[ends[0] : ends[1]])
    if wanted[2]:
        cycles.write_features(graph, room, u, v, lengths, longest, budget, out[ends[1] : ends[2]])


@within
def _ends(wanted: Any, windows: int, sizes: int, lengths: int) -> Any:
    """Where the columns of each group end."""
    one = wanted[0] * windows * 4 * window_sums.MOMENTS
    two = one + wanted[1] * (sizes + len(gathers.TOLD))
    three = two + wanted[2] * (lengths + len(cycles.TOLD))
    four = three + wanted[3] * len(passing.TOLD)
    five = four + wanted[4] * len(around.TOLD)
    return one, two, three, four, five, five + wanted[5] * len(TOLD)


# Amounts that are like earlier ones: money that is passed on, split in equal parts, or comes back.
#
# Of either side the last few payments out and in are remembered. For a new payment the one whose amount is
# nearest to it is sought in each list: how near, and how long ago. A mule passes on what came in less a
# share, a scheme splits a sum in like parts; wages and rent come at the same amount too, but after a month.


KEPT: Final = 8
"""Payments of an account that are remembered, out and in each."""

RECENT: Final = np.dtype([("amount", "f8"), ("time", "i8")])
"""A payment remembered; an amount of 0 is none."""

TOLD: Final = tuple(
    f"match_{side}_{way}_{what}"
    for side in ("payer", "payee")
    for way in ("out", "in")
    for what in ("ratio", "age", "count")
)
"""Columns: of either side, out and in, this amount over the nearest one remembered (-1: none), how long ago
that was (s), and how many of those remembered lie within a tenth of it."""


@kernel()
def write_features(recent: Any, payer: int, payee: int, time: int, amount: float, out: Any) -> None:
    """Write `TOLD` as it is before the payment. `recent` is [account, out or in, KEPT] of `RECENT`."""
    at = 0
    for one in (payer, payee):
        for way in (OUT, IN):
            best, apart, age, near = -1.0, 0.0, -1.0, 0
            for k in range(KEPT):
                kept = recent[one, way, k]
                if kept.amount == 0:  # places fill from the first on
                    break
                ratio = amount / kept.amount
                near += 0.9 <= ratio <= 1.1
                if best < 0 or (ratio != best and _nearer(ratio, best, apart)):
                    best, age = ratio, (time - kept.time) * 1e-6
                    apart = max(ratio, 1 / ratio)
            out[at], out[at + 1], out[at + 2] = min(best, 100.0), age, near
            at += 3


@kernel(inline="always")
def _nearer(ratio: float, best: float, apart: float) -> Any:
    """Whether a ratio is nearer to 1 than the best, which is so far `apart`; logarithms settle close ones."""
    mine = max(ratio, 1 / ratio)
    if abs(mine - apart) > 1e-9 * apart:
        return mine < apart
    return abs(np.log(ratio)) < abs(np.log(best))


@kernel()
def note(recent: Any, ways: Any, payer: int, payee: int, time: int, amount: float) -> None:
    """Remember the payment in place of the oldest; `ways` counts those before it."""
    for one, way in ((payer, OUT), (payee, IN)):
        kept = recent[one, way, ways[one, way].count % KEPT]
        kept.amount, kept.time = amount, time
