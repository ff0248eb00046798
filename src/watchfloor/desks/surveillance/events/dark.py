"""Dark contact: a vessel that radar or cameras see and that does not report itself, where others are heard.

Who must carry AIS in Canada goes by tonnage, and for smaller vessels by passengers and waters (Navigation
Safety Regulations, 2020, SOR/2020-216). Most boats on inland waters need none, so a dark contact says little
by itself, and its chance says so. It is told once the track has been there for `SEEN` seconds, within a
receiver's reach, with no self-report within `NEAR` metres in the last `FRESH` seconds that its tracker may
have missed; and taken back when it reports itself after all.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import METRES, Places, apart, inside
from watchfloor.desks.surveillance.events.points import BOAT
from watchfloor.desks.surveillance.events.rule_output import noted_point
from watchfloor.desks.surveillance.events.track_history import PointHistory

Array = npt.NDArray[Any]

RULE: Final = "dark-contact"
VERSION: Final = "1"

SEEN: Final = 300.0
NEAR: Final = 500.0
FRESH: Final = 200.0
"""Seconds: a class B vessel that hardly moves reports every 180 (ITU-R M.1371-5, annex 8)."""
HARBOUR: Final = 300.0
CARRIES: Final = 0.4
"""Chance that a vessel of no known size keeps silent and should not, or hides. Judgement."""

RIM: Final = 2_000.0
"""Metres within a receiver's reach at its rim, where it hears some reports and not others."""
DARKENS: Final = 900.0
"""Seconds after its last report from which a vessel that was heard is dark too: five of the longest
interval."""

DARK: Final = [("since", "<f8"), ("told", "?"), ("lit", "<f8")]  # when it reported itself last
SPOT: Final = [("t", "<f8"), ("latitude", "<f8"), ("longitude", "<f8")]
"""Of an identity: where it was heard last."""


@kernel
def fold(
    rows: Array,
    blank: Array,
    spots: Array,
    whose: Array,
    seen: PointHistory,
    receivers: Places,
    harbours: Places,
    out: Array,
) -> Any:
    """Notices and how many; `x` is seconds that the track has been there.

    `whose` is the row of each point's identity in `spots`, -1 where it is no self-report with one.
    """
    points, count = seen.points, 0
    for i in range(len(seen.row)):
        t, y, x = points.t[i], points.latitude[i], points.longitude[i]
        if seen.fresh[i]:
            rows[seen.place[i]] = blank[0]
            rows[seen.place[i]].since, rows[seen.place[i]].lit = t, -np.inf
        one = rows[seen.place[i]]
        if seen.of[i] >= 0:  # what was told of the track that it takes up need not be told again
            before = rows[seen.of[i]]
            one.since, one.lit = before.since, np.inf if before.told else before.lit
        if whose[i] >= 0:
            spots[whose[i]].t, spots[whose[i]].latitude, spots[whose[i]].longitude = t, y, x
        if points.self_reported[i]:
            one.lit = t
            if one.told:
                one.told = False
                out = noted_point(out, count, seen, i, one.since)
                out[count].retracted, out[count].chance = True, 0.0
                count += 1
        if t - one.lit < DARKENS or one.told or not seen.look[i]:
            continue
        if points.klass[i] != BOAT or not points.confirmed[i]:
            continue
        if (
            t - max(one.since, seen.began[i]) < SEEN
            or inside(receivers, y, x, -RIM) < 0
            or inside(harbours, y, x, HARBOUR) >= 0
        ):
            continue
        if not _heard_near(spots, t, y, x):
            one.told = True
            out = noted_point(out, count, seen, i, one.since)
            out[count].chance, out[count].x = CARRIES * points.exists[i], t - one.since
            count += 1
    return out, count


@kernel
def _heard_near(spots: Array, t: float, y: float, x: float) -> bool:
    """Whether an identity was heard near a place not long before."""
    for k in range(len(spots)):
        spot = spots[k]
        if spot.t + FRESH < t or abs(spot.latitude - y) * METRES > NEAR:
            continue
        if apart(y, x, spot.latitude, spot.longitude) <= NEAR:
            return True
    return False
