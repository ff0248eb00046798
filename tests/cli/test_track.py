"""`watchfloor track`: what it writes beside the tracks, and how they compare with a truth."""

import csv
import json
import sqlite3
from contextlib import closing

import numpy as np
import pyarrow.parquet as pq
import pytest
from lxml import etree
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.cli.common import USAGE
from watchfloor.desks.surveillance import track
from watchfloor.desks.surveillance.trajectories import compare
from watchfloor.formats.base import FormatError

RUNNER = CliRunner()
STEPS, OBJECTS = 60, 3
HEAD = "# origin: 44.98, -74.73\n# start: 2026-11-24T00:00:00Z\n"


def call(*words, code=0):
    done = RUNNER.invoke(app, [*map(str, words)])
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.fixture(scope="module")
def rows():
    """Three objects that a radar sees each second, with clutter; and where they were."""
    random = np.random.default_rng(4)
    seen, truth = [], []
    for k in range(STEPS):
        for one in range(OBJECTS):
            x, y = 400.0 * one + 5 * k, 100.0 * one + 3 * k
            truth.append({"t": k, "id": one, "x": x, "y": y})
            seen.append(
                {"t": k, "sensor": "radar", "x": x + random.normal(0, 4), "y": y + random.normal(0, 4)}
            )
        seen.append({"t": k, "sensor": "radar", "x": random.uniform(0, 900), "y": random.uniform(500, 900)})
    return [one | {"sigma": 4.0} for one in seen], truth


def table(path, rows, head=""):
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(head)
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory, rows):
    """The folder of a run with everything that can be written."""
    folder = tmp_path_factory.mktemp("track")
    table(folder / "truth.csv", [one | {"t": 1_795_478_400 + one["t"]} for one in rows[1]])
    text = table(folder / "seen.csv", rows[0], HEAD).read_text("utf-8").splitlines()
    # line of 3 cells and one without a place, of which neither is a detection
    lines = [*text[:8], "1,2,3", *text[8:], "9,radar,,,"]
    (folder / "seen.csv").write_text("\n".join(lines), "utf-8")
    call(
        *("track", folder / "seen.csv", "-o", folder / "tracks.parquet"),
        *("--assignments", folder / "reports.parquet", "--marking", "PROTECTED B"),
        *("--geojson", folder / "t.geojson", "--kml", folder / "t.kml", "--gpkg", folder / "t.gpkg"),
        code=1,
    )
    return folder


def test_each_row_of_the_file_has_a_line_and_those_of_one_object_one_track(made, rows):
    found = pq.read_table(made / "reports.parquet")
    assert found.column_names == ["row", "track_id"]
    assert found["row"].to_pylist() == list(range(len(rows[0]) + 2))
    ids = found["track_id"].to_pylist()
    assert (ids.pop(5), ids.pop(-1)) == (None, None)
    of = [[ids[at] for at in range(one, len(ids), OBJECTS + 1)] for one in range(OBJECTS + 1)]
    assert [len(set(one)) for one in of[:OBJECTS]] == [1] * OBJECTS
    assert of[OBJECTS].count(None) > 0.9 * STEPS
    tracks = set(pq.read_table(made / "tracks.parquet")["track_id"].to_pylist())
    assert {one for one in ids if one is not None} == tracks


def test_tracks_for_maps(made, rows):
    found = json.loads((made / "t.geojson").read_text("utf-8"))
    assert (
        {one["properties"]["marking"] for one in found["features"]} == {found["marking"]} == {"PROTECTED B"}
    )
    assert len(found["features"]) == OBJECTS
    for one in found["features"]:
        line, said = np.array(one["geometry"]["coordinates"]), one["properties"]
        assert len(line) == len(said["coordTimes"]) == said["reports"] > 0.9 * STEPS
        assert said["coordTimes"][-1] == "2026-11-24T00:00:59+00:00"
        # metres of the plane that touches the Earth at the origin, within a per mille
        east = (line[:, 0] + 74.73) * np.radians(1) * 6_378_137 * np.cos(np.radians(44.98)) * 1.0017
        north = (line[:, 1] - 44.98) * 111_130
        at = [row for row in rows[1] if row["t"] == STEPS - 1]
        assert min(np.hypot(east[-1] - row["x"], north[-1] - row["y"]) for row in at) < 12
    kml = etree.parse(made / "t.kml")
    assert len(kml.findall(".//{http://www.google.com/kml/ext/2.2}Track")) == OBJECTS
    with closing(sqlite3.connect(made / "t.gpkg")) as file:
        said = file.execute("select track_id, sensors, marking from tracks").fetchall()
    assert [one[1:] for one in said] == [("radar", "PROTECTED B")] * OBJECTS


