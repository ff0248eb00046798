"""The bank's customers: the name behind each account that has a deposit."""

from collections.abc import Iterator
from typing import Final

from watchfloor.exercise.acts import Act, Deposit
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Seen
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "customers"


def sees(act: Act) -> Iterator[Seen]:
    """Who holds the account of a deposit, with telephone and address."""
    if isinstance(act, Deposit):
        party = act.holder
        known = (party.account, party.phone, party.address)
        yield parties.seen(act, "account holder", party, "deposit account", known, party.born)


FEED_OF_NODE: Final = tables.feed(NAME, "party", sees, Volume(0, "one a deposit"))
