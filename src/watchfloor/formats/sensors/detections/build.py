"""A table of any header to `DetectionTable`: what its columns say, checked, without a loop over rows.

A row is refused where it says nothing that can be used: no time, neither place nor direction, a place at
infinity, a negative range. A value beside these that cannot be so, such as a negative variance, is left out
of a row that is kept. Both are counted by reason.
"""

from collections.abc import Iterator
from textwrap import shorten
from typing import Final

import numpy as np
import pyarrow as pa

from watchfloor.formats.base import FormatError
from watchfloor.formats.sensors.detections import cells
from watchfloor.formats.sensors.detections.arrays import (
    ERRORS,
    I8,
    NUMBERS,
    TEXTS,
    Account,
    DetectionTable,
    Mode,
    Reason,
    Scales,
)
from watchfloor.formats.sensors.detections.cells import F8, Coded, Mask
from watchfloor.formats.sensors.detections.columns import Columns, Sort
from watchfloor.formats.sensors.detections.vocabulary import CLASS_OF, claimed_key

UNKNOWN_SCALES: Final = Scales()
"""Of a table of which nothing has been read."""


def check(columns: Columns, name: str) -> None:
    """Raise `FormatError` where a table has no time, or nothing that says where or in which direction."""
    have = shorten(", ".join((*columns.used, *columns.ignored)) or "none", 300, placeholder=" …")
    if not columns.has("observed_at"):
        raise FormatError(f"{name} has no column of times, such as t or observed_at; its columns: {have}")
    if not (columns.has("x", "y") or columns.has("longitude", "latitude") or columns.has("azimuth")):
        raise FormatError(
            f"{name} says of no detection where it was: it needs x and y, or lon and lat, or azimuth with or"
            f" without range; its columns: {have}"
        )


def build(table: pa.Table, columns: Columns, name: str, scales: Scales = UNKNOWN_SCALES) -> DetectionTable:
    """Detections of a table whose columns mean what `columns` says.

    Args:
        table: at least the columns that are used, as text or as any type of number or time.
        columns: see `detection_columns.columns`; `check` has passed them.
        name: the file's, for messages.
        scales: what its units were found to be from an earlier part of it.

    Raises:
        FormatError: some places are in a plane and others in longitude and latitude.
    """
    seen = _Seen(table, columns, name)
    t = seen.times("observed_at", scales.time, scales.dated)
    seen.refuse(t.bad, "its time cannot be read")
    seen.refuse(np.isnan(t.seconds), "it has no time")
    numbers = {quantity: seen.number(quantity) for quantity in NUMBERS}
    mode, place, sensor_place = _places(seen, numbers["azimuth"])
    _refuse_directions(seen, place, numbers["azimuth"], numbers["range"])
    numbers |= {f"{quantity}_error": _error(seen, quantity) for quantity in ERRORS}
    scan, klass, claimed = _scans(seen), _classes(seen), _claims(seen)
    numbers |= {quantity: _possible(seen, quantity, numbers[quantity]) for quantity in NUMBERS}
    speed = scales.speed or _speed_unit(seen, t.seconds, place, claimed, numbers["speed"], mode)
    if seen.has("speed") and speed != "m/s":
        numbers |= {name: numbers[name] * UNITS[speed] for name in ("speed", "speed_error")}
        seen.found["speed"] = f"speed in {speed}, as its name or how far objects moved says"
    velocity, velocity_var = _velocity(seen, numbers)
    cov, altitude, sensor_altitude = (
        _covariance(seen),
        seen.number("altitude"),
        seen.number("sensor_altitude"),
    )
    received = seen.times("received_at", 0.0, None)
    seen.leave(received.bad, "received_at cannot be read")
    texts = {quantity: seen.text(quantity) for quantity in TEXTS}
    kept = np.flatnonzero(~seen.gone)
    all_kept = len(kept) == len(seen.gone)

    def kept_rows(column: F8) -> F8:
        """The rows that are kept; a column that the table has not stays a view of one value."""
        if all_kept:
            return column
        if column.strides[0] == 0:
            return np.broadcast_to(column[:1], (len(kept), *column.shape[1:]))
        return np.asarray(column[kept])

    return DetectionTable(
        mode=mode,
        dated=t.dated,
        row=kept,
        t=kept_rows(t.seconds),
        received_at=kept_rows(
            np.where(received.bad, np.nan, received.seconds) if received.bad.any() else received.seconds
        ),
        sensor=seen.text("sensor").select(kept),
        scan=scan[kept],
        place=kept_rows(place),
        altitude=kept_rows(altitude),
        cov=kept_rows(cov),
        sensor_place=kept_rows(sensor_place),
        sensor_altitude=kept_rows(sensor_altitude),
        numbers={quantity: kept_rows(column) for quantity, column in numbers.items()},
        velocity=kept_rows(velocity),
        velocity_var=kept_rows(velocity_var),
        klass=klass.select(kept),
        claimed=claimed.select(kept),
        texts={quantity: column.select(kept) for quantity, column in texts.items()},
        account=seen.account(),
        scales=Scales(t.factor, t.dated, speed),
    )


