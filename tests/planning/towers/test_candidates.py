"""Proposed sites: where they may stand, and that they see no less than greedy on block maxima."""

import numpy as np
import pytest
from tests.planning.towers.hills import terrain

from watchfloor.planning.towers import candidates
from watchfloor.planning.towers.candidates import block_maxima, propose
from watchfloor.planning.towers.choose import Limits, choose
from watchfloor.planning.towers.sight import Points, sights

COUNT = 3


@pytest.fixture
def few(monkeypatch):
    """Fewer places: the terrain is small."""
    monkeypatch.setattr(candidates, "BLOCKS", 20)
    monkeypatch.setattr(candidates, "AROUND", 40)
    monkeypatch.setattr(candidates, "ROUNDS", 8)


def hills(seed):
    random = np.random.default_rng(seed)
    waves = np.fft.fftfreq(40)
    size = np.hypot(waves[:, None], waves)
    size[0, 0] = 1
    heights = np.fft.ifft2(np.fft.fft2(random.standard_normal((40, 40))) * size**-1.8).real
    return terrain(150 * (heights - heights.min()) / heights.std())


def cells_of(ground, seed):
    at = np.random.default_rng(seed).integers(0, 40, (200, 2))
    x, y = ground.west + 100.0 * at[:, 1], ground.north - 100.0 * at[:, 0]
    return Points.plain(tuple(map(str, range(200))), x, y, 1.7)


def greedy(cover, count):
    covered = np.zeros(cover.shape[1], bool)
    for _ in range(count):
        covered |= cover[np.argmax((cover & ~covered).sum(1))]
    return int(covered.sum())


@pytest.mark.parametrize("seed", range(3))
def test_the_first_ones_see_no_less_than_greedy_on_block_maxima(few, seed):
    ground = hills(seed)
    cells = cells_of(ground, seed)
    sites = propose(ground, cells, np.ones(200), COUNT, 5.0)
    assert len(set(sites.names)) == len(sites.names)
    at = block_maxima(ground.heights, 20)
    blocks = Points.plain(
        tuple(map(str, at)), ground.west + 100.0 * at[:, 1], ground.north - 100.0 * at[:, 0], 5.0
    )
    rule = greedy(sights(ground, blocks, cells).matrix(), COUNT)
    seen = sights(ground, sites, cells)
    first = int(seen.matrix()[:COUNT].any(0).sum())
    assert first >= rule
    limits = Limits(np.ones(len(sites.names)), float(COUNT))
    assert choose(seen, np.ones(200), limits, seconds=0, start=tuple(range(COUNT))).covered >= first


def test_no_site_is_where_none_may_stand(few):
    ground = hills(3)
    allowed = np.zeros(ground.heights.shape, bool)
    allowed[5:30, 10:20] = True
    ground.heights[8:12, 8:14] = np.nan
    cells = Points.plain(("a", "b"), np.array([2500.0, 3050.0]), np.array([550.0, 1050.0]), 1.7)
    sites = propose(ground, cells, np.ones(2), COUNT, 5.0, allowed=allowed, steepest=20.0)
    row, column = (part.round().astype(int) for part in ground.index(sites.x, sites.y))
    down, across = np.gradient(ground.heights.astype(float), 100.0)
    slope = np.degrees(np.arctan(np.hypot(down, across)))[row, column]
    assert len(row)
    assert allowed[row, column].all()
    assert not np.isnan(ground.heights[row, column]).any()
    assert not (slope > 20.0 + 1e-6).any()


def test_where_none_may_stand_there_is_no_site(few):
    ground = hills(4)
    sites = propose(ground, cells_of(ground, 4), np.ones(200), COUNT, allowed=np.zeros((40, 40), bool))
    assert sites.names == ()
