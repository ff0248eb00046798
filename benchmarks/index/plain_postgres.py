"""The peer in PostgreSQL: one table, tsvector under GIN, boxes under GiST, a transaction a delivery."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from benchmarks.index.flat import VISIBLE, flat
from watchfloor.store.index import bodies

_TABLES = """
CREATE TABLE deliveries (position BIGINT PRIMARY KEY, name TEXT);
CREATE TABLE rows (id BIGINT PRIMARY KEY, record_id BYTEA UNIQUE, kind TEXT, report_key TEXT, marking TEXT,
    position BIGINT, since BIGINT, until BIGINT, place BOX, subjects TEXT[], words TSVECTOR, body JSON);
CREATE INDEX ON rows (kind, report_key);
CREATE INDEX ON rows USING gin (words);
CREATE INDEX ON rows USING gist (place);
CREATE INDEX ON rows (since);
CREATE TABLE subjects (subject TEXT, id BIGINT, PRIMARY KEY (subject, id));
"""
_MASK = f"r.marking IN ({', '.join(repr(one) for one in VISIBLE)})"
_STANDS = f"""{_MASK} AND r.position <= %s AND NOT EXISTS (SELECT 1 FROM rows AS n WHERE n.kind = r.kind
AND n.report_key = r.report_key AND n.id > r.id AND n.position <= %s AND {_MASK.replace("r.", "n.")})"""
NOW = (1 << 60, 1 << 60)


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, or None; Debian keeps it off the path."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


def version() -> str:
    return subprocess.run(
        [programs() / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()


@contextmanager
def served(folder: Path) -> Iterator[str]:  # noqa: ARG001 - it wants a folder that is its own user's
    home = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
    who = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        who = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(home, "nobody", "nogroup")

    def call(program: str, *words: object) -> None:
        subprocess.run(
            [programs() / program, "-D", home / "data", *words],
            check=True,
            cwd=home,
            stdout=subprocess.DEVNULL,
            **who,
        )

    try:
        call("initdb", "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = f"-c listen_addresses= -c unix_socket_directories={home} -c shared_buffers=256MB"
        options += " -c max_wal_size=4GB"
        call("pg_ctl", "start", "-w", "-s", "-l", home / "said", "-o", options)
        address = f"host={home} user=bench dbname=postgres"
        with _connected(address) as database:
            database.execute(_TABLES)
        yield address
        call("pg_ctl", "stop", "-m", "fast", "-s")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _connected(address: str):
    import psycopg

    return psycopg.connect(address, autocommit=True)


class Writing:
    def __init__(self, address: str) -> None:
        self.database = _connected(address)
        self.next = 1

    def deliver(self, number: int, rows: dict[str, pa.Table]) -> None:
        found = list(flat(number, rows))
        pairs = list(enumerate(found, self.next))
        with self.database.transaction(), self.database.cursor() as cursor:
            cursor.execute("INSERT INTO deliveries VALUES (%s, %s)", (number + 1, str(number)))
            cursor.execute("CREATE TEMP TABLE came (LIKE rows) ON COMMIT DROP")
            cursor.execute("ALTER TABLE came ALTER words TYPE TEXT")
            with cursor.copy("COPY came FROM STDIN") as copy:
                for id_, one in pairs:
                    place = one.box and f"({one.box.east},{one.box.north}),({one.box.west},{one.box.south})"
                    copy.write_row(
                        (
                            id_,
                            *one[:4],
                            number + 1,
                            one.since,
                            one.until,
                            place,
                            list(one.subjects),
                            one.text,
                            one.body,
                        )
                    )
            columns = "id, record_id, kind, report_key, marking, position, since, until, place, subjects"
            cursor.execute(f"INSERT INTO rows SELECT {columns}, to_tsvector('simple', words), body FROM came")
            cursor.execute("INSERT INTO subjects SELECT DISTINCT unnest(subjects), id FROM came")
        self.next += len(found)

    def close(self) -> None:
        self.database.close()


class Reading:
    """Keeps its connection open."""

    def __init__(self, address: str) -> None:
        self.database = _connected(address)

    def _rows(self, tables: str, where: str, *values: object, upto=NOW) -> int:
        query = f"SELECT r.id, r.body FROM {tables} WHERE {where} AND {_STANDS} ORDER BY r.id DESC LIMIT 1001"
        return len(self.database.execute(query, (*values, *upto)).fetchall())

    def _upto(self, back: float) -> tuple[int, int]:
        (last,) = self.database.execute("SELECT max(position) FROM deliveries").fetchone()
        return (int((last or 0) * back),) * 2

    def as_of(self, subject: str, back: float) -> int:
        return self._rows(
            "subjects AS s JOIN rows AS r ON r.id = s.id", "s.subject = %s", subject, upto=self._upto(back)
        )

    def record(self, prefix: str) -> int:
        ends = (bytes.fromhex(prefix.ljust(32, digit)) for digit in "0f")
        query = f"SELECT r.body FROM rows AS r WHERE r.record_id BETWEEN %s AND %s AND {_MASK}"
        return len(self.database.execute(query, tuple(ends)).fetchall())

    def report(self, kind: str, key: str, back: float) -> int:
        return self._rows("rows AS r", "r.kind = %s AND r.report_key = %s", kind, key, upto=self._upto(back))

    def text(self, words: str) -> int:
        query = " & ".join(word.replace("*", ":*") for word in words.split())
        return self._rows("rows AS r", "r.words @@ to_tsquery('simple', %s)", query)

    def box(self, sides: tuple) -> int:
        west, south, east, north, since, until = sides
        wanted = f"({east},{north}),({west},{south})"
        where = "r.place && %s::box AND r.since <= %s AND r.until >= %s"
        return self._rows("rows AS r", where, wanted, bodies.micros(until), bodies.micros(since))

    def close(self) -> None:
        self.database.close()
