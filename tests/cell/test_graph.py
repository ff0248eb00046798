"""The graph of a floor: against a search from subject to subject that knows nothing but pairs."""

from collections import defaultdict, deque
from datetime import UTC, datetime
from itertools import combinations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cell.toy import OFFICER

from watchfloor.cell import canvas
from watchfloor.cell import graph as graphs
from watchfloor.cell.graph import graph, packed, unpacked
from watchfloor.cell.identity.merges import judge_pair
from watchfloor.cell.judgements import Judgement
from watchfloor.core.kinds import DECLARATION, PARTY, PAYMENT
from watchfloor.core.subjects import key_of
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SEES = datetime(2026, 3, 1, tzinfo=UTC)
ALL = Reader("officer", purpose="test")
FEW = Reader("few", protected=0, tlp=1, purpose="test")
OPEN, CLOSED = "U//TLP:GREEN", "PB//TLP:AMBER"

people = st.integers(0, 11).map(lambda n: f"person:bank:{n}")
rows_of = st.lists(st.tuples(st.sets(people, min_size=1, max_size=4), st.booleans()), max_size=25)


def made(drawn):
    """A graph of rows that name sets of subjects; `apart` rows say that two are different."""
    rows = [
        {"kind": "payment", "id": n.to_bytes(16, "big"), "at": SEES, "source": "bank", "marking": OPEN}
        | {"verdict": "different" if apart else None}
        for n, (_, apart) in enumerate(drawn)
    ]
    entries = [
        {"row": n, "subject": key, "part": "payer"}
        for n, (keys, _) in enumerate(drawn)
        for key in sorted(keys)
    ]
    part = graphs._Part(
        pa.Table.from_pylist(rows, schema=graphs._ROWS), pa.Table.from_pylist(entries, schema=graphs._ENTRIES)
    )
    return graphs._joined([part], {})


def near(drawn, *, walked):
    found = defaultdict(set)
    for keys, apart in drawn:
        for one, other in combinations(sorted(keys), 2):
            if not (apart and walked):
                found[one].add(other)
                found[other].add(one)
    return found


def steps(found, one, other):
    """How many steps there are from one to another, breadth first; None for no way."""
    far, waiting = {one: 0}, deque([one])
    while waiting:
        here = waiting.popleft()
        for there in found[here]:
            if there not in far:
                far[there] = far[here] + 1
                waiting.append(there)
    return far.get(other)


@settings(deadline=None)
@given(rows_of, people, people)
def test_a_way_is_as_short_as_any_and_each_step_is_an_edge(drawn, one, other):
    way, found = made(drawn).way(one, other), near(drawn, walked=True)
    known = any(one in keys for keys, _ in drawn)
    if one == other:
        assert way.found is known
    else:
        shortest = steps(found, one, other)
        assert way.found is (shortest is not None)
        assert len(way.steps) == (shortest or 0)
    places = [one, *(step.other for step in way.steps)]
    for step, before in zip(way.steps, places, strict=False):
        assert step.one == before
        assert step.other in found[step.one]
        assert step.total == sum({step.one, step.other} <= keys and not apart for keys, apart in drawn)
    assert not way.steps or places[-1] == other


@settings(deadline=None)
@given(rows_of, people)
def test_neighbours_are_all_who_stand_in_a_row_with_a_subject(drawn, one):
    edges, total = made(drawn).neighbours(one, 100)
    assert {edge.other for edge in edges} == near(drawn, walked=False)[one]
    assert total == len(edges)
    counts = [edge.total for edge in edges]
    assert counts == sorted(counts, reverse=True)
    for edge in edges:
        assert edge.total == sum({one, edge.other} <= keys for keys, _ in drawn)


