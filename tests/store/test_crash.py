"""kill -9 at random moments: what was acknowledged is there, what was not is whole or absent, all verifies."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.store.rows import READER

from watchfloor.store import Floor

KILLS = int(os.environ.get("WATCHFLOOR_KILLS", "25"))
REPOSITORY = Path(__file__).parents[2]

CHILD = """
import sys
from tests.store.rows import ingest, parties
from watchfloor.store import Actor, Floor, blobs, compaction, draft, intake, writer as writing
for module in (draft, intake, writing):
    module.SMALL = 4
draft.ROWS = compaction.ROWS = 64
blobs.SMALL = 64
floor = Floor.open(sys.argv[1])
start = int(sys.argv[2])
with floor.writer(Actor("child", "testing", "none")) as writer:
    print("open", flush=True)
    for n in range(start, start + 100_000, 100):
        ingest(writer, range(n, n + 90))
        print("ack", n, 90, flush=True)
        for m in range(n + 90, n + 100):
            writer.append("party", parties([m]))
            print("ack", m, 1, flush=True)
        writer.compact()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_no_acknowledged_row_is_lost(tmp_path, actor):
    floor = Floor.create(tmp_path / "floor", actor)
    acknowledged: set[str] = set()
    chance = random.Random(20261124)
    for kill in range(KILLS):
        acknowledged |= _until_killed(floor.root, kill * 1_000_000, chance.uniform(0.0, 0.25))
        if kill % 5 == 4 or kill == KILLS - 1:
            assert [str(found) for found in floor.verify()] == []
        names = floor.read("party", READER, columns=["name"])["name"].to_pylist()
        assert len(names) == len(set(names))
        assert acknowledged <= set(names)
        blocks = {int(name[4:]) // 100 for name in names if int(name[4:]) % 100 < 90}
        assert all(f"name{100 * block + n}" in set(names) for block in blocks for n in (0, 89))
    with floor.writer(actor) as writer:
        assert writer.act("query", {}) == floor.position
    assert acknowledged


def _until_killed(root, start, seconds):
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(root), str(start)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert child.stdout.readline() == "open\n"
    time.sleep(seconds)
    child.kill()
    lines = child.communicate()[0].splitlines()
    acks = [line.split()[1:] for line in lines if line.startswith("ack") and len(line.split()) == 3]
    return {f"name{int(first) + n}" for first, count in acks for n in range(int(count))}
