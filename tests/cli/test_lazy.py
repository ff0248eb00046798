"""Commands load what they use, and the help of all of them is what each says itself."""

import subprocess
import sys

import pytest
import typer
from tests.store.index.world import OPEN, SUBJECTS, Row, floor_of
from typer.core import TyperGroup

from watchfloor.cli import app
from watchfloor.cli.demo import floor as demo
from watchfloor.cli.serve import Taking

HEAVY = {"numba", "rdkit", "lightgbm", "scipy", "numpy", "pyarrow"}
OF_OTHERS = {"numba", "scipy", "pandas", "rdkit", "lightgbm", "matplotlib", "typst", "sqlalchemy"}
OF_OTHERS |= {"phonenumbers"}
"""What a command that reads stored records has no use for."""


SCRIPT = """
import sys
from watchfloor.cli import main
for call in {calls!r}:
    sys.argv = ["watchfloor", *call]
    try:
        main()
    except SystemExit as end:
        assert not end.code, call
    print(call, *{unused!r} & set(sys.modules), file=sys.stderr)
"""


def loaded_without_use(calls, unused):
    """What a process has loaded after each of several commands that none has a use for, and what is right."""
    code = SCRIPT.format(calls=calls, unused=unused)
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, timeout=100, text=True
    )
    return done.stderr.splitlines(), [str(call) for call in calls]


def test_help_loads_no_library_of_a_room():
    told, expected = loaded_without_use([["--help"], ["run", "--help"], ["init", "--help"]], HEAVY)
    assert told == expected


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    row = {
        "kind": "disclosure",
        "key": None,
        "marking": OPEN,
        "subject": SUBJECTS[0],
        "hours": 1,
        "radius": 1.0,
    }
    found = Row(hour=0, latitude=50.0, longitude=-65.0, words=("grey", "van"), **row)
    return floor_of(tmp_path_factory.mktemp("floor") / "floor", [[found]]).root


READING = [
    "search grey",
    "feeds quarantine list",
    "floor log show",
    "cases task list",
    "leads mentions",
    "cases custody list",
    "share node list",
]
READING += ["floor retention --all", "floor verify"]


def test_reading_a_floor_loads_no_library_for_other_work(floor):
    calls = [[*call.split(), "--floor", str(floor)] for call in READING]
    told, expected = loaded_without_use(calls, OF_OTHERS)
    assert told == expected


def test_the_list_of_commands_says_what_each_says_of_itself():
    root = typer.main.get_command(app)
    context = root.make_context("watchfloor", [], resilient_parsing=True)
    listed, made = context.make_formatter(), context.make_formatter()
    root.format_commands(context, listed)
    TyperGroup.format_commands(root, context, made)
    rows = [line for line in listed.getvalue().splitlines() if line.startswith(" ")]
    assert rows == made.getvalue().splitlines()[1:]


def test_what_folds_begins_to_load_before_the_console():
    console = "watchfloor.console.services"
    code = (
        "import sys\nfrom multiprocessing import forkserver\nfrom watchfloor.cli import main\n"
        f"forkserver.ensure_running = lambda: sys.exit(print({console!r} in sys.modules))\n"
        "sys.argv = ['watchfloor', 'serve', '--live', '--floor', 'none']\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=100, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_a_demo_begins_to_load_what_folds_before_it_serves(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr("watchfloor.cell.live.prepare", lambda: calls.append("loads"))
    monkeypatch.setattr("watchfloor.cli.serve.run", lambda *_, live, **__: calls.append(live))
    demo._console(tmp_path, 0, closed=False, entrance=object())
    assert calls == ["loads", Taking(demo.ROLLED, demo.PURPOSE, demo.PURPOSE, demo.RUN_AGAIN)]
    calls.clear()
    demo._console(tmp_path, 0, closed=False)
    assert calls == [None]
