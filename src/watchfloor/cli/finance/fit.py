"""`watchfloor finance fit`: a model of payments, from labelled ones before a moment."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import PARTLY, JsonOption, busy, err, fail, print_json
from watchfloor.cli.finance.files import (
    AccountsOption,
    PaymentsArgument,
    ViewOption,
    micros,
    payments,
    print_lines,
    print_notes,
    until_of,
)
from watchfloor.cli.finance.sentences import ToldOption, counts, heard

if TYPE_CHECKING:
    import pyarrow as pa


def fit(
    file: PaymentsArgument,
    labels: Annotated[
        Path,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="CSV of payment_id and label (1 or 0), and origin where known: who found it.",
        ),
    ],
    until: Annotated[
        str,
        typer.Option(metavar="T", help="Only payments before it (a day: its start) count."),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="MODEL", help="Where to write the model.")
    ],
    view: ViewOption = None,
    accounts: AccountsOption = None,
    origin: Annotated[
        str, typer.Option(help="Who said what the labels are, such as: closed cases of 2025.")
    ] = "",
    told: ToldOption = None,
    begin: Annotated[
        bool, typer.Option("--begin", help="Only first models, to be joined with partners' and gone on with.")
    ] = False,
    onto: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A joined model whose first models are taken."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fit a model: how likely each payment is one of those that people labelled 1.

    Nothing at or after the moment is looked at. Labels may not come from reports that were filed: that a
    report exists is no label. A model says which payments look like those; what they are, people find out.

    Example: watchfloor finance fit payments.csv --labels labels.csv --until 2026-03-01 -o model.json
    """
    from watchfloor.desks.finance.models import model
    from watchfloor.desks.finance.payments import read_labels
    from watchfloor.formats.base import FormatError

    when = until_of(until)
    with busy(f"reading {file.name}") as say:
        table, rows = payments(file, view, accounts)
        try:
            named = read_labels(labels)
        except FormatError as error:
            fail(str(error))
        found = model.beside(rows, named)
        hearsay = heard(rows, view, told)
        try:
            made = model.fit(
                rows,
                found.values,
                micros(when),
                origin=_origin(named, origin),
                heard=hearsay,
                begun=model.load(onto.read_bytes()) if onto else None,
                seeds=() if begin else model.SEEDS,
                say=say,
            )
        except model.FitError as error:
            fail(str(error))
    output.write_bytes(made.stored())
    said: dict[str, Any] = {
        "model": str(output),
        "until": when.isoformat(),
        "payments": rows.num_rows,
        "learned_from": made.labelled[0],
        "labelled_1": made.labelled[1],
        "unknown_labels": found.unknown,
        "labelled_both_ways": found.disagreeing,
        **counts(hearsay),
        "refused": table.reasons,
    }
    if as_json:
        print_json(said)
    else:
        print_notes(table)
        print_lines({name.replace("_", " "): value for name, value in said.items() if value != {}})
    if found.unknown:
        err.print(
            f"{found.unknown:,} labels name no payment of {file.name}" + (f" at {view}" if view else ""),
            highlight=False,
            markup=False,
        )
    if said["refused"] or said.get("told_of_unknown") or found.disagreeing or (found.unknown and not view):
        raise typer.Exit(PARTLY)


def _origin(named: "pa.Table", stated: str) -> str:
    """Who found what the labels say. Ends the command where it was a report that was filed."""
    from watchfloor.desks.finance.models.labels import ReportsAsLabelsError
    from watchfloor.desks.finance.payments import origin_of

    try:
        found = origin_of(named, stated)
    except ReportsAsLabelsError as error:
        fail(f"{error}. Labels without a column of origins may have one for all: --origin")
    if not found:
        err.print("nothing says who found what the labels say: state it by --origin", highlight=False)
    return found
