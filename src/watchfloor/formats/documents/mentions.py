"""Numbers found in text: whatever a check digit, or the word before it, tells apart from other digits.

IBAN, LEI, ISO 6346 and UPU S10 prove themselves; so does a CAS number, whose form is rare. An IMO number, an
MMSI and a 24-bit address do not, and count only behind the word for them. Telephone numbers are found by
libphonenumber, which knows each country's plan; those without a country code are read as Canadian.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_valid_number, parse

from watchfloor.core.subjects import SubjectError, subject

HOME: Final = "CA"
"""Country of a telephone number that states none, ISO 3166-1 alpha-2."""


class Mention(NamedTuple):
    """A subject that a text names: its key, as written, first character in the text, and what found it."""

    subject: str
    text: str
    start: int
    how: str


class _Form(NamedTuple):
    """How a number of a system looks in text; group 1 is the number, `groups` of which are joined first."""

    type: str
    system: str
    how: str
    looks: re.Pattern[str]
    groups: bool = False


_CHECKED: Final = "check digits"
_BY_WORD: Final = "the word before it"

FORMS: Final = (
    _Form(
        "account",
        "iban",
        _CHECKED,
        re.compile(
            r"(?<![0-9A-Z])([A-Z]{2}[0-9]{2}(?:[ -]?[0-9A-Z]{4}){2,7}(?:[ -]?[0-9A-Z]{1,3})?)(?![0-9A-Z])"
        ),
    ),
    _Form("company", "lei", _CHECKED, re.compile(r"(?<![0-9A-Z])([0-9A-Z]{18}[0-9]{2})(?![0-9A-Z])")),
    _Form(
        "container",
        "iso6346",
        _CHECKED,
        re.compile(r"(?<![0-9A-Z])([A-Z]{3}[UJZ][ -]?[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9])(?![0-9A-Z])"),
        groups=True,
    ),
    _Form(
        "parcel",
        "s10",
        _CHECKED,
        re.compile(r"(?<![0-9A-Z])([A-Z]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3} ?[A-Z]{2})(?![0-9A-Z])"),
    ),
    _Form("substance", "cas", _CHECKED, re.compile(r"(?<![0-9-])([1-9][0-9]{1,6}-[0-9]{2}-[0-9])(?![0-9-])")),
    _Form(
        "vessel", "imo", f"{_CHECKED} and {_BY_WORD}", re.compile(r"\bIMO\b[^0-9\n]{0,12}([0-9]{7})(?![0-9])")
    ),
    _Form("vessel", "mmsi", _BY_WORD, re.compile(r"\bMMSI\b[^0-9\n]{0,12}([0-9]{9})(?![0-9])")),
    _Form(
        "aircraft",
        "icao24",
        _BY_WORD,
        re.compile(
            r"(?i:\bICAO(?:[ -]?24)?|\b24-bit|\bmode[ -]S|\bhex)(?i:[ -]*(?:bits?|address|adresse|code|hex))*"
            r"\s*[:=]?\s*((?=[0-9A-Fa-f]*[0-9])[0-9A-Fa-f]{6})(?![0-9A-Za-z])"
        ),
    ),
)
"""Forms in the order in which they are tried; what one has taken no other takes."""

_PHONE: Final = re.compile(
    r"(?<![\w+./-])(?:\+[0-9]{1,3}[ .-]?|1[ .-])?(?:\([0-9]{2,4}\)[ .-]?|[0-9]{1,4}[ .-])"
    r"(?:[0-9]{2,4}[ .-]){0,4}[0-9]{2,8}(?![\w/-])|(?<![\w+])\+[0-9]{8,15}(?!\w)"
)


def mentions(text: str) -> list[Mention]:
    """The numbers in a text, in its order."""
    taken: list[Mention] = []
    for form in FORMS:
        taken += [one for one in _found(form, text) if not _overlaps(one, taken)]
    taken += [one for one in _phones(text) if not _overlaps(one, taken)]
    return sorted(taken, key=lambda one: one.start)


def _found(form: _Form, text: str) -> Iterator[Mention]:
    for match in form.looks.finditer(text):
        for written in _shorter(match[1]) if form.system == "iban" else (match[1],):
            try:
                key = subject(form.type, form.system, _joined(written) if form.groups else written)
            except SubjectError:
                continue
            yield Mention(key, written, match.start(1), form.how)
            break


def _joined(written: str) -> str:
    return re.sub(r"[ -]", "", written)


def _shorter(written: str) -> Iterator[str]:
    """A number in groups, and what is left of it without its last groups, which may be the next words."""
    while written:
        yield written
        written = re.sub(r"(?:^|[ -])[^ -]*$", "", written)


def _phones(text: str) -> Iterator[Mention]:
    """Telephone numbers of a valid plan, written with `+` or in groups; digits in a row may be any number."""
    for match in _PHONE.finditer(text):
        try:
            number = parse(match[0], HOME)
        except NumberParseException:
            continue
        if is_valid_number(number):
            digits = format_number(number, PhoneNumberFormat.E164).removeprefix("+")
            yield Mention(subject("phone", "phone", digits), match[0], match.start(), "a numbering plan")


def _overlaps(one: Mention, others: list[Mention]) -> bool:
    end = one.start + len(one.text)
    return any(one.start < other.start + len(other.text) and other.start < end for other in others)
