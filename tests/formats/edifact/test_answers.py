"""Answers of customs to postal items: CUSRSP."""

from datetime import UTC, datetime

import pytest
from tests.formats.edifact.made import ITEM, found, interchange, message, segment


def answer(*segments, number=ITEM):
    head = [segment("BGM", "961", "R77", "11"), segment("DTM", ("137", "202611241200", "203"))]
    data = interchange(message("CUSRSP", *head, segment("CNI", "1", number), *segments))
    rows, faults = found(data)
    return rows["response"], faults


def test_an_answer_has_all_its_parts():
    rows, faults = answer(segment("GIS", "7"), segment("FTX", "ACB", "", "", ("held", "for papers")))
    assert not faults
    assert {name: value for name, value in rows[0].items() if name != "locator"} == {
        "report_key": f"{ITEM}:R77:7",
        "origins": [],
        "observed_at": datetime(2026, 11, 24, 12, tzinfo=UTC),
        "subject": f"parcel:s10:{ITEM}",
        "document": ITEM,
        "answer": "hold",
        "code": "7",
        "why": "held for papers",
        "by": "CNPOST",
        "about": None,
    }


@pytest.mark.parametrize(
    ("code", "word"),
    [("1", "accepted"), ("2", "rejected"), ("4", "release"), ("5", "examine"), ("6", "refer-information")],
)
def test_codes_of_the_public_list(code, word):
    assert answer(segment("GEI", "1", code))[0][0]["answer"] == word


def test_a_code_that_is_not_known_is_no_answer():
    rows, faults = answer(segment("GIS", "CLE"))
    assert rows == []
    assert faults[0].reason.startswith(f"{ITEM} has the answer 'CLE', which is not known; 1, 2, 3")
    assert not faults[0].partly


@pytest.mark.parametrize("one", [("GIS", ("4", "120", "143")), ("GEI", "1", ("4", "ZZZ"))])
def test_a_code_of_another_list_is_no_answer(one):
    rows, faults = answer(segment(*one))
    assert rows == []
    assert faults[0].reason.startswith(f"{ITEM} has the answer '4' of the code list ")


def test_an_item_without_an_answer_is_told():
    rows, faults = answer()
    assert rows == []
    assert faults[0].reason == f"{ITEM} has no answer: neither GIS nor GEI"


def test_a_wrong_check_digit_is_quarantined_with_the_right_one():
    rows, faults = answer(segment("GIS", "4"), number="LX123456784CN")
    assert rows == []
    assert "its check digit should be 5" in faults[0].reason


def test_several_answers_to_one_item():
    rows, _ = answer(segment("GIS", "1"), segment("GIS", "5"))
    assert [row["report_key"] for row in rows] == [f"{ITEM}:R77:1", f"{ITEM}:R77:5"]
