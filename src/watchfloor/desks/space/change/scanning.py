"""Shapes on the ground that changed between two scenes of a stretch.

Pixels that policy masks are blanked as each window is read: no statistic rests on them, no picture has
them. Both scenes are worked by windows, and the map of changes lies in a file, so memory does not grow with
the scenes. Every answer is a struct of plain values, since scenes from outside are read in a process of their
own.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from watchfloor.core.messages import declare
from watchfloor.desks.space.change import descriptions, pairs, radar, trails
from watchfloor.desks.space.change.components import Components
from watchfloor.desks.space.change.descriptions import LARGE, Compared, Reread, ShapeFound
from watchfloor.formats.imagery.alignment import Alignment, align
from watchfloor.formats.imagery.folders import OpenScene, open_any
from watchfloor.formats.imagery.scenes import Box, Floats, Mask, moved, projected, refuse

Geometry = Mapping[str, Any]
"""A GeoJSON geometry in WGS84."""

LEAST: Final = 4
"""Pixels of a shape: what is smaller is as often noise."""
MOST: Final = 2_000
"""Shapes that are described, those with the highest statistic."""
SWEEP: Final = 0.5
"""Share of the work that is done when all is compared, …"""
TRACE: Final = 0.7
"""… and when trails are traced, and no shape is described. Judgement."""
TILE: Final = 256
"""Pixels a side of a tile of the map."""
NO_MEASURE, NO_CHANGE, CHANGE = 255, 0, 1
"""Values of a map."""
CLOUDY: Final = 0.98
"""Share of the overlap below which it is said how much was measured."""
MUCH: Final = 0.3
"""Share of what was measured above which it is said that change is an unlikely reason. Judgement."""


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a scan of a pair.

    Attributes:
        shapes: the highest statistic first; more: how many others there are.
        clear: of each geometry that was asked about, the share that both scenes show.
        notes: what was found out about the scenes, each a message and its parameters as JSON.
        bands: that were compared; correlations: of the canonical variates, or none.
        rows, columns: of the map; measured: its pixels that both scenes show; changed: of these.
        pixel: metres, or 0; threshold: above it is change; lowest: that it may be.
        null_share: share of unchanged pixels above the threshold, by the spread of those below.
        shift: columns and rows by which the later scene was off, where it could be seen; shift_error: its
            standard error.
    """

    shapes: list[ShapeFound]
    more: int
    clear: list[float]
    notes: list[dict[str, str]]
    method: str
    method_version: str
    bands: list[str]
    correlations: list[float]
    rows: int
    columns: int
    measured: int
    changed: int
    pixel: float
    threshold: float
    lowest: float
    null_share: float
    shift: list[float] | None
    shift_error: float | None


NOT_ON_GROUND = declare("scene.not-on-ground", "file")

Progress = Callable[[float], None]


def scan_pair(
    before: Path,
    after: Path,
    *,
    masked: Sequence[Geometry] = (),
    within: Geometry | None = None,
    known: Sequence[Geometry] = (),
    out: Path | None = None,
    least: int = LEAST,
    looks: float = 0.0,
    progress: Progress | None = None,
) -> Scan:
    """Find the shapes that changed between two scenes.

    Args:
        before, after: files of all bands, or folders with `item.json` and its files.
        masked: geometries whose pixels are not looked at.
        within: a geometry outside which nothing is looked at.
        known: geometries of which it is asked how much of them both scenes show.
        out: the map to write, a GeoTIFF: 1 where it changed, 0 where not, 255 where nobody can say.
        least: pixels of a shape.
        looks: equivalent number of looks of a radar; 0: estimated.
        progress: is told the share of the work that is done.

    Raises:
        SceneError: the scenes cannot be compared; its reason says why.
        MissingExtraError: rasterio is not installed.
    """
    with open_any(before) as first, open_any(after) as second:
        sides = first, second
        speckled = first.radar and second.radar
        pair = align(
            first.scene,
            second.scene,
            lambda found: _Policy(found, sides, masked, within).hidden,
            resample=not speckled,
        )

        def swept(share: float) -> None:
            if progress is not None:
                progress(SWEEP * share)

        swept(0.0)
        parts = Components(pair.columns, least)
        with _map(pair, out) as (keep, reread):

            def each(box: Box, statistic: Floats, change: Mask) -> None:
                keep(box, statistic, change)
                parts.add(box, change, np.nan_to_num(statistic))

            found: pairs.Map | radar.Map
            if speckled:
                found = radar.compare(pair, each, looks=looks, progress=swept)
            else:
                found = pairs.compare(pair, each, swept)
            if found.measured < CLOUDY * pair.rows * pair.columns:
                share = round(100 * found.measured / (pair.rows * pair.columns), 1)
                pair.note(pairs.CLOUDY, share=share)
            if found.changed > MUCH * found.measured:
                pair.note(pairs.MUCH, share=round(100 * found.changed / found.measured, 1))
            components = parts.found()
            of = Compared(pair, sides, reread, found, least)
            traced: list[trails.Trail] = []
            drawn: list[descriptions.Drawn] = []
            if isinstance(found, pairs.Map) and (toward := of.toward) is not None:

                def followed(share: float) -> None:
                    swept(1 + share * (TRACE - SWEEP) / SWEEP)

                boxes = [one.box for one in components]
                for line in trails.trace(pair, found.views, toward, reread, boxes, followed)[:MOST]:
                    if (shape := descriptions.trail(of, line)).shape.what == "trail":
                        traced.append(line)
                        drawn.append(shape)
            rest = sorted(components[: MOST - len(drawn)], key=lambda one: descriptions.tile(one.box))
            for number, one in enumerate(rest, 1):
                if (part := descriptions.part(of, one, traced)) is not None:
                    drawn.append(part)
                if progress is not None:
                    progress(TRACE + (1 - TRACE) * number / len(rest))
            described = sorted(
                descriptions.placed(pair, drawn), key=lambda one: (-one.statistic, one.row, one.column)
            )
        return Scan(
            shapes=described,
            more=len(components) - len(rest),
            clear=[_clear_share(pair, one) for one in known],
            notes=[one.stored() for one in pair.notes],
            method=found.method,
            method_version=found.version,
            bands=pair.names,
            correlations=[float(one) for one in found.correlations],
            rows=pair.rows,
            columns=pair.columns,
            measured=found.measured,
            changed=found.changed,
            pixel=first.scene.metres,
            threshold=found.threshold.value,
            lowest=found.threshold.lowest,
            null_share=found.threshold.null_share(found.threshold.value),
            shift=None if pair.shift is None else [*pair.shift],
            shift_error=pair.error,
        )


