"""Erasure reaches the sealed sets, offers, sessions and results of the partnership, and nothing of others."""

import pytest
from tests.exchange.partnership.banks import CASE, COMMON, MINE, NOW, THEIRS, ask, banks, offer, peer, whole

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.partnership import codes, offering, receiving
from watchfloor.exchange.partnership.forgetting import forget
from watchfloor.exchange.partnership.vault import Vault


@pytest.fixture
def two(tmp_path):
    a, b = banks(tmp_path)
    offer(b, a, tier="match", fields={COMMON[0]: {"links": [COMMON[1]]}})
    here, _ = whole(a, b, ask(a, b, tier="match"))
    return a, b, here


def test_what_names_a_subject_goes_and_the_rest_of_a_result_stays(two):
    a, b, session = two
    before = receiving.result(a, session)["tokens"]
    assert COMMON[3] in before.values()
    assert forget(a, [COMMON[3]]) == 1
    left = receiving.result(a, session)["tokens"]
    assert set(before.values()) - set(left.values()) == {COMMON[3]}
    assert forget(b, [COMMON[3]]) >= 3  # its set, the fields of it, the offer, and the result
    assert Vault(b).names("sets") == Vault(b).names("offers") == []
    code = codes.standing(b)
    with pytest.raises(Refusal):
        offering.offered(b, peer(b, a), code, code.epoch(NOW.date()), "match", CASE)


def test_a_session_under_way_ends_with_its_set(tmp_path):
    a, b = banks(tmp_path)
    ask(a, b, MINE)
    assert forget(a, [MINE[0]]) == 3  # the set, what was said of it, and the message
    assert Vault(a).names("sessions") == []


def test_a_subject_that_is_only_linked_to_is_found_and_a_strange_one_is_not(two):
    _, b, _ = two
    assert forget(b, ["account:test:999", THEIRS[0][:-1]]) == 0
    assert forget(b, [COMMON[1]]) >= 3
