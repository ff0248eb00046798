from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.cell.wording.estimative_language import log_odds, probability, word
from watchfloor.exercise.key import Key, Storyline
from watchfloor.exercise.score import brier, calibration_error, judged, place, score

START = datetime(2026, 11, 20, tzinfo=UTC)


def storyline(name, hypotheses, *subjects):
    return Storyline(name, name, hypotheses, subjects, (f"feed-{name}",), START)


KEY = Key(
    1,
    1.0,
    100,
    (
        storyline(
            "boat", ("trafficking-by-water-or-air",), "vessel:mmsi:316000001", "phone:phone:15195550100"
        ),
        storyline("house", ("laundering",), "address:address:1 ferry road"),
        storyline("fleet", (), "vessel:mmsi:316000002"),
    ),
)


def lead(*subjects, p=0.5, hypothesis="laundering", prior=-10.0, minutes=()):
    spoken = [SimpleNamespace(at=START + timedelta(minutes=one), rule="border-crossing") for one in minutes]
    return SimpleNamespace(
        lead_id=subjects[0][-6:],
        subject=subjects[0],
        subjects=subjects,
        hypothesis=hypothesis,
        probability=p,
        prior=prior,
        bits=log_odds(p),
        speaks_for=spoken,
    )


QUEUE = [
    lead("person:x:1", p=0.9),
    lead("person:x:2", "phone:phone:15195550100", p=0.8, minutes=(90, 30)),
    lead("vessel:mmsi:316000002", p=0.7, minutes=(10,)),
    lead("vessel:mmsi:316000001", p=0.6, hypothesis="trafficking-by-water-or-air", minutes=(60,)),
]


def test_a_lead_counts_for_a_storyline_when_it_names_one_of_its_subjects():
    found = score(QUEUE, KEY)
    boat, house, fleet = found.places
    assert (boat.rank, boat.probability, boat.minutes) == (2, 0.8, 30)
    assert [one.leads for one in found.places] == [2, 0, 1]
    assert (house.rank, house.lead_id, house.minutes) == (None, None, None)
    assert fleet.rank == 3


def test_precision_recall_and_false_leads_by_hand():
    found = score(QUEUE, KEY, minutes_per_lead=10)
    assert {k: one.value for k, one in found.precision.items()} == {2: 0.5, 10: 0.5, 20: 0.5}
    assert (found.recall.value, found.recall.cases) == (0.5, 2)
    assert found.false_per_hour.value == pytest.approx(2 / (4 * 10 / 60))  # two of four, ten minutes each
    assert found.minutes_to_lead.value == 30


def test_a_lead_to_the_right_place_for_a_wrong_reason_is_a_wrong_statement():
    found = score(QUEUE, KEY)
    by_hand = (0.9**2 + 0.8**2 + 0.7**2 + 0.4**2) / 4
    assert found.brier.value == pytest.approx(by_hand)


def test_a_prior_of_real_days_is_replaced_by_the_share_in_the_exercise():
    one = lead("address:address:1 ferry road", p=probability(-4.0), prior=-10.0)
    found = score([one], KEY)
    here = probability(6.0 + log_odds(1 / 100))
    assert found.brier_here.value == pytest.approx((1 - here) ** 2)


def test_an_empty_queue_has_a_score():
    found = score([], KEY)
    assert found.leads == 0
    assert found.recall.value == 0
    assert found.brier.value is None
    assert found.precision[10].value is None


STATED = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


@settings(deadline=None)
@given(STATED)
def test_the_errors_are_those_of_a_plain_count(stated):
    rows = np.asarray(stated, float)
    assert brier(rows) == pytest.approx(sum((p - y) ** 2 for p, y in stated) / len(stated))
    gaps = 0.0
    for name in {word(p) for p, _ in stated}:
        bin_ = [(p, y) for p, y in stated if word(p) == name]
        gaps += abs(sum(p for p, _ in bin_) - sum(y for _, y in bin_))
    assert calibration_error(rows) == pytest.approx(gaps / len(stated), abs=1e-12)


@settings(deadline=None)
@given(st.permutations(range(4)))
def test_ranks_are_places_in_the_queue(order):
    leads = list(judged([QUEUE[at] for at in order], KEY))
    assert place(KEY.storylines[2], leads).rank == order.index(2) + 1
    assert place(KEY.storylines[0], leads).rank == min(order.index(1), order.index(3)) + 1
