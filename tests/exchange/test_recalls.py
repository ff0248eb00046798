"""Recalls: what was sent is taken back wherever it has gone, and whoever does not answer is named."""

from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.exchange.nodes import (
    MARKING,
    NOW,
    READER,
    SHIP,
    TOY,
    WHO,
    assert_,
    floor,
    holding,
    keep,
    party,
    receive,
    send,
    signal,
    trusting,
)
from tests.exchange.test_origins import fold, passed_on
from tests.refusals import because

from watchfloor.cell import acts
from watchfloor.cell.acts import Refusal
from watchfloor.cell.weighing.weights import Hypothesis, Weights, load
from watchfloor.core.kinds import TASK
from watchfloor.core.messages import Reason
from watchfloor.exchange.bundles import offers, recalls, signed_notices
from watchfloor.exchange.bundles.states import states
from watchfloor.store.erasure import holds

WEIGHTS = Weights({"listed-entity": Hypothesis("listed-entity", 3.0, {("listed-name", "exact"): 4.0})}, "d")
LATER = NOW + timedelta(days=1)


@pytest.fixture
def pair(tmp_path):
    return trusting(floor(tmp_path, "lab"), floor(tmp_path, "cell"))


def recall(one, bundle, rows=(), why="two samples were mixed up", days=7, now=LATER):
    with one.writer(WHO) as writer:
        return recalls.recall(one, writer, bundle, rows, why, recalls.due_in(days, now), now)


def take(one, slip, now=LATER, weights=WEIGHTS):
    with one.writer(WHO) as writer:
        read = signed_notices.read(one, slip.encode(), "recall.note")
        return recalls.receive(one, writer, read, READER, weights, now)


def answer(one, slip):
    with one.writer(WHO) as writer:
        return recalls.take_answer(
            one, writer, signed_notices.read(one, slip.encode(), "answer", signed_notices.ANSWER)
        )


def test_a_recall_takes_the_signals_back_with_the_reason(pair):
    lab, cell = pair
    packed = send(holding(lab), cell)
    receive(cell, packed.data)
    assert len(fold(cell)) == 3
    done = take(cell, recall(lab, packed.manifest.bundle).slip)
    assert (done.retracted, done.erased, done.gone, done.late) == (3, 0, 0, False)
    assert fold(cell) == []
    (why,) = {Reason.load(row["reason"]).render() for row in cell.taken_back(READER).to_pylist()}
    assert why == (
        f"lab recalled it on 2026-11-25 (bundle {packed.manifest.bundle}): two samples were mixed up"
    )
    said = answer(lab, done.answer)
    assert (said["retracted"], said["late"]) == (3, False)


def test_rows_are_recalled_by_name(pair):
    lab, cell = pair
    packed = send(holding(lab), cell)
    receive(cell, packed.data)
    name = cell.read("disclosure", READER)["report_key"][1].as_py()
    done = take(cell, recall(lab, packed.manifest.bundle, [name[:12]]).slip)
    assert done.retracted == 1
    assert name not in {row["row_id"].hex() for row in fold(cell)}
    assert len(fold(cell)) == 2


def test_what_is_sent_anew_after_a_recall_stands(pair):
    lab, cell = pair
    packed = send(holding(lab, 1), cell)
    receive(cell, packed.data)
    take(cell, recall(lab, packed.manifest.bundle).slip)
    assert fold(cell) == []
    again = send(lab, cell, now=LATER + timedelta(hours=1))
    receive(cell, again.data, now=LATER + timedelta(hours=2))
    assert len(fold(cell)) == 1


def test_an_old_bundle_that_comes_after_the_recall_does_not_bring_it_back(pair):
    lab, cell = pair
    packed = send(holding(lab), cell)
    receive(cell, packed.data)
    take(cell, recall(lab, packed.manifest.bundle).slip)
    receive(cell, packed.data)
    assert fold(cell) == []


def test_a_bundle_that_comes_late_is_taken_back_by_its_own_recall(pair):
    """It stands behind the recall that came before it by the log, and before it by its sender's clock."""
    lab, cell = pair
    first = send(holding(lab, 1), cell)
    second = send(lab, cell, now=NOW + timedelta(hours=1))
    recalls_ = [recall(lab, each.manifest.bundle).slip for each in (first, second)]
    receive(cell, first.data)
    take(cell, recalls_[0])
    receive(cell, second.data, now=LATER)
    take(cell, recalls_[1])
    assert fold(cell) == []
    assert cell.read("disclosure", READER, latest=True)["retracted"].to_pylist() == [True]


