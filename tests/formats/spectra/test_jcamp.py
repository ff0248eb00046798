"""JCAMP-DX: blocks, pages, declarations that do not hold, and the public conformance files."""

import re
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.lists import DATA, public
from tests.thorough import draws

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.lab.spectra import jcamp
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.jcamp_blocks import labels

FILES = DATA / "lab" / "jcamp"
HEAD = "##TITLE= Of water\n##JCAMP-DX= 4.24 $$ by hand\n##DATA TYPE= INFRARED SPECTRUM\n##XUNITS= 1/CM\n"
TABLE = """##YUNITS= ABSORBANCE
##FIRSTX= 400
##LASTX= 404
##NPOINTS= 5
##XFACTOR= 1
##YFACTOR= 0.5
##XYDATA= (X++(Y..Y))
400 2 4 6
403 8 10
##END=
"""


def read(text, name="made.jdx"):
    data = text if isinstance(text, bytes) else text.encode()
    return list(jcamp.read(BytesIO(data), name))


def one(text):
    (found,) = read(text)
    assert isinstance(found, Spectrum), found
    return found


def test_a_table_is_scaled_and_its_words_are_ours():
    found = one(HEAD + "##CAS REGISTRY NO= 7732-18-5\n##MOLFORM= H2 O\n" + TABLE)
    assert (found.name, found.technique, found.x_unit, found.y_unit) == (
        "Of water",
        "ftir",
        "cm-1",
        "absorbance",
    )
    assert (found.cas, found.formula, found.centroid, found.doubts) == ("7732-18-5", "H2O", False, ())
    assert found.x.tolist() == [400, 401, 402, 403, 404]
    assert found.y.tolist() == [1, 2, 3, 4, 5]
    assert found.said["JCAMP-DX"] == "4.24"


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
@pytest.mark.parametrize("label", ["##xy data =", " ##XY-DATA=", "##X_Y DATA="])
def test_line_ends_and_spellings_of_labels_change_nothing(ends, label):
    text = (HEAD + TABLE).replace("##XYDATA=", label).replace("\n", ends)
    assert one(text).y.tolist() == [1, 2, 3, 4, 5]
    assert one(text.encode("utf-16")).y.tolist() == [1, 2, 3, 4, 5]


def test_a_descending_axis_is_turned():
    text = (HEAD + TABLE).replace("FIRSTX= 400", "FIRSTX= 404").replace("LASTX= 404", "LASTX= 400")
    found = one(text.replace("400 2", "404 2").replace("403 8", "401 8"))
    assert found.x.tolist() == [400, 401, 402, 403, 404]
    assert found.y.tolist() == [5, 4, 3, 2, 1]
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("was", "now", "said", "x"),
    [
        ("NPOINTS= 5", "NPOINTS= 9", "says that it has 9 points; 5 are there", [400, 401, 402, 403, 404]),
        (
            "NPOINTS= 5",
            "NPOINTS= 900000000000",
            "says that it has 900,000,000,000",
            [400, 401, 402, 403, 404],
        ),
        ("LASTX= 404", "LASTX= 480", "begin at another abscissa", [400, 420, 440, 460, 480]),
        ("YFACTOR= 0.5", "YFACTOR= 0.5\n##FIRSTY= 77", "says that its first ordinate is 77", None),
        ("##END=", "", "has no ##END", None),
        ("XUNITS= 1/CM", "XUNITS= NANOMETERS\n##FIRSTX= -40", None, None),
    ],
)
def test_a_declaration_that_does_not_hold_is_said_and_the_data_kept(was, now, said, x):
    found = one((HEAD + TABLE).replace(was, now))
    assert said is None or said in " ".join(found.doubts)
    assert len(found.y) == 5
    if x:
        assert found.x.tolist() == x


def test_where_points_are_missing_the_lines_say_where_the_others_are():
    found = one((HEAD + TABLE).replace("403 8 10\n", "").replace("400 2 4 6", "400 2 4\n404 6"))
    assert "says that it has 5 points; 3 are there" in found.doubts[0]
    assert found.x[-1] == 404
    assert found.y.tolist() == [1, 2, 3]


def test_lines_of_something_else_are_left_out():
    wild = "".join(f"{400 + i} {i}\n" for i in range(5) for _ in (0,)) + "999999 7\n"
    found = one(HEAD + TABLE.split("##XYDATA")[0] + f"##XYDATA=(X++(Y..Y))\n{wild}##END=\n")
    assert found.x.tolist() == [400, 401, 402, 403, 404]
    assert "beyond the declared ends" in " ".join(found.doubts)


