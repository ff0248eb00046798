"""The axis beside places whose kilometre and ground anybody can look up."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from watchfloor.planning.coverage.axis import JURISDICTIONS, STRETCHES, axis
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


@pytest.mark.parametrize(
    ("latitude", "longitude", "sides", "offset"),
    [
        (49.002, -122.75, ("BC", "WA"), -8),  # Surrey and Blaine
        (49.0, -117.0, ("BC", "ID"), -8),  # just east of Nelway
        (49.0, -115.06, ("BC", "MT"), -7),  # Roosville
        (49.0, -111.96, ("AB", "MT"), -7),  # Coutts and Sweet Grass
        (49.0, -102.55, ("SK", "ND"), -6),  # North Portal
        (49.0, -97.24, ("MB", "ND"), -6),  # Emerson and Pembina
        (49.0, -95.8, ("MB", "MN"), -6),  # Sprague
        (48.61, -93.40, ("ON", "MN"), -6),  # Fort Frances and International Falls
        (48.0, -89.6, ("ON", "MN"), -5),  # Pigeon River
        (42.32, -83.05, ("ON", "MI"), -5),  # Windsor and Detroit
        (41.7, -82.5, ("ON", "OH"), -5),  # south of Pelee Island
        (42.4, -80.1, ("ON", "PA"), -5),  # off Erie
        (42.91, -78.91, ("ON", "NY"), -5),  # Fort Erie and Buffalo
        (45.01, -73.45, ("QC", "NY"), -5),  # Lacolle and Rouses Point
        (45.005, -72.1, ("QC", "VT"), -5),  # Stanstead and Derby Line
        (45.25, -71.2, ("QC", "NH"), -5),  # Chartierville
        (45.8, -70.4, ("QC", "ME"), -5),  # Armstrong and Jackman
        (47.36, -68.33, ("NB", "ME"), -4),  # Edmundston and Madawaska
        (45.19, -67.28, ("NB", "ME"), -4),  # St. Stephen and Calais
    ],
)
def test_a_place_on_the_line_lies_between_the_province_and_state_that_maps_name(
    latitude, longitude, sides, offset
):
    place = axis().jurisdiction(int(load().nearest([latitude], [longitude]).km[0]))
    assert (place.canada, place.united_states) == sides
    january = datetime(2024, 1, 15, tzinfo=UTC).astimezone(ZoneInfo(place.zone))  # of a year gone by
    assert january.utcoffset().total_seconds() / 3_600 == offset
    assert [one.km for one in JURISDICTIONS] == sorted({one.km for one in JURISDICTIONS})
