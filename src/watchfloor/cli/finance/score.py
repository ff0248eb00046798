"""`watchfloor finance score`: what a model thinks of payments, with reasons."""

from pathlib import Path
from typing import Annotated, Any

import typer

from watchfloor.cli.common import PARTLY, JsonOption, busy, err, fail, print_json
from watchfloor.cli.finance.files import (
    AccountsOption,
    PaymentsArgument,
    ViewOption,
    payments,
    print_lines,
    print_notes,
)
from watchfloor.cli.finance.sentences import ToldOption, counts, heard
from watchfloor.cli.writing import writer


def score(
    file: PaymentsArgument,
    model: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="A model that `watchfloor finance fit` wrote.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="SCORES", help="Where to write: .parquet or .csv.")
    ],
    view: ViewOption = None,
    accounts: AccountsOption = None,
    told: ToldOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score payments: payment_id, score (a chance, 0 to 1), reasons, and for each reason the payments that it
    rests on, in the order of the file.

    A score rests on the payment and those before it in the file, so give it the history too. It is an
    invitation to look: no account is closed and nothing is reported by a score.

    Example: watchfloor finance score payments.csv --model model.json -o scores.parquet
    """
    from watchfloor.desks.finance.models import model as models
    from watchfloor.desks.finance.payments import scored

    write = writer(output, "scores")
    with busy(f"reading {file.name}") as say:
        table, rows = payments(file, view, accounts)
        hearsay = heard(rows, view, told)
        try:
            fitted = models.load(model.read_bytes())
            made = scored(rows, fitted, hearsay, say)
        except models.FitError as error:
            fail(f"{model.name}: {error}")
        write(output, made.schema, iter([made]))
    said: dict[str, Any] = {
        "scores": str(output),
        "payments": rows.num_rows,
        "above_half": int((made["score"].to_numpy() >= 0.5).sum()),
        **counts(hearsay),
        "refused": table.reasons,
    }
    if as_json:
        print_json(said)
    else:
        print_notes(table)
        print_lines({name.replace("_", " "): value for name, value in said.items() if value != {}})
    if fitted.told and hearsay is None:
        err.print("the model was fitted with what partners told, and nothing is told here", highlight=False)
    if said["refused"] or said.get("told_of_unknown"):
        raise typer.Exit(PARTLY)
