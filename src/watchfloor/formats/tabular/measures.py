"""Columns of text to amounts, measures and words of a closed set, as `formats.tabular.values` does for dates.

An amount may be written as English and French forms do, where it can be read in one way only: `1234.50`,
`1,234.50`, `1 234,50`. A lone `1,234` is twelve hundred to one bank and one and a quarter to another, so it
is refused and not guessed. Measures have a full stop and no separators between thousands.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from math import inf, isfinite
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core import subjects
from watchfloor.core.kinds import FACT
from watchfloor.core.protected import is_protected
from watchfloor.core.subjects import parts, subject
from watchfloor.formats.payments.currencies import VIRTUAL
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular.values import Column, by_distinct, read_list, write_list

MONEY: Final = pa.decimal128(18, 2)
"""Amounts of money: sixteen digits before the point, two after."""

FINE: Final = pa.decimal128(38, 18)
"""Amounts to their last digit: dinars have three decimals (ISO 4217), a virtual currency up to eighteen."""

_AMOUNT: Final = re.compile(
    r"(?P<whole>\d+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+)(?:[.,](?P<cents>\d{1,2}))?"
    r"|(?P<english>\d{1,3}(?:,\d{3})+)\.(?P<p>\d{1,2})|(?P<swapped>\d{1,3}(?:\.\d{3})+),(?P<c>\d{1,2})",
    re.ASCII,
)
WHOLE: Final = 16
"""Digits that an amount may have before its decimals."""

_CURRENCY: Final = re.compile(r"[A-Z]{3}")


def amount(texts: pa.Array) -> Column:
    """Amounts of money, 0 or more, with at most two decimals and sixteen digits before them."""
    return by_distinct(texts, _amount, MONEY)


def fine(texts: pa.Array) -> Column:
    """Amounts of money to their last digit: 0 or more, a full stop, at most eighteen decimals."""
    return by_distinct(texts, _fine_amount, FINE)


def facts(texts: pa.Array) -> Column:
    """Named numbers in one cell, `payer_tenure_days=412;payer_balance_before=1033.5`."""
    return by_distinct(texts, _facts, pa.list_(FACT))


def measure(texts: pa.Array) -> Column:
    """Finite numbers, 0 or more."""
    return by_distinct(texts, _measure, pa.float64())


def mass(texts: pa.Array) -> Column:
    """Masses in grams: a number alone, or with its unit, `1.73 kg`; mg, g, kg, t, oz and lb are known."""
    return by_distinct(texts, _mass, pa.float64())


def truth(texts: pa.Array) -> Column:
    """Yes or no, in English or French."""
    return by_distinct(texts, _truth, pa.bool_())


def between(low: float = -inf, high: float = inf) -> Callable[[pa.Array], Column]:
    """A reader of finite numbers from `low` to `high`, both of them included; fast where all are."""

    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError as error:
            raise ValueError(f"{text!r} is no number such as 12.5") from error
        if not isfinite(value) or not low <= value <= high or "_" in text:
            raise ValueError(f"{text!r} is no finite number{_within(low, high)}")
        return value

    def read(texts: pa.Array) -> Column:
        try:
            values = pc.cast(texts, pa.float64())
        except pa.ArrowInvalid:  # some text is no number
            return by_distinct(texts, number, pa.float64())
        some = (values.drop_null() if values.null_count else values).to_numpy()
        if not len(some) or (low <= some.min() and some.max() <= high and np.isfinite(some).all()):
            return Column(values, {})
        return by_distinct(texts, number, pa.float64())

    return read


def whole(texts: pa.Array) -> Column:
    """Whole numbers of 64 bits."""
    try:
        return Column(pc.cast(texts, pa.int64()), {})
    except pa.ArrowInvalid:
        return by_distinct(texts, _whole, pa.int64())


def natural(texts: pa.Array) -> Column:
    """Whole numbers, 0 or more."""
    return by_distinct(texts, _natural, pa.int64())


def measures(texts: pa.Array) -> Column:
    """Lists of such numbers in one cell, split by `;`; null where there was no text."""
    return by_distinct(
        texts, lambda value: [_measure(one) for one in read_list(value)], pa.list_(pa.float64())
    )


def currency(texts: pa.Array) -> Column:
    """Currency codes of three letters, in capitals (ISO 4217), not looked up; and those of virtual coins."""
    return by_distinct(texts, _currency, pa.string())


def one_of(words: Iterable[str]) -> Callable[[pa.Array], Column]:
    """A reader of words of a closed set, however their letters and spaces are written."""
    known = {one.lower(): one for one in words}

    def word(text: str) -> str:
        plain = "-".join(text.lower().replace("-", " ").split())
        if plain not in known:
            raise ValueError(f"{text!r} is none of {', '.join(known.values())}{nearest(plain, known)}")
        return known[plain]

    return lambda texts: by_distinct(texts, word, pa.string())


def phone(texts: pa.Array) -> Column:
    """Telephone numbers as typed keys; those without a country code are read as Canadian."""
    return by_distinct(texts, _phone, pa.string())


def telephone(texts: pa.Array) -> Column:
    """Telephone numbers as digits with their country code; those without one are read as Canadian."""
    return by_distinct(texts, lambda text: parts(_phone(text))[2], pa.string())


def email(texts: pa.Array) -> Column:
    """E-mail addresses in lower case."""
    return by_distinct(texts, _email, pa.string())


def address(texts: pa.Array) -> Column:
    """Postal addresses as their words, by which two ways to write one are alike."""
    return by_distinct(texts, _address, pa.string())


def hashes(texts: pa.Array) -> Column:
    """Lists of whole numbers of 64 bits in one cell, split by `;`: a fingerprint."""
    return by_distinct(
        texts, lambda value: [_whole(one) for one in read_list(value)], pa.list_(pa.int64()), empty=[]
    )


def plate(texts: pa.Array) -> Column:
    """Licence plates as typed keys, without spaces and dashes."""
    return by_distinct(texts, _plate, pa.string())


def key_of(*types: str) -> Callable[[pa.Array], Column]:
    """A reader of subject keys of certain types, normalised and checked."""

    def key(text: str) -> str:
        made = subject(*parts(text))
        if parts(made)[0] not in types:
            raise ValueError(f"{text!r} is the key of no {' or '.join(types)}")
        return str(made)

    return lambda texts: by_distinct(texts, key, pa.string())


def _phone(text: str) -> str:
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, parse

    if text.startswith("phone:"):
        return str(subject(*parts(text)))
    try:
        number = parse(text, "CA")  # it knows extensions, `ext. 12`, `poste 12`, and leaves them out
    except NumberParseException:
        number = None
    if number is None or not is_possible_number(number) or len(text) > LONGEST_PHONE:
        raise ValueError(f"{text[:LONGEST_PHONE]!r} is no telephone number such as 613-555-0123")
    return str(subject("phone", "phone", format_number(number, PhoneNumberFormat.E164).removeprefix("+")))


LONGEST_PHONE: Final = 40
"""Characters of a telephone number with its extension."""
_PLATE: Final = re.compile(r"(?=.*[0-9])[A-Z0-9]{2,8}", re.ASCII)


def _email(text: str) -> str:
    text = text.replace("\\@", "@")  # as our own tables write lists
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text.strip()):
        raise ValueError(f"{text[:LONGEST_PHONE]!r} is no e-mail address such as name@example.org")
    return text.strip().casefold()


def _address(text: str) -> str:
    key = subjects.key_of("address", text, None)
    if key is None:
        raise ValueError(f"{text[:LONGEST_PHONE]!r} is no address: it has no word")
    return parts(key)[2]


def _plate(text: str) -> str:
    if text.startswith("vehicle:"):
        return str(subject(*parts(text)))
    number = re.sub(r"[\s./·-]", "", text).upper()
    if not _PLATE.fullmatch(number):
        raise ValueError(f"{text[:LONGEST_PHONE]!r} is no licence plate such as ABCD 123")
    return str(subject("vehicle", "plate", number))


def _amount(text: str) -> Decimal:
    match = _AMOUNT.fullmatch(text.strip())
    said = match.groupdict("") if match else {}
    whole = re.sub(r"\D", "", "".join(said.get(name, "") for name in ("whole", "english", "swapped")))
    if not 0 < len(whole) <= WHOLE:
        raise ValueError(
            f"{text!r} is no amount such as 1234.50 or 1 234,50, or reads in two ways: write two decimals"
        )
    return Decimal(f"{whole}.{said['cents'] or said['p'] or said['c'] or 0}")


_FINE: Final = re.compile(r"\d{1,20}(?:\.\d{1,18})?", re.ASCII)


def _fine_amount(text: str) -> Decimal:
    if not _FINE.fullmatch(text.strip()):
        raise ValueError(
            f"{text!r} is no amount such as 0.00012345: digits, a full stop, at most 18 decimals"
        )
    return Decimal(text.strip())


def _facts(text: str) -> list[dict[str, str | float]]:
    pairs = (one.partition("=") for one in read_list(text))
    return [{"name": _fact_name(name, text), "value": _number(value)} for name, _, value in pairs]


def _fact_name(name: str, text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or is_protected(name):
        raise ValueError(f"{text!r} holds no facts such as payer_tenure_days=412, or one that is never used")
    return name


def _number(text: str) -> float:
    value = float(text) if "_" not in text else inf
    if not isfinite(value):
        raise ValueError(f"{text!r} is no finite number")
    return value


def write_facts(facts: Iterable[Mapping[str, str | float]]) -> str:
    """Facts as `facts` reads them back."""
    return write_list([f"{one['name']}={one['value']!r}" for one in facts])


def _measure(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no number such as 12.5") from error
    if not isfinite(value) or value < 0 or "_" in text:
        raise ValueError(f"{text!r} is no measure: a finite number, 0 or more, is needed")
    return value


GRAMS: Final[Mapping[str, Decimal]] = {
    "mg": Decimal("0.001"),
    "g": Decimal(1),
    "kg": Decimal(1000),
    "t": Decimal(1_000_000),
    "oz": Decimal("28.349523125"),
    "lb": Decimal("453.59237"),
}
"""Grams in a unit of mass; the ounce and the pound as Canada's Weights and Measures Act defines them."""

