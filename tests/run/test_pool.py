"""What a pool says when a desk cannot travel, fails or takes its worker down."""

import os
from dataclasses import replace

import pytest
from tests.desks import toys

from watchfloor.desks.base import DeskError
from watchfloor.run import Pool, run

INPUTS, REFS = toys.sample(0)


def fails(refs, state, rows, watermark):
    raise KeyError("amount")


def dies(refs, state, rows, watermark):
    os._exit(1)


def test_a_desk_that_cannot_travel_says_what_to_do(pool):
    with pytest.raises(DeskError, match="its functions must stand at the top of a module"):
        run(replace(toys.KEYED, step=lambda *_: {}), INPUTS, REFS, pool)


def test_a_failure_in_a_worker_is_the_desks(pool):
    with pytest.raises(DeskError, match=r"desk 'keyed'.*step failed.*'amount'"):
        run(replace(toys.KEYED, step=fails), INPUTS, REFS, pool)


def test_a_worker_that_dies_is_said():
    with Pool(1) as pool, pytest.raises(DeskError, match="desk 'unkeyed': a worker process died"):
        run(replace(toys.UNKEYED, step=dies), INPUTS, REFS, pool)
