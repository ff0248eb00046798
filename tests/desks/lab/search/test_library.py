"""A library is what was put in, whether in memory or mapped, and a damaged file says so."""

import contextlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks.lab.search.test_find import drawn, spectrum
from tests.thorough import draws

from watchfloor.desks.lab.search import library as libraries
from watchfloor.desks.lab.search.find import hits
from watchfloor.formats.base import FormatError


@pytest.fixture(scope="module")
def made():
    whole = [spectrum(x, y, f"Substanz {at}", voltage=30.0) for at, (x, y) in enumerate(drawn(1, 50, 1.0))]
    return libraries.build(
        [spectrum([50.0, 60.0], [1.0, 0.0], "méth", cas="50-00-0", precursor=60.1), *whole]
    )


def test_what_is_written_is_mapped_again(made, tmp_path):
    libraries.write(made, tmp_path / "a.lib")
    again = libraries.open_(tmp_path / "a.lib")
    assert libraries.is_library(tmp_path / "a.lib")
    assert len(again) == len(made) == 51
    for name in libraries.DTYPES:
        np.testing.assert_array_equal(again.arrays[name], made.arrays[name])
    one = again.spectrum(0)
    assert (one.name, one.cas, one.precursor, one.voltage) == ("méth", "50-00-0", 60.1, None)
    assert one.x.tolist() == [50.0]  # a peak of height 0 is none
    assert again.column("name")[1] == "Substanz 0"
    x, y = made.points(9)
    assert hits(again, x, y, 3, 0.05) == hits(made, x, y, 3, 0.05)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.lib"]


def test_an_empty_library_is_one(tmp_path):
    libraries.write(libraries.build([]), tmp_path / "a.lib")
    assert len(libraries.open_(tmp_path / "a.lib")) == 0


@given(
    st.one_of(st.just(0), st.integers(65, 60_000)),
    st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 255)), max_size=3),
)
@settings(deadline=None, max_examples=draws(40))
def test_a_damaged_file_is_refused_or_read(made, tmp_path_factory, cut, flips):
    path = tmp_path_factory.mktemp("damaged") / "a.lib"
    libraries.write(made, path)
    whole = bytearray(path.read_bytes())
    whole = whole[: max(0, len(whole) - cut)]
    for at, bits in flips:
        if at < len(whole):
            whole[at] ^= bits
    path.write_bytes(whole)
    with contextlib.suppress(FormatError):
        libraries.open_(path)


def test_a_file_that_is_cut_off_is_refused(made, tmp_path):
    libraries.write(made, tmp_path / "a.lib")
    (tmp_path / "b.lib").write_bytes((tmp_path / "a.lib").read_bytes()[:-200])
    with pytest.raises(FormatError, match="cut off"):
        libraries.open_(tmp_path / "b.lib")
    (tmp_path / "c.lib").write_text("Name: a")
    assert not libraries.is_library(tmp_path / "c.lib")
    with pytest.raises(FormatError, match="library build"):
        libraries.open_(tmp_path / "c.lib")


def test_a_library_made_before_structures_were_kept_opens(tmp_path):
    one = replace(spectrum([50.0, 60.0], [1.0, 2.0], "a"), said={"SMILES": "CCO"})
    path = tmp_path / "a.lib"
    libraries.write(libraries.build([one]), path)
    assert libraries.open_(path).spectrum(0).said == {"SMILES": "CCO"}
    old = libraries.build([one])
    arrays = {name: array for name, array in old.arrays.items() if not name.startswith("smiles_")}
    libraries.write(libraries.Library(arrays), path)
    assert (len(libraries.open_(path)), libraries.open_(path).text("smiles", 0)) == (1, "")
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"spectra": 1,', b'"spectra": 9' + b"0" * 17 + b",", 1))
    with pytest.raises(FormatError):
        libraries.open_(path)
