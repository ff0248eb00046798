"""Sixty sentences about seizures with verdicts known by hand, and every figure once more by pandas.

The verdict of a sentence was written down from CBP's numbers before the program was asked: True, False, or
None where the words leave it open. The rules were made beside DEVELOPMENT; HELD_OUT was written afterwards.
"""

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.scorecard.claims import FigureQuery, load
from watchfloor.scorecard.claims.measures import amount, figure, sums
from watchfloor.scorecard.evidence import of_package

FOLDER = Path(__file__).parents[3].parent / "shared" / "data" / "statistics"
FILES = ("nationwide-drugs-fy19-fy22.csv", "nationwide-drugs-fy23-fy26-apr.csv")
DAY = date(2026, 6, 30)
NORTH, SOUTH, COAST = "Northern Border", "Southwest Border", "Coastal/Interior"
ANY = "*"

DEVELOPMENT = [
    ("43 pounds of fentanyl at the north in 2024", "about = 43", "total", "Fentanyl", NORTH, "FY2024", True),
    ("44 pounds of it", "about = 44", "total", "Fentanyl", NORTH, "FY2024", False),
    ("nearly 22,000 pounds of fentanyl", "nearly = 22000", "total", "Fentanyl", ANY, "FY2024", True),
    ("22,000 pounds of fentanyl", "about = 22000", "total", "Fentanyl", ANY, "FY2024", True),
    ("21,000 pounds of fentanyl", "about = 21000", "total", "Fentanyl", ANY, "FY2024", False),
    ("more than 21,000 pounds", "more_than = 21000", "total", "Fentanyl", ANY, "FY2024", True),
    ("the north has 0.2 per cent of it", "about = 0.002", "share", "Fentanyl", NORTH, "FY2024", True),
    ("and 0.2 per cent in 2025", "about = 0.002", "share", "Fentanyl", NORTH, "FY2025", False),
    ("less than one per cent in 2025", "below = 0.01", "share", "Fentanyl", NORTH, "FY2025", True),
    ("well under one per cent in 2025", "well_below = 0.01", "share", "Fentanyl", NORTH, "FY2025", False),
    ("well under one per cent in 2024", "well_below = 0.01", "share", "Fentanyl", NORTH, "FY2024", True),
    ("under one per cent of meth", "below = 0.01", "share", "Methamphetamine", NORTH, "FY2025", True),
    ("no fentanyl at all at the north", "about = 0", "share", "Fentanyl", NORTH, "FY2024", False),
    ("no khat at the southwest", "about = 0", "total", "Khat (Catha Edulis)", SOUTH, "FY2024", True),
    ("almost 175,000 pounds of marijuana", "nearly = 175000", "total", "Marijuana", ANY, "FY2024", True),
    ("174,000 pounds of meth", "about = 174000", "total", "Methamphetamine", ANY, "FY2024", True),
    ("just over 68,000 pounds of cocaine", "just_over = 68000", "total", "Cocaine", ANY, "FY2024", True),
    ("over 70,000 pounds of cocaine", "more_than = 70000", "total", "Cocaine", ANY, "FY2025", True),
    ("600 to 700 pounds of ecstasy", "between = [600, 700]", "total", "Ecstasy", ANY, "FY2024", True),
    ("650 to 700 pounds in 2023", "between = [650, 700]", "total", "Ecstasy", ANY, "FY2023", False),
    ("14 pounds of LSD", "about = 14", "total", "Lsd", ANY, "FY2024", True),
    ("10.9 pounds of LSD in 2023", "about = 10.9", "total", "Lsd", ANY, "FY2023", True),
    ("at most 1,200 pounds of heroin", "at_most = 1200", "total", "Heroin", ANY, "FY2024", True),
    ("at least 1,200 pounds of heroin", "at_least = 1200", "total", "Heroin", ANY, "FY2024", False),
    ("well over 100,000 of others", "well_over = 100000", "total", "Other Drugs**", ANY, "FY2024", None),
    ("well over 50,000 of meth", "well_over = 50000", "total", "Methamphetamine", SOUTH, "FY2024", True),
    ("nine in ten pounds or more", "at_least = 0.9", "share", "Fentanyl", SOUTH, "FY2024", True),
    ("97 per cent at the southwest", "about = 0.97", "share", "Fentanyl", SOUTH, "FY2024", True),
    ("96.5 per cent at the southwest", "about = 0.965", "share", "Fentanyl", SOUTH, "FY2024", False),
    ("rose more than tenfold", "more_than = -9", "change", "Fentanyl", NORTH, "FY2023 FY2024", True),
]
HELD_OUT = [
    ("77 pounds at the north in 2025", "about = 77", "total", "Fentanyl", NORTH, "FY2025", True),
    ("90 pounds at the north in 2025", "about = 90", "total", "Fentanyl", NORTH, "FY2025", False),
    ("12,000 pounds of fentanyl", "about = 12000", "total", "Fentanyl", ANY, "FY2025", True),
    ("nearly 12,000", "nearly = 12000", "total", "Fentanyl", ANY, "FY2025", False),
    ("just over 12,000", "just_over = 12000", "total", "Fentanyl", ANY, "FY2025", True),
    ("27,000 pounds in 2023", "about = 27000", "total", "Fentanyl", ANY, "FY2023", True),
    ("less than 27,000 in 2023", "below = 27000", "total", "Fentanyl", ANY, "FY2023", False),
    ("fell by 45 per cent", "about = 0.45", "change", "Fentanyl", ANY, "FY2024 FY2025", True),
    ("fell by more than half", "more_than = 0.5", "change", "Fentanyl", ANY, "FY2024 FY2025", False),
    ("fell by 19 per cent", "about = 0.19", "change", "Fentanyl", ANY, "FY2023 FY2024", True),
    ("fell by a fifth or more", "at_least = 0.2", "change", "Fentanyl", ANY, "FY2023 FY2024", False),
    ("meth rose by 24 per cent", "about = -0.24", "change", "Methamphetamine", ANY, "FY2023 FY2024", True),
    ("by more than a quarter", "more_than = -0.25", "change", "Methamphetamine", ANY, "FY2023 FY2024", False),
    ("cocaine: 33 per cent at the north", "about = 0.33", "share", "Cocaine", NORTH, "FY2023", True),
    ("3.4 per cent in 2024", "about = 0.034", "share", "Cocaine", NORTH, "FY2024", True),
    ("3.5 per cent in 2024", "about = 0.035", "share", "Cocaine", NORTH, "FY2024", False),
    ("marijuana: 3.3 per cent", "about = 0.033", "share", "Marijuana", NORTH, "FY2025", True),
    ("well under ten per cent", "well_below = 0.1", "share", "Marijuana", NORTH, "FY2025", True),
    ("less than a pound of heroin", "below = 1", "total", "Heroin", NORTH, "FY2025", True),
    ("6,600 pounds of ketamine", "about = 6600", "total", "Ketamine", ANY, "FY2025", True),
    ("over 40,000 of khat", "more_than = 40000", "total", "Khat (Catha Edulis)", ANY, "FY2025", True),
    ("well over 40,000 of khat", "well_over = 40000", "total", "Khat (Catha Edulis)", ANY, "FY2025", True),
    ("LSD at the coasts: 9 to 10", "between = [9, 10]", "total", "Lsd", COAST, "FY2025", True),
    ("under 14 pounds of ecstasy", "below = 14", "total", "Ecstasy", NORTH, "FY2025", True),
    ("14.0 pounds of ecstasy", "about = 14.0", "total", "Ecstasy", NORTH, "FY2025", False),
    ("82 seizures of fentanyl", "about = 82", "events", "Fentanyl", NORTH, "FY2024", True),
    ("1,100 seizures of fentanyl", "about = 1100", "events", "Fentanyl", ANY, "FY2024", True),
    ("1,200 seizures of fentanyl", "about = 1200", "events", "Fentanyl", ANY, "FY2024", False),
    ("well over 10,000 of marijuana", "well_over = 10000", "events", "Marijuana", ANY, "FY2025", True),
    (
        "all khat at the coasts: 100 per cent",
        "about = 1",
        "share",
        "Khat (Catha Edulis)",
        COAST,
        "FY2024",
        False,
    ),
]


