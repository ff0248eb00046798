"""Compile kernels and keep their machine code. Only `core.kernels` imports this, at the first call.

Machine code is kept in one file for each kernel and combination of argument types. The file's name is a
digest of all that the code follows from: the byte code of the kernel and of all that it calls, the constants
that they name, the options, the argument types, the versions of Python, numba and LLVM, the level at which
LLVM optimises, and the processor. Numba's own cache looks at the kernel's module only, and uses what was
compiled before a callee in another module changed. A file is written under another name and then renamed:
two processes may compile one kernel.
"""

import os
import pickle
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import blake2b
from importlib import import_module
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, Final, Protocol

import llvmlite
import numba
import numpy as np
from numba.core import config
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.environment import lookup_environment
from numba.core.event import Listener, register
from numba.core.registry import cpu_target
from numba.core.serialize import dumps
from numba.core.targetconfig import TargetConfig
from numba.core.types import BaseTuple, BooleanLiteral, IntegerLiteral
from numba.extending import intrinsic
from numba.np import linalg

from watchfloor.core import caches

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PACKAGE: Final = __name__.partition(".")[0]
UNUSED_DAYS: Final = 30
"""Machine code that nobody loaded for so long is removed when its kernel is compiled anew."""
DAY: Final = 86_400.0
TURN: Final = 300.0
"""Seconds to wait for another process that compiles the same kernel."""
LEVEL: Final = int(config.OPT)  # type: ignore[attr-defined] # numba sets it from its variables
"""How far LLVM optimises."""


class Kernel(Protocol):
    """A function of `core.kernels`, with what numba is asked for."""

    py_func: Any
    targetoptions: dict[str, Any]


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


def dispatcher(kernel: Kernel, *, called_by_python: bool = True) -> Any:
    """Make a dispatcher of a kernel, which compiles it or loads its code for the types of a call.

    Python calls a kernel through a wrapper that unpacks its arguments. What only kernels call is compiled
    without one, which takes less time.
    """
    wrappers = {"no_cfunc_wrapper": True, "no_cpython_wrapper": not called_by_python}  # none is called by C
    options: dict[str, Any] = kernel.targetoptions | wrappers
    made = numba.njit(**options)(kernel.py_func)
    made._cache = _Cache(kernel, called_by_python)
    made.compile = partial(_compile, made, made.compile)
    made.get_call_template = partial(_call_template, made.get_call_template)
    return made


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


def intrinsic_type(one: Kernel) -> Any:
    """Return what numba takes an intrinsic for where a kernel names it."""
    if "made" not in vars(one):
        vars(one)["made"] = intrinsic(**one.targetoptions)(one.py_func)
        cpu_target.typing_context.refresh()  # it was read before this intrinsic was known
    return cpu_target.typing_context.resolve_value_type(vars(one)["made"])


def digest(kernel: Kernel) -> bytes:
    """Compute a digest of all that a kernel's machine code follows from, apart from types of arguments."""
    found = vars(kernel).get("digest")
    if found is None:
        hashed = blake2b(digest_size=20)
        for part in _parts(kernel, set()):
            hashed.update(part.encode() + b"\0")
        found = vars(kernel)["digest"] = hashed.digest()
    return bytes(found)


def _parts(value: Any, met: set[int]) -> Iterator[str]:
    """Yield what a value adds to a digest; kernels and functions that were met are named only.

    Raises:
        TypeError: nothing is known that tells one such value from another.
    """
    match value:
        case FunctionType() | object(py_func=FunctionType()):
            function: Any = getattr(value, "py_func", value)
            yield f"{function.__module__}.{function.__qualname__}"
            if id(function) not in met and function.__module__.partition(".")[0] != "numpy":
                met.add(id(function))
                yield repr(sorted(getattr(value, "targetoptions", {}).items()))
                yield repr(function.__defaults__)
                for cell in function.__closure__ or ():
                    yield from _parts(cell.cell_contents, met)
                yield from _code_parts(function.__code__, function.__globals__, function.__doc__, met)
        case np.ndarray():
            yield f"{value.dtype!r} {value.shape} {value.strides}"
            yield blake2b(value.tobytes(), digest_size=20).hexdigest()
        case tuple():
            yield f"{type(value).__qualname__} {len(value)}"
            for each in value:
                yield from _parts(each, met)
        case ModuleType() | BuiltinFunctionType() | type():
            yield value.__name__
        case None | bool() | int() | float() | complex() | str() | bytes() | np.generic() | np.dtype():
            yield f"{type(value).__name__} {value!r}"
        case np.ufunc():
            yield value.__name__
        case _:
            raise TypeError(f"a kernel may not use the global {value!r} of type {type(value).__qualname__}")


