"""kill -9 over the acts of a day; `python -m benchmarks.soak` does it at length, with a table."""

import sys

import pytest
from benchmarks.soak.acts import ACTS
from benchmarks.soak.days import Days
from benchmarks.soak.kills import Soak

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 and fork are POSIX")

KILLS = 4


def test_a_day_that_is_cut_off_loses_nothing_that_was_acknowledged(tmp_path):
    with Days() as days:
        soak = Soak(days, tmp_path, seed=20261124, starts=1000)
        soak.run(KILLS)
    assert soak.tally.lost == []
    assert sum(soak.tally.seen[name, "kills"] for name in ACTS) == KILLS
    assert sum(soak.tally.seen[name, "acknowledged"] for name in ACTS) < KILLS
    assert len(soak.book.done) > len(ACTS)
