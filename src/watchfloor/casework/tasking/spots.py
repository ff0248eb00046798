"""Tasks near each other in place and time: both commanders are warned, neither is told what the other does.

Officers of two units who meet unawares endanger each other, so this warning crosses every marking. It is the
only thing that does, and it carries nothing but a number: who keeps deconfliction knows both tasks by it.
Each task with a place logs one act `near`, with the pairs or with none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any, Final

from watchfloor.casework.tasking.deconfliction import DUTY
from watchfloor.cell.acts import Row, histories, new_id, refuse
from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.core.marking import parse
from watchfloor.core.messages import declare
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.floor import Floor

MARGIN: Final = 1_000.0
"""Metres between two places that still endanger each other: what a foot pursuit covers in minutes."""

SLACK: Final = timedelta(hours=2)
"""How much earlier or later than asked officers may be there."""

CLOSED: Final = frozenset({"refused", "done", "expired"})

NO_PLACE = declare("cell.no-place", "text")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where and when a task is to be done.

    Attributes:
        latitude, longitude: degrees.
        radius: within which it is, metres.
        starts, ends: None where it is not said, which is any time.
    """

    latitude: float
    longitude: float
    radius: float = 0.0
    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning about a task that the reader may see: its number and when it was given."""

    number: str
    task: str
    at: datetime


def place(text: str) -> tuple[float, float, float]:
    """Latitude, longitude and metres of a text such as `45.0105,-73.4532,100`. Refused where it is none."""
    try:
        latitude, longitude, *rest = map(float, text.split(","))
        (radius,) = rest or [0.0]
    except ValueError:
        refuse(NO_PLACE, text=text)
    if not (abs(latitude) <= 90 and abs(longitude) <= 180 and 0 <= radius <= MEAN_RADIUS):
        refuse(NO_PLACE, text=text)
    return latitude, longitude, radius


def near(one: Spot, other: Spot) -> bool:
    """Whether officers at both could meet."""
    apart = metres(one.latitude, one.longitude, other.latitude, other.longitude)
    return apart <= one.radius + other.radius + MARGIN and _meet(one, other) and _meet(other, one)


def metres(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Great-circle distance by the haversine formula, on a sphere of the Earth's mean radius."""
    a, b = radians(latitude), radians(to_latitude)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(to_longitude - longitude) / 2) ** 2
    return 2 * MEAN_RADIUS * asin(sqrt(min(1.0, half)))


def warn(floor: Floor, task: str) -> list[str]:
    """Log, in one act, a warning for each open task near this one, whoever may see it; gives the numbers."""
    now = floor.now()
    last = {id_: rows[-1] for id_, rows in histories(_all(floor), "task").items()}
    open_ = {id_: row for id_, row in last.items() if _is_open(row, now)}
    mine = open_.pop(task, None)
    spot = _spot(mine) if mine else None
    if mine is None or spot is None:
        return []
    pairs: list[dict[str, Any]] = []
    for id_, row in sorted(open_.items()):
        other = _spot(row)
        if other is None or not near(spot, other):
            continue
        number = new_id(floor.key, "near", *sorted((task, id_)))
        both = [{"task": one["task"], "marking": one["marking"]} for one in (mine, row)]
        pairs.append({"number": number, "tasks": both})
    floor.act(DUTY, "near", {"pairs": pairs})
    return [pair["number"] for pair in pairs]


def warnings(floor: Floor, reader: Reader) -> list[Warned]:
    """Warnings about the tasks that the reader may see, oldest first."""
    found: dict[tuple[str, str], Warned] = {}
    for act in floor.acts_of("near"):
        for pair in (act.detail or {}).get("pairs", ()):
            for one in pair["tasks"]:
                if allowed(reader, parse(one["marking"])):
                    warned = Warned(pair["number"], one["task"], act.at)
                    found.setdefault((warned.number, warned.task), warned)
    return list(found.values())


def _all(floor: Floor) -> Iterable[Row]:
    columns = ["task", "state", "deadline", "latitude", "longitude", "radius", "starts", "marking"]
    rows: list[dict[str, Any]] = floor.whole("task", columns).to_pylist()
    return rows


def _is_open(row: Row, now: datetime) -> bool:
    deadline = row["deadline"]
    return row["state"] not in CLOSED and not (deadline and deadline < now - SLACK)


def _spot(row: Row) -> Spot | None:
    if row["latitude"] is None or row["longitude"] is None:
        return None
    return Spot(row["latitude"], row["longitude"], row["radius"] or 0.0, row["starts"], row["deadline"])


def _meet(one: Spot, other: Spot) -> bool:
    return one.starts is None or other.ends is None or one.starts - other.ends <= 2 * SLACK
