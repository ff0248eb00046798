"""Looks that found nothing, of a recording that does not tell of them.

A radar that turns steadily looked also when it saw nothing, but a table of detections has no row for that.
Over a whole recording one sees which sensors look at a steady beat, and so when they looked in vain.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.desks.surveillance.tracking import NOTHING, POSITION, Reports

LOOKS: Final = 20
"""Looks of a sensor from which its beat is known; and looks in a row that it may be silent for: a sensor that
is silent for longer may be switched off."""
STEADY: Final = 0.95
"""Share of the times between its looks that are a whole number of beats, but for a fifth of one."""
SEVERAL: Final = 0.05
"""Share of its looks that have more than one report: who tells of one object may hear only that one."""
TICKS: Final = 5
"""Steps of a clock that a beat has at least: what is rounded to seconds is steady by that alone."""

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
_ABSENT: Final = {"klass": -1, "claimed": -1}


def add_empty_looks(reports: Reports) -> tuple[Reports, Numbers]:
    """Number the looks of the sensors that look at a steady beat, and add those that found nothing.

    Only of sensors that report places, and no identities. One look is added before the first, so that a
    tracker knows at once that the sensor tells of all its looks.

    Returns:
        The reports, and which rows of them were given; what was given stays in its order.
    """
    found = [*_looks(reports)]
    scan = np.full(len(reports), -1) if reports.scan is None else np.array(reports.scan)
    for rows, number, _, _ in found:
        scan[rows] = number
    if not found:
        return reports, np.arange(len(reports))
    t = np.concatenate([vain for _, _, vain, _ in found])
    rising = np.argsort(t, kind="stable")
    t = t[rising]
    whose = np.concatenate([np.full(len(vain), reports.sensor[rows[0]]) for rows, _, vain, _ in found])
    numbers = np.concatenate([number for _, _, _, number in found])
    added: dict[str, Any] = {"t": t, "sensor": whose[rising], "scan": numbers[rising]}
    added["measure"] = np.full(len(t), NOTHING)
    measure = np.full(len(reports), POSITION) if reports.measure is None else reports.measure
    given = {name.name: getattr(reports, name.name) for name in fields(Reports)}
    given |= {"scan": scan, "measure": measure}
    # Each look is put before the first report that is as late.
    before = np.searchsorted(np.maximum.accumulate(np.nan_to_num(reports.t, nan=-np.inf)), t)
    order = np.argsort(np.concatenate((np.arange(len(reports)) * 2 + 1, before * 2)), kind="stable")
    columns: dict[str, Any] = {
        name: np.concatenate((values, _absent(name, values, added, len(t))))[order]
        for name, values in given.items()
        if values is not None
    }
    return Reports(**columns), np.flatnonzero(order < len(reports))


def _absent(name: str, values: Any, added: dict[str, Any], count: int) -> Any:
    """Values of a column for the looks that are added."""
    if name in added:
        return added[name]
    return np.full((count, *values.shape[1:]), _ABSENT.get(name, np.nan), values.dtype)


def _looks(reports: Reports) -> Iterator[tuple[Numbers, Numbers, Floats, Numbers]]:
    """Yield of each sensor with a steady beat: its rows, the numbers of their looks, and when it looked in
    vain, with the numbers of these looks."""
    named = reports.claimed is not None and (np.asarray(reports.claimed) >= 0)
    placed = np.isfinite(reports.t) if reports.measure is None else np.asarray(reports.measure) == POSITION
    sensor = np.asarray(reports.sensor)
    begin, end = np.nanmin(reports.t, initial=np.inf), np.nanmax(reports.t, initial=-np.inf)
    for one in np.unique(sensor):
        rows = np.flatnonzero(sensor == one)
        if not placed[rows].all() or np.any(np.broadcast_to(named, sensor.shape)[rows]):
            continue
        times, of, count = np.unique(reports.t[rows], return_inverse=True, return_counts=True)
        if len(times) < LOOKS or not np.isfinite(times).all() or np.mean(count > 1) < SEVERAL:
            continue
        beat = float(np.median(np.diff(times)))
        beats = np.diff(times) / beat
        if np.mean(np.abs(beats - np.round(beats)) < 0.2) < STEADY or beat < TICKS * _tick(times):
            continue
        number = np.append(0, np.cumsum(np.maximum(np.round(beats), 1))).astype(np.int64)
        gaps = np.diff(number)
        first = 1 + min(int((times[0] - begin) / beat), LOOKS)
        last = min(int((end - times[-1]) / beat), LOOKS)
        silent = [number[k] + np.arange(1, gaps[k]) for k in np.flatnonzero((gaps > 1) & (gaps <= LOOKS))]
        vain = np.concatenate((np.arange(-first, 0), *silent, number[-1] + np.arange(1, last + 1)))
        when = np.interp(vain, number, times)
        when += beat * (np.minimum(vain, 0) + np.maximum(vain - number[-1], 0))
        yield rows, number[of] + first, when, vain + first


def _tick(times: Floats) -> float:
    """The coarsest of the usual steps of a clock that all times are whole numbers of; 0: of none."""
    since = times - times[0]
    for tick in (60.0, 10.0, 1.0, 0.1, 0.01):
        if np.allclose(since, np.round(since / tick) * tick, rtol=0, atol=1e-6):
            return tick
    return 0.0
