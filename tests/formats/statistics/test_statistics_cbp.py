"""CBP's tables of drug seizures and encounters: every layout, every damage, and the real files."""

import csv
import gzip
import json
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.statistics.made import (
    AT_AREA,
    BY_AREA,
    DRUG,
    DRUGS,
    ENCOUNTERS,
    PEOPLE,
    published,
    read,
    table,
)
from tests.thorough import draws

from watchfloor.formats.base import HEAD_BYTES, WHOLE_FILE, FormatError, Head
from watchfloor.formats.reader_options import FileStatement, begun
from watchfloor.formats.registry import FORMATS, recognise
from watchfloor.formats.statistics import cbp_drugs, cbp_encounters
from watchfloor.formats.statistics.files import read as read_file

D, E = cbp_drugs.FORMAT, cbp_encounters.FORMAT


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_line_of_drugs_is_two_numbers():
    events, weight = read(D, table(DRUG))[0]
    assert (events["measure"], events["unit"], events["value"]) == ("events", None, 3.0)
    assert (weight["measure"], weight["unit"], weight["value"]) == ("weight", "lb", 4.5)
    for row in (events, weight):
        assert (row["observed_at"], row["until"]) == (day("2023-10-01"), day("2023-11-01"))
        assert (row["series"], row["publisher"]) == ("cbp-drug-seizures", "US Customs and Border Protection")
        assert (row["published"], row["dated"]) == (day("2023-11-30"), "inferred")
        assert row["to_date"] is False
        assert row["locator"] == "line 2"
        assert row["cell"] == (
            '{"area":"SPOKANE SECTOR","component":"U.S. Border Patrol","item":"Fentanyl","land":"Land Only",'
            '"region":"Northern Border"}'
        )
        assert row["report_key"] == f"cbp-drug-seizures/2023-11-30/2023-10/{row['measure']}/{row['cell']}"


def test_a_line_of_encounters_is_one_number():
    (row,), faults = read(E, table(PEOPLE))
    assert not faults
    assert (row["series"], row["measure"], row["unit"], row["value"]) == (
        "cbp-encounters",
        "people",
        None,
        12.0,
    )
    assert json.loads(row["cell"]) == {
        "authority": "Title 8",
        "citizenship": "CANADA",
        "demographic": "Single Adults",
        "region": "Northern Land Border",
        "state": "VT",
    }


def test_the_table_by_area_is_a_series_of_its_own():
    (row,), faults = read(E, table(AT_AREA))
    assert not faults
    assert row["series"] == "cbp-encounters-by-area"
    assert json.loads(row["cell"]) == {
        "area": "Boston Field Office",
        "authority": "Title 42",
        "citizenship": "BRAZIL",
        "component": "Office of Field Operations",
        "demographic": "Accompanied Minors",
        "region": "Northern Land Border",
        "type": "Expulsions",
    }


def test_the_table_of_the_southwest_is_a_series_of_its_own():
    gone = ("Land Border Region", "Area of Responsibility", "AOR (Abbv)")
    line = {
        {"Citizenship": "Citizenship Grouping"}.get(name, name): value
        for name, value in AT_AREA.items()
        if name not in gone
    }
    assert recognise(Head("sbo.csv", table(line))) is E
    (row,), faults = read(E, table(line))
    assert not faults
    assert row["series"] == "cbp-southwest-encounters"
    assert json.loads(row["cell"]).keys() == {"authority", "citizenship", "component", "demographic", "type"}


def test_air_and_marine_operations_are_a_series_of_their_own():
    line = {{"Area of Responsibility": "Branch"}.get(name, name): value for name, value in DRUG.items()}
    line |= {
        "Component": "Air and Marine Operations",
        "Branch": "Bellingham Air Branch",
        "Land Filter": "Land",
    }
    assert recognise(Head("amo.csv", table(line))) is D
    (events, weight), faults = read(D, table(line))
    assert not faults
    assert events["series"] == weight["series"] == "cbp-amo-drug-seizures"
    assert json.loads(events["cell"])["branch"] == "Bellingham Air Branch"


@pytest.mark.parametrize("name", ["UAC", "UC / Single Minors", "UC/Single Minors", " uc "])
def test_children_alone_have_one_name(name):
    (row,), _ = read(E, table(PEOPLE | {"Demographic": name}))
    assert json.loads(row["cell"])["demographic"] == "UAC"


