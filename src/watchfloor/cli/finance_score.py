"""`watchfloor finance score`: what a model thinks of payments, with reasons."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import PARTLY, JsonOption, busy, err, fail, print_json
from watchfloor.cli.finance_files import (
    AccountsOption,
    PaymentsArgument,
    ViewOption,
    payments,
    print_lines,
    refused,
    tell,
)
from watchfloor.cli.finance_told import ToldOption, counts, heard
from watchfloor.cli.writing import writer

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.desks.finance.model import Scores


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
    """Score payments: payment_id, score (a chance, 0 to 1) and reasons, in the order of the file.

    A score rests on the payment and those before it in the file, so give it the history too. It is an
    invitation to look: no account is closed and nothing is reported by a score.

    Example: watchfloor finance score payments.csv --model model.json -o scores.parquet
    """
    from watchfloor.desks.finance import model as models
    from watchfloor.desks.finance.reasons import sentences

    write = writer(output, "scores")
    with busy(f"reading {file.name}") as say:
        table, rows = payments(file, view, accounts)
        hearsay = heard(rows, view, told)
        try:
            fitted = models.load(model.read_bytes())
            found = models.score(rows, fitted, heard=hearsay, say=say)
        except models.FitError as error:
            fail(f"{model.name}: {error}")
        say("reasons")
        made = _rows(rows, found, sentences(found))
        write(output, made.schema, iter([made]))
    said: dict[str, Any] = {
        "scores": str(output),
        "payments": rows.num_rows,
        "above_half": int((found.score >= 0.5).sum()),
        **counts(hearsay),
        "refused": refused(table),
    }
    if as_json:
        print_json(said)
    else:
        tell(table)
        print_lines({name.replace("_", " "): value for name, value in said.items() if value != {}})
    if fitted.told and hearsay is None:
        err.print("the model was fitted with what partners told, and nothing is told here", highlight=False)
    if said["refused"] or said.get("told_of_unknown"):
        raise typer.Exit(PARTLY)


def _rows(rows: "pa.Table", found: "Scores", reasons: list[list[str]]) -> "pa.Table":
    """The scores in the order of the file."""
    import pyarrow as pa
    import pyarrow.compute as pc

    made = pa.table(
        {
            "payment_id": pc.cast(rows["payment_id"], pa.string()),
            "score": pa.array(found.score),
            "reasons": pa.array(reasons, pa.list_(pa.string())),
        }
    )
    return made.take(pc.sort_indices(rows["sequence"]))
