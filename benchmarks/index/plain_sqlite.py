"""The peer in SQLite: one table, FTS5, an R*Tree and indices, a transaction a delivery.

No leaves, no proofs, no original; its answers are the newest rows, unranked, under the same mask.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from benchmarks.index.flat import VISIBLE, flat
from watchfloor.store.index import bodies

_TABLES = """
CREATE TABLE deliveries (position INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE rows (id INTEGER PRIMARY KEY, record_id BLOB UNIQUE, kind TEXT, report_key TEXT, marking TEXT,
    position INTEGER, since INTEGER, until INTEGER, body TEXT);
CREATE INDEX rows_report ON rows (kind, report_key);
CREATE TABLE subjects (subject TEXT, id INTEGER, PRIMARY KEY (subject, id)) WITHOUT ROWID;
CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE places USING rtree (id, west, east, south, north, since, until);
"""
_MASK = f"r.marking IN ({', '.join(repr(one) for one in VISIBLE)})"
_STANDS = f"""{_MASK} AND r.position <= ? AND NOT EXISTS (SELECT 1 FROM rows AS n WHERE n.kind = r.kind
AND n.report_key = r.report_key AND n.id > r.id AND n.position <= ? AND {_MASK.replace("r.", "n.")})"""
NOW = (1 << 60, 1 << 60)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    address = str(folder / "plain.sqlite")
    with sqlite3.connect(address, isolation_level=None) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(_TABLES)
    database.close()
    yield address


def _connected(address: str) -> sqlite3.Connection:
    database = sqlite3.connect(address, timeout=60, isolation_level=None)
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA cache_size = -65536")
    database.execute("PRAGMA mmap_size = 4294967296")
    return database


class Writing:
    def __init__(self, address: str) -> None:
        self.database = _connected(address)
        self.next = 1

    def deliver(self, number: int, rows: dict[str, pa.Table]) -> None:
        found = list(flat(number, rows))
        put = self.database.executemany
        ids = range(self.next, self.next + len(found))
        pairs = list(zip(ids, found, strict=True))
        self.database.execute("BEGIN IMMEDIATE")
        self.database.execute("INSERT INTO deliveries VALUES (?, ?)", (number + 1, str(number)))
        put(
            "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((i, *o[:4], number + 1, o.since, o.until, o.body) for i, o in pairs),
        )
        put("INSERT OR IGNORE INTO subjects VALUES (?, ?)", ((s, i) for i, o in pairs for s in o.subjects))
        put("INSERT INTO texts (rowid, text) VALUES (?, ?)", ((i, o.text) for i, o in pairs if o.text))
        boxes = (
            (i, o.box.west, o.box.east, o.box.south, o.box.north, o.since / 6e7, o.until / 6e7)
            for i, o in pairs
            if o.box
        )
        put("INSERT INTO places VALUES (?, ?, ?, ?, ?, ?, ?)", boxes)
        self.database.execute("COMMIT")
        self.next += len(found)

    def close(self) -> None:
        self.database.close()


class Reading:
    """Keeps its connection open."""

    def __init__(self, address: str) -> None:
        self.database = _connected(address)

    def _rows(
        self, tables: str, where: str, *values: object, order: str = "r.id DESC", limit: int = 1001, upto=NOW
    ) -> int:
        query = (
            f"SELECT r.id, r.body FROM {tables} WHERE {where} AND {_STANDS} ORDER BY {order} LIMIT {limit}"
        )
        return len(self.database.execute(query, (*values, *upto)).fetchall())

    def _upto(self, back: float) -> tuple[int, int]:
        (last,) = self.database.execute("SELECT max(position) FROM deliveries").fetchone()
        return (int((last or 0) * back),) * 2

    def as_of(self, subject: str, back: float) -> int:
        return self._rows(
            "subjects AS s CROSS JOIN rows AS r ON r.id = s.id",
            "s.subject = ?",
            subject,
            upto=self._upto(back),
        )

    def record(self, prefix: str) -> int:
        ends = (bytes.fromhex(prefix.ljust(32, digit)) for digit in "0f")
        query = f"SELECT r.body FROM rows AS r WHERE r.record_id BETWEEN ? AND ? AND {_MASK}"
        return len(self.database.execute(query, tuple(ends)).fetchall())

    def report(self, kind: str, key: str, back: float) -> int:
        return self._rows("rows AS r", "r.kind = ? AND r.report_key = ?", kind, key, upto=self._upto(back))

    def text(self, words: str) -> int:
        query = " AND ".join(f'"{word.rstrip("*")}"' + "*" * word.endswith("*") for word in words.split())
        return self._rows(
            "texts AS t CROSS JOIN rows AS r ON r.id = t.rowid", "t.text MATCH ?", query, order="t.rowid DESC"
        )

    def box(self, sides: tuple) -> int:
        west, south, east, north, since, until = sides
        window = (bodies.micros(until) / 6e7, bodies.micros(since) / 6e7)
        where = (
            "p.west <= ? AND p.east >= ? AND p.south <= ? AND p.north >= ? AND p.since <= ? AND p.until >= ?"
        )
        return self._rows(
            "places AS p CROSS JOIN rows AS r ON r.id = p.id", where, east, west, north, south, *window
        )

    def close(self) -> None:
        self.database.close()
