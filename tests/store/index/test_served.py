"""The index is a local file of a floor in a folder and of one on a server alike."""

from tests.store.index.test_current import rows
from tests.store.index.world import ACTOR, READER, SUBJECTS, deliver, table

from watchfloor.store.index import file
from watchfloor.store.index.search import SearchQuery, about, search


def test_ingest_search_erase_and_catching_up(floor):
    with floor.writer(ACTOR) as writer:
        deliver(writer, rows(1, 2))
        writer.append("report", table("report", rows(3, kind="report")))
        assert len(about(floor, SUBJECTS[0], READER)) == 3
        assert len(about(floor, SUBJECTS[0], READER, floor.position - 1)) == 2
        (gone,) = [
            one.row["record_id"]
            for one in search(floor, READER, SearchQuery(words="van", kinds=("report",)), 9).found
        ]
        writer.erase([gone], "asked")
        assert {one.kind for one in about(floor, SUBJECTS[0], READER)} == {"party"}
    file.delete(floor.root)
    assert len(about(floor, SUBJECTS[0], READER)) == 2
    assert file.path(floor.root).exists()
    assert not list(floor.verify())