def test_a_recalled_old_edition_leaves_the_newer_one(pair):
    lab, cell = pair
    first = send(holding(lab, 1), cell)
    newer = send(lab, cell, now=NOW + timedelta(hours=1))
    receive(cell, first.data)
    receive(cell, newer.data, now=LATER)
    done = take(cell, recall(lab, first.manifest.bundle).slip)
    assert (done.retracted, done.gone) == (0, 1)
    assert len(fold(cell)) == 1


def test_a_recalled_old_edition_is_recalled_where_it_went_on(tmp_path):
    """What the police have rests on the first bundle; the second, which the cell has since, stands."""
    lab, cell, police = trusting(*(floor(tmp_path, name) for name in ("lab", "cell", "police")))
    first = send(holding(lab, 1), cell)
    receive(cell, first.data)
    fold(cell)
    passed_on(lab, cell, police)
    gone = send(cell, police)
    receive(police, gone.data)
    receive(cell, send(lab, cell, now=NOW + timedelta(hours=1)).data, now=LATER)
    slip = recall(lab, first.manifest.bundle).slip
    done = take(cell, slip)
    assert (done.retracted, [one.bundle for one in done.onward]) == (0, [gone.manifest.bundle])
    lost = take(cell, slip)  # its notes were lost: the same recall makes them anew
    assert [one.bundle for one in lost.onward] == [gone.manifest.bundle]
    answer(cell, take(police, lost.onward[0].slip).answer)
    assert fold(police) == []
    assert take(cell, slip).onward == ()


def test_recalled_evidence_is_erased(pair):
    lab, cell = pair
    keep(lab, [party(number) for number in range(3)])
    given = offers.offer(lab, READER, records={"party": lab.read("party", READER)})
    packed = send(lab, cell, offered=given)
    receive(cell, packed.data)
    done = take(cell, recall(lab, packed.manifest.bundle).slip)
    assert (done.erased, done.left) == (3, {})
    assert cell.read("party", READER).num_rows == 0


def of_ids(one, ids):
    rows = one.read("party", READER)
    chosen = rows.filter(pc.is_in(rows["record_id"], pa.array(ids)))
    return offers.offer(one, READER, records={"party": chosen})


def evidence(lab, cell, numbers):
    """Parties of the laboratory that the cell then holds; gives their bundle and their ids there."""
    before = {*cell.read("party", READER)["record_id"].to_pylist()}
    packed = send(lab, cell, offered=of_ids(lab, keep(lab, [party(number) for number in numbers])))
    receive(cell, packed.data)
    after = cell.read("party", READER)["record_id"].to_pylist()
    return packed.manifest.bundle, [id_ for id_ in after if id_ not in before]


def test_what_was_used_for_a_decision_stays_and_the_rest_goes(pair):
    lab, cell = pair
    bundle, ids = evidence(lab, cell, range(3))
    send(cell, lab, offered=of_ids(cell, ids[:1]))  # back to its owner: a disclosure is a use
    done = take(cell, recall(lab, bundle).slip)
    assert (done.erased, done.left, done.gone) == (2, {"used": 1}, 0)
    (why,) = done.because
    assert "last used for a decision on" in why
    assert cell.read("party", READER)["record_id"].to_pylist() == ids[:1]
    assert cell.acts_of("recall-received")[0].detail["because"] == {"used": 1}
    said = answer(lab, done.answer)
    assert (said["erased"], said["left"], said["because"]) == (2, 1, {"used": 1})


def test_a_hold_keeps_what_lies_in_the_same_bundle_and_the_answer_says_so(pair):
    """The bytes of a bundle are kept as one: nothing goes of a delivery that a hold is over."""
    lab, cell = pair
    bundle, ids = evidence(lab, cell, range(3))
    other, more = evidence(lab, cell, range(3, 5))
    hold = holds.Hold(0, None, "T-1-26", "Justice", MARKING, records=(ids[0].hex(),))
    cell.act(WHO, holds.PLACED, holds.detail(hold))
    done = take(cell, recall(lab, bundle).slip)
    assert (done.retracted, done.erased, done.left, done.gone) == (0, 0, {"hold": 3}, 0)
    assert any("under legal hold" in why for why in done.because)
    assert answer(lab, done.answer)["because"] == {"hold": 3}
    there = take(cell, recall(lab, other).slip)
    assert (there.erased, there.left, len(more)) == (2, {}, 2)
    assert sorted(cell.read("party", READER)["record_id"].to_pylist()) == sorted(ids)


