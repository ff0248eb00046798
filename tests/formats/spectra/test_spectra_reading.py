"""Spectra as readings: what files say, what their feed says, and what is a fault."""

import pickle
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import argrelmax
from tests.feeds.live.floors import ACTOR

from watchfloor.core.subjects import subject
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.formats.base import Batch, Fault, Head
from watchfloor.formats.lab import reading_csv
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.moments import moment, read
from watchfloor.formats.lab.spectra.reading import peaks
from watchfloor.formats.lab.spectra.wire import READERS
from watchfloor.formats.reader_options import FileStatement, begun
from watchfloor.formats.registry import FORMATS, recognise
from watchfloor.formats.settings import SettingsError
from watchfloor.store import Floor

PARCEL = subject("parcel", "s10", "RB123456785GB")
JCAMP = b"""##TITLE= powder
##JCAMP-DX= 5.01
##DATA TYPE= INFRARED SPECTRUM
##LONG DATE= 2026/07/14 09:30:00 -0400
##SPECTROMETER/DATA SYSTEM= Handheld F-1
##$SERIAL NUMBER= 77-12
##$OPERATOR= 4711
##$EXHIBIT= 2026-0042
##XUNITS= 1/CM
##YUNITS= TRANSMITTANCE
##NPOINTS= 9
##FIRSTX= 400
##LASTX= 408
##XYDATA= (X++(Y..Y))
400 10 10 4 10 10 10 8 10 10
##END=
"""
MSP = b"Name: x\nSample: RB123456785GB\nDate: 2026-07-14\nInstrument: GC-2\nNum Peaks: 2\n41 9; 43 18\n"


def rows(form, data, name="RB123456785GB.dat", **known):
    pieces = list(begun(FORMATS[form], FileStatement(**known)).read(BytesIO(data), name))
    tables = [piece.rows.to_pylist() for piece in pieces if isinstance(piece, Batch)]
    return [row for table in tables for row in table], [one for one in pieces if isinstance(one, Fault)]


def test_a_spectrum_that_says_everything_is_a_reading():
    (row,), faults = rows("jcamp-dx", JCAMP)
    assert not faults
    assert row["subject"] == PARCEL
    assert (row["method"], row["instrument"], row["serial"]) == ("ftir", "Handheld F-1", "77-12")
    assert (row["operator"], row["exhibit"], row["unit"]) == ("4711", "2026-0042", "cm-1")
    assert row["observed_at"] == datetime(2026, 7, 14, 13, 30, tzinfo=UTC)
    assert row["file_hash"] == sha256(JCAMP).hexdigest()
    assert (row["peaks"], row["intensity"]) == ([402, 406], [1.0, pytest.approx(1 / 3)])
    assert row["quality"] == []
    assert row["results"] is None


def test_doubts_of_the_reader_speak_against_the_reading():
    (row,), _ = rows("jcamp-dx", JCAMP.replace(b"NPOINTS= 9", b"NPOINTS= 11"))
    assert row["quality"] == ["it says that it has 11 points; 9 are there"]


def test_a_reading_can_be_written_as_our_table_and_read_back():
    form = FORMATS["jcamp-dx"]
    batches = [piece for piece in form.read(BytesIO(JCAMP), "RB123456785GB.jdx") if isinstance(piece, Batch)]
    out = BytesIO()
    reading_csv.write(batches, out)
    (back,) = [piece.rows.to_pylist() for piece in reading_csv.read(BytesIO(out.getvalue()), "t.csv")]
    (row,) = batches[0].rows.to_pylist()
    assert back[0] | {"locator": ""} == row | {"locator": ""}


@pytest.mark.parametrize(
    ("name", "data", "known", "key"),
    [
        ("x.msp", MSP, {}, PARCEL),
        ("RB123456785GB_30V.msp", MSP.replace(b"Sample: RB123456785GB\n", b""), {}, PARCEL),
        ("x.msp", MSP.replace(b"RB123456785GB", b"A-17"), {"samples": "parcel:lab-7"}, "parcel:lab-7:A-17"),
        ("x.msp", MSP.replace(b"Sample: RB123456785GB", b"Subject: container:iso6346:CSQU3054383"), {}, None),
    ],
)
def test_the_item_stands_in_a_label_a_sample_or_a_name(name, data, known, key):
    (row,), faults = rows("msp", data, name, **known)
    assert not faults
    assert row["subject"] == (key or "container:iso6346:CSQU3054383")


@pytest.mark.parametrize(
    ("was", "why"),
    [
        (b"Sample: RB123456785GB\n", "nothing says what was measured"),
        (b"Date: 2026-07-14\n", "does not say when it was taken"),
        (b"Instrument: GC-2\n", "does not say which instrument"),
    ],
)
def test_what_nobody_says_is_a_fault_with_advice(was, why):
    found, faults = rows("msp", MSP.replace(was, b""), "x.msp")
    assert not found
    assert why in faults[0].reason
    assert "feeds.toml" in faults[0].reason


def test_a_library_is_not_taken_for_twenty_thousand_readings():
    found, faults = rows("msp", b"Name: x\nNum Peaks: 1\n41 9\n\n" * 50, "library.msp")
    assert not found
    assert len(faults) == 20
    assert faults[-1].rest
    assert "so do 20 spectra in turn" in faults[-1].reason


