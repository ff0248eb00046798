"""A pixel's series of observations: a table with a row a date, of text or NumPy.

A table has a column of dates, one a band, and mostly one of quality. A header names them; without one, the
order is that of USGS pixel series (date, blue, green, red, nir, swir1, swir2, thermal, quality). What each
column was taken for is told. Dates are ISO, `YYYYMMDD`, ordinal days (1 January of year 1 is 1), Julian day
numbers or days since 1970. Reflectance is brought to ten-thousandths, temperature to hundredths of a degree
Celsius.
"""

import csv
import io
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt

from watchfloor.core.messages import Message, Parameter, Reason, declare, reason
from watchfloor.formats.base import FormatError
from watchfloor.formats.imagery import pickled, quality
from watchfloor.formats.imagery.quality import QualityKind

Values = npt.NDArray[np.float64]

REFLECTIVE: Final = ("blue", "green", "red", "nir", "swir1", "swir2")
THERMAL: Final = "thermal"
DATE, QUALITY = "date", "quality"
LARGEST: Final = 64 << 20
"""Bytes of a table."""
MOST_BANDS: Final = 64
HIGHEST: Final = 10_000
"""Ten-thousandths: a reflectance of 1."""

JULIAN: Final = 1_721_425
"""Julian day number of the day before 1 January of year 1, at noon."""
EPOCH: Final = date(1970, 1, 1).toordinal()
EARLIEST, LATEST = date(1970, 1, 1).toordinal(), date(2100, 1, 1).toordinal()
"""Between these dates lies what satellites saw."""

EMPTY = declare("imagery.empty", "file")
NO_DATES = declare("imagery.no-dates", "file", "columns")
BAD_DATE = declare("imagery.bad-date", "file", "row", "text")
BAD_NUMBER = declare("imagery.bad-number", "file", "row", "column", "text")
RAGGED = declare("imagery.ragged", "file", "row", "columns", "expected")
TOO_LARGE = declare("imagery.too-large", "file", "megabytes")
NO_BANDS = declare("imagery.no-bands", "file")
NOT_TEXT = declare("imagery.not-text", "file")
NOT_NUMPY = declare("imagery.not-numpy", "file", "why")
LENGTHS = declare("imagery.lengths", "file")
UNKNOWN_QUALITY = declare("imagery.strange-quality", "file", "values")
TAKEN = declare("imagery.taken", "columns")
DATES_TAKEN: Final = {
    "ordinal": declare("imagery.dates-ordinal"),
    "julian": declare("imagery.dates-julian"),
    "yyyymmdd": declare("imagery.dates-yyyymmdd"),
    "yyyyddd": declare("imagery.dates-yyyyddd"),
    "since-1970": declare("imagery.dates-since-1970"),
    "milliseconds": declare("imagery.dates-milliseconds"),
}
QUALITY_TAKEN = declare("imagery.quality-taken", "form")
QUALITY_STRANGE = declare("imagery.quality-strange", "number")
NO_QUALITY = declare("imagery.no-quality")
SCALED = declare("imagery.scaled", "how")
SORTED = declare("imagery.sorted")
REPEATED = declare("imagery.repeated", "number")
ALL_CLOUDY = declare("imagery.all-cloudy")

_SPELLINGS: Final = {
    DATE: "date dates day days time t ordinal ordinal_day julian jd julian_day acquired datetime jour",
    QUALITY: "qa qas quality cfmask fmask pixel_qa qa_pixel scl mask qualité qualite",
    "blue": "blue blues b sr_blue b02 bleu",
    "green": "green greens g sr_green b03 vert",
    "red": "red reds r sr_red b04 rouge",
    "nir": "nir nirs n sr_nir b08 b8a pir",
    "swir1": "swir1 swir1s s1 sr_swir1 swir_1 b11 mir1",
    "swir2": "swir2 swir2s s2 sr_swir2 swir_2 b12 mir2",
    THERMAL: "thermal thermals temp tir bt lst st_b10 thermique",
}
_NAMES: Final = {name: one for one, names in _SPELLINGS.items() for name in names.split()}
"""What a column is, by its name in small letters."""

