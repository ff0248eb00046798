"""A library of spectra: arrays, in memory or mapped from one file, that opens in milliseconds at any size.

The file is eight bytes that name it, the length of a JSON header, the header, and the arrays it lists, each
at a multiple of 64 bytes. Nothing but the header is read when it is opened.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.formats.base import FormatError
from watchfloor.formats.lab.spectra.base import Spectrum

MAGIC: Final = b"WFSPEC1\n"
ALIGN: Final = 64
TEXTS: Final = ("name", "technique", "x_unit", "cas", "inchikey", "formula", "source", "smiles")
"""What is kept of each spectrum as text, empty where nothing is stated."""
DTYPES: Final = {
    **dict.fromkeys(("starts",), "<i8"),
    **dict.fromkeys(("x", "y", "norms", "voltage", "precursor"), "<f8"),
    **dict.fromkeys(("at_x", "at_weight"), "<f4"),
    **dict.fromkeys(("at_spectrum",), "<i4"),
    **dict.fromkeys(("centroid",), "|b1"),
    **{f"{name}_{part}": dtype for name in TEXTS for part, dtype in (("at", "<i8"), ("text", "|u1"))},
}
HEADER_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Library:
    """Spectra, and their peaks by rising m/z.

    Attributes:
        arrays: by name, see `DTYPES`: `starts` (s+1,) into `x`, `y`; `norms`, `voltage`, `precursor` (NaN
            where unknown), `centroid` (s,); `at_x`, `at_spectrum`, `at_weight` (p,): the peaks of centroid
            spectra by rising x; and for each text its bytes and where each begins.
        path: the file it is mapped from, None for one in memory.
    """

    arrays: Mapping[str, NDArray[Any]]
    path: Path | None = None

    def __len__(self) -> int:
        return len(self.arrays["starts"]) - 1

    @cached_property
    def postings(self) -> tuple[NDArray[Any], ...]:
        """As `kernels.best` takes them."""
        return tuple(_fixed(self.arrays[name]) for name in ("at_x", "at_spectrum", "at_weight"))

    @cached_property
    def lists(self) -> tuple[NDArray[Any], ...]:
        """As `kernels.best` takes them."""
        return tuple(_fixed(self.arrays[name]) for name in ("starts", "x", "y", "norms"))

    def text(self, column: str, at: int) -> str:
        """Return a text of a spectrum, one of `TEXTS`."""
        ends = self.arrays[f"{column}_at"]
        return bytes(self.arrays[f"{column}_text"][ends[at] : ends[at + 1]]).decode("utf-8", "replace")

    def column(self, name: str) -> list[str]:
        """One of `TEXTS` of all spectra."""
        ends = self.arrays[f"{name}_at"].tolist()
        whole = bytes(self.arrays[f"{name}_text"])
        return [whole[a:b].decode("utf-8", "replace") for a, b in pairwise(ends)]

    def points(self, at: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Abscissa and intensities of a spectrum."""
        a, b = self.arrays["starts"][at : at + 2]
        return np.asarray(self.arrays["x"][a:b]), np.asarray(self.arrays["y"][a:b])

    def spectrum(self, at: int) -> Spectrum:
        """A spectrum as it was put in."""
        x, y = self.points(at)
        said = {name: self.text(name, at) for name in TEXTS}
        return Spectrum(
            said["name"],
            said["technique"],
            x,
            y,
            said["x_unit"],
            "intensity",
            bool(self.arrays["centroid"][at]),
            said["source"],
            cas=said["cas"] or None,
            inchikey=said["inchikey"] or None,
            formula=said["formula"] or None,
            precursor=_number(self.arrays["precursor"][at]),
            voltage=_number(self.arrays["voltage"][at]),
            said={"SMILES": said["smiles"]} if said["smiles"] else {},
        )


def build(spectra: Iterable[Spectrum]) -> Library:
    """A library in memory. Spectra must have passed `prepare.checked`; peaks of height 0 are left out."""
    kept = list(spectra)
    lists = [_points(one) for one in kept]
    sizes = np.array([len(x) for x, _ in lists], np.int64)
    arrays: dict[str, NDArray[Any]] = {
        "starts": _begins(sizes),
        "x": np.concatenate([x for x, _ in lists]) if kept else np.empty(0),
        "y": np.concatenate([y for _, y in lists]) if kept else np.empty(0),
        "norms": np.array([np.sqrt((y * y).sum()) for _, y in lists]),
        "voltage": np.array([np.nan if one.voltage is None else one.voltage for one in kept]),
        "precursor": np.array([np.nan if one.precursor is None else one.precursor for one in kept]),
        "centroid": np.array([one.centroid for one in kept], np.bool_),
    }
    for name in TEXTS:
        texts = [_text(one, name).encode() for one in kept]
        arrays[f"{name}_at"] = _begins([len(text) for text in texts])
        arrays[f"{name}_text"] = np.frombuffer(b"".join(texts), np.uint8)
    return Library(indexed(arrays))


