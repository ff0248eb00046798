"""Spectra that nothing can be concluded from are refused by name; the others become comparable."""

from dataclasses import replace

import numpy as np
import pytest
from tests.desks.lab.search.test_find import spectrum

from watchfloor.desks.lab.prepare import checked, peaks
from watchfloor.formats.base import FormatError
from watchfloor.formats.lab.spectra.base import Spectrum

PLAIN = replace(spectrum([50.0, 60.0], [1.0, 2.0]), said={"file": "a.txt"})


def curve(x, y, technique="ftir", unit="cm-1", y_unit="absorbance"):
    x, y = np.asarray(x, float), np.asarray(y, float)
    return Spectrum("c", technique, x, y, unit, y_unit, False, "line 1", said={"file": "c.jdx"})


def bands(x, *centres, width=12.0):
    return sum(np.exp(-(((x - centre) / width) ** 2)) for centre in centres)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (replace(PLAIN, x=np.empty(0), y=np.empty(0)), "no peaks"),
        (replace(PLAIN, y=np.zeros(2)), "no peaks"),
        (replace(PLAIN, y=np.array([1.0, np.nan])), "NaN"),
        (replace(PLAIN, x=np.array([1.0, np.inf])), "NaN or infinite"),
        (replace(PLAIN, y=np.array([1.0, -2.0])), "1 negative"),
        (replace(PLAIN, x=np.array([50.0, 39000.0])), "swapped"),
        (replace(PLAIN, x_unit="cm-1"), "not m/z"),
        (curve([400, 500], [1, 1]), "same height"),
        (curve([400, 500], [1, 2], technique=""), "--technique"),
        (curve([400, 500], [1, 2], unit="m/z"), "not cm-1"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(one, said):
    with pytest.raises(FormatError) as caught:
        checked(one)
    assert said in str(caught.value)
    assert one.said["file"] in str(caught.value)


def test_a_technique_that_the_file_denies_is_refused():
    with pytest.raises(FormatError, match="says that it is of ms, not of raman"):
        checked(PLAIN, "raman")
    assert checked(PLAIN, "dart-ms").technique == "dart-ms"  # one kind of the same


def test_transmittance_becomes_absorbance_in_percent_or_parts():
    x = np.arange(400.0, 2000.0, 2.0)
    absorbance = bands(x, 900, 1700)
    whole = checked(curve(x, absorbance)).y
    parts = checked(curve(x, 10**-absorbance, y_unit="TRANSMITTANCE")).y
    percent = checked(curve(x, 100 * 10**-absorbance, y_unit="% transmittance")).y
    np.testing.assert_allclose(parts, whole, atol=1e-9)
    np.testing.assert_allclose(percent, whole, atol=1e-9)


def test_micrometres_become_wavenumbers():
    one = checked(curve([5.0, 10.0, 20.0], [1.0, 2.0, 3.0], unit="um"))
    assert one.x.tolist() == [500.0, 1000.0, 2000.0]
    assert one.y.tolist() == [3.0, 2.0, 1.0]


def test_bands_stay_and_a_baseline_goes():
    x = np.arange(400.0, 2000.0, 1.0)
    flat = peaks(checked(curve(x, bands(x, 800, 1600))))
    sloped = peaks(checked(curve(x, bands(x, 800, 1600) + 0.4 + x / 3000)))
    assert flat.x[np.argsort(-flat.y)[:2]] == pytest.approx([800, 1600])
    np.testing.assert_allclose(sloped.y, flat.y, atol=0.03)


def test_sampling_does_not_matter_to_bins():
    fine, coarse = np.arange(400.0, 2000.0, 0.7), np.arange(401.0, 1999.0, 3.1)
    a, b = (peaks(checked(curve(x, bands(x, 804, 1600)))) for x in (fine, coarse))
    both = np.intersect1d(a.x, b.x)
    assert len(both) > 150
    one, other = (p.y[np.isin(p.x, both)] for p in (a, b))
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.99


def test_a_mass_spectrum_that_came_as_a_curve_is_picked():
    x = np.arange(50.0, 120.0, 0.05)
    one = replace(PLAIN, x=x, y=100 * bands(x, 60.07, 100.02, width=0.2), centroid=False, technique="ms")
    made = checked(one)
    assert made.x == pytest.approx([60.07, 100.02], abs=0.03)
    assert "local maxima" in made.doubts[-1]


def test_nominal_masses_are_given_room():
    assert peaks(checked(PLAIN)).tolerance > 0.4
    assert peaks(checked(replace(PLAIN, x=np.array([50.01, 60.0])))).tolerance == 0.01
    assert peaks(checked(replace(PLAIN, x=np.array([50.1, 60.0])))).tolerance == 0.06
    assert peaks(checked(PLAIN), 0.2).tolerance == 0.2
