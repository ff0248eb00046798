"""One pool, one Spark Connect server, one PostgreSQL for the whole session: each takes seconds to start."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest
import typer.testing
from hypothesis import settings

from watchfloor.run import Pool
from watchfloor.run import sail as serve

MEMORY, ROOM = Path("/dev/shm"), 8 << 30
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
    os.environ["TMPDIR"] = str(MEMORY)  # a disk takes longer for small files than the tests
    tempfile.tempdir = None

settings.register_profile("untimed", deadline=None)  # a busy machine is no defect
settings.load_profile("untimed")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Under `pytest -n` the tests of one server, or of one pool, go to one worker, which starts it once."""
    for item in items:
        for shared in {"sail", "pool"}.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(shared))


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
def stated():
    """A purpose and an authority, as an officer's environment has them: floors made here are no exercises.

    The width of a terminal is taken away: the workers of `pytest -n` have one, and tables would break there.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        patch.setenv("WATCHFLOOR_PURPOSE", "tests")
        patch.setenv("WATCHFLOOR_AUTHORITY", "an Act, s. 1")
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
