"""Whether a file defines a typology and nothing else: no account, name, address, number or report.

What a pack may hold is a closed list of types with bounds; every text, key and number in it is searched for
what looks like an identifier. A checker of this kind finds forms, not meanings: a name that is a common word,
or a short number, passes. So a person reads a pack before it is signed, and says so in the gateway's test.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from functools import cache
from typing import Any, Final

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import casrn

from watchfloor.exchange.partnership.fields import telling
from watchfloor.formats.countries import territory_names
from watchfloor.records.subjects import TYPES

Keys = tuple[str, ...]

REQUIRED: Final = ("id", "version", "source", "sentence")
MOST_BYTES: Final = 1 << 16
MOST_TEXT: Final = 600
MOST_ITEMS: Final = 500
DEPTH: Final = 6
DIGITS: Final = 6
"""Digits in one number that a definition may have, zeros at its end aside: a threshold, and no account."""

PERSONAL: Final = frozenset(
    "name names holder person persons customer client account accounts iban bic phone telephone email "
    "address "
    "birth birthdate passport sin ssn subject subjects payer payee conductor device ip handle wallet".split()
)
"""Keys under which a definition would say of whom it speaks."""

_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.\w+")
_KEY: Final = re.compile(rf"\b({'|'.join((*TYPES, 'payment'))}):[a-z0-9._-]+:\S+")
_RUN: Final = re.compile(r"\d(?:[ .\-/]?\d){6,}")
_MIXED: Final = re.compile(r"\b(?=\w*[A-Za-z])(?:\w*\d){4,}\w*\b")
_IP: Final = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,}\b", re.IGNORECASE)
_DAY: Final = re.compile(r"\b(19|20)\d\d-\d\d(-\d\d)?\b")
_CITED: Final = re.compile(
    r"\b(?:SOR|DORS|FINTRAC|CANAFE|FinCEN|FIN|AMLTRIX)[-/ ](?:19|20)\d\d(?:-[A-Z]?\d{1,4})?\b"
)
"""Regulations and alerts by their numbers, which begin with a year."""
_TECHNIQUE: Final = re.compile(r"T\d{4}(?:\.\d{3})?")
"""A technique of AMLTRIX."""
_FEATURE: Final = re.compile(r"\bengine\.\w+ [<>]=? \d{1,8}\b")
"""A threshold of one of the engine's features: seconds of half a year have as many digits as an account."""
_AMOUNT: Final = re.compile(r"\b\d{1,3}(?:[, ]\d{3})+\b")
_URL: Final = re.compile(r"https?://\S+")
_NAMED: Final = re.compile(r"\b([A-ZÀ-Þ][a-zà-ÿ'’-]+)\s+([A-ZÀ-Þ][a-zà-ÿ'’-]+)\b")
_BEGINS: Final = re.compile(r"(^|[.!?:;]\s+)$")
_TITLED: Final = re.compile(r"\b(Mr|Mrs|Ms|Dr|Mme|M\.|Mlle|Miss)\.?\s+[A-ZÀ-Þ]")


def problems(text: str, file: str) -> Iterator[str]:
    """What keeps a file from being a definition of a typology, each as a sentence."""
    if len(text.encode()) > MOST_BYTES:
        yield f"{file} has more than {MOST_BYTES} bytes"
        return
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        yield f"{file} is no TOML: {error}"
        return
    for key in REQUIRED:
        if key not in values:
            yield f"{file} has no {key}"
    for key in ("id", "sentence"):
        if key in values and not _worded(values[key]):
            yield f"{file}: {key} is no text, or no texts by language"
    if isinstance(values.get("id"), str) and not re.fullmatch(r"[a-z][a-z0-9._-]{0,79}", values["id"]):
        yield f"{file}: the id is of small letters, digits, '.', '_' and '-'"
    if "parameters" in values and not isinstance(values["parameters"], dict):
        yield f"{file}: parameters is no table"
    for comment in _comments(text):
        for why in identifying(comment):
            yield f"{file}: a comment {why}"
    for keys, why in _walk(values, ()):
        yield f"{file}: {'.'.join(keys)} {why}"


