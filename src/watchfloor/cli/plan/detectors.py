"""`watchfloor plan detectors`: where scarce teams go next season, from earlier seasons alone."""

from pathlib import Path
from typing import Annotated

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import JsonOption, LangOption, busy, err, print_json, print_table


def detectors(
    history: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, metavar="HISTORY", help="CSV: area, season, found; may have teams."
        ),
    ],
    season: Annotated[
        str,
        typer.Option(help="The season to plan, as the history writes it; nothing of it or later is read."),
    ],
    teams: Annotated[int | None, typer.Option(help="Teams to be placed, all alike; or --detectors.")] = None,
    detectors: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="CSV: detector, kind; may have confirmed, missed, refuted, cleared, "
            "capacity (items a season), ready, at.",
        ),
    ] = None,
    ports: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV: area; may have region, flow (a season), now."),
    ] = None,
    hit: Annotated[float, typer.Option(help="Chance that a team finds an event of its area.")] = 0.5,
    explore: Annotated[float, typer.Option(help="Share of the teams that explore.")] = 0.1,
    move: Annotated[
        float, typer.Option(help="Share of all finds that a team must add before it moves; needs `now`.")
    ] = 0.01,
    dependence: Annotated[
        float, typer.Option(help="Share of events that are as easy or as hard for detectors of all kinds.")
    ] = 0.2,
    least: Annotated[int, typer.Option(min=0, help="Teams that each region has at least.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Decides draws; commit it before the season.")] = 0,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Place detectors for the next season, with a reason for each port, and say what is not covered.

    `expected` is the share of all events that the placement would find, `worst_tenth` the same in the worst
    tenth of what may come. The robust plan and the optimistic one stand beside it.

    Example: watchfloor plan detectors history.csv --teams 9 --season FY2026 --json
    """
    from msgspec import to_builtins

    from watchfloor.planning.detectors.plan import plan
    from watchfloor.planning.detectors.record import Terms, summary

    terms = Terms(teams, season, hit, explore, seed, ports, move, least, detectors, dependence)
    with refusals(lang), busy("reading") as say:
        record = plan(history, terms, say)
    if as_json:
        whole = to_builtins(record)
        whole["notes"] = [one.render(lang) for one in record.notes]
        for port, row in zip(record.ports, whole["ports"], strict=True):
            row["why"] = [one.render(lang) for one in port.why]
        print_json(whole)
        return
    rows = (
        (port.area, str(port.teams), "; ".join(one.render(lang) for one in port.why))
        for port in record.ports
        if port.teams
    )
    heads = ("port", "teams", "why here") if lang == "en" else ("point d’entrée", "équipes", "pourquoi ici")
    print_table("", heads, rows, "")
    for note in (*summary(record), *record.notes):
        err.print(note.render(lang), markup=False, highlight=False)
