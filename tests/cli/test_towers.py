"""`watchfloor sight` and `watchfloor plan towers`: answers, files, and a refusal of each wrong input."""

import csv
import json
import sqlite3
import subprocess
from contextlib import closing
from shutil import which
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.cli.planners import sited
from tests.planning.towers.hills import write_grid, write_places
from typer.testing import CliRunner

from watchfloor.cli import app, command_log
from watchfloor.formats.terrain import read

RUNNER = CliRunner()


def hill(home):
    """Files of terrain, sites and cells."""
    files = sited(home)
    return {name: files[name] for name in ("terrain", "sites", "cells")}


@pytest.fixture
def files(tmp_path):
    return hill(tmp_path)


def run(*words, code=0):
    result = RUNNER.invoke(app, [*map(str, words)], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def on(files):
    return [f"--{name}={path}" for name, path in files.items()]


def plan(files, *words):
    return json.loads(run("plan", "towers", *on(files), *words, "--json").stdout)


def refused(files, *words, message, code=2, command=("plan", "towers")):
    """The message of a refusal, with its code; a sentence in both languages, and no output."""
    for language in ("en", "fr"):
        noted = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(command_log, "note_message", noted.append)
            result = run(*command, *on(files), *words, "--json", "--lang", language, code=code)
        assert noted[-1] == message, result.output
        assert result.stdout == ""


def test_each_pair_of_a_site_and_a_cell_is_a_row(files, tmp_path):
    output = tmp_path / "pairs.parquet"
    counts = json.loads(run("sight", *on(files), "-o", output, "--json").stdout)
    table = pq.read_table(output)
    assert table.column_names == ["site", "cell", "visible"]
    assert (table.num_rows, counts["sites"], counts["cells"]) == (75, 3, 25)
    assert sum(table["visible"].to_pylist()) == counts["visible"] > 0
    assert table["site"].to_pylist()[::25] == ["S0", "S1", "S2"]
    assert counts["notes"] == ["hill.asc names no coordinate system; its coordinates are taken for metres"]
    near = tmp_path / "near.parquet"
    fewer = json.loads(run("sight", *on(files), "--range", 300, "-o", near, "--json").stdout)
    assert fewer["visible"] < counts["visible"]


def test_a_plan_covers_what_its_pairs_say_and_states_its_gap(files, tmp_path):
    output = tmp_path / "pairs.parquet"
    run("sight", *on(files), "-o", output)
    rows = pq.read_table(output).to_pylist()
    made = plan(files, "--count", 2)
    covered = {row["cell"] for row in rows if row["visible"] and row["site"] in made["sites"]}
    assert made["covered"] == len(covered)
    assert made["gap"] == (made["bound"] - made["covered"]) / made["covered"]
    assert {"sites", "covered", "bound", "gap", "seconds"} <= made.keys()
    assert "gap" in run("plan", "towers", *on(files)).stderr


def test_sites_are_kept_and_forbidden_by_name_list_or_file(files, tmp_path):
    names = tmp_path / "names.csv"
    names.write_text("site,why\nS0,old\nS1,old\n")
    assert set(plan(files, "--count", 2, "--keep", names)["sites"]) == {"S0", "S1"}
    assert set(plan(files, "--count", 2, "--keep", "S0, S1")["sites"]) == {"S0", "S1"}
    assert plan(files, "--count", 1, "--forbid", "S0", "--forbid", "S1")["sites"] == ["S2"]


def test_weights_are_a_table_or_a_column(files, tmp_path):
    cells = [(x, y) for x in range(100, 1100, 200) for y in range(100, 1100, 200)]
    write_places(files["cells"], "cell", cells, walkers=[3.0] * 25)
    table = tmp_path / "weights.csv"
    table.write_text("cell,weight\n" + "".join(f"C{at},3\n" for at in range(25)))
    by_column, by_table = plan(files, "--weights", "walkers"), plan(files, "--weights", table)
    assert by_column["weight"] == by_table["weight"] == 75
    assert plan(files)["weight"] == 25
    refused(files, "--weights", "boats", message="towers.no-column")
    table.write_text("cell,weight\nC0,3\n")
    refused(files, "--weights", table, message="towers.no-weight")


@pytest.mark.parametrize("ending", ["json", "geojson", "csv"])
def test_a_plan_is_written_to_a_file(files, tmp_path, ending):
    output = tmp_path / f"plan.{ending}"
    made = plan(files, "--count", 2, "-o", output)
    text = output.read_text()
    if ending == "csv":
        assert [line.split(",")[0] for line in text.splitlines()] == ["site", *made["sites"]]
        return
    whole = json.loads(text)
    record = whole if ending == "json" else whole["plan"]
    assert record == made
    if ending == "geojson":
        assert [one["properties"]["site"] for one in whole["features"]] == made["sites"]


def on_earth(files, tmp_path):
    """The same hill, sites and cells as a GeoTIFF in UTM zone 11."""
    rasterio = pytest.importorskip("rasterio")
    hill = read(files["terrain"])
    files["terrain"] = tmp_path / "hill.tif"
    at = rasterio.Affine(100, 0, 500_000, 0, -100, 5_501_200)
    kind = {"driver": "GTiff", "dtype": "float32", "count": 1, "height": 12, "width": 12}
    with rasterio.open(files["terrain"], "w", crs="EPSG:32611", transform=at, **kind) as grid:
        grid.write(hill.heights, 1)
    for name in ("sites", "cells"):
        heading, *rows = [line.split(",") for line in files[name].read_text().splitlines()]
        moved = [[one, 500_000 + float(x), 5_500_000 + float(y), *rest] for one, x, y, *rest in rows]
        files[name].write_text("\n".join(",".join(map(str, row)) for row in [heading, *moved]) + "\n")
    return files


@pytest.mark.skipif(not which("ogr2ogr"), reason="ogr2ogr (gdal-bin) is not installed")
@pytest.mark.parametrize("ending", ["geojson", "kml", "gpkg", "csv"])
def test_another_program_finds_the_sites_of_a_plan_where_they_are(files, tmp_path, ending):
    on_earth(files, tmp_path)
    output, back = tmp_path / f"plan.{ending}", tmp_path / "back.csv"
    made = plan(files, "--mast", 2, "-o", output)
    system = ["-s_srs", "EPSG:4326", "-oo", "X_POSSIBLE_NAMES=longitude", "-oo", "Y_POSSIBLE_NAMES=latitude"]
    words = ["-t_srs", "EPSG:32611", "-lco", "GEOMETRY=AS_XY", *(system if ending == "csv" else [])]
    layer = ["towers"] if ending == "gpkg" else []
    subprocess.run(["ogr2ogr", *words, "-f", "CSV", back, output, *layer], check=True, timeout=60)
    with back.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["site"] for row in rows] == made["sites"]
    for row in rows:
        assert float(row["X"]) == pytest.approx(float(row["x"]), abs=1e-3)
        assert float(row["Y"]) == pytest.approx(float(row["y"]), abs=1e-3)


