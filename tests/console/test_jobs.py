"""Jobs: one after the other in a process of their own, that may die, be told to stop, and be replaced."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.console.errands import add, die, hold
from tests.console.served import AUTHORITY, PURPOSE
from tests.feeds.bombs import nested_forms

from watchfloor.console.jobs import deliveries, work
from watchfloor.console.jobs.jobs import DIED, ENDED, SHUT, Jobs, Stopped
from watchfloor.store.errors import FloorBusy
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

POLICY = """
[readers.okafor]
protected = "PB"
[readers.lee]
protected = "PB"
role = "analyst"
[readers.silva]
protected = "PB"
role = "supervisor"
"""


def fail(say):
    raise ValueError("it is broken")


def go_on(say):
    while True:
        say("going on", 1)
        time.sleep(0.01)


@pytest.fixture
def threaded():
    with ThreadPoolExecutor(1) as executor:
        jobs = Jobs(executor)
        yield jobs
        jobs.close()


def running(jobs, job):
    until = time.monotonic() + 10
    while jobs.get(job.id).text != "going on" and time.monotonic() < until:
        time.sleep(0.01)
    return jobs.get(job.id).text == "going on"


def test_a_process_that_dies_is_told_and_what_waits_is_done_by_another():
    jobs = Jobs()
    try:
        dead, died = jobs.start("ingest", "a", "okafor", "PB", die)
        _, sum_ = jobs.start("ingest", "b", "okafor", "PB", add, 1, 2)
        with pytest.raises(RuntimeError):
            died.result(600)
        assert sum_.result(600) == 3
        assert (jobs.get(dead.id).state, jobs.get(dead.id).text) == ("failed", DIED)
    finally:
        jobs.close()


def test_a_job_that_fails_tells_why_and_the_next_goes_on(threaded):
    job, failed = threaded.start("ingest", "a", "okafor", "", fail)
    other, sum_ = threaded.start("ingest", "b", "okafor", "", add, 1, 2)
    assert sum_.result(10) == 3
    assert isinstance(failed.exception(), ValueError)
    assert (threaded.get(job.id).state, threaded.get(job.id).text) == ("failed", "it is broken")
    assert threaded.get(other.id).result == 3
    assert [one.id for one in threaded.all()] == [other.id, job.id]


def test_a_job_can_be_stopped_while_it_runs_and_while_it_waits(threaded):
    first, running_ = threaded.start("ingest", "a", "okafor", "", go_on)
    second, waiting = threaded.start("ingest", "b", "okafor", "", go_on)
    assert running(threaded, first)
    threaded.stop(second.id)
    threaded.stop(first.id)
    for job, future in ((first, running_), (second, waiting)):
        assert isinstance(future.exception(10), Stopped)
        assert (threaded.get(job.id).state, threaded.get(job.id).text) == ("stopped", ENDED)
    _, sum_ = threaded.start("ingest", "c", "okafor", "", add, 1, 2)
    assert sum_.result(10) == 3


def test_a_console_that_stops_tells_the_job_that_runs():
    with ThreadPoolExecutor(1) as executor:
        jobs = Jobs(executor)
        job, _ = jobs.start("ingest", "a", "okafor", "", go_on)
        other, _ = jobs.start("ingest", "b", "okafor", "", go_on)
        assert running(jobs, job)
        jobs.close()
        assert [(jobs.get(one.id).state, jobs.get(one.id).text) for one in (job, other)] == [
            ("stopped", SHUT)
        ] * 2


def test_ids_do_not_count(threaded):
    ids = [threaded.start("x", "x", "okafor", "", add, 1, 1)[0].id for _ in range(5)]
    assert len(set(ids)) == 5
    assert all(len(one) == 12 for one in ids)


def test_rows_of_a_job_are_for_who_started_it_and_for_who_keeps_the_floor(own, client):
    (own.floor.root / "policy.toml").write_text(POLICY, "utf-8")
    jobs = own.services.jobs
    one, _ = jobs.start("retry", "x.zip", "okafor", "PA//TLP:GREEN", go_on)
    file, _ = jobs.start("ingest", "informant.csv", "okafor", "PA//TLP:GREEN", go_on)
    try:
        assert running(jobs, one)
        told = {name: client(own, own.token(name)) for name in ("okafor", "lee", "silva")}
        for name, seen in (("okafor", ("going on", 1)), ("silva", ("going on", 1)), ("lee", ("", 0))):
            *files, line = told[name].get("/api/v1/jobs").json()["jobs"]
            assert len(files) == (name == "okafor"), "what a file will bring is not known before it is read"
            page = told[name].get(f"/api/v1/jobs/{one.id}").json()["job"]
            assert (line["text"], line["rows"]) == (page["text"], page["rows"]) == seen, name
    finally:
        jobs.stop(file.id)
        jobs.stop(one.id)


def test_a_job_that_waits_for_another_writer_ends_when_it_is_told(threaded, tmp_path):
    okafor = Actor("okafor", PURPOSE, AUTHORITY)
    floor = Floor.create(tmp_path / "floor", okafor)
    with floor.writer(okafor):
        one, coming = threaded.start("rerun", "x", "okafor", "", work.waited, floor, okafor, 600.0)
        while threaded.get(one.id).state == "waiting":
            time.sleep(0.01)
        threaded.stop(one.id)
        with pytest.raises(Stopped):
            coming.result(20)
    _, coming = threaded.start("rerun", "x", "okafor", "", work.waited, floor, okafor, 600.0)
    with coming.result(20) as writer:
        assert writer.moment()


def test_a_job_that_says_nothing_is_ended_after_a_grace_and_the_floor_is_free(tmp_path, monkeypatch):
    monkeypatch.setattr("watchfloor.console.jobs.jobs.GRACE", 0.1)
    okafor = Actor("okafor", PURPOSE, AUTHORITY)
    floor = Floor.create(tmp_path / "floor", okafor)
    jobs, begun = Jobs(), tmp_path / "begun"
    try:
        one, held = jobs.start("ingest", "a", "okafor", "", hold, str(floor.root), okafor, str(begun))
        _, sum_ = jobs.start("ingest", "b", "okafor", "", add, 1, 2)
        while not begun.exists():
            time.sleep(0.01)
        with pytest.raises(FloorBusy):
            floor.writer(okafor)
        jobs.stop(one.id)
        with pytest.raises(Stopped):
            held.result(600)
        assert (jobs.get(one.id).state, jobs.get(one.id).text) == ("stopped", ENDED)
        assert sum_.result(600) == 3
        with floor.writer(okafor) as writer:
            assert writer.moment()
    finally:
        jobs.close()


def test_a_job_whose_file_keeps_its_reader_busy_stops_at_once(tmp_path):
    okafor = Actor("okafor", PURPOSE, AUTHORITY)
    floor = Floor.create(tmp_path / "floor", okafor)
    path = tmp_path / "b.pdf"
    path.write_bytes(nested_forms(9, last=b"") + b"%" + b" " * (8 << 20))  # so large that it may take minutes
    jobs = Jobs()
    try:
        told = str(floor.root), str(path), "b.pdf", deliveries.FileStatement(), okafor
        one, coming = jobs.start("ingest", "b.pdf", "okafor", "", deliveries.ingest, *told)
        while jobs.get(one.id).text != "b.pdf":
            time.sleep(0.01)
        jobs.stop(one.id)
        with pytest.raises(Stopped):
            coming.result(600)
        assert jobs.get(one.id).state == "stopped"
        with floor.writer(okafor):
            assert not floor.deliveries()
    finally:
        jobs.close()
