"""A service whose parts fail: what it says meanwhile, and that it goes on by itself when they are back."""

import gzip
import json
import signal
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from tests.console.served import KEEPER, served
from tests.store.test_upgrade import KEPT as LAYOUTS
from tests.store.test_upgrade import unpacked

from watchfloor.console.access.accounts import Accounts
from watchfloor.console.access.file import AccessFile
from watchfloor.console.jobs import work
from watchfloor.console.jobs.job_file import JobFile, JobRow
from watchfloor.store import Floor


def asked(console, path, token):
    answer = httpx.get(f"{console.home}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    return answer.status_code, answer.text


@pytest.mark.skipif(sys.platform == "win32", reason="there is no socket of PostgreSQL there")
def test_a_database_that_is_gone_is_told_and_is_used_again_when_it_is_back(postgres, tmp_path):
    floor = Floor.create(tmp_path / "floor", KEEPER, server=postgres)
    socket = Path(postgres.partition("host=")[2]) / ".s.PGSQL.5432"
    with served(floor) as console:
        token = console.token()
        assert asked(console, "/healthz", token)[0] == 200
        assert asked(console, "/api/v1/feeds", token)[0] == 200
        away = socket.rename(socket.with_name("away"))
        cut(away)
        assert asked(console, "/healthz", token) == (503, "not ok\n")
        status, text = asked(console, "/api/v1/feeds", token)
        assert status in (502, 503, 507)
        assert str(tmp_path) not in text, "where things lie is for who administers"
        assert asked(console, "/metrics", token)[0] in (404, 500, 502, 503)
        away.rename(socket)
        assert asked(console, "/healthz", token)[0] == 200, "without a restart"
        assert asked(console, "/api/v1/feeds", token)[0] == 200


def cut(socket):
    """End every connection of the server's clients, as a server that stops does."""
    import psycopg

    socket.with_name(".s.PGSQL.5433").hardlink_to(socket)
    with psycopg.connect(f"host={socket.parent} port=5433 user=cell dbname=postgres", autocommit=True) as one:
        one.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    socket.with_name(".s.PGSQL.5433").unlink()


STARTED = [sys.executable, "-m", "watchfloor", "serve", "--no-browser", "--json", "--port", "0", "--floor"]


def start(root):
    process = subprocess.Popen(
        [*STARTED, str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return process, json.loads(process.stdout.readline())["address"]


def test_a_second_service_answers_while_the_first_ends(tmp_path):
    """On a floor that the last version made: both serve it, and the one goes on when the other has ended."""
    (tmp_path / "b.tar").write_bytes(gzip.decompress(LAYOUTS[-1].read_bytes()))
    floor = unpacked(tmp_path / "b.tar", tmp_path / "floor")
    with served(Floor.open(floor)) as second:
        token = second.token()
        with served(Floor.open(floor)) as first:
            feeds = [json.loads(asked(one, "/api/v1/feeds", token)[1])["feeds"] for one in (first, second)]
            both = [[(one["source"], one["received"], one["last"]) for one in each] for each in feeds]
            assert both[0] == both[1] != []
            job, done = first.services.jobs.start("rerun", "x", "okafor", "", work.rerun, str(floor), KEEPER)
            done.result(100)
        assert asked(second, "/api/v1/feeds", token)[0] == 200
        assert second.services._job_file.row(job.id).state == "done"
    assert list(Floor.open(floor).verify()) == []


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_service_that_is_ended_with_jobs_has_them_when_it_is_back(tmp_path, how):
    floor = Floor.create(tmp_path / "floor", KEEPER)
    accounts = AccessFile(floor.root)
    Accounts(accounts).add("okafor")
    accounts.close()
    process, _ = start(floor.root)
    (mine,) = (one.name for one in (floor.root / "uploads").iterdir())
    file = JobFile(floor.root, mine)
    args = json.dumps([{"name": "okafor", "purpose": "tests", "authority": "none"}]).encode()
    now = datetime.now(UTC).timestamp()
    file.keep(JobRow("a" * 12, "rerun", "the desks", "okafor", "", "waiting", now, args=args))
    file.keep(JobRow("b" * 12, "retry", "pieces", "okafor", "", "running", now, args=args))
    file.close()
    process.send_signal(how)
    process.wait(60)
    process.stdout.close()
    process, address = start(floor.root)
    try:
        file = JobFile(floor.root, "looks")
        states = {}
        while states.get("a") != "done":
            states = {name[0]: file.row(name).state for name in ("a" * 12, "b" * 12)}
        assert states == {"a": "done", "b": "interrupted"}
        file.close()
        with urllib.request.urlopen(f"{address}/healthz") as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        assert process.wait(60) == 0, "SIGTERM is no failure"
        process.stdout.close()
