import pytest
from tests.cell.toy import READER, TABLE, lead_of, make, now, report

from watchfloor.cell.learning.outcomes import known, standing, verdicts
from watchfloor.core.kinds import KINDS
from watchfloor.core.messages import MESSAGES
from watchfloor.core.results import RESULTS
from watchfloor.policy.policy import Reader


@pytest.fixture
def floor(tmp_path):
    return make(tmp_path / "floor", {"ann": [("scan", "dense")], "bo": [("scan", "odd"), ("tip", "B2")]})


def said(floor, name="ann"):
    return verdicts(floor, READER)[lead_of(floor, name).lead_id]


def test_an_outcome_carries_its_leads_hypothesis_subjects_and_marking(floor):
    report(floor, "bo", "seized")
    (row,) = standing(floor, READER)
    lead = lead_of(floor, "bo")
    assert (row["lead"], row["hypothesis"], row["subjects"]) == (
        lead.lead_id,
        "smuggling",
        ["person:scans:bo"],
    )
    assert (row["true"], row["result"], row["by"], row["chance"]) == (True, "seized", "officer", None)
    assert row["marking"] == lead.marking
    assert standing(floor, Reader("public", protected=0)) == []


@pytest.mark.parametrize("result", list(RESULTS))
def test_each_result_says_what_its_row_of_the_table_does(floor, result):
    report(floor, "ann", result)
    found = said(floor)
    assert (found.true, found.acted, found.contested) == (RESULTS[result].true, RESULTS[result].acted, False)


def test_every_result_of_the_kind_has_a_reason_in_both_languages():
    doc = KINDS["outcome"].schema.field("result").metadata[b"doc"].decode()
    assert [word.strip() for word in doc.replace(" or ", ", ").split(",")] == list(RESULTS)
    for one in RESULTS.values():
        message = MESSAGES[one.why.id]
        assert message.en.startswith({True: "true", False: "false", None: "neither"}[one.true])
        assert message.fr.startswith({True: "vrai", False: "faux", None: "ni l’un"}[one.true])


def test_that_a_transaction_was_reported_is_no_result():
    assert not [name for name in RESULTS if "report" in name or "transaction" in name]


def test_an_officers_later_report_replaces_the_earlier(floor):
    report(floor, "ann", "seized")
    report(floor, "ann", "cleared")
    (row,) = standing(floor, READER)
    assert row["result"] == "cleared"
    assert said(floor).true is False
    assert floor.read("outcome", READER).num_rows == 2


def test_two_officers_reports_both_stand_and_a_contradiction_counts_for_neither(floor):
    report(floor, "ann", "seized", by="roy")
    report(floor, "ann", "charged", by="lee")
    assert (len(said(floor).records), said(floor).true) == (2, True)
    report(floor, "ann", "unfounded", by="lee")
    found = said(floor)
    assert (found.true, found.contested, len(found.records)) == (None, True, 2)


def test_a_report_named_is_corrected_by_whoever(floor):
    report(floor, "ann", "seized", by="roy")
    (row,) = standing(floor, READER)
    report(floor, "ann", "cleared", by="lee", report=row["report_key"])
    (row,) = standing(floor, READER)
    assert (row["result"], row["by"]) == ("cleared", "lee")


def test_reports_of_two_tasks_are_two(floor):
    report(floor, "ann", "examined", task="t1")
    report(floor, "ann", "seized", task="t2")
    assert len(standing(floor, READER)) == 2


def test_as_of_a_position_the_later_report_is_not_known(floor):
    first = report(floor, "ann", "seized")
    report(floor, "ann", "cleared")
    assert verdicts(floor, READER, first)[lead_of(floor, "ann").lead_id].true is True


def test_what_follows_the_first_look_does_not_move_it(floor):
    report(floor, "ann", "not-examined")
    first = report(floor, "ann", "examined", by="roy")
    report(floor, "ann", "seized", by="roy")
    assert said(floor).first == first


def test_a_lead_that_nothing_speaks_for_any_more_keeps_its_id(floor):
    lead = lead_of(floor, "ann")
    found = known(floor, READER, TABLE, now())
    assert set(found) == {lead.lead_id, lead_of(floor, "bo").lead_id}
    assert known(floor, Reader("public", protected=0), TABLE, now()) == {}
