"""Checking a floor, backing it up and restoring it, as an operator does."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from tests.store.rows import ingest

from watchfloor.cli import main
from watchfloor.store import Actor, Floor

ACTOR = Actor("operator", "upkeep", "standing order")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A floor with a segment large enough for files of its own."""
    floor = Floor.create(tmp_path_factory.mktemp("kept") / "floor", ACTOR)
    with floor.writer(ACTOR) as writer:
        ingest(writer, range(5_000))
    return floor.root


@pytest.fixture
def floor(kept, tmp_path):
    return shutil.copytree(kept, tmp_path / "floor")


@pytest.fixture
def call(monkeypatch, capsys):
    """Runs the command as a shell does; gives its exit code, what it printed and what it told the user."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["watchfloor", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return ended.value.code or 0, printed.out, " ".join(printed.err.split())

    return call


def test_a_whole_floor_is_said_to_be_whole(floor, call):
    code, out, _ = call("floor", "verify", "--floor", floor)
    assert code == 0
    assert out.startswith("whole: ")


@pytest.mark.parametrize("pattern", ["segments/*/*.parquet", "segments/*/*.leaves", "ids/*/*.ids"])
def test_a_flipped_bit_is_named_with_its_byte(floor, call, pattern):
    (broken,) = floor.glob(pattern)
    data = bytearray(broken.read_bytes())
    at = len(data) * 2 // 3
    data[at] ^= 0b100
    broken.write_bytes(data)
    code, out, err = call("floor", "verify", "--floor", floor)
    assert code == 5
    first = out.splitlines()[0]
    assert broken.relative_to(floor).as_posix() in first
    assert f"byte {at}" in first
    assert "Restore a backup" in err
    code, out, _ = call("floor", "verify", "--floor", floor, "--json")
    *damages, summary = map(json.loads, out.splitlines())
    assert code == 5
    assert damages[0]["damage"]["start"] == at
    assert summary["whole"] is False


def test_an_older_copy_is_found_by_its_witness(floor, call, tmp_path):
    older = shutil.copytree(floor, tmp_path / "older")
    Floor.open(floor).act(ACTOR, "query", {"name": "x"})
    _, out, _ = call("floor", "verify", "--floor", floor, "--json")
    witness = json.loads(out)["witness"]
    assert call("floor", "verify", "--floor", floor, "--witness", witness)[0] == 0
    code, out, _ = call("floor", "verify", "--floor", older, "--witness", witness)
    assert code == 5
    assert "the log has 2 acts, and had 3 before" in out


@pytest.mark.parametrize(("witness", "ends"), [("17", 4), ("x:00", 2), (f"17:{'g' * 64}", 2)])
def test_a_witness_that_is_none_is_refused(floor, call, witness, ends):
    code, _, err = call("floor", "verify", "--floor", floor, "--witness", witness)
    assert code == ends
    assert "SIZE:ROOT" in err


def test_no_floor_to_verify(call, tmp_path):
    code, _, err = call("floor", "verify", "--floor", tmp_path / "nowhere")
    assert code == 4
    assert "watchfloor init" in err


def test_a_folder_that_is_no_floor_is_called_so_and_left_as_it_is(call, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "monday.txt").touch()
    code, out, err = call("floor", "verify", "--floor", tmp_path / "notes")
    assert (code, out) == (4, "")
    assert "is no floor: it holds no floor.toml" in err
    assert "watchfloor init" in err
    assert "backup" not in err
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["monday.txt"]


def test_a_floor_without_its_settings_needs_a_backup(floor, call):
    (floor / "floor.toml").unlink()
    code, _, err = call("floor", "verify", "--floor", floor)
    assert code == 5
    assert "has lost its floor.toml" in err
    assert "watchfloor floor restore" in err


def test_a_backup_makes_no_folder_and_lies_outside_of_its_floor(floor, call, tmp_path):
    code, _, err = call("floor", "backup", "--unencrypted", tmp_path / "disk" / "b.tar", "--floor", floor)
    assert code == 3
    assert "Make the folder or mount its disk" in err
    assert not (tmp_path / "disk").exists()
    code, _, err = call("floor", "backup", "--unencrypted", floor / "b.tar", "--floor", floor)
    assert code == 3
    assert "lies in the floor itself" in err
    assert not (floor / "b.tar").exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"id,name\n1,Ann\n" * 99, "is no backup: it is not a tar file"),
        (b"\x1f\x8b", "is no backup"),
    ],
)
def test_a_file_that_is_no_backup_is_called_so(call, tmp_path, data, says):
    (tmp_path / "x.tar").write_bytes(data)
    code, _, err = call("floor", "restore", tmp_path / "x.tar", "--floor", tmp_path / "new")
    assert code == 5
    assert says in err
    assert "watchfloor floor backup" in err
    assert "method" not in err
    assert not (tmp_path / "new").exists()


def test_a_backup_overwrites_nothing(floor, call, tmp_path):
    backup = tmp_path / "monday.tar"
    assert call("floor", "backup", "--unencrypted", backup, "--floor", floor)[0] == 0
    before = backup.read_bytes()
    code, _, err = call("floor", "backup", "--unencrypted", backup, "--floor", floor)
    assert code == 3
    assert "exists already" in err
    assert backup.read_bytes() == before


def test_a_restore_overwrites_nothing(floor, call, tmp_path):
    backup = tmp_path / "monday.tar"
    call("floor", "backup", "--unencrypted", backup, "--floor", floor)
    position = Floor.open(floor).position
    code, _, err = call("floor", "restore", backup, "--floor", floor)
    assert code == 3
    assert "not empty" in err
    assert Floor.open(floor).position == position
    assert call("floor", "restore", backup, "--floor", tmp_path / "new")[0] == 0
    assert call("floor", "verify", "--floor", tmp_path / "new")[0] == 0


def test_a_damaged_backup_restores_nothing(floor, call, tmp_path):
    backup = tmp_path / "monday.tar"
    call("floor", "backup", "--unencrypted", backup, "--floor", floor)
    data = bytearray(backup.read_bytes())
    data[len(data) // 2] ^= 1
    backup.write_bytes(data)
    code, _, err = call("floor", "restore", backup, "--floor", tmp_path / "new")
    assert code == 5
    assert "not as it was backed up" in err
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a mount")
def test_an_intact_floor_on_a_disk_that_takes_nothing_is_not_called_damaged(disk, call):
    """Full, then read-only: who looks may look, who must be logged is told why not; then all is as before."""
    floor = Floor.create(disk / "floor", ACTOR, exercise=True)
    with floor.writer(ACTOR) as writer:
        ingest(writer, [1])
    place, position = floor.root, floor.position
    with pytest.raises(OSError, match="No space"):
        fill_up(disk / "rest")
    refused_but_whole(call, place, "no room left on the disk of .*nothing was lost.*Free some space")
    (disk / "rest").unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    refused_but_whole(call, place, "read-only media.*must be logged.*copy the whole folder")
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    assert floor.position == position
    assert call("floor", "log", "show", "--floor", place)[0] == 0
    assert call("floor", "verify", "--floor", place)[0] == 0


def fill_up(path):
    """Write until the disk has no page left; what a buffer cannot get rid of would be an error later."""
    with path.open("wb", buffering=0) as rest:
        while rest.write(bytes(1 << 12)):
            pass


def refused_but_whole(call, place, why):
    copies = place.parent.with_name(f"{place.parent.name}-copies")
    copies.mkdir()
    try:
        code, out, err = call("floor", "verify", "--floor", place)
        assert (code, out.startswith("whole: 2 acts")) == (0, True)
        assert re.fullmatch(r"(watchfloor: no log is written: \S+: No space left on device)?", err)
        for command in (
            ["leads"],
            ["search", "name1"],
            ["floor", "log", "show"],
            ["floor", "log", "export", copies / "log"],
            ["floor", "backup", "--unencrypted", copies / "b.tar"],
        ):
            code, out, err = call(*command, "--floor", place)
            assert (code, out) == (5, ""), command
            assert re.search(why, err), command
            assert "verify" not in err, command
        assert list(copies.iterdir()) == []
    finally:
        shutil.rmtree(copies)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_what_a_command_writes_is_its_users_alone_whatever_the_umask(tmp_path):
    def call(*arguments):
        command = [sys.executable, "-m", "watchfloor", *map(str, arguments), "--floor", tmp_path / "floor"]
        subprocess.run(command, check=True, capture_output=True, umask=0)

    call("init", "--exercise")
    call("search", "nobody")
    call("floor", "backup", "--unencrypted", tmp_path / "b.tar")
    call("scorecard", "aia", "draft", "-o", tmp_path / "draft.json")
    written = [
        tmp_path / "b.tar",
        tmp_path / "draft.json",
        tmp_path / "floor",
        *(tmp_path / "floor").rglob("*"),
    ]
    assert {"index.sqlite", "catalogue.sqlite", "key"} <= {place.name for place in written}
    assert {place.name: oct(place.stat().st_mode) for place in written if place.stat().st_mode & 0o077} == {}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_a_floor_that_others_may_enter_is_a_finding_and_no_damage(floor, call):
    floor.chmod(0o755)
    code, out, err = call("floor", "verify", "--floor", floor)
    assert (code, "755" in out) == (5, True)
    assert "backup" not in err
    assert call("floor", "verify", "--floor", floor)[0] == 0