@cache
def known():
    return of_package().facts.known(DAY)


def claim(claimed, measure, item, region, period):
    lines = [f'measure = "{"total" if measure == "events" else measure}"']
    lines += [f'of = "{"events" if measure == "events" else "weight"}"', f'scope = {{ item = "{item}" }}']
    lines += [f'part = {{ region = "{region}" }}'] if region != ANY else []
    since, _, until = period.partition(" ")
    lines += [f'since = "{since}"\nuntil = "{until}"'] if until else [f'period = "{period}"']
    both = '{ en = "x", fr = "x" }'
    text = f"""title = {both}
department = "CBSA"
said = {{ on = 2025-03-04, by = {both}, words = {both} }}
claimed = {{ {claimed} }}
definitions = {{ one = {{}} }}
[ask]
series = "cbp-drug-seizures"
""" + "\n".join(lines)
    return load("own.toml", text.encode())


def answered(claimed, measure, item, region, period):
    one = claim(claimed, measure, item, region, period)
    return figure(known(), "one", one.asked({}), one.rule)


@pytest.mark.parametrize("sentences", [DEVELOPMENT, HELD_OUT], ids=["development", "held-out"])
def test_thirty_sentences_get_the_verdict_that_was_known(sentences):
    assert len(sentences) == 30
    wrong = [
        (words, found.shown.en)
        for words, *asked, right in sentences
        if (found := answered(*asked)).holds is not right
    ]
    assert wrong == []


