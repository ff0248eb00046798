"""Echoes: what a radar reports behind a ship, where nothing is.

A pulse that comes back from a large hull is thrown back by the radar's own mast, or goes on over a quay, and
returns again: plots stand behind the ship, on its bearing, at several ranges, and swing with it (M. Skolnik,
Introduction to Radar Systems, 3rd ed. 2001, 7.9 on multiple-time-around and multipath echoes). So behind each
track that is sure to be there plots have a clutter density of their own, which is learned for each track: a
ship that casts echoes, a boat that does not. It is a density and no rule: what moves there by itself is
followed as elsewhere, only on more evidence. A track that goes on being fed from there is followed and not
shown while it is likelier an echo, which keeps its bearing from the ship as that swings, than a vessel, which
does not.
"""

import math
from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking.measurements import wrapped
from watchfloor.desks.surveillance.tracking.places import across, lift
from watchfloor.desks.surveillance.tracking.reports import POSITION
from watchfloor.desks.surveillance.tracking.sensors import GROWN

WIDTH: Final = 0.07
"""Radians, standard deviation of an echo's azimuth about the bearing of what casts it: of 8 degrees either
side, half."""
HULL: Final = 8.0
"""Metres, the same across it: near by, a hull fills more of the horizon."""
REACH: Final = 2.5
"""Standard deviations to either side that are looked at."""
BEHIND: Final = 30.0
"""Metres behind the middle of what casts it where the first echo may be."""
USUAL: Final = 0.05
"""Echoes a scan behind a track, before the sensor has taught how many."""
LOOKS: Final = 50.0
"""Scans of a track that this guess is worth; and of one track what its sensor has taught, a tenth of it."""
KEEP: Final = 0.98
"""Part of what was learned of a track that each scan leaves."""
LASTING: Final = 0.1
"""Share of echoes that come again and again where a track would look for them. Judgement."""
BOUND: Final = 4.0
"""Log-odds beyond which nothing is learned: a track changes its nature within a few scans."""
SWING: Final = 0.05
"""Radians by which a bearing must have swung to tell what swings with it."""
OWN: Final = 5.0
"""Metres a second at which a vessel may go across the line of sight."""
TELLS: Final = 1.5
"""The most that one swing, or another sensor, says (log-odds)."""
AWAY: Final = 0.7
"""What a report says that lies behind nothing."""
CASTER: Final = np.dtype(
    [(name, "f8") for name in ("azimuth", "range", "width", "density")] + [("slot", "i8")], align=True
)


@kernel(error_model="numpy")
def polar(sensor: Any, own: Any, place: Any) -> Any:
    """Azimuth, radians clockwise from north, and metres from the sensor's own place to another."""
    e, n = across(sensor.anchor, place)
    oe, on = across(sensor.anchor, own)
    return math.atan2(e - oe, n - on), math.hypot(e - oe, n - on)


@kernel(error_model="numpy")
def casters(feed: Any, tracks: Any, scratch: Any, count: int, sensor: Any, out: Any) -> Any:
    """List the candidates that may cast echoes by their azimuth; returns how many, 0 where the sensor's own
    place is not known."""
    if sensor.pointing or feed[0].sensor_place[0] != feed[0].sensor_place[0]:
        return 0
    for j in range(len(feed)):
        if feed[j].measure == POSITION:
            sensor.reach = max(sensor.reach, polar(sensor, feed[j].sensor_place, feed[j].place)[1])
    spot = np.empty(3)
    found = 0
    for c in range(count):
        track = tracks[scratch[c].slot]
        if not track.confirmed or track.hits < GROWN or track.echo > 0 or scratch[c].exists < 0.9:
            continue
        lift(track.anchor, scratch[c].whole[0], scratch[c].whole[2], spot)
        azimuth, far = polar(sensor, feed[0].sensor_place, spot)
        width = math.sqrt(WIDTH * WIDTH + (HULL / max(far, HULL)) ** 2)
        usual = (sensor.echoes[0] + USUAL * LOOKS) / (sensor.echoes[1] + LOOKS)
        many = (track.echoes[0] + 0.1 * LOOKS * usual) / (track.echoes[1] + 0.1 * LOOKS)
        one = out[found]
        one.azimuth, one.range, one.width, one.slot = azimuth, far, width, scratch[c].slot
        one.density = many / (2.5066 * width * max(sensor.reach - far - BEHIND, BEHIND))
        found += 1
    return found


