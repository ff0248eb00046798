"""Kinds that come by the million: the index knows their markings, so that every view is right, and no row."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa
import pytest
from tests.store.rows import parties

from watchfloor.core.kinds import DETECTION, INTELLIGENCE_OBJECT
from watchfloor.feeds import original
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor
from watchfloor.store.index import checking, file, places
from watchfloor.store.index.search import SearchQuery, search

ACTOR = Actor("clerk", "test", "none needed")
READER, ALL = Reader("analyst", tlp=2), Reader("chief", tlp=4)
OPEN, HIDDEN = "PB//TLP:AMBER", "PB//TLP:RED"


def detections(marking, numbers):
    blank = {field.name: None for field in DETECTION.schema}
    rows = [
        blank
        | {"report_key": f"{marking}{number}", "source": "radar", "origins": [], "locator": f"line {number}"}
        | {"observed_at": datetime(2026, 1, 1, tzinfo=UTC), "marking": marking}
        | {"latitude": 45.0, "longitude": -73.0}
        for number in numbers
    ]
    return pa.Table.from_pylist(rows, DETECTION.schema).drop_columns(["record_id", "delivery"])


def delivered(floor, name, *tables):
    with floor.writer(ACTOR) as writer, writer.delivery("radar", name, BytesIO(name.encode())) as intake:
        for table in tables:
            intake.accept(DETECTION, table)


def occurring(floor):
    with closing(sqlite3.connect(file.path(floor.root))) as index:
        return {text for (text,) in index.execute("SELECT marking FROM markings WHERE first IS NOT NULL")}


def test_no_row_is_indexed_every_marking_is_and_records_are_found_by_their_ids(tmp_path):
    floor = Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")
    delivered(floor, "one", detections(OPEN, range(5)), detections(HIDDEN, range(3)))
    everywhere = places.box(-180, -90, 180, 90)
    assert search(floor, ALL, SearchQuery(box=everywhere), 9).count == 0
    assert occurring(floor) == {OPEN, HIDDEN}
    assert floor.view(READER, floor.position) != floor.view(ALL, floor.position)
    assert floor._with(lambda db: [*checking.check(floor.root, floor.key, db, sample=None)]) == []
    rows = floor.read("detection", ALL)
    assert rows.num_rows == 8
    (found,) = floor.records(rows["record_id"][4].as_py().hex(), ALL)
    assert found == ("detection", rows.to_pylist()[4])


def test_a_marking_whose_last_row_was_erased_occurs_no_more(tmp_path):
    floor = Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")
    delivered(floor, "one", detections(OPEN, range(5)), detections(HIDDEN, range(1)))
    rows = floor.read("detection", ALL)
    hidden = [row["record_id"] for row in rows.to_pylist() if row["marking"] == HIDDEN]
    with floor.writer(ACTOR) as writer:
        writer.erase(hidden, "a court ordered it")
    search(floor, ALL, SearchQuery(words="anything"), 9)
    assert occurring(floor) == {OPEN}


def objects(*said):
    schema = INTELLIGENCE_OBJECT.schema
    blank = {field.name: [] if pa.types.is_list(field.type) else None for field in schema}
    blank |= {"standard": "stix", "object_type": "note", "revoked": False, "body": "{}", "marking": OPEN}
    rows = [
        blank
        | {
            "report_key": f"o{number}",
            "object_id": f"o{number}",
            "source": "feed",
            "locator": f"line {number}",
        }
        | {"observed_at": datetime(2026, 1, 1, tzinfo=UTC), **one}
        for number, one in enumerate(said)
    ]
    return pa.Table.from_pylist(rows, schema).drop_columns(["record_id", "delivery"])


def test_of_objects_those_with_a_name_or_a_subject_are_indexed_and_all_are_found_by_their_ids(tmp_path):
    floor = Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")
    key = "address:email:a@b.example"
    rows = objects({"name": "Sandworm"}, {}, {"subjects": [key]}, {"subjects": [key], "marking": HIDDEN})
    with floor.writer(ACTOR) as writer, writer.delivery("feed", "one", BytesIO(b"one")) as intake:
        intake.accept(INTELLIGENCE_OBJECT, rows)
    (named,) = search(floor, READER, SearchQuery(words="sandworm"), 9).found
    assert named.row["object_id"] == "o0"
    assert [hit.row["object_id"] for hit in search(floor, READER, SearchQuery(about=key), 9).found] == ["o2"]
    assert occurring(floor) == {OPEN, HIDDEN}
    assert floor._with(lambda db: [*checking.check(floor.root, floor.key, db, sample=None)]) == []
    for row in floor.read("intelligence-object", ALL).to_pylist():
        assert original.find(floor, row["record_id"], ALL) == ("intelligence-object", row)


@pytest.mark.parametrize("kept", [0, 1 << 12, 1 << 26])
def test_the_index_of_rows_that_are_kept_for_it_is_that_of_rows_read_again(tmp_path, monkeypatch, kept):
    monkeypatch.setattr("watchfloor.store.segments.draft.KEPT", kept)
    monkeypatch.setattr("watchfloor.store.segments.draft.SMALL", 4)
    monkeypatch.setattr("watchfloor.store.segments.draft.ROWS", 16)
    floor = Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")
    said = [{"name": f"n{n}"} if n % 3 else {"marking": HIDDEN} for n in range(43)]
    with floor.writer(ACTOR) as writer, writer.delivery("feed", "one", BytesIO(b"one")) as intake:
        intake.accept(INTELLIGENCE_OBJECT, objects(*said))
        intake.accept(DETECTION, detections(OPEN, range(40)))
        intake.accept("party", parties(range(35)))
    assert occurring(floor) == {OPEN, HIDDEN}
    assert floor._with(lambda db: [*checking.check(floor.root, floor.key, db, sample=None)]) == []
