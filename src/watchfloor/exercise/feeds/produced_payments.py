"""Payments that a bank produced under an order (Criminal Code s. 487.014), with what was written on them."""

from collections.abc import Iterator
from typing import Final

from watchfloor.exercise.acts import Act, Produced
from watchfloor.exercise.feeds.base import Observation
from watchfloor.exercise.feeds.nodes import ledger, tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "produced-payments"


def sees(act: Act) -> Iterator[Observation]:
    """The payment, under a number of this feed's own; at the time it was made, not when the court asked."""
    if isinstance(act, Produced):
        seen = ledger.transfer(act.of)
        says = {name: value for name, value in seen.says.items() if name != "report_key"}
        yield tables.seen(act, seen.identifiers, **says)


FEED: Final = tables.feed(NAME, "payment", sees, Volume(0, "of storylines alone"))
