"""The folder of a demo: one demo at a time, and nothing else is cleared away."""

import pytest
import typer

from watchfloor.cli.demo.floor import MARK, _cleared
from watchfloor.store.errors import FloorBusy


def test_a_second_demo_in_the_folder_is_told_who_runs_the_first(tmp_path):
    folder = tmp_path / "demo"
    with _cleared(folder):
        (folder / "floor").mkdir()
        with pytest.raises(FloorBusy) as caught:
            _cleared(folder)
        assert str(folder) in str(caught.value)
        assert (folder / "floor").is_dir()
    with _cleared(folder):
        assert not (folder / "floor").exists()
        assert (folder / MARK).is_file()


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("kept")
    with pytest.raises(typer.Exit):
        _cleared(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["letter.txt"]
