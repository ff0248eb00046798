"""Readings of instruments that were taken of an exhibit: presumptive until an analyst says."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from watchfloor.casework.custody.exhibits import Exhibit
from watchfloor.casework.flags import HAZARDOUS
from watchfloor.cell.acts import Row, minute, read
from watchfloor.core.kinds import READING
from watchfloor.core.messages import Language
from watchfloor.core.subjects import parts
from watchfloor.formats.lab.reading_quality import CHECKS
from watchfloor.policy.policy import Reader
from watchfloor.reference.substances.answer import ask
from watchfloor.reference.substances.outcome import Answer, QueryError, Taken
from watchfloor.store.floor import Floor

POTENT: Final = ("CDSA/I/16", "CDSA/I/13")
"""Items of Schedule I whose members can stop the breathing in the smallest amounts: fentanyls, nitazenes."""
_TAKEN: Final[Mapping[str, Taken]] = {"cas": "cas", "inchikey": "inchikey"}
LEVELS: Final = {
    "en": {},
    "fr": {
        "identified": "identifiée",
        "presumptive": "présomptive",
        "inconclusive": "non concluante",
        "not-detected": "non décelée",
    },
}
"""How sure a reading is, in words."""


def of_exhibit(floor: Floor, reader: Reader, one: Exhibit, as_of: int | datetime | None = None) -> list[Row]:
    """Readings that name the exhibit, oldest first, as of a position or moment; none of an instrument."""
    names = {one.id, one.number}
    taken = (row for row in read(floor, reader, READING, as_of) if row["matrix"] not in CHECKS)
    rows = [row for row in taken if row["exhibit"] in names]
    return sorted(rows, key=lambda row: (row["observed_at"], row["position"]))


def reading_line(row: Row, language: Language = "en") -> str:
    """A reading as a line: when, with what, what it found and how sure it is."""
    found = [f"{one['name']} ({_level(one['level'], language)})" for one in row["results"] or ()] or [
        f"{row['substance'] or '–'} ({_level(row['level'], language)})"
    ]
    device = " ".join(str(each) for each in (row["method"], row["instrument"], row["serial"]) if each)
    doubts = f" [{', '.join(row['quality'])}]" if row["quality"] else ""
    return f"{minute(row['observed_at'])} {device}: {', '.join(found)}{doubts}"


def potent(substance: str | None, on: date) -> bool:
    """Whether the law of a day puts a substance among the fentanyls or nitazenes, by name or by structure."""
    if substance is None or substance in HAZARDOUS:
        return substance is not None
    answer = law(substance, None, on)
    keys = [item.key for item in answer.clauses] if answer else []
    return any(key == item or key.startswith(f"{item}(") for key in keys for item in POTENT)


def law(substance: str | None, name: str | None, on: date) -> Answer | None:
    """Return the law of a day on a substance, by its key or else its name; None where neither helps."""
    system, number = parts(substance)[1:] if substance else ("", "")
    query = number if system in _TAKEN else name
    if not query:
        return None
    try:
        return ask(query, on, _TAKEN.get(system))
    except QueryError:
        return None


def _level(level: str | None, language: Language) -> str:
    words: Mapping[str, Any] = LEVELS[language]
    return str(words.get(level or "presumptive", level or "presumptive"))
