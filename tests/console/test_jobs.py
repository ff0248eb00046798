"""Jobs: one after the other in a process of their own, that may die, be told to stop, and be replaced."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from watchfloor.console.jobs import DIED, ENDED, SHUT, Jobs, Stopped


def die(say):
    say("dying", 1)
    os._exit(9)


def add(one, other, say):
    say("adding", 2)
    return one + other


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
            died.result(60)
        assert sum_.result(60) == 3
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
