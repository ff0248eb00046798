"""Frames: everything on the map as bytes that go to the graphics card as they are.

Little endian. A head of 32 bytes:

    0  4 bytes  `WFM1`
    4  uint32   number of things; each has 36 bytes after the head
    8  float64  the moment, milliseconds since 1970
    16 8 bytes  start of a digest of what lists show: fetch them anew when it changes
    24 uint32   number of the frame on its connection, from 1
    28 uint32   1: nothing follows, nothing has changed; 2: a newer queue is being made

Each thing:

    0  uint32   its number in the list of things
    4  int32    longitude, ten-millionths of a degree
    8  int32    latitude
    12 uint16   course, hundredths of a degree clockwise from north; 65535: none
    14 uint8    its layer, by its place in the legend
    15 uint8    1: its position is stale
    16 uint32   age, seconds
    20 float32  half the long axis of where it may be, metres; 0: not said
    24 float32  half the short axis; below 0: minus half the degrees of a sector around the axis
    28 uint16   direction of the long axis, hundredths of a degree clockwise from north
    30 uint8    its symbol, by its place in `symbols.SYMBOLS`
    31 uint8    sum of 1: a life is at risk, and 8: it was seen standing still for long
    32 uint32   the same number in every frame; 0: none, two things have the same
"""

from collections.abc import Sequence
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.console.map import layers
from watchfloor.console.map.scene import Scene, micros
from watchfloor.console.map.symbols import SYMBOLS

MAGIC: Final = b"WFM1"
BEAT: Final = 1
BEHIND: Final = 2
DANGER: Final = 1
STATIONARY: Final = 8
NO_COURSE: Final = 65_535

HEAD: Final = np.dtype(
    [
        *(("magic", "S4"), ("count", "<u4"), ("moment", "<f8")),
        *(("listed", "V8"), ("number", "<u4"), ("flags", "<u4")),
    ]
)
THING: Final = np.dtype(
    [
        *(("number", "<u4"), ("longitude", "<i4"), ("latitude", "<i4"), ("course", "<u2")),
        *(("layer", "u1"), ("stale", "u1"), ("age", "<u4"), ("major", "<f4"), ("minor", "<f4")),
        *(("axis", "<u2"), ("symbol", "u1"), ("flags", "u1"), ("id", "<u4")),
    ]
)
TRAIL: Final = np.dtype([("id", "<u4"), ("longitude", "<i4"), ("latitude", "<i4"), ("age", "<u4")])
"""A place of a trail; `age` is in seconds."""


def frame(scene: Scene, number: int = 1, *, beat: bool = False) -> bytes:
    """A scene as a frame.

    Args:
        scene: what is shown.
        number: of the frame on its connection.
        beat: leave the things out: they are those of the frame before.
    """
    head = np.zeros(1, HEAD)
    head["magic"], head["count"] = MAGIC, 0 if beat else len(scene.points)
    head["moment"] = scene.look.moment.timestamp() * 1000
    head["listed"] = np.void(scene.listed)
    head["number"], head["flags"] = number, (BEAT if beat else 0) | (0 if scene.fresh else BEHIND)
    return head.tobytes() if beat else head.tobytes() + things(scene).tobytes()


def things(scene: Scene) -> npt.NDArray[np.void]:
    """Every thing of a scene, as a frame has it."""
    points = scene.points
    made = np.zeros(len(points), THING)
    places = {one.name: number for number, one in enumerate(layers.LAYERS)}
    made["number"] = np.arange(len(points))
    for name in ("longitude", "latitude"):
        made[name] = np.round(np.clip(_floats(scene, name), -180, 180) * 1e7)
    course = _floats(scene, "course")
    made["course"] = np.where(np.isnan(course), NO_COURSE, _hundredths(course))
    made["layer"] = [places[name] for name in points["layer"].to_pylist()]
    made["stale"] = scene.stale
    age = scene.look.moment.timestamp() - micros(points["at"]) / 1e6
    made["age"] = np.clip(np.nan_to_num(age), 0, 2**32 - 1)
    made["major"] = np.nan_to_num(_floats(scene, "major"))
    made["minor"] = np.where(np.isnan(_floats(scene, "minor")), made["major"], _floats(scene, "minor"))
    sector = _floats(scene, "sector")
    made["minor"] = np.where(np.isnan(sector), made["minor"], -sector / 2)
    made["axis"] = _hundredths(_floats(scene, "axis"))
    symbol = pc.index_in(pc.fill_null(points["symbol"], "unknown"), value_set=pa.array(SYMBOLS))
    made["symbol"] = pc.fill_null(symbol, 0).to_numpy()
    danger, still = (pc.fill_null(points[name], False).to_numpy() for name in ("danger", "stationary"))
    made["flags"] = danger * DANGER + still * STATIONARY
    made["id"] = ids(points["key"].to_pylist())
    return made


def ids(keys: Sequence[str], *, apart: bool = True) -> npt.NDArray[np.uint32]:
    """Return a number of each key that is the same in every frame; `apart`: 0 where two have the same."""
    made = np.fromiter((crc32(key.encode()) for key in keys), np.uint32, len(keys))
    if not apart:
        return made
    _, at, count = np.unique(made, return_inverse=True, return_counts=True)
    return np.where(count[at] > 1, np.uint32(0), made)


def _floats(scene: Scene, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(scene.points[name].to_numpy(zero_copy_only=False), np.float64)


def _hundredths(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.round(np.nan_to_num(degrees) % 360 * 100) % 36_000)
