"""A scene as a folder: `item.json`, which describes it, and the files that it names beside it.

Bands are the files with the role of data and a band, by common name; where one file has several bands, that
alone is read. A scene classification (Sentinel-2's SCL) or a file of quality bits (Landsat's QA_PIXEL) says
what is cloud or shadow. A file outside the folder is never opened.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from watchfloor.core.messages import declare
from watchfloor.formats.imagery.quality import QualityKind, hidden
from watchfloor.formats.imagery.scenes import Box, Mask, Scene, common_name, open_scene, refuse

ITEM: Final = "item.json"
LONGEST: Final = 4 << 20
RADAR: Final = ("vv", "vh", "hh", "hv", "rh", "rv")
"""Names of bands of a radar: polarisations."""

NO_ITEM = declare("scene.no-item", "folder")
NO_DATA_FILES = declare("scene.no-data-files", "folder")


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of a folder that are read.

    Attributes:
        bands: common name and file of each band; of a file with several bands an empty name.
        quality: the file that says what is cloud, or None; written: how it does.
        scales: by common name, scale and offset that make reflectance of a band's numbers.
    """

    bands: tuple[tuple[str, Path], ...]
    quality: Path | None
    written: QualityKind
    scales: Mapping[str, tuple[float, float]]


class OpenScene:
    """A scene that is open with what is known of its quality.

    Attributes:
        scene: its bands.
        scales: see `Folder`.
    """

    def __init__(
        self,
        scene: Scene,
        quality: Scene | None = None,
        written: QualityKind = QualityKind.SCENE_CLASSIFICATION,
        scales: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        self.scene, self._quality, self._written = scene, quality, written
        self.scales = scales or {}

    @property
    def radar(self) -> bool:
        """Return whether it is of a radar."""
        return bool(self.scene.bands) and all(band.name in RADAR for band in self.scene.bands)

    def hidden(self, box: Box) -> Mask:
        """Return where cloud, its shadow or a defect hides the ground in a window."""
        if self._quality is None:
            return np.zeros((box.rows, box.columns), bool)
        ratio = max(1, round(self.scene.columns / self._quality.columns))
        top, left = box.row // ratio, box.column // ratio
        bottom = min(-(-(box.row + box.rows) // ratio), self._quality.rows)
        right = min(-(-(box.column + box.columns) // ratio), self._quality.columns)
        read, _ = self._quality.read(Box(top, left, bottom - top, right - left), [0])
        cloudy = hidden(read[0].astype(np.int64), self._written)
        rows = np.minimum((np.arange(box.rows) + box.row) // ratio - top, cloudy.shape[0] - 1)
        columns = np.minimum((np.arange(box.columns) + box.column) // ratio - left, cloudy.shape[1] - 1)
        return np.asarray(cloudy[np.ix_(rows, columns)])


@contextmanager
def open_any(path: Path) -> Iterator[OpenScene]:
    """Open a file of a scene, or a folder with its description, for a block. Raises `SceneError`."""
    if not path.is_dir():
        with open_scene(path) as scene:
            yield OpenScene(scene)
        return
    found = folder(path)
    files = [] if found.bands[0][0] == "" else found.bands
    with open_scene(path if files else found.bands[0][1], files) as scene:
        scene.name = path.name
        if found.quality is None:
            yield OpenScene(scene, scales=found.scales)
        else:
            with open_scene(found.quality) as quality:
                yield OpenScene(scene, quality, found.written, found.scales)


def folder(path: Path) -> Folder:
    """Find the files of a scene's folder. Raises `SceneError`."""
    item = path / ITEM
    if not item.is_file():
        refuse(NO_ITEM, folder=path.name)
    with item.open("rb") as stream:
        content = stream.read(LONGEST + 1)
    try:
        told = msgspec.json.decode(content)
        assets = {key: one for key, one in told["assets"].items() if isinstance(one, dict)}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, AttributeError, TypeError):
        refuse(NO_ITEM, folder=path.name)
    bands: dict[str, Path] = {}
    several: list[Path] = []
    scales: dict[str, tuple[float, float]] = {}
    quality, written = None, QualityKind.SCENE_CLASSIFICATION
    for key, one in assets.items():
        file = _inside(path, one.get("href"))
        if file is None or file.suffix.lower() not in (".tif", ".tiff", ".img", ".dat"):
            continue
        lower = key.lower()
        if "scl" in lower or lower.startswith(("qa_pixel", "qa-pixel")):
            quality = file
            written = QualityKind.COLLECTION_2 if lower.startswith("qa") else QualityKind.SCENE_CLASSIFICATION
            continue
        names = list(_names(one))
        if len(names) > 1:
            several.append(file)
        elif _is_data(one) and (name := names[0] if names else common_name(key)):
            bands.setdefault(name, file)
            scales[name] = _scale(one)
    found = tuple(bands.items()) or tuple(("", file) for file in several[:1])
    if not found:
        refuse(NO_DATA_FILES, folder=path.name)
    return Folder(found, quality, written, scales)


def _inside(path: Path, href: Any) -> Path | None:
    if not isinstance(href, str) or "://" in href or "\0" in href:
        return None
    here, file = os.path.realpath(path), os.path.realpath(path / href)
    return Path(file) if os.path.commonpath([here, file]) == here and Path(file).is_file() else None


def _is_data(asset: Mapping[str, Any]) -> bool:
    roles = asset.get("roles")
    said = roles if isinstance(roles, list) else []
    return not {"overview", "thumbnail", "visual", "metadata"} & {one for one in said if isinstance(one, str)}


def _listed(asset: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    value = asset.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _names(asset: Mapping[str, Any]) -> Iterator[str]:
    for key, common in (("bands", "eo:common_name"), ("eo:bands", "common_name")):
        for band in _listed(asset, key):
            named = band.get(common) or common_name(str(band.get("name")))
            if isinstance(named, str) and named:
                yield named.lower()
    polarisations = asset.get("sar:polarizations")
    for one in polarisations if isinstance(polarisations, list) else []:
        yield str(one).lower()


def _scale(asset: Mapping[str, Any]) -> tuple[float, float]:
    for band in (*_listed(asset, "raster:bands"), *_listed(asset, "bands"), asset):
        scale = band.get("scale", band.get("raster:scale"))
        offset = band.get("offset", band.get("raster:offset", 0.0))
        if isinstance(scale, int | float) and isinstance(offset, int | float) and scale > 0:
            return float(scale), float(offset)
    return 1.0, 0.0
