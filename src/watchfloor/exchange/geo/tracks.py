"""Tracks of a recording as features of a map: a line each, with the time at each of its places."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import numpy as np
import shapely

from watchfloor.desks.surveillance.outputs import TrackPath
from watchfloor.exchange.geo.feature import Feature


def track_features(paths: Iterable[TrackPath], marking: str, *, dated: bool) -> Iterator[Feature]:
    """Yield a line for each track, a point for one that was reported once.

    Args:
        paths: with degrees of longitude and latitude.
        marking: who may see them.
        dated: whether seconds count from 1970-01-01 UTC; else features have no times of day.
    """
    for path in paths:
        times = [datetime.fromtimestamp(one, UTC) for one in path.t.tolist()] if dated else []
        line = len(path.place) > 1
        yield Feature(
            f"track-{path.track}",
            f"T{path.track}" + (f" {path.klass}" if path.klass else ""),
            ", ".join(path.sensors),
            shapely.LineString(path.place) if line else shapely.Point(path.place[0]),
            times[0] if times else None,
            marking,
            {
                "track_id": path.track,
                "class": path.klass,
                "sensors": ", ".join(path.sensors),
                "reports": len(path.t),
                "t_first": float(path.t[0]),
                "t_last": float(path.t[-1]),
                "mean_speed": round(float(np.mean(path.speed)), 3),
                "p_exist": round(path.exists, 6),
                "stationary": path.stationary,
            },
            until=times[-1] if times else None,
            collection="tracks",
            times=times,
        )
