"""The cell's own file of court orders: the companies that one names, with the account it is about."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from watchfloor.exercise.acts import Act, Ordered
from watchfloor.exercise.cast import Cast, keys
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Feed, Row, Seen
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "orders"


def everyday(cast: Cast, count: int) -> Iterator[Act]:  # noqa: ARG001 - a court does not order every day
    """Nothing of its own."""
    yield from ()


def sees(act: Act) -> Iterator[Seen]:
    """The company under its business number, and its account: this is what joins the two in the cell."""
    if isinstance(act, Ordered):
        (company,) = keys(act.company.business)
        row = parties.seen(act, "named in an order", act.company, act.number, (act.company.account,))
        yield replace(row, party=None, says={**row.says, "subject": company})


def write(folder: Path, rows: Sequence[Row]) -> None:
    """One CSV file."""
    parties.write(folder, NAME, rows)


FEED_OF_NODE: Final = Feed(
    NAME, Volume(0, "of storylines alone"), tables.settings(NAME, "party"), everyday, sees, write
)