_NOT_AVAILABLE: Final = {"speed": 102.3, "course": 360.0}
"""What a vessel's self-report says where it knows neither (ITU-R M.1371, messages 1 to 3)."""


class _Seen:
    """One table as it is looked through: its columns by quantity, the rows refused, the values left out."""

    def __init__(self, table: pa.Table, columns: Columns, name: str) -> None:
        self.table, self.columns, self.name = table, columns, name
        self.size = table.num_rows
        self.gone = np.zeros(self.size, np.bool_)
        self._refused: list[Reason] = []
        self._left: list[tuple[str, Mask]] = []
        self.found: dict[str, str] = {}
        """What was found of a quantity that its column's name does not say."""

    def has(self, quantity: str, sort: Sort = "value") -> bool:
        """Whether a column says this."""
        return self.columns.column(quantity, sort) is not None

    def number(self, quantity: str, sort: Sort = "value") -> F8:
        """A column in our unit, without the cells that hold no number, which are counted."""
        name = self.columns.column(quantity, sort)
        if name is None:
            return cells.none(self.size)
        values, bad = cells.numbers(self.table.column(name))
        self.leave(bad, f"{name} is no number")
        factor = self.columns.used[name].factor
        return values if factor == 1.0 else values * factor

    def pair(self, first: str, second: str) -> F8:
        """Two columns side by side, shape [n, 2]."""
        if not self.columns.has(first, second):
            return np.broadcast_to(np.float64(np.nan), (self.size, 2))
        return np.column_stack((self.number(first), self.number(second)))

    def times(self, quantity: str, factor: float, dated: bool | None) -> cells.Times:
        """A column of times in seconds."""
        name = self.columns.column(quantity)
        if name is None:
            return cells.Times(cells.none(self.size), np.zeros(self.size, np.bool_), 1.0, False)
        return cells.times(self.table.column(name), self.columns.used[name].factor or factor, dated)

    def text(self, quantity: str) -> Coded:
        """A column of texts."""
        name = self.columns.column(quantity)
        return cells.no_texts(self.size) if name is None else cells.texts(self.table.column(name))

    def refuse(self, rows: Mask, why: str) -> None:
        """Refuse rows that are not refused yet."""
        new = np.flatnonzero(rows & ~self.gone)
        if len(new):
            self._refused.append(Reason(why, new))
            self.gone[new] = True

    def leave(self, rows: Mask, why: str) -> None:
        """Note that a value of some rows is left out."""
        if rows.any():
            self._left.append((why, rows))

    def account(self) -> Account:
        """Return the account of the table."""
        found = (Reason(why, np.flatnonzero(rows & ~self.gone)) for why, rows in self._left)
        used = {
            name: self.found.get(use.quantity, str(use)) if use.sort == "value" else str(use)
            for name, use in self.columns.used.items()
        }
        left = tuple(one for one in found if one.count)
        return Account(self.size, used, self.columns.ignored, tuple(self._refused), left)


