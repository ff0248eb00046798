"""`DetectionTable` to rows of the kind `detection`, and a fault for each row that is none."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.base import Batch, Fault, FormatError
from watchfloor.formats.sensors.detections.arrays import ERRORS, NUMBERS, DetectionTable
from watchfloor.formats.sensors.detections.cells import F8
from watchfloor.formats.sensors.detections.files import Notes
from watchfloor.formats.sensors.local_plane import to_wgs84
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.tabular.values import read_list
from watchfloor.records.kinds import DETECTION, INSTANT

_PLACES: Final = ("latitude", "longitude", "sensor_latitude", "sensor_longitude")


def batches(
    table: DetectionTable, notes: Notes, locators: pa.Array, raw: Callable[[int], bytes], name: str
) -> Iterator[Batch | Fault]:
    """The rows, a fault for each refused one, and one for each reason that values were left out for.

    Args:
        table: what was read.
        notes: where the zeros of its plane and its clock are.
        locators: where each row of the file's part stood.
        raw: the delivered bytes of a row of the part.
        name: the file's, for messages.

    Raises:
        FormatError: the file's places or times are relative to something that it does not say.
    """
    if len(table):
        yield Batch(DETECTION, rows(table, notes, locators.take(pa.array(table.row)), name))
    refused = sorted((row, one.why) for one in table.account.refused for row in one.rows.tolist())
    for row, why in refused:
        yield Fault(locators[row].as_py(), f"the detection is refused: {why}", raw(row)[:MAX_RAW])
    for one in table.account.left_out:
        first = int(one.rows[0])
        why = f"a value was left out, here and in {one.count - 1:,} rows more: {one.why}"
        yield Fault(locators[first].as_py(), why, raw(first)[:MAX_RAW], partly=True)


def rows(table: DetectionTable, notes: Notes, locators: pa.Array, name: str) -> pa.Table:
    """Rows of `DETECTION.body`. Raises `FormatError` as `batches` does."""
    columns = {
        "observed_at": _instants(table.t + _clock(table, notes, name)),
        "received_at": _instants(table.received_at),
        "locator": locators,
        "sensor": table.sensor.array(),
        "scan": pa.array(table.scan, mask=table.scan < 0),
        "class": table.klass.array(),
        "claimed": table.claimed.array(),
        **{
            of: table.texts[of].array()
            for of in ("report_key", "object", "name", "status", "says", "authority")
        },
        **{of: _float(table.numbers[of]) for of in (*NUMBERS, *(f"{of}_error" for of in ERRORS))},
        **dict(zip(_PLACES, map(_float, _places(table, notes, name)), strict=True)),
        "altitude": _float(table.altitude),
        "sensor_altitude": _float(table.sensor_altitude),
        **{of: _float(table.cov[:, at]) for at, of in enumerate(("var_east", "cov_east_north", "var_north"))},
        "origins": _origins(table),
    }
    arrays = [pc.cast(columns[field.name], field.type) for field in DETECTION.body]
    return pa.Table.from_arrays(arrays, schema=DETECTION.body)


def _clock(table: DetectionTable, notes: Notes, name: str) -> float:
    """Seconds from 1970 to the zero of the file's clock."""
    if table.dated:
        return 0.0
    if notes.start is None:
        raise FormatError(
            f"{name} counts its times from a moment that it does not say: write a first line such as"
            " # start: 2026-11-24T00:00:00Z"
        )
    return notes.start


def _places(table: DetectionTable, notes: Notes, name: str) -> tuple[F8, F8, F8, F8]:
    """Latitude and longitude of the objects and of the sensors."""
    pairs = (table.place, table.sensor_place)
    if table.mode != "plane":
        (longitude, latitude), (sensor_longitude, sensor_latitude) = (pair.T for pair in pairs)
        return latitude, longitude, sensor_latitude, sensor_longitude
    if notes.origin is None:
        raise FormatError(
            f"{name} says places as x and y of a plane and not where on Earth: write a first line such as"
            " # origin: 44.98, -74.73, the latitude and longitude of its zero, or origin = [44.98, -74.73]"
            " under its feed in feeds.toml"
        )
    (latitude, longitude), (sensor_latitude, sensor_longitude) = (
        to_wgs84(notes.origin, *pair.T) for pair in pairs
    )
    return latitude, longitude, sensor_latitude, sensor_longitude


def _float(values: F8) -> pa.Array:
    """Numbers, null where there is none."""
    return pa.array(np.ascontiguousarray(values), from_pandas=True)


def _instants(seconds: F8) -> pa.Array:
    unknown = np.isnan(seconds)
    micros = np.rint(np.where(unknown, 0.0, seconds) * 1e6).astype(np.int64)
    return pa.array(micros, mask=unknown).cast(INSTANT)


def _origins(table: DetectionTable) -> pa.Array:
    coded = table.texts["origins"]
    lists = pa.array([*map(read_list, coded.names), []], pa.list_(pa.string()))
    return lists.take(pa.array(np.where(coded.codes < 0, len(coded.names), coded.codes)))
