import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.exchange.partnership import group
from watchfloor.exchange.partnership.group import BadPoint, Scalar, checked, hashed, split

KEY = bytes(range(32))
P = 2**255 - 19
A = 486662
SMALL = [0, 1, 325606250916557431795983626356110631294008115727848805560023387167927233504]
SMALL.append(39382357235489614581723060781553021112529911719440698176882885853963445705823)
"""The u-coordinates of small order on the curve, https://cr.yp.to/ecdh.html."""


def scalar(label=b"one"):
    return Scalar.derive(KEY, label)


def euler(u):
    return pow(u * (u * u + A * u + 1) % P, (P - 1) // 2, P) == 1


def little(number):
    return number.to_bytes(32, "little")


@given(st.lists(st.binary(max_size=40), max_size=8, unique=True))
def test_an_element_is_hashed_onto_the_curve_and_always_to_the_same_point(elements):
    points = hashed(KEY, elements)
    assert points == hashed(KEY, elements)
    assert len(set(points)) == len(elements)
    assert all(euler(int.from_bytes(one, "little")) for one in points)


def test_two_keys_give_unlike_points():
    assert hashed(KEY, [b"a"]) != hashed(KEY[::-1], [b"a"])


def test_hashing_is_what_it_was():
    """A change here makes every partner's table useless; it wants another version of the messages."""
    (point,) = hashed(KEY, [b"account:test:1"])
    assert point.hex() == "0f141546d06ae1b76daa1d631c72f9acfe76b3665d4f73b66b41e19d1bb0364e"


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=8), st.binary(max_size=8))
def test_two_scalars_commute_and_each_is_undone_by_its_inverse(secret, one, other):
    a, b = Scalar.derive(secret, b"a" + one), Scalar.derive(secret, b"b" + other)
    points = hashed(KEY, [b"x", b"y"])
    assert a.times(b.times(points)) == b.times(a.times(points))
    assert a.inverse.times(a.times(b.times(points))) == b.times(points)


def test_scalars_of_two_uses_share_nothing():
    points = hashed(KEY, [b"x"])
    assert scalar().times(points) != scalar(b"two").times(points)
    assert "hidden" in repr(scalar())


def test_a_clamped_scalar_takes_away_what_has_small_order():
    """Adding a point of order 2, (0, 0), takes u to 1/u; the product is the same."""
    (point,) = scalar(b"two").times(hashed(KEY, [b"x"]))
    moved = little(pow(int.from_bytes(point, "little"), -1, P))
    assert checked([moved]) == [moved]
    assert scalar().times([moved]) == scalar().times([point])


@pytest.mark.parametrize("u", SMALL)
def test_a_point_of_small_order_is_refused(u):
    with pytest.raises(BadPoint):
        scalar().times(checked([little(u)]))


def twisted():
    return next(u for u in range(2, 100) if not euler(u))


@pytest.mark.parametrize(
    "bad", [little(twisted()), little(P), little(P + 1), little(P + 9), b"\xff" * 32, b"", b"\x09"]
)
def test_what_is_on_the_twist_or_in_another_spelling_is_refused(bad):
    good = hashed(KEY, [b"x"])
    with pytest.raises(BadPoint) as error:
        checked([*good, bad])
    assert error.value.at == 1


@given(st.integers(1, P - 1))
def test_the_jacobi_symbol_says_what_eulers_criterion_says(u):
    assert group._on_curve(u) == euler(u)


@given(st.integers(0, 5), st.integers(0, 31))
def test_points_that_lie_one_behind_the_other_are_cut_only_whole(count, more):
    data = os.urandom(32 * count + more)
    if more:
        with pytest.raises(ValueError):
            split(data)
    else:
        assert b"".join(split(data)) == data
        assert len(split(data)) == count
