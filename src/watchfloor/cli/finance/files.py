"""Files that the commands of `watchfloor finance` read, and how what was left out is told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.common import err, fail
from watchfloor.cli.moments import moment

if TYPE_CHECKING:
    from watchfloor.desks.finance.payments import Payments
    from watchfloor.formats.payments.table import PaymentTable

PaymentsArgument = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        help="CSV or Parquet of payments: payment_id, at, payer, payee, payer_bank, payee_bank, amount, "
        "currency, and where known channel, purpose, branch, device, memo… and numbers payer_* and "
        "payee_*; or an export of AMLworld, AMLSim or AMLGentex.",
    ),
]
ViewOption = Annotated[
    str | None, typer.Option(metavar="BANK", help="Only what that bank sees: payments of its own accounts.")
]
AccountsOption = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        metavar="ACCOUNTS",
        help="Table of accounts: account_id, and holder_type, opened, occupation, naics where known.",
    ),
]

STEP: Final = timedelta(days=1)


def payments(path: Path, view: str | None, accounts: Path | None) -> "Payments":
    """The file, and those of its rows that the view sees. Ends the command where there are none."""
    from watchfloor.desks.finance.ledger import ViewError
    from watchfloor.desks.finance.payments import read_payments
    from watchfloor.formats.base import FormatError

    try:
        return read_payments(path, view, accounts)
    except (FormatError, ViewError) as error:
        fail(str(error))


def print_notes(table: "PaymentTable") -> None:
    """Say on standard error how the file was read and what was left out."""
    for note in table.notes:
        err.print(note, highlight=False, markup=False)
    for one in table.refused:
        err.print(
            f"left out {one.number:,}: {one.reason}, such as {one.example}", highlight=False, markup=False
        )


def until_of(text: str) -> datetime:
    """The moment that `--until` says: ISO 8601, a day (its start), or a number as in files of steps."""
    if text.isascii() and text.replace(".", "", 1).isdigit():
        number = float(text)
        start = datetime.fromtimestamp(0, UTC)
        return start + (timedelta(seconds=number) if number >= 1e8 else STEP * number)
    return moment(text, "--until", first=True)


def micros(when: datetime) -> int:
    """µs since 1970."""
    return (when - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)


def print_lines(lines: dict[str, Any]) -> None:
    """Print a command's results, a line each."""
    for name, value in lines.items():
        typer.echo(f"{name}: {value}")
