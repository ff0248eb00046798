"""Versions of the libraries that instruments search, and which readings were taken with a replaced one."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

Row = Mapping[str, Any]


class LibraryVersion(NamedTuple):
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


Libraries = Mapping[tuple[str, str], Sequence[LibraryVersion]]
"""Versions by instrument and name."""


def versions(rows: Sequence[Row]) -> Libraries:
    """When each version was first seen on an instrument of each make; rows in the order of time."""
    found: dict[tuple[str, str], dict[tuple[int, ...], LibraryVersion]] = {}
    for row in rows:
        if of := _library(row):
            name, version = of
            seen = LibraryVersion(row["instrument"], name, version, row["library"], row["observed_at"])
            found.setdefault((row["instrument"], name), {}).setdefault(version, seen)
    return {key: list(of.values()) for key, of in found.items()}


def newer(row: Row, libraries: Libraries) -> LibraryVersion | None:
    """The newest version of a reading's library that was in use before the reading was taken."""
    if (of := _library(row)) is None:
        return None
    name, version = of
    known = libraries.get((row["instrument"], name), ())
    later = [one for one in known if one.version > version and one.at <= row["observed_at"]]
    return max(later, key=lambda one: one.version, default=None)
