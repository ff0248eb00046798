"""One pool, one Spark Connect server, one PostgreSQL for the whole session: each takes seconds to start."""

import asyncio
import gc
import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path

import pytest
import typer.testing
from hypothesis import settings
from tests.thorough import THOROUGH, draws

from watchfloor.core.extras import MissingExtraError
from watchfloor.run import Pool
from watchfloor.run import sail as serve

MEMORY, ROOM = Path("/dev/shm"), 8 << 30
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
    os.environ["TMPDIR"] = str(MEMORY)  # a disk takes longer for small files than the tests
    tempfile.tempdir = None

if not THOROUGH:  # at its first level LLVM compiles the same arithmetic in four fifths of the time
    os.environ.setdefault("NUMBA_OPT", "1")

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

TOLD = pytest.StashKey()
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

# A busy machine is no defect: no deadline. A quick run is the same each time; a thorough one seeks on.
settings.register_profile("ci", deadline=None, max_examples=draws(100), derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=draws(100))
settings.load_profile("thorough" if THOROUGH else "ci")


def _group(item):
    """Whose tests go to one worker under `pytest -n`: those of a group, of a server, of a pool, of a file."""
    shared = {"sail", "pool"}.intersection(_fixtures(item))
    marked = {mark.args[0] for mark in item.iter_markers("xdist_group")}
    return "_".join(sorted(shared | marked)) or item.nodeid.partition("::")[0]


def _fixtures(item):
    return getattr(item, "fixturenames", ())


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    """Collect in one worker after another: what the first compiles to byte code the others load.

    On a new machine that was 40 s of processor time for each worker, and is 12 s for all but the first.
    """
    given = getattr(session.config, "workerinput", None)
    if fcntl is None or given is None:
        return (yield)
    gc.disable()  # until all is collected
    turn = os.open(given["groups"], os.O_RDONLY)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return (yield)
    finally:
        os.close(turn)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """The longest first: what is left for the end is short, and no worker waits long for another.

    Tests marked `thorough` are left to `./dev thorough`.
    """
    if not THOROUGH and (later := [item for item in items if item.get_closest_marker("thorough")]):
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]
    if hasattr(config, "workerinput"):
        groups = {item.nodeid: _group(item) for item in items}
        weight = Counter()
        for item in items:
            weight[groups[item.nodeid]] += IN_BROWSER if "chromium" in _fixtures(item) else OTHER
        for group in weight.keys() & SECONDS.keys():
            weight[group] = SECONDS[group]
        items.sort(key=lambda item: _place(groups[item.nodeid], weight))


