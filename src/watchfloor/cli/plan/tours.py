"""`watchfloor plan tours`: tours that collect prizes."""

from pathlib import Path
from typing import Annotated, Final

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import JsonOption, LangOption, busy, err, finite, print_json, print_table
from watchfloor.core.messages import declare, reason
from watchfloor.messages import number

SCORE: Final = declare("patrols.tours-score", "score", "bound")


def tours(
    instance: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="Instance: .oplib, or VRPLIB with or without prizes."
        ),
    ],
    seconds: Annotated[
        float,
        typer.Option(min=0, max=86400, callback=finite, help="Seconds of search, once all is compiled."),
    ] = 10.0,
    threads: Annotated[
        int, typer.Option(min=1, max=64, help="Searches at the same time; the best counts.")
    ] = 1,
    seed: Annotated[int, typer.Option(min=0, max=2**30, help="Seed of the search.")] = 0,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Plan tours that collect prizes: one that collects most, or several that cost least; with a bound.

    An orienteering problem (TYPE OP) gives one tour no longer than COST_LIMIT: `score` is what it collects,
    the depot's too, and `routes` has the numbers of the file. VRPLIB gives tours within capacity and windows
    of time: `score` is their distance and the prizes that are not collected, in tenths where there are
    windows, and `routes` counts the stops after the depot from 1. No tours have a better score than `bound`.

    Example: watchfloor plan tours att48-gen1-50.oplib --seconds 10 --threads 1 --json
    """
    from msgspec import to_builtins

    from watchfloor.planning.patrols import tours as planning
    from watchfloor.planning.patrols.instances import read

    with refusals(lang), busy("reading") as say:
        read_in = read(instance)
        say("compiling, up to a minute, once on this machine")
        answer = planning.solve(read_in, seconds, threads, seed, say=say)
    if as_json:
        print_json(to_builtins(answer))
        return
    rows = (
        (str(number), str(len(one)), " ".join(map(str, one))) for number, one in enumerate(answer.routes, 1)
    )
    french = lang == "fr"
    heads = ("tournée", "arrêts", "itinéraire") if french else ("tour", "stops", "route")
    print_table("", heads, rows, "aucune tournée" if french else "no tour")
    told = reason(SCORE, score=number(answer.score, lang), bound=number(answer.bound, lang))
    err.print(told.render(lang), markup=False, highlight=False)
