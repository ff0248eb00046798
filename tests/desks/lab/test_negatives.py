"""What a negative is worth: against Bayes' rule by simulation, against the papers, and by its own bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks.lab.benches import COCAINE, FENTANYL
from tests.thorough import draws

from watchfloor.desks.lab.negatives import Curve, UnknownError, bits, curve, curves, interval, problems, worth
from watchfloor.formats.tabular.fields import MATRICES, METHODS


def test_the_table_is_whole():
    assert problems(curves()) == []
    for one in curves():
        assert one.method in METHODS
        assert set(one.matrix) <= set(MATRICES)
        assert one.source
        assert one.silent_source
        assert {one.basis, one.silent_basis, *(part.basis for part in one.at)} <= {
            "counts",
            "derived",
            "judgement",
        }
    pairs = [(one.method, matrix) for one in curves() for matrix in one.matrix]
    assert len(pairs) == len(set(pairs))


def test_published_shares_that_are_missed():
    """McCrae and others 2020: infrared misses 17.3 %, strips 2.3 %, of 173 that held fentanyl."""
    for method, share in (("ftir", 0.173), ("immunoassay", 0.023)):
        of = curve(method, "powder")
        assert 1 - of.found / of.of == pytest.approx(share, abs=5e-4)
        low, high = interval(of.sensitivity(None))
        assert low < 1 - share < high
    assert curve("ftir", "powder").sensitivity(0.2).rate > 0.98
    assert curve("ftir", "powder").sensitivity(0.1).rate < 0.8


def test_raman_collapses_on_mixtures():
    rates = [curve("raman", "powder").sensitivity(share).rate for share in (0.05, 0.3, 0.8, 1.0)]
    assert rates == sorted(rates)
    assert rates[0] < 0.2
    assert rates[-1] > 0.95


@pytest.mark.parametrize(
    ("method", "share"), [("ftir", None), ("ftir", 0.05), ("immunoassay", None), ("dog", None)]
)
def test_against_a_simulation(method, share):
    """A million draws of both rates; presence within 0.002, ends of the interval within 0.003."""
    of = curve(method, "parcel" if method == "dog" else "powder")
    found, rng = worth(of, 0.3, share), np.random.default_rng(1)
    finds, silent = of.sensitivity(share), of.specificity
    se = rng.beta(finds.right + 0.5, finds.of - finds.right + 0.5, 1_000_000)
    sp = rng.beta(silent.right + 0.5, silent.of - silent.right + 0.5, 1_000_000)
    presence = 0.3 * (1 - se) / (0.3 * (1 - se) + 0.7 * sp)
    there = rng.random(1_000_000) < 0.3
    silence = rng.random(1_000_000) < np.where(there, 1 - se, sp)
    assert found.presence == pytest.approx(there[silence].mean(), abs=2e-3)
    odds = found.presence / (1 - found.presence)
    assert np.log2(odds / (0.3 / 0.7)) == pytest.approx(found.bits, abs=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(presence, (0.025, 0.975))), abs=3e-3)


@settings(max_examples=draws(60), deadline=None)
@given(st.sampled_from(curves()), st.floats(0.001, 0.999), st.one_of(st.none(), st.floats(0, 1)))
def test_a_negative_never_makes_it_likelier_than_chance_would(of, prior, share):
    found = worth(of, prior, share)
    assert 0 < found.low <= found.high < 1
    assert found.low - 1e-9 <= found.presence <= found.high + 1e-9
    if of.sensitivity(share).rate + of.specificity.rate > 1:
        assert found.bits < 0
    likelier = worth(of, min(prior * 1.5, 0.9995), share)
    assert likelier.presence >= found.presence


@pytest.mark.parametrize(
    ("prior", "share"),
    [(0, None), (1, None), (float("nan"), None), (0.3, -1), (0.3, 1.1), (0.3, float("nan"))],
)
def test_what_is_no_probability_is_refused(prior, share):
    with pytest.raises(ValueError, match=r"between 0 and 1"):
        worth(curves()[0], prior, share)


def test_what_nothing_is_known_of_is_said():
    with pytest.raises(UnknownError, match="no figures are known of 'taste'"):
        curve("taste", "powder")
    with pytest.raises(UnknownError, match="ftir on plant"):
        curve("ftir", "plant")
    with pytest.raises(UnknownError, match="unstated matrix"):
        curve("ftir", None)
    assert bits("ftir", None, FENTANYL) is None
    assert bits("gc-ms", "powder", FENTANYL) < bits("ftir", "powder", FENTANYL) < 0
    assert bits("ftir", "powder", COCAINE) is bits("immunoassay", "powder", "target:drugs") is None
    assert bits("gc-ms", "powder", COCAINE) == bits("gc-ms", "powder", FENTANYL)


def test_a_table_with_gaps_or_too_many_is_found_out():
    wrong = Curve(
        "x", (), "any", "", 3, 2, "counts", "s", 1, 1, "counts", "s", curve("ftir", "powder").at[:1]
    )
    assert len(problems([wrong])) == 2
