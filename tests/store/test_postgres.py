"""The catalogue on a server is that of a folder, in PostgreSQL's words; its errors are the store's."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.rows import READER, ingest, parties
from tests.store.test_erasure import ids

from watchfloor.store import (
    Damaged,
    Floor,
    FloorBusy,
    NoServer,
    ReadOnlyFloor,
    StoreError,
    StoreFull,
    catalogue,
    files,
)
from watchfloor.store.database import PART
from watchfloor.store.errors import ServerError, explained
from watchfloor.store.server.place import contents
from watchfloor.store.server.postgres import Pool, Server, connected, pool

TYPES = {"INTEGER": "bigint", "TEXT": "text", "BLOB": "bytea"}


@pytest.fixture
def floor(tmp_path, actor, postgres):
    return Floor.create(tmp_path / "floor", actor, server=postgres)


@pytest.fixture
def server(floor):
    return Server.from_address(floor.root, floor.settings.server, floor.settings.id)


@pytest.fixture
def lite():
    with closing(sqlite3.connect(":memory:")) as database:
        catalogue.define(database)
        yield database


def asked(server, sql, *parameters):
    with connected(server) as database:
        return database.execute(sql, parameters).fetchall()


def test_tables_have_the_same_columns_in_the_same_order(lite, server):
    there = asked(
        server,
        "SELECT table_name, column_name, data_type, is_nullable = 'NO', column_default IS NOT NULL, "
        "collation_name FROM information_schema.columns WHERE table_schema = ? "
        "ORDER BY table_name, ordinal_position",
        server.schema,
    )
    here = [
        (
            name,
            column,
            TYPES[kind],
            bool(required or key),
            default is not None,
            "C" if kind == "TEXT" else None,
        )
        for name in sorted(catalogue.TABLE_NAMES)
        for _, column, kind, required, default, key in lite.execute(f"PRAGMA table_info({name})")
    ]
    assert [row for row in there if row[0] not in ("contents", "layout")] == here


def test_tables_have_the_same_keys(lite, server):
    query = """
        SELECT conrelid::regclass::text, contype::text,
        (SELECT string_agg(attname, ',' ORDER BY ord) FROM unnest(conkey) WITH ORDINALITY AS k (num, ord)
         JOIN pg_attribute ON attrelid = conrelid AND attnum = num),
        nullif(confrelid, 0)::regclass::text
        FROM pg_constraint WHERE connamespace = CAST(? AS regnamespace) AND contype IN ('p', 'f')
    """
    there = {row for row in asked(server, query, server.schema) if row[0] != "contents"}
    here = set()
    for name in catalogue.TABLE_NAMES:
        columns = lite.execute(f"PRAGMA table_info({name})").fetchall()
        key = sorted((at, column) for _, column, *_, at in columns if at)
        here.add((name, "p", ",".join(column for _, column in key), None))
        for _, _, parent, column, *_ in lite.execute(f"PRAGMA foreign_key_list({name})"):
            here.add((name, "f", column, parent))
    assert there == here


def test_tables_have_the_same_indexes(lite, server):
    there = asked(
        server,
        "SELECT indexname, regexp_replace(indexdef, '.*\\((.*)\\)', '\\1') FROM pg_indexes "
        "WHERE schemaname = ? AND indexname NOT LIKE '%_pkey'",
        server.schema,
    )
    here = [
        (name, ", ".join(column for *_, column in lite.execute(f"PRAGMA index_info({name})")))
        for (name,) in lite.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
    ]
    assert sorted((name, columns.replace('"', "")) for name, columns in there) == sorted(here)


def test_a_sum_that_does_not_come_out_is_refused(server):
    with connected(server) as database, pytest.raises(ServerError, match="check constraint"):
        database.execute("INSERT INTO deliveries VALUES (1, 'a', 'b', ?, 5, 1, 1, 1, 1, 0)", (b"",))


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(-(1 << 63), (1 << 63) - 1),
            st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
            st.none() | st.binary(),
            st.booleans(),
        ),
        max_size=5,
    )
)
def test_values_come_back_as_they_do_from_sqlite(postgres, rows):
    found = []
    server = Server.from_address(Path("x"), postgres, "00000000-0000-0000-0000-000000000000")
    with connected(server) as there, closing(sqlite3.connect(":memory:")) as here:
        for database, types in ((there, ("BIGINT", "TEXT", "BYTEA")), (here, ("INTEGER", "TEXT", "BLOB"))):
            temporary = "CREATE TEMPORARY TABLE v (n BIGINT, i {}, t {}, b {}, f {})"
            database.execute(temporary.format(*types, types[0]))
            database.executemany(
                "INSERT INTO v VALUES (?, ?, ?, ?, ?)", [(n, *row) for n, row in enumerate(rows)]
            )
            where = "SELECT * FROM v WHERE (?1 IS NULL OR n = ?1) AND (?2 IS NULL OR t = ?2) ORDER BY n"
            first = (0, rows[0][1]) if rows else (None, None)
            found.append([database.execute(where, given).fetchall() for given in ((None, None), first)])
        there.execute("DROP TABLE v")
    assert found[0] == found[1]


def test_nothing_of_an_erased_record_is_left_in_any_table(floor, server, actor, small_segments):
    with floor.writer(actor) as writer:
        ingest(writer, [1], name="Zebedee Quark ", raw=b"Zebedee Quark 1")
        ingest(writer, range(10, 40), name="Ottoline Vex ", raw=b"Ottoline Vex" * 1000)
        writer.shown("queue", bytes(32), b"Zebedee Quark is on a list", ids(floor)[:1])
        assert holding(server, b"Zebedee Quark is on")
        writer.erase(ids(floor), "all of it")
    for name in (b"Zebedee", b"Ottoline"):
        assert holding(server, name) == []
    assert asked(server, "SELECT path FROM contents WHERE path LIKE 'blobs/%'") == []
    assert not list(floor.verify())


def holding(server, text):
    """Tables in which the bytes can be found."""
    return [
        table
        for table in (*catalogue.TABLE_NAMES, "contents")
        if any(
            isinstance(value, bytes) and text in value
            for row in asked(server, f"SELECT * FROM {table}")
            for value in row
        )
    ]


def test_nothing_of_an_erased_record_is_left_in_the_data_files(floor, server, actor, small_segments):
    """What deleted rows leave in their pages too; not in the write-ahead log, which is the server's own."""
    with floor.writer(actor) as writer:
        ingest(writer, [1], name="Quillibrand Oxmarsh ", raw=b"Quillibrand Oxmarsh 1")
        ingest(writer, range(10, 40), name="Perenelle Dunwick ", raw=b"Perenelle Dunwick" * 1000)
        ingest(writer, range(50, 60), name="Somebody Else ", raw=b"others")
        writer.shown("queue", bytes(32), b"Quillibrand Oxmarsh is on a list", ids(floor)[:1])
        floor.act(actor, "query", {"words": "Quillibrand Oxmarsh 1"})
        settle(server)
        assert in_data_files(server, b"Quillibrand")
        assert writer.erase(ids(floor)[:31], "all of it").settled
    settle(server)
    for name in (b"Quillibrand", b"Perenelle"):
        assert in_data_files(server, name) == []
    assert in_data_files(server, b"Somebody Else")
    assert not list(floor.verify())


