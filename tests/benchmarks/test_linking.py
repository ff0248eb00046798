from itertools import combinations

import pytest
from benchmarks.linking.__main__ import measure
from benchmarks.linking.persons import AGENTS, draw

from watchfloor.cell.identity.profiles import profiles
from watchfloor.cell.identity.proposals import Proposal, prior


def test_one_seed_draws_one_population():
    assert draw(60, 5).parties == draw(60, 5).parties
    assert draw(60, 5).parties != draw(60, 6).parties


def test_the_truth_is_that_of_the_numbers_behind_the_subjects():
    drawn = draw(120, 5)
    subjects = sorted(drawn.parties["subject"].to_pylist())
    expected = {
        (one, other)
        for one, other in combinations(subjects, 2)
        if one.rsplit("-", 1)[1] == other.rsplit("-", 1)[1]
    }
    assert drawn.same == expected
    assert not drawn.same & drawn.household


def test_it_has_look_alikes_that_share_more_than_a_name():
    drawn = draw(400, 5)
    people = {one.subject: one for one in profiles(drawn.parties)}
    assert any(people[one].words == people[other].words for one, other in drawn.household)
    assert any(set(people[one].numbers) & set(people[other].numbers) for one, other in drawn.household)
    agents = [
        one for one in people.values() if {f"phone:phone:{agent}" for agent in AGENTS} & set(one.numbers)
    ]
    assert len(agents) > 1


def test_measures_against_a_count_by_hand():
    drawn = draw(60, 5)
    right, wrong = min(drawn.same), min(drawn.household)
    pairs = (
        (*right, 3.0),
        (*wrong, 3.0),
        ("person:a:1", "person:a:2", 3.0),
        ("person:a:1", "person:a:3", -3.0),
    )
    found = [Proposal(one, other, ("", ""), (prior(2, bits),), "test", "PB") for one, other, bits in pairs]
    measured = measure(found, drawn, 0.5)
    assert measured.precision == 1 / 3
    assert measured.recall == 1 / len(drawn.same)
    assert (measured.household, measured.others) == (1, 1)
    assert measured.f1 == pytest.approx(2 / (3 + len(drawn.same)), rel=1e-12)
    assert measure([], drawn, 0.5).f1 == 0.0
