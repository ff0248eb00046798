"""`watchfloor admin doctor`, on this machine and on machines that lack one thing each."""

import ctypes
import importlib
import importlib.util
import json
import os
import platform
import shutil
import sys
import time
import tomllib
import zoneinfo
from collections import namedtuple
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.core import caches
from watchfloor.core.extras import EXTRAS
from watchfloor.store import Actor, Floor

REPOSITORY = Path(__file__).parents[2]
DOCTOR = importlib.import_module("watchfloor.cli.admin.doctor")
Disk = namedtuple("Disk", "total used free")


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    """A cache of one's own, and the time zones of the machine again after each test."""
    monkeypatch.setenv(caches.VARIABLE, str(tmp_path / "cache"))
    caches.folder.cache_clear()
    yield
    caches.folder.cache_clear()
    zoneinfo.reset_tzpath()


@pytest.fixture
def examined(tmp_path):
    """What the command finds, by check, and its exit code."""

    def examine(*words, floor=tmp_path / "none"):
        result = CliRunner().invoke(app, ["admin", "doctor", "--floor", str(floor), "--json", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        return {row["check"]: row for row in rows}, result.exit_code

    return examine


def absent(monkeypatch, *names):
    real = importlib.util.find_spec
    monkeypatch.setattr(DOCTOR, "find_spec", lambda one: None if one in names else real(one))


def test_a_machine_on_which_the_tests_run_has_what_the_base_needs(examined):
    found, code = examined()
    assert code == 0
    assert all(row["ok"] for row in found.values() if row["needed"])
    assert all(bool(row["do"]) is not row["ok"] for row in found.values())


def python(monkeypatch, version):
    monkeypatch.setattr(platform, "python_version", lambda: version)
    monkeypatch.setattr(platform, "python_version_tuple", lambda: tuple(version.split(".")))


def old_python(monkeypatch):
    python(monkeypatch, "3.10.2")


def no_package(monkeypatch):
    base = ["numpy>=2", "not-there[x]>=1; python_version > '3'", 'tzdata; sys_platform == "win32"']
    monkeypatch.setattr(metadata, "requires", lambda _: [*base, "also-not-there; extra == 'lab'"])


def latin_1(monkeypatch):
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "iso8859-1")


def no_zones(monkeypatch):
    zoneinfo.reset_tzpath(to=())
    for name in {"tzdata", *(name for name in sys.modules if name.startswith("tzdata."))}:
        monkeypatch.setitem(sys.modules, name, None)


def flat_battery(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1e9)


def full_disk(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(1 << 40, 1 << 40, 1 << 20))


@pytest.mark.parametrize(
    ("lack", "check", "says"),
    [
        (old_python, "python", "3.10.2"),
        (no_package, "packages", "not installed: not-there"),
        (latin_1, "encoding", "iso8859-1"),
        (no_zones, "time-zones", "America/Toronto"),
        (flat_battery, "clock", "2001-09-09"),
        (full_disk, "disk", "0.0 GB free"),
    ],
)
def test_what_the_base_lacks_is_named_with_what_to_do(examined, monkeypatch, lack, check, says):
    lack(monkeypatch)
    found, code = examined()
    assert code == 1
    assert [name for name, row in found.items() if row["needed"] and not row["ok"]] == [check]
    assert says in found[check]["found"]
    assert found[check]["do"]


def test_a_disk_that_is_nearly_full_and_a_newer_python_are_told_and_no_lack(examined, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(1 << 40, 1 << 39, 1 << 29))
    python(monkeypatch, "3.14.0")
    found, code = examined()
    assert code == 0
    assert not found["disk"]["ok"]
    assert not found["python"]["ok"]


@pytest.mark.parametrize("library", EXTRAS)
def test_each_library_of_an_extra_is_named_with_its_extra(examined, monkeypatch, library):
    absent(monkeypatch, library)
    found, code = examined()
    assert code == 0
    row = found[f"extra {EXTRAS[library]}"]
    assert library in row["found"]
    assert f"pip install 'watchfloor[{EXTRAS[library]}]'" in row["do"]


def test_every_extra_that_can_be_missing_says_what_for():
    assert set(EXTRAS.values()) == set(DOCTOR.USES)
    declared = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(DOCTOR.USES) <= declared["optional-dependencies"].keys()


@pytest.mark.skipif(sys.platform != "linux", reason="the library's name is that of Linux")
def test_lightgbm_without_its_runtime(examined, monkeypatch):
    def load(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", load)
    monkeypatch.setattr(DOCTOR, "find_spec", lambda _: object())
    found, code = examined()
    assert code == 0
    assert "apt install libgomp1" in found["libgomp"]["do"]
    absent(monkeypatch, "lightgbm")
    assert "libgomp" not in examined()[0]


def test_a_cache_that_does_not_last(examined, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.delenv(caches.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    caches.folder.cache_clear()
    found, code = examined()
    assert code == 0
    assert not found["cache"]["ok"]
    assert caches.VARIABLE in found["cache"]["do"]


def test_a_floor_is_its_owner_s(examined, tmp_path, monkeypatch):
    floor = Floor.create(tmp_path / "floor", Actor("a", "b", "c")).root
    floor.chmod(0o700)
    assert examined(floor=floor)[0]["floor"]["ok"]
    if os.name == "posix":
        floor.chmod(0o755)
        found, code = examined(floor=floor)
        assert (found["floor"]["ok"], code) == (False, 0)
        assert "chmod go=" in found["floor"]["do"]
    for place, mode, says in (
        (floor, os.W_OK, "cannot be written to"),
        (floor, os.X_OK, "cannot be read"),
        (floor / "floor.toml", os.R_OK, "cannot be read"),
    ):
        with monkeypatch.context() as patch:
            refused = (str(place), mode)
            patch.setattr(os, "access", lambda path, asked, refused=refused: (str(path), asked) != refused)
            found, code = examined(floor=floor)
        assert code == 1
        assert says in found["floor"]["found"]


def test_programs_of_the_tests_are_looked_for_only_when_asked(examined, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert not DOCTOR.PROGRAMS.keys() & examined()[0].keys()
    found, code = examined("--tests")
    assert code == 0
    for name, (_, package, _) in DOCTOR.PROGRAMS.items():
        assert f"apt install {package}" in found[name]["do"]


def test_each_check_is_one_line(tmp_path):
    result = CliRunner().invoke(app, ["admin", "doctor", "--tests", "--floor", str(tmp_path)])
    assert result.exit_code == 0
    assert {line.split()[0] for line in result.stdout.splitlines()} <= {"ok", "absent"}
    assert len(result.stdout.splitlines()) == len([*DOCTOR.findings(tmp_path, tests=True)])
