"""A disk that fills: a clear error, nothing half-written, and everything as before."""

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from tests.store.rows import READER, ingest, parties

from watchfloor.store import Damaged, Floor, ReadOnlyFloor, StoreFull, files

REPOSITORY = Path(__file__).parents[2]


def data_files(floor):
    return sorted(
        p for folder in ("blobs", "segments", "ids") for p in (floor.root / folder).rglob("*") if p.is_file()
    )


@pytest.mark.folder
@pytest.mark.usefixtures("small_segments")
@pytest.mark.parametrize("at", range(6))
def test_whichever_write_fails_nothing_is_kept(floor, actor, monkeypatch, at):
    with floor.writer(actor) as writer:
        ingest(writer, range(20))
        before, kept, position = floor.read("party", READER), data_files(floor), floor.position
        calls = 0
        real = files.os.fsync

        def fsync(descriptor):
            nonlocal calls
            calls += 1
            if calls > at:
                raise OSError(errno.ENOSPC, "No space left on device")
            real(descriptor)

        monkeypatch.setattr(files.os, "fsync", fsync)
        with pytest.raises(StoreFull, match="no room left"):
            ingest(writer, range(100, 140))
        monkeypatch.setattr(files.os, "fsync", real)
        assert data_files(floor) == kept
        assert floor.position == position
        assert floor.read("party", READER).equals(before)
        assert ingest(writer, range(100, 140)).account.accepted == 40
    assert not list(floor.verify())


LIMITED = """
import resource, signal, sys
from tests.store.rows import ingest
from watchfloor.store import Actor, Floor, StoreFull
floor = Floor.open(sys.argv[1])
with floor.writer(Actor("child", "testing", "none")) as writer:
    ingest(writer, range(10))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    try:
        ingest(writer, range(100, 30_000), raw=b"short")
    except StoreFull as error:
        print("full:", error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(ingest(writer, range(100, 110)).account.accepted)
"""


@pytest.mark.folder
@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_real_short_write(floor):
    """The system itself refuses to write on, as on a full disk."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(floor.root)],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=True,
    )
    first, second = done.stdout.splitlines()
    assert first.startswith("full: no room left")
    assert second == "10"
    assert floor.read("party", READER).num_rows == 20
    assert not list(floor.verify())


def test_a_full_disk_while_a_delivery_is_spooled(floor, writer, monkeypatch):
    class Full(BytesIO):
        def read(self, size=-1):
            if self.tell() > 1 << 20:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().read(size)

    with pytest.raises(StoreFull), writer.delivery("feed", "x", Full(bytes(1 << 22))):
        pass
    assert data_files(floor) == []


def test_an_error_of_the_feed_is_not_blamed_on_the_disk(floor, writer):
    def reading():
        with writer.delivery("feed", "x", BytesIO()) as intake:
            intake.accept("party", parties([1]))
            raise PermissionError(errno.EACCES, "the feed's own file")

    with pytest.raises(PermissionError, match="own file"):
        reading()
    assert Floor.open(floor.root).accounting() == {}


NO_ROOM_AT_ALL = """
import resource, sys
from watchfloor.store import Actor, Floor, StoreFull
floor = Floor.open(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    floor.act(Actor("child", "testing", "none"), "query", {})
except StoreFull as error:
    print(error)
"""


@pytest.mark.folder
@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
@pytest.mark.parametrize("room", [0, 1 << 12])
def test_a_quota_is_not_called_damage(floor, room):
    """SQLite calls these input and output errors, as it does a disk that rots."""
    command = [sys.executable, "-c", NO_ROOM_AT_ALL, str(floor.root), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "takes no more" in done.stdout
    assert floor.position == 1
    assert not list(floor.verify())


def fill(floor, actor):
    """Take in deliveries of 64 KiB that do not compress, until there is no room; gives how many."""
    taken = []

    def take(writer):
        for n in range(2000):
            ingest(writer, [n], raw=os.urandom(1 << 16))
            taken.append(n)

    with (
        floor.writer(actor) as writer,
        pytest.raises(StoreFull, match="Free some space and repeat the command"),
    ):
        take(writer)
    return len(taken)


def test_a_small_disk_that_fills_keeps_what_was_acknowledged(disk, actor):
    floor = Floor.create(disk / "floor", actor)
    count = fill(floor, actor)
    assert count > 50
    assert floor.read("party", READER).num_rows == count
    assert [str(found) for found in floor.verify()] == []


def test_a_servers_disk_that_fills_keeps_what_was_acknowledged(disk, actor, postgres, tmp_path):
    """The floor's database lies in a tablespace on the small disk."""
    from watchfloor.store.server.postgres import Server, connected, pool

    shutil.chown(disk, "nobody", "nogroup")
    address = postgres.replace("/postgres?", "/small?")
    whole, small = (
        Server.from_address(tmp_path, one, "00000000-0000-0000-0000-000000000001")
        for one in (postgres, address)
    )
    with connected(whole) as database:
        database.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
        database.execute("CREATE DATABASE small TABLESPACE small")
    try:
        floor = Floor.create(tmp_path / "floor", actor, server=address)
        count = fill(floor, actor)
        assert count > 10
        assert floor.read("party", READER).num_rows == count
        assert [str(found) for found in floor.verify()] == []
    finally:
        pool(small.address).clear()
        with connected(whole) as database:
            database.execute("DROP DATABASE IF EXISTS small")
            database.execute("DROP TABLESPACE small")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a mount")
def test_a_disk_that_only_lets_read(disk, actor):
    floor = Floor.create(disk / "floor", actor)
    with floor.writer(actor) as writer:
        ingest(writer, [1])
    remount = ["mount", "-o", "remount,ro", str(disk)]
    subprocess.run(remount, check=True)
    assert Floor.open(floor.root).read("party", READER).num_rows == 1
    with pytest.raises(ReadOnlyFloor, match="must be logged"):
        floor.act(actor, "query", {})
    with pytest.raises(ReadOnlyFloor, match="cannot be written to"):
        floor.writer(actor)


@pytest.mark.folder
def test_a_catalogue_that_is_gone_is_damage(floor, actor):
    place = floor.root / "catalogue.sqlite"
    place.rename(floor.root / "elsewhere")
    assert next(floor.verify()).what.endswith("catalogue.sqlite is missing")
    with pytest.raises(Damaged, match="is missing"):
        floor.act(actor, "query", {})


@pytest.mark.skipif(sys.platform != "linux", reason="needs a mount")
@pytest.mark.parametrize("name", ["catalogue.sqlite", "index.sqlite"])
def test_what_a_kill_left_to_be_read_on_a_disk_that_only_lets_read_is_no_damage(disk, actor, tmp_path, name):
    """The log that SQLite writes ahead holds the last acts; without a place for its index nobody reads it."""
    floor = Floor.create(tmp_path / "floor", actor)
    with floor.writer(actor) as writer:
        ingest(writer, [1])
    with closing(sqlite3.connect(floor.root / name, isolation_level=None)) as living:
        living.execute("CREATE TABLE more (a)")
        shutil.copytree(floor.root, disk / "floor", ignore=shutil.ignore_patterns("*-shm"))
    assert (disk / "floor" / f"{name}-wal").stat().st_size
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(ReadOnlyFloor, match="read-only media"):
        list(Floor.open(disk / "floor").verify())
