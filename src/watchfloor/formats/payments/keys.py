"""Typed keys of the accounts and persons that ledgers name by numbers of their own."""

import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from stdnum import iban

from watchfloor.core.subjects import TYPES, SubjectError, parts, subject
from watchfloor.formats.tabular.values import Column, by_distinct

LEDGER: Final = "ledger"
"""System of a number whose bank the table does not name."""
_IBAN: Final = re.compile(r"[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30}")


def system_of(bank: str | None, other: str = LEDGER) -> str:
    """The name of a bank's numbering: its BIC, LEI, number or own name in lower case; `other` without one.

    A number has no leading zeros: `003`, `0003` and `3` are one institution.
    """
    plain = re.sub(r"[^a-z0-9._-]+", "-", (bank or "").lower()).strip("-._")
    return re.sub(r"^0+(?=\d+$)", "", plain) or other


def account_key(number: str, bank: str | None = None, other: str = LEDGER) -> str:
    """The key of an account: `account:iban:…` where it is an IBAN, else under its bank.

    A key of an account, person or company stays what it is. Raises `SubjectError` for a key that is wrong, or
    for a number that is empty.
    """
    if number.partition(":")[0] in TYPES and number.count(":") >= 2:
        type_, system, rest = parts(number)
        if type_ not in ("account", "person", "company"):
            raise SubjectError(f"{number!r} is the key of no account, person or company")
        return str(subject(type_, system, rest))
    if _IBAN.fullmatch(number.strip()) and iban.is_valid(number):
        return str(subject("account", "iban", number))
    return str(subject("account", system_of(bank, other), number))


def account_keys(numbers: pa.DictionaryArray, banks: pa.DictionaryArray) -> Column:
    """Return keys of account numbers, each at its bank; null where there is no number."""
    width = len(banks.dictionary) + 1
    at = pc.cast(pc.fill_null(banks.indices, width - 1), pa.int64())
    pairs = pc.add(pc.multiply(pc.cast(numbers.indices, pa.int64()), width), at)
    named, bank = numbers.dictionary.to_pylist(), [*banks.dictionary.to_pylist(), None]
    return by_distinct(pairs, lambda pair: account_key(named[pair // width], bank[pair % width]), pa.string())


def person_key(number: str, company: bool = False, other: str = LEDGER) -> str:
    """The key of a person or company that a ledger numbers; a key stays what it is."""
    if number.partition(":")[0] in ("person", "company") and number.count(":") >= 2:
        return str(subject(*parts(number)))
    return str(subject("company" if company else "person", other, number))


def entity_kind(name: str) -> str | None:
    """Return the kind in AMLworld's name of an entity: `sole proprietorship` of `Sole Proprietorship #5`."""
    kind, mark, number = name.partition(" #")
    return kind.lower() if mark and number.isdecimal() else None