def test_a_drawing_always_has_the_gap_of_its_plan(files, tmp_path):
    on_earth(files, tmp_path)
    kml, packed = tmp_path / "plan.kml", tmp_path / "plan.gpkg"
    made = plan(files, "-o", kml)
    plan(files, "-o", packed)
    values = {one.get("name"): one.findtext("{*}value") for one in ET.parse(kml).findall(".//{*}Data")}
    assert float(values["gap"]) == made["gap"]
    with closing(sqlite3.connect(packed)) as file:
        assert dict(file.execute("SELECT name, value FROM plan"))["gap"] == json.dumps(made["gap"])


def test_terrain_that_is_nowhere_on_earth_is_not_drawn_there(files, tmp_path):
    refused(files, "-o", tmp_path / "plan.kml", message="terrain.where-on-earth")
    assert not (tmp_path / "plan.kml").exists()
    plan(files, "-o", tmp_path / "plan.gpkg")
    with closing(sqlite3.connect(tmp_path / "plan.gpkg")) as file:
        assert file.execute("SELECT srs_id FROM gpkg_geometry_columns").fetchall() == [(-1,)]


def area(path, corners, reason):
    shape = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    feature = {"type": "Feature", "geometry": shape, "properties": {"reason": reason}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def test_a_site_in_a_lake_across_the_line_or_on_private_land_is_not_chosen(files, tmp_path):
    lake = area(tmp_path / "lake.geojson", [[500, 500], [600, 500], [600, 600], [500, 600]], "lake")
    made = plan(files, "--areas", lake)
    assert (made["barred"], set(made["sites"])) == ({"S1": "lake"}, {"S0", "S2"})
    refused(files, "--areas", lake, "--keep", "S1", message="towers.kept-and-forbidden")
    everywhere = area(tmp_path / "all.geojson", [[0, 0], [9e3, 0], [9e3, 9e3], [0, 9e3]], "abroad")
    refused(files, "--areas", everywhere, message="towers.no-site-left")
    lake.write_text("{}")
    refused(files, "--areas", lake, message="towers.bad-areas")


def test_a_budget_that_buys_nothing_is_refused(files):
    write_places(files["sites"], "site", [(150, 150), (550, 550)], cost=[100, 80])
    refused(files, "--budget", 79, message="towers.buys-nothing")
    refused(files, "--count", 0, message="towers.too-few")
    refused(files, "--count", 1, "--keep", "S0,S1", message="towers.too-few")
    refused(files, "--budget", 90, "--keep", "S0", message="towers.kept-cost")
    assert plan(files, "--budget", 90)["sites"] == ["S1"]


@pytest.mark.parametrize(
    ("table", "text", "message"),
    [
        ("sites", "site,x,y\nA,150,150\nA,550,550\n", "towers.twice"),
        ("sites", "site,x,y,mast\nA,150,150,\nB,550,550,30\n", "towers.blank"),
        ("sites", "site,x,y,mast\nA,150,150,-3\n", "towers.negative"),
        ("sites", "site,x\nA,150\n", "towers.no-column"),
        ("sites", "site,x,y\n", "table.empty"),
        ("sites", "site,x,y\n,150,150\nB,150,150\n", "towers.no-name"),
        ("sites", "site,x,y\nA,150,a hill\n", "towers.no-number"),
        ("sites", 'site,x,y\nA,"150,5",150\n', "towers.no-number"),
        ("sites", "site,x,y\nA,150,150,9\n", "table.unreadable"),
        ("sites", "", "table.empty"),
        ("sites", "A,150,150\nB,550,550\n", "towers.no-column"),
        ("sites", "site,x,X,y\nA,1,150,150\n", "table.column-twice"),
        ("sites", "site,x,y\n A,150,150\nA ,550,550\n", "towers.twice"),
        ("cells", "cell,x,y\nC,150,150\nC,350,150\n", "towers.twice"),
        ("cells", "cell,x,y\nC,99150,150\n", "towers.outside"),
        ("cells", "cell,x,y,weight\nC,150,150,0\nD,350,150,0\n", "towers.no-demand"),
        ("sites", "site,x,y\nA,99150,150\n", "towers.outside"),
        ("cells", "cell,x,y,weight\nC,150,150,\nD,150,150,2\n", "towers.no-weight"),
        ("cells", "cell,x,y,weight\nC,150,150,-1\n", "towers.negative"),
    ],
)
def test_a_table_that_is_wrong_is_refused(files, table, text, message):
    files[table].write_text(text)
    refused(files, message=message)


@pytest.mark.parametrize(
    ("header", "message"),
    [({"xllcorner": 5e6}, "terrain.elsewhere"), ({"cellsize": -100}, "terrain.no-cell-size")],
)
def test_terrain_that_lies_elsewhere_or_upside_down_is_refused(files, header, message, tmp_path):
    write_grid(files["terrain"], np.zeros((12, 12)), **header)
    refused(files, message=message)
    output = tmp_path / "pairs.csv"
    refused(files, "-o", output, message=message, command=("sight",))
    assert not output.exists()


def test_voids_over_half_of_the_terrain_are_refused_unless_taken_as_is(files):
    heights = np.full((12, 12), np.nan)
    heights[::2, ::2] = heights[1, 1] = 5.0
    write_grid(files["terrain"], heights)
    write_places(files["sites"], "site", [(50, 150)])
    write_places(files["cells"], "cell", [(250, 150)])
    refused(files, message="towers.mostly-void")
    assert "have no height" in plan(files, "--as-is")["notes"][-1]


def test_heights_in_feet_are_refused_or_converted_as_asked(files):
    write_grid(files["terrain"], np.full((12, 12), 12_000.0))
    refused(files, message="terrain.no-land")
    assert "feet" in plan(files, "--heights", "foot")["notes"][-1]
    refused(files, "--heights", "ell", message="terrain.unit")


def test_a_name_that_is_no_site_is_not_found(files):
    refused(files, "--keep", "S9", message="towers.unknown-site", code=4)


@pytest.mark.parametrize(
    "words",
    [
        *(f"--{name} nan" for name in ("range", "mast", "target", "budget", "gap", "seconds", "rmse")),
        *(f"--{name} inf" for name in ("mast", "target", "budget", "gap", "rmse")),
        "--rmse 5 --correlation nan",
    ],
)
def test_an_option_that_is_no_number_is_refused(files, words):
    refused(files, *words.split(), message="towers.bad-option")


def test_a_range_below_zero_is_no_range(files, tmp_path):
    assert "--range" in run("plan", "towers", *on(files), "--range", "-1", code=2).stderr
    run("sight", *on(files), "--mast", "inf", "-o", tmp_path / "pairs.csv", code=2)
    assert not (tmp_path / "pairs.csv").exists()


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("\ufeffsite,x,y\r\n007,150,150\r\n08,550,550\r\n", ["007", "08"]),
        ("site;x;y\n007;150,5;150,5\n1e3;550,0;550\n", ["007", "1e3"]),
        ("site\tx\ty\ntrue\t150\t150\n2020-01-01\t550.5\t550\n", ["true", "2020-01-01"]),
        ("notes,site,x,y,notes\nold,NA,150,150,5\n,null,550,550,\n", ["NA", "null"]),
        ('site,x,y\n"a, b",150,150\n"c ""d""",550,550\n', ["a, b", 'c "d"']),
    ],
)
def test_tables_of_spreadsheets_are_read_and_names_stay_as_written(files, tmp_path, content, names):
    files["sites"].write_text(content, encoding="utf-8")
    output = tmp_path / "pairs.parquet"
    run("sight", *on(files), "-o", output)
    assert list(dict.fromkeys(pq.read_table(output)["site"].to_pylist())) == names


