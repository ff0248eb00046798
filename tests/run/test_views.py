"""A desk runs once a view; what is kept and what is made for one reader are the same, without the hidden."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.worlds import MARKINGS

from watchfloor.cell.current_signals import signals, taken_back
from watchfloor.core.kinds import REPORT
from watchfloor.desks.registry import desks
from watchfloor.feeds.references import references
from watchfloor.policy.policy import Reader, allowed
from watchfloor.run import views
from watchfloor.run.floor import behind, replay, run_desks
from watchfloor.store import Actor, Floor
from watchfloor.store import views as kept
from watchfloor.store.errors import NoView

ACTOR = Actor("anna", "fraud", "an Act")
HIGH, LOW = Reader("high", protected=3), Reader("low", protected=0)
SUBJECT = "person:parcels:1"


def report(key, marking, subjects=(SUBJECT,), hour=5):
    return {
        "report_key": key,
        "source": "reports",
        "origins": [],
        "observed_at": datetime(2026, 11, 20, hour, tzinfo=UTC),
        "marking": marking,
        "locator": "whole file",
        "subjects": list(subjects),
        "portions": [{"marking": None, "page": None, "text": "seen"}],
        "mentions": [],
        "text_from": "text",
        "reliability": "B",
    }


@pytest.fixture
def floor(tmp_path):
    """Two open reports and two hidden ones: one of another matter, and one that takes back an open one."""
    made = Floor.create(tmp_path / "floor", ACTOR, ceiling="PC//TLP:RED")
    rows = [report("1", "U//TLP:CLEAR"), report("2", "U//TLP:CLEAR", hour=6), report("3", "PC//TLP:RED")]
    with made.writer(ACTOR) as writer:
        for row in (*rows, report("1", "PC//TLP:RED", subjects=["person:parcels:9"], hour=7)):
            writer.append(
                REPORT, pa.Table.from_pylist([row], schema=REPORT.schema.remove(0)).drop_columns(["delivery"])
            )
    return made


def run(floor, *readers):
    with floor.writer(ACTOR) as writer:
        return list(run_desks(floor, writer, desks().values(), references(floor), readers))


def test_a_desk_runs_once_for_each_view_however_many_readers_share_it(floor):
    done = run(floor, HIGH, LOW, Reader("another", protected=3), Reader("third", protected=0))
    assert len(done) == 2 * len(desks())
    assert {one.view for one in done} == {kept.WHOLE, floor.view(LOW, floor.position)}


def test_what_was_kept_and_what_is_made_now_are_the_same_rows(floor):
    run(floor, HIGH)
    with pytest.raises(NoView):
        floor.signals(LOW)
    made = signals(floor, LOW), taken_back(floor, LOW)
    run(floor, HIGH, LOW)
    assert floor.signals(LOW).equals(made[0])
    assert floor.taken_back(LOW).equals(made[1])
    assert made[0].num_rows == 2


def test_a_hidden_retraction_takes_an_open_signal_from_who_sees_it_only(floor):
    run(floor, HIGH, LOW)
    evidence = {row["report_key"]: row["record_id"] for row in floor.read("report", LOW).to_pylist()}
    low = {id_ for cited in floor.signals(LOW)["evidence"].to_pylist() for id_ in cited}
    assert low == set(evidence.values())
    assert evidence["1"] not in {
        id_ for cited in floor.signals(HIGH)["evidence"].to_pylist() for id_ in cited
    }


def test_a_replay_is_of_the_readers_view(floor):
    run(floor, HIGH, LOW)
    for reader in (HIGH, LOW, Reader("uncleared", protected=0, tlp=0)):
        assert all(one.same for one in replay(floor, desks(), references(floor), reader))
    assert behind(floor, desks().values()) == []


def test_rows_that_came_after_the_run_have_no_part_in_its_view(floor):
    run(floor, HIGH, LOW)
    before = floor.signals(LOW)
    with floor.writer(ACTOR) as writer:
        row = report("4", "PA//TLP:GREEN")
        writer.append(
            REPORT, pa.Table.from_pylist([row], schema=REPORT.schema.remove(0)).drop_columns(["delivery"])
        )
    assert floor.signals(LOW).equals(before)
    assert floor.signals(Reader("clerk", protected=0)).equals(before)


def test_the_same_fact_is_seen_through_the_widest_marking_that_the_reader_is_cleared_for(tmp_path):
    made = Floor.create(tmp_path / "floor", ACTOR, ceiling="PC//TLP:RED")
    levels = ("U//TLP:CLEAR", "PA//TLP:GREEN", "PC//TLP:RED")
    with made.writer(ACTOR) as writer:
        for number, marking in enumerate(levels):
            row = report(str(number), marking)
            writer.append(
                REPORT, pa.Table.from_pylist([row], schema=REPORT.schema.remove(0)).drop_columns(["delivery"])
            )
    everyone = [Reader("u", protected=0), Reader("pa", protected=1), Reader("pc", protected=3)]
    run(made, *everyone)
    seen = [set(made.signals(reader)["marking"].to_pylist()) for reader in everyone]
    assert seen == [set(levels[:1]), set(levels[:2]), set(levels)]


def test_positions_that_a_reader_may_know_of_are_those_that_brought_him_something(floor):
    assert len(floor.seen(HIGH)) == 4
    assert floor.seen(LOW) == floor.seen(HIGH)[:2]


readers = st.builds(
    Reader,
    st.just("r"),
    st.sampled_from(["CAN", "USA"]),
    st.sampled_from(["cell", "bank"]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 4),
    st.frozensets(st.sampled_from(["ALPHA", "BRAVO"])),
    st.sampled_from(["", "fraud"]),
)
occurring = st.frozensets(st.sampled_from(MARKINGS))


@given(occurring, readers, occurring)
def test_what_is_hidden_has_no_part_in_a_views_digest(markings, reader, others):
    from watchfloor.core.marking import parse

    hidden = frozenset(text for text in others if not allowed(reader, parse(text)))
    mine = kept.visible(markings, reader)
    assert kept.visible(markings | hidden, reader) == mine
    assert (kept.digest(markings, reader) == kept.WHOLE) == (mine == markings)
    if mine != markings:
        assert kept.digest(markings | hidden, reader) == kept.digest(markings, reader)


def test_readers_of_the_policy_have_views_for_each_purpose_that_a_marking_names(floor):
    (floor.root / "policy.toml").write_text('[readers.anna]\nprotected = "PB"\n[readers.bo]\n', "utf-8")
    assert [one.name for one in views.readers(floor, floor.reader("anna", "fraud"))] == ["anna", "bo"]
