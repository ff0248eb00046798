"""Orbits of satellites: two-line elements, OMM (XML, KVN, JSON, CSV) and OEM (KVN, XML).

`read_elements` recognises the form by what stands in the file, whatever its name. Each piece that cannot be
read is a fault with its line; the rest is read.
"""

from pathlib import Path
from typing import Final

from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.orbits import oem, omm, tle
from watchfloor.formats.orbits.elements import Elements, Ephemeris, Orbits

__all__ = ["Elements", "Ephemeris", "Orbits", "parse", "read_elements"]

LARGEST: Final = 256 << 20
"""Bytes of a file; the whole catalogue as OMM in XML has some 60 MB."""


def read_elements(path: Path) -> Orbits:
    """Read a file of elements or ephemerides.

    Raises:
        FormatError: it is none, or too large.
        OSError: it cannot be read.
    """
    if path.stat().st_size > LARGEST:
        raise FormatError(f"{path.name} has more than {LARGEST >> 20} MB: part it")
    return parse(path.read_bytes(), path.name)


def parse(data: bytes, name: str) -> Orbits:
    """Read what a file holds; see `read_elements`."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = data.decode(encoding, "replace")
    start = text.lstrip()[:4096]
    if start.startswith("<"):
        said = omm.read_xml if "<oem" not in start else oem.read_xml
        found = [*said(data, name)]
    elif start.startswith(("{", "[")):
        found = [*omm.read_json(text.encode(errors="replace"))]
    elif "CCSDS_OEM_VERS" in start:
        found = [*oem.read_kvn(text.splitlines())]
    elif "CCSDS_OMM_VERS" in start or "\nEPOCH" in text[: 1 << 16].replace(" ", ""):
        found = [*omm.read_kvn(text.splitlines())]
    elif "NORAD_CAT_ID" in start.upper().partition("\n")[0]:
        found = [*omm.read_csv(text)]
    elif tle.looks_like(text):
        found = [*tle.read(text.splitlines())]
    else:
        raise FormatError("it is no TLE, OMM or OEM: it has neither two lines of elements nor their keywords")
    if not found:
        raise FormatError("it has the keywords of elements, and no satellite")
    return Orbits(
        tuple(one for one in found if isinstance(one, Elements)),
        tuple(one for one in found if isinstance(one, Ephemeris)),
        tuple(one for one in found if isinstance(one, Fault)),
    )
