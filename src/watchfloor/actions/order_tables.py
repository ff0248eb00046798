"""Orders of satellites and the conflicts of their requests, as an answer lists them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, ClassVar

import msgspec

from watchfloor.actions.base import Answer, Table, words
from watchfloor.planning.satellites.order_files import Order, RequestConflict


class OrderLine(Answer, frozen=True):
    """An order; see `order_files.Order`."""

    texts: ClassVar = "satellites"
    columns: ClassVar = ("satellite", "sensor", "start", "kilometres", "runs", "incidences", "requests")

    order: str
    satellite: str
    norad: int
    sensor: str
    start: datetime
    end: datetime
    km: list[tuple[int, int]]
    incidence: tuple[float, float]
    side: Annotated[str, words("satellites.side_")]
    flight: Annotated[str, words("satellites.flight_")]
    sun: float
    optical: bool
    resolution_m: float | None
    requests: list[str]
    purpose: str
    authority: str
    retention_days: int
    marking: str
    detects: float
    width_m: float
    sees: list[str]

    kilometres = property(lambda self: sum(last - first for first, last in self.km))
    runs = property(lambda self: ", ".join(f"{first}–{last}" for first, last in self.km))
    incidences = property(lambda self: f"{self.incidence[0]:.0f}–{self.incidence[1]:.0f}")


class ConflictLine(Answer, frozen=True):
    """Kilometres that a request goes without for the sake of others: a satellite does one thing at a time."""

    texts: ClassVar = "satellites"

    request: str
    against: str
    satellite: str
    at: datetime
    because: Annotated[str, words("satellites.because_")]
    kilometres: int
    marking: str


def line_of(one: Order) -> OrderLine:
    """Return an order as a line."""
    plain = msgspec.structs.asdict(one)
    return OrderLine(**plain | {name: list(plain[name]) for name in ("km", "requests", "sees")})


def conflict_of(one: RequestConflict) -> ConflictLine:
    """Return a conflict as a line."""
    return ConflictLine(**msgspec.structs.asdict(one) | {"against": ", ".join(one.against)})


def order_table(orders: Sequence[OrderLine], say: Callable[..., str]) -> Table:
    """Return orders as a table for a terminal."""
    return Table(
        say("satellites.orders"),
        (say(f"satellites.{name}") for name in OrderLine.columns),
        (
            (
                *(one.satellite, one.sensor, f"{one.start:%Y-%m-%d %H:%M:%SZ}", one.kilometres),
                *(one.runs, one.incidences, ", ".join(one.requests)),
            )
            for one in orders
        ),
        say("satellites.no_order"),
    )


def conflict_table(conflicts: Sequence[ConflictLine], say: Callable[..., str]) -> Table:
    """Return what requests go without for each other as a table for a terminal."""
    names = ("request", "against", "satellite", "start", "because", "kilometres")
    return Table(
        say("satellites.conflicts"),
        (say(f"satellites.{name}") for name in names),
        (
            (
                *(one.request, one.against, one.satellite, f"{one.at:%Y-%m-%d %H:%MZ}"),
                *(say(f"satellites.because_{one.because}"), one.kilometres),
            )
            for one in conflicts
        ),
        say("satellites.no_conflict"),
    )
