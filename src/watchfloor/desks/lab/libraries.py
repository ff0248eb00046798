"""Versions of the libraries that instruments search, and which readings were taken with a replaced one."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

Row = Mapping[str, Any]


class Seen(NamedTuple):
    """A library's version and when a device of an instrument first used it."""

    instrument: str
    name: str
    version: tuple[int, ...]
    text: str
    at: datetime


_VERSION: Final = re.compile(r"^(?P<name>.*?)[\s:@-]*v?(?P<version>\d+(?:[.-]\d+)*)\s*$")


def _library(row: Row) -> tuple[str, tuple[int, ...]] | None:
    """Name and version of a library: `Fentanyls 4.2.1`; None where there is none, and of a lot of strips."""
    match = _VERSION.match(row["library"] or "") if row["method"] != "immunoassay" else None
    if match is None:
        return None
    return match["name"].casefold(), tuple(int(part) for part in re.split(r"[.-]", match["version"])[:8])


def versions(rows: Sequence[Row]) -> list[Seen]:
    """When each version was first seen on an instrument of each make."""
    found: dict[tuple[str, str, tuple[int, ...]], Seen] = {}
    for row in rows:
        if of := _library(row):
            key = (row["instrument"], *of)
            found.setdefault(key, Seen(*key, row["library"], row["observed_at"]))
    return list(found.values())


def newer(row: Row, libraries: Sequence[Seen]) -> Seen | None:
    """The newest version of a reading's library that was in use before the reading was taken."""
    of = _library(row)
    later = [
        one
        for one in libraries
        if of
        and (one.instrument, one.name) == (row["instrument"], of[0])
        and one.version > of[1]
        and one.at <= row["observed_at"]
    ]
    return max(later, key=lambda one: one.version, default=None)
