"""Exhibits on a floor: one of two who act at once, what another may not see, what another node tells."""

from threading import Thread

import pytest
from tests.casework.custody.world import SEIZED

from watchfloor.casework.custody import repository
from watchfloor.casework.custody.exhibits import Exhibit
from watchfloor.casework.custody.record_builders import Part
from watchfloor.casework.custody.repository import Desk
from watchfloor.casework.custody.verifying import verify
from watchfloor.cell.acts import Refusal
from watchfloor.cli.acting import writing
from watchfloor.core.kinds import EXHIBIT
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

READER = Reader("anna", purpose="testing")
ACTOR = Actor("anna", "testing", "none")
GIVEN = SEIZED | {"number": "1", "mass": 10.0, "mass_error": 0.01}


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")
    do(made, lambda desk: repository.seize(desk, GIVEN))
    return made


def do(floor, make):
    with floor.writer(ACTOR) as writer:
        return make(Desk(floor, READER, writer))


def test_two_who_act_on_one_edition_at_the_same_time_cannot_both_succeed(floor, monkeypatch):
    monkeypatch.setenv("WATCHFLOOR_USER", "anna")
    came = []

    def act(n):
        with writing(floor, "testing", "none") as writer:
            try:
                repository.act(Desk(floor, READER, writer), "1", "noted", {"why": f"note {n}"}, edition=1)
                came.append("done")
            except Refusal as refused:
                came.append((refused.reason.message, refused.reason.params["by"]))

    threads = [Thread(target=act, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came.count("done") == 1
    assert came.count(("custody.stale", "anna")) == 3
    assert Exhibit.read(floor, READER)[_id(floor)].edition == 2


def test_a_split_is_written_as_a_whole_or_not_at_all(floor):
    before = floor.position
    with pytest.raises(Refusal):
        do(floor, lambda desk: repository.split(desk, "1", [Part(1.0, 0.01), Part(-1.0, 0.01)], {}))
    assert floor.position == before
    done = do(floor, lambda desk: repository.split(desk, "1", [Part(1.0, 0.01), Part(2.0, 0.01)], {}))
    rows = Exhibit.rows(floor, READER)
    assert {row["position"] for row in rows[1:]} == {done.position}
    assert [row["act"] for row in rows] == ["seized", "made", "made", "split"]
    assert verify(floor, READER) == []


def test_who_is_not_cleared_for_an_exhibit_has_none(floor):
    low = Reader("low", protected=1, purpose="testing")
    assert Exhibit.read(floor, low) == {}
    assert verify(floor, low, whole=False) == []


def test_the_world_as_of_each_position_is_that_of_the_acts_until_then(floor):
    do(floor, lambda desk: repository.act(desk, "1", "noted", {"why": "x"}))
    do(floor, lambda desk: repository.seal(desk, "1", "A1"))
    rows = Exhibit.rows(floor, READER)
    for position in range(floor.position + 1):
        seen = Exhibit.read(floor, READER, position)
        expected = [row for row in rows if row["position"] <= position]
        assert [row for one in seen.values() for row in one.history] == expected


def test_what_another_node_tells_of_its_exhibits_is_none_of_this_floor(floor):
    (row,) = floor.read("exhibit", READER).to_pylist()
    foreign = row | {"source": "node:lab", "act": "destroyed", "edition": 2, "report_key": "x/2"}
    table = EXHIBIT.schema.empty_table().from_pylist([foreign], EXHIBIT.schema)
    with floor.writer(ACTOR) as writer:
        writer.append(EXHIBIT, table.drop_columns(["record_id", "delivery"]), source="node:lab")
    assert Exhibit.read(floor, READER)[_id(floor)].state == "held"
    assert verify(floor, READER, whole=False) == []


def _id(floor):
    return next(iter(Exhibit.read(floor, READER)))
