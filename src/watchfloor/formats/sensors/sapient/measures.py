"""Where and how fast the objects of detection reports are, in numbers; and what is wrong with them.

A session asks only what is wrong, many times a second; rows need the numbers too (`detections`).
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from watchfloor.formats.sensors.protobuf.tape import Tape
from watchfloor.formats.sensors.sapient import extensions, places
from watchfloor.formats.sensors.sapient.places import FASTEST, HIGHEST, Wrong, checked

Array = npt.NDArray[Any]
REPORT: Final = "DetectionReport"
INFO: Final = "DetectionReport.TrackObjectInfo"


class NodeColumns(NamedTuple):
    """The node of each row: places in degrees and metres, units as in `nodes.Node`."""

    latitude: Array
    longitude: Array
    altitude: Array
    error_unit: Array
    speed: Array
    climb: Array
    zone: Array


class Part(NamedTuple):
    """Numbers of one field of a report.

    Attributes:
        numbers: columns of `detection` by name, NaN for unknown.
        whole: rows whose columns hold all that the field says.
        wrong: what is wrong.
    """

    numbers: dict[str, Array]
    whole: Array
    wrong: list[Wrong]


class Extensions(NamedTuple):
    """Extensions as read: values by column and row; what is wrong, by row; their entries of the tape."""

    values: dict[str, dict[int, Any]]
    refused: dict[int, list[str]]
    entries: list[int]


class Measured(NamedTuple):
    """Numbers of reports, by field; and what their extensions say."""

    parts: dict[str, Part]
    said: Extensions

    def problems(self, count: int) -> dict[int, list[str]]:
        """Return the faults by row."""
        found: dict[int, list[str]] = {}
        wrong = [one for part in self.parts.values() for one in part.wrong]
        if "cov_east_north" in self.said.values:
            wrong.append(self._correlated(count))
        for row, sentences in (*places.sentences(wrong), *self.said.refused.items()):
            found.setdefault(row, []).extend(sentences)
        return found

    def _correlated(self, count: int) -> Wrong:
        """Covariances that no two variances can have."""
        place = self.parts["location"].numbers if "location" in self.parts else {}
        east, north, both = (
            np.array([self.said.values.get(name, {}).get(row, np.nan) for row in range(count)], np.float64)
            for name in ("var_east", "var_north", "cov_east_north")
        )
        nothing = np.full(count, np.nan)
        east = np.where(np.isnan(east), place.get("var_east", nothing), east)
        north = np.where(np.isnan(north), place.get("var_north", nothing), north)
        return Wrong(
            np.abs(both) > np.sqrt(east * north) * (1 + 1e-9), _NAME, both, "beyond what the errors allow"
        )


_NAME: Final = "detection_report.object_info watchfloor.cov_east_north"


def measured(tape: Tape, tops: Array, seen: NodeColumns) -> Measured:
    """The numbers of the detection reports of these outermost messages.

    Args:
        tape: messages that are valid but for their values.
        tops: nodes of messages with a detection report.
        seen: what is known of each one's node.
    """
    reports = tape.inside("SapientMessage", "detection_report", tops)
    parts = {}
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):  # of what is wrong, or unknown
        for field, part in (("location", _place), ("range_bearing", _direction), ("enu_velocity", _motion)):
            if len(tape.entries(REPORT, field)):
                parts[field] = part(tape, reports, seen)
    return Measured(parts, _extensions(tape, tops, reports))


def _place(tape: Tape, reports: Array, seen: NodeColumns) -> Part:
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
    path = "detection_report.location."
    wrong = [one._replace(field=path + one.field) for one in found.wrong]
    wrong += [
        checked(f"{path}{axis}_error", error, 0, HIGHEST, "what an error can be")
        for axis, error in zip("xyz", errors, strict=True)
    ]
    numbers = {
        "latitude": (found.latitude),
        "longitude": (found.longitude),
        "altitude": (found.altitude),
        "var_east": (east**2),
        "var_north": (north**2),
    }
    return Part(numbers, whole, wrong)


def _direction(tape: Tape, reports: Array, seen: NodeColumns) -> Part:
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
    here = held >= 0
    path = "detection_report.range_bearing."
    wrong = [
        Wrong(system == 0, f"{path}coordinate_system", system, "so its numbers mean nothing"),
        checked(f"{path}azimuth", azimuth, -360, 360, "-360 to 360 degrees"),
        checked(f"{path}elevation", elevation, -90, 90, "-90 to 90 degrees"),
        *(checked(path + n, said[n], 0, HIGHEST, "what it can be") for n in _POLAR if n not in _SIGNED),
    ]
    numbers = {
        "sensor_latitude": (np.where(here, seen.latitude, np.nan)),
        "sensor_longitude": (np.where(here, seen.longitude, np.nan)),
        "sensor_altitude": (np.where(here, seen.altitude, np.nan)),
        "azimuth": (true),
        "azimuth_error": (np.where(np.isnan(true), np.nan, error)),
        "elevation": (elevation),
        "range": (np.where(unknown, np.nan, distance)),
        "range_error": (np.where(unknown, np.nan, spread)),
    }
    return Part(numbers, here & whole, wrong)


_POLAR: Final = ("azimuth", "elevation", "range", "azimuth_error", "elevation_error", "range_error")
_SIGNED: Final = ("azimuth", "elevation")


def _motion(tape: Tape, reports: Array, seen: NodeColumns) -> Part:
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
    path = "detection_report.enu_velocity."
    rates = (("east", east), ("north", north), ("up", up))
    numbers = {
        "speed": (speed),
        "speed_error": (np.where(along > 0, along, np.nan)),
        "course": (course),
        "course_error": (np.where(across > 0, across, np.nan)),
        "climb": (up),
    }
    wrong = [
        *(checked(f"{path}{way}_rate", rate, -FASTEST, FASTEST, "what a rate can be") for way, rate in rates),
        *(
            checked(f"{path}{way}_rate_error", errors[way], 0, FASTEST, "what an error can be")
            for way in errors
        ),
    ]
    return Part(numbers, (held >= 0) & plain, wrong)


def _extensions(tape: Tape, tops: Array, reports: Array) -> Extensions:
    """Read the extensions of reports, with their faults."""
    said = Extensions({}, {}, [])
    entries = tape.entries(REPORT, "object_info")
    if not len(entries):
        return said
    row_of = np.full(len(tape.kind), -1, np.int64)
    row_of[reports] = np.arange(len(reports))
    entries = entries[row_of[tape.node[entries]] >= 0]
    types = tape.text(INFO, "type", tape.size[entries])
    ours = np.flatnonzero(np.asarray(pc.starts_with(types, extensions.PREFIX)))
    if not len(ours):
        return said
    values = tape.text(INFO, "value", tape.size[entries[ours]]).to_pylist()
    ids = {
        "node_id": tape.text("SapientMessage", "node_id", tops),
        "report_id": tape.text(REPORT, "report_id", reports),
        "object_id": tape.text(REPORT, "object_id", reports),
    }
    for entry, type_, text in zip(entries[ours].tolist(), types.take(ours).to_pylist(), values, strict=True):
        row, column = int(row_of[tape.node[entry]]), type_.removeprefix(extensions.PREFIX)
        try:
            held = extensions.value(column, text, {name: of[row].as_py() for name, of in ids.items()})
        except extensions.ExtensionError as error:
            said.refused.setdefault(row, []).append(f"detection_report.object_info {type_} {error}")
            continue
        said.values.setdefault(column, {})[row] = held
        said.entries.append(entry)
    return said
