"""Rows of the kinds `detection` and `coverage` as columns of numbers."""

from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.surveillance.naming import Names
from watchfloor.desks.surveillance.observing import MEASURED, Observed, klass_codes, reports, towards
from watchfloor.desks.surveillance.tracking.reports import NOTHING, Reports

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

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
