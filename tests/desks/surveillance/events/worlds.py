"""Tracks for the tests: columns of points, and a small busy world with everything in it."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from watchfloor.core.kinds import WEATHER
from watchfloor.desks.surveillance import events

METRES = 111_194.926644
START = 1_767_225_600.0  # 2026-01-01
LAKE = (48.2, -88.5)  # on Lake Superior, the line is far
LINE = 48.99961  # the line at 110° W, where it is straight
PERSON, GROUP, VEHICLE, BOAT, AIRCRAFT, DRONE, ANIMAL, UNKNOWN = range(8)


def path(track, t, north, east, *, at=(LINE, -110.0), sigma=10.0, **columns):
    """Points of one track at metres north and east of a place, with the velocity of their steps."""
    t, north, east = (np.asarray(each, float) for each in np.broadcast_arrays(t, north, east))
    y = at[0] + north / METRES
    x = at[1] + east / METRES / np.cos(np.radians(at[0]))
    velocity = np.stack([np.gradient(east, t), np.gradient(north, t)], 1) if len(t) > 1 else np.zeros((1, 2))
    cov = np.tile([sigma**2, 0.0, sigma**2], (len(t), 1))
    columns = {"velocity": velocity, "cov": cov, "track": np.full(len(t), track)} | columns
    return events.points(t=t, latitude=y, longitude=(x + 180) % 360 - 180, **columns)


def merged(*paths):
    """Points of several tracks in the order of their times."""
    every = [np.concatenate(parts) for parts in zip(*paths, strict=True)]
    order = np.argsort(every[0], kind="stable")
    return events.Points(*(each[order] for each in every))


def part(points, first, last):
    return events.Points(*(each[first:last] for each in points))


def net(told):
    """What stands: the last of each identity, without what was taken back."""
    last = {(one.rule, one.tracks, one.window): one for one in told}
    return [one for one in last.values() if not one.retracted]


def weather(**columns):
    """One row of the kind `weather`, at the line."""
    plain = {
        "record_id": bytes(16),
        "source": "eccc",
        "origins": [],
        "observed_at": datetime.fromtimestamp(START - 3600, UTC),
        "until": datetime.fromtimestamp(START + 86_400, UTC),
        "marking": "U",
        "delivery": bytes(32),
        "locator": "line 1",
        "station": "CYXX",
        "latitude": LINE,
        "longitude": -110.0,
    }
    return pa.Table.from_pylist([dict.fromkeys(WEATHER.schema.names) | plain | columns], WEATHER.schema)


def meeting(start=START, lasts=1200.0, apart=50.0, step=10.0, until=3600.0, first=1, **columns):
    """Two boats come from 2 km to the east and the west, stay, and go back where they came from."""
    t = start + np.arange(0, until, step)
    away = 5.0 * (np.maximum(400 - (t - start), 0) + np.maximum(t - start - 400 - lasts, 0))
    return merged(
        path(first, t, 0.0, away, at=LAKE, klass=BOAT, **columns),
        path(first + 1, t, apart, -away, at=LAKE, klass=BOAT, **columns),
    )


def ais(silent, others=True, speed=4.0, first=1):
    """A vessel that reports itself and falls silent, and another that does not."""
    t = START + np.arange(0, 7200, 30.0)
    mine = path(first, t, 0.0, speed * (t - START), at=LAKE, klass=BOAT, self_reported=True, claimed=7)
    kept = (t < START + 1800) | (t >= START + 1800 + silent)
    mine = events.Points(*(each[kept] for each in mine))
    other = path(
        first + 1, t, 5000.0, speed * (t - START), at=LAKE, klass=BOAT, self_reported=others, claimed=9
    )
    return merged(mine, other)
