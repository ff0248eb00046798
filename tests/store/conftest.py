import pytest

from watchfloor.store import Actor, Floor


@pytest.fixture
def actor():
    return Actor("tester", "testing", "none")


@pytest.fixture
def floor(tmp_path, actor):
    return Floor.create(tmp_path / "floor", actor, name="a floor")


@pytest.fixture
def writer(floor, actor):
    with floor.writer(actor) as writer:
        yield writer


@pytest.fixture
def small_segments(monkeypatch):
    """Segments of a few rows in files, so that small tests reach every path."""
    monkeypatch.setattr("watchfloor.store.draft.SMALL", 4)
    monkeypatch.setattr("watchfloor.store.draft.ROWS", 16)
    monkeypatch.setattr("watchfloor.store.intake.SMALL", 4)
    monkeypatch.setattr("watchfloor.store.writer.SMALL", 4)
    monkeypatch.setattr("watchfloor.store.compaction.ROWS", 16)
    monkeypatch.setattr("watchfloor.store.blobs.SMALL", 64)
