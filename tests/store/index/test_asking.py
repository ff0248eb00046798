"""What the index answers, against brute force over `Floor.read`, and a world without what is hidden."""

from contextlib import closing
from datetime import date, timedelta
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.store.index.world import (
    ACTOR,
    DELIVERIES,
    HIDDEN,
    OPEN,
    READER,
    START,
    SUBJECTS,
    WORDS,
    WORLD,
    Row,
    deliver,
    floor_of,
    signal,
    signals,
    table,
)
from tests.thorough import draws

from watchfloor.core.derived import SIGNAL
from watchfloor.policy.policy import Reader
from watchfloor.store.errors import NoView, UnknownRecord
from watchfloor.store.index import asking, file, filling, places
from watchfloor.store.index.columns import columns_of, values
from watchfloor.store.index.search import SearchQuery, about, records, search, standing

KINDS = ("party", "report", "disclosure")
LATE = Reader("late", tlp=2, today=date(2031, 1, 1))
"""Reads on a day on which some rows may no longer be kept."""
SOME = settings(
    max_examples=draws(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

RECENT = (0, 12, 1 << 16)
"""Keys that wait before they are moved: none, so few that both tables hold some, all of them."""

HOURS = st.none() | st.integers(-2, 45).map(lambda hours: START + timedelta(hours=hours))
BOXES = st.builds(
    lambda a, b, west, east: places.box(west, min(a, b), east, max(a, b)),
    st.floats(-90, 90),
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.floats(-180, 180),
)
ASKED = st.builds(
    SearchQuery,
    words=st.none()
    | st.lists(st.sampled_from([*WORDS, "qu*", '"grey van"']), min_size=1, max_size=2).map(" ".join),
    about=st.none() | st.sampled_from(SUBJECTS),
    box=st.none() | BOXES | st.just(WORLD),
    since=HOURS,
    until=HOURS,
    kinds=st.sampled_from([(), ("party",), ("report", "disclosure")]),
).filter(lambda asked: asked.words or asked.about or asked.box)


BROAD = (
    SearchQuery(box=WORLD),
    *(SearchQuery(about=subject) for subject in SUBJECTS),
    *(SearchQuery(words=word) for word in WORDS),
)
"""What is asked of every world beside what is drawn, so that each row is somewhere among the answers."""


def brute(floor, reader, asked, as_of=None):
    """Ids of the rows of evidence that fulfil what is asked."""
    found = set()
    for kind in KINDS:
        for row in floor.read(kind, reader, as_of, latest=True).to_pylist():
            if (not asked.kinds or kind in asked.kinds) and fulfils(kind, row, asked):
                found.add(row["record_id"])
    return found


def fulfils(kind, row, asked):
    columns = {name: [value] for name, value in row.items()}
    since = row.get("since") or row.get("until") or row["observed_at"]
    until = row.get("until") or since
    texts = next(values(columns, columns_of(kind).texts))
    return (
        (asked.words is None or all(holds(texts, word) for word in terms(asked.words)))
        and (asked.about is None or asked.about in next(values(columns, columns_of(kind).subjects)))
        and (asked.since is None or until >= asked.since)
        and (asked.until is None or since <= asked.until)
        and (asked.box is None or (row.get("latitude") is not None and touches(row, asked.box)))
    )


def terms(words):
    return ["grey van"] * ('"grey van"' in words) + words.replace('"grey van"', "").split()


def holds(texts, term):
    if " " in term:
        return any(f" {term} " in f" {text} " for text in texts)
    whole = [word for text in texts for word in text.split()]
    return any(word.startswith(term[:-1]) if term.endswith("*") else word == term for word in whole)


def touches(row, wanted):
    """By angles east of each other's west side."""
    mine = places.around(row["latitude"], row["longitude"], row.get("radius") or 0.0)
    in_latitude = max(mine.south, wanted.south) <= min(mine.north, wanted.north)
    return in_latitude and (
        (wanted.west - mine.west) % 360 <= mine.east - mine.west
        or (mine.west - wanted.west) % 360 <= wanted.east - wanted.west
    )


def ids(found):
    return [one.row["record_id"] for one in found]


@SOME
@given(DELIVERIES, ASKED, st.sampled_from([READER, LATE, Reader("chief")]), st.data())
def test_answers_are_those_of_brute_force(tmp_path_factory, deliveries, asked, reader, data):
    with patch.object(filling, "RECENT", data.draw(st.sampled_from(RECENT))):
        floor = floor_of(tmp_path_factory.mktemp("w") / "floor", deliveries)
    as_of = data.draw(st.integers(1, floor.position))
    for each in (asked, *BROAD):
        check(floor, reader, each, as_of)


def check(floor, reader, asked, as_of):
    answer = search(floor, reader, asked, 1_000, as_of)
    assert set(ids(answer.found)) == brute(floor, reader, asked, as_of)
    assert answer.count == len(answer.found)
    if asked.words is None:
        positions = [one.position for one in answer.found]
        assert positions == sorted(positions, reverse=True)
    for one in answer.found:
        (row,) = [
            row
            for row in floor.read(one.kind, reader, as_of).to_pylist()
            if row["record_id"] == one.row["record_id"]
        ]
        assert one.row == row


@SOME
@given(DELIVERIES, ASKED)
def test_answers_are_those_of_a_world_without_what_is_hidden(tmp_path_factory, deliveries, asked):
    """The same rows, order, counts and snippets; ids agree because both floors have one key."""
    home = tmp_path_factory.mktemp("w")
    floor = floor_of(home / "floor", deliveries)
    visible = [[row for row in rows if row.marking != HIDDEN] for rows in deliveries]
    without = floor_of(home / "without", visible, floor.key)
    for each in (asked, *BROAD):
        seen, peer = (search(one, READER, each, 1_000) for one in (floor, without))
        assert (seen.count, seen.more) == (peer.count, peer.more)
        assert [said(one) for one in seen.found] == [said(one) for one in peer.found]


def said(one):
    """A row without what depends on the other rows of its delivery, and where the words stand in it."""
    row = {name: value for name, value in one.row.items() if name not in ("record_id", "locator")}
    return one.kind, row, one.snippet, one.portion


@SOME
@given(DELIVERIES, st.sampled_from(KINDS), st.data())
def test_a_report_as_of_any_position(tmp_path_factory, deliveries, kind, data):
    floor = floor_of(tmp_path_factory.mktemp("w") / "floor", deliveries)
    as_of = data.draw(st.integers(1, floor.position))
    reader = data.draw(
        st.sampled_from([READER, Reader("chief")])
    )  # the chief sees reports of several markings
    rows = floor.read(kind, reader, as_of, latest=True).to_pylist()
    for key in ("r0", "r1", "r9"):
        found = standing(floor, kind, "feed", key, reader, as_of)
        assert [one.row for one in found][::-1] == [row for row in rows if row["report_key"] == key]


@SOME
@given(DELIVERIES, st.data())
def test_a_record_as_of_any_position(tmp_path_factory, deliveries, data):
    floor = floor_of(tmp_path_factory.mktemp("w") / "floor", deliveries)
    as_of = data.draw(st.integers(1, floor.position))
    every = [row for kind in KINDS for row in floor.read(kind, Reader("chief")).to_pylist()]
    seen = [row for kind in KINDS for row in floor.read(kind, READER, as_of).to_pylist()]
    for row in every:
        found = records(floor, row["record_id"].hex(), READER, as_of)
        assert [one.row for one in found] == [one for one in seen if one["record_id"] == row["record_id"]]
    prefix = data.draw(st.sampled_from("0123456789abcdef"))
    mine = {row["record_id"] for row in seen if row["record_id"].hex().startswith(prefix)}
    assert set(ids(records(floor, prefix, READER, as_of))) == mine


@pytest.mark.parametrize("prefix", ["", "xyz", "0" * 33])
def test_what_is_no_id_is_told(tmp_path, prefix):
    with pytest.raises(UnknownRecord, match="no record id"):
        records(floor_of(tmp_path / "floor", []), prefix, READER)


def row(**values):
    plain = {"kind": "disclosure", "key": None, "marking": OPEN, "words": ("van",), "subject": SUBJECTS[0]}
    plain |= {"hour": 0, "hours": 0, "latitude": 50.0, "longitude": 0.0, "radius": 0.0}
    return Row(**(plain | values))


@pytest.mark.parametrize("recent", RECENT)
def test_an_amendment_takes_its_reports_place_wherever_their_keys_stand(tmp_path, monkeypatch, recent):
    monkeypatch.setattr(filling, "RECENT", recent)
    others = [row(kind="party", subject=SUBJECTS[1]) for _ in range(7)]
    first, amended = (row(kind="party", key=1, words=words) for words in (("ferry",), ("ferry", "night")))
    floor = floor_of(tmp_path / "floor", [[first, *others], [amended]])
    assert [one.row["name"] for one in about(floor, SUBJECTS[0], READER)] == ["ferry night"]
    found = search(floor, READER, SearchQuery(words="ferry", about=SUBJECTS[0]), 9).found
    assert [one.row["name"] for one in found] == ["ferry night"]


@pytest.mark.parametrize("recent", RECENT)
def test_a_report_about_a_subject_fulfils_both(tmp_path, monkeypatch, recent):
    monkeypatch.setattr(filling, "RECENT", recent)
    floor = floor_of(tmp_path / "floor", [[row(kind="party", key=1)] * 2])
    report = filling.report_hash(floor.key, "party", "feed", "r1")
    with closing(file.open_(floor.root)) as index:
        found = [
            list(
                asking.hits(
                    index,
                    asking.View(READER, 1),
                    asking.Query(report=report, subject=filling.subject_hash(floor.key, subject)),
                )
            )
            for subject in SUBJECTS[:2]
        ]
    assert [len(hits) for hits in found] == [1, 0]


@pytest.mark.parametrize("way", [{"about": SUBJECTS[0]}, {"box": WORLD}])
@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        (3, None, 1),
        (6, None, 1),
        (7, None, 0),
        (None, 5, 1),
        (None, 2, 1),
        (None, 1, 0),
        (3, 4, 1),
        (7, 9, 0),
    ],
)
def test_a_window_that_touches_a_rows_own_is_enough(tmp_path, way, since, until, count):
    """The row is about the hours 2 to 6."""
    floor = floor_of(tmp_path / "floor", [[row(hour=2, hours=4)]])
    first, last = (None if hour is None else START + timedelta(hours=hour) for hour in (since, until))
    assert search(floor, READER, SearchQuery(since=first, until=last, **way), 9).count == count


