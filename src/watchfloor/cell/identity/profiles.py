"""Profiles of subjects from their `party` records, by which two subjects can be compared.

Country, nationality and whatever stands for them are no part of it: they may confirm or clear an identity
that a person looks at, and never propose one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from watchfloor.cell.identity.shared import keys_by_record
from watchfloor.core.schemas import family
from watchfloor.core.subjects import parts
from watchfloor.desks.listings.evidence import compare_births
from watchfloor.desks.listings.normalise import tokenise

NAME: Final = "name"
BIRTH: Final = "birth"

BEINGS: Final = frozenset({"person", "company"})
"""Types of subject that a feed which does not say what a party is may confuse."""

USED: Final = (
    *("record_id", "source", "observed_at", "marking"),
    *("subject", "name", "schema", "birth_date", "identifiers"),
)
"""The columns that are read, and no other."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One subject.

    Attributes:
        subject: its typed key.
        name: as last delivered; `words` are its words without case, order and marks.
        schema: what it is, where a feed says so.
        birth_date: ISO 8601, to the precision last delivered.
        numbers: typed keys of the identifiers delivered with it, see `cell.identity.shared`.
        said: the record that last said each of it: under `NAME`, under `BIRTH`, under each number.
        markings: of its records.
    """

    subject: str
    name: str
    words: tuple[str, ...]
    schema: str | None
    birth_date: str | None
    numbers: tuple[str, ...]
    said: Mapping[str, bytes]
    markings: tuple[str, ...]


@dataclass(slots=True)
class _Gathered:
    name: str
    schema: str | None
    birth_date: str | None
    said: dict[str, bytes]
    markings: set[str]


def in_time(parties: pa.Table) -> pa.Table:
    """The records in the order of the facts, so that the last one does not depend on who delivered first."""
    return parties.select(USED).sort_by([("observed_at", "ascending"), ("record_id", "ascending")])


def profiles(parties: pa.Table) -> list[Profile]:
    """A profile for each subject that has a name, by subject; what is said twice is as last said."""
    ordered = in_time(parties)
    numbers = keys_by_record(ordered)
    found: dict[str, _Gathered] = {}
    for row in ordered.drop_columns(["identifiers"]).to_pylist():
        one = found.setdefault(row["subject"], _Gathered("", None, None, {}, set()))
        one.markings.add(row["marking"])
        one.schema = row["schema"] or one.schema
        if row["name"].strip():
            one.name, one.said[NAME] = row["name"], row["record_id"]
        if _is_date(row["birth_date"]):
            one.birth_date, one.said[BIRTH] = row["birth_date"], row["record_id"]
        one.said |= dict.fromkeys(numbers.get(row["record_id"], ()), row["record_id"])
    return list(_made({subject: one for subject, one in sorted(found.items()) if one.name}))


def _made(found: Mapping[str, _Gathered]) -> Iterable[Profile]:
    words: dict[str, tuple[str, ...]] = {}
    for body in (False, True):
        names = sorted({one.name for one in found.values() if _is_body(one.schema) is body})
        words |= {
            f"{body}{name}": tuple(sorted(got))
            for name, got in zip(names, tokenise(names, body), strict=True)
        }
    for subject, one in found.items():
        yield Profile(
            subject,
            one.name,
            words[f"{_is_body(one.schema)}{one.name}"],
            one.schema,
            one.birth_date,
            tuple(sorted(one.said.keys() - {NAME, BIRTH})),
            one.said,
            tuple(sorted(one.markings)),
        )


def holders(people: Iterable[Profile]) -> dict[str, list[str]]:
    """The subjects that each identifier was delivered with."""
    found: dict[str, list[str]] = {}
    for one in people:
        for number in one.numbers:
            found.setdefault(number, []).append(one.subject)
    return found


def may_be_one(one: Profile, other: Profile) -> bool:
    """Whether what the two are leaves it open: a person is no company, and no account either."""
    types = {parts(one.subject)[0], parts(other.subject)[0]}
    kinds = {family(one.schema), family(other.schema)} - {None}
    return one.subject != other.subject and len(kinds) < 2 and (len(types) == 1 or types <= BEINGS)


def _is_body(schema: str | None) -> bool:
    return family(schema) == "body"


def _is_date(text: str | None) -> bool:
    try:
        compare_births(text, ())
    except ValueError:
        return False
    return bool(text)
