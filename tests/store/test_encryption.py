"""Backups that are encrypted to recipients."""

import errno
import subprocess
import sys

import pyrage
import pytest
from tests.store.rows import READER, ingest

from watchfloor.store import Damaged, Floor, StoreError
from watchfloor.store.backup import backup, restore
from watchfloor.store.encryption import make_key, recipients
from watchfloor.store.errors import StoreFull, WrongCall


@pytest.fixture
def filled(tmp_path, actor, small_segments):
    floor = Floor.create(tmp_path / "floor", actor)
    with floor.writer(actor) as writer:
        ingest(writer, range(40))
    return floor


@pytest.fixture
def keys(tmp_path):
    """Two key files with their recipients."""
    return {name: make_key(tmp_path / name) for name in ("one", "two")}


def test_each_recipient_restores_it_and_nothing_of_the_floor_is_in_the_clear(filled, actor, tmp_path, keys):
    kept = backup(filled, tmp_path / "b.age", actor, to=list(keys.values()))
    data = (tmp_path / "b.age").read_bytes()
    assert kept.size == len(data)
    secrets = [(filled.root / name).read_bytes() for name in ("key", "signing.key")]
    assert all(secret not in data for secret in (*secrets, b"catalogue.sqlite", b"SQLite format 3"))
    assert pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(last_line(tmp_path / "one"))])[:16] == (
        b"catalogue.sqlite"
    )
    for name in keys:
        restore(tmp_path / "b.age", tmp_path / f"by-{name}", actor, key=tmp_path / name)
        again = Floor.open(tmp_path / f"by-{name}")
        assert again.read("party", READER).equals(filled.read("party", READER))
    assert filled.acts_of("backup")[0].detail["recipients"] == list(keys.values())


def last_line(path):
    return path.read_text().split()[-1]


def test_another_key_and_none_restore_nothing(filled, actor, tmp_path, keys):
    backup(filled, tmp_path / "b.age", actor, to=[keys["one"]])
    with pytest.raises(Damaged, match="cannot be decrypted with this key"):
        restore(tmp_path / "b.age", tmp_path / "again", actor, key=tmp_path / "two")
    with pytest.raises(WrongCall, match="--key"):
        restore(tmp_path / "b.age", tmp_path / "again", actor)
    (tmp_path / "text").write_text(f"{keys['one']}\n")
    with pytest.raises(WrongCall, match="holds no key"):
        restore(tmp_path / "b.age", tmp_path / "again", actor, key=tmp_path / "text")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.999])
def test_one_that_was_changed_or_cut_restores_nothing(filled, actor, tmp_path, keys, share):
    backup(filled, tmp_path / "b.age", actor, to=[keys["one"]])
    data = bytearray((tmp_path / "b.age").read_bytes())
    at = int(share * len(data))
    (tmp_path / "cut.age").write_bytes(data[:at])
    data[at] ^= 1
    (tmp_path / "changed.age").write_bytes(data)
    (tmp_path / "longer.age").write_bytes((tmp_path / "b.age").read_bytes() + b"0")
    for name in ("cut", "changed", "longer"):
        with pytest.raises(Damaged):
            restore(tmp_path / f"{name}.age", tmp_path / "again", actor, key=tmp_path / "one")
    assert not (tmp_path / "again").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of the size of files")
def test_a_full_disk_is_told_as_one(filled, actor, tmp_path, keys, monkeypatch):
    def full(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("watchfloor.store.encryption._Output.write", remembered(full))
    with pytest.raises(StoreFull):
        backup(filled, tmp_path / "b.age", actor, to=[keys["one"]])
    assert not list(tmp_path.glob("*b.age*"))
    assert not filled.acts_of("backup")


def remembered(write):
    """A write that fails as the class's own does."""

    def fails(self, data):
        try:
            return write(self, data)
        except OSError as error:
            self.error = error
            raise

    return fails


def test_recipients_are_named_by_themselves_or_by_a_file(tmp_path, keys):
    one, two = keys.values()
    (tmp_path / "people.txt").write_text(f"# who keeps the keys\n{one}\n\n  {two}  \n", encoding="utf-8")
    assert recipients(str(tmp_path / "people.txt")) == [one, two]
    assert recipients(one) == [one]


def test_no_recipient_writes_nothing_and_a_secret_is_not_repeated(filled, actor, tmp_path, keys):
    for text in ("age1nobody", last_line(tmp_path / "one")):
        with pytest.raises(WrongCall) as refused:
            backup(filled, tmp_path / "b.age", actor, to=[text])
    assert last_line(tmp_path / "one") not in str(refused.value)
    assert not list(tmp_path.glob("*b.age*"))


def test_a_key_is_its_owners_and_never_overwritten(tmp_path, keys):
    assert (tmp_path / "one").stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    with pytest.raises(StoreError, match="never overwrites"):
        make_key(tmp_path / "one")


def test_the_command_line_wants_a_recipient_or_the_word(filled, tmp_path, keys):
    def call(*arguments):
        command = [sys.executable, "-m", "watchfloor", *map(str, arguments), "--floor", filled.root]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    target = tmp_path / "b.age"
    law = ("--purpose", "upkeep", "--authority", "rules")
    assert call("floor", "backup", target, *law).returncode == 2
    assert call("floor", "backup", target, "--unencrypted", "--to", keys["one"], *law).returncode == 2
    assert not target.exists()
    done = call("floor", "backup", target, "--to", keys["one"], *law)
    assert (done.returncode, done.stderr) == (0, "")
    assert target.read_bytes().startswith(b"age-encryption.org/v1\n")