def test_peaks_are_pairs_triples_or_notes():
    table = HEAD.replace("INFRARED", "MASS").replace("1/CM", "M/Z")
    found = one(
        table + "##NPOINTS= 4\n##PEAK TABLE= (XY..XY)\n0,0 41,520 43, 1E3; 55 -3\n57,1.5E+1\n##END=\n"
    )
    assert (found.technique, found.centroid, found.x_unit) == ("ms", True, "m/z")
    assert found.x.tolist() == [41, 43, 57]
    assert found.y.tolist() == [520, 1000, 15]
    assert "says that it has 4 points; 5 are there" in found.doubts[0]
    assert "negative intensity" in " ".join(found.doubts)
    assert one(table + "##PEAK TABLE= (XYW..XYW)\n1,2,3\n4,5,6\n##END=\n").x.tolist() == [1, 4]
    noted = "##PEAK ASSIGNMENTS= (XYA)\n(41, 5, <M+ - 18>)\n(43, 7, <base>)\n##END=\n"
    assert one(table + noted).y.tolist() == [5, 7]
    odd = one(table + "##PEAK TABLE= (XY..XY)\n41,5 43,6\n44\n45,7\n##END=\n")
    assert odd.x.tolist() == [41, 43, 45]
    assert "too few or too many" in odd.doubts[0]


def test_pages_are_spectra_with_their_own_factors():
    text = """##TITLE= FID
##DATA TYPE= NMR FID
##NTUPLES= NMR FID
##SYMBOL= X, R, I, N
##VAR_DIM= 4, 4, 4, 2
##UNITS= SECONDS, ARBITRARY UNITS, ARBITRARY UNITS,
##FIRST= 0, 0, 0, 1
##LAST= 3, 0, 0, 2
##FACTOR= 0.5, 2, 10, 1
##PAGE= N=1
##DATA TABLE= (X++(R..R)), XYDATA $$ real
0 1 2
4 3 4
##PAGE= N=2
##DATA TABLE= (X++(I..I)), XYDATA
0 1 2 3
##END NTUPLES= NMR FID
##END=
"""
    real, imaginary = read(text)
    assert (real.technique, real.x_unit, real.said["symbol"], real.said["page"]) == ("nmr", "s", "R", "N=1")
    assert real.x.tolist() == [0, 1, 2, 3]
    assert real.y.tolist() == [2, 4, 6, 8]
    assert real.doubts == ()
    assert imaginary.y.tolist() == [10, 20, 30]
    assert "says that it has 4 points; 3 are there" in imaginary.doubts[0]


def test_linked_blocks_are_read_each_and_structures_are_none():
    link = "##TITLE= Two\n##DATA TYPE= LINK\n##BLOCKS= 3\n##ORIGIN= A laboratory\n"
    structure = "##TITLE= S\n##JCAMP-CS= 3.7\n##ATOMLIST=\n1 C\n##END=\n"
    found = read(link + HEAD + TABLE + structure + HEAD.replace("water", "ice") + TABLE + "##END=\n")
    assert [one.name for one in found] == ["Of water", "Of ice"]
    assert [one.locator for one in found] == ["line 15", "line 34"]


def test_a_table_without_points_is_a_fault_and_none_at_all_an_error():
    (found,) = read(HEAD + "##XYDATA= (X++(Y..Y))\nnothing here\n##END=\n")
    assert isinstance(found, Fault)
    assert "no point" in found.reason
    with pytest.raises(FormatError, match="no table"):
        read("##TITLE= x\n##END=\n")
    with pytest.raises(FormatError, match="labelled record"):
        read("nothing\n")


def test_masses_say_their_inlet_voltage_and_assignments():
    head = HEAD.replace("INFRARED", "MASS").replace("1/CM", "M/Z")
    says = "##.IONIZATION MODE= DART+\n##$CONE VOLTAGE= 30 V\n##$PRECURSOR MZ= 337.2\n"
    notes = "##PEAK ASSIGNMENTS= (XYA)\n(188, 9, <piece>)\n"
    found = one(head + says + "##PEAK TABLE= (XY..XY)\n188,9 105,4\n" + notes + "##END=\n")
    assert (found.technique, found.voltage, found.precursor) == ("dart-ms", 30, 337.2)
    assert "<piece>" in found.said["PEAK ASSIGNMENTS"]


