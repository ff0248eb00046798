"""What operators are told of a console, and what nobody is told by it."""

import json
import multiprocessing
import re
import sys
import threading
import time

import httpx
import pytest
from tests.console.served import served

from watchfloor.console import operations
from watchfloor.console.jobs import children
from watchfloor.console.operations import Lines, Metrics, event, log_to
from watchfloor.console.settings import NAME
from watchfloor.feeds.live import status
from watchfloor.store.errors import FloorBusy
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

SAME = {"Sec-Fetch-Site": "same-origin"}
PATH = "/srv/floors/north is being written to by process 4711"


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", Actor("roy", "tests", "an Act"), name="cell", ceiling="PB")


@pytest.fixture
def log(tmp_path):
    """Events go to a file while a test runs; gives what reads them."""
    file = tmp_path / "operators.jsonl"
    with log_to(str(file)):
        yield lambda: [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def broken(floor, monkeypatch):
    """A console in which looking at the purposes fails as a test says."""
    said = []
    monkeypatch.setattr("watchfloor.console.access.entry.terms.load", lambda _: raised(said[0]))
    with served(floor) as console:
        yield console, said


def raised(error):
    raise error


def test_a_busy_floor_is_told_to_who_administers_it_and_to_others_by_an_incident(broken, log):
    console, said = broken
    said.append(FloorBusy(PATH))
    okafor, roy = console.token(purpose=""), None
    console.account("roy", administrator=True)
    roy = console.token("roy", purpose="")
    for token, all_ in ((okafor, False), (roy, True)):
        answer = httpx.get(f"{console.home}/api/v1/purpose", headers=bearer(token))
        told = answer.json()
        page = httpx.get(f"{console.home}/purpose", cookies={"watchfloor": token})
        assert (answer.status_code, page.status_code) == (503, 503)
        assert (PATH in told["detail"], PATH in page.text) == (all_, all_)
        assert told["incident"] in told["detail"]
        by_id = {one["incident"]: one for one in log() if one["event"] == "failure"}
        shown = re.search(r"incident ([0-9a-f]{8})", page.text)[1]
        for one in (by_id[told["incident"]], by_id[shown]):
            assert (one["kind"], one["detail"], one["error"]) == ("busy", PATH, ["FloorBusy"])


def test_a_mistake_of_ours_has_an_incident_and_its_values_stand_nowhere(broken, log, capfd):
    console, said = broken
    said.append(KeyError("person:parcels:SECRETSUBJECT"))
    token = console.token(purpose="")
    answer = httpx.get(f"{console.home}/api/v1/purpose", headers=bearer(token))
    page = httpx.get(f"{console.home}/purpose", cookies={"watchfloor": token})
    assert (answer.status_code, page.status_code) == (500, 500)
    ids = {answer.json()["incident"], re.search(r"incident ([0-9a-f]{8})", page.text)[1]}
    lines = [one for one in log() if one["event"] == "failure"]
    assert {one["incident"] for one in lines} == ids
    assert all(one["error"] == ["KeyError"] and "raised" in one["at"][-1] for one in lines)
    everything = json.dumps(log()) + answer.text + page.text + "".join(capfd.readouterr())
    assert "SECRETSUBJECT" not in everything


def test_each_answer_is_a_line_and_a_count_by_the_name_of_its_endpoint(floor, log):
    with served(floor) as console:
        console.account("roy", administrator=True)
        roy = bearer(console.token("roy"))
        httpx.get(f"{console.home}/subjects/person:parcels:SECRETSUBJECT", headers=roy)
        httpx.get(f"{console.home}/api/v1/session", headers=roy)
        httpx.get(f"{console.home}/SECRETSUBJECT")
        until = time.monotonic() + 30  # a line is written when the answer has gone
        while sum(one["event"] == "answer" for one in log()) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        lines = [(one["endpoint"], one["method"], one["status"]) for one in log() if one["event"] == "answer"]
        assert lines[1:] == [("session", "GET", 200), ("other", "GET", 404)]
        assert "SECRETSUBJECT" not in json.dumps(log())
        page = httpx.get(f"{console.home}/metrics", headers=roy)
        assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
        counted = dict(line.rsplit(" ", 1) for line in page.text.splitlines() if line[0] != "#")
        assert counted['watchfloor_answers_total{endpoint="session",method="GET",status="200"}'] == "1"
        assert float(counted["watchfloor_connections"]) >= 1
        assert float(counted["watchfloor_log_acts"]) == console.floor.position


def test_metrics_are_for_who_has_the_token_or_administers(floor, monkeypatch):
    (floor.root / NAME).write_text('[diagnostics]\nmetrics_env = "METRICS"\ntiming = true\n', "utf-8")
    monkeypatch.setenv("METRICS", "a-token")
    with served(floor) as console:
        address = f"{console.home}/metrics"
        okafor = console.token()
        for headers in ({}, bearer("b-token"), bearer(okafor)):
            assert httpx.get(address, headers=headers).status_code == 404
        answer = httpx.get(address, headers=bearer("a-token"))
        assert answer.status_code == 200
        assert "server-timing" in answer.headers, "as console.toml asks"


def test_metrics_say_how_many_live_sources_stand_how(floor, monkeypatch):
    (floor.root / NAME).write_text('[diagnostics]\nmetrics_env = "METRICS"\n', "utf-8")
    monkeypatch.setenv("METRICS", "a-token")
    (floor.root / status.FOLDER).mkdir()
    gone = status.Line("towers", "mqtt://b/t", "detection-csv", "waiting", "", *[0] * 6, 0.0, *[0] * 3, None)
    monkeypatch.setattr(status, "STALE", 1e9)
    status.write(floor.root, status.Sources(1, time.time(), 0.0, [gone], 0, 0))
    with served(floor) as console:
        said = httpx.get(f"{console.home}/metrics", headers=bearer("a-token")).text.splitlines()
    assert {'watchfloor_live_sources{state="waiting"} 1', "watchfloor_live_taking 1"} <= {*said}
    assert 'watchfloor_live_sources{state="connected"} 0' in said
    assert not [one for one in said if "towers" in one]


def test_health_is_told_to_anybody_and_nothing_more(floor, log, monkeypatch):
    with served(floor) as console:
        answer = httpx.get(f"{console.home}/healthz")
        assert (answer.status_code, answer.text) == (200, "ok\n")
        monkeypatch.setattr(console.services.file, "path", floor.root / "none" / "x")
        console.services.file._mine = threading.local()
        answer = httpx.get(f"{console.home}/healthz")
        assert (answer.status_code, answer.text) == (503, "not ok\n")
        assert [one["kind"] for one in log() if one["event"] == "failure"] == ["health"]


def test_the_histogram_of_seconds_is_cumulative():
    metrics = Metrics()
    for seconds in (0.01, 0.2, 0.2, 99.0):
        metrics.count("a", "GET", 200, seconds)
    counts = re.findall(r'_bucket\{le="([^"]+)"\} (\d+)', metrics.text())
    assert dict(counts) | {} == {
        "0.05": "1",
        "0.1": "1",
        "0.25": "3",
        "0.5": "3",
        "1.0": "3",
        "2.5": "3",
        "5.0": "3",
        "10.0": "3",
        "+Inf": "4",
    }


def test_a_file_of_events_is_private_and_may_be_moved_away(tmp_path):
    file = tmp_path / "log"
    with log_to(str(file)):
        event("one")
        file.rename(tmp_path / "log.1")
        event("two", number=2)
    assert [json.loads(line)["event"] for line in (tmp_path / "log.1").read_text().splitlines()] == ["one"]
    assert (tmp_path / "log.1").stat().st_mode & 0o777 == 0o600
    (line,) = file.read_text().splitlines()
    assert (json.loads(line)["event"], json.loads(line)["number"]) == ("two", 2)


def test_a_process_of_the_console_logs_where_the_console_does(tmp_path):
    where = tmp_path / "events.jsonl"
    with log_to(str(where)):
        child = multiprocessing.get_context("spawn").Process(target=_at_work)
        child.start()
        child.join()
    (said,) = map(json.loads, where.read_text("utf-8").splitlines())
    assert (said["event"], said["task"]) == ("task", "backup")


def _at_work():
    children.begin()
    event("task", task="backup")


def test_a_line_of_a_library_has_no_values():
    logger = operations.logging.getLogger("uvicorn.error")
    try:
        raise ValueError("SECRET")
    except ValueError:
        record = logger.makeRecord(
            "uvicorn.error", 40, "x.py", 1, "seen %s\n", ("SECRET",), exc_info=sys.exc_info()
        )
    line = Lines().format(record)
    assert "SECRET" not in line
    assert json.loads(line)["error"] == ["ValueError"]