@cache
def table():
    """The newest edition of each month as CBP's files have it, read by pandas."""
    pandas = pytest.importorskip("pandas")
    read = [pandas.read_csv(FOLDER / name, dtype={"FY": str}) for name in FILES]
    whole = pandas.concat(read)
    return whole.assign(fy=whole["FY"].str[:4].astype(int))


DRUGS = [*("Cocaine", "Ecstasy", "Fentanyl", "Heroin", "Ketamine", "Khat (Catha Edulis)", "Lsd", "Marijuana")]
DRUGS += ["Methamphetamine", "Other Drugs**"]


def rounded(values):
    """A sum of hundredths and finer by exact arithmetic, as a page writes it."""
    return f"{sum(map(Decimal, map(repr, values.tolist())), Decimal(0)):,.2f}"


def compare(drug, area, year):
    """Both sums of a cell and of its drug, by the program and by pandas."""
    rows = table()[(table()["fy"] == year) & (table()["Drug Type"] == drug)]
    ours = rows[rows["Area of Responsibility"] == area]
    for of, column in (("weight", "Sum Qty (lbs)"), ("events", "Count of Event")):
        period = f"FY{year}"
        asked = FigureQuery("share", "cbp-drug-seizures", of, {"item": drug}, {"area": area}, period=period)
        found = [amount(one.value, one.unit).en for one in sums(known(), asked)]
        if of == "weight":
            assert found == [f"{rounded(one[column])} lb" for one in (ours, rows)]
        else:
            assert found == [f"{one[column].sum():,}" for one in (ours, rows)]


AREAS = sorted({cell["area"] for cell in known()["cbp-drug-seizures"].cells})
HELD = pytest.mark.skipif(not FOLDER.exists(), reason="needs ../shared/data/statistics")


@HELD
@given(st.sampled_from(DRUGS), st.sampled_from(AREAS), st.integers(2019, 2025))
def test_a_cell_is_what_pandas_makes_of_the_files(drug, area, year):
    compare(drug, area, year)


@HELD
@pytest.mark.thorough
@pytest.mark.parametrize("drug", DRUGS)
def test_every_area_and_year_of_a_drug_is_what_pandas_makes_of_the_files(drug):
    for area in AREAS:
        for year in range(2019, 2026):
            compare(drug, area, year)
