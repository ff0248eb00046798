"""How bundles stand, to who may see them; loss and difference are told as such."""

from datetime import timedelta

import pytest
from tests.exchange.nodes import MARKING, NOW, READER, WHO, floor, holding, receive, send, trusting
from tests.refusals import because

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.bundles import receipts, signed_notices, states
from watchfloor.exchange.bundles.bundle import root_of
from watchfloor.policy.policy import Reader


@pytest.fixture
def sent(tmp_path):
    lab, cell = trusting(floor(tmp_path, "lab"), floor(tmp_path, "cell"))
    packed = send(holding(lab), cell)
    _, receipt = receive(cell, packed.data)
    return lab, cell, packed, signed_notices.read(lab, receipt.encode(), "r")


def taken(one, slip, **fields):
    with one.writer(WHO) as writer:
        return receipts.receive(one, writer, slip._replace(body={**slip.body, **fields}))


def told(one):
    (state,) = states.states(one, READER, NOW.date())
    return state.open, state.told[0].render(), state.told[0].render("fr")


def test_rows_that_are_lost_are_counted(sent):
    lab, _, packed, slip = sent
    from watchfloor.exchange.bundles import sent as kept

    index = kept.index_of(lab, packed.manifest.bundle)
    left = root_of(index["leaf"].to_pylist()[1:])
    assert taken(lab, slip, missing=[index["row"][0].as_py()], root=left).lost == 1
    assert told(lab) == (
        True,
        "1 rows are lost: cell neither stored nor withheld them; send them again",
        "1 lignes sont perdues\u00a0: cell ne les a ni gardées ni retenues; renvoyez-les",
    )


def test_what_differs_is_told(sent):
    lab, _, _, slip = sent
    taken(lab, slip, root="00" * 32)
    assert told(lab)[0]
    assert "is not what was sent" in told(lab)[1]


def test_the_last_receipt_counts(sent):
    lab, _, _, slip = sent
    taken(lab, slip, root="00" * 32)
    taken(lab, slip)
    assert told(lab)[:2] == (False, "received as sent")


def test_a_bundle_is_told_to_who_may_see_all_of_it(sent):
    lab, cell, packed, _ = sent
    nobody = Reader("visitor", protected=0)
    assert packed.manifest.marking == MARKING
    assert states.states(lab, nobody, NOW.date()) == []
    assert states.states(cell, nobody, NOW.date()) == []
    assert len(states.states(cell, READER, NOW.date())) == 1
    with pytest.raises(Refusal, check=because("exchange.no-such-bundle")):
        states.pick(lab, nobody, packed.manifest.bundle, NOW.date())


def test_one_is_picked_by_the_start_of_its_id(sent):
    lab, cell, packed, _ = sent
    one, act, rows = states.pick(lab, READER, packed.manifest.bundle[:6], NOW.date())
    assert (one.rows, act["test"], len(rows)) == (3, "the file says so", 3)
    assert {kind for kind, _ in rows} == {"disclosure"}
    _, _, there = states.pick(cell, READER, packed.manifest.bundle, NOW.date())
    assert [name for _, name in there] == sorted(name for _, name in rows)
    send(lab, cell, now=NOW + timedelta(hours=1))
    with pytest.raises(Refusal, check=because("exchange.several-bundles")):
        states.pick(lab, READER, "", NOW.date())
