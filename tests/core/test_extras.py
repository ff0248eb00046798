"""Extras: the table is that of the project file; a run without one says which; desks load without any."""

import ctypes
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import packages_distributions
from io import BytesIO
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from watchfloor.core.extras import EXTRAS, MissingExtraError, MissingSystemLibraryError, optional
from watchfloor.core.messages import MESSAGES

DECLARED = tomllib.loads(Path("pyproject.toml").read_text())["project"]["optional-dependencies"]

APART = {"spark", "travel-images", "video"}
"""Extras that `all` leaves out: `sail` has what `spark` has; an optical reader takes 200 MB for a command."""

ABSENT = f"""
import sys
for library in {sorted(EXTRAS)!r}:
    sys.modules[library] = None
"""
"""Run first in a process: no library of an extra can be imported in it."""


def process(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", ABSENT + code], capture_output=True, text=True, encoding="utf-8", check=False
    )


def missing(library: str, extra: str, error: MissingExtraError) -> None:
    assert error.reason.params == {"library": library, "extra": extra}
    assert error.name == library


def test_every_extra_of_the_project_file_has_a_library_in_the_table():
    assert set(EXTRAS.values()) == set(DECLARED) - {"all"}


@pytest.mark.parametrize("library", sorted(EXTRAS))
def test_the_extra_brings_the_library(library):
    brought = {Requirement(one).name.lower().replace("_", "-") for one in DECLARED[EXTRAS[library]]}
    if EXTRAS[library] in APART and library not in packages_distributions():
        pytest.skip(f"the extra {EXTRAS[library]} is in no other, and is not installed")
    named = {one.lower().replace("_", "-") for one in packages_distributions()[library]}
    assert brought & named


def test_all_is_every_extra():
    (every,) = DECLARED["all"]
    assert Requirement(every).extras == set(DECLARED) - {"all", *APART}


def test_another_missing_module_stays_what_it_is():
    with pytest.raises(ModuleNotFoundError) as caught, optional():
        import_module("watchfloor_has_no_such_module")
    assert type(caught.value) is ModuleNotFoundError


def test_the_sentence_names_the_command_in_both_languages():
    message = MESSAGES["extras.missing"]
    for text in (message.en, message.fr):
        assert "pip install 'watchfloor[{extra}]'" in text
        assert "./dev install" in text


def test_pdf(monkeypatch):
    from watchfloor.cell.wording import typesetting

    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtraError) as caught:
        typesetting.pdf(b"", {}, lambda count, first: "", datetime(2031, 1, 1, tzinfo=UTC))
    missing("typst", "pdf", caught.value)


def test_scorecard(monkeypatch):
    from watchfloor.scorecard import plots

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError) as caught:
        plots.svg(None, "en")
    missing("matplotlib", "scorecard", caught.value)


def test_partnership(monkeypatch):
    monkeypatch.setitem(sys.modules, "gmpy2", None)
    monkeypatch.delitem(sys.modules, "watchfloor.exchange.partnership.group", raising=False)
    with pytest.raises(MissingExtraError) as caught:
        import_module("watchfloor.exchange.partnership.group")
    missing("gmpy2", "partnership", caught.value)


def test_lab_dicos(monkeypatch):
    from watchfloor.formats.lab import dicos

    monkeypatch.setitem(sys.modules, "pydicom", None)
    monkeypatch.setitem(sys.modules, "pydicom.config", None)
    file = BytesIO(bytes(128) + b"DICM" + bytes(64))
    with pytest.raises(MissingExtraError) as caught:
        list(dicos.read(file, "scan.dcs"))
    missing("pydicom", "lab", caught.value)


def test_a_command_without_its_extra_ends_with_the_sentence_and_the_code_of_what_is_not_there():
    done = process(
        "sys.argv = ['watchfloor', 'controlled', 'CCOC(=O)C1(CCCCC1)c1ccccc1N']\n"
        "from watchfloor.cli import main\n"
        "main()"
    )
    assert done.returncode == 4
    assert done.stdout == ""
    assert str(MissingExtraError("rdkit").reason) in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_every_desk_and_every_page_loads_without_any_extra():
    done = process(
        "from watchfloor.desks.registry import desks\n"
        "import watchfloor.cli, watchfloor.console.app\n"
        "print(*desks())"
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) >= 8


def test_a_shared_library_that_is_not_there_is_named_with_its_package():
    with pytest.raises(MissingSystemLibraryError) as caught, optional():
        raise OSError("libgomp.so.1: cannot open shared object file: No such file or directory")
    assert caught.value.reason.params == {
        "library": "lightgbm",
        "file": "libgomp.so.1",
        "package": "libgomp1",
    }
    assert isinstance(caught.value, MissingExtraError)  # which the commands and the console tell


def test_another_error_of_the_system_stays_what_it_is():
    with pytest.raises(OSError, match="libother") as caught, optional():
        ctypes.CDLL("libother.so.9")
    assert not isinstance(caught.value, ImportError)
