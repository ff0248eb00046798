"""The runner over Spark Connect: Sail in this process on a laptop, a Spark cluster elsewhere, one client.

Evidence is read where the executors are, from copies on a shared location; through the connection go a
ticket, a few numbers and what tasks report. What a desk derives comes back over the shared location too. A
desk that cannot be cut, or has few rows, is one task. Every wait has an end.

Workers import `watchfloor`, the same as here; a desk from elsewhere is sent along, as is the key of row ids.
"""

import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from hashlib import sha256
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple, TypeVar
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.extras import MissingExtraError, optional
from watchfloor.core.messages import declare, known, reason
from watchfloor.core.streams import unpacked
from watchfloor.desks.base import ARRIVAL, ROWS, Desk, DeskError, Refs
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader
from watchfloor.run.inline import INLINE
from watchfloor.run.runner import run as run_here
from watchfloor.run.spark import executor
from watchfloor.run.spark.copies import Run, Say
from watchfloor.run.spark.order import NO_JOINS, Order, Piece, Ticket, described, package_digest, place
from watchfloor.run.spark.share import DAMAGED, ClusterError, Share, unmarked, unsealed
from watchfloor.store.floor import Floor
from watchfloor.store.log.notes import Signer

T = TypeVar("T")

GONE: Final = declare("cluster.gone", "url", "desk")
SILENT: Final = declare("cluster.silent", "url", "seconds")
LATE: Final = declare("cluster.late", "url", "desk", "seconds")
FAILED: Final = declare("cluster.failed", "desk", "why")
NO_PACKAGE: Final = declare("cluster.no-package", "why")
OTHER_RESULT: Final = declare("cluster.other-result", "name", "url")
FOLDING: Final = declare("cluster.folding", "desk", "done", "all")

CLOSING: Final = 10
"""Seconds that the end of a session may take."""

FEW: Final = 1 << 15
"""Up to so many rows one task folds a desk: cutting them would take longer."""

PART: Final = 1 << 18
"""Rows of a part at most, as far as the parts of a desk are alike."""

GREETING: Final = 60
"""Seconds in which a server has to answer at first."""
IDLE: Final = 120
"""Seconds without a task at work after which a cluster counts as gone: executors died, or others have all."""

_LOST: Final = (
    *("UNAVAILABLE", "RetriesExceeded", "RETRIES_EXCEEDED", "Connection refused", "Socket closed"),
    *("SESSION_CLOSED", "INVALID_HANDLE", "SparkContext was shut down", "ExecutorLostFailure"),
)
"""Texts of errors by which a cluster is gone. Spark names an executor in every failure of a task."""
_NO_MODULE: Final = ("No module named 'watchfloor", "cannot import name")


class Task(NamedTuple):
    """The cost of one part: rows, in which process, seconds of processor time, peak of its memory in kB."""

    desk: str
    rows: int
    process: str
    seconds: float
    peak: int


