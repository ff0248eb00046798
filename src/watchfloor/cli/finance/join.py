"""`watchfloor finance join`: models of several banks as one."""

from pathlib import Path
from typing import Annotated, Any

import typer

from watchfloor.cli.common import JsonOption, fail, print_json
from watchfloor.cli.finance.files import print_lines


def join(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="MODEL...",
            exists=True,
            dir_okay=False,
            help="Models that `watchfloor finance fit` wrote.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="MODEL", help="Where to write the joined model.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Join models that banks fitted apart: the mean of what their trees think. No payment is in a model.

    Example: watchfloor finance join bank-a.json bank-b.json bank-c.json -o joined.json
    """
    from watchfloor.desks.finance.models import model

    models = []
    for file in files:
        try:
            models.append(model.load(file.read_bytes()))
        except model.FitError as error:
            fail(f"{file.name}: {error}")
    try:
        made = model.joined(models)
    except model.FitError as error:
        fail(f"{', '.join(file.name for file in files)}: {error}")
    output.write_bytes(made.stored())
    told: dict[str, Any] = {
        "model": str(output),
        "models": len(models),
        "first_models": len(made.first),
        "second_models": len(made.second),
        "learned_from": made.labelled[0],
        "labelled_1": made.labelled[1],
    }
    if as_json:
        print_json(told)
    else:
        print_lines({name.replace("_", " "): value for name, value in told.items()})
