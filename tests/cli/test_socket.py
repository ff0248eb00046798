"""Commands by way of a service: whose they are, and what they may not name."""

import array
import json
import os
import re
import resource
import select
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from inspect import getsource
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from tests.store.rows import parties
from typer.models import TyperPath

from watchfloor.cli import app, command_log, common, socket_client, socket_server
from watchfloor.cli.socket_client import COMMANDS, HEAD, address, without_floor
from watchfloor.cli.socket_server import OF_ONE, CommandServer, listening
from watchfloor.store import Actor, Floor

POLICY = """
[readers.sup]
protected = "PB"
role = "supervisor"
[readers.low]
protected = "PA"
tlp = "GREEN"
"""
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel is not Linux")
ROOT = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root is another account")
pytestmark = LINUX


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """A floor with a record for everybody and one for the supervisor; this account is the reader low."""
    keeper = Actor("sup", "tests", "an Act")
    made = Floor.create(tmp_path_factory.mktemp("service") / "floor", keeper, exercise=True)
    with made.writer(keeper) as writer:
        writer.append("party", parties([1], marking="PA//TLP:GREEN"), source="feed")
        writer.append("party", parties([2], marking="PB//TLP:RED"), source="feed")
    accounts = f'[accounts]\n{common.system_account()} = "low"\ndaemon = "low"\n'
    (made.root / "policy.toml").write_text(POLICY + accounts, "utf-8")
    return made


