"""The runner over Spark Connect: Sail in this process on a laptop, a Spark cluster elsewhere, one client.

Rows go over as a Parquet file: a client that sends a million rows through the connection may wait for ever.
The cluster shuffles them by part, each part is folded as Arrow in one call, and what it derives comes back as
Arrow streams, so no type is lost to a table of Spark's. Every wait has a deadline.

Workers import `watchfloor`, of this version; a desk from elsewhere is sent along, as is the key of row ids.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchfloor.core.extras import MissingExtraError, optional
from watchfloor.core.streams import packed, unpacked
from watchfloor.desks.base import Desk, DeskError, Refs
from watchfloor.run.cut import parts
from watchfloor.run.fold import Emitted, Fold, gathered
from watchfloor.run.inline import INLINE

T = TypeVar("T")

POSITION: Final = "_position"
"""Column with a row's place in the order of the fold, which a shuffle does not keep."""

PART: Final = "_part"
"""Column with the number of a row's part; a row that every part needs goes over once for each."""

RESULT: Final = "derived string, part int, rows binary"
"""What each part gives back: a derived kind, how manieth of its part, rows as an Arrow stream."""

CLOSING: Final = 10
"""Seconds that the end of a session may take."""

CHUNK: Final = 1 << 16
"""Derived rows in one stream: a value may not outgrow 2 GiB."""


class Connect:
    """A runner: `run(desk, inputs, refs, Connect("sc://cluster:15002", share="/mnt/shared"))`.

    Args:
        url: address of a Spark Connect server.
        share: a folder that this machine and the workers see under one path; a temporary one where None,
            which does for a server on this machine.
        parts: into how many parts to shuffle.
        deadline: seconds that an answer may take.

    Raises:
        DeskError: the client is not installed, or nobody answers within `deadline` or a minute.
    """

    def __init__(self, url: str, share: Path | None = None, parts: int = 8, deadline: float = 3600) -> None:
        self._share, self._parts, self._deadline = share, parts, deadline
        self._session = _session(url)
        try:
            within(min(deadline, 60), self._greet, f"no answer from {url}")
        except DeskError:
            self._session.client.close()  # or the client asks for minutes more when the process ends
            raise

    def __enter__(self) -> "Connect":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session, whether the server still answers or not."""
        with suppress(DeskError):
            within(CLOSING, self._session.stop, "the server does not end the session")
        if not self._session.client.is_closed:
            self._session.client.close()

    def _greet(self) -> None:
        self._session.conf.set("spark.sql.session.timeZone", "UTC")

    def __call__(self, desk: Desk[Any], refs: Refs, rows: pa.Table, until: datetime) -> dict[str, pa.Table]:
        """Fold `rows` on the cluster."""
        if not rows.num_rows:
            return INLINE(desk, refs, rows, until)
        with TemporaryDirectory(prefix="watchfloor-", dir=self._share, ignore_cleanup_errors=True) as folder:
            path = _written(desk, rows, self._parts, Path(folder, "rows.parquet"))
            with sent_along(desk):
                plan = self._plan(desk, refs, until, rows.schema, path)
                answer = within(
                    self._deadline,
                    plan.toArrow,
                    f"desk {desk.name!r} ({desk.place}): no answer from the cluster",
                    self._session.interruptAll,
                )
        return gathered(desk, list(_received(answer)))

    def _plan(self, desk: Desk[Any], refs: Refs, until: datetime, schema: pa.Schema, path: str) -> Any:
        frame = self._session.read.parquet(path)
        frame = frame.repartition(1) if desk.cut is None else frame.repartition(self._parts, PART)
        return frame.mapInArrow(partial(_fold, desk, refs.only(desk.uses), until, schema), RESULT)


@contextmanager
def sail(parts: int = 8, deadline: float = 3600) -> Iterator[Connect]:
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
        with Connect(f"sc://127.0.0.1:{server.listening_address[1]}", None, parts, deadline) as connect:
            yield connect
    finally:
        server.stop()


def _session(url: str) -> Any:
    with optional():
        from pyspark.sql import SparkSession
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
    seconds: float, work: Callable[[], T], failing: str, interrupt: Callable[[], Any] | None = None
) -> T:
    """Return the result of `work`. Raises `DeskError` that begins with `failing` if it fails or is late."""
    done: list[T] = []
    failed: list[Exception] = []

    def attempt() -> None:
        try:
            done.append(work())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(seconds)
    if done:
        return done[0]
    if failed:
        raise (
            failed[0]
            if isinstance(failed[0], DeskError | MissingExtraError)
            else DeskError(f"{failing}: {failed[0]}")
        ) from failed[0]
    if interrupt:
        threading.Thread(target=interrupt, daemon=True).start()
    raise DeskError(f"{failing} within {seconds:g} seconds")


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


def _written(desk: Desk[Any], rows: pa.Table, count: int, path: Path) -> str:
    numbered = rows.append_column(POSITION, pa.array(np.arange(rows.num_rows)))
    schema = numbered.schema.append(pa.field(PART, pa.int32()))
    with pq.ParquetWriter(path, schema, compression="lz4") as file:
        for number, part in enumerate(parts(desk, numbered, count)):
            file.write_table(
                part.append_column(PART, pa.repeat(pa.scalar(number, pa.int32()), part.num_rows))
            )
    return str(path)


def _fold(
    desk: Desk[Any],
    refs: Refs,
    until: datetime,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    """On a worker: fold the parts that came together."""
    if some := list(batches):
        yield from _sent(Fold(desk, refs).step(_restored(pa.Table.from_batches(some), schema), until))


def _restored(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows in the order and with the types they had before they went over, each once."""
    _, order = np.unique(rows.column(POSITION).to_numpy(), return_index=True)
    return rows.select(schema.names).cast(schema).take(pa.array(order))


def _sent(emitted: Emitted) -> Iterator[pa.RecordBatch]:
    schema = pa.schema([("derived", pa.string()), ("part", pa.int32()), ("rows", pa.binary())])
    by_kind: dict[str, list[pa.Table]] = {}
    for kind, rows in emitted:
        by_kind.setdefault(kind, []).append(rows)
    for kind, tables in by_kind.items():
        derived = pa.concat_tables(tables)
        for number, start in enumerate(range(0, derived.num_rows, CHUNK)):
            values = [[kind], [number], [packed(derived.slice(start, CHUNK))]]
            yield pa.record_batch([pa.array(v, f.type) for v, f in zip(values, schema, strict=True)], schema)


def _received(answer: pa.Table) -> Emitted:
    """Return the rows that the parts derived; the streams of a part in order, all that a `row_id` needs."""
    return [(row["derived"], unpacked(row["rows"])) for row in answer.sort_by("part").to_pylist()]
