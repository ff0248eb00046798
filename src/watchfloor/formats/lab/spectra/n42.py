"""Radiation portals and identifiers: ANSI N42.42 of 2012 (IEC 62755) and of 2006, one spectrum a detector.

A document describes one occupancy or one look. All its measurements of the foreground that belong together
(`radMeasurementGroupReferences`; in a file of 2006 those of one `Measurement`) are summed, detector by
detector of one energy calibration: so the tenth-seconds of a portal become one spectrum. Background is kept
as a rate beside it, and subtracted where peaks are looked for. The first spectrum carries what is told of
all: alarms, nuclides as the instrument names them, counts a second, dose rates, whether it was occupied.

What an instrument names is its own finding and never an identification: `presumptive` at most. Peaks are
those of the counts above background that stand out by `SIGMAS` of their own counting error, in keV.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import numpy as np
from lxml import etree

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.lab.reading_quality import MEASURE, NUCLIDE, RADIATION
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.points import Floats
from watchfloor.formats.lists.xml_items import fault
from watchfloor.formats.xml_limits import elements, head_text, local, text_of

ROOTS: Final = {"RadInstrumentData": 2012, "N42InstrumentData": 2006, "Event": 2006}
"""Roots by year; a portal of 2006 may put its document into an `Event`."""
WANTED: Final = frozenset(
    "RadInstrumentInformation RadDetectorInformation RadItemInformation EnergyCalibration RadMeasurement "
    "InstrumentInformation MeasuredItemInformation Spectrum CountDoseData AnalysisResults".split()
)
MOST_CHANNELS: Final = 1 << 16
"""Channels of a spectrum; a germanium detector has 16,384."""
MOST_GROUPS: Final = 1_000
MOST_RESULTS: Final = 200
SIGMAS: Final = 5.0
"""How far a peak stands out, in standard deviations of the counts under it; judgement."""
WIDTH: Final = 5
"""Channels that are averaged before peaks are looked for."""
NO_DOUBTS: Final[tuple[str, ...]] = ()
CLASSES: Final = {"foreground": "item", "notspecified": "item", "": "item", "item": "item"}
"""What counts as a look at something; background is told apart, calibrations and the like are left out."""

_DURATION: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?", re.ASCII)
_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?(RadInstrumentData|N42InstrumentData|Event)[\s>]")


def sniff(head: Head) -> float:
    """Sure of a root of N42.42; an `Event` must hold a document of it."""
    text = head_text(head)
    root = _ROOT.search(text)
    first = re.search(r"<[A-Za-z_]", text)
    if root is None or first is None or first.start() != root.start():
        return 0.0
    return 0.95 if root[1] != "Event" or "N42InstrumentData" in text else 0.0


@dataclass(eq=False)
class _Sum:
    """Counts of one detector's spectra of one calibration."""

    counts: Floats
    live: float = 0.0


@dataclass(eq=False)
class _Rate:
    """Counts without a spectrum, of a sort of radiation."""

    counts: float = 0.0
    time: float = 0.0
    highest: float = 0.0

    def add(self, counts: float, time: float) -> None:
        """Add one stretch of time."""
        self.counts, self.time = self.counts + counts, self.time + time
        self.highest = max(self.highest, counts / time if time > 0 else 0.0)


Key = tuple[str, str, int]
"""Detector, calibration, channels."""


@dataclass(eq=False)
class _Group:
    """One look: its spectra, rates, dose and when it began."""

    name: str
    sums: dict[Key, _Sum] = field(default_factory=dict)
    rates: dict[str, _Rate] = field(default_factory=dict)
    started: str = ""
    dose: float | None = None
    occupied: bool | None = None


