"""Extended squitters as rows of `detection`.

An aircraft's report is its claim: `claimed` is its address. With a position goes the aircraft's own velocity,
where that is at most two seconds old, and then `says` tells its age. Altitude is above the ellipsoid where
GNSS height or its difference from pressure altitude is known; where not, it is pressure altitude, and
`altitude_from` says so. Metres, metres a second, degrees.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.sensors.adsb.decode import ALERT, OTHER_ADDRESS, Decoded
from watchfloor.formats.sensors.adsb.tables import (
    ALARM,
    DRONE,
    EMERGENCY,
    NACP_OF_TYPE,
    ON_GROUND,
    PERSON,
    RADIUS_95,
    SPEED_UNCERTAINTY,
    UNCERTAINTY,
    UNKNOWN,
    VEHICLE,
)
from watchfloor.formats.sensors.adsb.traffic import (
    AGE,
    CLIMB,
    COURSE,
    EMITTER,
    GEOMETRIC,
    LATITUDE,
    LONGITUDE,
    NAC,
    SPEED,
    SURFACE,
    UNRESOLVED,
)
from watchfloor.formats.sensors.wires.arrow_columns import moments, numbers, texts
from watchfloor.formats.sensors.wires.lines import Ints
from watchfloor.formats.sensors.wires.rows import FOOT, KNOT, detections, only, says, wording

FOOT_A_MINUTE: Final = FOOT / 60
_CLASSES: Final = pa.array(["aircraft", "drone", "vehicle", "person", "unknown"])
_CLIMB_BY: Final = pa.array(["pressure", "GNSS"])
_AIRSPEEDS: Final = pa.array(["indicated", "true"])
GNSS, BOTH, PRESSURE = 0, 1, 2
_ALTITUDE_FROM: Final = pa.array(["GNSS", "pressure and GNSS difference", "pressure"])

Floats = npt.NDArray[np.float64]
Columns = dict[str, pa.Array]


def rows(decoded: Decoded, received: Ints, locators: pa.Array) -> pa.Table:
    """A row a message.

    Args:
        decoded: the messages.
        received: when each came, microseconds since 1970, or `NEVER`.
        locators: where each stood.
    """
    return detections(
        _place(decoded)
        | _motion(decoded)
        | {
            "locator": locators,
            "observed_at": moments(decoded.time),
            "received_at": moments(received),
            "altitude": _known(_altitude(decoded)[0]),
            "class": _classes(decoded.given[EMITTER]),
            "claimed": _claims(decoded.said.address),
            "name": _names(decoded),
            "status": _status(decoded),
            "says": _says(decoded),
        },
        len(decoded),
    )


def _known(values: Floats) -> pa.Array:
    return numbers(values, ~np.isnan(values))


def _claims(address: Ints) -> pa.Array:
    """Typed keys, made once for each address; none for one that no state has given."""
    coded = pa.array(address).dictionary_encode()
    keys = [
        f"aircraft:icao24:{one:06x}" if 0 < one < OTHER_ADDRESS - 1 else None
        for one in coded.dictionary.to_pylist()
    ]
    return pa.array(keys, pa.string()).take(coded.indices)


def _place(decoded: Decoded) -> Columns:
    """Place and variances: of the reported accuracy, else of that which the type of message stands for."""
    latitude, longitude = decoded.given[LATITUDE], decoded.given[LONGITUDE]
    reported, placed = decoded.given[NAC], ~np.isnan(latitude)
    category = np.where(np.isnan(reported), NACP_OF_TYPE[np.maximum(decoded.said.type, 0)], reported)
    variance = (UNCERTAINTY[category.astype(np.int64)] / RADIUS_95) ** 2
    known = placed & ~np.isnan(variance)
    return {
        "latitude": numbers(latitude, placed),
        "longitude": numbers(longitude, placed),
        "var_east": numbers(variance, known),
        "var_north": numbers(variance, known),
        "cov_east_north": numbers(np.zeros(len(decoded)), known),
    }


def _motion(decoded: Decoded) -> Columns:
    told, given = decoded.said, decoded.given
    speed, course, climb = (
        np.where(np.isnan(own), lent, own)
        for own, lent in (
            (told.speed, given[SPEED]),
            (told.course, given[COURSE]),
            (told.climb, given[CLIMB]),
        )
    )
    error = np.where(np.isnan(told.speed), np.nan, SPEED_UNCERTAINTY[told.nac_v] / RADIUS_95)
    moving = np.where(speed > 0, speed * KNOT, np.nan)
    return {
        "speed": _known(speed * KNOT),
        "speed_error": _known(error),
        "course": _known(course),
        "course_error": _known(np.degrees(np.arctan(error / moving))),
        "climb": _known(climb * FOOT_A_MINUTE),
    }


def _altitude(decoded: Decoded) -> tuple[Floats, npt.NDArray[np.int8]]:
    """Metres, and what they are from."""
    feet, difference = decoded.said.altitude, decoded.given[GEOMETRIC]
    by_gnss = decoded.said.type >= 20
    source = np.where(by_gnss, GNSS, np.where(np.isnan(difference), PRESSURE, BOTH)).astype(np.int8)
    return (feet + np.where(source == BOTH, difference, 0.0)) * FOOT, source


def _classes(emitter: Floats) -> pa.Array:
    """By the category that the aircraft last said of itself."""
    if np.isnan(emitter).all():
        return pa.repeat(_CLASSES[0], len(emitter))
    conditions = [emitter == DRONE, np.isin(emitter, VEHICLE), emitter == PERSON, np.isin(emitter, UNKNOWN)]
    return _CLASSES.take(pa.array(np.select(conditions, [1, 2, 3, 4], 0)))


def _names(decoded: Decoded) -> pa.Array:
    named = decoded.said.emitter >= 0
    if not named.any():
        return pa.nulls(len(decoded), pa.string())
    trimmed = pc.ascii_trim(texts(decoded.said.callsign), "# ")
    return only(trimmed, pc.fill_null(pc.not_equal(trimmed, ""), False))


def _status(decoded: Decoded) -> pa.Array:
    emergency = decoded.said.emergency
    words = wording(pa.array(emergency), EMERGENCY | {ALERT: ALARM})
    surface = decoded.said.kind == SURFACE
    return pc.if_else(surface, ON_GROUND, words) if surface.any() else words


def _says(decoded: Decoded) -> pa.Array:
    """Return the fields that have no column of their own."""
    told, given = decoded.said, decoded.given
    altitude, source = _altitude(decoded)
    high, pressure = ~np.isnan(altitude), ~np.isnan(told.altitude) & (source != GNSS)
    out: Columns = {
        "type": numbers(told.type, told.type >= 0),
        "altitude_from": only(_ALTITUDE_FROM.take(pa.array(source)), high),
        "pressure_altitude": numbers(np.round(told.altitude * FOOT, 1), pressure),
        "nac_p": numbers(_whole(given[NAC]), ~np.isnan(given[NAC])),
        "velocity_age": _known(
            np.asarray(np.round(np.where(np.isnan(given[LATITUDE]), np.nan, given[AGE]), 3), np.float64)
        ),
        "unresolved": wording(pa.array(decoded.how), UNRESOLVED),
    }
    return says(out | _rare(decoded), len(decoded))


def _whole(values: Floats) -> Ints:
    return np.where(np.isnan(values), 0, values).astype(np.int64)


def _rare(decoded: Decoded) -> Columns:
    """Members that few messages have."""
    told = decoded.said
    out: Columns = {}
    if (told.format != 17).any():
        out["format"] = numbers(told.format, told.format != 17)
        out["control"] = numbers(told.control, told.format != 17)
    if (other := told.address >= OTHER_ADDRESS).any():
        out["address"] = only(_hexadecimal(told.address), other)
    if (climbing := ~np.isnan(told.climb)).any():
        out["climb_by"] = only(_CLIMB_BY.take(pa.array(told.climb_by_gnss.astype(np.int8))), climbing)
    if (flown := ~np.isnan(told.airspeed)).any():
        out["airspeed"] = numbers(np.round(told.airspeed * KNOT, 2), flown)
        out["airspeed_is"] = only(_AIRSPEEDS.take(pa.array(told.true_airspeed.astype(np.int8))), flown)
    if not np.isnan(told.heading).all():
        out["magnetic_heading"] = _known(np.round(told.heading, 2))
    if not np.isnan(told.geometric).all():
        out["height_above_pressure_altitude"] = _known(np.round(told.geometric * FOOT, 1))
    if (told.emitter >= 0).any():
        out["category"] = only(_hexadecimal(told.emitter.astype(np.int64)), told.emitter >= 0)
    if (told.squawk >= 0).any():
        out["squawk"] = only(
            pc.utf8_lpad(pc.cast(pa.array(told.squawk), pa.string()), 4, "0"), told.squawk >= 0
        )
    if (told.version >= 0).any():
        out["version"] = numbers(told.version, told.version >= 0)
    return out


def _hexadecimal(values: Ints) -> pa.Array:
    coded = pa.array(values).dictionary_encode()
    written = [f"{max(one, 0) % OTHER_ADDRESS:X}" for one in coded.dictionary.to_pylist()]
    return pa.array(written, pa.string()).take(coded.indices)
