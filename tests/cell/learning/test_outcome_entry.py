from datetime import timedelta

import pytest
from tests.cell.toy import MARKING, READER, deliver, lead_of, make, now

from watchfloor.cell.learning.outcomes import standing
from watchfloor.core.results import RESULTS
from watchfloor.policy.policy import Reader


@pytest.fixture
def floor(tmp_path):
    return make(tmp_path / "floor", {"ann": [("scan", "dense")], "bo": [("scan", "odd")]})


def test_rows_of_a_file_are_completed_from_their_leads(floor):
    lead = lead_of(floor, "ann")
    taken = deliver(floor, "".join(f"{lead.lead_id},{name},roy {name},2026-03-02\n" for name in RESULTS))
    assert tuple(taken.account) == (8, 8, 0, 0, 0)
    rows = standing(floor, READER)
    assert {row["result"]: row["true"] for row in rows} == {one.name: one.true for one in RESULTS.values()}
    assert {(row["hypothesis"], *row["subjects"], row["marking"]) for row in rows} == {
        ("smuggling", "person:scans:ann", MARKING)
    }


def test_an_unknown_lead_goes_into_quarantine_with_the_reason_and_the_row(floor):
    known = lead_of(floor, "ann").lead_id
    taken = deliver(floor, f"ffffffffffff,seized,roy,2026-03-02\n{known},seized,roy,2026-03-02\n")
    assert (taken.account.accepted, taken.account.quarantined) == (1, 1)
    (piece,) = floor.quarantine()
    assert piece.locator == "line 2"
    assert "there is no lead 'ffffffffffff' that you may see" in piece.reason
    assert b"ffffffffffff" in piece.raw
    assert b"seized" in piece.raw


def test_a_lead_that_the_person_may_not_see_is_unknown_to_them(floor):
    lead = lead_of(floor, "ann").lead_id
    deliver(floor, f"{lead},seized,roy,2026-03-02\n", Reader("public", protected=0))
    assert [piece.reason.startswith("there is no lead") for piece in floor.quarantine()] == [True]


def test_the_same_file_again_is_a_duplicate(floor):
    text = f"{lead_of(floor, 'ann').lead_id},seized,roy,2026-03-02\n"
    deliver(floor, text)
    assert tuple(deliver(floor, text).account) == (1, 0, 1, 0, 0)
    assert len(standing(floor, READER)) == 1


def test_what_is_still_to_come_is_no_outcome(floor):
    lead = lead_of(floor, "ann").lead_id
    tomorrow = (now() + timedelta(hours=20)).isoformat()
    taken = deliver(floor, f"{lead},seized,roy,2999-01-01\n{lead},seized,ann,{tomorrow}\n")
    assert (taken.account.accepted, taken.account.quarantined) == (1, 1)
    (piece,) = floor.quarantine()
    assert (piece.locator, "still to come" in piece.reason) == ("line 2", True)