class Connect:
    """A runner: `run(desk, inputs, refs, Connect("sc://cluster:15002", "file:///mnt/shared"))`.

    Args:
        url: address of a Spark Connect server.
        share: URL of a location that this machine and the workers see; a temporary folder where None, which
            does for a server on this machine.
        parts: into how many parts to cut at least what can be cut.
        few: up to so many rows one task folds a desk.
        deadline: seconds that an answer may take.
        say: is told how far a run is.
        by_id: whether the server puts a part where its number says, as Spark does.

    Attributes:
        tasks: what the folds took so far.

    Raises:
        ClusterError: the share cannot be used, or nobody answers within `deadline` or a minute.
        MissingExtraError: the client is not installed.
    """

    def __init__(
        self,
        url: str,
        share: str | None = None,
        parts: int = 8,
        deadline: float = 3600,
        few: int = FEW,
        say: Say = lambda _: None,
        *,
        by_id: bool = True,
    ) -> None:
        self._url, self._parts, self._deadline, self._few = url, parts, deadline, few
        self._say, self._by_id = say, by_id
        self.tasks: list[Task] = []
        self._folder = None if share else TemporaryDirectory(prefix="watchfloor-", ignore_cleanup_errors=True)
        self._share = Share(share or f"file://{self._folder and self._folder.name}")
        self._runs: dict[str, Run] = {}
        self._desk, self._at_work = "", time.monotonic()
        try:
            self._share.check()
            self._session = _session(url)
            try:
                self._within(min(deadline, GREETING), self._greet)
            except DeskError:
                self._session.client.close()  # or the client asks for minutes more when the process ends
                raise
        except (DeskError, ImportError):
            self._clean()
            raise

    def __enter__(self) -> "Connect":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session, whether the server still answers or not, and take away what the runs left."""
        for run in self._runs.values():
            with suppress(ClusterError):
                run.end()
        with suppress(Exception):  # whatever is wrong with the server, this is the end of it
            within(CLOSING, self._session.stop)
        if not self._session.client.is_closed:
            self._session.client.close()
        self._clean()

    def _clean(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def _greet(self) -> None:
        from pyspark.sql.connect.client.retries import DefaultPolicy

        # A server that is gone is asked for a quarter of a minute, not for ten of them.
        policy = DefaultPolicy(max_retries=6, max_backoff=5000)
        self._session.client.set_retry_policies([policy])
        self._session.conf.set("spark.sql.session.timeZone", "UTC")
        if self._by_id:
            # A value may have some megabytes: not ten thousand of them at a time.
            self._session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "16")
        self._session.registerProgressHandler(self._progress)

    def __call__(self, desk: Desk[Any], refs: Refs, rows: pa.Table, until: datetime) -> dict[str, pa.Table]:
        """Fold `rows` on the cluster."""
        if not rows.num_rows:
            return INLINE(desk, refs, rows, until)
        run = self._run("none")
        schemas = {"": rows.schema}
        order = Order(desk, refs.only(desk.uses), schemas, tuple(run.put("", rows)), 1, until)
        return self._done(run, order, Signer("driver", os.urandom(32)))

    def over_floor(
        self,
        floor: Floor,
        desk: Desk[Any],
        refs: Refs,
        reader: Reader,
        position: int,
        derived: Mapping[str, pa.Table],
    ) -> dict[str, pa.Table]:
        """Run a desk over the evidence that `reader` may see: `run.floor.history_of` on a cluster."""
        run = self._run(floor.settings.id, floor)
        schemas: dict[str, pa.Schema] = {}
        pieces: list[Piece] = []
        for kind in desk.reads:
            if kind in derived:
                schemas[kind], some = derived[kind].schema, run.put(kind, derived[kind])
            else:
                schemas[kind], some = _copied(run, floor, kind, position, self._say)
            pieces += some
        if not pieces:  # there is nothing to read, so nobody need be asked
            return run_here(desk, {kind: schema.empty_table() for kind, schema in schemas.items()}, refs)
        order = Order(
            *(desk, refs.only(desk.uses), schemas, tuple(pieces), 1, None),
            *(reader, terms.digest(floor.root), floor.lowered(position)),
        )
        history = self._done(run, order, floor.signer)
        return {
            kind: rows.sort_by([("row_id", "ascending"), ("revision", "ascending")])
            for kind, rows in history.items()
        }

    def _run(self, floor: str, of: Floor | None = None) -> Run:
        if floor not in self._runs:
            self._runs[floor] = Run(self._share, floor)
            if of is not None:
                self._runs[floor].sweep(of)
        return self._runs[floor]

    def _done(self, run: Run, order: Order, signer: Signer) -> dict[str, pa.Table]:
        """Have an order carried out; gives what its parts derived, by kind."""
        self._desk, self._at_work = order.desk.name, time.monotonic()
        order = order._replace(parts=self._count(order), package=package_digest())
        if order.parts > 1 and order.desk.cut is not ROWS:
            pairs, _ = self._asked(run, order, signer, self._joining)
            order = order._replace(joins=joined(pairs["pairs"].to_pylist()))
        answer, digest = self._asked(run, order, signer, self._folding)
        return self._gathered(run, order, digest, answer)

    def _asked(
        self, run: Run, order: Order, signer: Signer, plan: Callable[[Ticket, Order], Any]
    ) -> tuple[pa.Table, str]:
        """Put an order on the share and have the cluster carry out a plan of it; gives answer and digest."""
        name, public = f"{order.desk.name}-{uuid4().hex}", signer.verifier.public
        ticket = Ticket(run.share.url, run.folder, name, run.key, public, package_digest(), described())
        with sent_along(order.desk):
            from pyspark import cloudpickle

            digest = place(run.share, ticket, order, signer, cloudpickle.dumps)
            # The client asks the server while it plans, so that is within too.
            return self._within(self._deadline, lambda: plan(ticket, order).toArrow()), digest

    def _count(self, order: Order) -> int:
        """Into how many parts the rows of an order are cut."""
        rows = sum(piece.rows for piece in order.pieces)
        if order.desk.cut is None or order.desk.order is ARRIVAL or rows <= self._few:
            return 1
        return max(self._parts, -(-rows // PART))

    def _joining(self, ticket: Ticket, order: Order) -> Any:
        """Plan to find which values reports join."""
        read = partial(executor.reports, ticket), _columns(executor.PAIRS)
        return self._shuffled(order, *read).mapInArrow(
            partial(executor.joins, ticket), _columns(executor.PAIRS)
        )

    def _folding(self, ticket: Ticket, order: Order) -> Any:
        """Plan to read and fold."""
        answer = _columns(executor.RESULT)
        if order.parts == 1:
            frame = self._session.range(0, len(order.pieces), 1, 1)
            return frame.mapInArrow(partial(executor.read_and_fold, ticket), answer)
        read = partial(executor.read, ticket), _columns(executor.SHUFFLED)
        return self._shuffled(order, *read).mapInArrow(partial(executor.fold, ticket), answer)

    def _shuffled(self, order: Order, read: Callable[..., Any], columns: str) -> Any:
        """Plan to read pieces, a task each, and to put together what is of one part."""
        frame = self._session.range(0, len(order.pieces), 1, len(order.pieces)).mapInArrow(read, columns)
        by_number = frame.repartitionById if self._by_id else frame.repartition
        return by_number(order.parts, "part")

    def _gathered(self, run: Run, order: Order, digest: str, answer: pa.Table) -> dict[str, pa.Table]:
        """Read what the workers put on the share, held against what they reported."""
        found: dict[str, list[pa.Table]] = {
            kind: [schema.empty_table()] for kind, schema in order.desk.yields.items()
        }
        for one in answer.to_pylist():
            if one["order"] != digest:
                raise ClusterError(OTHER_RESULT, name=one["name"] or "a part", url=run.share.url)
            if not one["kind"]:
                measured = (one["rows"], one["process"], one["seconds"], one["peak"])
                self.tasks.append(Task(order.desk.name, *measured))
                continue
            data = run.share.get(one["name"])
            if sha256(data).hexdigest() != one["digest"]:
                raise ClusterError(OTHER_RESULT, name=one["name"], url=run.share.url)
            found[one["kind"]].append(unpacked(unsealed(run.share, run.key, one["name"])))
        return {kind: pa.concat_tables(tables) for kind, tables in found.items()}

    def _progress(self, stages: Iterable[Any] | None, inflight_tasks: int, *_: object, **__: object) -> None:
        stages = list(stages or ())
        if inflight_tasks:
            self._at_work = time.monotonic()
        done, every = (sum(getattr(s, name) for s in stages) for name in ("num_completed_tasks", "num_tasks"))
        if every and self._desk:
            self._say(reason(FOLDING, desk=self._desk, done=done, all=every))

    def _within(self, seconds: float, work: Callable[[], T]) -> T:
        """Do work on the cluster. Raises `ClusterError`, which says in a sentence what failed."""
        try:
            return within(seconds, work, self._session.interruptAll, self._idle)
        except TimeoutError:
            if self._idle():
                raise ClusterError(GONE, url=self._url, desk=self._desk) from None
            if self._desk:
                raise ClusterError(LATE, url=self._url, desk=self._desk, seconds=seconds) from None
            raise ClusterError(SILENT, url=self._url, seconds=seconds) from None
        except (DeskError, MissingExtraError, FileNotFoundError):
            raise
        except Exception as error:
            raise self._explained(error) from error

    def _idle(self) -> bool:
        return bool(self._desk) and time.monotonic() - self._at_work > IDLE

    def _explained(self, error: Exception) -> DeskError:
        text = str(error)
        if (said := unmarked(text)) is not None:
            return self._of_worker(said)
        if any(one in text for one in _NO_MODULE):
            line = next(one for one in text.splitlines() if any(mark in one for mark in _NO_MODULE))
            return ClusterError(NO_PACKAGE, why=line.strip())
        if any(one in text or one in type(error).__name__ for one in _LOST):
            if not self._desk:
                return ClusterError(SILENT, url=self._url, seconds=GREETING)
            return ClusterError(GONE, url=self._url, desk=self._desk)
        return ClusterError(FAILED, desk=self._desk, why=next(iter(text.splitlines()), type(error).__name__))

    def _of_worker(self, said: Mapping[str, Any]) -> DeskError:
        if "desk" in said:
            return DeskError(said["desk"])
        if (message := known(said.get("message", ""))) is None:
            return ClusterError(FAILED, desk=self._desk, why=said["other"])
        if message.id == DAMAGED.id:  # or the next run would take it for a copy
            with suppress(ClusterError):
                self._share.remove(said["params"]["name"])
        return ClusterError(message, **said["params"])


@contextmanager
def sail(parts: int = 8, deadline: float = 3600, few: int = FEW) -> Iterator[Connect]:
    """A Spark Connect server in this process, and a runner that talks to it.

    Raises:
        MissingExtraError: the extra `sail` is not installed.
    """
    os.environ.setdefault("RUST_LOG", "error")  # the server writes its log to our terminal
    with optional():
        from pysail.spark import SparkConnectServer
    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    try:
        address = f"sc://127.0.0.1:{server.listening_address[1]}"
        with Connect(address, None, parts, deadline, few, by_id=False) as connect:
            yield connect
    finally:
        server.stop()


def joined(pairs: Iterable[bytes]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return the numbers of all values that pairs join, in order, and the least of each one's group."""
    from scipy.sparse import coo_array  # which takes long to import, and few runs have something to join
    from scipy.sparse.csgraph import connected_components

    edges = np.concatenate(
        [np.empty((0, 2), np.uint32), *(np.frombuffer(one, np.uint32).reshape(-1, 2) for one in pairs)]
    )
    names, codes = np.unique(edges, return_inverse=True)
    if not len(names):
        return NO_JOINS
    one, other = codes.reshape(-1, 2).T
    graph = coo_array((np.ones(len(one), np.bool_), (one, other)), shape=(len(names), len(names)))
    _, groups = connected_components(graph, directed=False)
    least = np.full(len(names), np.iinfo(np.uint32).max, np.uint32)
    np.minimum.at(least, groups, names)
    return names, least[groups]


