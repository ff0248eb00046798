"""Series of published numbers, their vintages and revisions."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar, Final

import msgspec

from watchfloor.actions.base import (
    Answer,
    Context,
    Line,
    Request,
    Table,
    action,
    argument,
    option,
    words,
)
from watchfloor.actions.scorecard import KnownOnField, StatisticsField, answerable, day_of, given
from watchfloor.cell.acts import NotFound, refuse
from watchfloor.core.messages import Language, declare, reason
from watchfloor.scorecard.bilingual import number
from watchfloor.scorecard.facts import Series
from watchfloor.scorecard.periods import written
from watchfloor.scorecard.vintages import newest_pair, vintages
from watchfloor.scorecard.vintages import revisions as changed

WITHHELD: Final = declare("scorecard.series-withheld", "series", "department")
NO_OLDER: Final = declare("scorecard.no-older-vintage", "series", "day")
REVISION: Final = ("month", "measure", "cell", "was", "is", "change")


class VintageView(Answer, frozen=True):
    """A vintage of a series: the day by which it was public, its months, and how many numbers it has."""

    texts: ClassVar = "statistics"
    columns: ClassVar = ("series", "vintage", "dated", "first", "last", "numbers", "publisher")

    series: str
    vintage: date
    dated: Annotated[str, words("statistics.dated_")]
    first: str
    last: str
    numbers: int
    publisher: str


class VintageList(Answer, frozen=True):
    """The series that are held, each with its vintages."""

    vintages: list[VintageView]


class ListSeries(Request, frozen=True):
    """From what, and as known when."""

    on: KnownOnField = ""
    statistics: StatisticsField = ()


@action(
    "statistics list",
    "statistics list --statistics ../shared/data/statistics",
    floor_optional=True,
    rows="vintages",
    empty="statistics.nothing",
)
def list_(context: Context, ask: ListSeries) -> VintageList:
    """The series that are held, each with its vintages."""
    on, have = day_of(context, ask.on), given(context, ask.statistics)
    found = [
        VintageView(
            series=name,
            vintage=each.day,
            dated=each.dated,
            first=written(each.first),
            last=written(each.last),
            numbers=each.numbers,
            publisher=one.rows["publisher"][0].as_py() or "",
        )
        for name, one in sorted(have.evidence.facts.series.items())
        for each in vintages(one)
        if each.day <= on
    ]
    if context.has_floor:
        context.log_query("series of statistics", shown=sorted({one.series for one in found}))
    return VintageList(vintages=found)


class Revised(msgspec.Struct, frozen=True):
    """A number that two vintages have differently; null where one lacks it."""

    month: str
    measure: str
    cell: dict[str, str]
    was: float | None
    is_: float | None = msgspec.field(name="is")


class RevisionList(Answer, frozen=True):
    """The numbers that a vintage has otherwise than an older one; `language` is that of the text."""

    revisions: list[Revised]
    series: str
    old: date
    new: date
    language: Language

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield how many numbers changed, came and went, and each of them."""
        parts = {
            "changed": [one for one in self.revisions if None not in (one.was, one.is_)],
            "appeared": [one for one in self.revisions if one.was is None],
            "gone": [one for one in self.revisions if one.is_ is None],
        }
        counts = {part: _counts(some) or say("statistics.nothing") for part, some in parts.items()}
        months = len({one.month for one in self.revisions})
        about = {"series": self.series, "old": self.old, "new": self.new, "months": months}
        yield Line(say("statistics.summary", **about, **counts))
        if self.revisions:
            heads = (say(f"statistics.revision.{name}") for name in REVISION)
            yield Table("", heads, map(self._cells, self.revisions))

    def _cells(self, one: Revised) -> tuple[str, ...]:
        change = (one.is_ or 0.0) - (one.was or 0.0)
        values = self._number(one.was), self._number(one.is_), "+" * (change > 0) + self._number(change)
        return one.month, one.measure, ", ".join(one.cell.values()), *values

    def _number(self, value: float | None) -> str:
        return "–" if value is None else number(value, 0 if value.is_integer() else 2)[self.language]


def _counts(some: Sequence[Revised]) -> str:
    counts = Counter(one.measure for one in some)
    return ", ".join(f"{count} {measure}" for measure, count in sorted(counts.items()))


class ListRevisions(Request, frozen=True):
    """Of which series, and between which vintages."""

    series: Annotated[
        str, argument("SERIES", "Name of a series; `watchfloor scorecard statistics list` has them.")
    ]
    from_: Annotated[str, option("The older vintage; that before the newest.", metavar="DATE")] = ""
    to: Annotated[str, option("The newer one; the newest.", metavar="DATE")] = ""
    statistics: StatisticsField = ()


@action(
    "statistics revisions",
    "statistics revisions cbp-drug-seizures --statistics ../shared/data/statistics",
    floor_optional=True,
    rows="revisions",
)
def revisions(context: Context, ask: ListRevisions) -> RevisionList:
    """Show what a vintage of a series has otherwise than an older one, number by number."""
    have = given(context, ask.statistics)
    if own := have.evidence.facts.owner(ask.series):
        refuse(WITHHELD, series=ask.series, department=own)
    with answerable():
        one = have.evidence.facts[ask.series]
        old, new = _pair(context, one, ask) if ask.from_ or ask.to else newest_pair(one)
        found = changed(one, old, new)
    if context.has_floor:
        context.log_query("revisions of statistics", shown=[ask.series])
    rows = [Revised(written(each.month), each.measure, dict(each.cell), each.old, each.new) for each in found]
    return RevisionList(revisions=rows, series=one.name, old=old, new=new, language=context.language)


def _pair(context: Context, one: Series, ask: ListRevisions) -> tuple[date, date]:
    """Return the two vintages that were named, or the nearest on the other side. Raises `Refusal`."""
    new = day_of(context, ask.to) if ask.to else one.vintages[-1]
    if ask.from_:
        return day_of(context, ask.from_), new
    older = [each for each in one.vintages if each < new]
    if not older:
        raise NotFound(reason(NO_OLDER, series=one.name, day=new.isoformat()))
    return older[-1], new
