"""What `feeds live status` says of clocks that are wrong."""

import json
import time

import msgspec
import pyarrow as pa
import pytest
from tests.feeds.live.floors import floor_of
from typer.testing import CliRunner

from watchfloor.cli import app, command_log
from watchfloor.cli.feeds.live import log_counts
from watchfloor.desks.base import derive
from watchfloor.desks.surveillance.desk import REFUSED
from watchfloor.feeds.live import status
from watchfloor.run import published

NOW = pa.array([int(time.time() * 1e6)], pa.timestamp("us", "UTC"))


def source(**values):
    told = dict.fromkeys(("received", "accepted", "duplicate", "quarantined", "withheld", "lost"), 0)
    told |= {"rate": 0.0, "waiting": 0, "connections": 1, "refused": 0, "silent": 0.1}
    told |= {"name": "tower", "url": "udp://127.0.0.1:5000", "decode": "detection-csv", "state": "listening"}
    return status.Line(**told, detail="", **values)


def refusal(marking):
    return derive(
        REFUSED,
        row_id=[bytes(16)],
        at=NOW,
        until=NOW,
        sensor=["mast-7"],
        reason=["it is too late"],
        count=[10],
        marking=[marking],
    )


@pytest.mark.parametrize(
    ("clock", "marking", "code", "words"),
    [
        ("", None, 0, ()),
        ("5 rows are in quarantine", None, 1, ("tower", "5 rows")),
        ("", "PA", 1, ("mast-7", "10 reports")),
    ],
)
def test_wrong_clocks_are_told_and_the_exit_code_says_so(tmp_path, clock, marking, code, words):
    floor = floor_of(tmp_path / "floor", tower="udp://127.0.0.1:5000")
    (floor.root / status.FOLDER).mkdir()
    status.write(floor.root, status.Sources(1, time.time(), 0.0, [source(clock=clock)], 1, 0))
    if marking:
        published.index(floor.root, [marking], [""])
        said = published.Header(time.time(), 0, 1)
        published.write(floor.root, "", "surveillance.refused", refusal(marking), said)
    done = CliRunner().invoke(app, ["feeds", "live", "status", "--floor", str(floor.root)])
    assert done.exit_code == code
    assert all(word in done.stderr for word in words)


def test_the_operators_log_has_what_a_live_run_took_in(tmp_path):
    floor = floor_of(tmp_path / "floor", tower="udp://127.0.0.1:5000")
    (floor.root / status.FOLDER).mkdir()
    taken = [
        msgspec.structs.replace(source(clock=""), received=7, accepted=n, quarantined=7 - n) for n in (5, 4)
    ]
    status.write(floor.root, status.Sources(1, now := time.time(), 0.0, taken, 1, 0))
    command_log.start()
    command_log.name("feeds live run", floor.root)
    log_counts(floor.root, now + 1)  # of an earlier run
    log_counts(floor.root, now - 1)
    command_log.end(1)
    (ended,) = map(json.loads, (floor.root / command_log.NAME).read_text("utf-8").splitlines())
    assert {name: n for name, n in ended["counts"].items() if n} == {
        "received": 14,
        "accepted": 9,
        "quarantined": 5,
    }