def _places(seen: _Seen, azimuth: F8) -> tuple[Mode, F8, F8]:
    """Return the mode of places, those of the objects, and those of the sensors.

    Where a table says places in both ways, that one counts which says all that the other says.
    """
    plane, sensor_plane = seen.pair("x", "y"), seen.pair("sensor_x", "sensor_y")
    globe = seen.pair("longitude", "latitude")
    sensor_globe = seen.pair("sensor_longitude", "sensor_latitude")
    directed = ~np.isnan(azimuth)
    in_plane = _said(plane) | (directed & _said(sensor_plane))
    on_globe = _said(globe) | (directed & _said(sensor_globe))
    if on_globe.any() and not (in_plane & ~on_globe).any():
        return "geographic", _on_globe(seen, globe), _sensors_on_globe(seen, sensor_globe)
    if (on_globe & ~in_plane).any():
        raise FormatError(
            f"{seen.name} has some places in x and y and others in longitude and latitude, which cannot be"
            " one picture: give all of them in one of the two"
        )
    seen.refuse(_endless(plane), "its place is at infinity")
    lost = _endless(sensor_plane)
    seen.leave(lost, "the sensor's place is at infinity")
    return "plane" if in_plane.any() else "none", plane, _without(sensor_plane, lost)


def _on_globe(seen: _Seen, place: F8) -> F8:
    """Longitudes and latitudes of the objects; rows that are nowhere on Earth are refused."""
    longitude, latitude = place.T
    seen.refuse(_endless(place), "its place is at infinity")
    seen.refuse(np.abs(latitude) > 90, "its latitude is not from -90 to 90")
    seen.refuse((longitude < -180) | (longitude > 360), "its longitude is not from -180 to 180")
    return _east_of_greenwich(place)


def _sensors_on_globe(seen: _Seen, place: F8) -> F8:
    longitude, latitude = place.T
    wrong = _said(place) & ~((np.abs(latitude) <= 90) & (longitude >= -180) & (longitude <= 360))
    seen.leave(wrong, "the sensor's place is nowhere on Earth")
    return _east_of_greenwich(_without(place, wrong))


def _east_of_greenwich(place: F8) -> F8:
    """Longitudes of 180 to 360 as those west of Greenwich."""
    beyond = place[:, 0] > 180
    if not beyond.any():
        return place
    return np.column_stack((np.where(beyond, place[:, 0] - 360, place[:, 0]), place[:, 1]))


def _refuse_directions(seen: _Seen, place: F8, azimuth: F8, distance: F8) -> None:
    seen.refuse(distance < 0, "its range is negative")
    seen.refuse(np.isinf(distance), "its range is infinite")
    seen.refuse(np.isinf(azimuth), "its azimuth is infinite")
    seen.refuse(~_said(place) & np.isnan(azimuth), "it says neither where it was nor in which direction")


def _error(seen: _Seen, of: str) -> F8:
    """The standard deviation of a quantity; none where it cannot be so."""
    return (
        np.sqrt(_variance(seen, of))
        if seen.has(of, "sigma") or seen.has(of, "var")
        else cells.none(seen.size)
    )


def _variance(seen: _Seen, of: str) -> F8:
    """The variance of a quantity, from that or from its standard deviation; none where it cannot be so."""
    sort: Sort = "var" if seen.has(of, "var") else "sigma"
    stated = seen.number(of, sort)
    wrong = (stated < 0) | np.isinf(stated)
    seen.leave(wrong, f"the error of its {of} is negative or infinite")
    return _without(stated * stated if sort == "sigma" else stated, wrong)


def _axis(seen: _Seen, of: str) -> F8:
    """The variance along one axis: its own, else that of both."""
    for quantity in (of, "position"):
        if seen.has(quantity, "var") or seen.has(quantity, "sigma"):
            return _variance(seen, quantity)
    return cells.none(seen.size)


def _covariance(seen: _Seen) -> F8:
    """Variance east, covariance, variance north; a covariance larger than they allow is left out."""
    east, north = _axis(seen, "east"), _axis(seen, "north")
    if east.strides[0] == north.strides[0] == 0:
        return np.broadcast_to(np.float64(np.nan), (seen.size, 3))
    known = ~np.isnan(east) & ~np.isnan(north)
    both = seen.number("east_north", "cov")
    wrong = known & (np.isinf(both) | (both * both > east * north * (1 + 1e-9)))
    seen.leave(wrong, "its covariance is larger than its variances allow")
    both = np.where(known, np.where(np.isnan(both) | wrong, 0.0, both), np.nan)
    return np.column_stack((east, both, north))


