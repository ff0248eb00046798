"""The exercise's scenes: what they are, what a scan of their pixels finds, and that the key knows it."""

import json

import numpy as np
import pytest

import watchfloor
from watchfloor.core.derived import net
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.following import CHANGED, changed
from watchfloor.exercise.key import Key, Storyline, middle_of
from watchfloor.exercise.plots import night_walkers
from watchfloor.exercise.surveillance import scenes
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.store import Actor, Floor

KEEPER = Actor("keeper", "exercise", "exercise")
(PLOT,) = night_walkers.make_plots(Cast(1))


def written(folder, seed=1):
    (folder / "feeds").mkdir(parents=True)
    scenes.write(folder / "feeds", folder / scenes.SCAN, PLOT.cut, seed)
    return folder / "feeds" / scenes.FOLDER


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("scenes"))


@pytest.fixture
def floor(folder, tmp_path):
    made = Floor.create(tmp_path / "floor", KEEPER, ceiling="PB//TLP:RED", exercise=True)
    (made.root / config.NAME).write_text(scenes.SETTINGS, "utf-8")
    with made.writer(KEEPER) as writer:
        taken = tally(ingest_all(writer, [folder.parent], config.load(made.root), Orders()))
    assert (
        taken.feeds()["scenes"]._asdict() | {"received": 2, "accepted": 2}
        == taken.feeds()["scenes"]._asdict()
    )
    assert taken.whole
    return made


def scan(floor, **how):
    opened = watchfloor.open(floor.root, purpose="exercise", authority="exercise", user="keeper")
    ask = {"km": scenes.KM, "since": "2026-09-01", "until": "2026-11-01", "retain": 9999}
    return opened.changes.scan(**ask, **how)


def of_storyline(floor):
    """The storyline of each changed place, by the answer key."""
    one = Storyline(
        "night-walkers", "", ("unlawful-crossing",), (), (), scenes.AFTER, (), middle_of(PLOT.cut)
    )
    rows = floor.read("scene-change", floor.reader("keeper", "exercise"), columns=CHANGED, latest=True)
    return set(changed(rows, Key(1, 1.0, 1, (one,))).values())


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(folder, tmp_path):
    def files(of):
        return {path.name: path.read_bytes() for path in sorted(of.iterdir())}

    assert files(written(tmp_path / "same")) == files(folder)
    assert files(written(tmp_path / "other", seed=2)) != files(folder)


def test_a_band_is_a_geotiff_where_the_item_says(folder):
    rasterio, warp = pytest.importorskip("rasterio"), pytest.importorskip("rasterio.warp")
    (item,) = [json.loads(path.read_text()) for path in sorted(folder.glob("*20261016.json"))]
    with rasterio.open(folder / item["assets"]["red"]["href"]) as file:
        assert str(file.crs) == item["properties"]["proj:code"]
        values = file.read(1)
        west, south, east, north = warp.transform_bounds(file.crs, "EPSG:4326", *file.bounds)
    assert np.allclose((west, south, east, north), item["bbox"], atol=1e-4)
    assert 200 < np.median(values) < 500


def test_what_a_scan_is_said_to_find_leads_to_the_storyline_and_the_field_weighs_nothing(floor, folder):
    done = scan(floor, shapes=folder.parents[1] / scenes.SCAN)
    assert sorted(one.what for one in done.changes) == ["harvest", "trail"]
    assert of_storyline(floor) == {"night-walkers"}
    signals = floor.derived("signal", floor.reader("keeper", "exercise")).to_pylist()
    assert {one["rule"] for one in signals} == {"trail-appeared", "ordinary-change"}


def test_the_pixels_themselves_lead_to_the_storyline_once_and_a_mask_hides_it(floor):
    """From the folder of scenes through the front door to the answer key."""
    pytest.importorskip("rasterio")
    done = scan(floor)
    assert "trail" in [one.what for one in done.changes]
    assert of_storyline(floor) == {"night-walkers"}
    rows = floor.read("scene-change", floor.reader("keeper", "exercise")).to_pylist()
    assert all(row["picture_after"] for row in rows)
    assert scan(floor).appeared == 0
    areas = [{"type": "Feature", "geometry": json.loads(row["shape"]), "properties": {}} for row in rows]
    whole = {"type": "FeatureCollection", "features": areas}
    (floor.root / "private.geojson").write_text(json.dumps(whole), "utf-8")
    (floor.root / "space.toml").write_text(
        '[[masked]]\nfile = "private.geojson"\nreason = "private land"\n', "utf-8"
    )
    again = scan(floor)
    assert (again.withdrawn, again.again) == (len(rows), 0)
    signals = net(floor.derived("signal", floor.reader("keeper", "exercise"))).to_pylist()
    assert [one for one in signals if one["desk"] == "space"] == []
