"""Isolation: untrusted files are read in a process of their own that can be killed.

What a person, a partner or a stranger sends may be made to hang a parser or to fill the memory. So files are
read by a process (`reader_process`) with limits of processor time, address space, wall clock and open files,
in proportion to the size of the file; with no network and no other programs where the system allows that; and
without anything of the floor in it. One process serves one file after the other. Where it goes beyond a limit
or dies, it is replaced, and what it could not read is a fault with the reason.

Files of delimited text and of AIS and ADS-B, which come by the million rows, are read where they are: their
readers go through the file once, a block of bounded size at a time, with no parser of a library but that of
Arrow for CSV, and hold nothing that grows.

What was read before the floor is locked is a `Spool`: bytes and pieces in temporary files, stored later.
"""

import atexit
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, Self, cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import parse
from watchfloor.feeds.complete import OWN
from watchfloor.feeds.reader_process import (
    CODE,
    COLUMNS,
    HEAD,
    MAX_FAULTS,
    WORKBOOK,
    Pipe,
    Recipe,
    Request,
    frames,
)
from watchfloor.formats.base import WHOLE_FILE, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.encoding.charset import noted, of_statement
from watchfloor.formats.encoding.charset import stated as stating
from watchfloor.formats.tabular import spreadsheet

if TYPE_CHECKING:
    from watchfloor.formats.tabular.mapping import Mapping

IN_PLACE: Final = frozenset(
    """account-csv amlworld-csv application-csv application-fee-csv letter-csv
    concern-csv courier-csv coverage-csv customs-csv declaration-csv
    detection-csv dog-csv emanifest-csv export-csv inspection-csv interac-csv ledger-accounts-csv
    ledger-csv listing-csv ofac-csv outcome-csv party-csv payment-csv postal-csv reading-csv
    removal-step-csv response-csv seizure-csv statistic-csv strip-csv volume-csv weather-csv
    cbp-drug-seizures cbp-encounters usbp-monthly ims-log cpa005 adsb-avr adsb-beast adsb-sbs ais-nmea
    metar""".split()
)
"""Formats that are read where they are: delimited text, AIS and ADS-B."""

SECONDS: Final = 1.5
"""Processor time that any file may take, …"""
SECONDS_A_MIB: Final = 60.0
"""… and that each MiB of it adds: the pages of text in a MiB of PDF take a third of that."""
MOST_SECONDS: Final = 3600.0
MEMORY: Final = 300 << 20
"""Bytes of memory that any file may take, …"""
MEMORY_A_BYTE: Final = 100
"""… and that each byte of it adds: a packed workbook is some fifty times as large in memory."""
MOST_MEMORY: Final = 4 << 30
WALL: Final = 20.0
WALL_A_SECOND: Final = 5.0
"""Seconds without an answer after which a reader is ended, and how much a second of processor time adds."""
LOOKS: Final = 0.25
"""Seconds between two looks at the clock, and at whether somebody wants the reader to stop."""
IN_MEMORY: Final = 32 << 20
"""Bytes of a spool that are kept in memory; more go to a file that has no name."""
_CHUNK: Final = 1 << 20
PASSED: Final = frozenset(
    """HOME LANG LD_LIBRARY_PATH LOCALAPPDATA PATH PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH
    PYTHONPYCACHEPREFIX PYTHONUTF8 SYSTEMROOT TEMP TMP TMPDIR TZ USERPROFILE WATCHFLOOR_CACHE XDG_CACHE_HOME
    """.split()
)
"""Variables that the process gets, beside those of numba and of the locale: no password of a feed."""
_START: Final = (
    "import sys; sys.path[:] = sys.argv[1:]; from watchfloor.feeds.reader_process import main; main()"
)

Frame = tuple[bytes, bytes]
Kinds = tuple[str, ...]
"""Names of the kinds of rows that a format gives."""
Tick = Callable[[], None]
"""Called while a reader works; what it raises ends the reader and comes through."""


