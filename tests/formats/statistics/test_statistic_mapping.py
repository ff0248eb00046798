"""Statistics of other publishers: mappings, wide tables, and what is proposed for them."""

from io import BytesIO

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.statistics.made import table

from watchfloor.formats.base import Batch, Fault, FormatError
from watchfloor.formats.registry import FORMATS
from watchfloor.formats.settings import SettingsError
from watchfloor.formats.tabular import mapping, wide
from watchfloor.formats.tabular.propose import propose
from watchfloor.formats.tabular.table import Rows, locators, text_table

HEAD = """
kind = "statistic"
{wide}
[fields]
observed_at = {period}
until = {period}
value = "{value}"
cell = [{{ from = "Drogue", system = "item" }}, {{ from = "Région", system = "region" }}]

[constants]
series = "asfc-saisies"
measure = "events"
published = "2026-01-20"
"""
LONG = """Période;Drogue;Région;Nombre
2023-24;Fentanyl;Québec;12
2024-Q1;Fentanyl;Québec;3
;x;y;1
2024-01;x;;-1
"""
WIDE = "Drogue;Région;janv. 2024;févr. 2024\nFentanyl;Québec;3;4\nHéroïne;Québec;;5\nCocaïne;Québec;6;x\n"
BY_YEAR = "Drogue,Région,Exercice,Apr,Jan\nFentanyl,North,2023-24,1,2\n"


def read(text, data, name="t.csv"):
    found = list(mapping.read(mapping.parse(text, "m.toml"), BytesIO(data.encode()), name))
    rows = [row for item in found if isinstance(item, Batch) for row in item.rows.to_pylist()]
    return rows, [item for item in found if isinstance(item, Fault)]


def test_a_row_a_number():
    rows, faults = read(HEAD.format(wide="", period='"Période"', value="Nombre"), LONG)
    year, quarter = rows
    assert (year["observed_at"].isoformat()[:10], year["until"].isoformat()[:10]) == (
        "2023-04-01",
        "2024-04-01",
    )
    assert (quarter["observed_at"].month, quarter["until"].month) == (1, 4)
    assert year["cell"] == '{"item":"Fentanyl","region":"Québec"}'
    assert year["report_key"] == f"asfc-saisies/2026-01-20/2023-04-01..2024-04-01/events/{year['cell']}"
    assert (year["dated"], year["value"]) == ("stated", 12.0)
    assert [fault.locator for fault in faults] == ["line 4", "line 5"]


@pytest.mark.parametrize("data", ["2023;2024\n3;4\n", '{"2023": 3, "2024": 4, "note": "x"}\n'])
def test_a_table_may_be_months_or_years_alone(data):
    text = HEAD.format(wide='wide = ["2023", "2024"]', period='"(column)"', value="(value)")
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("cell"))
    rows, faults = read(text, data)
    assert ([(row["observed_at"].year, row["value"]) for row in rows], faults) == ([(2023, 3), (2024, 4)], [])


def test_a_column_a_month():
    text = HEAD.format(wide='wide = ["janv. 2024", "févr. 2024"]', period='"(column)"', value="(value)")
    rows, (fault,) = read(text, WIDE)
    assert [(row["observed_at"].month, row["value"], row["locator"]) for row in rows] == [
        (1, 3.0, "line 2"),
        (2, 4.0, "line 2"),
        (2, 5.0, "line 3"),
        (1, 6.0, "line 4"),
    ]
    assert rows[0]["report_key"].startswith("asfc-saisies/2026-01-20/2024-01/events/")
    assert fault.locator == "line 4"
    assert fault.raw == "Cocaïne;Québec;6;x".encode()


def test_a_row_a_year_and_a_column_a_month():
    text = HEAD.format(wide='wide = ["Apr", "Jan"]', period='["Exercice", "(column)"]', value="(value)")
    rows, faults = read(text, BY_YEAR)
    assert not faults
    assert [row["observed_at"].isoformat()[:7] for row in rows] == ["2023-04", "2024-01"]


def test_a_wide_column_that_is_not_there():
    text = HEAD.format(wide='wide = ["janv. 2024", "mars 2024"]', period='"(column)"', value="(value)")
    with pytest.raises(FormatError, match="has no column 'mars 2024', which wide needs"):
        read(text, WIDE)


def test_a_wide_column_fills_no_field():
    text = HEAD.format(wide='wide = ["Nombre"]', period='"Période"', value="Nombre")
    with pytest.raises(SettingsError, match="'Nombre' is a column of wide"):
        mapping.parse(text, "m.toml")


@pytest.mark.parametrize(
    "cell", ["North", "{", "[1]", '{"a":1}', '{"a":""}', '{"a":"1","a":"2"}', '{"Nationality":"x"}']
)
def test_what_is_no_cell(cell):
    text = 'kind = "statistic"\n[fields]\ncell = "c"\n[constants]\nobserved_at = "2024"\nuntil = "2024"\n'
    text += 'series = "s"\nmeasure = "events"\npublished = "2026-01-20"\nvalue = "1"\n'
    rows, (fault,) = read(text, table({"c": cell, "d": "1"}).decode())
    assert not rows
    assert "cell (column 'c')" in fault.reason


