"""`DetectionTable` to rows of the kind `detection`, and a fault for each row that is none."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import DETECTION, INSTANT
from watchfloor.formats.base import Batch, Fault, FormatError
from watchfloor.formats.sensors.detections.arrays import ERRORS, NUMBERS, DetectionTable
from watchfloor.formats.sensors.detections.build import UNKNOWN_SCALES, build, check
from watchfloor.formats.sensors.detections.cells import F8
from watchfloor.formats.sensors.detections.columns import Columns
from watchfloor.formats.sensors.detections.files import Notes
from watchfloor.formats.sensors.local_plane import to_wgs84
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.tabular.table import Rows
from watchfloor.formats.tabular.values import read_list

_PLACES: Final = ("latitude", "longitude", "sensor_latitude", "sensor_longitude")


def detections(
    pieces: Iterable[Rows | Fault], found: Columns, notes: Notes, name: str, header: str
) -> Iterator[Batch | Fault]:
    """The rows, a fault for each refused one, and one for each reason that values were left out for.

    Args:
        pieces: of the table.
        found: what its columns mean.
        notes: where the zeros of its plane and its clock are.
        name: the file's, for messages.
        header: where it names its columns.

    Raises:
        FormatError: there is no time or place, or they are relative to something that the file does not say.
    """
    check(found, name)
    if found.ignored:
        names = ", ".join(map(repr, found.ignored))
        why = f"the columns {names} are not known, and rows were read without them"
        yield Fault(header, why, ",".join(found.ignored).encode(), partly=True)
    scales = UNKNOWN_SCALES
    for piece in pieces:
        if isinstance(piece, Fault):
            yield piece
            continue
        table = build(piece.cells, found, name, scales)
        scales = table.scales
        yield from _batches(table, notes, piece, name)


def _batches(table: DetectionTable, notes: Notes, of: Rows, name: str) -> Iterator[Batch | Fault]:
    if len(table):
        yield Batch(DETECTION, rows(table, notes, of.locators.take(pa.array(table.row)), name))
    refused = sorted((row, one.why) for one in table.account.refused for row in one.rows.tolist())
    for row, why in refused:
        yield Fault(of.locators[row].as_py(), f"the detection is refused: {why}", of.raw(row)[:MAX_RAW])
    for one in table.account.left_out:
        first = int(one.rows[0])
        why = f"a value was left out, here and in {one.count - 1:,} rows more: {one.why}"
        yield Fault(of.locators[first].as_py(), why, of.raw(first)[:MAX_RAW], partly=True)


def rows(table: DetectionTable, notes: Notes, locators: pa.Array, name: str) -> pa.Table:
    """Rows of `DETECTION.body`. Raises `FormatError` as `detections` does."""
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
