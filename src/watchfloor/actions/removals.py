"""The register of removals: orders with their clocks and what due process is open, inventories, tables."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, ClassVar, Final, Literal

from watchfloor.actions.base import Answer, Context, Line, Request, Table, action, argument, option, words
from watchfloor.casework.removals import tables
from watchfloor.casework.removals.clocks import Clock, clocks
from watchfloor.casework.removals.law import provision_of
from watchfloor.casework.removals.orders import Hold, Order, fold, next_steps
from watchfloor.casework.removals.steps import REGIONS, Row, day_of
from watchfloor.cell import acts
from watchfloor.cell.acts import pick, refuse
from watchfloor.cell.wording.dates import day as day_of_field
from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, declare

KIND: Final = "removal-step"
"""Kind of the records that the register is folded from."""

LATER_DAY: Final = declare("removals.later-day", "day", "today")
BACKWARDS: Final = declare("removals.years-backwards", "first", "last")
NO_PUBLISHED: Final = declare("removals.no-published", "by", "years")

Word = Annotated[str, words("word.")]
OnField = Annotated[str, option("The day, at its end; today.", metavar="DAY")]
Stage = Literal["monitoring", "stay", "working", "removal-in-progress", "wanted"]


class HoldView(Answer, frozen=True):
    """A hold of an order, with its section, and until when it is known to last."""

    texts: ClassVar = "removals"
    columns: ClassVar = ("hold", "section", "since", "until", "ref")

    hold: Word
    section: str
    since: date
    until: date | None
    ref: str


class ClockView(Answer, frozen=True):
    """A clock of an order; `by` is the moment at which one in hours ends."""

    texts: ClassVar = "removals"
    columns: ClassVar = ("clock", "section", "since", "last", "by", "state", "days")

    clock: Word
    section: str
    since: date
    last: date | None
    by: datetime | None
    state: Word
    days: int | None


class StepView(Answer, frozen=True):
    """A step of an order and the record that it is kept in."""

    texts: ClassVar = "removals"
    columns: ClassVar = ("day", "step", "section", "office", "reference", "reason")

    day: date
    step: Word
    section: str
    office: str
    reference: str
    reason: str
    record: str


class OrderView(Answer, frozen=True):
    """A removal order as it stands at the end of a day.

    Attributes:
        kind: a departure order whose time has run out is a deportation order.
        stage: the inventory that it is in, or how it ended.
        in_force: day from which it is, and by which section; null while that is open.
        leave_by: last day of a departure order.
        enforceable: whether nothing holds it. It says what the law allows, and orders nothing.
        holds: what due process holds it.
        wanted_days: age of its warrant.
        problems: what is wrong with its records.
    """

    texts: ClassVar = "removals"
    columns: ClassVar[tuple[str, ...]] = (
        *("order", "kind", "stage", "made", "in_force", "leave_by", "held_by", "wanted_days", "wrong"),
    )

    order: str
    kind: Word
    stage: Word
    made: date
    ground: str
    region: Word
    in_force: date | None
    in_force_section: str
    leave_by: date | None
    enforceable: bool
    holds: list[HoldView]
    wanted_days: int | None
    problems: list[str]
    marking: str

    held_by = property(lambda self: ", ".join(one.section for one in self.holds))
    wrong = property(lambda self: len(self.problems) or None)


class OrderList(Answer, frozen=True):
    """Orders of the register on a day; `held` says how many of them due process holds."""

    orders: list[OrderView]
    on: date
    count: int
    held: int
    marking: str


class OrderCase(OrderView, frozen=True):
    """A removal order with its clocks, every step, and the steps that may lawfully follow.

    Attributes:
        read: where a section of the Regulations was read, since they are not among the stored texts.
    """

    clocks: list[ClockView]
    history: list[StepView]
    next: list[Word]
    read: dict[str, str]
    on: date

    def written_out(self, say: Callable[..., str]) -> Iterator[Line | Table]:
        """Yield what holds it, its clocks, what may follow, and its steps."""

        def word(one: str) -> str:
            return say(f"word.{one}")

        kind, stage = word(self.kind), word(self.stage)
        yield Line(say("removals.head", order=self.order, kind=kind, stage=stage, on=self.on), "bold")
        key = "in_force_on" if self.in_force else "in_force_open"
        yield Line(say(f"removals.{key}", day=self.in_force, section=self.in_force_section))
        if self.leave_by:
            yield Line(say("removals.leave_until", day=self.leave_by))
        yield Line(say("removals.held" if self.holds else "removals.not_held", count=len(self.holds)))
        heads = {
            name: say(f"removals.{name}")
            for name in (*HoldView.columns, *ClockView.columns, *StepView.columns)
        }
        if self.holds:
            rows = [(word(one.hold), one.section, one.since, one.until or "", one.ref) for one in self.holds]
            yield Table(say("removals.holds"), [heads[name] for name in HoldView.columns], rows)
        yield Table(
            say("removals.clocks"),
            [heads[name] for name in ClockView.columns],
            [_clock_cells(one, word) for one in self.clocks],
            say("removals.no_clock"),
        )
        if self.next:
            yield Line(say("removals.next", steps=", ".join(map(word, self.next))))
        yield Table(
            say("removals.history"),
            [heads[name] for name in StepView.columns],
            [
                (one.day, word(one.step), one.section, one.office, one.reference, one.reason)
                for one in self.history
            ],
        )
        for each in self.problems:
            yield Line(each, "italic")
        for section, where in self.read.items():
            yield Line(say("removals.read", section=section, where=where))


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


def _clock_cells(one: ClockView, word: Callable[[str], str]) -> tuple[object, ...]:
    by = acts.minute(one.by) if one.by else ""
    days = "" if one.days is None else one.days
    return word(one.clock), one.section, one.since, one.last or "", by, word(one.state), days


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


class ListOrders(Request, frozen=True):
    """Which orders, on which day."""

    on: OnField = ""
    stage: Annotated[Literal[Stage, ""], option("Only in this inventory.")] = ""
    ended: Annotated[bool, option("Also orders that were enforced, set aside or became void.")] = False
    wrong: Annotated[bool, option("Only those whose records have something wrong.")] = False


@action(
    "removals list",
    "removals list --on 2026-12-01 --stage stay",
    past=True,
    rows="orders",
    empty="removals.empty",
)
def list_(context: Context, ask: ListOrders) -> OrderList:
    """List removal orders on a day: kind, inventory, and what holds each."""
    on, found = _register(context, ask.on)
    chosen = [order for order in found.values() if _is_asked(order, ask)]
    views = [OrderView(**_fields(order, context.language)) for order in chosen]
    context.log_query("removals", on=on.isoformat(), shown=[one.order for one in views])
    return OrderList(
        orders=views,
        on=on,
        count=len(views),
        held=sum(bool(one.holds) for one in views),
        marking=joined([one.marking for one in views]),
    )


def _is_asked(order: Order, ask: ListOrders) -> bool:
    if order.order is None and not order.problems:
        return False
    if ask.wrong and not order.problems:
        return False
    return order.stage == ask.stage if ask.stage else ask.ended or ask.wrong or order.ended is None


class ShowOrder(Request, frozen=True):
    """Which order, on which day."""

    order: Annotated[str, argument("ORDER", "The order's id, or its start.")]
    on: OnField = ""


@action("removals show", "removals show order:cbsa:A-1 --on 2026-12-01", past=True)
def show(context: Context, ask: ShowOrder) -> OrderCase:
    """Show one order: its steps, its clocks, what due process is open, and what may lawfully follow."""
    on, found = _register(context, ask.on)
    order = pick(found, ask.order, "order", "travel removals list")
    context.log_query("removal", order=order.id, on=on.isoformat())
    sections = {row.get("section") or "" for row in order.history} | {one.section for one in order.holds()}
    timers = clocks(order, _end(on, context.now))
    sections |= {one.section for one in timers}
    cited = {section: provision_of(section) for section in sorted(sections) if section}
    return OrderCase(
        **_fields(order, context.language),
        clocks=[_clock(one) for one in timers],
        history=[_step(row) for row in order.history],
        next=next_steps(order),
        read={section: one.read for section, one in cited.items() if one and one.read},
        on=on,
    )


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
    on, found = _register(context, ask.on)
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
        marking=_marking(found.values()),
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


class ShowInventory(Request, frozen=True):
    """On which day, and since when flows are counted."""

    on: OnField = ""
    since: Annotated[
        str, option("First day of the flows; 30 days before.", spelling="--from", metavar="DAY")
    ] = ""


@action("removals inventory", "removals inventory --on 2026-12-01 --from 2026-11-01", past=True)
def inventory(context: Context, ask: ShowInventory) -> Inventory:
    """Count the orders of each inventory on a day by region, and the steps of the days before."""
    on, found = _register(context, ask.on)
    since = day_of_field(ask.since) if ask.since else on - timedelta(days=30)
    rows = tables.inventory(found.values())
    counts = tables.flows(found.values(), since, on)
    earlier = tables.inventory(_fold(context, since - timedelta(days=1)).values())
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
        marking=_marking(found.values()),
    )


def _register(context: Context, asked: str) -> tuple[date, dict[str, Order]]:
    """Return the day that was asked for, and every order at its end. Raises `Refusal` for a day to come."""
    today = context.now.date()
    on = day_of_field(asked.strip()) if asked.strip() else today
    if on > today:
        refuse(LATER_DAY, day=on.isoformat(), today=today.isoformat())
    return on, _fold(context, on)


def _fold(context: Context, on: date) -> dict[str, Order]:
    rows = context.floor.read(KIND, context.reader, context.as_of, KINDS[KIND].schema.names).to_pylist()
    return fold(rows, on, context.now)


def _end(on: date, now: datetime) -> datetime:
    return min(now, datetime.combine(on, time.max, UTC))


def _fields(order: Order, language: Language) -> dict[str, Any]:
    force, warrants = order.in_force, order.open("warrant")
    ended = order.ended is not None
    leave = order.departure[1] if order.order and order.order["order_kind"] == "departure" else None
    return {
        "order": order.id,
        "kind": order.kind or tables.UNKNOWN,
        "stage": order.stage,
        "made": order.made,
        "ground": (order.order or {}).get("grounds") or "",
        "region": tables.region(order),
        "in_force": force.day,
        "in_force_section": force.section,
        "leave_by": None if ended else leave,
        "enforceable": order.enforceable,
        "holds": [] if ended else [_hold(one) for one in order.holds()],
        "wanted_days": (order.on - day_of(warrants[0].first)).days if warrants else None,
        "problems": [acts.render(one, language) for one in order.problems],
        "marking": _marking([order]),
    }


def _marking(orders: Iterable[Order]) -> str:
    return joined(sorted(set().union(*(order.markings for order in orders))))


def _hold(one: Hold) -> HoldView:
    return HoldView(hold=one.name, section=one.section, since=one.since, until=one.until, ref=one.ref)


def _clock(one: Clock) -> ClockView:
    told = one._asdict()
    return ClockView(clock=told.pop("name"), **{name: told[name] for name in told if name != "ref"})


def _step(row: Row) -> StepView:
    text = {name: row.get(name) or "" for name in ("section", "office", "reason")}
    reference = row.get("reference") or row.get("of") or ""
    return StepView(
        day=day_of(row), step=row["step"], reference=reference, record=row["record_id"].hex(), **text
    )