class ReaderFailed(Exception):  # noqa: N818 - the reason is for the quarantine
    """A reader that made a mistake; the message says which."""


class ReaderEnded(ReaderFailed):
    """A reader that went beyond a limit and was ended, or died; the message says which, and what to do."""


class Usage(NamedTuple):
    """Processor seconds of the last file, and most bytes of memory; 0: nobody counted.

    Memory is the most that the process had, or whoever started it. Where the first file of a process ended
    it, the time is that of its start too.
    """

    seconds: float
    memory: int


def idle() -> None:
    """Let a reader go on."""


def apart(recipe: Recipe, head: Head) -> bool:
    """Whether a file is read in the process of readers."""
    if recipe.format == WORKBOOK:
        return spreadsheet.is_workbook(head.data[:8])
    return recipe.format not in IN_PLACE


class Spool:
    """A delivery that was read ahead: its bytes and its pieces, until its block ends.

    Attributes:
        damage: what was wrong with the packing of its bytes.
        size: of its bytes and of what was read of them.
    """

    def __init__(
        self, raw: BinaryIO, parts: BinaryIO, kinds: Kinds, damage: str, notes: tuple[str, ...]
    ) -> None:
        self.size = raw.seek(0, os.SEEK_END) + parts.tell()
        self._raw, self._parts, self._kinds, self._notes = raw, parts, kinds, notes
        self.damage = damage

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        self._raw.close()
        self._parts.close()

    @contextmanager
    def open(self) -> Iterator["Spool"]:
        """The bytes from their start."""
        self._raw.seek(0)
        yield self

    def read(self, size: int = -1, /) -> bytes:
        """As a file's."""
        return self._raw.read(size)

    def check(self) -> None:
        """Nobody else can write to them."""

    def pieces(self, stream: BinaryIO, _name: str) -> Iterator[Batch | Fault]:
        """Yield the pieces that were read, in place of reading `stream`. Raises as the reader did."""
        noted(self._notes)
        while self.damage and stream.read(_CHUNK):  # who reads only whole lines keeps what stands behind them
            pass
        self._parts.seek(0)
        yield from _decoded(frames(self._parts), self._kinds)


def spool(
    recipe: Recipe,
    stream: BinaryIO,
    name: str,
    encoding: str | None,
    told: Callable[[int], None] = lambda _rows: None,
) -> Spool:
    """Read a file ahead. Raises what `stream` and `told` raise; the mistakes of the reader come later.

    While that lasts `told` is called with the rows that were read so far.
    """
    raw, parts, rows = _temporary(), _temporary(), 0

    def tick() -> None:
        told(rows)

    try:
        size = _copy(stream, raw)
        damage = str(getattr(stream, "damage", ""))
        with stating(encoding) as statement:
            for what, payload in _asked(recipe, _bytes_of(raw, damage), size, name, None, tick):
                parts.write(HEAD.pack(what, len(payload)))
                parts.write(payload)
                rows += _rows_in(payload) if what == b"B" else 1
        return Spool(raw, parts, recipe.form().kinds, damage, statement.notes)
    except BaseException:
        raw.close()
        parts.close()
        raise


def read(recipe: Recipe, stream: BinaryIO, name: str, tick: Tick = idle) -> Iterator[Batch | Fault]:
    """Read a file, as `Format.read` does; the bytes are copied first, so that its limits are known.

    Raises:
        FormatError: it is not of the format.
        ReaderFailed: the reader made a mistake.
        ReaderEnded: it went beyond a limit, or died.
    """
    with _temporary() as raw:
        size = _copy(stream, raw)
        raw.seek(0)
        yield from _decoded(_asked(recipe, raw, size, name, None, tick), recipe.form().kinds)


def piece(recipe: Recipe, stream: BinaryIO, locator: str, encoding: str | None = None) -> bytes | None:
    """The bytes at a locator of a file, as `Format.piece` gives them. Raises as `read` does."""
    with _temporary() as raw, stating(encoding):
        size = _copy(stream, raw)
        raw.seek(0)
        found = dict(_asked(recipe, raw, size, "the delivery", locator, idle))
    for what, payload in found.items():
        _raise(what, payload)
    return found.get(b"P")


