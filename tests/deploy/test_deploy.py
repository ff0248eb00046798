"""What runs the console elsewhere: the container file and the systemd unit, held as far as tests can."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from watchfloor.cli import app

REPOSITORY = Path(__file__).parents[2]
UNIT = REPOSITORY / "deploy" / "watchfloor.service"
EXPOSURE = 15
"""Tenths of what systemd calls exposure, of 100: an unprotected service has 96."""


@pytest.fixture(scope="module")
def steps():
    """Instructions of the container file, in their order."""
    text = (REPOSITORY / "deploy" / "Containerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def only(steps, name):
    (found,) = [rest for instruction, rest in steps if instruction == name]
    return found


def accepted(words):
    """Whether the command line knows the command and the options that words call."""
    command = typer.main.get_command(app)
    while hasattr(command, "commands") and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    command.make_context(command.name, [*words], resilient_parsing=True)
    known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
    return {word for word in words if word.startswith("-") and word != "-"} <= known


def test_the_container_runs_without_root_and_writes_its_volumes_alone(steps):
    names = [name for name, _ in steps]
    user = names.index("USER")
    assert "RUN" not in names[user:]
    assert "0" not in steps[user][1].split(":")
    uid, gid = steps[user][1].split(":")
    assert f"--uid {uid}" in " ".join(rest for name, rest in steps if name == "RUN")
    assert uid == gid
    environment = dict(one.split("=", 1) for one in only(steps, "ENV").split())
    volumes = json.loads(only(steps, "VOLUME"))
    assert {environment["WATCHFLOOR_FLOOR"], environment["WATCHFLOOR_CACHE"]} == {*volumes}
    assert "ADD" not in names


def test_the_container_installs_what_is_pinned_and_nothing_else(steps):
    installs = [one.strip() for _, rest in steps for one in rest.split("&&") if "pip install" in one]
    assert len(installs) == 2
    for one in installs:
        words = shlex.split(one)
        assert "--no-deps" in words
        assert "--require-hashes" in words or "--no-index" in words
    copied = only(steps, "COPY").split()[:-1]
    assert (REPOSITORY / copied[0]).read_text("utf-8").count("--hash=") > 50
    for name, rest in steps:  # a part that fails fails the step
        assert name != "RUN" or ";" not in rest


def test_the_container_calls_a_command_with_options_that_exist(steps):
    assert json.loads(only(steps, "ENTRYPOINT")) == ["watchfloor"]
    assert accepted(json.loads(only(steps, "CMD")))
    assert not accepted(["serve", "--no-such"])
    text = (REPOSITORY / "deploy" / "Containerfile").read_text(encoding="utf-8").replace("\\\n#", "")
    told = re.findall(r"watchfloor ((?:serve|init) .*)", text)
    assert len(told) == 2
    assert all(accepted(shlex.split(words)) for words in told)


def settings(name):
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_unit_calls_a_command_with_options_that_exist():
    for line in (*settings("ExecStart"), *settings("ExecStartPre")):
        program, *words = shlex.split(line)
        assert program == "/opt/watchfloor/bin/watchfloor"
        assert accepted(words)


def test_the_unit_lets_the_program_lower_its_priority_and_compile():
    """`os.nice` is of @resources, and compiled kernels are memory that is written and then run."""
    assert not any("@resources" in line for line in settings("SystemCallFilter") if line.startswith("~"))
    assert settings("MemoryDenyWriteExecute") == []


@pytest.fixture
def systemd():
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (on Debian the package systemd)")
    return lambda *words: subprocess.run(["systemd-analyze", *words], capture_output=True, text=True)


def test_systemd_finds_no_fault_in_the_unit(systemd, tmp_path):
    text = UNIT.read_text(encoding="utf-8").replace("/opt/watchfloor/bin/watchfloor", sys.executable)
    (tmp_path / "watchfloor.service").write_text(text, encoding="utf-8")
    found = systemd("verify", "--man=no", tmp_path / "watchfloor.service")
    assert (found.returncode, found.stderr) == (0, "")
    (tmp_path / "watchfloor.service").write_text(text.replace("ProtectHome=", "ProtectHouse="), "utf-8")
    assert "ProtectHouse" in systemd("verify", "--man=no", tmp_path / "watchfloor.service").stderr


def test_systemd_calls_the_sandbox_tight(systemd):
    words = ("security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}", UNIT)
    found = systemd(*words)
    assert found.returncode == 0, found.stdout
