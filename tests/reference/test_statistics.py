"""The packaged monthly facts: what they say by themselves, and that they are what was published."""

import csv
import json
from collections import Counter
from functools import cache
from itertools import pairwise

import pytest
from tests.formats.statistics.made import published

from watchfloor.core.kinds import STATISTIC
from watchfloor.formats.statistics.files import read
from watchfloor.reference.statistics.facts import COLUMNS, Source, packaged, sources

FILES = {
    "nationwide-drugs-fy19-fy22.csv",
    "nationwide-drugs-fy23-fy26-apr.csv",
    "nationwide-drugs-fy23-fy26-dec.csv",
    "enc-fy20-fy23-state.csv",
    "enc-fy22-fy25-state.csv",
    "enc-fy23-fy26-nov-state.csv",
    "usbp_monthly_encounters_fy2000-fy2020.csv.gz",
}
EARLIER = ("enc-fy20-fy23-state.csv", "enc-fy22-fy25-state.csv")
"""Files of the form of a later one, which a quick run reads."""


@cache
def held():
    """Rows of the package with their month and what their cell says."""
    every = packaged().to_pylist()
    return [(row | {"month": f"{row['observed_at']:%Y-%m}"}, json.loads(row["cell"])) for row in every]


def rows(series, vintage=None, **cell):
    for row, says in held():
        of = row["series"] == series and vintage in (None, f"{row['published']:%Y-%m-%d}")
        if of and all(says.get(name) == value for name, value in cell.items()):
            yield row


def total(measure, since, until, *args, **cell):
    found = rows(*args, **cell)
    return sum(row["value"] for row in found if row["measure"] == measure and since <= row["month"] <= until)


@pytest.mark.parametrize("vintage", ["2026-01-31", "2026-05-31"])
def test_the_share_of_the_northern_border_in_fiscal_2024(vintage):
    asked = ("2023-10", "2024-09", "cbp-drug-seizures", vintage)
    north = {"item": "Fentanyl", "region": "Northern Border"}
    assert f"{total('weight', *asked, **north):.2f}" == "43.04"
    assert f"{total('weight', *asked, item='Fentanyl'):,.2f}" == "21,889.21"
    assert total("events", *asked, **north) == 82
    assert total("events", *asked, item="Fentanyl") == 1116


def test_encounters_of_fiscal_2024():
    asked = ("people", "2023-10", "2024-09", "cbp-encounters", "2025-10-31")
    assert total(*asked, region="Northern Land Border") == 198_929
    assert f"{198_929 / total(*asked):.2%}" == "6.86%"


def test_the_table_is_of_the_kind():
    table = packaged()
    assert tuple(table.column_names) == COLUMNS
    assert all(table.schema.field(name).type == STATISTIC.schema.field(name).type for name in COLUMNS)
    assert not any(table[name].null_count for name in COLUMNS if name != "unit" and name != "to_date")
    keys = table.group_by(["series", "published", "observed_at", "measure", "cell"]).aggregate([])
    assert keys.num_rows == table.num_rows
    assert min(table["value"].to_pylist()) >= 0


def test_citizenship_is_canada_or_not():
    said = {json.loads(cell).get("citizenship") for cell in packaged()["cell"].unique().to_pylist()}
    assert said == {None, "CANADA", "OTHER THAN CANADA"}


def test_no_month_is_missing_between_the_first_and_the_last():
    for name, source in sources().items():
        for vintage in source.vintages:
            months = sorted({row["month"] for row in rows(name, vintage.published)})
            assert (months[0], months[-1]) == (vintage.first, vintage.last)
            counted = [int(one[:4]) * 12 + int(one[5:]) for one in months]
            assert all(after - before == 1 for before, after in pairwise(counted))


def test_sources_say_what_the_table_has():
    table = packaged()
    assert set(table["series"].unique().to_pylist()) == sources().keys()
    for name, source in sources().items():
        assert isinstance(source, Source)
        found = list(rows(name))
        assert {row["published"].date().isoformat() for row in found} == {
            one.published for one in source.vintages
        }
        assert {row["dated"] for row in found} == {one.dated for one in source.vintages}
        assert {row["measure"] for row in found} == set(source.unit)
        cells = [json.loads(row["cell"]) for row in found]
        assert {key for cell in cells for key in cell} == source.cell.keys()
        for dimension, about in source.cell.items():
            if about.values:
                assert {cell[dimension] for cell in cells if dimension in cell} == set(about.values)
    assert {one.file for source in sources().values() for one in source.vintages} == FILES


def needed(series, cell):
    """What the package keeps of a published cell, written anew."""
    if series in ("cbp-drug-seizures", "usbp-encounters"):
        return cell
    kept = {"citizenship": "CANADA" if cell["citizenship"] == "CANADA" else "OTHER THAN CANADA"}
    if cell["region"] == "Northern Land Border":
        kept["state"] = cell["state"]
    return kept | {"region": cell["region"]}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.thorough] * (name in EARLIER)) for name in sorted(FILES)],
)
def test_each_number_is_what_the_file_says(name):
    table, _ = read(published(name))
    sums, dated = Counter(), set()
    for row in table.to_pylist():
        if (kept := needed(row["series"], json.loads(row["cell"]))) is not None:
            key = (row["observed_at"], row["until"], row["measure"], row["unit"], row["to_date"])
            sums[*key, tuple(sorted(kept.items()))] += row["value"]
            dated.add((row["series"], row["published"], row["dated"], row["publisher"]))
    ((series, vintage, how, publisher),) = dated
    found = {}
    for row in rows(series, vintage.date().isoformat()):
        key = (row["observed_at"], row["until"], row["measure"], row["unit"], row["to_date"])
        found[*key, tuple(sorted(json.loads(row["cell"]).items()))] = row["value"]
        assert (row["dated"], row["publisher"]) == (how, publisher)
    assert found == dict(sums)


def test_what_was_renamed_between_two_tables_of_encounters():
    """Cells of the months that both have, by the published words alone."""

    def cells(name):
        with published(name).open(encoding="utf-8", newline="") as lines:
            for line in csv.DictReader(lines):
                if line["Fiscal Year"] in ("2022", "2023"):
                    number = line.pop("Encounter Count")
                    yield tuple(line.values()), number

    before, after = (dict(cells(name)) for name in ("enc-fy20-fy23-state.csv", "enc-fy22-fy25-state.csv"))
    differ = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert (len(differ), len(before.keys() | after.keys())) == (3590, 26_834)
    assert {"UAC", "UC / Single Minors"} == {key[5] for key in differ}
    assert sum(key[5] == "UAC" for key in differ) == 1795


def test_what_was_revised_between_two_tables_of_drugs():
    def numbers(name):
        table, _ = read(published(name))
        return {(row["observed_at"], row["measure"], row["cell"]): row["value"] for row in table.to_pylist()}

    before = numbers("nationwide-drugs-fy23-fy26-dec.csv")
    after = numbers("nationwide-drugs-fy23-fy26-apr.csv")
    changed = [key for key in before if abs(before[key] - after[key]) > 1e-12 * before[key]]
    assert Counter(measure for _, measure, _ in changed) == {"events": 201, "weight": 68}
    assert {month.date().isoformat()[:7] for month, *_ in changed} == {"2025-10", "2025-11", "2025-12"}
    newest = max(month for month, *_ in before)
    assert len([key for key in after.keys() - before.keys() if key[0] <= newest]) == 2
