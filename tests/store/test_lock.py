import errno
import os
import subprocess
import sys

import pytest

from watchfloor.store import FloorBusy, ReadOnlyFloor, StoreFull
from watchfloor.store.lock import WriterLock

HOLD = "import sys, time; from pathlib import Path; from watchfloor.store.lock import WriterLock;\
lock = WriterLock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"


def test_a_second_writer_is_told_who_holds_the_floor(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline() == "held\n"
        with pytest.raises(FloorBusy, match=rf"process {child.pid} on .+, since 2\d\d\d-"):
            WriterLock(tmp_path)
    finally:
        child.kill()
        child.communicate()
    WriterLock(tmp_path).release()  # the system freed it


def test_one_process_has_one_writer_too(tmp_path):
    lock = WriterLock(tmp_path)
    with pytest.raises(FloorBusy, match=f"process {os.getpid()}"):
        WriterLock(tmp_path)
    lock.release()
    lock.release()
    WriterLock(tmp_path).release()


def test_a_lock_without_a_readable_holder_still_explains_itself(tmp_path):
    lock = WriterLock(tmp_path)
    (tmp_path / "lock").write_bytes(b"\xff not json")
    with pytest.raises(FloorBusy, match="another process"):
        WriterLock(tmp_path)
    lock.release()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_does_not_keep_the_lock(tmp_path):
    lock = WriterLock(tmp_path)
    gate, go = os.pipe()
    child = os.fork()
    if not child:
        os.read(gate, 1)
        os._exit(0)
    lock.release()
    WriterLock(tmp_path).release()
    os.write(go, b"x")
    os.waitpid(child, 0)


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("watchfloor.store.lock.os.open", refuse)
    with pytest.raises(ReadOnlyFloor, match="cannot be written to"):
        WriterLock(tmp_path)


def test_a_disk_without_room_for_the_holder_leaves_the_floor_free(tmp_path, monkeypatch):
    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("watchfloor.store.lock._write", full)
        with pytest.raises(StoreFull, match="no room left"):
            WriterLock(tmp_path)
    WriterLock(tmp_path).release()
