"""The codes of countries against a peer's table, and the sentence about what is none."""

import pytest
from rigour.territories import get_territories

from watchfloor.core.countries import COUNTRIES, nearest_country, no_country

NOT_ASSIGNED = frozenset("ANT ASC BYS CPT CRQ CSK CYB DDR DGA SCG SUN XKX YUG ZAR".split())
"""What rigour knows besides: codes withdrawn, reserved, or left to users."""


def test_the_codes_are_those_of_a_peer_that_iso_assigns():
    peers = {one.alpha3.upper() for one in get_territories() if one.alpha3}
    assert peers - COUNTRIES <= NOT_ASSIGNED
    assert not COUNTRIES - peers
    assert len(COUNTRIES) == 249


@pytest.mark.parametrize(
    ("text", "near"), [("RUR", "RUS"), ("can", "CAN"), ("CND", "CAN"), ("Canada", "CAN")]
)
def test_what_is_no_country_is_told_with_the_nearest(text, near):
    assert text not in COUNTRIES
    assert nearest_country(text) == near
    assert no_country(text).endswith(f"the nearest is {near}")
    assert no_country(text).startswith(f"{text!r} is no country; write three letters such as CAN")


@pytest.mark.parametrize("text", ["", "é", "x" * 1000])
def test_any_text_has_a_nearest(text):
    assert nearest_country(text) in COUNTRIES
