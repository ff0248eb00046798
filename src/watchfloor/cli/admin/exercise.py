"""`admin exercise`: a day of feeds with an answer key; playing it; and a queue held against the key."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli import face
from watchfloor.cli.acting import WeightsOption
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    busy,
    err,
    fail,
    print_json,
    print_table,
    reader,
)
from watchfloor.cli.demo.exercise_floor import PURPOSE
from watchfloor.cli.run import OnOption, SharedOption

if TYPE_CHECKING:
    from watchfloor.cell.learning.calibration import Share
    from watchfloor.exercise.key import Key
    from watchfloor.exercise.lists import Target
    from watchfloor.exercise.make import ExerciseFiles
    from watchfloor.exercise.playing import Scene
    from watchfloor.exercise.score import Place, Score
    from watchfloor.store.floor import Floor

app = face.group("exercise", "admin", "Exercises: generated feeds with an answer key.", "exercise")

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
    beside = " ".join(map(str, filter(None, (made.surroundings, *made.force))))
    around = f" cp {beside} floor;" if beside else ""
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


@app.command("prepare")
def prepare_exercise(
    exercise: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Where it was made.")],
    floor: Annotated[Path, typer.Argument(help="A new floor.")],
    at: Annotated[
        str, typer.Option("--at", help="When its clock is to stand, UTC; without it: before the first scene.")
    ] = "",
    lists: ListOption = None,
    on: OnOption = None,
    shared: SharedOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a floor on which an exercise can be played: its sensors are live sources, its clock stands.

    What is no sensor's is taken in, and the desks are run. To play a part of the day again, prepare another
    floor: the log of one that has heard it only grows.

    Example: watchfloor admin exercise prepare exercise floor --at 2026-11-20T06:40
    """
    from watchfloor.cell.wording.dates import moment_of_field
    from watchfloor.cli.acting import refusals
    from watchfloor.cli.demo.exercise_floor import fill
    from watchfloor.exercise import playing

    made = _made(exercise)
    with refusals("en"):
        stands = moment_of_field(at, "at", first=True)
    scenes = playing.scenes(made.answers)
    stands = stands or playing.moment_of_day(scenes[0].begins if scenes else 0.0)
    fill(made, floor, lists, at=stands, on=on, shared=shared)
    if as_json:
        print_json({"floor": floor, "reads": stands, "feeds": list(playing.played(made.feeds))})
        return
    err.print(
        f"{floor} stands at {stands:%Y-%m-%d %H:%MZ}. Next: watchfloor serve --live --floor {floor}; beside "
        f"it: watchfloor admin exercise play {exercise} --floor {floor}",
        highlight=False,
        markup=False,
    )


@app.command("play")
def play_exercise(
    exercise: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Where it was made.")],
    floor: FloorOption = DEFAULT_FLOOR,
    rate: Annotated[
        float, typer.Option(min=0, max=3600, help="How many times as fast as the day was.")
    ] = 60.0,
    hurry: Annotated[
        bool, typer.Option("--hurry/--no-hurry", help="Pass quickly over what lies between the storylines.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say what would be played, and when there is something to see.")
    ] = False,
    purpose: PurposeOption = PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Play an exercise's sensors over sockets into the live sources of a floor, by its clock; Ctrl+C pauses.

    It starts the floor's clock, and sends each report when that clock says that it came. Beside it
    `watchfloor serve --live` takes in, and `pace`, `skip` and `inject` lead the play.

    Example: watchfloor admin exercise play exercise --floor floor --rate 30
    """
    from watchfloor.exercise import playing
    from watchfloor.store.floor import Floor

    made, opened, actor = _made(exercise), Floor.open(floor), acting(purpose, authority)
    feeds, scenes = playing.played(made.feeds), playing.scenes(made.answers)
    ports = playing.ports(opened, feeds)
    starts, rows = opened.now(), [_scene_row(one) for one in scenes]
    if as_json:
        print_json({"from": starts, "rate": rate, "feeds": ports, "scenes": rows})
    else:
        cells = ((f"{one['begins']:%H:%M}", f"{one['ends']:%H:%M}", one["title"]) for one in rows)
        heads = ("from", "to", "storyline")
        print_table(f"From {starts:%Y-%m-%d %H:%MZ}", heads, cells, "No storyline.")
    if check:
        return
    pace = playing.Hurry(opened, actor, scenes, rate) if hurry else None
    opened.set_clock(actor, rate=rate)
    player = playing.Player(opened, feeds, ports, pace)
    try:
        while player.playing:
            player.join(1.0)
    except KeyboardInterrupt:
        pass
    finally:
        player.stop()
        opened.set_clock(actor, rate=0)
    err.print(f"sent {player.sent:,} reports, up to {opened.now():%H:%M:%SZ}", highlight=False)


@app.command("inject")
def inject_reports(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="In the format of the feed.")],
    feed: Annotated[str, typer.Option("--feed", help="A live source, such as exercise-towers.")],
    floor: FloorOption = DEFAULT_FLOOR,
    check: Annotated[bool, typer.Option("--check", help="Say where it would go, and send nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Send what nobody had planned to a live source of a floor that is being played, over its socket.

    Example: watchfloor admin exercise inject intruder.csv --feed exercise-towers --floor floor
    """
    from watchfloor.exercise import playing
    from watchfloor.store.floor import Floor

    opened, data = Floor.open(floor), file.read_bytes()
    where = playing.listening(opened, feed)
    if not check:
        playing.inject(where, data)
    if as_json:
        print_json({"feed": feed, "url": where.shown, "bytes": len(data), "sent": not check})
    else:
        word = "would go" if check else "went"
        err.print(f"{len(data):,} bytes {word} to {where.shown}", highlight=False, markup=False)


def _made(exercise: Path) -> "ExerciseFiles":
    from watchfloor.exercise import make
    from watchfloor.exercise.key import KeyFileError

    try:
        return make.found(exercise)
    except (FileNotFoundError, KeyFileError) as error:
        fail(f"{exercise} is no exercise that `watchfloor admin exercise make` made: {error}")


def _scene_row(one: "Scene") -> dict[str, Any]:
    from watchfloor.exercise.playing import moment_of_day

    begins, ends = moment_of_day(one.begins), moment_of_day(one.ends)
    return {"title": one.title, "begins": begins, "ends": ends, "box": list(one.box)}


def targets(lists: list[Path] | None, seed: int) -> "tuple[Target, ...]":
    """Entities of real lists to plant; none without lists."""
    if not lists:
        return ()
    from watchfloor.exercise.lists import from_listings
    from watchfloor.reference.listings import read

    return from_listings(read(lists, report=lambda _: None), seed)


def described(made: "ExerciseFiles") -> str:
    """Describe an exercise in a sentence."""
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
    from watchfloor.cell.wording.estimative_language import percent

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