def test_a_reader_at_work_delays_the_overwriting_and_compact_does_it_then(floor, server, actor):
    with floor.writer(actor) as writer:
        ingest(writer, [1], name="Brunhilt Sorley ", raw=b"Brunhilt Sorley 1")
        with catalogue.snapshot(floor.root) as reader:
            reader.execute("SELECT count(*) FROM log").fetchone()
            assert not writer.erase(ids(floor), "all of it").settled
        settle(server)
        assert in_data_files(server, b"Brunhilt")
        writer.compact()
    settle(server)
    assert in_data_files(server, b"Brunhilt") == []


def settle(server):
    """Have the server sample the tables for its planner, and write its pages out."""
    with connected(server) as database:
        database.execute("ANALYZE")
        database.execute("CHECKPOINT")


def in_data_files(server, text):
    """Files of the cluster in which the bytes stand, without its write-ahead log."""
    ((folder,),) = asked(server, "SELECT current_setting('data_directory')")
    found = (place for place in Path(folder).rglob("*") if place.is_file() and "pg_wal" not in place.parts)
    return [place.relative_to(folder).as_posix() for place in found if text in place.read_bytes()]


def test_two_floors_share_a_database(tmp_path, actor, postgres):
    one, two = (Floor.create(tmp_path / name, actor, server=postgres) for name in ("one", "two"))
    with one.writer(actor) as first, two.writer(actor) as second:
        ingest(first, [1])
        ingest(second, [2])
    assert one.read("party", READER)["name"].to_pylist() == ["name1"]
    assert two.read("party", READER)["name"].to_pylist() == ["name2"]


