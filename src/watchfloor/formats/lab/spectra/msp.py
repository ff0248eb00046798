"""Mass spectra as NIST MSP: one or many to a file, read in constant memory, and written.

A record begins with `Name:` and its peaks follow `Num Peaks:`, split by `;` or line ends. Dialects of NIST,
MassBank, MoNA and MS-DIAL are read; the labels they share are spelt in many ways. The format as NIST
describes it: NIST MS Search user guide, appendix "Text file formats".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO, Final

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.points import NoPointsError, points
from watchfloor.formats.lab.spectra.text import NUMBER, cas, fault, inchikey, lines, number, voltage

_LABEL: Final = re.compile(r"\s*([A-Za-z][\w #/$.()-]{0,60}?)\s*[:=]\s?(.*)")
_COUNT: Final = "numpeaks"
_ALSO: Final = re.compile(r";\s*(NIST#|DB#|CAS#)\s*:\s*", re.IGNORECASE)
_DIGITS: Final = r"\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
_PLAIN: Final = re.compile(rf"(?:\s*{_DIGITS}\s+{_DIGITS}\s*(?:;\s*|$))+")
"""A line of nothing but peaks, `41 9; 42 73;`, as nearly all are."""
_NOTE: Final = re.compile(r"\"[^\"]*\"?")
_COMMENT_CAS: Final = re.compile(
    r"\bcas(?:\s*(?:number|no|rn|#))?\s*[=:]\s*(\d{2,7}-\d\d-\d)\b", re.IGNORECASE
)
_TECHNIQUES: Final = (("dart", "dart-ms"), ("gc", "gc-ms"), ("ei", "gc-ms"), ("lc", "lc-ms"))
MAX_PEAKS: Final = 1 << 22
"""Peaks of one record that are kept; no instrument has more."""


@dataclass(slots=True)
class _Record:
    """One record as it is read: its labels, and peaks once their count has been named."""

    line: int
    said: dict[str, str] = field(default_factory=dict)
    count: str | None = None
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)
    plain: dict[str, str] = field(default_factory=dict)

    def label(self, label: str, value: str) -> None:
        """Keep what a line says; a label that comes again is joined."""
        key = "Name" if label.lower() == "name" else label
        first, *more = _ALSO.split(value)
        self.said[key] = f"{self.said[key]}; {first.strip()}" if key in self.said else first.strip()
        self.said.update(zip(more[::2], (text.strip() for text in more[1::2]), strict=True))

    def peaks(self, line: int, text: str) -> None:
        """Keep the peaks of a line."""
        if _PLAIN.fullmatch(text) and len(self.x) < MAX_PEAKS:
            values = list(map(float, text.replace(";", " ").split()))
            self.x += values[::2]
            self.y += values[1::2]
            return
        for piece in _NOTE.sub(" ", text).split(";"):
            if not (bare := piece.strip(" \t,")):
                continue
            found = _pairs(bare)
            if found is None or len(self.x) + len(found) > MAX_PEAKS:
                self.wrong.append((line, bare))
                continue
            for x, y in found:
                self.x.append(x)
                self.y.append(y)

    def get(self, *names: str) -> str:
        """The value of the first of these labels that there is; they are told apart by letters and digits."""
        if len(self.plain) != len(self.said):
            self.plain = {_plain(key): value for key, value in self.said.items()}
        return next((self.plain[name] for name in names if self.plain.get(name)), "")


def sniff(head: Head) -> float:
    """Sure of a record that begins with its name and counts its peaks."""
    start = head.data.decode("utf-8-sig", "replace").lstrip()
    if not re.match(r"(?:name|synon|comments?|#)\s*[:#]?", start, re.IGNORECASE):
        return 0.0
    named = re.search(r"^name\s*:", start, re.IGNORECASE | re.MULTILINE)
    return 0.98 if named and re.search(r"^num\s*peaks\s*:", start, re.IGNORECASE | re.MULTILINE) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Spectrum | Fault]:
    """Each record, and a fault for what is none.

    Raises:
        FormatError: no record begins.
    """
    record: _Record | None = None
    for at, line in lines(stream):
        bare = line.strip().removeprefix("\ufeff")
        label = _LABEL.fullmatch(bare)
        if label and _plain(label[1]) == "name":
            if record:
                yield from _made(record)
            record = _Record(at)
        if record is None or not bare or (bare.startswith("#") and record.count is None):
            continue
        if label and _plain(label[1]) == _COUNT:
            record.count = label[2].strip()
        elif label and not bare[0].isdigit():
            record.label(label[1], label[2])
        elif record.count is not None:
            record.peaks(at, bare)
        else:
            record.wrong.append((at, bare))
    if record is None:
        raise FormatError(f"{name} holds no record that begins with 'Name:': it is no MSP file")
    yield from _made(record)


def write(spectra: Iterable[Spectrum], out: BinaryIO) -> None:
    """Spectra of masses as one MSP file; `read` gives their points, names and numbers back."""
    for one in spectra:
        facts = {
            "Name": one.name,
            "InChIKey": one.inchikey,
            "Formula": one.formula,
            "CAS#": one.cas,
            "PrecursorMZ": None if one.precursor is None else repr(one.precursor),
            "Collision_energy": None if one.voltage is None else f"{one.voltage:g} V",
            "Technique": one.technique or None,
        }
        facts |= {key: text for key, text in one.said.items() if key not in facts and _writable(key)}
        rows = [f"{key}: {_one_line(value)}" for key, value in facts.items() if value is not None]
        rows.append(f"Num Peaks: {len(one.x)}")
        rows += [f"{x!r} {y!r}" for x, y in zip(one.x.tolist(), one.y.tolist(), strict=True)]
        out.write("\n".join([*rows, "", ""]).encode())


def _writable(key: str) -> bool:
    label = _LABEL.fullmatch(f"{key}: x")
    return bool(label) and _plain(key) not in ("name", _COUNT)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _made(record: _Record) -> Iterator[Spectrum | Fault]:
    name = record.said.get("Name", "")
    for line, text in record.wrong:
        yield fault(line, f"{text[:60]!r} is no peak of {name or 'a record'}", text, partly=True)
    try:
        yield _spectrum(record, name)
    except NoPointsError as error:
        yield fault(record.line, f"{name or 'a record'}: {error}", f"Name: {name}")


def _spectrum(record: _Record, name: str) -> Spectrum:
    made = points(record.x, record.y, "m/z", counts=True)
    given = record.get("cas", "casno", "casrn", "casnumber")
    if not given and (found := _COMMENT_CAS.search(record.get("comments", "comment"))):
        given = found[1]
    number_, wrong = cas(given)
    doubts = [*_counted(record), *((wrong,) if wrong else ()), *made.doubts]
    if not name:
        doubts.append("it has no name")
    return Spectrum(
        name,
        _technique(record),
        made.x,
        made.y,
        "m/z",
        "intensity",
        True,
        f"line {record.line}",
        cas=number_,
        inchikey=inchikey(record.get("inchikey")),
        formula=record.get("formula", "molecularformula") or None,
        precursor=_positive(record.get("precursormz", "precursormass", "pepmass")),
        voltage=voltage(record.get("collisionenergy", "ce", "voltage", "conevoltage", "orificevoltage")),
        said={key: value for key, value in record.said.items() if key != "Name" and value},
        doubts=tuple(doubts),
    )


def _counted(record: _Record) -> Iterator[str]:
    """A doubt where the count is not that of the peaks, or is none."""
    found, told = len(record.x), record.count
    if told is None:
        yield "it does not say how many peaks it has"
    elif not re.fullmatch(r"\d{1,9}", told) or int(told) != found:
        yield f"it says that it has {told[:20]} peaks; {found:,} are there"


def _technique(record: _Record) -> str:
    """Of `GC-EI-TOF`, `LC-ESI-QTOF`, `DART`; a spectrum of masses in any case."""
    stated = record.get("technique").lower()
    if stated in ("dart-ms", "gc-ms", "lc-ms", "ms"):
        return stated
    kind = record.get("instrumenttype", "ionization", "source").lower()
    words = re.split(r"[^a-z]+", kind)
    return next((method for word, method in _TECHNIQUES if word in words), "ms")


def _pairs(text: str) -> list[tuple[float, float]] | None:
    """The peaks of a piece without `;`: pairs of numbers; what stands behind a first pair may be a note."""
    numbers = [number(one) for one in re.split(r"[\s,:()]+", text.strip("() ")) if one]
    if len(numbers) < 2 or numbers[0] is None or numbers[1] is None:
        return None
    if len(numbers) % 2 or None in numbers:
        return [(numbers[0], numbers[1])]
    whole = [one for one in numbers if one is not None]
    return list(zip(whole[::2], whole[1::2], strict=True))


def _positive(text: str) -> float | None:
    match = re.match(NUMBER, text)
    return float(match[0]) if match and 0 < float(match[0]) < 1e6 else None


@lru_cache(1024)
def _plain(label: str) -> str:
    return re.sub(r"[^a-z]", "", label.lower())
