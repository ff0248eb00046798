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
    from watchfloor.desks.finance.reasons import Explanation


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
    from watchfloor.desks.finance import model as models
    from watchfloor.desks.finance.reasons import explain

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
        made = _rows(rows, found, explain(found, rows, fitted.plan, fitted.words))
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


def _rows(rows: "pa.Table", found: "Scores", reasons: "list[list[Explanation]]") -> "pa.Table":
    """The scores in the order of the file."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.list_(pa.string())
    made = pa.table(
        {
            "payment_id": pc.cast(rows["payment_id"], pa.string()),
            "score": pa.array(found.score),
            "reasons": pa.array([[one.sentence for one in each] for each in reasons], texts),
            "rests_on": pa.array([[_stated(one) for one in each] for each in reasons], texts),
        }
    )
    return made.take(pc.sort_indices(rows["sequence"]))


def _stated(reason: "Explanation") -> str:
    """The payments that a reason rests on, as a text; of many the newest."""
    named = ", ".join(reason.payments)
    return named if len(reason.payments) == reason.total else f"{named} (the newest of {reason.total:,})"
