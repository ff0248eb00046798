"""Peers: whose key was compared by whom, and who is none any more."""

import pytest
from tests.exchange.nodes import WHO, floor, trust, trusting
from tests.refusals import because, refused

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.bundles import peers
from watchfloor.store import Actor
from watchfloor.store.log.notes import Signer


@pytest.fixture
def pair(tmp_path):
    return floor(tmp_path, "bank-a"), floor(tmp_path, "cell")


def test_a_peer_is_an_act_with_who_checked_its_key(pair):
    bank, cell = pair
    peer = trust(cell, bank, checked="read out by A. Roy, +1 613 555 0100")
    (act,) = cell.acts_of("peer")
    assert (act.actor, act.detail["checked"]) == (WHO, "read out by A. Roy, +1 613 555 0100")
    assert peers.standing(cell) == {"bank-a": peer}
    assert peer.verifier == bank.signer.verifier
    assert str(peer.ceiling) == bank.settings.ceiling


def test_who_is_removed_stays_known_with_the_reason(pair):
    bank, cell = trusting(*pair)
    peers.distrust(cell, WHO, "bank-a", "its key was copied")
    assert peers.standing(cell) == {}
    assert peers.known(cell)["bank-a"].why == "its key was copied"
    trust(cell, bank)
    assert peers.standing(cell)["bank-a"].removed is None


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"name": "cell"}, "exchange.key-of-another"),
        ({"institution": "bank"}, "exchange.bad-institution"),
        ({"country": "Canada"}, "exchange.bad-country"),
        ({"ceiling": "PX"}, "exchange.bad-ceiling"),
        ({"checked": " "}, "exchange.unchecked"),
    ],
)
def test_what_cannot_be_is_refused(pair, columns, message):
    bank, cell = pair
    refused(message, trust, cell, bank, **columns)
    assert not cell.acts_of("peer")


@pytest.mark.parametrize("key", ["", "bank-a", "bank-a+00000000+AQ==", "bank-a+zz+!!"])
def test_a_damaged_key_is_refused(pair, key):
    _, cell = pair
    with pytest.raises(Refusal, check=because("exchange.bad-key")):
        peers.trust(
            cell,
            WHO,
            key,
            name="bank-a",
            institution="police",
            country="CAN",
            ceiling="PB",
            checked="by phone",
        )


def test_another_key_under_a_known_name_is_refused(pair):
    bank, cell = trusting(*pair)
    other = Signer("bank-a", bytes(32)).verifier.text
    with pytest.raises(Refusal, check=because("exchange.other-key")):
        peers.trust(
            cell,
            WHO,
            other,
            name="bank-a",
            institution="police",
            country="CAN",
            ceiling="PB",
            checked="by phone",
        )
    assert peers.standing(cell)["bank-a"].verifier == bank.signer.verifier


def test_a_node_is_no_peer_of_itself(pair):
    bank, _ = pair
    with pytest.raises(Refusal, check=because("exchange.own-name")):
        trust(bank, bank)


def test_who_is_none_cannot_be_removed(pair):
    _, cell = pair
    with pytest.raises(Refusal, check=because("exchange.unknown-peer", name="bank-a")):
        peers.distrust(cell, Actor("x", "x", "x"), "bank-a", "x")
