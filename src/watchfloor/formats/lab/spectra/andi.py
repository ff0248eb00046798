"""Chromatograms as ANDI (AIA) files: netCDF classic, after ASTM E1947 and E1948, and of E2077 the total ions.

What is read is the raw signal (`ordinate_values`), its times and the laboratory's own table of peaks; a
file of mass spectra gives the total ion current over its scans. Times are in `retention_unit`, and in seconds
where that is not stated, as E1947 has it; a table of peaks that cannot lie within its run is in another unit,
and the file is refused. -9999 stands for no value. A number that the file declares allocates nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite, prod
from typing import BinaryIO, Final, NamedTuple

import numpy as np

from watchfloor.formats.base import WHOLE_FILE, Fault, FormatError, Head
from watchfloor.formats.lab.reading_quality import BLANK, CALIBRANT
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.chromatogram import UNITS, Peak, integrated, profile
from watchfloor.formats.lab.spectra.names import stem
from watchfloor.formats.lab.spectra.points import Floats, NoPointsError, Points, points

HEADER: Final = 1 << 20
"""Bytes that a header may have."""
MAX_VALUES: Final = 1 << 20
"""Values of one variable: five hours at fifty a second."""
TYPES: Final = {1: "i1", 2: "S1", 3: ">i2", 4: ">i4", 5: ">f4", 6: ">f8"}
"""Types of netCDF classic (Unidata, The NetCDF Classic Format Specification)."""
DIMENSIONS, VARIABLES, ATTRIBUTES = 10, 11, 12
NO_VALUE: Final = -9999.0
DETECTED: Final = re.compile(r"\b(?:MSD?|TIC|EIC|SIM)\d?\b", re.IGNORECASE)
"""Names of detectors that are mass spectrometers."""
STANDARD: Final = re.compile(r"\b(?:std|standard|control|calib\w*)\b")
STAMP: Final = re.compile(r"^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(.*)$")
"""A moment as ANDI writes it: 20190110152600+0000."""
EMPTY: Final = re.compile(r"\b(?:blank|blanc)\b", re.IGNORECASE)


class CutError(ValueError):
    """A file that ends before what its header declares."""


class Variable(NamedTuple):
    """Where a variable stands: its shape, its type, whether it lies record by record, and its first byte."""

    shape: tuple[int, ...]
    kind: str
    records: bool
    begin: int


@dataclass(slots=True)
class Header:
    """Description of a netCDF file, which stands before its data.

    Attributes:
        attributes: of the file, as text.
        variables: by name.
        record: bytes from one record to the next.
    """

    attributes: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    record: int = 0


class _Bytes:
    """A header's bytes, and how far they are read. Raises `CutError` at their end."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def chunk(self, count: int) -> bytes:
        if not 0 <= count <= len(self.data) - self.at:
            raise CutError(f"its header breaks off at byte {len(self.data):,}")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, width: int = 4) -> int:
        return int.from_bytes(self.chunk(width), "big", signed=True)

    def padded(self, count: int) -> bytes:
        found = self.chunk(count)
        self.chunk(-count % 4)
        return found

    def text(self) -> str:
        return self.padded(self.number()).decode("utf-8", "replace")

    def count(self, tag: int) -> int:
        """How many things a list has; none where it is absent."""
        found, many = self.number(), self.number()
        if found not in (0, tag) or many < 0 or (found == 0 and many):
            raise CutError(f"its header is damaged at byte {self.at - 8:,}")
        return many


def header(data: bytes, size: int) -> Header:
    """The header of a netCDF file of the classic format (1) or with 64-bit offsets (2).

    Args:
        data: the start of the file.
        size: bytes of the whole file.

    Raises:
        CutError: it breaks off, or is damaged.
    """
    given, made = _Bytes(data), Header()
    wide = 8 if given.chunk(4)[3] == 2 else 4
    records = given.number()
    lengths = [(given.text(), given.number())[1] for _ in range(given.count(DIMENSIONS))]
    made.attributes = _attributes(given)
    recorded: list[int] = []
    for _ in range(given.count(VARIABLES)):
        name = given.text()
        places = [given.number() for _ in range(_few(given, given.number()))]
        if not all(0 <= one < len(lengths) for one in places):
            raise CutError(f"variable {name!r} has a dimension that the file does not")
        _attributes(given)
        kind = TYPES.get(given.number())
        given.number()  # its size, which may lie and follows from the rest
        begin = given.number(wide)
        shape = tuple(lengths[one] for one in places)
        if kind is None or begin < 0 or min(shape, default=0) < 0:
            raise CutError(f"variable {name!r} is damaged in the header")
        by_record = bool(shape) and shape[0] == 0
        if by_record:
            recorded.append(prod(shape[1:]) * np.dtype(kind).itemsize)
        made.variables[name] = Variable(shape, kind, by_record, begin)
    # A single record variable is not padded (the specification's exception).
    made.record = recorded[0] if len(recorded) == 1 else sum(one + -one % 4 for one in recorded)
    if made.record:
        most = max(0, size) // made.record
        records = most if records < 0 else records
        made.variables = {
            name: one._replace(shape=(records, *one.shape[1:])) if one.records else one
            for name, one in made.variables.items()
        }
    return made


