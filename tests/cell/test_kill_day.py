"""kill -9 over the acts of a day; `python -m benchmarks.soak` does it at length, with a table."""

import pytest

pytest.importorskip("resource", reason="kill -9, fork and limits are POSIX")

from benchmarks.soak.acts import ACTS, begin, call
from benchmarks.soak.days import Days
from benchmarks.soak.kills import Soak

from watchfloor.desks.registry import desks
from watchfloor.run.floor import behind
from watchfloor.store import Floor

KILLS = 4


@pytest.mark.thorough
def test_a_day_that_is_cut_off_loses_nothing_that_was_acknowledged(tmp_path):
    with Days() as days:
        soak = Soak(days, tmp_path, seed=20261124, starts=1000)
        soak.run(KILLS)
    assert soak.tally.lost == []
    assert sum(soak.tally.seen[name, "kills"] for name in ACTS) == KILLS
    assert sum(soak.tally.seen[name, "acknowledged"] for name in ACTS) < KILLS
    assert len(soak.book.done) > len(ACTS)


def test_which_desks_have_not_read_all_that_is_there(tmp_path):
    begin(tmp_path / "day")
    floor = Floor.open(tmp_path / "day" / "floor")
    for number in range(2):
        call(*ACTS["ingest"].words(tmp_path / "day", number))
        assert "listings" in behind(floor, desks().values())
        call(*ACTS["run"].words(tmp_path / "day", number))
        assert behind(floor, desks().values()) == []