@settings(deadline=None)
@given(rows_of, st.sets(people))
def test_a_canvas_has_each_link_among_its_subjects_with_all_its_rows(drawn, subjects):
    here, found = made(drawn), near(drawn, walked=False)
    among = canvas.among(here, subjects)
    told = {(edge.one, edge.other): edge for edge in among.edges}
    pairs = {tuple(sorted((one, other))) for one in subjects for other in found[one] & subjects}
    assert told.keys() == pairs == canvas.linked(here, subjects)
    assert among.total == len(pairs)
    for (one, other), edge in told.items():
        mine = [apart for keys, apart in drawn if {one, other} <= keys]
        assert edge.total == len(mine) == sum(count for _, count in edge.kinds)
        assert edge.why == here.between(one, other).why[: len(edge.why)]


@settings(deadline=None)
@given(rows_of, st.sets(people, min_size=1))
def test_what_happened_to_some_subjects_is_every_row_that_names_one(drawn, subjects):
    here = made(drawn)
    rows = canvas.rows_of(here, subjects)
    mine = [keys for keys, _ in drawn if keys & subjects]
    assert len(rows) == len(mine)
    told = canvas.happenings(here, rows, subjects)
    assert sorted((sorted(key for key, _ in one.subjects), one.others) for one in told) == sorted(
        (sorted(keys & subjects), len(keys - subjects)) for keys in mine
    )
    axis = canvas.axis(here, [rows], 7)
    assert (axis is None) is (not mine)
    assert axis is None or sum(axis.counts(here.moments[rows])) == len(mine)


@settings(deadline=None)
@given(rows_of, people)
def test_neighbours_of_a_type_are_counted_as_they_are_told(drawn, one):
    here = made([({*keys, f"phone:phone:{n}"}, apart) for n, (keys, apart) in enumerate(drawn)])
    assert here.types(one) == {
        type_: total for type_ in ("person", "phone") if (total := here.neighbours(one, 99, (type_,))[1])
    }
    assert sum(here.types(one).values()) == here.neighbours(one, 0)[1]


@settings(deadline=None)
@given(rows_of, people, people)
def test_a_graph_is_the_same_on_the_other_side_of_a_process(drawn, one, other):
    here = made(drawn)
    there = unpacked(packed(here))
    assert there.neighbours(one, 9) == here.neighbours(one, 9)
    assert there.way(one, other) == here.way(one, other)


def test_a_budget_cuts_a_search_short_and_says_so():
    chain = [({f"person:bank:{n}", f"person:bank:{n + 1}"}, False) for n in range(20)]
    here = made(chain)
    assert here.way("person:bank:0", "person:bank:20").found
    short = here.way("person:bank:0", "person:bank:20", budget=5)
    assert (short.found, short.cut, short.looked) == (False, True, 6)
    assert not here.way("person:bank:0", "person:bank:99").cut


def test_a_hub_is_not_gone_through_unless_asked():
    wheel = [({"phone:phone:1", f"person:bank:{n}", f"company:bank:{n}"}, False) for n in range(120)]
    here = made([*wheel, ({"substance:cas:50-00-0", "person:bank:0"}, False)])
    assert here.is_hub("phone:phone:1")
    assert here.is_hub("substance:cas:50-00-0")
    assert not here.is_hub("person:bank:1")
    way = here.way("person:bank:0", "person:bank:1")
    assert (way.found, way.cut, way.hubs) == (False, False, 2)
    assert len(here.way("person:bank:0", "person:bank:1", hubs=True).steps) == 2
    assert here.way("phone:phone:1", "person:bank:1").found


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """Payments, a declaration, parties that share a telephone, judgements; some under a closed marking."""
    floor = Floor.create(tmp_path_factory.mktemp("graph") / "floor", OFFICER)
    with floor.writer(OFFICER) as writer:
        parties = [
            _common(f"p{n}", CLOSED if n == 3 else OPEN)
            | {"subject": f"person:bank:{n}", "role": "payee", "name": f"Name {n}"}
            | {"identifiers": [{"system": "phone", "number": number, "owner": None}]}
            for n, number in ((1, "613-555-0101"), (2, "+1 613 555 0101"), (3, "613 555 0102"))
        ]
        _append(writer, PARTY, parties)
        pays = [
            _common("t1", OPEN) | {"payer": "person:bank:1", "payee": "company:bank:7"},
            _common("t2", CLOSED) | {"payer": "company:bank:7", "payee": "person:bank:3"},
        ]
        fields = {field.name for field in PAYMENT.schema if not field.nullable}
        _append(writer, PAYMENT, [_filled(PAYMENT, row, fields) for row in pays])
        goods = _common("d1", OPEN) | {"subject": "parcel:post:1", "consignee": "person:bank:2"}
        _append(writer, DECLARATION, [_filled(DECLARATION, goods, {"goods"})])
        judge_pair(writer, ("person:bank:1", "person:bank:9"), [OPEN], _judged("same"))
        judge_pair(writer, ("person:bank:2", "person:bank:8"), [CLOSED], _judged("different"))
    return floor


