"""The process that reads untrusted files: it has limits, no network, and a pipe to who started it.

It answers one request after the other until its standard input ends. Nothing of the floor is opened here: the
bytes come through the pipe as they are asked for, and what is read goes back as Arrow and MessagePack. Who
started it trusts nothing that comes back, and above all unpickles none of it.

    request  R: a `Request`, pickled       answer  N: bytes that are wanted next
             D: bytes; none: the end               B: a batch, its kind before it · F: a fault
                                                   P: a piece · O: there is no such piece
                                                   C: code is loaded or compiled
                                                   W: not of the format · X: the reader failed
                                                   E: the end, with what it took
"""

import ctypes
import gc
import io
import os
import pickle
import platform
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.machinery import ExtensionFileLoader, SourceFileLoader, SourcelessFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchfloor.formats.base import Batch, Fault, Format
    from watchfloor.formats.reader_options import FileStatement
    from watchfloor.formats.tabular.mapping import Mapping

HEAD: Final = struct.Struct(">cQ")
"""Of a frame: what it is, and how many bytes follow."""
ASKED: Final = 1 << 20
"""Bytes that are asked for at a time."""
FILES: Final = 64
"""Files that the process may have open."""
WORKBOOK: Final = "mapping"
"""Name of the format of a mapping; a piece of what it reads, where it is no line, is a row of a sheet."""
CODE: Final = (120.0, 1 << 30)
"""Seconds and bytes more while code is loaded, or kernels are compiled."""
MAX_FAULTS: Final = 50_000
"""Pieces of a file that may be wrong; what follows them is not read."""
COLUMNS: Final = "columns"
"""Locator of the names of a table's columns."""
SELDOM: Final = 50_000
"""Objects made between two rounds of the cycle collector: a reader makes many and few cycles."""
GROWN: Final = 64 << 20
"""Address space that a process may have kept of earlier files before another takes its place."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a file is read: by a format's name or by a mapping, with what a person has said of such files."""

    format: str
    known: "FileStatement | None" = None
    mapping: "Mapping | None" = None

    def form(self) -> "Format":
        """The format."""
        from watchfloor.formats.reader_options import NOTHING, begun
        from watchfloor.formats.registry import FORMATS
        from watchfloor.formats.tabular.mapping import Mapping, as_format

        form = (
            FORMATS[self.format] if self.format != WORKBOOK else as_format(self.mapping or Mapping("party"))
        )
        return begun(form, self.known or NOTHING)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to read.

    Attributes:
        recipe: how.
        name: of the file; `size`: in bytes.
        encoding: that a person has stated; None: it is found.
        locator: of the one piece that is wanted; None: all.
        seconds: of processor time that it may take.
        memory: bytes of address space that it may take.
    """

    recipe: Recipe
    name: str
    size: int
    encoding: str | None
    locator: str | None
    seconds: float
    memory: int


class Limits:
    """Processor time and address space that one file may take in this process.

    Time that is up ends the process. So does memory in a native reader; in Python it is a `MemoryError`. Code
    that is loaded, and kernels that numba compiles, do not count: that is done once. Windows has neither
    limit: there the wall clock of who started the process is all.

    Args:
        tell: says to who started the process that code is loaded or compiled.

    Attributes:
        code: seconds of processor time that this has taken.
        base: bytes of address space with the code, and with nothing of a file.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell, self._seconds, self._memory, self._open, self._depth = tell, 0.0, 0, False, 0
        self._begun = self.code = 0.0
        self.base = self._before = address_space()

    def hold(self, seconds: float, memory: int) -> None:
        """Hold this process to so much more time, and to so much memory beside its code."""
        self._seconds, self._memory, self._open = seconds, memory, True
        if sys.platform == "win32":
            return
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _soft(resource.RLIMIT_NOFILE, FILES)
        _soft(resource.RLIMIT_AS, self.base + memory)
        _soft(resource.RLIMIT_CPU, int(time.process_time() + seconds) + 2)
        signal.setitimer(signal.ITIMER_PROF, seconds)  # exact; the limit of the system counts whole seconds

    def lift(self) -> float:
        """Hold it no more; gives the seconds that were left."""
        self._open = False
        if sys.platform == "win32":
            return self._seconds
        left, _ = signal.setitimer(signal.ITIMER_PROF, 0)
        for which in (resource.RLIMIT_AS, resource.RLIMIT_CPU):
            _soft(which, None)
        return left

    @contextmanager
    def allowing(self) -> Iterator[None]:
        """Allow for the block, in which code is loaded or compiled; what it takes does not count."""
        self.begin_code()
        try:
            yield
        finally:
            self.end_code()

    def begin_code(self) -> None:
        """Begin to load or to compile; within that it may begin again."""
        self._depth += 1
        if self._depth == 1:
            self._begun, self._before = time.process_time(), address_space()
        if self._open and self._depth == 1:
            self._tell()
            left, memory = self.lift(), self._memory
            self.hold(left + CODE[0], memory + CODE[1])
            self._seconds, self._memory = left, memory

    def end_code(self) -> None:
        """Go on from where it began."""
        self._depth -= 1
        if self._depth == 0:
            self.code += time.process_time() - self._begun
            self.base += max(0, address_space() - self._before)
        if self._open and self._depth == 0:
            self.lift()
            self.hold(self._seconds, self._memory)


