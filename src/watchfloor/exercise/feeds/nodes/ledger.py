"""The bank's ledger: deposits at its counters, and money that moves between accounts."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from watchfloor.cell.identity.shared import key_of
from watchfloor.exercise.acts import Act, Deposit, Transfer
from watchfloor.exercise.cast import TOWNS, Cast, Party
from watchfloor.exercise.feeds.base import Seen
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "ledger"
MEMOS: Final = ("rent of", "birthday of", "owed to", "tuition of", "repair for", "groceries with")


def everyday(cast: Cast, count: int) -> Iterator[Act]:
    """One deposit in three, by who holds the account; else a transfer of some hundred dollars."""
    for _ in range(count):
        one, other = cast.person(), cast.person()
        memo = f"{cast.one_of(MEMOS)} {other.name}"
        if cast.random.random() < 1 / 3:
            yield Deposit(cast.at(9, 17), one, one, cents(cast, 40, 4_000), branch(cast), memo)
        else:
            yield Transfer(cast.at(), one, other, cents(cast, 20, 3_000), memo)


def cents(cast: Cast, low: int, high: int) -> Decimal:
    """An amount between two whole amounts, seldom a round one."""
    return Decimal(cast.number(low * 100, high * 100 - 1)) / 100


def branch(cast: Cast) -> str:
    """A branch of the bank."""
    return f"{cast.one_of(TOWNS)}, counter {cast.number(1, 9)}"


def sees(act: Act) -> Iterator[Seen]:
    """The movement on the account, with who stood at the counter."""
    if isinstance(act, Deposit):
        yield tables.seen(
            act,
            (act.holder.account,),
            payee=_account(act.holder),
            amount=act.amount,
            currency="CAD",
            means="cash",
            conductor=tables.person(NAME, act.by),
            branch=act.branch,
            memo=act.memo,
        )
    if isinstance(act, Transfer):
        yield tables.seen(
            act,
            (act.payer.account, act.payee.account),
            payer=_account(act.payer),
            payee=_account(act.payee),
            amount=Decimal(act.amount),
            currency="CAD",
            means="transfer",
            memo=act.memo,
        )


def _account(party: Party) -> str | None:
    return key_of(*party.account, None) if party.account else None


FEED_OF_NODE: Final = tables.feed(NAME, "payment", sees, Volume(400_000, "our choice"), everyday)
