"""Shell completion: its scripts are printed, their shells read them, and words are completed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("watchfloor")


def said(instruction, **variables):
    environment = {**os.environ, "_WATCHFLOOR_COMPLETE": instruction, **variables}
    done = subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_it_can_read(shell):
    script = said(f"source_{shell}")
    assert f"_WATCHFLOOR_COMPLETE=complete_{shell}" in script
    if program := shutil.which(shell):
        read = subprocess.run([program, "-n"], input=script, capture_output=True, text=True)
        assert (read.returncode, read.stderr) == (0, "")


def completed(line):
    """Words that bash would offer for the last word of a line."""
    return said("complete_bash", COMP_WORDS=line, COMP_CWORD=str(len(line.split(" ")) - 1)).split()


def test_commands_and_options_are_completed():
    assert {"leads", "lead"} == {*completed("watchfloor le")}
    assert "letter" in completed("watchfloor share le")
    assert "list" in completed("watchfloor cases task l")
    assert completed("watchfloor leads --flo") == ["--floor"]
    assert completed("watchfloor no-such") == []


@pytest.mark.parametrize("words", ["no-such ", "decide ", "leads --top 3 decide "])
def test_where_no_command_follows_nothing_is_said_on_the_line_that_is_typed(words):
    variables = {"COMP_WORDS": f"watchfloor {words}", "COMP_CWORD": str(words.count(" "))}
    environment = {**os.environ, "_WATCHFLOOR_COMPLETE": "complete_bash", **variables}
    done = subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_given_commands_with_their_help(shell):
    words = {"_TYPER_COMPLETE_ARGS": "watchfloor lea", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    offered = said(f"complete_{shell}", **words)
    assert "leads" in offered
    assert "The queue of leads" in offered


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_by_the_script():
    script = (
        f'PATH="{PROGRAM.parent}:$PATH"\n{said("source_bash")}\n'
        "COMP_WORDS=(watchfloor le) COMP_CWORD=1\n"
        '_watchfloor_completion watchfloor\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120)
    assert "leads" in done.stdout.splitlines()
