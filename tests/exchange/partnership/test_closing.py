"""A ring over three banks closes by tokens: no bank names the payments of another."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.partnership.banks import CASE, CODE, NOW, ask, banks, offer, whole

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.partnership import closing, codes, receiving
from watchfloor.exchange.partnership.closing import Hop
from watchfloor.exchange.partnership.keys import case_key
from watchfloor.exchange.partnership.vault import Vault

AB, BC, CA = (f"payment:uetr:{n}0000000-0000-4000-8000-000000000000" for n in "123")
NOISE = {x: [f"payment:uetr:{x}{n}000000-0000-4000-8000-000000000000" for n in range(8)] for x in "abcde"}


@pytest.fixture
def ring(tmp_path):
    """A pays B, B pays C, C pays A; each bank knows two of the payments and what leads to what in it."""
    a, b, c = banks(tmp_path, "bank-a", "bank-b", "bank-c")
    ours = {CA: {"links": [AB]}, AB: {"comes_from": [CA]}}
    of_b = {AB: {"links": [BC]}, BC: {"comes_from": [AB]}}
    of_c = {BC: {"links": [CA]}, CA: {"comes_from": [BC]}}
    held = [CA, AB, *NOISE["a"]], [AB, BC, *NOISE["b"]], [BC, CA, *NOISE["c"]]
    offer(b, a, held[1], tier="match", fields=of_b)
    offer(c, b, held[2], tier="match", fields=of_c)
    offer(c, a, held[2], tier="match", fields=of_c)
    for here, there, subjects, fields in (
        (a, b, held[0], ours),
        (b, c, held[1], of_b),
        (a, c, held[0], ours),
    ):
        whole(here, there, ask(here, there, subjects, tier="match", fields=fields))
    return a, b, c


def test_the_case_has_one_key_that_was_handed_on(ring):
    epoch = next(iter(Vault(ring[0]).names("cases"))).rpartition(".")[2]
    made = {case_key(Vault(one), CASE, int(epoch)).secret for one in ring}
    assert len(made) == 1


def test_what_a_partner_tells_of_a_payment_of_ours_is_a_token_of_its_own(ring):
    """B tells A, of A's payment to B, that it leads to another; only B and C could name that one."""
    a, *_ = ring
    names, steps = closing.names(a, CASE), closing.hops(a, CASE)
    assert set(names.values()) == {AB, CA}
    (told,) = (one for one in steps if one.bank == "bank-b")
    assert names.get(told.start) == AB
    assert told.end not in names


@pytest.mark.parametrize(("at", "strange"), [(0, BC), (1, CA), (2, AB)])
def test_each_bank_closes_the_ring_and_names_its_own_payments_alone(ring, at, strange):
    here = ring[at]
    (one,) = closing.rings(closing.hops(here, CASE), closing.names(here, CASE))
    assert sorted(one.banks) == ["bank-a", "bank-b", "bank-c"]
    assert len(one.tokens) == 3
    assert set(one.names.values()) == {AB, BC, CA} - {strange}
    assert strange.encode() not in b"".join(p.read_bytes() for p in here.root.rglob("*") if p.is_file())


HEARD = """[fields.heard]
of = "hops"
most = 8

[counts]"""


def rounds(made, legs, times):
    """Sessions of each two banks that a payment joins, so many times; the rings of each bank after each."""
    told = []
    names = [one.settings.name for one in made]
    size = len(made)
    held = [[legs[at - 1], legs[at], *NOISE["abcde"[at]]] for at in range(size)]
    fields = [
        {legs[at - 1]: {"links": [legs[at]]}, legs[at]: {"comes_from": [legs[at - 1]]}} for at in range(size)
    ]
    for _ in range(times):
        for at in range(size):
            one, other = made[at], made[(at + 1) % size]
            offer(other, one, held[(at + 1) % size], tier="match", fields=fields[(at + 1) % size])
            whole(one, other, ask(one, other, held[at], tier="match", fields=fields[at]))
        told.append([list(closing.rings(closing.hops(one, CASE), closing.names(one, CASE))) for one in made])
    assert len({*names}) == size
    return told


