"""Shapes that another machine found between scenes of this floor: a file of JSON lines, a shape a line.

Each line names its two scenes by their report keys and has the shape as GeoJSON, what was measured, and, if
they were made, two pictures as PNG in base64. Masks hold here as for pixels: a shape that touches masked
ground is left out, and so are pictures that show any.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from watchfloor.casework.scans.masks import Ground
from watchfloor.casework.scans.scans import Box, Pair, Progress, Shape
from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Reason, declare, known, reason

LARGEST: Final = 1 << 26
"""Bytes of a file: some hundred shapes with pictures."""
LARGEST_PICTURE: Final = 1 << 19
PNG: Final = b"\x89PNG\r\n\x1a\n"

TOO_LARGE: Final = declare("scans.file-too-large", "file", "most")
BAD_LINE: Final = declare("scans.bad-line", "file", "line", "why")

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Positive = Annotated[float, msgspec.Meta(ge=0)]


class StoredReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reason as it is stored."""

    message: str
    params: dict[str, str | int | float | bool | None] = {}


class ListedShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the file; see `core.kinds.SCENE_CHANGE` for what its members are."""

    before: str
    after: str
    geometry: dict[str, Any]
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    radius: Positive
    area_m2: Positive
    length_m: Positive
    width_m: Positive
    statistic: float
    false_alarms: Positive
    what: Literal["trail", "clearing", "bridge", "vehicle-on-ice", "harvest", "fire", "flood", "unknown"]
    said: StoredReason
    clear: Share = 1.0
    before_png: bytes = b""
    after_png: bytes = b""

    @property
    def why_what(self) -> dict[str, str]:
        """Return why it is taken for that, as it is stored."""
        return Reason(self.said.message, self.said.params).stored()


class _Both(msgspec.Struct):
    """The shapes that the file has of two scenes; of any other place nothing is known."""

    shapes: Sequence[Shape]
    clear: Sequence[float]
    method: str = "listed"
    method_version: str = "1"
    notes: Sequence[Mapping[str, str]] = ()


class Listed:
    """The file as a library that has compared already.

    Raises:
        Unusable: a line is no shape; the reason names it.
    """

    reads_pixels = False

    def __init__(self, path: Path, ground: Ground) -> None:
        self._ground = ground
        if path.stat().st_size > LARGEST:
            raise Unusable(reason(TOO_LARGE, file=path.name, most=LARGEST))
        self._shapes: dict[tuple[str, str], list[ListedShape]] = {}
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if line.strip():
                try:
                    one = _shape(line)
                except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
                    why = str(error)[:300]
                    raise Unusable(reason(BAD_LINE, file=path.name, line=number, why=why)) from error
                self._shapes.setdefault((one.before, one.after), []).append(one)

    def compare(self, pair: Pair, known: Sequence[dict[str, Any]], progress: Progress) -> _Both:
        """Return what the file has of two scenes; what touches masked ground is as if it were not there."""
        import shapely

        del progress
        shapes = self._shapes.get((pair.before["report_key"], pair.after["report_key"]), [])
        drawn = [shapely.from_geojson(msgspec.json.encode(one.geometry)) for one in shapes]
        open_ = [one for one, shape in zip(shapes, drawn, strict=True) if not self._ground.hides(shape)]
        return _Both(open_, [0.0] * len(known))

    def pictures(
        self, pair: Pair, shapes: Sequence[Shape], boxes: Sequence[Box]
    ) -> list[tuple[bytes, bytes]]:
        """Return the pictures of shapes, of each if none of their ground is masked."""
        import shapely

        del pair
        made = []
        for shape, box in zip(shapes, boxes, strict=True):
            masked = any(one.intersects(shapely.box(*box)) for one in self._ground.masked)
            if isinstance(shape, ListedShape) and not masked:
                made.append((shape.before_png, shape.after_png))
            else:
                made.append((b"", b""))
        return made


def _shape(line: bytes) -> ListedShape:
    import shapely

    one = msgspec.json.decode(line, type=ListedShape)
    try:
        shape = shapely.from_geojson(msgspec.json.encode(one.geometry))
    except shapely.errors.ShapelyError as error:
        raise ValueError(f"its geometry is no GeoJSON: {error}") from error
    if shape.is_empty or not all(map(isfinite, shape.bounds)):
        raise ValueError("its geometry encloses nothing")
    found = known(one.said.message)
    if found is None or not found.id.startswith("shape.") or found.parameters != one.said.params.keys():
        raise ValueError(f"{one.said.message!r} with these parameters is no reason for a form")
    for png in (one.before_png, one.after_png):
        if png and (not png.startswith(PNG) or len(png) > LARGEST_PICTURE):
            raise ValueError(f"a picture is a PNG of {LARGEST_PICTURE:,} bytes at most")
    return one