_UNNAMED: Final = {
    2: (DATE, "index"),
    3: (DATE, "index", QUALITY),
    8: (DATE, *REFLECTIVE, QUALITY),
    9: (DATE, *REFLECTIVE, THERMAL, QUALITY),
}
"""What the columns of a table without a header are, by how many there are."""

_VOID: Final = frozenset(("", "nan", "na", "n/a", "null", "none", "-", "--"))


class SeriesError(FormatError):
    """A series or cube that cannot be used; `reason` says why and what to do."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


def refuse(message: Message, **params: Parameter) -> NoReturn:
    """Raise `SeriesError`."""
    raise SeriesError(reason(message, **params))


@dataclass(frozen=True, slots=True)
class Series:
    """Observations of one pixel, sorted by date.

    Attributes:
        days: ordinal days, n; a day may come twice.
        bands: their names.
        values: bands × n; NaN where nothing was measured.
        quality: classes of `quality`, n.
        notes: what was guessed and put right.
    """

    days: npt.NDArray[np.int64]
    bands: tuple[str, ...]
    values: Values
    quality: quality.Classes
    notes: tuple[Reason, ...] = field(default=())

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
        """Observations that no mask and no range excludes, the first of each day.

        Reflectance counts between 0 and 1, both excluded: what lies beyond is saturated or fill.
        """
        clear = (self.quality == quality.CLEAR) | (self.quality == quality.WATER)
        return first_of_day(self.days, clear & self.in_range)

    @property
    def in_range(self) -> npt.NDArray[np.bool_]:
        """Observations whose values could be measured on the ground."""
        whole = np.ones(len(self.days), bool)
        for name, row in zip(self.bands, self.values, strict=True):
            if name in REFLECTIVE:
                whole &= (row > 0) & (row < HIGHEST)
            elif name != THERMAL:
                whole &= np.isfinite(row)
        whole &= self.quality != quality.FILL
        return whole


def first_of_day(days: npt.NDArray[np.int64], among: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which of some observations, sorted by day, are the first of their day."""
    at = np.flatnonzero(among)
    first = np.zeros(len(days), bool)
    if len(at):
        first[at[np.concatenate(([True], np.diff(days[at]) > 0))]] = True
    return first


def read_series(path: Path, kind: QualityKind | None = None) -> Series:
    """Read a pixel's table.

    Args:
        path: a text with delimiters, or .npy or .npz; what it holds decides, not its name.
        kind: how quality is written; None: guessed.

    Raises:
        SeriesError: there is no such table in it, or a value of it cannot be read.
    """
    if path.stat().st_size > LARGEST:
        refuse(TOO_LARGE, file=path.name, megabytes=LARGEST >> 20)
    data = path.read_bytes()
    if data.startswith((b"\x93NUMPY", b"PK\x03\x04")):
        columns = numpy_columns(data, path.name)
    else:
        columns = _text_columns(data, path.name)
    return _series(columns, path.name, kind)