class Pipe:
    """Frames from and to who started the process."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source, self._sink = source, sink

    def receive(self, most: int = sys.maxsize) -> tuple[bytes, bytes]:
        """The next frame. Raises `EOFError` at the end, and for one of more than so many bytes."""
        head = self._source.read(HEAD.size)
        if len(head) < HEAD.size:
            raise EOFError
        what, size = HEAD.unpack(head)
        payload = self._source.read(size) if size <= most else b""
        if len(payload) < size:
            raise EOFError
        return what, payload

    def send(self, what: bytes, payload: "bytes | memoryview" = b"") -> None:
        """Send a frame."""
        self._sink.write(HEAD.pack(what, len(payload)))
        self._sink.write(payload)
        self._sink.flush()


class Delivered(io.RawIOBase):
    """The bytes of the file, asked for as they are read."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def readable(self) -> bool:
        """As of every file that is read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there are bytes. Raises `EOFError` where nobody is there to give them."""
        self._pipe.send(b"N", struct.pack(">Q", len(buffer)))
        what, data = self._pipe.receive()
        if what != b"D":
            raise EOFError
        buffer[: len(data)] = data
        return len(data)


class Sized(io.BufferedReader):
    """A file of known size: a reader that asks for all that it would take gets no more room than there is."""

    def __init__(self, raw: io.RawIOBase, size: int) -> None:
        super().__init__(raw, ASKED)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        """As a file's."""
        return super().read(size if size is None or size < 0 else min(size, self._size + 1))


def main() -> None:
    """Answer requests until the standard input ends."""
    pipe = _pipe()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid()
    limits = Limits(partial(pipe.send, b"C"))
    sys.meta_path.insert(0, _WithoutPandas())
    _allow_code(limits)
    import pyarrow as pa

    import watchfloor.formats.registry  # noqa: F401 - before the first limit, which it would count against

    pa.set_cpu_count(1)
    gc.freeze()
    gc.set_threshold(SELDOM)
    limits.base = address_space()
    while True:
        try:
            _, request = pipe.receive()
        except EOFError:
            os._exit(0)
        answer(pipe, pickle.loads(request), limits)  # noqa: S301 - of who started this process


def _pipe() -> Pipe:
    """The pipe; what a library prints goes nowhere."""
    source, sink = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return Pipe(os.fdopen(source, "rb", 1 << 16), os.fdopen(sink, "wb", 1 << 16))


def answer(pipe: Pipe, request: Request, limits: Limits) -> None:
    """Answer one request within limits."""
    import msgspec

    from watchfloor.formats.base import Fault, FormatError
    from watchfloor.formats.encoding.charset import stated

    form = request.recipe.form()
    begun = time.process_time() - limits.code
    notes: Sequence[str] = ()
    limits.hold(request.seconds, request.memory)
    try:
        with stated(request.encoding) as statement:
            stream = Sized(Delivered(pipe), request.size)
            if request.locator is not None:
                _send_piece(pipe, request, form, stream)
            else:
                faults = 0
                for found in form.read(stream, request.name):
                    _send(pipe, found)
                    faults += isinstance(found, Fault)
                    if faults >= MAX_FAULTS:
                        break
            notes = statement.notes
    except EOFError:
        os._exit(0)
    except FormatError as error:
        limits.lift()
        pipe.send(b"W", str(error).encode("utf-8", "backslashreplace"))
    except MemoryError:
        limits.lift()
        pipe.send(b"M")
    except Exception as error:  # a reader's mistake must not lose what it has read
        limits.lift()
        pipe.send(b"X", f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace"))
    limits.lift()
    took = time.process_time() - limits.code - begun
    grown = address_space() - limits.base > GROWN
    pipe.send(b"E", msgspec.msgpack.encode((took, _peak(), grown, notes, time.process_time())))


def _send(pipe: Pipe, found: "Batch | Fault") -> None:
    import msgspec
    import pyarrow as pa

    from watchfloor.formats.base import Fault

    if isinstance(found, Fault):
        said = (found.locator, found.reason, found.raw, found.rest, found.partly)
        pipe.send(b"F", msgspec.msgpack.encode(tuple(map(_text, said))))
        return
    sink = pa.BufferOutputStream()
    sink.write(f"{found.kind.name}\n".encode())
    with pa.ipc.new_stream(sink, found.rows.schema) as writer:
        writer.write_table(found.rows)
    pipe.send(b"B", memoryview(sink.getvalue()))


def _text(value: Any) -> Any:
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _send_piece(pipe: Pipe, request: Request, form: "Format", stream: BinaryIO) -> None:
    import msgspec

    from watchfloor.formats.tabular.mapping import open_sheet
    from watchfloor.formats.tabular.spreadsheet import piece

    locator, mapping = request.locator or "", request.recipe.mapping
    find = piece if form.name == WORKBOOK else form.piece
    found: bytes | None
    if mapping is not None and locator == COLUMNS:
        found = msgspec.json.encode(open_sheet(mapping, stream, request.name).names)
    else:
        found = find(stream, locator) if find else None
    pipe.send(*((b"O", b"") if found is None else (b"P", found)))


def _soft(which: int, most: int | None) -> None:
    """Set a limit of the system as far as it lets us; None: as far as it does."""
    if sys.platform == "win32":
        return
    _, hard = resource.getrlimit(which)
    bounded = hard if most is None else most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (bounded, hard))


