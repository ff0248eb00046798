"""A scene: everything of the map that one reader sees at one moment, and the digest that tells it again.

What was known at a moment is found by the log's position then. So a scene that was live is the same scene
when it is replayed, byte for byte, and its digest says so: it covers every thing with a place, the queue, and
what each lead says. What the live floor shows between two runs (`run.published`) is kept nowhere: a scene of
a minute in which it ran is replayed from what the runs over the evidence say of it.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.wording.dates import past_moment
from watchfloor.console.endpoints.endpoint import Asker
from watchfloor.console.map import layers
from watchfloor.console.map.layers import POINT, Layer, Look
from watchfloor.core.canonical import table_digest

DANGEROUS: Final = timedelta(hours=24)
"""Age until which a signal that a life is at risk marks its track."""


class Scene(NamedTuple):
    """Scene of the map, in a reader's view.

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
        seen = sha256((b"happened" if self.look.happened else b"") + table_digest(self.points))
        seen.update(bytes.fromhex(picture.about.digest) + picture.content_digest)
        return seen.hexdigest()

    @property
    def listed(self) -> bytes:
        """The start of a digest of what lists show: it changes when they are to be fetched anew."""
        still = pa.array([one.name for one in layers.LAYERS if not one.moving])
        rows = self.points.filter(pc.is_in(self.points["layer"], value_set=still))
        return sha256(table_digest(rows) + self.look.picture.content_digest).digest()[:8]

    @property
    def stale(self) -> npt.NDArray[np.bool_]:
        """Which positions are too old for what they are of, or over; the ground stays until it is over."""
        at, until = (micros(self.points[name]) for name in ("at", "until"))
        allowed = {one.name: one.stale for one in layers.LAYERS}
        longest = np.array([_longest(allowed[name]) for name in self.points["layer"].to_pylist()])
        lies = pc.and_(pc.equal(self.points["layer"], "signal"), pc.is_valid(self.points["until"]))
        longest[lies.to_numpy(zero_copy_only=False)] = np.inf
        now = _micros(self.look.moment)
        return np.asarray((now - at > longest) | (until <= now), np.bool_)


class _Now(NamedTuple):
    look: Look
    fresh: bool


def live(asker: Asker) -> Scene:
    """Return the scene of now; while a newer queue is being made, that of the last one."""
    now = live_look(asker)
    return _made(now.look, fresh=now.fresh)


def live_look(asker: Asker) -> _Now:
    """Return what is looked at now, and whether nothing newer is being made."""
    seen = asker.services.pictures.current(asker.reader, asker.at, asker.patience)
    picture, about = seen.picture, seen.picture.about
    if seen.fresh:
        at = asker.floor.position_at(seen.at)
        return _Now(Look(asker.floor, asker.reader, picture, at, seen.at, asker.floor.now()), fresh=True)
    then = max(seen.at, about.since)
    look = Look(asker.floor, asker.reader, picture, about.position, then, asker.floor.now())
    return _Now(look, fresh=False)


def past(asker: Asker, at: str) -> Scene:
    """Return the scene at a moment, as it is typed. Raises `Refusal`."""
    then = past_moment(at, asker.at)
    position = asker.floor.position_at(then)
    picture = asker.services.pictures.at(asker.reader, position, then)
    return _made(Look(asker.floor, asker.reader, picture, position, then), fresh=True)


def happened(asker: Asker, at: str) -> Scene:
    """Return what happened until a moment, as it is typed, and as it is known now. Raises `Refusal`."""
    then = past_moment(at, asker.at)
    now = live_look(asker)
    return _made(now.look._replace(moment=then, now=None, happened=True), fresh=now.fresh)


def scene(asker: Asker, at: str, event: str = "") -> Scene:
    """Of a moment that is typed: what was known `at` it, or happened until the `event`; empty for now."""
    if event:
        return happened(asker, event)
    return past(asker, at) if at else live(asker)


def _made(look: Look, *, fresh: bool) -> Scene:
    found = [(one.name, _gathered(one, look)) for one in layers.LAYERS]
    tables = [table for _, table in found if table is not None]
    points = _joined(pa.concat_tables([POINT.empty_table(), *tables]).combine_chunks(), look)
    return Scene(look, fresh, points, frozenset(name for name, table in found if table is not None))


def _joined(points: pa.Table, look: Look) -> pa.Table:
    """Give each track the lead that it belongs to, and the danger that a signal about it tells."""
    tracks = pc.equal(points["layer"], "track")
    if not pc.any(tracks).as_py():
        return points
    queue = look.picture.table
    subjects = queue["subjects"].combine_chunks()
    leads = queue["lead_id"].take(pc.list_parent_indices(subjects))
    of = pc.index_in(points["subject"], pc.list_flatten(subjects))
    lead = pc.coalesce(points["lead"], pc.if_else(tracks, leads.take(of), None))
    told = pc.and_(pc.equal(points["layer"], "signal"), pc.fill_null(points["danger"], False))
    told = pc.and_(told, pc.greater(points["at"], pa.scalar(look.moment - DANGEROUS, points["at"].type)))
    risk = pc.and_(tracks, pc.is_in(points["subject"], value_set=points["subject"].filter(told).drop_null()))
    danger = pc.or_(pc.fill_null(points["danger"], False), risk)
    for name, column in (("lead", lead), ("danger", danger)):
        points = points.set_column(points.schema.get_field_index(name), POINT.field(name), column)
    return points


def _gathered(layer: Layer, look: Look) -> pa.Table | None:
    return layer.gather(look) if layer.gather else None


def micros(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """Moments as microseconds since 1970; no number for none."""
    return np.asarray(column.cast(pa.int64()).to_numpy(zero_copy_only=False), np.float64)


def _micros(at: datetime) -> float:
    return at.timestamp() * 1e6


def _longest(age: object) -> float:
    return age.total_seconds() * 1e6 if hasattr(age, "total_seconds") else np.inf
