"""Sessions between two floors: what each learns, what is in the logs, and what ends them."""

from math import log2

import pytest
from tests.exchange.nodes import WHO
from tests.exchange.partnership.banks import (
    CASE,
    CODE,
    COMMON,
    MINE,
    NOW,
    THEIRS,
    accounts,
    ask,
    banks,
    later,
    messages,
    offer,
    take,
    whole,
)

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.partnership import codes, leakage, receiving, sessions
from watchfloor.exchange.partnership.carrying import carry
from watchfloor.exchange.partnership.keys import case_key
from watchfloor.exchange.partnership.vault import Vault
from watchfloor.exchange.partnership.wire import digest
from watchfloor.store import Floor


@pytest.fixture
def pair(tmp_path):
    return banks(tmp_path)


def test_the_asker_learns_how_many_are_common_and_the_answerer_does_not(pair):
    a, b = pair
    offer(b, a)
    here, there = whole(a, b, ask(a, b))
    assert (here.found, here.size, here.rows, here.state) == (len(COMMON), len(MINE), len(THEIRS), "done")
    assert (there.found, there.state) == (None, "done")
    assert receiving.result(a, here) == {"found": len(COMMON)}


FIELDS = {one: {"pass_through": 95, "links": ["account:test:77"]} for one in THEIRS}


def test_both_learn_which_are_common_with_the_fields_of_the_code(pair):
    a, b = pair
    offer(b, a, tier="match", fields=FIELDS)
    here, there = whole(a, b, ask(a, b, tier="match", fields={one: {"band": "high"} for one in MINE}))
    mine, theirs = receiving.result(a, here), receiving.result(b, there)
    assert set(mine["tokens"].values()) == set(theirs["tokens"].values()) == set(COMMON)
    assert mine["tokens"] == theirs["tokens"]
    key = case_key(Vault(a), CASE, here.use.epoch)
    told = {"pass_through": 95, "links": [key.token("account:test:77")]}
    assert set(map(str, mine["fields"].values())) == {str(told)}
    assert theirs["fields"] == {token: {"band": "high"} for token in mine["tokens"]}


def test_what_is_not_common_is_in_no_message_and_no_open_file(pair):
    a, b = pair
    offer(b, a, tier="match", fields=FIELDS)
    sent = messages(a, b, ask(a, b, tier="match"))
    known = {one.encode() for one in {*MINE, *THEIRS}}
    held = [
        path.read_bytes() for one in pair for path in (one.root / "partnership").rglob("*") if path.is_file()
    ]
    assert len(held) > 10
    for data in (*(one.data for one in sent), *held):
        assert not any(one in data for one in known)


def test_common_ones_alone_are_told_of(pair):
    a, b = pair
    offer(b, a, tier="match", fields=FIELDS)
    here, _ = whole(a, b, ask(a, b, tier="match"))
    result = receiving.result(a, here)
    assert result["fields"].keys() == result["tokens"].keys()
    assert len(result["fields"]) == len(COMMON)


def test_no_common_subject_is_a_result_too(pair):
    a, b = pair
    offer(b, a, accounts(100, 120), tier="match")
    here, there = whole(a, b, ask(a, b, tier="match"))
    assert (here.found, there.found, here.state, there.state) == (0, 0, "done", "done")


def test_a_second_session_of_an_epoch_takes_the_table_from_disk(pair):
    a, b = pair
    offer(b, a)
    first, second = messages(a, b, ask(a, b)), messages(a, b, ask(a, b))
    assert len(first[1].data) - len(second[1].data) >= 8 * len(THEIRS) - 8
    assert sessions.pick(a, second[0].session, NOW.date()).found == len(COMMON)


