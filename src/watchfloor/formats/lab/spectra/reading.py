"""Spectra as evidence: each spectrum of an instrument's file as one `reading`.

A reading says what was measured, with what, how and when. Files seldom say all of that: the item may stand in
a label, in the sample's name or in the file's name; what is still missing a person says of the feed, and a
spectrum of which it stays unknown is a fault that says what to do. Doubts of the reader stand in `quality`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np

from watchfloor.core.subjects import subject
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.lab.instrument_table import batches, checks_of, item
from watchfloor.formats.lab.reading_quality import CHECKS
from watchfloor.formats.lab.spectra.base import Spectrum
from watchfloor.formats.lab.spectra.moments import moment
from watchfloor.formats.lab.spectra.names import stem
from watchfloor.formats.lab.spectra.points import Floats
from watchfloor.formats.lazy_import import Later
from watchfloor.formats.tabular.fields import MATRICES

MANY: Final = 20
"""So many spectra in turn of which nobody can say what they are of are a library, or another feed's."""
BLOCK: Final = 1 << 20

_ITEM: Final = ("subject", "item", "parcel", "trackingnumber", "article", "colis", "container", "conteneur")
_SAMPLE: Final = ("sample", "samplename", "sampleid", "samplenumber", "sampledescription", "echantillon")
_INSTRUMENT: Final = ("instrument", "spectrometerdatasystem", "instrumentname", "device", "model", "appareil")
_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "serial": ("serial", "serialnumber", "instrumentserialnumber", "serialno", "numerodeserie", "serie"),
    "firmware": ("firmware", "firmwareversion", "software", "softwareversion", "version"),
    "library": ("library", "libraryversion", "bibliotheque"),
    "operator": ("operator", "user", "badge", "operateur"),
    "place": ("place", "location", "site", "lieu"),
    "exhibit": ("exhibit", "exhibitnumber", "piece", "pieceaconviction"),
    "procedure": ("procedure",),
}


@dataclass(frozen=True, slots=True)
class SpectraStatement:
    """A person's statement on the spectra of a feed, where their files have none.

    Attributes:
        samples: type and system of the numbers of its samples, `parcel:lab-7`: they become keys of these.
        instrument: which one takes them.
        method: a word of `formats.tabular.fields.METHODS`.
        at: when they were taken.
    """

    samples: str | None = None
    instrument: str | None = None
    method: str | None = None
    at: datetime | None = None


class _MissingError(ValueError):
    """Something that a reading needs and nobody says."""


