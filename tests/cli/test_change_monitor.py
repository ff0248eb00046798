"""`watchfloor change monitor` as a person calls it: a table, a cube, a cube that goes on from a state."""

import json
from datetime import date

import numpy as np
from tests.desks.space.change.made_up import START, series, table
from typer.testing import CliRunner

from watchfloor.cli import app

RUNNER = CliRunner()


def called(*words):
    return RUNNER.invoke(app, ["change", "monitor", *map(str, words)])


def test_a_clearing_is_told_with_its_day_and_size(tmp_path):
    path = tmp_path / "pixel.csv"
    path.write_text(table(80, 50, seed=1, header=True), "utf-8")
    answer = json.loads(called(path, "--json").stdout)
    (found,) = answer["breaks"]
    assert found["day"] == date.fromordinal(START + 16 * 50).isoformat()
    assert found["size"]["nir"] < -500
    assert found["statistic"] > found["threshold"]
    assert answer["segments"][0]["ended"] == found["day"]
    shown = called(path).stdout
    assert found["day"] in shown


def test_a_cube_goes_on_from_its_state(tmp_path):
    days, values = series(100, 80, seed=2, every=8)
    cube = np.stack([values[3], series(100, seed=3, every=8)[1][3]], 1)[:, None].astype(np.int16)
    for name, part in (("old", slice(0, 81)), ("new", slice(81, 100))):
        np.savez(tmp_path / f"{name}.npz", nir=cube[part], dates=days[part])
    state, until = tmp_path / "state", date.fromordinal(int(days[70])).isoformat()
    first = json.loads(called(tmp_path / "old.npz", "--history", until, "--state", state, "--json").stdout)
    assert (first["pixels"], first["history"], first["alarms"]) == (2, until, [])
    later = json.loads(called(tmp_path / "new.npz", "--state", state, "--json").stdout)
    (alarm,) = later["alarms"]
    assert (alarm["row"], alarm["column"]) == (0, 0)
    assert alarm["day"] == date.fromordinal(int(days[82])).isoformat()
    assert alarm["size"] < -500
    again = called(tmp_path / "new.npz", "--state", state)
    assert (again.exit_code, again.stdout) == (2, "")


def test_a_table_of_no_use_ends_with_2(tmp_path):
    path = tmp_path / "pixel.csv"
    path.write_text("", "utf-8")
    assert called(path).exit_code == 2
