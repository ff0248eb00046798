"""Spectra as JCAMP-DX 4.24 to 6: infrared, Raman, UV, NMR, mass and ion mobility spectra, and their FIDs.

R. S. McDonald and P. A. Wilks, Applied Spectroscopy 42, 1988, 151 (the form itself, infrared); A. N. Davies
and P. Lampen, ibid. 47, 1993, 1093 (NMR, NTUPLES); P. Lampen et al., ibid. 48, 1994, 1545 (mass spectra);
J. I. Baumbach et al., Pure and Applied Chemistry 73, 2001, 1765 (ion mobility). Every table and every page of
NTUPLES is a spectrum of its own; blocks without a table, such as structures, are none.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.charset import detect
from watchfloor.formats.spectra import jcamp_words
from watchfloor.formats.spectra.base import Spectrum
from watchfloor.formats.spectra.jcamp_blocks import Block, blocks, value
from watchfloor.formats.spectra.jcamp_table import Table, table
from watchfloor.formats.spectra.names import stem
from watchfloor.formats.spectra.points import NoPointsError, is_peak_list, points
from watchfloor.formats.spectra.text import MAX_RAW, cas, inchikey, voltage

MAX_BYTES: Final = 1 << 29
_START: Final = re.compile(rb"(?:\s|\xef\xbb\xbf|\$\$[^\r\n]*[\r\n])*##\s*TITLE\s*=", re.IGNORECASE)
_INDENTED: Final = re.compile(rb"\n[ \t]+##")
_MASSES: Final = ("ms", "gc-ms", "lc-ms", "dart-ms")
_VOLTS: Final = (
    *("$VOLTAGE", "$CONEVOLTAGE", "$ORIFICEVOLTAGE", "$COLLISIONENERGY"),
    *(".CONEVOLTAGE", ".COLLISIONENERGY"),
)


def sniff(head: Head) -> float:
    """Sure of a file whose first labelled record is its title."""
    return 0.99 if _START.match(_utf8(head.data)) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Spectrum | Fault]:
    """Each table, block by block, and a fault for each without a point.

    Raises:
        FormatError: the file has no labelled record, is too large, or holds no table.
    """
    data = whole(stream, name)
    some = False
    for found in tables(data):
        some = True
        yield spectrum(*found, stem(name))
    if not some:
        raise FormatError(f"{name} holds no table of numbers: it is no spectrum of JCAMP-DX")


def whole(stream: BinaryIO, name: str) -> bytes:
    """The file as UTF-8 or an encoding like it, its lines ended by line feeds."""
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise FormatError(f"{name} is larger than {MAX_BYTES:,} bytes, which no spectrum of JCAMP-DX is")
    data = _utf8(data)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data[:1].isspace() or b" ##" in data or b"\t##" in data:
        data = _INDENTED.sub(b"\n##", data.lstrip())
    if b"##" not in data:
        raise FormatError(f"{name} has no labelled record such as ##TITLE=: it is no JCAMP-DX")
    return data


def tables(data: bytes) -> Iterator[tuple[Block, Table]]:
    """Every table with its block; assignments of peaks only where the block has nothing else."""
    line = at = 0
    for block in blocks(data):
        measured = [one for one in block.tables if "ASSIGN" not in one[0].label]
        for record, page in measured or block.tables:
            line, at = (line, at) if record.start >= at else (0, 0)
            line += data.count(b"\n", at, record.start)
            at = record.start
            yield block, table(block, record, page, line + 1)


def spectrum(block: Block, found: Table, name: str) -> Spectrum | Fault:
    """A table as a spectrum; one without a point as a fault."""
    x_unit = jcamp_words.x_unit(found.says.x_unit)
    kind = block.text("DATATYPE") or block.text("NTUPLES")
    inlet = f"{block.text('.INLET')} {block.text('.IONIZATIONMODE')}"
    method = jcamp_words.technique(kind, x_unit, inlet)
    if method in _MASSES and not x_unit:
        x_unit = "m/z"
    peaks = found.peaks or (method in _MASSES and is_peak_list(found.x))
    title = block.text("TITLE").split("\n")[0] or name
    locator = f"line {found.line}"
    try:
        made = points(found.x, found.y, x_unit, counts=peaks and method in _MASSES)
    except NoPointsError as error:
        return Fault(locator, f"{title}: {error}", block.data[block.at : block.at + MAX_RAW])
    number, wrong = cas(_single(block.text("CASREGISTRYNO")))
    extra = {"page": found.says.page, "symbol": found.says.symbol, **_assigned(block)}
    return Spectrum(
        title,
        method,
        made.x,
        made.y,
        x_unit,
        jcamp_words.y_unit(found.says.y_unit),
        peaks,
        locator,
        cas=number,
        inchikey=inchikey(block.text("$INCHIKEY") or block.text(".INCHIKEY")),
        precursor=_precursor(block) if method in _MASSES else None,
        voltage=_voltage(block) if method in _MASSES else None,
        formula=re.sub(r"[\s^]", "", block.text("MOLFORM")) or None,
        said={**block.said(), **{key: text for key, text in extra.items() if text}},
        doubts=(*found.doubts, *((wrong,) if wrong else ()), *made.doubts),
    )


def _assigned(block: Block) -> dict[str, str]:
    """Assignments of peaks, which stand beside what was measured."""
    notes = (record for record, _ in block.tables if "ASSIGN" in record.label)
    return {record.written: value(block.data, record) for record in notes}


def _voltage(block: Block) -> float | None:
    """Of cone, orifice or collision; JCAMP-DX has no label of its own for it."""
    return next((volts for label in _VOLTS if (volts := voltage(block.text(label)))), None)


def _precursor(block: Block) -> float | None:
    found = block.number("$PRECURSORMZ") or block.number(".PRECURSORMZ")
    return found if found and 0 < found < 1e6 else None


def _single(text: str) -> str:
    """The value, where it is one: a mixture states several numbers."""
    return "" if "\n" in text else text


def _utf8(data: bytes) -> bytes:
    """Bytes of UTF-16 or UTF-32 as UTF-8; others as they are, without a mark."""
    charset = detect(data[:4096])
    data = data[charset.skip :]
    wide = charset.encoding.startswith(("utf-16", "utf-32"))
    return data.decode(charset.encoding, "replace").encode() if wide else data
