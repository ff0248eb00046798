import errno
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.feeds.live import log, status
from watchfloor.feeds.live.ingestion import before
from watchfloor.feeds.live.log import Log, Position, Reading, Source
from watchfloor.formats.sensors.frames import MESSAGES, Messages, pack_messages
from watchfloor.store import StoreFull

HEADS = [Source("towers", "detection-csv"), Source("boats", "detection-csv")]


def frame(number, source=1, cursor=b""):
    return pack_messages(source, 0, Messages([b"message %d" % number], [number], cursor=cursor))


def written(root, *commits):
    made = Log(root)
    made.start(HEADS, 0)
    for at, frames in enumerate(commits, 1):
        made.commit(list(frames), 1000 + at)
    return made


def stamps(root):
    return [frames[-1].stamp for frames in Reading(root, Position(0, 0)).upto(Position(1 << 40, 1 << 60))]


def test_a_reader_gets_each_commit_once_up_to_what_is_durable(tmp_path):
    made = written(tmp_path, [frame(1)], [frame(2)])
    reading = Reading(tmp_path, Position(0, 0))
    middle = made.end
    made.commit([frame(3)], 1003)
    assert [len(one) for one in reading.upto(middle)] == [2, 2]
    assert reading.position == middle
    made.start(HEADS, 1003)
    made.commit([frame(4)], 1004)
    assert [one[-1].stamp for one in reading.upto(made.end)] == [1003, 1004]
    assert reading.position == made.end
    assert list(reading.upto(made.end)) == []


def test_a_reader_goes_on_though_segments_are_closed_rolled_and_gone(tmp_path):
    made = written(tmp_path, [frame(1)])
    made.start(HEADS, 1001)
    made.commit([frame(2)], 1002)
    made.close()
    first, second = log.segments(tmp_path)
    assert log.rolled(first).rolled
    assert stamps(tmp_path) == [1001, 1002]
    assert log.clean(tmp_path, before=second.number) == 1
    assert log.clean(tmp_path, before=99) == 0
    assert stamps(tmp_path) == [1002]


def test_whatever_byte_the_power_goes_at_the_commits_before_are_whole(tmp_path):
    made = written(tmp_path, [frame(1), frame(2, 2)])
    whole = made.end.offset
    made.commit([frame(3)], 1002)
    (segment,) = log.segments(tmp_path)
    data = segment.path.read_bytes()
    for cut in (*range(0, whole, 37), *range(whole, len(data), 5)):
        folder = tmp_path / str(cut)
        (folder / log.FOLDER).mkdir(parents=True)
        (folder / log.FOLDER / segment.path.name).write_bytes(data[:cut])
        again = Log(folder)
        again.start(HEADS, 0)
        again.commit([frame(9)], 1009)
        assert stamps(folder) == ([1001] if cut >= whole else []) + [1009]


def test_what_was_told_before_a_crash_is_known_after_it(tmp_path):
    made = written(tmp_path, [frame(1, cursor=b"one")], [frame(2, 2, b"two"), frame(3)])
    known = before(tmp_path)
    assert known.stamp == 1002
    assert known.cursors == {"towers": b"one", "boats": b"two"}
    assert known.messages == {"towers": [b"message 1", b"message 3"], "boats": [b"message 2"]}
    made.start([log.starting("towers", "detection-csv", {4: b"s"}, b"later"), HEADS[1]], 1002)
    assert before(tmp_path).cursors == {"towers": b"later", "boats": b"two"}


def test_a_commit_that_a_full_disk_refused_is_not_there_and_the_next_is(disk):
    made = written(disk, [frame(1)])
    end = made.end
    with pytest.raises(StoreFull, match="no room left"):
        made.commit([pack_messages(1, 0, Messages([os.urandom(1 << 25)], [2]))], 1002)
    assert made.end == end
    made.commit([frame(3)], 1003)
    assert stamps(disk) == [1001, 1003]


@settings(max_examples=draws(30), deadline=None)
@given(st.binary(max_size=200))
def test_a_segment_of_anything_at_all_is_read_to_an_end(tmp_path_factory, junk):
    folder = tmp_path_factory.mktemp("log")
    made = written(folder, [frame(1)])
    made.close()
    (segment,) = log.segments(folder)
    segment.path.write_bytes(segment.path.read_bytes() + junk)
    commits = list(Reading(folder, Position(0, 0)).upto(Position(9, 0)))
    assert commits[0][0].what == MESSAGES
    assert len(commits) == 1


def test_a_full_disk_lets_the_status_grow_stale_and_ends_no_process(tmp_path, monkeypatch):
    (tmp_path / status.FOLDER).mkdir()
    status.write(tmp_path, status.Rolling(1, time.time(), 0, 1))

    def full(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        status.write(tmp_path, status.Rolling(1, time.time(), 0, 2))
    assert status.read(tmp_path).rolling.rolled == 1
    assert [one.name for one in (tmp_path / status.FOLDER).iterdir()] == ["rolling.json"]
