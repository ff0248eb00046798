import numpy as np
import pytest
from tests.cell.toy import OFFICER, READER, TABLE, lead_of, make, now, report, run

from watchfloor.cell.learning import ratios
from watchfloor.cell.learning.acted import acted_on
from watchfloor.cell.learning.audit import draw
from watchfloor.cell.learning.outcomes import verdicts
from watchfloor.cell.learning.refit import population, refit, weighted
from watchfloor.core.messages import Reason
from watchfloor.policy.policy import Reader

LEADS = (
    {f"d{n}": [("scan", "dense")] for n in range(6)}
    | {f"o{n}": [("scan", "odd")] for n in range(12)}
    | {f"b{n}": [("scan", "odd"), ("tip", "B2")] for n in range(2)}
)


@pytest.fixture
def floor(tmp_path):
    return make(tmp_path / "floor", LEADS)


def fitted(floor, reader=READER):
    return refit(floor, reader, TABLE, now())


def test_without_outcomes_nothing_is_fitted(floor):
    found = fitted(floor)
    assert (found.hypotheses, found.records, found.notes) == ((), (), ())


def test_what_says_neither_true_nor_false_is_no_outcome_to_fit(floor):
    report(floor, "d0", "examined")
    report(floor, "d1", "not-acted-on")
    assert fitted(floor).hypotheses == ()


def test_a_fit_is_that_of_its_counts(floor):
    """Against `ratios.fit` on counts written by hand: 3 dense of which 2 true, 1 of each other sort false."""
    for name, result in (("d0", "seized"), ("d1", "charged"), ("d2", "cleared"), ("o0", "unfounded")):
        report(floor, name, result)
    (one,) = fitted(floor).hypotheses
    assert (one.hypothesis, one.true, one.false, one.audited) == ("smuggling", 2, 2, 0)
    assert [(row.rule, row.strength, row.true, row.false) for row in one.rows] == [
        ("scan", "dense", 2, 1),
        ("scan", "odd", 0, 1),
    ]
    bits = np.array([4.0, 1.0, 2.0])
    held = np.repeat(np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1]], float), [6, 12, 2], axis=0)
    chance = (1 / (1 + np.exp2(3.0 - held @ bits))).mean()
    table = ratios.Table(-3.0, 2.0, bits, np.array([1.5, 0.5, 1.5]))
    known = ratios.LabelledLeads(
        held[[0, 1, 2, 6]], np.zeros(4), np.array([True, True, False, False]), np.ones(4)
    )
    want = ratios.fit(table, ratios.Leads(held.mean(axis=0), float(chance)), known)
    assert (one.new_prior, one.new_prior_sd) == pytest.approx((want.prior, want.prior_sd))
    assert [row.new for row in one.rows] == pytest.approx(want.bits[:2].tolist())
    assert [row.sd for row in one.rows] == pytest.approx(want.sd[:2].tolist())


def test_a_fit_names_its_records_its_position_and_its_marking(floor):
    report(floor, "d0", "seized")
    report(floor, "o0", "cleared")
    found = fitted(floor)
    outcomes = set(floor.read("outcome", READER).column("record_id").to_pylist())
    evidence = {id_ for n in ("d0", "o0") for c in lead_of(floor, n).lead.contributions for id_ in c.evidence}
    assert set(found.records) == outcomes | evidence
    assert (found.position, found.base, found.marking) == (floor.position, TABLE.digest, "PB//TLP:AMBER")


def test_few_outcomes_no_audit_and_contradictions_are_said(floor):
    report(floor, "d0", "seized")
    report(floor, "d1", "seized", by="roy")
    report(floor, "d1", "cleared", by="lee")
    assert list(fitted(floor).notes) == [
        Reason("refit.few", {"hypothesis": "smuggling", "true": 1, "false": 0}),
        Reason("refit.no-audit", {"hypothesis": "smuggling"}),
        Reason("refit.contested", {"count": 1, "leads": lead_of(floor, "d1").lead_id}),
    ]


def test_outcomes_that_a_reader_may_not_see_are_not_fitted(floor):
    report(floor, "d0", "seized")
    assert fitted(floor, Reader("public", protected=0)).hypotheses == ()


def test_what_a_decision_or_an_outcome_changed_since_is_not_fitted(floor):
    report(floor, "d0", "seized")
    before = fitted(floor).hypotheses[0].rows
    run(floor, LEADS | {"d0": [("scan", "odd"), ("tip", "B2")]})
    assert [(row.strength, row.true) for row in fitted(floor).hypotheses[0].rows] == [("dense", 1)]
    assert before[0].strength == "dense"


def cases(floor):
    found = [one for one in verdicts(floor, READER).values() if one.true is not None]
    stood = acted_on(floor, READER, TABLE, found)
    everything = population(floor, READER, TABLE, now(), floor.position, stood)
    return {
        case.lead.subjects[0].split(":")[-1]: case
        for case in weighted(floor, READER, found, stood, everything)
    }


def test_an_audited_lead_stands_for_those_it_was_drawn_from(floor):
    """20 leads: 2 are acted on, 6 of the 18 others drawn; weights add up to 20 when all are known."""
    report(floor, "d0", "seized")
    report(floor, "d1", "cleared")
    with floor.writer(OFFICER) as writer:
        drawn = draw(floor, writer, READER, TABLE, 6, "s", now())
    for one in drawn:
        report(floor, one.lead.subject.split(":")[-1], "unfounded")
    found = cases(floor)
    assert {name: case.weight for name, case in found.items() if not case.audited} == {"d0": 1.0, "d1": 1.0}
    assert all(case.weight == pytest.approx(3.0) for case in found.values() if case.audited)
    assert sum(case.weight for case in found.values()) == pytest.approx(20.0)


def test_those_with_a_result_stand_for_those_that_wait_for_one(floor):
    report(floor, "d0", "seized")
    report(floor, "d1", "examined")
    report(floor, "d2", "cleared")
    with floor.writer(OFFICER) as writer:
        drawn = draw(floor, writer, READER, TABLE, 4, "s", now())
    first, *_ = [one.lead.subject.split(":")[-1] for one in drawn]
    report(floor, first, "unfounded")
    found = cases(floor)
    assert found["d0"].weight == found["d2"].weight == pytest.approx(1.5)
    assert found[first].weight == pytest.approx(17.0)
