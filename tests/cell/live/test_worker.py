"""The live floor as processes: killed in the middle, nothing that was committed is lost or comes twice."""

import socket
import time
from datetime import UTC, datetime

import pytest
from tests.feeds.live.floors import ACTOR, detections, floor_of, line, port
from tests.feeds.live.toys import TOY

from watchfloor.casework.live_worker import Orders, Worker
from watchfloor.feeds.live import status
from watchfloor.feeds.live.ingestion import Rolls
from watchfloor.run import published
from watchfloor.store import FloorBusy


def until(true, seconds=180.0):
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)
    return found


def told(floor, kind="track"):
    """What the keeper's view says now, by subject."""
    rows = published.read(floor.root, floor.reader("keeper", "watch"), kind, datetime.now(UTC))
    return {row["subjects"][0]: row for row in rows.to_pylist()} if rows is not None else {}


def reports(floor):
    return sum(row["reports"] for row in told(floor).values())


def started(orders, since):
    """A worker that listens and folds."""
    worker = Worker(orders)
    until(lambda: _stands(orders.root, since))
    return worker


def _stands(root, since):
    standing = status.read(root)
    new = standing.sources is not None and standing.folding is not None and standing.sources.started > since
    return new and standing.folding.at > since and standing.sources.sources[0].state == "listening"


def test_a_killed_floor_goes_on_where_it_was(tmp_path):
    number = port(socket.SOCK_DGRAM)
    floor = floor_of(tmp_path / "floor", towers=f"udp://127.0.0.1:{number}")
    orders = Orders(floor.root, ACTOR, Rolls(seconds=1), {"toy": TOY})
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(("127.0.0.1", number))
    worker = started(orders, 0)
    try:
        with pytest.raises(FloorBusy):
            Worker(orders)
        for at in range(20):
            sender.send(line(at, f"t{at % 4}", 65.0 if at == 11 else 45.0))
        until(lambda: reports(floor) == 20)
        before = {subject: row["track"] for subject, row in told(floor).items()}
        (alert,) = until(lambda: told(floor, "signal")).values()
        since = time.time()
        worker.kill()
        until(lambda: worker.look() != "")
        until(lambda: _stands(floor.root, since))
        for at in range(20, 30):
            sender.send(line(at, f"t{at % 5}"))
        until(lambda: reports(floor) == 30)
        after = {subject: row["track"] for subject, row in told(floor).items()}
        assert after == before | {"track:toy:t4": 5}
        assert told(floor, "signal").keys() == {"track:toy:t3"}
    finally:
        worker.stop()
        sender.close()
    assert dict(floor.accounting()) == {"towers": (30, 30, 0, 0, 0)}
    kept = detections(floor)
    assert len(set(kept["record_id"].to_pylist())) == kept.num_rows == 30
    assert alert["evidence"][0] in kept["record_id"].to_pylist()
