"""One pool and one Spark Connect server for the whole session: both take seconds to start."""

import importlib.util
import os

import pytest

from watchfloor.run import Pool
from watchfloor.run import sail as serve


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Under `pytest -n` the tests of one server, or of one pool, go to one worker, which starts it once."""
    for item in items:
        for shared in {"sail", "pool"}.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(shared))


@pytest.fixture(scope="session")
def pool():
    with Pool(2, deadline=120) as pool:
        yield pool


@pytest.fixture(scope="session")
def sail():
    missing = [name for name in ("pysail", "pyspark") if not importlib.util.find_spec(name)]
    if missing and "sail" not in os.environ.get("WATCHFLOOR_REQUIRE", "").split(","):
        pytest.skip(f"not installed: {', '.join(missing)} (the extra 'sail')")
    with serve(parts=3, deadline=60) as connect:
        yield connect
