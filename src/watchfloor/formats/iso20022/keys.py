"""Accounts and banks of transactions: typed keys, names of banks, and the countries where accounts are
kept.
"""

import re
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.iso20022.columns import checked, each, joined
from watchfloor.formats.iso20022.ibans import ibans
from watchfloor.formats.iso20022.raw import Texted
from watchfloor.records.subjects import parts, subject

Wrong = dict[int, str]
"""What is wrong, by row."""

_SYSTEM: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(slots=True)
class Side:
    """One side of each transaction.

    Attributes:
        account: typed key of the account.
        bank: BIC, LEI, clearing code and member, or name of the bank that keeps it.
        seat: the country where it is kept.
        proxy: the address or number that stood for it.
        wrong: why a transaction is not read.
        partly: what was left out of one that is read.
    """

    account: pa.Array
    bank: pa.Array
    seat: pa.Array
    proxy: pa.Array
    wrong: Wrong
    partly: Wrong = field(default_factory=dict)


def side(texts: Texted, account: str, agent: str) -> Side:
    """The account and the agent of one side, under their names in `slots`."""
    numbers, wrong = ibans(texts[f"{account}.iban"])
    bank, country, system, partly = _bank(texts, agent)
    prefix, number = _SYSTEMLESS, texts[f"{account}.othr"]
    if number.null_count < len(number):
        prefix = joined("account:", pc.fill_null(system, "account"), ":")
        key = joined(pc.if_else(pc.is_valid(numbers), "account:iban:", prefix), pc.coalesce(numbers, number))
    else:
        key = joined("account:iban:", numbers)
    seat = pc.coalesce(country, pc.utf8_slice_codeunits(numbers, 0, 2), _country(texts, f"{agent}.ctry"))
    where = {row: f"{account}: {why}" for row, why in wrong.items()}
    return Side(
        key, bank, seat, texts[f"{account}.proxy"], where, {r: f"{agent}: {w}" for r, w in partly.items()}
    )


_SYSTEMLESS: Final = pa.scalar("account:account:")


def _country(texts: Texted, slot: str) -> pa.Array:
    return each(texts[slot], lambda text: text if re.fullmatch("[A-Z]{2}", text) else None, pa.string())


def _bank(texts: Texted, agent: str) -> tuple[pa.Array, pa.Array, pa.Array, Wrong]:
    """Bank, its country by its BIC, the system of its account numbers, and what is wrong with its codes."""
    bics, wrong = checked(texts[f"{agent}.bic"], bic, pa.string())
    leis, odd = checked(texts[f"{agent}.lei"], lei, pa.string())
    wrong = {
        row: "; ".join(filter(None, (wrong.get(row), odd.get(row)))) for row in wrong.keys() | odd.keys()
    }
    bank, country = pc.coalesce(bics, leis), each(bics, lambda code: code[4:6], pa.string())
    system = each(bics, lambda code: code[:8].lower(), pa.string())
    if texts.has(f"{agent}.member"):
        member = joined(pc.fill_null(texts[f"{agent}.clearing"], ""), ":", texts[f"{agent}.member"])
        bank = pc.coalesce(bank, each(member, lambda text: text.removeprefix(":"), pa.string()))
        system = pc.coalesce(each(member, clearing, pa.string()), system)
    return pc.coalesce(bank, texts[f"{agent}.nm"]), country, system, wrong


def bic(text: str) -> str:
    """A BIC in capitals. Raises `ValueError` for another text (ISO 9362)."""
    return parts(subject("company", "bic", text))[2]


def lei(text: str) -> str:
    """An LEI. Raises `ValueError` where its check digits are wrong (ISO 17442)."""
    return parts(subject("company", "lei", text))[2]


def clearing(member: str) -> str | None:
    """The system of account numbers of a member of a clearing, `cacpa.000301234`; None if unclear."""
    code, _, number = member.lower().partition(":")
    return f"{code}.{number}" if code and _SYSTEM.fullmatch(f"{code}.{number}") else None
