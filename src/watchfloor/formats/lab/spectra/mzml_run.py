"""All of an mzML file that is evidence: its spectra, as `mzml` reads them, and its chromatograms as profiles.

Of chromatograms those of a detector or of all ions are read; pressures, flows and single transitions are
left out. mzML has no table of peaks, so they are integrated here, and it names no method, so these profiles
have no `procedure`. An indexed file states the SHA-1 of its bytes up to and with `<fileChecksum>`: where that
is another, every reading of the file bears `checksum-wrong`.
"""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha1
from typing import BinaryIO, Final

from lxml import etree

from watchfloor.formats.base import Fault
from watchfloor.formats.lab.reading_quality import CHECKSUM_WRONG
from watchfloor.formats.lab.spectra import mzml
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.chromatogram import UNITS, integrated, profile
from watchfloor.formats.lab.spectra.names import stem
from watchfloor.formats.lab.spectra.points import NoPointsError, points

TIME: Final = "MS:1000595"
TOTAL_IONS: Final = "MS:1000235"
DETECTORS: Final = ("MS:1000812", "MS:1000813", "MS:1000811")
"""Chromatograms of absorption, of emission, and of light as such."""
BLOCK: Final = 1 << 20
TAIL: Final = 1 << 12
MARK: Final = b"<fileChecksum>"

sniff = mzml.sniff


def read(stream: BinaryIO, name: str) -> Iterator[Spectrum | Fault]:
    """Each spectrum and each profile, and a fault for each that cannot be decoded or is empty.

    Args:
        stream: the file, which can seek.
        name: its name.

    Raises:
        FormatError: the file is not XML of mzML.
    """
    flags = () if checksum_holds(stream) else (CHECKSUM_WRONG,)
    for one in mzml.read(stream, name, chromatogram):
        yield replace(one, doubts=(*one.doubts, *flags)) if flags and isinstance(one, Spectrum) else one


def checksum_holds(stream: BinaryIO) -> bool:
    """Whether a file has the SHA-1 that it states, or states none; the stream is left where it was."""
    start = stream.tell()
    end = stream.seek(0, 2)
    tail = max(start, end - TAIL)
    stream.seek(tail)
    last = stream.read()
    at = last.rfind(MARK)
    stream.seek(start)
    if at < 0:
        return True
    stated = last[at + len(MARK) :].partition(b"<")[0].strip().lower()
    left, digest = tail + at + len(MARK) - start, sha1(usedforsecurity=False)
    while left and (block := stream.read(min(left, BLOCK))):
        digest.update(block)
        left -= len(block)
    stream.seek(start)
    return digest.hexdigest().encode() == stated


def chromatogram(element: etree._Element, about: mzml.Facts, name: str) -> Spectrum | Fault | None:
    """The profile of a chromatogram; None for one that is none of a detector."""
    terms = about.terms(element)
    if not terms.keys() & {TOTAL_IONS, *DETECTORS}:
        return None
    locator = f"chromatogram {element.get('id') or element.get('index', '')}"
    doubts: list[str] = []
    try:
        arrays, units = mzml.arrays(element, about, doubts, (TIME, mzml.INTENSITY))
        if TIME not in arrays or len(arrays[TIME]) != len(arrays.get(mzml.INTENSITY, ())):
            raise NoPointsError("it holds no time with an intensity to each")
        if (unit := units[TIME].lower()) not in UNITS:
            raise NoPointsError(f"its times are in {unit[:40]!r}, which is neither seconds nor minutes")
        made = points(arrays[TIME] * UNITS[unit], arrays[mzml.INTENSITY], "min", counts=False)
        return profile(
            integrated(made.x, made.y),
            made.y,
            name=f"{stem(name)} {element.get('id') or ''}".strip(),
            technique=_technique(about, TOTAL_IONS in terms),
            locator=locator,
            said=about.said | {"date": mzml.begun(element)},
            doubts=(*doubts, *made.doubts),
        )
    except (mzml.ArrayError, NoPointsError) as error:
        return Fault(locator, f"{locator}: {error}", etree.tostring(element)[: 1 << 12])


def _technique(about: mzml.Facts, ions: bool) -> str:
    """The technique: of gas or liquid chromatography only where the file's instrument says which."""
    if ions:
        return about.technique if about.technique != "ms" else ""
    return "gc" if about.technique == "gc-ms" else ""
