"""AIS messages as rows of `detection`.

A ship's own report is its claim: `claimed` is the number it sends, by its form in ITU-R M.585-9. A number
that is none of a ship, an aircraft or a fixed station stands in `says`. Static messages have no place; they
are rows too, since they say who claims which name. Metres and metres a second, as the kind has them.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.sensors.ais.decode import Decoded
from watchfloor.formats.sensors.ais.tables import FAR, NEAR, NONE, SCALES, TEXTS
from watchfloor.formats.sensors.ais.vocabulary import (
    AID,
    AID_STATUS,
    BASE_STATION,
    BEACON_TEST,
    CRAFT,
    FIX,
    FIXED_BY,
    OFF_POSITION,
    STATUS,
)
from watchfloor.formats.sensors.wires.arrow_columns import moments, numbers, slices, texts
from watchfloor.formats.sensors.wires.rows import KNOT, detections, joined, marks, only, says, wording

ERRORS: Final = (30.0, 10.0)
"""Standard deviation of a place along each axis, metres, by the flag of position accuracy: 0 is 'more than
10 m', as of a GNSS without corrections, 1 '10 m or better', as with differential corrections (ITU-R
M.1371-5, annex 8, section 3.1). The standard gives bounds; these are our reading of them."""
COARSE: Final = 185.2
"""Metres north that the places of type 27 are rounded to: a tenth of a minute."""
FASTEST: Final = 1022
"""Tenths of a knot; this value of a ship says 'that or more'."""

VESSEL, AIRCRAFT, PLACE, NOBODY = 0, 1, 2, 3
_PREFIXES: Final = pa.array(["vessel:mmsi:", "aircraft:mmsi:", "place:mmsi:", None])
_CLASSES: Final = pa.array(["boat", "aircraft", "person", "unknown"])
_BEACONS: Final = (970, 972, 974)

Ints = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Columns = dict[str, pa.Array]


def rows(
    decoded: Decoded, observed: npt.NDArray[np.int64], locators: pa.Array, clock: pa.Array | None = None
) -> pa.Table:
    """A row a message.

    Args:
        decoded: the messages.
        observed: when each was, microseconds since 1970; `NEVER` is null.
        locators: where each stood.
        clock: where a time is not stated, what it was taken from.
    """
    raw = decoded.raw
    near = dict(zip(NEAR, raw.near, strict=True))
    far = dict(zip(FAR, raw.far, strict=True))
    who = _who(near["mmsi"], raw.type)
    told = _near(decoded, near, who) | ({"clock": clock} if clock is not None else {})
    return detections(
        _place(near, raw.type)
        | _motion(near, raw.type)
        | (_names(decoded, far) if len(raw.row) else {})
        | {
            "locator": locators,
            "observed_at": moments(observed),
            "received_at": moments(decoded.received),
            "sensor": slices(decoded.lines.data, decoded.source),
            "class": _classes(near["mmsi"], who, raw.type),
            "claimed": _claims(near["mmsi"], who),
            "status": _status(decoded, near, far),
            "says": _says(decoded, told, far),
        },
        len(decoded),
    )


def _who(mmsi: Ints, types: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
    """Return the sort of station of each number: M.585-9, annex 1; an aircraft also by its message."""
    lead, coast = mmsi // 1_000_000, (mmsi >= 2_000_000) & (mmsi < 8_000_000)
    craft = (lead >= 200) & (lead < 1_000)
    who = np.where(craft, VESSEL, NOBODY)
    who[coast | (lead // 10 == 99)] = PLACE
    who[(lead == 111) | (craft & (types == 9))] = AIRCRAFT
    return who.astype(np.int8)


def _claims(mmsi: Ints, who: npt.NDArray[np.int8]) -> pa.Array:
    """Typed keys, made once for each number."""
    both = pa.array(mmsi.astype(np.int64) * 4 + who).dictionary_encode()
    different = np.asarray(both.dictionary)
    digits = _digits(different // 4)
    return pc.binary_join_element_wise(_PREFIXES.take(pa.array(different % 4)), digits, "").take(both.indices)


def _digits(mmsi: npt.NDArray[np.integer]) -> pa.Array:
    """Nine of them."""
    return pc.utf8_lpad(pc.cast(pa.array(mmsi), pa.string()), 9, "0")


def _classes(mmsi: Ints, who: npt.NDArray[np.int8], types: npt.NDArray[np.uint8]) -> pa.Array:
    """972 is a beacon that a person overboard wears; base stations and aids to navigation are unknown."""
    code = np.where(mmsi // 1_000_000 == 972, 2, 0)
    code[(who == PLACE) | (who == NOBODY) | (types == 4) | (types == 21)] = 3
    code[(who == AIRCRAFT) | (types == 9)] = 1
    return _CLASSES.take(pa.array(code))


def _place(near: dict[str, Ints], types: npt.NDArray[np.uint8]) -> Columns:
    """Latitude, longitude and variances; without a fix by satellites the error is unknown."""
    placed = (near["latitude"] != NONE) & (near["longitude"] != NONE)
    latitude, longitude = (near[name] / SCALES[name] for name in ("latitude", "longitude"))
    known = placed & (near["second"] < min(FIX))
    north = np.where(near["accuracy"] == 1, ERRORS[1] ** 2, ERRORS[0] ** 2)
    east = north
    coarse = types == 27
    if coarse.any():
        rounding = np.where(coarse, COARSE**2 / 12, 0.0)
        north, east = north + rounding, north + rounding * np.cos(np.radians(latitude)) ** 2
    return {
        "latitude": numbers(latitude, placed),
        "longitude": numbers(longitude, placed),
        "var_east": numbers(east, known),
        "var_north": numbers(north, known),
        "cov_east_north": numbers(np.zeros(len(known)), known),
    }


def _motion(near: dict[str, Ints], types: npt.NDArray[np.uint8]) -> Columns:
    """Speed, course, heading; aircraft of type 9 say whole knots up to 1,022."""
    speed, course, heading = (near[name] for name in ("speed", "course", "heading"))
    return {
        "speed": numbers(speed / 10 * KNOT, (speed != NONE) & ~_bounded(speed, types)),
        "course": numbers(course / 10, course != NONE),
        "heading": numbers(heading.astype(np.float64), heading != NONE),
    }


def _bounded(speed: Ints, types: npt.NDArray[np.uint8]) -> Mask:
    """Whether a speed is only a bound."""
    return np.asarray((speed == FASTEST) & (types != 9), np.bool_)


def _spread(decoded: Decoded, values: pa.Array) -> pa.Array:
    """A column of details as one of messages."""
    row = decoded.raw.row
    at = np.full(len(decoded), -1, np.int64)
    at[row] = np.arange(len(row))
    return values.take(numbers(at, at >= 0))


def _names(decoded: Decoded, far: dict[str, Ints]) -> Columns:
    """Names, of which an aid to navigation may have a second part; altitude of aircraft, metres."""
    name, rest = (texts(decoded.raw.texts[list(TEXTS).index(text)]) for text in ("name", "extension"))
    whole = pc.ascii_trim_whitespace(only(joined(name, rest), name.is_valid()))
    altitude = numbers(far["altitude"].astype(np.float64), far["altitude"] != NONE)
    return {"name": _spread(decoded, whole), "altitude": _spread(decoded, altitude)}


def _status(decoded: Decoded, near: dict[str, Ints], far: dict[str, Ints]) -> pa.Array:
    types, status = decoded.raw.type, near["status"]
    words = wording(pa.array(status), STATUS)
    beacon = (status == 15) & np.isin(near["mmsi"] // 1_000_000, _BEACONS)
    for which, word in ((beacon, BEACON_TEST), ((types == 4) | (types == 11), BASE_STATION)):
        if which.any():
            words = pc.if_else(which, word, words)
    aid = types == 21
    if aid.any():
        off = np.zeros(len(aid), np.bool_)
        off[decoded.raw.row[far["off_position"] == 1]] = True
        words = pc.if_else(aid, pc.if_else(off, OFF_POSITION, AID_STATUS), words)
    return words


def _says(decoded: Decoded, near: Columns, far: dict[str, Ints]) -> pa.Array:
    """Return the fields without a column: of all messages, and more of those with details."""
    plain, row = says(near, len(decoded)), decoded.raw.row
    if not len(row):
        return plain
    at = pa.array(row)
    wide = says({name: column.take(at) for name, column in near.items()} | _far(decoded, far), len(row))
    order = np.arange(len(decoded))
    order[row] = len(decoded) + np.arange(len(row))
    return pa.concat_arrays([plain, wide]).take(pa.array(order))


def _near(decoded: Decoded, near: dict[str, Ints], who: npt.NDArray[np.int8]) -> Columns:
    turn, second, accuracy = near["turn"], near["second"], near["accuracy"]
    told = {
        "type": pa.array(decoded.raw.type),
        "channel": texts(decoded.channel.reshape(-1, 1)),
        "accurate": marks(accuracy == 1, accuracy != NONE),
        "second": numbers(second, (second >= 0) & (second < 60)),
        "turn": numbers(_turn(turn), (turn != NONE) & (np.abs(turn) < 127)),
    }
    told |= _only_true(
        {"own": decoded.own, "raim": near["raim"] == 1, "special_maneuver": near["maneuver"] == 2}
    )
    if (second > 60).any():
        told["fix"] = wording(pa.array(second), FIX)
    if (np.abs(turn) == 127).any():
        told["turning"] = wording(pa.array(turn), {-127: "port", 127: "starboard"})
    if (near["repeat"] > 0).any():
        told["repeat"] = numbers(near["repeat"], near["repeat"] > 0)
    if (who == NOBODY).any():
        told["mmsi"] = only(_digits(near["mmsi"]), who == NOBODY)
    if (bound := _bounded(near["speed"], decoded.raw.type)).any():
        told["speed_at_least"] = numbers(np.full(len(bound), round(FASTEST / 10 * KNOT, 1)), bound)
    return told


def _only_true(columns: dict[str, Mask]) -> Columns:
    """Marks that are worth a word only where they are set."""
    return {name: marks(set_, set_) for name, set_ in columns.items() if set_.any()}


def _turn(indicated: Ints) -> npt.NDArray[np.float64]:
    """Degrees a minute, starboard positive, of the indicator, which is 4.733 times their square root."""
    turned = np.round(np.copysign((indicated / 4.733) ** 2, indicated), 1)
    return np.asarray(turned + 0.0, np.float64)  # no minus zero


def _far(decoded: Decoded, far: dict[str, Ints]) -> Columns:
    bow, stern, port, starboard = (np.maximum(far[name], 0) for name in ("bow", "stern", "port", "starboard"))
    about = (bow > 0) & (port > 0)
    told = {name: numbers(far[name], far[name] != NONE) for name in _PLAIN}
    told |= {
        name: pc.ascii_trim_whitespace(texts(decoded.raw.texts[list(TEXTS).index(name)])) for name in _TEXTS
    }
    told |= _only_true({name: far[name] == 1 for name in _MARKS})
    return told | {
        "draught": numbers(far["draught"] / 10, far["draught"] != NONE),
        "craft": wording(pa.array(far["ship_type"]), CRAFT),
        "fixed_by": wording(pa.array(far["epfd"]), FIXED_BY),
        "aid": wording(pa.array(far["aid"]), AID),
        "length": numbers(bow + stern, bow + stern > 0),
        "beam": numbers(port + starboard, port + starboard > 0),
        "bow": numbers(bow, about),
        "port": numbers(port, about),
        "mothership": only(_digits(far["mothership"]), far["mothership"] != NONE),
        "eta": _date(far, ("month", "day"), far["year"] == NONE),
        "utc": _date(far, ("year", "month", "day"), far["year"] != NONE),
    }


_PLAIN: Final = ("imo", "ship_type", "model", "serial", "part")
_TEXTS: Final = ("callsign", "destination", "vendor")
_MARKS: Final = ("off_position", "virtual", "assigned", "barometric")


def _date(far: dict[str, Ints], parts: tuple[str, ...], where: Mask) -> pa.Array:
    """`2026-07-14T09:30`, or `07-14` where the hour is not known."""
    for part in parts:
        where = where & (far[part] != NONE)
    timed = where & (far["hour"] != NONE) & (far["minute"] != NONE)
    day = pc.binary_join_element_wise(*(_padded(far[part], part) for part in parts), "-")
    time = pc.binary_join_element_wise(_padded(far["hour"]), _padded(far["minute"]), ":")
    return only(joined(day, only(pc.binary_join_element_wise("T", time, ""), timed)), where)


def _padded(values: Ints, part: str = "") -> pa.Array:
    return pc.utf8_lpad(pc.cast(pa.array(values), pa.string()), 4 if part == "year" else 2, "0")
