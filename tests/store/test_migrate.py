"""A floor moves to a server and back: the same acts, rows and proofs, or nothing has changed."""

import sqlite3
import sys

import pytest
from tests.store import tamper
from tests.store.rows import READER, ingest, parties

from watchfloor.store import Damaged, Floor, FloorBusy, NoFloor, NoServer, StoreError, catalogue, server
from watchfloor.store.backup import backup, restore
from watchfloor.store.server import migrate
from watchfloor.store.server.postgres import Server, acts, connected


@pytest.fixture
def filled(tmp_path, actor, small_segments):
    floor = Floor.create(tmp_path / "floor", actor, name="a floor")
    with floor.writer(actor) as writer:
        ingest(writer, range(40))
        writer.append("party", parties([100]), original=b"a message")
        writer.append("party", parties([101]))
        ids = floor.read("party", READER)["record_id"].to_pylist()
        writer.shown("queue", bytes(32), b"what was shown", ids[:1])
        writer.erase(ids[5:7], "asked")
    (floor.root / "feeds.toml").write_text("# settings of the feeds\n", encoding="utf-8")
    return floor


def state(floor, size=None):
    """What a floor says of itself, up to a position."""
    return {
        "root": floor.log_root(size),
        "acts": floor.acts(end=size),
        "rows": floor.read("party", READER, size).to_pydict(),
        "accounts": floor.accounting(),
        "deliveries": floor.deliveries(),
        "shown": floor.shown(),
        "originals": [
            floor.delivered(each.digest).read() for each in floor.deliveries() if each.erased is None
        ],
    }


def test_there_and_back(filled, actor, postgres, tmp_path):
    root, position, before = filled.root, filled.position, state(filled)
    signer = filled.signer.verifier.text
    steps = []
    moved = migrate.to_server(filled, postgres, actor, steps.append)
    assert (moved.position, moved.root) == (position, before["root"])
    assert steps[0] == "copying the catalogue"
    assert steps[-1] == "checking what has arrived"
    there = Floor.open(root)
    assert there.settings.server == postgres
    assert state(there, position) == before
    assert list(there.verify()) == []
    assert [act.act for act in there.acts(position + 1)] == ["moved"]
    assert not [name for name in ("catalogue.sqlite", "blobs", "segments") if (root / name).exists()]
    with there.writer(actor) as writer:
        assert ingest(writer, range(41)).account == (41, 1, 38, 0, 2)
    later, grown = there.position, state(there)
    back = migrate.to_folder(there, tmp_path / "back", actor)
    assert (back.position, back.root) == (later, grown["root"])
    again = Floor.open(tmp_path / "back")
    assert state(again, later) == grown
    assert list(again.verify()) == []
    assert again.signer.verifier.text == signer
    assert (tmp_path / "back" / "feeds.toml").exists()
    assert (root / "feeds.toml").exists(), "what people keep in a folder stays"
    assert not acts(Server.from_address(root, postgres, filled.settings.id))
    with pytest.raises(NoFloor):
        Floor.open(root)
    assert not (root / "key").exists()


def test_from_folder_to_folder(filled, actor, tmp_path):
    position, before = filled.position, state(filled)
    migrate.to_folder(filled, tmp_path / "other", actor)
    assert state(Floor.open(tmp_path / "other"), position) == before
    assert [path.name for path in filled.root.iterdir()] == ["feeds.toml"]


def test_a_backup_of_a_server_is_restored_into_a_folder_and_goes_back(filled, actor, postgres, tmp_path):
    migrate.to_server(filled, postgres, actor)
    there = Floor.open(filled.root)
    kept = backup(there, tmp_path / "b.tar", actor, to=())
    before = state(there, kept.position)
    restore(tmp_path / "b.tar", tmp_path / "again", actor)
    again = Floor.open(tmp_path / "again")
    assert again.settings.server == ""
    assert state(again, kept.position) == before
    with pytest.raises(StoreError, match="holds this floor already, in another state"):
        migrate.to_server(again, postgres, actor)
    with connected(Server.from_address(again.root, postgres, again.settings.id)) as database:
        catalogue.close(database)
    migrate.to_server(again, postgres, actor)
    assert state(Floor.open(again.root), kept.position) == before


def damaged(floor):
    path = tamper.paths(floor, ".parquet")[0]
    data = tamper.read(floor, path)
    tamper.write(floor, path, data[:50] + bytes([data[50] ^ 1]) + data[51:])


@pytest.mark.parametrize("to", ["server", "folder"])
def test_a_damaged_floor_is_not_moved(filled, actor, postgres, tmp_path, to):
    damaged(filled)
    before = filled.acts()
    with pytest.raises(Damaged, match=r"was not moved, .*\.parquet, byte 50"):
        _move(filled, to, actor, postgres, tmp_path)
    assert filled.acts() == before
    assert not (tmp_path / "other").exists()
    assert not acts(Server.from_address(filled.root, postgres, filled.settings.id))
    with filled.writer(actor) as writer:
        assert ingest(writer, [500]).account.accepted == 1


