"""Whose a lead's subjects are: the owner of a boat, a person's telephone and address, as records say it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from watchfloor.cell.identity.names import Name, called
from watchfloor.cell.wording.titles import subject as subject_of
from watchfloor.console.endpoints.endpoint import Asker
from watchfloor.core.subjects import CRAFT, key_of, parts
from watchfloor.store.index.search import newest_rows_about

SUBJECTS: Final = 12
"""Subjects of a lead whose records are looked up."""
RECORDS: Final = 20
"""Newest records of each that are read."""
FACTS: Final = 8
"""Facts of each that are told."""


class Fact(msgspec.Struct, frozen=True):
    """A thing that a record says a subject has, or somebody whose it is.

    Attributes:
        word: such as owner or telephone.
        subject, title: the other, and what it is called.
        record_id: of the newest record that says so; `source`: whose it is.
    """

    word: str
    subject: str
    title: str
    record_id: str
    source: str


class Connected(msgspec.Struct, frozen=True):
    """A subject and what records say of it."""

    subject: str
    title: str
    facts: list[Fact]


def connections(
    asker: Asker, subjects: Sequence[str], as_of: int | datetime | None
) -> tuple[list[Connected], list[str]]:
    """Return what records say of the first of a lead's subjects, and the markings of what is told.

    Whom a record names by a subject's number, such as the owner of a boat, is told with their own numbers:
    they need not be a subject of the lead.
    """
    rows = _rows(asker, subjects[:SUBJECTS], as_of)
    ends = {key: list(_ends(key, mine)) for key, mine in rows.items()}
    found = [other for mine in ends.values() for _, other, _ in mine if other not in rows]
    bearers = [key for key in dict.fromkeys(found) if parts(key)[0] in ("person", "company")][:SUBJECTS]
    more = _rows(asker, bearers, as_of)
    for key, mine in more.items():
        ends[key] = [end for end in _ends(key, mine) if not (end[0] and end[1] in rows)]
    names = called(
        asker.floor, asker.reader, [*ends, *(key for each in ends.values() for _, key, _ in each)], as_of
    )
    made = [
        Connected(key, subject_of(key, names, asker.language), _facts(asker, mine, names))
        for key, mine in ends.items()
        if mine
    ]
    markings = [row["marking"] for mine in ends.values() for _, _, row in mine]
    return made, [*markings, *(one.marking for one in names.values())]


def _rows(
    asker: Asker, subjects: Iterable[str], as_of: int | datetime | None
) -> Mapping[str, list[dict[str, Any]]]:
    found = newest_rows_about(asker.floor, "party", subjects, RECORDS, asker.reader, as_of)
    return {key: [one.row for one in mine] for key, mine in found.items()}


def _ends(key: str, rows: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield role, other end and record of what records say of a subject, each once, the newest first."""
    said: set[tuple[str, str]] = set()
    for row in rows:
        numbers = [key_of(**one) for one in row["identifiers"] or ()]
        others = (
            [*filter(None, numbers)] if row["subject"] == key else [row["subject"]] if key in numbers else []
        )
        for other in others:
            craft = parts(key if row["subject"] != key else other)[0] in CRAFT
            role = row["role"] if craft else ""
            if (role, other) not in said and other != key and len(said) < FACTS:
                said.add((role, other))
                yield role, other, row


def _facts(
    asker: Asker, ends: Iterable[tuple[str, str, dict[str, Any]]], names: Mapping[str, Name]
) -> list[Fact]:
    return [
        Fact(
            _word(asker, role, other),
            other,
            subject_of(other, names, asker.language),
            row["record_id"].hex(),
            row["source"],
        )
        for role, other, row in ends
    ]


def _word(asker: Asker, role: str, other: str) -> str:
    type_, system, _ = parts(other)
    if role and type_ in CRAFT:
        role_ = asker.services.words.word("graph.role.", role, asker.language)
        return asker.t("lead.role_of", role=role_, what=asker.t(f"subject.type_{type_}"))
    if role:
        return asker.services.words.word("graph.role.", role, asker.language)
    return asker.t("graph.word.document") if system == "passport" else asker.t(f"subject.type_{type_}")
