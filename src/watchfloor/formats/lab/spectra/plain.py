"""Two columns of text without a header: abscissa and ordinate, as many instruments export them.

Split by tabs, spaces, commas or semicolons; lines that begin with `#`, `%`, `;` or `//` are comments, and may
say what it is (`#Instrument=LabRAM`). Unit and technique are known where comments name a technique, and not
guessed where they do not; whether the points are peaks is seen from how they lie.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.csv_words import label_values, technique, units
from watchfloor.formats.lab.spectra.names import stem
from watchfloor.formats.lab.spectra.points import NoPointsError, is_peak_list, points
from watchfloor.formats.lab.spectra.text import NUMBER, fault, lines, voltage

COMMENT: Final = ("#", "%", ";", "//")
_ANY: Final = rf"(?:{NUMBER}|[-+]?nan|[-+]?inf(?:inity)?)"
_PAIR: Final = re.compile(rf"\s*({_ANY})\s*[\s,;]\s*({_ANY})\s*[,;]?\s*", re.IGNORECASE)
_COMMAS: Final = re.compile(r"\s*([-+]?\d+(?:,\d+)?)\s*[\s;]\s*([-+]?\d+(?:,\d+)?(?:[eE][-+]?\d+)?)\s*")
"""A pair with decimal commas, `94,07;605,8`."""
SURE: Final = 0.6
SHOWN: Final = 60
NOTES: Final = 400
"""Comments that are kept."""


def sniff(head: Head) -> float:
    """As sure as can be of a file of numbers: its first twenty lines are pairs or comments."""
    if b"\0" in head.data[:512]:
        return 0.0
    text = head.data.decode("utf-8-sig", "replace").splitlines()
    first = [line for line in text[:25] if line.strip() and not line.lstrip().startswith(COMMENT)][:20]
    if len(text) > 1 and len(head.data) > 1 << 15:
        first = first[:-1] or first
    return SURE if first and all(_pair(line) for line in first) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Spectrum | Fault]:
    """The one spectrum of a file, and a fault for each line that is no pair of numbers.

    Raises:
        FormatError: no line is.
    """
    x: list[float] = []
    y: list[float] = []
    notes: list[str] = []
    wrong = 0
    for number, line in lines(stream):
        bare = line.strip().removeprefix("\ufeff")
        if not bare or bare.startswith(COMMENT):
            notes += [bare] if bare and len(notes) < NOTES else []
        elif pair := _pair(bare):
            x.append(pair[0])
            y.append(pair[1])
        else:
            wrong += 1
            yield fault(number, f"{bare[:SHOWN]!r} is no pair of numbers", line, partly=True)
    if not x:
        raise FormatError(f"{name} holds no pair of numbers: it is no spectrum of two columns")
    try:
        yield _spectrum(x, y, notes, name, wrong)
    except NoPointsError as error:
        yield fault(1, f"{name}: {error}")


def _spectrum(x: list[float], y: list[float], notes: list[str], name: str, wrong: int) -> Spectrum:
    above = "\n".join(notes)
    method = technique(above, "", "")
    unit = units(above, above) if method else ("", "")  # a word in a comment alone makes no axis
    made = points(x, y, unit[0], counts=False)
    peaks = is_peak_list(made.x)
    if peaks:  # those of a list of peaks have heights, which negative ones are not
        made = points(x, y, unit[0], counts=True)
    lost = (f"{wrong} lines that are no pair of numbers left out",) if wrong else ()
    about = label_values(notes)
    volts = next((text for key, text in about.items() if key.lower() in ("voltage", "cone voltage")), "")
    return Spectrum(
        stem(name),
        method,
        made.x,
        made.y,
        *unit,
        peaks,
        "line 1",
        voltage=voltage(volts),
        said=about,
        doubts=made.doubts + lost,
    )


def _pair(line: str) -> tuple[float, float] | None:
    if match := _COMMAS.fullmatch(line):
        return float(match[1].replace(",", ".")), float(match[2].replace(",", "."))
    match = _PAIR.fullmatch(line)
    return (float(match[1]), float(match[2])) if match else None
