"""The access calendar: who passes when over which points, and how well the times are known.

**Age of elements.** A satellite departs from its elements by 1 to 3 km a day along its track (documentation
of the package sgp4, after T. S. Kelso), from about 1 km at their epoch. So the standard deviation is taken as
1 km + 2 km a day; where a file has several sets of one satellite, the growth is measured between them
instead. Drag adds what a fifth of its along-track effect comes to (densities of the upper atmosphere are
wrong by about that much: Emmert, *Advances in Space Research* 56, 2015). Beyond `oldest` days from the epoch
no times are given: the pattern of passes still holds, so their number and the mean interval are.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.formats.orbits import Elements, Ephemeris, Orbits
from watchfloor.planning.satellites import orbit
from watchfloor.planning.satellites.access import Limits, access, blocks
from watchfloor.planning.satellites.orbit import Track
from watchfloor.planning.satellites.sensors import Sensor

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

NO_ELEMENTS: Final = declare("satellites.no-elements", "sensors")
NO_SENSOR: Final = declare("satellites.no-sensor", "count")
NOTHING_FLIES: Final = declare("satellites.nothing-flies", "count")
STALE: Final = declare("satellites.stale", "names", "days")
ENDS_EARLY: Final = declare("satellites.ends-early", "name", "until", "days")
FROM_FUTURE: Final = declare("satellites.from-future", "names")
DECAYED: Final = declare("satellites.decayed", "name", "at")
NOT_FLYING: Final = declare("satellites.not-flying", "name")
NO_ORBIT: Final = declare("satellites.no-orbit", "name")
NOT_TRACED: Final = declare("satellites.not-traced", "name", "at")
UNCOVERED: Final = declare("satellites.ephemeris-short", "name", "since", "until")
NOT_READ: Final = declare("satellites.not-read", "count", "where", "why")
TOO_LONG: Final = declare("satellites.too-long", "most")

EDGE: Final = 3_600.0
"""Seconds before and after the window in which passes are followed to their ends."""
AT_EPOCH, GROWTH, DRAG = 1_000.0, 2_000.0, 0.2
"""Metres, metres a day, and share of the effect of drag."""
OLDEST: Final = 30.0
"""Days from the epoch beyond which no times are given."""
CHUNK: Final = 1_024
"""Points whose passes are in memory together."""
MOST: Final = 10_000.0
"""Satellites times days that one calendar covers: 700 MB of tracks."""
DAY: Final = 86_400.0


class Observer(NamedTuple):
    """A mode of a sensor on a satellite, over a window.

    Attributes:
        satellite, norad: name and catalogue number; 0 where an ephemeris has none.
        sensor: the mode.
        limits: its angles in this orbit.
        track, sunward: where the satellite and the sun are.
        epoch: seconds from the beginning of the window to that of the elements; none for an ephemeris.
        growth: metres a day by which the place along the track becomes uncertain.
        drag: metres, per day squared, that drag is taken to move it wrongly.
        speed: metres a second.
        until: seconds up to which times are given; 0: none are, the elements are stale.
    """

    satellite: str
    norad: int
    sensor: Sensor
    limits: Limits
    track: Track
    sunward: Floats
    epoch: float | None
    growth: float
    drag: float
    speed: float
    until: float

    @property
    def stale(self) -> bool:
        """Return whether only statistics are to be had."""
        return self.until <= 0

    def uncertainty(self, at: Floats) -> Floats:
        """Return the standard deviation of the times, seconds; none known for an ephemeris."""
        if self.epoch is None:
            return np.full(len(at), np.nan)
        age = np.abs(at - self.epoch) / DAY
        return np.hypot(AT_EPOCH + self.growth * age, self.drag * age**2) / self.speed


class Points(NamedTuple):
    """Named places: degrees, and metres above the ellipsoid."""

    names: Sequence[str]
    latitude: Floats
    longitude: Floats
    height: Floats

    def __len__(self) -> int:
        return len(self.latitude)


class Passes(NamedTuple):
    """Passes in order of points and times; seconds are from the beginning of the window.

    Attributes:
        point, observer: numbers.
        start, end, at: when it begins and ends, and when the satellite is abreast of the point.
        incidence, sun: degrees then; the elevation of the sun.
        left, north: whether it looks to its left, and flies north.
        usable: whether there is the light that the sensor needs.
        uncertainty: standard deviation of the times, seconds.
    """

    point: Numbers
    observer: Numbers
    start: Floats
    end: Floats
    at: Floats
    incidence: Floats
    sun: Floats
    left: npt.NDArray[np.bool_]
    north: npt.NDArray[np.bool_]
    usable: npt.NDArray[np.bool_]
    uncertainty: Floats

    def where(self, keep: npt.NDArray[np.bool_] | Numbers) -> "Passes":
        """Return some of them."""
        return Passes(*(one[keep] for one in cast("tuple[Any, ...]", self)))


class Calendar(NamedTuple):
    """Observers over a window, the points they pass, and what is to be said beside it."""

    begin: datetime
    days: float
    observers: tuple[Observer, ...]
    points: Points
    notes: tuple[Reason, ...] = ()

    @property
    def seconds(self) -> float:
        """Return the length of the window."""
        return self.days * DAY

    def chunks(self, size: int = CHUNK) -> Iterator[Passes]:
        """Yield the passes of some points after others, stale observers' too, in bounded memory."""
        place, up = orbit.ground(self.points.latitude, self.points.longitude, self.points.height)
        for first in range(0, len(self.points), size):
            yield self._passes(first, place[first : first + size], up[first : first + size])

    def every(self) -> Passes:
        """Return the passes of all points."""
        found = list(self.chunks(max(len(self.points), 1)))
        return found[0] if found else self._passes(0, np.zeros((0, 3)), np.zeros((0, 3)))

    def _passes(self, first: int, place: Floats, up: Floats) -> Passes:
        cells = blocks(place, up)
        nothing = np.zeros(0)
        none = np.zeros(0, np.int64)
        no = np.zeros(0, np.bool_)
        parts = [Passes(none, none, *(nothing,) * 5, no, no, no, nothing)]
        for number, one in enumerate(self.observers):
            point, values = access(cells, one.track, one.sunward, one.limits)
            start, end, at, incidence, sun, flight = values.T
            sun = np.degrees(np.arcsin(np.clip(sun, -1, 1)))
            light = ~np.full(len(at), one.sensor.daylight) | (sun >= one.sensor.sun)
            columns = point + first, np.full(len(at), number), start, end, at, incidence, sun
            sides = np.abs(flight) == 1, flight > 0, light, one.uncertainty(at)
            # A pass is of the window in which the satellite is abreast; one of hours, of all that it lies in.
            within = (at >= 0) & (at < self.seconds)
            within |= np.minimum(end, self.seconds) - np.maximum(start, 0) >= EDGE
            parts.append(Passes(*columns, *sides).where(within))
        joined = Passes(*map(np.concatenate, cast("Iterable[Any]", zip(*parts, strict=True))))
        return joined.where(np.lexsort((joined.start, joined.point)))


