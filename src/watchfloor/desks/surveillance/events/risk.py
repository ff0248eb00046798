"""Life at risk: somebody on foot in deadly cold, on thin ice, or in a boat that drifts.

*Cold.* The hazard bands of Environment and Climate Change Canada's wind chill index: at -28 exposed skin
freezes in 10 to 30 minutes, at -40 in 5 to 10, at -48 in 2 to 5. The rule begins at `COLD`, for whoever has
been out as long as the shorter of each band's times.

*Thin ice.* The Canadian Red Cross asks for 15 cm to walk alone, 20 cm in groups, 25 cm for a snowmobile and
40 cm for a car; occupational guidelines hold clear ice of 5 cm for one person, 8 cm for a file and 18 to 20
cm for a car or a light truck to be the least that carries. The rule speaks between the two, see `THIN`, and
where no reference says where the water is, only as a possibility.

*Drift.* An object without propulsion goes with the wind at 1 to 7 % of its speed, within some 45° of its
direction (Allen and Plourde, 1999, "Review of leeway", US Coast Guard CG-D-08-99), and with the current. The
rule asks for `DRIFTS` seconds of it in a wind of `WIND` m/s or more.
"""

from math import atan2, pi, sqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import Places, apart, inside
from watchfloor.desks.surveillance.events.points import BOAT, GROUP, PERSON, VEHICLE
from watchfloor.desks.surveillance.events.rule_output import noted_point
from watchfloor.desks.surveillance.events.track_history import PointHistory
from watchfloor.desks.surveillance.events.weather_lookup import Sky

Array = npt.NDArray[Any]

EXPOSED: Final = "cold-exposure"
ICE: Final = "thin-ice"
ADRIFT: Final = "drifting-boat"
VERSION: Final = "1"

COLD: Final = -30.0
"""°C of wind chill. ECCC's band begins at -28; at -30 the index is that of the issue's storyline."""
LEVELS: Final = np.array([(COLD, 600.0, 0.65), (-40.0, 300.0, 0.8), (-48.0, 120.0, 0.95)])
"""Wind chill, seconds out, and chance that it is an emergency. The chances are judgement."""
THIN: Final = np.array([0.10, 0.10, 0.20])
"""Metres of ice below which a person, a group, a vehicle is in danger."""
ON_WATER: Final = 0.9
PERHAPS: Final = 0.5
"""Chance where the place is on water by a reference, and where no reference says. Judgement."""

WIND: Final = 4.0
"""m/s, from which a drift by wind can be told from one by current. Judgement."""
LEAST: Final = 0.01
MOST: Final = 0.07
"""Leeway as a share of the wind's speed."""
CURRENT: Final = 0.5
"""m/s that the water may add."""
ANGLE: Final = pi / 4
DRIFTS: Final = 900.0
FAR: Final = 100.0
"""Metres that it must have gone."""
AGAIN: Final = 1800.0
"""Seconds after which what goes on is told again."""
SILENT: Final = 600.0
HARBOUR: Final = 300.0

RISK: Final = [
    ("cold", "<f8"),  # since when, 0: not
    ("cold_told", "<f8"),
    ("cold_level", "i1"),
    ("ice", "<f8"),
    ("ice_told", "<f8"),
    ("drift", "<f8"),
    ("drift_told", "<f8"),
    ("drift_latitude", "<f8"),
    ("drift_longitude", "<f8"),
    ("last", "<f8"),  # look
]


