from dataclasses import replace

import msgspec
import pytest
from tests.cell.toy import MARKING, OFFICER, READER, TABLE, deliver, lead_of, make, report, run

from watchfloor.cell.learning.acted import acted_on, as_it_stands, kept
from watchfloor.cell.learning.outcomes import verdicts
from watchfloor.policy.policy import Reader


@pytest.fixture
def floor(tmp_path):
    return make(tmp_path / "floor", {"ann": [("scan", "odd")], "bo": [("scan", "odd"), ("tip", "B2")]})


def stood(floor, name="ann", reader=READER):
    found = acted_on(floor, reader, TABLE, list(verdicts(floor, reader).values()))
    return found.get(lead_of(floor, name).lead_id)


def test_a_lead_is_used_as_it_stood_and_not_as_it_stands(floor):
    report(floor, "ann", "seized")
    before = lead_of(floor, "ann").lead
    run(floor, {"ann": [("scan", "dense"), ("tip", "B2")]})
    found = stood(floor)
    assert (found.bits, found.probability, found.rebuilt) == (before.bits, before.probability, False)
    assert [(term.rule, term.strength, term.share) for term in found.terms] == [("scan", "odd", 1.0)]
    assert lead_of(floor, "ann").lead.bits > before.bits


def test_the_first_look_decides_however_often_it_is_reported(floor):
    report(floor, "ann", "examined")
    run(floor, {"ann": [("scan", "dense")]})
    report(floor, "ann", "seized")
    assert stood(floor).bits == -2.0


def test_that_nobody_looked_keeps_nothing(floor):
    report(floor, "ann", "not-acted-on")
    assert kept(floor, READER) == {}


def test_what_was_kept_is_masked_and_erased_with_its_evidence(floor):
    report(floor, "ann", "seized")
    found = stood(floor)
    assert found.marking == MARKING
    assert kept(floor, Reader("public", protected=0)) == {}
    with floor.writer(OFFICER) as writer:
        writer.erase(found.evidence, "asked", category="consent")
    assert kept(floor, READER) == {}


def test_a_lead_that_nobody_kept_is_made_again_from_what_was_known_then(floor):
    lead = lead_of(floor, "bo").lead
    deliver(floor, f"{lead.lead_id},seized,roy,2026-03-02\n")
    run(floor, {"bo": [("scan", "dense")]})
    found = stood(floor, "bo")
    assert found.rebuilt
    assert found.bits == lead.bits
    assert found.evidence == {id_ for one in lead.contributions for id_ in one.evidence}


def test_what_is_kept_names_the_anchor_and_what_was_kept_before_anchors_is_read(floor):
    lead = replace(
        lead_of(floor, "bo").lead, subject="person:scans:bo", subjects=("account:a:1", "person:scans:bo")
    )
    stands = as_it_stands(lead, TABLE)
    assert stands.subject == "person:scans:bo"
    older = msgspec.to_builtins(stands)
    del older["subject"]
    assert msgspec.convert(older, type(stands)).subject == ""
