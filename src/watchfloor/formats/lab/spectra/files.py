"""Files of spectra: which sort one is, and all spectra of files and folders."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from watchfloor.formats.base import HEAD_BYTES, Fault, FormatError, Head
from watchfloor.formats.lab.spectra import names
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lazy_import import Later

READERS: Final = ("jcamp", "mzml", "spc", "msp", "mgf", "plain", "instrument_csv")
"""Modules with a `sniff` and a `read`; of two equally sure ones the first."""

MASSES: Final = ("ms", "gc-ms", "lc-ms", "dart-ms")


class Step(NamedTuple):
    """Progress over several files: path, how many are done of how many, spectra and faults."""

    path: Path
    done: int
    total: int
    spectra: int
    faults: tuple[Fault, ...]


Report = Callable[[Step], None]


def reader(head: Head) -> str | None:
    """The module of this folder that is surest of the start of a file."""
    sure = {one: float(Later(f"lab.spectra.{one}", "sniff")(head)) for one in READERS}
    best = max(sure, key=lambda one: sure[one])
    return best if sure[best] > 0 else None


def read(stream: BinaryIO, name: str) -> Iterator[Spectrum | Fault]:
    """Spectra and faults of one file, in its order.

    Args:
        stream: the file; what it is, is seen from its content.
        name: its name, with that of its folder where there is one: a voltage in either is taken where the
            file states none.

    Raises:
        FormatError: it is no file of spectra, or not the one that it begins as.
    """
    head = stream.read(HEAD_BYTES)
    if not head.strip():
        raise FormatError(f"{name} is empty")
    module = reader(Head(name, head))
    if module is None:
        raise FormatError(
            f"{name} is no spectrum that is known here: JCAMP-DX, SPC, MSP, MGF, mzML, or columns of numbers"
        )
    whole = stream if _back(stream) else BytesIO(head + stream.read())
    volts = names.voltage(name)
    for one in Later(f"lab.spectra.{module}", "read")(whole, name):
        if isinstance(one, Spectrum) and one.voltage is None and volts and _masses(one):
            yield replace(one, voltage=volts)
        else:
            yield one


def load(paths: Iterable[Path], report: Report | None = None) -> list[Spectrum]:
    """All spectra of files, and of every file below folders, in the order of their paths.

    `said["file"]` of each is the path it came from. A file below a folder that holds no spectrum is passed
    over, and told to `report`.

    Raises:
        FormatError: a path does not exist; a file that is named itself holds no spectrum that can be read.
    """
    found: list[Spectrum] = []
    queue = list(_files(paths))
    for done, (path, named) in enumerate(queue, 1):
        spectra, faults = _one(path)
        if named and not spectra:
            raise FormatError(f"{path}: {faults[0].reason if faults else 'it holds no spectrum'}")
        found += spectra
        if report:
            report(Step(path, done, len(queue), len(spectra), faults))
    return found


def _one(path: Path) -> tuple[list[Spectrum], tuple[Fault, ...]]:
    spectra, faults = [], []
    name = f"{path.parent.name}/{path.name}"
    try:
        with path.open("rb") as stream:
            for one in read(stream, name):
                if isinstance(one, Fault):
                    faults.append(one)
                else:
                    spectra.append(replace(one, said={**one.said, "file": str(path)}))
    except (FormatError, OSError) as error:
        # Who reports it names the path; the folder alone would look like a root.
        faults.append(Fault("whole file", str(error).replace(name, "it", 1), b""))
    return spectra, tuple(faults)


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Each file, and whether it was named itself."""
    for path in map(Path, paths):
        if path.is_dir():
            yield from ((one, False) for one in sorted(path.rglob("*")) if one.is_file())
        elif path.exists():
            yield path, True
        else:
            raise FormatError(f"{path}: there is no such file or folder")


def _masses(one: Spectrum) -> bool:
    """Whether a voltage in the name of its file may be believed: it is of masses, or does not say of what."""
    return one.technique in MASSES or (not one.technique and one.x_unit in ("", "m/z"))


def _back(stream: BinaryIO) -> bool:
    """Go back to the start of a stream, where it can."""
    if stream.seekable():
        stream.seek(0)
        return True
    return False
