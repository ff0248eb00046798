"""The targeting centre's scales: the mass of each parcel."""

from collections.abc import Iterator
from typing import Final

from watchfloor.exercise.acts import Act, Weighed
from watchfloor.exercise.feeds.base import Observation
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "scales"


def sees(act: Act) -> Iterator[Observation]:
    """A weighing."""
    if isinstance(act, Weighed):
        subject = f"parcel:s10:{act.parcel}"
        says = {"subject": subject, "instrument": "belt scale", "method": "mass", "mass": float(act.mass)}
        yield tables.seen(act, (("s10", act.parcel),), **says)


FEED_OF_NODE: Final = tables.feed(NAME, "reading", sees, Volume(0, "one a parcel"))
