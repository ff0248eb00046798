"""A scene: everything of the map that one reader sees at one moment, and the digest that tells it again.

What was known at a moment is found by the log's position then. So a scene that was live is the same scene
when it is replayed, byte for byte, and its digest says so: it covers every thing with a place, the queue, and
what each lead says. What the live floor shows between two runs (`run.published`) is kept nowhere: a scene of
a minute in which it ran is replayed from what the runs over the evidence say of it.
"""

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.dates import past_moment
from watchfloor.console.endpoint import Asker
from watchfloor.console.map import layers
from watchfloor.console.map.layers import POINT, Layer, Look
from watchfloor.records.canonical import table_digest


class Scene(NamedTuple):
    """What a reader sees.

    Attributes:
        look: of what.
        fresh: whether nothing newer is being made.
        points: everything with a place, of `layers.POINT`, layer by layer.
        sourced: names of the layers that something delivers.
    """

    look: Look
    fresh: bool
    points: pa.Table
    sourced: frozenset[str]

    @property
    def digest(self) -> str:
        """SHA-256 of what is shown, in hexadecimal; the same for the same scene, whenever it is made."""
        picture = self.look.picture
        seen = sha256(table_digest(self.points))
        seen.update(bytes.fromhex(picture.about.digest) + picture.said)
        return seen.hexdigest()

    @property
    def listed(self) -> bytes:
        """The start of a digest of what lists show: it changes when they are to be fetched anew."""
        still = pa.array([one.name for one in layers.LAYERS if not one.moving])
        rows = self.points.filter(pc.is_in(self.points["layer"], value_set=still))
        return sha256(table_digest(rows) + self.look.picture.said).digest()[:8]

    @property
    def stale(self) -> npt.NDArray[np.bool_]:
        """Which positions are too old for what they are of, or over."""
        at, until = (micros(self.points[name]) for name in ("at", "until"))
        allowed = {one.name: one.stale for one in layers.LAYERS}
        longest = np.array([_longest(allowed[name]) for name in self.points["layer"].to_pylist()])
        now = _micros(self.look.moment)
        return np.asarray((now - at > longest) | (until <= now), np.bool_)


def live(asker: Asker) -> Scene:
    """What is known now; while a newer queue is being made, what was known at the last one."""
    seen = asker.services.pictures.current(asker.reader, asker.at, asker.patience)
    picture, about = seen.picture, seen.picture.about
    if seen.fresh:
        at = asker.floor.position_at(seen.at)
        return _made(Look(asker.floor, asker.reader, picture, at, seen.at, asker.floor.now()), fresh=True)
    then = max(seen.at, about.since)
    look = Look(asker.floor, asker.reader, picture, about.position, then, asker.floor.now())
    return _made(look, fresh=False)


def past(asker: Asker, at: str) -> Scene:
    """What was known at a moment, as it is typed. Raises `Refused`."""
    then = past_moment(at, asker.at)
    position = asker.floor.position_at(then)
    picture = asker.services.pictures.at(asker.reader, position, then)
    return _made(Look(asker.floor, asker.reader, picture, position, then), fresh=True)


def scene(asker: Asker, at: str) -> Scene:
    """Of a moment that is typed; empty for now."""
    return past(asker, at) if at else live(asker)


def _made(look: Look, *, fresh: bool) -> Scene:
    found = [(one.name, _gathered(one, look)) for one in layers.LAYERS]
    tables = [table for _, table in found if table is not None]
    points = pa.concat_tables([POINT.empty_table(), *tables]).combine_chunks()
    return Scene(look, fresh, points, frozenset(name for name, table in found if table is not None))


def _gathered(layer: Layer, look: Look) -> pa.Table | None:
    return layer.gather(look) if layer.gather else None


def micros(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """Moments as microseconds since 1970; no number for none."""
    return np.asarray(column.cast(pa.int64()).to_numpy(zero_copy_only=False), np.float64)


def _micros(at: datetime) -> float:
    return at.timestamp() * 1e6


def _longest(age: object) -> float:
    return age.total_seconds() * 1e6 if hasattr(age, "total_seconds") else np.inf
