"""The page of satellite orders: those that were placed, one of them with its hours, and cancelling."""

from typing import Final

import msgspec

from watchfloor.actions import satellite_orders
from watchfloor.actions.order_tables import ConflictLine, OrderLine, conflict_of, line_of
from watchfloor.actions.satellite_orders import PlacedView
from watchfloor.actions.tasks import may_act
from watchfloor.cell.acts import Refusal
from watchfloor.console.endpoints.endpoint import Asker, Endpoint
from watchfloor.console.endpoints.failures import failure
from watchfloor.core.marking import joined
from watchfloor.planning.satellites.adoption import PlacedOrders
from watchfloor.planning.satellites.order_files import OrderBook


class OrdersAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The orders that are looked at, by their id or how it begins; else the last that stand."""

    plan: str = ""


class OrdersPage(msgspec.Struct, frozen=True):
    """Orders of satellites.

    Attributes:
        marking: of all that is shown.
        placed: orders that were placed, the last days first.
        shown: those that are looked at; None where there are none, or `refused` says why.
        orders, conflicts: each of them, and what their requests go without for the sake of each other.
        may: whether this person may act.
    """

    marking: str
    placed: list[PlacedView]
    shown: PlacedView | None
    orders: list[OrderLine]
    conflicts: list[ConflictLine]
    refused: str
    may: bool


def page(asker: Asker, ask: OrdersAsk) -> OrdersPage:
    """Show the orders of satellites that were placed, and in which hours coverage counts each."""
    placed = satellite_orders.views(asker)
    one, refused = None, ""
    standing = next((each.plan for each in placed if each.state == "placed"), "")
    try:
        if wanted := ask.plan or standing:
            one = PlacedOrders.find(asker.floor, asker.reader, wanted)
    except Refusal as error:
        refused = failure(error, asker.services.words, asker.language).said
    asker.log_query("plan orders", shown=[each.plan for each in placed], plan=one.id if one else None)
    book = one.book if one else OrderBook(())
    return OrdersPage(
        marking=joined({each.marking for each in placed} - {""}),
        placed=placed,
        shown=next((each for each in placed if one and each.plan == one.id), None),
        orders=[*map(line_of, book.orders)],
        conflicts=[*map(conflict_of, book.conflicts)],
        refused=refused,
        may=may_act(asker),
    )


ENDPOINTS: Final = (
    Endpoint(
        *("planning.satellites", "GET", "/planning/satellites", OrdersAsk, OrdersPage, page),
        page="satellites.html",
    ),
    Endpoint.for_action(
        satellite_orders.cancel, "/planning/satellites/{plan}/cancel", within="planning.satellites"
    ),
    Endpoint.for_action(satellite_orders.list_, "/planning/satellites/placed"),
)