def _text_columns(data: bytes, name: str) -> dict[str, Any]:
    """Return the columns of a text by what they are."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data.decode("latin-1")
        except UnicodeDecodeError:
            refuse(NOT_TEXT, file=name)
    if "\x00" in text:
        refuse(NOT_TEXT, file=name)
    rows = _rows(text)
    if not rows:
        refuse(EMPTY, file=name)
    head = [cell.strip().strip('"').lower() for cell in rows[0][1]]
    named = any(_number(cell) is None and _day(cell) is None and cell not in _VOID for cell in head)
    if named:
        names = _identities(head)
        rows = rows[1:]
        if not rows:
            refuse(EMPTY, file=name)
        names = [one if one in _SPELLINGS or _measured(rows, at) else "" for at, one in enumerate(names)]
    else:
        width = len(head)
        names = list(_UNNAMED.get(width, (DATE, *(f"band{k}" for k in range(1, width)))))
    if DATE not in names:
        refuse(NO_DATES, file=name, columns=", ".join(head[:12]))
    columns: dict[str, Any] = {one: [] for one in names if one}
    for at, cells in rows:
        if len(cells) != len(names):
            refuse(RAGGED, file=name, row=at, columns=len(cells), expected=len(names))
        for one, cell in zip(names, cells, strict=True):
            if one == DATE:
                columns[one].append((at, cell.strip().strip('"')))
            elif one:
                columns[one].append(_value(cell, name, at, one))
    return columns


def _measured(rows: Sequence[tuple[int, list[str]]], at: int) -> bool:
    """Return whether a column has any number; one of remarks or names of satellites is no band."""
    return any(_number(cells[at]) is not None for _, cells in rows if at < len(cells))


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Return the rows of a text that are not empty and no remark, with their number."""
    lines = [(at, line) for at, line in enumerate(text.splitlines(), 1) if line.strip() and line[0] != "#"]
    if not lines:
        return []
    first = lines[0][1]
    delimiter = max((",", ";", "\t", "|"), key=first.count)
    if not first.count(delimiter):
        return [(at, line.split()) for at, line in lines]
    comma = delimiter == ";" and any("," in line for _, line in lines)
    out = []
    for at, line in lines:
        try:
            cells = next(csv.reader(io.StringIO(line), delimiter=delimiter))
        except (csv.Error, StopIteration):
            cells = line.split(delimiter)
        out.append((at, [cell.replace(",", ".") for cell in cells] if comma else cells))
    return out


def _identities(head: Sequence[str]) -> list[str]:
    """Return what each named column is; a name that nothing knows is a band of that name."""
    out: list[str] = []
    for at, cell in enumerate(head):
        plain = re.sub(r"\W+", "_", cell).strip("_")
        one = _NAMES.get(plain, plain or f"band{at}")
        out.append(one if one not in out else f"{one}_{at}")
    return out


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _value(text: str, name: str, row: int, column: str) -> float:
    plain = text.strip().strip('"')
    if plain.lower() in _VOID:
        return float("nan")
    value = _number(plain)
    if value is None:
        refuse(BAD_NUMBER, file=name, row=row, column=column, text=plain[:40])
    return value


def _day(text: str) -> int | None:
    """Return the ordinal day of an ISO date, with a time after it or not."""
    match = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[Tt ].*)?", text)
    if not match:
        return None
    try:
        return date(*map(int, match.groups())).toordinal()
    except ValueError:
        return None


def numpy_columns(data: bytes, name: str) -> dict[str, Any]:
    """Return the columns of a NumPy file by what they are. Raises `SeriesError`."""
    found = numpy_object(data, name)
    if isinstance(found, list):  # coordinates and a dictionary, as pyccd's samples are
        found = next((one for one in found if isinstance(one, dict)), found)
    if isinstance(found, np.ndarray) and found.dtype.names:
        found = {one: found[one] for one in found.dtype.names}
    if isinstance(found, np.ndarray) and found.ndim == 2:
        width = found.shape[1]
        names = _UNNAMED.get(width, (DATE, *(f"band{k}" for k in range(1, width))))
        found = dict(zip(names, found.T, strict=True))
    if not isinstance(found, dict):
        refuse(NO_DATES, file=name, columns="")
    columns: dict[str, Any] = {}
    for key, one in zip(_identities([str(key).lower() for key in found]), found.values(), strict=True):
        try:
            column = np.asarray(one)
        except ValueError:
            continue
        if column.ndim == 1:
            columns[key] = column
    if DATE not in columns:
        refuse(NO_DATES, file=name, columns=", ".join(list(columns)[:12]))
    if len({len(one) for one in columns.values()}) > 1:
        refuse(LENGTHS, file=name)
    dates = columns[DATE]
    if dates.dtype.kind == "M":
        dates = dates.astype("datetime64[D]").astype(np.int64) + EPOCH
    columns[DATE] = [(at, _text_of(one)) for at, one in enumerate(dates.tolist(), 1)]
    for key, one in columns.items():
        if key != DATE and one.dtype.kind not in "biuf":
            refuse(BAD_NUMBER, file=name, row=1, column=key, text=str(one[:1])[:40])
    return columns