def columns(mapping: "Mapping", stream: BinaryIO) -> list[str]:
    """The names of the columns of a workbook's table. Raises as `read` does."""
    found = piece(Recipe(WORKBOOK, mapping=mapping), stream, COLUMNS)
    return msgspec.json.decode(found or b"[]", type=list[str])


def _temporary() -> BinaryIO:
    return cast("BinaryIO", SpooledTemporaryFile(IN_MEMORY))


def _copy(stream: BinaryIO, raw: BinaryIO) -> int:
    while chunk := stream.read(_CHUNK):
        raw.write(chunk)
    return raw.tell()


def _bytes_of(raw: BinaryIO, damage: str) -> BinaryIO:
    """The bytes to be read; of damaged ones whole lines, since half a line may look like a whole one."""
    from watchfloor.feeds.streams import WholeLines

    raw.seek(0)
    return cast("BinaryIO", WholeLines(raw)) if damage else raw


def _decoded(found: Iterator[Frame], kinds: Kinds) -> Iterator[Batch | Fault]:
    for what, payload in found:
        if what == b"B":
            yield _batch(payload, kinds)
        elif what == b"F":
            yield _fault(payload)
        else:
            _raise(what, payload)


def _batch(payload: bytes, kinds: Kinds) -> Batch:
    """Rows of a process that may have been taken over by what it read: nothing of them is taken on trust."""
    name, _, rows = payload.partition(b"\n")
    try:
        kind = KINDS[name.decode("ascii")]
        with pa.ipc.open_stream(pa.py_buffer(rows)) as reader:
            table = reader.read_all()
        table.validate(full=True)
        if kind.name not in kinds or {*table.column_names} - {OWN} != {*kind.body.names}:
            raise ValueError(f"{kind.name}: {table.column_names}")
        wanted = _wanted(kind.name)
        given = table.select(wanted.names)
        full = all(of.nullable or not given.column(at).null_count for at, of in enumerate(wanted))
        if not full or given.schema.types != wanted.types:
            given.cast(wanted)
        if OWN in table.column_names:
            for marking in pc.unique(table.column(OWN)).to_pylist():
                parse(marking)
    except (pa.ArrowException, KeyError, ValueError, TypeError, OSError) as error:
        raise ReaderFailed(f"the reader gave what are no rows ({type(error).__name__})") from error
    return Batch(kind, table)


def _rows_in(payload: bytes) -> int:
    """Return how many rows a batch says that it has; nothing but progress relies on it."""
    at = payload.find(b"\n") + 1
    try:
        with pa.ipc.open_stream(pa.py_buffer(memoryview(payload)[at:])) as reader:
            return sum(batch.num_rows for batch in reader)
    except (pa.ArrowException, OSError, ValueError):
        return 0


@cache
def _wanted(kind: str) -> pa.Schema:
    """Columns that a reader gives; `Completion` gives parties their subjects."""
    return pa.schema(
        [each.with_nullable(True) if each.name == "subject" else each for each in KINDS[kind].body]
    )


def _fault(payload: bytes) -> Fault:
    try:
        return Fault(*msgspec.msgpack.decode(payload, type=tuple[str, str, bytes, bool, bool]))
    except msgspec.DecodeError as error:
        raise ReaderFailed("the reader gave what is no reason") from error


def _raise(what: bytes, payload: bytes) -> None:
    if what == b"W":
        raise FormatError(payload.decode("utf-8", "replace"))
    if what == b"K":
        raise ReaderEnded(payload.decode("utf-8", "replace"))
    if what == b"X":
        raise ReaderFailed(payload.decode("utf-8", "replace"))


