"""Accounts and banks of transactions: typed keys, names of banks, and the countries where accounts are
kept.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from stdnum import numdb

from watchfloor.core.kernels import kernel
from watchfloor.core.subjects import SubjectError, parts, subject
from watchfloor.formats.payments.iso20022.columns import buffers, checked, each, joined
from watchfloor.formats.payments.iso20022.raw import Texted

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


# IBANs by the column (ISO 13616): the rule of `core.subjects`, as a kernel for what is plainly written.
#
# Which characters stand where, country by country, is asked of python-stdnum, which has it from SWIFT's
# registry. Countries whose numbers it checks further (Belgium, Spain, Norway, Montenegro), and what is
# written in another way or is wrong, are left to `core.subjects`, so that one rule decides.


LONGEST: Final = 34
_DIGIT, _CAPITAL = 1, 2
_KINDS: Final = {"n": _DIGIT, "a": _CAPITAL, "c": _DIGIT | _CAPITAL}


@cache
def _forms() -> npt.NDArray[np.uint8]:
    """Return the characters that may stand behind the check digits, by country and place; 0 for none."""
    forms = np.zeros((26 * 26, LONGEST), np.uint8)
    registry = numdb.get("iban")
    for country in range(26 * 26):
        code = chr(65 + country // 26) + chr(65 + country % 26)
        form = registry.info(code)[0][1].get("bban", "")
        if form and find_spec(f"stdnum.{code.lower()}") and find_spec(f"stdnum.{code.lower()}.iban"):
            continue
        at = 4
        for piece in (
            form.replace("!", " ").replace("n", "n|").replace("a", "a|").replace("c", "c|").split("|")
        ):
            if piece:
                length, kind = piece.split()
                forms[country, at : at + int(length)] = _KINDS[kind]
                at += int(length)
    return forms


def ibans(texts: pa.Array) -> tuple[pa.Array, dict[int, str]]:
    """IBANs without spaces, null where there is none; and what is wrong with others, by row."""
    if texts.null_count == len(texts):
        return texts, {}
    plain = _plain(*buffers(texts), _forms())
    doubtful = np.flatnonzero(~plain & pc.is_valid(texts).to_numpy(zero_copy_only=False))
    if not len(doubtful):
        return texts, {}
    values, wrong = texts.to_pylist(), {}
    for row in doubtful.tolist():
        try:
            values[row] = parts(subject("account", "iban", values[row]))[2]
        except SubjectError as error:
            values[row], wrong[row] = None, str(error)
    return pa.array(values, pa.string()), wrong


@kernel
def _plain(ends: Any, data: Any, forms: Any) -> Any:
    """Which are valid as they stand: capitals and digits in their places, and 1 modulo 97 (ISO 7064)."""
    good = np.zeros(len(ends) - 1, np.bool_)
    for row in range(len(good)):
        start, size = ends[row], ends[row + 1] - ends[row]
        if size < 5 or size > LONGEST:
            continue
        first, second = int(data[start]) - 65, int(data[start + 1]) - 65
        if first < 0 or first > 25 or second < 0 or second > 25:
            continue
        form = forms[first * 26 + second]
        if form[size - 1] == 0 or (size < LONGEST and form[size] != 0):
            continue
        rest, fits = 0, True
        for i in range(4, size + 4):
            place = i if i < size else i - size
            byte = int(data[start + place])
            if 48 <= byte <= 57:
                rest = (rest * 10 + byte - 48) % 97
                fits &= place not in (0, 1) and (place < 4 or form[place] & _DIGIT != 0)
            elif 65 <= byte <= 90:
                rest = (rest * 100 + byte - 55) % 97
                fits &= place not in (2, 3) and (place < 4 or form[place] & _CAPITAL != 0)
            else:
                fits = False
                break
        good[row] = fits and rest == 1
    return good
