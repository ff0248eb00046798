"""Subjects: typed keys of what a signal can be about, normalised and checked where the identifier allows.

A key is `type:system:number`, for instance `vessel:imo:9074729` or `account:iban:FI2112345600000785`. One
thing written in different ways gives one key; a number whose check digit is wrong gives an error and not a
subject. What only a feed knows by its own number is keyed under that feed: `person:visa-office:T-0012`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, NewType

from stdnum import bic, casrn, iban, imo, iso6346, lei
from stdnum.ca import bn
from stdnum.cn import uscc

Subject = NewType("Subject", str)

TYPES: Final = (
    "person",
    "company",
    "account",
    "vessel",
    "vehicle",
    "aircraft",
    "parcel",
    "container",
    "phone",
    "address",
    "substance",
    "track",
    "place",
    "application",
    "document",
    "template",
    "order",
)
"""What a signal can be about."""


class SubjectError(ValueError):
    """A number that its system's rules refuse, or an unknown type or system."""


def subject(type_: str, system: str, number: str) -> Subject:
    """The key of one thing in one numbering system.

    Args:
        type_: one of `TYPES`.
        system: a checked system of `SYSTEMS` (`imo`, `iban`…) or the name of the feed whose number it is.
        number: as delivered; spaces, dashes and case are normalised where the system ignores them.

    Raises:
        SubjectError: the type is unknown, the number is empty, or its check digit is wrong.
    """
    if type_ not in TYPES:
        raise SubjectError(f"{type_!r} is no type of subject; the types are {', '.join(TYPES)}")
    if not _SYSTEM.fullmatch(system):
        raise SubjectError(
            f"{system!r} is no name of a system: use lower-case letters, digits, '.', '_' and '-'"
        )
    normal = number.strip()
    if not normal:
        raise SubjectError(f"a {type_} needs a number in {system}, not an empty text")
    if check := SYSTEMS.get(system):
        of, normalise = check
        if type_ not in of:
            raise SubjectError(f"{system} numbers a {' or '.join(of)}, not a {type_}")
        normal = normalise(normal)
        if not normal.isascii():
            raise SubjectError(f"{number!r} has digits or letters that are not those of {system} numbers")
    return Subject(f"{type_}:{system}:{normal}")


_SYSTEM: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")


def parts(key: str) -> tuple[str, str, str]:
    """Type, system and number of a key. Raises `SubjectError` for a text that is none."""
    pieces = key.split(":", 2)
    if len(pieces) != 3 or pieces[0] not in TYPES:
        raise SubjectError(f"{key!r} is no subject key; one looks like vessel:imo:9074729")
    return pieces[0], pieces[1], pieces[2]


def _stdnum(module: object, name: str) -> Callable[[str], str]:
    def normalise(number: str) -> str:
        try:
            return str(module.validate(number))  # type: ignore[attr-defined]
        except ValueError as error:  # not all of them make a `ValidationError` of an odd character
            raise SubjectError(f"{number!r} is no {name}: {error}") from error

    return normalise


def _mmsi(number: str) -> str:
    """Nine digits (ITU-R M.585-9): 2 to 9 first is a craft or beacon, 00 a fixed station, 111 an aircraft."""
    if not _MMSI.fullmatch(number):
        raise SubjectError(f"{number!r} is no MMSI: nine digits that start with 2 to 9, with 00 or with 111")
    return number


_MMSI: Final = re.compile(r"[2-9]\d{8}|00[2-7]\d{6}|111[2-7]\d{5}")


def _icao24(number: str) -> str:
    """Six hexadecimal digits, in lower case (ICAO Annex 10, volume III, chapter 9)."""
    normal = number.lower()
    if not re.fullmatch(r"[0-9a-f]{6}", normal) or normal in {"000000", "ffffff"}:
        raise SubjectError(f"{number!r} is no ICAO 24-bit address: six hexadecimal digits, not all 0 or f")
    return normal


