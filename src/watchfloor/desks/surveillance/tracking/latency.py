"""How late a sensor's times are: what it reports is where an object was, so long before the report says.

A radar that gives all of a turn the time of its end is late by up to a turn. A boat at 2.5 m/s goes in that
time as far as a lidar errs, so two sensors that disagree about the time may make two tracks. Only how much
later one sensor is than another can be seen: from how far its reports lie behind, along the velocity, the
tracks that another sees too (registration of sensors beside their fusion: W. Li and H. Leung, Simultaneous
registration and fusion of multiple dissimilar sensors for cooperative driving, IEEE T-ITS 5, 2004). The
quickest is taken to be in time.
"""

from typing import Any, Final

from watchfloor.desks.surveillance.tracking.measurements import innovation
from watchfloor.desks.surveillance.tracking.places import across
from watchfloor.desks.surveillance.tracking.reports import POSITION
from watchfloor.desks.surveillance.tracking.state import RECENT
from watchfloor.records.kernels import kernel

FORGET: Final = 1 / 500
"""Share of what was learned that each report takes away."""
FIRST: Final = 1.0
"""Weight of the first guess, that a sensor is in time: as good as one second (1/s²)."""
SURE: Final = 3.0
"""How many times its own error a lag must be before it is believed."""
LONGEST: Final = 5.0
"""Seconds beyond which a lag is not believed: more than a track can be drawn back by its velocity."""
LOOKS: Final = 3
"""Looks of another sensor within which it must have seen a track that teaches."""
ODD: Final = 9.0
"""Squared Mahalanobis distance beyond which a report is of another part of an object, or of another one."""


@kernel(error_model="numpy")
def lag(sensor: Any) -> Any:
    """Seconds by which the times of a sensor are late; 0 while that is not sure."""
    late = sensor.lag[0] / (sensor.lag[1] + FIRST)
    if late <= 0 or late * late * (sensor.lag[1] + FIRST) < SURE * SURE:
        return 0.0
    return min(late, LONGEST)


@kernel(error_model="numpy")
def set_back(feed: Any, late: float) -> None:
    """Give the places of a scan the times that they are of."""
    for j in range(len(feed)):
        if feed[j].measure == POSITION:
            feed[j].t -= late


@kernel(error_model="numpy")
def shared(track: Any, number: int, sensors: Any) -> Any:
    """Whether another sensor has seen a track in one of its last looks."""
    for k in range(RECENT):
        other = track.recent[k]
        if other < 0 or other == number or track.frames[k] < 0:
            continue
        scans = sensors[other].sweeps and not sensors[other].pointing
        if scans and sensors[other].frames - track.frames[k] <= LOOKS:
            return True
    return False


@kernel(error_model="numpy")
def learn(report: Any, noise: Any, one: Any, anchor: Any, sensor: Any, late: float) -> None:
    """Note how far behind a track that is sure to be there, and goes somewhere, a report of it lies.

    The place differs by -v·(lag - late) and an error of covariance S: the least-squares estimate of the lag
    has the weight v'S⁻¹v.
    """
    e, n = across(anchor, report.place)
    s = one.whole
    de, dn, s00, s01, s11 = innovation(s, report.t - one.time, e, n, noise[0], noise[1], noise[2])
    det = s00 * s11 - s01 * s01
    if s11 * de * de - 2 * s01 * de * dn + s00 * dn * dn > ODD * det:
        return
    a, b = (s11 * s[1] - s01 * s[3]) / det, (s00 * s[3] - s01 * s[1]) / det
    weight = a * s[1] + b * s[3]
    sensor.lag[0] = sensor.lag[0] * (1 - FORGET) + weight * late - (a * de + b * dn)
    sensor.lag[1] = sensor.lag[1] * (1 - FORGET) + weight
