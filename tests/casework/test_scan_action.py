"""The act of a scan: what it asks for, what it logs, what it refuses, and that it is done once."""

import base64
import json

import msgspec
import pytest
from tests.casework.ground import DAY, HIDDEN, KEEPER, LATITUDE, LONGITUDE, add_scene, floor_at, line
from tests.refusals import refused

import watchfloor
from watchfloor.casework.scans import masks

ASK = {"km": "1495-1505", "since": "2026-05-01", "until": "2026-07-01", "retain": 30}


@pytest.fixture
def floor(tmp_path):
    made = floor_at(tmp_path / "floor")
    for day in (0, 10):
        add_scene(made, day)
    return made


def opened(floor, user="keeper"):
    return watchfloor.open(floor.root, purpose="watch", authority=KEEPER.authority, user=user)


@pytest.fixture
def listed(tmp_path):
    def write(*lines):
        path = tmp_path / "scan.jsonl"
        path.write_text("".join(f"{json.dumps(one)}\n" for one in lines), "utf-8")
        return path

    return write


def test_a_scan_is_logged_with_its_purpose_and_how_long_changes_are_kept(floor, listed):
    before = floor.position
    done = opened(floor).changes.scan(shapes=listed(line()), **ASK)
    assert (done.scenes, done.pairs, done.appeared, done.again) == (2, 1, 1, 0)
    assert done.masked_km2 == pytest.approx(done.looked_km2, rel=0.05)
    (query,) = [act for act in floor.acts(before + 1) if act.act == "query"]
    assert query.detail["what"] == "change scan"
    assert (query.actor.purpose, query.actor.authority) == ("watch", KEEPER.authority)
    assert (query.detail["retain_days"], query.detail["scenes"]) == (30, 2)
    (row,) = floor.read("scene-change", floor.reader("keeper", "watch")).to_pylist()
    assert "UNTIL:" in row["marking"]
    assert row["method"] == "listed"
    signals = floor.derived("signal", floor.reader("keeper", "watch")).to_pylist()
    assert [one["rule"] for one in signals] == ["trail-appeared"]  # the desks have run


def test_the_same_scenes_twice_give_no_second_change(floor, listed):
    file = listed(line())
    opened(floor).changes.scan(shapes=file, **ASK)
    again = opened(floor).changes.scan(shapes=file, **ASK)
    assert (again.appeared, again.again, again.changes, again.position) == (0, 1, [], None)
    assert floor.read("scene-change", floor.reader("keeper", "watch")).num_rows == 1


def test_a_shape_on_masked_ground_leaves_neither_record_nor_picture_nor_count(floor, listed):
    done = opened(floor).changes.scan(shapes=listed(line(-1_000.0)), **ASK)
    assert (done.appeared, done.again, done.changes) == (0, 0, [])
    plain = opened(floor).changes.scan(shapes=listed(), **ASK)
    assert msgspec.structs.replace(done, position=plain.position) == plain


def test_pictures_that_show_masked_ground_are_left_out(floor, listed):
    opened(floor).changes.scan(shapes=listed(line(180.0)), **ASK)
    (row,) = floor.read("scene-change", floor.reader("keeper", "watch")).to_pylist()
    assert (row["picture_before"], row["picture_metres"]) == (None, None)


def test_a_reader_without_a_scene_gets_the_answer_of_a_floor_without_it(floor, listed, tmp_path):
    file = listed(line(), line(2_000.0, (0, 20)), line(3_000.0, (10, 20)))
    other = floor_at(tmp_path / "other")
    for day in (0, 10):
        add_scene(other, day)
    add_scene(floor, 20, marking=HIDDEN)
    hidden, plain = (opened(one, "officer").changes.scan(shapes=file, **ASK) for one in (floor, other))
    same = [
        {**msgspec.to_builtins(one), "changes": len(one.changes), "position": None} for one in (hidden, plain)
    ]
    assert same[0] == same[1]
    assert (hidden.scenes, hidden.pairs) == (2, 1)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"km": ""}, "scans.no-place"),
        ({"section": "red-river"}, "scans.no-place"),
        ({"km": "", "section": "red-river"}, "coverage.no-section"),
        ({"km": "9-3"}, "coverage.bad-stretch"),
        ({"retain": 0}, "scans.no-retention"),
        ({"km": "10-20"}, "scans.no-scene"),
        ({"since": "2025-05-01", "until": "2025-06-01"}, "scans.no-scene"),
    ],
)
def test_what_cannot_be_scanned_is_refused_with_what_to_do(floor, listed, asked, message):
    refused(message, opened(floor).changes.scan, shapes=listed(line()), **{**ASK, **asked})


def test_a_floor_may_say_how_long_changes_are_kept(floor, listed):
    (floor.root / masks.NAME).write_text("retain_days = 90\n", "utf-8")
    assert opened(floor).changes.scan(shapes=listed(line()), **{**ASK, "retain": 0}).appeared == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"latitude": 100.0},
        {"what": "person"},
        {"clear": 1.5},
        {"radius": -1},
        {"geometry": {"type": "Polygon", "coordinates": []}},
        {"geometry": {"type": "Point"}},
        {"said": {"message": "shape.trail", "params": {}}},
        {"said": {"message": "cell.no-such-id", "params": {}}},
        {"before_png": base64.b64encode(b"GIF89a").decode()},
        {"who": "somebody"},
    ],
    ids=str,
)
def test_a_line_that_is_no_shape_is_named(floor, listed, wrong):
    said = refused("scans.bad-line", opened(floor).changes.scan, shapes=listed(line(), line(**wrong)), **ASK)
    assert said["line"] == 2
    assert floor.read("scene-change", floor.reader("keeper", "watch")).num_rows == 0


def test_where_the_line_lies_is_what_the_world_says():
    """The scenes of this module lie on the 49th parallel."""
    assert (round(LATITUDE, 1), DAY.year) == (49.0, 2026)
    assert -111 < LONGITUDE < -95