def joined(one: Orbits, other: Orbits) -> Orbits:
    """Return what two files have."""
    return Orbits(
        (*one.elements, *other.elements),
        (*one.ephemerides, *other.ephemerides),
        (*one.faults, *other.faults),
    )


def without(orbits: Orbits, names: Sequence[str]) -> Orbits:
    """Return orbits without some satellites, by name or catalogue number. Raises `Unusable`: none has it."""
    gone = {one.strip().upper() for one in names}
    flying = {one.name.upper() for one in orbits.elements} | {one.name.upper() for one in orbits.ephemerides}
    if absent := sorted(gone - flying - {str(one.norad) for one in orbits.elements}):
        raise Unusable(reason(NOT_FLYING, name=absent[0]))
    return Orbits(
        tuple(one for one in orbits.elements if not {one.name.upper(), str(one.norad)} & gone),
        tuple(one for one in orbits.ephemerides if one.name.upper() not in gone),
        orbits.faults,
    )


def calendar(
    orbits: Orbits,
    sensors: Sequence[Sensor],
    points: Points,
    begin: datetime,
    days: float,
    *,
    oldest: float = OLDEST,
) -> Calendar:
    """Return the calendar of every satellite that carries one of the sensors.

    Args:
        orbits: elements and ephemerides; of several elements of a satellite the nearest to the window count.
        sensors: modes.
        points: that are to be seen.
        begin, days: the window.
        oldest: days from the epoch beyond which no times are given.

    Raises:
        Unusable: no satellite flies that carries one of them, or so much is not computed.
        MissingExtraError: sgp4 is not installed.
    """
    # Those that nobody has identified yet share a number, and have names of their own.
    sets: dict[tuple[int, str], list[Elements]] = {}
    for one in orbits.elements:
        sets.setdefault((one.norad, one.name), []).append(one)
    middle = begin + timedelta(days=days / 2)
    flying: list[Elements | Ephemeris] = [
        min(group, key=lambda one: abs(one.epoch - middle)) for group in sets.values()
    ]
    flying += orbits.ephemerides
    carried = [(one, [each for each in sensors if each.on(one)]) for one in flying]
    wanted = [(one, some) for one, some in carried if some]
    if len(wanted) * days > MOST:
        raise Unusable(reason(TOO_LONG, most=int(MOST)))
    notes = [*_about_reading(orbits)]
    if without := len(carried) - len(wanted):
        notes.append(reason(NO_SENSOR, count=without))
    if absent := [one.name for one in sensors if not any(one in some for _, some in wanted)]:
        notes.append(reason(NO_ELEMENTS, sensors=", ".join(absent)))
    if not wanted:
        raise Unusable(reason(NOTHING_FLIES, count=len(flying)))
    observers: list[Observer] = []
    for satellite, some in wanted:
        if isinstance(satellite, Elements):
            growth = _growth(sets[satellite.norad, satellite.name])
            made = _of_elements(satellite, some, begin, days, oldest, growth)
        else:
            made = _of_ephemeris(satellite, some, begin, days)
        notes += made[1]
        observers += made[0]
    return Calendar(begin, days, tuple(observers), points, tuple(_together(notes, oldest)))