def numpy_object(data: bytes, name: str, most: int = 4 * LARGEST) -> Any:
    """Return what a .npy or .npz file holds, without running anything that it names.

    Raises:
        SeriesError: it cannot be read, or is larger than `most` bytes when it is unpacked.
    """
    try:
        return _numpy_object(data, most)
    except Exception as error:  # of NumPy, zipfile, zlib, struct, tokenize: whatever reads a damaged header
        refuse(NOT_NUMPY, file=name, why=str(error)[:120])


def _numpy_object(data: bytes, most: int) -> Any:
    stream = io.BytesIO(data)
    if data.startswith(b"PK"):
        with zipfile.ZipFile(stream) as archive:
            if sum(one.file_size for one in archive.infolist()) > most:
                raise ValueError(f"more than {most} bytes")
        stream.seek(0)
        with np.load(stream, allow_pickle=False) as file:
            return {key: file[key] for key in file.files[:MOST_BANDS]}
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    if dtype.hasobject:
        return pickled.objects(data[stream.tell() :])
    if math.prod(shape) * dtype.itemsize > most:
        raise ValueError(f"more than {most} bytes")
    return np.load(io.BytesIO(data), allow_pickle=False)


def _text_of(one: Any) -> str:
    return str(int(one)) if isinstance(one, float) and one.is_integer() else str(one)


