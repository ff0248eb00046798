"""Inner parts of numba, as they are in its versions `KNOWN`, made quicker and given files of ours.

`core.compiling` imports this with those versions only. With any other it compiles as numba does, and keeps
nothing: what is written here may not be true of it.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.environment import lookup_environment
from numba.core.registry import cpu_target
from numba.core.targetconfig import TargetConfig
from numba.core.types import BooleanLiteral, IntegerLiteral
from numba.core.typing.templates import _OverloadFunctionTemplate
from numba.np import linalg

from watchfloor.core import caches


def _load_array_functions() -> None:
    """Load what numba knows of arrays as if scipy were not there.

    It loads scipy's BLAS, a tenth of a second, for convolutions and correlations, which no kernel has.
    """
    usual = linalg.ensure_blas
    linalg.ensure_blas = _no_blas
    try:
        import_module("numba.np.arraymath")
    finally:
        linalg.ensure_blas = usual


def _no_blas() -> None:
    raise ImportError("scipy")


_load_array_functions()


def _compare_flags_at_once() -> None:
    """Compare flags of compilation by what was set: each look-up of a call compares some.

    Numba reads all 23 flags for a hash, which is the same for any, and twice more to compare. That was a
    tenth of the time that the tracker's kernels take to compile.
    """
    usual_hash: Any = TargetConfig.__hash__
    usual_equals: Any = TargetConfig.__eq__
    hashes: dict[type, int] = {}

    def hash_(flags: Any) -> int:
        if type(flags) not in hashes:
            hashes[type(flags)] = usual_hash(flags)
        return hashes[type(flags)]

    def equals(flags: Any, other: Any) -> Any:
        same = type(flags) is type(other) and flags._values == other._values
        return same or usual_equals(flags, other)

    setattr(TargetConfig, "__hash__", hash_)  # noqa: B010 - mypy lets nobody assign a method
    setattr(TargetConfig, "__eq__", equals)  # noqa: B010


_compare_flags_at_once()


def _wrap_no_overload_for_c() -> None:
    """Compile what numba has of array functions, such as `np.sum`, without a wrapper: only kernels call it.

    That was a twenty-fifth of the time that the kernels of a whole floor take to compile.
    """
    usual: Any = _OverloadFunctionTemplate._get_jit_decorator

    def decorator(template: Any) -> Any:
        return partial(usual(template), no_cfunc_wrapper=True)

    setattr(_OverloadFunctionTemplate, "_get_jit_decorator", decorator)  # noqa: B010


_wrap_no_overload_for_c()

_Jitted: Any = JITCodeLibrary


class _Library(_Jitted):  # type: ignore[misc]
    """Code of one function, of which native code is made when Python first calls it, and else never.

    Numba makes native code of every function that it compiles. What only other kernels call is linked into
    them as LLVM's own code, and they get native code of it: that is enough, and it is all that is kept of it.
    """

    _native = False

    def _finalize_final_module(self) -> None:
        if self._object_caching_enabled and self._compiled_object is not None:  # loaded with its native code
            self._make_native()
            return
        self._finalize_dynamic_globals()  # whether it may be kept
        self._finalized = True

    def _make_native(self) -> None:
        self._native = True
        self._dynamic_globals.clear()  # they are counted again
        super()._finalize_final_module()
        for one in self._final_module.global_variables:  # of functions that were linked in
            environment: Any = lookup_environment(one.name)  # type: ignore[no-untyped-call]
            if environment is not None:
                self._codegen.set_env(one.name, environment)

    def get_pointer_to_function(self, name: str) -> int:
        """Return the address of a function's native code, 0 where the library has no such function."""
        if not self._native:
            self._ensure_finalized()
            if all(one.name != name or one.is_declaration for one in self._final_module.functions):
                return 0
            self._make_native()
        return int(super().get_pointer_to_function(name))

    def serialize_using_object_code(self) -> Any:
        """Return what is kept of the library: LLVM's code, with the native one if there is any."""
        if self._native:
            return super().serialize_using_object_code()
        self._ensure_finalized()
        return self.name, "bitcode", self._get_module_for_linking().as_bitcode()


def _set_environment(codegen: Any, set_: Callable[[str, Any], None], name: str, environment: Any) -> None:
    """Tell native code where a function's environment is; nothing where there is none, see `_Library`."""
    if codegen._engine.is_symbol_defined(name):
        set_(name, environment)


def _make_native_code_late() -> None:
    codegen = cpu_target.target_context.codegen()
    codegen._library_class = _Library
    codegen.set_env = partial(_set_environment, codegen, codegen.set_env)


_make_native_code_late()


def keep(made: Any, files: Any) -> None:
    """Let a dispatcher load its code from files, or compile and save it there, one process at a time."""
    made._cache = _Cache(made.py_func, files)
    made.compile = partial(_compile, made, made.compile)
    made.get_call_template = partial(_call_template, made.get_call_template)


def _compile(made: Any, compile_: Callable[[Any], Any], signature: Any) -> Any:
    """Compile a kernel, or load it; while another process compiles the same, wait for it."""
    with global_compiler_lock:
        key = made._cache._index_key(signature, made.targetctx.codegen())
        with made._cache._cache_file.turn(key):
            return compile_(signature)


def _call_template(find: Callable[..., Any], args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
    """Type a call by another kernel without the values of its literals.

    Numba would compile `tell(at=0)` and `tell(at=n)` as two functions, with all that they call.
    """
    return find(tuple(map(_plain, args)), {name: _plain(one) for name, one in kws.items()})


def _plain(one: Any) -> Any:
    return one.literal_type if isinstance(one, IntegerLiteral | BooleanLiteral) else one


class _Locator(_CacheLocator):
    """Where numba is told to look for a kernel's files; the files are found by `compiling.Files`."""

    def __init__(self, file: str) -> None:
        self._py_file = file

    def get_cache_path(self) -> str:
        return str(caches.folder())

    def ensure_cache_path(self) -> None:
        """Leave it to the files, which says what is wrong and goes on."""

    def get_source_stamp(self) -> None:
        """Return nothing: the stamp is part of the files' names."""

    def get_disambiguator(self) -> str:
        return ""

    @classmethod
    def from_function(cls, _: object, file: str) -> "_Locator":
        return cls(file)


class _Implementation(CompileResultCacheImpl):
    _locator_classes: Any = (_Locator,)


class _Cache(FunctionCache):
    """Numba's cache of a function, with other files."""

    _impl_class = _Implementation

    def __init__(self, function: Any, files: Any) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        self._cache_file: Any = files
