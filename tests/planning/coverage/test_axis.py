"""The axis beside places whose kilometre and ground anybody can look up."""

import numpy as np
import pytest

from watchfloor.planning.coverage.axis import STRETCHES, axis
from watchfloor.reference.border import load


@pytest.mark.parametrize(
    ("latitude", "longitude", "ground", "name"),
    [
        (49.0003, -97.24, "land", "49th parallel"),  # Emerson
        (47.6, -87.5, "lake", "Lake Superior"),
        (43.08, -79.07, "river", "Niagara River"),
        (43.6, -78.5, "lake", "Lake Ontario"),
        (45.0, -72.1, "land", "45th parallel"),  # Derby Line
        (47.36, -68.33, "river", "St. John and St. Francis rivers"),  # Edmundston
        (46.13, -67.78, "land", "North line of Maine"),  # Houlton
        (45.19, -67.28, "river", "Chiputneticook Lakes and St. Croix River"),  # Calais
    ],
)
def test_a_place_on_the_line_is_on_the_stretch_that_maps_name(latitude, longitude, ground, name):
    km = int(load().nearest([latitude], [longitude]).km[0])
    stretch = axis().stretch(km)
    assert (stretch.ground, stretch.en) == (ground, name)


def test_stretches_follow_each_other_over_the_whole_line():
    begins = [one.km for one in STRETCHES]
    assert begins == sorted(set(begins))
    assert (begins[0], axis().stretch(len(axis()) - 1)) == (0, STRETCHES[-1])


def test_cells_near_a_place_are_those_within_reach_and_their_bearing_is_a_compass_s():
    where = axis()
    km, metres, bearing = where.near(49.0, -97.2, 6_000.0)
    assert (len(km), metres.max() <= 6_000, np.diff(km).tolist()) == (12, True, [1] * 11)
    west = where.longitude[km] < -97.2
    assert (np.abs(bearing[west & (metres > 1_000)] - 270) < 3).all()
    assert (np.abs(bearing[~west & (metres > 1_000)] - 90) < 3).all()
