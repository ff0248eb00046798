"""`admin exercise make` and `score`: a day of feeds with an answer key, and a queue held against it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.acting import WeightsOption
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    AuthorityOption,
    JsonOption,
    PurposeOption,
    busy,
    err,
    fail,
    print_json,
    print_table,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.cell.learning.calibration import Share
    from watchfloor.exercise.key import Key
    from watchfloor.exercise.lists import Target
    from watchfloor.exercise.make import Made
    from watchfloor.exercise.score import Place, Score
    from watchfloor.store.floor import Floor

app = typer.Typer(help="Exercises: generated feeds with an answer key.", no_args_is_help=True)

PURPOSE = "exercise"

ListOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--lists", exists=True, help="Real lists, files or folders, to plant entities of; repeatable."
    ),
]
SeedOption = Annotated[int, typer.Option(help="The same seed gives the same bytes.")]
ScaleOption = Annotated[float, typer.Option(help="1 is a thousandth of a Canadian day, 1000 the whole day.")]
SensorsOption = Annotated[
    bool,
    typer.Option("--sensors/--no-sensors", help="Whether sensors look too: theirs are most of the rows."),
]


@app.command("make")
def make_exercise(
    out: Annotated[Path, typer.Argument(help="A new folder.")],
    seed: SeedOption = 1,
    scale: ScaleOption = 1.0,
    lists: ListOption = None,
    sensors: SensorsOption = True,
    as_json: JsonOption = False,
) -> None:
    """Write feeds, a list, settings for a floor and, apart from them, the answer key.

    Example: watchfloor admin exercise make exercise --seed 7 --scale 10
    """
    from watchfloor.exercise.make import make

    try:
        with busy("making the exercise"):
            made = make(out, seed=seed, scale=scale, targets=targets(lists, seed), sensors=sensors)
    except (ValueError, FileExistsError) as error:
        fail(str(error))
    if as_json:
        places = {"feeds": made.feeds, "lists": made.lists, "settings": made.settings, "key": made.key}
        places |= {"means": made.means, "surroundings": made.surroundings}
        print_json(places | {"rows": made.rows, "storylines": len(made.answers.true)})
        return
    err.print(f"{described(made)}; answers in {made.key}", highlight=False, markup=False)
    around = f" cp {made.surroundings} floor;" if made.surroundings else ""
    err.print(
        f"Next: watchfloor init --floor floor --exercise --feeds {made.settings} --means {made.means};"
        f"{around} watchfloor ingest {made.lists or '(the lists)'} {made.feeds} --floor floor;"
        " watchfloor run --floor floor;"
        f" watchfloor admin exercise score floor --key {made.key}",
        highlight=False,
        markup=False,
    )


@app.command("score")
def score_exercise(
    floor: Annotated[Path, typer.Argument(help="The floor that took the exercise in.")],
    key: Annotated[Path, typer.Option("--key", exists=True, dir_okay=False, help="The answer key.")],
    minutes: Annotated[
        float, typer.Option(min=0.1, help="What looking at a lead takes an officer, in minutes.")
    ] = 15.0,
    weights: WeightsOption = None,
    purpose: PurposeOption = PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Hold a floor's queue against an answer key: what was found, how far down, how sure, how soon.

    A lead leads to a storyline when it names at least one of its subjects, or a track of something in it.

    Example: watchfloor admin exercise score floor --key exercise/key/answer-key.json
    """
    from watchfloor.actions.leads import log_shown
    from watchfloor.cli.face import Terminal
    from watchfloor.exercise.following import followed_on
    from watchfloor.exercise.score import score

    answers = _answers(key)
    context = Terminal(floor, purpose, authority, "en", weights=weights)
    opened, found = context.floor, context.queue
    _check(opened, answers, key, purpose)
    with busy("scoring"):
        tracks = followed_on(opened, context.reader, answers)
        result = score(found, answers, minutes, tracks)
    log_shown(context, found, [one.lead_id for one in found])
    if as_json:
        print_json(score_row(result))
    else:
        show_score(result)


def targets(lists: list[Path] | None, seed: int) -> "tuple[Target, ...]":
    """Entities of real lists to plant; none without lists."""
    if not lists:
        return ()
    from watchfloor.exercise.lists import from_listings
    from watchfloor.reference.listings import read

    return from_listings(read(lists, report=lambda _: None), seed)


