"""`watchfloor screen`: names in a CSV against official lists."""

import gc
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final, NamedTuple

import numpy as np
import typer

from watchfloor.cli.common import OK, PARTLY, JsonOption, err, fail, print_json, print_table
from watchfloor.cli.moments import moment

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.desks.listings.screener import Hit, Query, Screener
    from watchfloor.formats.table import Rows
    from watchfloor.records.messages import Language

COLUMNS: Final = ("id", "name", "birth_date", "country", "schema")


class Asked(NamedTuple):
    """A query, and what is wrong with its row; without a query the row could not be read at all."""

    query: "Query | None"
    wrong: str = ""


class Stats:
    """How long screening took, in constant memory: a histogram of 10 µs steps up to a second."""

    def __init__(self) -> None:
        self._counts = np.zeros(100_001, np.int64)
        self._seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count one screening."""
        self._counts[min(int(seconds * 1e5), 100_000)] += 1
        self._seconds += seconds

    def lines(self, build: float, screener: "Screener") -> Iterator[str]:
        """What `--stats` prints."""
        total = int(self._counts.sum())
        yield f"list: {len(screener):,} entities, {screener.name_count:,} names, index built in {build:.2f} s"
        rate = total / self._seconds if total else 0
        yield f"screened: {total:,} names, {rate:,.0f} screens/s on one thread"
        if total:
            bounds = np.searchsorted(np.cumsum(self._counts), [total * 0.5, total * 0.95, total * 0.99])
            yield "latency: " + ", ".join(
                f"{word} {(place + 1) / 100:.2f} ms"
                for word, place in zip(("p50", "p95", "p99"), bounds, strict=True)
            )
        yield f"peak memory: {_peak_memory() / 1e6:,.0f} MB"


def screen(
    queries: Annotated[
        Path,
        typer.Argument(
            help="CSV with the columns id,name[,birth_date,country,schema]; - reads standard input."
        ),
    ],
    lists: Annotated[
        list[Path],
        typer.Option("--list", help="A list, or a folder of lists, of any known format; repeatable."),
    ],
    on: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Of lists given in several editions, take that day's."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, max=48, help="Listed entities a name, at most.")] = 5,
    stats: Annotated[
        bool, typer.Option("--stats", help="Print rate, latency and memory to standard error.")
    ] = False,
    lang: Annotated[str, typer.Option(help="Language of the reasons: en or fr.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """Screen names against official lists; a hit is an invitation to look, never an identity.

    Example: watchfloor screen travellers.csv --list un_consolidated.xml --list SOR-2002-284.xml --json
    """
    if lang not in ("en", "fr"):
        fail(f"--lang {lang}: the reasons are in en or fr")
    with ExitStack() as stack:
        stream, name = _open(queries, stack)
        asked = read_queries(stream, name)
        screener, seconds = _build(lists, moment(on, "--on").date() if on else datetime.now(UTC).date())
        code = _answer(
            asked, screener, top, "fr" if lang == "fr" else "en", as_json, seconds if stats else None
        )
    raise typer.Exit(code)


def read_queries(stream: BinaryIO, name: str) -> Iterator[Asked]:
    """Queries of a CSV, in its order and in constant memory.

    Raises:
        FormatError: at once, when the file is empty or a needed column is missing.
    """
    from watchfloor.formats import delimited
    from watchfloor.formats.base import Fault, FormatError
    from watchfloor.formats.settings import nearest

    sheet = delimited.read(stream, name)
    columns = {column.strip().lower(): column for column in reversed(sheet.names)}
    for column in ("id", "name"):
        if column not in columns:
            raise FormatError(
                f"{name} has no column {column!r}{nearest(column, sheet.names)}; "
                f"queries have the columns id and name, and may have {', '.join(COLUMNS[2:])}"
            )

    def rows() -> Iterator[Asked]:
        for piece in sheet.pieces:
            if isinstance(piece, Fault):
                yield Asked(None, f"{piece.locator}: {piece.reason}")
            else:
                yield from _queries(piece, columns)
        if sheet.note():
            yield Asked(None, f"note: {name} was {sheet.note()}")

    return rows()


def _queries(rows: "Rows", columns: dict[str, str]) -> Iterator[Asked]:
    from watchfloor.desks.listings.screener import Query
    from watchfloor.records.partial_date import read_loosely

    empty = [None] * rows.cells.num_rows
    cells = [rows.cells.column(columns[name]).to_pylist() if name in columns else empty for name in COLUMNS]
    for locator, (key, name, birth, country, schema) in zip(
        rows.locators.to_pylist(), zip(*cells, strict=True), strict=True
    ):
        wrong = ""
        if birth is not None and birth.strip():
            try:
                read_loosely(birth)
            except ValueError as error:
                wrong, birth = f"{locator}: {error}; screened without it", None
        if name is None or not name.strip():
            wrong = f"{locator}: no name to screen"
        yield Asked(Query(key or "", name or "", (birth or "").strip() or None, country, schema), wrong)


def _answer(
    asked: Iterator[Asked],
    screener: "Screener",
    top: int,
    language: "Language",
    as_json: bool,
    build: float | None,
) -> int:
    stats, code = Stats(), OK
    try:
        for query, wrong in asked:
            if wrong:
                err.print(wrong, markup=False, highlight=False)
                code = code if wrong.startswith("note:") else PARTLY
            if query is not None:
                started = time.perf_counter()
                hits = screener.screen(query, top)
                stats.add(time.perf_counter() - started)
                _print(query, hits, language, as_json)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if build is not None:
        for line in stats.lines(build, screener):
            err.print(line, markup=False, highlight=False)
    return code


def _print(query: "Query", hits: "list[Hit]", language: "Language", as_json: bool) -> None:
    if as_json:
        print_json({"id": query.id, "hits": [_plain(hit, language) for hit in hits]})
        return
    title = " ".join(filter(None, (query.id, query.name[:200], query.birth_date, query.country)))
    rows = [(hit.tier, f"{hit.score:.3f}", hit.entity_id, hit.reason.render(language)) for hit in hits]
    print_table(title, ("tier", "score", "entity", "reason"), rows, f"{title}: no hit")


def _plain(hit: "Hit", language: "Language") -> dict[str, Any]:
    return {
        "entity_id": hit.entity_id,
        "name": hit.name,
        "alias": hit.alias,
        "score": hit.score,
        "tier": hit.tier,
        "instrument": hit.instrument,
        "item": hit.item,
        "in_force": hit.in_force,
        "reason": hit.reason.render(language),
    }


def _build(lists: list[Path], day: date) -> "tuple[Screener, float]":
    from watchfloor.desks.listings.screener import Screener, warm_up
    from watchfloor.reference.listings import read

    for path in lists:
        if not path.exists():
            fail(f"--list {path}: there is no such file or folder")
    table = _of_day(read(lists, report=_note), day)
    if not table.num_rows:
        fail("the lists hold no listed entity; nothing was screened")
    warm_up()
    started = time.perf_counter()
    screener = Screener.build(table)
    seconds = time.perf_counter() - started
    gc.freeze()  # the list stays: without this the collector walks it again and again, 100 ms a time
    return screener, seconds


def _of_day(listings: "pa.Table", day: date) -> "pa.Table":
    """Of lists that are given in several editions, the one of the day."""
    import pyarrow as pa

    from watchfloor.reference.consolidations import on

    editions = listings.group_by(["list_id", "window_from", "window_until"]).aggregate([])
    if editions.num_rows == len(editions.column("list_id").unique()):
        return listings
    answers = on(listings, day)
    for answer in answers:
        if not answer.covered:
            _note(answer.note)
    return pa.Table.from_pylist([item for answer in answers for item in answer.items], listings.schema)


def _note(text: str) -> None:
    err.print(text, style="yellow", markup=False, highlight=False)


def _open(path: Path, stack: ExitStack) -> tuple[BinaryIO, str]:
    if str(path) == "-":
        return sys.stdin.buffer, "standard input"
    if not path.is_file():
        fail(f"{path}: there is no such file")
    return stack.enter_context(path.open("rb")), path.name


def _peak_memory() -> int:
    """Most bytes of memory that this process has held."""
    if sys.platform == "win32":
        return _peak_windows()
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _peak_windows() -> int:
    """PeakWorkingSetSize of PROCESS_MEMORY_COUNTERS, its fourth field after two 32-bit ones."""
    import ctypes

    counters = (ctypes.c_size_t * 10)()
    library = ctypes.windll.psapi  # type: ignore[attr-defined, unused-ignore]
    process = ctypes.windll.kernel32.GetCurrentProcess()  # type: ignore[attr-defined, unused-ignore]
    library.GetProcessMemoryInfo(process, ctypes.byref(counters), ctypes.sizeof(counters))
    return int(counters[1])
