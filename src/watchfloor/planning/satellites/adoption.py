"""Orders that were placed, and what satellites let coverage see: as passes over the line.

Who places orders puts them on record with the reason, under their marking; the log covers the act, and two
orders of one satellite at one time do not both stand. What stands counts in coverage in the hours to come.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final

import msgspec

from watchfloor.casework.life_cycle import Done, WorkItem, act
from watchfloor.casework.tasking.assets import MARKING
from watchfloor.cell.acts import Conflict, Post, Refusal, Row, common, minute, nonempty, write
from watchfloor.core.extras import MissingExtraError
from watchfloor.core.kinds import PLAN
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.formats.base import FormatError
from watchfloor.formats.orbits import read_elements
from watchfloor.planning.coverage.passes import Overflight, Pass
from watchfloor.planning.satellites import points, sensors
from watchfloor.planning.satellites.acquisitions import acquisitions
from watchfloor.planning.satellites.calendar import calendar
from watchfloor.planning.satellites.order_files import Order
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

SOURCE: Final = "orders"
PLACED, CANCELLED = "placed", "cancelled"
ID_DIGITS: Final = 12
TAKEN: Final = declare("satellites.taken", "satellite", "at", "order", "other", "plan", "by")
NOT_COMPUTED: Final = declare("satellites.not-computed", "file", "why")


class PlacedOrders(WorkItem):
    """Orders that were placed together, as the last act left them."""

    __slots__ = ()
    noun: ClassVar = "plan"
    kind: ClassVar = PLAN
    source: ClassVar = SOURCE
    listing: ClassVar = ("plan", "plan orders")
    after: ClassVar = {PLACED: (CANCELLED,), CANCELLED: (PLACED,)}
    stale: ClassVar = declare("satellites.orders-stale", "plan", "made_on", "edition", "by", "at", "why")
    illegal: ClassVar = declare("satellites.orders-state", "plan", "by", "at")

    @property
    def deadline(self) -> datetime | None:
        """Return None: what is over needs no act."""
        return None

    @property
    def orders(self) -> tuple[Order, ...]:
        """Return them."""
        return msgspec.json.decode(self.first["document"], type=tuple[Order, ...])

    @property
    def stands(self) -> bool:
        """Return whether they were not cancelled."""
        return self.state == PLACED


def placed(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> list[PlacedOrders]:
    """Return what stands of the orders that a reader may see, the oldest first."""
    known = PlacedOrders.read(floor, reader, as_of).values()
    return sorted((one for one in known if one.stands), key=lambda one: one.at)


def place(post: Post, orders: Sequence[Order], marking: str, why: str) -> Done[PlacedOrders]:
    """Place orders.

    Raises:
        Conflict: another order that stands has one of the satellites at that time.
        Refusal: there is no reason.
    """
    reason_ = nonempty(why, "why")
    for other in placed(post.floor, post.reader):
        for theirs in other.orders:
            for one in orders:
                if one.satellite == theirs.satellite and one.start < theirs.end and theirs.start < one.end:
                    told = {"satellite": one.satellite, "at": minute(one.start), "order": one.order}
                    raise Conflict(reason(TAKEN, other=theirs.order, plan=other.id, by=other.by, **told))
    now = post.writer.moment()
    document = msgspec.json.encode(tuple(orders)).decode()
    digest = hashlib.sha256(document.encode()).hexdigest()
    id_ = digest[:ID_DIGITS]
    present = PlacedOrders.read(post.floor, post.reader).get(id_)
    first = min(one.start for one in orders).date()
    row = common(SOURCE, id_, marking, now) | _row(
        id_,
        PLACED,
        present.edition + 1 if present else 1,
        first,
        (max(one.end for one in orders).date() - first).days + 1,
        digest,
        document,
        reason_,
        post.by,
    )
    position = write(post.writer, PLAN, row)
    return Done(PlacedOrders.read(post.floor, post.reader)[id_], position, now)


def cancel(post: Post, start: str, edition: int | None, why: str) -> Done[PlacedOrders]:
    """Cancel orders that were placed together. Raises `Refusal`, `Conflict`."""

    def make(present: PlacedOrders, made_on: int, by: str, now: datetime) -> Row:
        present.check(made_on, CANCELLED, now)
        first = present.first
        kept = first["day"], first["days"], first["digest"], first["document"]
        return common(SOURCE, present.id, present.marking, now) | _row(
            present.id, CANCELLED, made_on + 1, *kept, nonempty(why, "why"), by
        )

    return act(post, PlacedOrders, start, edition, make)


def _row(
    id_: str, act_: str, edition: int, day: date, days: int, digest: str, document: str, why: str, by: str
) -> Row:
    return {
        "plan": id_,
        "act": act_,
        "state": act_,
        "edition": edition,
        "day": day,
        "days": days,
        "digest": digest,
        "commitment": "",  # nothing was drawn
        "seed": "",
        "document": document,
        "why": why,
        "by": by,
    }


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
