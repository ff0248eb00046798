"""A bank's customers: the name behind each account that has a deposit."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from watchfloor.exercise.acts import Act, Deposit
from watchfloor.exercise.banks import bank_of
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Feed, Observation
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "customers"


def sees(bank: str, act: Act) -> Iterator[Observation]:
    """Who holds the account of a deposit, with telephone and address."""
    if isinstance(act, Deposit) and bank_of(act.holder.account) == bank:
        party = act.holder
        known = (party.account, party.phone, party.address)
        yield parties.seen(act, "account holder", party, "deposit account", known, party.born)


def feed_of(bank: str) -> Feed:
    """The customers of one of the banks."""
    return tables.feed(f"{NAME}-{bank[-1]}", "party", partial(sees, bank), Volume(0, "one a deposit"))