def _asked(
    recipe: Recipe, raw: BinaryIO, size: int, name: str, locator: str | None, tick: Tick
) -> Iterator[tuple[bytes, bytes]]:
    """Frames of a reader; the last says where it failed. Notes go to who has stated the encoding."""
    seconds = min(SECONDS + SECONDS_A_MIB * size / (1 << 20), MOST_SECONDS)
    memory = min(MEMORY + MEMORY_A_BYTE * size, MOST_MEMORY)
    request = Request(recipe, name, size, of_statement(), locator, seconds, memory)
    process = _borrowed()
    whole = False
    try:
        failed = yield from process.answers(request, raw, tick)
        whole = True
    finally:
        if whole and process.fit:
            _give_back(process)
        else:
            process.end()
    if failed is not None:
        yield failed


class _Process:
    """A process of readers, as who started it sees it.

    Attributes:
        fit: whether it can read another file.
        usage: what its last file took.
    """

    def __init__(self) -> None:
        told = {
            name: value
            for name, value in os.environ.items()
            if name.upper() in PASSED or name.startswith(("LC_", "NUMBA_"))
        }
        told |= {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
        flags = ["-P", *(f"-W{each}" for each in sys.warnoptions)]
        self._process = subprocess.Popen(
            [sys.executable, *flags, "-c", _START, *filter(None, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=told,
        )
        self._pipe = Pipe(cast("BinaryIO", self._process.stdout), cast("BinaryIO", self._process.stdin))
        self.owner, self.fit, self.usage = os.getpid(), True, Usage(0, 0)
        self._before = 0.0

    def answers(self, request: Request, raw: BinaryIO, tick: Tick) -> Generator[Frame, None, Frame | None]:
        """Have a file read whose bytes `raw` gives; yield batches and faults, and return what went wrong."""
        failed: Frame | None = None
        watch = _Watch(self._process, WALL + WALL_A_SECOND * request.seconds, tick)
        try:
            with watch.waiting():
                self._pipe.send(b"R", pickle.dumps(request))
            while True:
                with watch.waiting():
                    what, payload = self._pipe.receive(request.memory)
                if what == b"E":
                    self._ended(payload)
                    watch.close()
                    watch.reraise()
                    self.fit = self.fit and not watch.late
                    return failed
                if what == b"N":
                    (wanted,) = struct.unpack(">Q", payload)
                    data = raw.read(min(wanted, _CHUNK))
                    with watch.waiting():
                        self._pipe.send(b"D", data)
                elif what == b"C":
                    watch.seconds = WALL + WALL_A_SECOND * (request.seconds + CODE[0])
                elif what in (b"W", b"X", b"M"):
                    failed = (b"K", _too_much(request)) if what == b"M" else (what, payload)
                else:
                    yield what, payload
        except (EOFError, BrokenPipeError, struct.error, msgspec.DecodeError):
            self.fit = False
            watch.close()
            code = self._reaped()
            watch.reraise()
            return b"K", _why(request, code, by_the_clock=watch.late)
        finally:
            watch.close()

    def _ended(self, payload: bytes) -> None:
        seconds, memory, grown, notes, self._before = msgspec.msgpack.decode(
            payload, type=tuple[float, int, bool, tuple[str, ...], float]
        )
        self.usage, self.fit = Usage(seconds, memory), not grown
        _count(self.usage)
        noted(notes)

    def _reaped(self) -> int:
        """How it ended; it is ended where it has not."""
        if sys.platform == "win32" or self._process.returncode is not None:
            self.end()
            return self._process.returncode
        _kill(self._process)
        _, status, took = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        unit = 1 if sys.platform == "darwin" else 1024
        _count(Usage(took.ru_utime + took.ru_stime - self._before, took.ru_maxrss * unit))
        self.end()
        return self._process.returncode

    @property
    def alive(self) -> bool:
        """Whether nobody has ended it since it read its last file."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it."""
        self.fit = False
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                cast("BinaryIO", stream).close()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process; who waits for it reaps it, to know what it took, as `Popen.kill` may have done first."""
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


class _Watch:
    """Ends a reader that gives no answer for too long, and one that somebody does not want any more.

    Attributes:
        seconds: without an answer, after which it is ended.
        late: whether it was.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float, tick: Tick) -> None:
        self._process, self.seconds, self._tick = process, seconds, tick
        self._since: float | None = None
        self._error: BaseException | None = None
        self._over = threading.Event()
        self.late = False
        self._thread = threading.Thread(target=self._look, name="watch of a reader", daemon=True)
        self._thread.start()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While the reader is waited for; the time that its rows take to be stored is not its own."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._since = None

    def reraise(self) -> None:
        """Raise what the tick raised."""
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOKS):
            try:
                self._tick()
            except BaseException as error:  # raised where the reader is waited for
                self._error = error
            since = self._since
            self.late = since is not None and time.monotonic() - since > self.seconds
            if self._error is not None or self.late:
                _kill(self._process)
                return


_TIME_IS_UP: Final = frozenset(
    getattr(signal, name) for name in ("SIGPROF", "SIGXCPU") if hasattr(signal, name)
)
"""What ends a process whose processor time is used up."""


def _too_much(request: Request) -> bytes:
    most = f"{request.memory >> 20:,} MiB of memory"
    return f"reading it needs more than {most}, far more than a file of its size should; {_NEXT}".encode()


def _why(request: Request, code: int, *, by_the_clock: bool) -> bytes:
    if by_the_clock or -code in _TIME_IS_UP:
        most = f"{request.seconds:,.1f} seconds"
        said = f"reading it took more than {most}, far longer than a file of its size should"
    else:
        how = signal.Signals(-code).name if code < 0 else f"code {code}"
        most = f"{request.memory >> 20:,} MiB of memory"
        said = f"its reader broke down ({how}) or needed more than {most}: it is damaged, or made to do that"
    return f"{said}; {_NEXT}".encode()


_NEXT: Final = "nothing from here on was read. Find out where it comes from before you deliver it otherwise"


_GUARD: Final = threading.Lock()
_waiting: list[_Process] = []
_last = Usage(0, 0)


def last() -> Usage:
    """Return the usage of the last file that a process of readers read; for tests and measurements."""
    return _last


def _count(usage: Usage) -> None:
    global _last
    _last = usage


def _borrowed() -> _Process:
    """A process that waits for work, or a new one."""
    with _GUARD:
        while _waiting:
            process = _waiting.pop()
            if process.owner != os.getpid():
                continue
            if process.alive:
                return process
            process.end()
    return _Process()


def _give_back(process: _Process) -> None:
    """Keep one for the next file."""
    with _GUARD:
        if not _waiting:
            _waiting.append(process)
            return
    process.end()


@atexit.register
def close() -> None:
    """End the process that waits for work."""
    with _GUARD:
        left = [one for one in _waiting if one.owner == os.getpid()]
        _waiting.clear()
    for one in left:
        one.end()


FOLLOWS: Final = "what follows"


def pieces(form: Format, stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Yield the pieces of a format. A file that is not of it, or a reader that fails, is a fault with `rest`.

    So is all that follows `MAX_FAULTS` faults: such a file was meant for another mapping; its bytes are kept.
    """
    found = form.read(stream, name)
    place, faults = WHOLE_FILE, 0
    while True:
        try:
            piece = next(found)
        except StopIteration:
            return
        except FormatError as error:
            yield Fault(place, str(error), b"", rest=True)
            return
        except Exception as error:  # a reader's mistake must not lose what it has read
            reason = str(error) if isinstance(error, ReaderEnded) else _mistake(form, error)
            yield Fault(place, reason, b"", rest=True)
            return
        yield piece
        place = FOLLOWS
        faults += isinstance(piece, Fault)
        if faults >= MAX_FAULTS:
            reason = (
                f"{faults:,} pieces before it could not be read: is the format or the mapping the right one?"
            )
            yield Fault(FOLLOWS, reason, b"", rest=True)
            return


def _mistake(form: Format, error: Exception) -> str:
    what = str(error) if isinstance(error, ReaderFailed) else f"{type(error).__name__}: {error}"
    return f"the reader of {form.name} failed here ({what}); please report it"