def _bn(number: str) -> str:
    """Nine digits; what follows them names an account of the same company (Canada Revenue Agency)."""
    try:
        return str(bn.validate(number))[:9]
    except ValueError as error:
        raise SubjectError(f"{number!r} is no Canadian business number: {error}") from error


_S10: Final = re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}")
_S10_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)


def _s10(number: str) -> str:
    """Two letters, eight digits, a check digit, a country (UPU standard S10)."""
    normal = re.sub(r"[\s-]", "", number).upper()
    if not _S10.fullmatch(normal):
        raise SubjectError(f"{number!r} is no UPU S10 number: two letters, nine digits, two letters")
    total = sum(int(digit) * weight for digit, weight in zip(normal[2:10], _S10_WEIGHTS, strict=True))
    check = {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    if int(normal[10]) != check:
        raise SubjectError(f"{number!r} is no UPU S10 number: its check digit should be {check}")
    return normal


def _awb(number: str) -> str:
    """Three digits of the airline, seven and a check digit: the seven modulo 7 (IATA Resolution 600a)."""
    normal = re.sub(r"[\s-]", "", number)
    if not re.fullmatch(r"\d{11}", normal, re.ASCII):
        raise SubjectError(f"{number!r} is no air waybill number: eleven digits, such as 014-12345675")
    if int(normal[3:10]) % 7 != int(normal[10]):
        raise SubjectError(
            f"{number!r} is no air waybill number: its check digit should be {int(normal[3:10]) % 7}"
        )
    return f"{normal[:3]}-{normal[3:]}"


SYSTEMS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[str], str]]]] = {
    "iban": (("account",), _stdnum(iban, "IBAN (ISO 13616)")),
    "imo": (("vessel",), _stdnum(imo, "IMO ship number")),
    "mmsi": (("vessel", "aircraft", "place"), _mmsi),
    "lei": (("company",), _stdnum(lei, "LEI (ISO 17442)")),
    "bic": (("company",), _stdnum(bic, "BIC (ISO 9362)")),
    "bn": (("company",), _bn),
    "uscc": (("company",), _stdnum(uscc, "Unified Social Credit Code (GB 32100)")),
    "cas": (("substance",), _stdnum(casrn, "CAS registry number")),
    "iso6346": (("container",), _stdnum(iso6346, "container number (ISO 6346)")),
    "s10": (("parcel",), _s10),
    "awb": (("parcel",), _awb),
    "icao24": (("aircraft",), _icao24),
}
"""Numbering systems whose numbers are checked: the types they number, and their rule."""

LOOSE: Final[Mapping[str, str]] = {
    "account": "account",
    "address": "address",
    "passport": "person",
    "phone": "phone",
    "plate": "vehicle",
}
"""Systems without a check digit that name one thing all the same: the type of subject they name."""

CRAFT: Final = ("vessel", "vehicle", "aircraft", "parcel", "container")
"""Types of things that somebody has, sends or gets."""


def key_of(system: str, number: str, owner: str | None) -> str | None:
    """The typed key of an identifier; None where its system names nothing that two subjects could share."""
    name = system.strip().lower()
    try:
        if name in SYSTEMS:
            return subject(SYSTEMS[name][0][0], name, number)
        if name in LOOSE:
            return subject(LOOSE[name], name, _plain(name, number, owner))
    except SubjectError:
        return None
    return None


def _plain(system: str, number: str, owner: str | None) -> str:
    """One way to write a number without a check digit; an address keeps its words, any other its signs."""
    if system == "address":
        return " ".join(re.findall(r"\w+", number.casefold()))
    if system == "phone":
        digits = re.sub(r"\D", "", number)
        return (
            digits if len(digits) > 10 else f"1{digits}"
        )  # North American numbers are given without their 1
    plain = re.sub(r"[\s./-]", "", number).upper()
    return f"{owner.strip().upper()}-{plain}" if owner else plain
