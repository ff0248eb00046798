"""Mass spectra as mzML 1.0 and 1.1, indexed or not, read in constant memory.

The standard of the Proteomics Standards Initiative (L. Martens et al., Molecular and Cellular Proteomics 10,
2011, R110.000133); what things are is said by terms of its controlled vocabulary, `MS:…`, some by way of
groups of parameters. The index is not needed and not believed. MS-Numpress is refused with a sentence.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

import numpy as np
from lxml import etree

from watchfloor.formats.base import Fault, Head
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.names import stem
from watchfloor.formats.lab.spectra.points import Floats, NoPointsError, is_peak_list, points
from watchfloor.formats.xml_limits import elements, head_text, local

MZ, INTENSITY = "MS:1000514", "MS:1000515"
WAVELENGTH: Final = "MS:1000617"
CENTROID, PROFILE = "MS:1000127", "MS:1000128"
SELECTED, PRECURSOR_MZ = "MS:1000744", "MS:1000040"
ENERGY: Final = "MS:1000045"
SERIAL: Final = "MS:1000529"
_SAID: Final = {
    "MS:1000511": "ms level",
    "MS:1000016": "scan start time",
    "MS:1000129": "polarity",
    "MS:1000130": "polarity",
    "MS:1000504": "base peak m/z",
    "MS:1000285": "total ion current",
    "MS:1000512": "filter string",
    "MS:1000796": "title",
}
_ABOUT: Final = ("referenceableParamGroup", "instrumentConfiguration", "instrument", "sample", "software")
Terms = dict[str, tuple[str, str, str]]
"""Name, value and unit by accession."""


class Facts:
    """Facts before the spectra: groups of parameters, and the instrument."""

    def __init__(self) -> None:
        self.groups: dict[str, Terms] = {}
        self.said: dict[str, str] = {}
        self.technique = "ms"

    def hear(self, element: etree._Element) -> None:
        """Keep what an element says."""
        kind = local(element)
        if kind == "referenceableParamGroup":
            self.groups[element.get("id", "")] = self.terms(element)
        elif kind == "sample":
            self.said.setdefault("sample", element.get("name", "") or element.get("id", ""))
        elif kind == "software":
            version = element.get("version") or ""
            self.said.setdefault("software", f"{element.get('id', '')} {version}".strip())
        else:
            self._instrument(element)

    def _instrument(self, element: etree._Element) -> None:
        own = self.terms(element)
        if SERIAL in own:
            self.said.setdefault("serial", own[SERIAL][1])
        model = next((name for key, (name, value, _) in own.items() if key != SERIAL and not value), "")
        if model:
            self.said.setdefault("instrument", model)
        names = " ".join(one.get("name", "").lower() for one in element.iter() if local(one) == "cvParam")
        if "direct analysis in real time" in names:
            self.technique = "dart-ms"
        elif "gas chromatograph" in names:
            self.technique = "gc-ms"

    def terms(self, element: etree._Element) -> Terms:
        """Terms of an element itself and of the groups that it refers to."""
        found: Terms = {}
        for child in element:
            kind = local(child)
            if kind == "cvParam":
                unit = child.get("unitName", "")
                found[child.get("accession", "")] = child.get("name", ""), child.get("value", ""), unit
            elif kind in ("referenceableParamGroupRef", "paramGroupRef"):
                found |= self.groups.get(child.get("ref", ""), {})
        return found


def sniff(head: Head) -> float:
    """Sure of an XML whose root is that of mzML."""
    text = head_text(head)[:4096]
    return 0.99 if "<mzML" in text or "<indexedmzML" in text else 0.0


Chromatogram = Callable[[etree._Element, Facts, str], Spectrum | Fault | None]
"""Reads one from its element, the facts before it and the file's name; None where it is not evidence."""


def read(stream: BinaryIO, name: str, chromatogram: Chromatogram | None = None) -> Iterator[Spectrum | Fault]:
    """Each spectrum, and a fault for each that cannot be decoded or is empty.

    Args:
        stream: the file.
        name: its name.
        chromatogram: reads a chromatogram; without it they are passed over.

    Raises:
        FormatError: the file is not XML of mzML.
    """
    about = Facts()
    wanted = (*_ABOUT, "spectrum", *(("chromatogram",) if chromatogram else ()))
    for one in elements(stream, name, wanted, ("mzML", "indexedmzML")):
        if isinstance(one, Fault):
            yield one
        elif local(one) == "spectrum":
            yield _read(one, about, name)
        elif local(one) == "chromatogram" and chromatogram:
            if found := chromatogram(one, about, name):
                yield found
        elif local(one) in _ABOUT:
            about.hear(one)


def _read(element: etree._Element, about: Facts, name: str) -> Spectrum | Fault:
    locator = f"spectrum {element.get('id') or element.get('index', '')}"
    try:
        return _spectrum(element, about, name, locator)
    except (ArrayError, NoPointsError) as error:
        return Fault(locator, f"{locator}: {error}", etree.tostring(element)[: 1 << 12])


