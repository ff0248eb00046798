"""The shelf of a partner, against a list in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.exchange.deliveries import millis
from watchfloor.exchange.shelf import (
    LEAD,
    STEP,
    Entry,
    Item,
    Shelf,
    micros,
    moment_of,
    path_of,
)
from watchfloor.exchange.shelf_query import ALL, LAST, Match
from watchfloor.store.backup import beside
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TYPES = ("indicator", "note", "ipv4-addr")
VERSIONS = ("", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", "2026-01-02T00:00:00.000001Z")


def noon() -> datetime:
    """The clock of these tests stands still."""
    return NOON


def item(number: int, version: str = VERSIONS[1], text: str = "", row: str = "", spec: str = "2.1") -> Item:
    """An object of a number, which says its type too."""
    body = f"{number} {version} {spec} {text}".encode()
    return Item("shared", f"x--{number}", TYPES[number % 3], body, row or f"row {number}", version, spec)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """An empty shelf."""
    with Shelf(tmp_path / "one.sqlite") as made:
        yield made


def _joined(entries: list[Entry]) -> tuple[bytes, bytes, bytes]:
    columns = ([one.body for one in entries], [one.sha256 for one in entries], [one.mark for one in entries])
    bodies, digests, marks = columns
    return b",".join(bodies), b"".join(digests), b"".join(marks)


def walked(shelf: Shelf, match: Match = LAST, limit: int = 7, after: int = 0) -> list[bytes]:
    """The bodies of all pages."""
    found, more = [], True
    while more:
        page = shelf.page("shared", after, limit, match)
        joined = shelf.joined("shared", after, limit, match)
        assert joined[1:] == (page.first, page.last, *_joined(page.entries), page.more)
        assert joined.objects == len(page.entries)
        found += [one.body for one in page.entries]
        more, after = page.more, page.entries[-1].added if page.entries else after
    return found


def test_each_object_has_a_moment_of_its_own_ahead_of_the_clock(shelf: Shelf) -> None:
    assert shelf.put("a", map(item, range(2_500)), noon) == 2_500
    added = [one.added for one in shelf.page("shared", 0, 5_000).entries]
    assert added == list(range(millis(NOON) + LEAD, millis(NOON) + LEAD + 2_500 * STEP, STEP))
    shelf.put("b", [item(9_999)], lambda: NOON - timedelta(days=1))
    assert shelf.page("shared", added[-1]).entries[0].added == added[-1] + STEP


def test_a_page_has_so_many_bytes_or_one_object(shelf: Shelf) -> None:
    shelf.put("a", [item(n, text="x" * 100 * (n + 1)) for n in range(20)], noon)
    after, sizes = 0, []
    while (page := shelf.page("shared", after, 10, most=1_500)).entries:
        joined = shelf.joined("shared", after, 10, most=1_500)
        assert joined[1:] == (page.first, page.last, *_joined(page.entries), page.more)
        sizes.append([len(one.body) for one in page.entries])
        assert page.more == (page.entries[-1].id != "x--19")
        after = page.entries[-1].added
    assert sum(map(len, sizes)) == 20
    assert all(sum(one) <= 1_500 or len(one) == 1 for one in sizes)


def test_a_page_is_of_its_collection_and_versions_whatever_lies_between(shelf: Shelf) -> None:
    other = [item(n)._replace(collection="submitted") for n in range(100)]
    old = [item(n % 5, f"2026-01-01T00:00:{n:02d}Z") for n in range(60)]
    new = [item(n) for n in range(100, 130)]
    order = [*new[:10], *other[:9], new[10], *old, *new[11:16], *other[9:30], *new[16:], *other[30:]]
    shelf.put("a", order, noon)
    shared = [one.body for one in order if one.collection == "shared"]
    for limit in (1, 2, 5, 7, 8, 16, 40, 90, 91):
        assert walked(shelf, ALL, limit) == shared
        assert walked(shelf, LAST, limit) == [one for one in shared if one not in [o.body for o in old[:-5]]]


def test_a_call_that_was_cut_off_is_made_again(shelf: Shelf) -> None:
    def cut() -> Iterator[Item]:
        yield from map(item, range(1_500))
        raise ConnectionError

    with pytest.raises(ConnectionError):
        shelf.put("a", cut(), noon)
    before = shelf.page("shared", 0, 5_000).entries
    assert len(before) == 1_000
    assert shelf.put("a", map(item, range(2_000)), noon, position=7) == 1_000
    assert shelf.page("shared", 0, 1_000).entries == before
    assert (shelf.put("a", map(item, range(2_000)), noon), shelf.position) == (0, 7)


def test_an_object_stays_while_something_carries_it(shelf: Shelf) -> None:
    shelf.put("a", [item(1, row="p"), item(1, row="q"), item(2, row="p")], noon)
    shelf.put("b", [item(1, row="p")], noon)
    assert shelf.withdraw([("a", "p")]) == 1
    assert shelf.withdraw([("a", "q"), ("a", "nothing")]) == 0
    assert len(walked(shelf)) == 1
    assert shelf.withdraw([("b", "p")]) == 1
    assert walked(shelf, ALL) == []


def test_another_body_takes_a_new_place_and_rests_on_its_own_disclosure(shelf: Shelf) -> None:
    shelf.put("a", [item(1), item(2)], noon)
    shelf.put("b", [item(1, text="corrected")], noon)
    assert [one[-9:] for one in walked(shelf, ALL)] == [item(2).body[-9:], b"corrected"]
    assert shelf.withdraw([("a", "row 1")]) == 0
    assert len(walked(shelf)) == 2


def test_what_is_withdrawn_or_added_between_two_pages_costs_no_other(shelf: Shelf) -> None:
    shelf.put("a", map(item, range(30)), noon)
    first = shelf.page("shared", 0, 10)
    shelf.withdraw([("a", f"row {n}") for n in (3, 9, 10, 29)])
    shelf.put("b", [item(40)], noon)
    rest = walked(shelf, after=first.entries[-1].added)
    assert rest == [item(n).body for n in (*range(11, 29), 40)]


def test_a_lost_shelf_dates_everything_later(tmp_path: Path) -> None:
    path = tmp_path / "one.sqlite"
    with Shelf(path) as shelf:
        shelf.put("a", map(item, range(10)), noon)
        last = shelf.last
    path.write_bytes(b"no database at all, and long enough to be read as the head of one" * 9)
    with Shelf(path, last) as shelf:
        assert shelf.position == 0
        shelf.put("a", map(item, range(10)), noon)
        assert shelf.page("shared", 0, 1).entries[0].added > last


def test_one_reader_sees_what_another_thread_and_process_has_put(tmp_path: Path) -> None:
    with Shelf(tmp_path / "one.sqlite") as one, Shelf(tmp_path / "one.sqlite") as other:
        assert other.page("shared").entries == []
        one.put("a", [item(1)], noon)
        assert len(other.page("shared").entries) == 1
        assert other.page("shared", standard="geojson").entries == []
        assert (other.collections(), other.count("shared"), other.count("none")) == (["shared"], 1, 0)


def test_removal_takes_what_is_named_whatever_carries_it(shelf: Shelf) -> None:
    for disclosure in "ab":
        shelf.put(disclosure, [item(1, version) for version in VERSIONS[1:]], noon)
    first, *rest = [one.added for one in shelf.page("shared", match=ALL).entries]
    assert shelf.remove([first, first, 1]) == 1
    assert [one.added for one in shelf.page("shared", match=ALL).entries] == rest
    assert (shelf.remove(rest), shelf.count("shared"), shelf.rows_of("a")) == (len(rest), 0, [])


def test_a_shelf_is_no_part_of_a_backup(tmp_path: Path) -> None:
    floor = Floor.create(tmp_path / "floor", Actor("ana", "testing", "none"))
    with Shelf.open(floor, "a partner") as shelf:
        shelf.put("a", [item(1)], noon)
    assert path_of(floor, "a partner").exists()
    assert not [one for one in beside(floor.root) if one.startswith("shelves")]


def test_moments_are_read_and_written() -> None:
    for text, value in (
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z"),
        ("2026-01-01T00:00:00.1+00:00", "2026-01-01T00:00:00.100Z"),
        ("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123456Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"),
    ):
        assert moment_of(micros(text)) == value
    with pytest.raises(ValueError, match="no time zone"):
        micros("2026-01-01T00:00:00")


@dataclass
class Oracle:
    """A shelf as a list: each object with what carries it, in its place."""

    rows: list[tuple[Item, set[tuple[str, str]]]] = field(default_factory=list)

    def put(self, disclosure: str, put: Item) -> None:
        """Put one object."""
        for held, carriers in list(self.rows):
            if (held.id, held.version) == (put.id, put.version):
                if held.body == put.body:
                    carriers.add((disclosure, put.row))
                    return
                self.rows.remove((held, carriers))
        self.rows.append((put, {(disclosure, put.row)}))

    def withdraw(self, carrier: tuple[str, str]) -> None:
        """Withdraw a row."""
        for _, carriers in self.rows:
            carriers.discard(carrier)
        self.rows = [one for one in self.rows if one[1]]

    def walked(self, match: Match) -> list[bytes]:
        """What a client gets who pulls everything that matches; without moments among the versions."""
        items = [one for one, _ in self.rows]
        keys = {id_: [micros(one.version) for one in items if one.id == id_] for id_ in {i.id for i in items}}
        found = []
        for one in items:
            all_, its = keys[one.id], micros(one.version)
            wanted = {"last": its == max(all_), "first": its == min(all_), "all": True}
            if (
                (not match.ids or one.id in match.ids)
                and (not match.types or one.type in match.types)
                and (not match.spec_versions or one.spec_version in match.spec_versions)
                and any(wanted[v] if isinstance(v, str) else v == its for v in match.versions)
            ):
                found.append(one.body)
        return found


items = st.builds(
    item,
    st.integers(0, 4),
    st.sampled_from(VERSIONS[1:]),
    st.sampled_from(["", "other"]),
    st.sampled_from(["p", "q"]),
    st.sampled_from(["2.0", "2.1"]),
)
carriers = st.tuples(st.sampled_from("ab"), st.sampled_from("pq"))
matches = st.builds(
    Match,
    st.lists(st.sampled_from([f"x--{n}" for n in range(6)]), max_size=2).map(tuple),
    st.lists(st.sampled_from([*TYPES, "none"]), max_size=2).map(tuple),
    st.lists(st.sampled_from(["2.0", "2.1", "3"]), max_size=2).map(tuple),
    st.lists(st.sampled_from(["last", "first", "all", *map(micros, VERSIONS[1:])]), min_size=1).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.tuples(st.sampled_from("ab"), items), carriers), max_size=25), st.lists(matches))
def test_a_shelf_is_what_a_list_would_be(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, Item | str]], asked: list[Match]
) -> None:
    oracle = Oracle()
    with Shelf(tmp_path_factory.mktemp("shelf") / "one.sqlite") as shelf:
        for disclosure, what in acts:
            if isinstance(what, Item):
                shelf.put(disclosure, [what], noon)
                oracle.put(disclosure, what)
            else:
                shelf.withdraw([(disclosure, what)])
                oracle.withdraw((disclosure, what))
        for match in [LAST, ALL, *asked]:
            assert walked(shelf, match, 2) == oracle.walked(match)
