"""A plan: which items are examined, by which means, and what has to be told about how they were chosen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.referrals import powers
from watchfloor.cell.acts import Refusal
from watchfloor.core.messages import Reason, reason
from watchfloor.planning.inspections import messages
from watchfloor.planning.inspections.candidates import Candidates
from watchfloor.planning.inspections.choose import Picks, Settings, choose
from watchfloor.planning.inspections.draws import Bools, Rows
from watchfloor.planning.inspections.items import UNKNOWN, Items
from watchfloor.planning.inspections.means import LEARNING, Table
from watchfloor.planning.inspections.parts import Limit

OPEN: Final = powers.OPENS
PAPERS: Final = ("weighing", "document")
"""Means that say too little of an item to learn from."""
PARTED: Final = "\x1f"
"""What stands between words that are joined to one; in none of them."""
SHOWN: Final = 5
"""Items that a sentence names; the others are counted."""
TIERS: Final = {"lookout": 0, "lead": 0, "random": 1, "uncertainty": 2}
"""Who gets a means first. A random pick that nothing examines would spoil the rates."""


class First(NamedTuple):
    """Items that lookouts and leads name.

    Attributes:
        rows: their numbers, in order.
        by: lookout or lead, of each.
        why, marking: the reason and who may see it, by number.
    """

    rows: Rows
    by: Sequence[str]
    why: Mapping[int, Reason]
    marking: Mapping[int, str]


NOBODY_FIRST: Final = First(np.zeros(0, np.int64), (), {}, {})


class Plan(NamedTuple):
    """A plan of examinations.

    Attributes:
        candidates: all items of the stream.
        settings: as they were used.
        picks: what was chosen and can be examined, the foremost first.
        means: of each pick; None where no means is known at all.
        first: what lookouts and leads named.
        notes: what has to be told.
    """

    candidates: Candidates
    settings: Settings
    picks: Picks
    means: list[str | None]
    first: First
    notes: list[Reason]


def may_open(items: Items, day: date, table: powers.Powers, grounds: Collection[str]) -> Bools:
    """Whether each item may be opened: the law asks for no suspicion, or an officer has recorded his grounds.

    Args:
        items: the stream.
        day: on which they are examined.
        table: of the powers to examine.
        grounds: typed keys of items of which an officer's grounds are recorded.
    """
    if not items.subject:
        return np.zeros(0, np.bool_)
    post = pc.if_else(items.by_post, "post", "")
    joined = pc.binary_join_element_wise(post, pa.array(items.mode), pa.array(items.direction), PARTED)
    coded = joined.combine_chunks().dictionary_encode()
    kinds = [one.split(PARTED) for one in coded.dictionary.to_pylist()]
    opens = np.array([_opens(bool(by_post), mode, way, day, table) for by_post, mode, way in kinds], np.bool_)
    stated = pc.is_in(pa.array(items.subject, pa.string()), value_set=pa.array([*grounds], pa.string()))
    return np.asarray(opens[coded.indices.to_numpy()] | stated.to_numpy(zero_copy_only=False))


def _opens(post: bool, mode: str, direction: str, day: date, table: powers.Powers) -> bool:
    """Whether the law asks for nothing before such an item is opened; where it is not clear, it asks."""
    stream = powers.Stream(_known(mode), _known(direction))
    try:
        found = powers.power(table, powers.POSTAL if post else "parcel:", stream, day)
    except Refusal:
        return False
    return not found.asks(OPEN)


def _known(word: str) -> str | None:
    return None if word == UNKNOWN else word


def plan(
    candidates: Candidates,
    settings: Settings,
    table: Table,
    day: date,
    *,
    opens: Bools,
    first: First = NOBODY_FIRST,
    used: Mapping[str, int] | None = None,
) -> Plan:
    """Spend a budget on candidates.

    Args:
        candidates: of `by_rules` or `by_model`.
        settings: the budget and how it is spent.
        table: the means; where it names none, none is assigned.
        day: whose capacities count.
        opens: whether each item may be opened [n].
        first: what lookouts and leads name.
        used: items that each means examines on that day already.
    """
    room = {name: max(one.on(day) - (used or {}).get(name, 0), 0) for name, one in table.means.items()}
    notes = _before(candidates, settings, room, day)
    given = replace(settings, budget=min(settings.budget, sum(room.values()))) if room else settings
    picks = choose(
        candidates.chance,
        candidates.spread,
        given,
        first=first.rows,
        first_by=first.by,
        stratum=_numbers(candidates.items.stream),
        evident=candidates.evident,
        limit=_limit(opens, room) if room else None,
        by="rule" if candidates.model is None else "score",
    )
    means, unmet = _assigned(candidates, picks, table, room, opens)
    notes += _after(candidates.items, given, picks, unmet)
    kept = np.array([row not in unmet for row in picks.rows.tolist()], np.bool_)
    words = [word for word, keep in zip(picks.chosen_by, kept.tolist(), strict=True) if keep]
    left = Picks(picks.rows[kept], words, picks.propensity[kept], picks.every, picks.left)
    return Plan(candidates, given, left, [means[row] for row in left.rows.tolist()], first, notes)


def _limit(opens: Bools, room: Mapping[str, int]) -> Limit:
    closed = sum(count for name, count in room.items() if name != OPEN)
    return Limit(~opens, closed, sum(room.get(name, 0) for name in LEARNING))


def _assigned(
    candidates: Candidates, picks: Picks, table: Table, room: Mapping[str, int], opens: Bools
) -> tuple[dict[int, str | None], set[int]]:
    """The means of each row that was chosen, and the rows that nothing is left for."""
    rows = picks.rows.tolist()
    if not room:
        return dict.fromkeys(rows), set()
    names, modes = list(room), candidates.items.mode
    learning = np.array([word in ("random", "uncertainty") for word in picks.chosen_by], np.bool_)
    may = np.zeros((len(rows), len(names)), np.bool_)
    for at, name in enumerate(names):
        one = table.means[name]
        reached = np.array([modes[row] in one.modes or modes[row] == UNKNOWN for row in rows], np.bool_)
        may[:, at] = reached & (opens[picks.rows] & ~learning if name == OPEN else True)
        may[:, at] &= ~learning if name in PAPERS else True
    tier = np.array([TIERS.get(word, 3) for word in picks.chosen_by], np.int64)
    best = np.array(sorted(range(len(names)), key=lambda at: (-table.sensitivity(names[at]), names[at])))
    found = assign(may, np.array(list(room.values()), np.int64), np.argsort(tier, kind="stable"), best)
    given = {row: names[at] for row, at in zip(rows, found.tolist(), strict=True) if at != NOBODY}
    return dict(given), {row for row in rows if row not in given}


def _before(candidates: Candidates, settings: Settings, room: Mapping[str, int], day: date) -> list[Reason]:
    """Return the notes on the budget."""
    count, capacity = len(candidates.items.subject), sum(room.values())
    notes = []
    if settings.budget == 0:
        notes.append(reason(messages.NO_BUDGET, count=count))
    elif count and settings.budget >= count:
        notes.append(reason(messages.ALL, budget=settings.budget, count=count))
    if not room:
        notes.append(reason(messages.NO_MEANS))
    elif capacity < min(settings.budget, count):
        told = reason(messages.CAPACITY, day=day.isoformat(), capacity=capacity, budget=settings.budget)
        notes.append(told)
    return notes


def _after(items: Items, settings: Settings, picks: Picks, unmet: set[int]) -> list[Reason]:
    """Return the notes on the choice."""
    notes = []
    wanted = min(settings.budget, len(items.subject))
    if len(picks.rows) < wanted:
        notes.append(reason(messages.FEWER, count=len(picks.rows), budget=wanted))
    if unmet:
        notes.append(reason(messages.UNMET, count=len(unmet), items=some(items, sorted(unmet))))
    if len(picks.left):
        notes.append(reason(messages.LEFT, count=len(picks.left), items=some(items, picks.left.tolist())))
    unseen = int((picks.every <= 0).sum())
    if settings.budget and unseen:
        notes.append(reason(messages.NO_CHANCE, count=unseen))
    return notes


def some(items: Items, rows: Sequence[int]) -> str:
    """Name the first of some items."""
    named = ", ".join(items.subject[row] for row in rows[:SHOWN])
    return f"{named}, …" if len(rows) > SHOWN else named


def _numbers(words: Sequence[str]) -> Rows:
    """A number for each word, the same for the same."""
    if not words:
        return np.zeros(0, np.int64)
    codes: Rows = pa.array(words).dictionary_encode().indices.to_numpy().astype(np.int64)
    return codes


# Who examines what: each pick gets one means that may examine it, and no means more than it can do.
#
# Picks are taken in the order given. One is kept where all that were kept before it and it can be examined
# together, whoever examines whom; such sets form a transversal matroid, so the greedy rule keeps the most
# picks and, among those, the foremost ones (J. Edmonds and D. R. Fulkerson, "Transversals and matroid
# partition", Journal of Research of the National Bureau of Standards 69B, 1965). Whether a set can be
# examined together is Hall's condition, over the few sets of means: those whom only a set of means may
# examine are no more than it can do.


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