def test_a_table_that_is_no_text_is_refused(files):
    files["sites"].write_bytes("site,x,y\nÉté,1,1\n".encode("cp1252"))
    refused(files, message="table.unreadable")
    files["sites"].write_bytes("été,x,y\nA,1,1\n".encode("cp1252"))
    refused(files, message="table.not-utf8")


def test_two_sites_in_one_place_are_told(files):
    write_places(files["sites"], "site", [(150, 150), (550, 550), (150, 150)])
    assert "S2" in plan(files)["notes"][-1]


def test_heights_are_no_fuel_types(files):
    refused(files, "--fuels", files["terrain"], message="towers.bad-fuels")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_pairs_replace_pairs_and_nothing_else(files, tmp_path, ending):
    output, other = tmp_path / f"pairs.{ending}", tmp_path / "other"
    run("sight", *on(files), "-o", output)
    before = output.read_bytes()
    run("sight", *on(files), "--range", 300, "-o", output)
    assert before != output.read_bytes()
    for content in (b"site,x,y\n", b"PAR1"):
        output.write_bytes(content)
        refused(files, "-o", output, message="actions.file-there", command=("sight",), code=3)
        assert output.read_bytes() == content
    output.unlink()
    for target in (other, files["cells"]):  # one that is not there, and one that is
        output.symlink_to(target)
        refused(files, "-o", output, message="actions.file-there", command=("sight",), code=3)
        output.unlink()
    assert not other.exists()
    assert files["cells"].read_text().startswith("cell,")
    assert not list(tmp_path.glob("*.part"))