def test_a_plane_that_is_nowhere_is_on_no_map_and_no_map_is_written_over(tmp_path, rows, made):
    seen = table(tmp_path / "seen.csv", rows[0][:40])
    done = RUNNER.invoke(
        app, ["track", str(seen), "-o", str(tmp_path / "t.csv"), "--kml", str(tmp_path / "t.kml")]
    )
    assert "# origin: 44.98" in str(done.exception)
    done = RUNNER.invoke(
        app, ["track", str(seen), "-o", str(tmp_path / "t.csv"), "--kml", str(made / "t.kml")]
    )
    assert done.exit_code != 0
    assert not (tmp_path / "t.csv").exists()


def test_two_outputs_of_one_name_are_refused_before_anything_is_written(tmp_path, rows):
    seen, one = table(tmp_path / "seen.csv", rows[0][:40]), str(tmp_path / "one.csv")
    for more in (("--assignments", one), ("--kml", one), ("--kml", f"{one}.x", "--geojson", f"{one}.x")):
        done = RUNNER.invoke(app, ["track", str(seen), "-o", one, *more])
        assert done.exit_code == USAGE
        assert not (tmp_path / "one.csv").exists()


def lines(rows):
    return "\n".join(map(json.dumps, rows))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps,
        lines,
        lambda rows: json.dumps({"made by": "a radar", "detections": rows}, indent=1),
        lambda rows: json.dumps({name: [row[name] for row in rows] for name in rows[0]}),
        lambda rows: json.dumps(
            {name: {str(k): row[name] for k, row in enumerate(rows)} for name in rows[0]}
        ),
        lambda rows: lines({"t": r["t"], "place": {"x": r["x"], "y": r["y"]}, "sigma": 4} for r in rows),
        lambda rows: lines(row | {"t": str(row["t"]) if row["x"] > 500 else row["t"]} for row in rows),
    ],
    ids=["list", "lines", "named list", "columns", "columns of pandas", "within", "mixed types"],
)
def test_json_is_read_as_csv_is(tmp_path, rows, text):
    (tmp_path / "seen.json").write_text(text(rows[0]), "utf-8")
    found = track(tmp_path / "seen.json")
    expected = track(table(tmp_path / "seen.csv", rows[0]))
    assert found.assignments.equals(expected.assignments)
    assert found.tracks.drop(["sensors"]).equals(expected.tracks.drop(["sensors"]))


def test_a_score_is_that_of_the_definition(made):
    said = json.loads(
        call("track", "score", made / "tracks.parquet", made / "truth.csv", "--cutoff", 20, "--json")
    )
    found = pq.read_table(made / "tracks.parquet").to_pylist()
    with (made / "truth.csv").open(encoding="utf-8") as file:
        truth = list(csv.DictReader(file))
    values, missed, false, squares = [], 0, 0, 0.0
    for t in sorted({float(one["t"]) for one in truth}):
        left = [one for one in found if one["t"] == t]
        cost = 0.0
        for real in (one for one in truth if float(one["t"]) == t):  # objects lie 400 m apart
            near = [
                one
                for one in left
                if (one["x"] - float(real["x"])) ** 2 + (one["y"] - float(real["y"])) ** 2 < 400
            ]
            missed += not near
            cost += 0 if near else 200
            for one in near[:1]:
                squares += (square := (one["x"] - float(real["x"])) ** 2 + (one["y"] - float(real["y"])) ** 2)
                cost += square
                left.remove(one)
        false += len(left)
        values.append((cost + 200 * len(left)) ** 0.5)
    assert said["gospa"] == pytest.approx(np.mean(values), rel=1e-9)
    assert said["localisation"] == pytest.approx(squares / STEPS, rel=1e-9)
    assert (said["missed"], said["false"]) == (
        pytest.approx(missed / STEPS),
        pytest.approx(false / STEPS),
    )
    assert (said["switches"], said["objects"], said["times"]) == (0, OBJECTS, STEPS)
    assert said["idf1"] > 0.95
    table = call(
        *("track", "score", made / "tracks.parquet", made / "truth.csv"), *("--cutoff", 20, "--lang", "fr")
    )
    assert f"{said['gospa']:.2f}".replace(".", ",") in table
    assert "manqués" in table


