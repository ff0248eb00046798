"""From a map of what changed to shapes: how large, how long, how wide, and what they may be.

A shape is what is connected, by edges or corners. Its length and width are those of the rectangle with its
area and its perimeter, which holds for what winds; the perimeter is by Crofton's formula in four directions.
Classes are rules over the form and over indices of reflectance before and after: NDVI (Rouse 1974), NDWI
(McFeeters 1996), NDSI (Hall 1995), NBR and its fall (Key and Benson 2006, whose lowest class begins at 0.27).
A rule whose bands are missing does not hold; then a shape is unknown, and the reason says what is missing.
A shape is a place to look at, never a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from scipy import ndimage

from watchfloor.core.messages import Message, Parameter, Reason, declare, reason
from watchfloor.formats.imagery.scenes import Floats, Mask

EIGHT: Final = np.ones((3, 3), bool)
"""Pixels that touch at an edge or a corner are connected."""

FOREST: Final = 0.5
"""NDVI from which ground is covered with plants: closed forest and dense crops have 0.6 and more."""
GREEN: Final = 0.3
"""NDVI from which there is something that burns."""
LOSS: Final = 0.15
"""Fall of the NDVI that is a loss of plants, and no change of their vigour."""
WATER: Final = 0.0
"""NDWI above which ground is open water."""
ICE: Final = 0.4
"""NDSI above which ground is snow or ice."""
BURNT: Final = 0.27
"""Fall of the NBR from which ground burnt at low severity at least."""
CHAR: Final = 0.4
"""Index of 2.2 µm and red above which ground is char: soil has 0.2, char 0.5 and more."""
LONG: Final = 5.0
"""Length in widths from which a shape is a line."""
TRAIL_LENGTH: Final = 80.0
TRAIL_WIDTH: Final = 45.0
"""Metres of a trail: shorter lines are edges, wider ones fields and roads."""
BRIDGE_LENGTH: Final = 15.0
VEHICLE_AREA: Final = 900.0
"""Square metres: three pixels of 10 m a side, which is what a lorry blurs to."""
HARVEST_AREA: Final = 20_000.0
"""Square metres of a cut block: clearings for a camp or a landing are smaller."""
COMPACT: Final = 4.0
FIRE_AREA: Final = 5_000.0
FLOOD_AREA: Final = 2_000.0
PATCHY: Final = 0.5
"""Share of a class's pixels in a shape from which the shape is of it."""

BRIDGE = declare("shape.bridge", "length", "share")
CLEARING = declare("shape.clearing", "area", "before", "after")
FIRE = declare("shape.fire", "fall")
FLOOD = declare("shape.flood", "share")
HARVEST = declare("shape.harvest", "area", "before", "after")
NO_FORM = declare("shape.no-form", "length", "width")
NO_INDEX = declare("shape.no-index", "bands")
NO_LINE = declare("shape.no-line", "length", "width")
TOO_LARGE = declare("shape.too-large", "length")
TRAIL = declare("shape.trail", "length", "width")
TRAIL_FOREST = declare("shape.trail-forest", "length", "width", "before", "after")
TRAIL_RADAR = declare("shape.trail-radar", "length", "width")
VEHICLE = declare("shape.vehicle", "area")


class Form(NamedTuple):
    """The form of a shape, in metres and degrees from grid north, clockwise."""

    area: float
    length: float
    width: float
    orientation: float

    @property
    def elongation(self) -> float:
        """Return its length in widths."""
        return self.length / max(self.width, 1e-9)


def grown(mask: Mask) -> Mask:
    """Return a mask with the pixels that touch it."""
    return np.asarray(ndimage.binary_dilation(mask, EIGHT))


def perimeter(mask: Mask) -> float:
    """Return the perimeter in pixels, by Crofton's formula in four directions."""
    padded = np.pad(mask, 1)
    straight = np.count_nonzero(padded[1:] != padded[:-1]) + np.count_nonzero(padded[:, 1:] != padded[:, :-1])
    slanted = np.count_nonzero(padded[1:, 1:] != padded[:-1, :-1])
    slanted += np.count_nonzero(padded[1:, :-1] != padded[:-1, 1:])
    return float(np.pi / 8 * (straight + slanted / np.sqrt(2)))


def form(mask: Mask, pixel: float) -> Form:
    """Return the form of the pixels of a mask, each `pixel` metres wide; of none all is zero."""
    area = float(np.count_nonzero(mask))
    if not area:
        return Form(0.0, 0.0, 0.0, 0.0)
    around = perimeter(mask)
    # A rectangle: 2 (length + width) = perimeter, length x width = area. Rounder than a square: as a square.
    root = np.sqrt(max(around**2 - 16 * area, 0.0))
    length = max(float(around + root) / 4, float(np.sqrt(area)))
    rows, columns = np.nonzero(mask)
    spread = np.cov(np.stack([columns, -rows]), bias=True) if area > 1 else np.eye(2)
    east, north = np.linalg.eigh(spread)[1][:, -1]
    degrees = float(np.degrees(np.arctan2(east, north)) % 180.0)
    return Form(area * pixel**2, length * pixel, area / length * pixel, degrees)


Indices = Mapping[str, Floats]
"""Indices of reflectance by name, of a window."""

