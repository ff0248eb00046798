"""Rows that were set aside in a file come back as they would from memory."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.core import spool
from watchfloor.core.derived import to_keep
from watchfloor.core.spool import Spool, pieces
from watchfloor.desks.surveillance.track_rows import TRACK
from watchfloor.run.runner import history

COUNT = 2000


@pytest.fixture
def tracks():
    """Legs of which every third is revised once, in an order that has nothing to do with their ids."""
    rng = np.random.default_rng(5)
    ids = rng.bytes(16 * COUNT)
    chosen = np.concatenate([np.arange(COUNT), np.arange(0, COUNT, 3)])
    filled = {
        "row_id": [ids[16 * n : 16 * n + 16] for n in chosen],
        "at": pa.array(np.arange(len(chosen)), pa.timestamp("us", "UTC")),
        "evidence": [[ids[16 * n : 16 * n + 16]] * (n % 4) for n in chosen],
        "subjects": [["track:toy:1"][: n % 2] for n in chosen],
        "marking": ["UNCLASSIFIED"] * len(chosen),
    }
    zero = {pa.bool_(): False}
    columns = [
        pa.array(filled[field.name], field.type)
        if field.name in filled
        else pa.nulls(len(chosen), field.type)
        if field.nullable
        else pa.array(
            [[] if pa.types.is_list(field.type) else zero.get(field.type, 0)] * len(chosen), field.type
        )
        for field in TRACK
    ]
    return pa.table(columns, schema=TRACK)


def spooled(tracks, folder):
    made = Spool(TRACK, folder)
    for start in range(0, tracks.num_rows, 300):
        made.put(tracks.slice(start, 300))
    return made


def test_put_in_order_part_by_part_the_rows_are_those_of_the_whole(tracks, tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "HELD", 1 << 17)
    made = spooled(tracks, tmp_path)
    assert made.held() is None
    kept = Spool(TRACK, tmp_path)
    for rows in made:
        kept.put(to_keep("track", history(rows)))
    parts = list(kept)
    assert len(parts) == 1 << spool.BITS
    assert max(part.num_rows for part in parts) < COUNT // 8
    whole = to_keep("track", history(tracks))
    assert kept.num_rows == whole.num_rows == COUNT
    assert pa.concat_tables(parts).equals(whole)
    assert pa.concat_tables(pieces(kept)).equals(whole)  # a second time


def test_the_file_has_no_name_and_few_rows_are_not_in_it(tracks, tmp_path, monkeypatch):
    assert spooled(tracks, tmp_path).held().equals(tracks)
    monkeypatch.setattr(spool, "HELD", 0)
    assert spooled(tracks, None).held().equals(tracks)  # no folder, no file
    made = spooled(tracks, tmp_path)
    assert made.held() is None
    assert not list(tmp_path.iterdir())
    assert sum(rows.num_rows for rows in made) == tracks.num_rows


def test_who_may_read_the_file(tracks, tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "HELD", 0)
    link = tmp_path / "link"
    link.symlink_to(tmp_path, target_is_directory=True)
    before = os.umask(0)
    try:
        made = spooled(tracks, link)
    finally:
        os.umask(before)
    state = os.fstat(made._file.fileno())
    assert stat.S_IMODE(state.st_mode) == 0o600
    assert state.st_nlink == 0
    assert state.st_dev == tmp_path.stat().st_dev
    assert not os.get_inheritable(made._file.fileno())


def test_a_full_disk_is_told_when_rows_are_put_and_leaves_nothing(tracks, tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "HELD", 0)
    monkeypatch.setattr(spool, "TemporaryFile", lambda **_: Path("/dev/full").open("r+b"))  # noqa: SIM115
    made = Spool(TRACK, tmp_path)
    with pytest.raises(OSError, match="No space left") as told:
        made.put(tracks.slice(0, 5))  # less than a buffer of the file
    assert told.value.errno == errno.ENOSPC
    told = None
    del made  # nor does its end say anything, which would fail this test
    assert not list(tmp_path.iterdir())


KILLED = """
import sys, time
from pathlib import Path
import pyarrow as pa
from watchfloor.core import spool
spool.HELD = 0
made = spool.Spool(pa.schema([pa.field("row_id", pa.binary(16))]), Path(sys.argv[1]))
made.put(pa.table([pa.array([bytes(16)] * 1000, pa.binary(16))], schema=made.schema))
print("put", flush=True)
time.sleep(60)
"""


def test_a_process_that_is_killed_leaves_nothing_behind(tmp_path):
    with subprocess.Popen([sys.executable, "-c", KILLED, tmp_path], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"put\n"
        process.send_signal(signal.SIGKILL)
    assert not list(tmp_path.iterdir())


def test_rows_of_zero_bits_no_rows_and_revisions_of_one_row(tracks, tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "HELD", 0)
    none = Spool(TRACK, tmp_path)
    none.put(tracks.slice(0, 0))
    assert pa.concat_tables(none).equals(tracks.slice(0, 0))
    place = tracks.schema.get_field_index("row_id")
    for bits in (bytes(16), b"\xff" * 16):
        ids = pa.array([bits] * tracks.num_rows, pa.binary(16))
        alike = tracks.set_column(place, tracks.schema.field(place), ids)
        made = spooled(alike, tmp_path)
        made.put(tracks.slice(0, 0))
        assert pa.concat_tables(made).equals(alike)  # ties keep the order in which they were put in
        assert sorted(rows.num_rows for rows in made)[-2:] == [0, alike.num_rows]


def test_rows_that_would_be_lost_are_refused(tracks, tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "HELD", 0)
    made = spooled(tracks, tmp_path)
    assert sum(rows.num_rows for rows in made) == tracks.num_rows
    with pytest.raises(ValueError, match="being read"):
        made.put(tracks.slice(0, 1))
