"""Secrets stand nowhere: markers are planted, what can fail is made to, and everything left is searched."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import pytest
from tests.console.served import PASSWORD, served

from watchfloor.cli import command_log, main
from watchfloor.console.operations import log_to
from watchfloor.console.settings import NAME
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

SAME = {"Sec-Fetch-Site": "same-origin"}
WRONG, CHOSEN, EARLY = "MARK-wrong-password", "MARK-chosen-password", "MARK-typed-too-early"
METRICS, PROVIDER = "MARK-metrics-token", "MARK-provider-secret"


@pytest.fixture
def floor(tmp_path, monkeypatch):
    """A floor whose temporary files lie in a folder of their own, and whose console has two secrets."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("METRICS", METRICS)
    made = Floor.create(tmp_path / "floor", Actor("roy", "tests", "an Act"), name="cell", ceiling="PB")
    (made.root / NAME).write_text('[diagnostics]\nmetrics_env = "METRICS"\n', "utf-8")
    return made


def holding(folder, secrets):
    """Files in a folder that hold any of the secrets as they are."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)) for path in files for one in secrets if one in path.read_bytes()}


def breaks(*_, **__):
    raise RuntimeError(f"{WRONG} {CHOSEN}")


def test_no_secret_stands_in_logs_answers_or_files(floor, tmp_path, monkeypatch, capfd, caplog):
    answers = []

    def asked(method, path, **how):
        answers.append(visitor.request(method, path, headers=SAME | how.pop("headers", {}), **how))
        return answers[-1].status_code

    with log_to(str(tmp_path / "operators.jsonl")), served(floor) as console:
        console.account("okafor")
        token = console.token("okafor")
        console.services.accounts.add("singh")
        link = console.services.accounts.link("singh")
        csrf = console.session(token).csrf
        limits = httpx.Limits(max_keepalive_connections=0)  # the server closes one after a mistake of ours
        with httpx.Client(base_url=console.home, timeout=60, limits=limits) as visitor:
            mine = {"Authorization": f"Bearer {token}"}
            wrong = {"name": "okafor", "password": WRONG}
            assert asked("POST", "/sign-in", data=wrong) == 422
            assert asked("POST", "/sign-in", data={"name": EARLY, "password": WRONG}) == 422
            assert asked("POST", "/api/v1/session", json=wrong) == 422
            assert asked("POST", "/api/v1/session", json={"name": EARLY, "password": WRONG, "more": 1}) == 422
            both = {"password": CHOSEN, "again": WRONG}
            assert asked("POST", f"/start/{link}", data=both) == 422
            assert asked("GET", "/metrics", headers={"Authorization": f"Bearer {METRICS}"}) == 200
            assert asked("GET", "/api/v1/nothing", headers=mine) == 404
            assert asked("POST", "/leads/seen", data={"password": WRONG, "csrf": csrf, "number": "x"}) == 401
            with monkeypatch.context() as patch:
                patch.setattr(console.services.accounts, "passes", breaks)
                patch.setattr(console.services.accounts, "redeem", breaks)
                patch.setattr(console.services.sessions, "running", breaks)
                assert asked("POST", "/sign-in", data=wrong) == 500
                assert asked("POST", "/api/v1/session", json=wrong) == 500
                assert asked("POST", f"/start/{link}", data={"password": CHOSEN, "again": CHOSEN}) == 500
            assert asked("POST", f"/start/{link}", data={"password": CHOSEN, "again": CHOSEN}) == 303
            cookie = visitor.cookies["watchfloor"]
            assert asked("GET", "/healthz") == 200
        acts = json.dumps([act.detail for act in floor.acts()], default=str)
        out = "".join(capfd.readouterr()) + caplog.text + acts
        pages = "".join(one.text.replace(f'action="/start/{link}"', "") for one in answers)
        secrets = [WRONG, CHOSEN, EARLY, METRICS, PROVIDER, PASSWORD, token, cookie, link, csrf]
        assert {one for one in secrets if one in out} == set()
        assert {one for one in secrets if one in pages} <= {EARLY}, (
            "only the name that was typed is shown again"
        )
        kept = [
            one.encode() for one in secrets if one != csrf
        ]  # which is of use with its session's token alone
        assert holding(tmp_path, kept) == set()
    assert holding(tmp_path, kept) == set()


def test_no_secret_stands_in_the_log_of_commands(floor, tmp_path, monkeypatch, capfd):
    """Of what is typed and of what fails, the log has neither arguments nor what errors say."""
    monkeypatch.setenv("WATCHFLOOR_USER", "roy")
    monkeypatch.setattr("watchfloor.cell.queue.queue", breaks)
    said = ["--purpose", "tests", "--authority", "an Act", "--floor", str(floor.root)]
    for words in (["leads"], ["cases", "task", "show", EARLY], ["search", METRICS], ["leads", f"--{EARLY}"]):
        monkeypatch.setattr(sys, "argv", ["watchfloor", *words, *said])
        with pytest.raises(SystemExit):
            main()
    log = (floor.root / command_log.NAME).read_text("utf-8")
    assert [json.loads(line)["event"] for line in log.splitlines()].count("failure") == 1
    assert {one for one in (WRONG, CHOSEN, EARLY, METRICS) if one in log} == set()
    assert not any(one in text for one in (WRONG, CHOSEN) for text in capfd.readouterr())
    assert holding(tmp_path, [WRONG.encode(), EARLY.encode()]) == set()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="this system has no /proc")
def test_no_secret_stands_in_the_list_of_processes(floor, tmp_path):
    (floor.root / NAME).write_text(
        '[oidc]\nissuer = "https://localhost:1"\nclient_id = "w"\nsecret_env = "PROVIDER"\n', "utf-8"
    )
    command = [sys.executable, "-m", "watchfloor", "serve", "--floor", str(floor.root), "--port", "0"]
    environment = os.environ | {"PROVIDER": PROVIDER, "WATCHFLOOR_USER": "roy"}
    checked = subprocess.run([*command, "--check"], capture_output=True, env=environment, check=False)
    assert checked.returncode != 0, "nobody is there to be asked"
    assert PROVIDER.encode() not in checked.stdout + checked.stderr
    log = tmp_path / "operators.jsonl"
    command += ["--no-browser", "--json", "--log", str(log)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    try:
        said = json.loads(process.stdout.readline())
        link = said["link"].rpartition("/")[2]
        answer = httpx.get(f"{said['address']}/oidc", headers=SAME, timeout=60)
        assert answer.status_code == 502
        assert PROVIDER not in answer.text
        lists = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if readable(path)]
        assert not any(one.encode() in listed for one in (PROVIDER, link) for listed in lists)
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=60)
    secrets = [one.encode() for one in (PROVIDER, link)]
    assert not any(one in errors for one in secrets)
    assert holding(tmp_path, secrets) == set()


def readable(path):
    try:
        return bool(path.read_bytes())
    except OSError:  # it has ended
        return False