@pytest.mark.parametrize("to", ["server", "folder"])
def test_a_move_that_breaks_off_changes_nothing(filled, actor, postgres, tmp_path, monkeypatch, to):
    before = state(filled)

    def broken(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(migrate, "_refuse_damage", broken)
        with pytest.raises(KeyboardInterrupt):
            _move(filled, to, actor, postgres, tmp_path)
    assert state(filled) == before
    _move(filled, to, actor, postgres, tmp_path)


def test_a_move_that_was_cut_off_before_its_last_step_is_made_again(filled, actor, postgres, monkeypatch):
    before = state(filled)

    def cut(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("watchfloor.store.server.migrate.settings.seal", _once(migrate.settings.seal, cut))
        with pytest.raises(KeyboardInterrupt):
            migrate.to_server(filled, postgres, actor)
    assert state(filled) == before
    assert acts(Server.from_address(filled.root, postgres, filled.settings.id)) == filled.position
    migrate.to_server(filled, postgres, actor)
    assert state(Floor.open(filled.root), filled.position - 1) == before


def _once(first, then):
    """Calls `first` once, for the floor that is only looked at, and `then` after it."""
    calls = iter([first])
    return lambda *args: next(calls, then)(*args)


@pytest.mark.parametrize("to", ["server", "folder"])
def test_who_acts_meanwhile_is_refused_and_loses_nothing(filled, actor, postgres, tmp_path, monkeypatch, to):
    monkeypatch.setattr(catalogue, "PATIENCE", 0.1)
    refused = []

    def act(*args):
        with pytest.raises(FloorBusy):
            filled.act(actor, "query", {})
        with pytest.raises(FloorBusy):
            filled.writer(actor)
        refused.append(True)
        real(*args)

    real = migrate._refuse_damage
    monkeypatch.setattr(migrate, "_refuse_damage", act)
    _move(filled, to, actor, postgres, tmp_path)
    assert refused


def test_an_act_that_waited_does_not_go_into_the_old_catalogue(filled, actor, postgres):
    waiting = catalogue.for_writing(filled.root)
    migrate.to_server(filled, postgres, actor)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        waiting.execute("INSERT INTO log VALUES (99, 1, 'query', NULL, NULL, x'00')")
    waiting.close()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("mysql://a@b/c", "is no address of a PostgreSQL database"),
        ("nonsense", "is no address of a PostgreSQL database"),
        ("postgresql+psycopg://cell:secret@db/watchfloor", "holds no password"),
        ("postgresql+psycopg://cell@db/watchfloor?password=secret", "holds no password"),
        ("postgresql+psycopg://cell@db/watchfloor?sslpassword=secret", "holds no password"),
        ("postgresql+psycopg://cell@db/watchfloor?password=secret&x=1", "is no address of a PostgreSQL"),
        ("host=db password=secret", "is no address of a PostgreSQL database"),
        ("postgresql+psycopg://", "is no address of a PostgreSQL database"),
    ],
)
def test_an_address_that_is_none_is_told(filled, actor, address, message):
    with pytest.raises(StoreError, match=message) as raised:
        migrate.to_server(filled, address, actor)
    assert "secret" not in str(raised.value)


def test_a_server_that_is_not_there(filled, actor, tmp_path):
    with pytest.raises(NoServer, match=r"cannot be used: .*look at"):
        migrate.to_server(filled, f"postgresql+psycopg://cell@/none?host={tmp_path}", actor)
    assert list(filled.verify()) == []


def test_where_it_cannot_go(filled, actor, postgres, tmp_path):
    with pytest.raises(StoreError, match="is not empty"):
        migrate.to_folder(filled, tmp_path, actor)
    with pytest.raises(StoreError, match="lies in the floor itself"):
        migrate.to_folder(filled, filled.root / "inner", actor)
    migrate.to_server(filled, postgres, actor)
    with pytest.raises(StoreError, match="lies on a server already"):
        migrate.to_server(Floor.open(filled.root), postgres, actor)


def _move(floor, to, actor, postgres, tmp_path):
    if to == "server":
        return migrate.to_server(floor, postgres, actor)
    return migrate.to_folder(floor, tmp_path / "other", actor)


def test_without_what_a_server_needs_the_extra_is_named(filled, actor, monkeypatch):
    monkeypatch.delitem(sys.modules, "watchfloor.store.server.postgres")
    monkeypatch.delattr(server, "postgres")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"psycopg.* is not installed.*'watchfloor\[postgres\]'"):
        migrate.to_server(filled, "postgresql+psycopg://cell@/none", actor)
    assert list(filled.verify()) == []


def test_what_stays_in_the_old_folder_is_what_people_put_there(filled, actor, tmp_path):
    """It is in the new one too; nothing that the floor made is left, not even its lock and its identities."""
    (filled.root / "gateways.toml").write_text("# none of our own\n", encoding="utf-8")
    (filled.root / "notes").mkdir()
    (filled.root / "notes" / "own.txt").write_text("ours", encoding="utf-8")
    moved = migrate.to_folder(filled, tmp_path / "other", actor)
    assert moved.left == ("feeds.toml", "gateways.toml", "notes")
    assert sorted(path.name for path in filled.root.iterdir()) == list(moved.left)
    assert (tmp_path / "other" / "notes" / "own.txt").read_text(encoding="utf-8") == "ours"


@pytest.mark.parametrize("to", ["server", "folder"])
def test_whom_the_policy_does_not_let_write_moves_nothing(filled, actor, tmp_path, to):
    (filled.root / "policy.toml").write_text("[compartments]\n", encoding="utf-8")
    before = state(filled)
    with pytest.raises(StoreError, match="names no reader 'tester'"):
        _move(filled, to, actor, "postgresql+psycopg://cell@/none", tmp_path)
    assert state(filled) == before
    assert not (tmp_path / "other").exists()
