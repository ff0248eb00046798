"""The table of limits in docs/scorecard-methods.md: every limit of the scorecard is in it, as it is."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

from watchfloor.scorecard import claims, methods

DOCS = Path(__file__).parents[2] / "docs" / "scorecard-methods.md"
ROWS = re.findall(r"^\| `([a-z_.]+)\.([A-Z_]+)` \| (\S+) \| (.+) \|$", DOCS.read_text("utf-8"), re.MULTILINE)
NO_LIMITS = {"YEAR", "STEP", "DRAWS"}
"""Numbers that are no limits: months of a year, the place of a coefficient, how often a bootstrap draws."""


def limits():
    """Every number that a module of claims or methods declares for itself."""
    for package in (claims, methods):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            source = Path(importlib.import_module(found.name).__file__).read_text("utf-8")
            module = found.name.removeprefix("watchfloor.scorecard.")
            for name in re.findall(r"^([A-Z][A-Z_]*): Final = \d", source, re.MULTILINE):
                yield module, name


@pytest.mark.parametrize(("module", "name", "value", "why"), ROWS)
def test_a_limit_is_as_the_table_says(module, name, value, why):
    assert getattr(importlib.import_module(f"watchfloor.scorecard.{module}"), name) == float(value)
    assert len(why) > 5


def test_no_limit_is_missing_in_the_table():
    held = {(module, name) for module, name, _, _ in ROWS}
    found = {(module, name) for module, name in limits() if name not in NO_LIMITS}
    assert len(found) > 20
    assert found - held == set()
