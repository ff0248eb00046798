"""Tests in several processes that were forked after one collection: `pytest -n 3`.

To collect takes some 20 s of processor time, as modules and their tests are many. Each of xdist's workers did
so; here one process does, and the others have it from memory. A worker takes the next group of tests when it
has run its last; what a test reported goes through a pipe to the first process, which tells of it as if it
had run the test. On systems that cannot fork (or, as macOS, should not), `-n` changes nothing.
"""

import os
import shutil
import signal
import sys
import traceback
import warnings
from collections import Counter
from multiprocessing.connection import Pipe, wait
from pathlib import Path

import pytest

try:
    import fcntl
except ImportError:  # Windows, where one process runs all tests
    fcntl = None

SECONDS = {
    "tests/desks/test_contract.py": 125,
    "commands": 85,
    "tests/console/test_noninterference.py": 38,
    "tests/console/test_map.py": 36,
    "tests/cli/test_noninterference.py": 26,
    "tests/console/test_acts.py": 25,
    "tests/console/test_api.py": 25,
    "tests/formats/test_contract.py": 24,
    "tests/console/test_coverage.py": 22,
    "tests/console/test_pages.py": 22,
    "tests/feeds/test_bombs.py": 18,
    "tests/console/test_watch.py": 13,
    "tests/console/test_graph.py": 13,
    "tests/console/test_alerts.py": 12,
    "tests/console/test_lead.py": 12,
    "tests/console/test_scorecard.py": 12,
    "tests/cli/test_demo_nodes.py": 12,
    "tests/cli/test_socket.py": 11,
    "tests/cli/test_towers.py": 11,
    "tests/console/test_guard.py": 11,
    "tests/desks/lab/identify/test_answer.py": 11,
}
"""Processor time that groups of tests took, for their order: those that take ten seconds and are not many."""
IN_BROWSER, OTHER = 2.5, 0.06
"""The same of one test elsewhere."""

COMPILES = "tests/desks/test_contract.py"
WITHOUT_DESKS = tuple(
    f"tests/{room}/" for room in ("core", "exchange", "feeds", "formats", "policy", "reference", "store")
)
"""On a new machine one worker compiles the kernels of all desks first. Another one does meanwhile what calls
few of them, or it would compile the same ones."""
NUMBER = 4
"""Bytes of a group's number."""
_common = None
"""The folder of all workers, where there are several."""


def pytest_addoption(parser):
    many = "run tests in N processes, those of one group or file in one of them"
    parser.getgroup("workers")._addoption("-n", "--workers", type=int, default=1, metavar="N", help=many)


def _several(config):
    """Whether tests run in more processes than this one."""
    alone = config.option.collectonly or config.option.usepdb or sys.platform != "linux"
    return config.option.workers > 1 and not alone


def _group(item):
    """Whose tests one worker runs: those of a group, of a server, of a pool, of a file."""
    shared = {"sail", "pool"}.intersection(_fixtures(item))
    marked = {mark.args[0] for mark in item.iter_markers("group")}
    return "_".join(sorted(shared | marked)) or item.nodeid.partition("::")[0]


def _fixtures(item):
    return getattr(item, "fixturenames", ())


def _groups(items):
    """Put tests together by groups, the longest first: what is left for the end is short."""
    groups, weight = {}, Counter()
    for item in items:
        group = _group(item)
        groups.setdefault(group, []).append(item)
        weight[group] += IN_BROWSER if "chromium" in _fixtures(item) else OTHER
    for group in weight.keys() & SECONDS.keys():
        weight[group] = SECONDS[group]
    return [groups[group] for group in sorted(groups, key=lambda group: _place(group, weight))]


def _place(group, weight):
    """Where a group stands in the order."""
    few = group.startswith(WITHOUT_DESKS) and group != "tests/store/test_leaks.py"  # which lives a whole day
    return group != COMPILES, not few, -weight[group], group


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Return a copy of a folder that the first worker who asks makes; the others wait for it.

    Every worker looks into a copy of its own: databases that are read make files beside themselves.
    """

    def made(name, make):
        place = (_common or tmp_path_factory.getbasetemp()) / "once" / name
        place.parent.mkdir(exist_ok=True)
        with place.with_suffix(".lock").open("w") as lock:
            if fcntl:
                fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                if not place.with_suffix(".whole").exists():
                    shutil.rmtree(place, ignore_errors=True)  # of a worker that failed
                    place.mkdir()
                    make(place)
                    place.with_suffix(".whole").touch()
            finally:
                if fcntl:  # a process that was forked meanwhile would keep it
                    fcntl.flock(lock, fcntl.LOCK_UN)
        return shutil.copytree(place, tmp_path_factory.mktemp("copy") / name)

    return made


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Run the tests in as many workers as were asked for."""
    global _common
    if session.testsfailed or not _several(session.config):
        return None
    _common = session.config._tmp_path_factory.getbasetemp()
    session.config.pluginmanager.getplugin("terminalreporter").showfspath = False  # tests of files alternate
    groups = _groups(session.items)
    following, told = os.pipe()
    os.write(told, b"".join(number.to_bytes(NUMBER) for number in range(len(groups))))
    os.close(told)
    capture = session.config.pluginmanager.getplugin("capturemanager")
    capture.stop_global_capturing()  # each has files of its own for what tests print
    workers = {}
    try:
        for number in range(session.config.option.workers):
            worker = Worker(session, groups, following, number)
            workers[worker.hears] = worker
        capture.start_global_capturing()
        capture.suspend_global_capture()
        while workers:
            for hears in wait(workers):
                if not workers[hears].listen():
                    workers.pop(hears).end()
            if session.shouldfail or session.shouldstop:
                while os.read(following, 1 << 16):  # nobody begins another group
                    pass
    finally:
        for worker in workers.values():
            os.kill(worker.process, signal.SIGTERM)
        os.close(following)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    return True


