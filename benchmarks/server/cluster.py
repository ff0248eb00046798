"""A PostgreSQL server of our own for as long as a benchmark runs, with its defaults, durable."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def cluster():
    """Address of its database, and its version."""
    programs = _programs()
    home = Path(tempfile.mkdtemp(prefix="watchfloor-postgres-"))
    who = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        who = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(home, "nobody", "nogroup")

    def call(program, *words):
        command = [programs / program, "-D", home / "data", *words]
        subprocess.run(command, check=True, cwd=home, stdout=subprocess.DEVNULL, **who)

    try:
        call("initdb", "-U", "cell", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = f"-c listen_addresses= -c unix_socket_directories={home}"
        call("pg_ctl", "start", "-w", "-s", "-l", home / "said", "-o", options)
        try:
            yield f"postgresql+psycopg://cell@/postgres?host={home}"
        finally:
            call("pg_ctl", "stop", "-m", "fast", "-s")
    finally:
        shutil.rmtree(home)


def _programs():
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders:
        raise SystemExit("no PostgreSQL on this machine: install it (on Debian the package postgresql)")
    return folders[-1]
