"""What the means can do on a day, and files that say it wrongly."""

from datetime import date
from pathlib import Path

import pytest

from watchfloor.formats.settings import SettingsError
from watchfloor.planning.inspections.means import Table, load, read

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def test_capacity_follows_hours_days_and_absence() -> None:
    table = read(
        '[means.x-ray]\ncapacity = 200\na_hour = 10\nhours = "06:00-22:00"\n'
        '[means.dog]\ncapacity = 30\ndays = ["mon"]\naway = [2026-11-30]\n'
        '[means.trace]\ncapacity = 50\na_hour = 2.5\nhours = "22:00-06:00"\n',
        "inspection.toml",
    )
    assert table.means["x-ray"].on(MONDAY) == 160
    assert [table.means["dog"].on(day) for day in (MONDAY, TUESDAY, date(2026, 11, 30))] == [30, 0, 0]
    assert table.means["trace"].on(MONDAY) == 20


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert load(tmp_path / "inspection.toml") == Table()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[means.xray]\ncapacity = 1\n", "line 1: means.xray: 'xray' is no means; did you mean 'x-ray'"),
        ("[means.dog]\ncapacity = -1\n", "line 2: means.dog.capacity: is a number"),
        ("[means.dog]\ncapacity = 1\na_hour = -1\n", "line 3: means.dog.a_hour"),
        ("[means.dog]\ncapacity = 1\nsensitivity = 0\n", "sensitivity: is a probability"),
        ('[means.dog]\ncapacity = 1\nhours = "6-22"\n', "no span of hours such as"),
        ('[means.dog]\ncapacity = 1\ndays = ["moon"]\n', "did you mean 'mon'"),
        ('[means.dog]\ncapacity = 1\nmodes = ["pots"]\n', "did you mean 'post'"),
        ("[means.dog]\ncapacity = 1\nnose = 1\n", "means.dog.nose: there is no such setting"),
        ("[learning]\nuncertain = 0.9\nat_random = 0.2\n", "together no more than 1"),
        ("[learning]\nleast = 2.0\n", "learning.least: is a probability"),
    ],
)
def test_what_is_wrong_is_named(text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        read(text, "inspection.toml")
