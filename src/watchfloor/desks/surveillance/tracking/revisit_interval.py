"""The pace of reports: how long after its last report an object is reported again, learned of each sensor.

Two vessels that pass each other are told apart by when each is due as much as by where it should be: what
speaks every 70 s does not speak after 40. So times are counted finely, 32 classes for each doubling, in a
row for each class of what was usual for the object and in one row for all. Where a row has few, the row of
all and a hump about what was usual stand in.
"""

import math
from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking.state import FINE, OCTAVES

MUTE: Final = np.array([0.02, 0.005])
"""Chance that the report of a track is its last for good: before and after its sensor is `known`."""
KNOWN: Final = 1000.0
"""Times learned from which a sensor is known to hear objects one by one: until then it may yet turn out to
sweep, and much of what it began may be clutter."""
OTHER: Final = 0.2
"""Share of tracks whose time between reports may be any: only of those that were met again is it learned."""
TAIL: Final = 0.01
"""Share of times that may be any, of a sensor that is `known`: what is silent until its track is lost begins
a new one, so that the longest times teach nothing of themselves."""
HUMP: Final = 0.5
"""How far what is usual for a track is trusted before the sensor has taught what follows it."""
NARROW: Final = np.array([1, 2, 3, 2, 1]) / 9
"""How far a time counts for the classes about its own."""
SHARP: Final = 0.7
"""Share of a row's chance that is counted so narrowly; the rest is over half of a doubling."""
PATIENCE: Final = 1.5
"""Times what is usual, or what it was silent for when it was last asked, after which silence is weighed."""
FADE: Final = 4000.0
"""Reports in a row from which the old ones are forgotten."""
FIRST: Final = 0.25
"""Seconds of the shortest time that has a class of its own."""


@kernel(error_model="numpy")
def _class(gap: float) -> Any:
    """Class of a time."""
    return min(max(int(np.floor(math.log2(gap / FIRST) * FINE)), 0), OCTAVES * FINE - 1)


@kernel(error_model="numpy")
def _row(usual: float) -> Any:
    """Row of what is usual."""
    return min(max(int(np.floor(math.log2(usual / FIRST))), 0), OCTAVES - 1)


@kernel(error_model="numpy")
def _share(sensor: Any, r: int, k: int) -> Any:
    """Share of the times of a row that are in a class, and share of those that are longer."""
    count = OCTAVES * FINE
    sharp, broad = 0.0, 0.0
    for i in range(-2, 3):
        if 0 <= k + i < count:
            sharp += NARROW[i + 2] * sensor.pace[r, k + i]
    low, high = max(k - FINE // 4, 0), min(k + FINE // 4 + 1, count)
    for i in range(low, high):
        broad += sensor.pace[r, i]
    octave = k // FINE
    longer = 0.0
    for i in range(k + 1, (octave + 1) * FINE):
        longer += sensor.pace[r, i]
    for i in range(octave + 1, OCTAVES):
        longer += sensor.paces[r, i]
    total = sensor.paced[r] + 1e-9
    return (SHARP * sharp + (1 - SHARP) * broad / (high - low)) / total, longer / total


@kernel(error_model="numpy")
def known(sensor: Any) -> Any:
    """Whether enough times between reports were learned of a sensor."""
    return sensor.paced[OCTAVES] > KNOWN


@kernel(error_model="numpy")
def waits(sensor: Any, gap: float, usual: float) -> Any:
    """How probably a track is reported in the class of times `gap` after its last report, and how probably
    later; `usual` is NaN where that is not known."""
    k = _class(gap)
    every = max(10 / (sensor.paced[OCTAVES] + 10), OTHER if usual != usual else 0.0)
    here, longer = _share(sensor, OCTAVES, k)
    chance = every / (OCTAVES * FINE) + (1 - every) * here
    silent = every * (OCTAVES * FINE - 1 - k) / (OCTAVES * FINE) + (1 - every) * longer
    if usual == usual:
        r = _row(usual)
        first = 5 / (sensor.paced[r] + 5)
        x = math.log2(gap / usual)
        chance = first * ((1 - HUMP) * chance + HUMP * math.exp(-0.5 * x * x) / (FINE * 2.5066))
        silent = first * ((1 - HUMP) * silent + HUMP * 0.5 * math.erfc(x * 0.7071))
        here, longer = _share(sensor, r, k)
        chance += (1 - first) * here
        silent += (1 - first) * longer
    if known(sensor):
        chance += TAIL * (1 / (OCTAVES * FINE) - chance)
        silent += TAIL * ((OCTAVES * FINE - 1 - k) / (OCTAVES * FINE) - silent)
    return chance, silent


@kernel(error_model="numpy")
def due(sensor: Any, gap: float, usual: float) -> Any:
    """How probably, per second, a track is reported `gap` seconds after its last report, given it was not.

    One that is overdue may have fallen silent for good, a chance of `MUTE` after each report.
    """
    if gap <= 0:
        return 0.0
    chance, silent = waits(sensor, gap, usual)
    return chance / (gap * 0.6931 / FINE) / (silent + MUTE[int(known(sensor))])


@kernel(error_model="numpy")
def survives(sensor: Any, gap: float, usual: float) -> Any:
    """How probably a track that exists has not been reported for `gap` seconds."""
    if gap <= 0:
        return 1.0
    _, silent = waits(sensor, gap, usual)
    return min(silent + MUTE[int(known(sensor))], 1.0)


@kernel(error_model="numpy")
def ask(sensor: Any, time: float, usual: float) -> Any:
    """From when on the silence of a track that was reported at a time says something: after `PATIENCE` times
    what is usual for it (NaN: not known), or for the sensor's tracks."""
    if usual != usual:
        usual = sensor.interval
    return time + PATIENCE * (usual if usual == usual else 10.0)


@kernel(error_model="numpy")
def learn(sensor: Any, gap: float, usual: float, sure: float) -> None:
    """Note the time between two reports of a track, and what was usual for it (NaN for not known)."""
    if gap <= 0:
        return
    sensor.interval = (
        gap if sensor.interval != sensor.interval else sensor.interval + 0.02 * (gap - sensor.interval)
    )
    k = _class(gap)
    _count(sensor, OCTAVES, k, sure)
    if usual == usual:
        _count(sensor, _row(usual), k, sure)


@kernel(error_model="numpy")
def _count(sensor: Any, r: int, k: int, sure: float) -> None:
    """Count one time in a row of classes; the old ones fade."""
    if sensor.paced[r] > FADE:
        sensor.paced[r] *= 0.5
        for i in range(OCTAVES):
            sensor.paces[r, i] *= 0.5
        for i in range(OCTAVES * FINE):
            sensor.pace[r, i] *= 0.5
    sensor.pace[r, k] += sure
    sensor.paces[r, k // FINE] += sure
    sensor.paced[r] += sure
