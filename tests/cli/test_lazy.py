"""Commands load what they use, and the help of all of them is what each says itself."""

import subprocess
import sys

import pytest
import typer
from typer.core import TyperGroup

from watchfloor.cli import app

HEAVY = {"numba", "rdkit", "lightgbm", "scipy", "numpy", "pyarrow"}


@pytest.mark.parametrize("call", [["--help"], ["leads", "--help"], ["init", "--help"]])
def test_help_loads_no_library_of_a_room(call):
    code = f"""
import sys
from watchfloor.cli import app
try:
    app({call!r})
except SystemExit as end:
    assert not end.code
print(*{HEAVY!r} & set(sys.modules), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, timeout=100, text=True
    )
    assert done.stderr.split() == []


def test_the_list_of_commands_says_what_each_says_of_itself():
    root = typer.main.get_command(app)
    context = root.make_context("watchfloor", [], resilient_parsing=True)
    listed, made = context.make_formatter(), context.make_formatter()
    root.format_commands(context, listed)
    TyperGroup.format_commands(root, context, made)
    assert listed.getvalue() == made.getvalue()