def address_space() -> int:
    """Bytes of this process's address space; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _peak() -> int:
    """Bytes of memory that this process had at most."""
    if sys.platform == "win32":
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


_CALLS: Final = {
    # socket, execve, execveat, ptrace, process_vm_readv and _writev, io_uring_setup, kill, bpf
    "x86_64": (0xC000003E, (41, 59, 322, 101, 310, 311, 425, 62, 321)),
    "aarch64": (0xC00000B7, (198, 221, 281, 117, 270, 271, 425, 129, 280)),
}
"""By machine, what `seccomp` calls it, and the numbers of calls that no reader of a file needs."""


class _Filter(ctypes.Structure):
    """`struct sock_fprog` of Linux."""

    _fields_ = (("count", ctypes.c_ushort), ("first", ctypes.c_void_p))


def forbid() -> bool:
    """Let this process open no connection and start no program, for good; false where that cannot be had.

    On Linux, x86-64 and arm64, by a filter of system calls (seccomp), which asks for no privilege.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _CALLS or sys.maxsize < 1 << 32:
        return False
    architecture, calls = _CALLS[machine]
    refused, allowed, ended = 0x00050001, 0x7FFF0000, 0x80000000  # EPERM; go on; the process is ended
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    program = [(load, 0, 0, 4), (equal, 1, 0, architecture), (give, 0, 0, ended), (load, 0, 0, 0)]
    steps_left = range(len(calls) + 1, 0, -1)  # from each comparison to the last step, which refuses
    compared = [
        (at_least, 1 << 30),
        *((equal, call) for call in calls),
    ]  # first: numbers of the x32 interface
    program += [(code, left, 0, value) for left, (code, value) in zip(steps_left, compared, strict=True)]
    program += [(give, 0, 0, allowed), (give, 0, 0, refused)]
    packed = b"".join(struct.pack("HBBI", *step) for step in program)
    held = ctypes.create_string_buffer(packed, len(packed))
    made = _Filter(len(program), ctypes.addressof(held))
    control = ctypes.CDLL(None).prctl
    control.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    no_new_privileges, seccomp, by_filter = 38, 22, 2
    if control(no_new_privileges, 1, 0, 0, 0):
        return False
    return bool(control(seccomp, by_filter, ctypes.addressof(made), 0, 0) == 0)


class _WithoutPandas:
    """Keeps Arrow from loading pandas, which takes a second and which no reader uses."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Find nothing; raise `ImportError` for pandas."""
        del path, target
        if name == "pandas":
            raise ImportError(name)


def _allow_code(limits: Limits) -> None:
    """Allow for modules that are loaded when they are first needed, and for kernels that numba compiles."""
    for loader in (SourceFileLoader, SourcelessFileLoader, ExtensionFileLoader):
        _allow(limits, loader, "create_module")
        _allow(limits, loader, "exec_module")


def _allow(limits: Limits, loader: type, step: str) -> None:
    usual = getattr(loader, step)

    def allowed(self: Any, module: Any) -> Any:
        with limits.allowing():
            made = usual(self, module)
        if step == "exec_module" and module.__name__ == "numba.core.event":
            module.register("numba:compile", _listener(limits, module.Listener))
        return made

    setattr(loader, step, allowed)


def _listener(limits: Limits, base: type) -> Any:
    """Return a listener to kernels that are compiled; what a kernel calls is compiled within it."""
    heard = {
        "on_start": lambda _self, _event: limits.begin_code(),
        "on_end": lambda _self, _event: limits.end_code(),
    }
    return type("Compiling", (base,), heard)()


def frames(source: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Frames that were kept, one after the other."""
    while head := source.read(HEAD.size):
        what, size = HEAD.unpack(head)
        yield what, source.read(size)