def test_a_viewshed_replaces_nothing(files):
    before, cells = files["terrain"].read_bytes(), files.pop("cells")
    assert cells
    words = ("--viewshed", "S0", "-o", files["terrain"])
    refused(files, *words, message="actions.file-there", command=("sight",), code=3)
    assert files["terrain"].read_bytes() == before


def test_areas_in_degrees_bar_sites_of_a_grid_in_metres(files, tmp_path):
    """A place of UTM zone 11 and its longitude and latitude, by PROJ: S0 is at 500,100 m, 5,500,100 m."""
    write_places(files["sites"], "site", [(100, 100), (550, 550)])
    on_earth(files, tmp_path)
    west, north = -116.99861, 49.65344
    corners = [
        [west + dx, north + dy] for dx, dy in ((-1e-3, -1e-3), (1e-3, -1e-3), (1e-3, 1e-3), (-1e-3, 1e-3))
    ]
    lake = area(tmp_path / "lake.geojson", corners, "lake")
    assert plan(files, "--areas", lake)["barred"] == {"S0": "lake"}
    bare = hill(tmp_path)
    refused(bare, "--areas", lake, message="terrain.where-on-earth")


def test_names_with_commas_and_areas_nested_without_end_break_nothing(files, tmp_path):
    files["sites"].write_text('site,x,y\n"west, by the lake",500,500\n')
    out = tmp_path / "plan.csv"
    run("plan", "towers", *on(files), "-o", out)
    assert plan(files, "--keep", str(out))["sites"] == ["west, by the lake"]
    (tmp_path / "deep.json").write_text("[" * 100_000)
    refused(files, "--areas", tmp_path / "deep.json", message="towers.bad-areas")


