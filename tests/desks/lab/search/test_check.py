"""Duplicates and labels that cannot be right are found, and nothing else is."""

import numpy as np
from tests.desks.lab.search.test_find import spectrum

from watchfloor.desks.lab.identify.compounds import Shelf
from watchfloor.desks.lab.search.check import check
from watchfloor.desks.lab.search.library import build

RNG = np.random.default_rng(5)
A, B, C = (np.sort(RNG.uniform(50, 300, 12)) for _ in range(3))
HEIGHTS = RNG.uniform(5, 100, 12)
KEYS = [f"{letter * 14}-UHFFFAOYSA-N" for letter in "ABCD"]


def found(*spectra):
    return [(one.kind, one.first, one.second) for one in check(Shelf(build(spectra)))]


def test_a_sound_library_has_nothing():
    noisy = HEIGHTS * RNG.uniform(0.9, 1.1, 12)
    assert not found(
        spectrum(A, HEIGHTS, "a", inchikey=KEYS[0]),
        spectrum(A, noisy, "a", inchikey=KEYS[0]),
        spectrum(B, HEIGHTS, "b", inchikey=KEYS[1]),
    )


def test_one_substance_with_unlike_spectra_is_told():
    assert ("unlike", 0, 1) in found(
        spectrum(A, HEIGHTS, "a", inchikey=KEYS[0]), spectrum(B, HEIGHTS, "a", inchikey=KEYS[0])
    )


def test_two_substances_with_one_spectrum_are_told_once():
    assert found(
        spectrum(A, HEIGHTS, "a", inchikey=KEYS[0]), spectrum(A, 3 * HEIGHTS, "b", inchikey=KEYS[1])
    ) == [("same", 0, 1)]


def test_a_duplicate_is_told():
    assert found(
        spectrum(A, HEIGHTS, "a", inchikey=KEYS[0]), spectrum(A, 9 * HEIGHTS, "a", inchikey=KEYS[0])
    ) == [("duplicate", 0, 1)]


def test_voltages_of_one_substance_are_not_compared():
    assert not found(
        spectrum(A, HEIGHTS, "a", inchikey=KEYS[0], voltage=30.0),
        spectrum(B, HEIGHTS, "a", inchikey=KEYS[0], voltage=60.0),
    )
