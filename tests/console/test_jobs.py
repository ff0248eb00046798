"""Jobs: one after the other in a process of their own, that may die, be told to stop, and be replaced."""

import io
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from tests.console.errands import add, begin_and_wait, die, hold, plus, take
from tests.console.served import AUTHORITY, PURPOSE
from tests.feeds.bombs import nested_forms

from watchfloor.console.jobs import deliveries, work
from watchfloor.console.jobs.job_file import JobFile, JobRow, forget
from watchfloor.console.jobs.jobs import DIED, ENDED, INTERRUPTED, SHUT, JobRecord, Jobs, Stopped
from watchfloor.console.jobs.uploads import Uploads
from watchfloor.store.errors import FloorBusy
from watchfloor.store.files import JOBS
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


WORKS = {"add": plus, "slow": begin_and_wait, "take": take}


class Restarted:
    """Consoles of one floor, one after the other, as `Services` makes them."""

    def __init__(self, root, repeats=()):
        self.root, self.repeats, self.number = root, frozenset(repeats), 0

    def open(self, executor, admits=lambda _: True, *, dead=True):
        self.number += 1
        name = f"c{self.number}"
        file = JobFile(self.root, name)
        self.uploads = Uploads(self.root, 1 << 20, file.files(), name)
        self.file = file
        jobs = Jobs(executor, JobRecord(file, self.root, self.uploads.folder, WORKS, self.repeats))
        jobs.resume([one for one in file.consoles() if one != name] if dead else [], admits)
        return jobs

    def close(self, jobs):
        jobs.close()
        self.uploads.close(self.file.files())
        self.file.close()

    def kill(self):
        """What a process leaves that is killed: its rows and files, and no lock."""
        self.uploads._lock.release()
        self.file.close()


@pytest.fixture
def consoles(tmp_path):
    return Restarted(tmp_path)


def ended(jobs, name):
    until = time.monotonic() + 20
    while jobs.get(name).ended is None and time.monotonic() < until:
        time.sleep(0.01)
    return jobs.get(name)


@pytest.mark.parametrize("how", ["close", "kill"])
def test_jobs_survive_their_console_and_none_is_done_twice(consoles, tmp_path, how):
    root, done = str(tmp_path), tmp_path / "done.txt"
    with ThreadPoolExecutor(1) as executor, ThreadPoolExecutor(1) as next_:
        first = consoles.open(executor)
        before, sum_ = first.start("add", "a", "okafor", "PA", plus, root, str(done), 1)
        assert sum_.result(20) == 1
        upload = consoles.uploads.keep(io.BytesIO(b"rows"), "x.csv").claim()
        runs, _ = first.start("slow", "b", "okafor", "", begin_and_wait, root, str(done))
        waits, _ = first.start("take", "x.csv", "lee", "", take, root, str(upload), str(done), upload=upload)
        other, _ = first.start("add", "c", "gone", "", plus, root, str(done), 5)
        assert running(first, runs)
        if how == "close":
            consoles.close(first)
        else:
            consoles.kill()
        second = consoles.open(next_, admits={"okafor", "lee"}.__contains__)
        assert (second.get(before.id).state, second.get(before.id).result) == ("done", 1)
        assert ended(second, waits.id).result == "rows", "what waited is done, with its file"
        assert not list(consoles.uploads.folder.glob("[!l]*")), "and the file is gone then"
        interrupted = second.get(runs.id)
        assert (interrupted.state, interrupted.text, interrupted.again) == ("interrupted", INTERRUPTED, True)
        assert second.get(other.id).state == "interrupted", "nobody acts for an account that may not sign in"
        (tmp_path / "go").write_text("", "utf-8")
        assert second.again(runs.id)
        assert not second.again(runs.id), "started twice it is done once"
        assert ended(second, runs.id).state == "done"
        assert done.read_text("utf-8").split() == ["add1", "slow", "take", "slow"]
        if how == "kill":
            first._stop.set()
            first._executor.shutdown(wait=True)
        consoles.close(second)


def test_what_may_be_repeated_begins_again_by_itself_and_not_for_ever(tmp_path):
    consoles = Restarted(tmp_path, repeats=["slow"])
    done = tmp_path / "done.txt"
    left = []
    with ThreadPoolExecutor(3) as executor:
        for n in range(3):
            jobs = consoles.open(executor)
            if n == 0:
                job, _ = jobs.start("slow", "b", "okafor", "", begin_and_wait, str(tmp_path), str(done))
            if n < 2:
                assert running(jobs, job)
            consoles.kill()
            left.append(jobs)
        assert jobs.get(job.id).state == "interrupted"
        for one in left:
            one._stop.set()
    assert done.read_text("utf-8").split() == ["slow", "slow"]


def test_an_erasure_forgets_what_is_over_and_its_file(consoles, tmp_path):
    with ThreadPoolExecutor(1) as executor, ThreadPoolExecutor(1) as next_:
        jobs = consoles.open(executor)
        upload = consoles.uploads.keep(io.BytesIO(b"Q. Testperson"), "x.csv").claim()
        told = str(tmp_path), str(upload), str(tmp_path / "no" / "such")
        slow, _ = jobs.start("slow", "Testperson.csv", "okafor", "", begin_and_wait, str(tmp_path), told[2])
        jobs.start("take", "Testperson.csv", "okafor", "", take, *told, upload=upload)
        assert ended(jobs, slow.id).state == "failed"
        consoles.close(jobs)
        assert b"Testperson" in (tmp_path / JOBS).read_bytes()
        again = consoles.open(next_, admits=lambda _: False)
        assert forget(tmp_path, 7)
        assert not forget(tmp_path, 7), "once an erasure"
        again.forget()
        assert again.all() == []
        assert b"Testperson" not in (tmp_path / JOBS).read_bytes()
        assert [one.name for one in consoles.uploads.folder.iterdir()] == ["lock"]
        consoles.close(again)


def test_a_person_starts_their_own_interrupted_job_again(own, client):
    jobs = own.services.jobs
    with own.services._job_file._writing() as database:
        told = msgspec.json.encode([Actor("okafor", PURPOSE, AUTHORITY)])
        rows = [
            JobRow("a" * 12, "rerun", "the desks", "okafor", "PB", "running", 1.0, args=told, starts=9),
            JobRow("b" * 12, "verify", "the floor", "okafor", "", "running", 2.0),
        ]
        for row in rows:
            database.execute(f"INSERT INTO jobs VALUES ({', '.join('?' * 14)})", row._replace(console="dead"))
    own.account("okafor")
    jobs.resume(["dead"], lambda _: True)
    okafor, lee = (client(own, own.token(name)) for name in ("okafor", "lee"))
    assert [one["id"] for one in lee.get("/api/v1/jobs").json()["jobs"]] == []
    lines = {one["id"][0]: one for one in okafor.get("/api/v1/jobs").json()["jobs"]}
    assert {name: (one["state"], one["again"]) for name, one in lines.items()} == {
        "a": ("interrupted", True),
        "b": ("interrupted", False),
    }
    assert lee.post(f"/api/v1/jobs/{'a' * 12}/again").status_code == 404
    assert okafor.post(f"/api/v1/jobs/{'b' * 12}/again").status_code == 422
    assert okafor.post(f"/api/v1/jobs/{'a' * 12}/again").status_code == 200
    assert ended(jobs, "a" * 12).state == "done"
    assert okafor.post(f"/api/v1/jobs/{'a' * 12}/again").status_code == 422