def _copied(run: Run, floor: Floor, kind: str, position: int, say: Say) -> tuple[pa.Schema, list[Piece]]:
    """Columns and pieces of a kind; looked for anew where a file went meanwhile (compacted, or erased)."""
    for _ in range(4):
        with suppress(FileNotFoundError):
            return run.evidence(floor, kind, position, say)
    return run.evidence(floor, kind, position, say)


def _columns(schema: pa.Schema) -> str:
    """Columns as Spark writes them."""
    names = {pa.int32(): "int", pa.int64(): "bigint", pa.float64(): "double", pa.string(): "string"}
    return ", ".join(f"{field.name} {names.get(field.type, 'binary')}" for field in schema)


def _session(url: str) -> Any:
    with optional():
        from pyspark.sql import SparkSession
    # What its client prints as a warning is an error, too, which we say in a sentence.
    warnings.filterwarnings("ignore", r"\[RETRIES_EXCEEDED\]", UserWarning)
    with _main_has_a_file():
        return SparkSession.builder.remote(url).create()


@contextmanager
def _main_has_a_file() -> Iterator[None]:
    """The client takes a main module without one (`python -c`) for its own doctests."""
    main = sys.modules["__main__"]
    if hasattr(main, "__file__"):
        yield
        return
    main.__file__ = "<command>"
    try:
        yield
    finally:
        del main.__file__


