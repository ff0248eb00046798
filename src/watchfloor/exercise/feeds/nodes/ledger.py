"""A bank's ledger: deposits at its counters, and money that moves from or to its accounts."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Final

from watchfloor.core.subjects import key_of
from watchfloor.exercise.acts import Act, Deposit, Transfer
from watchfloor.exercise.banks import BANKS, bank_of, crosses, seat_of, uetr
from watchfloor.exercise.cast import TOWNS, Cast, Party
from watchfloor.exercise.feeds.base import Feed, Observation
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "ledger"
MEMOS: Final = ("rent of", "birthday of", "owed to", "tuition of", "repair for", "groceries with")
VOLUME: Final = Volume(400_000 / len(BANKS), "our choice: 400,000 at six banks")


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


def sees(bank: str, act: Act) -> Iterator[Observation]:
    """The movement on the bank's own account, with who stood at the counter."""
    if isinstance(act, Deposit) and bank_of(act.holder.account) == bank:
        yield deposit(act, name_of(bank))
    if isinstance(act, Transfer) and bank in (bank_of(act.payer.account), bank_of(act.payee.account)):
        yield transfer(act)


def deposit(act: Deposit, feed: str) -> Observation:
    """A deposit as a feed has it, with who stood at the counter under that feed's own number."""
    return tables.seen(
        act,
        (act.holder.account,),
        payee=_account(act.holder),
        payee_bank=bank_of(act.holder.account) or None,
        payee_seat=seat_of(act.holder.account),
        amount=act.amount,
        currency="CAD",
        means="cash",
        conductor=tables.person(feed, act.by),
        branch=act.branch,
        memo=act.memo,
    )


def transfer(act: Transfer) -> Observation:
    """A transfer as either bank has it; one that leaves a bank is numbered by its UETR."""
    abroad = seat_of(act.payer.account) != seat_of(act.payee.account)
    numbered = {"report_key": f"uetr:{uetr(act)}"} if crosses(act) else {}
    return tables.seen(
        act,
        (act.payer.account, act.payee.account),
        payer=_account(act.payer),
        payee=_account(act.payee),
        payer_bank=bank_of(act.payer.account) or None,
        payee_bank=bank_of(act.payee.account) or None,
        payer_seat=seat_of(act.payer.account),
        payee_seat=seat_of(act.payee.account),
        amount=Decimal(act.amount),
        currency="CAD",
        means="wire" if abroad else "transfer",
        memo=act.memo,
        **numbered,
    )


def _account(party: Party) -> str | None:
    return key_of(*party.account, None) if party.account else None


def name_of(bank: str) -> str:
    """The feed of one of the banks, which also numbers its people."""
    return f"{NAME}-{bank[-1]}"


def feed_of(bank: str) -> Feed:
    """The ledger of one of the banks."""
    return tables.feed(name_of(bank), "payment", partial(sees, bank), VOLUME, everyday)
