"""Identifiers that the evidence itself carries: what joins signals about differently named subjects.

A parcel's consignee and a transfer's payee are two subjects, each known by its feed's own number. If both
gave one telephone number, the records say so, and the cell need not guess.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pyarrow as pa

from watchfloor.records.subjects import SYSTEMS, SubjectError, subject

LOOSE: Final[Mapping[str, str]] = {
    "account": "account",
    "address": "address",
    "passport": "person",
    "phone": "phone",
    "plate": "vehicle",
}
"""Systems without a check digit that name one thing all the same: the type of subject they name."""


def keys_by_record(parties: pa.Table) -> dict[bytes, tuple[str, ...]]:
    """Typed keys of the identifiers in each `party` record, without numbers that their system refuses."""
    columns = zip(parties["record_id"].to_pylist(), parties["identifiers"].to_pylist(), strict=True)
    return {record: keys for record, numbers in columns if (keys := tuple(sorted(set(_keys(numbers or ())))))}


def _keys(numbers: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for one in numbers:
        if key := key_of(one["system"], one["number"], one["owner"]):
            yield key


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
