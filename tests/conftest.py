"""One pool, one Spark Connect server, one PostgreSQL for the whole session: each takes seconds to start."""

import asyncio
import gc
import importlib.util
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path
from traceback import walk_stack

import pytest
import typer.testing
from hypothesis import settings
from tests.thorough import THOROUGH, draws

from watchfloor.core.extras import MissingExtraError
from watchfloor.run import Pool
from watchfloor.run import sail as serve

pytest_plugins = ("tests.workers",)

MEMORY, ROOM = Path("/dev/shm"), 8 << 30
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
    os.environ["TMPDIR"] = str(MEMORY)  # a disk takes longer for small files than the tests
    tempfile.tempdir = None

if not THOROUGH:  # at its first level LLVM compiles the same arithmetic in four fifths of the time
    os.environ.setdefault("NUMBA_OPT", "1")

# A busy machine is no defect: no deadline. A quick run is the same each time; a thorough one seeks on.
settings.register_profile("ci", deadline=None, max_examples=draws(100), derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=draws(100))
settings.load_profile("thorough" if THOROUGH else "ci")


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Look for no cycles while tests are collected, and then seldom.

    What was imported and collected lives as long as the process: the search leaves it out. That was a sixth
    of the processor time of the tests of formats; and a sixth of that of collecting.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Leave tests marked `thorough` to `./dev thorough`."""
    if not THOROUGH and (later := [item for item in items if item.get_closest_marker("thorough")]):
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]


@contextmanager
def _skipped_without_lightgbm():
    """What fits a model is skipped where LightGBM does not load; to read, score and explain needs none."""
    try:
        yield
    except MissingExtraError as error:
        if error.name != "lightgbm" or "lightgbm" in os.environ.get("WATCHFLOOR_REQUIRE", "").split(","):
            raise
        pytest.skip(str(error))


LAST = 20
"""Seconds of a day in which no test begins."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol():
    """Let a test begin after midnight rather than shortly before: many take the day twice."""
    if (left := 86_400 - time.time() % 86_400) < LAST:
        time.sleep(left)


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

    The width of a terminal is taken away: tables would break in a narrow one.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        patch.setenv("WATCHFLOOR_PURPOSE", "tests")
        patch.setenv("WATCHFLOOR_AUTHORITY", "an Act, s. 1")
        patch.setenv("WATCHFLOOR_MARKS", str(tmp_path_factory.mktemp("marks")))
        yield


class Watched(sqlite3.Connection):
    """A connection that warns if nobody closes it and says who opened it: `with` alone does not close."""

    open = False

    def __init__(self, *words, **how):
        super().__init__(*words, **how)
        self.open = True
        frames = islice(walk_stack(sys._getframe(1)), 12)
        self.way = [f"{frame.f_code.co_filename}:{line}" for frame, line in frames]

    def close(self):
        super().close()
        self.open = False

    def __del__(self):
        if self.open:
            way = "\n  ".join(one for one in self.way if "site-packages" not in one)
            try:
                warnings.warn(f"unclosed database, opened in\n  {way}", ResourceWarning, 1, self)
            finally:  # Python 3.13 warns as well, and names no line
                with suppress(sqlite3.ProgrammingError):  # of another thread
                    super().close()


@pytest.fixture(scope="session", autouse=True)
def databases_are_closed():
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
    with serve(parts=3, deadline=60, few=0) as connect:
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
