"""Tables of the register of removals: inventories, flows, the monthly report, and the published tables."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Annotated, ClassVar, Final, Literal

from watchfloor.actions.base import Answer, Context, Line, Request, Table, action, option, words
from watchfloor.casework.removals import tables
from watchfloor.casework.removals.law import ACT_IN_FORCE
from watchfloor.casework.removals.orders import Order, fold
from watchfloor.casework.removals.periods import DAY
from watchfloor.casework.removals.steps import REGIONS
from watchfloor.cell.acts import refuse
from watchfloor.cell.wording.dates import day as day_of_field
from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare

KIND: Final = "removal-step"
"""Kind of the records that the register is folded from."""

NO_DAY: Final = declare("removals.no-day", "day", "first", "last")
BACKWARDS: Final = declare("removals.years-backwards", "first", "last")
NO_PUBLISHED: Final = declare("removals.no-published", "by", "years")

Word = Annotated[str, words("word.")]
OnField = Annotated[str, option("The day, at its end; today.", metavar="DAY")]


class TableRow(Answer, frozen=True):
    """A row of a table of removals: numbers in the order of its columns."""

    row: str
    numbers: list[int]


class DifferenceView(Answer, frozen=True):
    """A number that the published table has otherwise."""

    texts: ClassVar = "removals"
    columns: ClassVar = ("row", "column", "ours", "theirs")

    row: str
    column: str
    ours: int
    theirs: int


class RemovalTable(Answer, frozen=True):
    """Enforced orders by row and column, in the shape of the agency's table.

    Attributes:
        partial: columns of which the time has not passed.
        published: day of the published table that it is laid beside; null without one.
        address: of the page that has it.
        differences: numbers that both have otherwise.
    """

    by: str
    years: str
    on: date
    periods: list[str]
    rows: list[TableRow]
    total: list[int]
    partial: list[str]
    published: date | None
    dated: str
    address: str
    differences: list[DifferenceView]
    marking: str

    def written_out(self, say: Callable[..., str]) -> Iterator[Line | Table]:
        """Yield the table, and the numbers that the published one has otherwise."""
        heads = [say(f"removals.by_{self.by}"), *(one + "*" * (one in self.partial) for one in self.periods)]
        rows = [(_named(say, self.by, one.row), *one.numbers) for one in self.rows]
        title = say("removals.table", on=self.on)
        yield Table(title, heads, [*rows, (say("removals.total"), *self.total)])
        if self.partial:
            yield Line(say("removals.partial"))
        if self.published:
            key = "differs" if self.differences else "equal"
            yield Line(say(f"removals.{key}", day=self.published, count=len(self.differences)))
        if self.differences:
            heads = [say(f"removals.{name}") for name in DifferenceView.columns]
            named = (
                (_named(say, self.by, one.row), one.column, one.ours, one.theirs) for one in self.differences
            )
            yield Table("", heads, named)


def _named(say: Callable[..., str], by: str, row: str) -> str:
    if row == "total":
        return say("removals.total")
    return say(f"removals.section_{row}") if by == "ground" and row[0].isdigit() else say(f"word.{row}")


class InventoryRow(Answer, frozen=True):
    """An inventory: how many orders are in it, by region."""

    stage: Word
    regions: dict[str, int]
    count: int


class Inventory(Answer, frozen=True):
    """How many orders are in each inventory on a day, and the steps of the days before.

    Attributes:
        since: the first day of which steps are counted; `flows` has how many of each sort.
        before: orders that were in any inventory at the end of the day before `since`.
    """

    on: date
    since: date
    rows: list[InventoryRow]
    count: int
    before: int
    flows: dict[str, int]
    marking: str

    def written_out(self, say: Callable[..., str]) -> Iterator[Line | Table]:
        """Yield inventories by region, and the flows."""
        regions = sorted({name for one in self.rows for name in one.regions}, key=_order_of)
        heads = [say("removals.stage"), *(say(f"word.{name}") for name in regions), say("removals.total")]
        rows = [
            (say(f"word.{one.stage}"), *(one.regions.get(name, 0) for name in regions), one.count)
            for one in self.rows
        ]
        yield Table(say("removals.inventory", on=self.on, count=self.count), heads, rows)
        counts = [(say(f"word.{step}"), count) for step, count in self.flows.items()]
        title = say("removals.flows", since=self.since, on=self.on, before=self.before)
        yield Table(title, [say("removals.step"), say("removals.count")], counts, say("removals.no_flow"))


def _order_of(region: str) -> int:
    return REGIONS.index(region) if region in REGIONS else len(REGIONS)


class MakeTable(Request, frozen=True):
    """Which table, of which years."""

    by: Annotated[Literal["region", "kind", "ground", "way"], option("What its rows are.")] = "region"
    years: Annotated[Literal["calendar", "fiscal"], option("Fiscal years begin in April.")] = "calendar"
    since: Annotated[int, option("The first year; five before the last.", spelling="--from", minimum=0)] = 0
    on: OnField = ""
    published: Annotated[
        str, option("Lay it beside the table that the agency published by this day.", metavar="DAY")
    ] = ""


@action("removals table", "removals table --by region --years fiscal --on 2026-12-01", past=True)
def table(context: Context, ask: MakeTable) -> RemovalTable:
    """Count enforced removal orders by year and quarter, as the agency's tables do.

    `--as-of` shows the table as it could be made then; `--published` says what the agency's has otherwise.
    """
    on, found = register(context, ask.on)
    last = tables.fiscal_year(on) if ask.years == "fiscal" else on.year
    first = ask.since or last - 5
    if not last - tables.MOST_YEARS <= first <= last:
        refuse(BACKWARDS, first=first, last=last)
    theirs = _published(ask) if ask.published else None
    cols = theirs.columns if theirs else tables.columns(first, last, ask.years)
    made = tables.removals(found.values(), ask.by, cols, ask.years, on)
    other = tables.beside(made, theirs) if theirs else ()
    context.log_query("table of removals", by=ask.by, years=ask.years, on=on.isoformat())
    return RemovalTable(
        by=ask.by,
        years=ask.years,
        on=on,
        periods=list(made.columns),
        rows=[TableRow(row=key, numbers=list(numbers)) for key, numbers in made.rows.items()],
        total=list(made.total),
        partial=list(made.partial),
        published=theirs.published if theirs else None,
        dated=theirs.dated if theirs else "",
        address=tables.ADDRESS if theirs else "",
        differences=[DifferenceView(**one._asdict()) for one in other],
        marking=marking_of(found.values()),
    )


def _published(ask: MakeTable) -> tables.Published:
    """Return the newest published table of these rows that was public by a day. Raises `Refusal`."""
    by = day_of_field(ask.published)
    mine = [
        one
        for one in tables.published()
        if (one.by, one.years) == (ask.by, ask.years) and one.published <= by
    ]
    return mine[-1] if mine else refuse(NO_PUBLISHED, by=ask.by, years=ask.years)


class MonthlyReport(Answer, frozen=True):
    """The counts of the monthly report on removal orders.

    Attributes:
        due: last day to table it, or the first sitting days after it.
        enforced: orders enforced in the month, by ground; `delayed`: in force and not enforced, by reason.
    """

    month: str
    due: date
    enforced: dict[str, int]
    delayed: dict[str, int]
    partial: bool
    marking: str

    def written_out(self, say: Callable[..., str]) -> Iterator[Line | Table]:
        """Yield both counts, and what the section asks for that is not kept here."""
        yield Line(say("removals.month", month=self.month, due=self.due), "bold")
        if self.partial:
            yield Line(say("removals.partial"))
        count, total = say("removals.count"), say("removals.total")
        enforced = [(_named(say, "ground", key), number) for key, number in self.enforced.items()]
        enforced.append((total, sum(self.enforced.values())))
        yield Table(say("removals.month_enforced"), [say("removals.by_ground"), count], enforced)
        delayed = [(say(f"word.{key}"), number) for key, number in self.delayed.items()]
        delayed.append((total, sum(self.delayed.values())))
        yield Table(say("removals.month_delayed"), [say("removals.delay"), count], delayed)
        yield Line(say("removals.not_kept"))


class ReportMonth(Request, frozen=True):
    """Of which month."""

    month: Annotated[str, option("The month, as 2026-11; the last whole one.", metavar="MONTH")] = ""


@action("removals report", "removals report --month 2026-11", past=True)
def report(context: Context, ask: ReportMonth) -> MonthlyReport:
    """Count what the monthly report on removal orders asks for: enforced, not enforced, and why (s. 49(3)).

    Countries of origin, age and gender, which subsection (4) asks for beside them, are not kept here.
    """
    today = context.now.date()
    first = day_of_field(f"{ask.month}-01") if ask.month else (today.replace(day=1) - DAY).replace(day=1)
    last = (_within(first, today) + 31 * DAY).replace(day=1) - DAY
    on, found = register(context, min(last, today).isoformat())
    made = tables.monthly(found.values(), last)
    context.log_query("monthly report of removals", month=f"{first:%Y-%m}", on=on.isoformat())
    return MonthlyReport(
        month=f"{first:%Y-%m}",
        due=made.due,
        enforced=dict(sorted(made.enforced.items())),
        delayed=dict(sorted(made.delayed.items())),
        partial=on < last,
        marking=marking_of(found.values()),
    )


class ShowInventory(Request, frozen=True):
    """On which day, and since when flows are counted."""

    on: OnField = ""
    since: Annotated[
        str, option("First day of the flows; 30 days before.", spelling="--from", metavar="DAY")
    ] = ""


@action("removals inventory", "removals inventory --on 2026-12-01 --from 2026-11-01", past=True)
def inventory(context: Context, ask: ShowInventory) -> Inventory:
    """Count the orders of each inventory on a day by region, and the steps of the days before."""
    on, found = register(context, ask.on)
    since = _within(day_of_field(ask.since), on) if ask.since else on - 30 * DAY
    rows = tables.inventory(found.values())
    counts = tables.flows(found.values(), since, on)
    earlier = tables.inventory(_fold(context, since - DAY).values())
    context.log_query("inventories of removals", on=on.isoformat(), since=since.isoformat())
    return Inventory(
        on=on,
        since=since,
        rows=[
            InventoryRow(stage=stage, count=count.total(), regions=dict(count))
            for stage, count in rows.items()
        ],
        count=sum(one.total() for one in rows.values()),
        before=sum(one.total() for one in earlier.values()),
        flows={step: counts[step] for step in tables.FLOWS if counts[step]},
        marking=marking_of(found.values()),
    )


def register(context: Context, asked: str) -> tuple[date, dict[str, Order]]:
    """Return the day that was asked for, and every order at its end. Raises `Refusal` for one to come."""
    today = context.now.date()
    on = _within(day_of_field(asked.strip()), today) if asked.strip() else today
    return on, _fold(context, on)


def _within(day: date, last: date) -> date:
    """Return a day from the first of the Act to a last. Raises `Refusal` for any other."""
    if not ACT_IN_FORCE <= day <= last:
        refuse(NO_DAY, day=day.isoformat(), first=ACT_IN_FORCE.isoformat(), last=last.isoformat())
    return day


def _fold(context: Context, on: date) -> dict[str, Order]:
    rows = context.floor.read(KIND, context.reader, context.as_of, KINDS[KIND].schema.names).to_pylist()
    return fold(rows, on, context.now)


def marking_of(orders: Iterable[Order]) -> str:
    """Return the join of the markings of all records of some orders."""
    return joined(sorted(set().union(*(order.markings for order in orders))))
