"""What a pool says when a desk cannot travel, fails or takes its worker down."""

import os
import time
from dataclasses import replace

import pytest
from tests.desks import toys

from watchfloor.desks.base import DeskError
from watchfloor.run import Pool, run
from watchfloor.run.digest import digests

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


def sleeps(refs, state, rows, watermark):
    time.sleep(600)
    return {}


def test_an_answer_has_a_deadline_and_the_pool_goes_on():
    with Pool(1, deadline=3) as pool:
        with pytest.raises(DeskError, match=r"desk 'unkeyed'.*no answer from the workers within 3 seconds"):
            run(replace(toys.UNKEYED, step=sleeps), INPUTS, REFS, pool)
        pool._deadline = 60
        assert digests(run(toys.UNKEYED, INPUTS, REFS, pool)) == digests(run(toys.UNKEYED, INPUTS, REFS))
