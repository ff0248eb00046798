"""Acts of agreement on a floor: two people, one edition, one marking, each a leaf of the log."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.refusals import because, refused
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
    soon,
)

from watchfloor.cell.acts import Conflict
from watchfloor.scorecard.agreement import acts
from watchfloor.scorecard.agreement.digests import Shown
from watchfloor.scorecard.agreement.rows import On, on
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
    rows = On.rows(floor, agreed.READER)
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
    assert len(On.rows(floor, agreed.READER, then)) == 2
    assert standing(On.rows(floor, agreed.READER, then), "14b", SHOWN, soon()).state == "attested"


def test_nothing_is_attested_that_nobody_asked_for(floor):
    refused("register.call-first", lambda: attested(floor))
    with post(floor) as at:
        refused("register.call-first", lambda: acts.embargo(at, LINE, soon(), "a speech"))
        refused("register.nothing-to-withdraw", lambda: acts.withdraw(at, LINE, "wrong"))
    called(floor)
    refused("register.attest-first", lambda: approved(floor))


def test_a_person_who_attests_has_a_name_and_a_function(floor):
    called(floor)
    nobody = (("", "Director"), ("–", "Director"), ("A. Roy", "  "), (None, None))
    for who in (acts.Person(*one) for one in nobody):
        refused("register.no-person", lambda who=who: attested(floor, who=who))


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
    refused("register.one-person", lambda: approved(floor, who=who, by=by))
    assert len(On.rows(floor, agreed.READER)) == 2


def test_an_approval_is_in_the_approvers_own_words(floor):
    called(floor)
    attested(floor)
    refused("cell.empty-text", lambda: approved(floor, words=" "))
    refused("cell.empty-text", lambda: approved(floor, words=None))


def test_a_figure_that_changed_since_it_was_attested_is_attested_anew(floor):
    called(floor)
    attested(floor)
    other = LINE._replace(shown=Shown("f" * 64, SHOWN.values))
    assert refused("register.attested-other", lambda: approved(floor, item=other))["person"] == "A. Roy"
    attested(floor, item=other)
    assert approved(floor, item=other).standing.state == "approved"


def test_what_was_looked_at_is_what_is_attested_or_it_is_refused(floor):
    called(floor)
    assert refused("register.changed", lambda: attested(floor, looked="ffffffff"))["now"] == SHOWN.digest[:12]
    refused("register.changed", lambda: attested(floor, looked=SHOWN.digest[:4]))
    assert attested(floor, looked=SHOWN.digest[:8].upper()).standing.state == "attested"
    refused("register.changed", lambda: approved(floor, looked="ffffffff"))


def test_where_nothing_is_shown_nothing_is_agreed_to(floor):
    called(floor)
    refused("register.nothing-shown", lambda: attested(floor, item=LINE._replace(shown=None)))


def test_two_who_act_on_one_edition_do_not_both_succeed(floor):
    called(floor)
    attested(floor, edition=1)
    with pytest.raises(Conflict, check=because("register.stale", edition=2, by="anna")):
        attested(floor, edition=1)


def test_an_embargo_is_lifted_by_an_act_of_its_own(floor):
    called(floor)
    attested(floor)
    approved(floor)
    with post(floor) as at:
        refused("register.no-embargo", lambda: acts.embargo(at, LINE, None, "done"))
        refused(
            "register.deadline-past",
            lambda: acts.embargo(at, LINE, datetime.now(UTC) - timedelta(days=1), "late"),
        )
        refused("cell.empty-text", lambda: acts.embargo(at, LINE, soon(), ""))
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
        refused("register.nothing-to-withdraw", lambda: acts.withdraw(at, LINE, "again"))
    assert refused("register.was-withdrawn", lambda: attested(floor))["why"] == "counted twice"
    assert refused("register.was-withdrawn", lambda: approved(floor))["by"] == "anna"
    assert called(floor).standing.state == "called"
    assert attested(floor).standing.state == "attested"


def test_a_correction_undoes_the_approval_and_says_why(floor):
    called(floor)
    refused("register.nothing-to-correct", lambda: attested(floor, why="a slip"))
    attested(floor)
    approved(floor)
    refused("cell.empty-text", lambda: attested(floor, why=" "))
    done = attested(floor, why="a slip in the ledger")
    assert done.standing.state == "attested"
    assert On.rows(floor, agreed.READER)[-1]["act"] == "corrected"
    assert approved(floor).standing.state == "approved"


def test_a_deadline_is_to_come(floor):
    with post(floor) as at:
        refused("register.deadline-past", lambda: acts.call(at, LINE, datetime.now(UTC) - timedelta(days=1)))
        refused("cell.empty-text", lambda: acts.call(at, LINE, soon(), asked=" "))


def test_each_department_of_a_claim_agrees_for_itself(floor):
    called(floor, CLAIM)
    called(floor, CLAIM, "cbsa")
    attested(floor, CLAIM)
    with post(floor) as at:
        assert on(at, CLAIM, None).department == "PS"
        assert on(at, CLAIM, "CBSA").edition == 1
    assert (
        refused("register.not-their-line", lambda: called(floor, CLAIM, "RCMP"))["departments"] == "PS, CBSA"
    )
    assert refused("register.unknown-department", lambda: called(floor, CLAIM, "XYZ"))["department"] == "XYZ"


def test_acts_carry_the_marking_of_the_first(floor):
    called(floor, marking="PB//TLP:AMBER")
    attested(floor)
    assert {row["marking"] for row in On.rows(floor, agreed.READER)} == {"PB//TLP:AMBER"}
    assert (
        refused("register.above-marking", lambda: called(floor, marking="PB//TLP:RED"))["standing"]
        == "PB//TLP:AMBER"
    )
    blind = agreed.Reader("kim", protected=0, tlp=0, purpose="testing")
    assert On.rows(floor, blind) == []


def test_what_the_floor_may_not_hold_is_refused(tmp_path):
    low = agreed.floor(tmp_path, ceiling="PA//TLP:AMBER")
    refused("cell.above-ceiling", lambda: called(low, marking="PB//TLP:AMBER"))
    assert On.rows(low, agreed.READER) == []


def test_agreements_that_another_feed_delivers_are_none(floor):
    import pyarrow as pa

    from watchfloor.core.kinds import AGREEMENT

    called(floor)
    attested(floor)
    (row,) = [row for row in On.rows(floor, agreed.READER) if row["act"] == "attested"]
    forged = {**row, "act": "approved", "source": "node:bank", "report_key": "forged"}
    table = pa.Table.from_pylist([forged], schema=AGREEMENT.schema.remove(0)).drop_columns(["delivery"])
    with post(floor) as at:
        at.writer.append(AGREEMENT, table, source="node:bank")
    assert standing(On.rows(floor, agreed.READER), "14b", SHOWN, soon()).state == "attested"
