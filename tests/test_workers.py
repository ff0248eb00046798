"""Tests that ran in several processes are told of as if one had run them, also those that ended a process."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests import conftest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="tests run in one process there")

ROOT = Path(__file__).parent.parent
USUAL = """
import os, pathlib, warnings
import pytest

@pytest.fixture(scope="session")
def place():
    yield pathlib.Path(__file__).parent
    pathlib.Path(__file__).with_name(f"ended-{os.getpid()}").touch()

@pytest.fixture(scope="session")
def seen(made_once):
    return made_once("seen", lambda folder: (folder / str(os.getpid())).touch())

@pytest.mark.parametrize("number", range(2))
def test_made_once(seen, number):
    maker, = seen.iterdir()
    pathlib.Path(__file__).with_name(f"maker-{maker.name}").touch()

@pytest.mark.group("shared")
@pytest.mark.parametrize("number", range(20))
def test_shared(place, tmp_path, number):
    (place / f"shared-{os.getpid()}").touch()
    (place / "folders").open("a").write(f"{tmp_path}\\n")
"""
OTHERS = {
    "test_a.py": USUAL,
    "test_b.py": USUAL,
    "test_c.py": "def test_fails():\n    print('was printed')\n    assert {1, 2} == {1, 3}\n",
    "test_d.py": "import pytest\n\ndef test_left_out():\n    pytest.skip('for a reason')\n",
    "test_e.py": "import warnings\n\ndef test_warns():\n    warnings.warn('mind this')\n",
}


def run(folder, *words):
    command = [sys.executable, "-m", "pytest", "-qra", "-n", "3", f"--rootdir={folder}", "-c", os.devnull]
    command += [
        *("-p", "tests.workers", "-p", "no:cacheprovider", "-p", "no:xdist"),
        f"--basetemp={folder}/t",
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [*command, *words, folder], capture_output=True, text=True, env=environment, cwd=folder, check=False
    )


def write(folder, files):
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")


def test_all_is_told_that_workers_saw(tmp_path):
    write(tmp_path, OTHERS)
    ended = run(tmp_path)
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED, ended
    assert "1 failed, 45 passed, 1 skipped" in ended.stdout
    assert "was printed" in ended.stdout
    assert "Extra items in the left set" in ended.stdout
    assert "for a reason" in ended.stdout
    assert "UserWarning: mind this" in ended.stdout
    assert len(list(tmp_path.glob("shared-*"))) == 1  # one worker ran the group, of two files
    assert len(list(tmp_path.glob("ended-*"))) == 1  # and took down what it shared
    assert len(list(tmp_path.glob("maker-*"))) == 1
    folders = (tmp_path / "folders").read_text("utf-8").splitlines()
    assert len(folders) == len(set(folders)) == 40


def test_a_test_that_ends_its_process_fails_and_others_run(tmp_path):
    files = {f"test_{name}.py": "def test_runs():\n    pass\n" for name in "abcd"}
    write(tmp_path, files | {"test_dies.py": "import os\n\ndef test_dies():\n    os.kill(os.getpid(), 9)\n"})
    ended = run(tmp_path)
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED, ended
    assert "1 failed, 4 passed" in ended.stdout
    assert "FAILED test_dies.py::test_dies" in ended.stdout
    assert "ended with -9" in ended.stdout


def test_who_asks_for_the_first_failure_gets_it(tmp_path):
    write(tmp_path, {f"test_{number}.py": "def test_fails():\n    assert 0\n" for number in range(30)})
    ended = run(tmp_path, "-x")
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED, ended
    assert 1 <= int(ended.stdout.rsplit("\n", 2)[-2].split()[0]) < 30


@pytest.mark.parametrize(("left", "waited"), [(19.5, [19.5]), (20.5, []), (86_399.5, [])])
def test_no_test_begins_shortly_before_midnight(monkeypatch, left, waited):
    slept = []
    monkeypatch.setattr(
        conftest, "time", SimpleNamespace(time=lambda: 86_400 * 20_000 - left, sleep=slept.append)
    )
    conftest.pytest_runtest_protocol()
    assert slept == waited