@pytest.mark.parametrize(
    ("year", "month", "first", "to_date"),
    [
        ("2026 (FYTD)", "DEC", "2025-12-01", True),
        ("2026 (FYTD)", "APR", "2026-04-01", True),
        ("FY2024", "SEP", "2024-09-01", False),
        ("FY 2024", "October", "2023-10-01", False),
        ("2024 FYTD", "9", "2024-09-01", True),
        (" 2019 ", " Jan. ", "2019-01-01", False),
    ],
)
def test_labels_of_years_and_months(year, month, first, to_date):
    rows, _ = read(D, table(DRUG | {"FY": year, "Month (abbv)": month}))
    assert {(row["observed_at"], row["to_date"]) for row in rows} == {(day(first), to_date)}


@pytest.mark.parametrize(
    "names",
    [
        {"FY": "Fiscal Year", "Sum Qty (lbs)": "Quantity (lbs)", "Count of Event": "Event Count"},
        {"FY": "fy", "Month (abbv)": "month_abbv", "Sum Qty (lbs)": "sum_qty_lbs", "Drug Type": "DRUG TYPE"},
        {"Area of Responsibility": "AOR", "Month (abbv)": "Month"},
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_other_names_orders_and_a_mark(names, mark):
    columns = {names.get(name, name): name for name in reversed(DRUGS)}
    data = mark + table(DRUG, columns=columns, end="\r\n")
    assert recognise(Head("t.csv", data)).name == "cbp-drug-seizures"
    rows, faults = read(D, data)
    assert not faults
    assert rows == read(D, table(DRUG))[0]


def test_calendar_years():
    columns = {("Calendar Year" if name == "FY" else name): name for name in DRUGS}
    rows, _ = read(D, table(DRUG, columns=columns))
    assert rows[0]["observed_at"] == day("2024-10-01")


@pytest.mark.parametrize(
    ("name", "said", "published_on", "dated"),
    [
        ("t.csv", None, "2023-11-30", "inferred"),
        ("drugs@2026-01-20.csv", None, "2026-01-20", "stated"),
        ("2025-12-01 drugs 2026-01-20.csv", day("2026-03-01"), "2026-01-20", "stated"),
        ("t.csv", day("2026-03-01T17:00"), "2026-03-01", "stated"),
    ],
)
def test_where_the_vintage_is_from(name, said, published_on, dated):
    form = begun(D, FileStatement(base_time=said))
    rows, _ = read(form, table(DRUG), name)
    assert {(row["published"], row["dated"]) for row in rows} == {(day(published_on), dated)}


def test_a_day_in_the_name_that_does_not_exist():
    with pytest.raises(FormatError, match="2026-02-30 in the file's name is no day"):
        read(D, table(DRUG), "drugs@2026-02-30.csv")


def test_a_month_after_the_vintage():
    rows, (fault,) = read(D, table(DRUG, DRUG | {"FY": "2023"}), "drugs@2023-03-01.csv")
    assert len(rows) == 2
    assert fault.locator == "line 2"
    assert "begins after 2023-03-01" in fault.reason


@pytest.mark.parametrize(
    ("form", "row", "gone", "called", "nearest"),
    [
        (D, DRUG, "Sum Qty (lbs)", "Sum Qty (kg)", "Sum Qty (kg)"),
        (D, DRUG, "Drug Type", "Drug Types", "Drug Types"),
        (E, PEOPLE, "Encounter Count", "Encounter Counts", "Encounter Counts"),
        (E, PEOPLE, "State", "Province", None),
        (E, PEOPLE, "Land Border Region", "Land Border", "Land Border"),
        (E, AT_AREA, "Land Border Region", "Land Border", "Land Border"),
        (D, DRUG, "Area of Responsibility", "Area", None),
        (D, DRUG, "FY", "Year", None),
    ],
)
def test_a_renamed_column_is_named_with_the_nearest(form, row, gone, called, nearest):
    columns = {(called if name == gone else name): name for name in row}
    data = table(row, columns=columns)
    assert recognise(Head("t.csv", data)) is form
    expected = {"FY": "Fiscal Year"}.get(gone, gone)
    with pytest.raises(FormatError) as raised:
        read(form, data)
    assert f"has no column {expected!r}" in str(raised.value)
    assert "watchfloor feeds map FILE --kind statistic" in str(raised.value)
    if nearest:
        assert f"did you mean {nearest!r}" in str(raised.value)


def test_several_missing_columns_are_all_named():
    columns = [name for name in DRUGS if name not in ("Region", "Drug Type")]
    with pytest.raises(FormatError, match=r"no column 'Region'.*\(nor 'Drug Type'\)"):
        read(D, table(DRUG, columns=dict(zip(columns, columns, strict=True))))


@pytest.mark.parametrize(("form", "row"), [(D, DRUG), (E, PEOPLE)])
def test_an_extra_column_is_told_once(form, row):
    rows, (fault,) = read(
        form, table(row | {"Port Code": "1"}, row | {"Port Code": "2", "State": "NY", "FY": "2023"})
    )
    assert rows
    assert (fault.locator, fault.partly) == (WHOLE_FILE, True)
    assert "'Port Code'" in fault.reason


def test_a_cell_that_comes_twice():
    rows, (same, other) = read(D, table(DRUG, DRUG, DRUG | {"Sum Qty (lbs)": "5"}))
    assert [row["locator"] for row in rows] == ["line 2", "line 2"]
    assert (same.locator, other.locator) == ("line 3", "line 4")
    assert same.reason == "month and cell of line 2 again, with the same numbers; the first is kept"
    assert "which says 3 and 4.5 where this one says 3 and 5" in other.reason


def test_a_count_with_a_point_and_nothing_behind_it():
    rows, faults = read(D, table(DRUG | {"Count of Event": "3.0"}))
    assert (rows[0]["value"], faults) == (3.0, [])


def test_a_bad_line_does_not_stand_before_a_good_one_of_its_cell():
    rows, (fault,) = read(D, table(DRUG | {"Sum Qty (lbs)": "-1"}, DRUG))
    assert {row["locator"] for row in rows} == {"line 3"}
    assert fault.locator == "line 2"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("Sum Qty (lbs)", "-0.5", "no finite number, 0 or more"),
        ("Sum Qty (lbs)", "1,234", "no number such as 12.5"),
        ("Sum Qty (lbs)", "N/A", "no number such as 12.5"),
        ("Sum Qty (lbs)", "12O", "no number such as 12.5"),
        ("Sum Qty (lbs)", "NaN", "no finite number"),
        ("Sum Qty (lbs)", "inf", "no finite number"),
        ("Sum Qty (lbs)", "", r"Sum Qty \(lbs\) is empty"),
        ("Count of Event", "1.5", "no whole number"),
        ("Count of Event", "-1", "no count"),
        ("Count of Event", "1,234", "no whole number"),
        ("Count of Event", "nan", "no whole number"),
        ("Month (abbv)", "FEV", "no month such as OCT"),
        ("Month (abbv)", "13", "no month such as OCT"),
        ("Month (abbv)", "0", "no month such as OCT"),
        ("Month (abbv)", "", "the month is empty"),
        ("FY", "20244", "no year such as 2024"),
        ("FY", "FY", "no year such as 2024"),
        ("FY", "1492", "no year such as 2024"),
        ("FY", "2024 (forecast)", "no year such as 2024"),
        ("FY", "", "the year is empty"),
        ("Region", "  ", "Region is empty"),
    ],
)
def test_a_bad_value_is_a_fault_and_the_rest_is_read(column, value, reason):
    rows, (fault,) = read(D, table(DRUG, DRUG | {column: value, "Drug Type": "Heroin"}))
    assert len(rows) == 2
    assert fault.locator == "line 3"
    assert fault.raw
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(fault.reason)


