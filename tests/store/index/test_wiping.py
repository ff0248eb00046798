"""Of an erased record no byte is left in the index, whoever made the file and whatever lay beside the row."""

import random
import sqlite3
from contextlib import closing
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.index.world import ACTOR, READER, SUBJECTS, Row, floor_of, kept_signal
from tests.thorough import draws

from watchfloor.store import catalogue
from watchfloor.store.index import checking, file, filling
from watchfloor.store.index.search import SearchQuery, about, records, search

OPEN = "PB//TLP:AMBER"


def words_of(seed, count):
    """Words that look alike at their start, so that they share pages and prefixes of the text index.

    They have no vowels, so no piece of one stands in the names of SQLite's own columns, as `nodeno` is.
    """
    draw = random.Random(seed)
    return [f"q{''.join(draw.choices('bcdfghjklmnpqrstvwxyz', k=9))}" for _ in range(count)]


def row(word, number, kind="party"):
    return Row(
        kind,
        number,
        OPEN,
        (word, "van"),
        SUBJECTS[number % 4],
        number % 40,
        1,
        45 + number / 100,
        -60.0,
        10.0,
    )


def bytes_of(floor):
    """Everything that lies in the index's files."""
    return b"".join(place.read_bytes() for place in sorted(floor.root.glob(f"{file.NAME}*")))


@settings(max_examples=draws(8), deadline=None)
@given(
    st.integers(0, 2**32), st.sets(st.integers(0, 399), min_size=1, max_size=20), st.sampled_from([0, 700])
)
def test_no_byte_of_an_erased_record_is_left(tmp_path_factory, seed, chosen, recent):
    words = words_of(seed, 400)
    rows = [row(word, number, ("party", "report")[number % 2]) for number, word in enumerate(words)]
    with patch.object(filling, "RECENT", recent):  # keys stand in the large table, or in both
        floor = floor_of(tmp_path_factory.mktemp("w") / "floor", [rows[:150], rows[150:300], rows[300:]])
    before = {one.row["record_id"]: one.row for kind in ("party", "report") for one in every(floor, kind)}
    gone = [id_ for id_, found in before.items() if text_of(found) in {words[number] for number in chosen}]
    assert len(gone) == len(chosen)
    assert all(words[number].encode() in bytes_of(floor) for number in chosen)
    with floor.writer(ACTOR) as writer:
        writer.erase(gone, "a court ordered it")
        left = bytes_of(floor)
        for number in chosen:
            assert fragments(words[number], words, chosen, left) == []
        for id_ in gone:
            assert id_ not in left
            assert keys_of(floor, id_) == []
            assert records(floor, id_.hex(), READER) == []
    assert set(before) - set(gone) == {
        one.row["record_id"] for kind in ("party", "report") for one in every(floor, kind)
    }
    assert found_wrong(floor) == []


def keys_of(floor, record_id):
    with closing(sqlite3.connect(file.path(floor.root))) as index:
        keys = " UNION ALL ".join(f"SELECT key FROM {table}" for table in file.KEYED)
        return [key for (key,) in index.execute(keys) if key == filling.start_of(record_id)]


def every(floor, kind):
    return search(floor, READER, SearchQuery(words="van", kinds=(kind,)), 1_000).found or []


def text_of(found):
    return (found.get("name") or found["title"]).split()[0]


def fragments(word, words, chosen, left):
    """Pieces of five letters of a word that stand in the file, and in no word that is left."""
    living = " ".join(other for number, other in enumerate(words) if number not in chosen)
    pieces = {word[at : at + 5] for at in range(len(word) - 4)}
    return [piece for piece in sorted(pieces) if piece.encode() in left and piece not in living]


def found_wrong(floor):
    with catalogue.snapshot(floor.root) as database:
        return list(checking.check(floor.root, floor.key, database, None))


def test_the_start_of_a_word_that_parts_two_pages_goes_too(tmp_path):
    """The peer is the table of separators itself: each one that is left begins a word that is left."""
    words = words_of(7, 3_000)
    floor = floor_of(
        tmp_path / "floor",
        [
            [row(word, number) for number, word in enumerate(words[:1_500])],
            [row(word, number) for number, word in enumerate(words[1_500:], 1_500)],
        ],
    )
    parting = separators(floor) & {word[:length] for word in words for length in range(1, 11)}
    chosen = {
        number
        for number, word in enumerate(words)
        if any(word.startswith(start) for start in parting if len(start) > 3)
    }
    assert chosen, "no word of this world parts two pages"
    rows = floor.read("party", READER, columns=["record_id", "name"]).to_pylist()
    with floor.writer(ACTOR) as writer:
        writer.erase([one["record_id"] for one in rows if words.index(text_of(one)) in chosen], "asked")
    living = [word for number, word in enumerate(words) if number not in chosen] + ["van"]
    assert all(any(word.startswith(start) for word in living) for start in separators(floor))


def separators(floor):
    with closing(sqlite3.connect(file.path(floor.root))) as index:
        return {term[1:].decode() for (term,) in index.execute("SELECT term FROM texts_idx") if term[1:]}


def test_a_place_leaves_its_node(tmp_path):
    rows = [row("van", number, "disclosure") for number in range(120)]
    floor = floor_of(tmp_path / "floor", [rows])
    found = floor.read("disclosure", READER).to_pylist()
    degrees = {one["record_id"]: round(one["latitude"] * 1_000_000) for one in found}
    gone = [one["record_id"] for one in found[::3]]
    with floor.writer(ACTOR) as writer:
        writer.erase(gone, "asked")
    left = bytes_of(floor)
    lost = [
        id_
        for id_ in degrees
        if any((degrees[id_] + off).to_bytes(4, "big", signed=True) in left for off in range(-91, -88))
    ]
    assert {*lost}.isdisjoint(gone)


def test_a_signal_that_rests_on_it_goes(tmp_path):
    floor = floor_of(tmp_path / "floor", [[row("ottoline", 0), row("perpetua", 4)]])
    one, two = (found.row["record_id"] for found in about(floor, SUBJECTS[0], READER))
    first, second = b"the first signal", b"another, a second"[:16]
    kept_signal(floor, (int.from_bytes(first), [one]), (int.from_bytes(second), [two]))
    assert [found.kind for found in about(floor, SUBJECTS[0], READER)] == [
        "signal",
        "signal",
        "party",
        "party",
    ]
    assert second in bytes_of(floor)
    with floor.writer(ACTOR) as writer:
        writer.erase([two], "asked")
        left = bytes_of(floor)
    assert second not in left
    assert first in left
    assert [found.kind for found in about(floor, SUBJECTS[0], READER)] == ["signal", "party"]


def test_an_erasure_that_the_index_missed_is_followed_before_anybody_reads(tmp_path, monkeypatch):
    floor = floor_of(tmp_path / "floor", [[row("ottoline", 0), row("perpetua", 4)]])
    (gone,) = [
        found.row["record_id"] for found in search(floor, READER, SearchQuery(words="ottoline"), 9).found
    ]
    with floor.writer(ACTOR) as writer, monkeypatch.context() as patch:
        patch.setattr("watchfloor.store.writer.forget", lambda *_: None)
        writer.erase([gone], "asked")
    assert b"ottoline" in bytes_of(floor)
    assert search(floor, READER, SearchQuery(words="ottoline"), 9).found == []
    assert b"ottoline" not in bytes_of(floor)
