"""Lookouts and the declarations that they meet: while they stand, by what the reader may see, once each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from tests.casework.referrals.world import (
    ACTOR,
    GROUNDS,
    MAIL,
    OTHER,
    PHONE,
    READER,
    declared,
    do,
    floor,
    keep,
    pick,
)
from tests.refusals import because

from watchfloor.casework.referrals import lookouts, outcomes, repository
from watchfloor.casework.referrals.life import ExaminationResult, Referral
from watchfloor.casework.tasking import ordering, tasks, units
from watchfloor.casework.tasking.ordering import TaskRequest
from watchfloor.cell.acts import Refusal

LAW = "Customs Act s. 99"


@pytest.fixture
def made(tmp_path):
    return floor(tmp_path)


def look_out(made, *subjects, hours=6, marking="PA//TLP:AMBER"):
    deadline = datetime.now(UTC) + timedelta(hours=hours)
    asked = TaskRequest("lookout", "border-operations", "open it", LAW, None, subjects, marking, deadline)
    with made.writer(ACTOR) as writer:
        return ordering.give(made, writer, READER, units.load(made.root), asked).item


def offers(made, reader=READER, later=0, as_of=None):
    return lookouts.offers(made, reader, datetime.now(UTC) + timedelta(hours=later), as_of)


def record(made, task, subject, words="met at the chute", **how):
    return do(made, lambda post: lookouts.record(post, task.id[:6], subject, words, pick(subject, **how)))


def test_a_declaration_is_offered_by_item_party_telephone_and_address_while_the_lookout_stands(made):
    address = "address:address:12 heron street ashby"
    keys = {"item": OTHER, "consignee": "person:test:9", "phone": PHONE, "address": address}
    for key in keys.values():
        look_out(made, key)
    line = declared(OTHER, document="N", consignee="person:test:9", shipper_phone="613-555-0113")
    keep(made, "declaration", line | {"shipper_address": "12, Heron Street (Ashby)"})
    found = offers(made)
    assert {one.task.order.subjects: one.by for one in found} == {
        (key,): {key: called} for called, key in keys.items()
    }
    assert offers(made, later=7) == []


def test_what_was_declared_before_is_offered_only_while_it_is_still_to_come(made):
    look_out(made, PHONE)
    assert offers(made) == []
    soon = datetime.now(UTC) + timedelta(hours=2)
    keep(made, "declaration", declared(OTHER, document="N", consignee_phone="6135550113", expected_at=soon))
    assert [one.subject for one in offers(made)] == [OTHER]


def test_as_of_a_position_nothing_that_came_later_is_offered(made):
    look_out(made, PHONE)
    position = made.position
    keep(made, "declaration", declared(OTHER, document="N", consignee_phone="6135550113"))
    assert offers(made, as_of=position) == []
    assert len(offers(made)) == 1


def test_a_hit_is_recorded_by_a_person_with_a_referral_and_offered_as_recorded(made):
    task = look_out(made, PHONE)
    keep(made, "declaration", declared(OTHER, document="N", consignee_phone="6135550113"))
    with pytest.raises(Refusal, check=because("referrals.not-offered")):
        record(made, task, MAIL)
    with pytest.raises(Refusal, check=because("cell.empty-text", what_words="why")):
        record(made, task, OTHER, " ")
    assert Referral.read(made, READER) == {}
    hit = record(made, task, OTHER)
    assert (hit.task.state, hit.referral.last["chosen_by"], hit.referral.last["document"]) == (
        *("hit", "lookout", "N"),
    )
    assert [one.referral for one in offers(made)] == [hit.referral.id]
    again = look_out(made, PHONE)
    keep(made, "declaration", declared(OTHER, document="N", consignee_phone="6135550113"))
    assert record(made, again, OTHER).referral.id == hit.referral.id


def test_a_hit_on_mail_opens_nothing_without_grounds(made):
    task = look_out(made, PHONE)
    keep(made, "declaration", declared(OTHER, document="N", consignee_phone="6135550113"))
    with pytest.raises(Refusal, check=because("referrals.needs-grounds")):
        record(made, task, OTHER, means="open")
    assert tasks.Task.fold(made.read("task", READER).to_pylist())[task.id].state == "issued"
    assert record(made, task, OTHER, means="open", grounds=GROUNDS, badge="77").task.state == "hit"


def test_a_lookout_or_a_declaration_that_a_reader_may_not_see_meets_nothing(made):
    low = replace(READER, protected=1, tlp=2)
    look_out(made, PHONE, marking="PB//TLP:AMBER")
    look_out(made, "person:test:9")
    keep(made, "declaration", declared(OTHER, document="N", consignee_phone="6135550113"))
    keep(made, "declaration", declared(MAIL, document="M", shipper="person:test:9"), marking="PB//TLP:RED")
    assert len(offers(made)) == 2
    assert offers(made, low) == []
    assert all(one.marking.startswith("PB") for one in offers(made))


def test_an_outcome_is_offered_to_the_lookouts_lead_when_the_referral_has_ended(made):
    task = look_out(made, PHONE)
    keep(made, "declaration", declared(OTHER, document="N", consignee_phone="6135550113"))
    hit = record(made, task, OTHER)
    assert outcomes.offered(made, READER, hit.referral, []) == []
    ended = do(
        made, lambda post: repository.examined(post, hit.referral.id, ExaminationResult("nothing"))
    ).item
    assert outcomes.offered(made, READER, ended, []) == []  # the lookout follows from no lead
    about, other = (
        SimpleNamespace(lead_id=id_, subject=subject, subjects=(subject,), also=())
        for id_, subject in (("aa", OTHER), ("bb", MAIL))
    )
    assert outcomes.offered(made, READER, ended, [other, about]) == [("aa", "examined", None)]
