"""Vintages of a series, and what a later one has otherwise: revisions are shown, never made in silence."""

from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from watchfloor.core.messages import declare, reason
from watchfloor.scorecard.facts import Series, same_number
from watchfloor.scorecard.problems import WrongQuestion

NO_VINTAGE: Final = declare("scorecard.no-vintage", "series", "day", "known")
ONE_VINTAGE: Final = declare("scorecard.one-vintage", "series")


class Vintage(NamedTuple):
    """A vintage: by when it was public, how that is known, its first and last month, how many numbers."""

    day: date
    dated: str
    first: int
    last: int
    numbers: int


class Revision(NamedTuple):
    """A number that two vintages have differently; None where one lacks the cell, which is zero there."""

    month: int
    measure: str
    cell: Mapping[str, str]
    old: float | None
    new: float | None


def vintages(one: Series) -> tuple[Vintage, ...]:
    """The vintages of a series, the oldest first."""
    found = []
    for day in one.vintages:
        part = one.of_vintage(day)
        dated = part.rows["dated"][0].as_py() or "stated"
        found.append(Vintage(day, dated, int(part.start.min()), int(part.end.max()) - 1, len(part.value)))
    return tuple(found)


def newest_pair(one: Series) -> tuple[date, date]:
    """The two newest vintages that have months in common. Raises `WrongQuestion` where there are none."""
    known = one.vintages
    months = {day: one.of_vintage(day).months for day in known}
    for n in range(len(known) - 1, 0, -1):
        for m in range(n - 1, -1, -1):
            if months[known[n]] & months[known[m]]:
                return known[m], known[n]
    raise WrongQuestion(reason(ONE_VINTAGE, series=one.name))


def revisions(one: Series, old: date, new: date) -> list[Revision]:
    """Return the revisions from an older vintage, of the months that both have; by month and cell.

    Raises:
        WrongQuestion: there is no such vintage.
    """
    before, after = _numbers(one, old), _numbers(one, new)
    months = {key[0] for key in before} & {key[0] for key in after}
    keys = sorted(key for key in before.keys() | after.keys() if key[0] in months)
    found = [(key, before.get(key), after.get(key)) for key in keys]
    return [
        Revision(month, measure, one.cells[cell], a, b)
        for (month, measure, cell), a, b in found
        if a is None or b is None or not same_number(a, b)
    ]


def _numbers(one: Series, day: date) -> dict[tuple[int, str, int], float]:
    if day not in one.vintages:
        known = ", ".join(f"{each:%Y-%m-%d}" for each in one.vintages) or "–"
        raise WrongQuestion(reason(NO_VINTAGE, series=one.name, day=f"{day:%Y-%m-%d}", known=known))
    part = one.of_vintage(day)
    columns = part.start.tolist(), part.measures.tolist(), part.cell.tolist()
    return dict(zip(zip(*columns, strict=True), part.value.tolist(), strict=True))