def test_a_cell_of_nationality_is_refused():
    text = HEAD.format(wide="", period='"Période"', value="Nombre").replace('"Région"', '"Nationality"')
    with pytest.raises(SettingsError, match="never features"):
        mapping.parse(text, "m.toml")


@pytest.mark.parametrize(
    ("data", "file", "fields", "wide_", "published"),
    [
        (LONG, "saisies@2026-01-20.csv", {"observed_at", "until", "value", "cell"}, (), "2026-01-20"),
        (
            WIDE,
            "saisies.csv",
            {"observed_at", "until", "value", "cell"},
            ("janv. 2024", "févr. 2024"),
            "2026-11-24",
        ),
        (BY_YEAR, "s.csv", {"observed_at", "until", "value", "cell"}, ("Apr", "Jan"), "2026-11-24"),
    ],
)
def test_what_is_proposed_reads(data, file, fields, wide_, published):
    names, *lines = [line.split(";" if ";" in data else ",") for line in data.splitlines()]
    found = propose("statistic", text_table(names, lines), file, "2026-11-24")
    assert not found.missing
    assert set(found.mapping.fields) == fields
    assert found.mapping.wide == wide_
    assert found.mapping.constants["published"] == published
    assert found.mapping.constants["series"] == file.split("@")[0].removesuffix(".csv")
    text = mapping.dump(found.mapping)
    assert mapping.parse(text, "m.toml") == found.mapping
    rows, _ = read(text, data)
    assert len(rows) >= 2
    assert '"drogue":"Fentanyl"' in rows[0]["cell"]


def test_a_column_of_nationality_is_not_proposed():
    cells = pa.table({"Year": ["2024"], "Nationality": ["X"], "Count": ["1"]})
    found = propose("statistic", cells, "s.csv", "2026-11-24")
    assert "cell" not in found.mapping.fields
    assert any("Nationality" in note for note in found.notes)


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.none() | st.text("ab ", min_size=1, max_size=3), min_size=3, max_size=3),
        min_size=1,
        max_size=5,
    )
)
def test_turning_is_a_loop_over_cells(lines):
    names = ["k", "x", "y"]
    cells = pa.table([pa.array(column, pa.string()) for column in zip(*lines, strict=True)], names=names)
    rows = Rows(cells, locators(np.arange(len(lines))), lambda row: b"%d" % row)
    found = wide.turned(rows, ("x", "y"))
    expected = [
        (line[0], name, text, i)
        for i, line in enumerate(lines)
        for name, text in zip(names[1:], line[1:], strict=True)
        if text and text.strip()
    ]
    got = [
        (row["k"], row[wide.COLUMN], row[wide.VALUE], int(found.raw(i)))
        for i, row in enumerate(found.cells.to_pylist())
    ]
    assert got == expected


def test_a_dimension_that_was_left_out_is_told():
    text = HEAD.format(wide="", period='"Période"', value="Nombre").replace(
        '[{ from = "Drogue", system = "item" }, { from = "Région", system = "region" }]',
        '[{ from = "Drogue", system = "item" }]',
    )
    data = "Période;Drogue;Région;Nombre\n2024;Fentanyl;Québec;12\n2024;Fentanyl;Ontario;3\n2025;x;y;1\n"
    rows, (fault,) = read(text, data)
    assert [row["value"] for row in rows] == [12.0, 1.0]
    assert fault.locator == "line 3"
    assert fault.raw == b"2024;Fentanyl;Ontario;3"
    assert "line 2 again, which says 12 where this one says 3; the first is kept" in fault.reason


def test_our_own_columns_say_a_cell_once():
    head = b"observed_at,until,series,published,measure,value\n"
    line = b"2024,2024,s,2026-01-20,events,3\n"
    found = list(FORMATS["statistic-csv"].read(BytesIO(head + line + line), "t.csv"))
    assert found[0].rows.num_rows == 1
    assert "with the same number" in found[1].reason
    assert found[0].rows["cell"].to_pylist() == ["{}"]


def test_rows_of_totals_are_pointed_out():
    cells = pa.table({"Year": ["2024"] * 2, "Region": ["North", "TOTAL"], "Count": ["1", "2"]})
    found = propose("statistic", cells, "s.csv", "2026-11-24")
    assert any("'Region' holds 'TOTAL'" in note for note in found.notes)


def test_a_column_of_numbers_by_any_name_is_proposed():
    cells = pa.table({"Year": ["2023", "2024"], "Substance": ["F", "F"], "Samples": ["120", "NaN"]})
    found = propose("statistic", cells, "das.csv", "2026-11-24")
    assert found.mapping.fields["value"] == "Samples"


def test_a_year_and_a_quarter_in_two_columns_are_proposed_as_one_period():
    lines = [["2023-24", "Q1", "Fentanyl", "10"], ["2023-24", "Q4", "Fentanyl", "15"]]
    quarters = text_table(["Year", "Quarter", "Drug", "Seizures"], lines)
    found = propose("statistic", quarters, "q.csv", "2026-11-24").mapping.fields
    assert found["observed_at"] == found["until"] == ("Year", "Quarter")
    months = text_table(["Month", "Year", "Seizures"], [["October", "2024", "1"], ["June", "2025", "2"]])
    found = propose("statistic", months, "m.csv", "2026-11-24").mapping.fields
    assert found["observed_at"] == ("Year", "Month")
