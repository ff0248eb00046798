"""The page that shows how to add a format is true: it is found, keeps the contract, and reads its files."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-format.md"
FILES = dict(
    re.findall(r"```(?:python|toml)\n# ([\w.]+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
)
TABLE = b"gauge;item;time;micrometres\nG-7;P-1;2026-11-24T10:00:00+00:00;101.5\nG-7;P-2;yesterday;99\n"


BROKEN = {
    "raises": ("except ValueError", "except LookupError", "test_damaged_bytes"),
    "claims": ("head.data.startswith(HEADER) else 0.0", "head.data else 1.0", "test_no_other_file"),
    "wavers": (
        '"locator": f"line {number}"',
        '"locator": f"at {__import__(\'time\').time_ns()}"',
        "test_a_sample",
    ),
    "nowhere": ("HEADER = b", "import nowhere\nHEADER = b", "cannot be loaded"),
    "kindless": ('("reading",)', '("readings",)', "no kind"),
    "misnamed": ('Format("gauge"', 'Format("meter"', "calls itself"),
}
"""Formats that break the contract: what is changed in that of the page, and what is said of it."""


def installed(place, changes):
    """Put a distribution on a path: by the name of a format what is changed in the reader of the page."""
    info = place / "lab_gauge-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-gauge\nVersion: 1.0\n", encoding="utf-8")
    entries = "".join(f"{name} = lab_{name}.reader:FORMAT\n" for name in changes)
    (info / "entry_points.txt").write_text(f"[watchfloor.formats]\n{entries}", encoding="utf-8")
    for name, (old, new) in changes.items():
        folder, text = place / f"lab_{name}", FILES["reader.py"]
        assert old in text
        text = text.replace(old, new).replace('Format("gauge"', f'Format("{name}"')
        folder.mkdir()
        for file, content in {"__init__.py": "", "sample.py": FILES["sample.py"], "reader.py": text}.items():
            (folder / file).write_text(content, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return installed(tmp_path_factory.mktemp("sound") / "site", {"gauge": ("", "")})


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    changes = {name: (old, new) for name, (old, new, _) in BROKEN.items()}
    return installed(tmp_path_factory.mktemp("broken") / "site", changes)


def run(place, folder, *words):
    more = {
        "COLUMNS": "999",
        "PYTHONPATH": str(place),
        "WATCHFLOOR_PURPOSE": "tests",
        "WATCHFLOOR_AUTHORITY": "an Act, s. 1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # those of our own tests take longer to load than the contract
    }
    return subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        cwd=folder,
        env=os.environ | more,
        capture_output=True,
        text=True,
        check=False,
    )


def contract(place, folder, *words):
    quiet = ("-q", "-p", "no:cacheprovider", "--rootdir", str(folder))
    return run(place, folder, "pytest", "-p", "watchfloor.testing.plugin", *quiet, *words)


def test_the_page_names_the_entry_point_that_is_tested():
    assert 'gauge = "lab_gauge.reader:FORMAT"' in FILES["pyproject.toml"]
    assert '[project.entry-points."watchfloor.formats"]' in FILES["pyproject.toml"]


def test_the_format_of_the_page_keeps_the_contract_and_its_files_are_taken_in(sound, tmp_path):
    place = sound
    told = contract(place, tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "4 passed" in told.stdout
    (tmp_path / "today.csv").write_bytes(TABLE)
    (tmp_path / "feeds.toml").write_text('[feeds.gauge]\nformat = "gauge"\n', encoding="utf-8")
    assert run(place, tmp_path, "watchfloor", "init", "--floor", "floor").returncode == 0
    (tmp_path / "feeds.toml").rename(tmp_path / "floor" / "feeds.toml")
    for counts in ((1, 0, 1), (0, 2, 0)):
        taken = run(place, tmp_path, "watchfloor", "ingest", "today.csv", "--floor", "floor", "--json")
        last = json.loads(taken.stdout.splitlines()[-1])
        assert tuple(last["total"][name] for name in ("accepted", "duplicate", "quarantined")) == counts, (
            taken.stdout
        )
    doctor = run(place, tmp_path, "watchfloor", "admin", "doctor", "--json")
    assert "format gauge" in {json.loads(line)["check"] for line in doctor.stdout.splitlines()}


def test_what_breaks_the_contract_is_named(broken, tmp_path):
    told = contract(broken, tmp_path, "-rf", "-vv").stdout
    failed = [line for line in told.splitlines() if line.startswith("FAILED")]
    for name, (_, _, said) in BROKEN.items():
        mine = [line for line in failed if f"[{name}]" in line]
        assert mine, f"{name}: {told}"
        assert any(said in line for line in mine), mine
    assert not any("test_damaged_bytes" in line for line in failed if "[claims]" in line), failed


def test_a_refused_format_takes_no_other_along(broken, tmp_path):
    (tmp_path / "today.csv").write_bytes(TABLE)
    run(broken, tmp_path, "watchfloor", "init", "--floor", "floor")
    words = ("ingest", "today.csv", "--format", "nowhere", "--floor", "floor")
    named = run(broken, tmp_path, "watchfloor", *words)
    assert named.returncode == 2
    assert "lab-gauge 1.0" in " ".join(named.stderr.split())
    assert "Traceback" not in named.stderr
    doctor = run(broken, tmp_path, "watchfloor", "admin", "doctor", "--json")
    found = {row["check"]: row for row in map(json.loads, doctor.stdout.splitlines())}
    assert found["format claims"]["ok"]
    assert not found["format nowhere"]["ok"]


def test_without_anything_to_test_a_run_says_so(tmp_path):
    told = contract("", tmp_path)
    assert told.returncode == 1
    assert "watchfloor.formats" in told.stdout
