"""Learn each sensor's habits: whether it sweeps, where it looks, how well it sees, how often it errs."""

import math
from typing import Any

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking import traffic
from watchfloor.desks.surveillance.tracking.places import across, anchor, lift
from watchfloor.desks.surveillance.tracking.reports import BEARING, POSITION
from watchfloor.desks.surveillance.tracking.state import CELLS

FORGET = 1 / 500
"""Share of what was learned of clutter that each scan takes away, at least."""
PRIOR = 10.0
"""Looks that the first guess of a detection probability is worth."""
CLEAR = 0.98
"""Share of objects in view that are visible to a sensor, before it has taught one."""
FIRST = 30.0
"""Looks that this guess is worth."""
SLOW = 5.0
"""Seconds from scan to scan of a sensor whose tracks are confirmed at the probability that is set."""
GROWN = 10
"""Reports after which a track has proved itself."""
YOUNG = 0.2
"""Share of the young tracks of a sensor that does not sweep that count as if they were false."""
RARE = 0.03
"""Share of the reports of a sensor that does not sweep that can be of new objects where it shows no
clutter."""
AT_FIRST = 15.0
"""Reports that can be of new objects besides: when a recording begins, all are."""
SPARSE = 10.0
"""Stray reports that a sensor's mean density is worth in one cell."""


@kernel(error_model="numpy")
def begin(sensor: Any, knobs: Any) -> None:
    """Set the beliefs about a sensor before its first report."""
    if sensor.noise[0] == 0:  # else it was known before
        sensor.noise[0] = knobs.position_var
    sensor.noise[1] = 0.0
    for m in range(len(knobs.share)):
        sensor.share[m] = knobs.share[m]
    sensor.strict = 2.0


@kernel(error_model="numpy")
def learn_share(sensor: Any, weights: Any, knobs: Any) -> None:
    """Note how probably a track that is sure to be there is in each motion model."""
    sensor.moves = min(sensor.moves + 1, 5000.0)
    for m in range(len(weights)):
        now = 0.9 * weights[m] + 0.1 * knobs.share[m]
        sensor.share[m] += (now - sensor.share[m]) / (sensor.moves + 200)


@kernel(error_model="numpy")
def judge(sensor: Any, knobs: Any) -> Any:
    """Decide whether the sensor sweeps: whether a scan says something of the tracks that it did not see.

    It does when tracks that the sensor has met are in most of its scans, and scans have several reports. A
    receiver of self-reports fails the first, a lone reporter the second. What tells each report's own time
    sweeps when it meets its objects at a steady beat; its scans are cut by that from then on. What numbers
    its scans and tells of those that found nothing says itself that it sweeps, and is believed at once and
    for good, unless identities are claimed: that it meets with nothing again is clutter, or a swell.
    Where it turns out that this was wrong, more is asked for the next time.
    """
    need = 4.0 ** min(sensor.doubt, 6)
    seen, could, soon, first = sensor.sight
    mostly = could >= 20 * need and seen > 0.45 * could
    at_once = first >= 20 * need and soon > 0.45 * first
    if sensor.sweeps:
        futile = sensor.births[0] > 200 and sensor.births[1] == 0
        rarely = could > 100 and seen < 0.25 * could
        if sensor.named > 0.5 or ((futile or rarely) and not _tells_all(sensor)):
            _doubt(sensor)
        return False
    if sensor.named > 0.5:
        return False
    if _tells_all(sensor) or ((mostly or at_once) and sensor.several > 0.3):
        sensor.sweeps = 1
        _forget_sight(sensor)
        return True
    if sensor.steady < 30 * need or sensor.beat > knobs.longest:
        return False
    if sensor.several < 0.05 and sensor.period * 3 < sensor.beat:
        sensor.cut = sensor.beat
        sensor.several = 1.0
        sensor.opened = np.nan
    elif sensor.several < 0.3 or abs(sensor.period - sensor.beat) > 0.2 * sensor.beat:
        return False
    sensor.sweeps = 1
    _forget_sight(sensor)
    return True


@kernel(error_model="numpy")
def _tells_all(sensor: Any) -> Any:
    """Whether a sensor of places numbers its scans, has had several reports in one, and tells of empty ones.

    Numbers alone say less: where empty scans are not told, silence may be that of the line.
    """
    believed = sensor.doubt == 0 and sensor.stuck < 2 and not sensor.pointing
    return believed and sensor.scan >= 0 and sensor.several > 0 and sensor.empty > 0


@kernel(error_model="numpy")
def _forget_sight(sensor: Any) -> None:
    for k in range(len(sensor.sight)):
        sensor.sight[k] = 0.0