class Worker:
    """A process that runs tests, as the first process knows it."""

    def __init__(self, session, groups, following, number):
        self._session = session
        self._test = None
        self._whole = False
        temporary = session.config._tmp_path_factory.getbasetemp() / f"worker-{number}"
        self.hears, tells = Pipe(duplex=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of NumPy's threads, which rest
            self.process = os.fork()
        if self.process == 0:
            _live(session, groups, following, tells, temporary)
        tells.close()

    def listen(self):
        """Hand on one thing that the worker told, and return whether more may come."""
        try:
            name, how = self.hears.recv()
        except EOFError:
            return False
        hook = self._session.config.hook
        if name == "whole":
            self._whole = True
        elif name == "pytest_runtest_logreport":
            hook.pytest_runtest_logreport(
                report=hook.pytest_report_from_serializable(config=self._session.config, data=how)
            )
        elif name == "pytest_warning_recorded":
            said, file, line = (how.pop(part) for part in ("said", "file", "line"))
            warning = warnings.WarningMessage(UserWarning(said), UserWarning, file, line)
            hook.pytest_warning_recorded.call_historic(kwargs={"warning_message": warning, **how})
        else:
            self._test = how if name == "pytest_runtest_logstart" else None
            getattr(hook, name)(**how)
        return True

    def end(self):
        """Wait for the process, and tell of a test that fails because its process died."""
        self.hears.close()
        code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        if self._whole and code == 0:
            return
        why = f"the process that ran tests ended with {code}; those of its group that it left were not run"
        if self._test is None:
            raise RuntimeError(why)
        report = pytest.TestReport(self._test["nodeid"], self._test["location"], {}, "failed", why, "call")
        self._session.config.hook.pytest_runtest_logreport(report=report)


class Teller:
    """Tells the first process what a worker's tests report."""

    def __init__(self, config, tells):
        self._config = config
        self._tells = tells

    def pytest_runtest_logstart(self, nodeid, location):
        self._tells.send(("pytest_runtest_logstart", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logfinish(self, nodeid, location):
        self._tells.send(("pytest_runtest_logfinish", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logreport(self, report):
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._tells.send(("pytest_runtest_logreport", data))

    def pytest_warning_recorded(self, warning_message, when, nodeid, location):
        said = f"{warning_message.category.__name__}: {warning_message.message}"
        place = {"file": warning_message.filename, "line": warning_message.lineno, "location": location}
        self._tells.send(("pytest_warning_recorded", {"said": said, "when": when, "nodeid": nodeid, **place}))


def _live(session, groups, following, tells, temporary):
    """Run tests in a process that was just forked, and end it."""
    code = 1
    try:
        config = session.config
        config.pluginmanager.getplugin("capturemanager").start_global_capturing()
        config.pluginmanager.getplugin("capturemanager").suspend_global_capture()
        config.pluginmanager.getplugin("terminalreporter")._tw._file = Path(os.devnull).open("w")  # noqa: SIM115
        config.pluginmanager.register(Teller(config, tells))
        temporary.mkdir(mode=0o700)
        config._tmp_path_factory._basetemp = temporary
        _run(session, groups, following)
        tells.send(("whole", None))
        code = 0
    except KeyboardInterrupt:
        code = 2
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        sys.__stderr__.flush()
        os._exit(code)  # what the first process does at its end is not done here


def _run(session, groups, following):
    """Run one group after another, until none is left or a test says that no other should follow."""
    taken = iter(lambda: os.read(following, NUMBER), b"")
    items = (item for number in taken for item in groups[int.from_bytes(number)])
    item = next(items, None)
    try:
        while item and not session.shouldfail and not session.shouldstop:
            nextitem = next(items, None)
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
            item = nextitem
    finally:
        session._setupstate.teardown_exact(None)