def test_two_columns_need_all_that_a_feed_can_say():
    data = b"94.06 605.7\n136.07 1373.2\n"
    known = {
        "instrument": "DART-1",
        "method": "dart-ms",
        "base_time": datetime(2026, 7, 14, tzinfo=UTC),
    }
    (row,), faults = rows("spectrum-text", data, "RB123456785GB_30V.txt", **known)
    assert not faults
    assert (row["method"], row["instrument"], row["peaks"]) == ("dart-ms", "DART-1", [94.06, 136.07])
    _, faults = rows("spectrum-text", data, "RB123456785GB_30V.txt", instrument="DART-1")
    assert "by which technique" in faults[0].reason
    assert recognise(Head("x.txt", data), above=0.1) is None, "two columns of numbers may be anything"


@pytest.mark.parametrize("name", READERS)
def test_every_reader_is_a_format(name):
    assert FORMATS[name].kinds == ("reading",)
    assert begun(FORMATS[name], FileStatement(instrument="X")).name == name


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (JCAMP, "jcamp-dx"),
        (MSP, "msp"),
        (b"Raman shift (cm-1),Intensity\n400,1\n401,2\n402,3\n", "spectrum-csv"),
    ],
)
def test_files_are_recognised(data, name):
    assert recognise(Head("x", data), above=0.1).name == name


SPC = b"\0\x4b" + bytes(510)
STARTS = (JCAMP, JCAMP.lower(), MSP, b"BEGIN IONS\n", b"<mzML>", SPC, b"400;1\n401;2\n", b"# x\n-1 2\n.5 3\n")


@pytest.mark.parametrize("name", READERS)
def test_no_start_of_a_file_misses_its_format(name):
    module, _, believed = READERS[name]
    sniff = import_module(f"watchfloor.formats.lab.spectra.{module}").sniff
    for data, encoding in product(STARTS, ["latin-1", "utf-8-sig", "utf-16"]):
        head = Head("x", data.decode("latin-1").encode(encoding))
        assert FORMATS[name].sniff(head) == believed * sniff(head), (data, encoding)


def test_a_reader_can_be_sent_to_another_process():
    form = begun(FORMATS["msp"], FileStatement(instrument="GC-2"))
    pieces = list(pickle.loads(pickle.dumps(form)).read(BytesIO(MSP), "x.msp"))
    assert [piece.rows.num_rows for piece in pieces] == [1]


def test_a_floor_takes_spectra_in_with_what_its_feed_says(tmp_path):
    floor = Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")
    (floor.root / "feeds.toml").write_text(
        '[feeds.lab]\npaths = ["*.msp"]\nsamples = "parcel:lab-7"\ninstrument = "GC-2"\n', "utf-8"
    )
    path = tmp_path / "x.msp"
    path.write_bytes(MSP.replace(b"RB123456785GB", b"A-17").replace(b"Instrument: GC-2\n", b""))
    with floor.writer(ACTOR) as writer:
        taken = tally(ingest_all(writer, [path], config.load(floor.root), Orders()))
    assert taken.total.accepted == 1, [one.reason for one in floor.quarantine()]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('samples = "post"', "samples"),
        ('samples = "parcel:s10"', "numbering system of its own"),
        ('method = "nose"', "no technique"),
    ],
)
def test_settings_that_mean_nothing_are_refused(tmp_path, line, why):
    (tmp_path / "feeds.toml").write_text(f"[feeds.lab]\n{line}\n", "utf-8")
    with pytest.raises(SettingsError, match=why):
        config.load(tmp_path)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({"longdate": "2001/02/14 15:15:42 +0100"}, (2001, 2, 14, 14, 15, 42)),
        ({"date": "81/ 1/ 3", "time": "10:40:41"}, (1981, 1, 3, 10, 40, 41)),
        ({"date": "2016-04-08T14:17:00"}, (2016, 4, 8, 14, 17)),
        ({"date": "14 July 2026 09:30"}, (2026, 7, 14, 9, 30)),
        ({"date": "2026-07-14T09:30:00.5Z"}, (2026, 7, 14, 9, 30, 0, 500000)),
        ({"date": "05/06/2012"}, None),
        ({"date": "2026-13-40"}, None),
        ({"date": "yesterday"}, None),
        ({}, None),
    ],
)
def test_moments_are_read_where_they_are_one_day(said, at):
    assert moment(said) == (datetime(*at, tzinfo=UTC) if at else None)


def test_zones_that_do_not_exist_are_no_moments():
    assert read("2026-07-14 09:30:00 +9900") is None


def curve(y, unit):
    y = np.asarray(y, float)
    return Spectrum("x", "ftir", np.arange(len(y)) + 1.0, y, "cm-1", unit, False, "line 1")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30), st.booleans())
def test_peaks_are_never_more_than_the_highest(y, centroid):
    for unit in ("absorbance", "transmittance"):
        found = peaks(replace(curve(y, unit), centroid=centroid))
        assert ((found.height >= 0) & (found.height <= 1)).all()
        assert len(found.x) == len(found.height) <= len(y)


def test_peaks_of_a_curve_are_its_maxima_and_of_transmittance_its_minima():
    y = np.abs(np.sin(np.arange(200) / 7.0)) * np.linspace(1, 2, 200)
    inside = argrelmax(y)[0] + 1.0
    found = peaks(curve(y, "absorbance"))
    assert set(inside) <= set(found.x)
    assert found.height.max() == 1
    dips = peaks(curve(100 - 40 * y, "Transmittance"))
    assert set(inside) <= set(dips.x)
    assert len(peaks(curve(y, "absorbance"), most=3).x) == 3
    assert len(peaks(curve([5, 5, 5, 5], "absorbance")).x) in (0, 1)
