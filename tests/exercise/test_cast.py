import re

import pytest

from watchfloor.core.subjects import parts, subject
from watchfloor.exercise.cast import AREAS, DAY, Cast, keys


@pytest.fixture
def cast():
    return Cast(5)


def test_every_number_is_one_that_its_system_takes(cast):
    vessel = cast.vessel(cast.person(), large=True)
    for _ in range(200):
        made = [("s10", cast.parcel()), cast.foreign_account(), cast.account(), cast.address(), vessel.mmsi]
        found = keys(*made, vessel.imo)
        assert len(found) == len(made) + 1
        assert all(subject(*parts(key)) == key for key in found)


def test_telephones_are_those_kept_for_fiction_and_nobody_has_the_same(cast):
    numbers = [cast.phone() for _ in range(100 * len(AREAS))]
    assert all(re.fullmatch(r"\+1 \d{3} 555 01\d\d", number) for _, number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert cast.phone() is None


def test_who_lives_together_shares_address_and_telephone_and_no_account(cast):
    one = cast.person()
    other = cast.person().living_with(one)
    assert (other.phone, other.address) == (one.phone, one.address)
    assert other.account != one.account


def test_moments_lie_in_the_hours_asked_for(cast):
    hours = [(cast.at(2, 2.5) - DAY).total_seconds() / 3600 for _ in range(100)]
    assert min(hours) >= 2
    assert max(hours) < 2.5


def test_who_has_nothing_has_no_keys():
    assert keys(None, ("PROS", "2026-1")) == ()