def within(
    seconds: float,
    work: Callable[[], T],
    interrupt: Callable[[], Any] | None = None,
    idle: Callable[[], bool] = lambda: False,
) -> T:
    """Return the result of `work`. Raises what it raises, or `TimeoutError` where it is late or stands."""
    done: list[T] = []
    failed: list[Exception] = []

    def attempt() -> None:
        try:
            done.append(work())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    until = time.monotonic() + seconds
    while thread.is_alive() and (left := until - time.monotonic()) > 0 and not idle():
        thread.join(min(left, 1))
    if done:
        return done[0]
    if failed:
        raise failed[0]
    if interrupt:
        threading.Thread(target=_quietly, args=(interrupt,), daemon=True).start()
    raise TimeoutError


def _quietly(work: Callable[[], Any]) -> None:
    with suppress(Exception):  # what was to be interrupted is given up either way
        work()


@contextmanager
def sent_along(desk: Desk[Any]) -> Iterator[None]:
    """Pickle the package of a desk that lives outside by value, since workers have no copy of it."""
    from pyspark import cloudpickle

    package = sys.modules.get(desk.place.partition(".")[0])
    if package is None or package.__name__ in {"watchfloor", "__main__"}:
        yield
        return
    cloudpickle.register_pickle_by_value(package)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        cloudpickle.unregister_pickle_by_value(package)  # type: ignore[no-untyped-call]
