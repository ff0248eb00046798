"""How the engine's functions are compiled."""

from collections.abc import Callable
from typing import Final, TypeVar

from watchfloor.core.kernels import Decorator, unmanaged_kernel

F = TypeVar("F", bound=Callable[..., object])

kernel: Final[Decorator] = unmanaged_kernel
"""Counting references to the dozen arrays of a graph at every call would cost two thirds of the time."""


def within(function: F) -> F:
    """Make a `kernel` that is laid out where it is called.

    The arrays of a graph are a kilobyte of arguments, which a call copies: a third of the time.
    """
    return kernel(forceinline=True)(function)
