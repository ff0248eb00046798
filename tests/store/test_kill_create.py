"""A creation that is cut off at every fifth point: the folder is a whole floor, or is begun anew."""

import subprocess
import sys
from pathlib import Path

import pytest

from watchfloor.store import Floor, FloorBusy, NoFloor
from watchfloor.store.lock import WriterLock

REPOSITORY = Path(__file__).parents[2]

KILLED = """
import os, sys
from benchmarks.soak.day import Points
from watchfloor.store import Actor, Floor
for point in range(1, 200, 5):
    child = os.fork()
    if not child:
        Points().deadly = point
        Floor.create(f"{sys.argv[1]}/{point}", Actor("child", "testing", "none"))
        os._exit(0)
    if not os.waitpid(child, 0)[1]:
        break
print(point)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 and fork are POSIX")
def test_a_creation_that_is_cut_off(tmp_path, actor):
    command = [sys.executable, "-W", "ignore", "-c", KILLED, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=True)
    points = int(done.stdout)
    assert 10 < points < 190
    begun_anew = 0
    for point in range(1, points, 5):
        root = tmp_path / str(point)
        try:
            floor = Floor.open(root)
        except NoFloor:
            floor = Floor.create(root, actor)
            begun_anew += 1
        assert [act.act for act in floor.acts()] == ["created"]
        assert not list(floor.verify())
    assert begun_anew > points // 10


def test_what_somebody_else_put_there_stays(tmp_path, actor):
    (tmp_path / "key").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(NoFloor, match="not empty"):
        Floor.create(tmp_path, actor)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert sorted(place.name for place in tmp_path.iterdir()) == ["key", "notes.txt"]


def test_a_floor_that_lost_its_settings_is_not_made_anew(floor, actor):
    floor.act(actor, "query", {})
    (floor.root / "floor.toml").unlink()
    with pytest.raises(NoFloor, match="has lost its"):
        Floor.create(floor.root, actor)


def test_two_creations_at_once(tmp_path, actor):
    root = tmp_path / "floor"
    root.mkdir()
    with WriterLock(root), pytest.raises(FloorBusy):
        Floor.create(root, actor)
    assert Floor.create(root, actor).position == 1
