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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, Final, Protocol

import llvmlite
import numba
import numpy as np
from numba.core import config
from numba.core.event import Listener, register
from numba.core.registry import cpu_target
from numba.core.serialize import dumps
from numba.core.types import BaseTuple
from numba.extending import intrinsic

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


KNOWN: Final = ("0.68.",)
"""How versions of numba begin whose inner parts `core.numba_parts` knows."""
known: Final = numba.__version__.startswith(KNOWN)
if known:
    from watchfloor.core import numba_parts


def dispatcher(kernel: Kernel, *, called_by_python: bool = True) -> Any:
    """Make a dispatcher of a kernel, which compiles it or loads its code for the types of a call.

    Python calls a kernel through a wrapper that unpacks its arguments. What only kernels call is compiled
    without one, which takes less time. A numba that is not known compiles each time, as it does by itself.
    """
    if not known:
        return numba.njit(**kernel.targetoptions)(kernel.py_func)
    wrappers = {"no_cfunc_wrapper": True, "no_cpython_wrapper": not called_by_python}  # none is called by C
    options: dict[str, Any] = kernel.targetoptions | wrappers
    made = numba.njit(**options)(kernel.py_func)
    numba_parts.keep(made, Files(kernel, called_by_python))
    return made


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


class Files:
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
