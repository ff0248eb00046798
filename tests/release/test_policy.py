from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.records.marking import parse
from watchfloor.release.policy import Reader, allowed, mask

WRITTEN = [
    "U//TLP:CLEAR",
    "PB//TLP:AMBER",
    "PC//TLP:RED",
    "S//TLP:AMBER+STRICT//REL:CAN,USA",
    "U//TLP:GREEN//REL:USA",
    "U//TLP:GREEN//ORCON:partner",
    "U//TLP:GREEN//COMP:GAMMA",
    "U//TLP:GREEN//PURPOSE:screening",
    "U//TLP:CLEAR//UNTIL:2026-06-30",
]


@settings(max_examples=draws(40), deadline=None)
@given(st.lists(st.sampled_from(WRITTEN), max_size=30))
def test_the_mask_is_the_decision_of_each_row(rows):
    reader = Reader("analyst", today=date(2026, 7, 1))
    column = pa.chunked_array([rows[:3], rows[3:]], pa.string())
    assert mask(reader, column).to_pylist() == [allowed(reader, parse(text)) for text in rows]


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("PC//TLP:RED", {"protected": 3}),
        ("S//TLP:CLEAR", {"classified": 2}),
        ("U//TLP:GREEN//REL:USA", {"country": "USA"}),
        ("U//TLP:GREEN//ORCON:partner", {"organisation": "partner"}),
        ("U//TLP:GREEN//COMP:GAMMA", {"compartments": frozenset({"GAMMA"})}),
        ("U//TLP:GREEN//PURPOSE:screening", {"purpose": "screening"}),
        ("U//TLP:CLEAR//UNTIL:2026-06-30", {"today": date(2026, 6, 30)}),
    ],
)
def test_one_clearance_decides(text, change):
    assert not allowed(Reader("a", today=date(2026, 7, 1)), parse(text))
    assert allowed(Reader("a", **({"today": date(2026, 7, 1)} | change)), parse(text))