def test_a_spike_attracts_no_tower(files):
    """Raised by a kilometre, the cell below S0 would see all; repaired, it sees as before."""
    heights = 80 * np.exp(-(np.linspace(-2, 2, 12)[:, None] ** 2) - np.linspace(-2, 2, 12) ** 2)
    low = ("--count", 1, "--mast", 2)
    before = plan(files, *low)
    heights[10, 1] += 1_000
    write_grid(files["terrain"], heights)
    made = plan(files, *low)
    assert (made["covered"], made["repairs"]["spikes"]) == (before["covered"], 1)
    assert plan(files, *low, "--as-is")["covered"] > before["covered"]


def test_a_viewshed_agrees_with_the_pairs_of_its_site(files, tmp_path):
    output, cells = tmp_path / "view.asc", files.pop("cells")
    answer = json.loads(run("sight", *on(files), "--viewshed", "S0", "-o", output, "--json").stdout)
    assert (answer["cells"], answer["visible"] > 0) == (144, True)
    assert answer["visible"] == int((read(output).heights == 1).sum())
    run("sight", *on(files), "--viewshed", "S0", "--fast", "-o", tmp_path / "fast.tif")
    refused(
        files,
        "--viewshed",
        "S7",
        "-o",
        tmp_path / "no.asc",
        message="towers.unknown-site",
        code=4,
        command=("sight",),
    )
    run("sight", *on(files), "-o", tmp_path / "pairs.csv", code=2)
    run("sight", *on(files), "--viewshed", "S0", "--obstruction", "-o", tmp_path / "other.asc", code=2)
    run("sight", *on(files), f"--cells={cells}", "--viewshed", "S0", "-o", tmp_path / "view.png", code=2)


def test_a_plan_over_uncertain_ground_names_what_changes_it(files, tmp_path):
    fuels = tmp_path / "fuels.asc"
    write_grid(fuels, np.ones((12, 12)))
    words = ("--count", 2, "--mast", 12, "--rmse", 5, "--fuels", fuels, "--realisations", 12)
    made = plan(files, *words)
    doubt = made["uncertainty"]
    assert made["covered"] == (doubt["mean"] + doubt["worst_tenth"]) / 2 <= made["bound"]
    assert doubt["worst_tenth"] <= doubt["mean"]
    assert 0 < len(doubt["cells"]) <= 10
    assert "fuels.asc" in made["inputs"]
    again = plan(files, *words)
    assert again | {"seconds": 0} == made | {"seconds": 0}
    assert plan(files)["uncertainty"] is None


