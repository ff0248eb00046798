"""Spectra as Galactic SPC, the binary form that infrared and Raman instruments export.

Its new form in both byte orders and its old one; one spectrum or many; abscissas even, common or their own;
ordinates as integers of 16 or 32 bits with an exponent, or as floats; the log. After Galactic Industries, "A
brief guide to SPC file format and using GSPCIO" and `spc.h`, 1997. Nothing is allocated by a count that the
file declares: what is not there is said to be missing.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

import numpy as np

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.names import stem
from watchfloor.formats.lab.spectra.points import Floats, NoPointsError, is_peak_list, points

MAX_BYTES: Final = 1 << 30
MAX_LOG: Final = 1 << 16
NEW, OLD, SUB = 512, 256, 32
SHORT, MULTI, LABELS, OWN_X, COMMON_X = 0x01, 0x04, 0x20, 0x40, 0x80
"""Flags of the file: 16-bit ordinates; several spectra; axes named in text; abscissas for each; for all."""
FLOAT: Final = -128
"""The exponent that says: ordinates are floats."""
_BYTE_ORDER: Final = {0x4B: "<", 0x4C: ">", 0x4D: "<"}
_HEADER: Final = "BBBbIddIBBBBI9s9sH8f130s30sII"


@dataclass(frozen=True, slots=True)
class Header:
    """Head of a file; `size` is its length in bytes, `order` the byte order of the file."""

    order: str
    old: bool
    flags: int
    exponent: int
    count: int
    first: float
    last: float
    spectra: int
    x: int
    y: int
    experiment: int
    size: int
    log: int
    said: dict[str, str]
    labels: tuple[str, ...]


def sniff(head: Head) -> float:
    """Sure of a head whose version, axes and ends make sense together."""
    data = head.data
    if len(data) < OLD or data[1] not in _BYTE_ORDER:
        return 0.0
    try:
        found = header(data[:NEW].ljust(NEW, b"\0"))
    except (struct.error, ValueError):
        return 0.0
    ends = np.isfinite([found.first, found.last]).all() and max(abs(found.first), abs(found.last)) < 1e12
    known = (found.x in X_UNITS or found.x in (0, 15, 255)) and found.y <= 131
    some = 0 < found.count < 1 << 31 or found.flags & OWN_X
    return 0.9 if ends and known and some and b"\0" in data[:OLD] else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Spectrum | Fault]:
    """Each spectrum, and a fault for what is cut or holds no point.

    Raises:
        FormatError: the head is not that of an SPC file, or the file is too large.
    """
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise FormatError(f"{name} is larger than {MAX_BYTES:,} bytes: it is not read as SPC")
    if len(data) < OLD or data[1] not in _BYTE_ORDER or (data[1] != 0x4D and len(data) < NEW):
        raise FormatError(f"{name} has no head of an SPC file")
    head = header(data)
    said = {**head.said, **log(data, head)}
    at = head.size
    common = None
    if head.flags & COMMON_X and not head.flags & OWN_X:
        common = _numbers(data, at, head.order + "f4", head.count)
        at += 4 * head.count
    for number in range(head.spectra):
        if at + SUB > len(data):
            if number and head.old:  # an old file does not say how many it holds
                return
            yield Fault(f"spectrum {number + 1}", _cut(head, number), b"", rest=True)
            return
        piece, at = _one(data, at, head, common, number, said, name)
        yield piece


def header(data: bytes) -> Header:
    """The head of a file. Raises `struct.error` or `ValueError` where it makes no sense."""
    order = _BYTE_ORDER[data[1]]
    return _old(data) if data[1] == 0x4D else _new(data, order)


def _new(data: bytes, order: str) -> Header:
    f = struct.unpack_from(order + _HEADER, data)
    flags, exponent, count, first, last, spectra = f[0], f[3], f[4], f[5], f[6], f[7]
    said = {"resolution": _text(f[13]), "source": _text(f[14]), "comment": _text(f[24])}
    said |= {"method": _text(data[264:312]), "date": _date(f[12])}
    labels = tuple(_text(one) for one in f[25].split(b"\0")) if flags & LABELS else ()
    many = spectra if flags & MULTI else 1
    return Header(
        order,
        False,
        flags,
        exponent,
        count,
        first,
        last,
        max(many, 1),
        *(f[8], f[9], f[2]),
        NEW,
        f[26],
        {key: text for key, text in said.items() if text},
        labels,
    )


def _old(data: bytes) -> Header:
    flags, _, exponent, count, first, last, x, y, year = struct.unpack_from("<BBhfffBBH", data)
    month, day, hour, minute = data[20:24]
    if not 0 <= count < 1 << 31:
        raise ValueError("no count of points")
    said = {"resolution": _text(data[24:32]), "comment": _text(data[64:194])}
    said["date"] = _iso(year & 0xFFF, month, day, hour, minute)
    labels = tuple(_text(one) for one in data[194:224].split(b"\0")) if flags & LABELS else ()
    many = 1 << 20 if flags & MULTI else 1
    known = {key: text for key, text in said.items() if text}
    exponent = FLOAT if exponent in (128, -128) else max(min(exponent, 127), -127)
    ends = float(first), float(last)
    return Header("<", True, flags, exponent, int(count), *ends, many, x, y, 0, OLD - SUB, 0, known, labels)


def _one(
    data: bytes, at: int, head: Header, common: Floats | None, number: int, said: dict[str, str], name: str
) -> tuple[Spectrum | Fault, int]:
    """One spectrum at a place, and where the next begins."""
    _, exponent, _, z, _, _, own = struct.unpack_from(head.order + "BbHfffI", data, at)
    at += SUB
    count = own if head.flags & OWN_X and own else head.count
    exponent = exponent if head.flags & MULTI else head.exponent
    doubts: list[str] = []
    x = common
    if head.flags & OWN_X:
        x = _numbers(data, at, head.order + "f4", count)
        at += 4 * count
    wide = 2 if head.flags & SHORT and exponent != FLOAT else 4
    y = _ordinates(data, at, count, head, exponent)
    at += wide * count
    there = len(y)
    if there < count:
        doubts.append(f"it says that it has {count:,} points; {there:,} are there")
    if x is None:
        x = _even(head, count, there)
    there = min(len(x), len(y))
    locator = f"spectrum {number + 1}"
    try:
        return _spectrum(head, x[:there], y[:there], locator, said | _nth(head, number, z), name, doubts), at
    except NoPointsError as error:
        return Fault(locator, f"{stem(name)}: {error}", b""), at


def _spectrum(
    head: Header, x: Floats, y: Floats, locator: str, said: dict[str, str], name: str, doubts: list[str]
) -> Spectrum:
    method = technique(head.experiment, head.x, head.y)
    unit = X_UNITS.get(head.x, "")
    y_name = Y_UNITS.get(head.y, "")
    if head.labels and head.labels[0]:
        unit = unit or head.labels[0]
        y_name = y_name or next(iter(head.labels[1:2]), "")
    peaks = unit == "m/z" and is_peak_list(x)
    made = points(x, y, unit, counts=peaks)
    return Spectrum(
        said.get("comment", "").split("\n")[0].strip() or stem(name),
        method,
        made.x,
        made.y,
        unit,
        y_name,
        peaks,
        locator,
        said=said,
        doubts=(*doubts, *made.doubts),
    )


def _ordinates(data: bytes, at: int, count: int, head: Header, exponent: int) -> Floats:
    if exponent == FLOAT:
        return _numbers(data, at, head.order + "f4", count)
    if head.flags & SHORT:
        return np.ldexp(_numbers(data, at, head.order + "i2", count), exponent - 16)
    if not head.old:
        return np.ldexp(_numbers(data, at, head.order + "i4", count), exponent - 32)
    words = _numbers(data, at, "<u2", 2 * count).astype(np.int64)  # the high word first
    whole = ((words[:-1:2] << 16) | words[1::2]).astype(np.uint32).view(np.int32)
    return np.ldexp(whole.astype(np.float64), exponent - 32)


def _even(head: Header, count: int, there: int) -> Floats:
    """The first abscissas of as many as the file declares between its ends."""
    step = (head.last - head.first) / (count - 1) if count > 1 else 0.0
    return np.asarray(head.first + step * np.arange(there, dtype=np.float64))


def _numbers(data: bytes, at: int, kind: str, count: int) -> Floats:
    """So many numbers from a place on, or as many as the file really holds there."""
    there = max(min(count, (len(data) - at) // int(kind[-1])), 0)
    with np.errstate(invalid="ignore"):  # a NaN of a signalling sort is one as well
        return np.frombuffer(data, kind, there, min(at, len(data))).astype(np.float64)


def _nth(head: Header, number: int, z: float) -> dict[str, str]:
    return {"spectrum": str(number + 1), "z": f"{z:g}"} if head.flags & MULTI else {}


def _cut(head: Header, number: int) -> str:
    return f"the file says that it has {head.spectra:,} spectra; it ends behind {number:,}: it was cut"


def log(data: bytes, head: Header) -> dict[str, str]:
    """The text of the log block as labels and values; lines that are none of these are joined as `log`."""
    if not head.log or head.log + 64 > len(data):
        return {}
    size, _, start = struct.unpack_from(head.order + "III", data, head.log)
    text = data[head.log + start : head.log + min(size, start + MAX_LOG)]
    lines = text.split(b"\0")[0].decode("cp1252", "replace").splitlines()
    pairs = [line.partition("=") for line in lines if line.strip()]
    said = {key.strip(): value.strip() for key, equal, value in pairs if equal and key.strip()}
    rest = "\n".join(line.strip() for line, equal, _ in pairs if not equal)
    return said | ({"log": rest} if rest else {})


def _text(raw: bytes) -> str:
    return raw.split(b"\0")[0].decode("cp1252", "replace").strip()


def _date(packed: int) -> str:
    minute, hour, day = packed & 63, packed >> 6 & 31, packed >> 11 & 31
    return _iso(packed >> 20, packed >> 16 & 15, day, hour, minute)


def _iso(year: int, month: int, day: int, hour: int, minute: int) -> str:
    """A local time; empty where there is none."""
    try:
        year += 1900 if 0 < year < 1000 else 0  # some programs count from 1900
        return datetime(year, month, day, hour, minute).isoformat()  # noqa: DTZ001  the file states no zone
    except ValueError:
        return ""


# Codes of the Galactic SPC format for axes and techniques, as `spc.h` (Galactic, 1997) has them.


X_UNITS: Final = {
    1: "cm-1",
    2: "um",
    3: "nm",
    4: "s",
    5: "min",
    6: "Hz",
    7: "kHz",
    8: "MHz",
    9: "m/z",
    10: "ppm",
    11: "days",
    12: "years",
    13: "cm-1",
    14: "eV",
    16: "diode",
    17: "channel",
    18: "degrees",
    19: "degrees Fahrenheit",
    20: "degrees Celsius",
    21: "kelvin",
    22: "points",
    23: "ms",
    24: "us",
    25: "ns",
    26: "GHz",
    27: "cm",
    28: "m",
    29: "mm",
    30: "hours",
}
RAMAN_SHIFT: Final = 13
Y_UNITS: Final = {
    1: "interferogram",
    2: "absorbance",
    3: "Kubelka-Munk",
    4: "counts",
    5: "volts",
    6: "degrees",
    7: "milliamperes",
    8: "millimetres",
    9: "millivolts",
    10: "log(1/R)",
    11: "percent",
    12: "intensity",
    13: "relative intensity",
    14: "energy",
    16: "decibel",
    22: "index of refraction",
    23: "extinction coefficient",
    24: "real",
    25: "imaginary",
    26: "complex",
    128: "transmittance",
    129: "reflectance",
    130: "single beam",
    131: "emission",
}
EXPERIMENTS: Final = {5: "ftir", 7: "uv-vis", 9: "ms", 10: "nmr", 11: "raman"}
"""Technique by code; 4 is any Fourier transform, which the axis tells apart."""
FOURIER: Final = 4
ABSORBS: Final = (2, 10, 11, 128, 129)


def technique(experiment: int, x: int, y: int) -> str:
    """A word of `formats.tabular.fields.METHODS`, or empty where the file leaves it open."""
    if x == RAMAN_SHIFT:
        return "raman"
    if experiment in EXPERIMENTS:
        return EXPERIMENTS[experiment]
    if x in (9, 10):
        return "ms" if x == 9 else "nmr"
    return "ftir" if x == 1 and (experiment == FOURIER or y in ABSORBS) else ""