def _possible(seen: _Seen, quantity: str, values: F8) -> F8:
    """A quantity beside the place, without what cannot be so; angles from 0 up to 360."""
    if not seen.has(quantity):
        return values
    wrong = np.isinf(values)
    if quantity in ("speed", "confidence", "class_confidence"):
        wrong |= values < 0
    if quantity.endswith("confidence"):
        wrong |= values > 1
    if quantity in ("course", "heading"):
        wrong |= np.abs(values) > 360
    seen.leave(wrong, f"its {quantity} cannot be so")
    if seen.has("mmsi") and quantity in _NOT_AVAILABLE:
        unknown = values == _NOT_AVAILABLE[quantity]
        seen.leave(unknown, f"its {quantity} says that it is not available (ITU-R M.1371)")
        wrong |= unknown
    values = _without(values, wrong)
    return np.mod(values, 360.0) if quantity in ("azimuth", "course", "heading") else values


def _speed_unit(seen: _Seen, t: F8, place: F8, of: Coded, speed: F8, mode: Mode) -> str:
    """The unit of speeds: metres a second, unless the column says no unit and motion says another."""
    name = seen.columns.column("speed")
    if name is None or seen.columns.used[name].stated or mode == "none":
        return "m/s"
    found = unit(t, place, of, speed, geographic=mode == "geographic") if of.names else None
    # AIS counts in knots, and its word is used for nothing else; with identities hidden motion cannot tell.
    return found or ("kn" if name.strip().casefold() == "sog" and mode == "geographic" else "m/s")


def _velocity(seen: _Seen, numbers: dict[str, F8]) -> tuple[F8, F8]:
    """Velocity to the east and north, and the variance of each; fills speed and course where it is stated."""
    if not seen.columns.has("vx", "vy"):
        return _of_course(seen, numbers)
    velocity = seen.pair("vx", "vy")
    lost = _endless(velocity)
    seen.leave(lost, "its velocity is infinite")
    velocity = _without(velocity, lost)
    stated = [of for of in ("vx", "vy") if seen.has(of, "sigma") or seen.has(of, "var")]
    var = sum(_variance(seen, of) for of in stated) / len(stated) if stated else cells.none(seen.size)
    if not seen.has("speed"):
        numbers["speed"], numbers["speed_error"] = np.hypot(*velocity.T), np.sqrt(var)
    if not seen.has("course"):
        numbers["course"] = np.mod(np.degrees(np.arctan2(*velocity.T)), 360.0)
    return velocity, np.asarray(var)


def _of_course(seen: _Seen, numbers: dict[str, F8]) -> tuple[F8, F8]:
    """Velocity of speed and course. Its variance is the mean of those along and across the course."""
    if not seen.columns.has("speed", "course"):
        return np.broadcast_to(np.float64(np.nan), (seen.size, 2)), cells.none(seen.size)
    speed, angle = numbers["speed"], np.radians(numbers["course"])
    along, across = numbers["speed_error"] ** 2, (speed * np.radians(numbers["course_error"])) ** 2
    var = np.where(np.isnan(across), along, np.where(np.isnan(along), across, (along + across) / 2))
    return np.column_stack((speed * np.sin(angle), speed * np.cos(angle))), var


def _scans(seen: _Seen) -> I8:
    stated = seen.number("scan")
    good = np.abs(stated) < 2.0**53
    return np.where(good, stated, -1.0).astype(np.int64)


def _classes(seen: _Seen) -> Coded:
    """Classes by our words; what no word is known for is `unknown`, and counted."""
    given = seen.text("class")
    found = [CLASS_OF.get(name.casefold()) for name in given.names]
    for code, known in enumerate(found):
        if known is None:
            why = f"the class {given.names[code]!r} is none of ours, and was read as unknown"
            seen.leave(given.codes == code, why)
    return cells.recoded(given, [known or "unknown" for known in found])


