"""How the engine's functions are compiled."""

from functools import partial
from typing import Final

from numba import njit

kernel: Final = partial(njit, cache=True, nogil=True, error_model="numpy", _nrt=False)
"""`njit` without numba's counting of references to arrays: no kernel allocates, and the dozen arrays of a
graph, counted at every call, cost two thirds of the time."""

within: Final = partial(kernel, forceinline=True)
"""A `kernel` that is laid out where it is called. The arrays of a graph are a kilobyte of arguments, which a
call copies: a third of the time."""
