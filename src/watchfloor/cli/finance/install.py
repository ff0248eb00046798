"""`watchfloor finance install`: a fitted model is put on a floor, and the finance desk speaks by it."""

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
    from watchfloor.desks.finance.models.installed import Installed


def install(
    model: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="What `finance fit` wrote; none with --remove."),
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    level: Annotated[float, typer.Option(help="Chance from which a payment is told, 0 to 1.")] = 0.5,
    strong: Annotated[float, typer.Option(help="Chance from which it is told as strong.")] = 0.9,
    remove: Annotated[bool, typer.Option("--remove", help="Take the model of the floor away.")] = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Put a fitted model on a floor; the finance desk then tells payments of the labelled kind, and why.

    It takes the place of the one that is there. The log says which model (digest), fitted until when, on
    whose labels, and from which chance on it speaks. Nothing follows from a score alone.

    Example: watchfloor finance install model.json --floor bank --level 0.5
    """
    from watchfloor.desks.finance.models.installed import FILE
    from watchfloor.store import Floor

    opened = Floor.open(floor)
    refuse(opened, FILE, model, remove, "no model")
    made = None if model is None else _made(model, level, strong)
    content, said = (None, {}) if made is None else (made.stored(), _said(made))
    told = put(opened, FILE, content, said, acting(purpose, authority))
    if as_json:
        print_json(told)
        return
    print_lines(told)
    typer.echo("the desk speaks by it from its next run on: watchfloor run --desk finance")


def _made(model: Path, level: float, strong: float) -> "Installed":
    """Return the model to install. Ends the command where it may not be."""
    from watchfloor.desks.finance.models import installed
    from watchfloor.desks.finance.models.labels import ReportsAsLabelsError, refuse_reports
    from watchfloor.desks.finance.models.model import FitError

    try:
        made = installed.install(model.read_bytes(), level, strong)
        refuse_reports([made.fitted.origin])
    except (FitError, ReportsAsLabelsError) as error:
        fail(f"{model.name}: {error}")
    return made


def _said(made: "Installed") -> dict[str, Any]:
    """Return the log's description of the model."""
    fitted = made.fitted
    return {
        "model": made.digest,
        "level": made.level,
        "strong": made.strong,
        "until": fitted.until,
        "origin": fitted.origin,
        "labelled": fitted.labelled[0],
        "positive": fitted.labelled[1],
    }
