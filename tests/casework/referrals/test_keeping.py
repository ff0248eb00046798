"""Referrals on a floor: one of two who act at once, the law before mail is opened, what others may see."""

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from tests.casework.referrals.world import (
    COURIER,
    GROUNDS,
    MAIL,
    OTHER,
    OUT_MAIL,
    READER,
    declared,
    do,
    keep,
    pick,
)
from tests.casework.referrals.world import floor as made_floor
from tests.refusals import because

from watchfloor.casework.referrals import drafting, repository
from watchfloor.casework.referrals.life import Change, ExaminationResult, Referral
from watchfloor.casework.watch.orders import load
from watchfloor.casework.watch.sitrep import records_of, still_open
from watchfloor.cell.acts import Refusal, render
from watchfloor.cli.acting import writing
from watchfloor.core.kinds import INSPECTION
from watchfloor.store.writer import Writer


@pytest.fixture
def floor(tmp_path):
    return made_floor(tmp_path)


def refer(floor, *picks, reader=READER):
    return do(floor, lambda post: repository.refer(post, picks), reader)


def one(floor, *args, **more):
    done = refer(floor, pick(*args, **more))
    assert not done.left, render(done.left[0].why)
    return done.made[0]


def test_a_referral_is_kept_with_its_law_and_carries_its_chance_to_the_end(floor):
    made = one(floor, chosen_by="uncertainty", chance=0.25, scheme="s 1a2b")
    assert made.last["authority"] == "Customs Act s. 99(1)(b)"
    assert made.last["document"] == "RR123456785CA"
    found = ExaminationResult("finding", "dog", ("precursor",), "substance:cas:103-63-9")
    done = do(floor, lambda post: repository.examined(post, made.id[:6], found))
    row = done.item.last
    assert (row["state"], row["means"], row["found"]) == ("examined", "dog", ["precursor"])
    assert (row["chance"], row["scheme"], row["chosen_by"], row["edition"]) == (
        0.25,
        "s 1a2b",
        "uncertainty",
        2,
    )


def test_the_law_follows_from_how_it_travels_and_which_way(floor):
    laws = {key: one(floor, key).last["authority"][-8:] for key in (MAIL, OUT_MAIL, COURIER)}
    assert laws == {MAIL: "99(1)(b)", OUT_MAIL: "(1)(c.1)", COURIER: "99(1)(c)"}


def test_nothing_is_dropped_unsaid(floor):
    first = pick()
    done = refer(floor, first, first, pick(OTHER), pick("person:test:1"), pick(means="sieve"))
    assert [one_.subject for one_ in done.made] == [MAIL]
    assert len(done.made) + len(done.left) == 5
    assert [left.why.message for left in done.left] == [
        "referrals.open-already",
        "referrals.no-stream",
        "referrals.no-item",
        "referrals.no-word",
    ]


def test_mail_is_not_opened_without_an_officers_own_grounds_and_badge(floor):
    told = [
        (Refusal, {}),
        (Refusal, {"grounds": GROUNDS}),
        (Refusal, {"grounds": " ", "badge": "77"}),
        (Refusal, {"grounds": "high risk", "badge": "77"}),
    ]
    for error, given in told:
        with pytest.raises(error):
            do(floor, lambda post, given=given: repository.refer_one(post, pick(means="open", **given)))
    made = one(floor, means="open", grounds=GROUNDS, badge="77")
    assert made.last["grounds"] == f"{GROUNDS} [badge 77]"
    assert one(floor, COURIER, means="open").last["grounds"] is None


def test_the_draft_alone_is_told_as_such_in_either_language(floor):
    keep(floor, "reading", {"subject": MAIL, "instrument": "scale 4", "method": "mass", "mass": 3100.0})
    facts = drafting.draft(floor, READER, MAIL)
    for language in ("en", "fr"):
        alone = " ".join(facts.sentences(language))
        with pytest.raises(Refusal, check=because("referrals.draft-alone")):
            do(
                floor,
                lambda post, alone=alone: repository.refer_one(
                    post, pick(means="open", grounds=alone, badge="77")
                ),
            )
    assert one(floor, means="open", grounds=f"{alone} {GROUNDS}", badge="77").state == "referred"


