"""`watchfloor cargo year`: a simulated year of inspections, to rehearse a budget before it is spent."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import JsonOption, busy, fail, print_json, print_table

if TYPE_CHECKING:
    from watchfloor.exercise.cargo_year.measure import Coverage, Summary
    from watchfloor.exercise.cargo_year.world import World

WORDS = "random, rules, greedy, quota, thompson, linucb, ours or oracle"
ShareOption = Annotated[float | None, typer.Option(help="Of ours: share of the budget, else the frozen one.")]


def year(
    strategy: Annotated[str, typer.Option(help=f"{WORDS}.")] = "ours",
    budget: Annotated[float, typer.Option(help="Share of a day's items that may be examined.")] = 0.01,
    seed: Annotated[int, typer.Option(help="The same seed gives the same year.")] = 1,
    days: Annotated[int, typer.Option(help="Days that count, after four weeks of rules and chance.")] = 365,
    items: Annotated[int, typer.Option(help="Benign items a day, on average.")] = 2000,
    world: Annotated[
        str, typer.Option(help="plain, crafty, calm, restless, copying, scarce or single.")
    ] = "plain",
    prevalence: Annotated[
        float | None, typer.Option(help="Hidden items per benign one, in place of the derived one.")
    ] = None,
    uncertain: ShareOption = None,
    at_random: ShareOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rehearse a year: drift, organisations that learn from what they lose, and one way of choosing.

    It proves nothing about a border: nearly all that a world is made of is judgement, see docs/cargo-year.md.

    Example: watchfloor cargo year --strategy ours --budget 0.01 --seed 1 --days 120
    """
    from watchfloor.exercise.cargo_year import measure, strategies
    from watchfloor.exercise.cargo_year import year as simulated

    made = _world(world, days, items, prevalence)
    if strategy not in (*strategies.MAKERS, strategies.ORACLE):
        fail(f"no strategy {strategy!r}: one of {WORDS}")
    try:
        frozen = strategies.with_shares(uncertain, at_random)
        with busy("day by day") as say:
            ran = simulated.run(
                made,
                strategies.maker(strategy, frozen, seed),
                seed,
                budget,
                knowing=strategy == strategies.ORACLE,
                say=say,
            )
    except ValueError as error:
        fail(str(error))
    said = _said(measure.summary(ran))
    told = {span: measure.coverage(measure.rates(ran, length)) for span, length in measure.SPANS.items()}
    if as_json:
        rates = {span: one._asdict() for span, one in told.items() if one.share is not None}
        print_json(
            {"strategy": strategy, "world": world, "seed": seed, "budget": budget, **said, "rates": rates}
        )
        return
    rows = [(name.replace("_", " "), _text(value)) for name, value in said.items()]
    print_table(f"{strategy} in world {world}, seed {seed}", ("of the year", ""), rows, "no day")
    _print_rates(told)


def _world(name: str, days: int, items: int, prevalence: float | None) -> "World":
    """The world as asked for. Ends the command where there is none."""
    from dataclasses import replace

    from watchfloor.exercise.cargo_year.world import WORLDS

    if name not in WORLDS:
        fail(f"no world {name!r}: one of {', '.join(WORLDS)}")
    base = WORLDS[name]
    try:
        return replace(
            base, days=days, items=items, prevalence=base.prevalence if prevalence is None else prevalence
        )
    except ValueError as error:
        fail(str(error))


def _said(of: "Summary") -> dict[str, Any]:
    return {
        "items": of.items,
        "examined": of.picks,
        "finds": of.finds,
        "finds_of_fentanyl": of.fentanyl,
        "hidden": of.hidden,
        "got_through": of.through,
        "best_on_these_days": of.best,
        "regret": of.regret,
        "finds_by_30_days": of.months,
    }


def _text(value: Any) -> str:
    return " ".join(f"{one:,}" for one in value) if isinstance(value, tuple) else f"{value:,}"


def _print_rates(told: "dict[str, Coverage]") -> None:
    """Whether the rates that the picks tell of were true, where their chances are known."""
    rows = [
        (span, one.estimates, f"{one.share:.1%}", f"{one.bias:+.1%}", f"{one.width:.1f}")
        for span, one in told.items()
        if one.share is not None
    ]
    heads = ("rate by", "estimates", "interval held the truth", "bias", "width over truth")
    print_table("Rates", heads, rows, "No rates: this way of choosing knows no chance for each item.")
