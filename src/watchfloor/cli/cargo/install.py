"""`watchfloor cargo install`: a fitted model is put on a floor, and the cargo desk speaks by it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    fail,
    print_json,
)
from watchfloor.cli.finance.files import print_lines
from watchfloor.cli.installing import put, refuse

if TYPE_CHECKING:
    from watchfloor.desks.cargo.installed import Installed


def install(
    model: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="What `cargo fit` wrote; none with --remove."),
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    level: Annotated[float, typer.Option(help="Chance from which an item is told, 0 to 1.")] = 0.3,
    strong: Annotated[float, typer.Option(help="Chance from which it is told as strong.")] = 0.7,
    remove: Annotated[bool, typer.Option("--remove", help="Take the model of the floor away.")] = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Put a model of declared goods on a floor; the cargo desk then tells items like those with a finding.

    It takes the place of the one that is there. The log says which model (digest), fitted until when, on how
    many examinations, and from which chance on it speaks. Nothing follows from a score alone.

    Example: watchfloor cargo install goods.json --floor targeting --level 0.3
    """
    from watchfloor.desks.cargo.installed import FILE
    from watchfloor.store import Floor

    opened = Floor.open(floor)
    refuse(opened, FILE, model, remove, "no model of goods")
    made = None if model is None else _made(model, level, strong)
    content, said = (None, {}) if made is None else (made.stored(), _said(made))
    told = put(opened, FILE, content, said, acting(purpose, authority))
    if as_json:
        print_json(told)
        return
    print_lines({name.replace("_", " "): value for name, value in told.items()})
    typer.echo("the desk speaks by it from its next run on: watchfloor run --desk cargo")


def _made(model: Path, level: float, strong: float) -> "Installed":
    """Return the model to install. Ends the command where it may not be."""
    from watchfloor.desks.cargo import installed
    from watchfloor.desks.cargo.model import FitError

    try:
        return installed.install(model.read_bytes(), level, strong)
    except FitError as error:
        fail(f"{model.name}: {error}")


def _said(made: "Installed") -> dict[str, Any]:
    """Return the log's description of the model."""
    fitted = made.fitted
    return {
        "model": fitted.digest,
        "level": made.level,
        "strong": made.strong,
        "until": fitted.until,
        "examined": fitted.examined[0],
        "with_a_finding": fitted.examined[1],
        "routes": fitted.origin,
    }
