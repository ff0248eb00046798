"""kill -9 at random moments: what was acknowledged is there, what was not is whole or absent."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.store.rows import READER
from tests.thorough import draws

from watchfloor.store import Floor

KILLS = int(os.environ.get("WATCHFLOOR_KILLS", draws(25, quick=9)))
REPOSITORY = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 and fork are POSIX")
def test_no_acknowledged_row_is_lost(tmp_path, actor):
    floor = Floor.create(tmp_path / "floor", actor)
    command = [sys.executable, "-W", "ignore", "-m", "tests.store.killed", str(floor.root)]
    chance = random.Random(20261124)
    acknowledged: set[int] = set()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    ) as writers:
        for kill in range(KILLS):
            print(kill * 10**6, chance.uniform(0.01, 0.4), file=writers.stdin, flush=True)
            for line in iter(writers.stdout.readline, "dead\n"):
                _, first, count = line.split()
                acknowledged |= set(range(int(first), int(first) + int(count)))
            check(floor, acknowledged, thorough=kill % 8 == 0 or kill == KILLS - 1)
        writers.stdin.close()
    assert len(acknowledged) > 10 * KILLS
    with floor.writer(actor) as writer:
        assert writer.act("query", {}) == floor.position


def check(floor, acknowledged, *, thorough):
    names = floor.read("party", READER, columns=["name"])["name"].to_pylist()
    found = {int(name.removeprefix("name")) for name in names}
    assert len(names) == len(found)
    assert acknowledged <= found
    deliveries = {n // 100 for n in found if n % 100 < 90 and n < 10**12}
    assert all(set(range(100 * each, 100 * each + 90)) <= found for each in deliveries)
    if thorough:
        assert [str(each) for each in floor.verify()] == []