_INDICES: Final = {
    "ndvi": ("nir", "red"),
    "ndwi": ("green", "nir"),
    "ndsi": ("green", "swir16"),
    "nbr": ("nir", "swir22"),
    "char": ("swir22", "red"),
}


def indices(pixels: Floats, names: list[str]) -> dict[str, Floats]:
    """Return the indices that the bands allow; pixels are reflectances, or proportional to them."""
    place = {name: at for at, name in enumerate(names)}
    if "nir" not in place and "nir08" in place:
        place["nir"] = place["nir08"]
    made = {}
    for name, (high, low) in _INDICES.items():
        if high in place and low in place:
            a, b = np.maximum(pixels[place[high]], 0.0), np.maximum(pixels[place[low]], 0.0)
            made[name] = (a - b) / np.maximum(a + b, 1e-9)
    return made


@dataclass(frozen=True, slots=True)
class Likeness:
    """A likeness of a shape: a word of the kind `scene-change`, and why."""

    name: str
    why: Reason


def likeness(mask: Mask, shape: Form, before: Indices, after: Indices, *, radar: bool = False) -> Likeness:
    """Say what a shape may be.

    Args:
        mask: its pixels in a window that has a margin around it.
        shape: its form.
        before, after: indices of the window.
        radar: whether the scenes are of a radar, which has no such indices.
    """
    length, width = round(shape.length), round(shape.width)
    thin = shape.elongation >= LONG and shape.width <= TRAIL_WIDTH
    if radar:
        if thin and shape.length >= TRAIL_LENGTH:
            return _what("trail", TRAIL_RADAR, length=length, width=width)
        return _what("unknown", NO_INDEX, bands="red, nir")
    around = ndimage.binary_dilation(mask, EIGHT, iterations=2) & ~mask
    found = _on_water(mask, around, shape, before, after) or _on_ice(around, shape, before)
    if found is not None:
        return found
    if "ndvi" not in before or "ndvi" not in after:
        if thin and shape.length >= TRAIL_LENGTH:
            return line(shape)
        return _what("unknown", NO_INDEX, bands="red, nir")
    was, now = (float(np.mean(side["ndvi"][mask])) for side in (before, after))
    lost = was - now
    if thin and shape.length >= TRAIL_LENGTH:
        if was >= FOREST and lost > 0:
            return _what("trail", TRAIL_FOREST, length=length, width=width, before=was, after=now)
        return line(shape)
    if "nbr" in before and "nbr" in after and shape.area >= FIRE_AREA:
        fall = float(np.mean(before["nbr"][mask] - after["nbr"][mask]))
        # Dry soil has a low NBR too, but is nearly as bright in red as at 2.2 µm; char is not.
        charred = "char" in after and float(np.mean(after["char"][mask])) > CHAR
        if was >= GREEN and fall >= BURNT and charred and float(np.mean(after["nbr"][mask])) < 0:
            return _what("fire", FIRE, fall=fall)
    if was >= FOREST and lost >= LOSS and shape.elongation <= COMPACT:
        message, name = (HARVEST, "harvest") if shape.area >= HARVEST_AREA else (CLEARING, "clearing")
        return _what(name, message, area=round(shape.area), before=was, after=now)
    return _what("unknown", NO_FORM, length=length, width=width)


def line(shape: Form) -> Likeness:
    """Return a trail of which nothing but its form is known."""
    return _what("trail", TRAIL, length=round(shape.length), width=round(shape.width))


def no_line(shape: Form) -> Likeness:
    """Return what a thin shape is that no new line runs through; see `lines`."""
    return _what("unknown", NO_LINE, length=round(shape.length), width=round(shape.width))


def _on_water(mask: Mask, around: Mask, shape: Form, before: Indices, after: Indices) -> Likeness | None:
    if "ndwi" not in before or "ndwi" not in after:
        return None
    wet, stays_wet = before["ndwi"] > WATER, after["ndwi"] > WATER
    share = float(np.mean(wet[mask])) if mask.any() else 0.0
    banks = float(np.mean(wet[around])) if around.any() else 0.0
    line = shape.elongation >= LONG / 2 and shape.length >= BRIDGE_LENGTH
    if line and share >= PATCHY and banks >= PATCHY and np.mean(stays_wet[mask]) < PATCHY:
        return _what("bridge", BRIDGE, length=round(shape.length), share=round(100 * share))
    flooded = float(np.mean(stays_wet[mask] & ~wet[mask]))
    if flooded >= PATCHY and shape.area >= FLOOD_AREA:
        return _what("flood", FLOOD, share=round(100 * flooded))
    return None


def _on_ice(around: Mask, shape: Form, before: Indices) -> Likeness | None:
    if "ndsi" not in before or not around.any() or shape.area > VEHICLE_AREA:
        return None
    if float(np.mean(before["ndsi"][around] > ICE)) >= 0.9:
        return _what("vehicle-on-ice", VEHICLE, area=round(shape.area))
    return None


def _what(name: str, message: Message, **params: Parameter) -> Likeness:
    rounded = {key: round(value, 2) if isinstance(value, float) else value for key, value in params.items()}
    return Likeness(name, reason(message, **rounded))
