"""Fragment spectra as Mascot Generic Format: `BEGIN IONS`, labels, peaks, `END IONS`.

Matrix Science, "Data file format", with the labels that GNPS and MassIVE add. Read in constant memory.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.names import stem
from watchfloor.formats.lab.spectra.points import NoPointsError, points
from watchfloor.formats.lab.spectra.text import cas, fault, inchikey, lines, number, voltage

_BEGIN: Final = re.compile(rb"^BEGIN IONS\s*$", re.MULTILINE | re.IGNORECASE)
_LABEL: Final = re.compile(r"([A-Za-z][\w #.-]{0,60})=(.*)")
COMMENT: Final = ("#", ";", "!", "/")
MAX_PEAKS: Final = 1 << 22


@dataclass(slots=True)
class _Ions:
    """One block as it is read."""

    line: int
    said: dict[str, str] = field(default_factory=dict)
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)

    def add(self, at: int, line: str) -> None:
        """A label or a peak; a peak's charge is not kept."""
        if label := _LABEL.fullmatch(line):
            self.said.setdefault(label[1].strip().upper(), label[2].strip())
            return
        first = [number(one) for one in line.split()[:2]]
        if len(first) < 2 or first[0] is None or first[1] is None or len(self.x) >= MAX_PEAKS:
            self.wrong.append((at, line))
        else:
            self.x.append(first[0])
            self.y.append(first[1])


def sniff(head: Head) -> float:
    """Sure where a block begins."""
    return 0.97 if _BEGIN.search(head.data) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Spectrum | Fault]:
    """Each block, and a fault for what is none.

    Raises:
        FormatError: no block begins.
    """
    everywhere: dict[str, str] = {}
    ions: _Ions | None = None
    some = False
    for at, line in lines(stream):
        bare = line.strip().removeprefix("\ufeff")
        if not bare or bare.startswith(COMMENT):
            continue
        if bare.upper() == "BEGIN IONS":
            if ions:
                yield from _made(ions, name, ended=False)
            ions, some = _Ions(at, dict(everywhere)), True
        elif bare.upper() == "END IONS":
            if ions:
                yield from _made(ions, name)
            ions = None
        elif ions:
            ions.add(at, bare)
        elif label := _LABEL.fullmatch(bare):
            everywhere[label[1].strip().upper()] = label[2].strip()
    if not some:
        raise FormatError(f"{name} holds no block that begins with 'BEGIN IONS': it is no MGF file")
    if ions:
        yield from _made(ions, name, ended=False)


def _made(ions: _Ions, name: str, ended: bool = True) -> Iterator[Spectrum | Fault]:
    said = ions.said
    title = said.get("NAME") or said.get("TITLE") or stem(name)
    for line, text in ions.wrong:
        yield fault(line, f"{text[:60]!r} is no peak of {title}", text, partly=True)
    try:
        made = points(ions.x, ions.y, "m/z", counts=True)
    except NoPointsError as error:
        yield fault(ions.line, f"{title}: {error}", f"TITLE={title}")
        return
    given, wrong = cas(said.get("CAS", said.get("CASNUMBER", "")))
    cut = () if ended else ("it has no END IONS: the file may be cut",)
    mass = re.split(r"[\s,]+", said.get("PEPMASS", said.get("PRECURSOR_MZ", "")))[0]
    precursor = number(mass) if mass else None
    yield Spectrum(
        title,
        "ms",
        made.x,
        made.y,
        "m/z",
        "intensity",
        True,
        f"line {ions.line}",
        cas=given,
        inchikey=inchikey(said.get("INCHIKEY", said.get("INCHIAUX", ""))),
        formula=said.get("FORMULA") or None,
        precursor=precursor if precursor and 0 < precursor < 1e6 else None,
        voltage=voltage(said.get("COLLISION_ENERGY", said.get("VOLTAGE", ""))),
        said={key: text for key, text in said.items() if text},
        doubts=(*((wrong,) if wrong else ()), *cut, *made.doubts),
    )
