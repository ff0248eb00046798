"""Names of subjects: the name in the last `party` record to arrive, in a reader's view.

A name is how somebody was called in a feed, not who it is: the key stays beside it wherever it is shown.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.index.search import newest_about

NAMED: Final = ("subject", "name", "marking")
"""The columns that are read."""


class Name(NamedTuple):
    """A name, and who may see the record that gives it."""

    text: str
    marking: str


def called(
    floor: Floor, reader: Reader, subjects: Iterable[str], as_of: int | datetime | None = None
) -> dict[str, Name]:
    """The name of each of some subjects, without those that have none in this reader's view."""

    def names(subject: str, row: Mapping[str, Any]) -> bool:
        return row["subject"] == subject and bool(row["name"].strip())

    found = newest_about(floor, "party", subjects, names, reader, as_of)
    return {subject: Name(one.row["name"], one.row["marking"]) for subject, one in found.items()}


def called_in(parties: pa.Table) -> dict[str, Name]:
    """The same of every subject, from rows in the order of the log."""
    rows = parties.select(NAMED)
    rows = rows.filter(pc.not_equal(pc.utf8_trim_whitespace(rows["name"]), ""))
    last = rows.group_by("subject", use_threads=False).aggregate([("name", "last"), ("marking", "last")])
    columns = (last[name].to_pylist() for name in ("subject", "name_last", "marking_last"))
    return {subject: Name(text, marking) for subject, text, marking in zip(*columns, strict=True)}
