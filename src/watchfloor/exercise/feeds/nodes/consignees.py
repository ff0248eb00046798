"""The targeting centre's consignees: the name and address on each declaration."""

from collections.abc import Iterator
from typing import Final

from watchfloor.exercise.acts import Act, Declared
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Observation
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "consignees"


def sees(act: Act) -> Iterator[Observation]:
    """Who is to receive a parcel."""
    if isinstance(act, Declared):
        party = act.consignee
        known = (("s10", act.parcel), party.phone, party.address)
        yield parties.seen(act, "consignee", party, act.goods, known)


FEED_OF_NODE: Final = tables.feed(NAME, "party", sees, Volume(0, "one a declaration"))
