"""Cubes: one band or index of many pixels over many dates, as NumPy arrays or GeoTIFFs.

A `.npz` holds the cube (dates × rows × columns), `dates`, and may hold `quality` of the same shape. A `.npy`
and a GeoTIFF whose bands are dates need a table of dates; a folder holds a GeoTIFF a date, with the date in
its name.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.extras import optional
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.formats.imagery import quality
from watchfloor.formats.imagery.scenes import LOCKED, SceneError, driver_of
from watchfloor.formats.imagery.series import (
    ALL_CLOUDY,
    NOT_NUMPY,
    QUALITY_TAKEN,
    SORTED,
    UNKNOWN_QUALITY,
    SeriesError,
    days_of,
    numpy_object,
    refuse,
)

VOID: Final = -32_768
"""Of a pixel that was not seen, in 16 bits."""
MOST_VALUES: Final = 400_000_000
"""Of a cube that is held in memory: 800 MB as 16 bits."""
MOST_BYTES: Final = 8 * MOST_VALUES
MOST_DATES: Final = 5_000
RASTERS: Final = (".tif", ".tiff")

NO_CUBE = declare("imagery.no-cube", "file")
NO_DATE_TABLE = declare("imagery.no-date-table", "file", "dates")
CUBE_TOO_LARGE = declare("imagery.cube-too-large", "file", "values", "most")
OTHER_SIZE = declare("imagery.other-size", "file", "rows", "columns")
NO_DATE_IN_NAME = declare("imagery.no-date-in-name", "file")
NO_RASTER = declare("imagery.no-raster", "file")
SAME_DAY = declare("imagery.same-day", "day")
INDEX_SCALED = declare("imagery.index-scaled")


@dataclass(frozen=True, slots=True)
class Cube:
    """One band over dates.

    Attributes:
        days: ordinal days, strictly increasing.
        values: dates × rows × columns, 16 bits, `VOID` where nothing clear was seen.
        notes: what was guessed and put right.
    """

    days: npt.NDArray[np.int64]
    values: npt.NDArray[np.int16]
    notes: tuple[Reason, ...]


def is_cube(path: Path) -> bool:
    """Return whether a path is read as a cube and not as one pixel's table. Raises `SeriesError`."""
    if path.is_dir() or path.suffix.lower() in RASTERS:
        return True
    with path.open("rb") as file:
        head = file.read(6)
    if head.startswith(b"\x93NUMPY"):
        try:
            with path.open("rb") as file:
                version = np.lib.format.read_magic(file)
                old = version == (1, 0)
                read = np.lib.format.read_array_header_1_0 if old else np.lib.format.read_array_header_2_0
                shape, _, dtype = read(file)
        except Exception as error:  # of ast and tokenize too, in a damaged header
            refuse(NOT_NUMPY, file=path.name, why=str(error)[:120])
        return len(shape) >= 3 and not dtype.hasobject
    if head.startswith(b"PK\x03\x04"):
        return any(one.ndim >= 3 for one in _arrays(path).values())
    return False


def read_cube(path: Path, dates: Path | None = None) -> Cube:
    """Read a cube.

    Args:
        path: .npz, .npy, a GeoTIFF whose bands are dates, or a folder with a GeoTIFF a date.
        dates: a text with a date a line, or in the first column; for those without dates of their own.

    Raises:
        SeriesError: it is no cube, or is too large, or its dates or sizes do not fit.
        MissingExtraError: it is a GeoTIFF and rasterio is not installed.
    """
    marks: npt.NDArray[Any] | None = None
    texts: Sequence[str]
    if path.is_dir() or path.suffix.lower() in RASTERS:
        values, texts = _rasters(path)
    else:
        values, texts, marks = _array(path)
    if dates is not None:
        lines = dates.read_text("utf-8-sig", errors="replace").splitlines()
        cells = [re.split(r"[,;\t]", line)[0].strip().strip('"') for line in lines if line.strip()]
        texts = cells[1:] if len(cells) == len(values) + 1 else cells
    if len(texts) != len(values):
        refuse(NO_DATE_TABLE, file=path.name, dates=len(values))
    days, _ = days_of(list(enumerate(texts, 1)), path.name)
    notes: list[Reason] = []
    order = np.argsort(days, kind="stable")
    if (order[1:] < order[:-1]).any():
        notes.append(reason(SORTED))
    days = days[order]
    if (same := np.flatnonzero(np.diff(days) == 0)).size:
        refuse(SAME_DAY, day=str(texts[order[same[0]]]))
    whole = _whole(values, notes)
    if marks is not None:
        if marks.shape != values.shape or marks.dtype.kind not in "biu":
            refuse(NO_CUBE, file=path.name)
        kind = quality.kind_of(marks)
        if kind is None:
            refuse(UNKNOWN_QUALITY, file=path.name, values=", ".join(map(str, np.unique(marks)[:8])))
        notes.append(reason(QUALITY_TAKEN, form=kind.value))
        seen, _ = quality.classes(marks, kind)
        whole[(seen != quality.CLEAR) & (seen != quality.WATER)] = VOID
    whole = whole[order]
    if not (whole != VOID).any():
        notes.append(reason(ALL_CLOUDY))
    return Cube(days, whole, tuple(notes))


