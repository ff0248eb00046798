"""Changing what a floor holds behind its back, in the folder or on the server."""

import re
from contextlib import closing

from watchfloor.store import catalogue, files
from watchfloor.store.database import in_folder
from watchfloor.store.server.place import contents
from watchfloor.store.server.postgres import connected

WORDS = {
    r"x'(\w*)'": r"decode('\1', 'hex')",
    r"zeroblob\((\d+)\)": r"decode(repeat('00', \1), 'hex')",
    r"CAST\(replace\(CAST\((\w+) AS TEXT\), (.*?)\) AS BLOB\)": (
        r"convert_to(replace(convert_from(\1, 'UTF8'), \2), 'UTF8')"
    ),
}
"""SQLite's words for bytes, and PostgreSQL's."""


def forge(floor, statement, *parameters):
    """Run a statement on the catalogue; gives how many rows it changed."""
    with closing(catalogue.for_writing(floor.root)) as database:
        if in_folder(database):
            database.execute("PRAGMA foreign_keys = OFF")
        else:
            database.execute("SET session_replication_role = replica")  # no checks of foreign keys
            for found, meant in WORDS.items():
                statement = re.sub(found, meant, statement)
        try:
            return database.execute(statement, parameters).rowcount
        finally:
            if not in_folder(database):
                database.execute("SET session_replication_role = origin")


def paths(floor, *suffixes):
    """Data files of a floor with such an ending."""
    return sorted({path for path in files.present(floor.root) if path.endswith(suffixes)})


def read(floor, path):
    """All bytes of a data file."""
    with files.open_(floor.root, path) as file:
        return file.read()


def write(floor, path, data):
    """Other bytes for a data file, of at most one part."""
    if (server := contents(floor.root)) is None:
        (floor.root / path).write_bytes(data)
        return
    with connected(server.server) as database:
        changed = database.execute("UPDATE contents SET data = ? WHERE path = ?", (bytes(data), path))
        assert changed.rowcount == 1
