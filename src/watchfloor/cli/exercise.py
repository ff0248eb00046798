"""`watchfloor exercise make`: a day of feeds with an answer key."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.common import JsonOption, busy, err, fail, print_json

if TYPE_CHECKING:
    from watchfloor.exercise.make import Target

app = typer.Typer(help="Exercises: generated feeds with an answer key.", no_args_is_help=True)

ListOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--lists", exists=True, help="Real lists, files or folders, to plant entities of; repeatable."
    ),
]


@app.command("make")
def make_exercise(
    out: Annotated[Path, typer.Argument(help="A new folder.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    scale: Annotated[float, typer.Option(help="1 is 400 benign parties.")] = 1.0,
    lists: ListOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write feeds, a list and an answer key.

    Example: watchfloor exercise make exercise --seed 7 --scale 10
    """
    from watchfloor.exercise.make import make

    try:
        with busy("making the exercise"):
            made = make(out, seed=seed, scale=scale, targets=targets(lists, seed))
    except (ValueError, FileExistsError) as error:
        fail(str(error))
    if as_json:
        print_json({"feeds": made.feeds, "lists": made.lists, "key": made.key, "parties": made.parties})
        return
    err.print(
        f"{made.parties} parties in {made.feeds}, {len(made.planted)} of them listed; answers in {made.key}",
        highlight=False,
    )


def targets(lists: list[Path] | None, seed: int) -> "tuple[Target, ...]":
    """Entities of real lists to plant; none without lists."""
    if not lists:
        return ()
    from watchfloor.exercise.make import from_listings
    from watchfloor.reference.listings import read

    return from_listings(read(lists, report=lambda _: None), seed)
