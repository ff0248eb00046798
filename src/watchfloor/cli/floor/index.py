"""`watchfloor floor index`: the index beside the catalogue, checked and made anew."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from watchfloor.cli.common import (
    BROKEN,
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    OK,
    AuthorityOption,
    FloorOption,
    JsonOption,
    acting,
    busy,
    counted,
    err,
    print_json,
    warn_of_old_pages,
)

if TYPE_CHECKING:
    from watchfloor.store.floor import Floor

app = typer.Typer(
    help="The index that search reads: derived from the evidence, and made anew whenever it is missing.",
    no_args_is_help=True,
)

UPKEEP = "upkeep"


@app.command()
def rebuild(
    floor: FloorOption = DEFAULT_FLOOR,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make the index anew from the evidence. Nothing but time is lost by it.

    Example: watchfloor floor index rebuild --floor floor
    """
    from watchfloor.store import catalogue
    from watchfloor.store.floor import Floor
    from watchfloor.store.index import current
    from watchfloor.store.verify import old_pages

    opened = Floor.open(floor)
    with busy("reading the evidence") as say, catalogue.snapshot(opened.root) as database:
        read = current.rebuild(
            opened.root,
            opened.key,
            database,
            lambda done, of: say(f"{done:,} of {counted(of, 'segment')} read"),
        )
    opened.act(acting(UPKEEP, authority), "query", {"what": "index rebuild", "segments": read})
    left = old_pages(floor)
    if left and not as_json:
        warn_of_old_pages()
    if as_json:
        print_json({"segments": read, "old_pages": left})
    else:
        typer.echo(
            f"indexed: {counted(read, 'segment')}" if read else "nothing to index: the floor has no evidence"
        )


@app.command()
def check(floor: FloorOption = DEFAULT_FLOOR, as_json: JsonOption = False) -> None:
    """Compare every row of the index with the evidence. `watchfloor floor verify` compares a sample.

    Ends with 0 where they agree and 3 where they do not.

    Example: watchfloor floor index check --floor floor
    """
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with busy("comparing the index with the evidence"):
        found = list(_found(opened))
    if as_json:
        print_json({"agrees": not found, "found": len(found), "findings": found})
    elif not _place(opened).exists():
        typer.echo("there is no index; the next search makes it")
    elif not found:
        typer.echo("the index agrees with the evidence")
    for one in [] if as_json else found:
        typer.echo(one)
    if found and not as_json:
        err.print(
            f"{counted(len(found), 'finding')}. Make it anew: watchfloor floor index rebuild --floor "
            f"{opened.root}"
        )
    raise typer.Exit(BROKEN if found else OK)


def _found(opened: "Floor") -> list[str]:
    from watchfloor.store import catalogue
    from watchfloor.store.index import checking

    with catalogue.snapshot(opened.root) as database:
        return list(checking.check(opened.root, opened.key, database, None))


def _place(opened: "Floor") -> Path:
    from watchfloor.store.index import file

    return file.path(opened.root)
