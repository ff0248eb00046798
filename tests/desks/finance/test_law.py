"""The provisions that the finance desk rests on, as the regulations print them."""

from pathlib import Path

import pytest
from lxml import etree

from watchfloor.desks.finance.desk import THRESHOLD, WITHIN
from watchfloor.desks.finance.messages import ADDS_UP

FILE = Path(__file__).parents[4] / "shared/data/law/gateways/SOR-2002-184.xml"


@pytest.fixture(scope="module")
def sections():
    if not FILE.exists():
        pytest.skip(f"needs {FILE.name} of ../shared/data")
    found = etree.parse(FILE).getroot().iter("Section")
    return {one.findtext("Label"): " ".join(" ".join(one.itertext()).split()) for one in found}


def test_the_threshold_and_the_hours_are_the_regulations_own(sections):
    said = sections["126"]
    assert f"${THRESHOLD:,}" in said
    assert f"{WITHIN.total_seconds() / 3600:.0f} consecutive hours" in said
    assert "(c) the amounts are for the same beneficiary" in said


def test_the_sentence_names_the_same_threshold():
    assert f"${THRESHOLD:,}" in ADDS_UP.en
    assert f"{THRESHOLD:,}\u00a0$".replace(",", " ") in ADDS_UP.fr


def test_a_financial_entity_reports_cash_from_the_threshold(sections):
    said = f"(a) the receipt from a person or entity of an amount of ${THRESHOLD:,} or more in cash"
    assert said in sections["7"]
