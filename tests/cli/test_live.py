"""What `live status` says of clocks that are wrong."""

import time

import pyarrow as pa
import pytest
from tests.feeds.live.floors import floor_of
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.desks.base import derive
from watchfloor.desks.surveillance.refusals import REFUSED
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
        said = published.Said(time.time(), 0, 1)
        published.write(floor.root, "", "surveillance.refused", refusal(marking), said)
    done = CliRunner().invoke(app, ["live", "status", "--floor", str(floor.root)])
    assert done.exit_code == code
    assert all(word in done.stderr for word in words)