def test_a_new_offer_is_another_table_of_which_nothing_can_be_compared(pair):
    a, b = pair
    offer(b, a)
    before = messages(a, b, ask(a, b))
    offer(b, a, THEIRS[:-1])
    after = messages(a, b, ask(a, b))
    rows = [
        {one.data[-8 * n :][i : i + 8] for i in range(0, 8 * n, 8)}
        for one, n in ((before[1], 30), (after[1], 29))
    ]
    assert not rows[0] & rows[1]
    assert sessions.pick(a, after[0].session, NOW.date()).rows == len(THEIRS) - 1


def test_masks_of_tiers_cases_epochs_and_directions_have_nothing_in_common(pair):
    a, b = pair
    points = []
    for tier, case, now in (("cardinality", None, NOW), ("match", None, NOW), ("match", "C-18", NOW)):
        offer(b, a, tier=tier, case=case, now=now)
        points.append(messages(a, b, ask(a, b, tier=tier, case=case, now=now), now)[2].data[-640:])
    late = later(days=31)
    offer(b, a, now=late)
    points.append(messages(a, b, ask(a, b, now=late), late)[2].data[-640:])
    offer(a, b, MINE)
    points.append(messages(b, a, ask(b, a, THEIRS[:20]))[2].data[-640:])
    cut = [{one[i : i + 32] for i in range(0, 640, 32)} for one in points]
    assert len(set().union(*cut)) == sum(map(len, cut)) == 100


def test_the_log_has_each_step_and_each_disclosure_with_its_law(pair):
    a, b = pair
    offer(b, a, tier="match", fields=FIELDS)
    whole(a, b, ask(a, b, tier="match"))
    for one, steps, out in (
        (a, ["open", "points", "claim", "fields"], 2),
        (b, ["open", "answer", "fields"], 2),
    ):
        acts = [act.detail for act in one.acts_of("partnership")]
        assert [act["step"] for act in acts] == steps
        gone = [act.detail for act in one.acts_of("disclosed")]
        assert len(gone) == out
        for act in gone:
            assert (act["law"], act["section"], act["gateway"]) == (
                "PCMLTFA",
                "11.01(1)",
                "partnership-match",
            )
            assert "approved by Privacy Commissioner of Canada on 2026-09-01" in act["basis"]
            assert act["stated_by"] == "A. Officer"
    (act,) = b.acts_of("offered")
    assert act.detail["fields"] == ["links", "pass_through"]


def test_the_report_of_leakage_adds_up(pair):
    a, b = pair
    offer(b, a, tier="match", fields={one: {"pass_through": 95} for one in THEIRS})
    here, there = whole(a, b, ask(a, b, tier="match"))
    code = codes.standing(a)
    for floor, session in ((a, here), (b, there)):
        report = leakage.report(code, session, sessions.sessions(floor).values())
        for who in ("asker", "answerer"):
            parts = [one["bits"] for one in report["learned"] if one["who"] == who]
            assert report["bits"][who] == pytest.approx(sum(parts), abs=0.01)
        assert report["left_today"] == {"queries": 4, "subjects": 100}
        assert report["found"] == len(COMMON)
        assert report["fields"] == ["pass_through"]


def test_a_number_is_one_of_as_many_as_there_may_be(pair):
    a, b = pair
    offer(b, a)
    here, _ = whole(a, b, ask(a, b))
    report = leakage.report(codes.standing(a), here, [here])
    bits = {one["what"]: one["bits"] for one in report["learned"] if one["who"] == "asker"}
    assert bits["how many are common"] == pytest.approx(log2(here.size + 1), abs=1e-3)  # from none to all


@pytest.mark.parametrize("at", range(6))
def test_a_partner_that_stops_leaves_a_session_that_can_be_resumed_and_then_ends(tmp_path, at):
    a, b = banks(tmp_path)
    offer(b, a, tier="match")
    sent = [ask(a, b, tier="match")]
    for number in range(at):
        sent.append(take((b, a)[number % 2], sent[-1].data).reply)
    side = (a, b)[at % 2]
    one = sessions.pick(side, sent[0].session, NOW.date())
    assert receiving.again(side, one) == sent[-1].data
    reply = sent[-1]
    while reply.data:  # what was lost is written again, and the session goes on
        reply = take((b, a)[at % 2], reply.data).reply
        at += 1
    assert sessions.pick(a, one.id, NOW.date()).found == len(COMMON)


