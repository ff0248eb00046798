"""Stationary tracks: piers are marked, who moves is not, and who stood loses the mark as they go."""

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.desks.surveillance.recording import track

TURN = 2.5
"""Seconds from scan to scan."""
ERROR = 10.0
"""Metres per axis."""
PIERS = np.column_stack((np.full(12, 600.0), 40.0 * np.arange(-6, 6)))


def bridge(boat, seed, stated):
    """Five minutes of a radar: twelve piers, a boat at `boat(t)`, and one echo a scan of nothing."""
    rng = np.random.default_rng(seed)
    rows = []
    for t in np.arange(120) * TURN:
        rows += [(t, *rng.uniform(-1500, 1500, 2)) for _ in range(rng.poisson(1.0))]
        seen = [*PIERS[rng.random(len(PIERS)) < 0.9], *([boat(t)] if rng.random() < 0.9 else [])]
        rows += [(t, *(np.asarray(place) + rng.normal(0, ERROR, 2))) for place in seen]
    t, x, y = np.array(rows).T
    columns = {"t": t, "sensor": ["radar"] * len(t), "x": x, "y": y}
    return track(pa.table(columns | ({"sigma": np.full(len(t), ERROR)} if stated else {})))


def marked(found, boat, first, last):
    """Of the times between two at which a track is near the boat, the share at which all there are marked."""
    rows = found.tracks.to_pandas()
    rows = rows[(rows.t >= first) & (rows.t < last)]
    at = np.array([boat(t) for t in rows.t])
    near = rows[np.hypot(rows.x - at[:, 0], rows.y - at[:, 1]) < 40]
    assert near.t.nunique() > 0.8 * (last - first) / TURN
    return near.groupby("t").stationary.all().mean()


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("stated", [True, False])
def test_piers_are_marked_and_shown_and_the_boat_under_them_is_not_marked(seed, stated):
    def under(t):
        return -200 + 5 * t, 20.0

    found = bridge(under, seed, stated)
    rows = found.tracks.to_pandas()
    late = rows[rows.t > 150]
    turns = late.t.nunique()
    assert len(late) / turns > 11
    assert (~late.stationary).sum() / turns < 2.5
    assert marked(found, under, 200, 300) == 0
    assert 9 <= found.summary["stationary"] <= found.summary["tracks"]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("speed", [3.0, 1.2])
def test_who_stood_loses_the_mark_as_they_go(seed, speed):
    """A boat at anchor, and somebody on foot; before they are 50 m away, five of the radar's errors."""

    def leaves(t):
        return -300.0, speed * max(t - 180, 0.0)

    found = bridge(leaves, seed, stated=True)
    assert marked(found, leaves, 90, 180) > 0.9
    assert marked(found, leaves, 180 + 50 / speed, 300) == 0


def test_a_slow_boat_is_not_marked():
    def slow(t):
        return -300.0, 0.8 * t

    assert max(marked(bridge(slow, seed, stated=True), slow, 40, 300) for seed in (1, 2, 3)) < 0.1
