"""`change pair` as it is called: labelled pairs are reached, refusals are of the scenes."""

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window
from tests.desks.space.change import made
from typer.testing import CliRunner

from watchfloor.cli import app

ROOT = Path(__file__).resolve().parents[2]
DATA = next(
    (
        folder / "shared" / "data" / "space" / "landsat"
        for folder in ROOT.parents
        if (folder / "shared" / "data" / "space" / "landsat").exists()
    ),
    None,
)
PAIRS = {
    "Taizhou": ("2000TM", "2003TM", 0.94, Window(200, 200, 200, 200)),
    "Nanjing": (
        *("LT51200382000124BJC00_Nanjing", "LT51200382002193BJC00_Nanjing"),
        *(0.80, Window(200, 400, 400, 400)),
    ),
}
"""Scenes, what is to be reached, and a quarter of the scenes in which as much is reached."""


def call(*words):
    return CliRunner().invoke(app, [*map(str, words)])


def labels(path, window):
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning), rasterio.open(path) as file:
        return file.read(1, window=window) > 0


def cut(scene, window, path):
    """A part of a scene as a file of its own."""
    with rasterio.open(scene) as file:
        place = {"width": window.width, "height": window.height, "transform": file.window_transform(window)}
        with rasterio.open(path, "w", **file.profile | place | {"driver": "GTiff"}) as part:
            part.write(file.read(window=window))
    return path


@pytest.mark.skipif(DATA is None, reason="the labelled pairs are not here")
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("name", PAIRS)
def test_labelled_pairs_are_reached(tmp_path, name, whole):
    *scenes, reach, window = PAIRS[name]
    scenes = [DATA / name / scene for scene in scenes]
    if whole:
        window = None
    else:
        scenes = [cut(scene, window, tmp_path / f"{scene.name}.tif") for scene in scenes]
    answer = call("change", "pair", *scenes, "-o", tmp_path / "map.tif", "--json")
    assert answer.exit_code == 0, answer.output
    with rasterio.open(tmp_path / "map.tif") as file:
        found = file.read(1) == 1
        assert file.crs
    changed, unchanged = (labels(DATA / name / f"{one}.bmp", window) for one in ("change", "unchanged"))
    hit, false = np.sum(found & changed), np.sum(found & unchanged)
    missed, right = np.sum(changed) - hit, np.sum(unchanged) - false
    total = hit + false + missed + right
    chance = ((hit + false) * (hit + missed) + (missed + right) * (false + right)) / total**2
    assert ((hit + right) / total - chance) / (1 - chance) >= reach


def test_scenes_without_a_projection_have_a_map_of_pixels(tmp_path):
    change = made.mask(120, 120, (30, 10, 10, 10))
    before, after = made.pair(tmp_path, change, rows=120, columns=120, crs=None)
    answer = call("change", "pair", before, after, "-o", tmp_path / "map.tif", "--json", "--lang", "fr")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert [one["latitude"] for one in told["shapes"]] == [None]
    with rasterio.open(tmp_path / "map.tif") as file:
        assert (file.read(1)[change] == 1).mean() > 0.95


def test_a_scene_that_ends_early_is_said_to(tmp_path):
    before, after = made.pair(tmp_path, rows=120, columns=120, compress="deflate")
    after.write_bytes(after.read_bytes()[:20_000])
    answer = call("change", "pair", before, after)
    assert answer.exit_code
    assert "ends early" in answer.output
    assert "mistake" not in answer.output


def test_what_a_mask_file_says_is_not_looked_at(tmp_path):
    before, after = made.pair(tmp_path, made.mask(120, 120, (30, 10, 10, 10)), rows=120, columns=120)
    everywhere = [[[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]]
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": everywhere}))
    assert call("change", "pair", before, after, "--masked", tmp_path / "a.geojson").exit_code
    (tmp_path / "b.geojson").write_text("[]")
    assert call("change", "pair", before, after, "--masked", tmp_path / "b.geojson").exit_code
