"""mzML: arrays in each way, groups of parameters, and bombs."""

import base64
import zlib
from contextlib import suppress
from hashlib import sha1
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.lab.spectra import mzml, mzml_run
from watchfloor.formats.lab.spectra.base import Spectrum

KINDS = {"f4": "MS:1000521", "f8": "MS:1000523", "i4": "MS:1000519", "i8": "MS:1000522"}
NUMPRESS = '<cvParam accession="MS:1002312" name="MS-Numpress linear prediction compression" value=""/>'


def array(values, kind, what, packed, extra="", data=None):
    raw = np.array(values, "<" + kind).tobytes() if data is None else data
    text = base64.b64encode(zlib.compress(raw) if packed else raw).decode()
    pack = "MS:1000574" if packed else "MS:1000576"
    return f"""<binaryDataArray encodedLength="{len(text)}">
<cvParam accession="{KINDS[kind]}" name="{kind}" value=""/>
<cvParam accession="{pack}" name="zip" value=""/>{extra}
<cvParam accession="{what}" name="array" value=""/><binary>{text}</binary></binaryDataArray>"""


def spectrum(
    x=(41.0, 43.0, 57.0), y=(1.0, 9.0, 3.0), kind="f8", packed=True, count=None, arrays=None, number=1
):
    arrays = arrays or array(x, kind, "MS:1000514", packed) + array(y, kind, "MS:1000515", packed)
    count = len(x) if count is None else count
    return f"""<spectrum index="{number - 1}" id="scan={number}" defaultArrayLength="{count}">
<referenceableParamGroupRef ref="common"/><cvParam accession="MS:1000511" name="ms level" value="2"/>
<scanList count="1"><scan><cvParam accession="MS:1000016" name="scan start time" value="5.5"
unitName="minute"/></scan></scanList>
<precursorList count="1"><precursor><selectedIonList count="1"><selectedIon>
<cvParam accession="MS:1000744" name="selected ion m/z" value="337.2274"/></selectedIon></selectedIonList>
<activation><cvParam accession="MS:1000045" name="collision energy" value="35"
unitName="electronvolt"/></activation>
</precursor></precursorList><binaryDataArrayList count="2">{arrays}</binaryDataArrayList></spectrum>"""


def file(*spectra, root="mzML"):
    inner = f"""<mzML xmlns="http://psi.hupo.org/ms/mzml" version="1.1.0">
<referenceableParamGroupList count="2"><referenceableParamGroup id="common">
<cvParam accession="MS:1000127" name="centroid spectrum" value=""/></referenceableParamGroup>
<referenceableParamGroup id="device"><cvParam accession="MS:1000449" name="LTQ Orbitrap" value=""/>
<cvParam accession="MS:1000529" name="instrument serial number" value="SN7"/></referenceableParamGroup>
</referenceableParamGroupList><sampleList count="1"><sample id="s" name="powder 7"/></sampleList>
<instrumentConfigurationList count="1"><instrumentConfiguration id="i">
<referenceableParamGroupRef ref="device"/>
</instrumentConfiguration></instrumentConfigurationList>
<run id="r" startTimeStamp="2026-07-14T09:30:00Z"><spectrumList count="1">{"".join(spectra)}
</spectrumList></run></mzML>"""
    whole = (
        inner if root == "mzML" else f"<indexedmzML>{inner}<indexListOffset>1</indexListOffset></indexedmzML>"
    )
    return f'<?xml version="1.0"?>{whole}'.encode()


def read(data):
    return list(mzml.read(BytesIO(data), "made.mzML"))


@pytest.mark.parametrize("root", ["mzML", "indexedmzML"])
def test_a_spectrum_has_what_is_said_of_it_anywhere(root):
    data = file(spectrum(), root=root)
    assert mzml.sniff(Head("x", data)) > 0.9
    (found,) = read(data)
    assert (found.precursor, found.voltage, found.centroid, found.technique) == (337.2274, 35, True, "ms")
    assert found.said["instrument"] == "LTQ Orbitrap"
    assert (found.said["serial"], found.said["sample"]) == ("SN7", "powder 7")
    assert (found.said["date"], found.said["scan start time"]) == ("2026-07-14T09:30:00Z", "5.5 minute")
    assert (found.x.tolist(), found.y.tolist()) == ([41, 43, 57], [1, 9, 3])
    assert found.locator == "spectrum scan=1"


@given(
    st.lists(st.tuples(st.integers(1, 10_000), st.integers(1, 10_000)), min_size=1, max_size=30),
    st.sampled_from(sorted(KINDS)),
    st.booleans(),
)
def test_arrays_of_every_sort(pairs, kind, packed):
    x, y = np.array(sorted(pairs)).T
    (found,) = read(file(spectrum(x, y, kind, packed)))
    assert (found.x.tolist(), found.y.tolist(), found.doubts) == (x.tolist(), y.tolist(), ())


