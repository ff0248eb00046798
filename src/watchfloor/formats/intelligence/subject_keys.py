"""Typed keys of what intelligence names: addresses of the network, e-mail, telephones, and our own keys."""

import re
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any, Final

from watchfloor.core.subjects import SubjectError, parts

LONGEST: Final = 2048
"""Characters of a value that becomes a key."""

_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")
_DOMAIN: Final = re.compile(r"(?=.{1,253}\Z)(?:[^\s./\\@:\x00-\x1f]{1,63}\.)+[^\s./\\@:\x00-\x1f]{2,63}")
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f]+")
_PHONE: Final = re.compile(r"\+?[\d\s().-]{7,24}")


def of_email(value: str) -> str | None:
    """Return the key of an e-mail address, in lower case; None of what is none."""
    text = value.strip().casefold()
    return f"address:email:{text}" if len(text) <= LONGEST and _EMAIL.fullmatch(text) else None


def of_domain(value: str) -> str | None:
    """Return the key of a domain's name, in lower case and without a last dot; None of what is none."""
    text = value.strip().casefold().rstrip(".")
    return f"address:domain:{text}" if len(text) <= LONGEST and _DOMAIN.fullmatch(text) else None


def of_ipv4(value: str) -> str | None:
    """Return the key of an IPv4 address; None of a network or of what is none."""
    try:
        return f"address:ipv4:{IPv4Address(value.strip().removesuffix('/32'))}"
    except AddressValueError:
        return None


def of_ipv6(value: str) -> str | None:
    """Return the key of an IPv6 address, shortened as RFC 5952 says; None of what is none."""
    try:
        return f"address:ipv6:{IPv6Address(value.strip().removesuffix('/128'))}"
    except AddressValueError:
        return None


def of_url(value: str) -> str | None:
    """Return the key of a URL as written; None of what is none."""
    text = value.strip()
    return f"address:url:{text}" if len(text) <= LONGEST and _URL.fullmatch(text) else None


def of_phone(value: str) -> str | None:
    """Return the key of a telephone number with its country's code, or of ten digits of North America."""
    if not _PHONE.fullmatch(value.strip()):
        return None
    digits = re.sub(r"\D", "", value)
    if not digits.isascii() or not (value.strip().startswith("+") or len(digits) in (10, 11)):
        return None
    return f"phone:phone:{digits if len(digits) > 10 else f'1{digits}'}"


def of_own(value: Any) -> str | None:
    """Return a key that is written as ours already; None of what is none."""
    if not isinstance(value, str) or len(value) > LONGEST or "\0" in value:
        return None
    try:
        parts(value)
    except SubjectError:
        return None
    return value


OBSERVABLES: Final[Mapping[str, Any]] = {
    "email-addr": of_email,
    "domain-name": of_domain,
    "ipv4-addr": of_ipv4,
    "ipv6-addr": of_ipv6,
    "url": of_url,
}
"""Types of STIX whose `value` is a key, and how."""

_COMPARED: Final = re.compile(
    r"(email-addr|domain-name|ipv4-addr|ipv6-addr|url):value\s*=\s*'((?:[^'\\]|\\.){1,2048})'"
)


def of_pattern(pattern: str) -> list[str]:
    """Return the keys of values that a STIX pattern compares as equal; ranges and likeness give none."""
    found = (OBSERVABLES[of](re.sub(r"\\(.)", r"\1", value)) for of, value in _COMPARED.findall(pattern))
    return list(dict.fromkeys(filter(None, found)))
