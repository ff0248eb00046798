"""The targeting centre's scales: the mass of each parcel."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from watchfloor.exercise.acts import Act, Weighed
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds.base import Feed, Row, Seen
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "scales"


def everyday(cast: Cast, count: int) -> Iterator[Act]:  # noqa: ARG001 - declared parcels are weighed
    """Nothing of its own."""
    yield from ()


def sees(act: Act) -> Iterator[Seen]:
    """A weighing."""
    if isinstance(act, Weighed):
        subject = f"parcel:s10:{act.parcel}"
        says = {"subject": subject, "instrument": "belt scale", "method": "mass", "mass": float(act.mass)}
        yield tables.seen(act, (("s10", act.parcel),), **says)


def write(folder: Path, rows: Sequence[Row]) -> None:
    """One CSV file."""
    tables.write(folder, NAME, "reading", rows)


FEED_OF_NODE: Final = Feed(
    NAME, Volume(0, "one a parcel"), tables.settings(NAME, "reading"), everyday, sees, write
)