def _few(given: _Bytes, count: int) -> int:
    if not 0 <= count <= 8:
        raise CutError(f"its header is damaged at byte {given.at - 4:,}")
    return count


def _attributes(given: _Bytes) -> dict[str, str]:
    found = {}
    for _ in range(given.count(ATTRIBUTES)):
        name, kind, count = given.text(), TYPES.get(given.number()), given.number()
        if kind is None or count < 0:
            raise CutError(f"attribute {name!r} is damaged in the header")
        data = given.padded(count * np.dtype(kind).itemsize)
        if kind == "S1":
            found[name] = data.decode("utf-8", "replace").split("\0")[0].strip()
        else:
            found[name] = " ".join(f"{one:g}" for one in np.frombuffer(data, kind).tolist())
    return found


@dataclass(slots=True)
class _File:
    stream: BinaryIO
    start: int
    header: Header

    def values(self, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]] | None:
        """The values of a variable, None where there is none. Raises `CutError` where it is cut there."""
        if (one := self.header.variables.get(name)) is None:
            return None
        kind = np.dtype(one.kind)
        if (count := prod(one.shape)) > MAX_VALUES:
            raise CutError(f"variable {name!r} declares {count:,} values, more than any chromatogram has")
        if not count:
            return np.empty(one.shape, kind)
        inner = prod(one.shape[1:]) * kind.itemsize if one.records else 0
        wanted = (one.shape[0] - 1) * self.header.record + inner if one.records else count * kind.itemsize
        if wanted > 8 * MAX_VALUES:
            raise CutError(f"variable {name!r} lies over {wanted:,} bytes, more than any chromatogram has")
        self.stream.seek(self.start + one.begin)
        if len(data := self.stream.read(wanted)) < wanted:
            raise CutError(f"it breaks off within {name!r}: {len(data):,} of {wanted:,} bytes are there")
        if not one.records:
            return np.frombuffer(data, kind).reshape(one.shape)
        steps = [prod(one.shape[at + 1 :]) * kind.itemsize for at in range(len(one.shape))]
        return np.ndarray(one.shape, kind, data, strides=(self.header.record, *steps[1:]))

    def numbers(self, name: str) -> Floats | None:
        """The same as flat floats, NaN where there is no value; None of text."""
        found = self.values(name)
        if found is None or found.dtype.kind == "S":
            return None
        made = found.astype(np.float64).ravel()
        return np.where(made == NO_VALUE, np.nan, made)

    def number(self, name: str) -> float | None:
        """The first value of a variable, None where there is none or no number."""
        found = self.numbers(name)
        return float(found[0]) if found is not None and len(found) and np.isfinite(found[0]) else None

    def texts(self, name: str) -> list[str]:
        """The lines of a variable of characters."""
        found = self.values(name)
        if found is None or found.dtype.kind != "S" or found.ndim < 1:
            return []
        lines = (row.tobytes().split(b"\0")[0] for row in found.reshape(-1, max(found.shape[-1], 1)))
        return [" ".join(line.decode("utf-8", "replace").split()) for line in lines]


def sniff(head: Head) -> float:
    """Sure of netCDF that declares what a chromatogram or a run of mass spectra has."""
    named = b"ordinate_values" in head.data or b"total_intensity" in head.data
    return 0.99 if head.data[:3] == b"CDF" and named else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Spectrum | Fault]:
    """The profile of one run, or a fault that says why there is none.

    Raises:
        FormatError: the file is not netCDF of the classic format, or holds no chromatogram.
    """
    start = stream.tell()
    data = stream.read(HEADER)
    if data[:4] == b"\x89HDF":
        raise FormatError(f"{name} is netCDF-4 (HDF5), which ANDI does not use: export it as classic netCDF")
    if data[:4] not in (b"CDF\x01", b"CDF\x02"):
        raise FormatError(f"{name} is not netCDF of the classic format: it does not begin with CDF")
    size = stream.seek(0, 2) - start
    try:
        file = _File(stream, start, header(data, size))
        if not file.header.variables.keys() & {"ordinate_values", "total_intensity"}:
            raise FormatError(
                f"{name} holds no chromatogram: it has no ordinate_values and no total_intensity"
            )
        yield _run(file, name)
    except CutError as error:
        yield Fault(WHOLE_FILE, f"{name}: {error}", data[: 1 << 12], rest=True)
    except NoPointsError as error:
        yield Fault(WHOLE_FILE, f"{name}: {error}", data[: 1 << 12])


