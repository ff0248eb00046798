"""ANDI chromatograms as profiles: runs written by another library's netCDF, and each thing that is wrong."""

from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import netcdf_file
from tests.thorough import draws

from watchfloor.core.subjects import subject
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.lab.spectra import andi
from watchfloor.formats.lab.spectra.chromatogram import Peak, integrated, saturated
from watchfloor.formats.reader_options import FileStatement, begun
from watchfloor.formats.registry import FORMATS, recognise

PEAKS = [Peak(2.0, 100.0, 1000.0, "A"), Peak(5.0, 8.0, 80.0, ""), Peak(8.0, 2.0, 20.0, "C")]
STATED = {
    "retention_unit": "Seconds",
    "injection_date_time_stamp": "20260714093000-0400",
    "sample_id": "A-17",
    "separation_experiment_type": "gas chromatography",
    "detector_name": "FID1",
    "detection_method_name": "PROFILE-3.M",
    "operator_name": "Ann Roy",
}


def curve(peaks=PEAKS, count=1200, step=0.5, noise=0.0):
    """A run of Gaussian peaks, each of its height and area, in detector units by seconds."""
    time = np.arange(count) * step
    signal = np.random.default_rng(7).normal(0, noise, count) if noise else np.zeros(count)
    for one in peaks:
        width = one.area / one.height / np.sqrt(2 * np.pi)
        signal = signal + one.height * np.exp(-0.5 * ((time - one.time * 60) / width) ** 2)
    return signal


def run(table=PEAKS, signal=None, step=0.5, scale=60.0, recorded=False, version=1, **stated):
    """A file of a run, as scipy writes it; `recorded` lets its points be records."""
    out = BytesIO()
    signal = curve() if signal is None else signal
    file = netcdf_file(out, "w", version=version)
    for name, value in (STATED | stated).items():
        if value is not None:
            setattr(file, name, value)
    file.createDimension("point_number", None if recorded else len(signal))
    file.createVariable("ordinate_values", "f", ("point_number",))[: len(signal)] = signal
    file.createVariable("actual_sampling_interval", "f", ()).data[()] = step
    file.createVariable("actual_delay_time", "f", ()).data[()] = 0.0
    if table:
        file.createDimension("peak_number", len(table))
        file.createDimension("_32_byte_string", 32)
        columns = {"peak_retention_time": [one.time * scale for one in table]}
        columns |= {"peak_area": [one.area for one in table], "peak_height": [one.height for one in table]}
        for name, values in columns.items():
            file.createVariable(name, "f", ("peak_number",))[:] = values
        labels = np.array([list(one.label.ljust(32, "\0")) for one in table], "S1")
        file.createVariable("peak_name", "c", ("peak_number", "_32_byte_string"))[:] = labels
    file.flush()
    return out.getvalue()


def rows(data, name="x.cdf", **known):
    known = {"samples": "parcel:lab-7", "instrument": "GC-1"} | known
    pieces = list(begun(FORMATS["andi"], FileStatement(**known)).read(BytesIO(data), name))
    tables = [piece.rows.to_pylist() for piece in pieces if isinstance(piece, Batch)]
    return [row for table in tables for row in table], [one for one in pieces if isinstance(one, Fault)]


def shares(row):
    return {one["name"]: one["share"] for one in row["results"]}


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("recorded", [False, True])
def test_a_run_with_a_table_of_peaks_is_a_profile(recorded, version):
    data = run(recorded=recorded, version=version)
    assert recognise(Head("x.cdf", data)).name == "andi"
    (row,), faults = rows(data)
    assert not faults
    assert row["subject"] == subject("parcel", "lab-7", "A-17")
    assert (row["method"], row["unit"], row["procedure"]) == ("gc", "min", "PROFILE-3.M; FID1")
    assert row["observed_at"] == datetime(2026, 7, 14, 13, 30, tzinfo=UTC)
    assert row["operator"] is None
    assert row["peaks"] == pytest.approx([2, 5, 8])
    assert shares(row) == pytest.approx(
        {"peak:A": 1 / 1.1, "peak:5.000 min": 0.08 / 1.1, "peak:C": 0.02 / 1.1}
    )
    assert [one["score"] for one in row["results"]] == [1000, 80, 20]
    assert {one["level"] for one in row["results"]} == {"inconclusive"}
    assert row["quality"] == []


def test_a_run_without_a_table_is_integrated():
    (row,), _ = rows(run(table=(), signal=curve(noise=0.05)))
    assert row["peaks"] == pytest.approx([2, 5, 8], abs=0.05)
    assert [one["score"] for one in row["results"]] == pytest.approx([1000, 80, 20], rel=0.2)


def test_two_peaks_that_overlap_are_parted_at_the_valley():
    pair = [Peak(2.0, 100.0, 1000.0), Peak(2.25, 50.0, 500.0)]
    first, second = integrated(np.arange(1200) / 120, curve(pair))
    assert first.time < second.time
    assert 700 < first.area < 1000
    assert 100 < second.area < 500