class _Document:
    """A document so far."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}
        self.kinds: dict[str, str] = {}  # sort of radiation by detector
        self.energies: dict[str, tuple[str, Floats]] = {}  # by calibration: poly or edges, its numbers
        self.groups: dict[str, _Group] = {}
        self.background: dict[Key, _Sum] = {}
        self.background_rates: dict[str, _Rate] = {}
        self.results: dict[str, list[dict[str, Any]]] = {}  # by group; "" for all
        self.place: tuple[float, float] | None = None
        self.parent: etree._Element | None = None
        self.parents = 0

    def group(self, name: str) -> _Group:
        if name not in self.groups:
            if len(self.groups) >= MOST_GROUPS:
                raise FormatError(f"it has more than {MOST_GROUPS:,} looks at something; split it")
            self.groups[name] = _Group(name)
        return self.groups[name]


def read(stream: BinaryIO, name: str) -> Iterator[Spectrum | Fault]:
    """Yield the spectra of a document, those of a look together, and faults. Raises `FormatError`."""
    document = _Document()
    last: Fault | None = None
    number = 0
    for found in elements(stream, name, WANTED, ROOTS):
        if isinstance(found, Fault):
            last = found
        elif local(found) in _READERS:
            number += 1
            try:
                _READERS[local(found)](document, found)
            except FormatError:
                raise
            except ValueError as error:
                where = f"{local(found)} {found.get('id') or number}"
                yield fault(found, where, f"{error}; the rest of the document was read without it")
    if not document.groups and last is None:
        raise FormatError(
            f"{name} holds no measurement of anything: no foreground, only what it was made with"
        )
    for group in document.groups.values():
        yield from _spectra(document, group, name)
    if last is not None:
        yield last


def _spectra(document: _Document, group: _Group, name: str) -> Iterator[Spectrum]:
    results = _results(document, group)
    sums = sorted(group.sums.items(), key=lambda one: (-one[1].counts.sum(), one[0]))
    for at, ((detector, calibration, channels), total) in enumerate(sums or [(("", "", 0), None)]):
        unit, x, height, doubts = "", np.empty(0), np.empty(0), NO_DOUBTS
        if total is not None:
            x, height = _peaks(total, document.background.get((detector, calibration, channels)))
            unit, x, doubts = _energy(document, calibration, channels, x)
        said = dict(document.said) | ({"date": group.started} if group.started else {})
        said["passage"] = " ".join(filter(None, (said.get("serial"), group.started or group.name)))
        if detector and len(sums) > 1:
            said["instrument"] = f"{said.get('instrument', '')}, {detector}".lstrip(", ")
        yield Spectrum(
            said.get("sample") or name,
            "radiation",
            x,
            height,
            unit,
            "counts",
            True,
            f"{group.name} {detector}".strip(),
            said=said,
            doubts=doubts,
            results=tuple(results) if at == 0 else (),
            place=document.place,
        )


def _results(document: _Document, group: _Group) -> list[dict[str, Any]]:
    """Return findings, then measures, which decide nothing and so are inconclusive."""
    found = [*document.results.get(group.name, ()), *document.results.get("", ())][:MOST_RESULTS]
    measures: dict[str, float] = {}
    for kind, rate in sorted(group.rates.items()):
        if rate.time > 0:
            measures[f"{kind} counts/s"] = rate.counts / rate.time
            measures[f"{kind} counts/s, highest"] = rate.highest
        behind = document.background_rates.get(kind)
        if behind and behind.time > 0:
            measures[f"{kind} counts/s, background"] = behind.counts / behind.time
    if group.dose is not None:
        measures["dose rate µSv/h, highest"] = group.dose
    if group.occupied is not None:
        measures["occupied"] = float(group.occupied)
    return found + [_result(f"{MEASURE}{name}", "inconclusive", value) for name, value in measures.items()]


def _result(name: str, level: str, score: float | None) -> dict[str, Any]:
    return {"substance": None, "name": name, "level": level, "score": score}


def _peaks(total: _Sum, behind: _Sum | None) -> tuple[Floats, Floats]:
    """Return the channels of peaks above background, and their heights above what is beside them.

    Averaging over `WIDTH` channels divides the counting error by its root; the background's error, scaled by
    the live times, is added to it.
    """
    from scipy.signal import find_peaks

    scale = total.live / behind.live if behind and behind.live > 0 and total.live > 0 else 0.0
    under = behind.counts * scale if behind else np.zeros_like(total.counts)
    box = np.ones(WIDTH) / WIDTH
    net = np.convolve(total.counts - under, box, "same")
    error = np.sqrt(np.convolve(total.counts + scale * under, box, "same") / WIDTH + 1 / WIDTH**2)
    at, found = find_peaks(net, prominence=SIGMAS * error)
    return at.astype(np.float64), found["prominences"]


def _energy(
    document: _Document, calibration: str, channels: int, at: Floats
) -> tuple[str, Floats, tuple[str, ...]]:
    """Return unit and abscissa of channels: energies in keV, or the channels where nobody says them."""
    form, numbers = document.energies.get(calibration, ("", np.empty(0)))
    if form == "poly":
        energies: Floats = np.polynomial.polynomial.polyval(at, numbers).astype(np.float64)
    elif form == "edges" and len(numbers) in (channels, channels + 1):
        energies = np.interp(at, np.arange(len(numbers)), numbers)
    else:
        return "channel", at, ("no energy calibration: peaks are in channels",)
    if not np.isfinite(energies).all() or (np.diff(energies) < 0).any():
        return "channel", at, ("its energy calibration does not rise: peaks are in channels",)
    return "keV", energies, ()


# Elements of 2012.


def _instrument(document: _Document, element: etree._Element) -> None:
    made = (_text(element, "RadInstrumentManufacturerName"), _text(element, "RadInstrumentModelName"))
    _about(document, made, _text(element, "RadInstrumentIdentifier"))
    versions = [
        f"{_text(one, 'RadInstrumentComponentName')} {_text(one, 'RadInstrumentComponentVersion')}".strip()
        for one in element
        if local(one) == "RadInstrumentVersion"
    ]
    document.said["firmware"] = ", ".join(versions)


def _about(document: _Document, made: tuple[str, ...], serial: str) -> None:
    document.said["instrument"] = " ".join(filter(None, made))
    document.said["serial"] = serial


def _detector(document: _Document, element: etree._Element) -> None:
    document.kinds[element.get("id", "")] = _text(element, "RadDetectorCategoryCode").lower() or "gamma"


def _item(document: _Document, element: etree._Element) -> None:
    said = _text(element, "RadItemDescription") or _text(element, "ItemDescription")
    if said:
        document.said.setdefault("sample", said)
    if place := _text(element, "MeasurementLocationName") or _inside(element, "MeasurementLocationName"):
        document.said["place"] = place
    numbers = _numbers(_inside(element, "Coordinates"))
    if len(numbers) >= 2:
        _place(document, numbers[0], numbers[1])


def _calibration(document: _Document, element: etree._Element) -> None:
    name = element.get("id", "")
    if edges := _numbers(_text(element, "EnergyBoundaryValues")):
        document.energies[name] = "edges", np.array(edges[: MOST_CHANNELS + 1])
    elif numbers := _numbers(_text(element, "CoefficientValues")):
        document.energies[name] = "poly", np.array(numbers[:8])


def _measurement(document: _Document, element: etree._Element) -> None:
    sort = _text(element, "MeasurementClassCode").lower()
    real = _seconds(_text(element, "RealTimeDuration"))
    if sort == "background":
        group = None
    elif sort in CLASSES:
        names = element.get("radMeasurementGroupReferences", "").split()
        group = document.group(names[0] if names else "measurement")
        group.started = min(filter(None, (group.started, _text(element, "StartDateTime"))), default="")
    else:
        return
    for one in element:
        detector = one.get("radDetectorInformationReference", "")
        if local(one) == "Spectrum":
            counts = channels(_child(one, "ChannelData"))
            live = _seconds(_text(one, "LiveTimeDuration")) or real
            _add(document, group, detector, one.get("energyCalibrationReference", ""), counts, live)
            _count(document, group, document.kinds.get(detector, "gamma"), float(counts.sum()), real or live)
        elif local(one) == "GrossCounts":
            live = _seconds(_text(one, "LiveTimeDuration")) or real
            total = sum(_numbers(_text(one, "CountData")))
            _count(document, group, document.kinds.get(detector, "gamma"), total, live)
        elif group and local(one) == "DoseRate":
            _dose(group, _numbers(_text(one, "DoseRateValue")))
        elif group and local(one) == "OccupancyIndicator":
            group.occupied = bool(group.occupied) or text_of(one) in ("true", "1")
        elif local(one) == "RadInstrumentState":
            up, right = (_numbers(_inside(one, tag)) for tag in ("LatitudeValue", "LongitudeValue"))
            if up and right:
                _place(document, up[0], right[0])


# Elements of 2006.


def _instrument_2006(document: _Document, element: etree._Element) -> None:
    made = (_text(element, "Manufacturer"), _text(element, "InstrumentModel"))
    _about(document, made, _text(element, "InstrumentID"))
    document.said["firmware"] = _text(element, "InstrumentVersion")


def _group_2006(document: _Document, element: etree._Element) -> _Group:
    parent = element.getparent()
    while parent is not None and local(parent) != "Measurement":
        parent = parent.getparent()
    if document.parent is None or parent is not document.parent:
        document.parent, document.parents = parent, document.parents + 1
    return document.group(f"measurement {document.parents}")


def _spectrum_2006(document: _Document, element: etree._Element) -> None:
    sort = (_text(element, "SourceType") or element.get("SourceType", "")).lower()
    if sort != "background" and sort not in CLASSES:
        return
    counts = channels(_child(element, "ChannelData"))
    live = _seconds(_text(element, "LiveTime")) or _seconds(_text(element, "RealTime"))
    real = _seconds(_text(element, "RealTime")) or live
    detector = element.get("Detector", "") or _text(element, "DetectorType")
    group = None if sort == "background" else _group_2006(document, element)
    calibration = ""
    for one in element:
        if local(one) == "Calibration" and one.get("Type", "Energy").lower() == "energy":
            calibration = _calibration_2006(document, one) or calibration
    if group is not None:
        group.started = min(filter(None, (group.started, _text(element, "StartTime"))), default="")
    _add(document, group, detector, calibration, counts, live)
    _count(document, group, "gamma", float(counts.sum()), real)


def _calibration_2006(document: _Document, element: etree._Element) -> str:
    numbers = _numbers(_inside(element, "Coefficients"))
    if not numbers or _model(element) != "polynomial":
        return ""
    scale = 1_000.0 if element.get("EnergyUnits", "keV").lower() == "mev" else 1.0
    poly = np.array(numbers[:8]) * scale
    name = " ".join(f"{one:.9g}" for one in poly)
    document.energies[name] = "poly", poly
    return name


def _model(element: etree._Element) -> str:
    found = next((one for one in element.iter() if local(one) == "Equation"), None)
    return "" if found is None else found.get("Model", "Polynomial").lower()


def _counts_2006(document: _Document, element: etree._Element) -> None:
    kind = element.get("DetectorType", "gamma").lower()
    group = _group_2006(document, element)
    group.started = min(filter(None, (group.started, _text(element, "StartTime"))), default="")
    time = _seconds(_text(element, "SampleRealTime"))
    if numbers := _numbers(_text(element, "Counts")):
        _count(document, group, kind, sum(numbers), time)
    elif (numbers := _numbers(_text(element, "CountRate"))) and time:
        _count(document, group, kind, numbers[0] * time, time)
    dose = _child(element, "DoseRate")
    scale = DOSES.get((dose.get("Units") or "uSv/h").replace("µ", "u")) if dose is not None else None
    if scale and dose is not None:
        _dose(group, [one * scale for one in _numbers(text_of(dose))])


DOSES: Final = {"uSv/h": 1.0, "mSv/h": 1_000.0, "Sv/h": 1e6, "mrem/h": 10.0, "rem/h": 10_000.0}
"""Units of dose rates in µSv/h; 1 rem is 10 mSv."""


# Results of both years.


def _analysis(document: _Document, element: etree._Element) -> None:
    groups = element.get("radMeasurementGroupReferences", "").split()
    results = document.results.setdefault(groups[0] if groups else "", [])
    for one in element.iter():
        if len(results) >= MOST_RESULTS:
            break
        if local(one) == "RadAlarm":
            kind = _text(one, "RadAlarmCategoryCode").lower() or "unknown"
            active = _text(one, "RadAlarmActiveIndicator") in ("true", "1", "")
            results.append(_result(f"{RADIATION}{kind}", "presumptive" if active else "not-detected", None))
        elif local(one) == "Nuclide" and (name := _text(one, "NuclideName")):
            said = _text(one, "NuclideIdentifiedIndicator") not in ("false", "0")
            sure = _text(one, "NuclideIDConfidenceValue") or _text(one, "NuclideIDConfidenceIndication")
            score = next(iter(_numbers(sure)), None)
            results.append(_result(f"{NUCLIDE}{name}", "presumptive" if said else "not-detected", score))
    algorithm = [
        _text(element, "AnalysisAlgorithmName"),
        _inside(element, "AnalysisAlgorithmComponentVersion"),
    ]
    if any(algorithm):
        document.said["library"] = " ".join(filter(None, algorithm))


_READERS: Final = {
    "RadInstrumentInformation": _instrument,
    "RadDetectorInformation": _detector,
    "RadItemInformation": _item,
    "EnergyCalibration": _calibration,
    "RadMeasurement": _measurement,
    "InstrumentInformation": _instrument_2006,
    "MeasuredItemInformation": _item,
    "Spectrum": _spectrum_2006,
    "CountDoseData": _counts_2006,
    "AnalysisResults": _analysis,
}


def channels(element: etree._Element | None) -> Floats:
    """Return the counts of each channel. Raises `ValueError` for what is no list of counts.

    In counted zeroes (`compressionCode` of 2012, `Compression` of 2006) the number behind a zero says how
    many zeroes in a row it stands for.
    """
    if element is None:
        raise ValueError("it has no channel data")
    form = element.get("compressionCode") or element.get("Compression") or "None"
    numbers = np.array(_numbers(text_of(element)))
    if form.lower() not in ("none", "countedzeroes"):
        raise ValueError(f"its channels are compressed as {form[:40]!r}, which the standard does not have")
    if form.lower() == "countedzeroes":
        numbers = _inflated(numbers)
    if not len(numbers):
        raise ValueError("its channel data hold no number")
    if len(numbers) > MOST_CHANNELS:
        raise ValueError(f"it has {len(numbers):,} channels; at most {MOST_CHANNELS:,} are read")
    if not np.isfinite(numbers).all() or (numbers < 0).any():
        raise ValueError("its channels hold what are no counts: negative numbers, or none at all")
    return numbers


def _inflated(numbers: Floats) -> Floats:
    parts: list[Floats] = []
    total = at = 0
    while at < len(numbers):
        many = 1
        if numbers[at] == 0:
            if at + 1 == len(numbers) or not 1 <= numbers[at + 1] <= MOST_CHANNELS or numbers[at + 1] % 1:
                raise ValueError("a zero of its counted zeroes is not followed by how many there are")
            many = int(numbers[at + 1])
            parts.append(np.zeros(many))
            at += 2
        else:
            parts.append(numbers[at : at + 1])
            at += 1
        total += many
        if total > MOST_CHANNELS:
            raise ValueError(f"its counted zeroes make more than {MOST_CHANNELS:,} channels")
    return np.concatenate(parts) if parts else np.empty(0)


def _add(
    document: _Document, group: _Group | None, detector: str, calibration: str, counts: Floats, live: float
) -> None:
    sums = document.background if group is None else group.sums
    if len(sums) >= MOST_GROUPS and (detector, calibration, len(counts)) not in sums:
        raise ValueError(f"it has more than {MOST_GROUPS:,} detectors and calibrations")
    one = sums.setdefault((detector, calibration, len(counts)), _Sum(np.zeros(len(counts))))
    one.counts = one.counts + counts
    one.live += live


def _count(document: _Document, group: _Group | None, kind: str, counts: float, time: float) -> None:
    rates = document.background_rates if group is None else group.rates
    rates.setdefault(kind, _Rate()).add(counts, time)


def _dose(group: _Group, numbers: list[float]) -> None:
    if numbers and numbers[0] >= 0:
        group.dose = max(numbers[0], group.dose or 0.0)


def _place(document: _Document, latitude: float, longitude: float) -> None:
    if abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude or longitude):
        document.place = latitude, longitude


def _seconds(text: str) -> float:
    """Return a duration of ISO 8601 in seconds; 0 where it is none."""
    found = _DURATION.fullmatch(text.strip())
    try:
        days, hours, minutes, seconds = (float(one or 0) for one in found.groups()) if found else (0.0,) * 4
    except ValueError:
        return 0.0
    total = 86_400 * days + 3_600 * hours + 60 * minutes + seconds
    return total if np.isfinite(total) else 0.0


def _numbers(text: str) -> list[float]:
    """Return the numbers of a list. Raises `ValueError`."""
    return [float(one) for one in re.split(r"[\s,;]+", text.strip()) if one]


def _child(element: etree._Element, tag: str) -> etree._Element | None:
    return next((one for one in element if local(one) == tag), None)


def _text(element: etree._Element, tag: str) -> str:
    return text_of(_child(element, tag))


def _inside(element: etree._Element, tag: str) -> str:
    return text_of(next((one for one in element.iter() if local(one) == tag), None))