def _judged(verdict):
    return Judgement(verdict, "seen", "officer", SEES)


def _common(key, marking):
    return {"report_key": key, "origins": [], "observed_at": SEES, "marking": marking, "locator": key}


def _filled(kind, row, required):
    """A row with something in every column that may not be empty."""
    for field in kind.schema:
        if (
            field.name in required
            and field.name not in row
            and field.name not in ("record_id", "source", "delivery")
        ):
            row[field.name] = {"string": "x", "timestamp[us, tz=UTC]": SEES}.get(str(field.type), 1)
    return row


def _append(writer, kind, rows):
    schema = pa.schema(
        [field for field in kind.schema if field.name not in ("record_id", "delivery", "source")]
    )
    writer.append(kind.name, pa.Table.from_pylist(rows, schema=schema), source="bank")


def _pairs(floor, reader):
    """Every pair that a row of evidence names, as a reader with patience would write them down."""
    pairs = set()
    for kind, columns in graphs.COLUMNS.items():
        for row in floor.read(kind, reader, latest=True).to_pylist():
            keys = set()
            for name in columns:
                value = row[name]
                if name == "identifiers":
                    keys |= {key_of(**one) for one in value or ()}
                elif isinstance(value, list):
                    keys |= {one["subject"] if isinstance(one, dict) else one for one in value}
                else:
                    keys.add(value)
            pairs |= set(combinations(sorted(keys - {None}), 2))
    return pairs


@pytest.mark.parametrize("reader", [ALL, FEW])
def test_evidence_of_every_kind_is_in_it_under_the_readers_mask(floor, reader):
    here = graph(floor, reader, NOW)
    edges = {
        tuple(sorted((one, edge.other)))
        for one in here.subjects
        for edge in here.neighbours(one, 100)[0]
        if any(why.kind != "judgement" for why in edge.why)
    }
    assert edges == _pairs(floor, reader)
    assert len(edges) == (6 if reader is ALL else 4)


def test_two_ways_to_write_a_number_are_one_subject_and_judgements_connect(floor):
    here = graph(floor, ALL, NOW)
    way = here.way("person:bank:1", "person:bank:2")
    assert [step.other for step in way.steps] == ["phone:phone:16135550101", "person:bank:2"]
    (why,) = here.between("person:bank:1", "person:bank:9").why
    assert (why.kind, why.verdict, why.source) == ("judgement", "same", "officer")
    assert here.way("person:bank:1", "person:bank:9").found
    assert here.between("person:bank:2", "person:bank:8").why[0].verdict == "different"
    assert not here.way("person:bank:2", "person:bank:8").found


def test_what_is_hidden_leaves_no_trace(floor):
    here = graph(floor, FEW, NOW)
    assert not {"person:bank:3", "person:bank:8", "phone:phone:16135550102"} & set(here.subjects)
    assert here.neighbours("person:bank:3", 9) == here.neighbours("person:nowhere:1", 9) == ([], 0)
    assert here.name("person:bank:3").text == ""
    assert here.name("person:bank:1").text == "Name 1"
