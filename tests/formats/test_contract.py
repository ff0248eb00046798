"""What every registered format keeps, whatever the bytes are: rows, faults or one error about the file."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import settings as limits
from tests.formats.samples import NAME, SAMPLES, read, sample
from tests.thorough import draws

from watchfloor.formats.registry import FORMATS
from watchfloor.testing.formats import check_damaged, check_sample
from watchfloor.testing.test_contracts import MUTATIONS

every = pytest.mark.parametrize("name", FORMATS)


def test_each_registered_format_has_a_sample():
    assert SAMPLES.keys() == FORMATS.keys()


@every
def test_a_sample_is_read_without_a_fault_that_ends_it(name):
    check_sample(FORMATS[name], sample(name), NAME, partial(read, name))


@every
@limits(max_examples=draws(200, 6))
@given(mutations=MUTATIONS)
def test_mutated_bytes_give_rows_and_faults_and_nothing_else(name, mutations):
    check_damaged(FORMATS[name], sample(name), NAME, mutations, partial(read, name))
