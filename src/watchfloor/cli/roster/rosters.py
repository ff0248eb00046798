"""`watchfloor roster solve` and `roster check`: rosters of an instance, and what they breach."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import JsonOption, LangOption, busy, err, print_json, print_table
from watchfloor.core.messages import declare, reason
from watchfloor.messages import Language, number

if TYPE_CHECKING:
    from watchfloor.planning.rosters.check import Breach

BOUND: Final = declare("rosters.bound", "cost", "bound")
BROKEN: Final = declare("rosters.broken")

InstanceArgument = Annotated[
    Path,
    typer.Argument(
        metavar="INSTANCE",
        help="Folder with rules.toml, a text of T. Curtois' benchmark, or of INRC-II FOLDER/H_0-WD_1-2-3.",
    ),
]
FormatOption = Annotated[
    Literal["curtois", "inrc2", "own"] | None,
    typer.Option("--format", help="Format, where the path does not tell."),
]


def solve(
    instance: InstanceArgument,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="ROSTER", help="Table or .xml; of INRC-II a new folder of weeks."
        ),
    ],
    which: FormatOption = None,
    seconds: Annotated[
        float, typer.Option(min=1, help="Seconds after which it ends with what it has.")
    ] = 600.0,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of the search.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Decides the order of the search.")] = 0,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Make a roster, and say how much less any other could cost: no lawful roster costs less than `bound`.

    Example: watchfloor roster solve Instance7.txt --seconds 60 -o roster.txt --json
    """
    from watchfloor.actions import base
    from watchfloor.planning.rosters import instances
    from watchfloor.planning.rosters import solve as solving

    with refusals(lang), busy("reading") as say:
        found = instances.read(instance, which or "")
        base.refuse_existing(output)
        made = solving.solve(found.problem, seconds, threads, seed, say)
        files = found.files(made.grid, output, made.verdict.cost)
        if list(files) == [output.name]:
            with base.new_file(output, files[output.name]):
                pass
        else:
            output.mkdir(parents=True)
            for name, data in files.items():
                with base.new_file(output / name, data):
                    pass
    verdict = made.verdict
    if as_json:
        print_json(
            {
                "feasible": verdict.feasible,
                "cost": verdict.cost,
                "bound": made.bound,
                "parts": verdict.parts,
                "seconds": round(made.seconds, 3),
            }
        )
        return
    french = lang == "fr"
    heads = ("clause", "coût") if french else ("clause", "cost")
    rows = ((name, number(cost, lang)) for name, cost in verdict.parts.items())
    print_table("", heads, rows, "")
    told = [reason(base.WROTE, file=str(output))]
    told.append(reason(BOUND, cost=number(verdict.cost, lang), bound=number(made.bound, lang)))
    told += [] if verdict.feasible else [reason(BROKEN)]
    for one in told:
        err.print(one.render(lang), highlight=False, markup=False)


def check(
    instance: InstanceArgument,
    roster: Annotated[
        Path,
        typer.Argument(
            metavar="ROSTER", help="As `roster solve` writes it, or as the benchmark publishes it."
        ),
    ],
    which: FormatOption = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Check a roster against every rule: what it costs, and each breach with its clause.

    Ends with 1 if a rule that must be kept is not. With --json the first line is what it costs, then comes a
    line a breach; days count from 0, and a breach without `cost` is of a rule that must be kept.

    Example: watchfloor roster check Instance7.txt roster.txt --json
    """
    from msgspec import to_builtins

    from watchfloor.planning.rosters import check as checking
    from watchfloor.planning.rosters import instances

    with refusals(lang), busy("reading"):
        found = instances.read(instance, which or "")
        verdict = checking.check(found.problem, instances.read_roster(found, roster))
    if as_json:
        whole = to_builtins(verdict)
        breaches = whole.pop("breaches")
        print_json(whole)
        for one in breaches:
            print_json(one)
    else:
        french = lang == "fr"
        heads = (
            ("qui", "jours", "clause", "de", "coût") if french else ("who", "days", "clause", "by", "cost")
        )
        rows = (_row(one, lang) for one in verdict.breaches)
        print_table("", heads, rows, "aucune infraction" if french else "no breach")
    raise typer.Exit(0 if verdict.feasible else 1)


def _row(one: "Breach", lang: Language) -> tuple[str, ...]:
    days = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
    must = "à respecter" if lang == "fr" else "must be kept"
    cost = must if one.cost is None else number(one.cost, lang)
    return one.person or one.what, days, one.clause, number(one.amount, lang), cost