def test_a_place_across_the_antimeridian_is_found_from_either_side(tmp_path):
    floor = floor_of(tmp_path / "floor", [[row(longitude=179.99, radius=5_000.0)]])
    sides = (places.box(-180, 40, -179.99, 60), places.box(179.9, 40, 180, 60), places.box(-179, 40, 179, 60))
    assert [search(floor, READER, SearchQuery(box=side), 9).count for side in sides] == [1, 1, 0]


def test_a_crowded_box_gives_the_newest_by_walking_back(tmp_path, monkeypatch):
    """The peer is the same box found by the tree."""
    rows = [row(longitude=number / 10, hour=number % 40) for number in range(60)]
    floor = floor_of(tmp_path / "floor", [rows[:30], rows[30:]])
    asked = SearchQuery(box=places.box(1, 40, 5, 60), since=START + timedelta(hours=3))
    by_tree = search(floor, READER, asked, 10)
    monkeypatch.setattr("watchfloor.store.index.asking.DENSE", 5)
    walked = search(floor, READER, asked, 10)
    assert walked == by_tree
    assert set(ids(search(floor, READER, asked, 100).found)) == brute(floor, READER, asked)


def test_more_than_are_counted_is_said(tmp_path, monkeypatch):
    floor = floor_of(tmp_path / "floor", [[row(kind="party") for _ in range(12)]])
    monkeypatch.setattr("watchfloor.store.index.search.COUNTED", 10)
    monkeypatch.setattr("watchfloor.store.index.search.CANDIDATES", 5)
    found = search(floor, READER, SearchQuery(words="van"), 20)
    assert (found.count, found.more, len(found.found)) == (10, True, 11)
    assert (search(floor, READER, SearchQuery(about=SUBJECTS[0]), 20).more) is True


