"""Orders of pictures from satellites: planned, placed, cancelled, and what of them coverage counts."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Final

import msgspec
import numpy as np

from watchfloor.actions.base import (
    FILE,
    Answer,
    Context,
    Line,
    Request,
    Table,
    action,
    argument,
    new_file,
    note,
    option,
    refuse_existing,
    words,
)
from watchfloor.actions.order_tables import (
    ConflictLine,
    OrderLine,
    conflict_of,
    conflict_table,
    line_of,
    order_table,
)
from watchfloor.actions.satellites import read
from watchfloor.casework.life_cycle import at_least
from watchfloor.casework.tasking.assets import MARKING
from watchfloor.cell.acts import Post, Unusable, minute
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, declare, reason
from watchfloor.messages import number
from watchfloor.planning.adoption import listed, take_back
from watchfloor.planning.coverage.estimate import LONGEST
from watchfloor.planning.satellites import adoption, clouds, order_files, points, sensors, tasking_requests
from watchfloor.planning.satellites.acquisitions import acquisitions
from watchfloor.planning.satellites.adoption import PlacedOrders
from watchfloor.planning.satellites.calendar import OLDEST, calendar, without
from watchfloor.planning.satellites.order_files import OrderBook, RequestConflict
from watchfloor.planning.satellites.orders import Budget, Choice, choose, worth
from watchfloor.planning.satellites.tasking_requests import TaskingRequest

NO_RISK: Final = declare("satellites.no-risk")
WROTE: Final = declare("satellites.wrote", "count", "file")
OVER: Final = declare("satellites.over", "at")
NO_SUCH_ORDERS: Final = declare("satellites.nothing-ordered")
LONGEST_PLAN: Final = LONGEST // 24
"""Days of a plan at most: coverage is computed for so many."""
ALL: Final = "line"
"""Name of the request that stands for none."""


class PlanSatellites(Request, frozen=True, kw_only=True):
    """Which satellites, for which requests, and under which budget."""

    elements: Annotated[
        tuple[Path, ...], option("TLE, OMM or OEM. Repeatable.", exists=FILE, required=True)
    ] = ()
    sensors: Annotated[
        Path | None, option("Sensors as TOML, JSON or CSV; else public ones of the package.", exists=FILE)
    ] = None
    requests: Annotated[
        Path | None,
        option("Tasking requests as TOML, CSV or spreadsheet; else one for the whole line.", exists=FILE),
    ] = None
    since: Annotated[str, option("The first day or moment; else now.", spelling="--from", metavar="DAY")] = ""
    days: Annotated[int, option("How many days.", minimum=1, maximum=LONGEST_PLAN)] = 7
    every: Annotated[
        float, option("Without --requests: hours in which each kilometre is wanted once.", minimum=1)
    ] = 24.0
    mode: Annotated[tuple[str, ...], option("A mode that may be ordered; else the usual. Repeatable.")] = ()
    without: Annotated[
        tuple[str, ...], option("As if this satellite did not fly. Repeatable.", metavar="SATELLITE")
    ] = ()
    per_satellite: Annotated[int | None, option("Orders of each satellite at most.", minimum=0)] = None
    clouds: Annotated[Path | None, option("Probability of a clear sky by month and place.", exists=FILE)] = (
        None
    )
    detects: Annotated[
        float, option("Probability that a picture shows who is in it: for coverage.", minimum=0, maximum=1)
    ] = 0.5
    width: Annotated[
        float, option("Metres across the line in which that counts as crossing.", minimum=0, maximum=100_000)
    ] = 1_000.0
    retention_days: Annotated[
        int, option("Days for which pictures may be kept.", minimum=1, maximum=3_650)
    ] = 90
    marking: Annotated[str, option("Marking of the orders, at least; else that of what they rest on.")] = ""
    oldest: Annotated[
        float, option("Days from the epoch of elements beyond which nothing is ordered.", minimum=0)
    ] = OLDEST
    seconds: Annotated[
        float, option("Seconds of search; the bound holds whenever it ends.", minimum=0, maximum=3_600)
    ] = 30.0
    output: Annotated[
        Path | None,
        option("Folder for STAC items, CSV and XLSX.", spelling="--out -o", metavar="FOLDER"),
    ] = None


class RequestLine(Answer, frozen=True):
    """A request: kilometres times periods that it wants, and those that nothing shows."""

    texts: ClassVar = "satellites"

    request: str
    wanted: int
    missed: int
    orders: int


class SatelliteOrders(Answer, frozen=True):
    """A plan of orders.

    Attributes:
        shown: share of what the requests are worth that is shown; free: without any order.
        bound: share that no choice exceeds; gap: by which share of itself another one could be better.
        orders, requests, conflicts: what to order, what for, and what that costs whom.
    """

    texts: ClassVar = "satellites"
    unprinted: ClassVar = ("language",)

    begin: datetime
    days: int
    shown: float
    free: float
    bound: float
    gap: float
    orders: list[OrderLine]
    requests: list[RequestLine]
    conflicts: list[ConflictLine]
    remarks: list[str]
    marking: str
    language: Language

    def written_out(self, say: Callable[..., str]) -> Iterator[Line | Table]:
        """Yield orders, requests and conflicts."""
        shares = {
            name: number(100 * getattr(self, name), self.language, digits=1)
            for name in ("shown", "free", "bound", "gap")
        }
        yield Line(say("satellites.plan", **shares))
        yield order_table(self.orders, say)
        yield Table(
            say("satellites.requests"),
            (say(f"satellites.{name}") for name in ("request", "wanted", "missed", "orders")),
            ((one.request, one.wanted, one.missed, one.orders) for one in self.requests),
        )
        if self.conflicts:
            yield conflict_table(self.conflicts, say)
        if self.marking:
            yield Line(self.marking)


@action(
    "plan satellites",
    "plan satellites --elements active.tle --requests requests.toml --from 2026-12-07 --days 7 -o orders",
)
def plan(context: Context, ask: PlanSatellites) -> SatelliteOrders:
    """Choose which passes of satellites to order, for which stretch, so that most of what matters is seen.

    A kilometre counts by its risk and by how likely a crossing there is not seen otherwise. What images every
    pass without an order (Sentinel, Landsat) counts first. No choice within the same limits shows more than
    `bound`. With -o the orders are written as STAC items and as a table with purpose, authority, retention
    and marking. `watchfloor plan order` places them, and from then on coverage counts them.
    """
    files = (
        []
        if ask.output is None
        else [ask.output / name for name in ("orders.json", "orders.csv", "orders.xlsx")]
    )
    refuse_existing(*files)
    begin = moment_of_field(ask.since, "--from", first=True) or context.now
    begin = begin.replace(minute=0, second=0, microsecond=0)
    where = points.of_line()
    with context.busy("satellites.reading"):
        orbits = without(read(ask.elements), ask.without)
        every = sensors.read(ask.sensors) if ask.sensors else sensors.shipped()
        asked = (
            tasking_requests.read(ask.requests, len(where))
            if ask.requests
            else (TaskingRequest(name=ALL, km=(0.0, float(len(where))), every_hours=ask.every),)
        )
        named = [mode for one in asked for mode in one.modes]
        used = (
            *sensors.chosen(every, ask.mode),
            *(sensors.chosen(every, named) if named else ()),
            *(one for one in every if one.systematic and one.usual),
        )
        used = tuple(dict.fromkeys(used))
        asked = tuple(tasking_requests.resolved(one, used) for one in asked)
        made = calendar(orbits, used, where, begin, ask.days, oldest=ask.oldest)
    with context.busy("satellites.planning"):
        weights, marking, known = worth(context.floor, context.reader, begin, ask.days, context.as_of)
        if not known:
            note(context, NO_RISK)
        asked = tuple(_complete(context, ask, one, marking) for one in asked)
        some = made.every()
        chance = None
        if ask.clouds:
            sky = clouds.read(ask.clouds, where.names, where.latitude, where.longitude)
            optical = np.array([one.sensor.daylight for one in made.observers], np.bool_)[some.observer]
            clear = np.nan_to_num(sky.probability(some.point, begin, some.at), nan=1.0)
            chance = np.where(optical, clear, 1.0)
        found = acquisitions(made, some, chance)
        if not ask.since:  # from the start of the hour that has begun, and what is over is not ordered
            found = [one for one in found if made.begin + timedelta(seconds=one.start) > context.now]
        choice = choose(made, found, asked, weights, Budget(ask.per_satellite, ask.seconds))
    marked = {one.name: one.marking for one in asked}
    serving = {at: [one for one in asked if one.name in choice.serves[at]] for at in choice.chosen}
    book = OrderBook(
        tuple(order_files.order(made, found[at], serving[at], ask.detects, ask.width) for at in serving),
        tuple(
            RequestConflict(
                request=one.request,
                against=one.against,
                satellite=one.satellite,
                at=begin + timedelta(seconds=round(one.at)),
                because=one.because,
                kilometres=one.kilometres,
                marking=joined({marked[name] for name in (one.request, *one.against)}),
            )
            for one in choice.conflicts
        ),
    )
    if ask.output is not None:
        _write(context, ask.output, book)
    context.log_query(
        "plan satellites",
        orders=len(book.orders),
        requests=[one.name for one in asked],
        days=ask.days,
        retention=ask.retention_days,
    )
    for one in made.notes:
        context.note(one)
    whole = choice.whole or 1.0
    return SatelliteOrders(
        begin=begin,
        days=ask.days,
        shown=round(choice.shown / whole, 4),
        free=round(choice.free / whole, 4),
        bound=round(choice.bound / whole, 4),
        gap=round(choice.gap, 6),
        orders=[line_of(one) for one in book.orders],
        requests=[_about(one, choice) for one in asked],
        conflicts=[*map(conflict_of, book.conflicts)],
        remarks=[one.render(context.language) for one in made.notes],
        marking=joined({one.marking for one in asked}),
        language=context.language,
    )


def _complete(context: Context, ask: PlanSatellites, one: TaskingRequest, marking: str) -> TaskingRequest:
    """Return a request with what it leaves to who plans: purpose, authority, retention, the least marking."""
    return msgspec.structs.replace(
        one,
        purpose=one.purpose or context.actor.purpose,
        authority=one.authority or context.actor.authority,
        retention_days=one.retention_days or ask.retention_days,
        marking=at_least(at_least(marking or MARKING, ask.marking), one.marking),
    )


def _about(one: TaskingRequest, choice: Choice) -> RequestLine:
    missed, wanted = choice.missed[one.name]
    serving = sum(one.name in names for names in choice.serves.values())
    return RequestLine(request=one.name, wanted=wanted, missed=missed, orders=serving)


def _write(context: Context, folder: Path, book: OrderBook) -> None:
    """Write orders as STAC items and as tables."""
    from watchfloor.actions.text import AnswerText

    text = AnswerText(context.language)
    heads = [text.say(f"satellites.{name}") for name in order_files.COLUMNS]
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in (
        ("orders.json", order_files.collection(book)),
        ("orders.csv", order_files.table(book.orders, heads)),
        ("orders.xlsx", order_files.workbook(book.orders, heads, text.say("satellites.orders"))),
    ):
        with new_file(folder / name, data):
            pass
    note(context, WROTE, count=len(book.orders), file=str(folder / "orders.json"))


# Orders on record


class PlacedView(Answer, frozen=True):
    """Orders that were placed together.

    Attributes:
        plan: their id; day, last: first and last day.
        state: placed or cancelled; by, at, why and edition are of the last act.
        count, kilometres, satellites: how many, of how much of the line, by which.
    """

    texts: ClassVar = "satellites"
    columns: ClassVar = (
        *("plan_id", "day", "last", "count", "kilometres", "satellites", "state", "by", "at", "why"),
    )

    plan: str
    day: date
    last: date
    count: int
    kilometres: int
    satellites: list[str]
    state: Annotated[str, words("satellites.state_")]
    by: str
    at: datetime
    why: str
    edition: int
    digest: str
    marking: str

    plan_id = property(lambda self: self.plan)


class PlacedList(Answer, frozen=True):
    """Orders that were placed, the last days first; of those that were named, each and their conflicts."""

    orders: list[PlacedView]
    each: list[OrderLine]
    conflicts: list[ConflictLine]

    def listed(self, rows: str) -> Sequence[Answer]:  # noqa: ARG002 - one of the two
        """Return each of the orders that were named and their conflicts, else what was placed."""
        return [*self.each, *self.conflicts] or self.orders

    def written_out(self, say: Callable[..., str]) -> tuple[Line | Table, ...] | None:
        """Return each of the orders that were named and their conflicts; None where none were."""
        if not self.each:
            return None
        (one,) = self.orders
        head = Line(say("satellites.orders_of", plan=one.plan, state=say(f"satellites.state_{one.state}")))
        return head, order_table(self.each, say), conflict_table(self.conflicts, say), Line(one.marking)


class PlaceOrders(Request, frozen=True, kw_only=True):
    """A file of orders, and why they are placed."""

    orders: Annotated[
        Path, argument("ORDERS", "orders.json of `plan satellites`.", required=True, exists=FILE)
    ]
    why: Annotated[str, option("The reason, in your words.", required=True)] = ""


class CancelOrders(Request, frozen=True):
    """Which orders, and why."""

    plan: Annotated[str, argument("ORDERS", "Their id, or how it begins; `watchfloor plan orders` has it.")]
    why: Annotated[str, option("The reason, in your words.", required=True)] = ""
    edition: Annotated[int | None, option("The edition you looked at; else the present one.", minimum=1)] = (
        None
    )


class ListPlacedOrders(Request, frozen=True):
    """All of them, or some by themselves."""

    plan: Annotated[
        str, argument("ORDERS", "Each of these and their conflicts: their id, or how it begins.")
    ] = ""


@action(
    "plan order",
    'plan order orders/orders.json --why "agreed with the Agency"',
    writes=True,
    done="satellites.done_placed",
)
def order(context: Context, ask: PlaceOrders) -> PlacedView:
    """Place orders of satellites: they are kept in the log, and coverage counts them in their hours.

    Where an order that stands has one of the satellites at that time, both are named and nothing is written.
    """
    book = order_files.read(ask.orders.read_bytes(), ask.orders.name)
    if not book.orders:
        raise Unusable(reason(NO_SUCH_ORDERS))
    marking = MARKING
    for one in book.markings:
        marking = at_least(marking, one)
    with context.writer() as writer:
        done = adoption.place(Post(context.floor, context.reader, writer), book, marking, ask.why)
    if (ends := max(one.end for one in book.orders)) <= context.now:
        note(context, OVER, at=minute(ends))
    return _view(done.item)


@action(
    "plan cancel",
    'plan cancel 3f2a91c0 --why "the satellite is in safe mode"',
    writes=True,
    done="satellites.done_cancelled",
)
def cancel(context: Context, ask: CancelOrders) -> PlacedView:
    """Cancel orders that were placed together, so that coverage counts them no more."""
    with context.writer() as writer:
        post = Post(context.floor, context.reader, writer)
        done = take_back(post, PlacedOrders, ask.plan, ask.edition, ask.why)
    return _view(done.item)


@action("plan orders", "plan orders", past=True, rows="orders", empty="satellites.none_placed")
def list_(context: Context, ask: ListPlacedOrders) -> PlacedList:
    """List the orders of satellites that were placed; with an id each of them, and what requests lack."""
    if not ask.plan:
        shown = views(context)
        context.log_query("plan orders", shown=[one.plan for one in shown])
        return PlacedList(orders=shown, each=[], conflicts=[])
    one = PlacedOrders.find(context.floor, context.reader, ask.plan, context.as_of)
    context.log_query("plan orders", shown=[one.id], plan=one.id)
    book = one.book
    each = [line_of(order) for order in book.orders]
    return PlacedList(orders=[_view(one)], each=each, conflicts=[*map(conflict_of, book.conflicts)])


def views(context: Context) -> list[PlacedView]:
    """Return the orders that this person may see, the last days first."""
    return [_view(one) for one in listed(PlacedOrders, context.floor, context.reader, context.as_of)]


def _view(one: PlacedOrders) -> PlacedView:
    orders = one.book.orders
    return PlacedView(
        **one.facts(),
        count=len(orders),
        kilometres=sum(each.kilometres for each in orders),
        satellites=sorted({each.satellite for each in orders}),
    )