def identifying(text: str, *, source: bool = False) -> Iterator[str]:
    """What in a text looks like an identifier or a name, each as words.

    Args:
        text: of a definition.
        source: whether it cites a publication, whose title has capitals and may have an address of the web.
    """
    if _EMAIL.search(text):
        yield "has what looks like an e-mail address"
    if _KEY.search(text):
        yield "has the key of a subject"
    if _IP.search(text):
        yield "has what looks like a network address"
    if _URL.search(text) and not source:
        yield "has an address of the web"
    cited = _FEATURE.sub(" ", _CITED.sub(" ", _URL.sub(" ", text) if source else text))
    plain = _AMOUNT.sub(" ", _DAY.sub(" ", cited))
    if any(not _cas(found[0]) for found in _RUN.finditer(plain)):
        yield "has a number as long as an account's"
    if any(not _cas(found[0]) for found in _MIXED.finditer(plain)):
        yield "has letters and digits as an identifier has"
    if any(True for _ in PhoneNumberMatcher(plain, "CA", leniency=Leniency.VALID)):
        yield "has what looks like a telephone number"
    if not source and (named := _name(text)):
        yield f"has what looks like a name, {named!r}"


def _wrong(keys: Keys, value: object) -> Iterator[str]:
    parts = set(re.split(r"[_.\-]", keys[-1].casefold()))
    plain = isinstance(value, bool | int | float)
    if keys[0] not in ("sentence", "source", "let") and parts & PERSONAL and not plain:
        yield "says of whom it speaks"
    if keys[0] == "amltrix" and isinstance(value, str) and _TECHNIQUE.fullmatch(value):
        return
    if any(telling(key) for key in keys):
        yield "would say that a report was made"
    if isinstance(value, str):
        if len(value) > MOST_TEXT:
            yield f"has more than {MOST_TEXT} characters"
        if keys[0] != "source" and telling(value):
            yield "would say that a report was made"
        yield from identifying(value, source=keys[0] == "source")
    elif isinstance(value, bool | date | datetime | time):
        return
    elif isinstance(value, int | float) and _significant(value) > DIGITS:
        yield f"has a number of more than {DIGITS} digits"


def _walk(value: Any, keys: Keys) -> Iterator[tuple[Keys, str]]:
    """What is wrong with a value and all that it holds; keys are texts of a definition as well."""
    if len(keys) > DEPTH:
        yield keys[:DEPTH], "lies deeper than a definition goes"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            for why in identifying(key):
                yield (*keys, key[:40]), f"is a key that {why}"
            yield from _walk(inner, (*keys, key))
    elif isinstance(value, list):
        if len(value) > MOST_ITEMS:
            yield keys, f"has more than {MOST_ITEMS} items"
        for inner in value[:MOST_ITEMS]:
            yield from _walk(inner, keys)
    else:
        for why in _wrong(keys, value):
            yield keys, why


def _comments(text: str) -> Iterator[str]:
    for line in text.splitlines():
        _, mark, comment = line.partition("#")
        if mark and comment.strip():
            yield comment.strip()


def _significant(number: float) -> int:
    digits = re.sub(r"e.*$", "", repr(number), flags=re.IGNORECASE).replace(".", "").replace("-", "")
    return len(digits.strip("0"))


def _cas(text: str) -> bool:
    """Whether digits are the number of a substance, which many typologies name."""
    return bool(re.fullmatch(r"\d{2,7}-\d\d-\d", text)) and bool(casrn.is_valid(text))


def _name(text: str) -> str:
    """Two words with capitals that are no known ones; the first of a sentence has one anyway."""
    if titled := _TITLED.search(text):
        return titled[0]
    for found in _NAMED.finditer(text):
        words = {found[2].casefold()}
        if not _BEGINS.search(text[: found.start()]):
            words.add(found[1].casefold())
        if not words <= _known():
            return found[0]
    return ""


@cache
def _known() -> frozenset[str]:
    """Words with a capital that are no one's name: of countries, months, and of the field."""
    words = {word.casefold() for name in territory_names() for word in re.findall(r"[^\W\d]+", name)}
    months = "january february march april may june july august september october november december"
    field = "interac hong kong british columbia north south east west america american european union latin"
    return frozenset(words | {*months.split(), *field.split()})


def _worded(value: object) -> bool:
    if isinstance(value, Mapping):
        return set(value) <= {"en", "fr"} and all(
            isinstance(one, str) and one.strip() for one in value.values()
        )
    return isinstance(value, str) and bool(value.strip())