def test_what_people_did_with_it_is_listed(pair):
    lab, cell = pair
    packed = send(holding(lab, 1), cell)
    receive(cell, packed.data)
    fold(cell)
    lead = _lead(cell)
    row = acts.common("tasks", "t1", "PB//TLP:AMBER", NOW) | dict.fromkeys(
        name for name in TASK.schema.names if name not in acts.common("", "", "", NOW)
    )
    row |= {
        "task": "t1",
        "form": "task",
        "state": "issued",
        "lead": lead,
        "subjects": [SHIP],
        "unit": "border-operations",
        "instruction": "look",
        "authority": "an Act",
        "flags": [],
        "by": "officer",
        "edition": 1,
    }
    for name in ("record_id", "delivery"):
        row.pop(name)
    with cell.writer(WHO) as writer:
        acts.write(writer, TASK, row)
    done = take(cell, recall(lab, packed.manifest.bundle).slip)
    assert done.touched.tasks == ("t1",)
    assert done.touched.leads == (lead,)


def _lead(one):
    from watchfloor.cell.queue import queue

    return queue(one, READER, WEIGHTS, NOW)[0].lead_id


def test_it_reaches_whoever_has_a_copy(tmp_path):
    lab, cell, police = trusting(*(floor(tmp_path, name) for name in ("lab", "cell", "police")))
    receive(cell, send(holding(lab), cell).data)
    fold(cell)
    passed_on(lab, cell, police)
    onward = send(cell, police)
    receive(police, onward.data)
    assert len(fold(police)) == 3
    bundle = lab.acts_of("disclosed")[0].detail["bundle"]
    done = take(cell, recall(lab, bundle).slip)
    ((passed,),) = [done.onward]
    assert (passed.bundle, passed.to, passed.rows) == (onward.manifest.bundle, "police", 3)
    there = take(police, passed.slip)
    assert there.retracted == 3
    assert fold(police) == []
    assert answer(cell, there.answer)["retracted"] == 3
    assert answer(lab, done.answer)["onward"] == 1


def test_only_the_sender_may_recall(tmp_path):
    lab, cell, police = trusting(*(floor(tmp_path, name) for name in ("lab", "cell", "police")))
    packed = send(holding(lab), cell)
    receive(cell, packed.data)
    bundle = packed.manifest.bundle
    forged = signed_notices.write(
        police, signed_notices.RECALL, "cell", NOW, bundle=bundle, rows=None, why="x", due="2026-12-01"
    )
    with pytest.raises(Refusal, check=because("exchange.recall-by-another", sender="lab")):
        take(cell, forged)
    assert not cell.acts_of("recall-received")
    assert len(fold(cell)) == 3


def test_a_recall_of_something_unknown_is_told(pair):
    lab, cell = pair
    packed = send(holding(lab), cell)  # it never arrived
    with pytest.raises(Refusal, check=because("exchange.recall-of-unknown", peer="lab")):
        take(cell, recall(lab, packed.manifest.bundle).slip)
    with pytest.raises(Refusal, check=because("exchange.recall-of-nothing", bundle="1234")):
        recall(lab, "1234")
    with pytest.raises(Refusal, check=because("exchange.recall-of-no-row", row="zz")):
        recall(lab, packed.manifest.bundle, ["zz"])


def test_a_recall_twice_is_told_and_takes_nothing_more(pair):
    lab, cell = pair
    packed = send(holding(lab), cell)
    receive(cell, packed.data)
    slip = recall(lab, packed.manifest.bundle).slip
    take(cell, slip)
    again = take(cell, slip)
    assert (again.retracted, again.gone) == (0, 3)
    assert again.before == cell.acts_of("recall-received")[0].position