def test_places_between_rows_are_on_the_line_between_and_no_further(tmp_path):
    truth = table(tmp_path / "truth.csv", [{"t": t, "id": 7, "lon": 179.9999, "lat": 10} for t in (0, 5, 10)])
    rows = [{"t": t, "track_id": 1, "lon": lon, "lat": 10} for t, lon in ((-5, 179.9995), (5, -179.9997))]
    # halfway, at t = 0, over the antimeridian: 180 degrees west or east less a ten thousandth
    found = compare(table(tmp_path / "a.csv", rows), truth, 20.0)
    assert found.score.missed == pytest.approx(2 / 3)
    assert found.score.error < 0.2
    assert (found.gap_truth, found.gap_tracks) == (50.0, 100.0)
    assert compare(tmp_path / "a.csv", truth, 20.0, gap=9.9).score.missed == 1.0
    assert compare(tmp_path / "a.csv", truth, 20.0, every=2.5, within=1.0).times == 5


def test_files_that_do_not_belong_together_are_refused(tmp_path):
    def a(name, **values):
        return table(tmp_path / name, [{"t": t} | values for t in range(30)])

    plane, globe = a("plane.csv", id=1, x=0, y=0), a("globe.csv", id=1, lon=1, lat=1)
    for tracks, truth, why in (
        (plane, globe, "give both in one of the two"),
        (plane, a("nameless.csv", x=0, y=0), "whose"),
        (
            plane,
            table(tmp_path / "dated.csv", [{"t": "2026-11-24T00:00:00Z", "id": 1, "x": 0, "y": 0}]),
            "1970",
        ),
        (plane, table(tmp_path / "none.csv", [{"t": "", "id": 1, "x": 0, "y": 0}]), "nothing to score"),
    ):
        done = RUNNER.invoke(app, ["track", "score", str(tracks), str(truth), "--cutoff", "20"])
        assert isinstance(done.exception, FormatError)
        assert why in str(done.exception)
    (tmp_path / "no.csv").write_text("t,track_id,x,y\n", "utf-8")
    found = compare(tmp_path / "no.csv", plane, 20.0)
    assert (found.score.missed, found.score.false, found.score.idf1) == (1.0, 0.0, 0.0)


def test_where_nothing_was_matched_no_error_is_told(tmp_path):
    truth, tracks = (
        table(tmp_path / f"{x}.csv", [{"t": t, "id": 1, "x": x, "y": 0} for t in range(9)]) for x in (0, 9000)
    )
    assert json.loads(call("track", "score", tracks, truth, "--cutoff", 20, "--json"))["error"] is None
    done = RUNNER.invoke(app, ["track", "score", str(tracks), str(truth), "--cutoff", "20"])
    assert done.exit_code == 0


@pytest.mark.parametrize("option", ["--cutoff", "--every", "--gap", "--within"])
@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_figure_that_is_none_is_a_wrong_call(tmp_path, option, value):
    truth = str(table(tmp_path / "truth.csv", [{"t": t, "id": 1, "x": 0, "y": 0} for t in range(9)]))
    done = RUNNER.invoke(app, ["track", "score", truth, truth, "--cutoff", "20", option, value])
    assert done.exit_code == USAGE


def test_a_command_stands_beside_the_file(monkeypatch, tmp_path, rows):
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "score", rows[0][:8])
    assert call("track", "./score", "-o", "t.csv", "--json").startswith('{"detections": 8')
    assert "track score [OPTIONS]" in call("track", "score", "--help")
    assert "track [OPTIONS] {detections}\n" in call("track", "--help")


def test_a_sensor_that_is_refused_and_one_that_is_off_are_named(tmp_path):
    """Two sound radars and one that is moved; of one more the clock is an hour ahead."""
    random = np.random.default_rng(6)
    seen = []
    for k in range(60):
        for at, sensor in enumerate(("north", "south", "west", "late")):
            for one in range(4):
                x, y = 500.0 * one + 5 * k, 300.0 * one + 3 * k
                x, y = random.normal((x + 60 * (sensor == "west"), y), 4)
                t = k + 0.2 * at + 3_600 * (sensor == "late" and k > 30)
                seen.append({"t": t, "sensor": sensor, "x": x, "y": y, "sigma": 4.0})
    file = table(tmp_path / "seen.csv", seen)
    done = RUNNER.invoke(app, ["track", str(file), "-o", str(tmp_path / "tracks.csv")])
    assert "refused 116: it is from the future (by sensor: late 116)" in done.stderr
    assert "sensor west shows 4 objects" in done.stderr
    assert "who agree" in done.stderr
    assert json.loads(call("track", file, "-o", tmp_path / "again.csv", "--json", code=1))[
        "refused by sensor"
    ] == {"it is from the future": {"late": 116}}
