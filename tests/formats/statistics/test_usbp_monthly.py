"""The Border Patrol's months by sector."""

import csv
import gzip
import json
from collections import Counter
from contextlib import suppress
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.statistics.made import published, read, table
from tests.thorough import draws

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.statistics import usbp_monthly
from watchfloor.formats.statistics.files import read as read_file

U = usbp_monthly.FORMAT
SECTORS = list(usbp_monthly.REGION_OF)
COLUMNS = ("month", *SECTORS, *usbp_monthly.BORDERS, "monthly_total", "fy", "cy")


def line(month=10, fy=2000, cy=1999, **counts):
    """A month whose sums are right."""
    row = {sector: i for i, sector in enumerate(SECTORS)} | counts
    for border, sectors in usbp_monthly.BORDERS.items():
        row.setdefault(border, sum(row[one] for one in sectors if isinstance(row[one], int)))
    row.setdefault("monthly_total", sum(row[border] for border in usbp_monthly.BORDERS))
    return {name: str({"month": month, "fy": fy, "cy": cy}.get(name, row.get(name))) for name in COLUMNS}


def made(*rows):
    return table(*rows, delimiter="|")


def test_each_sector_is_a_number_and_no_total_is():
    assert recognise(Head("t.csv", made(line()))) is U
    rows, faults = read(U, made(line()))
    assert not faults
    assert len(rows) == 21
    spokane = next(row for row in rows if '"Spokane"' in row["cell"])
    assert spokane["cell"] == '{"area":"Spokane","region":"Northern Border"}'
    assert spokane["observed_at"].isoformat() == "1999-10-01T00:00:00+00:00"
    assert (spokane["series"], spokane["measure"], spokane["unit"]) == ("usbp-encounters", "people", None)
    assert spokane["report_key"] == f"usbp-encounters/1999-11-30/1999-10/people/{spokane['cell']}"
    assert Counter(json.loads(row["cell"])["region"] for row in rows) == {
        "Northern Border": 8,
        "Southwest Border": 9,
        "Coastal Border": 4,
    }


@pytest.mark.parametrize("sum_", [*usbp_monthly.BORDERS, "monthly_total"])
def test_a_sum_that_does_not_add_up_is_told_and_its_parts_are_read(sum_):
    rows, faults = read(U, made(line(), line(11, **{sum_: 999})))
    assert len(rows) == 42
    assert all(fault.partly and fault.locator == "line 3" for fault in faults)
    assert any(fault.reason.startswith(f"{sum_} is 999 but its parts add up to") for fault in faults)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"yuma": "-1"}, "yuma: '-1' is no count"),
        ({"yuma": "1,234"}, "yuma: '1,234' is no whole number"),
        ({"yuma": ""}, "yuma is empty"),
        ({"month": "13"}, "'13' is no month"),
        ({"cy": "2000"}, "do not go with month 11"),
        ({"fy": "20O0"}, "'20O0' is no year"),
        ({"cy": "x"}, "'x' is no year"),
    ],
)
def test_a_bad_line_is_a_fault_and_the_rest_is_read(bad, reason):
    rows, (fault,) = read(U, made(line(), line(11) | bad))
    assert len(rows) == 21
    assert fault.locator == "line 3"
    assert reason in fault.reason


def test_a_month_that_comes_twice():
    rows, (fault,) = read(U, made(line(), line(yuma=5)))
    assert len(rows) == 21
    assert (fault.locator, "line 2 again" in fault.reason) == ("line 3", True)


def test_a_missing_and_an_extra_column():
    columns = {name: name for name in COLUMNS if name != "spokane"}
    data = table(line(), columns=columns, delimiter="|")
    assert recognise(Head("t.csv", data)) is U
    with pytest.raises(FormatError, match="has no column 'spokane'"):
        read(U, data)
    rows, (fault,) = read(U, made(line() | {"maine": "1"}))
    assert (len(rows), fault.partly) == (21, True)
    rows, (fault,) = read(U, "|".join(COLUMNS).encode() + b"\n")
    assert "no row" in fault.reason
    with pytest.raises(FormatError, match="is empty"):
        read(U, b"")


def test_a_day_in_the_name_is_the_vintage():
    rows, _ = read(U, made(line()), "usbp@2020-11-19.csv")
    assert {(row["published"].date().isoformat(), row["dated"]) for row in rows} == {("2020-11-19", "stated")}


@settings(deadline=None, max_examples=draws(100))
@given(data=st.data())
def test_damage_gives_faults_or_a_format_error(data):
    good = made(*(line(month) for month in (10, 11, 12)))
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        rows, _ = read(U, bytes(damaged[: data.draw(st.integers(0, len(good)))]))
        assert all(row["value"] >= 0 for row in rows)


def test_the_real_file():
    path = published("usbp_monthly_encounters_fy2000-fy2020.csv.gz")
    found, faults = read_file(path)
    assert not faults
    lines = list(csv.DictReader(StringIO(gzip.decompress(path.read_bytes()).decode()), delimiter="|"))
    assert found.num_rows == len(lines) * 21 == 5292
    sums = Counter()
    for row in found.to_pylist():
        sums[row["observed_at"].year, row["observed_at"].month, json.loads(row["cell"])["region"]] += row[
            "value"
        ]
    for one in lines:
        for border in usbp_monthly.BORDERS:
            assert sums[int(one["cy"]), int(one["month"]), usbp_monthly.called(border)] == int(one[border])
