"""Whatever is made of a message, it is refused with a reason or is the message that it was."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.exchange.partnership.banks import NOW, ask, banks, messages, offer
from tests.thorough import draws

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.partnership import wire

QUIET = settings(max_examples=draws(300), deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    a, b = banks(tmp_path_factory.mktemp("banks"))
    offer(b, a, tier="match", fields={"account:test:10": {"pass_through": 95}})
    return a, b, messages(a, b, ask(a, b, tier="match"))


def read(floor, data):
    """The head, where the message is taken; None where it is refused. Nothing else may happen."""
    try:
        return wire.read(floor, data, "x", NOW)
    except Refusal as error:
        error.reason.render("fr")  # which raises where a parameter is missing
        return None


@QUIET
@given(st.data())
def test_a_changed_bit_is_refused(sent, data):
    a, b, every = sent
    at = data.draw(st.integers(0, 5))
    whole = every[at].data
    place, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    changed = bytearray(whole)
    changed[place] ^= 1 << bit
    assert read((b, a)[at % 2], bytes(changed)) is None


@QUIET
@given(st.data())
def test_a_cut_or_longer_message_is_refused(sent, data):
    a, b, every = sent
    at = data.draw(st.integers(0, 5))
    whole = every[at].data
    cut = data.draw(st.integers(0, len(whole) - 1))
    more = data.draw(st.binary(min_size=1, max_size=40))
    for made in (whole[:cut], whole + more, whole[:cut] + more + whole[cut:]):
        assert read((b, a)[at % 2], made) is None


@QUIET
@given(st.binary(max_size=200), st.booleans())
def test_noise_is_refused(sent, noise, begins):
    _, b, _ = sent
    assert read(b, (wire.MAGIC if begins else b"") + noise) is None


@QUIET
@given(st.integers(0, 5), st.integers(0, 5))
def test_the_note_of_one_with_the_body_of_another_is_refused(sent, one, other):
    a, b, every = sent
    first, second = every[one].data, every[other].data
    length = 8 + int.from_bytes(first[4:8], "big")
    made = first[:length] + second[8 + int.from_bytes(second[4:8], "big") :]
    taken = read((b, a)[one % 2], made)
    assert (taken is not None) == (made == first)


def test_each_message_is_read_as_it_was_written(sent):
    a, b, every = sent
    for at, one in enumerate(every):
        message = wire.read((b, a)[at % 2], one.data, "x", NOW)
        assert wire.pack((a, b)[at % 2], message.head, message.body) == one.data
        assert wire.digest(one.data) == message.digest
        assert wire.is_message(one.data)
