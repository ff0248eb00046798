import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.prose import DEVELOPMENT, TEST, measure

from watchfloor.formats.documents.names import names


@pytest.mark.parametrize(
    ("part", "text", "precision", "recall"),
    [("development", DEVELOPMENT, 0.98, 0.9), ("test", TEST, 0.85, 0.9)],
)
def test_precision_and_recall(part, text, precision, recall):
    """Run with -s to see the figures."""
    exact, found, slips = measure(names, text)
    print(f"{part}: precision {exact:.3f}, recall {found:.3f}; {'; '.join(slips)}")
    assert exact >= precision
    assert found >= recall


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("On Monday Ann Roy left.", ["Ann Roy"]),
        ("Ann\nRoy left.", ["Ann\nRoy"]),
        ("Ann Roy's van.", ["Ann Roy"]),
        ("a man called Tavish Orlock.", ["Tavish Orlock"]),
        ("Cst. Tavish Orlock of Fort Erie", ["Tavish Orlock"]),
        ("ROY, Ann", ["ROY, Ann"]),
        ("ANN ROY SEEN AT THE LANDING", []),
        ("Fort Erie, Lake Ontario, New Brunswick", []),
        ("Roy was seen.", []),
        ("ann roy", []),
        ("Blue Heron Logistics Inc. paid.", ["Blue Heron Logistics Inc."]),
        ("Toronto. Blue Heron Limited paid.", ["Blue Heron Limited"]),
    ],
)
def test_forms(text, found):
    assert [one.text for one in names(text)] == found


@given(st.text(st.sampled_from("ABab.,' -\n&ÉéLtd"), max_size=80))
def test_any_text(text):
    end = 0
    for one in names(text):
        assert text[one.start : one.start + len(one.text)] == one.text
        assert one.start >= end
        end = one.start + len(one.text)