def read(module: str, told: SpectraStatement, stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Readings and faults of one file. Raises `FormatError` as the reader of its format does.

    Args:
        module: of `formats.lab.spectra`, which reads the file.
        told: what a person says of its feed.
        stream: the file.
        name: its name.
    """
    whole, digest = _hashed(stream)
    yield from batches(_rows(Later(f"lab.spectra.{module}", "read")(whole, name), told, name, digest))


def _rows(
    pieces: Iterator[Spectrum | Fault], told: SpectraStatement, name: str, digest: str
) -> Iterator[dict[str, Any] | Fault]:
    silent = 0
    for one in pieces:
        if isinstance(one, Fault):
            yield one
            continue
        try:
            yield reading(one, told, name) | {"file_hash": digest}
            silent = 0
        except _MissingError as error:
            silent += 1
            last = silent == MANY
            more = f"; so do {MANY} spectra in turn, and the rest was not read" if last else ""
            yield Fault(one.locator, f"{one.name}: {error}{more}", one.name.encode(), rest=last)
            if last:
                return


def reading(one: Spectrum, told: SpectraStatement, name: str) -> dict[str, Any]:
    """The columns of a reading that a spectrum fills. Raises `ValueError` for one that nobody can place."""
    said = {_plain(key): text for key, text in one.said.items()}
    found = peaks(one)
    matrix = said.get("matrix", "").lower()
    return {
        "locator": one.locator,
        "subject": _subject(one, said, told, name),
        "instrument": _instrument(said, told),
        "method": _method(one, told),
        "observed_at": _observed(said, told),
        "sample": _first(said, _SAMPLE),
        **{column: _first(said, labels) for column, labels in _TEXTS.items()},
        "calibrated_at": moment({"date": said.get("calibrationdate", said.get("calibrated", ""))}),
        "matrix": matrix if matrix in MATRICES else None,
        "peaks": found.x.tolist() or None,
        "intensity": found.height.tolist() or None,
        "quality": list(one.doubts),
        "unit": one.x_unit or None,
        "results": [dict(result) for result in one.results] or None,
        **dict(zip(("latitude", "longitude"), one.place or (None, None), strict=True)),
    }


def _subject(one: Spectrum, said: Mapping[str, str], told: SpectraStatement, name: str) -> str:
    """The item: as a label names it, as sample, title or file are called, or by the feed's own numbers.

    A portal sees what passes and knows no number of it: it is that passage, by portal and moment. A blank
    or a calibrant that names no item is of the instrument itself.
    """
    sample = _first(said, _SAMPLE)
    for text in (*(said[key] for key in _ITEM if key in said), sample or "", one.name):
        if key := _item(text):
            return key
    for word in re.split(r"[\s_.,;()\[\]]+", stem(name)):
        if key := _item(word):
            return key
    if said.get("matrix", "").lower() in CHECKS:
        return checks_of(_first(said, _TEXTS["serial"]) or _instrument(said, told))
    if told.samples and sample:
        kind, _, system = told.samples.partition(":")
        return str(subject(kind, system, sample.split("\n")[0]))
    if passage := said.get("passage"):
        return str(subject("track", "n42", passage))
    raise _MissingError(
        "nothing says what was measured. Name the file for the item (RB123456785CA_30V.jdx), write its key in"
        " a label 'subject', or say under the feed in feeds.toml whose numbers its samples have:"
        ' samples = "parcel:NAME"'
    )


def _instrument(said: Mapping[str, str], told: SpectraStatement) -> str:
    found = _first(said, _INSTRUMENT) or told.instrument
    if not found:
        raise _MissingError(
            'it does not say which instrument took it: say so under the feed in feeds.toml, instrument = "…"'
        )
    return found


def _method(one: Spectrum, told: SpectraStatement) -> str:
    found = one.technique or told.method
    if not found:
        raise _MissingError(
            'it does not say by which technique: say so under the feed in feeds.toml, method = "…"'
        )
    return found


def _observed(said: Mapping[str, str], told: SpectraStatement) -> datetime:
    found = moment(said) or told.at
    if not found:
        raise _MissingError(
            "it does not say when it was taken, or in a form that is no one day: say so under the feed in"
            ' feeds.toml, base_time = "2026-07-14T09:30:00Z"'
        )
    return found


def _item(text: str) -> str | None:
    try:
        return item(text.strip()) if 0 < len(text.strip()) <= 200 else None
    except ValueError:
        return None


def _first(said: Mapping[str, str], labels: tuple[str, ...]) -> str | None:
    found = next((said[label] for label in labels if said.get(label)), None)
    return " ".join(found.split())[:200] if found else None


def _plain(label: str) -> str:
    return re.sub(r"[^a-z0-9]", "", label.lower().translate(_ACCENTS))


_ACCENTS: Final = str.maketrans("éèêëàâîïôûùç", "eeeeaaiiouuc")


def _hashed(stream: BinaryIO) -> tuple[BinaryIO, str]:
    """The file from its start, and the SHA-256 of its bytes."""
    if not stream.seekable():
        stream = BytesIO(stream.read())
    start, digest = stream.tell(), sha256()
    while block := stream.read(BLOCK):
        digest.update(block)
    stream.seek(start)
    return stream, digest.hexdigest()


# The peaks of a spectrum: those that it lists, or those of its curve.


MOST: Final = 512
"""Peaks that are kept of one spectrum, the highest."""
LEAST: Final = 0.005
"""Lowest peak of a curve that is kept, and the least that it stands out, of the highest there."""
DIPS: Final = ("transmittance", "reflectance", "percent")
"""Ordinates that fall where a substance absorbs."""


class Peaks(NamedTuple):
    """Positions, ascending, and heights relative to the highest, 0 to 1."""

    x: Floats
    height: Floats


def peaks(spectrum: Spectrum, most: int = MOST) -> Peaks:
    """The highest peaks of a spectrum.

    Of a list its own; of a curve its maxima that stand out by `LEAST` (their topographic prominence), of
    transmittance and reflectance its minima. Positions below 0 are left out: records have none.
    """
    x, y = (spectrum.x, spectrum.y) if spectrum.centroid else _of_curve(spectrum)
    use = (x >= 0) & (y > 0)
    x, y = x[use], y[use]
    if not len(y):
        return Peaks(x, y)
    kept = np.sort(np.argsort(-y, kind="stable")[:most])
    return Peaks(x[kept], y[kept] / y.max())


def _of_curve(spectrum: Spectrum) -> tuple[Floats, Floats]:
    from scipy.signal import find_peaks

    falls = any(word in spectrum.y_unit.lower() for word in DIPS)
    top = float(np.abs(spectrum.y).max())
    y = spectrum.y / top if top > 0 else spectrum.y  # so that no difference is too large for a number
    y = y.max() - y if falls else y - min(float(y.min()), 0.0)
    least = LEAST * float(y.max(initial=0))
    at, _ = find_peaks(np.concatenate([[0.0], y, [0.0]]), height=least, prominence=max(least, 1e-300))
    return spectrum.x[at - 1], y[at - 1]
