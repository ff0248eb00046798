"""How the compiled parts of the desk are compiled."""

from functools import partial
from typing import Final

from numba import njit

kernel: Final = partial(njit, cache=True, nogil=True, error_model="numpy", _nrt=False)
"""`njit` for functions that allocate nothing: arrays are handed in, and their references are not counted."""
