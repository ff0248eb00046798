"""Columns of text to amounts, measures and words of a closed set, as `formats.values` does for dates.

A number is written with a full stop and without separators between thousands: `1,234` is twelve hundred to
one bank and one and a quarter to another, so it is refused and not guessed.
"""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from math import isfinite
from typing import Final

import pyarrow as pa

from watchfloor.formats.settings import nearest
from watchfloor.formats.values import Column, by_distinct, read_list
from watchfloor.records.subjects import parts, subject

MONEY: Final = pa.decimal128(18, 2)
"""Amounts of money: sixteen digits before the point, two after."""

_AMOUNT: Final = re.compile(r"(\d{1,16})(?:\.(\d{1,2}))?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


def amount(texts: pa.Array) -> Column:
    """Amounts of money, 0 or more, with at most two decimals: `1234.50`."""
    return by_distinct(texts, _amount, MONEY)


def measure(texts: pa.Array) -> Column:
    """Finite numbers, 0 or more."""
    return by_distinct(texts, _measure, pa.float64())


def measures(texts: pa.Array) -> Column:
    """Lists of such numbers in one cell, split by `;`; null where there was no text."""
    return by_distinct(
        texts, lambda value: [_measure(one) for one in read_list(value)], pa.list_(pa.float64())
    )


def currency(texts: pa.Array) -> Column:
    """Currency codes of three letters, in capitals (ISO 4217); whether one is in use is not looked up."""
    return by_distinct(texts, _currency, pa.string())


def one_of(words: Iterable[str]) -> Callable[[pa.Array], Column]:
    """A reader of words of a closed set, however their letters and spaces are written."""
    known = tuple(words)

    def word(text: str) -> str:
        plain = "-".join(text.lower().replace("-", " ").split())
        if plain not in known:
            raise ValueError(f"{text!r} is none of {', '.join(known)}{nearest(plain, known)}")
        return plain

    return lambda texts: by_distinct(texts, word, pa.string())


def key_of(*types: str) -> Callable[[pa.Array], Column]:
    """A reader of subject keys of certain types, normalised and checked."""

    def key(text: str) -> str:
        made = subject(*parts(text))
        if parts(made)[0] not in types:
            raise ValueError(f"{text!r} is the key of no {' or '.join(types)}")
        return str(made)

    return lambda texts: by_distinct(texts, key, pa.string())


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is no amount such as 1234.50: digits, a full stop, at most two decimals")
    return Decimal(text.strip())


def _measure(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no number such as 12.5") from error
    if not isfinite(value) or value < 0 or "_" in text:
        raise ValueError(f"{text!r} is no measure: a finite number, 0 or more, is needed")
    return value


def _currency(text: str) -> str:
    code = text.strip().upper()
    if not _CURRENCY.fullmatch(code):
        raise ValueError(f"{text!r} is no currency code of three letters, such as CAD")
    return code
