"""Descriptions of what changed between two scenes: form, class, and outline on the ground.

A trail that was traced is one shape, with the pixels that changed along it; what is left of the parts of the
map that it runs through is described where it is a quarter of them or more.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from watchfloor.core.earth import great_circle
from watchfloor.core.messages import reason
from watchfloor.desks.space.change import lines, pairs, radar, shapes, trails
from watchfloor.desks.space.change.components import Component
from watchfloor.formats.imagery.alignment import Alignment
from watchfloor.formats.imagery.folders import OpenScene
from watchfloor.formats.imagery.scenes import Box, Floats, Mask, in_one_world, moved

MARGIN: Final = 8
"""Pixels around a shape that are looked at."""
LARGE: Final = 1_024
"""Pixels a side from which a shape is only outlined."""
CELL: Final = 1e9
"""Square metres of the area that false alarms are stated for: 1,000 km²."""
REACH: Final = 2.5
"""Pixels from the line of a trail to what changed by it: half of its width, and the mean over neighbours."""
BESIDE: Final = 32
"""Pixels beside a tile that are read with it."""
AWAY: Final = REACH + 2.0
"""Pixels to another shape: outlines are simplified by half of one, and two that touch are one change."""
REST: Final = 0.25
"""Share of a part of the map that is left beside a trail from which that is a shape of its own."""


class ShapeFound(msgspec.Struct, frozen=True, kw_only=True):
    """A shape that changed; lengths in metres, or in pixels where the scenes have no projection.

    Attributes:
        geometry: GeoJSON in WGS84; empty where the scenes have no projection.
        radius: within which all of it is.
        orientation: degrees from grid north of its longest way.
        statistic: strongest of its pixels, on the scale of the method.
        false_alarms: shapes as strong by chance in 1,000 km² at one date, at most; see `chance_shapes`.
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


Reread = Callable[[Box, int], Mask]
"""Return where a window of the map changed, every so many pixels."""