def _place(group, weight):
    """Where a group stands in the order."""
    few = group.startswith(WITHOUT_DESKS) and group != "tests/store/test_leaks.py"  # which lives a whole day
    return group != COMPILES, not few, -weight[group], group


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session):
    """Tell the process that hands out tests which belong together; see `pytest_xdist_make_scheduler`.

    What was imported and collected lives as long as the process: the search for cycles leaves it out from
    here on, and looks less often. That was a sixth of the processor time of the tests of formats; and a sixth
    of that of collecting, during which nothing is looked for.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 50)
    if given := getattr(session.config, "workerinput", None):
        groups = {item.nodeid: _group(item) for item in session.items}
        Path(given["groups"], given["workerid"]).write_text(json.dumps(groups), "utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.workerinput["groups"] = _told(node.config)


def _told(config):
    """The folder where workers say which tests belong together."""
    if TOLD not in config.stash:
        place = config.stash[TOLD] = tempfile.mkdtemp(prefix="watchfloor-groups-")
        config.add_cleanup(lambda: shutil.rmtree(place, ignore_errors=True))
    return config.stash[TOLD]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Whole groups go to a worker, in the workers' order: what tests share is made, and loaded, once.

    xdist 3.8 would do so by adding the group to the id of a test, which since pytest 9.2 has no effect.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return self._groups[nodeid]

        @cached_property
        def _groups(self):
            told = [json.loads(path.read_text("utf-8")) for path in Path(_told(config)).iterdir()]
            return {nodeid: group for groups in told for nodeid, group in groups.items()}

    return ByGroup(config, log)


@contextmanager
def _skipped_without_lightgbm():
    """What fits a model is skipped where LightGBM does not load; to read, score and explain needs none."""
    try:
        yield
    except MissingExtraError as error:
        if error.name != "lightgbm" or "lightgbm" in os.environ.get("WATCHFLOOR_REQUIRE", "").split(","):
            raise
        pytest.skip(str(error))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup():
    with _skipped_without_lightgbm():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call():
    with _skipped_without_lightgbm():
        return (yield)


@pytest.fixture(autouse=True)
def own_loop(request):
    """No event loop runs while a test begins: the browser's driver leaves its own running between tests."""
    loop = asyncio._get_running_loop()
    if loop is None or "console" in request.path.parts:
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture(scope="session", autouse=True)
def stated(tmp_path_factory):
    """A purpose and an authority, as an officer's environment has them: floors made here are no exercises.

    Marks of logs are kept where the tests are, and not in the home of who runs them.

    The width of a terminal is taken away: the workers of `pytest -n` have one, and tables would break there.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        patch.setenv("WATCHFLOOR_PURPOSE", "tests")
        patch.setenv("WATCHFLOOR_AUTHORITY", "an Act, s. 1")
        patch.setenv("WATCHFLOOR_MARKS", str(tmp_path_factory.mktemp("marks")))
        yield


class Watched(sqlite3.Connection):
    """A connection that warns if nobody closes it, as Python does from 3.13 on: `with` alone does not."""

    open = False

    def __init__(self, *words, **how):
        super().__init__(*words, **how)
        self.open = True

    def close(self):
        super().close()
        self.open = False

    def __del__(self):
        if self.open:
            warnings.warn(f"unclosed database in {self!r}", ResourceWarning, source=self, stacklevel=1)


@pytest.fixture(scope="session", autouse=True)
def databases_are_closed():
    if sys.version_info >= (3, 13):
        yield
        return
    connect = sqlite3.connect

    @lru_cache
    def watched(kind):
        return type("Watched", (Watched, kind), {})

    def opened(*words, factory=sqlite3.Connection, **how):
        return connect(*words, factory=watched(factory), **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", opened)
        yield


@pytest.fixture(scope="session", autouse=True)
def built_once():
    """Typer makes all commands anew each time that a runner calls one: most of the time of a small one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", lru_cache(typer.testing._get_command))
        yield


@pytest.fixture(scope="session")
def pool():
    with Pool(2, deadline=120) as pool:
        yield pool


@pytest.fixture(scope="session")
def sail():
    missing = [name for name in ("pysail", "pyspark") if not importlib.util.find_spec(name)]
    if missing and "sail" not in os.environ.get("WATCHFLOOR_REQUIRE", "").split(","):
        pytest.skip(f"not installed: {', '.join(missing)} (the extra 'sail')")
    with serve(parts=3, deadline=60) as connect:
        yield connect


@pytest.fixture(scope="session")
def postgres():
    """Address of a database of a server that this session has for itself."""
    programs = _programs_of_postgres()
    if programs is None and "postgres" not in os.environ.get("WATCHFLOOR_REQUIRE", "").split(","):
        pytest.skip("PostgreSQL is not installed (initdb and pg_ctl; on Debian the package postgresql)")
    assert programs is not None, "WATCHFLOOR_REQUIRE names postgres, and PostgreSQL is not installed"
    home = Path(tempfile.mkdtemp(prefix="watchfloor-postgres-"))  # pytest's own folders are root's alone
    who = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        who = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(home, "nobody", "nogroup")

    def call(program, *words):
        subprocess.run([programs / program, "-D", home / "data", *words], check=True, cwd=home, **who)

    try:
        call("initdb", "-U", "cell", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off -c max_connections=60"
        # A vacuum makes the server write its caches anew, onto a disk that a test may have filled.
        options += " -c autovacuum=off"
        call("pg_ctl", "start", "-w", "-s", "-l", home / "said", "-o", options)
        try:
            yield f"postgresql+psycopg://cell@/postgres?host={home}"
        finally:
            call("pg_ctl", "stop", "-m", "immediate", "-s")
    finally:
        shutil.rmtree(home)


def _programs_of_postgres():
    """The folder of initdb and pg_ctl, or None; Debian keeps it off the path."""
    if sys.platform == "win32":
        return None
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@pytest.fixture
def disk():
    """A disk of its own of 16 MB, where a server's user may come too."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    place = Path(tempfile.mkdtemp(prefix="watchfloor-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=755", "tmpfs", str(place)]
    try:
        if subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("this machine lets nobody mount a disk")
        try:
            yield place
        finally:
            subprocess.run(["umount", "-l", str(place)], check=True)
    finally:
        place.rmdir()
