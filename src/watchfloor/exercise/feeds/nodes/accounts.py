"""A bank's accounts: of each that has a deposit, who holds it, as what, and since when."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from typing import Final

from watchfloor.core.subjects import key_of
from watchfloor.exercise.acts import Act, Deposit
from watchfloor.exercise.banks import bank_of
from watchfloor.exercise.cast import DAY, Party
from watchfloor.exercise.feeds.base import Feed, Observation
from watchfloor.exercise.feeds.nodes import ledger, tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "accounts"
OLDEST_DAYS: Final = 8_000


def sees(bank: str, act: Act) -> Iterator[Observation]:
    """The account of a deposit."""
    if isinstance(act, Deposit) and bank_of(act.holder.account) == bank:
        holder, account = act.holder, act.holder.account
        assert account is not None  # else no bank keeps it
        yield tables.seen(
            act,
            (account,),
            subject=key_of(*account, None),
            bank=bank,
            holder=tables.person(ledger.name_of(bank), holder),
            holder_type="person" if holder.schema == "Person" else "company",
            opened=DAY.date() - timedelta(days=_days(holder)),
        )


def _days(holder: Party) -> int:
    """Days since an account was opened: of the account alone, so that each of its rows says the same."""
    number = blake2b(repr(holder.account).encode(), digest_size=4).digest()
    return 30 + int.from_bytes(number) % OLDEST_DAYS


def feed_of(bank: str) -> Feed:
    """The accounts of one of the banks."""
    return tables.feed(f"{NAME}-{bank[-1]}", "account", partial(sees, bank), Volume(0, "one a deposit"))