def test_a_creation_that_was_cut_off_is_begun_anew(tmp_path, actor, postgres, monkeypatch):
    def cut(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("watchfloor.store.settings.seal", cut)
        with pytest.raises(KeyboardInterrupt):
            Floor.create(tmp_path / "floor", actor, server=postgres)
    floor = Floor.create(tmp_path / "floor", actor, server=postgres)
    assert [act.act for act in floor.acts()] == ["created"]


def test_a_floor_that_lost_its_settings_keeps_its_keys(floor, actor):
    key = (floor.root / "key").read_bytes()
    (floor.root / "floor.toml").unlink()
    with pytest.raises(StoreError, match="has lost its"):
        Floor.create(floor.root, actor)
    assert (floor.root / "key").read_bytes() == key


def test_a_copy_of_identities_is_made_where_it_is_missing(floor, actor, small_segments):
    with floor.writer(actor) as writer:
        ingest(writer, range(40))
    shutil.rmtree(floor.root / "ids")
    with floor.writer(actor) as writer:
        assert ingest(writer, range(41)).account == (41, 1, 40, 0, 0)
    assert list((floor.root / "ids").rglob("*.ids"))


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 2 * PART + 7])
def test_a_file_comes_back_whole_and_in_pieces(floor, size):
    data = os.urandom(size)
    stored = files.store(floor.root, "segments/x", data)
    assert files.read(floor.root, stored) == data
    assert b"".join(files.parts(floor.root, stored)) == data
    for start, length in ((0, 10), (size // 2, 100), (max(size - 3, 0), 50), (PART - 2, 4)):
        assert files.piece(floor.root, "segments/x", start, length) == data[start : start + length]
    files.discard(floor.root, "segments/x")
    assert contents(floor.root).paths() == []
    for read in (lambda: files.read(floor.root, stored), lambda: files.piece(floor.root, "segments/x", 0, 1)):
        with pytest.raises(FileNotFoundError):
            read()


@pytest.mark.parametrize(
    ("code", "error", "message"),
    [
        ("53100", StoreFull, "no room left on the disk of the server"),
        ("25006", ReadOnlyFloor, "does not let you write"),
        ("42501", ReadOnlyFloor, "does not let you write"),
        ("55P03", FloorBusy, "held by another process"),
        ("40001", FloorBusy, "held by another process"),
        ("42P01", Damaged, "run `watchfloor floor verify`"),
        ("28P01", NoServer, "PGPASSWORD"),
        ("08006", NoServer, "cannot be used"),
        ("57P01", NoServer, "cannot be used"),
        ("22012", ServerError, "said"),
    ],
)
def test_what_a_server_says_becomes_a_sentence(tmp_path, code, error, message):
    with pytest.raises(error, match=f"(?i){message}"), explained(tmp_path):
        raise ServerError(code, "said")


def process(server):
    """Process number of the connection on the server that the pool gives."""
    ((number,),) = asked(server, "SELECT pg_backend_pid()")
    return number


def test_a_connection_is_used_again_and_replaced_once_the_server_has_ended_it(server):
    first = process(server)
    assert process(server) == first
    with closing(pool(server.address).connect(server.schema)) as another:
        another.execute("SELECT pg_terminate_backend(%s, 5000)", (first,))
    assert process(server) != first


def test_what_was_not_committed_is_gone_when_a_connection_is_given_back(server):
    with connected(server) as database:
        database.execute("BEGIN")
        database.execute("DELETE FROM contents")
        database.execute("INSERT INTO contents VALUES (?, ?, ?)", ("x", 0, b"y"))
    with connected(server) as database:
        assert not database.in_transaction
        assert database.execute("SELECT path FROM contents WHERE path = 'x'").fetchall() == []


def test_one_connection_too_many_waits_and_is_told(server, monkeypatch):
    monkeypatch.setattr("watchfloor.store.server.postgres.PATIENCE", 0.05)
    few = Pool(server.address)
    taken = [few.acquire(server.schema) for _ in range(Pool.MOST)]
    with pytest.raises(ServerError, match="in use") as raised:
        few.acquire(server.schema)
    assert raised.value.code == "53300"
    for one in taken:
        few.give_back(one)
    assert len(few._idle) == Pool.IDLE
    few.give_back(few.acquire(server.schema))
    few.clear()
    assert all(one.closed for one in taken)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_leaves_its_parent_s_connections_alone(server):
    before = process(server)
    if not (child := os.fork()):
        code = 1
        try:
            code = int(process(server) == before)
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert process(server) == before


def test_a_server_that_only_lets_read(floor, server, actor):
    with floor.writer(actor) as writer:
        ingest(writer, [1])
    pool(server.address).clear()
    (name,) = asked(server, "SELECT current_database()")[0]
    with connected(server) as database:
        database.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    try:
        pool(server.address).clear()
        assert floor.read("party", READER).num_rows == 1
        with pytest.raises(ReadOnlyFloor, match="does not let you write"):
            floor.act(actor, "query", {})
        with pytest.raises(ReadOnlyFloor), floor.writer(actor) as writer:
            writer.append("party", parties([2]))
    finally:
        with connected(server) as database:
            database.execute("SET default_transaction_read_only = off")
            database.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        pool(server.address).clear()
    assert floor.act(actor, "query", {}) == floor.position


def test_a_floor_whose_schema_is_gone_is_told(floor, server):
    with connected(server) as database:
        catalogue.close(database)
    with pytest.raises(Damaged, match="does not hold this floor as it was written"):
        Floor.open(floor.root)
    assert [found.file for found in floor.verify()] == ["catalogue on the server"]


def test_an_address_with_a_wrong_id_or_a_password(floor):
    settings = floor.root / "floor.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("id = ", 'id = "x; DROP"#'), encoding="utf-8")
    with pytest.raises(StoreError, match="id: badly formed"):
        Floor.open(floor.root)


def test_without_the_extra_it_says_what_to_install(floor):
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from watchfloor.store import Floor, StoreError\n"
        "try: Floor.open(sys.argv[1])\n"
        "except StoreError as error: print(error)\n"
    )
    command = [sys.executable, "-c", code, str(floor.root)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "pip install 'watchfloor[postgres]'" in said


def test_a_floor_in_a_folder_imports_nothing_of_a_server(tmp_path, actor):
    Floor.create(tmp_path / "floor", actor)
    code = (
        "import sys; from watchfloor.store import Actor, Floor\n"
        "floor = Floor.open(sys.argv[1])\n"
        "floor.writer(Actor('a', 'b', 'c')).close()\n"
        "print(*({'psycopg'} & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "floor")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "\n"
