"""Spectra and chromatograms as wire formats: what their files look like, and how they become readings."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Final

from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.lazy_import import Later

if TYPE_CHECKING:
    from watchfloor.formats.lab.spectra.reading import SpectraStatement

READERS: Final[Mapping[str, tuple[str, bytes, float]]] = {
    "jcamp-dx": ("jcamp", rb"(?i)##\s*TITLE\s*=|\A(?:\xff\xfe|\xfe\xff)", 1.0),
    "mzml": ("mzml_run", rb"mzML|\A(?:\xff\xfe|\xfe\xff)", 1.0),
    "andi": ("andi", rb"\ACDF[\x01\x02\x05]", 1.0),
    "n42": ("n42", rb"RadInstrumentData|N42InstrumentData|\A(?:\xff\xfe|\xfe\xff)", 1.0),
    "spc": ("spc", rb"\A.[\x4b-\x4d]", 1.0),
    "msp": ("msp", rb"(?i)num\s*peaks\s*:", 1.0),
    "mgf": ("mgf", rb"(?i)BEGIN IONS", 1.0),
    "spectrum-csv": ("instrument_csv", rb"[\t;, ]", 0.4),
    "spectrum-text": ("plain", rb"\d", 0.1),
}
"""By name: the module that reads it, what the start of every such file holds, how much its `sniff` counts.

Two columns of numbers may be anything: nobody takes them for a spectrum who was not told that they are one.
"""


def _sniff(name: str, head: Head) -> float:
    module, hint, believed = READERS[name]
    if not re.search(hint, head.data, re.DOTALL):
        return 0.0
    return believed * float(Later(f"lab.spectra.{module}", "sniff")(head))


def _read(
    name: str, stream: BinaryIO, file: str, told: "SpectraStatement | None" = None
) -> Iterator[Batch | Fault]:
    from watchfloor.formats.lab.spectra.reading import SpectraStatement, read

    return read(READERS[name][0], told or SpectraStatement(), stream, file)


FORMATS: Final = tuple(
    Format(name, ("reading",), partial(_sniff, name), partial(_read, name)) for name in READERS
)
