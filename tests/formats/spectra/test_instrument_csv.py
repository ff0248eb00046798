"""Tables of numbers, with and without a header: what instruments' programs export."""

from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.lists import DATA, public
from tests.thorough import draws

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.lab.spectra import instrument_csv, plain
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.text import lines

RAMAN = """Instrument,Handheld R-2
Serial Number,TM1234
Date,2026-05-01T10:00:00
Raman Shift (cm-1),Intensity
250,1.0
252,3
254,2
256,8
258,3
"""


def test_of_equal_blank_lines_the_first_is_given():
    assert list(lines(BytesIO(b"a\n" + b"\n" * 1000 + b" \r\n" * 2 + b"b\nb"))) == [
        (1, "a"),
        (2, ""),
        (1002, " "),
        (1004, "b"),
        (1005, "b"),
    ]


def read(text, reader=instrument_csv, name="made.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return list(reader.read(BytesIO(data), name))


def one(text, **options):
    (found,) = read(text, **options)
    assert isinstance(found, Spectrum), found
    return found


def test_lines_above_the_table_say_what_it_is():
    found = one(RAMAN)
    assert (found.technique, found.x_unit, found.y_unit) == ("raman", "cm-1", "intensity")
    assert found.said == {
        "Instrument": "Handheld R-2",
        "Serial Number": "TM1234",
        "Date": "2026-05-01T10:00:00",
    }
    assert found.y.tolist() == [1, 3, 2, 8, 3]
    assert found.locator == "line 5"
    assert instrument_csv.sniff(Head("x", RAMAN.encode())) > 0.5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t", " "])
def test_french_offices_write_decimal_commas(encoding, delimiter):
    rows = "".join(f"{4000 - 2 * i},0{delimiter}0,{i}5\n" for i in range(5))
    found = one(f"Échantillon : 7\nNombre d'onde (cm-1){delimiter}Absorbance\n{rows}".encode(encoding))
    assert (found.technique, found.x_unit, found.y_unit) == ("ftir", "cm-1", "absorbance")
    assert found.x.tolist() == [3992, 3994, 3996, 3998, 4000]
    assert found.y.tolist() == [0.45, 0.35, 0.25, 0.15, 0.05]
    assert found.said["Échantillon"] == "7"
    assert "comment" not in found.said or delimiter == " "  # there the names of columns cannot be told apart


def test_each_column_of_ordinates_is_a_spectrum():
    a, b = read("wavelength (nm)\tdark\tlamp\n200\t1\t2\n201\t2\t3\n202\t3\t4\n203\t4\t\n")
    assert [found.name for found in (a, b)] == ["made dark", "made lamp"]
    assert (a.x.tolist(), b.x.tolist()) == ([200, 201, 202, 203], [200, 201, 202])
    assert b.y.tolist() == [2, 3, 4]
    assert a.locator != b.locator


def test_masses_are_peaks_and_what_is_wrong_is_said():
    *faults, found = read("m/z,abundance\n41,10\n43,100\n57,-3\n58,nan\n91,200\nbroken\n92,1,7\n")
    assert [fault.locator for fault in faults] == ["line 7", "line 8"]
    assert all(fault.partly for fault in faults)
    assert (found.technique, found.centroid, found.x.tolist()) == ("ms", True, [41, 43, 91])
    assert found.doubts == (
        "2 lines that are no row of the table left out",
        "1 point without a finite number left out",
        "1 point of negative intensity left out",
    )


def test_the_abscissa_is_the_column_that_names_an_axis():
    rows = "".join(f"{i};{785 + i};{200 + 2 * i};{10 + i};{i}\n" for i in range(5))
    raw, dark = read("model;R-3\nPixel;Wavelength (nm);Raman Shift (cm-1);Raw data #1;Dark\n" + rows)
    assert (raw.technique, raw.x_unit, raw.name) == ("raman", "cm-1", "made Raw data #1")
    assert raw.x.tolist() == [200, 202, 204, 206, 208]
    assert dark.y.tolist() == [0, 1, 2, 3, 4]


def test_relative_heights_beside_absolute_ones_are_no_second_spectrum():
    found = one(
        "# of Peaks\t3\nm/z\tAbsolute Intensity\tRelative Intensity\n41\t10\t50\n43\t20\t100\n57\t4\t20\n"
    )
    assert (found.x_unit, found.y.tolist()) == ("m/z", [10, 20, 4])


def test_a_declared_number_of_points_is_held_against_those_there():
    text = "TITLE\tpowder\nDATA TYPE\tULTRAVIOLET SPECTRUM\nXUNITS\tNANOMETERS (nm)\nNPOINTS\t{}\nXYDATA\n"
    rows = "".join(f"{200 + i}\t0.{i}\n" for i in range(4))
    assert one(text.format(4) + rows).doubts == ()
    found = one(text.format(601) + rows)
    assert (found.technique, found.name, found.x_unit) == ("uv-vis", "powder", "nm")
    assert found.doubts == ("it says that it has 601 points; 4 are there",)


def test_comments_above_two_columns_may_say_what_they_are():
    found = one(
        "#Instrument=\tLabRAM\n#Technique: Raman\n#Axis=\tcm-1\n#Voltage: 30 V\n400\t1\n401\t2\n",
        reader=plain,
    )
    assert (found.technique, found.x_unit, found.voltage) == ("raman", "cm-1", 30)
    assert found.said["Instrument"] == "LabRAM"


def test_wrong_units_are_doubted():
    found = one("Raman shift (cm-1),Intensity\n" + "".join(f"{10**6 + i},{i + 1}\n" for i in range(5)))
    assert "which is no range of cm-1" in found.doubts[0]


def test_what_is_no_table_is_told_so():
    with pytest.raises(FormatError, match="no table"):
        read("name,age\nA,7\nB,8\n")
    assert instrument_csv.sniff(Head("x", b"name,age\nA,7\n")) == 0.0


def test_two_columns_without_a_header():
    found = one("# 30 V\n94.06\t605.7\n136.07 1373.2\n150.1;496.1\n", reader=plain)
    assert (found.technique, found.x_unit, found.centroid) == ("", "", True)
    assert found.said == {"comment": "30 V"}
    assert found.x.tolist() == [94.06, 136.07, 150.1]
    curve = one("".join(f"{i} {i % 7}\n" for i in range(400, 420)), reader=plain)
    assert not curve.centroid
    fault, good = read("1 2\nword\n3 4\n", reader=plain)
    assert (fault.locator, good.doubts) == ("line 2", ("1 lines that are no pair of numbers left out",))
    with pytest.raises(FormatError, match="no pair"):
        read("nothing\n", reader=plain)
    (none,) = read("1 nan\n2 nan\n", reader=plain)
    assert "no point that can be used" in none.reason


def test_public_mass_spectra_are_read_whole():
    files = sorted(public(DATA / "lab" / "dart").glob("*.txt"))
    assert len(files) == 30
    for path in files:
        found = one(path.read_bytes(), reader=plain)
        np.testing.assert_array_equal(np.column_stack([found.x, found.y]), np.loadtxt(path, ndmin=2))
        assert found.centroid


@settings(max_examples=draws(150))
@given(data=st.data())
def test_damage_gives_spectra_faults_or_a_format_error(data):
    damaged = bytearray(RAMAN.encode())
    for _ in range(data.draw(st.integers(0, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.sampled_from(b"\n,;\t e9-\xff\0"))
    checked(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))


@given(st.binary(max_size=200) | st.text("0123456789.,;\t\n eE-+nai", max_size=200).map(str.encode))
def test_any_bytes_give_spectra_faults_or_a_format_error(data):
    checked(data)


def checked(data):
    for reader in (instrument_csv, plain):
        reader.sniff(Head("x", data))
        with suppress(FormatError):
            for found in read(data, reader=reader):
                assert isinstance(found, Fault) or len(found.x) == len(found.y) > 0
