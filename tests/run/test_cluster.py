"""A real Spark standalone cluster: two workers that see nothing of the floor, kills, and a client elsewhere.

`./dev thorough` runs it, where there is a Java; `./dev spark` brings the rest.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.run import cluster as programs
from tests.run.test_spark import refused

from watchfloor.desks.registry import desks
from watchfloor.feeds.references import references
from watchfloor.policy.policy import Reader
from watchfloor.run import Connect
from watchfloor.run.floor import run_desks
from watchfloor.run.spark import connect
from watchfloor.store import Actor, Floor

pytestmark = [pytest.mark.thorough, pytest.mark.group("cluster"), pytest.mark.timeout(1800)]

ACTOR, READER = Actor("anna", "exercise", "an Act"), Reader("anna", purpose="exercise")
WATCHFLOOR = [sys.executable, "-m", "watchfloor"]
SCALE = os.environ.get("WATCHFLOOR_CLUSTER_SCALE", "2")
"""Of the exercise that is run; 10 took four minutes on two busy cores, 100 without sensors ten."""


def command(*words, where):
    """Run the command as a person does, in a folder that has nothing of the cluster's."""
    return subprocess.run(
        [*WATCHFLOOR, *map(str, words)], cwd=where, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def exercise(tmp_path_factory):
    """A floor that has taken an exercise in and run its desks here."""
    client = tmp_path_factory.mktemp("client")
    steps = (
        ("admin", "exercise", "make", "ex", "--seed", 1, "--scale", SCALE, "--no-sensors"),
        ("init", "--floor", "floor", "--exercise", "--feeds", "ex/feeds.toml"),
        ("ingest", "ex/lists/exercise-list.csv", "ex/feeds", "--floor", "floor"),
        ("run", "--floor", "floor"),
    )
    for step in steps:
        done = command(*step, where=client)
        assert done.returncode in (0, 4), done.stderr
    return client


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A shared location."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, exercise):
    """A master, two workers who see nothing of the client's folder, and a Connect server."""
    if said := programs.missing():
        pytest.skip(said)
    with programs.cluster(tmp_path_factory.mktemp("cluster"), hidden=exercise) as made:
        yield made


@pytest.fixture
def floor(exercise, tmp_path):
    """A copy of the floor, so that a test may write."""
    return Floor.open(shutil.copytree(exercise / "floor", tmp_path / "floor"))


def digests(floor):
    return {(one.desk, one.view): one.digest for one in floor.runs()}


def run_all(floor, runner):
    with floor.writer(ACTOR) as writer:
        return list(
            run_desks(floor, writer, desks().values(), references(floor), [READER], runner=runner, fresh=True)
        )


@contextmanager
def on(cluster, shared, act=None, **options):
    """A client of the cluster; `act` is called once when the first tasks are at work."""
    begun = threading.Event()

    def say(reason):
        if act and reason.message == connect.FOLDING.id and not begun.is_set():
            begun.set()
            act()

    with Connect(cluster.url, f"file://{shared}", parts=4, few=0, say=say, **options) as runner:
        yield runner
    assert act is None or begun.is_set()


def revive(cluster):
    """Start again what a test has killed."""
    for number in range(2):
        if f"worker{number}" not in cluster.programs:
            cluster.start_worker(number)
    if "server" not in cluster.programs:
        cluster.start_server()


def test_every_desk_is_as_inline_and_bulk_is_cut(cluster, shared, floor):
    wanted = digests(floor)
    with on(cluster, shared) as runner:
        run_all(floor, runner)
        tasks = [(task.desk, task.process) for task in runner.tasks]
    assert digests(floor) == wanted
    for name, desk in desks().items():
        mine = [process for one, process in tasks if one == name]
        if desk.cut is not None and mine:
            assert len(mine) > 1, name
    assert len({process for _, process in tasks}) == 2


def test_a_client_elsewhere_with_nothing_but_the_location_in_common(cluster, shared, exercise):
    before = digests(Floor.open(exercise / "floor"))
    (line,) = (
        line for line in programs.PAGE.read_text("utf-8").splitlines() if " run --floor floor --on" in line
    )
    line = line.replace("sc://MASTER:15002", cluster.url).replace("file:///mnt/shared", f"file://{shared}")
    done = command(*line.split()[1:], "--fresh", where=exercise)
    assert done.returncode in (0, 4), done.stderr
    assert digests(Floor.open(exercise / "floor")) == before
    place = ("--on", cluster.url, "--shared", f"file://{shared}")
    again = command("floor", "replay", "--floor", "floor", *place, where=exercise)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("what", ["executor", "worker"])
def test_a_killed_executor_or_worker_changes_nothing(cluster, shared, floor, what):
    wanted = digests(floor)

    def kill():
        if what == "worker":
            cluster.kill("worker0")
        with suppress(ProcessLookupError):
            os.kill(cluster.executors()[0], signal.SIGKILL)

    try:
        with on(cluster, shared, kill) as runner:
            run_all(floor, runner)
    finally:
        revive(cluster)
    assert digests(floor) == wanted


def test_a_server_that_dies_is_one_sentence_and_leaves_nothing_half(cluster, shared, floor):
    before, position = digests(floor), floor.position
    try:
        with on(cluster, shared, lambda: cluster.kill("server")) as runner:
            refused("gone", lambda: run_all(floor, runner))
        assert (digests(floor), floor.position) == (before, position)
        assert not list(floor.verify())
    finally:
        revive(cluster)
    with on(cluster, shared) as runner:
        run_all(floor, runner)
    assert digests(floor) == before


def test_workers_that_die_for_good_are_one_sentence(cluster, shared, floor, monkeypatch):
    monkeypatch.setattr(connect, "IDLE", 15)

    def kill():
        cluster.kill("worker0")
        cluster.kill("worker1")
        for pid in cluster.executors():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    before = digests(floor)
    try:
        with on(cluster, shared, kill) as runner:
            refused("gone", lambda: run_all(floor, runner))
    finally:
        revive(cluster)
    assert digests(floor) == before


def test_a_killed_client_leaves_a_whole_floor_and_nothing_to_read(cluster, shared, exercise, floor):
    before = digests(floor)
    code = (
        "import os, sys\n"
        "from tests.run import test_cluster as t\n"
        "from watchfloor.run import Connect\n"
        "from watchfloor.store import Floor\n"
        "def say(reason):\n"
        "    if reason.message == 'cluster.folding': os.kill(os.getpid(), 9)\n"
        f"with Connect({cluster.url!r}, 'file://{shared}', parts=4, few=0, say=say) as on:\n"
        f"    t.run_all(Floor.open({str(floor.root)!r}), on)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert digests(floor) == before
    assert not list(floor.verify())
    left = [place for place in shared.glob("*/runs/*/*") if place.is_file()]
    assert left, "the client was killed before it put anything there"
    assert not any(b"PAR1" in place.read_bytes()[:16] for place in left)
    with on(cluster, shared) as runner:
        run_all(floor, runner)
    assert digests(floor) == before


def test_two_runs_at_once(cluster, shared, exercise, floor):
    """One of a floor is told who is at work; of two floors each has its own."""
    place = ("--on", cluster.url, "--shared", f"file://{shared}")
    with floor.writer(ACTOR):
        busy = command("run", "--floor", floor.root, *place, where=exercise)
    assert busy.returncode != 0
    assert len(busy.stderr.strip().splitlines()) <= 3, busy.stderr
    wanted = digests(floor)
    other = subprocess.Popen([*WATCHFLOOR, "floor", "replay", "--floor", "floor", *place], cwd=exercise)
    with on(cluster, shared) as runner:
        run_all(floor, runner)
    assert other.wait() == 0
    assert digests(floor) == wanted


def while_it_runs(cluster, shared, floor, where, act):
    """`watchfloor run` on the cluster, with an act once its first tasks are at work; gives what it said."""
    words = [*WATCHFLOOR, "run", "--floor", str(floor.root), "--on", cluster.url, "--fresh"]
    words += ["--shared", f"file://{shared}"]
    with subprocess.Popen(words, cwd=where, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        while not list(shared.glob("*/runs/*/*")) and running.poll() is None:
            time.sleep(0.01)
        act()
        said = running.stderr.read().decode()
    return running.returncode, said


def sentence(what, code, said):
    """Print what a person saw; it is a sentence or three, and no traceback."""
    lines = [line for line in said.strip().splitlines() if line.strip()]
    print(f"\n| {what} | {code} | {' '.join(lines)} |")
    assert code not in (0, 4), said
    assert "Traceback" not in said
    assert len(lines) <= 6, said


def test_the_command_says_what_is_wrong_in_a_sentence(cluster, exercise, floor, tmp_path):
    """A policy that changes, a location that goes away, workers that are not there: nothing half is kept."""
    before, shared = digests(floor), tmp_path / "shared"
    shared.mkdir()

    def change_policy():
        (floor.root / "policy.toml").write_text('[users.anna]\nclearance = "PB"\n', "utf-8")

    sentence("the policy changes", *while_it_runs(cluster, shared, floor, exercise, change_policy))
    (floor.root / "policy.toml").unlink()
    assert digests(floor) == before

    def lose():
        for place in [*shared.glob("*/segments/*"), *shared.glob("*/runs/*/*")]:
            with suppress(OSError):
                place.unlink()

    sentence("segments are missing", *while_it_runs(cluster, shared, floor, exercise, lose))
    assert digests(floor) == before
    place = ("--on", cluster.url, "--shared", f"file://{shared}")
    absent = command("run", "--floor", floor.root, *place[:3], f"file://{tmp_path}/none", where=exercise)
    sentence("the location is absent", absent.returncode, absent.stderr)
    with floor.writer(ACTOR):
        busy = command("run", "--floor", floor.root, *place, where=exercise)
    sentence("two runs of one floor", busy.returncode, busy.stderr)
    try:
        done = while_it_runs(cluster, shared, floor, exercise, lambda: cluster.kill("server"))
        sentence("the cluster dies for good", *done)
        gone = command("run", "--floor", floor.root, *place, where=exercise)
        sentence("and is not there at all", gone.returncode, gone.stderr)
    finally:
        revive(cluster)
    assert digests(floor) == before
    assert not list(floor.verify())


CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(id, at);
    if (!failed && id == CLOCK_REALTIME) at->tv_sec += atol(getenv("CLOCK_AHEAD"));
    return failed;
}
"""


@pytest.mark.parametrize("days", [-2, 400])
def test_a_driver_whose_clock_is_off_says_what_it_says_inline(cluster, shared, exercise, tmp_path, days):
    """What has expired is decided by the client's clock, so no worker's answer depends on its own."""
    if not shutil.which("cc"):
        pytest.skip("no C compiler on this machine")
    (tmp_path / "clock.c").write_text(CLOCK, "utf-8")
    words = ["cc", "-shared", "-fPIC", "-o", str(tmp_path / "clock.so"), str(tmp_path / "clock.c"), "-ldl"]
    subprocess.run(words, check=True)
    off = os.environ | {"LD_PRELOAD": str(tmp_path / "clock.so"), "CLOCK_AHEAD": str(86400 * days)}
    found = []
    for place in ((), ("--on", cluster.url, "--shared", f"file://{shared}")):
        root = shutil.copytree(exercise / "floor", tmp_path / f"floor{len(found)}")
        words = [*WATCHFLOOR, "run", "--floor", str(root), "--fresh", *place]
        done = subprocess.run(words, cwd=exercise, capture_output=True, text=True, check=False, env=off)
        assert done.returncode in (0, 4), done.stderr
        found.append((digests(Floor.open(root)), done.stdout))
    print(f"\n| a clock {days:+} days off | {found[1][1].strip().splitlines()[-1]} |")
    assert found[0][0] == found[1][0]


def test_workers_of_another_version_refuse(tmp_path, shared, floor):
    if said := programs.missing():
        pytest.skip(said)
    source = Path(__file__).parents[2] / "src" / "watchfloor"
    changed = shutil.copytree(
        source, tmp_path / "src" / "watchfloor", ignore=shutil.ignore_patterns("__pycache__")
    )
    (changed / "desks" / "base.py").write_text(
        (source / "desks" / "base.py").read_text("utf-8") + "\n", "utf-8"
    )
    environment = {"PYTHONPATH": str(tmp_path / "src")}
    with programs.cluster(tmp_path / "cluster", workers=1, environment=environment) as made:
        before = digests(floor)
        with on(made, shared) as runner:
            print(f"\n| another version | {refused('other-package', lambda: run_all(floor, runner))} |")
        assert digests(floor) == before


@pytest.mark.parametrize(("options", "message"), [("size=1m", "share-full"), ("ro", "share-read-only")])
def test_a_location_that_is_full_or_read_only(cluster, exercise, tmp_path, options, message):
    mount = tmp_path / "mounted"
    mount.mkdir()
    fill = f"head -c 1M /dev/zero > {mount}/all 2>/dev/null; true" if message == "share-full" else "true"
    words = " ".join(
        [*WATCHFLOOR, "run", "--floor", "floor", "--on", cluster.url, "--shared", f"file://{mount}"]
    )
    inside = f"mount -t tmpfs -o {options} none {mount} && {fill} && exec {words}"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", inside], cwd=exercise, capture_output=True, text=True, check=False
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this machine allows no mount namespaces: {done.stderr.strip()}")
    assert done.returncode != 0
    assert f"file://{mount}" in done.stderr
    assert {"share-full": "is full", "share-read-only": "cannot be written to"}[message] in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3, done.stderr
    print(f"\n| {message} | {done.returncode} | {' '.join(done.stderr.split())} |")
