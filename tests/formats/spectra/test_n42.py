# ruff: noqa: E501 - documents as instruments write them
"""N42.42: what a portal counted comes out in keV, with what it says itself and nothing that it does not."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from watchfloor.core.kinds import READING
from watchfloor.desks.lab.findings import findings
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.lab.spectra import n42
from watchfloor.formats.registry import FORMATS, recognise

CHANNELS = 1_024
CAESIUM = 661.657
"""keV, of Cs-137 (Ba-137m; Nuclear Data Sheets)."""
NAMESPACE = "http://physics.nist.gov/N42/2011/N42"
OF_2006 = "http://physics.nist.gov/Divisions/Div846/Gp4/ANSIN4242/2005/ANSIN4242"


def counts(peak=4_000, seed=1):
    """A spectrum of 3 keV a channel: a falling continuum and a line of 7 % resolution."""
    energy = 3.0 * np.arange(CHANNELS)
    sigma = 0.07 * CAESIUM / 2.355
    line = np.exp(-0.5 * ((energy - CAESIUM) / sigma) ** 2)
    made = 60 * np.exp(-energy / 500) + peak * 3.0 / (sigma * np.sqrt(2 * np.pi)) * line
    return np.random.default_rng(seed).poisson(made)


def counted(numbers):
    """Counted zeroes, as the standard describes them."""
    made, zeroes = [], 0
    for number in (*numbers, -1):
        if number == 0:
            zeroes += 1
            continue
        made += [0, zeroes] if zeroes else []
        made += [int(number)] if number != -1 else []
        zeroes = 0
    return " ".join(map(str, made))


def spectrum(numbers, detector="D1", calibration="E1", seconds=60):
    return (
        f'<Spectrum id="s" radDetectorInformationReference="{detector}" energyCalibrationReference="{calibration}">'
        f"<LiveTimeDuration>PT{seconds}S</LiveTimeDuration>"
        f'<ChannelData compressionCode="CountedZeroes">{counted(numbers)}</ChannelData></Spectrum>'
    )


def measurement(*inside, sort="Foreground", seconds=60, group=""):
    refers = f' radMeasurementGroupReferences="{group}"' if group else ""
    return (
        f'<RadMeasurement id="m"{refers}><MeasurementClassCode>{sort}</MeasurementClassCode>'
        f"<StartDateTime>2026-11-24T10:00:00-06:00</StartDateTime>"
        f"<RealTimeDuration>PT{seconds}S</RealTimeDuration>{''.join(inside)}</RadMeasurement>"
    )


HEAD = """<RadInstrumentInformation id="i"><RadInstrumentManufacturerName>Example</RadInstrumentManufacturerName>
<RadInstrumentIdentifier>4711</RadInstrumentIdentifier><RadInstrumentModelName>Portal 2</RadInstrumentModelName>
<RadInstrumentClassCode>Portal Monitor</RadInstrumentClassCode><RadInstrumentVersion>
<RadInstrumentComponentName>Software</RadInstrumentComponentName>
<RadInstrumentComponentVersion>3.1</RadInstrumentComponentVersion></RadInstrumentVersion></RadInstrumentInformation>
<RadDetectorInformation id="D1"><RadDetectorCategoryCode>Gamma</RadDetectorCategoryCode></RadDetectorInformation>
<RadDetectorInformation id="D2"><RadDetectorCategoryCode>Gamma</RadDetectorCategoryCode></RadDetectorInformation>
<RadDetectorInformation id="N1"><RadDetectorCategoryCode>Neutron</RadDetectorCategoryCode></RadDetectorInformation>
<RadItemInformation id="t"><RadItemDescription>RB123456785CA</RadItemDescription></RadItemInformation>
<EnergyCalibration id="E1"><CoefficientValues>0 3.0 0</CoefficientValues></EnergyCalibration>"""
ANALYSIS = """<AnalysisResults><AnalysisAlgorithmName>Ident</AnalysisAlgorithmName><RadAlarm>
<RadAlarmCategoryCode>Gamma</RadAlarmCategoryCode><RadAlarmActiveIndicator>true</RadAlarmActiveIndicator></RadAlarm>
<RadAlarm><RadAlarmCategoryCode>Neutron</RadAlarmCategoryCode><RadAlarmActiveIndicator>false</RadAlarmActiveIndicator>
</RadAlarm><NuclideAnalysisResults><Nuclide><NuclideIdentifiedIndicator>true</NuclideIdentifiedIndicator>
<NuclideName>Cs-137</NuclideName><NuclideIDConfidenceValue>93.5</NuclideIDConfidenceValue></Nuclide>
</NuclideAnalysisResults></AnalysisResults>"""


def document(*inside, head=HEAD, analysis=ANALYSIS):
    whole = f'<RadInstrumentData xmlns="{NAMESPACE}" n42DocUUID="u">{head}{"".join(inside)}{analysis}</RadInstrumentData>'
    return whole.encode()


NEUTRONS = (
    '<GrossCounts id="g" radDetectorInformationReference="N1"><LiveTimeDuration>PT60S</LiveTimeDuration>'
    "<CountData>12 18</CountData></GrossCounts>"
)
STATE = (
    "<DoseRate id='d'><DoseRateValue>0.4</DoseRateValue></DoseRate><RadInstrumentState><StateVector>"
    "<GeographicPoint><LatitudeValue>49.0</LatitudeValue><LongitudeValue>-97.2</LongitudeValue></GeographicPoint>"
    "</StateVector></RadInstrumentState><OccupancyIndicator>true</OccupancyIndicator>"
)
SAMPLE = document(
    measurement(spectrum(counts(0, 2)), sort="Background"), measurement(spectrum(counts()), NEUTRONS, STATE)
)
SAMPLE_2006 = f"""<N42InstrumentData xmlns="{OF_2006}"><Measurement><InstrumentInformation>
<Manufacturer>Example</Manufacturer><InstrumentModel>Hand 1</InstrumentModel><InstrumentID>12</InstrumentID>
</InstrumentInformation><MeasuredItemInformation><ItemDescription>RB123456785CA</ItemDescription>
<MeasurementLocationName>Lane 3</MeasurementLocationName></MeasuredItemInformation>
<Spectrum><SourceType>Item</SourceType><StartTime>2026-11-24T10:00:00Z</StartTime><RealTime>PT61S</RealTime>
<LiveTime>PT60S</LiveTime><Calibration Type="Energy" EnergyUnits="MeV"><Equation Model="Polynomial">
<Coefficients>0 0.003 0</Coefficients></Equation></Calibration><ChannelData Compression="CountedZeroes">
{counted(counts())}</ChannelData></Spectrum><CountDoseData DetectorType="Neutron">
<StartTime>2026-11-24T10:00:00Z</StartTime><SampleRealTime>PT60S</SampleRealTime><Counts>30</Counts>
<DoseRate Units="mrem/h">0.02</DoseRate></CountDoseData><AnalysisResults><NuclideAnalysis><Nuclide>
<NuclideName>Cs-137</NuclideName><NuclideIDConfidenceIndication>9</NuclideIDConfidenceIndication></Nuclide>
</NuclideAnalysis></AnalysisResults></Measurement></N42InstrumentData>""".encode()


def found(data, name="portal.n42"):
    pieces = list(FORMATS["n42"].read(BytesIO(data), name))
    rows = [row for piece in pieces if isinstance(piece, Batch) for row in piece.rows.to_pylist()]
    return rows, [piece for piece in pieces if isinstance(piece, Fault)]


def measures(row):
    return {
        one["name"].removeprefix("measure:"): one["score"]
        for one in row["results"]
        if "measure:" in one["name"]
    }


def test_a_portal_of_2012():
    (row,), faults = found(SAMPLE)
    assert not faults
    assert (row["instrument"], row["serial"], row["method"]) == ("Example Portal 2", "4711", "radiation")
    assert (row["firmware"], row["library"]) == ("Software 3.1", "Ident")
    assert (row["subject"], row["unit"]) == ("parcel:s10:RB123456785CA", "keV")
    assert f"{row['observed_at']:%Y-%m-%dT%H:%M}" == "2026-11-24T16:00"
    assert (row["latitude"], row["longitude"]) == (49.0, -97.2)
    strongest = row["peaks"][int(np.argmax(row["intensity"]))]
    assert strongest == pytest.approx(CAESIUM, abs=9)
    told = {one["name"]: (one["level"], one["score"]) for one in row["results"]}
    assert told["nuclide:Cs-137"] == ("presumptive", 93.5), "never identified by an instrument alone"
    assert told["radiation:gamma"] == ("presumptive", None)
    assert told["radiation:neutron"] == ("not-detected", None)
    assert measures(row)["neutron counts/s"] == pytest.approx(0.5)
    assert measures(row)["gamma counts/s"] == pytest.approx(counts().sum() / 60)
    assert measures(row)["gamma counts/s, background"] == pytest.approx(counts(0, 2).sum() / 60)
    assert (measures(row)["dose rate µSv/h, highest"], measures(row)["occupied"]) == (0.4, 1.0)
    assert recognise(Head("a.xml", SAMPLE)).name == "n42"


def test_an_identifier_of_2006_says_the_same():
    (row,), faults = found(SAMPLE_2006)
    assert not faults
    assert (row["instrument"], row["serial"], row["place"]) == ("Example Hand 1", "12", "Lane 3")
    assert row["peaks"][int(np.argmax(row["intensity"]))] == pytest.approx(CAESIUM, abs=9)
    assert measures(row)["neutron counts/s"] == 0.5
    assert measures(row)["dose rate µSv/h, highest"] == pytest.approx(0.2)
    assert recognise(Head("a.xml", SAMPLE_2006)).name == "n42"


def test_slices_of_a_passage_are_one_look_and_several_detectors_a_reading_each():
    slices = [measurement(spectrum(counts(seed=n)), seconds=1, group="g1") for n in range(5)]
    other = measurement(spectrum(counts(9, 7), detector="D2", calibration="none"), group="g1")
    (first, second), faults = found(document(*slices, other))
    assert not faults
    assert (first["instrument"], second["instrument"]) == ("Example Portal 2, D1", "Example Portal 2, D2")
    assert first["results"]
    assert not second["results"]
    assert second["unit"] == "channel"
    assert second["quality"]
    assert measures(first)["gamma counts/s, highest"] > measures(first)["gamma counts/s"]


def test_what_is_background_is_no_peak():
    row_of = lambda *before: found(document(*before, measurement(spectrum(counts())), analysis=""))[0][0]  # noqa: E731
    assert row_of()["peaks"]
    assert not row_of(measurement(spectrum(counts(seed=9)), sort="Background"))["peaks"]


def test_gross_counts_without_a_spectrum_are_a_reading():
    (row,), faults = found(document(measurement(NEUTRONS)))
    assert (faults, row["peaks"], measures(row)["neutron counts/s"]) == ([], None, 0.5)


def test_it_says_nothing_of_drugs():
    (row,), _ = found(SAMPLE)
    empty = dict.fromkeys(READING.schema.names) | row
    assert not [one for one in findings(empty) if one.substance or one.family]


def test_where_nobody_says_what_it_is_of_it_is_the_passage():
    rows, faults = found(document(measurement(NEUTRONS), head=HEAD.replace("RB123456785CA", "a lorry")))
    assert not faults
    (subject,) = {row["subject"] for row in rows}
    assert subject.startswith("track:n42:")
    assert rows[0]["serial"] in subject
    assert rows[0]["sample"] == "a lorry"


def test_the_counted_zeroes_of_the_standard():
    text = "22 5 0 1 2 1 0 2 3 4 0 8 1"
    element = etree.fromstring(f'<ChannelData compressionCode="CountedZeroes">{text}</ChannelData>')
    assert n42.channels(element).tolist() == [22, 5, 0, 2, 1, 0, 0, 3, 4, *[0] * 8, 1]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=300))
def test_counted_zeroes_come_back(numbers):
    element = etree.fromstring(
        f'<ChannelData compressionCode="CountedZeroes">{counted(numbers)}</ChannelData>'
    )
    assert n42.channels(element).tolist() == numbers


@pytest.mark.parametrize(
    "data",
    [
        "5 0 100000000000000",
        "5 0",
        "0 -3 7",
        "0 1.5",
        "0 nan",
        "1 -2",
        "1 x",
        "",
        "nan",
        "1e400",
        "0 65536 0 65536",
    ],
)
def test_channels_that_are_none_are_a_fault_and_the_rest_is_read(data):
    wrong = f'<Spectrum><ChannelData compressionCode="CountedZeroes">{data}</ChannelData></Spectrum>'
    rows, (fault,) = found(document(measurement(wrong), measurement(NEUTRONS)))
    assert len(rows) == 1
    assert fault.reason


@pytest.mark.parametrize("code", ["zip", "Base64"])
def test_another_compression_is_named(code):
    wrong = f'<Spectrum><ChannelData compressionCode="{code}">1 2</ChannelData></Spectrum>'
    _, (fault,) = found(document(measurement(wrong), measurement(NEUTRONS)))
    assert code in fault.reason


@pytest.mark.parametrize("data", [document(analysis=""), b"<Event/>", b""])
def test_what_holds_no_look_at_anything_is_refused(data):
    with pytest.raises(FormatError):
        found(data)


def test_a_document_that_breaks_off_keeps_what_was_whole():
    data = document(measurement(NEUTRONS), measurement(spectrum(counts())))
    rows, (fault,) = found(data[: data.rindex(b"</Spectrum>")])
    assert fault.rest
    assert len(rows) == 1