@kernel(error_model="numpy")
def nearest(casting: Any, azimuth: float, far: float) -> Any:
    """The caster that a place lies behind, -1 for none: that of the nearest bearing, in its own width."""
    best, which = REACH, -1
    for k in range(len(casting)):
        if casting[k].range + BEHIND < far:
            off = abs(wrapped(azimuth - casting[k].azimuth)) / casting[k].width
            if off < best:
                best, which = off, k
    return which


@kernel(error_model="numpy")
def densities(feed: Any, casting: Any, sensor: Any, density: Any, share: Any) -> None:
    """Add to the density of stray reports that of echoes, per m² and scan; `share` becomes the part of each
    that is due to them."""
    for j in range(len(feed)):
        share[j] = 0.0
        if feed[j].measure != POSITION or not len(casting):
            continue
        azimuth, far = polar(sensor, feed[j].sensor_place, feed[j].place)
        k = nearest(casting, azimuth, far)
        if k >= 0:
            off = wrapped(azimuth - casting[k].azimuth) / casting[k].width
            more = casting[k].density * math.exp(-0.5 * off * off) / far
            share[j] = more / (density[j] + more)
            density[j] += more


@kernel(error_model="numpy")
def learn(
    feed: Any,
    casting: Any,
    tracks: Any,
    scratch: Any,
    start: Any,
    report: Any,
    given: Any,
    share: Any,
    sensor: Any,
) -> None:
    """Note how many echoes each caster had: reports behind it that no track explains which is sure to be a
    vessel."""
    if not len(casting):
        return
    left = np.ones(len(feed))
    for c in range(len(start) - 1):
        track = tracks[scratch[c].slot]
        if track.hits >= GROWN and track.echo < 0:
            for p in range(start[c], start[c + 1]):
                left[report[p]] -= given[p]
    for k in range(len(casting)):
        track = tracks[casting[k].slot]
        track.echoes[0] *= KEEP
        track.echoes[1] = track.echoes[1] * KEEP + 1
    sensor.echoes[0] *= 0.999
    sensor.echoes[1] = sensor.echoes[1] * 0.999 + len(casting)
    for j in range(len(feed)):
        if share[j] > 0:
            azimuth, far = polar(sensor, feed[j].sensor_place, feed[j].place)
            track = tracks[casting[nearest(casting, azimuth, far)].slot]
            now = share[j] * max(left[j], 0.0)
            track.echoes[0] += now
            sensor.echoes[0] += now


@kernel(error_model="numpy")
def begun(share: float, birth: float) -> Any:
    """Log-odds that a track is an echo which a report begins of which such a share is due to echoes, where a
    report that nothing explains is of a new object with a probability of `birth`.

    NaN where none is due to echoes: perhaps because what casts them is not sure to be there yet.
    """
    if share == 0:
        return np.nan
    odds = share * LASTING / ((1 - share) * birth + 1e-12)
    return min(max(math.log(odds + 1e-12), -BOUND), BOUND)


@kernel(error_model="numpy")
def judge(
    report: Any, share: float, birth: float, casting: Any, sensor: Any, number: int, track: Any
) -> None:
    """Weigh, by a report that a track took, whether it is an echo; a `share` of such are echoes.

    One that began behind nothing is judged, until what was there with it has grown, as if it began with its
    first report behind something: that casts nothing before it has.
    """
    if report.measure != POSITION or sensor.pointing:
        return
    unjudged = track.echo != track.echo
    if number != track.origin:
        track.echo = -BOUND if unjudged else max(track.echo - TELLS, -BOUND)
        return
    if report.sensor_place[0] != report.sensor_place[0]:
        return
    azimuth, far = polar(sensor, report.sensor_place, report.place)
    k = nearest(casting, azimuth, far)
    if unjudged:
        if k < 0 and track.hits < 2 * GROWN:
            return
        track.echo = begun(share, birth) if k >= 0 and share > 0 else -BOUND
    if k < 0:
        track.echo = max(track.echo - AWAY, -BOUND)
        track.caster = -1
        return
    aside = wrapped(azimuth - casting[k].azimuth)
    name = casting[k].slot
    swung = wrapped(casting[k].azimuth - track.swung)
    if track.caster == name and abs(swung) < SWING:
        return
    if track.caster == name:
        narrow = 0.5 * casting[k].width + 0.02
        wide = math.sqrt(narrow * narrow + (OWN * (report.t - track.aimed) / far) ** 2)
        off = wrapped(aside - track.aside)
        told = 0.5 * ((off + swung) / wide) ** 2 - 0.5 * (off / narrow) ** 2 + math.log(wide / narrow)
        track.echo = min(max(track.echo + min(max(told, -TELLS), TELLS), -BOUND), BOUND)
    track.caster, track.swung, track.aside, track.aimed = name, casting[k].azimuth, aside, report.t
