"""Parts that manifests of every syntax share: numbers, masses, places, directions, and declared rows."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

import pyarrow as pa
from stdnum import iso6346

from watchfloor.core.kinds import KINDS
from watchfloor.core.subjects import SubjectError, subject
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.lists.countries import country_code
from watchfloor.formats.tabular.table import grouped

HOME: Final = "CA"
"""Where the border is: what leaves for it is inbound, what leaves it is outbound."""
BATCH: Final = 8192

KILOGRAMS: Final[Mapping[str, Decimal]] = {
    "KGM": Decimal(1),
    "KG": Decimal(1),
    "K": Decimal(1),
    "GRM": Decimal("0.001"),
    "MGM": Decimal("0.000001"),
    "TNE": Decimal(1000),
    "STN": Decimal("907.18474"),
    "LTN": Decimal("1016.0469088"),
    "LBR": Decimal("0.45359237"),
    "LB": Decimal("0.45359237"),
    "L": Decimal("0.45359237"),
    "ONZ": Decimal("0.028349523125"),
}
"""Kilograms in a unit: codes of UN/ECE Recommendation 20, and of X12 (K, L). Pound and ounce are those of
Canada's Weights and Measures Act."""

_ACCOUNT: Final = re.compile(r"\d{9}R[CMPTZ]\d{4}", re.ASCII)
_COUNT: Final = re.compile(r"\d{1,9}", re.ASCII)
_HS: Final = re.compile(r"\d{6,10}", re.ASCII)
_NUMBER: Final = re.compile(r"(\d{1,18})(?:[.,](\d{1,18}))?", re.ASCII)
_LOCODE: Final = re.compile(r"([A-Z]{2})[A-Z2-9]{3}", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)


def number(text: str) -> Decimal:
    """A number, 0 or more, with a point or a comma before its decimals. Raises `ValueError`."""
    match = _NUMBER.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no number, 0 or more, such as 12.5")
    return Decimal(f"{match[1]}.{match[2] or 0}")


def kilograms(text: str, unit: str) -> float:
    """A mass in kilograms. Raises `ValueError` for a unit that is not known, or a text that is no number."""
    if unit not in KILOGRAMS:
        raise ValueError(f"{unit!r} is no unit of mass; {', '.join(KILOGRAMS)} are known")
    return float(number(text) * KILOGRAMS[unit])


def money(text: str) -> Decimal:
    """An amount of at most sixteen digits and two decimals. Raises `ValueError`."""
    amount = number(text)
    cents = amount.quantize(Decimal("0.01")) if amount < 10**16 else amount
    if cents != amount or amount >= 10**16:
        raise ValueError(f"{text!r} is no amount of at most sixteen digits and two decimals")
    return cents


def count(text: str) -> int:
    """A whole number. Raises `ValueError`."""
    if not _COUNT.fullmatch(text):
        raise ValueError(f"{text!r} is no count such as 12, of at most nine digits")
    return int(text)


def country(code: str) -> str | None:
    """A country by its two letters; None where ISO 3166-1 has none."""
    code = code.strip().upper()
    return country_code(code) if _COUNTRY.fullmatch(code) else None


def country_of(place: str) -> str | None:
    """The country of a UN/LOCODE, or of a place that is a country's code; None for places of other lists."""
    place = place.strip().upper()
    match = _LOCODE.fullmatch(place)
    return country(match[1] if match else place)


def hs_code(text: str) -> str:
    """Six to ten digits of the Harmonized System, without points and spaces. Raises `ValueError`."""
    code = text.replace(".", "").replace(" ", "")
    if not _HS.fullmatch(code):
        raise ValueError(f"{text!r} is no code of the Harmonized System: six to ten digits")
    return code


def company(number: str) -> str | None:
    """The key of a company by its account with the Canada Revenue Agency: nine digits, two letters, four.

    Nine digits alone are no such key: numbers of many other lists look the same.
    """
    plain = number.replace(" ", "").upper()
    if not _ACCOUNT.fullmatch(plain):
        return None
    try:
        return str(subject("company", "bn", plain))
    except SubjectError:
        return None


def direction(departure: str | None, destination: str | None, by_way_of: Iterable[str | None]) -> str | None:
    """Which way goods go that cross a border, seen from `HOME`; None where the countries do not say."""
    if departure is None or destination is None:
        return "outbound" if departure == HOME else "inbound" if destination == HOME else None
    if HOME in (departure, destination):
        return "domestic" if departure == destination else "inbound" if destination == HOME else "outbound"
    return "in-transit" if HOME in by_way_of else None


def container(text: str) -> str:
    """The key of a container. Raises `SubjectError`, with the right check digit where only that is wrong."""
    plain = re.sub(r"[\s-]", "", text).upper()
    try:
        return str(subject("container", "iso6346", plain))
    except SubjectError as error:
        if re.fullmatch(r"[A-Z]{3}[UJZR]\d{7}", plain, re.ASCII):
            digit = iso6346.calc_check_digit(plain[:10])
            raise SubjectError(
                f"{text!r} is no container number (ISO 6346): its check digit should be {digit}"
            ) from error
        raise SubjectError(
            f"{text!r} is no container number (ISO 6346): four letters, seven digits"
        ) from error


def in_one(issuer: str, number: str) -> str:
    """Code of who issued a bill and its number in one: issuers number on their own, and alike.

    The code is not set before a number that begins with it.
    """
    code, plain = ("".join(text.upper().split()) for text in (issuer, number))
    return plain if plain.startswith(code) else code + plain


def withdrawn(document: str, by: str) -> str:
    """Return the sentence on a document that a message takes back, and what to do."""
    return (
        f"{document} is withdrawn ({by}): this declares nothing, and what was declared stays on record; where"
        " it was referred for inspection, take that back: watchfloor cases referral withdraw"
    )


def line(texts: Iterable[str]) -> str:
    """Texts on one line, without the spaces that are too many."""
    return " ".join(" ".join(texts).split())


class Row(NamedTuple):
    """A row of a kind, by its columns; those it leaves out are null."""

    kind: str
    values: dict[str, Any]


def batches(rows: Iterable[Row | Fault]) -> Iterator[Batch | Fault]:
    """Rows as batches, kind by kind; faults pass at once."""
    return grouped(rows, BATCH, _tables)


def _tables(rows: Iterable[Row]) -> Iterator[Batch]:
    held: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        held.setdefault(row.kind, []).append(row.values)
    for name, values in held.items():
        yield Batch(KINDS[name], pa.Table.from_pylist(values, KINDS[name].body))