@given(st.lists(st.floats(-1e6, 1e6), min_size=0, max_size=60))
@settings(max_examples=draws(300, 30))
def test_no_integrated_area_is_negative(signal):
    found = integrated(np.arange(len(signal)) / 60, np.array(signal))
    assert all(one.area >= -1e-6 * max(map(abs, signal)) for one in found)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (lambda: run(retention_unit="furlongs"), "neither seconds nor minutes"),
        (lambda: run(retention_unit="Minutes", scale=60.0, step=0.5 / 60), "in two units of time"),
        (lambda: run(scale=1.0), "in two units of time"),
        (lambda: run(table=(), signal=np.zeros(500)), "no peak with an area stands out"),
        (lambda: run(table=[Peak(2, 5, -3.0), Peak(5, 5, 0.0)]), "no peak with an area stands out"),
        (lambda: run(table=(), step=0.0), "no times"),
        (lambda: run()[:-400], "breaks off within"),
        (lambda: run()[:200], "breaks off at byte 200"),
    ],
    ids=[
        "unit",
        "table in seconds",
        "table in minutes",
        "blank",
        "negative",
        "no times",
        "cut",
        "header cut",
    ],
)
def test_what_cannot_be_a_profile_is_a_fault_with_the_reason(data, why):
    found, (fault,) = rows(data())
    assert not found
    assert why in fault.reason


def test_a_run_that_does_not_state_its_unit_is_taken_in_seconds_and_doubted():
    (row,), _ = rows(run(retention_unit=None))
    assert row["peaks"] == pytest.approx([2, 5, 8])
    assert "does not state its unit of time" in row["quality"][0]


def test_negative_areas_are_left_out_and_flagged():
    (row,), _ = rows(run(table=[*PEAKS, Peak(9.0, 1.0, -5.0, "D")]))
    assert "peak:D" not in shares(row)
    assert row["quality"] == ["areas-left-out"]


def test_a_detector_at_its_end_is_flagged():
    (row,), _ = rows(run(signal=np.minimum(curve(), 60)))
    assert row["quality"] == ["peaks-saturated"]
    assert not saturated(curve(noise=0.1))
    assert not saturated(np.ones(9))


@pytest.mark.parametrize("stated", [{"sample_type": "Blank"}, {"sample_id": "", "sample_name": "blank 3"}])
def test_a_blank_is_of_the_instrument_and_may_have_no_peaks(stated):
    (row,), _ = rows(run(table=(), signal=np.zeros(500), **stated))
    assert (row["subject"], row["matrix"]) == (subject("place", "instrument", "GC-1"), "blank")
    assert row["peaks"] is None
    assert row["results"] is None


def test_a_standard_is_no_sample():
    (row,), _ = rows(run(sample_type="standard", sample_id=""))
    assert (row["subject"], row["matrix"]) == (subject("place", "instrument", "GC-1"), "calibrant")


@pytest.mark.parametrize(
    ("stated", "method"),
    [
        ({"separation_experiment_type": "Liquid Chromatography", "detector_name": "DAD1 A, Sig=254,4"}, "lc"),
        (
            {"separation_experiment_type": "liquid chromatography", "detector_name": "MSD1 TIC, MS File"},
            "lc-ms",
        ),
    ],
)
def test_the_technique_follows_from_separation_and_detector(stated, method):
    assert rows(run(**stated))[0][0]["method"] == method


def test_profiles_of_two_columns_are_of_two_procedures():
    found = [
        rows(run(**more))[0][0]["procedure"] for more in ({}, {"column": "B-5"}, {"detector_name": "FID2"})
    ]
    assert found == ["PROFILE-3.M; FID1", "PROFILE-3.M; FID1; column B-5", "PROFILE-3.M; FID2"]
    assert rows(run(detection_method_name=None))[0][0]["procedure"] is None
    assert rows(run(table=()))[0][0]["procedure"] == "PROFILE-3.M; FID1; integrated by Watchfloor"


def test_total_ions_over_scans_are_a_profile():
    out = BytesIO()
    file = netcdf_file(out, "w")
    file.experiment_date_time_stamp = "20260714093000+0000"
    file.test_separation_type = "Gas-Liquid Chromatography"
    file.createDimension("scan_number", 1200)
    file.createVariable("scan_acquisition_time", "d", ("scan_number",))[:] = np.arange(1200) * 0.5
    file.createVariable("total_intensity", "d", ("scan_number",))[:] = curve()
    file.flush()
    (row,), _ = rows(out.getvalue(), "RB123456785CA.cdf")
    assert (row["method"], row["subject"]) == ("gc-ms", "parcel:s10:RB123456785CA")
    assert row["peaks"] == pytest.approx([2, 5, 8])


def test_what_is_no_classic_netcdf_says_so():
    with pytest.raises(FormatError, match="HDF5"):
        list(andi.read(BytesIO(b"\x89HDF\r\n\x1a\n"), "x.cdf"))
    with pytest.raises(FormatError, match="no chromatogram"):
        list(andi.read(BytesIO(run().replace(b"ordinate_values", b"ordinate_valuez")), "x.cdf"))


@given(at=st.integers(0, 700), new=st.binary(min_size=1, max_size=8), cut=st.integers(0, 2000))
@settings(max_examples=draws(3000, 60), deadline=None)
def test_a_damaged_header_gives_a_profile_a_fault_or_an_error(at, new, cut):
    data = bytearray(DAMAGED)
    data[at : at + len(new)] = new
    try:
        found, faults = rows(bytes(data[: len(data) - cut]))
    except FormatError:
        return
    assert len(found) + len(faults) == 1


DAMAGED = run()
