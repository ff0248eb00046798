"""`watchfloor lists fetch`: the current lists, from those who publish them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.common import (
    BROKEN,
    MISSING,
    PARTLY,
    JsonOption,
    busy,
    err,
    fail,
    print_rows,
    print_table,
)

if TYPE_CHECKING:
    from watchfloor.feeds.fetch import Source


def lists(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder that keeps the lists.")] = Path(
        "lists"
    ),
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="One list; may be given several times.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch current lists over HTTP from their official addresses.

    A changed list becomes a new file beside the earlier ones; an unchanged one is not sent again. One that
    fails does not keep the others from coming.

    Example: watchfloor lists fetch --to lists --only un --only sor-2002-284
    """
    from watchfloor.feeds.fetch import FetchError, Unreached, fetch, http

    client, today = http(), datetime.now(UTC).date()
    rows, failed = [], 0
    unreached: dict[str, list[str]] = {}
    with busy("fetching") as say:
        for source in _chosen(only or []):
            say(f"fetching {source.list_name}")
            try:
                done = fetch(source, to, today, client)
            except (FetchError, OSError) as error:
                failed += 1
                if isinstance(error, Unreached):
                    unreached.setdefault(error.why, []).append(error.list_name)
                else:
                    err.print(str(error), style="yellow", markup=False, highlight=False)
                continue
            rows.append(
                {"list": source.list_name, "status": done.status, "file": done.path, "items": done.items}
            )
    _print_unreached(unreached)
    if as_json:
        print_rows(rows, "lists")
    elif rows:
        print_table("Lists", ("list", "status", "file", "items"), (r.values() for r in rows), "")
    if failed:
        raise typer.Exit(PARTLY if rows else BROKEN)


def _print_unreached(unreached: dict[str, list[str]]) -> None:
    """Say once of each publisher that they do not answer, and once what that means."""
    from watchfloor.feeds.fetch import STANDS

    for why, names in unreached.items():
        told = f"{why}: {', '.join(dict.fromkeys(names))}"
        err.print(told, style="yellow", markup=False, highlight=False)
    if unreached:
        err.print(STANDS, markup=False, highlight=False)


def _chosen(names: list[str]) -> "list[Source]":
    from watchfloor.feeds.fetch import SOURCES

    known = {source.list_name for source in SOURCES}
    if unknown := [name for name in names if name not in known]:
        fail(f"there is no list {', '.join(unknown)}; the lists are {', '.join(sorted(known))}", MISSING)
    return [source for source in SOURCES if not names or source.list_name in names]
