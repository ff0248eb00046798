"""Who is examined how often, what that finds, and who bears it, by country of departure, stream and office.

The country of persons is looked at nowhere. That of departure is looked at here and nowhere else in planning:
it chooses nobody. A group is compared with the rate that its own even draws show: one that is examined much
more often than its rate accounts for bears what others do not. What an officer sees is an association, not a
cause, and small groups say little: their intervals are wide.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from watchfloor.core.proportions import jeffreys
from watchfloor.planning.inspections.draws import Bools
from watchfloor.planning.inspections.estimates import Estimate, rate
from watchfloor.planning.inspections.items import UNKNOWN, Items
from watchfloor.planning.inspections.outcomes import Outcomes, words

BY: Final = ("departure", "stream", "office")
LEAST: Final = 20
"""Items below which a group is put with others: a rate of so few says nothing, and may be of one person."""
OTHER: Final = "other"

Interval = tuple[float, float]


class Group(NamedTuple):
    """A group of items.

    Attributes:
        by, name: what groups it, and its value.
        items, examined, finds: how many.
        share: of its items that were examined.
        hits: share of those examined that were finds, with its interval (Jeffreys).
        burden: share of all its items that were examined and nothing was found.
        true: the rate of the whole group, from chances that are known.
        selection: `share` over that of all items.
        deserved: interval of its rate over the rate of all items.
        told: `more`, `less` or `as` its rate accounts for; `unknown` where the interval is too wide.
    """

    by: str
    name: str
    items: int
    examined: int
    finds: int
    share: float
    hits: tuple[float, float, float]
    burden: float
    true: Estimate
    selection: float
    deserved: Interval
    told: str


def groups(found: Items, of: Outcomes, least: int = LEAST) -> list[Group]:
    """Every group of a stream, the largest first, by each of `BY`.

    Args:
        found: the items that were declared.
        of: what became of those that were chosen; others than of these items are left out.
        least: items below which groups are put together.
    """
    whole = _whole(found, of)
    return [one for by in BY for one in _groups(found, of, by, whole, least)]


class _Whole(NamedTuple):
    """The share of all items that were examined, and the rate of all."""

    share: float
    true: Estimate


def _whole(found: Items, of: Outcomes) -> _Whole:
    mine = np.array([word != "" for word in words(found, of, ["x"] * len(found.subject), "")], np.bool_)
    examined = of.examined & mine
    known = of.known & mine
    n = len(found.subject)
    return _Whole(examined.sum() / n if n else 0.0, _rate(of, known, n))


def _rate(of: Outcomes, known: Bools, population: int) -> Estimate:
    return rate(of.found[known], of.chance[known], max(population, int(known.sum())))


def _groups(found: Items, of: Outcomes, by: str, whole: _Whole, least: int) -> list[Group]:
    said = found.stream if by == "stream" else [word or UNKNOWN for word in found.column(by)]
    names = _merged(said, least)
    theirs = np.array(words(found, of, names, ""), dtype=object)
    counts = {name: names.count(name) for name in dict.fromkeys(names)}
    made = [_group(of, by, name, count, theirs == name, whole) for name, count in counts.items()]
    return sorted(made, key=lambda one: (-one.items, one.name))


def _merged(said: Sequence[str], least: int) -> list[str]:
    """Groups, those that are too small under one name."""
    values, codes = np.unique(np.array(said, dtype=str), return_inverse=True)
    sizes = np.bincount(codes, minlength=len(values))
    kept = np.where(sizes >= least, values, OTHER)
    merged: list[str] = kept[codes].tolist() if len(values) else []
    return merged


def _group(of: Outcomes, by: str, name: str, count: int, mine: Bools, whole: _Whole) -> Group:
    examined = int((of.examined & mine).sum())
    finds = int((of.examined & of.found & mine).sum())
    true = _rate(of, of.known & mine, count)
    share = examined / count
    hits = (finds / examined, *jeffreys(finds, examined)) if examined else (np.nan, 0.0, 1.0)
    selection = share / whole.share if whole.share else np.nan
    deserved = _over((true.low, true.high), (whole.true.low, whole.true.high))
    burden = (examined - finds) / count
    told = _told(selection, deserved, true)
    return Group(by, name, count, examined, finds, share, hits, burden, true, selection, deserved, told)


def _over(one: Interval, other: Interval) -> Interval:
    """The interval of a ratio, from the ends that make it widest."""
    return (
        one[0] / other[1] if other[1] else 0.0,
        one[1] / other[0] if other[0] else np.inf,
    )


def _told(selection: float, deserved: Interval, true: Estimate) -> str:
    if true.method == "none" or not np.isfinite(selection):
        return "unknown"
    if selection > deserved[1]:
        return "more"
    if selection < deserved[0]:
        return "less"
    return "as" if deserved[1] < np.inf else "unknown"


def country_bits(names: Sequence[Sequence[str]], bits: Sequence[Sequence[float]]) -> float:
    """The most that the country moved any item: what a report proves the cap by.

    Args:
        names, bits: of the contributions of each item.
    """
    return max(
        (
            abs(amount)
            for mine, theirs in zip(names, bits, strict=True)
            for name, amount in zip(mine, theirs, strict=True)
            if name in COUNTRY
        ),
        default=0.0,
    )


COUNTRY: Final = ("route", "origin", "departure")
"""Contributions of a model that are of a country; it sums all of them as `route`."""
