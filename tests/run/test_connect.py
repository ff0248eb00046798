"""The cluster's runner against a real server: failures, deadlines, desks that are sent along."""

import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from tests.desks import toys

from watchfloor.desks.base import DeskError
from watchfloor.run import Connect, run
from watchfloor.run.spark.connect import sent_along, within

INPUTS, REFS = toys.sample(0)


def fails(refs, state, rows, watermark):
    raise KeyError("amount")


def sleeps(refs, state, rows, watermark):
    time.sleep(3)
    return {}


@pytest.mark.sail
def test_a_failure_on_a_worker_names_the_desk(sail):
    with pytest.raises(DeskError, match=r"desk 'keyed'.*'amount'"):
        run(replace(toys.KEYED, step=fails), INPUTS, REFS, sail)


@pytest.mark.sail
def test_an_answer_has_a_deadline(sail, monkeypatch):
    monkeypatch.setattr(sail, "_deadline", 0.5)
    with pytest.raises(DeskError, match=r"desk unkeyed within 0\.50 seconds"):
        run(replace(toys.UNKEYED, step=sleeps), INPUTS, REFS, sail)


@pytest.mark.sail
def test_nobody_answers(sail):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DeskError, match=f"no answer from the cluster at sc://127.0.0.1:{port}"):
        Connect(f"sc://127.0.0.1:{port}", deadline=1)


@pytest.mark.sail
def test_a_desk_from_elsewhere_travels_by_value(sail, tmp_path):
    from pyspark import cloudpickle

    with sent_along(toys.KEYED):
        packed = cloudpickle.dumps(toys.KEYED)
    (tmp_path / "desk").write_bytes(packed)
    code = (
        "import pickle, pathlib; desk = pickle.loads(pathlib.Path('desk').read_bytes());"
        "print(desk.name, desk.begin({'limits': b'1 2'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["keyed", "{}"]


def test_work_within_its_time_gives_its_answer():
    assert within(5, lambda: 42) == 42


def test_work_that_fails_or_stands_still_says_so():
    with pytest.raises(KeyError, match="amount"):
        within(5, lambda: {}["amount"])
    with pytest.raises(TimeoutError):
        within(60, threading.Event().wait, idle=lambda: True)


@pytest.mark.sail
def test_a_process_without_a_main_file_ends_after_nobody_answered(sail):
    code = (
        "from watchfloor.run import Connect; from watchfloor.desks.base import DeskError\n"
        "try: Connect('sc://127.0.0.1:1', deadline=1)\n"
        "except DeskError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("no answer from the cluster at sc://127.0.0.1:1")
