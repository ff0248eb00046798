"""Approach to a port of entry out of hours: somebody comes to it while it is closed.

A person who arrives in Canada must present themselves without delay at a customs office that is open (Customs
Act, R.S.C. 1985, c. 1 (2nd Supp.), s. 11). The floor's table of ports says where each is and when it is open,
by its own clock. The rule speaks of persons, vehicles and boats that come within `NEAR` metres of one that is
closed and go towards it, once in `AGAIN` seconds a track.
"""

from datetime import UTC, datetime
from functools import lru_cache
from math import cos
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import NOWHERE, Places, inside, places
from watchfloor.desks.surveillance.events.points import BOAT, GROUP, PERSON, VEHICLE
from watchfloor.desks.surveillance.events.rule_output import noted_point
from watchfloor.desks.surveillance.events.track_history import PointHistory

Array = npt.NDArray[Any]

RULE: Final = "port-out-of-hours"
VERSION: Final = "1"

NEAR: Final = 500.0
RADIUS: Final = 100.0
"""Metres of a port whose table gives none."""
COMES: Final = 0.5
"""m/s towards it."""
AGAIN: Final = 3_600.0
CLOSED: Final = 0.5
"""Chance that it is more than a wrong turn. Judgement."""

PORT: Final = [("told", "<f8")]


class Ports(NamedTuple):
    """Ports of entry.

    Attributes:
        places: where they are.
        names: as officers know them.
        opens, closes: minutes after midnight by the port's clock, `closes` up to 1440 or, past midnight,
            less than `opens`; equal: it never closes.
        zones: IANA name of the port's time zone.
    """

    places: Places
    names: tuple[str, ...]
    opens: npt.NDArray[np.int64]
    closes: npt.NDArray[np.int64]
    zones: tuple[str, ...]


NO_PORTS: Final = Ports(NOWHERE, (), np.zeros(0, np.int64), np.zeros(0, np.int64), ())


def ports_of_entry(table: pa.Table | None) -> Ports:
    """Ports from a table: `name`, `latitude`, `longitude`, `opens`, `closes`, `zone` and perhaps `radius`."""
    if table is None:
        return NO_PORTS
    opens, closes = (np.asarray(table[name], np.int64) for name in ("opens", "closes"))
    names, zones = (tuple(table[name].to_pylist()) for name in ("name", "zone"))
    return Ports(places(table, RADIUS), names, opens, closes, zones)


@lru_cache(maxsize=4096)
def _offset(zone: str, hour: int) -> int:
    """Minutes that a zone is ahead of UTC in an hour since 1970; zones change on the hour of UTC."""
    moment = datetime.fromtimestamp(hour * 3600, UTC).astimezone(ZoneInfo(zone))
    offset = moment.utcoffset()
    return 0 if offset is None else round(offset.total_seconds() / 60)


def closed(all_: Ports, port: Array, t: Array) -> npt.NDArray[np.bool_]:
    """Whether each port is closed at a time, in seconds."""
    hours = (t // 3600).astype(np.int64)
    ahead = np.array([_offset(all_.zones[p], h) for p, h in zip(port.tolist(), hours.tolist(), strict=True)])
    minute = ((t // 60).astype(np.int64) + ahead.astype(np.int64)) % 1440
    opens, closes = all_.opens[port], all_.closes[port]
    day = (minute >= opens) & (minute < closes)
    night = (minute >= opens) | (minute < closes)
    return np.where(opens == closes, False, ~np.where(opens < closes, day, night))


@kernel
def near(all_: Places, y: Array, x: Array, margin: float) -> Array:
    """Of each place the port that it is at, within its radius and a margin in metres; -1 for none."""
    found = np.empty(len(y), np.int64)
    for i in range(len(y)):
        found[i] = inside(all_, y[i], x[i], margin)
    return found


@kernel
def approached(seen: PointHistory, all_: Places) -> Array:
    """Of each point the port that it comes near to and goes towards, -1 for none."""
    points = seen.points
    found = np.empty(len(seen.row), np.int32)
    for i in range(len(found)):
        klass = points.klass[i]
        found[i] = -1
        if not seen.look[i] or klass not in (PERSON, GROUP, VEHICLE, BOAT):
            continue
        near = inside(all_, points.latitude[i], points.longitude[i], NEAR)
        if near < 0:
            continue
        east = (all_.longitude[near] - points.longitude[i]) * cos(points.latitude[i] * np.pi / 180)
        north = all_.latitude[near] - points.latitude[i]
        towards = points.velocity[i, 0] * east + points.velocity[i, 1] * north
        if towards >= COMES * np.hypot(east, north):
            found[i] = near
    return found


@kernel
def fold(rows: Array, blank: Array, seen: PointHistory, port: Array, shut: Array, out: Array) -> Any:
    """Notices and how many, of points at a closed port; `x` is its number."""
    points, count = seen.points, 0
    for i in range(len(seen.row)):
        if seen.fresh[i]:
            rows[seen.place[i]] = blank[0]
        if seen.of[i] >= 0:
            rows[seen.place[i]] = rows[seen.of[i]]
        if not shut[i] or not points.confirmed[i]:
            continue
        one, t = rows[seen.place[i]], points.t[i]
        if one.told == 0 or t - one.told >= AGAIN:
            one.told = t
            out = noted_point(out, count, seen, i, t)
            out[count].chance, out[count].x = CLOSED * points.exists[i], port[i]
            count += 1
    return out, count