def _about_reading(orbits: Orbits) -> Iterator[Reason]:
    if orbits.faults:
        first = orbits.faults[0]
        yield reason(NOT_READ, count=len(orbits.faults), where=first.locator, why=first.reason)


def _of_elements(
    one: Elements, sensors: Iterable[Sensor], begin: datetime, days: float, oldest: float, growth: float
) -> tuple[list[Observer], list[Reason]]:
    """Return what observes from a satellite by its elements, and what is to be said of them."""
    notes: list[Reason] = []
    epoch, length, limit = (one.epoch - begin).total_seconds(), days * DAY, oldest * DAY
    until = min(length, epoch + limit)
    name = one.name or str(one.norad)
    stale = until <= 0 or epoch - limit >= length
    since = begin
    if stale and epoch < 0 and (over := orbit.propagate(one, begin, 0.0, orbit.STEP).ended) is not None:
        return [], [_about_end(one, name, begin, over)]
    if stale:
        notes.append(reason(STALE, names=f"{name} ({one.epoch:%Y-%m-%d})", days=round(abs(epoch) / DAY)))
        until = 0.0
        # The pattern of passes near the epoch, at the same times of day.
        since = begin + timedelta(days=round(epoch / DAY))
    elif epoch >= length:
        notes.append(reason(FROM_FUTURE, names=name))
    elif until < length:
        notes.append(reason(ENDS_EARLY, name=name, until=_moment(begin, until), days=round(oldest)))
    track = orbit.propagate(one, since, -EDGE, length + EDGE)
    if track.ended is not None:
        notes.append(_about_end(one, name, since, track.ended))
    if len(track.position) < 2:
        return [], notes
    sunward, speed = orbit.sunward(since, track), float(np.linalg.norm(track.velocity, axis=1).mean())
    wrong = DRAG * abs(one.motion_dot) * 2 * np.pi * track.radius
    return [
        Observer(
            name,
            one.norad,
            sensor,
            Limits.build(sensor, track),
            track,
            sunward,
            epoch,
            growth,
            wrong,
            speed,
            until,
        )
        for sensor in sensors
    ], notes


def _about_end(one: Elements, name: str, begin: datetime, ended: float) -> Reason:
    """Return what is to be said of an orbit that ends by its elements, so many seconds from `begin`."""
    at = begin + timedelta(seconds=ended)
    if abs(at - one.epoch) < timedelta(days=1 / one.mean_motion):
        return reason(NO_ORBIT, name=name)
    return reason(DECAYED if at > one.epoch else NOT_TRACED, name=name, at=_moment(at, 0))


def _of_ephemeris(
    one: Ephemeris, sensors: Iterable[Sensor], begin: datetime, days: float
) -> tuple[list[Observer], list[Reason]]:
    track = orbit.interpolate(one, begin, -EDGE, days * DAY + EDGE)
    name = one.name or one.designator
    since, until = (one.start + timedelta(seconds=float(one.seconds[at])) for at in (0, -1))
    notes = []
    if since > begin or until < begin + timedelta(days=days):
        notes = [reason(UNCOVERED, name=name, since=_moment(since, 0), until=_moment(until, 0))]
    if len(track.position) < 2:
        return [], notes
    sunward, speed = orbit.sunward(begin, track), float(np.linalg.norm(track.velocity, axis=1).mean())
    return [
        Observer(
            name,
            0,
            sensor,
            Limits.build(sensor, track),
            track,
            sunward,
            None,
            0.0,
            0.0,
            speed,
            days * DAY,
        )
        for sensor in sensors
    ], notes


def _growth(sets: Sequence[Elements]) -> float:
    """Return metres a day by which older elements go wrong along the track, by newer ones at their epochs.

    Without two sets half a day apart or more, `GROWTH`.
    """
    rates = []
    ordered = sorted(sets, key=lambda one: one.epoch)
    for older, newer in pairwise(ordered):
        days = (newer.epoch - older.epoch) / timedelta(days=1)
        if days < 0.5:
            continue
        then, now = (orbit.propagate(one, newer.epoch, 0.0, 60.0) for one in (older, newer))
        if len(then.position) and len(now.position):
            along = now.velocity[0] / np.linalg.norm(now.velocity[0])
            rates.append(abs(float((then.position[0] - now.position[0]) @ along)) / days)
    return float(np.sqrt(np.mean(np.square(rates)))) if rates else GROWTH


def _together(notes: Iterable[Reason], oldest: float) -> Iterator[Reason]:
    """Yield notes, those of one sort about several satellites as one."""
    names: dict[str, list[str]] = {}
    for one in notes:
        if one.message in (STALE.id, FROM_FUTURE.id):
            names.setdefault(one.message, []).append(str(one.params["names"]))
        else:
            yield one
    if STALE.id in names:
        yield reason(STALE, names=", ".join(names[STALE.id]), days=round(oldest))
    if FROM_FUTURE.id in names:
        yield reason(FROM_FUTURE, names=", ".join(names[FROM_FUTURE.id]))


def _moment(begin: datetime, seconds: float) -> str:
    return f"{begin + timedelta(seconds=seconds):%Y-%m-%d %H:%MZ}"
