"""From what sensors say, in degrees and metres from a sensor, to reports that the tracker takes.

A place that is stated with its error is used before a range and an azimuth. These become a place by the
conversion that is unbiased in the mean (Mo Longbin et al., "Unbiased converted measurements for tracking",
IEEE Trans. AES 34, 1998): an error in azimuth brings the mean of the place nearer to the sensor by
exp(-variance / 2), so the place is moved out by as much. An azimuth alone stays one.
"""

from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.surveillance.naming import Names
from watchfloor.desks.surveillance.tracking.places import ecef
from watchfloor.desks.surveillance.tracking.reports import BEARING, KLASSES, NOTHING, POSITION, Reports
from watchfloor.formats.sensors.detections.arrays import DetectionTable

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

AZIMUTH_ERROR: Final = 1.0
"""Degrees, where a sensor states none: a pan-tilt head that nobody has surveyed. Judgement."""
RANGE_ERROR: Final = 0.02
"""Of a range whose error nobody states, as a share of it, and not below `RANGE_LEAST`. Judgement."""
RANGE_LEAST: Final = 10.0
"""Metres."""
SPEED_ERROR: Final = 0.5
"""Metres a second of a speed over ground whose error nobody states: GNSS receivers give a tenth of it, AIS
rounds to 0.05 and delays by seconds. Judgement."""
COURSE_ERROR: Final = 5.0
"""Degrees of a course whose error nobody states. Judgement."""
RATE_ERROR: Final = 0.5
"""Metres a second of a range rate whose error nobody states. Judgement."""


class Observed(NamedTuple):
    """Columns of detections; what is not known is NaN, -1 among whole numbers. All have *n* rows.

    Attributes:
        t: seconds.
        sensor: number of the sensor.
        scan: number of the sweep.
        place: degrees of longitude and latitude, or metres east and north of a plane [n, 2].
        altitude: metres.
        cov: variance east, covariance, variance north, m² [n, 3].
        sensor_place: as `place` [n, 2].
        azimuth, azimuth_error, elevation: degrees, clockwise from north and above the horizon.
        range, range_error: metres.
        range_rate, range_rate_error: m/s, positive when it goes away.
        velocity: m/s east and north [n, 2].
        velocity_var: (m/s)².
        klass: place in `tracking.reports.KLASSES`.
        confidence: 0 to 1.
        claimed: number of the identity.
    """

    t: Floats
    sensor: Numbers
    scan: Numbers
    place: Floats
    altitude: Floats
    cov: Floats
    sensor_place: Floats
    azimuth: Floats
    azimuth_error: Floats
    elevation: Floats
    range: Floats
    range_error: Floats
    range_rate: Floats
    range_rate_error: Floats
    velocity: Floats
    velocity_var: Floats
    klass: Numbers
    confidence: Floats
    claimed: Numbers


def reports(seen: Observed, *, earth: bool) -> Reports:
    """Reports of the same rows, in the same order.

    Args:
        seen: what sensors say.
        earth: whether places are degrees; else metres of a plane.
    """
    stated = np.asarray(np.isfinite(seen.place).all(1), np.bool_)
    bearing = ~stated & np.isnan(seen.range)
    place, spread = np.where(stated[:, None], _space(seen.place, earth), np.nan), seen.cov
    if not stated.all():
        place, spread = _seen_from(seen, place, stated, bearing, earth)
    return Reports(
        t=seen.t,
        sensor=seen.sensor,
        place=place,
        scan=seen.scan,
        measure=np.where(bearing, BEARING, POSITION),
        cov=spread,
        bearing=np.radians(seen.azimuth),
        rate=seen.range_rate,
        rate_var=_or(seen.range_rate_error, RATE_ERROR) ** 2,
        velocity=seen.velocity,
        velocity_var=seen.velocity_var,
        altitude=seen.altitude,
        klass=seen.klass,
        confidence=seen.confidence,
        claimed=seen.claimed,
        sensor_place=_space(seen.sensor_place, earth),
    )


