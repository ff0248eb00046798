"""Searches of a floor: maps, drift, effort over assets, files out and in, and Bayes after finding nothing."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from scipy.stats import multivariate_normal
from tests.planning.patrols.test_operations import statement
from tests.planning.test_cueing import KEEPER, LAW, keep, key, legs
from tests.planning.test_cueing import floor as floor
from tests.planning.world import HIDDEN, LATITUDE, LONGITUDE, NOW, OPEN, asset, north_of
from tests.refusals import refused

import watchfloor
from watchfloor.casework.tasking import tasks
from watchfloor.casework.tasking.legs import Order
from watchfloor.cell.acts import write
from watchfloor.core.kinds import TASK
from watchfloor.planning.patrols import search_areas, search_files, searching
from watchfloor.planning.patrols.search_areas import Datum, Searcher, around

AT = datetime(2026, 2, 1, 18, tzinfo=UTC)
DRONE = "speed_m_s = 20\nready_s = 300\nendurance_s = 5400"
BOAT = "speed_m_s = 12\nready_s = 600\nendurance_s = 20000"
PLACE = f"{LATITUDE:.5f},{LONGITUDE:.5f},600"


def known(**told):
    plain = {"latitude": 49.0, "longitude": -97.0, "north": 90_000.0, "east": 40_000.0, "joint": 30_000.0}
    plain |= {"v_north": 0.0, "v_east": 0.0, "at": AT}
    return Datum(**plain | told)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.1, 4), st.floats(0.1, 4), st.floats(-0.95, 0.95), st.floats(0, 0.3))
def test_the_map_is_the_normal_distribution(north, east, correlation, spread):
    variances = (300 * north) ** 2, (300 * east) ** 2
    joint = correlation * np.sqrt(variances[0] * variances[1])
    areas = around(known(north=variances[0], east=variances[1], joint=joint), AT + timedelta(hours=1), spread)
    grid = areas.grid
    covariance = np.array([[variances[0], joint], [joint, variances[1]]]) + np.eye(2) * (spread * 3600) ** 2
    rows, columns = (edges[1:] / 2 + edges[:-1] / 2 for edges in grid.edges())
    north_, east_ = np.meshgrid(rows, columns, indexing="ij")
    density = multivariate_normal([0, 0], covariance).pdf(np.dstack([north_, east_]))
    inside = areas.chances.inside.reshape(grid.rows, grid.columns)
    assert inside.sum() + areas.chances.outside == pytest.approx(1, abs=1e-12)
    assert areas.chances.outside < 1e-3
    if grid.cell < np.sqrt(np.linalg.eigvalsh(covariance)[0]) / 3:
        assert inside == pytest.approx(density * grid.cell**2, rel=0.05, abs=1e-6)


def test_what_drifts_is_where_the_current_took_it():
    later = AT + timedelta(hours=2)
    areas = around(known(v_east=0.5), later, 0.1)
    where = areas.chances.inside @ np.array([(one.centroid.y, one.centroid.x) for one in areas.polygons])
    assert where[1] / areas.chances.inside.sum() == pytest.approx(
        -97.0 + np.degrees(3600 / (6_371_008.8 * np.cos(np.radians(49)))), abs=1e-4
    )
    map_later = search_areas.drifted(around(known(), AT, 0.1, 100.0), later, 0.0, 0.05, 0.0)
    moved = map_later.chances.inside @ np.array([one.centroid.x for one in map_later.polygons])
    assert moved / map_later.chances.inside.sum() == pytest.approx(-97.0 + 360 / 73_000, abs=1e-4)
    refused("patrols.search-too-fine", around, known(), later, 5.0, 10.0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.05, 5), min_size=1, max_size=4), st.integers(0, 3))
def test_all_effort_is_spent_and_each_asset_spends_its_own(hours, seed):
    areas = around(known(), AT + timedelta(hours=seed), 0.1)
    by = [Searcher(f"a{at}", 50.0 + at, 10.0, one * 3600, 0.0) for at, one in enumerate(hours)]
    swept = search_areas.allocation(areas, by)
    assert swept.sum(1) == pytest.approx([one.swept for one in by], rel=1e-9)
    best = searching.allocate(areas.chances, 1 / areas.area, sum(one.swept for one in by))
    assert swept.sum(0) == pytest.approx(best, rel=1e-9, abs=1e-6)


def test_finding_nothing_leaves_what_bayes_says():
    areas = around(known(), AT, 0.0)
    swept = search_areas.allocation(areas, [Searcher("a", 100.0, 20.0, 3600, 0.0)]).sum(0)
    after = search_areas.found_nothing(search_areas.replace(areas, swept=swept)).chances
    missed = areas.chances.inside * np.exp(-swept / areas.area)
    total = missed.sum() + areas.chances.outside
    assert after.inside == pytest.approx(missed / total, abs=1e-9)
    assert after.outside == pytest.approx(areas.chances.outside / total, abs=1e-9)


def planned(floor, user="keeper", **asked):
    opened = watchfloor.open(floor.root, purpose="watch", authority="RCMP Act s. 18", user=user)
    begins = {"begins": "2026-02-01T18:00Z", "since": "2026-02-01T17:00Z"}
    return opened.search_plans.search(**begins | asked)


@pytest.fixture
def fleet(floor):
    text = asset("drone", "drone", more=DRONE) + asset("boat", "boat", north=-900.0, more=BOAT)
    (floor.root / "assets.toml").write_text(text, "utf-8")
    return floor


def test_a_search_is_planned_written_and_taken_up_again(fleet, tmp_path):
    first = planned(fleet, at=PLACE, output=tmp_path / "a")
    assert {one.asset for one in first.assets} == {"drone", "boat"}
    assert 0 < first.success < 1
    assert sum(one.poa * one.pod for one in first.areas) == pytest.approx(first.success, rel=1e-4)
    (drone,) = (one for one in first.assets if one.asset == "drone")
    assert drone.hours < 5400 / 3600, "the way there and back is taken off its endurance"
    written = json.loads((tmp_path / "a" / "search.geojson").read_text("utf-8"))
    assert sum(one["properties"]["poa"] for one in written["features"]) + written["outside"] == pytest.approx(
        1
    )
    assert {one["properties"]["marking"] for one in written["features"]} == {first.marking}
    again = planned(fleet, map=tmp_path / "a" / "search.geojson", searched=True)
    one = written["features"][again.areas[0].number]["properties"]
    cell = first.cell**2
    left = one["poa"] * np.exp(-one["swept_m2"] / cell) / (1 - first.success)
    assert again.areas[0].poa == pytest.approx(left, rel=1e-4)
    assert again.outside == pytest.approx(first.outside / (1 - first.success), rel=1e-6)
    assert again.success < first.success
    same = planned(fleet, map=tmp_path / "a" / "search.geojson")
    assert same.success == pytest.approx(first.success, rel=1e-9)
    later = {"begins": "2026-02-01T19:00Z", "drift": "90,0.3"}
    assert planned(fleet, map=tmp_path / "a" / "search.geojson", **later).areas[0].longitude > LONGITUDE
    refused("actions.file-there", planned, fleet, at=PLACE, output=tmp_path / "a")


def test_shapes_for_tak_are_read_back(fleet, tmp_path):
    first = planned(fleet, at=PLACE, output=tmp_path / "a")
    file = tmp_path / "a" / "search.cot.xml"
    events = etree.fromstring(file.read_bytes())
    assert {one.get("type") for one in events} == {"u-d-f"}
    for one in events:
        points = [each.get("point") for each in one.iter("link")]
        assert points[0] == points[-1]
        assert first.marking in one.findtext("detail/remarks")
    back = search_files.read(file, AT)
    assert back.chances.inside.sum() == pytest.approx(sum(one.poa for one in first.areas), abs=1e-3)
    assert back.area.sum() == pytest.approx(len(first.areas) * first.cell**2, rel=1e-2)
    assert planned(fleet, map=file).success > 0
    refused("patrols.search-nothing-swept", planned, fleet, map=file, searched=True)
    refused("patrols.search-no-grid", planned, fleet, map=file, drift="0,1", begins="2099-01-01")


def test_a_track_is_searched_for_by_who_may_know_of_it(fleet, monkeypatch):
    monkeypatch.setattr(type(fleet), "now", lambda _: NOW)
    with fleet.writer(KEEPER) as writer:  # evidence of both markings: the two readers have two views
        for number, marking in enumerate((OPEN, HIDDEN)):
            told = ("task", "rcmp-operations", None, ("person:test:1",), "look", LAW, marking)
            write(writer, TASK, tasks._row(f"t{number}", Order(*told), "issued", 1, "keeper", NOW, None))
    position = fleet.position
    view = fleet.view(fleet.reader("officer", "watch"), position)
    seen, hidden = (1, 0, 900, -1.2, OPEN), (2, 0, 900, 0.0, HIDDEN)
    keep(fleet, KEEPER, legs(seen, hidden), position=position)
    keep(fleet, KEEPER, legs(seen), view=view, position=position)
    later = (NOW + timedelta(minutes=10)).isoformat()
    found = planned(fleet, "officer", track=key(1), begins=later)
    middle = sum(one.latitude * one.poa for one in found.areas) / sum(one.poa for one in found.areas)
    assert middle == pytest.approx(north_of(900 - 1.2 * 610), abs=2e-4)
    assert found.marking == OPEN
    assert planned(fleet, track=key(2), begins=later).marking == HIDDEN
    hidden = refused("patrols.search-no-track", planned, fleet, "officer", track=key(2), begins=later)
    none = refused("patrols.search-no-track", planned, fleet, "officer", track=key(3), begins=later)
    assert hidden.keys() == none.keys()


def test_who_cannot_search_is_told(fleet):
    far = planned(fleet, at=f"{LATITUDE + 0.6},{LONGITUDE},500")
    assert [one.asset for one in far.assets] == ["boat"] or "drone" in far.remarks[0]
    stated = statement("serviceability", 'ready = false\nwhy = "rotor"', at="2026-01-01T00:00:00Z")
    (fleet.root / "patrols.toml").write_text(stated, "utf-8")
    answer = planned(fleet, at=PLACE)
    assert [one.asset for one in answer.assets] == ["boat"]
    assert "rotor" in answer.remarks[0]
    refused("readiness.unserviceable", planned, fleet, at=PLACE, asset=("drone",))
    (fleet.root / "patrols.toml").unlink()
    refused("patrols.search-no-asset", planned, fleet, at=PLACE, asset=("plane",))
    refused("patrols.search-too-far", planned, fleet, at="60,-97,500")
    (fleet.root / "assets.toml").unlink()
    refused("patrols.search-nobody", planned, fleet, at=PLACE)


def test_questions_that_cannot_be_answered_are_refused(fleet):
    refused("patrols.search-one-start", planned, fleet)
    refused("patrols.search-one-start", planned, fleet, at=PLACE, track=key(1))
    refused("patrols.search-one-start", planned, fleet, at=PLACE, searched=True)
    refused("patrols.search-no-error", planned, fleet, at="49,-97")
    refused("cell.no-place", planned, fleet, at="north")
    refused("patrols.search-before", planned, fleet, at=PLACE, begins="2026-01-01T00:00Z")
    for text in ("east", "90", "90,-1", "90,inf", "nan,1"):
        refused("patrols.search-drift", planned, fleet, at=PLACE, drift=text)


SHAPE = (
    '<events><event><detail><link point="{}"/><link point="1,2"/><link point="2,2"/>'
    "<remarks>{}</remarks></detail></event></events>"
)
SQUARE = [[[-97, 49], [-96.9, 49], [-96.9, 49.1], [-97, 49.1], [-97, 49]]]
GRID = {"latitude": 49.05, "longitude": -96.95, "cell": 1000, "rows": 1, "columns": 1}
"""Whose one cell is smaller than the square."""
OTHER = [[[-96.95, 49], [-96.8, 49], [-96.8, 49.1], [-96.95, 49.1], [-96.95, 49]]]


def drawn(*features, **head):
    rows = [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": shape}, "properties": properties}
        for shape, properties in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": rows} | head)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not-read"),
        ("{", "not-read"),
        ("[]", "not-read"),
        (drawn(), "not-read"),
        (drawn((SQUARE, {})), "no-poa"),
        (drawn((SQUARE, {"poa": "much"})), "not-read"),
        (drawn((SQUARE, 5)), "not-read"),
        (drawn((5, {"poa": 1})), "not-read"),
        (drawn(features=[1]), "not-read"),
        (drawn(features="abc"), "not-read"),
        (drawn((SQUARE, {"poa": 1}), marking=5), "not-read"),
        (drawn((SQUARE, {"poa": 1}), at="2026-01-01T00:00:00"), "not-read"),
        (drawn((SQUARE, {"poa": 1}), grid=GRID | {"cell": 1e300}), "not-read"),
        (drawn((SQUARE, {"poa": 1}), grid=GRID | {"latitude": 90}), "not-read"),
        (drawn((SQUARE, {"poa": 1}), grid=GRID | {"rows": 2}), "not-read"),
        (drawn((SQUARE, {"poa": 1}), grid=GRID | {"rows": -1, "columns": -1}), "not-read"),
        (drawn((SQUARE, {"poa": 1}), grid=GRID), "not-read"),
        ("[" * 100_000, "not-read"),
        ("\ufeff{}", "not-read"),
        (drawn((SQUARE, {"poa": -1})), "map"),
        (drawn((SQUARE, {"poa": 0})), "map"),
        (drawn((SQUARE, {"poa": 0.5}), (OTHER, {"poa": 0.5})), "overlap"),
        (drawn(([[[0, 0], [1, 1]]], {"poa": 1})), "not-read"),
        (drawn(([[[0, 0], [400, 0], [400, 1], [0, 0]]], {"poa": 1})), "not-read"),
        (drawn((SQUARE, {"poa": 1}), marking="SECRET!"), "not-read"),
        (drawn((SQUARE, {"poa": 1}), at="yesterday"), "not-read"),
        (drawn((SQUARE, {"poa": 1}), grid={"rows": 1}), "not-read"),
        ("<events><event><detail>", "not-read"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><events/>', "not-read"),
        (SHAPE.format("1,1", "no number"), "no-poa"),
        (SHAPE.format("x,1", "POA 5 %"), "not-read"),
        (SHAPE.format("1", "POA 5 %"), "not-read"),
    ],
)
def test_maps_that_cannot_be_used_are_refused(tmp_path, text, message):
    file = tmp_path / "map.json"
    file.write_text(text, "utf-8")
    refused(f"patrols.search-{message}", search_files.read, file, AT)


def test_a_map_of_more_areas_than_are_searched_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(search_files, "MOST_CELLS", 1)
    file = tmp_path / "map.json"
    file.write_text(drawn((SQUARE, {"poa": 0.5}), (SQUARE, {"poa": 0.5})), "utf-8")
    refused("patrols.search-not-read", search_files.read, file, AT)


def test_drawn_areas_keep_their_probabilities(tmp_path):
    file = tmp_path / "map.json"
    file.write_text(
        drawn((SQUARE, {"probability": 0.3}), (OTHER, {"poa": 0.0})).replace("-96.95", "-96.9"), "utf-8"
    )
    areas = search_files.read(file, AT)
    assert areas.chances.inside.tolist() == pytest.approx([0.3, 0.0])
    assert areas.chances.outside == pytest.approx(0.7)
    assert areas.area[0] == pytest.approx(7_300 * 11_120, rel=0.01)