class _Policy:
    """The hidden part of a pair: masked by policy, outside of the stretch, or under cloud in either scene."""

    def __init__(
        self,
        pair: Alignment,
        sides: tuple[OpenScene, OpenScene],
        masked: Sequence[Geometry],
        within: Geometry | None,
    ) -> None:
        self._pair, self._sides = pair, sides
        self._closed = _projected(pair, masked)
        self._open = None if within is None else _projected(pair, [within])

    def hidden(self, box: Box) -> Mask:
        """Return where a window is hidden."""
        gone = np.zeros((box.rows, box.columns), bool)
        if self._closed:
            gone |= _inside(self._pair, self._closed, box)
        if self._open is not None:
            gone |= ~_inside(self._pair, self._open, box)
        if gone.all():
            return gone
        for side, scene in enumerate(self._sides):
            row, column = self._pair.origins[side]
            gone |= scene.hidden(Box(row + box.row, column + box.column, box.rows, box.columns))
        return gone


def _projected(pair: Alignment, geometries: Sequence[Geometry]) -> list[dict[str, Any]]:
    """Return geometries in the projection of a pair. Raises `SceneError` where it has none."""
    if geometries and pair.before.crs is None:
        refuse(NOT_ON_GROUND, file=pair.before.name)
    return projected(pair.before.crs, pair.transform, pair.rows, pair.columns, geometries)


def _inside(pair: Alignment, geometries: Sequence[Geometry], box: Box) -> Mask:
    from rasterio.features import geometry_mask

    if not geometries:
        return np.zeros((box.rows, box.columns), bool)
    there = moved(pair.transform, box.row, box.column)
    # Every pixel that a mask touches is masked: half a garden is not looked at.
    return np.asarray(
        geometry_mask(geometries, (box.rows, box.columns), there, all_touched=True, invert=True)
    )


def _clear_share(pair: Alignment, geometry: Geometry) -> float:
    """Return the share of a geometry that both scenes show; 0 where it lies elsewhere."""
    import shapely

    there = next(iter(_projected(pair, [geometry])), None)
    if there is None:
        return 0.0
    at = pair.transform
    ring = shapely.get_coordinates(shapely.geometry.shape(there))
    columns, rows = (ring[:, 0] - at.c) / at.a, (ring[:, 1] - at.f) / at.e
    top, bottom = max(0, int(np.floor(rows.min()))), min(pair.rows, int(np.ceil(rows.max())))
    left, right = max(0, int(np.floor(columns.min()))), min(pair.columns, int(np.ceil(columns.max())))
    if top >= bottom or left >= right or (bottom - top) * (right - left) > LARGE**2:
        return 0.0
    box = Box(top, left, bottom - top, right - left)
    inside = _inside(pair, [there], box)
    *_, valid = pair.read(box)
    whole = float(np.ptp(rows) * np.ptp(columns))
    share = float(valid[inside].mean()) if inside.any() else 0.0
    return share * min(1.0, (bottom - top) * (right - left) / max(whole, 1.0))


@contextmanager
def _map(pair: Alignment, out: Path | None) -> Iterator[tuple[pairs.Keep, Reread]]:
    """Open the map of a pair, which takes its name when it is whole; without a name it goes at the end."""
    import rasterio
    from rasterio.windows import Window

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) if out is None else out.parent
        beside = folder / (f"{out.name}.part" if out is not None else "map.tif")
        if out is not None:
            stack.callback(lambda: beside.unlink(missing_ok=True))
        kind = {"driver": "GTiff", "dtype": "uint8", "count": 1, "nodata": NO_MEASURE, "compress": "deflate"}
        tiles = {"tiled": True, "blockxsize": TILE, "blockysize": TILE, "BIGTIFF": "IF_SAFER"}
        at = {"crs": pair.before.crs, "transform": pair.ground}
        size = {"height": pair.rows, "width": pair.columns}
        with rasterio.open(beside, "w+", **kind, **tiles, **at, **size) as file:

            def keep(box: Box, statistic: Floats, change: Mask) -> None:
                values = np.where(np.isfinite(statistic), np.where(change, CHANGE, NO_CHANGE), NO_MEASURE)
                window = Window(box.column, box.row, box.columns, box.rows)
                file.write(values.astype(np.uint8), 1, window=window)

            def reread(box: Box, step: int) -> Mask:
                window = Window(box.column, box.row, box.columns, box.rows)
                shape = (-(-box.rows // step), -(-box.columns // step))
                return np.asarray(file.read(1, window=window, out_shape=shape) == CHANGE)

            yield keep, reread
        if out is not None:
            beside.rename(out)
