"""Each check of the contract refuses the desks that break it."""

import pytest
from tests.desks import broken, toys

from watchfloor.desks.base import DeskError
from watchfloor.run.order import arranged, moments
from watchfloor.testing import desks as contract

INPUTS, REFS = toys.sample(2)


def named(desks):
    return pytest.mark.parametrize("desk", desks, ids=lambda desk: desk.name)


def caught(check, *args):
    with pytest.raises((AssertionError, KeyError)):
        check(*args)


@named(broken.AMBIENT)
def test_looking_outside_is_caught(desk):
    with pytest.raises(DeskError, match=r"AmbientError: (looked|fold)"):
        contract.check_nothing_ambient(desk, INPUTS, REFS)


@named(broken.CUT)
def test_depending_on_the_cut_is_caught(desk):
    caught(contract.check_cuts, desk, INPUTS, REFS, contract.every_row(arranged(desk, INPUTS).num_rows))


@named(broken.PARTS)
def test_parts_that_cannot_be_folded_apart_are_caught(desk):
    caught(contract.check_parts, desk, INPUTS, REFS, 8, 0)


@named(broken.FORESEES)
def test_knowing_what_comes_later_is_caught(desk):
    at = moments(arranged(desk, INPUTS))
    caught(contract.check_causality, desk, INPUTS, REFS, int(at[len(at) // 2]))


def test_a_row_dated_after_the_watermark_is_refused_by_every_run():
    with pytest.raises(DeskError, match=r"dates_ahead.*after the watermark"):
        contract.check_reasons(broken.AHEAD, INPUTS, REFS)


def test_the_order_of_a_hash_table_is_caught_in_another_process(pool):
    caught(contract.check_runner, broken.HASHES, INPUTS, REFS, pool)


@named(broken.UNREASONED)
def test_a_row_without_reason_is_caught(desk):
    caught(contract.check_reasons, desk, INPUTS, REFS)


def test_depending_on_order_is_caught():
    caught(contract.check_order, broken.CUT[3], INPUTS, REFS, 0)
