"""Whose accounts they are that a bank produced payments of: by business number, and the account."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from watchfloor.exercise.acts import Act, Produced
from watchfloor.exercise.cast import keys
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Observation
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "produced-holders"


def sees(act: Act) -> Iterator[Observation]:
    """The payer under its business number: what joins its declarations and its payments."""
    if isinstance(act, Produced):
        (company,) = keys(act.of.payer.business)
        row = parties.seen(act, "account holder", act.of.payer, act.number, (act.of.payer.account,))
        yield replace(row, party=None, says={**row.says, "subject": company})


FEED: Final = tables.feed(NAME, "party", sees, Volume(0, "of storylines alone"))
