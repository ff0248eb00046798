"""Orders as files: STAC items for the Agency's catalogue, a table for its desk, passes for coverage.

An order is a STAC item (1.1.0) before there is a picture, by the extensions order (1.1.0, status
`orderable`), sat and view; its geometry is the run of the line to be imaged. Purpose, authority, retention
and marking stand in its properties under `watchfloor:`. Conflicts between requests stand beside the items,
each with its marking: an item names only requests that it serves.
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import numpy as np

from watchfloor.cell.acts import Unusable
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare, reason
from watchfloor.core.tables import FORMULAS
from watchfloor.formats.tabular import spreadsheet
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.satellites.acquisitions import Acquisition
from watchfloor.planning.satellites.calendar import Calendar
from watchfloor.planning.satellites.tasking_requests import TaskingRequest

NO_ORDERS: Final = declare("satellites.no-orders-file", "file")
EXTENSIONS: Final = tuple(
    f"https://stac-extensions.github.io/{name}/schema.json"
    for name in ("order/v1.1.0", "sat/v1.0.0", "view/v1.0.0")
)
PREFIX: Final = "watchfloor:"
STEP: Final = 5
"""Kilometres between the points of a geometry."""
LARGEST: Final = 64 << 20
"""Bytes of a file."""
OWN: Final = (
    *("satellite", "norad", "sensor", "km", "incidence", "side", "sun", "optical", "requests", "purpose"),
    *("authority", "retention_days", "marking", "detects", "width_m", "sees"),
)
"""Fields that stand under our prefix."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order: what is to be imaged of the line, by which satellite, when, for whom.

    Attributes:
        order: its id.
        satellite, norad, sensor: by which, and in which mode.
        start, end: of the acquisition.
        km: runs of the line, each from a kilometre to a later one.
        incidence: degrees, least and most.
        side, flight: right or left; ascending or descending.
        sun: elevation, degrees.
        optical: whether it sees by light.
        resolution_m: metres on the ground.
        requests: that it serves.
        purpose, authority, retention_days, marking: of the requests.
        detects, width_m, sees: what it is worth to coverage, as of a `[[pass]]`.
    """

    order: str
    satellite: str
    norad: int
    sensor: str
    start: datetime
    end: datetime
    km: tuple[tuple[int, int], ...]
    incidence: tuple[float, float]
    side: str
    flight: str
    sun: float
    optical: bool
    resolution_m: float | None
    requests: tuple[str, ...]
    purpose: str
    authority: str
    retention_days: int
    marking: str
    detects: float
    width_m: float
    sees: tuple[str, ...]

    @property
    def middle(self) -> datetime:
        """Return the moment in the middle."""
        return self.start + (self.end - self.start) / 2

    @property
    def kilometres(self) -> int:
        """Return how many kilometres of the line it images."""
        return sum(last - first for first, last in self.km)


class RequestConflict(msgspec.Struct, frozen=True, kw_only=True):
    """Kilometres that a request goes without for the sake of others, when, and what the satellite lacks."""

    request: str
    against: tuple[str, ...]
    satellite: str
    at: datetime
    because: str
    kilometres: int
    marking: str


class OrderBook(msgspec.Struct, frozen=True):
    """Orders that were planned together, and the conflicts of their requests."""

    orders: tuple[Order, ...]
    conflicts: tuple[RequestConflict, ...] = ()

    @property
    def markings(self) -> list[str]:
        """Return the markings of all of it."""
        return sorted({one.marking for one in self.orders} | {one.marking for one in self.conflicts})


def order(
    made: Calendar, one: Acquisition, requests: Sequence[TaskingRequest], detects: float, width: float
) -> Order:
    """Return an order for an acquisition and the requests that it serves, each complete with its terms.

    It has all their purposes and authorities and their highest marking; its pictures are kept no longer than
    each allows.
    """
    observer = made.observers[one.observer]
    start = made.begin + timedelta(seconds=round(one.start))
    name = observer.sensor.name.upper().replace(" ", "-")
    return Order(
        order=f"{observer.norad or observer.satellite}-{start:%Y%m%dT%H%M%SZ}-{name}",
        satellite=observer.satellite,
        norad=observer.norad,
        sensor=observer.sensor.name,
        start=start,
        end=made.begin + timedelta(seconds=round(one.end)),
        km=tuple(one.runs()),
        incidence=(round(one.incidence[0], 2), round(one.incidence[1], 2)),
        side="left" if one.left else "right",
        flight="ascending" if one.north else "descending",
        sun=round(one.sun, 1),
        optical=observer.sensor.daylight,
        resolution_m=observer.sensor.resolution_m,
        requests=tuple(sorted(each.name for each in requests)),
        purpose="; ".join(dict.fromkeys(each.purpose for each in requests)),
        authority="; ".join(dict.fromkeys(each.authority for each in requests)),
        retention_days=min(each.retention_days for each in requests),
        marking=joined({each.marking for each in requests}),
        detects=detects,
        width_m=width,
        sees=("vehicle", "boat"),
    )


def item(one: Order) -> dict[str, Any]:
    """Return an order as a STAC item."""
    lines = [_line(first, last) for first, last in one.km]
    places = np.array([place for line in lines for place in line])
    plain = msgspec.to_builtins(one)
    properties = {
        "datetime": _moment(one.middle),
        "start_datetime": _moment(one.start),
        "end_datetime": _moment(one.end),
        "platform": one.satellite.lower(),
        "instruments": [one.sensor.lower()],
        "order:status": "orderable",
        "order:id": one.order,
        "sat:orbit_state": one.flight,
        "view:incidence_angle": round(sum(one.incidence) / 2, 2),
        "view:sun_elevation": one.sun,
        **({"gsd": one.resolution_m} if one.resolution_m else {}),
        **{f"{PREFIX}{name}": plain[name] for name in OWN},
    }
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": list(EXTENSIONS),
        "id": one.order,
        "geometry": {"type": "MultiLineString", "coordinates": lines},
        "bbox": [*places.min(0).round(5).tolist(), *places.max(0).round(5).tolist()],
        "properties": properties,
        "links": [],
        "assets": {},
    }


def collection(book: OrderBook) -> bytes:
    """Return orders as a collection of STAC items, with the conflicts beside them."""
    whole = {
        "type": "FeatureCollection",
        "features": [item(one) for one in book.orders],
        f"{PREFIX}conflicts": book.conflicts,
        f"{PREFIX}marking": joined(book.markings),
    }
    return msgspec.json.format(msgspec.json.encode(whole))


def read(data: bytes, name: str) -> OrderBook:
    """Read orders back from a collection of items. Raises `Unusable`."""
    try:
        if len(data) > LARGEST:
            raise ValueError
        whole = msgspec.json.decode(data)
        told = whole.get(f"{PREFIX}conflicts", [])
        conflicts = msgspec.convert(told, tuple[RequestConflict, ...])
        return OrderBook(tuple(_order(one) for one in whole["features"]), conflicts)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, msgspec.MsgspecError):
        raise Unusable(reason(NO_ORDERS, file=name)) from None


def _order(feature: dict[str, Any]) -> Order:
    properties = feature["properties"]
    own = {name.removeprefix(PREFIX): value for name, value in properties.items() if name.startswith(PREFIX)}
    found = msgspec.convert(
        own
        | {
            "order": feature["id"],
            "start": properties["start_datetime"],
            "end": properties["end_datetime"],
            "flight": properties["sat:orbit_state"],
            "resolution_m": properties.get("gsd"),
        },
        Order,
    )
    length = len(axis())
    if not found.km or not all(0 <= first < last <= length for first, last in found.km):
        raise ValueError("its kilometres are not of the line")
    if not (0 <= found.detects <= 1 and 0 <= found.width_m < 1e6 and found.start < found.end):
        raise ValueError("its figures are out of range")
    return found


COLUMNS: Final = (
    *("order", "satellite", "norad", "sensor", "start", "end", "km", "incidence", "side", "flight", "sun"),
    *("resolution_m", "requests", "purpose", "authority", "retention_days", "marking"),
)


def rows(orders: Sequence[Order], heads: Sequence[str]) -> list[list[str]]:
    """Return a table for the Agency, its heads first: a row an order."""
    return [[*heads], *([_cell(getattr(one, name)) for name in COLUMNS] for one in orders)]


def table(orders: Sequence[Order], heads: Sequence[str]) -> bytes:
    """Return the table as CSV; no cell begins as a formula does."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(
        [f"'{cell}" if cell.startswith(FORMULAS) and not _is_number(cell) else cell for cell in row]
        for row in rows(orders, heads)
    )
    return ("\ufeff" + text.getvalue()).encode()


def workbook(orders: Sequence[Order], heads: Sequence[str], title: str) -> bytes:
    """Return the table as a spreadsheet (XLSX)."""
    return spreadsheet.write(title, rows(orders, heads))


def _is_number(cell: str) -> bool:
    return cell[1:].replace(".", "", 1).isdigit()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, tuple):
        return "; ".join("-".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in value)
    return str(value)


def _line(first: int, last: int) -> list[list[float]]:
    """Return longitudes and latitudes along a run; of one kilometre its middle twice, for a line has two."""
    where = axis()
    km = sorted({*range(first, last, STEP), last - 1})
    km = km if len(km) > 1 else km * 2
    return [[round(float(where.longitude[at]), 5), round(float(where.latitude[at]), 5)] for at in km]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"
