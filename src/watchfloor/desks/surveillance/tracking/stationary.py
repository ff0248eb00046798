"""Stationary tracks: what a scanning sensor has seen standing still for a minute and more.

Piers, buoys and rocks before a radar whose error is larger than a boat goes in some seconds; also whoever
stands there. Nothing tells these apart before they move, so such a track is marked and goes on being shown.

Each track keeps the sums of a line through its reports, place over time, by least squares (Y. Bar-Shalom,
X. R. Li and T. Kirubarajan, Estimation with Applications to Tracking and Navigation, 2001, 3.4). It is
stationary once the line would have shown that it moves, and does not: both velocities, the line's and the
track's own, are zero within their errors, the reports lie about the line as the sensor errs, and the track is
where they lie on average. At the first real movement one of these fails, and the line begins anew.
"""

from typing import Any, Final

from watchfloor.core.kernels import kernel

SUMS: Final = 11
"""Of the reports: count; sums of the time since the first (s), of its square; of the place less the first (m,
three), of that times the time (three), of its square; of the variance per axis (m²)."""
LONG: Final = 60.0
"""Seconds that it takes at least."""
SLOW: Final = 0.5
"""Metres a second that must be tellable from zero before anything is marked."""
GATE: Final = 13.8
"""Squared difference over the variance within which two are the same: 99.9 % (chi-square of two)."""
DRIFT: Final = 0.05
"""Metres a second, standard deviation of what a line through exchanged reports of neighbours drifts by."""
SCATTER: Final = 3.0
"""Variance about the line over that of the sensor beyond which something moves: of neighbours some reports
are exchanged."""


@kernel(error_model="numpy")
def note(report: Any, variance: float, track: Any) -> None:
    """Add a place, of a `variance` per axis (m²), to the sums of a track's line."""
    sums = track.line
    if sums[0] == 0:
        track.stood = report.t
        for k in range(3):
            track.stand[k] = report.place[k]
    t = report.t - track.stood
    sums[0] += 1
    sums[1] += t
    sums[2] += t * t
    for k in range(3):
        far = report.place[k] - track.stand[k]
        sums[3 + k] += far
        sums[6 + k] += far * t
        sums[9] += far * far
    sums[10] += variance


@kernel(error_model="numpy")
def judge(track: Any, whole: Any, place: Any) -> Any:
    """Whether a track whose state is `whole` and which is at `place` (m) is stationary; where its reports say
    that it moves, its line begins anew."""
    sums = track.line
    count = sums[0]
    if count < 5 or track.claimed >= 0:
        return False
    error = sums[10] / count
    times = sums[2] - sums[1] * sums[1] / count
    speed, left, off = 0.0, sums[9], 0.0
    for k in range(3):
        mean = sums[3 + k] / count
        slope = (sums[6 + k] - mean * sums[1]) / times if times > 0 else 0.0
        speed += slope * slope
        left -= count * mean * mean + slope * slope * times
        off += (place[k] - track.stand[k] - mean) ** 2
    drifts = speed * times > GATE * (error + DRIFT * DRIFT * times)
    strays = left > SCATTER * 2 * count * error
    if drifts or strays or off > GATE * (max(whole[4], whole[11]) + error / count):
        for k in range(SUMS):
            sums[k] = 0.0
        return False
    if track.time - track.stood < LONG or GATE * error > SLOW * SLOW * times:
        return False
    det = whole[8] * whole[13] - whole[10] * whole[10]
    fast = whole[13] * whole[1] ** 2 - 2 * whole[10] * whole[1] * whole[3] + whole[8] * whole[3] ** 2
    return fast <= GATE * det
