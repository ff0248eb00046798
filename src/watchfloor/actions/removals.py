"""The register of removals: orders with their clocks, and what due process is open."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

from watchfloor.actions.base import Answer, Context, Line, Request, Table, action, argument, option
from watchfloor.actions.removal_tables import (
    OnField,
    Word,
    inventory,
    marking_of,
    register,
    report,
    table,
)
from watchfloor.casework.removals import tables
from watchfloor.casework.removals.clocks import Clock, clocks
from watchfloor.casework.removals.law import provision_of
from watchfloor.casework.removals.orders import Hold, Order, next_steps
from watchfloor.casework.removals.steps import Row, day_of
from watchfloor.cell import acts
from watchfloor.cell.acts import pick
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language

__all__ = ["inventory", "list_", "report", "show", "table"]

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
        no_hold_seen: whether nothing that the reader may see holds it. It orders nothing; ask counsel first.
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
    made: date | None
    ground: str
    region: Word
    in_force: date | None
    in_force_section: str
    leave_by: date | None
    no_hold_seen: bool
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


def _clock_cells(one: ClockView, word: Callable[[str], str]) -> tuple[object, ...]:
    by = acts.minute(one.by) if one.by else ""
    days = "" if one.days is None else one.days
    return word(one.clock), one.section, one.since, one.last or "", by, word(one.state), days


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
    on, found = register(context, ask.on)
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
    on, found = register(context, ask.on)
    order = pick(found, ask.order, "order", "travel removals list")
    context.log_query("removal", order=order.id, on=on.isoformat())
    sections = {row.get("section") or "" for row in order.history} | {one.section for one in order.holds()}
    timers = clocks(order, context.now)
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


def _fields(order: Order, language: Language) -> dict[str, Any]:
    force, warrants = order.in_force, order.open("warrant")
    ended = order.ended is not None
    leave = order.departure[1] if order.order and order.order["order_kind"] == "departure" else None
    return {
        "order": order.id,
        "kind": order.kind or tables.UNKNOWN,
        "stage": order.stage,
        "made": order.made if order.order else None,
        "ground": (order.order or {}).get("grounds") or "",
        "region": tables.region(order),
        "in_force": force.day if order.order else None,
        "in_force_section": force.section,
        "leave_by": None if ended else leave,
        "no_hold_seen": order.enforceable,
        "holds": [] if ended else [_hold(one) for one in order.holds()],
        "wanted_days": (order.on - day_of(warrants[0].first)).days if warrants else None,
        "problems": [acts.render(one, language) for one in order.problems],
        "marking": marking_of([order]),
    }


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