def test_towers_reach_one_another_by_radio(files, tmp_path):
    """Hops of at most 700 m: S0 and S2 are 1,131 m apart, and reach each other by S1 between them."""
    low = ("--mast", 2, "--relay", 400)
    assert plan(files, *low)["relay"]["hub"] == ""
    far = plan(files, *low, "--keep", "S2", "--hub", "S0", "--hop", 700)
    assert far["sites"] == ["S0", "S2", "S1"]
    assert [sorted(one["sites"]) for one in far["relay"]["hops"]] == [["S0", "S1"], ["S1", "S2"]]
    assert {one["metres"] for one in far["relay"]["hops"]} == {566}
    assert far["gap"] == (far["bound"] - far["covered"]) / far["covered"]
    near = plan(files, *low, "--hub", "S0", "--hop", 500)
    assert (near["sites"], near["relay"]["unreachable"]) == (["S0"], 2)
    assert "reached" in run("plan", "towers", *on(files), *low).stderr
    drawn, kml = tmp_path / "plan.geojson", tmp_path / "plan.kml"
    plan(files, *low, "--hub", "S0", "-o", drawn)
    kinds = [one["geometry"]["type"] for one in json.loads(drawn.read_text())["features"]]
    assert kinds.count("LineString") == kinds.count("Point") - 1
    on_earth(files, tmp_path)
    plan(files, *low, "--hub", "S0", "-o", kml)
    assert len(ET.parse(kml).findall(".//{*}LineString")) == kinds.count("LineString")


def test_towers_that_cannot_be_joined_are_refused(files):
    words = ("--relay", 7500, "--hub", "S0", "--keep", "S2")
    refused(files, *words, "--hop", 700, "--count", 2, message="towers.kept-apart")
    refused(files, *words, "--hop", 500, message="towers.kept-apart")
    refused(files, *words, "--loss", "nan", message="towers.bad-option")
    refused(files, *words, "--rmse", 5, message="towers.relay-uncertain")
    refused(files, "--relay", 7500, "--hub", "S9", message="towers.unknown-site", code=4)
    refused(files, *words, "--forbid", "S0", message="towers.kept-and-forbidden")
    run("plan", "towers", *on(files), "--hub", "S0", code=2)
    run("plan", "towers", *on(files), "--relay", 5, code=2)


def test_pairs_say_what_hides_a_cell_and_how_likely_it_is_seen(files, tmp_path):
    output, again = tmp_path / "pairs.parquet", tmp_path / "again.csv"
    words = ("--mast", 2, "--obstruction", "--rmse", 5, "--realisations", 12)
    run("sight", *on(files), *words, "-o", output)
    table = pq.read_table(output)
    assert table.column_names == ["site", "cell", "visible", "obstruction", "above_line", "probability"]
    rows = table.to_pylist()
    assert all((row["obstruction"] is None) == row["visible"] for row in rows)
    assert all(row["above_line"] > 0 for row in rows if not row["visible"])
    shares = {row["visible"]: row["probability"] for row in rows}
    assert all(0 <= row["probability"] <= 1 for row in rows)
    assert len(shares) == 2
    run("sight", *on(files), *words, "-o", again)
    with again.open() as file:
        assert [float(row["probability"]) for row in csv.DictReader(file)] == [
            row["probability"] for row in rows
        ]
    refused(
        files, "--rmse", "inf", "-o", tmp_path / "no.csv", message="towers.bad-option", command=("sight",)
    )


def test_without_errors_a_probability_is_certain(files, tmp_path):
    output = tmp_path / "pairs.parquet"
    run("sight", *on(files), "--mast", 2, "--rmse", 0, "--realisations", 3, "-o", output)
    assert all(row["probability"] == row["visible"] for row in pq.read_table(output).to_pylist())


