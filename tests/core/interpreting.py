"""Kernels that are interpreted give the bits of the compiled ones, and leave the same in their arguments."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

import numpy as np
import pytest

from watchfloor.core import kernels
from watchfloor.core.kernels import Kernel


@contextmanager
def compared() -> Iterator[Counter[str]]:
    """Make each call of a kernel that may be interpreted both ways; count the calls by function."""
    calls: Counter[str] = Counter()

    def call(self, *args):
        if kernels._interpreting.get():
            return self.py_func(*args)
        if not self.few:
            return self.dispatcher(*args)
        calls[self.py_func.__name__] += 1
        mine = deepcopy(args)
        found, expected = self.interpret(*mine), self.dispatcher(*args)
        same(found, expected)
        same(mine, args)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Kernel, "__call__", call)
        yield calls


def same(found: object, expected: object) -> None:
    if isinstance(expected, tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            same(one, other)
    elif isinstance(expected, np.ndarray):
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        assert found.tobytes() == expected.tobytes()
    else:
        assert found == expected