def _seen_from(
    seen: Observed, place: Floats, stated: Flags, bearing: Flags, earth: bool
) -> tuple[Floats, Floats]:
    """Places and errors, those of ranges and azimuths filled in; of an azimuth alone the sensor's place and
    the azimuth's variance."""
    ranged = ~stated & ~bearing
    east, north, cov = polar(seen)
    from_sensor = _space(seen.sensor_place, earth)
    place[ranged] = _moved(from_sensor[ranged], seen.sensor_place[ranged], east[ranged], north[ranged], earth)
    place[bearing] = from_sensor[bearing]
    spread = np.where(ranged[:, None], cov, seen.cov)
    spread[bearing, 0] = np.radians(_or(seen.azimuth_error, AZIMUTH_ERROR))[bearing] ** 2
    return place, spread


def polar(seen: Observed) -> tuple[Floats, Floats, Floats]:
    """Metres east and north of the sensor, and their covariance [n, 3]; NaN where there is no range."""
    azimuth, error = np.radians(seen.azimuth), np.radians(_or(seen.azimuth_error, AZIMUTH_ERROR))
    slant = seen.range * np.cos(np.radians(np.nan_to_num(seen.elevation)))
    reach = slant * np.exp(error**2 / 2)
    along = _or(seen.range_error, np.maximum(RANGE_ERROR * np.abs(slant), RANGE_LEAST)) ** 2
    across = (slant * error) ** 2
    s, c = np.sin(azimuth), np.cos(azimuth)
    cov = [along * s * s + across * c * c, (along - across) * s * c, along * c * c + across * s * s]
    usable = seen.range >= 0  # a negative range is told by the tracker as no place
    east, north = (np.where(usable, reach * part, np.nan) for part in (s, c))
    return east, north, np.stack(cov, 1)


def towards(
    speed: Floats, course: Floats, speed_error: Floats, course_error: Floats
) -> tuple[Floats, Floats]:
    """Velocity east and north, m/s [n, 2], and its variance on each axis, of a speed and a course in degrees.

    The variance is that of the worse axis: a vessel that lies still has any course.
    """
    angle = np.radians(course)
    velocity = np.stack([speed * np.sin(angle), speed * np.cos(angle)], 1)
    along = _or(speed_error, SPEED_ERROR)
    across = np.abs(speed) * np.radians(_or(course_error, COURSE_ERROR))
    return velocity, np.maximum(along, across) ** 2


def klass_codes(names: list[str | None]) -> Numbers:
    """The tracker's number of each class name; -1 for what it does not know."""
    known = {name: code for code, name in enumerate(KLASSES)}
    return np.array([known.get(name or "", -1) for name in names], np.int64)


def _space(place: Floats, earth: bool) -> Floats:
    """[n, 3] metres from the Earth's centre, on the ellipsoid; or of a plane, with 0. Height goes beside."""
    if earth:
        return np.asarray(ecef(place[:, 1], place[:, 0]))
    return np.column_stack([place, np.zeros(len(place))])


def _moved(start: Floats, place: Floats, east: Floats, north: Floats, earth: bool) -> Floats:
    """Places so many metres east and north of others, along the plane that touches the ellipsoid there."""
    if not earth:
        return np.asarray(start + np.column_stack([east, north, np.zeros(len(east))]))
    lon, lat = np.radians(place).T
    zero = np.zeros(len(lat))
    to_east = np.stack([-np.sin(lon), np.cos(lon), zero], 1)
    to_north = np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], 1)
    return np.asarray(start + east[:, None] * to_east + north[:, None] * to_north)


def _or(values: Floats, other: Floats | float) -> Floats:
    """Values, and where they are not known something else."""
    return np.where(np.isnan(values), other, values)


def of_table(table: DetectionTable) -> Observed:
    """The columns of a table of detections. Identities are numbered as the table numbers them."""
    numbers = {name: np.ascontiguousarray(values, np.float64) for name, values in table.numbers.items()}
    none = np.full(len(table), np.nan)
    named = [name or None for name in table.klass.names]
    return Observed(
        t=np.ascontiguousarray(table.t),
        sensor=np.ascontiguousarray(table.sensor.codes, np.int64),
        scan=np.ascontiguousarray(table.scan),
        place=np.ascontiguousarray(table.place),
        altitude=np.ascontiguousarray(table.altitude),
        cov=np.ascontiguousarray(table.cov),
        sensor_place=np.ascontiguousarray(table.sensor_place),
        **{name: numbers.get(name, none) for name in MEASURED},
        velocity=np.ascontiguousarray(table.velocity),
        velocity_var=np.ascontiguousarray(table.velocity_var),
        klass=_coded(klass_codes(named), table.klass.codes),
        confidence=numbers.get("confidence", none),
        claimed=np.ascontiguousarray(table.claimed.codes, np.int64),
    )


