"""`watchfloor search`: words in reports."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    busy,
    fail,
    print_rows,
    reader,
)
from watchfloor.cli.moments import as_of

if TYPE_CHECKING:
    from watchfloor.store.search import Found


def search(
    words: Annotated[list[str], typer.Argument(help='Words; "two words" stand together, word* starts one.')],
    floor: FloorOption = DEFAULT_FLOOR,
    top: Annotated[int, typer.Option(min=1, help="How many to show.")] = 20,
    at: Annotated[
        str | None, typer.Option("--as-of", help="A log position, a day or a moment: reports known then.")
    ] = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Find the reports that hold all the words, best first; case and accents do not matter.

    Only what you may see is searched, counted and ranked. Each search is logged.

    Example: watchfloor search ferry "grey van" --floor floor
    """
    from watchfloor.cell.acting import deconfliction
    from watchfloor.store.floor import Floor
    from watchfloor.store.search import search

    opened = Floor.open(floor)
    asked = " ".join(f'"{word}"' if " " in word else word for word in words)
    try:
        with busy("searching"):
            found, count = search(opened, reader(opened, purpose), asked, top, as_of(at))
    except ValueError as error:
        fail(f"{error}: write a word of letters or digits")
    detail = {"what": "search", "words": asked, "as_of": at, "found": count}
    opened.act(acting(purpose, authority), "query", detail)
    deconfliction.tell(opened, reader(opened, purpose), authority, deconfliction.named(asked), "search")
    if as_json:
        print_rows(map(_row, found), "found")
        return
    console = Console()
    if not found:
        console.print("No report that you may see holds these words.")
    for one in found:
        _show(console, one)
    if count > len(found):
        console.print(f"{count - len(found):,} more; --top shows them", highlight=False)


def _show(console: Console, one: "Found") -> None:
    report = one.report
    name = report["title"] or report["report_key"] or "without a title"
    page = f"page {one.page}, " if one.page else ""
    head = f"{name}   [{report['marking']}]"
    where = (
        f"{report['author'] or report['source']}, {report['observed_at'].date()}, {page}portion {one.portion}"
    )
    console.print(Text(head, style="bold"))
    console.print(Padding(Text(where), (0, 0, 0, 5)))
    console.print(Padding(Text(one.snippet), (0, 0, 0, 5)))
    console.print(Padding(Text(f"watchfloor record {report['record_id'].hex()} --original"), (0, 0, 0, 5)))


def _row(one: "Found") -> dict[str, Any]:
    return {
        "record_id": one.report["record_id"].hex(),
        **{name: one.report[name] for name in one.report if name != "record_id"},
        "page": one.page,
        "portion": one.portion,
        "snippet": one.snippet,
        "original": f"watchfloor record {one.report['record_id'].hex()} --original",
    }
