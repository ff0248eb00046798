"""Which acts brought what a reader may see: read once, and the same as read anew."""

import pytest
from tests.store.rows import parties

from watchfloor.policy.policy import Reader
from watchfloor.store import Floor, catalogue, views
from watchfloor.store.backup import backup, restore
from watchfloor.store.segments import reading

OPEN, HIDDEN = "PB//TLP:AMBER", "PB//TLP:RED"
LOW, HIGH = Reader("analyst", tlp=2), Reader("chief", tlp=4)


@pytest.fixture
def floor(tmp_path, actor):
    return Floor.create(tmp_path / "floor", actor, ceiling=HIDDEN)


@pytest.fixture
def loads(monkeypatch):
    """Payloads that are read."""
    found, load = [], reading.load
    monkeypatch.setattr(reading, "load", lambda root, part, *a: found.append(part) or load(root, part, *a))
    return found


def bring(writer, number, *markings):
    """Bring a row of each marking."""
    for at, marking in enumerate(markings):
        rows = parties([10 * number + at], marking=marking)
        writer.append("party", rows, source="feed")


def test_a_segment_is_read_once_however_often_the_floor_is_asked(floor, actor, loads):
    with floor.writer(actor) as writer:
        for number in range(12):
            bring(writer, number, OPEN)
            loads.clear()
            for _ in range(3):
                assert len(floor.seen(LOW)) == number + 1
                assert floor.view(LOW, floor.position) == views.WHOLE
                assert floor.stands_on(LOW)[0] == floor.newest(["party"])
            assert [len(part.segments) for part in loads] == [1]


def test_what_is_continued_is_what_is_read_anew(floor, actor):
    every = ((OPEN,), (OPEN, HIDDEN), (HIDDEN,), (OPEN,))
    asked = []

    def same():
        fresh, position = Floor.open(floor.root), floor.position
        for reader in (LOW, HIGH):
            assert floor.seen(reader) == fresh.seen(reader)
            assert floor.last_seen(reader) == fresh.last_seen(reader) == max(fresh.seen(reader), default=0)
            for upto in (1, position // 2, position):
                assert floor.view(reader, upto) == fresh.view(reader, upto)
        asked.append(len(floor.seen(LOW)))

    same()
    with floor.writer(actor) as writer:
        for number, markings in enumerate(every * 2):
            bring(writer, number, *markings)
            if number % 3 == 0:
                same()
        writer.compact()  # one file holds what was read and what was not
        same()
        ids = floor.read("party", HIGH, columns=["record_id", "marking"]).to_pylist()
        writer.erase([one["record_id"] for one in ids if one["marking"] == HIDDEN], "a court ordered it")
        same()
        assert floor.seen(LOW) == floor.seen(HIGH)
        bring(writer, 99, HIDDEN)
        same()
    assert asked == sorted(asked)
    assert floor.last_seen(HIGH) > floor.last_seen(LOW)


def test_a_snapshot_of_before_tells_of_before(floor, actor):
    with floor.writer(actor) as writer:
        bring(writer, 1, OPEN)
        with catalogue.snapshot(floor.root) as before:
            before.execute("SELECT max(position) FROM log").fetchone()  # with which it begins
            bring(writer, 2, OPEN, HIDDEN)
            bring(writer, 3, OPEN)
            now = [floor.seen(LOW), floor.seen(HIGH)]
            marked = floor._occurrences.marked(before)
            assert {label.marking for label in marked.numbers} == {OPEN}
            assert [views.seen(marked, (), reader) for reader in (LOW, HIGH)] == [now[0][:1], now[1][:1]]
            assert views.last_seen(marked, (), HIGH) == now[0][0]
            assert [floor.seen(LOW), floor.seen(HIGH)] == now


@pytest.mark.parametrize("more", [0, 1, 4])
def test_a_backup_put_in_the_place_of_an_open_floor_is_noticed(floor, actor, tmp_path, more):
    """What came after the backup is gone, also where as much came since."""
    with floor.writer(actor) as writer:
        bring(writer, 1, OPEN)
    backup(floor, tmp_path / "backup", actor, to=())
    with floor.writer(actor) as writer:
        bring(writer, 2, OPEN, HIDDEN)
        bring(writer, 3, OPEN)

    def told(one):
        sums = {name: tally.deliveries for name, tally in one.delivery_tallies(LOW).items()}
        return one.seen(LOW), one.seen(HIGH), one.tallies(HIGH).to_pylist(), sums, one.view(LOW, one.position)

    before = told(floor)
    floor.root.rename(tmp_path / "old")
    restore(tmp_path / "backup", floor.root, actor)
    with Floor.open(floor.root).writer(actor) as writer:
        for number in range(more):
            bring(writer, 10 + number, HIDDEN)
    assert told(floor) == told(Floor.open(floor.root))
    assert told(floor) != before


def test_pieces_in_quarantine_are_looked_at_no_longer_than_they_tell_something(floor, actor):
    with floor.writer(actor) as writer:
        bring(writer, 1, OPEN)
    with catalogue.snapshot(floor.root) as database:
        marked = floor._occurrences.marked(database)
    looked = []

    def held():
        for position, marking in ((90, HIDDEN), (80, OPEN), (70, OPEN)):
            looked.append(position)
            yield position, marking

    assert views.last_seen(marked, held(), LOW) == 80
    assert looked == [90, 80]
