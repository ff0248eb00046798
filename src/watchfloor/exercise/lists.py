"""The list of an exercise: fictitious entities, or some of a real list, to be planted in the feeds."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import pyarrow as pa

from watchfloor.exercise.names import BIRTH_DATES, LISTED, OTHER_SCRIPTS

HEADER: Final = (
    *("id", "name", "aliases", "weak_aliases", "schema"),
    *("birth_date", "country", "instrument", "item", "in_force"),
)
LISTED_FROM: Final = "2026-06-01"


@dataclass(frozen=True, slots=True)
class Target:
    """A listed entity that an exercise may plant.

    Attributes:
        other_script: the script, the spelling at home and the listed name it is.
    """

    entity_id: str
    schema: str
    names: tuple[str, ...]
    birth_date: str | None = None
    other_script: tuple[str, str, str] | None = None


def fictitious() -> tuple[Target, ...]:
    """The entities of the fictitious list."""
    return tuple(
        Target(id_, schema, (name, *aliases.split(";")), BIRTH_DATES.get(id_), OTHER_SCRIPTS.get(id_))
        for id_, schema, name, aliases, _ in LISTED
    )


def from_listings(listings: pa.Table, seed: int, count: int = 8) -> tuple[Target, ...]:
    """Draw targets from real `listing` rows with a strong name of two words or more, half of them persons.

    Where there are too few of one sort, the other makes up for them.
    """
    found: dict[str, Target] = {}
    for row in listings.select(["entity_id", "schema", "names", "birth_dates"]).to_pylist():
        names = tuple(
            n["text"] for n in row["names"] if n["strength"] == "strong" and len(n["text"].split()) > 1
        )
        if names and row["entity_id"] not in found:
            birth = next(iter(row["birth_dates"] or ()), None)
            found[row["entity_id"]] = Target(row["entity_id"], row["schema"], names, birth)
    drawn = [found[entity_id] for entity_id in Random(seed).sample(sorted(found), len(found))]  # noqa: S311
    half = [*bodies(drawn)[: count // 2], *persons(drawn)[: count - count // 2]]
    return tuple([*half, *(one for one in drawn if one not in half)][:count])


def bodies(targets: Sequence[Target]) -> list[Target]:
    """Those that are no persons, companies first."""
    return sorted((t for t in targets if t.schema != "Person"), key=lambda t: t.schema != "Company")


def persons(targets: Sequence[Target]) -> list[Target]:
    """Those that are persons, with a published birth date first."""
    return sorted((t for t in targets if t.schema == "Person"), key=lambda t: t.birth_date is None)


def write(path: Path) -> Path:
    """The fictitious list as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(HEADER)
        for item, (id_, schema, name, aliases, weak) in enumerate(LISTED, 1):
            born = BIRTH_DATES.get(id_, "")
            rows.writerow((id_, name, aliases, weak, schema, born, "", "Exercise List", item, LISTED_FROM))
    return path