def lines(path, *lines):
    shapes = [{"type": "LineString", "coordinates": one} for one in lines]
    features = [{"type": "Feature", "geometry": one, "properties": {}} for one in shapes]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_a_site_costs_its_way_to_the_nearest_road_and_power_line(files, tmp_path):
    write_places(files["sites"], "site", [(150, 150), (550, 550)], cost=[1000, 1000])
    road = lines(tmp_path / "road.geojson", [[1150, 0], [1150, 1200]], [[0, 200], [300, 200]])
    power = lines(tmp_path / "power.geojson", [[550, 0], [550, 1200]])
    words = ("--roads", road, "--power", power, "--per-km", 10_000)
    made = plan(files, "--keep", "S0,S1", *words)
    costs = {one.pop("site"): one for one in made["costs"]}
    assert costs["S0"] == {"cost": 5_500, "access": 4_500, "road": 50, "power": 400}
    west = np.hypot(250, 350)  # from the end of the western road
    assert costs["S1"]["road"] == round(west)
    assert costs["S1"]["cost"] == pytest.approx(1_000 + 10 * west)
    assert made["cost"] == sum(one["cost"] for one in costs.values())
    assert {"road.geojson", "power.geojson"} <= made["inputs"].keys()
    assert plan(files, *words, "--budget", 5_400)["sites"] == ["S1"]
    refused(files, *words, "--budget", 4_000, message="towers.buys-nothing")
    refused(files, "--roads", lines(tmp_path / "none.geojson"), "--per-km", 5, message="towers.no-lines")
    refused(files, *words[:-1], "inf", message="towers.bad-option")
    run("plan", "towers", *on(files), "--roads", road, code=2)
    run("plan", "towers", *on(files), "--per-km", 5, code=2)
    assert "road" in run("plan", "towers", *on(files), *words).stdout


def test_a_road_in_degrees_is_as_far_as_in_metres(files, tmp_path):
    """The line x = 500,000 m of UTM zone 11 is the meridian of 117 degrees west."""
    on_earth(files, tmp_path)
    road = lines(tmp_path / "road.geojson", [[-117, 49], [-117, 50]])
    made = plan(files, "--roads", road, "--per-km", 5, "--mast", 2)
    east = {"S0": 150, "S1": 550, "S2": 950}
    assert {one["site"]: one["road"] for one in made["costs"]} == {name: east[name] for name in made["sites"]}


@pytest.mark.parametrize("ending", ["json", "geojson"])
def test_two_plans_are_compared_on_the_same_ground(files, tmp_path, ending):
    places = [(x, y) for x in range(100, 1100, 200) for y in range(100, 1100, 200)]
    write_places(files["cells"], "cell", places, walkers=list(range(25)), boats=[2] * 25, notes=["a"] * 25)
    before, pairs = tmp_path / f"before.{ending}", tmp_path / "pairs.parquet"
    low = ("--mast", 2)
    run("sight", *on(files), *low, "-o", pairs)
    rows = [row for row in pq.read_table(pairs).to_pylist() if row["visible"]]
    plan(files, *low, "--count", 1, "--keep", "S2", "-o", before)
    made = plan(files, *low, "--count", 1, "--keep", "S0", "--against", before)
    other = made["against"]
    then, now = ({row["cell"] for row in rows if row["site"] == site} for site in ("S2", "S0"))
    assert (other["gone"], other["new"]) == (["S2"], ["S0"])
    assert (set(other["lost"]), set(other["gained"])) == (then - now, now - then)
    assert other["covered"]["weight"] == {"then": len(then), "now": len(now)}
    assert other["covered"]["walkers"]["now"] == sum(int(cell[1:]) for cell in now)
    assert other["covered"].keys() == {"weight", "walkers", "boats"}
    assert "gained" in run("plan", "towers", *on(files), *low, "--against", before).stderr
    write_places(files["sites"], "site", [(150, 150)])
    refused(files, "--against", before, message="towers.unknown-site", code=4)
    refused(files, "--against", files["cells"], message="towers.no-plan")
    files.pop("sites")
    refused(files, "--against", before, "--seconds", 0, message="towers.against-needs-sites")