@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        (array([1], "f8", "MS:1000514", True, NUMPRESS) + array([1], "f8", "MS:1000515", True), "Numpress"),
        (array([1], "f8", "MS:1000514", True), "no m/z or wavelength with an intensity"),
        (array([1, 2], "f8", "MS:1000514", True) + array([1], "f8", "MS:1000515", True), "2 abscissas and 1"),
        (array([], "f8", "MS:1000514", True) + array([], "f8", "MS:1000515", True), "no point"),
        (array([], "f8", "MS:1000514", False, data=b"1234567"), "no whole numbers of 8 bytes"),
        (array([1], "f8", "MS:1000514", True).replace("</binary>", "=A</binary>"), "base64"),
        (array([1], "f8", "MS:1000514", False).replace("1000576", "1000574"), "zlib data are damaged"),
        (array([1], "f8", "MS:1000514", True).replace("MS:1000523", "MS:1"), "what sort of numbers"),
    ],
)
def test_an_array_that_cannot_be_read_is_a_fault_and_the_next_is_read(arrays, why):
    bad, good = read(file(spectrum(arrays=arrays), spectrum(number=2)))
    assert isinstance(bad, Fault)
    assert why in bad.reason
    assert isinstance(good, Spectrum)


def test_what_inflates_without_end_is_stopped(monkeypatch):
    monkeypatch.setattr(mzml, "MAX_BYTES", 1 << 16)
    bomb = array([], "f8", "MS:1000514", True, data=bytes(1 << 22))
    (found,) = read(file(spectrum(arrays=bomb)))
    assert "inflates to more than 65,536 bytes" in found.reason


def test_zlib_that_breaks_off_is_told():
    raw = zlib.compress(np.arange(1000.0).tobytes())[:-20]
    cut = array([], "f8", "MS:1000514", False, data=raw).replace("1000576", "1000574")
    assert "break off" in read(file(spectrum(arrays=cut)))[0].reason


def test_a_count_that_lies_is_a_doubt():
    (found,) = read(file(spectrum(count=2**60)))
    assert "says that it has 1,152,921,504,606,846,976 points; 3 are there" in found.doubts[0]


def test_files_that_break_off_give_what_stood_before():
    data = file(spectrum(), spectrum(number=2))
    good, cut = read(data[: data.rindex(b"<binary>") + 5])
    assert isinstance(good, Spectrum)
    assert cut.rest
    with pytest.raises(FormatError, match="document type"):
        read(b'<!DOCTYPE mzML [<!ENTITY a "b">]><mzML>&a;</mzML>')
    with pytest.raises(FormatError, match="root"):
        read(b"<html/>")


@settings(max_examples=draws(100))
@given(data=st.data())
def test_damage_gives_spectra_faults_or_a_format_error(data):
    damaged = bytearray(file(spectrum(), spectrum(number=2, packed=False)))
    for _ in range(data.draw(st.integers(0, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.sampled_from(b'<>/"A=9 \xff'))
    cut = bytes(damaged[: data.draw(st.integers(len(damaged) // 2, len(damaged)))])
    mzml.sniff(Head("x", cut))
    with suppress(FormatError):
        for one in read(cut):
            assert isinstance(one, Fault) or len(one.x) == len(one.y) > 0


MINUTES = np.arange(600) / 60
SIGNAL = 100 * np.exp(-0.5 * ((MINUTES - 3) / 0.05) ** 2) + 10 * np.exp(-0.5 * ((MINUTES - 6) / 0.05) ** 2)


def chromatogram(kind="MS:1000812", unit="minute", y=SIGNAL, name="uv"):
    unit = f'unitName="{unit}"'
    times = array(MINUTES, "f8", "MS:1000595", True).replace(
        'MS:1000595" name="array"', f'MS:1000595" {unit}'
    )
    inner = times + array(y, "f8", "MS:1000515", True)
    return f"""</spectrumList><chromatogramList count="1"><chromatogram id="{name}" defaultArrayLength="600">
<cvParam accession="{kind}" name="kind" value=""/>{inner}</chromatogram></chromatogramList><spectrumList>"""


def read_run(data):
    return list(mzml_run.read(BytesIO(data), "made.mzML"))


def test_a_chromatogram_of_a_detector_is_a_profile_beside_the_spectra():
    data = file(spectrum(), chromatogram())
    one, profile = read_run(data)
    assert (one.locator, profile.locator) == ("spectrum scan=1", "chromatogram uv")
    assert (profile.x_unit, profile.said["sample"]) == ("min", "powder 7")
    assert profile.said["date"] == "2026-07-14T09:30:00Z"
    assert profile.x.tolist() == [3, 6]
    assert [result["share"] for result in profile.results] == pytest.approx([10 / 11, 1 / 11], rel=0.01)
    assert [found.locator for found in read(data)] == ["spectrum scan=1"]


def test_pressures_and_transitions_are_no_profiles():
    assert read_run(file(chromatogram("MS:1003019"), chromatogram("MS:1001473"))) == []
    assert len(read_run(file(chromatogram("MS:1000235")))) == 1


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"unit": "fortnight"}, "neither seconds nor minutes"),
        ({"y": 0 * SIGNAL}, "no peak"),
        ({"y": [1.0]}, "time"),
    ],
)
def test_a_chromatogram_that_is_no_profile_says_why(bad, why):
    (fault,) = read_run(file(chromatogram(**bad)))
    assert why in fault.reason


def test_a_checksum_that_is_wrong_stays_with_every_reading():
    head = (
        file(spectrum(), chromatogram(), root="indexed").removesuffix(b"</indexedmzML>") + b"<fileChecksum>"
    )
    for stated, flags in ((sha1(head).hexdigest(), ()), ("0" * 40, ("checksum-wrong",))):
        found = read_run(head + stated.encode() + b"</fileChecksum></indexedmzML>")
        assert [one.doubts for one in found] == [flags, flags]
