"""Detection reports of a tape as rows of `detection`.

| of the report | column |
|---|---|
| `node_id`, `report_id` | `sensor`, `report_key` |
| `timestamp` of the message | `observed_at` |
| `location`, with errors | `latitude`, `longitude`, `altitude`, `var_east`, `var_north` |
| `range_bearing`, with errors | `azimuth`, `elevation`, `range`, their errors; the node's place |
| `enu_velocity` | `speed`, `course`, `climb`, and errors propagated to first order |
| `object_id`, `id`, `state` | `object`, `name`, `status` |
| `detection_confidence` | `confidence` |
| `classification` | `class` and `class_confidence` of the likeliest, or of its sub-class |
| `object_info` named `watchfloor.COLUMN` | that column, see `extensions` |

All else, and a place that these columns do not hold whole, is in `says`. A bearing without a distance is sent
with a stand-in for one whose error is as large as itself (ICD 5.0, appendix E): such a range is unknown.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.protobuf.emit import says
from watchfloor.formats.protobuf.tape import Tape
from watchfloor.formats.sapient import extensions, places
from watchfloor.formats.sapient.places import FASTEST, HIGHEST, Wrong, checked
from watchfloor.formats.sapient.schema import WORDS

Array = npt.NDArray[Any]
REPORT: Final = "DetectionReport"
CLASSIFICATION: Final = "DetectionReport.DetectionReportClassification"
SUB_CLASS: Final = "DetectionReport.SubClass"
INFO: Final = "DetectionReport.TrackObjectInfo"

CLASSES: Final = {
    name: ours
    for ours, names in {
        "person": "human, person, pedestrian, people, walker",
        "group": "group, crowd, group of people",
        "vehicle": "vehicle, land vehicle, ground vehicle, car, truck, bus, van, motorbike, snowmobile, ugv",
        "boat": "boat, vessel, ship, sea vehicle, water vehicle, surface vessel, watercraft, usv, jet ski",
        "aircraft": "air vehicle, aircraft, aeroplane, airplane, helicopter, air vehicle fixed wing, rotor",
        "drone": "uav, uas, drone, fixed wing uav, rotor uav, uav fixed wing, uav rotary wing, quadcopter",
        "animal": "animal, bird, deer, dog, moose",
        "unknown": "unknown, static object, other",
    }.items()
    for name in names.split(", ")
}
"""Names of classes in use (ICD 5.0, appendix D, and its successors), lower case, and ours."""


class Seen(NamedTuple):
    """What is known of the node of each row: places in degrees and metres, units as in `nodes.Node`."""

    latitude: Array
    longitude: Array
    altitude: Array
    error_unit: Array
    speed: Array
    climb: Array
    zone: Array


class Rows(NamedTuple):
    """Columns of `detection` by name, and what is wrong, by row."""

    columns: dict[str, pa.Array]
    wrong: list[Wrong]
    refused: dict[int, list[str]]


def rows(tape: Tape, tops: Array, seen: Seen) -> Rows:
    """The detection reports of these outermost messages, one row for each.

    Args:
        tape: messages that `check` has passed.
        tops: nodes of messages with a detection report.
        seen: what is known of each one's node.
    """
    reports = tape.inside("SapientMessage", "detection_report", tops)
    without = np.zeros(len(tape.slot), np.bool_)
    columns, wrong = _heads(tape, tops, reports, without)
    for field, part in (("location", _place), ("range_bearing", _direction), ("enu_velocity", _motion)):
        if len(tape.entries(REPORT, field)):
            with np.errstate(
                invalid="ignore", divide="ignore", over="ignore"
            ):  # of what is wrong, or unknown
                found, amiss = part(tape, reports, seen, without)
            columns |= found
            wrong += amiss
    if len(tape.entries(REPORT, "classification")):
        columns |= _classes(tape, reports)
    refused = _extend(tape, reports, columns, without)
    if "cov_east_north" in columns:
        wrong.append(_correlated(columns))
    columns["says"] = _pick(columns.get("says"), says(WORDS, tape, reports, without))
    return Rows(columns, wrong, refused)


def moments(tape: Tape, message: str, field: str, nodes: Array) -> tuple[Array, Array]:
    """Moments of a field in microseconds since 1970, and where they are none of the years 1 to 9999."""
    held = tape.inside(message, field, nodes)
    seconds = tape.integer("Timestamp", "seconds", held)
    nanos = tape.integer("Timestamp", "nanos", held)
    bad = (seconds < -62_135_596_800) | (seconds > 253_402_300_799) | (nanos < 0) | (nanos > 999_999_999)
    return np.where(bad, 0, seconds) * 1_000_000 + np.where(bad, 0, nanos) // 1000, bad


def _heads(
    tape: Tape, tops: Array, reports: Array, without: Array
) -> tuple[dict[str, pa.Array], list[Wrong]]:
    """Who reports what, and when."""
    at, _ = moments(tape, "SapientMessage", "timestamp", tops)
    node = pc.ascii_lower(tape.text("SapientMessage", "node_id", tops))
    confidence = np.round(tape.number(REPORT, "detection_confidence", reports), 7)
    for name in ("report_id", "object_id", "state", "id", "detection_confidence"):
        _leave_out(tape, REPORT, name, reports, without)
    columns = {
        "report_key": pc.binary_join_element_wise(node, tape.text(REPORT, "report_id", reports), "/"),
        "observed_at": pa.array(at).view(pa.timestamp("us", "UTC")),
        "sensor": node,
        "object": tape.text(REPORT, "object_id", reports),
        "name": tape.text(REPORT, "id", reports),
        "status": tape.text(REPORT, "state", reports),
        "confidence": _column(confidence),
    }
    return columns, [
        checked("detection_report.detection_confidence", confidence, 0, 1, "0 to 1"),
    ]


def _place(tape: Tape, reports: Array, seen: Seen, without: Array) -> tuple[dict[str, pa.Array], list[Wrong]]:
    """Places as longitude and latitude, and their variances."""
    held = tape.inside(REPORT, "location", reports)
    x, y, z = (tape.number("Location", axis, held) for axis in "xyz")
    errors = [tape.number("Location", f"{axis}_error", held) for axis in "xyz"]
    system = tape.integer("Location", "coordinate_system", held, -1)
    datum = tape.integer("Location", "datum", held, -1)
    zone = seen.zone
    if (system == places.UTM).any():
        said = tape.text("Location", "utm_zone", held)
        zone = np.where(np.asarray(said.is_valid()), places.zones(said.to_pylist()), zone)
    found = places.points(x, y, z, system, datum, zone)
    east = places.metres(errors[0], seen.error_unit, system, found.latitude, east=True)
    north = places.metres(errors[1], seen.error_unit, system, found.latitude, east=False)
    whole = (held >= 0) & np.isnan(errors[2]) & (np.isnan(z) | ~np.isnan(found.altitude))
    _leave_out(tape, REPORT, "location", reports, without, whole)
    path = "detection_report.location."
    wrong = [one._replace(field=path + one.field) for one in found.wrong]
    wrong += [
        checked(f"{path}{axis}_error", error, 0, HIGHEST, "what an error can be")
        for axis, error in zip("xyz", errors, strict=True)
    ]
    return {
        "latitude": _column(found.latitude),
        "longitude": _column(found.longitude),
        "altitude": _column(found.altitude),
        "var_east": _column(east**2),
        "var_north": _column(north**2),
    }, wrong


def _direction(
    tape: Tape, reports: Array, seen: Seen, without: Array
) -> tuple[dict[str, pa.Array], list[Wrong]]:
    """Directions and distances from the node, whose place they need."""
    held = tape.inside(REPORT, "range_bearing", reports)
    said = {name: tape.number("RangeBearing", name, held) for name in _POLAR}
    system = tape.integer("RangeBearing", "coordinate_system", held, -1)
    datum = tape.integer("RangeBearing", "datum", held, -1)
    by = places.units(system)
    azimuth, elevation, error = (said[n] * by.angle for n in ("azimuth", "elevation", "azimuth_error"))
    distance, spread = said["range"] * by.length, said["range_error"] * by.length
    true = places.north(azimuth, datum, seen.latitude, seen.longitude, seen.zone)
    unknown = spread >= 0.999 * distance
    none = np.isnan(azimuth) & np.isnan(distance)
    whole = ~unknown & ~none & np.isnan(said["elevation_error"]) & (np.isnan(azimuth) | ~np.isnan(true))
    _leave_out(tape, REPORT, "range_bearing", reports, without, (held >= 0) & whole)
    here = held >= 0
    path = "detection_report.range_bearing."
    wrong = [
        Wrong(system == 0, f"{path}coordinate_system", system, "so its numbers mean nothing"),
        checked(f"{path}azimuth", azimuth, -360, 360, "-360 to 360 degrees"),
        checked(f"{path}elevation", elevation, -90, 90, "-90 to 90 degrees"),
        *(checked(path + n, said[n], 0, HIGHEST, "what it can be") for n in _POLAR if n not in _SIGNED),
    ]
    return {
        "sensor_latitude": _column(np.where(here, seen.latitude, np.nan)),
        "sensor_longitude": _column(np.where(here, seen.longitude, np.nan)),
        "sensor_altitude": _column(np.where(here, seen.altitude, np.nan)),
        "azimuth": _column(true),
        "azimuth_error": _column(np.where(np.isnan(true), np.nan, error)),
        "elevation": _column(elevation),
        "range": _column(np.where(unknown, np.nan, distance)),
        "range_error": _column(np.where(unknown, np.nan, spread)),
    }, wrong


_POLAR: Final = ("azimuth", "elevation", "range", "azimuth_error", "elevation_error", "range_error")
_SIGNED: Final = ("azimuth", "elevation")


def _motion(
    tape: Tape, reports: Array, seen: Seen, without: Array
) -> tuple[dict[str, pa.Array], list[Wrong]]:
    """Speed and course; their errors are those of the two rates, propagated to first order."""
    held = tape.inside(REPORT, "enu_velocity", reports)
    east, north = (tape.number("ENUVelocity", f"{way}_rate", held) * seen.speed for way in ("east", "north"))
    up = tape.number("ENUVelocity", "up_rate", held) * seen.climb
    errors = {way: tape.number("ENUVelocity", f"{way}_rate_error", held) for way in ("east", "north", "up")}
    e2, n2 = (errors[way] ** 2 * seen.speed**2 for way in ("east", "north"))
    speed = np.hypot(east, north)
    along = np.sqrt(east**2 * e2 + north**2 * n2) / speed
    across = np.degrees(np.sqrt(north**2 * e2 + east**2 * n2) / speed**2)
    course = np.where(speed > 0, np.degrees(np.arctan2(east, north)) % 360.0, np.nan)
    plain = np.all([np.isnan(error) for error in errors.values()], axis=0)
    _leave_out(tape, REPORT, "enu_velocity", reports, without, (held >= 0) & plain)
    path = "detection_report.enu_velocity."
    rates = (("east", east), ("north", north), ("up", up))
    return {
        "speed": _column(speed),
        "speed_error": _column(np.where(along > 0, along, np.nan)),
        "course": _column(course),
        "course_error": _column(np.where(across > 0, across, np.nan)),
        "climb": _column(up),
    }, [
        *(checked(f"{path}{way}_rate", rate, -FASTEST, FASTEST, "what a rate can be") for way, rate in rates),
        *(
            checked(f"{path}{way}_rate_error", errors[way], 0, FASTEST, "what an error can be")
            for way in errors
        ),
    ]


def _classes(tape: Tape, reports: Array) -> dict[str, pa.Array]:
    """The likeliest class, refined by the likeliest sub-class that we have a class for."""
    best = _likeliest(tape, CLASSIFICATION, tape.entries(REPORT, "classification"), len(tape.kind))[reports]
    finer = _likeliest(tape, SUB_CLASS, tape.entries(CLASSIFICATION, "sub_class"), len(tape.kind))[best]
    given = _ours(tape.text(CLASSIFICATION, "type", best))
    refined = _ours(tape.text(SUB_CLASS, "type", finer))
    says_more = pc.and_(pc.is_valid(refined), pc.not_equal(pc.fill_null(refined, "unknown"), "unknown"))
    named = pc.if_else(says_more, refined, given)
    named = pc.if_else(pa.array(best >= 0), pc.fill_null(named, "unknown"), pa.scalar(None, pa.string()))
    confidence = np.round(tape.number(CLASSIFICATION, "confidence", best), 7)
    return {"class": named, "class_confidence": _column(confidence)}


def _likeliest(tape: Tape, message: str, entries: Array, nodes: int) -> Array:
    """For each node, and one more, the node of the likeliest of these entries in it, else -1."""
    held = tape.size[entries].astype(np.int64)
    confidence = np.nan_to_num(tape.number(message, "confidence", held), nan=-1.0)
    best = np.full(nodes + 1, -1, np.int64)
    order = np.argsort(-confidence, kind="stable")[::-1]  # of equals the first is written last
    best[tape.node[entries[order]]] = held[order]
    return best


def _ours(names: pa.Array) -> pa.Array:
    """Our class for each name; null for a name that we have none for."""
    coded = names.dictionary_encode()
    known = [CLASSES.get(name.strip().lower()) for name in coded.dictionary.to_pylist()]
    return pa.array(known, pa.string()).take(coded.indices)


def _extend(tape: Tape, reports: Array, columns: dict[str, pa.Array], without: Array) -> dict[int, list[str]]:
    """Put what extensions say into the columns; what is wrong with them, by row."""
    row_of = np.full(len(tape.kind), -1, np.int64)
    row_of[reports] = np.arange(len(reports))
    entries = tape.entries(REPORT, "object_info")
    entries = entries[row_of[tape.node[entries]] >= 0]
    types = tape.text(INFO, "type", tape.size[entries])
    ours = np.flatnonzero(np.asarray(pc.starts_with(types, extensions.PREFIX)))
    if not len(ours):
        return {}
    values = tape.text(INFO, "value", tape.size[entries[ours]]).to_pylist()
    said: dict[str, dict[int, Any]] = {}
    refused: dict[int, list[str]] = {}
    ids = {"node_id": columns["sensor"], "report_id": tape.text(REPORT, "report_id", reports)}
    ids["object_id"] = columns["object"]
    for entry, type_, value in zip(entries[ours].tolist(), types.take(ours).to_pylist(), values, strict=True):
        row, column = int(row_of[tape.node[entry]]), type_.removeprefix(extensions.PREFIX)
        try:
            held = extensions.value(column, value, {name: of[row].as_py() for name, of in ids.items()})
        except extensions.ExtensionError as error:
            refused.setdefault(row, []).append(f"detection_report.object_info {type_} {error}")
            continue
        said.setdefault(column, {})[row] = held
        without[entry] = True
    for column, by_row in said.items():
        kind = extensions.TYPES[column]
        given = pa.array([by_row.get(row) for row in range(len(reports))], kind)
        columns[column] = _pick(given, columns.get(column))
    return refused


def _pick(first: pa.Array | None, second: pa.Array | None) -> pa.Array:
    """The first where it is not null, else the second."""
    if first is None or second is None:
        return first if second is None else second
    return pc.coalesce(first, second)


def _correlated(columns: dict[str, pa.Array]) -> Wrong:
    """Covariances that no two variances can have."""
    nothing = pa.nulls(len(columns["sensor"]), pa.float64())
    held = [columns.get(name, nothing).to_numpy(zero_copy_only=False) for name in _COVARIANCE]
    most = np.sqrt(held[0] * held[1])
    return Wrong(np.abs(held[2]) > most * (1 + 1e-9), _NAME, held[2], "beyond what the two errors allow")


_COVARIANCE: Final = ("var_east", "var_north", "cov_east_north")
_NAME: Final = "detection_report.object_info watchfloor.cov_east_north"


def _leave_out(
    tape: Tape, message: str, field: str, nodes: Array, without: Array, where: Array | None = None
) -> None:
    """Mark a field as having its columns, so that `says` does not repeat it."""
    entries = tape.entry(message, field, nodes if where is None else np.where(where, nodes, -1))
    without[entries[entries >= 0]] = True


def _column(values: Array) -> pa.Array:
    return pa.array(values, pa.float64(), from_pandas=True)