def test_text_among_numbers_is_told_with_its_line():
    found = one((HEAD + TABLE).replace("403 8", "403 8 ~"))
    assert "1 places are no number, the first is '~ 10' in line 13" in " ".join(found.doubts)


TABLES = re.compile(
    rb"^\s*##\s*(XY ?DATA|XYPOINTS|PEAK ?TABLE|DATA ?TABLE)\s*=", re.IGNORECASE | re.MULTILINE
)
FOREIGN = {"xyinc2.jdx": "says that it has 298 points; 350 are there"}
"""Files whose own declaration is wrong: a stretch of another spectrum was written over this one."""


def test_every_public_file_is_read_with_as_many_points_as_it_declares():
    """R. J. Lancashire's and the official files among them; tables counted by their labels alone."""
    files = [path for path in public(FILES).rglob("*") if path.suffix in (".jdx", ".DX", ".JCM")]
    assert len(files) == 144
    for path in files:
        data = path.read_bytes()
        assert jcamp.sniff(Head(path.name, data)) > 0.9, path
        found = read(data, path.name)
        lines = data.replace(b"\r", b"\n")
        assert len(found) in (len(TABLES.findall(lines)), 1, 3), path
        assert all(isinstance(one, Spectrum) for one in found), path
        doubts = " ".join(doubt for one in found for doubt in one.doubts)
        assert ("says that it has" in doubts) == (path.name in FOREIGN), (path, doubts)
        assert FOREIGN.get(path.name, "") in doubts
        declared = [int(n) for n in re.findall(rb"##\s*NPOINTS\s*=\s*(\d+)", lines)]
        if len(declared) == len(found) and path.name not in FOREIGN:
            kept = [len(one.y) + doubts.count("no positive m/z") for one in found]
            assert kept == declared, path


def test_one_curve_in_five_forms_is_one_curve():
    """The official files of one spectrum: AFFN, PAC and SQZ; DIFDUP and NTUPLES, rounded to 16 bits."""
    folder = public(FILES) / "jcamp-dx.org_official_test_data"
    forms = ("AFFN", "PAC", "SQZ", "DIF", "NTUP")
    affn, pac, sqz, dif, tuples = (read((folder / f"BRUK{form}.DX").read_bytes())[0] for form in forms)
    for one, other in ((affn, pac), (affn, sqz), (dif, tuples)):
        np.testing.assert_array_equal(one.y, other.y)
    assert np.abs(dif.y - affn.y).max() <= 2**-15 * affn.y.max()
    assert [one.x[[0, -1]].tolist() for one in (affn, pac, sqz, dif)] == [[0, 24038.5]] * 4


def samples():
    root = FILES / "Robert_J_Lancashire_test_data"
    names = ("dupdec1.jdx", "pktab1.jdx", "mactab1.jdx", "ofid2.jdx", "compound.jdx")
    return [(root / name).read_bytes()[:8000] for name in names] if root.exists() else []


@settings(max_examples=draws(60))
@given(data=st.data())
def test_damage_gives_spectra_faults_or_a_format_error(data):
    damaged = bytearray(data.draw(st.sampled_from([*samples(), (HEAD + TABLE).encode()])))
    for _ in range(data.draw(st.integers(0, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(
            st.sampled_from(b"\n#=$ZzJ9,.- A\xff")
        )
    cut = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    checked(cut)


@given(st.binary(max_size=300) | st.text("#TILEXYDAP=()+.\n 1Z%", max_size=300).map(str.encode))
def test_any_bytes_give_spectra_faults_or_a_format_error(data):
    checked(b"##TITLE=\n##XYDATA=(X++(Y..Y))\n" + data)
    checked(data)


def checked(data):
    try:
        found = read(data)
    except FormatError:
        return
    for one in found:
        if isinstance(one, Spectrum):
            assert len(one.x) == len(one.y) > 0
            assert np.isfinite(one.x).all()
            assert np.isfinite(one.y).all()
            assert (np.diff(one.x) >= 0).all()
        else:
            assert one.reason


def test_labels_are_where_lines_begin():
    found = list(labels(b"##A= 1 ## no=\n## b C=2\nx ##D=3\n"))
    assert [(one.label, one.written) for one in found] == [("A", "A"), ("BC", "b C")]
