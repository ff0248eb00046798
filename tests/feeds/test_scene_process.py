"""Scenes are worked in a process of their own, and its answers are those of the function."""

import pytest
from tests.desks.space.change import made

from watchfloor.desks.space.change.scanning import scan_pair
from watchfloor.feeds import scene_process
from watchfloor.formats.imagery.scenes import SceneError


def test_a_process_of_its_own_answers_as_the_function_does(tmp_path):
    before, after = made.pair(tmp_path, made.mask(96, 96, (20, 10, 2, 60)), rows=96, columns=96)
    told = []
    found = scene_process.scan_apart(before, after, out=tmp_path / "map.tif", progress=told.append)
    assert found == scan_pair(before, after)
    assert told[-1] == 1
    assert (tmp_path / "map.tif").exists()


def test_a_refusal_comes_through_with_its_reason(tmp_path):
    before, after = made.pair(tmp_path, rows=96, columns=96)
    after.write_bytes(b"II*\0" + b"\xff" * 400)
    with pytest.raises(SceneError) as refusal:
        scene_process.scan_apart(before, after)
    assert refusal.value.reason.message in ("scene.bad-header", "scene.ends-early")


def test_too_much_memory_is_a_refusal_and_not_a_mistake(tmp_path, monkeypatch):
    before, after = made.pair(tmp_path, rows=96, columns=96)
    start = (
        "import sys; sys.path[:] = sys.argv[1:]; from watchfloor.feeds import scene_process as s; "
        "s.MEMORY = 24 << 20; s.main()"
    )
    monkeypatch.setattr(scene_process, "_START", start)
    with pytest.raises(SceneError) as refusal:
        scene_process.scan_apart(before, after)
    assert refusal.value.reason.message != "scene.mistake"
