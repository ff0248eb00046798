"""The bank's customers: the name behind each account that has a deposit."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from watchfloor.exercise.acts import Act, Deposit
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Feed, Row, Seen
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "customers"


def everyday(cast: Cast, count: int) -> Iterator[Act]:  # noqa: ARG001 - the ledger's are its customers
    """Nothing of its own."""
    yield from ()


def sees(act: Act) -> Iterator[Seen]:
    """Who holds the account of a deposit, with telephone and address."""
    if isinstance(act, Deposit):
        party = act.holder
        known = (party.account, party.phone, party.address)
        yield parties.seen(act, "account holder", party, "deposit account", known, party.born)


def write(folder: Path, rows: Sequence[Row]) -> None:
    """One CSV file."""
    parties.write(folder, NAME, rows)


FEED_OF_NODE: Final = Feed(
    NAME, Volume(0, "one a deposit"), tables.settings(NAME, "party"), everyday, sees, write
)
