"""Echoes: copies are found, forms are not taken for copies, and what is added is the mixture's ratio."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from benchmarks.cell.draw import PARTNERS, draw
from benchmarks.cell.manners import MANNERS
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.cell.bulk.bulk_scoring import find_echoes, weigh
from watchfloor.cell.bulk.input_signals import read, with_types
from watchfloor.cell.weighing import circular_reporting
from watchfloor.cell.weighing.counting import Members, count_once, strongest_first

LEADS = 4_000


def judged(signals):
    """The probability of an echo by signal id, in a file whose subjects are leads."""
    of = read(with_types(signals, "drawn"))
    order = np.argsort(of.named.subjects, kind="stable")
    start = np.searchsorted(of.named.subjects[order], np.arange(len(of.keys) + 1))
    members = strongest_first(Members(start, order), of.bits, of.at)
    counted = count_once(members, of.bits, of.rests, of.group, of.rho)
    odds = find_echoes(of, members, counted).odds
    ids = of.ids.take(pa.array(members.signals)).to_pylist()
    return dict(zip(ids, odds / (1 + odds), strict=True))


def shares(drawn):
    """Mean probability of an echo, of the echoes without origin and of the first reports."""
    p = judged(drawn.signals)
    open_ = drawn.signals.filter(pc.is_null(drawn.signals["origin"])).to_pylist()
    echo = [p[row["signal_id"]] for row in open_ if row["source"] in PARTNERS]
    return np.mean(echo), np.mean([p[row["signal_id"]] for row in open_ if row["source"] not in PARTNERS])


@pytest.mark.parametrize("manner", MANNERS)
def test_echoes_without_origin_are_found_and_first_reports_left_alone(manner):
    echo, first = shares(draw(21, 0.3, MANNERS[manner], LEADS))
    assert echo > 0.9
    assert first < 0.01


@pytest.mark.parametrize("manner", ["verbatim", "paraphrase"])
def test_copies_are_found_where_no_origin_is_known_at_all(manner):
    echo, first = shares(draw(22, 1.0, MANNERS[manner], LEADS))
    assert echo > 0.8
    assert first < 0.01


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("own_ids", [False, True])
def test_a_file_of_first_reports_has_no_echoes(manner, own_ids):

    signals = draw(23, 0.3, MANNERS[manner], LEADS).signals
    firsts = signals.filter(pc.invert(pc.is_in(signals["source"], pa.array(PARTNERS))))
    if own_ids:
        place = firsts.column_names.index("origin")
        firsts = firsts.set_column(place, "origin", firsts["signal_id"])
    assert np.mean(list(judged(firsts).values())) < 0.005


def test_a_form_shared_by_independent_sources_is_no_echo_even_soon_after():
    """Three towers see each vehicle within a minute and report it on one form, with equal bits."""

    rows = [
        {
            "signal_id": f"s{vehicle}-{tower}",
            "desk": "surveillance",
            "subjects": [f"vehicle:plate:{vehicle}"],
            "bits": 2.0,
            "origin": None,
            "source": f"tower-{tower}",
            "at": 1e5 * vehicle + 20.0 * tower,
            "text": "vehicle detected on the border road, heading south, no lights",
        }
        for vehicle in range(500)
        for tower in range(3)
    ]
    made = weigh(read(with_types(pa.Table.from_pylist(rows), "towers")), 0.03)
    assert made.counts["echoes"] == 0
    assert set(made.leads["bits"].to_pylist()) == {6.0}


BITS, ODDS, CHANCE = st.floats(-12, 12), st.floats(1e-3, 1e3), st.floats(0, 1)


@settings(max_examples=draws(200), deadline=None)
@given(BITS, ODDS, CHANCE)
def test_what_an_echo_adds_lies_between_nothing_and_all(bits, odds, chance):
    (added,) = circular_reporting.adds(np.array([bits]), np.array([odds]), np.array([chance]))
    assert min(0, bits) - 1e-9 <= added <= max(0, bits) + 1e-9


def test_what_an_echo_adds_is_the_likelihood_ratio_of_the_mixture():
    """Counted from rates: r echoes a lead whatever is true, h or f independent reports."""
    r, h, f, chance = 0.4, 0.6, 0.05, 0.2
    odds = r / (chance * h + (1 - chance) * f)
    (added,) = circular_reporting.adds(np.log2(np.array([h / f])), np.array([odds]), np.array([chance]))
    assert added == pytest.approx(np.log2((r + h) / (r + f)), abs=1e-12)


def test_no_odds_leave_the_bits():
    bits = np.array([-3.0, 0.0, 5.0])
    assert circular_reporting.adds(bits, np.zeros(3), np.full(3, 0.5)).tolist() == bits.tolist()