@pytest.fixture(scope="module")
def path(floor):
    """The socket of a service, in a folder that every account may enter."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with listening(Path(folder, "socket"), floor.root):
            yield Path(folder, "socket")


def ask(path, *words, **environment):
    """Give a command as a person does, in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WATCHFLOOR_")}
    return subprocess.run(
        [sys.executable, "-m", "watchfloor", *words, "--floor", f"unix:{path}"],
        env=kept | environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_command_is_that_of_the_account_and_sees_what_its_reader_may(floor, path):
    before = floor.position
    answer = ask(path, "search", "family", "--json")
    assert answer.returncode == 0, answer.stderr
    found = [json.loads(line) for line in answer.stdout.splitlines()]
    assert len(found) == 1
    assert "PB//TLP:RED" not in answer.stdout
    assert [act.actor.name for act in floor.acts(before + 1) if act.act == "query"] == ["low"]


@pytest.mark.parametrize("named", ["-", "log.jsonl"])
def test_lines_for_operators_do_not_go_to_who_asks(floor, path, tmp_path, monkeypatch, named):
    """Standard error of the command is theirs, and the folder in which it runs is not the service's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(command_log.VARIABLE, named)
    own, log = floor.root / command_log.NAME, tmp_path / named
    before = own.read_bytes() if own.exists() else b""
    done = ask(path, "leads", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    written = own.read_bytes()[len(before) :] if named == "-" else log.read_bytes()
    assert written.count(b"\n") == 2


def test_another_reader_is_not_chosen_by_a_variable(floor, path):
    before = floor.position
    answer = ask(path, "search", "family", WATCHFLOOR_USER="sup")
    assert (answer.returncode, answer.stdout) == (3, "")
    assert "as 'sup'" in answer.stderr
    assert floor.position == before


def test_no_file_of_the_service_is_named_and_no_other_command_is_run(floor, path):
    secret = floor.root / "secret"
    answer = ask(path, "leads", "--weights", str(secret))
    assert (answer.returncode, "no file" in answer.stderr) == (3, True)
    answer = ask(path, "floor", "marking", "init")
    assert (answer.returncode, "no file" in answer.stderr) == (3, True), "one that it would choose itself"
    for named in ("/etc/hostname", "/etc/none"):
        answer = ask(path, "listed", named)
        assert (answer.returncode, "not run by the service" in answer.stderr) == (3, True), answer.stderr
    answer = ask(path, "floor", "backup", "/tmp/b.tar", "--unencrypted")
    assert (answer.returncode, "not run by the service" in answer.stderr) == (3, True)
    assert ask(path, "nosuch").returncode == 2
    assert ask(path, "leads", "--nosuch").returncode == 2
    assert ask(path, "record", "0" * 64).returncode == 4
    assert ask(path.with_name("none"), "leads").returncode == 4


def leaves(command, words=()):
    for name, one in getattr(command, "commands", {}).items():
        yield from leaves(one, (*words, name))
    if command.params:
        yield words, command


def test_every_command_that_is_run_is_closed_to_files(monkeypatch, tmp_path):
    monkeypatch.setenv("WATCHFLOOR_FLOOR", str(tmp_path))
    root = typer.main.get_command(app)
    monkeypatch.setattr(socket_server, "_refuse_unmapped", lambda _: None)
    closed = 0
    for name, of_group in COMMANDS.items():
        socket_server._check(root, [name])
        made = root.commands[name]
        assert set(getattr(made, "commands", ())) == set(of_group)
        told = made.get_help(typer.Context(made, info_name=name)).partition("\nCommands:")[2]
        assert [line.split()[0] for line in told.splitlines() if line.strip()] == [*of_group]
        for words, command in leaves(root.commands[name], (name,)):
            for option in command.params:
                if not isinstance(option.type, TyperPath):
                    named = set(re.findall("[A-Z]+", str(option.metavar).upper()))
                    assert not named & {"FILE", "FILES", "PATH", "DIR", "FOLDER"}, words
                else:
                    closed += 1
                    with pytest.raises(typer.Exit):
                        option.type.convert("/etc/passwd", option, None)
                    if option.name == "floor":
                        assert option.type.convert(str(tmp_path), option, None)
    assert closed > 2 * len(COMMANDS)


@pytest.mark.parametrize(
    ("words", "code"),
    [("leads refit", 3), ("leads -- refit", 2), ("leads --top 3 refit", 2), ("serve", 3), ("refit", 2)],
)
def test_the_other_commands_of_a_group_are_not_run(words, code, monkeypatch, tmp_path):
    monkeypatch.setenv("WATCHFLOOR_FLOOR", str(tmp_path))
    monkeypatch.setattr(socket_server, "_refuse_unmapped", lambda _: None)
    with pytest.raises(SystemExit) as ended:
        socket_server._called(typer.main.get_command(app), words.split())
    assert ended.value.code == code


@contextmanager
def wire(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.connect(str(path))
        yield made


def answered(path, asked, *, descriptors=3, size=None):
    """What the service says to bytes."""
    with wire(path) as made, TemporaryFile() as file:
        handed = array.array("i", [file.fileno()] * descriptors)
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, handed)] if descriptors else []
        with suppress(BrokenPipeError):  # it is refused before it is read
            made.sendmsg([HEAD.pack(len(asked) if size is None else size)], ancillary)
            made.sendall(asked)
            if size is not None:
                made.shutdown(socket.SHUT_WR)
        return json.loads(made.recv(1 << 16))


def request(words=("leads",), **environment):
    return json.dumps({"words": list(words), "environment": environment}).encode()


@pytest.mark.parametrize(
    ("asked", "how"),
    [
        (request(), {"descriptors": 0}),
        (request(), {"descriptors": 2}),
        (request(), {"size": 1 << 30}),
        (request(), {"size": 1_000}),
        (b"no JSON", {}),
        (b"[]", {}),
        (b'{"words": "leads", "environment": {}}', {}),
        (b'{"words": [1], "environment": {}}', {}),
        (request(["a\0b"]), {}),
        (request(LD_PRELOAD="/tmp/x.so"), {}),
        (request(WATCHFLOOR_FLOOR="/elsewhere"), {}),
        (request(WATCHFLOOR_USER="x" * 2_000), {}),
    ],
)
def test_what_is_no_request_is_refused_and_starts_nothing(path, monkeypatch, asked, how):
    monkeypatch.setattr(subprocess, "Popen", None)
    said = answered(path, asked, **how)
    assert (said["code"], bool(said["refused"])) == (2, True)


def test_an_account_that_a_namespace_hides_is_nobody(path, monkeypatch):
    monkeypatch.setattr(socket_server, "_unmapped", os.geteuid)
    said = answered(path, request())
    assert (said["code"], "PrivateUsers" in said["refused"]) == (3, True)


def test_one_account_runs_few_commands_and_who_goes_away_ends_them(path, monkeypatch):
    sleeping = "import signal, time; signal.signal(2, signal.SIG_DFL); time.sleep(600)"
    monkeypatch.setattr(socket_server, "_START", sleeping)
    started, popen = [], subprocess.Popen

    def begun(*args, **how):
        started.append(popen(*args, **how))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", begun)
    with TemporaryFile() as file:
        held = []
        for _ in range(OF_ONE):
            made = socket.socket(socket.AF_UNIX)
            made.connect(str(path))
            handed = array.array("i", [file.fileno()] * 3)
            asked = request()
            made.sendmsg([HEAD.pack(len(asked)) + asked], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, handed)])
            held.append(made)
        wait(lambda: len(started) == OF_ONE)
        said = answered(path, request())
        assert (said["code"], "too many" in said["refused"]) == (3, True)
        for made in held:
            made.close()
    wait(lambda: all(one.returncode is not None for one in started))
    monkeypatch.setattr(socket_server, "_START", "")
    wait(lambda: "refused" not in answered(path, request()))
    assert answered(path, request()) == {"code": 0}


def test_who_sends_nothing_holds_a_place(path, monkeypatch):
    monkeypatch.setattr(socket_server, "PATIENCE", 600.0)
    wait(lambda: "refused" not in answered(path, request(["--help"])))
    with ExitStack() as stack:
        silent = [stack.enter_context(wire(path)) for _ in range(OF_ONE + 1)]
        (one,), _, _ = select.select(silent, [], [], 60)  # not always the last: each has a thread
        assert "too many" in json.loads(one.recv(1 << 16))["refused"]
    wait(lambda: "refused" not in answered(path, request(["--help"])))


def test_a_command_runs_beside_a_thousand_connections(path, monkeypatch):
    monkeypatch.setattr(socket_server, "_START", "")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1_200:
        pytest.skip("this machine lets no process open 1,200 files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1_200), hard))
    taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    try:
        assert answered(path, request()) == {"code": 0}
    finally:
        for one in taken:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def wait(done):
    until = time.monotonic() + 60
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_service_takes_no_name_that_another_or_a_file_has(floor, path, tmp_path):
    with pytest.raises(OSError, match="another service"):
        CommandServer(path, floor.root)
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(OSError, match="no socket"):
        CommandServer(file, floor.root)
    assert file.read_text() == "mine"
    left = tmp_path / "left"
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(left))
    CommandServer(left, floor.root).server_close()
    assert not left.exists()


@pytest.mark.parametrize("policy", [None, POLICY], ids=["none", "without accounts"])
def test_where_the_policy_says_nothing_of_accounts_nothing_is_run(tmp_path, policy):
    made = Floor.create(tmp_path / "floor", Actor("sup", "tests", "an Act"))
    if policy:
        (made.root / "policy.toml").write_text(policy, "utf-8")
    with pytest.raises(typer.Exit) as refused, listening(tmp_path / "socket", made.root):
        pass
    assert refused.value.exit_code == 3
    assert not (tmp_path / "socket").exists()


@ROOT
def test_an_account_without_the_files_has_the_command(floor, path):
    """The account `daemon`: the kernel says so to the service, whatever the environment says."""
    client = getsource(socket_client) + "\nraise SystemExit(relay(sys.argv[1], sys.argv[2:]))"
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip("no Python that every account may run")
    how = {"user": "daemon", "cwd": "/", "capture_output": True, "text": True, "timeout": 120}
    reads = subprocess.run(
        [python, "-I", "-c", "import os, sys; os.listdir(sys.argv[1])", str(floor.root)], check=False, **how
    )
    assert "PermissionError" in reads.stderr
    before = floor.position
    answer = subprocess.run(
        [python, "-I", "-c", client, str(path), "search", "family", "--json"],
        env={"USER": "root", "LOGNAME": "root"},
        check=False,
        **how,
    )
    assert (answer.returncode, len(answer.stdout.splitlines())) == (0, 1), answer.stderr
    assert [act.actor.name for act in floor.acts(before + 1) if act.act == "query"] == ["low"]


WORDS = st.lists(st.sampled_from(["leads", "--top", "3", "--json", "--lang", "fr", "x y"]), max_size=5)


@given(WORDS, WORDS, st.sampled_from(["unix:/run/s", "/srv/floor", "floor"]), st.booleans())
def test_the_floor_is_found_and_left_out_wherever_it_stands(before, after, floor, joined):
    words = [*before, *([f"--floor={floor}"] if joined else ["--floor", floor]), *after]
    assert address(words, {}) == ("/run/s" if floor.startswith("unix:") else "")
    assert address(words, {"WATCHFLOOR_FLOOR": "unix:/other"}) == address(words, {}), "what is said counts"
    assert without_floor(words) == before + after
    assert without_floor([*before, "--", *words]) == [*before, "--", *words]


@pytest.mark.parametrize(
    ("words", "reached"),
    [
        *((["leads"], "/run/s"), (["leads", "--json"], "/run/s"), (["floor", "log", "show"], "/run/s")),
        *((["admin", "doctor"], ""), (["leads", "refit"], ""), ([], ""), (["--help"], "")),
    ],
)
def test_the_variable_sends_commands_there_that_the_service_runs(words, reached):
    assert address(words, {"WATCHFLOOR_FLOOR": "unix:/run/s"}) == reached
    assert address(words, {"WATCHFLOOR_FLOOR": "/srv/floor"}) == ""
