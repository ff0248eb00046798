"""Who examines what: each pick gets one means that may examine it, and no means more than it can do.

Picks are taken in the order given. One is kept where all that were kept before it and it can be examined
together, whoever examines whom; such sets form a transversal matroid, so the greedy rule keeps the most picks
and, among those, the foremost ones (J. Edmonds and D. R. Fulkerson, "Transversals and matroid partition",
Journal of Research of the National Bureau of Standards 69B, 1965). Whether a set can be examined together is
Hall's condition, over the few sets of means: those whom only a set of means may examine are no more than it
can do.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.planning.inspections.draws import Bools, Rows

NOBODY: Final = -1
"""The means of a pick that nothing is left for."""
MOST: Final = 10
"""Means that can be told apart; there are six words for them."""


class _Demand(NamedTuple):
    """Sets of means by bit mask: how many picks only the set may examine, and how many it can [2^m]."""

    wanted: npt.NDArray[np.int64]
    room: npt.NDArray[np.int64]


def assign(may: Bools, capacity: Rows, order: Rows, best_first: Rows) -> Rows:
    """The means of each pick, `NOBODY` where nothing is left for it.

    Args:
        may: whether each means may examine each pick [picks, means].
        capacity: items that each means can examine, 0 or more [means].
        order: picks, the foremost first; a permutation.
        best_first: means, the one that is tried first at the front; a permutation.

    Raises:
        ValueError: there are more means than `MOST`.
    """
    count, means = may.shape
    if means > MOST:
        raise ValueError(f"{means} means; {MOST} at most")
    masks = may @ (1 << np.arange(means)) if means else np.zeros(count, np.int64)
    sets = np.arange(1 << means)
    room = (((sets[:, None] >> np.arange(means)) & 1) @ capacity) if means else np.zeros(1, np.int64)
    within = [(sets & mask) == mask for mask in range(1 << means)]
    kept = _kept(masks, order, within, room)
    return _given(masks, kept, within, room, best_first)


def _kept(masks: Rows, order: Rows, within: list[Bools], room: Rows) -> list[int]:
    """Picks that can all be examined, in the order given."""
    demand = _Demand(np.zeros_like(room), room)
    kept = []
    for pick in order.tolist():
        inside = within[int(masks[pick])]
        if masks[pick] and np.all(demand.wanted[inside] < room[inside]):
            demand.wanted[inside] += 1
            kept.append(pick)
    return kept


def _given(masks: Rows, kept: list[int], within: list[Bools], room: Rows, best_first: Rows) -> Rows:
    """A means for each kept pick: the best that leaves something for all others."""
    found = np.full(len(masks), NOBODY)
    wanted, left = np.zeros_like(room), room.copy()
    for pick in kept:
        wanted[within[int(masks[pick])]] += 1
    for pick in kept:
        wanted[within[int(masks[pick])]] -= 1
        means = next(
            one for one in best_first.tolist() if _leaves(one, int(masks[pick]), wanted, left, within)
        )
        found[pick] = means
        left[within[1 << means]] -= 1
    return found


def _leaves(means: int, mask: int, wanted: Rows, left: Rows, within: list[Bools]) -> bool:
    """Whether a means may examine it, and all others that are kept can still be."""
    having = within[1 << means]
    return bool(mask >> means & 1) and bool(np.all(wanted[having] < left[having]))
