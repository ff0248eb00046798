"""Looks of a ferry's radar, lidar and cameras as JSON, as the Autoferry sensor fusion dataset has them.

O. K. Helgesen et al., "Heterogeneous multi-sensor tracking for an autonomous surface vehicle in a littoral
environment", Ocean Engineering 252, 2022: a list of looks `{"sensorID", "time", "ownshipPosition",
"measurement"}`. Radar (2) and lidar (1) measure metres north and east of the ferry, the infrared (3) and the
daylight camera (4) radians clockwise from north. The ferry's place is in metres north and east of a pier,
whose latitude and longitude the dataset gives. A look may hold a list of numbers, one number, or nothing;
looks are not always in the order of time. The dataset states no errors: those here are its authors' order of
magnitude, and a tracker may learn better ones.
"""

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kinds import COVERAGE, DETECTION
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.sensors.local_plane import Origin, to_wgs84

NAME: Final = "autoferry-json"
PIER: Final = Origin(63.4389029083, 10.39908278)
"""Zero of the plane: latitude and longitude, from the dataset's own notes."""
SENSORS: Final = {1: "lidar", 2: "radar", 3: "infrared", 4: "camera"}
PLACED: Final = (1, 2)
"""Sensors that measure a place; the others measure a direction."""
SHOWN: Final = 1 << 12
"""Bytes of a look that cannot be read which are kept."""

Floats = npt.NDArray[np.float64]


class Look(msgspec.Struct, rename={"sensor": "sensorID", "own": "ownshipPosition"}):
    """One look of one sensor, as it is written."""

    sensor: int
    time: float
    own: tuple[float, float]
    measurement: float | list[float | list[float]] | None = None


def sniff(head: Head) -> float:
    """Sure of a list of objects that have the names of a look."""
    start = head.data.lstrip()[:1] == b"["
    return 0.99 if start and all(name in head.data for name in (b'"sensorID"', b'"ownshipPosition"')) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Detections and coverage, one batch of each, and a fault for each look that cannot be read.

    Raises:
        FormatError: the file is no whole JSON list.
    """
    try:
        pieces = msgspec.json.decode(stream.read(), type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"{name} is no whole list of looks in JSON: {error}") from error
    looks: list[tuple[int, Look, Floats]] = []
    for number, piece in enumerate(pieces):
        try:
            looks.append(_look(number, piece))
        except (msgspec.DecodeError, ValueError, OverflowError) as error:
            yield Fault(f"look {number}", f"it is no look of a sensor: {error}", bytes(piece)[:SHOWN])
    if looks:
        yield Batch(DETECTION, _detections(looks))
        yield Batch(COVERAGE, _coverage(looks))


def _look(number: int, piece: msgspec.Raw) -> tuple[int, Look, Floats]:
    look = msgspec.json.decode(piece, type=Look)
    if look.sensor not in SENSORS:
        raise ValueError(f"sensorID is {look.sensor}; the dataset has 1 to 4")
    if not 0 < look.time < 4e9:
        raise ValueError(f"time is {look.time}; it counts seconds from 1970")
    return number, look, _measured(look)


def _measured(look: Look) -> Floats:
    """[n, 2] north and east of the ferry, or [n, 1] radians."""
    measured = [] if look.measurement is None else look.measurement
    values = np.asarray(measured, np.float64)
    if look.sensor not in PLACED:
        return np.atleast_1d(values).reshape(-1, 1)
    if values.size % 2:
        raise ValueError("radar and lidar measure pairs of metres")
    return values.reshape(2, -1).T


def _detections(looks: Iterable[tuple[int, Look, Floats]]) -> pa.Table:
    rows = [row for number, look, measured in looks for row in _rows(number, look, measured)]
    table = pa.Table.from_pylist(rows, schema=DETECTION.body)
    return _placed(table, rows)


def _rows(number: int, look: Look, measured: Floats) -> Iterator[dict[str, Any]]:
    common = {"sensor": SENSORS[look.sensor], "scan": number, "observed_at": round(look.time * 1e6)}
    for at, values in enumerate(measured.tolist()):
        row = {**common, "locator": f"look {number}, {at}", "own": look.own, "origins": []}
        yield row | ({"place": values} if look.sensor in PLACED else {"azimuth": np.degrees(values[0]) % 360})


def _placed(table: pa.Table, rows: list[dict[str, Any]]) -> pa.Table:
    """The table with places on Earth, of the ferry and of what was measured."""
    own = np.array([row["own"] for row in rows], np.float64).reshape(-1, 2)
    none = (np.nan, np.nan)
    place = np.array([row.get("place", none) for row in rows], np.float64).reshape(-1, 2) + own
    for (north, east), names in ((place.T, _OBJECT), (own.T, _SENSOR)):
        for name, values in zip(names, to_wgs84(PIER, east, north), strict=True):
            at = table.schema.get_field_index(name)
            table = table.set_column(at, table.schema.field(at), pa.array(values, from_pandas=True))
    return table


_OBJECT: Final = ("latitude", "longitude")
_SENSOR: Final = ("sensor_latitude", "sensor_longitude")


def _coverage(looks: Iterable[tuple[int, Look, Floats]]) -> pa.Table:
    rows = []
    for number, look, _ in looks:
        latitude, longitude = to_wgs84(PIER, np.array([look.own[1]]), np.array([look.own[0]]))
        row = {"sensor": SENSORS[look.sensor], "scan": number, "observed_at": round(look.time * 1e6)}
        row |= {"locator": f"look {number}", "origins": [], "state": "looking"}
        rows.append(row | {"latitude": latitude[0], "longitude": longitude[0]})
    return pa.Table.from_pylist(rows, schema=COVERAGE.body)


FORMAT: Final = Format(NAME, (DETECTION.name, COVERAGE.name), sniff, read)
