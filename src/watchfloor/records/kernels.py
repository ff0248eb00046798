"""Kernels: functions that numba compiles when they are first called, and whose machine code is kept.

Loading numba takes half a second and compiling takes longer, so a module with kernels does neither when it is
imported. `records.compiling`, which does both, is imported at the first call of any kernel.
"""

import threading
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Final, Protocol, TypeVar, cast, overload

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)
_building = threading.RLock()


class Kernel:
    """A function that is compiled at its first call, once for each combination of argument types.

    Attributes:
        py_func: the function as it is written; numba and tests look for it under this name.
        targetoptions: what numba is asked for; numba looks here for `inline` while it compiles a caller.
    """

    def __init__(self, function: Function, options: dict[str, Any]) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self.targetoptions = options
        self._dispatcher: Any = None

    def __call__(self, *args: Any) -> Any:
        """Call the compiled function."""
        return (self._dispatcher or self.dispatcher)(*args)

    @property
    def dispatcher(self) -> Any:
        """Numba's dispatcher of this function. The first use imports numba."""
        if self._dispatcher is None:
            from watchfloor.records import compiling

            with _building:
                if self._dispatcher is None:
                    self._dispatcher = compiling.dispatcher(self)
        return self._dispatcher

    @property
    def signatures(self) -> list[Any]:
        """Argument types that were compiled or loaded in this process."""
        return [] if self._dispatcher is None else list(self._dispatcher.signatures)

    def __reduce__(self) -> str:
        """Pickle by name, as functions are."""
        return str(self.py_func.__qualname__)


class Intrinsic:
    """A function that writes instructions of LLVM into the kernels that call it."""

    def __init__(self, function: Function, options: dict[str, Any]) -> None:
        self.py_func = function
        self.targetoptions = options


class Decorator(Protocol):
    """What makes kernels of functions, bare or with options; their types stay as they are written."""

    @overload
    def __call__(self, function: F, /) -> F: ...
    @overload
    def __call__(self, /, **options: Any) -> Callable[[F], F]: ...


def _decorator(**fixed: Any) -> Decorator:
    def decorate(function: Function | None = None, /, **options: Any) -> Any:
        options = fixed | options
        return Kernel(function, options) if function else lambda function: Kernel(function, options)

    return cast("Decorator", decorate)


kernel: Final = _decorator(nogil=True)
"""Compile a function at its first call and keep its machine code for later processes.

It releases the interpreter's lock while it runs: no other thread may change its arguments. Options are those
of `numba.njit`: `error_model`, `inline`, `forceinline`.
"""

unmanaged_kernel: Final = _decorator(nogil=True, error_model="numpy", _nrt=False)
"""A `kernel` that allocates nothing, so that references to arrays need not be counted."""


def intrinsic(**options: Any) -> Callable[[Function], Any]:
    """Make an `Intrinsic` of a function that types a call, as `numba.extending.intrinsic` does."""
    return lambda function: Intrinsic(function, options)
