"""Typed keys of the accounts and persons that ledgers name by numbers of their own."""

import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from stdnum import iban

from watchfloor.formats.payments.cells import texts
from watchfloor.records.subjects import TYPES, SubjectError, parts, subject

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


def account_keys(numbers: pa.Array, banks: pa.Array | None) -> tuple[pa.Array, dict[int, str]]:
    """Keys of a column of account numbers, each at its bank, and what is wrong with rows that have none.

    Null where there is no number. Each distinct pair is worked out once.
    """
    named = texts(numbers)
    bank = texts(banks) if banks is not None else None
    width = len(bank.dictionary) + 1 if bank is not None else 1
    at = (
        pc.fill_null(bank.indices, width - 1)
        if bank is not None
        else pa.repeat(pa.scalar(0, pa.int32()), len(named))
    )
    pairs = pc.add(pc.multiply(pc.cast(named.indices, pa.int64()), width), pc.cast(at, pa.int64()))
    coded = pc.dictionary_encode(pairs)
    names = named.dictionary.to_pylist()
    bank_names = [*(bank.dictionary.to_pylist() if bank is not None else ()), None]
    keys: list[str | None] = []
    failed: dict[int, str] = {}
    for number, pair in enumerate(coded.dictionary.to_pylist()):
        try:
            keys.append(account_key(names[pair // width], bank_names[pair % width]))
        except SubjectError as error:
            keys.append(None)
            failed[number] = str(error)
    made = pa.array(keys, pa.string()).take(coded.indices)
    wrong: dict[int, str] = {}
    if failed:
        codes = pc.fill_null(coded.indices, -1).to_pylist()
        wrong = {row: failed[code] for row, code in enumerate(codes) if code in failed}
    return made, wrong


def person_key(number: str, company: bool = False, other: str = LEDGER) -> str:
    """The key of a person or company that a ledger numbers; a key stays what it is."""
    if number.partition(":")[0] in ("person", "company") and number.count(":") >= 2:
        return str(subject(*parts(number)))
    return str(subject("company" if company else "person", other, number))


def entity_kind(name: str) -> str | None:
    """What AMLworld's name of an entity says it is: `sole proprietorship` of `Sole Proprietorship #50438`."""
    kind, mark, number = name.partition(" #")
    return kind.lower() if mark and number.isdecimal() else None
