"""How many definitions were tried, and how many of them give what was claimed.

A figure that was found by search is no evidence for the claim: among enough definitions some give any number.
So the search is done again, all of it, and counted.
"""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Final, NamedTuple

import numpy as np

from watchfloor.core.messages import declare, reason
from watchfloor.scorecard import periods
from watchfloor.scorecard.bilingual import Text, fill, joined, number, shown_percent
from watchfloor.scorecard.claims import ANY, Claim, FigureQuery, Search
from watchfloor.scorecard.claims.labels import called
from watchfloor.scorecard.claims.measures import part_query
from watchfloor.scorecard.claims.verdicts import moved
from watchfloor.scorecard.facts import Facts, Floats
from watchfloor.scorecard.problems import WrongQuestion
from watchfloor.scorecard.queries import Query, ask

TRIED: Final = declare(
    "scorecard.tried", "count", "axes", "matching", "share", "low", "high", "first", "third"
)
SETS: Final = declare("scorecard.tried-sets", "most", "of", "name")
EACH: Final = declare("scorecard.tried-each", "name", "values")
WHATEVER: Final = Text("all", "toutes")
NONE_TRIED: Final = declare("scorecard.none-tried", "month")


class Tried(NamedTuple):
    """Values under every definition tried, and how many are as claimed; `axes` says what was varied."""

    values: Floats
    matching: int
    axes: Text

    @property
    def text(self) -> Text:
        """All of it in a sentence."""
        first, third = np.quantile(self.values, [0.25, 0.75])
        return fill(
            TRIED,
            count=number(len(self.values)),
            axes=self.axes,
            matching=number(self.matching),
            share=shown_percent(self.matching / len(self.values)),
            low=moved(float(self.values.min())),
            high=moved(float(self.values.max())),
            first=moved(float(first)),
            third=moved(float(third)),
        )


def tried(facts: Facts, claim: Claim) -> Tried | None:
    """Every definition of a claim's search that can be computed; None where the claim has no search.

    Those whose baseline is 0 have no change, and do not count. Raises `Unanswerable`.
    """
    search = claim.search
    if search is None:
        return None
    base = claim.asked({})
    sets = [_sets(facts, base, name, most) for name, most in search.up_to.items()]
    values = np.array([value for value in _values(facts, base, search, sets) if np.isfinite(value)])
    if not values.size:
        month = periods.spoken(base.since)
        raise WrongQuestion(reason(NONE_TRIED, month=month.en))
    matching = sum(claim.rule.judge(value) is True for value in values.tolist())
    return Tried(values, matching, _axes(search, sets))


class _Sets(NamedTuple):
    """Sets of values of a dimension: which they are, and which members each has."""

    name: str
    most: int
    values: tuple[str, ...]
    members: Floats


def _sets(facts: Facts, base: FigureQuery, name: str, most: int) -> _Sets:
    rows = ask(facts, part_query(base, base.since)).rows
    values = tuple(sorted({rows.cells[cell].get(name, "") for cell in rows.cell.tolist()}))
    chosen = [one for size in range(1, most + 1) for one in combinations(range(len(values)), size)]
    members = np.zeros((len(chosen) + 1, len(values)))
    for row, places in enumerate(chosen):
        members[row, list(places)] = 1
    members[-1] = 1  # all of them
    return _Sets(name, most, values, members)


def _values(facts: Facts, base: FigureQuery, search: Search, sets: list[_Sets]) -> Iterator[float]:
    for choice in product(*search.wanted.values()):
        wanted = {n: v for n, v in zip(search.wanted, choice, strict=True) if v != ANY}
        sums = {
            month: _sums(facts, base, wanted, month, sets)
            for month in {*(search.since or [base.since]), *(search.until or [base.until])}
        }
        for since, until in product(search.since or [base.since], search.until or [base.until]):
            with np.errstate(divide="ignore", invalid="ignore"):
                yield from (1 - sums[until] / sums[since]).tolist()


def _sums(facts: Facts, base: FigureQuery, wanted: dict[str, str], month: str, sets: list[_Sets]) -> Floats:
    """The sum of a month under each set, or the one sum where there are no sets."""
    query = part_query(base, month)
    found = ask(facts, Query(query.series, query.measure, {**query.where, **wanted}, month))
    if not sets:
        return np.array([found.value])
    one = sets[0]
    names = [cell.get(one.name, "") for cell in found.rows.cells]
    by_value = dict.fromkeys(one.values, 0.0)
    for cell, value in zip(found.rows.cell.tolist(), found.rows.value.tolist(), strict=True):
        by_value[names[cell]] = by_value.get(names[cell], 0.0) + value
    per_set: Floats = one.members @ np.array([by_value[value] for value in one.values])
    return per_set


def _axes(search: Search, sets: list[_Sets]) -> Text:
    parts = [
        *(
            fill(SETS, most=number(one.most), of=number(len(one.values)), name=called("dimension", one.name))
            for one in sets
        ),
        *(
            fill(EACH, name=called("dimension", name), values=_each(name, wanted))
            for name, wanted in search.wanted.items()
        ),
        *(
            _months(name, months)
            for name, months in (("since", search.since), ("until", search.until))
            if months
        ),
    ]
    return joined(parts, " × ")


def _each(name: str, wanted: tuple[str, ...]) -> Text:
    return joined((WHATEVER if one == ANY else called(name, one) for one in wanted), " / ")


def _months(name: str, months: tuple[str, ...]) -> Text:
    spoken = joined(map(periods.spoken, months), " / ")
    lead = {"since": Text("since ", "depuis "), "until": Text("until ", "jusqu’à ")}[name]
    return joined([lead, spoken], "")
