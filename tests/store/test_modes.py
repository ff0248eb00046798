"""Nobody but its owner may enter a floor or read a backup, whatever the umask."""

import os
import stat
import sys
from pathlib import Path

import pytest
from tests.store.rows import READER, ingest, parties

from watchfloor.console.access.file import AccessFile
from watchfloor.store import Floor, NoFloor
from watchfloor.store.backup import backup, restore
from watchfloor.store.index.search import SearchQuery, search
from watchfloor.store.verify import FOLDER, verify

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")


@pytest.fixture(autouse=True)
def lax():
    """A umask that takes nothing away."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(root):
    return {
        str(place.relative_to(root)): oct(stat.S_IMODE(place.stat().st_mode))
        for place in (root, *root.rglob("*"))
        if stat.S_IMODE(place.stat().st_mode) & 0o077
    }


@pytest.fixture
def filled(tmp_path, actor, small_segments):
    floor = Floor.create(tmp_path / "above" / "floor", actor)
    with floor.writer(actor) as writer:
        ingest(writer, range(40))
        writer.append("party", parties([100]))
        writer.compact()
        ingest(writer, range(50, 60))
    search(floor, READER, SearchQuery(words="name"), 20)
    return floor


def test_a_floor_its_console_and_its_write_ahead_logs(filled):
    access = AccessFile(filled.root)
    names = {place.name for place in filled.root.rglob("*")}
    assert {"catalogue.sqlite", "index.sqlite", "console.sqlite", "console.sqlite-wal", "segments"} <= names
    assert open_to_others(filled.root.parent) == {}
    access.close()


def test_a_folder_that_is_no_floor_keeps_its_modes(tmp_path):
    for place in (folder := tmp_path / "project", folder / "within"):
        place.mkdir(mode=0o755)
    (folder / "file").touch(0o644)
    before = open_to_others(folder)
    assert len(before) == 3
    with pytest.raises(NoFloor):
        Floor.open(folder)
    assert open_to_others(folder) == before


def test_a_backup_and_what_is_restored(filled, actor, tmp_path):
    backup(filled, tmp_path / "b.tar", actor, to=())
    assert stat.S_IMODE((tmp_path / "b.tar").stat().st_mode) == 0o600
    restore(tmp_path / "b.tar", tmp_path / "there" / "again", actor)
    assert open_to_others(tmp_path / "there") == {}


def test_a_folder_made_beforehand_is_closed(tmp_path, actor):
    (tmp_path / "floor").mkdir(mode=0o777)
    assert stat.S_IMODE((tmp_path / "floor").stat().st_mode) == 0o777
    assert open_to_others(Floor.create(tmp_path / "floor", actor).root) == {}


def test_an_open_floor_is_a_finding_and_is_closed_by_its_owner(filled, actor, caplog):
    assert list(verify(filled.root)) == []
    for place in (filled.root, *filled.root.rglob("*")):
        place.chmod(0o755 if place.is_dir() else 0o644)
    (filled.root / "elsewhere").symlink_to(filled.root.parent / "target")
    (filled.root.parent / "target").write_text("not the floor's")
    (filled.root.parent / "target").chmod(0o644)
    assert [found.file for found in verify(filled.root)] == [FOLDER]
    Floor.open(filled.root)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "mode 755" in caplog.text
    assert set(open_to_others(filled.root.parent)) == {"target", "floor/elsewhere"}  # as its target is
    caplog.clear()
    Floor.open(filled.root)
    assert list(verify(filled.root)) == []
    assert not caplog.records


def test_a_folder_that_is_somebody_elses_is_told_and_left(filled, caplog, monkeypatch):
    def refused(*_):
        raise PermissionError

    filled.root.chmod(0o750)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "chmod", refused)
        Floor.open(filled.root)
    assert f"chmod -R go= {filled.root}" in caplog.text
    assert stat.S_IMODE(filled.root.stat().st_mode) == 0o750