def test_a_site_across_the_line_is_told(files, tmp_path):
    """The line is the parallel of 49 degrees; the terrain says where on Earth it is."""
    degrees = {"cellsize": 0.001, "xllcorner": -117, "yllcorner": 48.994}
    write_grid(files["terrain"], np.zeros((12, 12)), **degrees)
    write_places(files["sites"], "site", [(-116.995, 49.002), (-116.995, 48.998), (-116.996, 48.997)])
    write_places(files["cells"], "cell", [(-116.994, 49.001)])
    noted = plan(files)["notes"][-1]
    assert noted.startswith("2 sites")
    assert "S1" in noted
    write_places(files["sites"], "site", [(-116.995, 49.002)])
    assert len(plan(files)["notes"]) == 1


def test_a_record_has_the_terms_that_make_it_again(files):
    made = plan(files, "--count", 2, "--range", 700, "--forbid", "S1")
    terms = made["terms"]
    assert (terms["count"], terms["range"], terms["forbid"], terms["mast"]) == (2, 700, ["S1"], 30)
    assert plan(files, "--budget", 2)["terms"]["count"] is None


def test_terrain_larger_than_memory_is_read_around_the_sites(files, tmp_path):
    """A GeoTIFF of 1.6 billion cells of which a corner has heights, and the others take no room."""
    rasterio = pytest.importorskip("rasterio")
    files["terrain"] = tmp_path / "large.tif"
    kind = {"driver": "GTiff", "dtype": "float32", "count": 1, "height": 40_000, "width": 40_000}
    kind |= {"tiled": True, "compress": "deflate", "sparse_ok": True, "nodata": -9999}
    at = rasterio.Affine(100, 0, 500_000, 0, -100, 5_500_000)
    with rasterio.open(files["terrain"], "w", crs="EPSG:32611", transform=at, **kind) as grid:
        window = rasterio.windows.Window(20_000, 20_000, 40, 40)
        grid.write(np.zeros((40, 40), np.float32), 1, window=window)
    places = [(2_500_000 + dx, 3_500_000 - dx) for dx in (300, 900, 1_500)]
    write_places(files["sites"], "site", places)
    write_places(files["cells"], "cell", places)
    assert plan(files)["covered"] == 3
    write_places(files["cells"], "cell", [(500_100, 5_499_900), (4_499_000, 1_501_000)])
    refused(files, message="terrain.too-large")


def test_without_sites_some_are_proposed(files, tmp_path):
    sites, drawn = files.pop("sites"), tmp_path / "plan.csv"
    low = ("--count", 2, "--mast", 2)
    made = plan(files, *low, "-o", drawn)
    assert made["gap"] == (made["bound"] - made["covered"]) / made["covered"]
    assert made["covered"] >= plan(files | {"sites": sites}, *low)["covered"]
    assert made["terms"]["proposed"]
    again = plan(files | {"sites": drawn}, *low)
    assert (set(again["sites"]), again["covered"]) == (set(made["sites"]), made["covered"])
    east = area(tmp_path / "east.geojson", [[500, 0], [1200, 0], [1200, 1200], [500, 1200]], "lake")
    assert all(x < 500 for x, _ in plan(files, *low, "--areas", east)["places"])
    everywhere = area(tmp_path / "all.geojson", [[0, 0], [9e3, 0], [9e3, 9e3], [0, 9e3]], "abroad")
    refused(files, "--areas", everywhere, message="towers.no-place-left")
    refused(files, "--budget", 5, message="towers.budget-needs-sites")
    refused(files, "--keep", "S0", message="towers.unknown-site", code=4)


def test_more_looks_than_towers_are_refused(files):
    refused(files, "--times", 3, "--count", 2, message="towers.times")
    refused(files, "--times", 4, message="towers.times")  # there are three sites


def test_an_action_takes_no_number_that_is_none(tmp_path):
    assert "nan" in run("coverage", "--within", "nan", "--floor", tmp_path, code=2).stderr
