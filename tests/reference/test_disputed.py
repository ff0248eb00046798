import numpy as np
import pytest

from watchfloor.reference import disputed, polygons
from watchfloor.reference.disputed import AREAS, METRES, WATERS, touched


@pytest.mark.parametrize("name", AREAS)
def test_the_middle_of_an_area_is_in_it_and_far_away_is_none(name):
    longitude, latitude = np.mean(AREAS[name], axis=0)
    assert name in touched(latitude, longitude)
    assert touched(45.0, -100.0, 1000.0) == ()


def test_a_circle_touches_an_area_from_as_far_as_its_edge_is():
    """Akwesasne's northern edge is a parallel, 45.09° N."""
    latitude, longitude = 45.10, -74.6
    metres = 0.01 * METRES
    assert touched(latitude, longitude, metres - 1) == ()
    assert touched(latitude, longitude, metres + 1) == ("akwesasne",)


def test_places_are_in_an_area_where_the_polygons_hold_them():
    rng = np.random.default_rng(1)
    latitude, longitude = rng.uniform(44, 45.2, 500), rng.uniform(-75, -66, 500)
    number = polygons.within(disputed.areas(), latitude, longitude)
    names = [*AREAS]
    for row, one in enumerate(number.tolist()):
        assert touched(latitude[row], longitude[row]) == ((names[one],) if one >= 0 else ())


def test_akwesasne_is_no_water_that_is_claimed_twice():
    assert set(AREAS) > WATERS
    assert "akwesasne" not in WATERS