def _begins(sizes: Iterable[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of several pieces begins, and where the last ends."""
    return np.concatenate([[0], np.cumsum(np.fromiter(sizes, np.int64))]).astype(np.int64)


def indexed(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The arrays of a library with its inverted index: peaks of centroid spectra by rising abscissa."""
    sizes = np.diff(arrays["starts"])
    owner = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    peaks = np.flatnonzero(arrays["centroid"][owner])
    peaks = peaks[np.argsort(arrays["x"][peaks], kind="stable")]
    weights = arrays["y"][peaks] / arrays["norms"][owner[peaks]]
    made = {"at_x": arrays["x"][peaks], "at_spectrum": owner[peaks], "at_weight": weights}
    both = {**arrays, **made}
    return {name: np.ascontiguousarray(both[name], np.dtype(dtype)) for name, dtype in DTYPES.items()}


def write(library: Library, path: Path) -> None:
    """Write a library to one file, whole or not at all."""
    listed, offset = {}, 0
    for name, array in library.arrays.items():
        listed[name] = {"offset": offset, "length": len(array)}
        offset += -(-array.nbytes // ALIGN) * ALIGN
    header = json.dumps({"spectra": len(library), "arrays": listed}).encode()
    header += b" " * (-(len(MAGIC) + 8 + len(header)) % ALIGN)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as out:
            out.write(MAGIC + len(header).to_bytes(8, "little") + header)
            for array in library.arrays.values():
                np.ascontiguousarray(array).tofile(out)
                out.write(b"\0" * (-array.nbytes % ALIGN))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def is_library(path: Path) -> bool:
    """Whether a file begins as a library does."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def open_(path: Path) -> Library:
    """Map a library.

    Raises:
        FormatError: it is none, or is cut off.
    """
    with path.open("rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise FormatError(
                f"{path} is no library: make one with `watchfloor lab library build FILES -o LIB`"
            )
        size = int.from_bytes(stream.read(8), "little")
        if not 0 < size <= HEADER_BYTES:
            raise FormatError(f"{path} is damaged: its header says that it has {size} bytes; build it anew")
        try:
            header = json.loads(stream.read(size))
            arrays = dict(_mapped(path, header, len(MAGIC) + 8 + size, os.fstat(stream.fileno()).st_size))
            count = int(header["spectra"])
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise FormatError(f"{path} is damaged or cut off ({error}); build it anew") from None
    if len(arrays["starts"]) != count + 1:
        raise FormatError(f"{path} is damaged: it has not as many spectra as it says; build it anew")
    return Library(arrays, path)


def _mapped(path: Path, header: Any, base: int, size: int) -> Iterable[tuple[str, NDArray[Any]]]:
    whole = np.memmap(path, np.uint8, "r")
    for name, dtype in DTYPES.items():
        if name.startswith("smiles_") and name not in header["arrays"]:  # of a library that was made before
            count = header["arrays"]["starts"]["length"]  # which lies within the file, as was looked at
            yield name, np.zeros(int(count) if name == "smiles_at" else 0, np.dtype(dtype))
            continue
        entry = header["arrays"][name]
        begin, length = base + int(entry["offset"]), int(entry["length"]) * np.dtype(dtype).itemsize
        if begin < base or length < 0 or begin + length > size:
            raise ValueError(f"{name} would end behind the file")
        yield name, np.asarray(whole[begin : begin + length]).view(dtype)


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    """The array as it is when mapped: not to be written to, so that kernels are compiled once for both."""
    fixed = np.asarray(array).view()
    fixed.flags.writeable = False
    return fixed


def _points(one: Spectrum) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    keep = one.y > 0 if one.centroid else np.ones(len(one.y), np.bool_)
    return np.asarray(one.x[keep], np.float64), np.asarray(one.y[keep], np.float64)


def _text(one: Spectrum, column: str) -> str:
    if column == "smiles":
        return next((text for label, text in one.said.items() if label.lower().strip("$.") == "smiles"), "")
    if column != "source":
        return getattr(one, column) or ""
    return f"{one.said['file']}, {one.locator}" if "file" in one.said else one.locator


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