def _claims(seen: _Seen) -> Coded:
    """Whom the objects say they are; of several columns the first that says it for a row."""
    found = cells.no_texts(seen.size)
    for quantity, given in _identities(seen):
        keys = cells.recoded(given, [claimed_key(quantity, name) for name in given.names])
        found = cells.either(found, keys)
    return found


def _identities(seen: _Seen) -> Iterator[tuple[str, Coded]]:
    """Columns of identities. One in which each of many rows has its own number only numbers the rows."""
    for quantity in ("claimed", "mmsi", "icao24"):
        given = seen.text(quantity)
        filled = int(np.count_nonzero(given.codes >= 0))
        if quantity == "claimed" and filled > 20 and len(given.names) == filled:
            seen.leave(
                given.codes >= 0, "each row has an id of its own, which is no identity and was not used"
            )
        elif filled:
            yield quantity, given


def _endless(pair: F8) -> Mask:
    """Rows with a coordinate at infinity."""
    return np.asarray(np.isinf(pair).any(axis=1), np.bool_)


def _said(place: F8) -> Mask:
    """Rows that say both coordinates, be they possible or not."""
    return np.asarray(~np.isnan(place).any(axis=1), np.bool_)


def _without(values: F8, rows: Mask) -> F8:
    """Values with NaN in some rows."""
    if not rows.any():
        return values
    return np.where(rows if values.ndim == 1 else rows[:, None], np.nan, values)


# In which unit a table states speeds that it names no unit of: found from how far its objects moved.
#
# Receivers of self-reports write speed over ground in knots and often do not say so. Where the rows claim
# identities, an object's path between two of its rows over the time between them is its speed, a little less
# where it turned. The middle of the quotients of that and of what is stated is then near the size of the
# unit.


UNITS: Final = {"m/s": 1.0, "kn": 1852 / 3600, "km/h": 1 / 3.6}
"""Units that are told apart, in metres a second."""
LEAST_PAIRS: Final = 20
"""Pairs of rows; fewer tell nothing."""
LEAST_SPEED: Final = 2.0
"""Stated speed of a pair, in its unit: of slow objects the errors of places tell more than motion."""
LONGEST: Final = 600.0
"""Seconds between two rows of a pair."""
WITHIN: Final = 1.15
"""How far, as a factor, the middle may be off a unit."""
_DEGREE: Final = 111_194.9
"""Metres of a degree of a great circle of the mean radius."""


def unit(t: F8, place: F8, of: Coded, speed: F8, *, geographic: bool) -> str | None:
    """The unit of some speeds; None where motion does not tell.

    Args:
        t: times, s.
        place: x and y, m, or longitude and latitude, degree; shape [n, 2].
        of: whose row each is.
        speed: as stated.
        geographic: whether places are longitude and latitude.
    """
    good = np.flatnonzero((of.codes >= 0) & np.isfinite(t + speed + place[:, 0] + place[:, 1]))
    rows = good[np.lexsort((t[good], of.codes[good]))]
    first, second = rows[:-1], rows[1:]
    apart = t[second] - t[first]
    stated = (speed[first] + speed[second]) / 2
    pair = (of.codes[first] == of.codes[second]) & (apart > 0) & (apart <= LONGEST) & (stated >= LEAST_SPEED)
    if np.count_nonzero(pair) < LEAST_PAIRS:
        return None
    moved = _between(place[first[pair]], place[second[pair]], geographic=geographic)
    middle = float(np.median(moved / apart[pair] / stated[pair]))
    return next((name for name, size in UNITS.items() if size / WITHIN <= middle <= size * WITHIN), None)


def _between(one: F8, other: F8, *, geographic: bool) -> F8:
    """Metres between places that are near each other."""
    east, north = (other - one).T
    if geographic:
        east = ((east + 180) % 360 - 180) * np.cos(np.radians((one[:, 1] + other[:, 1]) / 2)) * _DEGREE
        north = north * _DEGREE
    return np.asarray(np.hypot(east, north))
