"""`watchfloor finance patterns`: schemes among payments, each with the payments and accounts that make it
up."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import PARTLY, JsonOption, busy, counted, err, print_json
from watchfloor.cli.finance_files import PaymentsArgument, ViewOption, payments, refused, tell
from watchfloor.cli.writing import writer

if TYPE_CHECKING:
    from watchfloor.desks.finance.patterns.tables import Found


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
    as_json: JsonOption = False,
) -> None:
    """Find fans, gathers and scatters, cycles, bipartites and stacks, each with its payments.

    One row an instance: instance_id, typology, payment_ids, accounts, from, to, amount (the sum of its
    payments), currency, score. An instance rests on no payment later than its last, but for pairs that go on
    paying each other, which speak against it. It is an invitation to look: a club that pays back its fees is
    a fan, too.

    Example: watchfloor finance patterns payments.csv -o instances.parquet
    """
    from watchfloor.desks.finance.patterns import tables

    write = writer(output, "instances")
    with busy(f"reading {file.name}") as say:
        table, rows = payments(file, view, None)
        began = time.perf_counter()
        found = tables.find(rows, tables.THRESHOLD if least is None else least, say)
        took = time.perf_counter() - began
        say(f"writing {output.name}")
        write(output, found.rows.schema, iter([found.rows]))
    told: dict[str, Any] = {
        "instances": found.rows.num_rows,
        "typologies": found.typologies,
        "payments": rows.num_rows,
        "cut": found.cut,
        "refused": sum(refused(table).values()),
        "reasons": refused(table),
        "notes": list(table.notes),
        "seconds": round(took, 3),
    }
    if as_json:
        print_json(told)
    else:
        tell(table)
        _tell(found, told, output)
    if told["refused"]:
        raise typer.Exit(PARTLY)


def _tell(found: "Found", told: dict[str, Any], output: Path) -> None:
    if found.cut:
        searches = counted(found.cut, "search", "searches")
        err.print(f"cut short: {searches} around accounts with very many partners", highlight=False)
    if not told["instances"]:
        err.print("no pattern was found: nothing here is unusual enough for its accounts", highlight=False)
    for typology, count in told["typologies"].items():
        err.print(f"{typology}: {count:,}", highlight=False)
    done = f"{counted(told['instances'], 'instance')}: {output}"
    rate = told["payments"] / max(told["seconds"], 1e-9)
    err.print(f"{done} ({told['seconds']:.1f} s, {rate:,.0f} payments/s)", highlight=False, markup=False)