def test_an_answer_to_nothing_is_refused(pair):
    lab, cell = pair
    packed = send(holding(lab), cell)
    receive(cell, packed.data)
    fields = {"recall": "00", "retracted": 3, "erased": 0, "left": 0, "because": {}, "onward": 0}
    stray = signed_notices.write(
        cell, signed_notices.ANSWER, "lab", NOW, bundle=packed.manifest.bundle, **fields
    )
    with pytest.raises(Refusal, check=because("exchange.answer-to-nothing")):
        answer(lab, stray)


def told(one, day):
    (state,) = [one for one in states(one, READER, day) if one.direction == "sent"]
    return state.open, [str(why) for why in state.told]


def test_who_does_not_answer_is_named(pair):
    lab, cell = pair
    packed = send(holding(lab), cell)
    _, receipt = receive(cell, packed.data)
    sent_on = lab.acts_of("disclosed")[0].at.date()
    assert told(lab, sent_on) == (True, ["no receipt yet"])
    assert "after 4 days: ask cell" in told(lab, sent_on + timedelta(days=4))[1][0]
    with lab.writer(WHO) as writer:
        from watchfloor.exchange.bundles import receipts

        receipts.receive(lab, writer, signed_notices.read(lab, receipt.encode(), "r"))
    assert told(lab, sent_on) == (False, ["received as sent"])
    made = recall(lab, packed.manifest.bundle)
    assert told(lab, made.due)[1][1] == "recalled; an answer is due by 2026-12-02"
    assert "not answered, due since 2026-12-02: ask cell" in told(lab, made.due + timedelta(days=1))[1][1]
    late = take(cell, made.slip, now=LATER + timedelta(days=20))
    assert late.late
    assert answer(lab, late.answer)["late"]
    assert told(lab, made.due) == (
        False,
        ["received as sent", "recalled; cell took back 3 rows, after the day it was due"],
    )
    (state,) = states(cell, READER, made.due)
    assert str(state.told[0]) == "recalled by lab: two samples were mixed up; 3 rows taken back here"


def test_a_disclosed_hit_weighs_as_one_of_this_floor(pair):
    """Under the packaged table: (rule, strength) of the listings desk, whichever node says so."""
    from watchfloor.cell.queue import queue

    lab, cell = pair
    (record,) = keep(lab, [party(0)])
    assert_(lab, [signal(lab, 0, [record], desk="listings", strength="exact, birth date agrees")])
    (here,) = queue(lab, READER, load(), NOW)
    receive(cell, send(lab, cell).data)
    fold(cell)
    (there,) = queue(cell, READER, load(), NOW)
    assert there.bits == here.bits
    assert [c.bits for c in there.contributions] == [25.51]
    assert TOY.id == "toy"


def test_a_recall_takes_back_what_came_round_another_way(tmp_path):
    a, b, c = trusting(*(floor(tmp_path, name) for name in "abc"))
    first = send(holding(a, 1), b)
    receive(b, first.data)
    fold(b)
    passed_on(a, b, c)
    receive(c, send(b, c).data)
    fold(c)
    passed_on(b, c, b)
    round_ = send(c, b)
    receive(b, round_.data)
    assert len(fold(b)) == 2
    done = take(b, recall(a, first.manifest.bundle).slip)
    (onward,) = done.onward
    there = take(c, onward.slip)
    assert fold(c) == []
    assert [(one.bundle, one.to) for one in there.onward] == [(round_.manifest.bundle, "b")]
    back = take(b, there.onward[0].slip)
    assert fold(b) == []
    assert back.onward == ()


def test_a_recall_of_an_echo_leaves_what_its_owner_holds(tmp_path):
    a, b = trusting(*(floor(tmp_path, name) for name in "ab"))
    first = send(holding(a), b)
    receive(b, first.data)
    fold(b)
    echo = send(b, a)
    receive(a, echo.data)
    done = take(b, recall(a, first.manifest.bundle).slip)
    assert [(one.bundle, one.to) for one in done.onward] == [(echo.manifest.bundle, "a")]
    mine = take(a, done.onward[0].slip)
    assert (mine.retracted, mine.erased, mine.onward) == (3, 0, ())
    assert [row["desk"] for row in fold(a)] == ["toy"] * 3
    assert all(a.read("disclosure", READER, latest=True)["retracted"].to_pylist())
