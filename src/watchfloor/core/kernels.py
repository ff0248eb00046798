"""Kernels: functions that numba compiles when they are first called, and whose machine code is kept.

Loading numba takes half a second and compiling takes longer, so a module with kernels does neither when it is
imported. `core.compiling`, which does both, is imported at the first call of any kernel.
"""

import sys
import threading
from collections.abc import Callable
from contextvars import ContextVar
from functools import update_wrapper
from importlib import import_module
from typing import Any, Final, Protocol, TypeVar, cast, overload

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)
_building = threading.RLock()
_interpreting: ContextVar[bool] = ContextVar("interpreting", default=False)

PATIENCE: Final = 500
"""Calls that a process interprets; whoever makes more would have waited less for numba."""


class Kernel:
    """A function that is compiled at its first call, once for each combination of argument types.

    Attributes:
        py_func: the function as it is written; numba and tests look for it under this name.
        few: elements of arrays up to which a call may be interpreted where nothing is compiled yet.
        interpreted: calls of any kernel that were interpreted in this process.
        targetoptions: what numba is asked for; numba looks here for `inline` while it compiles a caller.
    """

    interpreted = 0

    def __init__(self, function: Function, options: dict[str, Any]) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self.few = options.pop("few", 0)
        self.targetoptions = options
        self._dispatcher: Any = None
        self._inner: Any = None

    def __call__(self, *args: Any) -> Any:
        """Call the compiled function, or interpret a call that is not worth to load numba for."""
        if self._dispatcher:
            return self._dispatcher(*args)
        if _interpreting.get():
            return self.py_func(*args)
        waits = self.few and "numba" not in sys.modules and Kernel.interpreted < PATIENCE
        if waits and sum(map(_elements, args)) <= self.few:
            Kernel.interpreted += 1
            return self.interpret(*args)
        return self.dispatcher(*args)

    def interpret(self, *args: Any) -> Any:
        """Call the function as it is written, and so the kernels that it calls; whole numbers may wrap."""
        import numpy as np  # no module with kernels is without it, and this one has no other use for it

        token = _interpreting.set(True)
        try:
            with np.errstate(over="ignore"):
                return self.py_func(*args)
        finally:
            _interpreting.reset(token)

    @property
    def dispatcher(self) -> Any:
        """Numba's dispatcher of this function. The first use imports numba."""
        if self._dispatcher is None:
            from watchfloor.core import compiling

            with _building:
                if self._dispatcher is None:
                    self._dispatcher = compiling.dispatcher(self)
        return self._dispatcher

    @property
    def inner(self) -> Any:
        """Numba's dispatcher of this function where another kernel calls it."""
        if self._inner is None:
            from watchfloor.core import compiling

            with _building:
                if self._inner is None:
                    self._inner = compiling.dispatcher(self, called_by_python=False)
        return self._inner

    @property
    def _numba_type_(self) -> Any:
        """Numba's type of it where another kernel names it."""
        return self.inner._numba_type_

    @property
    def signatures(self) -> list[Any]:
        """Argument types that were compiled or loaded in this process."""
        made = (one for one in (self._dispatcher, self._inner) if one is not None)
        return list(dict.fromkeys(each for one in made for each in one.signatures))

    def __reduce__(self) -> str:
        """Pickle by name, as functions are."""
        return str(self.py_func.__qualname__)


def load_compiler() -> None:
    """Load numba now, so that small calls are compiled too: for a process that makes many, or lives long."""
    import_module("watchfloor.core.compiling")


def _elements(argument: Any) -> int:
    """How many numbers an argument holds; a whole number may say how often something is done."""
    if isinstance(argument, tuple):
        return sum(map(_elements, argument))
    return argument if isinstance(argument, int) else int(getattr(argument, "size", 1))


class Intrinsic:
    """A function that writes instructions of LLVM into the kernels that call it."""

    def __init__(self, function: Function, options: dict[str, Any]) -> None:
        self.py_func = function
        self.targetoptions = options

    @property
    def _numba_type_(self) -> Any:
        from watchfloor.core import compiling

        return compiling.intrinsic_type(self)


class Decorator(Protocol):
    """A maker of kernels from functions, bare or with options; it leaves their types as they are written."""

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
of `numba.njit`: `error_model`, `inline`, `forceinline`; and `few`, see `Kernel`, for a function that gives
the same answer to the last bit when Python runs it. For that a number of 32 bits must meet no literal of 64:
numba widens the number, NumPy narrows the literal.
"""

unmanaged_kernel: Final = _decorator(nogil=True, error_model="numpy", _nrt=False)
"""A `kernel` that allocates nothing, so that references to arrays need not be counted."""


def intrinsic(**options: Any) -> Callable[[Function], Any]:
    """Make an `Intrinsic` of a function that types a call, as `numba.extending.intrinsic` does."""
    return lambda function: Intrinsic(function, options)