MEASURED: Final = (
    *("azimuth", "azimuth_error", "elevation", "range", "range_error", "range_rate", "range_rate_error"),
)
"""Columns that keep their names."""


def _coded(values: Numbers, codes: npt.NDArray[np.int32]) -> Numbers:
    """The value of each code; -1 for none."""
    return np.append(values, -1)[codes]


SWEPT: Final = "looking"
"""State of a sensor under which its sweep says that nothing else was there."""


def looked(rows: pa.Table) -> Array:
    """Which rows say where something was, in which direction, or that a whole sweep was made.

    The others are a vessel's name without its place, or a sensor that says how it is.
    """
    if not (rows["latitude"].null_count or rows["longitude"].null_count or _sweeps(rows).any()):
        return np.ones(rows.num_rows, np.bool_)  # as nearly always
    place = pc.and_(pc.is_valid(rows["latitude"]), pc.is_valid(rows["longitude"]))
    sweep = pc.and_(pc.is_valid(rows["scan"]), pc.equal(pc.fill_null(rows["state"], ""), SWEPT))
    said = pc.or_(pc.or_(place, pc.is_valid(rows["azimuth"])), pc.is_valid(rows["range"]))
    coverage = pc.equal(rows["kind"], "coverage")
    found = pc.if_else(coverage, sweep, said)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)


def observed(rows: pa.Table, names: Names) -> Reports:
    """Reports of detections and sweeps, in their order."""
    velocity, velocity_var = towards(*(_floats(rows[name]) for name in _MOVES))
    place = np.stack([_floats(rows["longitude"]), _floats(rows["latitude"])], 1)
    sensor_place = np.stack([_floats(rows[f"sensor_{name}"]) for name in ("longitude", "latitude")], 1)
    made = reports(
        Observed(
            t=np.asarray(rows["observed_at"].cast(pa.int64()).to_numpy(), np.float64) / 1e6,
            sensor=names.codes("sensor", rows["sensor"]),
            scan=_scans(rows["scan"]),
            place=place,
            altitude=_floats(rows["altitude"]),
            cov=np.stack([_floats(rows[name]) for name in _SPREAD], 1),
            sensor_place=sensor_place,
            **{name: _floats(rows[name]) for name in MEASURED},
            velocity=velocity,
            velocity_var=velocity_var,
            klass=_klasses(rows["class"]),
            confidence=_floats(rows["confidence"]),
            claimed=names.codes("claimed", rows["claimed"]),
        ),
        earth=True,
    )
    made = replace(made, received=_seconds(rows["received_at"]))
    assert made.measure is not None
    made.measure[_sweeps(rows)] = NOTHING
    return made


def _seconds(column: pa.ChunkedArray) -> Floats:
    """Seconds since 1970; NaN for null."""
    return np.asarray(_floats(column.cast(pa.int64()))) / 1e6


def _sweeps(rows: pa.Table) -> Array:
    """Which rows are of the kind `coverage`."""
    return np.asarray(pc.equal(rows["kind"], "coverage").to_numpy(), np.bool_)


_MOVES: Final = ("speed", "course", "speed_error", "course_error")
_SPREAD: Final = ("var_east", "cov_east_north", "var_north")


def _floats(column: pa.ChunkedArray) -> Floats:
    if column.null_count == len(column):
        return np.full(len(column), np.nan)
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def _scans(column: pa.ChunkedArray) -> Array:
    if column.null_count == len(column):
        return np.full(len(column), -1, np.int64)
    return np.asarray(pc.fill_null(column, -1).to_numpy(), np.int64)


def _klasses(column: pa.ChunkedArray) -> Array:
    if column.null_count == len(column):
        return np.full(len(column), -1, np.int64)
    coded = pc.dictionary_encode(column.combine_chunks())
    codes = np.append(klass_codes(coded.dictionary.to_pylist()), -1)
    at = coded.indices.fill_null(len(coded.dictionary)) if coded.null_count else coded.indices
    return np.asarray(codes[at.to_numpy()])
