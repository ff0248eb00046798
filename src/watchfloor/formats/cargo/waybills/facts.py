"""Facts of a waybill, a house waybill or a line of a flight manifest, before they become rows."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from watchfloor.core.subjects import SubjectError, subject


@dataclass(slots=True)
class Party:
    """A party of a waybill.

    Attributes:
        address: on one line.
        street: whether the address has a street, so that two parties who give it share something.
        account: its number with the carrier.
    """

    name: str = ""
    address: str = ""
    street: bool = False
    country: str = ""
    phone: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A line of customs, security and regulatory information (OCI): `US/SHP/T/USC7788`."""

    country: str
    about: str
    code: str
    text: str

    def __str__(self) -> str:
        return "/".join((self.country, self.about, self.code, self.text))


@dataclass(frozen=True, slots=True)
class Flight:
    """A flight of a waybill, and when it leaves, where that is said."""

    number: str
    leaves: datetime | None = None


@dataclass(frozen=True, slots=True)
class Aboard:
    """The flight of a manifest that a line stands on, where it is unloaded, and which line of it it is."""

    flight: str
    leaves: datetime
    loading: str
    unloading: str
    arrives: datetime | None
    line: int

    @property
    def key(self) -> str:
        """The manifest: flight, day, airport of loading."""
        return f"{self.flight}/{self.leaves:%Y-%m-%d}/{self.loading}"


@dataclass(slots=True)
class Consignment:
    """One document, or one line of a manifest.

    Attributes:
        awb: number of the air waybill, `014-12345675`; of a house waybill, that of its master.
        house: number of the house waybill.
        aboard: of a line of a manifest, which.
        observed: when it was issued.
        origin: IATA code of the airport or city; so too `destination`, and `route` between them.
        mass: kilograms, exact.
        codes: further facts as `name=value`.
        problems: what could not be read of it, each a sentence.
    """

    awb: str
    observed: datetime
    locator: str
    house: str = ""
    aboard: Aboard | None = None
    origin: str = ""
    destination: str = ""
    route: list[str] = field(default_factory=list)
    carriers: list[str] = field(default_factory=list)
    flights: list[Flight] = field(default_factory=list)
    pieces: int | None = None
    mass: Decimal | None = None
    goods: list[str] = field(default_factory=list)
    hs: list[str] = field(default_factory=list)
    made_in: str = ""
    value: Decimal | None = None
    currency: str = ""
    shipper: Party = field(default_factory=Party)
    consignee: Party = field(default_factory=Party)
    notify: Party = field(default_factory=Party)
    agent: str = ""
    handling: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Note what every document says and this one does not."""
        if not any(self.goods):
            self.problems.append("it describes no goods")

    @property
    def partly(self) -> str:
        """Its problems as a sentence."""
        what = f"house waybill {self.house} of {self.awb}" if self.house else f"waybill {self.awb}"
        return f"{what}: {'; '.join(self.problems)}. It was read all the same"


def air_waybill(text: str) -> str:
    """The number as `014-12345675`. Raises `ValueError` where it is none or its check digit is wrong."""
    try:
        return subject("parcel", "awb", text).removeprefix("parcel:awb:")
    except SubjectError as error:
        raise ValueError(str(error)) from error


CONSOLIDATION: Final = "consolidation=yes"
"""The code of a master whose message says that house waybills belong to it."""

POUND: Final = Decimal("0.45359237")
"""Kilograms in a pound, exactly (Weights and Measures Act, Schedule II)."""
_LONGEST: Final = 20


def number(text: str) -> Decimal:
    """A plain number, 0 or more, of at most twenty digits. Raises `ValueError` for another text."""
    digits = text.strip()
    whole, _, part = digits.partition(".")
    if not (f"{whole}{part}".isascii() and f"{whole}{part}".isdecimal()) or len(digits) > _LONGEST:
        raise ValueError(f"{text!r} is no number such as 12.5: digits, and one full stop")
    return Decimal(digits)


def kilograms(text: str, pounds: bool = False) -> Decimal:
    """A mass in kilograms; a pound is 0.45359237 of one. Raises `ValueError`."""
    return number(text) * (POUND if pounds else 1)


def count(text: str) -> int:
    """A number of packages. Raises `ValueError`."""
    found = number(text)
    if found != found.to_integral_value() or found >= 2**63:
        raise ValueError(f"{text!r} is no number of packages")
    return int(found)


NO_VALUE: Final = frozenset(("", "NVD", "NCV", "NR", "XXX", "NIL"))
"""What stands where no value is declared: for carriage, for customs, or at all."""


def set_value(one: Consignment, customs: str, carriage: str, currency: str) -> None:
    """The value for customs; where there is none, that this was said. That for carriage goes to the codes."""
    if carriage not in NO_VALUE:
        one.codes.append(f"value-for-carriage={carriage}")
    if customs in NO_VALUE:
        if customs:
            one.codes.append(f"value-for-customs={customs}")
        return
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        one.problems.append(f"{currency!r} is no currency code of three letters, such as CAD")
        return
    try:
        value = number(customs)
        if value >= 10**16:
            raise ValueError(f"{customs!r} has more than sixteen digits before its decimals")
    except ValueError as error:
        one.problems.append(f"value for customs: {error}")
        return
    one.value, one.currency = round(value, 2), currency.upper()
    if one.value != value:  # a currency of three decimals
        one.codes.append(f"value-for-customs={customs}")


def set_mass(one: Consignment, text: str, pounds: bool) -> None:
    """The gross mass, or why there is none."""
    try:
        one.mass = kilograms(text, pounds)
    except ValueError as error:
        one.problems.append(f"gross mass: {error}")


def set_pieces(one: Consignment, text: str) -> None:
    """How many packages, or why that is not known."""
    try:
        one.pieces = count(text)
    except ValueError as error:
        one.problems.append(f"pieces: {error}")


def add_tariff(one: Consignment, text: str) -> None:
    """A code of the Harmonized System, without the full stops in it."""
    code = re.sub(r"[\s.]", "", text)
    if code and code.isascii() and code.isdecimal():
        one.hs.append(code)
    elif code:
        one.problems.append(f"{text.strip()!r} is no code of the Harmonized System: digits are needed")