def _spectrum(element: etree._Element, about: Facts, name: str, locator: str) -> Spectrum:
    terms = about.terms(element)
    doubts: list[str] = []
    found, _ = arrays(element, about, doubts, (MZ, INTENSITY, WAVELENGTH))
    x_term = MZ if MZ in found else WAVELENGTH
    if x_term not in found or INTENSITY not in found:
        raise NoPointsError("it holds no m/z or wavelength with an intensity to each")
    x, y = found[x_term], found[INTENSITY]
    if len(x) != len(y):
        raise ArrayError(f"it has {len(x):,} abscissas and {len(y):,} intensities, and needs one of each")
    unit = "m/z" if x_term == MZ else "nm"
    peaks = CENTROID in terms or (PROFILE not in terms and unit == "m/z" and is_peak_list(x))
    made = points(x, y, unit, counts=peaks and unit == "m/z")
    inner = _inner(element, about)
    said = about.said | _facts(terms | inner) | {"id": element.get("id", "")}
    if started := begun(element):
        said["date"] = started
    precursor = _float(inner, SELECTED) or _float(inner, PRECURSOR_MZ)
    return Spectrum(
        said.get("title") or f"{stem(name)} {element.get('id') or element.get('index', '')}".strip(),
        about.technique if unit == "m/z" else "uv-vis",
        made.x,
        made.y,
        unit,
        "intensity",
        peaks,
        locator,
        precursor=precursor,
        voltage=_energy(inner),
        said={key: text for key, text in said.items() if text},
        doubts=(*doubts, *made.doubts),
    )


def arrays(
    element: etree._Element, about: Facts, doubts: list[str], wanted: tuple[str, ...]
) -> tuple[dict[str, Floats], dict[str, str]]:
    """The wanted arrays of a spectrum or chromatogram by term, and their units. Raises `ArrayError`."""
    found: dict[str, Floats] = {}
    units: dict[str, str] = {}
    declared = element.get("defaultArrayLength", "")
    for array in _named(element, "binaryDataArray"):
        terms = about.terms(array)
        what = next((key for key in wanted if key in terms), None)
        if what is None:
            continue
        text = next((one.text or "" for one in array if local(one) == "binary"), "")
        found[what] = decoded(text, {key: term[0] for key, term in terms.items()})
        units[what] = terms[what][2]
        told = array.get("arrayLength") or declared
        if told.isdigit() and int(told) != len(found[what]) and not doubts:
            doubts.append(f"it says that it has {int(told):,} points; {len(found[what]):,} are there")
    return found, units


def begun(element: etree._Element) -> str:
    """When the run that a spectrum or chromatogram is of began, as written; empty where that is not said."""
    run = next((one for one in element.iterancestors() if local(one) == "run"), None)
    return run.get("startTimeStamp", "") if run is not None else ""


def _inner(element: etree._Element, about: Facts) -> Terms:
    """Terms of scans, precursors and what selected and broke them; of several the first's."""
    found: Terms = {}
    for kind in ("scan", "spectrumDescription", "precursor", "selectedIon", "ionSelection", "activation"):
        for one in _named(element, kind):
            found = about.terms(one) | found
    return found


def _facts(terms: Terms) -> dict[str, str]:
    said = {}
    for key, label in _SAID.items():
        if key in terms:
            name, value, unit = terms[key]
            said[label] = f"{value or name} {unit}".strip()
    return said


def _energy(terms: Terms) -> float | None:
    """Collision energy in electronvolts; a normalised one is none."""
    if ENERGY not in terms or "percent" in terms[ENERGY][2]:
        return None
    return _float(terms, ENERGY)


def _float(terms: Terms, key: str) -> float | None:
    try:
        value = float(terms[key][1]) if key in terms else 0.0
    except ValueError:
        return None
    return value if 0 < value < 1e6 else None


def _named(element: etree._Element, kind: str) -> Iterator[Any]:
    return (one for one in element.iter() if local(one) == kind)


# Binary arrays of mzML: base64, perhaps compressed, of floats or integers, and no larger than allowed.


MAX_BYTES: Final = 1 << 27
"""Bytes of one array; what inflates to more is a bomb, or no spectrum."""
TYPES: Final = {
    "MS:1000521": "<f4",
    "MS:1000523": "<f8",
    "MS:1000519": "<i4",
    "MS:1000522": "<i8",
    "MS:1000520": "<f2",
}
ZLIB, PLAIN = "MS:1000574", "MS:1000576"
OTHERS: Final = re.compile(r"numpress|zstd|compression|truncation|delta|linear prediction", re.IGNORECASE)
"""Names of compressions; those that are not zlib are not read."""


class ArrayError(ValueError):
    """An array that cannot be decoded; the message says why."""


def decoded(text: str, terms: dict[str, str]) -> Floats:
    """The numbers of one array.

    Args:
        text: its base64.
        terms: accession and name of each of its controlled terms.

    Raises:
        ArrayError: it is damaged, too large, or compressed in a way that is not read.
    """
    other = [name for key, name in terms.items() if key not in (ZLIB, PLAIN) and OTHERS.search(name)]
    if other:
        raise ArrayError(
            f"its numbers are packed by {other[0]!r}, which is not read: export it with zlib or none"
        )
    kind = next((TYPES[key] for key in TYPES if key in terms), None)
    if kind is None:
        raise ArrayError("it does not say what sort of numbers it holds")
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ArrayError(f"its base64 is damaged: {error}") from error
    if ZLIB in terms:
        raw = _inflated(raw)
    width = int(kind[-1])
    if len(raw) % width:
        raise ArrayError(
            f"it has {len(raw):,} bytes, which are no whole numbers of {width} bytes: it was cut"
        )
    return np.frombuffer(raw, kind).astype(np.float64)


def _inflated(raw: bytes) -> bytes:
    inflate = zlib.decompressobj()
    try:
        out = inflate.decompress(raw, MAX_BYTES)
    except zlib.error as error:
        raise ArrayError(f"its zlib data are damaged: {error}") from error
    if inflate.unconsumed_tail:
        raise ArrayError(f"it inflates to more than {MAX_BYTES:,} bytes, which no spectrum has")
    if not inflate.eof and raw:
        raise ArrayError("its zlib data break off: it was cut")
    return out
