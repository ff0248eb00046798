from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.exercise.disguise import DISGUISES, suits

NAMES = st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=4).map(" ".join)


@settings(deadline=None)
@given(NAMES, st.integers(0, 99), st.sampled_from(sorted(DISGUISES)))
def test_a_disguise_keeps_every_letter(name, seed, disguise):
    """What is exchanged, moved or shouted is still the same letters."""
    made = DISGUISES[disguise](name, Random(seed))
    assert sorted(made.lower().replace(",", "")) == sorted(name)


@settings(deadline=None)
@given(NAMES.filter(lambda name: len(max(name.split(), key=len)) > 3), st.integers(0, 99))
def test_a_typo_changes_two_neighbours_of_one_word(name, seed):
    made = DISGUISES["typo"](name, Random(seed))
    changed = [at for at, (a, b) in enumerate(zip(name, made, strict=True)) if a != b]
    assert len(changed) in (0, 2)
    assert not changed or changed[1] == changed[0] + 1


@pytest.mark.parametrize(
    ("name", "schema", "fits"),
    [
        ("Ann Roy", "Person", True),
        ("Roy, Ann", "Person", False),
        ("Ann", "Person", False),
        ("Roy Foods Ltd.", "Company", False),
    ],
)
def test_only_a_name_with_its_family_name_last_is_turned_round(name, schema, fits):
    assert suits("reordered", name, schema) is fits
