"""Acts on exhibits as rows: what a person gives, with what the exhibit's last act says filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from watchfloor.casework.custody.exhibits import SOURCE, Exhibit, World
from watchfloor.casework.custody.readings import potent
from watchfloor.casework.custody.rules import doubts
from watchfloor.casework.flags import FENTANYL, ordered
from watchfloor.cell.acts import Row, common, new_id
from watchfloor.core.kinds import COMMON, EXHIBIT

OWN: Final = tuple(field.name for field in EXHIBIT.schema if field.name not in {one.name for one in COMMON})
"""Columns of an act that are its own."""

ONE_LINE: Final = frozenset({"number", "seal", "old_seal", "to", "witness", "document", "analyst", "file"})
"""Texts that are compared or printed in a line: blanks within them are one each."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part that an exhibit is split into.

    Attributes:
        grams, error: its mass and standard uncertainty.
        seal: number of the seal put on it, or None.
        number: the agency's number of it; None: the parent's, with a count behind it.
        packaging: what it lies in, or None.
    """

    grams: float
    error: float
    seal: str | None = None
    number: str | None = None
    packaging: str | None = None


def seized(
    key: bytes, by: str, at: datetime, day: date, marking: str, given: Mapping[str, Any], now: datetime
) -> Row:
    """The act that brings an exhibit here.

    Args:
        key: the floor's secret, for the id.
        by: who seizes, and holds it.
        at, day: when, and the calendar day there.
        marking: of every act on it.
        given: further columns.
        now: when it is written down; tells two seizures of one moment apart.
    """
    id_ = new_id(key, "exhibit", by, at.isoformat(), now.isoformat(), str(given.get("number") or ""))
    row = _row(id_, "seized", 1, by, at, day, marking, given)
    return row | {"flags": flags_of(row["substance"], day, row["flags"])}


def following(
    found: World, one: Exhibit, act: str, by: str, at: datetime, day: date, given: Mapping[str, Any]
) -> Row:
    """The act that follows the last one; subject, seal and flags stay where nothing else is given."""
    kept = {"seal": one.seal, "subject": one.first["subject"], "previous": one.last["record_id"]}
    row = _row(one.id, act, one.edition + 1, by, at, day, one.marking, kept | dict(given))
    row["flags"] = flags_of(row["substance"], day, [*one.flags, *row["flags"]])
    return row | {"doubts": doubts(found, row)}


def parts_of(key: bytes, one: Exhibit, parts: Sequence[Part], by: str, at: datetime, day: date) -> list[Row]:
    """The acts that bring the parts of an exhibit into being, each an exhibit of its own."""
    before = len(one.children)
    return [
        _row(
            new_id(key, "exhibit", one.id, str(one.edition + 1), str(n)),
            "made",
            1,
            by,
            at,
            day,
            one.marking,
            {
                "number": part.number or f"{one.number}.{before + n}",
                "parent": one.id,
                "mass": part.grams,
                "mass_error": part.error,
                "seal": part.seal,
                "packaging": part.packaging,
                "flags": list(one.flags),
                "previous": one.last["record_id"],
                **{name: one.first[name] for name in ("subject", "substance", "name", "sort")},
            },
        )
        for n, part in enumerate(parts, 1)
    ]


def flags_of(substance: str | None, on: date, given: Sequence[str]) -> list[str]:
    """The flags given, and that of fentanyl where the substance is said to be one, or a nitazene."""
    return ordered([*given, *([FENTANYL] if potent(substance, on) else [])])


def _row(
    id_: str, act: str, edition: int, by: str, at: datetime, day: date, marking: str, given: Mapping[str, Any]
) -> Row:
    empty: Row = dict.fromkeys(OWN) | {"flags": [], "doubts": []}
    said = {"exhibit": id_, "act": act, "edition": edition, "by": by, "day": day}
    typed = {name: _typed(name, value) for name, value in given.items()}
    return common(SOURCE, f"{id_}/{edition}", marking, at) | empty | typed | said


def _typed(name: str, value: Any) -> Any:
    """A text without blanks around it, on one line where it is a number or a name; None where it is empty."""
    if not isinstance(value, str) or name in ("statement", "signature"):
        return value
    return (" ".join(value.split()) if name in ONE_LINE else value.strip()) or None
