"""Mass spectra as MSP and MGF: dialects, damage, and what is written is read back."""

from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.lists import DATA, public
from tests.thorough import draws

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.lab.spectra import mgf, msp
from watchfloor.formats.lab.spectra.base import Spectrum

NIST = """Name: 2-Chlorophenol
InChIKey: ISPYQTSUDJAMAB-UHFFFAOYSA-N
Synon: o-Chlorophenol
Synon: 2-CP
Formula: C6H5ClO
MW: 128
CAS#: 95-57-8;  NIST#: 12345
DB#: 7
Comments: by hand
Num Peaks: 4
41 9; 64 430.5; 92 57;
128 999;

Name: second
Num Peaks: 1
50 1
"""
MASSBANK = """NAME: Fentanyl
PRECURSORMZ: 337.2274
INSTRUMENTTYPE: LC-ESI-QTOF
COLLISIONENERGY: 35 eV
Num Peaks: 3
105.0699 100 "C8H9+"
132.0808\t12
188.1434 999 C13H18N+
"""
IONS = """# global
CHARGE=1+

BEGIN IONS
TITLE=scan 7
PEPMASS=337.2274 12000
COLLISION_ENERGY=35.0
INCHIKEY=PJMPHNIQZUBGLI-UHFFFAOYSA-N
105.0699 100 1+
188.1434 999
END IONS
"""


def read(text, reader=msp):
    data = text if isinstance(text, bytes) else text.encode()
    return list(reader.read(BytesIO(data), "made.msp"))


def test_a_record_of_nist():
    first, second = read(NIST.replace("\n", "\r\n"))
    assert (first.name, first.technique, first.cas, first.formula) == (
        "2-Chlorophenol",
        "ms",
        "95-57-8",
        "C6H5ClO",
    )
    assert first.inchikey == "ISPYQTSUDJAMAB-UHFFFAOYSA-N"
    assert first.said["Synon"] == "o-Chlorophenol; 2-CP"
    assert first.said["NIST#"] == "12345"
    assert (first.x.tolist(), first.y.tolist()) == ([41, 64, 92, 128], [9, 430.5, 57, 999])
    assert (first.locator, second.locator) == ("line 1", "line 14")
    assert first.doubts == ()


def test_a_record_of_massbank():
    (found,) = read(MASSBANK)
    assert (found.technique, found.precursor, found.voltage) == ("lc-ms", 337.2274, 35.0)
    assert found.x.tolist() == [105.0699, 132.0808, 188.1434]
    assert found.y.tolist() == [100, 12, 999]


