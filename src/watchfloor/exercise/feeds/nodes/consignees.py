"""The targeting centre's consignees: the name and address on each declaration."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from watchfloor.exercise.acts import Act, Declared
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Feed, Row, Seen
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "consignees"


def everyday(cast: Cast, count: int) -> Iterator[Act]:  # noqa: ARG001 - declarations name them
    """Nothing of its own."""
    yield from ()


def sees(act: Act) -> Iterator[Seen]:
    """Who is to receive a parcel."""
    if isinstance(act, Declared):
        party = act.consignee
        known = (("s10", act.parcel), party.phone, party.address)
        yield parties.seen(act, "consignee", party, act.goods, known)


def write(folder: Path, rows: Sequence[Row]) -> None:
    """One CSV file."""
    parties.write(folder, NAME, rows)


FEED_OF_NODE: Final = Feed(
    NAME, Volume(0, "one a declaration"), tables.settings(NAME, "party"), everyday, sees, write
)