FORMS: Final[Mapping[str, Any]] = {
    "ordinal": lambda day: day,
    "julian": lambda day: day - JULIAN,
    "yyyymmdd": lambda day: date(day // 10_000, day // 100 % 100, day % 100).toordinal(),
    "yyyyddd": lambda day: date(day // 1_000, 1, 1).toordinal() + day % 1_000 - 1,
    "since-1970": lambda day: day + EPOCH,
    "milliseconds": lambda day: day // 86_400_000 + EPOCH if day > 1e10 else 0,
}
"""Whole numbers that dates are written as."""


def days_of(texts: Sequence[tuple[int, str]], name: str) -> tuple[npt.NDArray[np.int64], str]:
    """Return ordinal days, and the form that all dates are written in. Raises `SeriesError`."""
    iso = [_day(text) for _, text in texts]
    if all(one is not None for one in iso):
        return np.array(iso, np.int64), "iso"
    for at, text in texts:
        if _number(text) is None:
            refuse(BAD_DATE, file=name, row=at, text=text[:40])
    numbers = [(at, float(text)) for at, text in texts]
    for form, convert in FORMS.items():
        out = []
        for _, one in numbers:
            try:
                day = convert(int(one)) if abs(one) < 1e15 else 0
            except (ValueError, OverflowError):
                break
            if not EARLIEST <= day <= LATEST:
                break
            out.append(day)
        if len(out) == len(numbers):
            return np.array(out, np.int64), form
    strange = next(((at, one) for at, one in numbers if not EARLIEST <= one <= LATEST), numbers[0])
    refuse(BAD_DATE, file=name, row=strange[0], text=f"{strange[1]:g}")


def _series(columns: Mapping[str, Any], name: str, kind: QualityKind | None) -> Series:
    """Make a series of columns: dates and quality understood, values scaled, sorted by date."""
    notes: list[Reason] = []
    days, form = days_of(columns[DATE], name)
    if form != "iso":
        notes.append(reason(DATES_TAKEN[form]))
    known = (*REFLECTIVE, THERMAL)
    others = [one for one in columns if one not in (DATE, QUALITY, *known)]
    bands = [*(one for one in known if one in columns), *others]
    if not bands or len(bands) > MOST_BANDS:
        refuse(NO_BANDS, file=name)
    values = np.array([np.asarray(columns[one], float) for one in bands]).reshape(len(bands), len(days))
    notes.insert(0, reason(TAKEN, columns=", ".join(columns)))
    if QUALITY in columns:
        marks = _whole(np.asarray(columns[QUALITY], float))
        guessed = kind or quality.kind_of(marks)
        if guessed is None:
            shown = ", ".join(str(one) for one in np.unique(marks)[:8])
            refuse(UNKNOWN_QUALITY, file=name, values=shown)
        classes, strange = quality.classes(marks, guessed)
        notes.append(reason(QUALITY_TAKEN, form=guessed.value))
        if strange:
            notes.append(reason(QUALITY_STRANGE, number=strange))
    else:
        classes = np.zeros(len(days), np.uint8)
        notes.append(reason(NO_QUALITY))
    void = ~np.isfinite(values) | (values <= -9_000)
    values[void] = np.nan
    notes += _rescale(values, bands)
    order = np.argsort(days, kind="stable")
    if (np.diff(days) < 0).any():
        notes.append(reason(SORTED))
    found = Series(days[order], tuple(bands), values[:, order], classes[order], ())
    clear = found.in_range & ((found.quality == quality.CLEAR) | (found.quality == quality.WATER))
    if repeated := int(clear.sum() - found.usable.sum()):
        notes.append(reason(REPEATED, number=repeated))
    if not clear.any():
        notes.append(reason(ALL_CLOUDY))
    return Series(found.days, found.bands, found.values, found.quality, tuple(notes))


def _whole(values: Values) -> npt.NDArray[np.int64]:
    """Return whole numbers; what is none is fill, as CFMask writes it."""
    whole = np.isfinite(values) & (np.abs(values) < 1e9)
    return np.where(whole, np.round(np.where(whole, values, 0.0)), quality.FILL).astype(np.int64)


def _rescale(values: Values, bands: Sequence[str]) -> list[Reason]:
    """Bring reflectance to ten-thousandths and temperature to hundredths of a degree, in place."""
    notes: list[Reason] = []
    reflective = [at for at, one in enumerate(bands) if one in REFLECTIVE]
    if reflective:
        known = values[reflective]
        positive = known[np.isfinite(known) & (known > 0)]
        middle = float(np.median(positive)) if positive.size else 0.0
        if 0 < middle < 2:
            values[reflective] *= HIGHEST
            notes.append(reason(SCALED, how="x 10000"))
        elif middle > 7_000 and np.min(positive) >= 1_000 and np.max(positive) > 2 * HIGHEST:
            values[reflective] = values[reflective] * 0.275 - 2_000  # Collection 2: 2.75e-5 a count, less 0.2
            notes.append(reason(SCALED, how="x 0.275 - 2000"))
    for at, one in enumerate(bands):
        if one not in (*REFLECTIVE, THERMAL):
            known = np.abs(values[at][np.isfinite(values[at])])
            if known.size and 0 < np.median(known) < 2:
                values[at] *= HIGHEST  # an index; the lasso's penalty is in ten-thousandths
                notes.append(reason(SCALED, how=f"{one} x 10000"))
        elif one == THERMAL:
            known = values[at][np.isfinite(values[at]) & (values[at] > 0)]
            middle = float(np.median(known)) if known.size else 0.0
            if 200 < middle < 350:
                values[at] = values[at] * 100 - 27_315
            elif 2_000 < middle < 3_500:
                values[at] = values[at] * 10 - 27_315
            elif middle > 20_000:
                values[at] = (
                    values[at] * 0.341802 + 14_900 - 27_315
                )  # Collection 2: 0.00341802 K a count + 149
    return notes
