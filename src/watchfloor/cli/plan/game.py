"""`watchfloor plan game`: what to cover with which probability, where somebody watches."""

import secrets
from pathlib import Path
from typing import Annotated, Final

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import JsonOption, LangOption, err, finite, print_json, print_table
from watchfloor.core.messages import declare, reason
from watchfloor.messages import number

DAY: Final = declare("patrols.game-day", "number", "targets")
VALUE: Final = declare("patrols.game-value", "value", "worst", "gain", "percent", "seed", "commitment")


def game(
    payoffs: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="CSV or Parquet, a row a target: target, defender_covered, defender_uncovered, "
            "attacker_covered, attacker_uncovered.",
        ),
    ],
    resources: Annotated[
        float, typer.Option(min=0, callback=finite, help="Targets that can be covered each day.")
    ],
    rationality: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1e6,
            callback=finite,
            help="Quantal response: 0 attacks anything, large the best; else the best alone.",
        ),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days to draw, all seen by the adversary.")] = 30,
    seed: Annotated[
        str,
        typer.Option(help="Seed of the draw, any text; else one is drawn. Keep it until the days are over."),
    ] = "",
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Cover targets with the probabilities that are best against somebody who watches, and draw a schedule.

    `value` is what the defender can expect at the equilibrium, `worst` what it is where the adversary breaks
    ties against them. `exploitability` is what an adversary who knows the probabilities of the draw gains
    over the equilibrium, `observed` what one gets who saw the days drawn, `predictability` the share of a
    day's targets that the best forecast names. `commitment` may be published: it proves the seed later.

    Example: watchfloor plan game payoffs.csv --resources 9 --json
    """
    from msgspec import to_builtins

    from watchfloor.planning.patrols import game as planning
    from watchfloor.planning.patrols import quantal
    from watchfloor.planning.patrols.payoffs import read

    with refusals(lang):
        table = read(payoffs)
    if rationality is None:
        found = planning.solve(table, resources)
    else:
        found = quantal.solve(table, resources, rationality)
    drawn_by = seed or secrets.token_hex(16)
    schedule = planning.schedule(table, found, drawn_by, days)
    marginals = dict(zip(table.targets, found.cover.tolist(), strict=True))
    if as_json:
        answer = {
            "value": found.value,
            "marginals": marginals,
            "exploitability": schedule.exploitability,
            "predictability": schedule.predictability,
            "worst": found.worst,
            "attacker": found.attacker,
            "target": table.targets[found.target],
            "observed": to_builtins(schedule.observed),
            "seed": drawn_by,
            "commitment": planning.commitment(drawn_by),
            "days": schedule.days,
        }
        print_json(answer)
        return
    most = sorted(marginals.items(), key=lambda one: -one[1])
    heads = ("target", "probability") if lang == "en" else ("cible", "probabilité")
    print_table("", heads, ((name, number(share, lang, 4)) for name, share in most), "")
    told = [reason(DAY, number=at, targets=", ".join(one) or "–") for at, one in enumerate(schedule.days, 1)]
    figures = {"value": found.value, "worst": found.worst, "gain": schedule.exploitability}
    written = {name: number(one + 0.0, lang, 4) for name, one in figures.items()}
    percent = number(100 * schedule.predictability, lang, 1)
    proof = {"seed": drawn_by, "commitment": planning.commitment(drawn_by)}
    told.append(reason(VALUE, percent=percent, **written, **proof))
    for line in told:
        err.print(line.render(lang), markup=False, highlight=False)
