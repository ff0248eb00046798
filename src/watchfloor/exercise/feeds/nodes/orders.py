"""The cell's own file of court orders: the companies that one names, with the account it is about."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from watchfloor.exercise.acts import Act, Ordered
from watchfloor.exercise.cast import keys
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Observation
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "orders"


def sees(act: Act) -> Iterator[Observation]:
    """The company under its business number, and its account: this is what joins the two in the cell."""
    if isinstance(act, Ordered):
        (company,) = keys(act.company.business)
        row = parties.seen(act, "named in an order", act.company, act.number, (act.company.account,))
        yield replace(row, party=None, says={**row.says, "subject": company})


FEED_OF_NODE: Final = tables.feed(NAME, "party", sees, Volume(0, "of storylines alone"))
