"""Making a picture: weigh the queue of one reader's view at one position of the log."""

from datetime import UTC, datetime
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.current_signals import signals
from watchfloor.cell.identity.names import NAMED, called_in
from watchfloor.cell.leads import leads
from watchfloor.cell.queue import context
from watchfloor.cell.weighing.weights import load
from watchfloor.console.pictures.picture import About, Place, digest_of, packed
from watchfloor.desks.registry import declare_messages
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

_DAWN = datetime(1970, 1, 1, tzinfo=UTC)


def make(root: str, reader: Reader, position: int, now: datetime) -> bytes:
    """The picture that a reader has of a floor, as `Picture.read` takes it; runs in a process of its own.

    Args:
        root: the floor's folder.
        reader: whose view.
        position: of the log, up to which it knows.
        now: the moment at which decisions have expired or not.
    """
    floor = _floor(root)
    weights = load()
    stand = signals(floor, reader, position)
    joined = context(floor, reader, stand, now, position)
    found = leads(stand, weights, now, floor.key, joined)
    since, until = _holds(stand, floor.read("judgement", reader, position, ["expires_at"]), now)
    about = About(position, floor.moment_of(position), since, until, digest_of(found), weights.digest)
    names = called_in(floor.read("party", reader, position, NAMED, latest=True))
    return packed(found, places(stand), about, names)


def places(signals: pa.Table) -> dict[bytes, Place]:
    """Where each signal that has a place is."""
    placed = signals.filter(pc.is_valid(signals["latitude"]))
    columns = (placed[name].to_pylist() for name in ("row_id", "latitude", "longitude", "radius"))
    return {
        row_id: (latitude, longitude, radius)
        for row_id, latitude, longitude, radius in zip(*columns, strict=True)
    }


@lru_cache(maxsize=1)
def _floor(root: str) -> Floor:
    declare_messages()
    return Floor.open(root)


def _holds(signals: pa.Table, judgements: pa.Table, now: datetime) -> tuple[datetime, datetime | None]:
    """Between which moments no decision expires: the last that has by `now`, and the first that has not."""
    cleared = signals.filter(pc.equal(signals["strength"], "cleared"))["until"]
    ends = [*cleared.drop_null().to_pylist(), *judgements["expires_at"].drop_null().to_pylist()]
    return max((one for one in ends if one <= now), default=_DAWN), min(
        (one for one in ends if one > now), default=None
    )