@pytest.mark.parametrize("at", range(1, 6))
def test_after_its_days_an_unfinished_session_is_over_and_its_secrets_are_gone(tmp_path, at):
    a, b = banks(tmp_path)
    offer(b, a, tier="match")
    sent = [ask(a, b, tier="match")]
    for number in range(at - 1):
        sent.append(take((b, a)[number % 2], sent[-1].data).reply)
    late = later(days=4)
    waiting = (b, a)[(at - 1) % 2]
    with pytest.raises(Refusal) as error:
        take(waiting, sent[-1].data, late)
    assert error.value.reason.message == "partnership.session-expired"
    for one in (a, b):
        with one.writer(WHO) as writer:
            ended = receiving.expire(one, writer, late)
        assert len(ended.sessions) == (1 if sessions.sessions(one) else 0)
        assert not [name for name in Vault(one).names("sessions") if sent[0].session in name]
        with one.writer(WHO) as writer:
            assert receiving.expire(one, writer, late).sessions == ()


def test_a_partner_that_stops_before_the_points_go_learns_a_size(pair):
    """The answerer knows how many will be asked about; the asker has a table that it cannot read."""
    a, b = pair
    offer(b, a)
    opened = ask(a, b)
    take(b, opened.data)
    one = sessions.pick(b, opened.session, NOW.date())
    report = leakage.report(codes.standing(b), one, [one])
    assert {part["what"] for part in report["learned"]} == {
        "how many subjects the answerer holds",
        "how many subjects were asked about",
    }


def test_secrets_of_an_epoch_go_with_it(pair):
    a, b = pair
    offer(b, a)
    whole(a, b, ask(a, b))
    assert Vault(b).names("epochs")
    with b.writer(WHO) as writer:
        assert receiving.expire(b, writer, later(days=8)).epochs == 0
        assert receiving.expire(b, writer, later(days=40)).epochs == 1
    assert not Vault(b).names("epochs")
    for folder in ("offers", "sets", "tables", "cases"):
        assert not Vault(b).names(folder)


def test_a_result_goes_after_its_days(pair):
    a, b = pair
    offer(b, a)
    here, _ = whole(a, b, ask(a, b))
    for days, gone in ((365, 0), (366, 1)):
        with a.writer(WHO) as writer:
            assert receiving.expire(a, writer, later(days=days)).results == gone
    with pytest.raises(Refusal) as error:
        receiving.result(a, here)
    assert error.value.reason.message == "partnership.no-result"


def test_sessions_stand_the_same_when_the_floor_is_opened_anew(pair):
    a, b = pair
    offer(b, a)
    sent = messages(a, b, ask(a, b))
    before = sessions.sessions(a)
    assert sessions.sessions(Floor.open(a.root)) == before
    assert digest(sent[2].data) == before[sent[0].session].sent


def test_a_session_is_told_under_the_code_it_was_held_under(pair):
    a, b = pair
    offer(b, a)
    here, _ = whole(a, b, ask(a, b))
    codes.adopt(a, WHO, CODE.replace('version = "1.0"', 'version = "1.1"'), "code.toml")
    assert leakage.report(codes.ever(a)[here.use.code], here, [here])["found"] == len(COMMON)
    with a.writer(WHO) as writer:
        assert receiving.expire(a, writer, later(days=40)).epochs == 1
        assert receiving.result(a, here)


def test_a_session_is_carried_between_two_floors_of_one_machine(pair):
    a, b = pair
    offer(b, a, tier="match")
    found = carry(ask(a, b, tier="match"), a, b, WHO, NOW)
    assert {name: (one.session.found, one.session.state) for name, one in found.items()} == {
        "bank-a": (len(COMMON), "done"),
        "bank-b": (len(COMMON), "done"),
    }
