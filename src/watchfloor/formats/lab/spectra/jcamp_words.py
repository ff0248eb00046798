"""Meanings of JCAMP-DX words: units, data types, forms of a table."""

import re
from typing import Final, NamedTuple

_X_UNITS: Final = {
    "1/CM": "cm-1",
    "CM-1": "cm-1",
    "CM^-1": "cm-1",
    "WAVENUMBERS": "cm-1",
    "WAVENUMBER": "cm-1",
    "WAVENUMBER(CM-1)": "cm-1",
    "RAMANSHIFT": "cm-1",
    "NANOMETERS": "nm",
    "NANOMETRES": "nm",
    "NM": "nm",
    "WAVELENGTH(NM)": "nm",
    "MICROMETERS": "um",
    "MICROMETRES": "um",
    "MICRONS": "um",
    "UM": "um",
    "WAVELENGTH(UM)": "um",
    "M/Z": "m/z",
    "M/E": "m/z",
    "MASS/CHARGE": "m/z",
    "PPM": "ppm",
    "HZ": "Hz",
    "MILLISECONDS": "ms",
    "MSEC": "ms",
    "SECONDS": "s",
    "SECOND": "s",
    "SEC": "s",
    "MINUTES": "min",
}
_Y_UNITS: Final = {
    "RELATIVE ABUNDANCE": "relative intensity",
    "RELATIVE INTENSITY": "relative intensity",
    "A": "absorbance",
}
_TECHNIQUES: Final = (
    (r"MASS", "ms"),
    (r"INFRARED|\bFT-?IR\b|\bIR\b", "ftir"),
    (r"RAMAN", "raman"),
    (r"\bNMR\b", "nmr"),
    (r"\bUV\b|UV[-/ ]?VIS", "uv-vis"),
    (r"ION MOBILITY|\bIMS\b", "ims"),
)
_INLETS: Final = (("DART", "dart-ms"), ("GC", "gc-ms"), ("LC", "lc-ms"), ("HPLC", "lc-ms"))
_FORM: Final = re.compile(
    rb"[ \t]*\(\s*(X\+\+\s*\(\s*([A-Z]\d*)\s*\.\.\s*[A-Z]\d*\s*\)|([A-Z]+\d*)(?:\s*\.\.\s*[A-Z]+\d*)?)\s*\)?"
    rb"[ \t]*[,;]?[ \t]*(XYDATA|XYPOINTS|PEAKS|PROFILE|CONTOURS?)?",
    re.IGNORECASE,
)


class Form(NamedTuple):
    """How a table is written.

    Attributes:
        stepped: whether abscissas go by themselves, `(X++(Y..Y))`.
        letters: what stands in each group: `XY`, `XYW`, `XYA`; of a stepped one X and the ordinate's symbol.
        start: where its numbers begin.
        peaks: whether it is said to hold peaks.
    """

    stepped: bool
    letters: str
    start: int
    peaks: bool


def form(data: bytes, start: int, end: int, label: str) -> Form:
    """The form that a table's first line states; one that states none is what its label usually is."""
    peaks = label.startswith("PEAK")
    match = _FORM.match(data, start, min(end, start + 200))
    if match is None:
        return Form(not peaks and label != "XYPOINTS", "XYA" if "ASSIGN" in label else "XY", start, peaks)
    at = match.end()
    rest = data[at : data.find(b"\n", at) if data.find(b"\n", at) >= 0 else end].strip()
    if not rest[:1].isdigit() and rest[:1] not in (b"-", b"+", b"("):
        at = min(at + len(data[at:end].split(b"\n", 1)[0]), end)
    said = (match[4] or b"").upper()
    if match[2]:
        return Form(True, "X" + match[2].decode().upper(), at, False)
    return Form(False, match[3].decode().upper(), at, peaks or said == b"PEAKS")


def x_unit(text: str) -> str:
    """The unit of an abscissa in the words of `base.Spectrum`, or as it is written."""
    return _X_UNITS.get(re.sub(r"\s", "", text).upper(), text)


def y_unit(text: str) -> str:
    """The unit of an ordinate: in lower case where it is a plain word."""
    found = _Y_UNITS.get(text.upper())
    return found or (text.lower() if text.isupper() else text)


def technique(kind: str, unit: str, inlet: str) -> str:
    """A word of `tabular.fields.METHODS` for a data type, or empty; `inlet` says what separates before it."""
    upper = kind.upper()
    method = next((method for pattern, method in _TECHNIQUES if re.search(pattern, upper)), "")
    if not method and unit == "m/z":
        method = "ms"
    words = re.split(r"[^A-Z]+", inlet.upper())
    before = next((method for word, method in _INLETS if word in words), "")
    return before if method == "ms" and before else method