@kernel(error_model="numpy")
def learn_sight(sensor: Any, met: int, scan: int) -> None:
    """Note that a track that was met so often is met again, the last time having been in that scan."""
    if sensor.sweeps:
        return
    if met > 1:
        sensor.sight[0] = sensor.sight[0] * 0.998 + 1
        sensor.sight[1] = sensor.sight[1] * 0.998 + sensor.frames - max(scan, sensor.checked)
    elif scan >= sensor.checked:
        sensor.sight[2] = sensor.sight[2] * 0.998 + (sensor.frames == scan + 1)
        sensor.sight[3] = sensor.sight[3] * 0.998 + 1


@kernel(error_model="numpy")
def learn_no_sight(sensor: Any, met: int, scan: int) -> None:
    """Note the scans since tracks were last looked through in which a track was not met."""
    if sensor.sweeps:
        return
    if met > 1:
        sensor.sight[1] += sensor.frames - max(scan, sensor.checked)
    elif scan >= sensor.checked and sensor.frames > scan:
        sensor.sight[3] += 1


@kernel(error_model="numpy")
def _doubt(sensor: Any) -> None:
    """The sensor does not sweep after all: what was learned as if it did is forgotten."""
    sensor.sweeps = 0
    sensor.doubt += 1
    sensor.cut = sensor.steady = 0.0
    sensor.stray = 0.0
    sensor.false = 0
    sensor.births[0] = sensor.births[1] = 0.0
    _forget_sight(sensor)
    for x in range(CELLS):
        for y in range(CELLS):
            sensor.cells[0, x, y] = 0.0


@kernel(error_model="numpy")
def learn_beat(sensor: Any, gap: float) -> None:
    """Hold the time between two reports of a track against the beat; what most of them agree with stays.

    Every fourth may differ. One that was missed once or twice agrees too.
    """
    times = gap / sensor.beat if sensor.beat > 0 else 0.0
    whole = min(max(np.floor(times + 0.5), 1.0), 3.0)
    if abs(times - whole) < 0.12:
        sensor.steady = min(sensor.steady + 1, 1e5)
        if whole == 1:
            sensor.beat += 0.05 * (gap - sensor.beat)
        return
    sensor.steady -= 3
    if sensor.steady < 0:
        sensor.beat = gap
        sensor.steady = 1.0


@kernel(error_model="numpy")
def sees(sensor: Any, knobs: Any) -> Any:
    """Detection probability of the sensor where an object is visible to it."""
    return min(max((sensor.looks[1] + PRIOR * knobs.detects) / (sensor.looks[0] + PRIOR), 0.02), 0.99)


@kernel(error_model="numpy")
def cell(sensor: Any, e: float, n: float) -> Any:
    """Column and row of the cell of a place in the plane of the sensor's view, -1 outside.

    Of a sensor that tells bearings the cells are sectors of the azimuth.
    """
    if sensor.pointing:
        return sector(math.atan2(e - sensor.here[0], n - sensor.here[1]))
    half = sensor.half
    if not (abs(e) < half and abs(n) < half):
        return -1, -1
    x = int((e + half) / (2 * half) * CELLS)
    y = int((n + half) / (2 * half) * CELLS)
    return min(x, CELLS - 1), min(y, CELLS - 1)


@kernel(error_model="numpy")
def sector(azimuth: float) -> Any:
    """Column and row of the cell that an azimuth is counted in."""
    turn = azimuth / (2 * math.pi)
    k = min(int((turn - math.floor(turn)) * CELLS * CELLS), CELLS * CELLS - 1)
    return k // CELLS, k % CELLS


@kernel(error_model="numpy")
def visible(sensor: Any, e: float, n: float) -> Any:
    """Share of objects at a place in the plane of the sensor's view that are visible to it.

    It is learned of the sensor, then of the cell; 0 well outside what the sensor reported.
    """
    whole = (sensor.clear[1] + CLEAR * FIRST) / (sensor.clear[0] + FIRST)
    if not sensor.pointing:
        edge = sensor.half / 32
        if e < sensor.box[0] - edge or e > sensor.box[1] + edge:
            return 0.0
        if n < sensor.box[2] - edge or n > sensor.box[3] + edge:
            return 0.0
    x, y = cell(sensor, e, n)
    if x < 0:
        return whole
    return (sensor.cells[2, x, y] + PRIOR * whole) / (sensor.cells[1, x, y] + PRIOR)


@kernel(error_model="numpy")
def widen(sensor: Any, place: Any, earth: bool) -> None:
    """Make the view hold a place. As it doubles, four cells become one."""
    if sensor.half == 0:
        anchor(place, earth, sensor.anchor)
        for k in range(3):
            sensor.anchor[k] = place[k]
        sensor.half = 64.0
    e, n = across(sensor.anchor, place)
    while abs(e) >= sensor.half or abs(n) >= sensor.half:
        sensor.half *= 2
        for layer in range(3):
            _halve(sensor.cells, layer)
    sensor.box[0] = min(sensor.box[0], e)
    sensor.box[1] = max(sensor.box[1], e)
    sensor.box[2] = min(sensor.box[2], n)
    sensor.box[3] = max(sensor.box[3], n)


