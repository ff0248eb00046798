"""Search: what is found, and that nothing of what is hidden has a part in it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.kinds import REPORT
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor
from watchfloor.store.index.search import Findings, SearchQuery, fts, search

READER = Reader("analyst", tlp=2)
ACTOR = Actor("clerk", "test", "none needed")


def row(key, *texts, marking="PB//TLP:AMBER", title="A title"):
    plain = {
        "report_key": key,
        "origins": [],
        "observed_at": datetime(2026, 11, 20, tzinfo=UTC),
        "marking": marking,
        "locator": "whole file",
        "title": title,
        "portions": [{"marking": None, "page": number, "text": text} for number, text in enumerate(texts, 1)],
        "mentions": [],
        "text_from": "text",
        "source": "patrol",
    }
    return dict.fromkeys(REPORT.schema.names) | plain


def make(path, *rows):
    floor = Floor.create(path, ACTOR)
    with floor.writer(ACTOR) as writer:
        for one in rows:
            table = pa.Table.from_pylist([one], REPORT.schema).drop_columns(["record_id", "delivery"])
            writer.append(REPORT, table, source="patrol")
    return floor


@pytest.fixture
def floor(tmp_path):
    return make(
        tmp_path / "floor",
        row("P-1", "The ferry landing was empty.", "A grey van came at dusk."),
        row("P-2", "Le traversier était à Québec.", title="Ferry"),
        row("P-3", "The van, grey and old, had no plate. " * 3),
        row("P-4", "A grey van for the minister.", marking="PB//TLP:RED"),
    )


def find(floor, words, reader=READER, top=20, as_of=None):
    return search(floor, reader, SearchQuery(words=words), top, as_of)


def found(floor, words, reader=READER):
    findings = find(floor, words, reader)
    assert len(findings.found) == findings.count
    assert not findings.more
    return {(one.row["report_key"], one.portion) for one in findings.found}


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("ferry", {("P-1", 1), ("P-2", 1)}),
        ("GREY van", {("P-1", 2), ("P-3", 1)}),
        ('"grey van"', {("P-1", 2)}),
        ('"empty a"', set()),  # the end of one portion and the start of the next are no phrase
        ("quebec", {("P-2", 1)}),
        ("travers*", {("P-2", 1)}),
        ("landing van", {("P-1", 1)}),  # in different portions
        ("traversier van", set()),
        ("AND", {("P-3", 1)}),
        ('van" OR "ferry', set()),
        ("text:van", set()),
    ],
)
def test_words(floor, words, where):
    assert found(floor, words) == where


def test_a_hit_says_where_it_stands(floor):
    (hit,) = find(floor, '"grey van"').found
    assert (hit.kind, hit.portion, hit.page) == ("report", 2, 2)
    assert "【grey】" in hit.snippet or "【grey van】" in hit.snippet
    assert hit.row["report_key"] == "P-1"
    assert floor.acts(hit.position, hit.position)[0].act == "ingest"


def test_counts_and_ranks_are_those_of_a_world_without_what_is_hidden(floor, tmp_path):
    """The peer is a floor that never had the hidden report."""
    visible = [
        row("P-1", "The ferry landing was empty.", "A grey van came at dusk."),
        row("P-3", "The van, grey and old, had no plate. " * 3),
    ]
    without = make(tmp_path / "without", row("P-2", "Le traversier était à Québec.", title="Ferry"), *visible)
    for words in ("grey", "van", "the", "grey van", "minister"):
        seen, peer = find(floor, words, top=1), find(without, words, top=1)
        assert seen.count == peer.count
        assert [one.snippet for one in seen.found] == [one.snippet for one in peer.found]
    assert ("P-4", 1) in found(floor, "minister", Reader("chief"))


def test_the_last_record_of_a_report_is_searched(floor):
    with floor.writer(ACTOR) as writer:
        amended = pa.Table.from_pylist([row("P-1", "Nothing.")], REPORT.schema)
        writer.append(REPORT, amended.drop_columns(["record_id", "delivery"]), source="patrol")
    assert found(floor, "landing") == set()
    before = find(floor, "landing", as_of=floor.position - 1).found
    assert {one.row["report_key"] for one in before} == {"P-1"}


@pytest.mark.parametrize("words", ["", "  ", '"', "-- *", "()"])
def test_no_word_is_told(floor, words):
    with pytest.raises(ValueError, match="no word"):
        search(floor, READER, SearchQuery(words=words), 20)


def test_an_empty_floor_has_nothing(tmp_path):
    assert find(make(tmp_path / "empty"), "van") == Findings()


@given(st.text(max_size=30))
def test_nothing_that_is_typed_is_an_operator(words):
    try:
        query = fts(words)
    except ValueError:
        return
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
        database.execute("SELECT * FROM t WHERE t MATCH ?", (query,)).fetchall()