def test_an_x_ray_that_becomes_an_opening_needs_grounds_then(floor):
    made = one(floor, grounds="declared mass is low")
    opening = Change(means="open")
    with pytest.raises(Refusal, check=because("referrals.needs-grounds")):
        do(floor, lambda post: repository.amend(post, made.id, opening, "outline"))
    with pytest.raises(Refusal, check=because("referrals.needs-grounds")):
        do(floor, lambda post: repository.examined(post, made.id, ExaminationResult("nothing", "open")))
    changed = opening._replace(grounds=GROUNDS)
    done = do(floor, lambda post: repository.amend(post, made.id, changed, "outline", badge="77"))
    assert done.item.last["means"] == "open"
    assert (
        do(floor, lambda post: repository.examined(post, made.id, ExaminationResult("nothing"))).item.edition
        == 3
    )


def test_two_who_act_on_one_edition_at_the_same_time_cannot_both_succeed(floor, monkeypatch):
    monkeypatch.setenv("WATCHFLOOR_USER", "anna")
    made, came = one(floor), []

    def act():
        with writing(floor, "testing", "none") as writer:
            try:
                post = repository.Post(floor, READER, writer)
                repository.not_examined(post, made.id, "no-officer", "two on leave", edition=1)
                came.append("done")
            except Refusal as refused:
                came.append((refused.reason.message, refused.reason.params["by"]))

    threads = [Thread(target=act) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came.count("done") == 1
    assert came.count(("referrals.stale", "anna")) == 2


def test_the_clock_ends_what_nobody_ended_and_a_late_word_still_counts(floor, monkeypatch):
    made, other = one(floor), one(floor, COURIER, hours=48)
    assert do(floor, repository.expire) == []
    later(monkeypatch, hours=7)
    ended = do(floor, repository.expire)
    assert [(one_.id, one_.state) for one_ in ended] == [(made.id, "expired")]
    assert "nobody said" in ended[0].last["why"]
    done = do(floor, lambda post: repository.not_examined(post, made.id, "departed", "gone at 14:10"))
    assert done.item.last["why"] == "departed: gone at 14:10"
    assert Referral.read(floor, READER)[other.id].state == "referred"


def test_a_situation_report_and_a_handover_tell_what_is_overdue(floor):
    made = one(floor)
    records = records_of(floor, READER)
    assert still_open(load(floor.root), records, made.deadline - timedelta(minutes=1)) == ()
    (late,) = still_open(load(floor.root), records, made.deadline)
    assert (late.section, late.marking) == ("inspections", made.marking)
    assert (late.reason.message, late.reason.params["referral"]) == ("cell.sitrep-overdue", made.id)


def later(monkeypatch, hours):
    """The writer's clock some hours on."""
    before = Writer.moment
    monkeypatch.setattr(Writer, "moment", lambda self: before(self) + timedelta(hours=hours))


def test_who_may_not_see_a_declaration_refers_by_what_he_sees(floor):
    keep(floor, "declaration", declared(OTHER, document="X", direction="outbound"), marking="PB//TLP:RED")
    low = replace(READER, protected=1, tlp=2)
    assert not Referral.read(floor, low)
    hidden = one(floor, OTHER)
    assert hidden.marking == "PB//TLP:RED"
    done = refer(floor, pick(OTHER), reader=low)
    assert done.left[0].why.message == "referrals.no-stream"
    done = refer(floor, pick(OTHER, direction="outbound", marking="PA"), reader=low)
    assert len(Referral.read(floor, low)) == 1


def test_grounds_that_rest_on_what_is_marked_higher_do_not_slip_into_a_lower_referral(floor):
    made = one(floor)
    keep(
        floor,
        "reading",
        {"subject": MAIL, "instrument": "scale 4", "method": "mass", "mass": 3100.0},
        marking="PB//TLP:RED",
    )
    change = Change(means="open", grounds=GROUNDS)
    with pytest.raises(Refusal, check=because("referrals.above-marking")):
        do(floor, lambda post: repository.amend(post, made.id, change, "outline", badge="77"))


def test_what_another_feed_tells_of_its_own_referrals_is_none_of_this_floors(floor):
    keep(floor, "inspection", {"subject": MAIL, "referral": "R-9", "state": "referred"})
    assert Referral.read(floor, READER) == {}
    assert floor.read(INSPECTION.name, READER).num_rows == 1
