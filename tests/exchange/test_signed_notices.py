"""Slips: read only when a peer has signed them, for this node; whatever else the file is, a sentence."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.exchange.nodes import NOW, WHO, floor, trusting
from tests.refusals import because
from tests.thorough import draws

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.bundles import peers, signed_notices
from watchfloor.store.log.notes import note


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    home = tmp_path_factory.mktemp("slips")
    return trusting(floor(home, "bank-a"), floor(home, "cell"))


def recall(one, to="cell", **fields):
    said = {"bundle": "00" * 8, "rows": None, "why": "x", "due": "2026-12-01"} | fields
    return signed_notices.write(one, signed_notices.RECALL, to, NOW, **said)


def test_it_says_what_it_is(pair):
    bank, cell = pair
    slip = signed_notices.read(cell, recall(bank).encode(), "f", signed_notices.RECALL)
    assert (slip.what, slip.peer.name, slip.body["why"], slip.at) == (
        signed_notices.RECALL,
        "bank-a",
        "x",
        NOW,
    )
    assert signed_notices.is_slip(recall(bank).encode())


def test_a_slip_with_a_key_twice_is_refused_though_its_signature_holds(pair):
    bank, cell = pair
    text = recall(bank).rpartition("\n\n")[0] + "\n"
    assert signed_notices.read(cell, note(text, bank.signer).encode(), "f").body["why"] == "x"
    for again in ('"why": "y"', '"wh\\u0079": "y"'):
        twice = text.replace('"why": "x"', f'"why": "x", {again}')
        assert twice != text
        with pytest.raises(Refusal, check=because("exchange.no-slip")):
            signed_notices.read(cell, note(twice, bank.signer).encode(), "f")


def test_for_another_or_another_kind_is_refused(pair):
    bank, cell = pair
    with pytest.raises(Refusal, check=because("exchange.for-another", file="f", to="police", name="cell")):
        signed_notices.read(cell, recall(bank, to="police").encode(), "f")
    with pytest.raises(Refusal, check=because("exchange.other-slip", what="recall", wanted="receipt")):
        signed_notices.read(cell, recall(bank).encode(), "f", signed_notices.RECEIPT)


@pytest.mark.parametrize(
    "fields",
    [
        {"rows": "all"},
        {"why": None},
        {"due": 3},
        {"due": "soon"},
        {"bundle": ["b"]},
        {"bundle": "../../evil/x"},
        {"bundle": "/etc/0123456789"},
        {"bundle": "0123456789abcde"},
        {"bundle": "0123456789ABCDEF"},
        {"bundle": "0123456789abcdef\n"},
    ],
)
def test_a_slip_without_what_it_must_have_is_refused(pair, fields):
    bank, cell = pair
    with pytest.raises(Refusal, check=because("exchange.no-slip")):
        signed_notices.read(cell, recall(bank, **fields).encode(), "f")


@pytest.mark.parametrize("name", ["../../evil", "a/b", "a\\b", "two words", "", "x" * 81])
def test_a_recipient_that_is_no_name_of_a_node_is_refused(pair, name):
    bank, cell = pair
    said = signed_notices.write(bank, signed_notices.ASKED, "cell", NOW, rows=["r"], recipient=name, why="x")
    with pytest.raises(Refusal, match="is no name of a node"):
        signed_notices.read(cell, said.encode(), "f")


@pytest.mark.parametrize("body", ['{"what":"gift"}', "[]", "{}", '{"what":"recall","from":"cell"}', "x"])
def test_a_signed_text_that_is_no_slip_is_refused(pair, body):
    bank, cell = pair
    with pytest.raises(Refusal, check=because("exchange.no-slip")):
        signed_notices.read(cell, note(f"{body}\n", bank.signer).encode(), "f")


def test_who_signs_for_another_is_refused(pair, tmp_path):
    bank, cell = pair
    said = signed_notices.write(
        bank, signed_notices.RECALL, "cell", NOW, bundle="00" * 8, rows=None, why="x", due="2026-12-01"
    )
    text = said.partition("\n\n")[0].replace('"bank-a"', '"lab"')
    with pytest.raises(
        Refusal,
        check=because(
            "exchange.no-slip", file="f", problem="it says it is from 'lab' and is signed by bank-a"
        ),
    ):
        signed_notices.read(cell, note(f"{text}\n", bank.signer).encode(), "f")


def test_a_changed_byte_is_refused(pair):
    bank, cell = pair
    data = recall(bank).encode()
    for at in range(0, len(data), 5):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(Refusal):
            signed_notices.read(cell, bytes(changed), "f")


@settings(max_examples=draws(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_whatever_the_file_is_the_refusal_is_a_sentence(pair, data):
    with pytest.raises(Refusal) as error:
        signed_notices.read(pair[1], data, "f")
    assert "f is" in str(error.value)


def test_a_removed_peers_slip_is_refused(tmp_path):
    bank, cell = trusting(floor(tmp_path, "bank-a"), floor(tmp_path, "cell"))
    data = recall(bank).encode()
    peers.distrust(cell, WHO, "bank-a", "closed")
    with pytest.raises(Refusal, check=because("exchange.removed-peer", name="bank-a")):
        signed_notices.read(cell, data, "f")
