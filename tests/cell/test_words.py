import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.cell.wording.estimative_language import log_odds, probability, word


@pytest.mark.parametrize(
    ("chance", "english", "french"),
    [
        (0.0, "almost no chance", "chance presque nulle"),
        (0.05, "almost no chance", "chance presque nulle"),
        (0.051, "very unlikely", "très improbable"),
        (0.2, "very unlikely", "très improbable"),
        (0.201, "unlikely", "improbable"),
        (0.45, "unlikely", "improbable"),
        (0.451, "roughly even chance", "chances à peu près égales"),
        (0.55, "roughly even chance", "chances à peu près égales"),
        (0.551, "likely", "probable"),
        (0.8, "likely", "probable"),
        (0.801, "very likely", "très probable"),
        (0.95, "very likely", "très probable"),
        (0.951, "almost certain", "presque certain"),
        (1.0, "almost certain", "presque certain"),
    ],
)
def test_bands_of_icd_203(chance, english, french):
    assert (word(chance), word(chance, "fr")) == (english, french)


@pytest.mark.parametrize("chance", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_has_no_word(chance):
    with pytest.raises(ValueError, match="no probability"):
        word(chance)


@given(st.floats(1e-6, 1 - 1e-6))
def test_bits_and_probabilities_go_back_and_forth(chance):
    assert probability(log_odds(chance)) == pytest.approx(chance, rel=1e-9)


@given(st.floats(-1e6, 1e6))
def test_any_bits_give_a_probability(bits):
    assert 0 <= probability(bits) <= 1