@kernel
def cold(rows: Array, blank: Array, seen: PointHistory, looks: Array, chill: Array, out: Array) -> Any:
    """Notices of cold; `x` is the wind chill, `y` the seconds that the track has been out in it."""
    points, count = seen.points, 0
    for k in range(len(looks)):
        i = looks[k]
        one = rows[seen.place[i]]
        if seen.fresh[i]:
            rows[seen.place[i]] = blank[0]
        if seen.of[i] >= 0:
            rows[seen.place[i]] = rows[seen.of[i]]
        t = points.t[i]
        on_foot = points.klass[i] in (PERSON, GROUP)
        if not (on_foot and chill[k] <= COLD):
            one.cold, one.cold_level = 0.0, 0
            continue
        if one.cold == 0:
            one.cold = t
        one.cold = max(one.cold, seen.began[i])  # nobody was out in between for all we know
        if not points.confirmed[i]:
            continue
        level = 0
        for n in range(len(LEVELS)):
            if chill[k] <= LEVELS[n, 0] and t - one.cold >= LEVELS[n, 1]:
                level = n + 1
        if level > one.cold_level or (level > 0 and t - one.cold_told >= AGAIN):
            one.cold_level, one.cold_told = max(level, one.cold_level), t
            out = noted_point(out, count, seen, i, one.cold)
            note = out[count]
            note.chance = LEVELS[one.cold_level - 1, 2] * points.exists[i]
            note.x, note.y = chill[k], t - one.cold
            count += 1
    return out, count


@kernel
def ice(rows: Array, seen: PointHistory, looks: Array, metres: Array, water: Array, out: Array) -> Any:
    """Notices of thin ice, after `cold`; `x` is its metres, `y` what the class needs, `z` 1 on water.

    `water` says of each look whether it is on water: 1 yes, 0 no, -1 not known.
    """
    points, count = seen.points, 0
    for k in range(len(looks)):
        i = looks[k]
        one = rows[seen.place[i]]
        klass = points.klass[i]
        goes = klass in (PERSON, GROUP, VEHICLE)
        if not (goes and metres[k] > 0 and metres[k] < THIN[klass] and water[k] != 0):
            one.ice = 0.0
            continue
        if one.ice == 0:
            one.ice, one.ice_told = points.t[i], -np.inf
        if points.confirmed[i] and points.t[i] - one.ice_told >= AGAIN:
            one.ice_told = points.t[i]
            out = noted_point(out, count, seen, i, one.ice)
            note = out[count]
            note.chance = (ON_WATER if water[k] > 0 else PERHAPS) * points.exists[i]
            note.x, note.y, note.z = metres[k], THIN[klass], water[k]
            count += 1
    return out, count


@kernel
def drift(rows: Array, seen: PointHistory, looks: Array, sky: Sky, harbours: Places, out: Array) -> Any:
    """Notices of drift, after `cold`; `x` is the wind in m/s, `y` the speed of the boat."""
    points, count = seen.points, 0
    for k in range(len(looks)):
        i = looks[k]
        one = rows[seen.place[i]]
        t, y, x = points.t[i], points.latitude[i], points.longitude[i]
        east, north = points.velocity[i, 0], points.velocity[i, 1]
        speed, wind = sqrt(east * east + north * north), sky.wind_speed[k]
        off = atan2(east, north) - (sky.wind_from[k] * pi / 180 + pi)
        off = abs((off + pi) % (2 * pi) - pi)
        goes = points.klass[i] == BOAT and wind >= WIND and off <= ANGLE
        goes = goes and speed >= LEAST * wind and speed <= MOST * wind + CURRENT
        broken = t - one.last > SILENT
        one.last = t
        if not goes:
            one.drift = 0.0
            continue
        if one.drift == 0 or broken:
            one.drift, one.drift_told = t, -np.inf
            one.drift_latitude, one.drift_longitude = y, x
        far = apart(one.drift_latitude, one.drift_longitude, y, x) >= FAR
        lasted = t - one.drift
        due = points.confirmed[i] and far and lasted >= DRIFTS and t - one.drift_told >= AGAIN
        if due and inside(harbours, y, x, HARBOUR) < 0:
            one.drift_told = t
            out = noted_point(out, count, seen, i, one.drift)
            note = out[count]
            note.chance = points.exists[i] * (1 - 0.4 * DRIFTS / lasted)
            note.x, note.y = wind, speed
            count += 1
    return out, count
