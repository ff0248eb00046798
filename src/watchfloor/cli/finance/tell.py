"""`watchfloor finance tell`: what one bank may tell another of its side of the payments between them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import (
    PARTLY,
    REFUSED,
    JsonOption,
    busy,
    fail,
    print_json,
)
from watchfloor.cli.finance.files import (
    AccountsOption,
    PaymentsArgument,
    payments,
    print_lines,
    print_notes,
)
from watchfloor.cli.finance.sentences import ToldOption, counts, heard
from watchfloor.cli.writing import writer

if TYPE_CHECKING:
    import pyarrow as pa


def tell_(
    file: PaymentsArgument,
    view: Annotated[str, typer.Option(metavar="BANK", help="The bank that tells, of its own accounts.")],
    to: Annotated[str, typer.Option(metavar="BANK", help="The partner, of payments with which it tells.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FIELDS", help="Where to write: .csv or .parquet.")
    ],
    model: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Tell as well what its first models thought of earlier payments.",
        ),
    ] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option(help="A fact of both sides to tell too, such as tenure_days; once for each."),
    ] = None,
    told: ToldOption = None,
    accounts: AccountsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what a partner may be told of the payments between two banks: a row each, levels, no names.

    `subject` is the payment's key, which both banks have; each other column is a level of this bank's account
    as it stood with that payment. `watchfloor share partnership offer` and `match` take the file as --fields,
    where a code of practice names the columns; --json prints how. Nothing leaves by this command.

    Example: watchfloor finance tell payments.csv --view bank-a --to bank-b -o to-b.csv
    """
    from watchfloor.desks.finance.models import feature_sharing
    from watchfloor.desks.finance.models import model as models

    write = writer(output, "fields")
    with busy(f"reading {file.name}") as say:
        table, rows = payments(file, view, accounts)
        if to == view:
            fail(f"{to} is the bank that tells: --to names another", REFUSED)
        facts = _facts(rows, fact or [])
        found = heard(rows, view, told)
        try:
            fitted = models.load(model.read_bytes()) if model else None
        except models.FitError as error:
            fail(f"{model.name if model else ''}: {error}")
        values, names = models.seen(rows, fitted, heard=found, say=say)
        made = feature_sharing.fields(rows, view, to, values, names, facts)
        if not made.num_rows:
            fail(f"no payment of {view} in {file.name} is with an account at {to!r}")
        write(output, made.schema, iter([made]))
    scales = feature_sharing.scales(rows)
    most, entropy = feature_sharing.bits(made, scales)
    said: dict[str, Any] = {
        "fields": str(output),
        "payments": made.num_rows,
        "bits_at_most": round(most, 1),
        "bits_by_entropy": round(entropy, 1),
        **counts(found),
        "refused": table.reasons,
    }
    if as_json:
        code = {
            name: {"of": "number", "low": 0, "high": scales[name].highest} for name in made.column_names[1:]
        }
        print_json(said | {"code": code})
    else:
        print_notes(table)
        print_lines({name.replace("_", " "): value for name, value in said.items() if value != {}})
    if said["refused"] or said.get("told_of_unknown"):
        raise typer.Exit(PARTLY)


def _facts(rows: "pa.Table", wanted: list[str]) -> list[str]:
    """The facts to tell. Ends the command for one that is not there, or that tells of a report."""
    from watchfloor.desks.finance.models.feature_sharing import facts_of
    from watchfloor.exchange.partnership.fields import telling

    known = facts_of(rows)
    for one in wanted:
        if telling(one):
            fail(f"{one!r} would say that a suspicious transaction report exists; it is never told", REFUSED)
        if one not in known:
            fail(f"{one!r} is no fact of both sides here; those are: {', '.join(known) or 'none'}")
    return wanted