@kernel(error_model="numpy")
def _halve(cells: Any, layer: int) -> None:
    """Shrink a square of cells about its middle to half its size."""
    small = np.zeros((CELLS, CELLS))
    quarter = CELLS // 4
    for x in range(CELLS):
        for y in range(CELLS):
            small[quarter + x // 2, quarter + y // 2] += cells[layer, x, y]
    for x in range(CELLS):
        for y in range(CELLS):
            cells[layer, x, y] = small[x, y]


@kernel(error_model="numpy")
def area(sensor: Any) -> Any:
    """Square metres of the box that the sensor reports from."""
    return max((sensor.box[1] - sensor.box[0]) * (sensor.box[3] - sensor.box[2]), 1e4)


@kernel(error_model="numpy")
def densities(scan: Any, sensor: Any, speed_var: float, sweep: bool, table: Any, out: Any) -> None:
    """How densely stray reports lie where each report of a scan is, per m² (bearings: per radian), and per
    scan of a sensor that scans, per second of another.

    A report of a velocity or a rate is stray over those too, as thinly as objects' velocities lie.
    """
    scans = max(sensor.weight, 1.0) if sweep else sensor.span + 60.0
    most = np.inf if sweep else _rare(sensor) * sensor.spoken + AT_FIRST
    stray = (min(sensor.stray, most) + 1.0) / scans
    mean = stray / max(area(sensor), 1e4 if sweep else 1e8)
    side = 2 * sensor.half / CELLS
    for j in range(len(scan)):
        report = scan[j]
        if report.measure == BEARING:
            out[j] = _along(sensor, report.bearing, scans, stray / (2 * math.pi))
        elif report.measure == POSITION:
            e, n = across(sensor.anchor, report.place)
            x, y = cell(sensor, e, n)
            if sweep:
                d = (sensor.cells[0, x, y] + SPARSE) / (scans * side * side + SPARSE / mean)
            else:
                d = stray * traffic.share(
                    table, sensor.traffic, report.sensor, report.place, max(area(sensor), 1e8)
                )
            if report.velocity[0] == report.velocity[0]:
                v2 = report.velocity[0] ** 2 + report.velocity[1] ** 2
                d *= math.exp(-0.5 * v2 / speed_var) / (2 * math.pi * speed_var) + 1e-9
            if report.rate == report.rate and report.bearing == report.bearing:
                d *= math.exp(-0.5 * report.rate**2 / speed_var) / math.sqrt(2 * math.pi * speed_var) + 1e-6
            out[j] = max(d, 1e-30)


@kernel(error_model="numpy")
def _rare(sensor: Any) -> Any:
    """Share of the reports that can be of no known track: the more, the more of the tracks that they began
    were false."""
    return RARE + (1 - RARE) * sensor.false / (sensor.false + sensor.births[1] + 20.0)


@kernel(error_model="numpy")
def _along(sensor: Any, azimuth: float, scans: float, mean: float) -> Any:
    """Stray bearings per radian and scan about an azimuth: of its sector and the two beside it."""
    width = 2 * math.pi / (CELLS * CELLS)
    held = 0.0
    for k in range(-1, 2):
        x, y = sector(azimuth + k * width)
        held += sensor.cells[0, x, y]
    return (held + SPARSE) / (scans * 3 * width + SPARSE / mean)


@kernel(error_model="numpy")
def learn_strays(scan: Any, sensor: Any, taken: Any, echo: Any) -> None:
    """Note how probably each report of a scan is of no track and no `echo`. Early scans, when all is new,
    fade soon."""
    keep = 1 - max(FORGET, 2 / (sensor.frames + 2.0))
    sensor.weight = sensor.weight * keep + 1
    sensor.span *= keep
    sensor.spoken = sensor.spoken * keep + len(scan)
    sensor.stray *= keep
    for x in range(CELLS):
        for y in range(CELLS):
            sensor.cells[0, x, y] *= keep
    for j in range(len(scan)):
        left = max(1 - taken[j], 0.0) * (1 - echo[j])
        sensor.stray += left
        if scan[j].measure == POSITION:
            e, n = across(sensor.anchor, scan[j].place)
            x, y = cell(sensor, e, n)
            sensor.cells[0, x, y] += left
        elif scan[j].measure == BEARING:
            x, y = sector(scan[j].bearing)
            sensor.cells[0, x, y] += left


@kernel(error_model="numpy")
def learn_look(sensor: Any, e: float, n: float, seen: float, clear: float, met: int) -> None:
    """Note that a track at a place, `met` so often, was seen so probably, and so probably visible."""
    if met > 1:
        sensor.sight[0] = sensor.sight[0] * 0.998 + seen
        sensor.sight[1] = sensor.sight[1] * 0.998 + 1
    sensor.looks[0] = sensor.looks[0] * (1 - 1e-3) + clear
    sensor.looks[1] = sensor.looks[1] * (1 - 1e-3) + seen
    sensor.clear[0] = sensor.clear[0] * (1 - 1e-3) + 1
    sensor.clear[1] = sensor.clear[1] * (1 - 1e-3) + clear
    x, y = cell(sensor, e, n)
    if x >= 0:
        sensor.cells[1, x, y] = sensor.cells[1, x, y] * 0.98 + 1
        sensor.cells[2, x, y] = sensor.cells[2, x, y] * 0.98 + clear


@kernel(error_model="numpy")
def unlearn_miss(sensor: Any, clear: float, detects: float) -> None:
    """A track that was counted as missed was seen after all, by a report that came late."""
    after = clear * (1 - detects) / (1 - clear * detects)
    sensor.looks[0] += 1 - after
    sensor.looks[1] += 1
    sensor.clear[1] += 1 - after


@kernel(error_model="numpy")
def learn_noise(sensor: Any, square: float, expected: float) -> None:
    """Move the learned variance by one innovation: `square` per axis, of which `expected` is the state's."""
    var, weight = sensor.noise[0], sensor.noise[1]
    told = min(max(square - expected, 0.0), 9 * (var + expected))
    weight = min(weight + 1, 500.0)
    sensor.noise[0] = var + (told - var) / (weight + 10)
    sensor.noise[1] = weight


@kernel(error_model="numpy")
def learn_error(scan: Any, noise: Any, sensor: Any) -> None:
    """Note what the places that a sensor reports err by, as stated or learned: variance per axis."""
    for j in range(len(scan)):
        if scan[j].measure == POSITION:
            now = 0.5 * (noise[j, 0] + noise[j, 2])
            sensor.error = now if sensor.error == 0 else sensor.error + 0.02 * (now - sensor.error)


@kernel(error_model="numpy")
def confirms(sensor: Any, knobs: Any) -> Any:
    """Probability of existence from which a track that the sensor began is confirmed.

    Of a sensor that scans more often than every `SLOW` seconds more evidence is asked, so that as many false
    tracks are confirmed in an hour, not in a scan: the upper bound of a sequential test is one over the rate
    of false alarms (A. Wald, Sequential Analysis, 1947, 3.2).
    """
    odds = knobs.confirm / (1 - knobs.confirm) * math.exp(sensor.strict)
    if sensor.sweeps and sensor.period < SLOW:
        odds *= SLOW / max(sensor.period, 0.1)
    return odds / (1 + odds)


@kernel(error_model="numpy")
def learn_grown(sensor: Any) -> None:
    """A confirmed track has had many reports: it was right to believe in it."""
    sensor.births[1] += 1
    sensor.strict = max(sensor.strict - 0.25, 0.0)


@kernel(error_model="numpy")
def learn_false(track: Any, sensor: Any) -> None:
    """A track was ended young: its reports were strays. If it was confirmed, more of them are asked for."""
    spot = np.empty(3)
    lift(track.anchor, track.states[0, 0], track.states[0, 2], spot)
    e, n = across(sensor.anchor, spot)
    x, y = cell(sensor, e, n)
    sensor.stray += track.hits - 1
    sensor.false += 1
    if x >= 0:
        sensor.cells[0, x, y] += track.hits - 1
    if track.confirmed:
        sensor.strict = min(sensor.strict + 1, 7.0)


@kernel(error_model="numpy")
def birth(sensor: Any, sweep: bool, knobs: Any) -> Any:
    """Probability that an unexplained report of the sensor is a new object: the share that proved itself.

    Of a sweep those that did not yet are counted against it; what does not sweep may report an object again
    after long, so of those a part is.
    """
    first = knobs.birth if sweep else knobs.lone
    ended = sensor.births[1] + sensor.false
    others = sensor.births[0] if sweep else ended + YOUNG * max(sensor.births[0] - ended, 0.0)
    return (sensor.births[1] + 20 * first) / (others + 20)


@kernel(error_model="numpy")
def speed_var(sensor: Any, knobs: Any) -> Any:
    """Variance of an unknown velocity per axis: of the tracks that the sensor's reports began."""
    return (sensor.speed[0] + 5 * knobs.speed**2) / (sensor.speed[1] + 5)
