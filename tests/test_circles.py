"""No module imports itself by way of others, not even for its types."""

import re
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).parent.parent / "src"
IMPORTS = re.compile(r"^ *from (watchfloor[\w.]*) import (\([^)]*\)|[^(\n]+)", re.MULTILINE)
"""As the linter has them written: from a whole name, one statement a module."""


def names():
    """Return the files of all modules by name."""
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path, modules):
    """Yield the modules that a file imports anywhere, in functions and for type checkers too."""
    for module, listed in IMPORTS.findall(path.read_text("utf-8")):
        for name in re.findall(r"\w+", re.sub(r" as \w+|#.*", "", listed)):
            whole = f"{module}.{name}"
            yield whole if whole in modules else module


def test_modules_import_each_other_in_no_circle():
    modules = names()
    number = {name: at for at, name in enumerate(sorted(modules))}
    edges = [
        (number[name], number[other])
        for name, path in modules.items()
        for other in imported(path, modules)
        if other in number and other != name
    ]
    rows, columns = np.array(edges).T
    graph = coo_array((np.ones(len(edges), bool), (rows, columns)), (len(number),) * 2)
    _, circle = connected_components(graph, connection="strong")
    together = [np.flatnonzero(circle == one) for one in np.flatnonzero(np.bincount(circle) > 1)]
    every = sorted(modules)
    assert {tuple(every[at].removeprefix("watchfloor.") for at in one) for one in together} == set()