@dataclass(slots=True)
class Compared:
    """A pair that was compared.

    Attributes:
        reread: the map of what changed; found: how that was found; least: pixels of a shape.
    """

    pair: Alignment
    sides: tuple[OpenScene, OpenScene]
    reread: Reread
    found: "pairs.Map | radar.Map"
    least: int
    _tile: tuple[Box, Floats, Floats, Mask] | None = None

    @property
    def pixel(self) -> float:
        """Return metres of a pixel; 1 where the scenes have no projection."""
        return self.pair.before.metres or 1.0

    @property
    def toward(self) -> Floats | None:
        """Return the way by which lines are told; None: these scenes have none."""
        if not isinstance(self.found, pairs.Map):
            return None
        return lines.direction(self.pair.names, self.sides[1].scales)

    def read(self, box: Box) -> tuple[Floats, Floats, Mask]:
        """Return pixels of both scenes, and where both were measured; a tile of small shapes is read once."""
        side = pairs.SIDE + 2 * BESIDE
        top, left = (max(0, at * pairs.SIDE - BESIDE) for at in tile(box))
        whole = Box(top, left, min(side, self.pair.rows - top), min(side, self.pair.columns - left))
        down, across = box.row - top, box.column - left
        if min(down, across) < 0 or down + box.rows > whole.rows or across + box.columns > whole.columns:
            return self.pair.read(box)
        if self._tile is None or self._tile[0] != whole:
            self._tile = whole, *self.pair.read(whole)
        inside = ..., slice(down, down + box.rows), slice(across, across + box.columns)
        _, before, after, valid = self._tile
        return before[inside], after[inside], valid[inside]

    def around(self, box: Box) -> tuple[Box, int]:
        """Return a window with a margin, and every how many pixels of it are looked at."""
        top, left = max(0, box.row - MARGIN), max(0, box.column - MARGIN)
        bottom = min(self.pair.rows, box.row + box.rows + MARGIN)
        right = min(self.pair.columns, box.column + box.columns + MARGIN)
        step = max(1, -(-max(box.rows, box.columns) // LARGE))
        return Box(top, left, bottom - top, right - left), step


def tile(box: Box) -> tuple[int, int]:
    """Return the tile that the middle of a window lies in."""
    return (box.row + box.rows // 2) // pairs.SIDE, (box.column + box.columns // 2) // pairs.SIDE


class Drawn(NamedTuple):
    """A shape, its outline and a place in it, in the projection of its scenes; None where they have none."""

    shape: ShapeFound
    outline: Any
    place: Any


def part(of: Compared, one: Component, traced: Sequence[trails.Trail]) -> Drawn | None:
    """Describe a connected part of the map; None where it is of trails that were traced."""
    box, step = of.around(one.box)
    mask = _connected(of.reread(box, step), (one.row - box.row) // step, (one.column - box.column) // step)
    if step == 1 and (beside := [trail for trail in traced if _meet(trail.box, box)]):
        left = mask & ~trails.near(beside, box, AWAY)
        if left.sum() < mask.sum():
            if left.sum() < max(of.least, REST * mask.sum()):
                return None
            mask = left
    form = shapes.form(mask, of.pixel * step)
    return _described(of, box, step, mask, form, one.peak, (one.row, one.column))


def trail(of: Compared, one: trails.Trail) -> Drawn:
    """Describe a trail."""
    box, step = of.around(one.box)
    if step > 1:
        mask = of.reread(box, step) & _thinned(one, box, step)
    else:
        mask = of.reread(box, 1) & trails.near([one], box, REACH)
    strongest = max(one.pieces, key=lambda piece: piece.statistic)
    south, east = one.points[-1] - one.points[0]
    area = float(mask.sum()) * step**2
    form = shapes.Form(
        area * of.pixel**2,
        one.length * of.pixel,
        area / max(one.support, 1.0) * of.pixel,
        float(np.degrees(np.arctan2(east, -south)) % 180.0),
    )
    at = strongest.row, strongest.column
    drawn = _described(of, box, step, mask, form, strongest.statistic, at, support=one.support)
    if drawn.outline is None:
        return drawn
    import shapely

    row, column = one.middle + 0.5
    middle = shapely.Point(of.pair.ground * (column, row))
    return drawn._replace(place=shapely.get_point(shapely.shortest_line(drawn.outline, middle), 0))


def _described(
    of: Compared,
    box: Box,
    step: int,
    mask: Mask,
    form: shapes.Form,
    peak: float,
    at: tuple[int, int],
    support: float = 0.0,
) -> Drawn:
    """Describe a mask of a window; `support` are the pixels of a trail that was traced."""
    pair, pixel = of.pair, of.pixel
    clear = 1.0
    if step > 1 and support:
        kind = shapes.line(form)
    elif step > 1:
        kind = shapes.Likeness("unknown", reason(shapes.TOO_LARGE, length=round(form.length)))
    else:
        before, after, valid = of.read(box)
        sharp = of.found.sharp(before, after, mask)
        if support:
            form = form._replace(width=max(1.0, sharp.sum() / support) * pixel)
        else:
            thin = shapes.form(sharp, pixel)
            if thin.area >= form.area / 4:  # what is left of it has its length still
                form = form._replace(width=thin.area / max(form.length, pixel))
        clear = float(valid[shapes.grown(mask)].mean())
        then, now = (
            shapes.indices(_reflectance(pixels, pair.names, scene), pair.names)
            for pixels, scene in zip((before, after), of.sides, strict=True)
        )
        kind = shapes.likeness(mask, form, then, now, radar=isinstance(of.found, radar.Map))
        if kind.name == "trail" and not support and of.toward is not None:
            kind = shapes.no_line(form)
    outline = _outline(pair, box, mask, step)
    found = ShapeFound(
        geometry={},
        latitude=None,
        longitude=None,
        radius=round(float(np.hypot(*mask.shape)) * pixel * step / 2, 1),
        area_m2=round(float(form.area), 1),
        length_m=round(float(form.length), 1),
        width_m=round(float(form.width), 1),
        orientation=round(form.orientation, 1),
        statistic=round(peak, 4),
        false_alarms=float(f"{chance_shapes(of.found.threshold, peak, of.least) * CELL / pixel**2:.3g}"),
        what=kind.name,
        why_what=kind.why.stored(),
        clear=round(clear, 3),
        pixels=int(mask.sum()) * step**2,
        row=at[0],
        column=at[1],
    )
    return Drawn(found, outline, None if outline is None else outline.representative_point())


def chance_shapes(threshold: pairs.Threshold | radar.Rate, peak: float, least: int) -> float:
    """Return how many shapes with such a peak an unchanged pixel has, at most.

    Each has a pixel as strong as its peak, and `least` pixels above the threshold.
    """
    return min(threshold.null_share(peak), threshold.null_share(threshold.value) / least)


def _meet(one: Box, other: Box) -> bool:
    return (
        one.row - AWAY < other.row + other.rows
        and other.row < one.row + one.rows + AWAY
        and one.column - AWAY < other.column + other.columns
        and other.column < one.column + one.columns + AWAY
    )


def _thinned(one: trails.Trail, box: Box, step: int) -> Mask:
    """Return the pixels along a trail, of every so many."""
    here = one._replace(points=(one.points - (box.row, box.column)) / step)
    return trails.near([here], Box(0, 0, -(-box.rows // step), -(-box.columns // step)), REACH)


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


def _outline(pair: Alignment, box: Box, mask: Mask, step: int) -> Any:
    """Return the outline of a mask in the projection of the scenes; None where they have none."""
    if pair.before.crs is None:
        return None
    import shapely
    from rasterio.features import shapes as outlines

    there = moved(pair.ground, box.row, box.column, step)
    parts = [
        shapely.geometry.shape(one)
        for one, _ in outlines(mask.astype(np.uint8), mask=mask, connectivity=8, transform=there)
    ]
    return shapely.union_all(parts).simplify(abs(there.a) / 2)


def placed(pair: Alignment, drawn: Iterable[Drawn]) -> list[ShapeFound]:
    """Return shapes with their outlines in WGS84, a place in each, and the radius around it that holds all.

    All are projected at once: to make ready for it takes longer than the places of a shape.
    """
    import shapely

    one = list(drawn)
    if pair.before.crs is None or not one:
        return [each.shape for each in one]
    drawings = (
        np.array(some, object) for some in zip(*((each.place, each.outline) for each in one), strict=True)
    )
    on_ground = [shapely.set_coordinates(some, _degrees(pair, some)) for some in drawings]
    made = []
    for each, middle, outline in zip(one, *on_ground, strict=True):
        longitude, latitude = (middle.x + 180.0) % 360.0 - 180.0, middle.y
        geometry = in_one_world(shapely.geometry.mapping(outline), longitude)
        places = shapely.get_coordinates(shapely.geometry.shape(geometry))
        away = great_circle(np.array([latitude]), np.array([longitude]), places[:, 1], places[:, 0])
        made.append(
            msgspec.structs.replace(
                each.shape,
                geometry=msgspec.json.decode(msgspec.json.encode(geometry)),
                latitude=round(latitude, 6),
                longitude=round(longitude, 6),
                radius=round(float(away.max()), 1),
            )
        )
    return made


def _degrees(pair: Alignment, some: Any) -> Floats:
    """Return the coordinates of shapes in degrees, to a decimetre."""
    import shapely
    from rasterio.warp import transform

    xs, ys = transform(pair.before.crs, "EPSG:4326", *shapely.get_coordinates(some).T)
    return np.column_stack([xs, ys]).round(6)
