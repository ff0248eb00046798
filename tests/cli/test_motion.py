"""A clip of a fixed camera on the command line: a log of SAPIENT messages that other commands read."""

import json

import pytest
from tests.cli.pixels import CAMERA
from tests.formats.video import made
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.formats.base import Head
from watchfloor.formats.registry import recognise


@pytest.fixture
def clip(tmp_path):
    made.library()
    path = tmp_path / "T07_20261124T100000Z.avi"
    path.write_bytes(made.clip())
    (tmp_path / "T07.toml").write_text(CAMERA, "utf-8")
    return path


def call(clip, *words):
    said = ["track", "motion", clip, "--camera", clip.with_name("T07.toml"), *words]
    return CliRunner().invoke(app, [str(word) for word in said])


@pytest.mark.parametrize("name", ["log.sapient", "log.jsonl"])
def test_a_clip_becomes_a_log_that_is_read_again(clip, tmp_path, name):
    found = call(clip, "-o", tmp_path / name, "--json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout) == {"detections": 8, "looks": 1, "faults": []}
    log = (tmp_path / name).read_bytes()
    assert recognise(Head(name, log)).name == "sapient"
    assert call(clip, "-o", tmp_path / name).exit_code  # and is not written over


def test_a_clip_that_breaks_off_gives_what_could_be_read(clip, tmp_path):
    clip.write_bytes(made.clip()[: len(made.clip()) // 2])
    found = call(clip, "-o", tmp_path / "log", "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["faults"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("180.0", "400.0", "bearing"), ("sensor", "sensro", "sensro"), ("latitude = 45.0", "", "latitude")],
)
def test_a_camera_that_cannot_be_is_refused(clip, tmp_path, old, new, said):
    clip.with_name("T07.toml").write_text(CAMERA.replace(old, new), "utf-8")
    found = call(clip, "-o", tmp_path / "log")
    assert found.exit_code == 2
    assert said in found.output
    assert not (tmp_path / "log").exists()