_MASS: Final = re.compile(r"(\d{1,15}(?:\.\d{1,12})?)\s*([a-z]{1,2})?", re.ASCII)


def _mass(text: str) -> float:
    found = _MASS.fullmatch(text.strip())
    if found is None:
        return _measure(text)
    if (unit := found[2] or "g") not in GRAMS:
        raise ValueError(f"{unit!r} is no unit of mass; {', '.join(GRAMS)} are known")
    return float(Decimal(found[1]) * GRAMS[unit])


_TRUTH: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("yes", "true", "1", "oui", "vrai"), True),
    **dict.fromkeys(("no", "false", "0", "non", "faux"), False),
}


def _truth(text: str) -> bool:
    if (word := text.strip().lower()) not in _TRUTH:
        raise ValueError(f"{text!r} is neither yes nor no")
    return _TRUTH[word]


def _within(low: float, high: float) -> str:
    if high < inf:
        return f" from {low:g} to {high:g}"
    return f", {low:g} or more" if low > -inf else ""


def _whole(text: str) -> int:
    if not re.fullmatch(r"\s*[+-]?\d{1,19}\s*", text, re.ASCII) or not -(2**63) <= int(text) < 2**63:
        raise ValueError(f"{text!r} is no whole number such as 12")
    return int(text)


def _natural(text: str) -> int:
    if (number := _whole(text)) < 0:
        raise ValueError(f"{text!r} is no count: 0 or more is needed")
    return number


def _currency(text: str) -> str:
    code = text.strip().upper()
    if not _CURRENCY.fullmatch(code) and code not in VIRTUAL:
        raise ValueError(f"{text!r} is no currency code of three letters, such as CAD")
    return code
