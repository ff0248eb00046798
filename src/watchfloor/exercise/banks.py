"""The six banks of an exercise of nodes: which of them keeps an account, and how a payment is known to two.

All invented accounts have the number of one institution that does not exist; the branch's transit number
says whose it is here. A payment that leaves a bank has a UETR, which both banks see and nobody can guess.
"""

from dataclasses import replace
from hashlib import blake2b
from typing import Final
from uuid import UUID

from watchfloor.core.subjects import key_of
from watchfloor.exercise.acts import Transfer
from watchfloor.exercise.cast import Cast, Identifier, Party

LETTERS: Final = "abcdef"
BANKS: Final = tuple(f"bank-{letter}" for letter in LETTERS)
"""The six, as their nodes are called."""


def bank_of(account: Identifier | None) -> str:
    """The bank that keeps an account; empty for none, and for one abroad."""
    return bank_of_key(key_of(*account, None)) if account else ""


def bank_of_key(key: str | None) -> str:
    """The same of an account's typed key: three digits of the institution, five of the branch, then more."""
    number = (key or "").removeprefix("account:account:")
    return BANKS[int(number[3:8]) % len(BANKS)] if number.isdigit() else ""


def seat_of(account: Identifier | None) -> str | None:
    """The country in which an account is kept."""
    if account is None:
        return None
    return account[1][:2] if account[0] == "iban" else "CA"


def at(cast: Cast, party: Party, bank: str) -> Party:
    """The same with an account at that bank."""
    while bank_of(party.account) != bank:
        party = replace(party, account=cast.account())
    return party


def crosses(one: Transfer) -> bool:
    """Whether a transfer leaves a bank."""
    return None not in (one.payer.account, one.payee.account) and bank_of(one.payer.account) != bank_of(
        one.payee.account
    )


def uetr(one: Transfer) -> str:
    """The unique end-to-end transaction reference of a transfer: the same at both banks."""
    said = "\x1f".join(
        map(str, (one.at, *(one.payer.account or ()), *(one.payee.account or ()), one.amount, one.memo))
    )
    return str(UUID(bytes=blake2b(said.encode(), digest_size=16).digest(), version=4))