def _code_parts(code: CodeType, named: dict[str, Any], doc: str | None, met: set[int]) -> Iterator[str]:
    """Yield what byte code, with the globals it names, adds to a digest; its docstring adds nothing."""
    yield code.co_code.hex()
    yield " ".join((*code.co_names, *code.co_varnames, *code.co_cellvars, *code.co_freevars))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_parts(constant, named, None, met)
        elif doc is None or constant != doc:
            yield f"{type(constant).__name__} {constant!r}"
    for name in code.co_names:
        if name not in named:
            continue
        value = named[name]
        yield from _parts(value, met)
        if isinstance(value, ModuleType) and value.__name__.partition(".")[0] == PACKAGE:
            for attribute in code.co_names:  # names of globals and of attributes are kept together
                if attribute in vars(value):
                    yield attribute
                    yield from _parts(vars(value)[attribute], met)


def _type_name(one: Any) -> str:
    """Name an argument's type so that types that are compiled differently have different names."""
    if issubclass(type(one), BaseTuple):
        of = getattr(one, "instance_class", tuple)
        fields = getattr(of, "_fields", "")
        return f"{of.__module__}.{of.__qualname__}{fields}({', '.join(map(_type_name, one.types))})"
    return str(one)


class _Locator(_CacheLocator):
    """Where numba is told to look for a kernel's files; the files are found by `_Files`."""

    def __init__(self, file: str) -> None:
        self._py_file = file

    def get_cache_path(self) -> str:
        return str(caches.folder())

    def ensure_cache_path(self) -> None:
        """Leave it to `_Files`, which says what is wrong and goes on."""

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

    def __init__(self, kernel: Kernel, called_by_python: bool) -> None:
        super().__init__(kernel.py_func)  # type: ignore[no-untyped-call]
        self._cache_file: Any = _Files(kernel, called_by_python)


