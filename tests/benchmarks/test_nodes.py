"""The benchmark of ten nodes measures what it says, on one small exercise."""

import pytest
from benchmarks.nodes.__main__ import run, table

from watchfloor.exercise.nodes import CELL


@pytest.mark.thorough
def test_one_seed_is_measured(tmp_path):
    one = run(6, 0.1, tmp_path)
    assert (one.rank, one.nodes, one.leaked) == (1, 3, 0)
    assert one.private == one.at_home > 0
    assert (one.closed, one.shared, one.payments) == (3, 6, 0)
    assert 0.8 < one.alone <= 1
    assert set(one.without) == {"bank-a", "laboratory", "targeting", CELL}
    assert all(0 < chance < one.chance for chance in one.without.values())
    assert one.next_chance < one.chance
    assert table([one]).row_count == 1


@pytest.mark.thorough
def test_a_silent_node_takes_its_part_and_no_more(tmp_path):
    one = run(7, 0.1, tmp_path)
    bits = {node: chance / (1 - chance) for node, chance in one.without.items()}
    whole = one.chance / (1 - one.chance)
    assert whole / bits["bank-a"] == pytest.approx(2**2.0, rel=1e-6)  # several deposits, trafficking by post
    assert whole / bits["laboratory"] == pytest.approx(2**10.0, rel=1e-6)