def _whole(values: npt.NDArray[Any], notes: list[Reason]) -> npt.NDArray[np.int16]:
    """Return values as 16 bits: an index between -2 and 2 in ten-thousandths, and what is none as `VOID`."""
    if values.dtype == np.int16:
        return np.where(values <= -9_000, np.int16(VOID), values)
    known = np.isfinite(values) & (np.abs(values) < 32_767) & (values > -9_000)
    if values.dtype.kind == "f" and known.any() and np.percentile(np.abs(values[known]), 99) < 2:
        notes.append(reason(INDEX_SCALED))
        values = values * 10_000
        known &= np.abs(values) < 32_767
    return np.where(known, np.round(np.where(known, values, 0)), VOID).astype(np.int16)


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    if path.stat().st_size > MOST_BYTES:
        refuse(CUBE_TOO_LARGE, file=path.name, values=path.stat().st_size, most=MOST_VALUES)
    found = numpy_object(path.read_bytes(), path.name, MOST_BYTES)
    if isinstance(found, np.ndarray):
        return {"values": found}
    return {key: one for key, one in dict(found).items() if isinstance(one, np.ndarray)}


def _array(path: Path) -> tuple[npt.NDArray[Any], Sequence[str], npt.NDArray[Any] | None]:
    """Return a cube, its dates, and its quality if the file has them."""
    arrays = _arrays(path)
    marks = next((arrays.pop(key) for key in list(arrays) if key.lower() in ("quality", "qa", "scl")), None)
    wide = [one for one in arrays.values() if one.ndim == 3 and one.dtype.kind in "iuf"]
    if len(wide) != 1 or not wide[0].size:
        refuse(NO_CUBE, file=path.name)
    _bounded(path, *wide[0].shape)
    dates = next(
        (one for key, one in arrays.items() if key.lower() in ("dates", "days", "date", "time")), None
    )
    texts: list[str] = []
    if dates is not None and dates.ndim == 1:
        if dates.dtype.kind == "M":
            dates = dates.astype("datetime64[D]").astype(str)
        texts = [str(one) for one in dates.tolist()]
    return wide[0], texts, marks


def _bounded(path: Path, dates: int, rows: int, columns: int) -> None:
    if dates > MOST_DATES or dates * rows * columns > MOST_VALUES:
        refuse(CUBE_TOO_LARGE, file=path.name, values=dates * rows * columns, most=MOST_VALUES)


def date_in(name: str) -> str:
    """Return the date in a file's name as an ISO date; empty if there is none, or more than one."""
    found = {
        f"{year}-{month}-{day}"
        for year, month, day in re.findall(
            r"(?<!\d)((?:19|20)\d\d)[-_]?(0[1-9]|1[0-2])[-_]?([0-3]\d)(?!\d)", name
        )
    }
    return found.pop() if len(found) == 1 else ""


@contextmanager
def _quiet() -> Iterator[None]:
    """Say nothing of a file that is on no ground: a cube need not be."""
    from rasterio.errors import NotGeoreferencedWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield


def _rasters(path: Path) -> tuple[npt.NDArray[Any], list[str]]:
    """Return the first band of each GeoTIFF of a folder, or the bands of one, and their dates."""
    with optional():
        import rasterio
    files = [path]
    if path.is_dir():
        files = sorted(one for one in path.iterdir() if one.suffix.lower() in RASTERS)
        if not files:
            refuse(NO_CUBE, file=path.name)
    layers: list[npt.NDArray[Any]] = []
    texts: list[str] = []
    for file in files:
        try:
            found, driver = driver_of(file)
            with rasterio.Env(**LOCKED), _quiet(), rasterio.open(found, driver=driver) as one:
                _bounded(file, max(one.count, len(files)), one.height, one.width)
                if layers and layers[0].shape != (one.height, one.width):
                    refuse(OTHER_SIZE, file=file.name, rows=one.height, columns=one.width)
                for band in (1,) if path.is_dir() else range(1, one.count + 1):
                    layer = one.read(band).astype(float)
                    nodata = one.nodatavals[band - 1]
                    if nodata is not None and nodata == nodata:
                        layer[layer == nodata] = np.nan
                    layers.append(layer)
                if not path.is_dir():
                    texts = [date_in(text or "") for text in one.descriptions]
        except SceneError as error:
            raise SeriesError(error.reason) from None
        except rasterio.errors.RasterioError:
            refuse(NO_RASTER, file=file.name)
        if path.is_dir():
            if not (day := date_in(file.name)):
                refuse(NO_DATE_IN_NAME, file=file.name)
            texts.append(day)
    return np.array(layers), texts if all(texts) else []
