from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.marking import CLASSIFIED, PROTECTED, TLP, Marking, parse
from watchfloor.policy.policy import Reader, allowed, mask

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


@pytest.mark.parametrize(
    ("level", "words"), [("protected", PROTECTED), ("classified", CLASSIFIED), ("tlp", TLP)]
)
def test_who_is_cleared_for_a_level_reads_it_and_those_below(level, words):
    highest = {"protected": len(PROTECTED) - 1, "classified": len(CLASSIFIED) - 1, "tlp": len(TLP) - 1}
    for cleared in range(len(words)):
        reader = Reader("a", **(highest | {level: cleared}))
        read = [allowed(reader, Marking(**{level: marked})) for marked in range(len(words))]
        assert read == [marked <= cleared for marked in range(len(words))]


SOME = st.frozensets(st.sampled_from(["CAN", "USA", "GBR"]))
MARKINGS = st.builds(
    Marking,
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 4),
    release=st.none() | SOME,
    originators=SOME,
    compartments=SOME,
    purposes=st.none() | SOME,
    retain_until=st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 5)),
)
READERS = st.builds(
    Reader,
    st.just("a"),
    country=st.sampled_from(["CAN", "USA"]),
    organisation=st.sampled_from(["CAN", "USA"]),
    protected=st.integers(0, 3),
    classified=st.integers(0, 3),
    tlp=st.integers(0, 4),
    compartments=SOME,
    purpose=st.sampled_from(["CAN", "USA"]),
    consents=SOME,
    today=st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 6)),
)


@given(READERS, MARKINGS, MARKINGS)
def test_what_rests_on_two_rows_is_for_those_who_may_see_both(reader, one, other):
    assert allowed(reader, one | other) == (allowed(reader, one) and allowed(reader, other))


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("U//TLP:GREEN//REL:CAN,USA", "U//TLP:AMBER//REL:CAN,GBR", "U//TLP:AMBER//REL:CAN"),
        ("PB//TLP:CLEAR//PURPOSE:a,b", "S//TLP:CLEAR//PURPOSE:b,c", "PB//S//TLP:CLEAR//PURPOSE:b"),
        (
            "U//TLP:CLEAR//UNTIL:2026-01-02",
            "U//TLP:CLEAR//UNTIL:2027-01-02",
            "U//TLP:CLEAR//UNTIL:2026-01-02",
        ),
        ("U//TLP:CLEAR//ORCON:a", "U//TLP:CLEAR//ORCON:b//COMP:c", "U//TLP:CLEAR//ORCON:a,b//COMP:c"),
    ],
)
def test_a_join_has_the_stricter_of_each_part(one, other, both):
    assert parse(one) | parse(other) == parse(both)
