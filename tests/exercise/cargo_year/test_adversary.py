"""Organisations react to their own losses, when they can know of them, and to nothing else."""

from copy import deepcopy
from dataclasses import replace
from itertools import pairwise

import numpy as np
from tests.exercise.cargo_year.worlds import SMALL, Noting

from watchfloor.exercise.cargo_year import year
from watchfloor.exercise.cargo_year.adversary import Fate, organisations
from watchfloor.exercise.cargo_year.benign import population
from watchfloor.exercise.cargo_year.strategy import Picked
from watchfloor.exercise.cargo_year.world import PLAIN, drawn

POP = population(SMALL, 1)


def gang(world=SMALL):
    return organisations(world, POP, 1)


def fate(one, lost, many=6):
    items = year.shipment(one, replace(one.methods[0], split=many), day(), drawn(1, 99))
    return Fate(items, np.zeros(many, np.int64), np.arange(many) < lost)


def day():
    return year.made(SMALL, POP, gang(), 1, 0).items


def test_losses_make_it_try_another_method_and_give_up_what_is_burnt():
    one = gang(replace(SMALL, sloppy=0.0))[1]
    told = fate(one, 3)
    one.learn(told)
    before = one.phone
    one.review(replace(SMALL, sloppy=0.0), POP, 7, drawn(1, 50))
    assert len(one.methods) == 2
    assert one.methods[1] != one.methods[0]
    assert one.craft > SMALL.craft
    assert one.volume < 1
    assert before not in told.items.phone[told.lost] or one.phone != before
    assert one.owed == 3 * 0.7


def test_without_losses_it_keeps_its_method_and_grows():
    one = gang()[1]
    own = one.methods[0]
    one.learn(fate(one, 0, 20))
    one.review(SMALL, POP, 7, drawn(1, 51))
    assert one.methods[0] == own
    assert one.volume > 1


def test_the_one_of_fentanyl_ships_out():
    assert all(one.stream % 2 for one in gang()[0].methods)
    assert PLAIN.fentanyl == 116 / 2600


class Told(list):
    """All that organisations were told, by day and organisation."""


def told_in(seed, picks, world=SMALL):
    """What each organisation heard in a year in which certain rows are picked."""
    heard = Told()
    floor = year.Floor(world, seed, 0.2)
    strategy = Noting(seed, picks)
    for at in range(-world.warm, world.days):
        due = [(at, one.number, fate) for one, fate in floor.fates.get(at, [])]
        heard += due
        floor.day(at, strategy, False)
    return heard, floor


def test_it_hears_of_its_own_items_alone_and_after_the_transit():
    heard, _ = told_in(1, None, replace(SMALL, days=20))
    assert heard
    assert min(at for at, _, _ in heard) >= -SMALL.warm + SMALL.transit
    numbers = {
        number: np.concatenate([f.items.sender for _, n, f in heard if n == number]) for _, number, _ in heard
    }
    first = sorted(numbers)
    for one, other in pairwise(first):
        assert not set(numbers[one]) & set(numbers[other])


def test_what_was_examined_and_passed_changes_nothing_for_anybody():
    """Examining more benign items, and no hidden one more, leaves every organisation as it was."""
    world = replace(SMALL, days=25)
    few, more = year.Floor(world, 3, 0.2), year.Floor(world, 3, 0.2)
    for at in range(-world.warm, world.days):
        for floor, many in ((few, 2), (more, 12)):
            made = year.made(floor.world, floor.pop, deepcopy(floor.gang), floor.seed, at)
            benign = np.flatnonzero(~made.truth.illicit)[:many]
            floor.day(at, Noting(pick=lambda _, rows=benign: rows), False)
    for one, other in zip(few.gang, more.gang, strict=True):
        assert (one.methods, one.tally, one.burnt, one.volume) == (
            other.methods,
            other.tally,
            other.burnt,
            other.volume,
        )


def test_no_pick_no_reaction():
    floor = year.Floor(replace(SMALL, days=20, warm=0), 1, 0.0)
    for at in range(20):
        floor.day(at, Noting(pick=lambda _: np.zeros(0, np.int64)), False)
    assert all(not one.burnt and not one.owed for one in floor.gang)
    assert Picked(np.zeros(0, np.int64)).propensity is None
