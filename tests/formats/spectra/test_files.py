"""Files and folders of spectra, points in order, and what names of files say."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats.base import FormatError
from watchfloor.formats.lab.spectra import files, names
from watchfloor.formats.lab.spectra.points import NoPointsError, is_peak_list, points

MSP = b"Name: a\nNum Peaks: 2\n41 9; 43 7\n"
JCAMP = b"##TITLE= b\n##DATA TYPE= RAMAN SPECTRUM\n##XUNITS= 1/CM\n##XYDATA=(XY..XY)\n400,1 401,2\n##END=\n"
PLAIN = b"94.06 605.7\n136.07 1373.2\n"
TABLE = b"Raman shift (cm-1),Intensity\n400,1\n401,2\n402,3\n"
MGF = b"BEGIN IONS\nTITLE=c\n41 9\nEND IONS\n"


class Pipe(BytesIO):
    """A stream that cannot go back."""

    def seekable(self):
        return False


@pytest.mark.parametrize("stream", [BytesIO, Pipe])
@pytest.mark.parametrize("data", [MSP, JCAMP, PLAIN, TABLE, MGF])
def test_files_are_known_by_their_content(stream, data):
    (found,) = files.read(stream(data), "x")
    assert len(found.x) in (1, 2, 3)


@pytest.mark.parametrize("data", [b"", b"  \n", b"%PDF-1.4", b"name,age\nA,7\n", b"PK\x03\x04", b"\0" * 600])
def test_what_is_no_spectrum_is_told_so(data):
    with pytest.raises(FormatError, match=r"is empty|no spectrum that is known"):
        list(files.read(BytesIO(data), "x"))


def test_folders_are_read_in_order_and_what_is_none_is_reported(tmp_path):
    (tmp_path / "30V").mkdir()
    (tmp_path / "30V" / "b.txt").write_bytes(PLAIN)
    (tmp_path / "a_60V.msp").write_bytes(MSP)
    (tmp_path / "readme.md").write_text("not one")
    steps = []
    found = files.load([tmp_path], steps.append)
    assert [(one.name, one.voltage) for one in found] == [("b", 30), ("a", 60)]
    assert found[0].said["file"] == str(tmp_path / "30V" / "b.txt")
    assert [(step.done, step.total, step.spectra, len(step.faults)) for step in steps] == [
        (1, 3, 1, 0),
        (2, 3, 1, 0),
        (3, 3, 0, 1),
    ]
    with pytest.raises(FormatError, match=r"readme\.md: it is no spectrum"):
        files.load([tmp_path / "readme.md"])
    with pytest.raises(FormatError, match="no such file"):
        files.load([tmp_path / "absent"])
    (tmp_path / "z.msp").write_bytes(b"Name: z\nNum Peaks: 1\n41 0\n")
    with pytest.raises(FormatError, match=r"z\.msp: z: every one of its intensities is zero"):
        files.load([tmp_path / "z.msp"])


def test_a_voltage_in_a_name_is_none_of_an_infrared_spectrum(tmp_path):
    (tmp_path / "b_30V.jdx").write_bytes(JCAMP)
    assert files.load([tmp_path])[0].voltage is None


@pytest.mark.parametrize(
    ("name", "volts", "sample"),
    [
        ("Mixture1_30V.txt", 30, "Mixture1"),
        ("30V/N0017.txt", 30, "N0017"),
        ("+60 V/N0017.txt", 60, "N0017"),
        ("a-90eV.b.msp", 90, "a.b"),
        ("at_30V_again.txt", 30, "at_again"),
        ("IV.txt", None, "IV"),
        ("room 30V b/x.txt", None, "x"),
    ],
)
def test_names_of_files_say_voltage_and_sample(name, volts, sample):
    assert (names.voltage(name), names.sample(name)) == (volts, sample)


VALUES = st.floats() | st.integers(-5, 5).map(float)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=30), st.booleans())
def test_points_are_finite_ascending_and_each_as_it_was(pairs, counts):
    x, y = np.array(pairs, float).reshape(-1, 2).T
    usable = [(a, b) for a, b in pairs if np.isfinite(a) and np.isfinite(b) and not (counts and b < 0)]
    swapped = counts and files_swapped(pairs)
    try:
        made = points(x, y, "", counts=counts)
    except NoPointsError:
        assert not usable or counts
        return
    assert (np.diff(made.x) >= 0).all()
    if not swapped:
        assert sorted(zip(made.x.tolist(), made.y.tolist(), strict=True)) == sorted(usable)
        assert bool(made.doubts) or len(usable) == len(pairs)


def test_numbers_near_the_largest_are_points_too():
    made = points([-1.7e308, 1.7e308], [1.7e308, -1.7e308], "cm-1", counts=False)
    assert made.x.tolist() == [-1.7e308, 1.7e308]
    assert "no range of cm-1" in made.doubts[0]
    assert not is_peak_list(np.array([-1.7e308, 1.7e308] * 5))


def files_swapped(pairs):
    """Whether the axes of these could be taken for exchanged."""
    return len(pairs) > 4 and len({b for _, b in pairs}) == len(pairs)


def test_peaks_lie_here_and_there_and_samples_do_not():
    assert is_peak_list(np.array([41.0, 43, 57, 91, 92, 120, 128, 130, 150, 200, 337]))
    assert not is_peak_list(np.linspace(4000, 400, 1000))
    assert not is_peak_list(1e7 / np.linspace(800, 900, 500))
