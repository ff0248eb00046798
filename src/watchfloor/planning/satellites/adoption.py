"""Orders that were placed, and what satellites let coverage see: as passes over the line.

Who places orders puts them on record with the reason, under their marking; the log covers the act, and two
orders of one satellite at one time do not both stand. What stands counts in coverage in the hours to come.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final

import msgspec

from watchfloor.casework.life_cycle import Done
from watchfloor.casework.tasking.assets import MARKING
from watchfloor.cell.acts import Post, Refusal, minute
from watchfloor.core.extras import MissingExtraError
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.formats.base import FormatError
from watchfloor.formats.orbits import read_elements
from watchfloor.planning import adoption
from watchfloor.planning.coverage.passes import Overflight, Pass
from watchfloor.planning.satellites import points, sensors
from watchfloor.planning.satellites.acquisitions import acquisitions
from watchfloor.planning.satellites.calendar import calendar
from watchfloor.planning.satellites.order_files import Order, OrderBook
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

PLACED, CANCELLED = "placed", "cancelled"
TAKEN: Final = declare("satellites.taken", "satellite", "at", "order", "other", "plan", "by")
NOT_COMPUTED: Final = declare("satellites.not-computed", "file", "why")


class PlacedOrders(adoption.PlanRecord):
    """Orders that were placed together, as the last act left them."""

    __slots__ = ()
    source: ClassVar = "orders"
    listing: ClassVar = ("plan", "plan orders")
    after: ClassVar = {PLACED: (CANCELLED,), CANCELLED: (PLACED,)}
    stale: ClassVar = declare("satellites.orders-stale", "plan", "made_on", "edition", "by", "at", "why")
    illegal: ClassVar = declare("satellites.orders-state", "plan", "by", "at")

    @property
    def book(self) -> OrderBook:
        """Return them, and the conflicts of their requests; floors before December 2026 kept orders alone."""
        kept = msgspec.json.decode(self.first["document"], type=OrderBook | tuple[Order, ...])
        return kept if isinstance(kept, OrderBook) else OrderBook(kept)


def placed(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> list[PlacedOrders]:
    """Return what stands of the orders that a reader may see, the oldest first."""
    return adoption.standing(PlacedOrders, floor, reader, as_of)


def place(post: Post, book: OrderBook, marking: str, why: str) -> Done[PlacedOrders]:
    """Place orders.

    Raises:
        Conflict: another order that stands has one of the satellites at that time.
        Refusal: there is no reason.
    """

    def excludes(other: PlacedOrders) -> Reason | None:
        for theirs in other.book.orders:
            for one in book.orders:
                if one.satellite == theirs.satellite and one.start < theirs.end and theirs.start < one.end:
                    told = {"satellite": one.satellite, "at": minute(one.start), "order": one.order}
                    return reason(TAKEN, other=theirs.order, plan=other.id, by=other.by, **told)
        return None

    document = msgspec.json.encode(book).decode()
    first = min(one.start for one in book.orders).date()
    days = (max(one.end for one in book.orders).date() - first).days + 1
    return adoption.keep(post, PlacedOrders, document, first, days, marking, why, excludes)


def passes_of(orders: Iterable[Order]) -> Iterator[Pass]:
    """Yield what orders let coverage see."""
    for one in orders:
        for first, last in one.km:
            yield Pass(
                name=f"{one.satellite} {one.sensor}",
                at=one.middle,
                km=(float(first), float(last)),
                width_m=one.width_m,
                detects=one.detects,
                sees=one.sees,
                optical=one.optical,
                marking=one.marking or MARKING,
            )


def overflights(
    root: Path, rows: Sequence[Overflight], start: datetime, hours: int
) -> tuple[list[Pass], list[Reason]]:
    """Return the passes of satellites that `coverage.toml` names, and why some are not known."""
    found: list[Pass] = []
    notes: list[Reason] = []
    for one in rows:
        try:
            orbits = read_elements(root / one.elements)
            every = sensors.read(root / one.sensors) if one.sensors else sensors.shipped()
            used = sensors.chosen(every, one.mode)
            made = calendar(orbits, used, points.of_line(), start, hours / 24)
        except (FormatError, OSError, MissingExtraError) as error:
            notes.append(reason(NOT_COMPUTED, file=one.elements, why=str(error)))
            continue
        except Refusal as error:
            notes.append(error.reason)
            continue
        wanted = {name.upper() for name in one.satellites}
        # Modes of one satellite exclude each other: what is imaged together is one look.
        looks = [
            each
            for each in acquisitions(made, made.every())
            if not wanted or made.observers[each.observer].satellite.upper() in wanted
        ]
        notes += [note for note in made.notes if note.message not in _USUAL]
        for look in looks:
            observer = made.observers[look.observer]
            at = start + timedelta(seconds=(look.start + look.end) / 2)
            found += [
                Pass(
                    name=f"{observer.satellite} {observer.sensor.name}",
                    at=at,
                    km=(float(first), float(last)),
                    width_m=one.width_m,
                    detects=one.detects,
                    sees=one.sees,
                    optical=observer.sensor.daylight,
                    marking=one.marking,
                )
                for first, last in look.runs()
            ]
    return found, notes


_USUAL: Final = ("satellites.no-elements", "satellites.no-sensor")
"""Notes that say nothing where a floor names the satellites that it means."""