def described(made: "Made") -> str:
    """What an exercise holds, in a sentence."""
    rows = ", ".join(f"{count:,} {feed}" for feed, count in made.rows.items())
    alike = len(made.answers.storylines) - len(made.answers.true)
    return (
        f"rows of {rows} in {made.feeds}; {len(made.answers.true)} storylines and {alike} look-alikes in them"
    )


def show_score(result: "Score") -> None:
    """Print a score as two tables."""
    heads = ("storyline", "find", "rank", "leads", "lead", "chance", "minutes")
    print_table("Storylines", heads, map(_cells, result.places), "The key holds no storyline.")
    rows = [(f"precision of the first {k}", _percent(one)) for k, one in result.precision.items()]
    rows += [
        ("storylines among the first 20", _percent(result.recall)),
        ("Brier score", _decimal(result.brier, 4)),
        ("expected calibration error", _decimal(result.ece, 4)),
        ("Brier score at the day's base rates", _decimal(result.brier_here, 4)),
        ("calibration error at the day's base rates", _decimal(result.ece_here, 4)),
        ("median minutes to a signal", _decimal(result.minutes_to_lead, 0)),
        (
            f"false leads an hour, {result.minutes_per_lead:g} minutes each",
            _decimal(result.false_per_hour, 2),
        ),
    ]
    measures = ("measure", "value", "95 % interval", "cases")
    print_table(f"Score of {result.leads:,} leads", measures, ((name, *said) for name, said in rows), "")


def score_row(result: "Score") -> dict[str, Any]:
    """A score as JSON."""
    from dataclasses import asdict

    return {
        "leads": result.leads,
        "precision": {str(k): asdict(one) for k, one in result.precision.items()},
        "recall_at_20": asdict(result.recall),
        "brier": asdict(result.brier),
        "ece": asdict(result.ece),
        "brier_at_own_base_rates": asdict(result.brier_here),
        "ece_at_own_base_rates": asdict(result.ece_here),
        "minutes_to_lead": asdict(result.minutes_to_lead),
        "false_leads_per_officer_hour": asdict(result.false_per_hour),
        "minutes_per_lead": result.minutes_per_lead,
        "storylines": [_place_row(one) for one in result.places],
    }


def _place_row(one: "Place") -> dict[str, Any]:
    return {
        "name": one.storyline.name,
        "title": one.storyline.title,
        "to_find": one.storyline.true,
        "rank": one.rank,
        "lead_id": one.lead_id,
        "hypothesis": one.hypothesis,
        "probability": one.probability,
        "minutes": one.minutes,
        "leads": one.leads,
    }


def _cells(one: "Place") -> tuple[object, ...]:
    from watchfloor.cell.words import percent

    probability = None if one.probability is None else percent(one.probability)
    waited = None if one.minutes is None else f"{one.minutes:.0f}"
    to_find = "yes" if one.storyline.true else "no"
    return one.storyline.name, to_find, one.rank or "none", one.leads, one.lead_id, probability, waited


def _percent(one: "Share") -> tuple[str, str, str]:
    if one.value is None:
        return "none", "", "0"
    return f"{one.value:.0%}", f"{one.low:.0%} to {one.high:.0%}", str(one.cases)


def _decimal(one: "Share", places: int) -> tuple[str, str, str]:
    if one.value is None:
        return "none", "", "0"
    return f"{one.value:.{places}f}", f"{one.low:.{places}f} to {one.high:.{places}f}", f"{one.cases:,}"


def _answers(path: Path) -> "Key":
    from watchfloor.exercise.key import KeyFileError, read

    try:
        return read(path)
    except KeyFileError as error:
        fail(str(error))


def _check(opened: "Floor", answers: "Key", path: Path, purpose: str) -> None:
    """Refuse a floor that has not taken the exercise in; say where part of it is missing."""
    from watchfloor.exercise.score import records_on

    there, wanted = records_on(opened, reader(opened, purpose), answers)
    if not there:
        fail(f"none of the {wanted} records that {path} names is on this floor; ingest the exercise's feeds")
    if there < wanted:
        err.print(
            f"note: {wanted - there} of the {wanted} records that {path} names are not on this floor",
            highlight=False,
            markup=False,
        )
