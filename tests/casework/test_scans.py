"""Scans: what is new, confirmed, gone and withdrawn, behind masks and markings, and once only."""

import io
import json
import tarfile
from datetime import timedelta

import pytest
import shapely
from tests.casework.ground import (
    DAY,
    HIDDEN,
    KEEPER,
    KM,
    LATITUDE,
    PNG,
    Told,
    add_scene,
    archive,
    floor_at,
    key,
    shape,
    square,
)

from watchfloor.casework.scans import masks, scans
from watchfloor.casework.scans.scans import Scan
from watchfloor.cell.acts import write_all
from watchfloor.core.kinds import SCENE_CHANGE
from watchfloor.core.marking import parse
from watchfloor.core.messages import reason
from watchfloor.feeds.original import original
from watchfloor.formats.imagery.scenes import UNREADABLE, SceneError
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader

NOW = DAY + timedelta(days=90)
RETAIN = "U//TLP:CLEAR//UNTIL:2027-08-01"


@pytest.fixture
def floor(tmp_path):
    return floor_at(tmp_path / "floor")


def reader(floor, name="keeper"):
    return terms.load(floor.root).reader(Reader(name, "CAN", "", purpose="watch"))


def scanned(floor, library, name="keeper", keep=True):
    """The rows that a scan writes."""
    who = reader(floor, name)
    found = scans.series(floor, who, KM, DAY, NOW)
    rows = [row for one in found for row in one.scenes]
    ground = masks.ground(floor.root, KM, scans.footprint(rows))
    known = {row["change"]: row for row in floor.read("scene-change", who, latest=True).to_pylist()}
    made = Scan(floor, who, ground, library, known, RETAIN, NOW)
    for one in found:
        made.series(one)
    if keep and made.results.rows:
        with floor.writer(KEEPER) as writer:
            write_all(writer, SCENE_CHANGE, made.results.rows, b"\n".join(made.results.lines))
    return made.results


def states(results):
    return [(row["state"], (row["observed_at"] - DAY).days) for row in results.rows]


def test_a_shape_between_two_scenes_is_a_change_with_its_scenes_its_distance_and_its_pictures(floor):
    for day in (0, 10):
        add_scene(floor, day)
    results = scanned(floor, told := Told(_0_10=[shape(1_000.0)]))
    (row,) = results.rows
    assert (row["state"], row["what"], row["before"], row["after"]) == (
        "appeared",
        "trail",
        [key(0)],
        key(10),
    )
    assert (row["since"], row["until"]) == (DAY, DAY + timedelta(days=10))
    assert row["line_m"] == pytest.approx(1_000, rel=0.01)
    assert row["marking"] == "PA//TLP:AMBER//UNTIL:2027-08-01"
    assert [path.name for path in told.folders[0]] == ["item.json", "visual.tif"]  # it lay unpacked
    _, south, _, north = told.box
    assert south < row["latitude"] < north
    assert (north - south) * 111_195 == pytest.approx(row["picture_metres"], rel=0.01)
    (kept,) = floor.read("scene-change", reader(floor)).to_pylist()
    line = original(floor, kept["record_id"], reader(floor)).piece
    assert scans.picture(line, "picture_after") == PNG + b"after"
    assert json.loads(line)["change"] == row["change"]


def test_the_same_scenes_twice_give_no_second_change(floor):
    for day in (0, 10, 20):
        add_scene(floor, day)
    told = Told(_0_10=[shape()], _0_20=[shape()])
    assert states(scanned(floor, told)) == [("appeared", 10), ("confirmed", 20)]
    again = scanned(floor, told)
    assert (states(again), again.again) == ([], 1)


def test_a_later_scene_confirms_and_a_clear_one_without_it_takes_it_back(floor):
    for day in (0, 10, 20, 30):
        add_scene(floor, day)
    told = Told(_0_10=[shape()], _0_20=[shape()])
    results = scanned(floor, told)
    assert states(results) == [("appeared", 10), ("confirmed", 20), ("gone", 30)]
    assert [len(row["scenes"]) for row in results.rows] == [2, 3, 4]
    assert len({row["change"] for row in results.rows}) == 1


def test_a_cloud_over_it_says_nothing(floor):
    for day in (0, 10, 20):
        add_scene(floor, day)
    assert states(scanned(floor, Told(clear=0.4, _0_10=[shape()]))) == [("appeared", 10)]


def test_a_scene_that_comes_later_is_held_against_what_stands(floor):
    for day in (0, 10):
        add_scene(floor, day)
    scanned(floor, Told(_0_10=[shape()]))
    add_scene(floor, 20)
    results = scanned(floor, Told(_0_10=[shape()], _0_20=[shape()]))
    assert (states(results), results.again) == ([("confirmed", 20)], 1)


def test_a_cloudy_scene_is_left_out_and_said(floor):
    for day, cloud in ((0, 0.1), (10, 0.95), (20, None)):
        add_scene(floor, day, cloud=cloud)
    results = scanned(floor, told := Told())
    assert (told.compared, results.cloudy) == ([(0, 20)], ["S10"])


class Damaged(Told):
    """A library that cannot read the scene of day 10."""

    def compare(self, pair, known, progress):
        if any("S10" in path.name for path in pair.paths):
            raise SceneError(reason(UNREADABLE, file="red.tif", row=0, why="cut"))
        return super().compare(pair, known, progress)


def test_what_changed_across_a_damaged_scene_is_found_and_its_folder_bears_its_name(floor):
    for day in (0, 10, 20, 30):
        add_scene(floor, day)
    results = scanned(floor, told := Damaged(_0_20=[shape()]))
    assert (0, 20) in told.compared
    assert (20, 30) in told.compared
    assert (0, 30) in told.compared  # the change that stands is held against it
    assert states(results)[0] == ("appeared", 20)
    assert [one["message"] for one in results.notes] == [UNREADABLE.id]