@pytest.mark.parametrize(
    ("energy", "volts"), [("30V", 30), ("35 eV", 35), ("20", 20), ("HCD 35%", None), ("35 NCE", None)]
)
def test_a_normalised_energy_is_no_voltage(energy, volts):
    assert read(MASSBANK.replace("35 eV", energy))[0].voltage == volts


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("Num Peaks: 4", "Num Peaks: 9", "says that it has 9 peaks; 4 are there"),
        ("Num Peaks: 4", "Num Peaks: 99999999999999", "says that it has 99999999999999 peaks"),
        ("95-57-8", "95-57-9", "check digit"),
        ("92 57", "92 -57", "negative intensity"),
        ("92 57", "92 nan", "without a finite number"),
        ("41 9", "0 9", "no positive m/z"),
        ("41 9", "141 9", "up and down"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_kept(was, now, said):
    first, second = read(NIST.replace(was, now))
    assert said in "; ".join(first.doubts)
    assert len(first.x) >= 3
    assert second.doubts == ()


def test_axes_that_are_exchanged_are_turned():
    rows = "\n".join(
        f"{height} {mass}" for mass, height in ((41, 9), (43, 700), (57, 3), (91, 888), (128, 50))
    )
    (found,) = read(f"Name: x\nNum Peaks: 5\n{rows}\n")
    assert found.x.tolist() == [41, 43, 57, 91, 128]
    assert "axes exchanged" in found.doubts[0]


def test_records_without_peaks_are_faults_and_the_others_are_read():
    empty, good = read("Name: nothing\nNum Peaks: 0\n\n" + NIST.split("\n\n")[0])
    assert isinstance(empty, Fault)
    assert "nothing: it holds no point" in empty.reason
    assert isinstance(good, Spectrum)
    zeros = read("Name: z\nNum Peaks: 2\n41 0; 42 0\n")
    assert "every one of its intensities is zero" in zeros[0].reason
    with pytest.raises(FormatError, match="begins with 'Name:'"):
        read("nothing\n")


def test_a_line_that_is_no_peak_is_a_partial_fault_with_its_line():
    broken, good = read("Name: x\nNum Peaks: 2\n41 9; forty 2\n43 7\n")
    assert (broken.locator, broken.partly) == ("line 3", True)
    assert good.x.tolist() == [41, 43]
    assert "says" not in "".join(good.doubts)


PEAKS = st.lists(st.tuples(st.floats(0.5, 5000), st.floats(1e-3, 1e9)), min_size=1, max_size=20)
TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@given(
    PEAKS,
    TEXT,
    st.none() | st.floats(1, 2000),
    st.sampled_from([None, "95-57-8"]),
    st.none() | st.integers(1, 99),
)
def test_what_is_written_is_read_back(peaks, name, precursor, cas, volts):
    x, y = np.array(sorted(peaks)).T
    one = Spectrum(
        *(name, "dart-ms", x, y, "m/z", "intensity", True, "line 1"),
        *(cas, "ISPYQTSUDJAMAB-UHFFFAOYSA-N", "C6H5ClO", precursor, volts),
        said={"Retention index": "1020", "file": "a/b.msp"},
    )
    out = BytesIO()
    msp.write([one, one], out)
    found = read(out.getvalue())
    assert len(found) == 2
    for back in found:
        assert (back.x.tolist(), back.y.tolist(), back.doubts) == (x.tolist(), y.tolist(), ())
        facts = ("name", "technique", "cas", "inchikey", "formula", "precursor", "voltage")
        assert all(getattr(back, fact) == getattr(one, fact) for fact in facts)
        assert back.said["Retention index"] == "1020"


def test_ions_of_mgf():
    (found,) = read(IONS, mgf)
    assert (found.name, found.precursor, found.voltage) == ("scan 7", 337.2274, 35)
    assert found.inchikey == "PJMPHNIQZUBGLI-UHFFFAOYSA-N"
    assert found.said["CHARGE"] == "1+"
    assert found.x.tolist() == [105.0699, 188.1434]
    (cut,) = read(IONS.replace("END IONS", ""), mgf)
    assert "END IONS" in cut.doubts[0]
    broken, good = read(IONS.replace("105.0699 100 1+", "what"), mgf)
    assert broken.partly
    assert len(good.x) == 1
    with pytest.raises(FormatError, match="BEGIN IONS"):
        read("nothing\n", mgf)


def test_public_spectra_of_fentanyls_are_read_whole():
    files = sorted(public(DATA / "lab" / "fentanyl_ei").rglob("*.MSP"))
    found = [one for path in files for one in read(path.read_bytes())]
    assert len(found) == len(files) == 55
    assert not any(one.doubts for one in found)


@settings(max_examples=draws(150))
@given(data=st.data())
def test_damage_gives_spectra_faults_or_a_format_error(data):
    reader, good = data.draw(st.sampled_from([(msp, NIST + MASSBANK), (mgf, IONS)]))
    damaged = bytearray(good.encode())
    for _ in range(data.draw(st.integers(0, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(
            st.sampled_from(b'\n:=;#" 9e-\xff\0')
        )
    cut = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    reader.sniff(Head("x", cut))
    with suppress(FormatError):
        for one in read(cut, reader):
            assert isinstance(one, Fault) or (len(one.x) == len(one.y) > 0 and (one.x > 0).all())


@given(st.binary(max_size=300))
def test_any_bytes_give_faults_or_a_format_error(data):
    for reader, start in ((msp, b"Name: x\nNum Peaks: 3\n"), (mgf, b"BEGIN IONS\n")):
        reader.sniff(Head("x", data))
        read(start + data, reader)
