"""What a track rests on counts each report once, however often a late one has its updates told again."""

from itertools import pairwise

import numpy as np
import pytest

from watchfloor.desks.registry import desks, sample
from watchfloor.run.fold import Fold, gathered
from watchfloor.run.order import arranged, clock, moment
from watchfloor.run.revisions import settled

DESK = desks()["surveillance"]


def legs(seed, ends):
    """The legs of a sample whose rows are folded in parts that end there."""
    inputs, refs = sample(DESK, seed)
    rows = arranged(DESK, inputs)
    fold, emitted = Fold(DESK, refs), []
    at = clock(DESK, rows)
    for start, end in pairwise([0, *ends, rows.num_rows]):
        emitted += fold.step(rows.slice(start, end - start), moment(int(at[end - 1])))
    emitted += fold.step(rows.slice(0, 0), moment(int(at[-1]) + 60_000_000))
    return settled(gathered(DESK, emitted)["track"])


@pytest.mark.parametrize("seed", range(6))
def test_a_report_counts_once_though_a_late_one_has_it_told_again(seed):
    whole = legs(seed, [])
    assert whole.num_rows
    for told in whole["evidence"].to_pylist():
        assert len(set(told)) == len(told)
    rows = len(arranged(DESK, sample(DESK, seed)[0]))
    assert legs(seed, [21, rows // 3]).equals(whole)
    assert np.all(whole["reports"].to_numpy() > 0)