def test_what_is_masked_gives_no_record_and_no_picture(floor):
    for day in (0, 10):
        add_scene(floor, day)
    assert scanned(floor, Told(_0_10=[shape(-1_000.0)])).rows == []  # beyond the line


def test_what_is_drawn_ends_where_a_mask_begins(floor):
    """The library looks at no masked pixel; an outline through corners of pixels may still leave them."""
    for day in (0, 10):
        add_scene(floor, day)
    (row,) = scanned(floor, Told(_0_10=[shape(50.0)])).rows
    drawn = shapely.from_geojson(row["shape"])
    assert drawn.area == pytest.approx(0.75 * shapely.from_geojson(json.dumps(square(50, 0))).area, rel=0.05)
    assert drawn.bounds[1] == pytest.approx(LATITUDE, abs=2e-4)


def test_a_mask_that_grew_withdraws_what_it_covers_and_one_that_shrank_brings_it_back(floor):
    for day in (0, 10):
        add_scene(floor, day)
    told = Told(_0_10=[shape()])
    scanned(floor, told)
    homes = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": square(1_000, 0, 300)}],
    }
    (floor.root / "homes.geojson").write_text(json.dumps(homes), "utf-8")
    rule = '[[masked]]\nfile = "homes.geojson"\nreason = "homes"\n'
    (floor.root / masks.NAME).write_text(rule, "utf-8")
    results = scanned(floor, told)
    assert [row["state"] for row in results.rows] == ["withdrawn"]
    assert results.rows[0]["picture_after"] is None
    assert scanned(floor, told).rows == []
    (floor.root / masks.NAME).unlink()
    assert [row["state"] for row in scanned(floor, told).rows] == ["appeared"]


def test_two_copies_of_a_scene_are_one_and_its_own_feed_goes_first(floor):
    for day in (0, 10):
        add_scene(floor, day)
    add_scene(floor, 10, source="zz-partner", pixels=b"q")
    told = Told()
    scanned(floor, told)
    assert told.compared == [(0, 10)]


def test_who_may_not_see_a_scene_learns_nothing_of_it(floor):
    add_scene(floor, 0)
    add_scene(floor, 10, marking=HIDDEN)
    add_scene(floor, 20)
    assert [
        row["scene"]
        for one in scans.series(floor, reader(floor, "officer"), KM, DAY, NOW)
        for row in one.scenes
    ] == [*("S0", "S20")]
    results = scanned(floor, Told(_0_10=[shape()], _0_20=[shape(2_000)]))
    assert {row["marking"].split("//")[0] for row in results.rows} >= {"PB"}
    seen = floor.read("scene-change", reader(floor, "officer")).to_pylist()
    assert all(parse(row["marking"]) <= parse("PA//TLP:AMBER//UNTIL:2027-08-01") for row in seen)
    other = scanned(floor, told := Told(_0_20=[shape(2_000)]), name="officer", keep=False)
    assert told.compared == [(0, 20)]
    assert (other.cloudy, other.absent) == ([], [])


def test_pixels_that_did_not_come_are_absent(floor):
    add_scene(floor, 0)
    add_scene(floor, 10, pixels=b"")
    results = scanned(floor, Told())
    assert (results.pairs, results.absent) == (0, ["S10"])


def test_many_scenes_are_worked_a_few_at_a_time_and_twice_alike(floor, monkeypatch):
    """Each scene has a new change that stays: pairs grow as n log n, and few scenes lie unpacked."""
    count, most = 20, 4
    monkeypatch.setattr(scans, "MOST_FOLDERS", most)
    for day in range(count):
        add_scene(floor, day)
    drawn = [shape(north=300 + 400 * at) for at in range(count)]

    class Growing(Told):
        most = 0

        def compare(self, pair, known, progress):
            found = super().compare(pair, known, progress)
            self.most = max(self.most, len([*pair.paths[0].parents[1].iterdir()]))
            before, after = self.compared[-1]
            found.shapes = drawn[before + 1 : after + 1]
            return found

    library = Growing()
    results = scanned(floor, library)
    assert library.most <= most
    assert len(library.compared) == 115  # of the 190 that each with each would be
    assert {after - before for before, after in library.compared} == {1, 2, 3, 4, 5, 6, 8, 16}
    assert len(results.rows) > count
    assert not scanned(floor, Growing()).rows


def test_a_scan_tells_how_many_scenes_are_done_and_never_goes_back(floor):
    for day in range(4):
        add_scene(floor, day)
    who, told = reader(floor), []
    (found,) = scans.series(floor, who, KM, DAY, NOW)
    ground = masks.ground(floor.root, KM, scans.footprint(found.scenes))
    library = Told(_0_1=[shape()], _0_2=[shape()], _0_3=[shape()])
    Scan(floor, who, ground, library, {}, RETAIN, NOW).series(found, told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (1.5, 4.0)
    assert len(told) == len(library.compared)


@pytest.mark.parametrize("name", ["../out", "../f2/out", "/out", "a/../../out", "."])
def test_a_file_of_an_archive_that_leads_out_of_its_folder_is_refused(tmp_path, name):
    with (
        tarfile.open(fileobj=io.BytesIO(archive(**{"a/b.tif": b"p", name: b"p"}))) as made,
        pytest.raises(tarfile.TarError, match="leads out"),
    ):
        scans._unpack(made, tmp_path / "f")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b.tif", "f", "item.json"]
