"""`watchfloor finance patterns`: schemes among payments, each with the payments and accounts that make it
up."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import PARTLY, JsonOption, busy, counted, err, fail, print_json
from watchfloor.cli.finance.files import PaymentsArgument, ViewOption, payments, print_notes
from watchfloor.cli.writing import writer

if TYPE_CHECKING:
    from watchfloor.desks.finance.patterns.tables import FoundInstances
    from watchfloor.desks.finance.rates import Rates


def patterns(
    file: PaymentsArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="INSTANCES", help="Where to write: .parquet or .csv.")
    ],
    view: ViewOption = None,
    least: Annotated[
        float | None,
        typer.Option(
            "--score",
            min=0.0,
            max=1.0,
            help="Least score: higher gives fewer instances, fewer of them false.",
        ),
    ] = None,
    rates: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="CSV of exchange rates, date,from,to,rate: compare payments of several currencies by what "
            "they were worth on their day.",
        ),
    ] = None,
    window: Annotated[
        int,
        typer.Option(min=1, max=365, metavar="DAYS", help="Longest time from first to last payment."),
    ] = 14,
    as_json: JsonOption = False,
) -> None:
    """Find fans, gathers and scatters, cycles, bipartites and stacks, each with its payments.

    One row an instance: instance_id, typology, payment_ids, accounts, from, to, amount (the sum of its
    payments), currency, amounts (the exact sums by currency), score. An instance rests on no payment later
    than its last, but for pairs that go on paying each other, which speak against it. It is an invitation to
    look: a club that pays back its fees is a fan, too.

    Example: watchfloor finance patterns payments.csv -o instances.parquet
    """
    from watchfloor.desks.finance.payments import find_patterns

    write = writer(output, "instances")
    with busy(f"reading {file.name}") as say:
        worth = None if rates is None else _rates(rates)
        given = payments(file, view, None)
        began = time.perf_counter()
        found = find_patterns(given, least=least, rates=worth, window=window, say=say)
        took = time.perf_counter() - began
        say(f"writing {output.name}")
        write(output, found.rows.schema, iter([found.rows]))
    table = given.table
    told: dict[str, Any] = {
        "instances": found.rows.num_rows,
        "typologies": found.typologies,
        "payments": given.rows.num_rows,
        "window_days": window,
        "rates": None if worth is None else worth.base,
        "apart": found.apart,
        "cut": found.cut,
        "refused": sum(table.reasons.values()),
        "reasons": table.reasons,
        "notes": list(table.notes),
        "seconds": round(took, 3),
    }
    if as_json:
        print_json(told)
    else:
        print_notes(table)
        _tell(found, told, output)
    if told["refused"]:
        raise typer.Exit(PARTLY)


def _rates(path: Path) -> "Rates":
    """The rates of a file. Ends the command where they cannot be used."""
    from watchfloor.desks.finance.rates import RatesError, read

    try:
        return read(path.read_bytes(), path.name)
    except RatesError as error:
        fail(str(error))


def _apart(found: "FoundInstances", rates: bool) -> str:
    """Which payments were compared only with those of their own currency; empty where that hides nothing."""
    counts = ", ".join(f"{number:,} in {code}" for code, number in found.apart.items())
    if rates and counts:
        return f"no rate holds for some payments, which are compared only within their currency: {counts}"
    if len(found.apart) > 1:
        return f"each currency is looked at apart, as no rates are given (--rates FILE): {counts}"
    return ""


def _tell(found: "FoundInstances", told: dict[str, Any], output: Path) -> None:
    if found.cut:
        searches = counted(found.cut, "search", "searches")
        err.print(f"cut short: {searches} around accounts with very many partners", highlight=False)
    if said := _apart(found, told["rates"] is not None):
        err.print(said, highlight=False, markup=False)
    if not told["instances"]:
        err.print("no pattern was found: nothing here is unusual enough for its accounts", highlight=False)
    for typology, count in told["typologies"].items():
        err.print(f"{typology}: {count:,}", highlight=False)
    done = f"{counted(told['instances'], 'instance')}: {output}"
    rate = told["payments"] / max(told["seconds"], 1e-9)
    err.print(f"{done} ({told['seconds']:.1f} s, {rate:,.0f} payments/s)", highlight=False, markup=False)