@pytest.mark.parametrize("value", ["-1", "1,234", "1.5", "N/A", "12O", "inf", ""])
def test_bad_counts_of_people(value):
    rows, (fault,) = read(E, table(PEOPLE, PEOPLE | {"State": "NY", "Encounter Count": value}))
    assert (len(rows), fault.locator) == (1, "line 3")


@pytest.mark.parametrize("form", [D, E])
def test_an_empty_file(form):
    with pytest.raises(FormatError, match="is empty"):
        read(form, b"")


@pytest.mark.parametrize(("form", "columns"), [(D, DRUGS), (E, ENCOUNTERS), (E, BY_AREA)])
def test_headers_only(form, columns):
    rows, (fault,) = read(form, ",".join(columns).encode() + b"\n")
    assert not rows
    assert "no row" in fault.reason


def test_a_cut_gzip_file(tmp_path):
    lines = [DRUG | {"Area of Responsibility": f"SECTOR {i * 7919 % 5000}"} for i in range(2000)]
    packed = gzip.compress(table(*lines))
    path = tmp_path / "drugs.csv.gz"
    path.write_bytes(packed[: len(packed) // 2])
    found, faults = read_file(path)
    assert 0 < found.num_rows < 4000
    assert faults[-1].rest
    path.write_bytes(packed)
    found, faults = read_file(path)
    assert (found.num_rows, faults) == (4000, [])


def test_what_is_no_statistics(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(FormatError, match="watchfloor feeds map FILE --kind statistic"):
        read_file(tmp_path / "a.csv")


TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
MONTH = st.sampled_from("OCT NOV DEC JAN FEB MAR APR MAY JUN JUL AUG SEP".split())
DRUG_ROW = st.fixed_dictionaries(
    {
        "FY": st.sampled_from(["2024", "2025", "2026 (FYTD)"]),
        "Month (abbv)": MONTH,
        **dict.fromkeys(DRUGS[2:7], TEXT),
        "Count of Event": st.integers(0, 10**6).map(str),
        "Sum Qty (lbs)": st.floats(0, 1e9).map(repr),
    }
)
PEOPLE_ROW = st.fixed_dictionaries(
    {
        "Fiscal Year": st.sampled_from(["2024", "2025", "2026 (FYTD)"]),
        "Month Grouping": st.sampled_from(["FYTD", "Remaining"]),
        "Month (abbv)": MONTH,
        **dict.fromkeys(ENCOUNTERS[3:8], TEXT),
        "Encounter Count": st.integers(0, 10**6).map(str),
    }
)


@settings(deadline=None, max_examples=draws(150))
@given(rows=st.lists(DRUG_ROW, min_size=1, max_size=6))
def test_every_number_of_drugs_is_read(rows):
    rows = list({tuple(row[name] for name in DRUGS[:7]): row for row in rows}.values())
    found, faults = read(D, table(*rows))
    assert not faults
    assert sorted(one["value"] for one in found if one["measure"] == "weight") == sorted(
        float(row["Sum Qty (lbs)"]) for row in rows
    )
    assert len({one["report_key"] for one in found}) == 2 * len(rows)


@settings(deadline=None, max_examples=draws(200))
@given(data=st.data(), form=st.sampled_from([D, E]))
def test_damage_gives_faults_or_a_format_error(data, form):
    rows = data.draw(st.lists(DRUG_ROW if form is D else PEOPLE_ROW, min_size=1, max_size=5))
    good = table(*rows)
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        found, _ = read(form, bytes(damaged[: data.draw(st.integers(0, len(good)))]))
        assert all(one["value"] >= 0 for one in found)


@pytest.mark.parametrize("data", [b"", b"id,name\n1,x\n", b"<xml/>", b"PK\x03\x04", b"\xff\xfe\x00"])
@pytest.mark.parametrize("form", [D, E])
def test_other_files_are_not(form, data):
    assert form.sniff(Head("t.csv", data)) == 0.0


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("nationwide-drugs-fy19-fy22.csv", ("events", "Count of Event")),
        ("nationwide-drugs-fy19-fy22.csv", ("weight", "Sum Qty (lbs)")),
        ("nationwide-drugs-fy23-fy26-dec.csv", ("weight", "Sum Qty (lbs)")),
        ("nationwide-drugs-fy23-fy26-apr.csv", ("events", "Count of Event")),
        pytest.param("enc-fy20-fy23-state.csv", ("people", "Encounter Count"), marks=pytest.mark.thorough),
        pytest.param("enc-fy22-fy25-state.csv", ("people", "Encounter Count"), marks=pytest.mark.thorough),
        ("enc-fy23-fy26-nov-state.csv", ("people", "Encounter Count")),
    ],
)
def test_real_files_line_by_line(name, numbers):
    path = published(name)
    form = recognise(Head(name, path.read_bytes()[:HEAD_BYTES]))
    assert form is FORMATS["cbp-encounters" if name.startswith("enc") else "cbp-drug-seizures"]
    found, faults = read_file(path)
    assert not faults
    measure, column = numbers
    found = found.filter([one == measure for one in found["measure"].to_pylist()])
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row, line in zip(found.to_pylist(), csv.DictReader(lines), strict=True):
            assert row["value"] == float(line[column])
            values = Counter(json.loads(row["cell"]).values())
            named = [
                v for k, v in line.items() if k not in ("FY", "Fiscal Year", "Month Grouping", "Month (abbv)")
            ]
            named = ["UAC" if one == "UC / Single Minors" else one for one in named]
            assert not values - Counter(named)
            year = int((line.get("FY") or line["Fiscal Year"])[:4])
            month = datetime.strptime(line["Month (abbv)"], "%b").month  # noqa: DTZ007
            assert (row["observed_at"].year, row["observed_at"].month) == (year - (month >= 10), month)
