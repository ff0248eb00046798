"""Changing how payloads lie on disk, never what was committed to: their rows' leaves stay where they are."""

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from watchfloor.store import files, segments
from watchfloor.store.database import Database
from watchfloor.store.reading import Payload


class Rewritten(NamedTuple):
    """A payload's new form, not yet named in the catalogue: a file for a file, bytes for bytes."""

    before: Payload
    after: files.Stored | bytes


def rewrite(root: Path, before: Payload, rows: pa.Table) -> Rewritten:
    """Write other rows in place of a payload's."""
    if before.path is None:
        return Rewritten(before, segments.to_stream(rows))
    path = Path(before.path).with_name(f"{files.unique()}.parquet").as_posix()
    return Rewritten(before, files.store(root, path, segments.to_parquet(rows)))


def insert(database: Database, new: Rewritten) -> None:
    """Name the new form in place of the old, within the caller's transaction."""
    if isinstance(new.after, bytes):
        (number,) = new.before.segments
        database.execute("UPDATE small SET payload = ? WHERE segment = ?", (new.after, number))
        return
    database.execute("INSERT INTO files VALUES (?, ?, ?)", new.after)
    database.execute("UPDATE segments SET payload = ? WHERE payload = ?", (new.after.path, new.before.path))
    database.execute("DELETE FROM files WHERE path = ?", (new.before.path,))


def paths(new: Rewritten) -> list[str]:
    """The files of both forms; those that the catalogue does not name are to be swept."""
    return [path for path in (new.before.path, getattr(new.after, "path", None)) if path is not None]