def kept(floor, *rows, view=""):
    with floor.writer(ACTOR) as writer:
        return writer.keep_run("toy", "1", floor.position, {}, signals(*rows), view)


def test_signals_stand_as_their_last_run_says(tmp_path):
    floor = floor_of(tmp_path / "floor", [[row(subject=SUBJECTS[0])]])
    (evidence,) = ids(about(floor, SUBJECTS[0], READER))
    first = kept(
        floor,
        signal(1, SUBJECTS[0], [evidence]),
        signal(2, SUBJECTS[0], [evidence], latitude=60.0, longitude=1.0),
    )
    taken_back = signal(1, SUBJECTS[0], [evidence], revision=1, retracted=True)
    kept(floor, signal(1, SUBJECTS[0], [evidence]), taken_back, signal(3, SUBJECTS[0], [evidence]))
    for as_of in (None, first, first - 1):
        found = [one.row for one in about(floor, SUBJECTS[0], READER, as_of) if one.kind == "signal"]
        standing = floor.signals(READER, as_of).to_pylist()
        assert sorted(found, key=lambda one: one["row_id"]) == standing
        assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)
    assert [one.kind for one in about(floor, SUBJECTS[0], READER)] == ["signal", "disclosure"]
    boxed = search(floor, READER, SearchQuery(box=places.box(0, 59, 2, 61)), 9, first)
    assert [one.row["row_id"] for one in boxed.found] == [(2).to_bytes(16, "big")]
    assert not search(floor, READER, SearchQuery(box=places.box(0, 59, 2, 61)), 9).found