class _Files:
    """The files of one kernel. Like numba's, without an index."""

    def __init__(self, kernel: Kernel, called_by_python: bool) -> None:
        self._kernel = kernel
        self._called_by_python = called_by_python
        function = kernel.py_func
        name = f"{function.__module__}.{function.__qualname__}".removeprefix(f"{PACKAGE}.")
        self._folder = caches.folder() / "kernels" / name.replace("<", "").replace(">", "")

    def _path(self, key: tuple[Any, ...]) -> Path:
        signature, processor, _ = key
        hashed = blake2b(digest(self._kernel), digest_size=20)
        types = ", ".join(map(_type_name, signature))
        made_by = MAGIC_NUMBER, numba.__version__, llvmlite.__version__, LEVEL, self._called_by_python
        for part in (types, processor, *made_by):
            hashed.update(repr(part).encode() + b"\0")
        return self._folder / f"{hashed.hexdigest()}.nbc"

    def load(self, key: tuple[Any, ...]) -> Any:
        """Return what was compiled, None if it is not there or cannot be read."""
        path = self._path(key)
        try:
            data = path.read_bytes()
            if time.time() - path.stat().st_mtime > DAY:
                os.utime(path)  # somebody uses it
        except OSError:
            return None
        try:
            return pickle.loads(data)  # noqa: S301 (only this user writes here, see `caches`)
        except Exception:  # a file that was cut off; what is compiled now takes its place
            return None

    @contextmanager
    def turn(self, key: tuple[Any, ...]) -> Iterator[None]:
        """Let one process at a time compile this; whoever waited finds its file.

        Nobody waits for a process of low priority, for one that waited and found none, or for longer than
        `TURN`. Kernels call each other in no circle, so those who wait do not either.
        """
        path = self._path(key)
        if fcntl is None or path in _turns or _is_there(path):
            yield
            return
        mark = path.with_suffix(".lock")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            turn = os.open(mark, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:  # `save` says what is wrong
            yield
            return
        _turns.add(path)
        try:
            in_vain = _wait(turn, path) and not _is_there(path)  # as where the disk is full
            if in_vain or os.getpriority(os.PRIO_PROCESS, 0) > 0:  # who gives way to others is slow
                with suppress(OSError):
                    fcntl.flock(turn, fcntl.LOCK_UN)
            yield
        finally:
            _turns.discard(path)
            with suppress(OSError):  # a folder in which one may open files, and remove none
                mark.unlink()  # who waits for it holds it open; who comes now finds the file
            os.close(turn)

    def save(self, key: tuple[Any, ...], compiled: Any) -> None:
        """Keep what was compiled; where that is not possible, say so once."""
        path = self._path(key)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
                file.write(dumps(compiled))  # type: ignore[no-untyped-call]
            Path(file.name).replace(path)
            for old in path.parent.iterdir():
                with suppress(FileNotFoundError):  # of another process, which has removed it
                    if time.time() - old.stat().st_mtime > UNUSED_DAYS * DAY:
                        old.unlink()
        except OSError as e:
            _progress.not_kept(path.parent, e)


_turns: Final[set[Path]] = set()
"""What this process compiles: one thread at a time, which may come again to a kernel that calls itself."""


def _is_there(path: Path) -> bool:
    """Whether a file is there, as far as one may look: `Path.exists` raises where a folder is closed."""
    with suppress(OSError):
        return bool(path.stat())
    return False


def _wait(turn: int, path: Path) -> bool:
    """Lock an open file once nobody else has it locked; not at all once `path` is there or `TURN` is over.

    A process that was forked while its parent compiled has the lock as well, for as long as it lives.

    Returns:
        Whether another process had it locked.
    """
    until = time.monotonic() + TURN
    waited = False
    while time.monotonic() < until and not _is_there(path):
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if not waited:
                waited = True
                _progress.on_start(None)
            time.sleep(0.02)
        except OSError:  # a file system without locks
            break
    if waited:
        _progress.on_end(None)
    return waited


class _Progress(Listener):
    """Progress for who waits: one line once compiling has taken a second in all."""

    PATIENCE: float = 1.0

    def __init__(self) -> None:
        self.depth, self.spent, self.begun = 0, 0.0, 0.0
        self.told = self.warned = False
        self.timer: threading.Timer | None = None

    def on_start(self, _: object) -> None:
        """Note that a kernel is compiled now; what it calls is compiled before it ends."""
        self.depth += 1
        if self.depth == 1:
            self.begun = time.monotonic()
            if not self.told and sys.stderr is not None and sys.stderr.isatty():
                self.timer = threading.Timer(max(self.PATIENCE - self.spent, 0), self._tell)
                self.timer.daemon = True
                self.timer.start()

    def on_end(self, _: object) -> None:
        """Note that a kernel is compiled, or cannot be."""
        self.depth -= 1
        if self.depth == 0:
            self.spent += time.monotonic() - self.begun
            if self.timer:
                self.timer.cancel()
                self.timer.join()  # a process that is forked should have no thread of ours
                self.timer = None

    def _tell(self) -> None:
        self.told = True
        sys.stderr.write("compiling, once on this machine\n")

    def not_kept(self, path: Path, why: OSError) -> None:
        """Say once in a process that machine code could not be kept."""
        if not self.warned and sys.stderr is not None:
            self.warned = True
            sys.stderr.write(
                f"compiled code cannot be kept in {path} ({why.strerror}): it is compiled anew each time. "
                f"Set {caches.VARIABLE} to a folder that you may write to.\n"
            )


_progress: Final = _Progress()
register("numba:compile", _progress)  # type: ignore[no-untyped-call]