@np.errstate(over="ignore", invalid="ignore")  # of numbers near the largest, and of damaged ones
def _run(file: _File, name: str) -> Spectrum:
    said = file.header.attributes
    signal = file.numbers("ordinate_values")
    raw = signal if signal is not None else file.numbers("total_intensity")
    if raw is None:
        raise NoPointsError("its signal is text, and no numbers")
    whole_masses = signal is None
    minutes, doubts = (1 / 60, []) if whole_masses else _unit(said)
    times = file.numbers("scan_acquisition_time") if whole_masses else _times(file, len(raw))
    if times is None or len(times) != len(raw):
        raise NoPointsError("its signal has no times: neither a sampling interval nor a time for each point")
    made = points(times * minutes, raw, "min", counts=False)
    peaks = [] if whole_masses else _table(file, minutes)
    if own := not peaks:
        peaks = integrated(made.x, made.y)
    else:
        _within(peaks, made)
    return profile(
        peaks,
        made.y,
        name=said.get("sample_name") or said.get("experiment_title") or stem(name),
        technique=_technique(said, whole_masses),
        locator=WHOLE_FILE,
        said=_said(file, own),
        doubts=(*doubts, *made.doubts),
    )


def _unit(said: Mapping[str, str]) -> tuple[float, list[str]]:
    """Minutes in the file's unit of time, and what is doubted of it."""
    stated = said.get("retention_unit", "").lower().rstrip(".")
    if not stated:
        return 1 / 60, ["it does not state its unit of time: taken as seconds, which ASTM E1947 has"]
    if stated not in UNITS:
        raise NoPointsError(f"its times are in {stated[:40]!r}, which is neither seconds nor minutes")
    return UNITS[stated], []


def _times(file: _File, count: int) -> Floats | None:
    own = file.numbers("raw_data_retention")
    if own is not None and len(own) == count:
        return own
    step = file.number("actual_sampling_interval")
    if step is None or step <= 0:
        return None
    return (file.number("actual_delay_time") or 0.0) + step * np.arange(count, dtype=np.float64)


def _table(file: _File, minutes: float) -> list[Peak]:
    """The laboratory's own table of peaks; empty where there is none of times and areas."""
    times, areas = file.numbers("peak_retention_time"), file.numbers("peak_area")
    if times is None or areas is None or len(times) != len(areas):
        return []
    heights, labels = file.numbers("peak_height"), file.texts("peak_name")
    heights = heights if heights is not None and len(heights) == len(areas) else np.ones(len(areas))
    labels = labels if len(labels) == len(areas) else [""] * len(areas)
    rows = zip((times * minutes).tolist(), heights.tolist(), areas.tolist(), labels, strict=True)
    return [Peak(*row) for row in rows]


def _within(peaks: list[Peak], made: Points) -> None:
    """Raise `NoPointsError` where a table of peaks and its run cannot be in one unit of time."""
    latest = max((one.time for one in peaks if isfinite(one.time)), default=0.0)
    first, end = float(made.x[0]), float(made.x[-1])
    seen = max((one.time for one in integrated(made.x, made.y)), default=0.0)
    if latest > end + 0.01 * (end - first) or (30 * latest < end and seen > 2 * latest):
        raise NoPointsError(
            f"the last peak of its table stands at {latest:.4g} min, and its run ends at {end:.4g} min: they"
            " are in two units of time, or of two runs. Export both anew"
        )


def _technique(said: Mapping[str, str], whole_masses: bool) -> str:
    how = f"{said.get('separation_experiment_type', '')} {said.get('test_separation_type', '')}".lower()
    sort = "gc" if "gas" in how else "lc" if "liquid" in how else ""
    if whole_masses:
        return f"{sort}-ms" if sort else ""
    return f"{sort}-ms" if sort and DETECTED.search(said.get("detector_name", "")) else sort


def _said(file: _File, integrated_here: bool) -> dict[str, str]:
    """Describe the run as the file does, under the labels of `reading`; of an operator a number, and no name.

    Areas that were integrated here are of another procedure than the laboratory's own of the same run: square
    roots of both had a cosine of .96 to .996 on three public files.
    """
    own = file.header.attributes
    sample = own.get("sample_id") or own.get("sample_name") or ""
    sort = own.get("sample_type", "").lower()
    empty = "blank" in sort or EMPTY.search(sample)
    instrument = next((one for one in file.texts("instrument_name") if one), "")
    serial = next((one for one in file.texts("instrument_serial_no") if one), "")
    column = own.get("column") or own.get("column_name")
    parts = (
        *(own.get("detection_method_name"), own.get("detector_name"), column and f"column {column}"),
        "integrated by Watchfloor" if integrated_here else None,
    )
    operator = own.get("operator_name", "")
    date = own.get("injection_date_time_stamp") or own.get("experiment_date_time_stamp") or ""
    return {
        "sample": sample,
        "date": STAMP.sub(r"\1-\2-\3 \4:\5:\6\7", date),
        "instrument": instrument,
        "serial": serial,
        "operator": operator if any(map(str.isdigit, operator)) else "",
        "procedure": "; ".join(one for one in parts if one) if own.get("detection_method_name") else "",
        "matrix": BLANK if empty else CALIBRANT if STANDARD.search(sort) else "",
    }
