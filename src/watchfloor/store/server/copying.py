"""Copying the rows of a catalogue from where it lies to somewhere else, table by table."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any, Final

from watchfloor.store import catalogue
from watchfloor.store.database import Database

NAMES: Final = tuple(re.findall(r"CREATE TABLE (\w+)", catalogue.TABLES))
"""Every table of a catalogue."""


def into_file(source: Database, place: Path) -> None:
    """Write a catalogue, as it stands in the source's transaction, into one new SQLite file."""
    place.touch(0o600)
    with closing(sqlite3.connect(place, isolation_level=None)) as target:
        if isinstance(source, sqlite3.Connection):
            source.backup(target)
        else:
            catalogue.define(target)
            with catalogue.transaction(target):
                rows(source, target)


def rows(source: Database, target: Database) -> None:
    """Copy every row of the source's tables into the target's empty ones, within the caller's transaction."""
    for table in NAMES:
        _load(target, table, _stream(source, f"SELECT * FROM {table} ORDER BY 1"))  # noqa: S608 - a table of ours


def _stream(source: Database, sql: str) -> Iterator[tuple[Any, ...]]:
    if isinstance(source, sqlite3.Connection):
        return iter(source.execute(sql))
    from watchfloor.store.server.postgres import Connection

    assert isinstance(source, Connection)
    return source.stream(sql)


def _load(target: Database, table: str, found: Iterator[tuple[Any, ...]]) -> None:
    if isinstance(target, sqlite3.Connection):
        if (first := next(found, None)) is not None:
            put = f"INSERT INTO {table} VALUES ({', '.join('?' * len(first))})"  # noqa: S608 - a table of ours
            target.executemany(put, chain([first], found))
        return
    from watchfloor.store.server.postgres import Connection

    assert isinstance(target, Connection)
    target.load(table, found)
