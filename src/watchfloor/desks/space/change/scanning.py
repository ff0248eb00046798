"""Shapes on the ground that changed between two scenes of a stretch.

Pixels that policy masks are blanked as each window is read: no statistic rests on them, no picture has
them. Both scenes are worked by windows, and the map of changes lies in a file, so memory does not grow with
the scenes. Every answer is a struct of plain values, since scenes from outside are read in a process of their
own.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from watchfloor.core.earth import great_circle
from watchfloor.core.messages import declare, reason
from watchfloor.desks.space.change import lines, pairs, radar, shapes
from watchfloor.desks.space.change.components import Component, Components
from watchfloor.formats.imagery.alignment import Alignment, align
from watchfloor.formats.imagery.folders import OpenScene, open_any
from watchfloor.formats.imagery.scenes import Box, Floats, Mask, in_one_world, moved, projected, refuse

Geometry = Mapping[str, Any]
"""A GeoJSON geometry in WGS84."""

LEAST: Final = 4
"""Pixels of a shape: what is smaller is as often noise."""
MOST: Final = 2_000
"""Shapes that are described, those with the highest statistic."""
MARGIN: Final = 8
"""Pixels around a shape that are looked at."""
SWEEP: Final = 0.5
"""Share of the work that is done when all is compared, and no shape is described. Judgement."""
LARGE: Final = 1_024
"""Pixels a side from which a shape is only outlined."""
TILE: Final = 256
"""Pixels a side of a tile of the map."""
CELL: Final = 1e9
"""Square metres of the area that false alarms are stated for: 1,000 km²."""
NO_MEASURE, NO_CHANGE, CHANGE = 255, 0, 1
"""Values of a map."""
CLOUDY: Final = 0.98
"""Share of the overlap below which it is said how much was measured."""
MUCH: Final = 0.3
"""Share of what was measured above which it is said that change is an unlikely reason. Judgement."""


class ShapeFound(msgspec.Struct, frozen=True, kw_only=True):
    """A shape that changed; lengths in metres, or in pixels where the scenes have no projection.

    Attributes:
        geometry: GeoJSON in WGS84; empty where the scenes have no projection.
        radius: within which all of it is.
        orientation: degrees from grid north of its longest way.
        statistic: strongest of its pixels, on the scale of the method.
        false_alarms: shapes as strong by chance in 1,000 km² at one date, at most; see `_chance_shapes`.
        what: its class; why_what: the message of that, and its parameters as JSON.
        clear: share of it and its edge that both scenes show.
        row, column: of a pixel of it on the map.
    """

    geometry: dict[str, Any]
    latitude: float | None
    longitude: float | None
    radius: float
    area_m2: float
    length_m: float
    width_m: float
    orientation: float
    statistic: float
    false_alarms: float
    what: str
    why_what: dict[str, str]
    clear: float
    pixels: int
    row: int
    column: int


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
            described = []
            for number, one in enumerate(components[:MOST], 1):
                described.append(_shape(one, pair, sides, reread, found, speckled=speckled, least=least))
                if progress is not None:
                    progress(SWEEP + (1 - SWEEP) * number / min(len(components), MOST))
        return Scan(
            shapes=described,
            more=max(0, len(components) - MOST),
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
    there = next(iter(_projected(pair, [geometry])), None)
    if there is None:
        return 0.0
    at = pair.transform
    ring = np.array(_places(there))
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


def _places(geometry: Geometry) -> list[tuple[float, float]]:
    """Return all places of a geometry."""
    found: list[tuple[float, float]] = []

    def walk(one: Any) -> None:
        if one and isinstance(one[0], int | float):
            found.append((float(one[0]), float(one[1])))
        else:
            for each in one:
                walk(each)

    walk(geometry["coordinates"])
    return found


Reread = Callable[[Box, int], Mask]
"""Return where a window of the map changed, every so many pixels."""


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


def _shape(
    one: Component,
    pair: Alignment,
    sides: tuple[OpenScene, OpenScene],
    reread: Reread,
    found: "pairs.Map | radar.Map",
    *,
    speckled: bool,
    least: int,
) -> ShapeFound:
    """Describe a shape; `least` are the pixels of one."""
    pixel = pair.before.metres or 1.0
    top, left = max(0, one.box.row - MARGIN), max(0, one.box.column - MARGIN)
    bottom = min(pair.rows, one.box.row + one.box.rows + MARGIN)
    right = min(pair.columns, one.box.column + one.box.columns + MARGIN)
    box = Box(top, left, bottom - top, right - left)
    step = max(1, -(-max(one.box.rows, one.box.columns) // LARGE))
    mask = _connected(reread(box, step), (one.row - top) // step, (one.column - left) // step)
    form = shapes.form(mask, pixel * step)
    clear = 1.0
    if step > 1:
        kind = shapes.Likeness("unknown", reason(shapes.TOO_LARGE, length=round(form.length)))
    else:
        before, after, valid = pair.read(box)
        sharp = found.sharp(before, after, mask)
        thin = shapes.form(sharp, pixel)
        if thin.area >= form.area / 4:  # what is left of it has its length still
            form = form._replace(width=thin.area / max(form.length, pixel))
        around = shapes.grown(mask)
        clear = float(valid[around].mean())
        names = pair.names
        then, now = (
            shapes.indices(_reflectance(pixels, names, scene), names)
            for pixels, scene in zip((before, after), sides, strict=True)
        )
        kind = shapes.likeness(mask, form, then, now, radar=speckled)
        if (
            kind.name == "trail"
            and isinstance(found, pairs.Map)
            and not _new_line(box, mask, pair, sides, found)
        ):
            kind = shapes.no_line(form)
    geometry, latitude, longitude, radius = _on_ground(pair, box, mask, step)
    return ShapeFound(
        geometry=geometry,
        latitude=latitude,
        longitude=longitude,
        radius=round(radius or float(np.hypot(*mask.shape)) * pixel * step / 2, 1),
        area_m2=round(float(form.area), 1),
        length_m=round(float(form.length), 1),
        width_m=round(float(form.width), 1),
        orientation=round(form.orientation, 1),
        statistic=round(one.peak, 4),
        false_alarms=float(f"{_chance_shapes(found.threshold, one.peak, least) * CELL / pixel**2:.3g}"),
        what=kind.name,
        why_what=kind.why.stored(),
        clear=round(clear, 3),
        pixels=one.pixels,
        row=one.row,
        column=one.column,
    )


def _chance_shapes(threshold: pairs.Threshold | radar.Rate, peak: float, least: int) -> float:
    """Return how many shapes with such a peak an unchanged pixel has, at most.

    Each has a pixel as strong as its peak, and `least` pixels above the threshold.
    """
    return min(threshold.null_share(peak), threshold.null_share(threshold.value) / least)


def _new_line(
    box: Box, mask: Mask, pair: Alignment, sides: tuple[OpenScene, OpenScene], found: pairs.Map
) -> bool:
    """Return whether a new line runs through a shape; True where bands are missing to tell."""
    toward = lines.direction(pair.names, sides[1].scales)
    if toward is None:
        return True
    top, left = max(0, box.row - lines.MARGIN), max(0, box.column - lines.MARGIN)
    bottom = min(pair.rows, box.row + box.rows + lines.MARGIN)
    right = min(pair.columns, box.column + box.columns + lines.MARGIN)
    answer = lines.strength(
        *pair.read(Box(top, left, bottom - top, right - left)), found.views.onward, toward
    )
    row, column = box.row - top, box.column - left
    inside = answer[row : row + box.rows, column : column + box.columns][mask]
    return bool(inside.max() >= lines.LEAST)


def _reflectance(pixels: Floats, names: Sequence[str], scene: OpenScene) -> Floats:
    scaled = [scene.scales.get(name, (1.0, 0.0)) for name in names]
    scale, offset = (np.array(part)[:, None, None] for part in zip(*scaled, strict=True))
    return np.asarray(pixels * scale + offset)


def _connected(change: Mask, row: int, column: int) -> Mask:
    """Return the part of a mask that a pixel is in; of one that every so many pixels leave out, all of it."""
    from scipy import ndimage

    labels, _ = ndimage.label(change, shapes.EIGHT)
    number = labels[min(row, change.shape[0] - 1), min(column, change.shape[1] - 1)]
    return np.asarray(labels == number) if number else change


def _on_ground(
    pair: Alignment, box: Box, mask: Mask, step: int
) -> tuple[dict[str, Any], float | None, float | None, float]:
    """Return a mask's outline in WGS84, a place within it, and the radius around that which holds it all."""
    if pair.before.crs is None:
        return {}, None, None, 0.0
    import shapely
    from rasterio.features import shapes as outlines
    from rasterio.warp import transform, transform_geom

    there = moved(pair.ground, box.row, box.column, step)
    parts = [
        shapely.geometry.shape(one)
        for one, _ in outlines(mask.astype(np.uint8), mask=mask, connectivity=8, transform=there)
    ]
    whole = shapely.union_all(parts).simplify(abs(there.a) / 2)
    middle = whole.representative_point()
    (longitude,), (latitude,) = transform(pair.before.crs, "EPSG:4326", [middle.x], [middle.y])
    geometry = transform_geom(pair.before.crs, "EPSG:4326", shapely.geometry.mapping(whole), precision=6)
    longitude = (longitude + 180.0) % 360.0 - 180.0
    geometry = in_one_world(geometry, longitude)
    places = np.array(_places(geometry))
    here = np.array([latitude]), np.array([longitude])
    radius = float(great_circle(*here, places[:, 1], places[:, 0]).max())
    plain = json.loads(json.dumps(geometry))  # lists in place of tuples, as every reader of JSON has them
    return plain, round(float(latitude), 6), round(float(longitude), 6), radius
