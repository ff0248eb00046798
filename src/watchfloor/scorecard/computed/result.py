"""Results of lines that are computed from lists, law or the floor, and how their records are told."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final

from watchfloor.core.marking import join
from watchfloor.scorecard.bilingual import Text
from watchfloor.scorecard.findings import Data, Evidence

RECORD: Final = "record:"
"""How the source of an evidence begins that is a record of the floor; its id in hexadecimal follows."""
TOLD: Final = 50
"""Records that are told one by one; `Computed.rows` has all of them."""


class Computed(Data, frozen=True):
    """The result of one computed line.

    Attributes:
        value: the figure; None: nothing held here gives one, which is never a zero.
        found: what was found, in a sentence, or what is missing.
        evidence: what it rests on: records (their source begins with `record:`), items of law, documents.
        rows: ids of the records, in hexadecimal; empty where it rests on tables of the package alone.
        not_comparable: what it may not be compared with, and why.
        marking: the join of the records' markings; empty for none.
    """

    value: float | None
    found: Text
    evidence: tuple[Evidence, ...] = ()
    rows: tuple[str, ...] = ()
    not_comparable: Text | None = None
    marking: str = ""


def end_of(on: date) -> datetime:
    """The moment up to which a day's acts count: its midnight, UTC."""
    return datetime.combine(on, time.max, UTC)


def record(row: Mapping[str, Any], what: Text, day: date, value: float | None = None) -> Evidence:
    """A record as evidence; the row needs its `record_id`."""
    return Evidence(what, RECORD + row["record_id"].hex(), day, value)


def ids(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The ids of some records, each once, in their order."""
    return tuple(dict.fromkeys(row["record_id"].hex() for row in rows))


def marked(rows: Iterable[Mapping[str, Any]]) -> str:
    """The join of the markings of some records; empty for none."""
    found = [row["marking"] for row in rows]
    return join(found) if found else ""
