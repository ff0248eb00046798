"""`watchfloor screen`: names in a CSV against official lists."""

import gc
import os
import shlex
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final

import typer

from watchfloor.cli.common import (
    MISSING,
    OK,
    PARTLY,
    JsonOption,
    LangOption,
    busy,
    err,
    fail,
    print_rows,
    print_table,
)
from watchfloor.cli.lists.files import note, read_lists
from watchfloor.cli.moments import day
from watchfloor.core.messages import declare, reason

if TYPE_CHECKING:
    from watchfloor.cli.timing import Stats
    from watchfloor.core.messages import Language
    from watchfloor.desks.listings.queries import QueryRow
    from watchfloor.desks.listings.screener import Hit, Query, Screener
    from watchfloor.reference.consolidations import Answer

NO_HIT: Final = declare("screen.no-hit", "query")
NO_QUERY: Final = declare("screen.no-query")
UNCOVERED: Final = declare("screen.uncovered", "day", "count", "all", "command")
HEADS: Final = {
    "en": ("tier", "score", "entity", "reason"),
    "fr": ("palier", "score", "entité", "motif"),
}
SHOWN = 200
"""Characters of a name that the title of a table shows."""


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
        typer.Option(metavar="DATE", help="Of lists given in several editions, take that day's; today."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, max=48, help="Listed entities a name, at most.")] = 5,
    stats: Annotated[
        bool, typer.Option("--stats", help="Print rate, latency, cut names and memory to standard error.")
    ] = False,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Screen names against official lists; a hit is an invitation to look, never an identity.

    Of a name, 400 characters and 24 words are compared; the answer to a longer one says "cut".

    Exit codes: 0 all screened; 1 a row was left aside, or screened without its birth date or the end of its
    name.

    Example: watchfloor screen travellers.csv --list un_consolidated.xml --list SOR-2002-284.xml --json
    """
    from watchfloor.cli.timing import Stats
    from watchfloor.desks.listings.queries import read_queries

    with ExitStack() as stack:
        stream, name = _open(queries, stack)
        asked = read_queries(stream, name, lang)
        screener, seconds = _build(lists, day(on, "--on"), lang, measured=stats)
        counted = Stats()
        _answer(asked, screener, top, lang, as_json, counted)
    for line in counted.lines(seconds, screener) if stats else ():
        err.print(line, markup=False, highlight=False)
    raise typer.Exit(PARTLY if counted.left_aside else OK)


def _answer(
    asked: "Iterator[QueryRow]",
    screener: "Screener",
    top: int,
    lang: "Language",
    as_json: bool,
    stats: "Stats",
) -> None:
    """Screen and print each query, until the file ends or the reader of our output has seen enough."""
    answers = _answers(asked, screener, top, lang, stats)
    try:
        if as_json:
            print_rows((_row(query, hits, cut, lang) for query, hits, cut in answers), "queries")
        else:
            _tables(answers, lang)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _answers(
    asked: "Iterator[QueryRow]", screener: "Screener", top: int, lang: "Language", stats: "Stats"
) -> "Iterator[tuple[Query, list[Hit], bool]]":
    """Each query with its hits, and whether its name was cut; what is wrong goes to standard error."""
    for one in asked:
        for sentence in one.sentences(lang):
            err.print(sentence, markup=False, highlight=False)
        stats.left_aside += bool(one.wrong and one.locator)
        if one.query is not None:
            started = time.perf_counter()
            hits = screener.screen(one.query, top)
            stats.add(time.perf_counter() - started, one.cut)
            yield one.query, hits, one.cut


def _row(query: "Query", hits: "list[Hit]", cut: bool, lang: "Language") -> dict[str, Any]:
    """An answer as JSON; `cut` is there only where the end of the name was not compared."""
    from watchfloor.desks.listings.queries import hit_row

    return {"id": query.id, "hits": [hit_row(hit, lang) for hit in hits], **({"cut": True} if cut else {})}


def _tables(answers: "Iterable[tuple[Query, list[Hit], bool]]", lang: "Language") -> None:
    """Answers for people, and a sentence where there was nothing to answer."""
    none = True
    for query, hits, cut in answers:
        _table(query, hits, cut, lang)
        none = False
    if none:
        typer.echo(reason(NO_QUERY).render(lang))


def _table(query: "Query", hits: "list[Hit]", cut: bool, lang: "Language") -> None:
    """An answer for people."""
    from watchfloor.desks.listings import query_messages

    title = " ".join(filter(None, (query.id, query.name[:SHOWN], query.birth_date, query.country)))
    rows = [(hit.tier, f"{hit.score:.3f}", hit.entity_id, hit.reason.render(lang)) for hit in hits]
    print_table(title, HEADS[lang], rows, reason(NO_HIT, query=title).render(lang))
    if cut:
        typer.echo(f"  {query_messages.cut().render(lang)}")


def _build(lists: list[Path], on: date, lang: "Language", *, measured: bool) -> "tuple[Screener, float]":
    from watchfloor.desks.listings.screener import NOTHING, Screener, warm_up
    from watchfloor.reference.consolidations import of_day

    table, answers = of_day(read_lists(lists)[0], on)
    _tell_uncovered(answers, lists, on, lang)
    if not table.num_rows:
        fail(NOTHING)
    with busy("building the index"):
        if measured:  # or the first names would be the slowest; without figures nobody waits for all scripts
            warm_up()
        started = time.perf_counter()
        screener = Screener.build(table)
        seconds = time.perf_counter() - started
    gc.freeze()  # the list stays: without this the collector walks it again and again, 100 ms a time
    return screener, seconds


def _tell_uncovered(answers: "list[Answer]", lists: list[Path], on: date, lang: "Language") -> None:
    """One sentence on how many lists have no edition of the day, and how to see which."""
    if missing := sum(not answer.covered for answer in answers):
        command = shlex.join(["watchfloor", "listed", *map(str, lists), "--on", str(on)])
        said = reason(UNCOVERED, count=missing, all=len(answers), day=str(on), command=command)
        note(said.render(lang))


def _open(path: Path, stack: ExitStack) -> tuple[BinaryIO, str]:
    if str(path) == "-":
        return sys.stdin.buffer, "standard input"
    if not path.is_file():
        fail(f"{path}: there is no such file", MISSING)
    return stack.enter_context(path.open("rb")), path.name