@pytest.fixture
def five(tmp_path):
    names = [f"bank-{letter}" for letter in "abcde"]
    participants = ", ".join(f'{{name = "{name}"}}' for name in names)
    code = CODE.replace('{name = "bank-a"}, {name = "bank-b"}, {name = "bank-c"}', participants)
    return banks(tmp_path, *names, code=code.replace("[counts]", HEARD))


def test_a_ring_over_five_banks_closes_in_the_second_round_by_what_was_heard(five):
    legs = [f"payment:uetr:{n}0000000-0000-4000-8000-000000000000" for n in range(1, 6)]
    first, second = rounds(five, legs, 2)
    assert any(not found for found in first)  # nobody told the first bank of the leg that is farthest from it
    for at, found in enumerate(second):
        (one,) = found
        assert len(one.tokens) == 5
        assert {bank.partition(",")[0] for bank in one.banks} == {f"bank-{letter}" for letter in "abcde"}
        assert set(one.names.values()) == {legs[at - 1], legs[at]}
        assert sum(", says " in bank for bank in one.banks) == 2  # the two that share no payment with it


def test_without_the_field_nobody_passes_on_what_was_heard(tmp_path):
    legs = [f"payment:uetr:{n}0000000-0000-4000-8000-000000000000" for n in range(1, 5)]
    names = [f"bank-{letter}" for letter in "abcd"]
    participants = ", ".join(f'{{name = "{name}"}}' for name in names)
    code = CODE.replace('{name = "bank-a"}, {name = "bank-b"}, {name = "bank-c"}', participants)
    *_, last = rounds(banks(tmp_path, *names, code=code), legs, 2)
    assert last == [[], [], [], []]


def test_nobody_says_by_hand_what_was_heard(five):
    a, b, *_ = five
    with pytest.raises(Refusal):
        ask(a, b, tier="match", subjects=NOISE["a"], fields={NOISE["a"][0]: {"heard": ["x"]}})
    token = "0" * 32
    row = codes.standing(a).file.fields["heard"]
    assert row.holds([f"{token}>{token}@bank-c"])
    assert not row.holds([f"{token}>{token}@Bank C"])
    assert not row.holds([f"{token}>{token}@bank-c"] * 9)


def test_what_a_bank_says_that_this_one_said_is_not_believed(five):
    token = "0" * 32
    assert list(closing._heard({"heard": [f"{token}>{token}@bank-b"]}, "bank-b")) == [
        Hop(token, token, "bank-b")
    ]
    told = list(closing._heard({"heard": [f"{token}>{token}@bank-c", "x"]}, "bank-b"))
    assert told == [Hop(token, token, "bank-c", "bank-b")]


def test_another_case_has_none_of_it(ring):
    assert closing.hops(ring[0], "C-18") == []
    assert closing.names(ring[0], "C-18") == {}


def brute(steps):
    """Rings by trying every way."""
    found = set()
    for length in range(1, 5):
        for way in itertools.permutations(steps, length):
            closed = all(one.end == other.start for one, other in itertools.pairwise((*way, way[0])))
            starts = [one.start for one in way]
            if closed and len(set(starts)) == length and len({one.bank for one in way}) > 1:
                at = starts.index(min(starts))
                found.add(way[at:] + way[:at])
    return found


TOKENS = st.sampled_from("wxyz")
HOPS = st.builds(Hop, TOKENS, TOKENS, st.sampled_from(["a", "b"]), st.just(""))


@given(st.lists(HOPS, max_size=6, unique=True))
def test_every_ring_is_found_once(steps):
    found = list(closing.rings(steps, {}))
    told = {tuple(zip(one.tokens, one.banks, strict=True)) for one in found}
    assert len(told) == len(found)
    assert told == {tuple((one.start, one.bank) for one in way) for way in brute(steps)}


def test_a_graph_of_very_many_rings_is_cut_off_and_told():
    steps = [Hop(f"{n:02}", f"{m:02}", "ab"[n % 2]) for n in range(14) for m in range(14) if n != m]
    assert len(list(closing.rings(steps, {}))) == closing.MOST


def test_a_result_can_be_read_by_both(ring):
    from watchfloor.exchange.partnership import sessions

    for one in ring:
        for session in sessions.sessions(one, NOW.date()).values():
            assert receiving.result(one, session)["found"] == 1
