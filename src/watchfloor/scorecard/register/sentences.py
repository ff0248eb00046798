"""Sentences of a report and their fingerprints, so that who holds the report can check that none is missing.

The report itself is not in the package (all rights are reserved): a line keeps the SHA-256 of its sentence.
"""

import re
import unicodedata
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

_END: Final = re.compile(r"(?:(?<=[.?!])|(?<=[.?!][\"”’]))\s+(?=[A-ZÀ-Þ\"“])")
_PLAIN: Final = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "−": "-"})


def sentences(text: str) -> tuple[str, ...]:
    """Distinct sentences in the order in which they first come; a line of text never goes on in the next.

    A sentence ends where a full stop, question or exclamation mark is followed by a space and a capital or a
    quotation mark. An abbreviation before a name ends one too, and a reader of the result will see it.
    """
    found = (one.strip() for line in text.splitlines() for one in _END.split(line))
    distinct: dict[str, str] = {}
    for one in found:
        if one:
            distinct.setdefault(fingerprint(one), one)
    return tuple(distinct.values())


def normal(sentence: str) -> str:
    """A sentence without what print and encodings differ in: quotation marks, dashes, spaces, case."""
    plain = unicodedata.normalize("NFKC", sentence).translate(_PLAIN)
    return " ".join(plain.split()).casefold()


def fingerprint(sentence: str) -> str:
    """SHA-256 of the normal form, in hexadecimal."""
    return sha256(normal(sentence).encode()).hexdigest()


def unmatched(text: str, fingerprints: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sentences of a report that no fingerprint has, and fingerprints that no sentence has."""
    known = set(fingerprints)
    here = {fingerprint(one): one for one in sentences(text)}
    return (
        tuple(one for mark, one in here.items() if mark not in known),
        tuple(sorted(known - here.keys())),
    )
