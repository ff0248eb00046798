"""A floor in a folder and one on a server: a test that asks for `floor` runs on both.

One that looks at the folder's own files is marked `folder` and runs on the first alone.
"""

import pytest

from watchfloor.store import Actor, Floor


@pytest.fixture
def actor():
    return Actor("tester", "testing", "none")


def pytest_configure(config):
    config.addinivalue_line("markers", "folder: looks at the files of a floor's folder")


def pytest_collection_modifyitems(config, items):
    """Leave out what a test of the folder would do on a server."""
    out = [item for item in items if item.get_closest_marker("folder") and _lies(item) == "server"]
    items[:] = [item for item in items if item not in out]


def _lies(item):
    spec = getattr(item, "callspec", None)
    return spec and spec.params.get("address")


@pytest.fixture(params=["folder", "server"])
def address(request):
    """Of the server that the floor lies on; empty for a folder."""
    return "" if request.param == "folder" else request.getfixturevalue("postgres")


@pytest.fixture
def floor(tmp_path, actor, address):
    return Floor.create(tmp_path / "floor", actor, name="a floor", server=address)


@pytest.fixture
def writer(floor, actor):
    with floor.writer(actor) as writer:
        yield writer


@pytest.fixture
def small_segments(monkeypatch):
    """Segments of a few rows in files, so that small tests reach every path."""
    monkeypatch.setattr("watchfloor.store.segments.draft.SMALL", 4)
    monkeypatch.setattr("watchfloor.store.segments.draft.ROWS", 16)
    monkeypatch.setattr("watchfloor.store.intake.SMALL", 4)
    monkeypatch.setattr("watchfloor.store.writer.SMALL", 4)
    monkeypatch.setattr("watchfloor.store.segments.compaction.ROWS", 16)
    monkeypatch.setattr("watchfloor.store.blobs.SMALL", 64)
