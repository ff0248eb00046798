"""Acts of agreement on a floor: two people, one edition, one marking, each a leaf of the log."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.scorecard import agreed
from tests.scorecard.agreed import (
    CLAIM,
    LINE,
    ROY,
    SHOWN,
    SINGH,
    approved,
    attested,
    called,
    post,
    refused,
    soon,
)

from watchfloor.cell.acting.acts import Conflict, render
from watchfloor.scorecard.agreement import acts
from watchfloor.scorecard.agreement.digests import Shown
from watchfloor.scorecard.agreement.rows import acts as held
from watchfloor.scorecard.agreement.rows import on
from watchfloor.scorecard.agreement.standing import standing


@pytest.fixture
def floor(tmp_path):
    return agreed.floor(tmp_path)


def test_each_act_is_a_record_and_a_leaf_of_the_log(floor):
    before = floor.position
    assert called(floor).standing.state == "called"
    assert attested(floor).standing.state == "attested"
    done = approved(floor)
    assert (done.standing.state, done.standing.by) == ("approved", "B. Singh")
    assert [act.act for act in floor.acts(before + 1)] == ["ingest"] * 3
    assert floor.position == done.position == before + 3
    rows = held(floor, agreed.READER)
    assert [(row["act"], row["edition"], row["by"]) for row in rows] == [
        ("called", 1, "anna"),
        ("attested", 2, "anna"),
        ("approved", 3, "bela"),
    ]
    assert rows[2]["why"] == "agreed, as counted in our ledger"
    assert rows[2]["digest"] == SHOWN.digest
    assert {row["call"] for row in rows} == {rows[0]["call"]}
    assert rows[1]["values"] == rows[2]["values"]


def test_as_of_a_position_the_acts_are_those_of_then(floor):
    called(floor)
    then = attested(floor).position
    approved(floor)
    assert len(held(floor, agreed.READER, then)) == 2
    assert standing(held(floor, agreed.READER, then), "14b", SHOWN, soon()).state == "attested"


def test_nothing_is_attested_that_nobody_asked_for(floor):
    refused(lambda: attested(floor), "register call 14b", "comes first")
    with post(floor) as at:
        refused(lambda: acts.embargo(at, LINE, soon(), "a speech"), "comes first")
        refused(lambda: acts.withdraw(at, LINE, "wrong"), "could be withdrawn")
    called(floor)
    refused(lambda: approved(floor), "nobody of CBSA has attested")


def test_a_person_who_attests_has_a_name_and_a_function(floor):
    called(floor)
    nobody = (("", "Director"), ("–", "Director"), ("A. Roy", "  "), (None, None))
    for who in (acts.Person(*one) for one in nobody):
        refused(lambda who=who: attested(floor, who=who), "a name and a function")


@pytest.mark.parametrize(
    ("who", "by"),
    [
        (ROY, "bela"),  # who attested
        (acts.Person("a  ROY", "Chief"), "bela"),  # the same, typed otherwise
        (acts.Person("Anna", "Chief"), "bela"),  # who typed the attestation
        (SINGH, "anna"),  # who typed it types the approval
        (SINGH, "A Roy"),  # who attested types it
    ],
)
def test_another_person_approves(floor, who, by):
    called(floor)
    attested(floor)
    told = refused(lambda: approved(floor, who=who, by=by), "another person approves")
    assert "une autre personne approuve" in told[1]
    assert len(held(floor, agreed.READER)) == 2


def test_an_approval_is_in_the_approvers_own_words(floor):
    called(floor)
    attested(floor)
    refused(lambda: approved(floor, words=" "), "is empty")
    refused(lambda: approved(floor, words=None), "is empty")


def test_a_figure_that_changed_since_it_was_attested_is_attested_anew(floor):
    called(floor)
    attested(floor)
    other = LINE._replace(shown=Shown("f" * 64, SHOWN.values))
    refused(lambda: approved(floor, item=other), "A. Roy attested", "attested anew")
    attested(floor, item=other)
    assert approved(floor, item=other).standing.state == "approved"


def test_what_was_looked_at_is_what_is_attested_or_it_is_refused(floor):
    called(floor)
    refused(lambda: attested(floor, looked="ffffffff"), "no longer what you looked at", SHOWN.digest[:12])
    refused(lambda: attested(floor, looked=SHOWN.digest[:4]), "no longer")
    assert attested(floor, looked=SHOWN.digest[:8].upper()).standing.state == "attested"
    refused(lambda: approved(floor, looked="ffffffff"), "no longer what you looked at")


def test_where_nothing_is_shown_nothing_is_agreed_to(floor):
    called(floor)
    refused(lambda: attested(floor, item=LINE._replace(shown=None)), "nothing is shown for 14b")


def test_two_who_act_on_one_edition_do_not_both_succeed(floor):
    called(floor)
    attested(floor, edition=1)
    with pytest.raises(Conflict) as error:
        attested(floor, edition=1)
    assert "edition 2 was made by anna" in str(error.value)
    assert "l’édition 2 a été faite par anna" in render(error.value.reason, "fr")


def test_an_embargo_is_lifted_by_an_act_of_its_own(floor):
    called(floor)
    attested(floor)
    approved(floor)
    with post(floor) as at:
        refused(lambda: acts.embargo(at, LINE, None, "done"), "no embargo stands")
        refused(lambda: acts.embargo(at, LINE, datetime.now(UTC) - timedelta(days=1), "late"), "is past")
        refused(lambda: acts.embargo(at, LINE, soon(), ""), "is empty")
        done = acts.embargo(at, LINE, soon(3), "the minister speaks first")
        assert done.standing.state == "embargoed"
        assert acts.embargo(at, LINE, None, "the minister spoke").standing.state == "approved"


def test_a_withdrawal_ends_it_until_a_new_call(floor):
    called(floor)
    attested(floor)
    approved(floor)
    with post(floor) as at:
        done = acts.withdraw(at, LINE, "counted twice")
        assert done.standing.state == "withdrawn"
        assert "counted twice" in done.standing.sentence.en
        refused(lambda: acts.withdraw(at, LINE, "again"), "could be withdrawn")
    refused(lambda: attested(floor), "was withdrawn by anna", "counted twice", "Call anew")
    refused(lambda: approved(floor), "was withdrawn by anna")
    assert called(floor).standing.state == "called"
    assert attested(floor).standing.state == "attested"


def test_a_correction_undoes_the_approval_and_says_why(floor):
    called(floor)
    refused(lambda: attested(floor, why="a slip"), "a correction is of an attestation")
    attested(floor)
    approved(floor)
    refused(lambda: attested(floor, why=" "), "is empty")
    done = attested(floor, why="a slip in the ledger")
    assert done.standing.state == "attested"
    assert held(floor, agreed.READER)[-1]["act"] == "corrected"
    assert approved(floor).standing.state == "approved"


def test_a_deadline_is_to_come(floor):
    with post(floor) as at:
        refused(lambda: acts.call(at, LINE, datetime.now(UTC) - timedelta(days=1)), "is past")
        refused(lambda: acts.call(at, LINE, soon(), asked=" "), "is empty")


def test_each_department_of_a_claim_agrees_for_itself(floor):
    called(floor, CLAIM)
    called(floor, CLAIM, "cbsa")
    attested(floor, CLAIM)
    with post(floor) as at:
        assert on(at, CLAIM, None).department == "PS"
        assert on(at, CLAIM, "CBSA").fold.edition == 1
    refused(lambda: called(floor, CLAIM, "RCMP"), "share is no matter of RCMP", "PS, CBSA")
    refused(lambda: called(floor, CLAIM, "XYZ"), "there is no department XYZ", "RCMP")


def test_acts_carry_the_marking_of_the_first(floor):
    called(floor, marking="PB//TLP:AMBER")
    attested(floor)
    assert {row["marking"] for row in held(floor, agreed.READER)} == {"PB//TLP:AMBER"}
    refused(lambda: called(floor, marking="PB//TLP:RED"), "marked PB//TLP:AMBER")
    blind = agreed.Reader("kim", protected=0, tlp=0, purpose="testing")
    assert held(floor, blind) == []


def test_what_the_floor_may_not_hold_is_refused(tmp_path):
    low = agreed.floor(tmp_path, ceiling="PA//TLP:AMBER")
    refused(lambda: called(low, marking="PB//TLP:AMBER"), "above this floor's ceiling")
    assert held(low, agreed.READER) == []


def test_agreements_that_another_feed_delivers_are_none(floor):
    import pyarrow as pa

    from watchfloor.records.kinds import AGREEMENT

    called(floor)
    attested(floor)
    (row,) = [row for row in held(floor, agreed.READER) if row["act"] == "attested"]
    forged = {**row, "act": "approved", "source": "node:bank", "report_key": "forged"}
    table = pa.Table.from_pylist([forged], schema=AGREEMENT.schema.remove(0)).drop_columns(["delivery"])
    with post(floor) as at:
        at.writer.append(AGREEMENT, table, source="node:bank")
    assert standing(held(floor, agreed.READER), "14b", SHOWN, soon()).state == "attested"