def test_signals_of_a_view_that_was_not_run_are_made_or_refused(tmp_path):
    floor = floor_of(tmp_path / "floor", [[row(), row(marking=HIDDEN)]])
    evidence = ids(about(floor, SUBJECTS[0], Reader("chief")))
    kept(floor, signal(1, SUBJECTS[0], evidence, marking=HIDDEN))
    assert len(about(floor, SUBJECTS[0], Reader("chief"))) == 3
    with pytest.raises(NoView, match="watchfloor run"):
        about(floor, SUBJECTS[0], READER)
    made = signals(signal(7, SUBJECTS[0], evidence[:1]), signal(8, SUBJECTS[1], []))["signal"]
    found = about(floor, SUBJECTS[0], READER, derive=lambda: made)
    assert [one.kind for one in found] == ["signal", "disclosure"]
    assert found[0].row == made.to_pylist()[0]
    assert about(floor, SUBJECTS[3], READER, derive=SIGNAL.empty_table) == []


@SOME
@given(DELIVERIES)
@example([[row(marking=HIDDEN), row()], [row(marking=HIDDEN)]])
def test_a_view_is_the_one_that_the_floor_knows(tmp_path_factory, deliveries):
    """A run kept for the reader's view, as `Floor.view` names it, is the one whose signals he is shown."""
    floor = floor_of(tmp_path_factory.mktemp("w") / "floor", deliveries)
    kept(floor, signal(1, SUBJECTS[0], []), view=floor.view(READER, floor.position))
    floor.act(ACTOR, "query", {})
    with floor.writer(ACTOR) as writer:
        deliver(writer, [row(kind="party", key=7)], "one more")
    found = [one.row for one in about(floor, SUBJECTS[0], READER) if one.kind == "signal"]
    assert found == floor.signals(READER).to_pylist()


def test_several_kinds_in_live_rows(tmp_path):
    floor = floor_of(tmp_path / "floor", [])
    with floor.writer(ACTOR) as writer:
        for number in range(5):
            for kind in KINDS:
                writer.append(kind, table(kind, [row(kind=kind, hour=number)], number))
        assert len(about(floor, SUBJECTS[0], READER)) == 15
        writer.compact()
        assert len(about(floor, SUBJECTS[0], READER)) == 15
