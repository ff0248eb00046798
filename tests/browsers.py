"""The browser that pages are looked at in."""

import os
import shutil

import pytest

from watchfloor.cli.admin.doctor import PROGRAMS


def program():
    """Find it: the lightest first, for a whole browser also draws what would stand around a page."""
    names, package, _ = PROGRAMS["chromium"]
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and "chromium" not in os.environ.get("WATCHFLOOR_REQUIRE", "").split(","):
        pytest.skip(f"Chromium is not installed (on Debian the package {package})")
    assert found is not None, "WATCHFLOOR_REQUIRE names chromium, and it is not installed"
    return found
