"""The plugin of pytest that adds the contracts to a run: `pytest -p watchfloor.testing.plugin`."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

CONTRACTS: Final = Path(__file__).with_name("test_contracts.py")


def pytest_load_initial_conftests(args: list[str]) -> None:
    """Add the tests of the contracts to those that were asked for.

    Raises:
        pytest.UsageError: hypothesis is not installed.
    """
    if find_spec("hypothesis") is None:
        raise pytest.UsageError("watchfloor.testing.plugin needs hypothesis: pip install hypothesis")
    pytest.register_assert_rewrite("watchfloor.testing.desks", "watchfloor.testing.formats")
    args.append(str(CONTRACTS))
