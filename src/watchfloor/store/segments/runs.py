"""Runs of desks over the evidence: the rows of each, as segments of their own, erasable like evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from watchfloor.core.canonical import encode_rows, row_views
from watchfloor.core.spool import Rows, pieces
from watchfloor.store import catalogue, log
from watchfloor.store.database import Database
from watchfloor.store.segments.draft import Draft
from watchfloor.store.writer_state import WriterState

FOLDER = "derived"
PIECE = 1 << 14
"""Rows that are encoded at once."""


@dataclass(frozen=True, slots=True)
class Yield:
    """A run: desk and version, the position it read up to, references, what it yielded, whose view it is."""

    desk: str
    version: str
    at_position: int
    refs: Mapping[str, str]
    tables: Mapping[str, Rows]
    view: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A kept run. `kept` is the position of the run whose rows are the same, its own when they are new.

    `view` is the digest of the markings that it read (`store.views`); empty: all that occurred.
    """

    position: int
    desk: str
    version: str
    at_position: int
    refs: Mapping[str, str]
    digest: bytes
    kept: int
    view: str = ""


def digest(key: bytes, tables: Mapping[str, Rows]) -> bytes:
    """Keyed digest of everything a run yielded, rows in order; two runs with one digest said the same."""
    seen = blake2b(digest_size=32, key=key, person=b"run")
    for name in sorted(tables):
        table = tables[name]
        seen.update(log.encode([name, table.num_rows, table.column_names]))
        ordinals = {column: ordinal for ordinal, column in enumerate(table.column_names)}
        for piece in pieces(table):
            for start in range(0, piece.num_rows, PIECE):
                for row in row_views(encode_rows(piece.slice(start, PIECE), ordinals)):
                    seen.update(len(row).to_bytes(4, "little"))
                    seen.update(row)
    return seen.digest()


def keep(writer: WriterState, database: Database, made: Yield) -> int:
    """See `Writer.keep_run`."""
    for name, table in made.tables.items():
        if "marking" not in table.column_names:
            raise ValueError(
                f"the table {name!r} of desk {made.desk!r} has no column 'marking', so nobody may read it"
            )
    seen = digest(writer.key, made.tables)
    before = _same(database, made.desk, seen)
    same = before is not None
    draft = Draft(writer.root, FOLDER, writer.numbers)
    try:
        for name, table in made.tables.items():
            for piece in () if same else pieces(table):
                draft.add(name, piece)
        parts = draft.finish()
        detail = {
            "desk": made.desk,
            "version": made.version,
            "at_position": made.at_position,
            "refs": dict(made.refs),
            "view": made.view,
            "segments": parts,
        }
        with catalogue.transaction(database):
            position = writer.log_act(database, "run", detail)
            draft.insert(database, position)
            kept = position if before is None else before
            row = (
                position,
                made.desk,
                made.version,
                made.at_position,
                log.encode(made.refs).decode(),
                seen,
                kept,
                made.view,
            )
            database.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    finally:
        catalogue.drop_unnamed(writer.root, database, draft.written)
    return position


def _same(database: Database, desk: str, seen: bytes) -> int | None:
    """Where the rows are kept that the desk's last run of some view yielded, if it yielded the same."""
    views = database.execute("SELECT DISTINCT view FROM runs WHERE desk = ?", (desk,)).fetchall()
    last = (latest(database, desk, view=view) for (view,) in views)
    return next((run.kept for run in last if run and run.digest == seen), None)


def latest(database: Database, desk: str, upto: int = 1 << 62, view: str | None = None) -> Run | None:
    """The desk's last run at or before a position, of one view or of any."""
    found = database.execute(
        "SELECT * FROM runs WHERE desk = ?1 AND position <= ?2 AND (?3 IS NULL OR view = ?3) "
        "ORDER BY position DESC LIMIT 1",
        (desk, upto, view),
    ).fetchone()
    return _run(found) if found else None


def standing(database: Database, upto: int) -> list[Run]:
    """The last run of every desk at or before a position."""
    desks = database.execute(
        "SELECT DISTINCT desk FROM runs WHERE position <= ? ORDER BY desk", (upto,)
    ).fetchall()
    return [run for (desk,) in desks if (run := latest(database, desk, upto))]


def all_of(database: Database, desk: str | None) -> list[Run]:
    """Every run, or one desk's, oldest first."""
    rows = database.execute("SELECT * FROM runs WHERE ?1 IS NULL OR desk = ?1 ORDER BY position", (desk,))
    return [_run(row) for row in rows]


def _run(row: tuple[int, str, str, int, str, bytes, int, str]) -> Run:
    position, desk, version, at_position, refs, seen, kept, view = row
    return Run(position, desk, version, at_position, msgspec.json.decode(refs), seen, kept, view)
